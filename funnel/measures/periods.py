"""Two periods at equal age: what changed between them, and what the change is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from funnel.core.errors import QuestionError
from funnel.core.types import Contrast, Factor, Part, Periods, PeriodSide, Question, Segment
from funnel.journeys import Journeys
from funnel.measures import outcomes
from funnel.measures.ages import usual_day
from funnel.measures.outcomes import Counts, Outcomes
from funnel.measures.statistics import clustered
from funnel.measures.statistics.clustered import contrast_apart
from funnel.measures.statistics.decomposition import (
    Pair,
    Split,
    kitagawa,
    opposite,
    rate_weights,
    shapley,
    standardised,
)
from funnel.measures.statistics.differences import contrast
from funnel.measures.targets import check_days

Range = tuple[date, date]


def periods(
    journeys: Journeys,
    question: Question,
    before: Range,
    after: Range,
    groups: Sequence[Segment],
    column: str | None,
    target: int | None = None,
    day: int | None = None,
) -> Periods:
    """The leads that started in `after` against those that started in `before`, whatever the question's own dates: the share that
    reached a stage, or (None) were won, by a day of age, of the leads followed that long. `day` None: see `usual_day`.

    `groups` are the segments of a `column` that the change is split by; all other leads are one more part. Where accounts hold several
    leads, the test and the intervals are by account. QuestionError where a range
    ends before it starts, where the two overlap, or where the file has no date up to which it observes.
    """
    _check(before, after)
    check_days(question, () if day is None else (day,))
    spans = [_within(question, span) for span in (before, after)]
    asked_day = usual_day(journeys, *spans) if day is None else day
    to = outcomes.towards(question, target)
    way = _way(journeys, question, to)
    sides = [Outcomes(journeys, span, asked_day, outcomes.columns_of(groups)) for span in spans]
    told = [outcomes.by_segment(side, groups, (to, *way)) for side in sides]
    queries = [sql for *_, sql in told]
    (_, earlier, _), (_, later, _) = told
    nobody = outcomes.nobody(1 + len(way), several=sides[0].several)
    kinds: list[Segment | None] = [*groups]
    places: list[int | None] = [*range(len(groups))]
    if any(found.get(None, nobody).leads for found, *_ in told):
        # All leads of no segment are one more part.
        kinds.append(None)
        places.append(None)
    first, second = ([found.get(place, nobody).rates[0] for place in places] for found, *_ in told)
    pairs = list(zip(first, second, strict=True))
    split = kitagawa(pairs) if column is not None else None
    if split and not all(each.one_each for each in (earlier, later)):
        split, sql = _by_account(split, sides, groups, to, dict(zip(places, pairs, strict=True)))
        queries.append(sql)
    same_mix = standardised(pairs) if split else None
    plain = _contrast(later, earlier)
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


def _check(before: Range, after: Range) -> None:
    for start, end in (before, after):
        if start > end:
            raise QuestionError("errors.date_range", start=start, end=end)
    if before[0] <= after[1] and after[0] <= before[1]:
        raise QuestionError("errors.periods_overlap", first=max(before[0], after[0]), last=min(before[1], after[1]))


def _within(question: Question, span: Range) -> Question:
    return replace(question, filters=replace(question.filters, start_from=span[0], start_to=span[1]))


def _way(journeys: Journeys, question: Question, to: int) -> tuple[int, ...]:
    """The numbers of the targets on the way to one, itself last: each stage after the first; to the win, those before its stage."""
    if to != outcomes.win(question):
        return tuple(range(1, to + 1)) or (0,)
    win_stage = question.model.pure_win_stage(journeys.concepts)
    before_win = len(question.model.stages) if win_stage is None else win_stage
    return (*range(1, before_win), to)


def _contrast(later: Counts, earlier: Counts) -> Contrast:
    if later.sums is not None and earlier.sums is not None:
        return contrast_apart(later.sums[0], earlier.sums[0])
    return contrast(later.rates[0], earlier.rates[0])


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
            place: (weight / pair[number].denominator, pair[number].value or 0.0)
            for (place, pair), weight in zip(pairs.items(), weights, strict=True)
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
