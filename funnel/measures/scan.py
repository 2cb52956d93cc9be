"""Where conversion differs most, over all columns at once; and which differences are only the mix of something else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from funnel.core.rows import Row, Word, points
from funnel.core.sql import Query
from funnel.core.types import CLEAR, AsOf, Between, Contrast, OneOf, Question, Rate, Segment
from funnel.journeys import Journeys
from funnel.measures import outcomes
from funnel.measures.ages import check_starts, day_asked
from funnel.measures.cells import Cell, Cells, Column, Pairs, Single
from funnel.measures.contrast_rows import column_cell, contrast_row, segment_row
from funnel.measures.groups import MOST_SEGMENTS, banded, bands_as_segments, file_of
from funnel.measures.outcomes import Outcomes
from funnel.measures.statistics import differences
from funnel.measures.statistics.account_sums import AccountSums, together
from funnel.measures.statistics.clustered import contrast_with_others
from funnel.measures.statistics.decomposition import Pair, mantel_haenszel, standardised
from funnel.measures.statistics.differences import contrast, over_segments
from funnel.measures.statistics.rates import wilson
from funnel.measures.target_leakage import tells, tells_by_itself

MOST_VALUES = 50
MOST_BESIDE = 8
SHARED = 0.8
"""A column can stand beside a segment where so many of its leads have others like them there."""
STAYS = 0.5

Key = tuple[int, Cell]


@dataclass(frozen=True)
class Finding:
    """One segment of a scan. `within` is the difference that stays between leads alike in the column `beside`, the one that takes
    most of it away ("": the quarter of their start); None where there is no such column.

    `holds`: the difference is clear, and stays clear and at least half as large between leads alike in any other column.
    """

    column: str
    segment: Segment
    contrast: Contrast
    within: float | None
    beside: str | None
    holds: bool

    def row(self) -> Row:
        """The finding as a row."""
        beside = None if self.beside is None else column_cell(self.beside)
        return {
            "column": column_cell(self.column),
            **segment_row(self.segment),
            **contrast_row(self.contrast),
            "within": points(self.within),
            "beside": Word("start", "pages.column.start_quarter") if beside == "" else beside,
            "holds": self.holds,
        }


@dataclass(frozen=True)
class Scan:
    """Where conversion differs most, over all columns: clear findings that hold first, then the other clear
    ones, each by the leads they make.

    `looked_at` columns were scanned, corrected for all their `tested` segments together; `telling` ones know the outcome by
    themselves (a reason of loss), so they were left out, as were those with `too_many` values, and the leads of `known` values, of
    which all are won or all are open. `same` are clear segments of the same leads as one among the findings. Of columns
    `unknown_at_start` no lead has a value at its first moment: a later one could know the outcome. `day` None: so far, of
    leads of different ages, where nothing is tested and nothing is clear.
    """

    question: Question
    target: int | None
    day: int | None
    findings: tuple[Finding, ...]
    tested: int
    looked_at: tuple[str, ...]
    telling: tuple[str, ...]
    known: tuple[Segment, ...]
    same: tuple[Segment, ...]
    too_many: tuple[str, ...]
    whole: Rate
    sql: str
    unknown_at_start: tuple[str, ...] = ()

    def rows(self) -> list[Row]:
        """A row a segment of any column: against all others, and between leads alike in the column `beside`, or in the quarter of their
        start."""
        return [each.row() for each in self.findings]


def scan(
    journeys: Journeys,
    question: Question,
    target: int | None = None,
    day: int | None = None,
    *,
    so_far: bool = False,
    columns: Sequence[Column] | None = None,
) -> Scan:
    """Every segment of every column against all other leads, on the way to a stage, or (None) to the win, by a `day` of age (None: see
    `usual_day`); or `so_far`, which finds nothing: it lists the shares of leads of different ages.

    p-values are corrected over all segments of all columns (Benjamini and Hochberg). A clear difference is then looked at between
    leads alike in each other column that has clear differences itself, and in the quarter of their start: it holds where it stays at
    least half as large there, and clear (Cochran, Mantel and Haenszel; where accounts hold several leads, its chi-square over the
    design effect of the difference: Rao and Scott 1984, first order). QuestionError as in `segments`.

    It looks at the values at the start whatever the question says, since a later value can know the outcome. `columns` None: every
    column of the file of at most 50 values, and numbers in bands; one whose value at the start is not known is left out.
    """
    if not so_far and question.observed_until is not None:
        check_starts(journeys)
    question = replace(question, attributes=AsOf.START)
    too_many: Sequence[str] = ()
    if columns is None:
        columns, too_many = _columns(journeys, question)
    number = outcomes.towards(question, target)
    by_day = day_asked(journeys, question, day, so_far=so_far)
    leads = Outcomes(journeys, question, by_day, tuple(column.name for column in columns))
    _, whole, _ = outcomes.by_segment(leads, (), (number,))
    cells = Cells(leads, columns, number)
    singles, sql = cells.singles()
    telling = [index for index, single in singles.items() if tells(single)]
    known_cells = {
        (index, cell) for index, single in singles.items() if index not in telling for cell in tells_by_itself(single)
    }
    rates = {
        index: {cell: counts for cell, counts in _rates(single).items() if (index, cell) not in known_cells}
        for index, single in singles.items()
        if index not in telling
    }
    sums, sums_sql = cells.sums(known_cells) if leads.several and rates else ({}, "")
    contrasts = _contrasts(rates, sums, so_far=so_far)
    clear = [key for key, each in contrasts.items() if each.is_clear]
    beside = _strongest(clear, contrasts)
    pairs, pair_sql = cells.pairs({index for index, _ in clear}, beside)
    same = _same(clear, contrasts, pairs)
    findings = []
    for key, each in contrasts.items():
        if key in same:
            continue
        index, cell = key
        held = _held(key, each, pairs, known_cells) if key in clear else []
        least = min(held, key=lambda one: one.stays, default=None)
        findings.append(
            Finding(
                column=columns[index].name,
                segment=_segment(columns[index], cell),
                contrast=each,
                within=least.within if least else None,
                beside=None if least is None else cells.name(least.beside),
                holds=key in clear and all(one.holds for one in held),
            )
        )
    return Scan(
        question=question,
        target=target,
        day=by_day,
        findings=tuple(sorted(findings, key=_rank)),
        tested=sum(each.p is not None for each in contrasts.values()),
        looked_at=tuple(columns[index].name for index in rates),
        telling=tuple(columns[index].name for index in telling),
        known=tuple(_segment(columns[index], cell) for index, cell in sorted(known_cells, key=str)),
        same=tuple(_segment(columns[index], cell) for index, cell in same),
        too_many=tuple(too_many),
        whole=whole.rates[0],
        sql=";\n\n".join(filter(None, (leads.made() + sql, sums_sql, pair_sql))),
        unknown_at_start=() if journeys.file is None else journeys.file.columns.unknown_at_start,
    )


def _columns(journeys: Journeys, question: Question) -> tuple[list[Column], list[str]]:
    """The columns of the file to scan, and those of too many values."""
    file_columns = file_of(journeys).columns
    leads = journeys.engine.row(Query("SELECT COUNT(*) AS leads FROM leads"))[0]
    columns, too_many = [], []
    for attribute in file_columns.of_file:
        if attribute.values < 2 or attribute.column in file_columns.unknown_at_start:
            continue
        if banded(attribute, MOST_SEGMENTS):
            bands = bands_as_segments(journeys, question, attribute.column)
            columns.append(
                Column(attribute.column, tuple(band for band in bands if isinstance(band.where[0], Between)))
            )
        elif attribute.values > min(MOST_VALUES, leads / 2):
            too_many.append(attribute.column)
        else:
            columns.append(Column(attribute.column))
    return columns, too_many


def _same(clear: Sequence[Key], contrasts: Mapping[Key, Contrast], pairs: Pairs) -> list[Key]:
    """Of the clear segments, those that are the same leads as one of an earlier column: a country and its code."""
    twins = []
    for (one, other), rows in pairs.items():
        for first, second, leads, _ in rows:
            both = (one, first), (other, second)
            if all(key in clear and contrasts[key].rate.denominator == leads for key in both):
                twins.append(both[1])
    return list(dict.fromkeys(twins))


class _Held:
    """A difference looked at between leads alike in another column: `within` is what is left of it, `stays` that as a share of it."""

    def __init__(self, beside: int, plain: Contrast, strata: Sequence[Pair]) -> None:
        self.beside = beside
        self.within = standardised(strata) or 0.0
        self.stays = self.within / (plain.difference or 1.0)
        _, p = mantel_haenszel(strata, max(1.0, plain.design_effect or 1.0))
        self.holds = self.stays >= STAYS and p < CLEAR


def _held(key: Key, plain: Contrast, pairs: Pairs, known_cells: Collection[Key]) -> list[_Held]:
    """The difference of a segment, held against each column that can stand beside it; `known_cells` have no part."""
    index, cell = key
    held = []
    for (one, other), rows in pairs.items():
        if index not in (one, other):
            continue
        turned = index == other
        inside: defaultdict[Cell, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for first, second, leads, converted in rows:
            own, theirs = (second, first) if turned else (first, second)
            if (index, own) in known_cells or (one if turned else other, theirs) in known_cells:
                continue
            side = 2 if own == cell else 0
            inside[theirs][side] += leads
            inside[theirs][side + 1] += converted
        strata = [(wilson(rest[1], rest[0]), wilson(rest[3], rest[2])) for rest in inside.values()]
        alike = sum(own.denominator for others, own in strata if others.denominator)
        if plain.difference and alike >= SHARED * plain.rate.denominator:
            held.append(_Held(one if turned else other, plain, strata))
    return held


def _contrasts(
    rates: Mapping[int, Mapping[Cell, tuple[int, int]]],
    sums: Mapping[int, Mapping[Cell, AccountSums]],
    *,
    so_far: bool,
) -> dict[Key, Contrast]:
    """Each segment against all other leads, corrected over all of them; by account where there are `sums`."""
    plain: dict[Key, Contrast] = {}
    for index, cells in rates.items():
        whole, by_account = _whole(cells), sums.get(index)
        every = together(by_account.values()) if by_account else None
        for cell, (leads, converted) in cells.items():
            if by_account and every:
                plain[index, cell] = contrast_with_others(by_account[cell], every)
            else:
                others = wilson(whole.numerator - converted, whole.denominator - leads)
                plain[index, cell] = contrast(wilson(converted, leads), others)
    if so_far:
        return {key: differences.so_far(each.rate, each.others) for key, each in plain.items()}
    return dict(zip(plain, over_segments(list(plain.values())), strict=True))


def _strongest(clear: Sequence[Key], contrasts: Mapping[Key, Contrast]) -> list[int]:
    """The columns whose clear segments make most leads, at most MOST_BESIDE."""
    impact: defaultdict[int, float] = defaultdict(float)
    for index, cell in clear:
        impact[index] = max(impact[index], abs(contrasts[index, cell].impact or 0.0))
    return sorted(impact, key=lambda index: -impact[index])[:MOST_BESIDE]


def _rates(single: Single) -> dict[Cell, tuple[int, int]]:
    """(leads, converted) of each cell."""
    rates: dict[Cell, tuple[int, int]] = {}
    for (cell, _), (leads, converted) in single.items():
        before = rates.get(cell, (0, 0))
        rates[cell] = before[0] + leads, before[1] + converted
    return rates


def _whole(cells: Mapping[Cell, tuple[int, int]]) -> Rate:
    return wilson(sum(converted for _, converted in cells.values()), sum(leads for leads, _ in cells.values()))


def _segment(column: Column, cell: Cell) -> Segment:
    if column.bands and isinstance(cell, int):
        return column.bands[cell]
    return Segment((OneOf(column.name, (None if cell is None else str(cell),)),))


def _rank(finding: Finding) -> tuple[int, float, float]:
    """Clear ones that hold, then clear ones, by the leads they make; then the others, the least likely by chance first."""
    each = finding.contrast
    if each.is_clear:
        return 0 if finding.holds else 1, -abs(each.impact or 0.0), 0.0
    return (2 if each.p is not None else 3), (each.p_adjusted or 0.0), -float(each.rate.denominator)
