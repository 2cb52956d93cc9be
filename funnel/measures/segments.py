"""Segments against each other: rates overall and step by step, and a verdict that is corrected for how much was looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from funnel.core import insights
from funnel.core.errors import QuestionError
from funnel.core.rows import Row, Word
from funnel.core.types import Contrast, OneOf, Question, Rate, Segment, Verdict
from funnel.journeys import Journeys
from funnel.measures import outcomes
from funnel.measures.ages import check_starts, day_asked
from funnel.measures.contrast_rows import contrast_row, rate_row, segment_row, step_row
from funnel.measures.groups import MOST_SEGMENTS, By, told_apart
from funnel.measures.outcomes import IN_BOTH, Counts, Outcomes
from funnel.measures.statistics import differences
from funnel.measures.statistics.bayes import Bet, bet
from funnel.measures.statistics.differences import over_segments, over_steps
from funnel.measures.target_leakage import no_chance


@dataclass(frozen=True)
class SegmentFound:
    """A segment against the others: from the start to the target (`overall`), and step by step, from each stage to the next."""

    segment: Segment
    leads: int
    overall: Contrast
    steps: tuple[Contrast, ...]


@dataclass(frozen=True)
class Segments:
    """Segments compared: values with most leads first, bands from the lowest, two groups as they were given.

    `column` is what tells them apart (None: two groups made by hand).

    `target` is a stage's position, None the win. With `day`, only leads followed for so many days count, and what they reached by
    then; None: all, and what they reached so far, which is no comparison and has no verdict. By a column, a segment stands against all
    other leads, those of the `others` (values that are no segment here) too; two groups stand against each other, with the `bet` on
    the likelier one, and leads that are `in_both` count in neither. `leads` are all that the question counts (by a day: of those that
    started while it was observed); `young` of them are not followed for so long, `untimed` converted at an unknown moment: neither
    count. Step i leads from stage i to stage i + 1; with a day, within so many days of arriving at stage i. `known` are segments of
    which all leads are won, or all are open: their value may be filled in only later.
    """

    question: Question
    column: str | None
    target: int | None
    day: int | None
    segments: tuple[SegmentFound, ...]
    whole: Rate
    leads: int
    others: int
    in_both: int
    young: int
    untimed: int
    known: tuple[Segment, ...]
    bet: Bet | None
    sql: str

    def rows(self) -> list[Row]:
        """A row a segment, against the others: the contrast overall."""
        by_hand = self.column is None
        return [
            {**segment_row(each.segment, by_hand=by_hand), "all_leads": each.leads, **contrast_row(each.overall)}
            for each in self.segments
        ]

    def ranked_rows(self) -> list[Row]:
        """The same, the segment that costs most leads first, those of too few last."""
        ranked = sorted(self.segments, key=lambda each: (each.overall.difference is None, each.overall.impact or 0.0))
        return replace(self, segments=tuple(ranked)).rows()

    def so_far_rows(self) -> list[Row]:
        """A row a segment: its leads whatever their age, how many of them converted, and their share."""
        return [
            {**segment_row(each.segment), **rate_row(each.overall.rate, few=each.overall.rate.few)}
            for each in self.segments
        ]

    def step_rows(self) -> list[Row]:
        """A row a segment and step."""
        return [row for each in self.segments for row in self.steps_of(each)]

    def steps_of(self, segment: SegmentFound) -> list[Row]:
        """A row a step of one segment."""
        stages = self.question.model.stages
        return [
            {**segment_row(segment.segment), **step_row(stages, position), **contrast_row(step)}
            for position, step in enumerate(segment.steps)
        ]

    def two_rows(self) -> list[Row]:
        """The first of two groups against the second: overall, then a row a step."""
        first, second = replace(self, segments=self.segments[:1]), self.segments[1]
        overall = [{"step": Word("overall", "pages.segments.overall"), **row} for row in first.rows()]
        against = insights.segment_name(second.segment)
        return [{**row, "against": against} for row in (*overall, *first.step_rows())]

    @property
    def without_moments(self) -> bool:
        """Whether no lead came to some step at a moment that is known."""
        steps = (step for each in self.segments for step in each.steps)
        return any(not step.rate.denominator + step.others.denominator for step in steps)

    def most(self, verdict: Verdict) -> SegmentFound | None:
        """Of the segments with this verdict overall, the one that it makes most leads of."""
        alike = [each for each in self.segments if each.overall.verdict is verdict]
        return max(alike, key=lambda each: abs(each.overall.impact or 0.0), default=None)


def segments(
    journeys: Journeys,
    question: Question,
    by: By,
    target: int | None = None,
    day: int | None = None,
    limit: int = MOST_SEGMENTS,
    *,
    so_far: bool = False,
) -> Segments:
    """The segments compared on the way to a stage, or (None) to the win, and on each step, by a `day` of age (None: see `usual_day`).

    `by` says what tells leads apart, see `groups.told_apart`. By a column each segment stands against all other leads that the
    question counts; else the two groups against each other. `target` is a stage's position.
    p-values are corrected over the steps of a segment (Holm), and over segments (Benjamini and Hochberg). Where accounts hold several
    leads, all is by account. `so_far`: all leads, whatever their age, and what they reached; that is no comparison, and has no verdict.
    QuestionError where two groups are the same, or where the file has no date up to which it observes, unless `so_far` is asked.
    """
    if not so_far and question.observed_until is not None:
        check_starts(journeys)
    apart = told_apart(journeys, question, by, limit)
    groups, column = apart.groups, apart.column
    if column is None and _meaning(groups[0]) == _meaning(groups[1]):
        raise QuestionError("errors.same_groups")
    numbers = (outcomes.towards(question, target), *outcomes.steps(question))
    by_day = day_asked(journeys, question, day, so_far=so_far)
    leads = Outcomes(journeys, question, by_day, outcomes.columns_of(groups))
    counts, whole, sql = outcomes.by_segment(leads, groups, numbers, apart=column is None)
    nobody = outcomes.nobody(len(numbers), several=leads.several)
    group_counts = [counts.get(index, nobody) for index in range(len(groups))]
    everyone = whole if column is not None else _together(group_counts, whole)
    if column is None and leads.several:
        _, whole, _ = outcomes.by_segment(leads, (), numbers)
    all_contrasts = [_contrasts(one, everyone, so_far=so_far) for one in group_counts]
    if column is not None:
        columns = [over_segments(each) for each in zip(*all_contrasts, strict=True)]
        all_contrasts = [list(each) for each in zip(*columns, strict=True)]
    return Segments(
        question=question,
        column=column,
        target=target,
        day=by_day,
        segments=tuple(
            SegmentFound(group, one.leads, contrasts[0], tuple(contrasts[1:]))
            for group, one, contrasts in zip(groups, group_counts, all_contrasts, strict=True)
        ),
        whole=whole.rates[0],
        leads=whole.leads,
        others=counts.get(None, nobody).leads,
        in_both=counts.get(IN_BOTH, nobody).leads,
        young=whole.young,
        untimed=whole.untimed,
        known=tuple(group for group, one in zip(groups, group_counts, strict=True) if _known(one, whole)),
        bet=_bet(all_contrasts[0][0]) if column is None else None,
        sql=sql,
    )


def _known(one: Counts, whole: Counts) -> bool:
    """Whether all leads of a segment are won, or all are open, as chance would not have it."""
    return any(
        own == one.leads and no_chance(one.leads, those, whole.leads)
        for own, those in ((one.won, whole.won), (one.open, whole.open))
    )


def _meaning(group: Segment) -> frozenset[object]:
    """The conditions, in whatever order they and their values stand."""
    return frozenset((each.column, frozenset(each.values)) if isinstance(each, OneOf) else each for each in group.where)


def _together(group_counts: Sequence[Counts], whole: Counts) -> Counts:
    """Two groups as one whole, with the sums by account of their leads alone."""
    return replace(outcomes.added(group_counts, len(whole.rates)), sums=whole.sums)


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
