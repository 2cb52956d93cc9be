"""Cohorts: leads by the period in which they started, how far each got, and what an unfinished one can say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Cohort, Cohorts, Conversion, Period, Question, StepTrend, Unknown
from funnel.journeys import Journeys
from funnel.measures.population.population import in_question
from funnel.measures.population.states import CONVERTED, GONE, KeptTarget
from funnel.measures.statistics.account_sums import several
from funnel.measures.statistics.incidence import by_day, incidence
from funnel.measures.targets import (
    MOST_UNTIMED,
    Target,
    check_days,
    cohort_of,
    from_start,
    kept,
    observed,
    started_within,
    tallies,
    to_next,
)

DAYS = (90, 180, 365)
COHORT = "cohort"
NOBODY_LEFT = 1e-12


def cohorts(
    journeys: Journeys, question: Question, period: Period | str = Period.MONTH, days: Sequence[int] = DAYS
) -> Cohorts:
    """The cohorts of the leads (or accounts) that a question counts, each with its conversion to every stage and to the win.

    QuestionError where the file has no date up to which it observes, or where a day is not from 0 to LONGEST_DAY.
    """
    asked = tuple(sorted(set(days)))
    check_days(question, asked)
    stages = len(question.model.stages)
    table = kept(journeys, question, from_start(journeys, question))
    targets = [KeptTarget(place) for place in range(stages + 1)]
    where, column = started_within(question), cohort_of(Period(period))
    found, sql = converted(
        journeys, observed(targets, asked, COHORT, table=table, column=column, where=where), asked, COHORT
    )
    sizes = journeys.engine.rows(_sizes(table, column, where))
    undated = Query("SELECT COUNT(*) - COUNT(counted.started_at) AS undated FROM counted")
    made = []
    for start, leads, won, lost, followed_days in [*sizes, (None, *_added(sizes))]:
        *reached, win = (found.get((start, place)) or _nobody(asked) for place in range(stages + 1))
        made.append(Cohort(start, leads, won, lost, followed_days, tuple(reached), win))
    return Cohorts(
        question=question,
        period=Period(period),
        days=asked,
        cohorts=tuple(made[:-1]),
        whole=made[-1],
        undated=journeys.engine.row(compose(in_question(journeys, question), undated))[0],
        sql=f"{journeys.statement(table)};\n\n{sql}",
        as_if_apart=several(journeys, question),
    )


def trend(journeys: Journeys, question: Question, period: Period | str = Period.MONTH, day: int = 90) -> StepTrend:
    """Each step's conversion over the date of start: of a cohort's leads at a stage, those at the next within `day` days of
    arriving. QuestionError as in `cohorts`."""
    check_days(question, (day,))
    steps = range(len(question.model.stages) - 1)
    if not steps:
        return StepTrend(question, Period(period), day, (), "")
    table = kept(journeys, question, [to_next(journeys, question, place) for place in steps])
    seen = observed(
        [KeptTarget(place, from_start=False) for place in steps],
        (day,),
        COHORT,
        table=table,
        column=cohort_of(Period(period)),
        where=started_within(question),
    )
    found, sql = converted(journeys, seen, (day,), COHORT)
    starts = sorted({start for start, _ in found if start is not None})
    rows = [(start, tuple(found.get((start, place)) or _nobody((day,)) for place in steps)) for start in starts]
    return StepTrend(question, Period(period), day, tuple(rows), f"{journeys.statement(table)};\n\n{sql}")


def conversions(
    journeys: Journeys, base: list[Paragraph], targets: Sequence[Target], days: Sequence[int], group: str
) -> tuple[dict[tuple[Any, int], Conversion], str]:
    """The conversion of each group of `followed` (None: all together) to each target, by (group, number); and the SQL that ran."""
    return converted(journeys, [*base, *observed(targets, days, group)], days, group)


def converted(
    journeys: Journeys, seen: list[Paragraph], days: Sequence[int], group: str
) -> tuple[dict[tuple[Any, int], Conversion], str]:
    """The same from paragraphs that end in `observed`."""
    paragraphs = [
        *seen,
        *tallies(group),
        *incidence("tallies", (group, "target")),
        Paragraph("counts", _counts(days, group)),
        Paragraph("curves", _rates(days, group)),
    ]
    last = f"""SELECT counts.*, curves.* EXCLUDE ({group}, target)
