"""Cohorts: leads by the period in which they started, how far each got, and what an unfinished one can say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from funnel.core.rows import Row, Word, bound
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import ByDay, Calendar, Conversion, Period, Question, Rate, Unknown
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
)

DAYS = (90, 180, 365)
COHORT = "cohort"
NOBODY_LEFT = 1e-12


@dataclass(frozen=True)
class Cohort:
    """The leads that started in one period. `start` is its first day (None: all cohorts together).

    `stages` are the conversions from the start to each stage of the model, `win` that to the win. `followed_days` is the longest
    follow-up of any of them, in whole days.
    """

    start: date | None
    leads: int
    won: int
    lost: int
    followed_days: int
    stages: tuple[Conversion, ...]
    win: Conversion

    @property
    def open(self) -> int:
        """Neither won nor lost so far."""
        return self.leads - self.won - self.lost

    def to(self, target: int | None) -> Conversion:
        """The conversion to a stage, or (None) to the win."""
        return self.win if target is None else self.stages[target]

    def row(self) -> Row:
        """How many they are, and how they stand now."""
        return {
            "leads": self.leads,
            "won": self.won,
            "lost": self.lost,
            "open": self.open,
            "followed_days": self.followed_days,
        }


@dataclass(frozen=True)
class Cohorts:
    """The cohorts of a question, oldest first, and `whole`, all of them together. `days` are those of each `by_day`.

    `undated` leads have no start, so they are in no cohort; nor are those that start after `observed_until`. `as_if_apart`: accounts hold
    several leads, which the intervals take as independent, so that they are narrower than what is known.
    """

    question: Question
    period: Period
    days: tuple[int, ...]
    cohorts: tuple[Cohort, ...]
    whole: Cohort
    undated: int
    sql: str
    as_if_apart: bool = False

    def find(self, start: date) -> Cohort | None:
        """The cohort that starts on a day."""
        return next((cohort for cohort in self.cohorts if cohort.start == start), None)

    def over_time(self, day: int) -> tuple[list[int], list[float]]:
        """Of the cohorts that are whole, oldest first: the leads of those whose period is over, and the rate won within `day` days (one of
        `days`) of those where every lead is that old."""
        until = self.question.observed_until
        over = [
            each.leads
            for each in self.cohorts
            if each.start and until and self.period.last_day(each.start, self.question.calendar) <= until.date()
        ]
        rates = [(each.leads, each.win.on(day)) for each in self.cohorts]
        return over, [on.rate for leads, on in rates if on.rate is not None and on.old_enough == leads]

    def rows(self, target: int | None = None) -> list[Row]:
        """A row for each cohort, all together last, and day: how far it got on the way to a stage, or (None) to the win."""
        return [row for cohort in (*self.cohorts, self.whole) for row in self._rows_of(cohort, target)]

    def stage_rows(self) -> list[Row]:
        """A row for each cohort, stage and day, the win after the stages."""
        names = [stage.name for stage in self.question.model.stages]
        targets: list[tuple[int | None, str]] = [*enumerate(names), (None, Word("won", "pages.cohorts.win"))]
        return [
            {"stage": name, **row}
            for cohort in (*self.cohorts, self.whole)
            for target, name in targets
            for row in self._rows_of(cohort, target)
        ]

    def _rows_of(self, cohort: Cohort, target: int | None) -> list[Row]:
        start, to = cohort_cell(cohort.start, self.period, self.question.calendar), cohort.to(target)
        so_far: Row = {"reached": to.converted, "gone": to.gone, "waiting": to.waiting, **bounds_row(to)}
        return [{"start": start, **cohort.row(), **so_far, **by_day_row(to, each)} for each in to.by_day]


def cohort_cell(start: date | None, period: Period, calendar: Calendar) -> Word:
    """A cohort: its first day, which people read as the name of the period; None: all of them."""
    name = period.name_of(start, calendar)
    return Word("all" if start is None else start.isoformat(), name.key, **name.values)


def bounds_row(conversion: Conversion) -> Row:
    """The plain ratio of a conversion so far, and the least and the most that can come of it."""
    least, most = conversion.bounds or (None, None)
    so_far = Rate(conversion.converted, conversion.leads, least, None, None)
    can_come = Rate(conversion.leads - conversion.gone, conversion.leads, most, None, None)
    return {"plain": so_far, "at_least": so_far, "at_most": can_come, "untimed": conversion.untimed}


def by_day_row(conversion: Conversion, by_day: ByDay) -> Row:
    """What is known of a conversion by a day."""
    rate = Rate(by_day.converted, conversion.leads, by_day.rate, by_day.low, by_day.high)
    return {
        "day": by_day.day,
        "converted": by_day.converted,
        "rate": rate,
        "old_enough": by_day.old_enough,
        "unknown": by_day.unknown,
        "low": bound(rate, rate.low),
        "high": bound(rate, rate.high),
        "mature": by_day.mature,
    }


def cohorts(
    journeys: Journeys, question: Question, period: Period | str = Period.MONTH, days: Sequence[int] = DAYS
) -> Cohorts:
    """The cohorts of the leads (or accounts) that a question counts, each with its conversion to every stage and to the win.

    QuestionError where the file has no date up to which it observes, or where a day is not from 0 to LONGEST_DAY.
    """
    unique_days = tuple(sorted(set(days)))
    check_days(question, unique_days)
    stages = len(question.model.stages)
    table = kept(journeys, question, from_start(journeys, question))
    targets = [KeptTarget(position) for position in range(stages + 1)]
    where, column = started_within(question), cohort_of(question, Period(period))
    by_cohort, sql = converted(
        journeys, observed(targets, unique_days, COHORT, table=table, column=column, where=where), unique_days, COHORT
    )
    sizes = journeys.engine.rows(_sizes(table, column, where))
    undated = Query("SELECT COUNT(*) - COUNT(counted.started_at) AS undated FROM counted")
    groups = []
    for start, leads, won, lost, followed_days in [*sizes, (None, *_added(sizes))]:
        *reached, win = (by_cohort.get((start, position)) or nobody(unique_days) for position in range(stages + 1))
        groups.append(Cohort(start, leads, won, lost, followed_days, tuple(reached), win))
    return Cohorts(
        question=question,
        period=Period(period),
        days=unique_days,
        cohorts=tuple(groups[:-1]),
        whole=groups[-1],
        undated=journeys.engine.row(compose(in_question(journeys, question), undated))[0],
        sql=f"{journeys.statement(table)};\n\n{sql}",
        as_if_apart=several(journeys, question),
    )


def conversions(
    journeys: Journeys, base: list[Paragraph], targets: Sequence[Target], days: Sequence[int], group: str
) -> tuple[dict[tuple[Any, int], Conversion], str]:
    """The conversion of each group of `followed` (None: all together) to each target, by (group, number); and the SQL that ran."""
    return converted(journeys, [*base, *observed(targets, days, group)], days, group)


def converted(
    journeys: Journeys, observed_leads: list[Paragraph], days: Sequence[int], group: str
) -> tuple[dict[tuple[Any, int], Conversion], str]:
    """The same from paragraphs that end in `observed`."""
    paragraphs = [
        *observed_leads,
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
    by_group = {key: _conversion(row, rows[None, key[1]], days) for key, row in rows.items()}
    return by_group, query.readable()


def _conversion(row: dict[str, Any], whole: dict[str, Any], days: Sequence[int]) -> Conversion:
    timed = whole["untimed"] <= MOST_UNTIMED * (whole["converted"] + whole["gone"])
    each_day = []
    for index, day in enumerate(days):
        old_enough, last_day = row[f"old_{index}"], row["last_day"]
        is_followed = last_day is not None and (last_day >= day or row["last_survival"] < NOBODY_LEFT)
        each_day.append(
            by_day(
                day,
                row[f"rate_{index}"],
                row[f"variance_{index}"],
                converted=row[f"by_{index}"],
                old_enough=old_enough,
                old_converted=row[f"mature_{index}"],
                unknown=_why_unknown(timed, old_enough, is_followed),
            )
        )
    return Conversion(row["leads"], row["converted"], row["gone"], row["untimed"], tuple(each_day))


def _why_unknown(timed: bool, old_enough: int, is_followed: bool) -> Unknown | None:
    if not timed:
        return Unknown.DATES
    if not old_enough:
        return Unknown.AGE
    return None if is_followed else Unknown.UNFOLLOWED


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
                *((f"old_{index}", f"observed.age > {index}") for index in range(len(days))),
                *(
                    (f"by_{index}", f"observed.fate = {CONVERTED} AND observed.day <= {int(day)}")
                    for index, day in enumerate(days)
                ),
                *(
                    (
                        f"mature_{index}",
                        f"observed.age > {index} AND observed.fate = {CONVERTED} AND observed.day <= {int(day)}",
                    )
                    for index, day in enumerate(days)
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
            f"ARG_MAX(incidences.{name}, incidences.day) FILTER (WHERE incidences.day <= {int(day)}) AS {name}_{index}"
            for index, day in enumerate(days)
            for name in ("rate", "variance")
        ),
    ]
    return Query(
        "SELECT\n    " + ",\n    ".join(columns) + f"\nFROM incidences\nGROUP BY incidences.{group}, incidences.target"
    )


def nobody(days: Sequence[int]) -> Conversion:
    """The conversion of no lead: no day is known."""
    each_day = (
        by_day(day, None, None, converted=0, old_enough=0, old_converted=0, unknown=Unknown.AGE) for day in days
    )
    return Conversion(0, 0, 0, 0, tuple(each_day))


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
