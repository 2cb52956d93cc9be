"""The wins that are still to come by some days: of leads that are open now, and of leads that come at a steady pace from today on.

- **Open leads**: each wins by a day with the share of leads that stood like it before, at the same stage and in the same quarter of the
  times that leads had been there (Aalen–Johansen from past landmarks on, those of the last LANDMARK_DAYS, so no further ahead). A
  quarter is drawn towards its stage as by QUARTER_ROWS leads, a stage towards all stages as by STAGE_ROWS.
- **Leads to come**: with the incidence of winning after they enter a stage, of what leads of every age did in the last RECENT_DAYS.

Each estimate is given for the leads as they are (row 0) and for resamples of their accounts. How far what came lay from what would
have been said is that of the newest MOST_BACKTESTS earlier days: `scatter`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from funnel.core.types import FEWEST_AT_RISK
from funnel.measures.population.states import CONVERTED, WAITING
from funnel.measures.statistics.counts import at_least, quantile, scatter
from funnel.measures.statistics.resampling import Numbers, incidences, resamples
from funnel.measures.target_counts import QUARTERS, Counts, TargetCounts

QUARTER_ROWS, STAGE_ROWS = 30, 5
MOST_BACKTESTS = 12
LANDMARK_DAYS = 365
PACE_DAYS = 90
STEPS = ((365, 30), (182, 7), (0, 3))
"""How many days apart leads are looked at, by the days that the history has at least."""
ALL_LEADS = np.ones((1, 1))


@dataclass(frozen=True)
class Incidence:
    """What share of leads that enter a stage has won by each day, up to the last on which FEWEST_AT_RISK were watched; and what share is
    `undecided` then."""

    rates: tuple[float, ...]
    undecided: float
    entered: int
    won: int

    @property
    def until(self) -> int:
        """The last day; who wins later is not told."""
        return len(self.rates) - 1


@dataclass(frozen=True)
class WinsToCome:
    """Wins by each of some days after the end of the observation, in rising order, the last of which is the target's.

    `open_by[resample, stage, day]` are those of open leads, by the place of their stage among those where leads wait; of each such stage
    `open_leads` says how many stand there, by quarter (−1: since when is not known), `incidences` how those who enter it win,
    `sums[resample, stage]` what one entry a day brings by the last day, and `pace` how many entered it a day in the last PACE_DAYS.
    `first_sums[resample, day]` is what one lead a day brings by each day, `arrivals` how many leads came how many days ago. `phi` is
    None where too little is past to tell; `backtests` are the steps back, what was said, and what came.
    """

    open_leads: tuple[dict[int, int], ...]
    open_by: Numbers
    incidences: tuple[Incidence, ...]
    sums: Numbers
    first_sums: Numbers
    pace: tuple[float, ...]
    arrivals: dict[int, int]
    history_days: int
    phi: float | None
    backtests: tuple[tuple[int, float, int], ...]

    @property
    def open(self) -> Numbers:
        """Wins of all open leads by the last day, by resample."""
        return np.asarray(self.open_by[:, :, -1].sum(axis=1))

    def reach(self, least: int, means: Numbers) -> float | None:
        """How likely so many come, of the resamples of a mean; None where the scatter is not known."""
        return None if self.phi is None else at_least(least, means[1:], self.phi)

    def range(self, means: Numbers) -> tuple[int, int] | None:
        """The middle 80 % of what comes, of the resamples of a mean."""
        return None if self.phi is None else (quantile(0.1, means[1:], self.phi), quantile(0.9, means[1:], self.phi))

    def arrived(self, first: int, last: int) -> float | None:
        """How many leads a day came from so many days before the end on, up to so many; None where the history does not go back so far,
        or no day lies between."""
        if first > self.history_days or first <= last:
            return None
        return sum(leads for ago, leads in self.arrivals.items() if last <= ago < first) / (first - last)


def wins_to_come(counts: TargetCounts, days: Sequence[int], history_days: int) -> WinsToCome:
    """The wins to come by these days, told once for the same leads and days."""
    key = ("wins_to_come", counts.question, tuple(days), history_days)
    return counts.journeys.once(key, lambda: _Telling(counts, days, history_days).told())


def sooner(
    counts: TargetCounts, coming: WinsToCome, days: Sequence[int], history_days: int, shifts: Sequence[int]
) -> WinsToCome:
    """The same wins by the same days, if who stands at each stage won so many days sooner than leads have done so far: `shifts`, by the
    place of the stage, never more at a later one. With F(t) the share that has won after t days it is F(t + shift) then; what leads to
    come would have won before they came is left out."""
    first = shifts[0]
    asked = sorted({day + shift for day in days for shift in (0, *shifts)} | ({first} if first else set()))
    later = wins_to_come(counts, asked, history_days)
    at = {day: place for place, day in enumerate(asked)}
    open_by = [later.open_by[:, place, [at[day + shift] for day in days]] for place, shift in enumerate(shifts)]
    first_sums = later.first_sums[:, [at[day + first] for day in days]]
    if first:
        first_sums = first_sums - later.first_sums[:, [at[first]]]
    return replace(coming, open_by=np.stack(open_by, axis=1), first_sums=first_sums)


class _Telling:
    """What is counted of the past, and what is told from it."""

    def __init__(self, counts: TargetCounts, days: Sequence[int], history_days: int) -> None:
        self._counts, self._days, self._end, self._history = counts, np.array(days), days[-1], history_days
        self._step = next(step for least, step in STEPS if history_days >= least)
        self._recent = LANDMARK_DAYS // self._step
        self._drawn = resamples()
        self._tried = self._backs()
        most = min(history_days // self._step, max([0, *self._tried]) + self._recent)
        self._entries = counts.entries(self._step, self._tried)
        self._standing = counts.standing(self._step, most, self._recent)
        self._arrivals = counts.arrivals()

    def told(self) -> WinsToCome:
        """The wins to come."""
        counts = self._counts
        incidences = tuple(self._incidence(position) for position in counts.positions)
        sums, first_sums = self._sums(incidences)
        open_leads = self._open(0)
        rates = self._rates(0, self._drawn, self._days)
        none = np.zeros((len(self._drawn), len(self._days)))
        open_by = [
            sum((leads * rates[place][quarter] for quarter, leads in row.items()), start=none)
            for place, row in enumerate(open_leads)
        ]
        wins, until = counts.wins(), counts.until.date()
        backtests = tuple(
            (back, self._said(back), _within(wins, until - timedelta(days=back * self._step), self._end))
            for back in self._tried
        )
        return WinsToCome(
            open_leads=tuple(open_leads),
            open_by=np.stack(open_by, axis=1),
            incidences=incidences,
            sums=sums,
            first_sums=first_sums,
            pace=tuple(self._pace(position, 0) for position in counts.positions),
            arrivals={ago: leads for (at, ago), leads in self._arrivals.items() if at == counts.positions[0]},
            history_days=self._history,
            phi=scatter([said for _, said, _ in backtests], [came for _, _, came in backtests]),
            backtests=backtests,
        )

    def _backs(self) -> list[int]:
        """The earlier days, in steps, at which a forecast of as many days can be tried: as much lies before them as after."""
        first = -(-self._end // self._step)
        last = (self._history - max(self._end, PACE_DAYS)) // self._step
        return list(range(first, last + 1))[:MOST_BACKTESTS]

    def _pace(self, position: int, back: int) -> float:
        """Entries a day in the PACE_DAYS before, or in as many as there are."""
        passed = back * self._step
        span = max(1, min(PACE_DAYS, self._history - passed))
        came = sum(
            leads for (at, ago), leads in self._arrivals.items() if at == position and passed <= ago < passed + span
        )
        return came / span

    def _incidence(self, position: int) -> Incidence:
        some = self._entries.among((self._entries.back == 0) & (self._entries.position == position))
        one = replace(some, piece=np.zeros_like(some.piece))
        rates, undecided, until = _followed(one)
        won = int(some.leads[some.fate == CONVERTED].sum())
        return Incidence(tuple(map(float, rates[: until + 1])), float(undecided[until]), int(some.leads.sum()), won)

    def _sums(self, incidences: Sequence[Incidence]) -> tuple[Numbers, Numbers]:
        sums, first = [], None
        for position, known in zip(self._counts.positions, incidences, strict=True):
            some = self._entries.among((self._entries.back == 0) & (self._entries.position == position))
            running = self._running(some, known.until, self._drawn)
            sums.append(running[:, -1])
            first = running[:, self._days - 1] if first is None else first
        return np.stack(sums, axis=1), np.asarray(first)

    def _running(self, some: Counts, until: int, drawn: Numbers) -> Numbers:
        """What one entry a day wins by day 1, 2, … of those up to the end."""
        rates, *_ = _curve(some, min(until, self._end), drawn)
        days = np.minimum(np.arange(1, self._end + 1), rates.shape[1] - 1)
        return np.asarray(np.cumsum(rates[:, days], axis=1))

    def _open(self, back: int) -> list[dict[int, int]]:
        """How many leads stood open at each stage, by quarter."""
        then = self._standing.among(self._standing.back == back)
        return [
            {
                quarter: int(then.leads[(then.position == position) & (then.quarter == quarter)].sum())
                for quarter in range(-1, QUARTERS)
            }
            for position in self._counts.positions
        ]

    def _rates(self, back: int, drawn: Numbers, days: Numbers) -> list[dict[int, Numbers]]:
        """By stage and quarter (−1: of the stage), the share that wins by these days, as it was known `back` steps before the end."""
        past = self._standing
        past = past.among((past.back > back) & (past.back <= back + self._recent))
        known_days = (past.back - back) * self._step
        fate, day = np.where(past.day <= known_days, past.fate, WAITING), np.minimum(past.day, known_days)
        piece = past.piece if drawn.shape[1] > 1 else np.zeros_like(past.piece)
        past = replace(past, piece=piece, fate=fate, day=day)

        def told(some: Counts) -> tuple[Numbers, Numbers]:
            rates, *_ = _curve(some, self._end, drawn)
            leads = drawn @ np.bincount(some.piece, some.leads, drawn.shape[1])
            return rates[:, days], leads[:, None]

        base, _ = told(past)
        found = []
        for position in self._counts.positions:
            here = past.among(past.position == position)
            rates, leads = told(here)
            stage = (leads * rates + STAGE_ROWS * base) / (leads + STAGE_ROWS)
            by_quarter = {-1: stage}
            for quarter in range(QUARTERS):
                rates, leads = told(here.among(here.quarter == quarter))
                by_quarter[quarter] = (leads * rates + QUARTER_ROWS * stage) / (leads + QUARTER_ROWS)
            found.append(by_quarter)
        return found

    def _said(self, back: int) -> float:
        """The wins that would have been said so many steps before the end."""
        first = self._counts.positions[0]
        rates = self._rates(back, ALL_LEADS, np.array([self._end]))
        open_wins = sum(
            leads * float(rates[place][quarter][0, 0])
            for place, row in enumerate(self._open(back))
            for quarter, leads in row.items()
        )
        some = self._entries.among(self._entries.back == back)
        *_, until = _followed(some)
        return open_wins + self._pace(first, back) * float(self._running(some, until, ALL_LEADS)[0, -1])


def _followed(some: Counts) -> tuple[Numbers, Numbers, int]:
    """The share of these entries that had won, and that was undecided, by each day; and the last on which FEWEST_AT_RISK were watched."""
    rates, at_risk, undecided = _curve(some, int(some.day.max(initial=0)), ALL_LEADS)
    watched = np.flatnonzero(at_risk[0] >= FEWEST_AT_RISK)
    return rates[0], undecided[0], int(watched[-1]) if len(watched) else 0


def _curve(some: Counts, until: int, drawn: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    return incidences(some.piece, some.entry, some.fate, some.day, some.leads, until=until, drawn=drawn)


def _within(wins: dict[date, int], after: date, days: int) -> int:
    """The wins of so many days after one."""
    return sum(count for day, count in wins.items() if after < day <= after + timedelta(days=days))
