"""The effect of a change on a day: what converted before and after it, at equal age, and against the trend that there was already.

Before and after alone call a fall that was under way an effect: of rates that fall 4 % a month and never change otherwise, it cries a
change in four of five cases. The line through the months before sees that, and needs large effects to be sure of any (see
`statistics.binomial_trend`). So both are told, and a verdict only where both say the same, or where the months before were level and
the line leans the same way, at least half as far. Of a change that concerned some leads alone, what became of the others in the same
time is taken off (difference in differences).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from funnel.core.errors import QuestionError
from funnel.core.rows import Row, Share, Word
from funnel.core.types import Contrast, Question, Verdict
from funnel.journeys import Journeys
from funnel.measures.ages import check_starts
from funnel.measures.contrast_rows import rate_row
from funnel.measures.effect_counts import Cell, Where, counted
from funnel.measures.effect_judged import (
    Apart,
    Judged,
    OwnTrend,
    PreTrend,
    judged,
    own_trend,
    pre_trend,
    pre_trend_apart,
)
from funnel.measures.effect_months import CohortMonth, month_of
from funnel.measures.population.population import check
from funnel.measures.targets import check_days

DAYS = 90
FEWEST_MONTHS = 2
"""Months with leads old enough that either side has at least."""
FEWEST_BEFORE, FEWEST_AFTER = 6, 3
"""Months that the line through them needs."""
FEWEST_FOR_A_SLOPE = 4
"""Months before the day of which a slope is told."""


@dataclass(frozen=True)
class Effect:
    """What changed on a `day`: `contrast` sets those that came from it on against those before, by `within_days` of age; `position` is the
    stage whose step to the next is meant, None: from the start to the win. `gap`: those that came in the `within_days` before it are left
    out. `only` are the conditions of those whom the change concerned, none: all.

    `pre_trend` is the slope of the months before (of the difference of the two groups, where `apart` sets them against each other),
    `trend` the step against their line; None where the months are too few or their counts tell none. `undated` are in no month.
    """

    question: Question
    position: int | None
    day: date
    within_days: int
    gap: bool
    only: Where
    months: tuple[CohortMonth, ...]
    contrast: Contrast
    pre_trend: PreTrend | None
    trend: OwnTrend | None
    apart: Apart | None
    judged: Judged
    undated: int
    sql: str

    @property
    def verdict(self) -> Verdict:
        """Whether the effect is told: higher, lower, or that it cannot be."""
        return self.judged.verdict

    @property
    def young(self) -> int:
        """Leads that are not old enough."""
        return sum(each.young for each in self.months)

    @property
    def left_out(self) -> int:
        """Leads in the gap."""
        return sum(each.left_out for each in self.months)

    @property
    def untimed(self) -> int:
        """Leads that converted at an unknown moment."""
        return sum(each.untimed for each in self.months)

    def count(self, *, after: bool) -> int:
        """How many months of a side have leads old enough."""
        return sum(each.after is after and each.rate.denominator > 0 for each in self.months)

    def rows(self) -> list[Row]:
        """A row a month, one that the day splits as two: its days, the leads old enough, those that converted, their share and its
        interval, what the trend before goes on to, and the leads outside."""
        rows: list[Row] = []
        for each in self.months:
            row: Row = {
                "from": each.first,
                "to": each.last,
                "side": Word(
                    "after" if each.after else "before", f"pages.change.{'after' if each.after else 'before'}"
                ),
                **rate_row(each.rate, few=each.rate.few),
                "rate": each.rate,
                "young": each.young,
                "untimed": each.untimed,
                "left_out": each.left_out,
                "expected": None if each.expected is None else Share(each.expected),
            }
            if each.outside is not None:
                row |= {
                    "outside_leads": each.outside.denominator,
                    "outside_converted": each.outside.numerator,
                    "outside_rate": each.outside,
                }
            rows.append(row)
        return rows


def effect(
    journeys: Journeys,
    question: Question,
    day: date,
    position: int | None = None,
    within_days: int = DAYS,
    gap: bool = False,
    only: Where = (),
) -> Effect:
    """The effect of what changed on `day`, of the leads that a question counts, by the month in which they started, or came to the stage
    at `position`: whether they were won, or at the next stage, within `within_days`. Only those followed for so long count.

    QuestionError where the stage has no next one, where the day is not within those on which leads came, or where either side has fewer
    than FEWEST_MONTHS months.
    """
    check_starts(journeys)
    check(question)
    check_days(question, (within_days,))
    _check_stage(question, position)
    counts = counted(journeys, question, position, day, within_days, gap, only)
    first, last = counts.first, counts.last
    if first is None or last is None:
        raise QuestionError("errors.effect_nobody")
    if not first < day <= last and question.model.seams:
        raise QuestionError("errors.effect_day_version", day=day, first=first, last=last)
    if not first < day <= last:
        raise QuestionError("errors.effect_day", day=day, first=first, last=last)
    keys = sorted({*counts.inside, *(counts.outside if only else {})})
    months = [
        month_of(
            key,
            day,
            counts.inside.get(key, Cell()),
            counts.outside.get(key, Cell()) if only else None,
            question.calendar,
        )
        for key in keys
    ]
    before, after = (sum(each.after is side and each.rate.denominator > 0 for each in months) for side in (False, True))
    if min(before, after) < FEWEST_MONTHS:
        raise QuestionError(
            "errors.effect_months", day=day, before=before, after=after, within=within_days, least=FEWEST_MONTHS
        )
    inside = counts.contrast(inside=True)
    told = [each for each in months if each.rate.denominator]
    by_account = inside.design_effect or 1.0
    slope = pre_trend(told, FEWEST_FOR_A_SLOPE, by_account)
    trend = own_trend(told, by_account) if before >= FEWEST_BEFORE and after >= FEWEST_AFTER else None
    apart = None
    if only:
        apart = Apart.of(inside, counts.contrast(inside=False))
        slope = pre_trend_apart(told, FEWEST_FOR_A_SLOPE, max(by_account, apart.outside.design_effect or 1.0))
    if trend is not None:
        months = [trend.through(each) for each in months]
    return Effect(
        question=question,
        position=position,
        day=day,
        within_days=within_days,
        gap=gap,
        only=only,
        months=tuple(months),
        contrast=inside,
        pre_trend=slope,
        trend=trend,
        apart=apart,
        judged=judged(inside, slope, trend, apart),
        undated=counts.undated,
        sql=counts.sql,
    )


def stage_of(question: Question, name: str) -> int | None:
    """The position of the stage that a note names, by its key or its name in any case, where a step leads on from it; None where none is
    named. QuestionError where the model has no such stage."""
    wanted = name.strip().casefold()
    if not wanted:
        return None
    stages = question.model.stages
    for position, stage in enumerate(stages):
        if wanted in (stage.key.casefold(), stage.name.casefold()):
            return position
    accepted = ", ".join(stage.name for stage in stages)
    raise QuestionError("errors.effect_stage", found=name, model=question.model.name, accepted=accepted)


def _check_stage(question: Question, position: int | None) -> None:
    stages = len(question.model.stages)
    if position is None:
        return
    if not 0 <= position < stages:
        raise QuestionError("errors.no_such_stage", position=position, stages=stages)
    if position == stages - 1:
        raise QuestionError(
            "errors.effect_last_stage", stage=question.model.stages[position].name, model=question.model.name
        )
