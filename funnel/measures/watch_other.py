"""The rules of a watch that are no steps: wins against their forecast, stalled leads, the value that is open, the data, a target.

Each says whether it rings, in a sentence with its counts, or why it cannot be judged. `plain` is the sentence without amounts: what may
leave the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from funnel.core.errors import LackingError, QuestionError
from funnel.core.rows import Word
from funnel.core.sql import Query, compose, marks
from funnel.core.types import Note, Period, Question
from funnel.core.types.watch import DataRule, OpenValueRule, Rule, StalledRule, StepRule, TargetRule, WinsRule
from funnel.journeys import Journeys
from funnel.measures.aging import aged, aging
from funnel.measures.forecast import forecast
from funnel.measures.forecast_months import Backtest
from funnel.measures.kpis import kpis
from funnel.measures.population.population import MICROSECONDS_A_DAY
from funnel.measures.target import target
from funnel.measures.targets import observed_up_to
from funnel.measures.time_in_stage import Waits
from funnel.measures.watch_steps import unknown_labels

BELOW_RANGE = 0.025
"""How likely a count lies below its 95 % range by chance."""
LOOKS = {Period.WEEK: 52, Period.MONTH: 12}
RECENT_DAYS = 91
MOST_NAMED = 8
Amounts = Sequence[tuple[str, float, int]]


@dataclass(frozen=True)
class Judged:
    """One rule: whether it rings (None: it cannot be judged), the sentence that says so, and what was looked at, `at`: a later look is at
    something else. `plain`: the sentence without amounts, where it has any. `years`: chance alone does as much once in so many."""

    rule: Rule
    rings: bool | None
    said: Note
    at: str = ""
    plain: Note | None = None
    years: float | None = None
    sql: str = ""

    @property
    def name(self) -> Word:
        """What the rule is called."""
        step = self.rule.step if isinstance(self.rule, StepRule) else ""
        return Word(self.rule.key, f"measures.watch_rule_{self.rule.kind}", step=step)


@dataclass(frozen=True)
class Looked:
    """What a rule is judged by: the journeys, the question of whatever dates, and the day of the look (None: it does not matter)."""

    journeys: Journeys
    question: Question
    today: date | None

    @property
    def at(self) -> str:
        """The day up to which the file observes."""
        return observed_up_to(self.question).date().isoformat()


def judged(rule: Rule, looked: Looked) -> Judged:
    """The verdict on a rule that is no step."""
    try:
        return _JUDGES[type(rule)](rule, looked)
    except QuestionError as error:
        return Judged(rule, None, Note(error.key, error.values))


def backtests(journeys: Journeys, question: Question) -> tuple[Period, tuple[Backtest, ...], str]:
    """The months (or weeks) that are over as they were forecast before they began, the newest first, how long they are, and the SQL.
    LackingError where there are none."""
    told = forecast(journeys, question)
    if not told.months:
        why = told.missing[0]
        raise LackingError(why.key, **why.values)
    ahead = told.whole_ahead
    return told.unit, tuple(each for each in told.backtests if each.ahead == ahead), told.sql


def _wins(rule: WinsRule, looked: Looked) -> Judged:
    unit, told, sql = backtests(looked.journeys, looked.question)
    if not told or told[0].range is None:
        return Judged(rule, None, Note("measures.watch_wins_unknown"))
    last, known = told[0], told[0].range
    years = 1 / (BELOW_RANGE * LOOKS[unit])
    rings = last.was < known.low95
    key = f"measures.watch_wins_{'rings' if rings else 'calm'}_{unit}"
    values = {"first": last.month, "was": last.was, "low": known.low95, "high": known.high95, "years": years}
    return Judged(rule, rings, Note(key, values), last.month.isoformat(), years=years, sql=sql)


def _stalled(rule: StalledRule, looked: Looked) -> Judged:
    found = aging(looked.journeys, looked.question)
    if not found.judged:
        return Judged(rule, None, Note("measures.watch_stalled_unknown"))
    by_currency, fresh, sql = _long_stalled(looked, rule.days)
    counts = {"leads": found.long_stalled, "open": found.judged}
    if rule.value_above is not None:
        chosen, value, priced = _of_currency(by_currency, rule.currency)
        values = {
            **counts,
            "value": value,
            "limit": rule.value_above,
            "currency": f"{chosen} " if chosen else "",
            "priced": priced,
        }
        rings = value > rule.value_above
        plain = Note("measures.watch_stalled_value_plain", counts) if rings else None
        return Judged(
            rule, rings, Note(f"measures.watch_stalled_value_{_state(rings)}", values), looked.at, plain, sql=sql
        )
    if rule.above is not None:
        rings = found.long_stalled > rule.above
        key = f"measures.watch_stalled_{_state(rings)}"
        return Judged(rule, rings, Note(key, {**counts, "limit": rule.above}), looked.at, sql=sql)
    values = {**counts, "fresh": fresh, "days": rule.days}
    return Judged(rule, fresh > 0, Note(f"measures.watch_stalled_new_{_state(fresh > 0)}", values), looked.at, sql=sql)


def _long_stalled(looked: Looked, days: int) -> tuple[Amounts, int, str]:
    """What the leads are worth, by currency, that have stayed longer than nine tenths of those that moved on, how many came to do so in the
    last days, and the SQL."""
    text = f"""SELECT COALESCE(leads.currency, '') AS currency, COALESCE(SUM(leads.amount), 0) AS amount, COUNT(leads.amount) AS priced,
    COUNT(*) FILTER (WHERE aged.microseconds - aged.long_limit <= {int(days) * MICROSECONDS_A_DAY}) AS fresh
