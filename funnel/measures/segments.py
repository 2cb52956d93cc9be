"""Segments against each other: rates overall and step by step, and a verdict that is corrected for how much was looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from funnel.core.errors import QuestionError
from funnel.core.sql import Query, compose, identifier
from funnel.core.types import Bet, Between, Contrast, OneOf, Question, Segment, SegmentFound, Segments
from funnel.journeys import Journeys
from funnel.measures import outcomes
from funnel.measures.ages import day_asked
from funnel.measures.outcomes import IN_BOTH, Counts, Outcomes
from funnel.measures.population.population import in_question
from funnel.measures.statistics import differences
from funnel.measures.statistics.bayes import bet
from funnel.measures.statistics.differences import over_segments, over_steps
from funnel.measures.target_leakage import no_chance

CUTS = (0.25, 0.5, 0.75)


def segments(
    journeys: Journeys,
    question: Question,
    groups: Sequence[Segment],
    column: str | None,
    target: int | None = None,
    day: int | None = None,
    *,
    so_far: bool = False,
) -> Segments:
    """The segments compared on the way to a stage, or (None) to the win, and on each step, by a `day` of age (None: see `usual_day`).

    By a `column` each stands against all other leads that the question counts; without one, the two groups against each other.
    p-values are corrected over the steps of a segment (Holm), and over segments (Benjamini and Hochberg). Where accounts hold several
    leads, all is by account. `so_far`: all leads, whatever their age, and what they reached; that is no comparison, and has no verdict.
    QuestionError where two groups are the same, or where the file has no date up to which it observes, unless `so_far` is asked.
    """
    if column is None and _meaning(groups[0]) == _meaning(groups[1]):
        raise QuestionError("errors.same_groups")
    numbers = (outcomes.towards(question, target), *outcomes.steps(question))
    by_day = day_asked(journeys, question, day, so_far=so_far)
    asked = Outcomes(journeys, question, by_day, outcomes.columns_of(groups))
    counts, whole, sql = outcomes.by_segment(asked, groups, numbers, apart=column is None)
    nobody = outcomes.nobody(len(numbers), several=asked.several)
    mine = [counts.get(place, nobody) for place in range(len(groups))]
    everyone = whole if column is not None else _together(mine, whole)
    if column is None and asked.several:
        _, whole, _ = outcomes.by_segment(asked, (), numbers)
    found = [_contrasts(one, everyone, so_far=so_far) for one in mine]
    if column is not None:
        columns = [over_segments(each) for each in zip(*found, strict=True)]
        found = [list(each) for each in zip(*columns, strict=True)]
    return Segments(
        question=question,
        column=column,
        target=target,
        day=by_day,
        segments=tuple(
            SegmentFound(group, one.leads, contrasts[0], tuple(contrasts[1:]))
            for group, one, contrasts in zip(groups, mine, found, strict=True)
        ),
        whole=whole.rates[0],
        leads=whole.leads,
        others=counts.get(None, nobody).leads,
        in_both=counts.get(IN_BOTH, nobody).leads,
        young=whole.young,
        untimed=whole.untimed,
        known=tuple(group for group, one in zip(groups, mine, strict=True) if _known(one, whole)),
        bet=_bet(found[0][0]) if column is None else None,
        sql=sql,
    )


def _known(one: Counts, whole: Counts) -> bool:
    """Whether all leads of a segment are won, or all are open, as chance would not have it."""
    return any(
        mine == one.leads and no_chance(one.leads, those, whole.leads)
        for mine, those in ((one.won, whole.won), (one.open, whole.open))
    )


def _meaning(group: Segment) -> frozenset[object]:
    """The conditions, in whatever order they and their values stand."""
    return frozenset((each.column, frozenset(each.values)) if isinstance(each, OneOf) else each for each in group.where)


def _together(mine: Sequence[Counts], whole: Counts) -> Counts:
    """Two groups as one whole, with the sums by account of their leads alone."""
    return replace(outcomes.added(mine, len(whole.rates)), sums=whole.sums)


def _contrasts(one: Counts, whole: Counts, *, so_far: bool) -> list[Contrast]:
    """Overall, then step by step; the steps corrected for there being several."""
    overall, *each = one.against(whole)
    if so_far:
        return [differences.so_far(each.rate, each.others) for each in (overall, *each)]
    return [overall, *over_steps(each)]


def _bet(contrast: Contrast) -> Bet | None:
    """The bet on one of two groups; None where their shares are not compared."""
    if contrast.difference is None:
        return None
    return bet(contrast.rate, contrast.others, contrast.design_effect or 1.0)


def values_as_segments(journeys: Journeys, question: Question, column: str, limit: int) -> tuple[Segment, ...]:
    """The `limit` commonest values of a column among the leads counted, the commonest first; None, empty, is one of them."""
    text = f"CAST(counted.{identifier(column)} AS VARCHAR)"
    last = f"SELECT {text} AS value, COUNT(*) AS leads\nFROM counted\nGROUP BY {text}\nORDER BY leads DESC, value\nLIMIT {limit}"
    rows = journeys.engine.rows(compose(in_question(journeys, question, (column,)), Query(last)))
    return tuple(Segment((OneOf(column, (value,)),)) for value, _ in rows)


def bands_as_segments(journeys: Journeys, question: Question, column: str) -> tuple[Segment, ...]:
    """The numbers of a column in four bands of about as many leads (fewer, where many are alike), lowest first; then the empty ones."""
    number = f"TRY_CAST(counted.{identifier(column)} AS DOUBLE)"
    counted = in_question(journeys, question, (column,))
    cuts = ", ".join(f"QUANTILE_DISC({number}, {cut}) AS cut_{place}" for place, cut in enumerate(CUTS))
    found = journeys.engine.row(
        compose(counted, Query(f"SELECT {cuts}, COUNT(*) - COUNT({number}) AS without\nFROM counted"))
    )
    *marks, without = found
    edges = sorted({mark for mark in marks if mark is not None})
    band = " + ".join([f"CASE WHEN {number} > ? THEN 1 ELSE 0 END" for _ in edges]) or "0"
    ends = f"""SELECT {band} AS band, MIN({number}) AS low, MAX({number}) AS high
FROM counted
WHERE {number} IS NOT NULL
GROUP BY 1
ORDER BY band"""
    rows = journeys.engine.rows(compose(counted, Query(ends, tuple(edges))))
    bands = [Segment((Between(column, low, high),)) for _, low, high in rows]
    return (*bands, *([Segment((OneOf(column, (None,)),))] if without else []))
