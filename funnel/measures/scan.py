"""Where conversion differs most, over all columns at once; and which differences are only the mix of something else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from funnel.core.types import CLEAR, Contrast, Finding, OneOf, Question, Rate, Scan, Segment
from funnel.journeys import Journeys
from funnel.measures import outcomes
from funnel.measures.ages import day_asked
from funnel.measures.cells import Cell, Cells, Column, Pairs, Single
from funnel.measures.outcomes import Outcomes
from funnel.measures.statistics import differences
from funnel.measures.statistics.account_sums import AccountSums, together
from funnel.measures.statistics.clustered import contrast_with_others
from funnel.measures.statistics.decomposition import Pair, mantel_haenszel, standardised
from funnel.measures.statistics.differences import contrast, over_segments
from funnel.measures.statistics.rates import wilson
from funnel.measures.target_leakage import tells, tells_by_itself

MOST_BESIDE = 8
SHARED = 0.8
"""A column can stand beside a segment where so many of its leads have others like them there."""
STAYS = 0.5

Key = tuple[int, Cell]


def scan(
    journeys: Journeys,
    question: Question,
    columns: Sequence[Column],
    target: int | None = None,
    day: int | None = None,
    too_many: Sequence[str] = (),
    *,
    so_far: bool = False,
) -> Scan:
    """Every segment of every column against all other leads, on the way to a stage, or (None) to the win, by a `day` of age (None: see
    `usual_day`); or `so_far`, which finds nothing: it lists the shares of leads of different ages.

    p-values are corrected over all segments of all columns (Benjamini and Hochberg). A clear difference is then looked at between
    leads alike in each other column that has clear differences itself, and in the quarter of their start: it holds where it stays at
    least half as large there, and clear (Cochran, Mantel and Haenszel; where accounts hold several leads, its chi-square over the
    design effect of the difference: Rao and Scott 1984, first order). QuestionError as in `segments`.
    """
    number = outcomes.towards(question, target)
    by_day = day_asked(journeys, question, day, so_far=so_far)
    asked = Outcomes(journeys, question, by_day, tuple(column.name for column in columns))
    _, whole, _ = outcomes.by_segment(asked, (), (number,))
    cells = Cells(asked, columns, number)
    singles, sql = cells.singles()
    telling = [place for place, single in singles.items() if tells(single)]
    known = {
        (place, cell) for place, single in singles.items() if place not in telling for cell in tells_by_itself(single)
    }
    rates = {
        place: {cell: counts for cell, counts in _rates(single).items() if (place, cell) not in known}
        for place, single in singles.items()
        if place not in telling
    }
    sums, sums_sql = cells.sums(known) if asked.several and rates else ({}, "")
    found = _contrasts(rates, sums, so_far=so_far)
    clear = [key for key, each in found.items() if each.is_clear]
    beside = _strongest(clear, found)
    pairs, pair_sql = cells.pairs({place for place, _ in clear}, beside)
    same = _same(clear, found, pairs)
    findings = []
    for key, each in found.items():
        if key in same:
            continue
        place, cell = key
        held = _held(key, each, pairs, known) if key in clear else []
        least = min(held, key=lambda one: one.stays, default=None)
        findings.append(
            Finding(
                column=columns[place].name,
                segment=_segment(columns[place], cell),
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
        tested=sum(each.p is not None for each in found.values()),
        looked_at=tuple(columns[place].name for place in rates),
        telling=tuple(columns[place].name for place in telling),
        known=tuple(_segment(columns[place], cell) for place, cell in sorted(known, key=str)),
        same=tuple(_segment(columns[place], cell) for place, cell in same),
        too_many=tuple(too_many),
        whole=whole.rates[0],
        sql=";\n\n".join(filter(None, (asked.made() + sql, sums_sql, pair_sql))),
    )


def _same(clear: Sequence[Key], found: Mapping[Key, Contrast], pairs: Pairs) -> list[Key]:
    """Of the clear segments, those that are the same leads as one of an earlier column: a country and its code."""
    twins = []
    for (one, other), rows in pairs.items():
        for first, second, leads, _ in rows:
            both = (one, first), (other, second)
            if all(key in clear and found[key].rate.denominator == leads for key in both):
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


def _held(key: Key, plain: Contrast, pairs: Pairs, known: Collection[Key]) -> list[_Held]:
    """The difference of a segment, held against each column that can stand beside it; leads of cells that are `known` have no part."""
    place, cell = key
    found = []
    for (one, other), rows in pairs.items():
        if place not in (one, other):
            continue
        turned = place == other
        inside: defaultdict[Cell, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for first, second, leads, converted in rows:
            mine, theirs = (second, first) if turned else (first, second)
            if (place, mine) in known or (one if turned else other, theirs) in known:
                continue
            side = 2 if mine == cell else 0
            inside[theirs][side] += leads
            inside[theirs][side + 1] += converted
        strata = [(wilson(rest[1], rest[0]), wilson(rest[3], rest[2])) for rest in inside.values()]
        alike = sum(mine.denominator for others, mine in strata if others.denominator)
        if plain.difference and alike >= SHARED * plain.rate.denominator:
            found.append(_Held(one if turned else other, plain, strata))
    return found


def _contrasts(
    rates: Mapping[int, Mapping[Cell, tuple[int, int]]],
    sums: Mapping[int, Mapping[Cell, AccountSums]],
    *,
    so_far: bool,
) -> dict[Key, Contrast]:
    """Each segment against all other leads, corrected over all of them; by account where there are `sums`."""
    plain: dict[Key, Contrast] = {}
    for place, cells in rates.items():
        whole, by_account = _whole(cells), sums.get(place)
        every = together(by_account.values()) if by_account else None
        for cell, (leads, converted) in cells.items():
            if by_account and every:
                plain[place, cell] = contrast_with_others(by_account[cell], every)
            else:
                others = wilson(whole.numerator - converted, whole.denominator - leads)
                plain[place, cell] = contrast(wilson(converted, leads), others)
    if so_far:
        return {key: differences.so_far(each.rate, each.others) for key, each in plain.items()}
    return dict(zip(plain, over_segments(list(plain.values())), strict=True))


def _strongest(clear: Sequence[Key], found: Mapping[Key, Contrast]) -> list[int]:
    """The columns whose clear segments make most leads, at most MOST_BESIDE."""
    impact: defaultdict[int, float] = defaultdict(float)
    for place, cell in clear:
        impact[place] = max(impact[place], abs(found[place, cell].impact or 0.0))
    return sorted(impact, key=lambda place: -impact[place])[:MOST_BESIDE]


def _rates(single: Single) -> dict[Cell, tuple[int, int]]:
    """(leads, converted) of each cell."""
    found: dict[Cell, tuple[int, int]] = {}
    for (cell, _), (leads, converted) in single.items():
        before = found.get(cell, (0, 0))
        found[cell] = before[0] + leads, before[1] + converted
    return found


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
