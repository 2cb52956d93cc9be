"""From journeys under a question to what `incidence` counts: for each group of leads and target, who got there, left, or waits.

Days are counted from the origin (the start, or the arrival at a stage): what happened within d × 24 hours has happened *by day d*,
as for a window. A lead was followed for as many whole days as lie between its origin and `observed_until`; nothing later counts.

A lead has *converted* to a stage when the question counts it there, at the moment that its rule says; to the win when its outcome
is won, at its end. It is *gone* when it was lost first; on the way to the win or to a stage before it, also when it was won
without having been counted there; from a stage to the next, also when the window closed before. Else it *waits*. Of those gone from a
stage, the ones *lost* are those that the ledger of that stage calls lost: who was won, or went on past the next stage, is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from funnel.core.errors import LackingError, QuestionError
from funnel.core.period_sql import first_day
from funnel.core.sql import Paragraph, Query, compose, days, identifier
from funnel.core.types import Filters, Period, Question, Rule
from funnel.journeys import FATES, RULES, Journeys
from funnel.measures.population.population import MICROSECONDS_A_DAY, in_question
from funnel.measures.population.states import CONVERTED, GONE, WAITING, KeptTarget, day_of, fate_of, state_of
from funnel.measures.statistics.account_sums import account_of
from funnel.measures.statistics.incidence import from_outset

LONGEST_DAY = 36_500
ADVANCED, LOST = (FATES.index(fate) + 1 for fate in ("advanced", "lost"))
START = "followed.started_at"
ONCE = "\nCROSS JOIN (SELECT UNNEST([1]) AS time) AS once"
"""Joined to a select, changes none of its rows, but keeps its columns from being worked out again wherever they are read: the engine
puts one select into the next, and looks for what is the same nowhere inside a CASE."""
MOST_UNTIMED = 0.05
"""Where more of those that converted or left than this have no moment, no rate by a day is told: it would leave them all out."""


@dataclass(frozen=True)
class Target:
    """Where leads are on the way to, and from where, as SQL over the rows of `followed`.

    `number` names it. `origin`, `moment` and `left_at` are times, `reached`, `left` and `lost` (a part of those that left) conditions;
    only leads `among` are on the way.
    """

    number: int
    origin: str
    among: str
    reached: str
    moment: str
    left: str
    left_at: str = "followed.ended_at"
    lost: str = "followed.has_ended AND followed.outcome = 'lost'"

    @property
    def fate(self) -> str:
        """What became of a lead, as SQL: CONVERTED, GONE or WAITING."""
        return f"CASE WHEN {self.reached} THEN {CONVERTED} WHEN {self.left} THEN {GONE} ELSE {WAITING} END"

    @property
    def state(self) -> str:
        """The fate and its day as one number (see `states`), as SQL; for who waits, the day is the follow-up; no day where the file does
        not tell the moment."""
        return self.state_or(self.not_reached)

    def state_or(self, otherwise: str) -> str:
        """`state`, where `otherwise` is the state of a lead that has not reached the target."""
        return f"CASE WHEN {self.reached} THEN {state_of(CONVERTED, self._days_to(self.moment))} ELSE {otherwise} END"

    @property
    def not_reached(self) -> str:
        """The state of a lead that has not reached the target, as SQL."""
        return (
            f"CASE WHEN {self.left} THEN {state_of(GONE, self._days_to(self.left_at))}"
            f" ELSE {state_of(WAITING, self.follow_up)} END"
        )

    @property
    def follow_up(self) -> str:
        """For how many whole days a lead was observed from its origin, as SQL."""
        return whole_days("followed.observed_until", self.origin, up=False)

    def _days_to(self, moment: str) -> str:
        return whole_days(moment, self.origin, up=True)


def to_stage(journeys: Journeys, question: Question, position: int) -> Target:
    """From the start to a stage."""
    return Target(position, START, "TRUE", *_arrival(journeys, question, position))


def to_win(question: Question) -> Target:
    """From the start to the win; its number is that after the last stage."""
    won = "followed.has_ended AND followed.outcome = 'won'"
    return Target(len(question.model.stages), START, "TRUE", won, "followed.ended_at", "followed.has_ended")


def from_start(journeys: Journeys, question: Question) -> list[Target]:
    """From the start to each stage, and to the win."""
    return [
        *(to_stage(journeys, question, position) for position in range(len(question.model.stages))),
        to_win(question),
    ]


def to_next(journeys: Journeys, question: Question, position: int) -> Target:
    """From a stage to the next one, for the leads counted at the first."""
    origin = f"followed.time_{position}"
    among = f"followed.reached_{position} AND {origin} <= followed.observed_until"
    reached, moment, left = _arrival(journeys, question, position + 1)
    left_at = "followed.ended_at"
    if question.window_days is not None:
        opened = "followed.time_0" if RULES[question.rule].opens_at_stage else "followed.started_at"
        closed = f"{opened} + {days(question.window_days)}"
        is_closed = f"COALESCE({closed} < followed.observed_until, FALSE)"
        # Whichever came first; an unknown end was within the window only if the ledger says so.
        unknown = f"followed.has_ended AND followed.ended_at IS NULL AND followed.fate_{position} = {LOST}"
        left_at = f"""CASE WHEN {unknown} OR {left} AND followed.ended_at <= {closed} THEN followed.ended_at
            WHEN {is_closed} THEN {closed} END"""
        left = f"({left} OR {is_closed})"
    lost = f"{left} AND followed.fate_{position} = {LOST}"
    return Target(position, origin, among, reached, moment, left, left_at, lost)


def in_ledger(journeys: Journeys, question: Question, position: int) -> Target:
    """`to_next`, where those went on that the ledger of the stage says so of: under `visited`, whoever was there after its arrival."""
    step = to_next(journeys, question, position)
    if question.rule is not Rule.VISITED:
        return step
    # Where it had been at the next stage before too, the file's first entry there does not tell when it went on.
    moment = f"CASE WHEN {step.moment} >= {step.origin} THEN {step.moment} END"
    reached = f"followed.fate_{position} = {ADVANCED} AND COALESCE({moment} <= followed.observed_until, TRUE)"
    return replace(step, reached=reached, moment=moment)


def _arrival(journeys: Journeys, question: Question, position: int) -> tuple[str, str, str]:
    moment = f"followed.time_{position}"
    reached = f"followed.reached_{position} AND COALESCE({moment} <= followed.observed_until, TRUE)"
    win = question.model.win_stage(journeys.concepts)
    after_win = win is not None and position > win
    left = "followed.has_ended" + (" AND followed.outcome = 'lost'" if after_win else "")
    return reached, moment, left


def check_days(question: Question, days: Sequence[int]) -> datetime:
    """The moment up to which the question observes; QuestionError where there is none (a LackingError), a day is none, or leads are chosen
    by the day they closed: those have all ended, and their share by a day of age, or how many are open, says nothing."""
    moment = observed_up_to(question)
    if question.filters.closed:
        raise QuestionError("errors.closed_by_age")
    for day in days:
        if not 0 <= day <= LONGEST_DAY:
            raise QuestionError("errors.by_day", day=day, most=LONGEST_DAY)
    return moment


def observed_up_to(question: Question) -> datetime:
    """The moment up to which the question observes; LackingError where there is none."""
    if question.observed_until is None:
        raise LackingError("errors.no_observation")
    return question.observed_until


def followed(journeys: Journeys, question: Question, extra: tuple[str, ...] = ()) -> list[Paragraph]:
    """Paragraphs that end in `followed`: the counted leads that started by `observed_until`, and whether each had ended by then."""
    text = """SELECT counted.*,
    CAST(? AS TIMESTAMP) AS observed_until,
    counted.outcome <> 'open' AND COALESCE(counted.ended_at <= CAST(? AS TIMESTAMP), TRUE) AS has_ended