FROM counts
LEFT JOIN curves ON curves.target = counts.target AND curves.{group} IS NOT DISTINCT FROM counts.{group}"""
    query = compose(paragraphs, Query(last))
    rows = {(row[group], row["target"]): row for row in journeys.engine.named(query)}
    found = {key: _conversion(row, rows[None, key[1]], days) for key, row in rows.items()}
    return found, query.readable()


def _conversion(row: dict[str, Any], whole: dict[str, Any], days: Sequence[int]) -> Conversion:
    timed = whole["untimed"] <= MOST_UNTIMED * (whole["converted"] + whole["gone"])
    told = []
    for place, day in enumerate(days):
        old_enough, last_day = row[f"old_{place}"], row["last_day"]
        seen = last_day is not None and (last_day >= day or row["last_survival"] < NOBODY_LEFT)
        told.append(
            by_day(
                day,
                row[f"rate_{place}"],
                row[f"variance_{place}"],
                converted=row[f"by_{place}"],
                old_enough=old_enough,
                old_converted=row[f"mature_{place}"],
                unknown=_why_unknown(timed, old_enough, seen),
            )
        )
    return Conversion(row["leads"], row["converted"], row["gone"], row["untimed"], tuple(told))


def _why_unknown(timed: bool, old_enough: int, seen: bool) -> Unknown | None:
    if not timed:
        return Unknown.DATES
    if not old_enough:
        return Unknown.AGE
    return None if seen else Unknown.UNFOLLOWED


def _counts(days: Sequence[int], group: str) -> Query:
    leads = "observed.leads"
    columns = [
        f"CAST(SUM({leads}) AS BIGINT) AS leads",
        *(
            f"CAST(SUM(CASE WHEN {condition} THEN {leads} ELSE 0 END) AS BIGINT) AS {name}"
            for name, condition in (
                ("converted", f"observed.fate = {CONVERTED}"),
                ("gone", f"observed.fate = {GONE}"),
                ("untimed", "observed.day IS NULL"),
                *((f"old_{place}", f"observed.age > {place}") for place in range(len(days))),
                *(
                    (f"by_{place}", f"observed.fate = {CONVERTED} AND observed.day <= {int(day)}")
                    for place, day in enumerate(days)
                ),
                *(
                    (
                        f"mature_{place}",
                        f"observed.age > {place} AND observed.fate = {CONVERTED} AND observed.day <= {int(day)}",
                    )
                    for place, day in enumerate(days)
                ),
            )
        ),
    ]
    return Query(
        f"SELECT observed.{group} AS {group}, observed.target AS target,\n    "
        + ",\n    ".join(columns)
        + f"\nFROM observed\nGROUP BY GROUPING SETS ((observed.{group}, observed.target), (observed.target))"
    )


def _rates(days: Sequence[int], group: str) -> Query:
    columns = [
        f"incidences.{group} AS {group}",
        "incidences.target AS target",
        "MAX(incidences.day) AS last_day",
        "ARG_MAX(incidences.survival, incidences.day) AS last_survival",
        *(
            f"ARG_MAX(incidences.{name}, incidences.day) FILTER (WHERE incidences.day <= {int(day)}) AS {name}_{place}"
            for place, day in enumerate(days)
            for name in ("rate", "variance")
        ),
    ]
    return Query(
        "SELECT\n    " + ",\n    ".join(columns) + f"\nFROM incidences\nGROUP BY incidences.{group}, incidences.target"
    )


def _nobody(days: Sequence[int]) -> Conversion:
    """The conversion of no lead: no day is known."""
    told = (by_day(day, None, None, converted=0, old_enough=0, old_converted=0, unknown=Unknown.AGE) for day in days)
    return Conversion(0, 0, 0, 0, tuple(told))


def _added(sizes: Sequence[tuple[date, int, int, int, int]]) -> tuple[int, int, int, int]:
    """Leads, won, lost and the longest follow-up of all cohorts together."""
    return (
        sum(leads for _, leads, *_ in sizes),
        sum(won for _, _, won, *_ in sizes),
        sum(lost for *_, lost, _ in sizes),
        max((followed_days for *_, followed_days in sizes), default=0),
    )


def _sizes(table: str, column: str, where: Query) -> Query:
    text = f"""SELECT {column} AS cohort, COUNT(*) AS leads,
    COUNT(*) FILTER (WHERE followed.outcome = 'won') AS won,
    COUNT(*) FILTER (WHERE followed.outcome = 'lost') AS lost,
    MAX(followed.follow_up) AS followed_days
FROM {identifier(table)} AS followed
WHERE {where.text}
GROUP BY {column}
ORDER BY cohort"""
    return Query(text, where.values)
