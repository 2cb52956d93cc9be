"""Wins of coming months, in plain Python, a lead and a landmark at a time: obviously right, and slow.

Leads are those of `target_oracle`. A period is a calendar month or a week from Monday, numbered in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from math import ceil, floor

from tests.oracles.target_oracle import DAY, WON, Lead, end_of, entered, standing


class Plain:
    """Leads looked at by months, or by weeks, up to a moment."""

    def __init__(
        self, leads: Sequence[Lead], stages: int, until: datetime, landmarks: int, *, weekly: bool = False
    ) -> None:
        self.leads, self.stages, self.until, self.weekly = leads, stages, until, weekly
        self.days = [self._back(back) for back in range(landmarks + 1)]
        self.moments = [until, *(datetime.combine(day, time.max) for day in self.days[1:])]
        self.inside = self.period(until.date()) == self.period(until.date() + DAY)

    def period(self, day: date) -> int:
        """Periods in order."""
        return (day - date(2001, 1, 1)).days // 7 if self.weekly else 12 * day.year + day.month

    def won(self, lead: Lead) -> date | None:
        fate, moment = end_of(lead)
        return moment.date() if fate == WON and moment is not None and moment <= self.until else None

    def open_wins(self, back: int, ahead: int) -> float:
        """Of those open on a landmark."""
        first = back + max(1, ahead + self.inside)
        training = range(first, min(first + 12, len(self.days)))
        cuts = self._cuts(back)
        rows = []
        for landmark in training:
            for lead in self.leads:
                at = self._cell(lead, self.moments[landmark], cuts)
                if at is not None:
                    on = self.won(lead)
                    rows.append((at, on is not None and self.period(on) - self.period(self.days[landmark]) == ahead))

        def rate(among: list[bool], towards: float, weight: int) -> float:
            return (sum(among) + weight * towards) / (len(among) + weight)

        base = sum(is_won for _, is_won in rows) / max(1, len(rows))
        total = 0.0
        for lead in self.leads:
            at = self._cell(lead, self.moments[back], cuts)
            if at is not None:
                stage = rate([is_won for cell, is_won in rows if cell[0] == at[0]], base, 5)
                total += rate([is_won for cell, is_won in rows if cell == at], stage, 30)
        return total

    def new_wins(self, back: int, ahead: int) -> float:
        """Of those that come after a landmark."""
        came = [(lead, entered(lead, 0, self.stages)) for lead in self.leads]
        starts = [(lead, moment.date()) for lead, moment in came if moment is not None and moment <= self.until]
        spans = min(6, len(self.days) - 1 - back)
        first, last = self.days[back + spans], self.days[back]
        arrivals = sum(first < day <= last for _, day in starts) / spans
        here = self.period(self.days[back])
        over = here - self.inside

        def share(later: int, late: bool) -> float:
            some = [
                (lead, day)
                for lead, day in starts
                if over - later - 12 < self.period(day) <= over - later and (not late or self._late(day))
            ]
            on = [self.won(lead) for lead, _ in some]
            won = sum(
                each is not None and self.period(each) - self.period(day) == later
                for each, (_, day) in zip(on, some, strict=True)
            )
            return won / len(some) if some else 0.0

        total = sum(arrivals * share(later, False) for later in range(ahead))
        if self.inside:
            rests = [day for _, day in starts if self._late(day) and here - spans <= self.period(day) < here]
            total += len(rests) / spans * share(ahead, True)
        return total

    def _late(self, day: date) -> bool:
        """Whether it lies deeper in its period than today does in its own."""
        today = self.until.date()
        return self.inside and (day.weekday() > today.weekday() if self.weekly else day.day > today.day)

    def _back(self, back: int) -> date:
        today = self.until.date()
        if self.weekly:
            return today - timedelta(days=7 * back)
        year, month = divmod(12 * today.year + today.month - 1 - back, 12)
        last = date(year + (month == 11), (month + 1) % 12 + 1, 1) - DAY
        return last if (today + DAY).day == 1 else last.replace(day=min(today.day, last.day))

    def _cuts(self, back: int) -> dict[int, list[int]]:
        found = {}
        for stage in range(self.stages):
            ages = []
            for moment in self.moments[back + 1 : back + 13]:
                seen = [standing(lead, moment) for lead in self.leads]
                ages += [floor(each[1] / DAY) for each in seen if each is not None and each[0] == stage]
            ages.sort()
            found[stage] = [ages[ceil(len(ages) * quarter / 4) - 1] for quarter in (1, 2, 3)] if ages else [0, 0, 0]
        return found

    def _cell(self, lead: Lead, moment: datetime, cuts: dict[int, list[int]]) -> tuple[int, int] | None:
        found = standing(lead, moment)
        return None if found is None else (found[0], sum(floor(found[1] / DAY) > cut for cut in cuts[found[0]]))