FROM counted
WHERE counted.started_at <= CAST(? AS TIMESTAMP)"""
    moment = check_days(question, ())
    return [*in_question(journeys, question, extra), Paragraph("followed", Query(text, (moment,) * 3))]


def kept(
    journeys: Journeys,
    question: Question,
    targets: Sequence[Target],
    extra: Sequence[str] = (),
    *,
    accounts: bool = False,
) -> str:
    """The name of a table that holds, for each lead that the question counts, whatever its dates, where it is on its way to each
    target; built once and kept, so that other dates, days and periods are a scan of it.

    Columns: started_on (the day of the start), outcome (as it stood at `observed_until`), for each target state_n (see `Target.state`;
    NULL: not on the way to it), follow_up, of those from the start, and follow_up_n of each other target, and value_n, the `extra`
    columns of the leads; with `accounts`, account: whose lead it is (of none: its own).
    """
    undated = whatever_dates(question)
    # What targets have in common is worked out once, in `watched`.
    otherwise = {target.not_reached: f"otherwise_{target.number}" for target in reversed(targets)}
    watched = ["followed.*", *(f"{expression} AS {name}" for expression, name in otherwise.items())]
    columns = [
        "CAST(followed.started_local AS DATE) AS started_on",
        "CASE WHEN followed.has_ended THEN followed.outcome ELSE 'open' END AS outcome",
    ]
    if any(target.origin == START for target in targets):
        columns.append(f"CAST({whole_days('followed.observed_until', START, up=False)} AS INTEGER) AS follow_up")
    for target in targets:
        named = [("state", target.state_or(f"followed.{otherwise[target.not_reached]}"))]
        if target.origin != START:
            named.append(("follow_up", target.follow_up))
        for name, expression in named:
            counted = expression if target.among == "TRUE" else f"CASE WHEN {target.among} THEN {expression} END"
            columns.append(f"CAST({counted} AS INTEGER) AS {name}_{target.number}")
    columns += [f"followed.{identifier(column)} AS value_{index}" for index, column in enumerate(extra)]
    columns += [f"{account_of('followed')} AS account"] * accounts
    watched_leads = Query("SELECT " + ",\n    ".join(watched) + f"\nFROM followed{ONCE}")
    select = Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM watched AS followed")
    return journeys.keep(
        "followed",
        (undated, tuple(targets), tuple(extra), accounts),
        lambda: compose(
            [*followed(journeys, undated, tuple(extra)), Paragraph("watched", watched_leads)],
            select,
        ),
    )


def cohort_of(question: Question, period: Period) -> str:
    """The first day of the period in which a lead of a kept table, as `followed`, started, as SQL."""
    return first_day("followed.started_on", period, question.calendar)


def whatever_dates(question: Question) -> Question:
    """The question of whose kept table other dates are a scan. Dates that another model decides cannot be asked of it afterwards, so
    they stay."""
    if question.dated_by is not None:
        return question
    return replace(question, filters=replace(question.filters, start_from=None, start_to=None))


def started_within(question: Question) -> Query:
    """The condition on the rows of a kept table, as `followed`, that the question's dates ask for, both ends included."""
    filters = question.filters if question.dated_by is None else Filters()
    sides = [(">=", filters.start_from), ("<=", filters.start_to)]
    bounds = [(f"followed.started_on {sign} ?", day) for sign, day in sides if day is not None]
    return Query(" AND ".join(text for text, _ in bounds) or "TRUE", tuple(day for _, day in bounds))


