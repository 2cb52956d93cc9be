"""Planned backwards from a target: how many leads, or entries at any later stage, are needed for so many wins by a day.

    to find = wanted − won so far − expected of open leads          needed a day = to find ÷ Σ F(days left)

The wins so far are those from the first day of the period to the end of what is observed; what open leads and leads to come win is told
by `wins_to_come`. Entries at one stage are an alternative to entries at another, not a part of one sum: so many leads, or so many
proposals beyond those that come of open leads. What is expected equals the target in about half of all cases, so it is told beside it
what is needed to be surer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from funnel.core.errors import LackingError, QuestionError
from funnel.core.rows import Gain, Row, Share, days
from funnel.core.types import FEWEST_FOR_A_RATE, Calendar, Note, Period, Question, Unit
from funnel.journeys import Journeys
from funnel.measures.ages import check_starts
from funnel.measures.population.population import check
from funnel.measures.target_counts import RECENT_DAYS, TargetCounts
from funnel.measures.target_plan import Improvement, Lever, Plan, StageNeed, WhatIf, WinsBy
from funnel.measures.targets import MOST_UNTIMED, check_days

if TYPE_CHECKING:
    from funnel.measures.wins_to_come import WinsToCome

SURE = 0.8
MOST_WINS = 1_000_000
SEASON = 0.25
YEAR = 365
WEEK = 7
TWICE = 2
MOST_TIMES = 100
FEWEST_TOLD, FEWEST_WHOLE = 3, 10


@dataclass(frozen=True)
class Worth:
    """A target in money: `value` in a `currency` ("": none is known), at the `mean` amount of `priced` wins of the last year; `so_far`
    is won. `spread`: the squared coefficient of variation of those amounts."""

    value: float
    currency: str
    mean: float
    priced: int
    so_far: float
    spread: float


@dataclass(frozen=True)
class WinTarget:
    """A target of `wins` from the day `since` to the day `by`, as it stands on the day `as_of`.

    `won` so far; `open_leads` are expected to win `open` more by then, `open_low` to `open_high` in the middle 80 % of cases; `to_find`
    is what is left. At the present pace leads to come win `to_come`; `reach` is how likely the target is then, `reach_needed` at the
    pace that is needed. `backtests` earlier forecasts were checked: what came varied `scatter` times as much as by chance; where they
    are too few, what has a chance or a range is None. `improvements` are each step by 5 points more, where there is room.
    """

    question: Question
    as_of: date
    since: date
    by: date
    wins: int
    won: int
    open_leads: int
    open: float
    open_low: int | None
    open_high: int | None
    to_find: float
    to_come: float
    reach: float | None
    reach_needed: float | None
    sure: float
    scatter: float | None
    backtests: int
    stages: tuple[StageNeed, ...]
    levers: tuple[Lever, ...]
    improvements: tuple[Improvement, ...]
    path: tuple[WinsBy, ...]
    what_if: WhatIf | None
    notes: tuple[Note, ...]
    worth: Worth | None
    sql: str

    @property
    def days(self) -> int:
        """Days from today to the target day."""
        return (self.by - self.as_of).days

    @property
    def expected(self) -> float:
        """Wins of the period at the present pace."""
        return self.won + self.open + self.to_come

    @property
    def first(self) -> StageNeed:
        """What is needed where leads begin."""
        return self.stages[0]

    @property
    def answer(self) -> Note:
        """The answer in a sentence."""
        needed = self.first.per_week
        values = {"wins": self.wins, "won": self.won, "more": self.wins - self.won, "open": round(self.open)}
        if self.won >= self.wins:
            return Note("measures.target_reached", values)
        if not self.to_find:
            return Note("measures.target_enough", values)
        if needed is None:
            return Note("measures.target_too_late", values)
        return Note("measures.target_answer", {**values, "needed": paced(needed), "now": paced(self.first.now)})

    def rows(self) -> list[Row]:
        """A row a stage: what is needed a week, its range, in all, what comes now, and until when an entry is of use."""
        return [
            {
                "stage": stage.name,
                "per_week": stage.per_week,
                "low80": stage.low,
                "high80": stage.high,
                "sure": stage.sure,
                "in_all": stage.in_all,
                "now_per_week": stage.now,
                "last_useful_day": stage.last_useful_day,
                "median_days_to_win": days(stage.half_days),
                "entered": stage.entered,
                "won": stage.won,
            }
            for stage in self.stages
        ]

    def path_rows(self) -> list[Row]:
        """A row a day up to which wins are told: expected at the present pace, the middle 80 %, and what if."""
        what_if = {each.day: each.expected for each in self.what_if.path} if self.what_if else {}
        return [
            {
                "day": each.day,
                "expected": each.expected,
                "low80": each.low,
                "high80": each.high,
                "what_if": what_if.get(each.day),
            }
            for each in self.path
        ]

    def lever_rows(self) -> list[Row]:
        """A row a step: its rate, and the wins that a higher one adds; the one with most first."""
        ranked = sorted(self.levers, key=lambda lever: -(lever.by_points or 0.0))
        return [
            {
                "stage": lever.name,
                "rate": Share(lever.rate),
                "by_points": None if lever.by_points is None else Gain(lever.by_points),
                "by_odds": Gain(lever.by_odds),
            }
            for lever in ranked
        ]


def target(
    journeys: Journeys,
    question: Question,
    by: date,
    wins: int,
    since: date | None = None,
    sure: float = SURE,
    steps: Sequence[tuple[int, float]] = (),
    arrivals: float = 1.0,
    faster: Sequence[tuple[int, float]] = (),
    amount: float = 1.0,
    worth: Worth | None = None,
) -> WinTarget:
    """What is needed for so many `wins` from `since` (None: the first day of the quarter of `by`, tomorrow where that has not begun) to
    the end of the day `by`, and how likely that is.

    What-ifs are `steps`, the position of a stage and by how much more of those there go on to the next, a fraction; `arrivals`, how many
    times as many leads come as lately; `faster`, positions of stages and the share by which leads wait less there; `amount`, how many
    times as much a win is worth, of a target in money. `worth` is what the wins stand for, in money: that scatters more. Leads are
    counted, whatever the question's unit, rule, window and dates. QuestionError where the day or the number is none, or where the file
    cannot tell: a snapshot, a single stage, too few wins.
    """
    as_of = check_days(question, ()).date()
    check(question)
    since = first_day(by, as_of, question.calendar) if since is None else since
    _check_asked(as_of, by, wins, since, sure, arrivals)
    if not 0 < amount <= MOST_TIMES or (amount != 1 and worth is None):
        raise QuestionError("errors.target_amount", found=amount)
    counts = counted(journeys, question)
    history_days = _history(counts, as_of, by)
    from funnel.measures.wins_to_come import sooner, wins_to_come

    ends = _days_told(as_of, by, question.calendar)
    coming = wins_to_come(counts, ends, history_days)
    open_range = coming.range(coming.open) or (None, None)
    if worth is not None and coming.phi is not None:
        coming = replace(coming, phi=coming.phi + worth.spread)
    won = sum(count for day, count in counts.wins().items() if since <= day <= as_of)
    plan = Plan(coming, counts, as_of, ends, wins, won)
    shifts = plan.shifts(faster)
    what_if = None
    if steps or arrivals != 1 or amount != 1 or any(shifts):
        changed = sooner(counts, coming, ends, history_days, shifts) if any(shifts) else coming
        what_if = plan.what_if(steps, arrivals, changed, shifts[0], amount)
    by_account = [Note("measures.target_leads")] if question.unit is Unit.ACCOUNT else []
    notes = [*plan.limits(), *_seasons(coming, ends[-1]), *by_account]
    return WinTarget(
        question=question,
        as_of=as_of,
        since=since,
        by=by,
        wins=wins,
        won=won,
        open_leads=sum(sum(stage.values()) for stage in coming.open_leads),
        open=float(coming.open[0]),
        open_low=open_range[0],
        open_high=open_range[1],
        to_find=plan.to_find,
        to_come=plan.to_come,
        reach=coming.reach(wins - won, plan.means()),
        reach_needed=plan.reach_needed(),
        sure=sure,
        scatter=coming.phi,
        backtests=len(coming.backtests),
        stages=tuple(plan.stage(place, sure) for place in range(len(counts.positions))),
        levers=plan.levers(),
        improvements=plan.improvements(),
        path=plan.path(),
        what_if=what_if,
        notes=tuple(notes),
        worth=worth,
        sql=counts.sql,
    )


def usual_wins(journeys: Journeys, question: Question, since: date, by: date) -> int:
    """A target to begin with: the wins of the same days a year before; where the history does not go back so far, at the present pace of
    wins. One at least."""
    as_of = check_days(question, ()).date()
    counts = counted(journeys, question)
    wins = counts.wins()
    back = timedelta(days=YEAR)
    if min(wins) <= since - back:
        return max(1, sum(count for day, count in wins.items() if since - back <= day <= by - back))
    length = (by - since).days + 1
    span = max(1, min(YEAR // 4, (as_of - min(wins)).days))
    lately = sum(count for day, count in wins.items() if (as_of - day).days < span)
    return max(1, round(lately / span * length))


def paced(per_week: float) -> float:
    """A pace as people read it: whole, of fewer than ten with one decimal."""
    return round(per_week, 1) if per_week < FEWEST_WHOLE else float(round(per_week))


def next_quarter_end(as_of: date, calendar: Calendar) -> date:
    """The last day of the quarter that ends next after a day."""
    return Period.QUARTER.last_day(Period.QUARTER.first_day(as_of + timedelta(days=1), calendar), calendar)


def first_day(by: date, as_of: date, calendar: Calendar) -> date:
    """The first day of the quarter that a target day lies in, or the day after `as_of` where that comes first."""
    return min(Period.QUARTER.first_day(by, calendar), as_of + timedelta(days=1))


def counted(journeys: Journeys, question: Question) -> TargetCounts:
    """The counts that a target is planned and wins are forecast from; LackingError, in a sentence, where the file cannot tell."""
    if journeys.start_from_created:
        raise LackingError("errors.target_snapshot")
    check_starts(journeys)
    counts = TargetCounts(journeys, question)
    if not counts.positions or len(question.model.stages) < TWICE:
        raise LackingError("errors.target_stages", model=question.model.name)
    won, untimed = counts.untimed()
    if untimed > MOST_UNTIMED * won:
        raise LackingError("errors.target_untimed", won=won, untimed=untimed)
    after = counts.until.date() - timedelta(days=RECENT_DAYS)
    recent = sum(count for day, count in counts.wins().items() if day > after)
    if recent < FEWEST_FOR_A_RATE:
        raise LackingError("errors.target_few", won=recent, least=FEWEST_FOR_A_RATE)
    return counts


def _check_asked(as_of: date, by: date, wins: int, since: date, sure: float, arrivals: float) -> None:
    if by <= as_of:
        raise QuestionError("errors.target_past", by=by, as_of=as_of)
    if not 1 <= wins <= MOST_WINS:
        raise QuestionError("errors.target_wins", wins=wins, most=MOST_WINS)
    if since > as_of + timedelta(days=1):
        raise QuestionError("errors.target_since", since=since, as_of=as_of)
    if not 0 < sure < 1:
        raise QuestionError("errors.no_share", found=sure)
    if not 0 <= arrivals <= MOST_TIMES:
        raise QuestionError("errors.target_arrivals", found=arrivals)


def _history(counts: TargetCounts, as_of: date, by: date) -> int:
    """The days of the history; QuestionError where the target lies beyond twice as many."""
    first = counts.positions[0]
    history = max(ago for position, ago in counts.arrivals() if position == first)
    if (by - as_of).days > TWICE * history:
        raise QuestionError("errors.target_far", by=by, last=as_of + timedelta(days=TWICE * history), history=history)
    return int(history)


def _days_told(as_of: date, by: date, calendar: Calendar) -> list[int]:
    """The days, from today on, up to which wins are told: the end of each month and the target day; of a short time each week too."""
    ends, month = [], calendar.number(as_of)
    while (end := calendar.last(month)) < by:
        ends.append((end - as_of).days)
        month += 1
    last = (by - as_of).days
    told = {day for day in ends if day > 0} | {last}
    if len(told) <= FEWEST_TOLD:
        told |= set(range(WEEK, last, WEEK))
    return sorted(told)


def _seasons(coming: WinsToCome, ahead: int) -> list[Note]:
    """That in the same days a year before leads came at another pace."""
    then = coming.arrived(YEAR, YEAR - ahead) if ahead <= YEAR else None
    now = coming.pace[0]
    if then is None or not now or abs(then / now - 1) <= SEASON:
        return []
    return [Note("measures.target_season", {"then": WEEK * then, "now": WEEK * now})]
