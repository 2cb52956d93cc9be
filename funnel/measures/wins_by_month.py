"""Wins expected in each coming month, of leads open on a landmark and of leads that come after it, from what was known on it alone.

- **Open leads**: P(win in exactly that month | stage, quarter of the time at the stage) is the share of those that stood alike on the
  newest LANDMARKS landmarks from which that month had come to its end; (wins + 5 · base) ÷ (leads + 5) of a stage, where `base` is the
  share of all, and a quarter drawn towards its stage as by 30 leads. The quarters are those of the times on the newest landmarks before.
- **Leads to come**: as many a month as in the mean of the last ARRIVAL_MONTHS × the share that wins so many months after the one they
  come in, of the newest COHORTS months that are over by then; those that come in the rest of a month by what such leads did.

So it is a plain share of whole months, and needs no censoring; `wins_to_come` tells another thing, wins by a day however far ahead.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from funnel.measures.forecast_calendar import Calendar
from funnel.measures.forecast_counts import NEVER, Came, Standing
from funnel.measures.statistics.resampling import Numbers, Whole
from funnel.measures.target_counts import QUARTERS
from funnel.measures.wins_to_come import QUARTER_ROWS, STAGE_ROWS

LANDMARKS, COHORTS, ARRIVAL_MONTHS = 12, 12, 6
UNKNOWN = QUARTERS
"""The place of those in a table of quarters of whom it is not known since when they are at the stage."""


class WinsByMonth:
    """What is told from any landmark, each for itself: nothing that came after it has a part in it."""

    def __init__(self, calendar: Calendar, places: int, standing: Standing, came: Came) -> None:
        self._calendar, self._places, self._standing, self._came = calendar, places, standing, came
        # Rows are sorted by landmark: those of some are a slice.
        self._starts = np.searchsorted(standing.back, np.arange(calendar.before + 2))

    def chances(self, back: int, ahead: int) -> Numbers:
        """[stage, quarter], the last quarter UNKNOWN: the share that wins in the month so far ahead of the landmark so many `back`."""
        first = back + max(1, self._calendar.lag(ahead))
        some = self._rows(first, min(first + LANDMARKS, self._calendar.before + 1))
        cells = self._cells(back, some)
        size = self._places * (QUARTERS + 1)
        leads = np.bincount(cells, self._standing.leads[some], size).reshape(self._places, -1)
        is_won = self._standing.ahead[some] == ahead
        won = np.bincount(cells[is_won], self._standing.leads[some][is_won], size).reshape(self._places, -1)
        base = won.sum() / max(1.0, leads.sum())
        stage = (won.sum(axis=1) + STAGE_ROWS * base) / (leads.sum(axis=1) + STAGE_ROWS)
        alike = (won + QUARTER_ROWS * stage[:, None]) / (leads + QUARTER_ROWS)
        alike[:, UNKNOWN] = stage
        return np.asarray(alike)

    def open_leads(self, back: int) -> Numbers:
        """[stage, quarter]: how many stood open on a landmark."""
        some = self._rows(back, back + 1)
        counts = np.bincount(self._cells(back, some), self._standing.leads[some], self._places * (QUARTERS + 1))
        return np.asarray(counts.reshape(self._places, -1))

    def quarters(self, back: int, places: Whole, ages: Whole) -> Whole:
        """In which quarter of the times at its stage each of some leads is, on a landmark."""
        cuts = self._cuts(back)
        found = np.asarray((ages[:, None] > cuts[places]).sum(axis=1))
        return np.where(ages == NEVER, UNKNOWN, found)

    def from_open(self, back: int, ahead: int) -> float:
        """Wins of leads that were open on the landmark."""
        return float((self.open_leads(back) * self.chances(back, ahead)).sum())

    def from_new(self, back: int, ahead: int) -> float:
        """Wins of leads that came after the landmark."""
        month = self._calendar.number(self._calendar.landmarks[back])
        arrivals, late_arrivals = self._arrivals(back)
        rest = self._calendar.rest
        told = sum(arrivals * self._share(month - rest, later, whole=True) for later in range(ahead))
        return told + (late_arrivals * self._share(month - rest, ahead, whole=False) if rest else 0.0)

    def _rows(self, first: int, end: int) -> slice:
        """The rows of the landmarks from one up to before another."""
        last = self._calendar.before + 1
        return slice(int(self._starts[min(first, last)]), int(self._starts[min(end, last)]))

    def _cells(self, back: int, some: slice) -> Whole:
        places = self._standing.place[some]
        return np.asarray(places * (QUARTERS + 1) + self.quarters(back, places, self._standing.age[some]))

    @cached_property
    def _kept_cuts(self) -> dict[int, Numbers]:
        return {}

    def _cuts(self, back: int) -> Numbers:
        """[stage, cut]: the days at a stage up to which a quarter, half and three quarters were there, on the landmarks before."""
        if back not in self._kept_cuts:
            some = self._rows(back + 1, back + 1 + LANDMARKS)
            place, age, leads = (
                each[some] for each in (self._standing.place, self._standing.age, self._standing.leads)
            )
            cuts = np.zeros((self._places, QUARTERS - 1))
            for stage in range(self._places):
                here = (place == stage) & (age != NEVER)
                if here.any():
                    order = np.argsort(age[here], kind="stable")
                    so_far = np.cumsum(leads[here][order])
                    parts = so_far[-1] * np.arange(1, QUARTERS) / QUARTERS
                    cuts[stage] = age[here][order][np.searchsorted(so_far, parts)]
            self._kept_cuts[back] = cuts
        return self._kept_cuts[back]

    def _arrivals(self, back: int) -> tuple[float, float]:
        """Leads a month in the mean of the last ARRIVAL_MONTHS up to a landmark, and those of the months after their landmarks."""
        calendar = self._calendar
        months = min(ARRIVAL_MONTHS, calendar.before - back)
        month = calendar.number(calendar.landmarks[back])
        since = self._came.month - month
        lately = (since <= 0) & (since > -months) & (self._came.late == 0)
        late = (since < 0) & (since >= -months) & (self._came.late == 1)
        some, rest = (float(self._came.leads[which].sum()) for which in (lately, late))
        return (some + rest) / months, rest / months

    def _share(self, last: int, later: int, *, whole: bool) -> float:
        """Of the leads of the newest COHORTS months of which what was won so many months later was known at the end of the month `last`,
        the share that was; of `whole` months, or of those that came after their landmarks."""
        newest = last - later
        cohorts = (self._came.month <= newest) & (self._came.month > newest - COHORTS)
        if not whole:
            cohorts = cohorts & (self._came.late == 1)
        leads = self._came.leads[cohorts].sum()
        won = self._came.leads[cohorts & (self._came.later == later)].sum()
        return float(won / leads) if leads else 0.0