def observed(
    targets: Sequence[Target | KeptTarget],
    days: Sequence[int],
    group: str,
    *,
    table: str = "followed",
    column: str | None = None,
    where: Query = Query("TRUE"),  # noqa: B008 (frozen)
) -> list[Paragraph]:
    """Paragraphs after `followed` (or of a kept `table`) that end in `observed`: how many `leads` of a group, on the way to a
    target, had which `fate` on which `day` (NULL: the file does not tell), and were old enough for how many of the `days` (`age`).

    `column` is the group as SQL, if it does not stand under its own name.
    """
    each: list[str] = []
    values: list[object] = []
    groups, ages = column or f"followed.{group}", len(days) + 1
    for target in targets:
        # One number is grouped in half the time of three.
        state = target.state
        if days:
            steps = " ".join(
                f"WHEN {target.follow_up} >= {int(day)} THEN {count}" for count, day in reversed([*enumerate(days, 1)])
            )
            state = f"{ages} * CAST({state} AS BIGINT) + CASE {steps} ELSE 0 END"
        text = f"""SELECT {groups} AS {group}, {target.number} AS target, {state} AS state, COUNT(*) AS leads
FROM {identifier(table)} AS followed
WHERE {target.among} AND {where.text}
GROUP BY {groups}, {state}"""
        each.append(text)
        values += where.values
    aged, state = ("0", "states.state") if not days else (f"states.state % {ages}", f"(states.state // {ages})")
    decoded = f"""SELECT states.{group} AS {group}, states.target AS target, {aged} AS age,
    {fate_of(state)} AS fate,
    {day_of(state)} AS day,
    states.leads AS leads
FROM states"""
    return [
        Paragraph("states", Query("\nUNION ALL\n".join(each), tuple(values))),
        Paragraph("observed", Query(decoded)),
    ]


def tallies(group: str) -> list[Paragraph]:
    """Paragraphs after `observed` that end in `tallies`, the source of `incidence` by (group, target), and for all groups together,
    whose group is NULL."""
    timed = f"""SELECT observed.{group} AS {group}, observed.target AS target, observed.day AS day,
    CAST(SUM(CASE WHEN observed.fate = {CONVERTED} THEN observed.leads ELSE 0 END) AS BIGINT) AS converted,
    CAST(SUM(CASE WHEN observed.fate = {GONE} THEN observed.leads ELSE 0 END) AS BIGINT) AS gone,
    CAST(SUM(CASE WHEN observed.fate = {WAITING} THEN observed.leads ELSE 0 END) AS BIGINT) AS waiting
FROM observed
WHERE observed.day IS NOT NULL
GROUP BY observed.{group}, observed.target, observed.day"""
    every = f"""SELECT timed.{group} AS {group}, timed.target AS target, timed.day AS day, timed.converted AS converted,
    timed.gone AS gone, timed.waiting AS waiting
FROM timed
UNION ALL
SELECT NULL AS {group}, timed.target AS target, timed.day AS day, SUM(timed.converted) AS converted, SUM(timed.gone) AS gone,
    SUM(timed.waiting) AS waiting
FROM timed
GROUP BY timed.target, timed.day"""
    return [
        Paragraph("timed", Query(timed)),
        Paragraph("every", Query(every)),
        from_outset("every", (group, "target")),
    ]


def whole_days(moment: str, origin: str, *, up: bool) -> str:
    """Days between two times: begun ones count when they count `up`, else only full ones; 0 where the moment comes first, NULL where
    it is unknown."""
    more = f" + {MICROSECONDS_A_DAY - 1}" if up else ""
    return (
        f"CASE WHEN {moment} <= {origin} THEN 0"
        f" ELSE (EPOCH_US({moment}) - EPOCH_US({origin}){more}) // {MICROSECONDS_A_DAY} END"
    )
