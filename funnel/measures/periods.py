"""Two periods at equal age: what changed between them, and what the change is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from funnel.errors import QuestionError
from funnel.journeys import Journeys
from funnel.measures import outcomes
from funnel.measures.counted import in_question
from funnel.measures.decomposition import kitagawa, opposite, shapley, standardised
from funnel.measures.differences import contrast
from funnel.measures.outcomes import Counts, Outcomes
from funnel.measures.targets import check_days
from funnel.nouns import Factor, Part, Periods, PeriodSide, Question, Segment
from funnel.sql import Query, compose

Range = tuple[date, date]
USUAL_DAYS = (365, 180, 90, 60, 30, 14, 7, 3, 1)


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

    `groups` are the segments of a `column` that the change is split by; all other leads are one more part. QuestionError where a range
    ends before it starts, where the two overlap, or where the file has no date up to which it observes.
    """
    _check(before, after)
    check_days(question, () if day is None else (day,))
    asked_day = usual_day(journeys, question, before, after) if day is None else day
    to = outcomes.towards(question, target)
    way = _way(journeys, question, to)
    told, others, queries = [], [], []
    for span in (before, after):
        asked = Outcomes(journeys, _within(question, span), asked_day, outcomes.columns_of(groups))
        found, whole, sql = outcomes.by_segment(asked, groups, (to, *way))
        told.append((found, whole))
        others.append(whole.without(outcomes.added(_named(found, groups, whole), len(way) + 1)))
        queries.append(sql)
    (_, earlier), (_, later) = told
    pairs = [
        (one.rates[0], other.rates[0])
        for one, other in zip(*(_named(found, groups, whole) for found, whole in told), strict=True)
    ]
    kinds: list[Segment | None] = [*groups]
    if any(each.leads for each in others):
        kinds.append(None)
        pairs.append((others[0].rates[0], others[1].rates[0]))
    split = kitagawa(pairs) if column is not None else None
    same_mix = standardised(pairs) if split else None
    plain = contrast(later.rates[0], earlier.rates[0])
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


def usual_day(journeys: Journeys, question: Question, before: Range, after: Range) -> int:
    """The latest of USUAL_DAYS for which half of the leads of either period are old enough; the earliest, where none is."""
    until = check_days(question, ())
    followed = []
    for span in (before, after):
        middle = "SELECT QUANTILE_DISC(counted.started_at, 0.5) AS middle\nFROM counted"
        (start,) = journeys.engine.row(compose(in_question(journeys, _within(question, span)), Query(middle)))
        if start is not None:
            followed.append((until - start).days)
    return next((day for day in USUAL_DAYS if day <= min(followed, default=0)), USUAL_DAYS[-1])


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


def _named(found: dict[int | None, Counts], groups: Sequence[Segment], whole: Counts) -> list[Counts]:
    nobody = whole.without(whole)
    return [found.get(place, nobody) for place in range(len(groups))]


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
