"""Tests planned: how many leads show a hoped-for change, and how long that takes at the present inflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from funnel.core.errors import QuestionError
from funnel.core.rows import Row, Share, days
from funnel.core.sql import Query, compose
from funnel.core.types import Filters, Question, Rate
from funnel.journeys import Journeys
from funnel.measures import outcomes
from funnel.measures.ages import check_starts
from funnel.measures.outcomes import Outcomes
from funnel.measures.population.population import in_question
from funnel.measures.statistics.clustered import design_effect
from funnel.measures.statistics.planning import POWER, leads_needed, whole_leads
from funnel.measures.targets import check_days

INFLOW_DAYS = 90


@dataclass(frozen=True)
class Plan:
    """A test of two groups planned: to see a rate go from that of `now` to `hoped` in `power` of the cases, at the 5 % level,
    `per_group` leads are needed in each, at least 20 (None: no number is enough).

    `now` is the rate by `day` of the leads followed so long. At the inflow of the last `inflow_days` days, `inflow` leads, of which
    `share` are put to the test, they have started after `start_days`; then the last of them grow `day` days old: `total_days`. Both are
    None where nobody came. `design_effect`: how many times more leads are needed than of independent ones, since whole accounts are put
    to either group; 1 where no account has several.
    """

    question: Question
    target: int | None
    day: int
    now: Rate
    hoped: float
    power: float
    share: float
    design_effect: float
    inflow: int
    inflow_days: int
    per_group: int | None
    start_days: float | None
    total_days: float | None
    sql: str

    def rows(self) -> list[Row]:
        """One row: the rate now, the one hoped for, leads in each group, and days until all have started, and until it can be read."""
        return [
            {
                "now": self.now,
                "hoped": Share(self.hoped),
                "per_group": self.per_group,
                "start_days": days(self.start_days),
                "total_days": days(self.total_days),
            }
        ]


def plans(
    journeys: Journeys,
    question: Question,
    hoped: Sequence[float],
    target: int | None = None,
    day: int = 90,
    power: float = POWER,
    share: float = 1.0,
) -> tuple[Plan, ...]:
    """A test of two equal groups for each hoped-for rate.

    The rate now is that of the leads that the question counts, by a day of age; the inflow is of the last 90 days that were observed
    (of all, where those are fewer), whatever the question's dates. Where accounts hold several leads, the test puts accounts to its
    groups, and needs as many times more leads as the rate now varies more than that of independent ones. QuestionError where a rate,
    the power or the share of the leads put to the test is no share, or where the file has no date up to which it observes.
    """
    check_starts(journeys)
    for fraction in (*hoped, power, share):
        if not 0 <= fraction <= 1:
            raise QuestionError("errors.no_share", found=fraction)
    if not 0 < power < 1 or not share:
        raise QuestionError("errors.no_share", found=power if share else share)
    _, whole, sql = outcomes.by_segment(Outcomes(journeys, question, day), (), (outcomes.towards(question, target),))
    now = whole.rates[0]
    effect = design_effect(whole.sums[0]) if whole.sums is not None else 1.0
    inflow, inflow_days, inflow_sql = _inflow(journeys, question)
    tests = []
    for rate in hoped:
        needed = None if now.value is None else whole_leads(leads_needed(now.value, rate, power), effect)
        start_days = None if needed is None or not inflow else 2 * needed / (inflow / inflow_days * share)
        tests.append(
            Plan(
                question=question,
                target=target,
                day=day,
                now=now,
                hoped=rate,
                power=power,
                share=share,
                design_effect=effect,
                inflow=inflow,
                inflow_days=inflow_days,
                per_group=needed,
                start_days=start_days,
                total_days=None if start_days is None else start_days + day,
                sql=f"{sql};\n\n{inflow_sql}",
            )
        )
    return tuple(tests)


def _inflow(journeys: Journeys, question: Question) -> tuple[int, int, str]:
    """How many leads started in the last days observed, and in how many days that was."""
    until = check_days(question, ())
    everyone = replace(question, filters=Filters(where=question.filters.where), dated_by=None)
    text = """SELECT MIN(counted.started_at) AS first, COUNT(*) FILTER (WHERE counted.started_at > ?) AS inflow
FROM counted
WHERE counted.started_at <= ?"""
    query = compose(in_question(journeys, everyone), Query(text, (until - timedelta(days=INFLOW_DAYS), until)))
    first, inflow = journeys.engine.row(query)
    days = INFLOW_DAYS if first is None else min(INFLOW_DAYS, max(1, (until - first).days))
    return inflow, days, query.readable()