FROM aged
INNER JOIN leads ON leads.lead_id = aged.lead_id
WHERE aged.microseconds > aged.long_limit
GROUP BY COALESCE(leads.currency, '')
ORDER BY priced DESC, currency"""
    waits = Waits(looked.journeys, looked.question)
    query = compose([*waits.watched(), *aged(looked.journeys)], Query(text))
    rows = looked.journeys.engine.rows(query)
    amounts = tuple((currency, float(amount), int(priced)) for currency, amount, priced, _ in rows if priced)
    return amounts, sum(int(fresh) for *_, fresh in rows), query.readable()


def _open_value(rule: OpenValueRule, looked: Looked) -> Judged:
    found = kpis(looked.journeys, looked.question)
    chosen, value, priced = _of_currency(found.open_value, rule.currency)
    rings = value < rule.below
    values = {
        "value": value,
        "limit": rule.below,
        "currency": f"{chosen} " if chosen else "",
        "priced": priced,
        "open": found.open,
    }
    plain = Note("measures.watch_open_value_plain", {"open": found.open}) if rings else None
    return Judged(
        rule, rings, Note(f"measures.watch_open_value_{_state(rings)}", values), looked.at, plain, sql=found.sql
    )


def _of_currency(amounts: Amounts, asked: str) -> tuple[str, float, int]:
    """The currency that is meant, what is worth how much in it, and how many leads say so; LackingError where several could be meant."""
    if asked:
        return next((each for each in amounts if each[0].casefold() == asked.casefold()), (asked, 0.0, 0))
    if len(amounts) > 1:
        raise LackingError("errors.watch_currencies", currencies=[currency or "–" for currency, *_ in amounts])
    return amounts[0] if amounts else ("", 0.0, 0)


def _data(rule: DataRule, looked: Looked) -> Judged:
    """The gravest of what is wrong: no fresh data, labels that mean nothing, lines that could not be read."""
    until = observed_up_to(looked.question)
    newest, sql = _newest(looked)
    strays = _strays(looked) if rule.unknown_labels else ()
    rejected = int(looked.journeys.engine.row(Query("SELECT COUNT(*) AS cells FROM rejects"))[0])
    at = f"{looked.at} {rejected} {len(strays)}"
    if newest is not None and looked.today is not None:
        age = (looked.today - newest).days
        if age > rule.max_age_days:
            values = {"newest": newest, "age": age, "most": rule.max_age_days}
            return Judged(
                rule, True, Note("measures.watch_data_old", values), f"{at} {looked.today.isoformat()}", sql=sql
            )
    if strays:
        named = sum(leads for _, leads in strays)
        values = {"labels": [label for label, _ in strays[:MOST_NAMED]], "n": len(strays), "leads": named}
        return Judged(rule, True, Note("measures.watch_data_labels", {**values, "days": RECENT_DAYS}), at, sql=sql)
    if rule.rejected_above is not None and rejected > rule.rejected_above:
        values = {"rejected": rejected, "most": rule.rejected_above}
        return Judged(rule, True, Note("measures.watch_data_rejected", values), at, sql=sql)
    told = Note("measures.watch_data_calm", {"newest": newest or until.date(), "rejected": rejected})
    return Judged(rule, False, told, at, sql=sql)


def _newest(looked: Looked) -> tuple[date | None, str]:
    query = Query(
        "SELECT MAX(history.entered_at) AS newest\nFROM history\nWHERE history.entered_at <= ?",
        (observed_up_to(looked.question),),
    )
    newest = looked.journeys.engine.row(query)[0]
    return None if newest is None else newest.date(), query.readable()


def _strays(looked: Looked) -> tuple[tuple[str, int], ...]:
    """The labels that mean nothing and that leads came to lately, and how many did."""
    labels = unknown_labels(looked.journeys, looked.question)
    if not labels:
        return ()
    until = observed_up_to(looked.question)
    text = f"""SELECT history.label AS label, COUNT(DISTINCT history.lead_id) AS leads
FROM history
WHERE history.label IN ({marks(labels)}) AND history.entered_at > ? AND history.entered_at <= ?
GROUP BY history.label
ORDER BY leads DESC, history.label"""
    rows = looked.journeys.engine.rows(Query(text, (*labels, until - timedelta(days=RECENT_DAYS), until)))
    return tuple((label, int(leads)) for label, leads in rows)


def _target(rule: TargetRule, looked: Looked) -> Judged:
    # From one look to the next it is the same target.
    since = rule.since or Period.QUARTER.first_day(rule.by, looked.question.calendar)
    found = target(looked.journeys, looked.question, rule.by, rule.wins, since)
    if found.reach is None:
        return Judged(rule, None, Note("measures.watch_target_unknown"))
    rings = found.reach < rule.under
    values = {
        "wins": rule.wins,
        "since": found.since,
        "by": rule.by,
        "won": found.won,
        "reach": found.reach,
        "under": rule.under,
    }
    return Judged(rule, rings, Note(f"measures.watch_target_{_state(rings)}", values), looked.at, sql=found.sql)


def _state(rings: bool) -> str:
    return "rings" if rings else "calm"


_JUDGES: dict[type, Callable[..., Judged]] = {
    WinsRule: _wins,
    StalledRule: _stalled,
    OpenValueRule: _open_value,
    DataRule: _data,
    TargetRule: _target,
}
