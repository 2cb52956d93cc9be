"""Pipeline velocity: how much is won a day if the open leads do as well, and as fast, as those decided lately; and Little's law."""

from __future__ import annotations

from dataclasses import dataclass

from funnel.core import rows
from funnel.core.rows import Row
from funnel.core.sql import Paragraph, Query, compose, days
from funnel.core.types import Note, Question, Rate
from funnel.core.types.spans import DAYS_A_MONTH
from funnel.journeys import Journeys
from funnel.measures.population.population import MICROSECONDS_A_DAY, in_question
from funnel.measures.statistics.rates import wilson
from funnel.measures.targets import check_days
from funnel.measures.time_in_stage import of_leads

WITHIN_DAYS = 180


@dataclass(frozen=True)
class Pace:
    """The velocity of the leads in one currency ("": none is known): open leads × win rate × value of a win / days to a win.

    `win_rate` is won of all decided in the window; `value` the mean amount of the wins that have one, `cycle_days` the mean days
    from start to win of the same wins.
    """

    currency: str
    open: int
    win_rate: Rate
    value: float | None
    valued: int
    cycle_days: float | None

    @property
    def wins_per_day(self) -> float | None:
        """Leads won each day; 0 without a win, None where nothing was decided, or wins take no time."""
        if self.win_rate.value is None:
            return None
        if not self.win_rate.numerator:
            return 0.0
        return self.open * self.win_rate.value / self.cycle_days if self.cycle_days else None

    @property
    def per_day(self) -> float | None:
        """The amount won each day; None where the wins have no amount, else as `wins_per_day`."""
        wins = self.wins_per_day
        if wins is None or wins == 0:
            return wins
        return None if self.value is None else wins * self.value

    @property
    def per_month(self) -> float | None:
        """The amount won in 30.4375 days."""
        return None if self.per_day is None else self.per_day * DAYS_A_MONTH


@dataclass(frozen=True)
class Velocity:
    """Pipeline velocity by currency, most open leads first, from leads decided in the last `within_days` days. `missing` says why there
    is none, though leads were decided: where no lead is ever lost, being won says nothing of the open ones.

    Beside it Little's law (1961): leads that arrive each day × mean days that those decided were open, against `open`.
    """

    question: Question
    within_days: int
    paces: tuple[Pace, ...]
    arrivals_per_day: float | None
    mean_days: float | None
    decided: int
    missing: Note | None
    sql: str

    @property
    def open(self) -> int:
        """Open leads of all currencies."""
        return sum(pace.open for pace in self.paces)

    @property
    def expected_open(self) -> float | None:
        """How many leads would be open if things went on like this; None where it cannot be said."""
        if self.arrivals_per_day is None or self.mean_days is None:
            return None
        return self.arrivals_per_day * self.mean_days

    def rows(self) -> list[Row]:
        """A row a currency: the parts of the velocity, a day and a month."""
        return [
            {
                "currency": pace.currency or None,
                "open": pace.open,
                "decided": pace.win_rate.denominator,
                "won": pace.win_rate.numerator,
                "win_rate": pace.win_rate,
                "win_rate_of_closed": pace.win_rate,
                "mean_amount": pace.value,
                "cycle_days": rows.days(pace.cycle_days),
                "mean_days_to_win": rows.days(pace.cycle_days),
                "per_day": pace.per_day,
                "per_month": pace.per_month,
            }
            for pace in self.paces
        ]


def velocity(journeys: Journeys, question: Question, within_days: int = WITHIN_DAYS) -> Velocity:
    """Open leads × win rate × value of a win / days to a win, each currency by itself, of the leads that the question counts.

    The window is the last `within_days` days up to `observed_until`: a lead is decided in it that was won or lost in it. Leads arrive
    over as much of it as lies after the first start. Where no lead was ever lost there is no win rate, and so no velocity: `missing`
    says so. QuestionError where the file has no date up to which it observes.
    """
    moment = check_days(question, (within_days,))
    worth = journeys.starts.worth(question.attributes)
    recent = f"""SELECT COALESCE(counted.currency, '') AS currency, counted.{worth} AS amount, counted.outcome AS outcome,
    counted.started_at AS started_at,
    counted.outcome = 'open' OR COALESCE(counted.ended_at > CAST(? AS TIMESTAMP), FALSE) AS is_open,
    COALESCE(counted.outcome <> 'open' AND counted.ended_at <= CAST(? AS TIMESTAMP)
        AND counted.ended_at > CAST(? AS TIMESTAMP) - {days(within_days)}, FALSE) AS is_decided,
    GREATEST(0, EPOCH_US(counted.ended_at) - EPOCH_US(counted.started_at)) AS microseconds,
    COALESCE(counted.started_at > CAST(? AS TIMESTAMP) - {days(within_days)}, FALSE) AS is_new,
    EPOCH_US(CAST(? AS TIMESTAMP)) - EPOCH_US(counted.started_at) AS age
FROM counted
WHERE COALESCE(counted.started_at <= CAST(? AS TIMESTAMP), TRUE)"""
    paragraphs = [
        *in_question(journeys, of_leads(question), (worth, "currency")),
        Paragraph("recent", Query(recent, (moment,) * 6)),
    ]
    by_currency = compose(paragraphs, Query(_BY_CURRENCY))
    row = journeys.engine.named(compose(paragraphs, Query(_FLOW)))[0]
    missing = None if row["lost_ever"] or not row["won_ever"] else Note("measures.velocity_no_losses")
    oldest = None if row["oldest"] is None else min(float(within_days), row["oldest"] / MICROSECONDS_A_DAY)
    return Velocity(
        question=question,
        within_days=within_days,
        paces=tuple(
            Pace(currency, open_now, _win_rate(won, decided, missing), value, valued, _days(cycle))
            for currency, open_now, decided, won, value, valued, cycle in journeys.engine.rows(by_currency)
        ),
        arrivals_per_day=row["arrived"] / oldest if oldest else None,
        mean_days=_days(row["mean_time"]),
        decided=row["decided"],
        missing=missing,
        sql=by_currency.readable(),
    )


def _win_rate(won: int, decided: int, missing: Note | None) -> Rate:
    return wilson(won, decided) if missing is None else Rate(won, decided, None, None, None)


def _days(microseconds: float | None) -> float | None:
    return None if microseconds is None else float(microseconds) / MICROSECONDS_A_DAY


_BY_CURRENCY = """SELECT recent.currency AS currency, COUNT(*) FILTER (WHERE recent.is_open) AS open,
    COUNT(*) FILTER (WHERE recent.is_decided) AS decided,
    COUNT(*) FILTER (WHERE recent.is_decided AND recent.outcome = 'won') AS won,
    AVG(recent.amount) FILTER (WHERE recent.is_decided AND recent.outcome = 'won') AS value,
    COUNT(recent.amount) FILTER (WHERE recent.is_decided AND recent.outcome = 'won') AS valued,
    AVG(recent.microseconds) FILTER (WHERE recent.is_decided AND recent.outcome = 'won') AS cycle
FROM recent
GROUP BY recent.currency
HAVING open > 0 OR decided > 0
ORDER BY open DESC, currency"""
_FLOW = """SELECT COUNT(*) FILTER (WHERE recent.is_new) AS arrived, MAX(recent.age) AS oldest,
    COUNT(*) FILTER (WHERE recent.is_decided) AS decided,
    COUNT(*) FILTER (WHERE recent.outcome = 'won') AS won_ever, COUNT(*) FILTER (WHERE recent.outcome = 'lost') AS lost_ever,
    AVG(recent.microseconds) FILTER (WHERE recent.is_decided) AS mean_time
FROM recent"""
