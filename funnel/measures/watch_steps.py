"""What a watch judges steps by, as counts: for each step, the leads that came to its first stage by week, and how many went on in time.

A lead belongs to the week, or where weeks have fewer than 20 leads the month, in which it came to the stage by its own clock, whatever
the dates of the question. *In time* is within the step's days: those in which three quarters had gone on of those who went on within half a
year, among leads that were followed so long; in a short file within a shorter time, at most half of what the file tells of the step. So
leads that came lately change no day. A cohort is followed once each of its leads was for these days; younger ones are only counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from funnel.core.errors import LackingError
from funnel.core.sql import Paragraph, Query, compose, identifier, marks
from funnel.core.types import FEWEST_TIMED, UNPLACED, Calendar, Filters, Note, Period, Question
from funnel.journeys import Journeys, local_time
from funnel.measures.population.states import CONVERTED, day_of, fate_of
from funnel.measures.targets import MOST_UNTIMED, Target, check_days, followed, to_next
from funnel.measures.watch_judge import Cohort

SETTLED_DAYS = (182, 91, 56, 28, 14)
"""Who goes on later has no part in what a step's days are; the longest of these that lies twice in what the file tells of the step."""
PART = 0.75
FEWEST_A_WEEK = 20
LOOKS = {Period.WEEK: 52, Period.MONTH: 12}


@dataclass(frozen=True)
class StepCohorts:
    """One step of the question's model, from the stage at `position`, by its key and names: the `cohorts` that were followed for `day`
    days, the oldest first, and the `young` ones that were not yet. `why` says why there is nothing to be judged.

    `timed` leads that went on say what the step's days are; None where they were said. Of those that went on, `untimed` did so at a moment
    that the file does not tell: they are in no count.
    """

    position: int
    key: str
    name: str
    onward: str
    day: int | None
    timed: int | None
    untimed: int
    period: Period
    calendar: Calendar
    cohorts: tuple[Cohort, ...] = ()
    young: tuple[Cohort, ...] = ()
    why: Note | None = None


def watched(question: Question) -> Question:
    """The question of whatever dates: a watch chooses its own."""
    return replace(question, filters=Filters(where=question.filters.not_closed), dated_by=None)


def steps_of(journeys: Journeys, question: Question) -> list[Target]:
    """Each step of the model: to the next stage, and from the last to the win where no stage takes it."""
    last = len(question.model.stages) - 1
    steps = [to_next(journeys, question, position) for position in range(last)]
    if question.model.win_stage(journeys.concepts) is None and last >= 0:
        steps.append(_to_win(last))
    return steps


def unknown_labels(journeys: Journeys, question: Question) -> tuple[str, ...]:
    """The labels of the file that mean nothing, and that the model does not take by name."""
    taken = question.model.placement(journeys.concepts)
    return tuple(label for label, concept in journeys.concepts.items() if concept == UNPLACED and label not in taken)


