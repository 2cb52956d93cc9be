"""Two periods at equal age: what changed between them, and what the change is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from funnel.core.errors import QuestionError
from funnel.core.rows import Gain, Row, Word, points, share
from funnel.core.types import Contrast, Question, Rate, Segment
from funnel.journeys import Journeys
from funnel.measures import outcomes
from funnel.measures.ages import USUAL_DAYS, check_starts, usual_day
from funnel.measures.contrast_rows import rate_row, segment_row
from funnel.measures.groups import MOST_SEGMENTS, Apart, told_apart
from funnel.measures.outcomes import Counts, Outcomes
from funnel.measures.statistics import clustered
from funnel.measures.statistics.decomposition import (
    Pair,
    Split,
    kitagawa,
    opposite,
    rate_weights,
    shapley,
    standardised,
)
from funnel.measures.targets import check_days

Range = tuple[date, date]
OTHER = Word("(other)", "pages.periods.all_other")
LEADS, WON = ("leads", Word("leads", "pages.column.leads")), ("won", Word("won", "pages.cohorts.win"))
ONLY_SHOWN = ("period", "group", "before_converted", "after_converted")
CHAIN_ONLY_SHOWN = ("step", "before_leads", "after_leads", "before_rate", "after_rate")
"""Fields that tables have beside those of `--json`."""


@dataclass(frozen=True)
class Factor:
    """One factor of a number of conversions: the leads (`position` None), or the share of the leads at one stage, the `origin`, that
    came to another, or to the win (`position` = how many stages the model has); `origin` None: of all leads. `effect` is its part in
    the change of the number.

    A share is None where nobody was at the stage before.
    """

    origin: int | None
    position: int | None
    before: float | None
    after: float | None
    effect: float


@dataclass(frozen=True)
class Part:
    """One segment's part in the change of the rate: through its share of the leads (`mix`), and through its own rate (`rate_part`).

    `segment` None: all leads of no other part.
    """

    segment: Segment | None
    before: Rate
    after: Rate
    mix: float
    rate_part: float


@dataclass(frozen=True)
class PeriodSide:
    """The leads that started from `first` to `last`, both included: `rate` of those followed for the day asked; `young` were not,
    `untimed` converted at an unknown moment; neither count in the rate."""

    first: date
    last: date
    rate: Rate
    young: int
    untimed: int


@dataclass(frozen=True)
class Periods:
    """Two periods by the same day of age. contrast.rate is of `after`, contrast.others of `before`.

    difference = mix + rate_part, each the sum of the `parts` (Kitagawa 1955); both are None without a `column` that makes parts,
    or without leads on a side. `rate_low` to `rate_high` is the 95 % interval of the rate part, the mix taken as it is.
    `standardised` is the difference with the same mix on both sides (that of both together); `simpson`: it has another sign than
    the plain one, and one of them is at least a percentage point. `chain` splits the change of the number of conversions (Shapley);
    it is empty where leads came to a stage while nobody was at the one before.
    """

    question: Question
    target: int | None
    day: int
    column: str | None
    before: PeriodSide
    after: PeriodSide
    contrast: Contrast
    parts: tuple[Part, ...]
    mix: float | None
    rate_part: float | None
    rate_low: float | None
    rate_high: float | None
    standardised: float | None
    simpson: bool
    chain: tuple[Factor, ...]
    sql: str

    def rows(self) -> list[Row]:
        """A row a period, the earlier first: its days, the leads old enough, those that converted, their share and its interval."""
        return [
            {
                "period": Word(name, f"pages.change.{name}"),
                "from": side.first,
                "to": side.last,
                **rate_row(side.rate),
                "accounts": side.rate.accounts,
                "young": side.young,
            }
            for name, side in (("before", self.before), ("after", self.after))
        ]

    def part_rows(self) -> list[Row]:
        """A row a kind of leads: how many, how they did, and their part in the change."""
        return [
            {
                **(segment_row(part.segment) if part.segment else {"group": OTHER, "value": OTHER}),
                **_sides(part.before, part.after),
                "mix": points(part.mix),
                "rate_part": points(part.rate_part),
            }
            for part in self.parts
        ]

    def whole_row(self) -> Row:
        """The same of all leads together."""
        return {
            "group": Word("all", "pages.cohorts.everyone"),
            **_sides(self.before.rate, self.after.rate),
            "mix": points(self.mix),
            "rate_part": points(self.rate_part),
        }

    def chain_rows(self) -> list[Row]:
        """A row a factor of the number that converted: what it was before and after, and its part in the change."""
        stages = [(stage.key, stage.name) for stage in self.question.model.stages]
        ways = [*stages, WON]
        rows: list[Row] = []
        for factor in self.chain:
            key, step = LEADS if factor.position is None else ways[factor.position]
            both = {"before": factor.before, "after": factor.after}
            row: Row = {"step": step, "factor": key, **both, "effect": Gain(factor.effect)}
            for side, value in both.items():
                row[f"{side}_leads"] = value if factor.position is None else None
                row[f"{side}_rate"] = None if factor.position is None else share(value)
            rows.append(row)
        return rows


def _sides(before: Rate, after: Rate) -> Row:
    """The counts of two sides, and their shares."""
    return {
        f"{side}_{name}": cell
        for side, rate in (("before", before), ("after", after))
        for name, cell in (("leads", rate.denominator), ("converted", rate.numerator), ("rate", rate))
    }


def periods(
    journeys: Journeys,
    question: Question,
    before: Range,
    after: Range,
    by: str | Apart | None = None,
    target: int | None = None,
    day: int | None = None,
    limit: int = MOST_SEGMENTS,
) -> Periods:
    """The leads that started in `after` against those that started in `before`, whatever the question's own dates: the share that
    reached a stage, or (None) were won, by a day of age, of the leads followed that long. `day` None: see `usual_day`.

    `by` tells the leads apart that the change is split by (see `groups.told_apart`); all other leads are one more part. Where accounts
    hold several leads, the test and the intervals are by account. QuestionError where a range ends before it starts, where the two
    overlap, or where the file has no date up to which it observes.
    """
    check_starts(journeys)
    check_spans(question, before, after)
    span = replace(question.filters, start_from=min(before[0], after[0]), start_to=max(before[1], after[1]))
    apart = Apart(()) if by is None else told_apart(journeys, replace(question, filters=span), by, limit)
    groups, column = apart.groups, apart.column
    check_days(question, () if day is None else (day,))
    spans = [within(question, span) for span in (before, after)]
    asked_day = usual_day(journeys, *spans, most=USUAL_DAYS[0]) if day is None else day
    to = outcomes.towards(question, target)
    way = outcomes.way(journeys, question, to)
    sides = [Outcomes(journeys, span, asked_day, outcomes.columns_of(groups)) for span in spans]
    answers = [outcomes.by_segment(side, groups, (to, *way)) for side in sides]
    queries = [sql for *_, sql in answers]
    (_, earlier, _), (_, later, _) = answers
    nobody = outcomes.nobody(1 + len(way), several=sides[0].several)
    kinds: list[Segment | None] = [*groups]
    indexes: list[int | None] = [*range(len(groups))]
    if any(counts.get(None, nobody).leads for counts, *_ in answers):
        # All leads of no segment are one more part.
        kinds.append(None)
        indexes.append(None)
    first, second = ([counts.get(index, nobody).rates[0] for index in indexes] for counts, *_ in answers)
    pairs = list(zip(first, second, strict=True))
    split = kitagawa(pairs) if column is not None else None
    if split and not all(each.one_each for each in (earlier, later)):
        split, sql = _by_account(split, sides, groups, to, dict(zip(indexes, pairs, strict=True)))
        queries.append(sql)
    same_mix = standardised(pairs) if split else None
    plain = later.since(earlier)
    crude = split.mix + split.rate_part if split else None
    return Periods(
        question=question,
        target=target,
        day=asked_day,
        column=column,
        before=_side(before, earlier),
        after=_side(after, later),
        contrast=plain,
        parts=tuple(
            Part(kind, *pair, *part)
            for kind, pair, part in zip(kinds, pairs, split.parts if split else (), strict=False)
        ),
        mix=split.mix if split else None,
        rate_part=split.rate_part if split else None,
        rate_low=split.low if split else None,
        rate_high=split.high if split else None,
        standardised=same_mix,
        simpson=opposite(crude, same_mix),
        chain=_chain(way, earlier, later),
        sql=";\n\n".join(queries),
    )


def check_spans(question: Question, before: Range, after: Range) -> None:
    """QuestionError where a period ends before it starts, where the two overlap, or where one reaches into another version of the model."""
    for start, end in (before, after):
        if start > end:
            raise QuestionError("errors.date_range", start=start, end=end)
    if before[0] <= after[1] and after[0] <= before[1]:
        raise QuestionError("errors.periods_overlap", first=max(before[0], after[0]), last=min(before[1], after[1]))
    for seam in question.model.seams:
        for start, end in (before, after):
            if seam.since is not None and start < seam.since:
                raise QuestionError("errors.versions_apart", first=start, last=end, day=seam.since)
            if seam.until is not None and end >= seam.until:
                raise QuestionError("errors.versions_apart", first=start, last=end, day=seam.until)


def within(question: Question, span: Range) -> Question:
    """The same question of the leads that started from the first to the last day."""
    return replace(question, filters=replace(question.filters, start_from=span[0], start_to=span[1]))


def _by_account(
    split: Split, sides: Sequence[Outcomes], groups: Sequence[Segment], to: int, pairs: Mapping[int | None, Pair]
) -> tuple[Split, str]:
    """The interval of the rate part by account, and the SQL that ran: what an account adds is that of all its leads, of whatever kind.
    Accounts with leads in both periods are taken as two, which is on the safe side."""
    weights = rate_weights([*pairs.values()])
    spreads, queries = [], []
    if not any(weights):
        # No kind is on both sides, so no rate changed: all that happened is mix.
        return split, ""
    for number, side in enumerate(sides):
        parts = {
            index: (weight / pair[number].denominator, pair[number].value or 0.0)
            for (index, pair), weight in zip(pairs.items(), weights, strict=True)
            if weight
        }
        spread, sql = outcomes.spread(side, groups, to, parts)
        spreads.append(spread)
        queries.append(sql)
    reach = clustered.reach(spreads)
    widened = split._replace(low=max(-1.0, split.rate_part - reach), high=min(1.0, split.rate_part + reach))
    return widened, ";\n\n".join(queries)


def _side(span: Range, counts: Counts) -> PeriodSide:
    return PeriodSide(*span, counts.rates[0], counts.young, counts.untimed)


def _chain(way: Sequence[int], before: Counts, after: Counts) -> tuple[Factor, ...]:
    """The factors of the number that converted: leads, then the share of each stage that came to the next. None where leads came to a
    stage while nobody was at the one before, as `visited` allows: then they make no product."""
    sides = [
        [counts.rates[0].denominator, *(rate.numerator for rate in counts.rates[1:])] for counts in (before, after)
    ]
    if any(there and not here for side in sides for here, there in pairwise(side)):
        return ()
    one, other = (
        [float(side[0]), *(there / here if here else None for here, there in pairwise(side))] for side in sides
    )
    # Nobody at a stage says nothing of the step from it: the other side's share stands in, and the step has no part.
    effects = shapley(_filled(one, other), _filled(other, one))
    return tuple(
        Factor(origin, position, *pair, effect)
        for origin, position, pair, effect in zip(
            (None, *_origins(way)), (None, *way), zip(one, other, strict=True), effects, strict=True
        )
    )


def _origins(way: Sequence[int]) -> tuple[int | None, ...]:
    """The stage that each step of the way begins at; to the first stage itself, none."""
    return (0 if way[0] else None, *way[:-1])


def _filled(shares: Sequence[float | None], from_other: Sequence[float | None]) -> list[float]:
    return [(other or 0.0) if share is None else share for share, other in zip(shares, from_other, strict=True)]
