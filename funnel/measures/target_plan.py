"""What stands behind a target, stage by stage and step by step: entries needed, what a higher rate adds, and wins by each day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, prod
from typing import TYPE_CHECKING

from funnel.core.errors import QuestionError
from funnel.core.types import Note, Period
from funnel.measures.statistics import goal_seek
from funnel.measures.statistics.incidence import HARDLY_ANY
from funnel.measures.target_counts import TargetCounts

if TYPE_CHECKING:
    from funnel.measures.statistics.resampling import Numbers
    from funnel.measures.wins_to_come import WinsToCome

EQUAL_POINTS, EQUAL_ODDS = 0.05, 1.25
WEEK, YEAR = 7, 365
UNLIKELY, LIKELY = 0.1, 0.9


@dataclass(frozen=True)
class StageNeed:
    """Entries at one stage that find the rest of the target, were all the rest to come from there.

    `per_week` is what is expected to be just enough (None: too few of them win in time for any number to be), `low` and `high` what is
    enough in 10 % and in 90 % of all cases, `sure` what is enough in as many as asked for; `in_all` by the target day. Beside it `now`,
    the entries a week lately, those of open leads among them. Of `entered` leads `won`, half of them within
    `half_days`: of those who enter after `last_useful_day` and win, more than half do so after the target day.
    """

    position: int
    key: str
    name: str
    entered: int
    won: int
    per_week: float | None
    low: float | None
    high: float | None
    sure: float | None
    in_all: float | None
    now: float
    half_days: int | None
    last_useful_day: date | None


@dataclass(frozen=True)
class Improvement:
    """A step whose rate rises by some points from today on: the wins that this adds by the target day, and in each month until then.
    `advanced` of `entered` leads went on so far; `rate` is what it comes to of those that are followed to the end."""

    position: int
    name: str
    entered: int
    advanced: int
    rate: float
    improved: float
    extra: float
    by_month: tuple[tuple[date, float], ...]


@dataclass(frozen=True)
class Lever:
    """What a step is worth: the wins added by EQUAL_POINTS more (None: there is no room for them), and by odds EQUAL_ODDS times as high."""

    position: int
    name: str
    entered: int
    advanced: int
    rate: float
    by_points: float | None
    by_odds: float


@dataclass(frozen=True)
class WinsBy:
    """Wins from the first day of the period to a day: expected, and the middle 80 % (None where the scatter is not known)."""

    day: date
    expected: float
    low: int | None
    high: int | None


@dataclass(frozen=True)
class WhatIf:
    """All that is asked at once: steps improved, so many times the arrivals, leads that win `sooner` by so many days from the first
    stage on, and wins worth `amount` times as much. `extra` wins by the target day, of all together; `per_week` first-stage entries
    that find the rest then; `path` as `WinTarget.path`."""

    improvements: tuple[Improvement, ...]
    arrivals: float
    sooner: int
    amount: float
    extra: float
    by_month: tuple[tuple[date, float], ...]
    expected: float
    reach: float | None
    per_week: float | None
    path: tuple[WinsBy, ...]


class Plan:
    """The wins to come against what is to be found. `ends` are the days from `as_of` on, up to which wins are told; the last is the
    target's."""

    def __init__(
        self, coming: WinsToCome, counts: TargetCounts, as_of: date, ends: Sequence[int], wins: int, won: int
    ) -> None:
        self._coming, self._stages = coming, counts.question.model.stages
        self._positions, self._calendar = counts.positions, counts.question.calendar
        self._rates = {rate.position: rate for rate in counts.steps()}
        self._as_of, self._ends, self._wins, self._won = as_of, tuple(ends), wins, won
        self._days = self._ends[-1]
        self.to_find = max(0.0, wins - won - float(coming.open[0]))
        self.to_come = float(coming.pace[0] * coming.first_sums[0, -1])

    def means(self) -> Numbers:
        """The wins to come by the target day at the present pace, by resample."""
        return self._by_days({}, 1.0)[:, -1]

    def reach_needed(self) -> float | None:
        """How likely the target is at the pace that the first stage needs; None where there is none, or the scatter is not known."""
        one = self._coming.sums[:, 0]
        needed = goal_seek.per_day(self.to_find, float(one[0]), self._days)
        return None if needed is None else self._chance(0, needed)

    def stage(self, place: int, sure: float) -> StageNeed:
        """What is needed at a stage."""
        position, known = self._positions[place], self._coming.incidences[place]
        one = float(self._coming.sums[0, place])
        needed = goal_seek.per_day(self.to_find, one, self._days)
        low, high, surely = (
            None if needed is None else self._sure_of(place, share) for share in (UNLIKELY, LIKELY, sure)
        )
        half = goal_seek.half_way(known.rates, known.until)
        stage = self._stages[position]
        return StageNeed(
            position=position,
            key=stage.key,
            name=stage.name,
            entered=known.entered,
            won=known.won,
            per_week=None if needed is None else WEEK * needed,
            low=low,
            high=high,
            sure=surely,
            in_all=None if needed is None else needed * self._days,
            now=WEEK * self._coming.pace[place],
            half_days=half,
            last_useful_day=None if half is None else self._as_of + timedelta(days=self._days - half),
        )

    def levers(self) -> tuple[Lever, ...]:
        """What each step is worth, of those that any lead went on from."""
        found = []
        for position, rate in self._rates.items():
            if not rate.rate:
                continue
            odds = EQUAL_ODDS * rate.rate / (1 - rate.rate + EQUAL_ODDS * rate.rate)
            points = self._extra(position, EQUAL_POINTS)[-1] if rate.rate + EQUAL_POINTS <= 1 else None
            name = self._stages[position].name
            by_odds = self._extra(position, odds - rate.rate)[-1]
            found.append(Lever(position, name, rate.entered, rate.advanced, rate.rate, points, by_odds))
        return tuple(found)

    def improvements(self) -> tuple[Improvement, ...]:
        """Each step by EQUAL_POINTS more, where there is room for them."""
        room = [rate.position for rate in self._rates.values() if 0 < rate.rate <= 1 - EQUAL_POINTS]
        return tuple(self._improvement(position, EQUAL_POINTS) for position in room)

    def path(self) -> tuple[WinsBy, ...]:
        """The wins of the period by each day at the present pace, from today on."""
        return self._path(self._by_days({}, 1.0))

    def shifts(self, faster: Sequence[tuple[int, float]]) -> list[int]:
        """By how many days leads win sooner from each stage on, if the waits at some stages are shorter by these shares: those of the
        median wait of leads that went on. QuestionError where none did."""
        shorter: dict[int, float] = {}
        for position, share in faster:
            rate, name = self._rates.get(position), self._stages[position].name
            if rate is None or rate.days is None:
                raise QuestionError("errors.target_no_step", stage=name)
            if not 0 <= share < 1:
                raise QuestionError("errors.target_faster", stage=name, found=share)
            shorter[position] = share * rate.days
        return [round(sum(days for at, days in shorter.items() if at >= position)) for position in self._positions]

    def what_if(
        self, steps: Sequence[tuple[int, float]], arrivals: float, sooner: WinsToCome, shift: int, amount: float
    ) -> WhatIf:
        """Steps improved by some points, several of one step together, so many times the arrivals, wins that come `sooner` by as many
        days as `shift` from the first stage on, and each of them worth so many times as much, at once."""
        points: dict[int, float] = {}
        for position, more in steps:
            points[position] = points.get(position, 0.0) + more
        improvements = tuple(self._improvement(position, more) for position, more in points.items())
        ratios = {
            position: goal_seek.improved(1.0, self._rates[position].rate, more) for position, more in points.items()
        }
        told, now = self._by_days(ratios, arrivals, sooner), self._by_days({}, 1.0)
        open_wins = float(self._open(ratios, sooner)[0, -1])
        one = float(sooner.first_sums[0, -1]) * prod(ratios.values())
        # Of larger wins fewer make up the same.
        wanted = (self._wins - self._won) / amount
        needed = goal_seek.per_day(max(0.0, wanted - open_wins), one, self._days)
        extra = [float(each) for each in told[0] - now[0]]
        return WhatIf(
            improvements=improvements,
            arrivals=arrivals,
            sooner=shift,
            amount=amount,
            extra=extra[-1],
            by_month=self._by_month(extra),
            expected=self._won + float(told[0, -1]),
            reach=self._coming.reach(ceil(wanted), told[:, -1]),
            per_week=None if needed is None else WEEK * needed,
            path=self._path(told),
        )

    def limits(self) -> list[Note]:
        """What a reader should know of these numbers: what cannot be told, and what cannot be reached."""
        coming, notes = self._coming, []
        if goal_seek.per_day(self.to_find, float(coming.sums[0, 0]), self._days) is None:
            best = self._won + float(coming.open[0]) + self.to_come
            notes.append(
                Note("measures.target_hopeless", {"stage": self._stages[self._positions[0]].name, "best": round(best)})
            )
        if coming.phi is None:
            notes.append(Note("measures.target_no_range", {"days": self._days}))
        if self._days > YEAR:
            notes.append(Note("measures.target_year", {"days": YEAR}))
        first = coming.incidences[0]
        if self._days > first.until and first.undecided > HARDLY_ANY:
            notes.append(Note("measures.target_followed", {"days": first.until}))
        return notes

    def _improvement(self, position: int, points: float) -> Improvement:
        rate = self._rates.get(position)
        name = self._stages[position].name
        if rate is None or not rate.rate:
            raise QuestionError("errors.target_no_step", stage=name)
        if not 0 <= rate.rate + points <= 1:
            raise QuestionError("errors.target_points", stage=name, rate=rate.rate, points=100 * points)
        extra = self._extra(position, points)
        return Improvement(
            position=position,
            name=name,
            entered=rate.entered,
            advanced=rate.advanced,
            rate=rate.rate,
            improved=rate.rate + points,
            extra=extra[-1],
            by_month=self._by_month(extra),
        )

    def _extra(self, position: int, points: float) -> list[float]:
        """The wins that a step alone adds by each day."""
        ratio = goal_seek.improved(1.0, self._rates[position].rate, points)
        return [float(each) for each in (self._by_days({position: ratio}, 1.0) - self._by_days({}, 1.0))[0]]

    def _by_days(self, ratios: Mapping[int, float], arrivals: float, sooner: WinsToCome | None = None) -> Numbers:
        """The wins to come by each day: a win that has still to pass a step becomes as many as the step's ratio says."""
        told = sooner or self._coming
        return self._open(ratios, told) + told.pace[0] * arrivals * prod(ratios.values()) * told.first_sums

    def _open(self, ratios: Mapping[int, float], told: WinsToCome) -> Numbers:
        still = [prod(ratio for step, ratio in ratios.items() if step >= position) for position in self._positions]
        by_stage = [told.open_by[:, place] * times for place, times in enumerate(still)]
        return sum(by_stage[1:], start=by_stage[0])

    def _chance(self, place: int, pace: float) -> float | None:
        return self._coming.reach(self._wins - self._won, self._coming.open + pace * self._coming.sums[:, place])

    def _sure_of(self, place: int, share: float) -> float | None:
        """How many a week are enough in so many cases."""
        if self._coming.phi is None:
            return None
        pace = goal_seek.to_be_sure(lambda each: self._chance(place, each) or 0.0, share)
        return None if pace is None else WEEK * pace

    def _path(self, means: Numbers) -> tuple[WinsBy, ...]:
        told = [WinsBy(self._as_of, float(self._won), self._won, self._won)]
        for place, day in enumerate(self._ends):
            low, high = self._coming.range(means[:, place]) or (None, None)
            told.append(
                WinsBy(
                    day=self._as_of + timedelta(days=day),
                    expected=self._won + float(means[0, place]),
                    low=None if low is None else self._won + low,
                    high=None if high is None else self._won + high,
                )
            )
        return tuple(told)

    def _by_month(self, by_day: Sequence[float]) -> tuple[tuple[date, float], ...]:
        """What is told by each day, as what each month adds; a month by its first day."""
        months: dict[date, float] = {}
        before = 0.0
        for day, so_far in zip(self._ends, by_day, strict=True):
            month = Period.MONTH.first_day(self._as_of + timedelta(days=day), self._calendar)
            months[month] = months.get(month, 0.0) + so_far - before
            before = so_far
        return tuple(months.items())