def step_cohorts(
    journeys: Journeys, question: Question, said: Mapping[int, int | None]
) -> tuple[tuple[StepCohorts, ...], str]:
    """The cohorts of these steps, by position, with the days that were said of each (None: its own), and the SQL. LackingError where the
    file tells no moments: a snapshot, or none up to which it observes."""
    if journeys.start_from_created:
        raise LackingError("errors.watch_snapshot")
    asked = watched(question)
    until = check_days(asked, ())
    steps = {step.number: step for step in steps_of(journeys, asked) if step.number in said}
    if not steps:
        return (), ""
    table = _kept(journeys, asked, [*steps.values()])
    ran = [journeys.statement(table)]
    query = _days(table)
    ran.append(query.readable())
    own = {step: _own(*counts) for step, *counts in journeys.engine.rows(query)}
    days = {number: said[number] or own.get(number, NOBODY).day for number in steps}
    known = {number: day for number, day in days.items() if day is not None}
    by_day: dict[int, list[tuple[date, int, int, int, int]]] = {number: [] for number in steps}
    if known:
        query = _by_day(table, known, unknown_labels(journeys, asked))
        ran.append(query.readable())
        for step, *counts in journeys.engine.rows(query):
            by_day[step].append((counts[0], counts[1], counts[2], counts[3], counts[4]))
    stages = question.model.stages
    found = []
    for number in steps:
        of_step = own.get(number, NOBODY)
        onward = stages[number + 1].name if number + 1 < len(stages) else ""
        of = StepCohorts(
            number, stages[number].key, stages[number].name, onward, days[number],
            of_step.timed if said[number] is None else None, of_step.untimed, Period.WEEK,
            question.calendar,
        )  # fmt: skip
        if days[number] is None:
            found.append(
                replace(of, why=Note("measures.watch_few_timed", {"timed": of_step.timed, "least": FEWEST_TIMED}))
            )
        elif of_step.untimed > MOST_UNTIMED * of_step.gone_on:
            found.append(
                replace(of, why=Note("measures.watch_untimed", {"untimed": of_step.untimed, "leads": of_step.gone_on}))
            )
        else:
            found.append(_in_periods(of, by_day[number], until))
    return tuple(found), ";\n\n".join(ran)


@dataclass(frozen=True)
class _Own:
    """A step's own days (None: too few say them), how many leads say so, and of those that went on how many at an unknown moment."""

    day: int | None
    timed: int
    untimed: int
    gone_on: int


NOBODY = _Own(None, 0, 0, 0)


def _own(followed_days: int, *counts: int | None) -> _Own:
    """From a row of `_days`: by the longest time that is told of."""
    *by_time, untimed, gone_on = counts
    timed = 0
    for within, day, said in zip(SETTLED_DAYS, by_time[::2], by_time[1::2], strict=True):
        timed = int(said or 0)
        if day is not None and timed >= FEWEST_TIMED and followed_days >= 2 * within:
            return _Own(max(1, day), timed, int(untimed or 0), int(gone_on or 0))
    return _Own(None, timed, int(untimed or 0), int(gone_on or 0))


def _in_periods(of: StepCohorts, by_day: Sequence[tuple[date, int, int, int, int]], until: datetime) -> StepCohorts:
    """By week, or by month where the followed weeks have too few leads."""
    weekly = _cohorts(of, by_day, until, Period.WEEK)
    some = weekly.cohorts
    if some and sum(each.entered for each in some) >= FEWEST_A_WEEK * len(some):
        return weekly
    return _cohorts(of, by_day, until, Period.MONTH)


def _cohorts(
    of: StepCohorts, by_day: Sequence[tuple[date, int, int, int, int]], until: datetime, period: Period
) -> StepCohorts:
    counts: dict[date, list[int]] = {}
    shortest: dict[date, int] = {}
    for day, entered, converted, unknown, follow_up in by_day:
        first = period.first_day(day, of.calendar)
        sums = counts.setdefault(first, [0, 0, 0])
        for index, more in enumerate((entered, converted, unknown)):
            sums[index] += more
        shortest[first] = min(follow_up, shortest.get(first, follow_up))
    old: list[Cohort] = []
    young: list[Cohort] = []
    for first in sorted(counts):
        over = datetime.combine(period.last_day(first, of.calendar) + timedelta(days=1 + (of.day or 0)), time.min)
        followed_all = shortest[first] >= (of.day or 0) and over <= until + timedelta(seconds=1)
        (old if followed_all else young).append(Cohort(first, *counts[first]))
    return replace(of, period=period, cohorts=tuple(old), young=tuple(young))


def _to_win(position: int) -> Target:
    origin = f"followed.time_{position}"
    among = f"followed.reached_{position} AND {origin} <= followed.observed_until"
    won = "followed.has_ended AND followed.outcome = 'won'"
    return Target(position, origin, among, won, "followed.ended_at", "followed.has_ended")


def _kept(journeys: Journeys, question: Question, steps: Sequence[Target]) -> str:
    """The name of a kept table: for each step and lead on the way, entered_at, entered_on (by its own clock), state and follow_up."""
    each = []
    for step in steps:
        local, joined = local_time("followed.lead_id", step.origin, "arriving", journeys.local_times)
        each.append(f"""SELECT {step.number} AS step, followed.lead_id AS lead_id, {step.origin} AS entered_at,
    CAST({local} AS DATE) AS entered_on, CAST({step.state} AS INTEGER) AS state,
    CAST({step.follow_up} AS INTEGER) AS follow_up
FROM followed{joined}
WHERE {step.among}""")
    return journeys.keep(
        "watched_steps",
        (question, tuple(steps)),
        lambda: compose(followed(journeys, question), Query("\nUNION ALL\n".join(each))),
    )


def _days(table: str) -> Query:
    """For each step: for how many days its first lead was followed; by each of SETTLED_DAYS the days of three quarters of those who went
    on, and how many say so; how many did at an unknown moment, and how many at all."""
    went_on = f"{fate_of('steps.state')} = {CONVERTED}"
    day = day_of("steps.state")
    columns = []
    for within in SETTLED_DAYS:
        settled = f"{went_on} AND steps.follow_up >= {within} AND {day} <= {within}"
        columns.append(f"""CAST(QUANTILE_DISC({day}, {PART}) FILTER (WHERE {settled}) AS INTEGER) AS days_{within},
    COUNT(*) FILTER (WHERE {settled}) AS timed_{within},
    """)
    return Query(f"""SELECT steps.step AS step, MAX(steps.follow_up) AS followed_days,
    {"".join(columns)}COUNT(*) FILTER (WHERE {went_on} AND {day} IS NULL) AS untimed,
    COUNT(*) FILTER (WHERE {went_on}) AS went_on
FROM {identifier(table)} AS steps
GROUP BY steps.step""")


def _by_day(table: str, days: Mapping[int, int], unknown: Sequence[str]) -> Query:
    """For each step and day of arrival: leads, those that went on in time, the others that came to an unknown label in that time, and for
    how many whole days the last of them was followed."""
    went_on, day = f"{fate_of('steps.state')} = {CONVERTED}", day_of("steps.state")
    cases = " ".join(f"WHEN {int(step)} THEN {int(within)}" for step, within in days.items())
    dated = f"""SELECT steps.step AS step, steps.lead_id AS lead_id, steps.entered_at AS entered_at, steps.entered_on AS entered_on,
    steps.follow_up AS follow_up, CASE steps.step {cases} END AS days, {went_on} AS went_on, {day} AS day
FROM {identifier(table)} AS steps
WHERE steps.step IN ({", ".join(str(int(step)) for step in days)})"""
    judged = """SELECT dated.*, dated.went_on AND dated.day <= dated.days AS in_time
FROM dated
WHERE NOT dated.went_on OR dated.day IS NOT NULL"""
    paragraphs = [Paragraph("dated", Query(dated)), Paragraph("judged", Query(judged))]
    lost, joined = "0", ""
    if unknown:
        strays = f"""SELECT judged.step AS step, judged.lead_id AS lead_id
FROM judged
INNER JOIN history ON history.lead_id = judged.lead_id
WHERE NOT judged.in_time AND history.label IN ({marks(unknown)}) AND history.entered_at >= judged.entered_at
    AND history.entered_at <= judged.entered_at + TO_DAYS(judged.days)
GROUP BY judged.step, judged.lead_id"""
        paragraphs.append(Paragraph("strays", Query(strays, tuple(unknown))))
        lost = "COUNT(strays.lead_id)"
        joined = "\nLEFT JOIN strays ON strays.step = judged.step AND strays.lead_id = judged.lead_id"
    last = f"""SELECT judged.step AS step, judged.entered_on AS entered_on, COUNT(*) AS entered,
    COUNT(*) FILTER (WHERE judged.in_time) AS in_time, {lost} AS strays, MIN(judged.follow_up) AS followed_days
FROM judged{joined}
GROUP BY judged.step, judged.entered_on
ORDER BY judged.step, judged.entered_on"""
    return compose(paragraphs, Query(last))
