"""Whether a score has earned to be shown: learnt at past moments, held against what came after, and against the rate of the stage alone.

The landmarks later than a quarter of the history are split into folds in their order. Each fold is predicted by what was learnt from
landmarks whose wins were all known when it began. Both are told apart by losses of the same rows: skill = 1 − loss ÷ loss of the rate of
the stage, its interval by resampling leads, since the rows of one lead repeat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import starmap

import numpy as np
from numpy.typing import NDArray

from funnel.core.types import Note
from funnel.measures.lead_score_model import learn, stage_and_time_rates
from funnel.measures.lead_score_panel import NOW, Panel
from funnel.measures.statistics.calibration import (
    area_under_curve,
    brier_losses,
    calibration_slope,
    log_losses,
    share_of_best,
)
from funnel.measures.statistics.rates import score_interval

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

FOLDS, FIRST_PART = 4, 0.25
RESAMPLES, SEED = 400, 20
FEWEST_WINNERS, ENOUGH_WINNERS = 50, 300
CLOSE = (0.8, 1.25)
BEST = 0.2
DECILES = 10
LEAK_SKILL, LEAK_CURVE = 0.15, 0.97
LEAK_RIDGE = 10.0
"""So little is held back where a leak is looked for: a ridge of few rows would hide it."""


@dataclass(frozen=True)
class Skill:
    """How much smaller a loss is than that of the stage's rate, a fraction, and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Decile:
    """Of a tenth of the tested rows, by what was said: `rows` of `leads`, the mean said, how many won (`wins`) and their share, and its
    95 % interval, by Wilson with as many leads, since the rows of one lead are no further witnesses."""

    rows: int
    wins: int
    leads: int
    said: float
    was: float
    low: float
    high: float


@dataclass(frozen=True)
class ScoreTest:
    """A score held against what came: `rows` of `leads`, of which `wins` leads won in time.

    `skill` is of the log loss, `brier_skill` of the squared error, `time_skill` the log loss of stage and time at it alone. `brier` and
    `brier_stage` are the errors themselves; `expected` and `observed` count rows. `best` and `best_stage`: which share of the wins the
    best fifth of the open leads held, by score and by the rate of the stage. None where it is not defined.
    """

    rows: int
    leads: int
    wins: int
    skill: Skill
    brier_skill: Skill
    time_skill: float
    brier: float
    brier_stage: float
    slope: float | None
    curve: float | None
    curve_stage: float | None
    expected: float
    observed: int
    best: float | None
    best_stage: float | None
    deciles: tuple[Decile, ...]

    @property
    def why_hidden(self) -> Note | None:
        """Why the score is not shown; None where it may be."""
        ratio = self.expected / self.observed if self.observed else None
        counts = {"wins": self.wins, "leads": self.leads}
        if self.wins < FEWEST_WINNERS:
            return Note("measures.chance_few_wins", {**counts, "least": FEWEST_WINNERS})
        if self.skill.low <= 0 or self.brier_skill.value <= 0:
            few = self.wins < ENOUGH_WINNERS
            skill = {"skill": self.skill.value, "low": self.skill.low, "high": self.skill.high}
            return Note("measures.chance_untold" if few else "measures.chance_no_better", {**counts, **skill})
        if ratio is None or not CLOSE[0] <= ratio <= CLOSE[1]:
            return Note("measures.chance_off", {"expected": round(self.expected), "observed": self.observed})
        if self.slope is None or not CLOSE[0] <= self.slope <= CLOSE[1]:
            is_extreme = self.slope is not None and self.slope < CLOSE[0]
            return Note("measures.chance_extreme" if is_extreme else "measures.chance_shy", {"slope": self.slope})
        return None


@dataclass(frozen=True)
class Predicted:
    """What was said of the tested rows: by the score, by the rate of the stage, by stage and time; and what came."""

    panel: Panel
    won: Numbers
    score: Numbers
    stage: Numbers
    time: Numbers


def known(panel: Panel, day: int, until_day: Numbers) -> NDArray[np.bool_]:
    """Which rows are of a past landmark after which so many days are observed; `until_day` is how many are after each landmark."""
    past = panel.landmark != NOW
    return np.asarray(past & (until_day[panel.landmark] >= day))


def won_within(panel: Panel, day: int) -> Numbers:
    """1 where the lead of a row won within so many days, else 0."""
    return np.asarray((panel.win_days <= day).astype(float))


def folds(panel: Panel, day: int) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """(rows to learn from, rows to predict) of each fold; none where the history is too short for one."""
    present = np.unique(panel.landmark)
    if not len(present):
        return []
    ahead, moments = timedelta(days=day), panel.moments
    first, last = moments[present[0]], moments[present[-1]]
    late = [place for place in present if moments[place] > first + FIRST_PART * (last - first) + ahead]
    splits = []
    for part in np.array_split(np.asarray(late, dtype=np.int64), min(FOLDS, len(late)) or 1):
        if not len(part):
            continue
        before = np.asarray([moments[place] <= moments[part[0]] - ahead for place in range(len(moments))])
        splits.append((np.asarray(before[panel.landmark]), np.isin(panel.landmark, part)))
    return [split for split in splits if split[0].any()]


def predicted(panel: Panel, day: int, columns: Sequence[str]) -> Predicted | None:
    """What would have been said at the tested landmarks of a panel of known rows; None where nothing can be tested."""
    won = won_within(panel, day)
    parts = []
    for learning, testing in folds(panel, day):
        trained, asked = panel.among(learning), panel.among(testing)
        learnt = learn(trained, won[learning], columns)
        by_time = stage_and_time_rates(trained, won[learning], asked)
        parts.append((np.flatnonzero(testing), learnt.chances(asked), learnt.stage_rates(asked), by_time))
    if not parts:
        return None
    rows, score, stage, time = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Predicted(panel.among(rows), won[rows], score, stage, time)


def tested(of: Predicted) -> ScoreTest:
    """The test of what was said."""
    won, lead = of.won, np.unique(of.panel.lead, return_inverse=True)[1]
    losses = {
        name: log_losses(said, won) for name, said in (("score", of.score), ("stage", of.stage), ("time", of.time))
    }
    squares = brier_losses(of.score, won), brier_losses(of.stage, won)
    drawn = _drawn(int(lead.max()) + 1)
    winners = int(np.count_nonzero(np.bincount(lead, won)))
    best, best_stage = (share_of_best(said, won, of.panel.landmark, BEST) for said in (of.score, of.stage))
    return ScoreTest(
        rows=len(won),
        leads=int(lead.max()) + 1,
        wins=winners,
        skill=_skill(losses["score"], losses["stage"], lead, drawn),
        brier_skill=_skill(*squares, lead, drawn),
        time_skill=1 - float(losses["time"].sum() / losses["stage"].sum()),
        brier=float(squares[0].mean()),
        brier_stage=float(squares[1].mean()),
        slope=calibration_slope(of.score, won),
        curve=area_under_curve(of.score, won),
        curve_stage=area_under_curve(of.stage, won),
        expected=float(of.score.sum()),
        observed=int(won.sum()),
        best=best,
        best_stage=best_stage,
        deciles=tuple(starmap(_decile, _tenths(of, lead))),
    )


def leaking(panel: Panel, day: int, columns: Sequence[str]) -> list[str | None]:
    """The columns that alone lift the skill, or the ranking, further than anything known beforehand does; None is the amount."""
    splits = folds(panel, day)
    if not splits:
        return []
    learning, _ = splits[len(splits) // 2]
    testing = np.zeros(len(panel), dtype=bool)
    for _, later in splits[len(splits) // 2 :]:
        testing |= later
    won = won_within(panel, day)
    trained, asked, came = panel.among(learning), panel.among(testing), won[testing]

    def by(of: Sequence[str], amounts: bool) -> tuple[float, float]:
        given = trained if amounts else _without_amounts(trained)
        learnt = learn(given, won[learning], of, LEAK_RIDGE)
        said = learnt.chances(asked if amounts else _without_amounts(asked))
        loss, loss_stage = log_losses(said, came).sum(), log_losses(learnt.stage_rates(asked), came).sum()
        return 1 - float(loss / loss_stage), area_under_curve(said, came) or 0.0

    skill, curve = by((), amounts=False)
    found: list[str | None] = []
    for name in (*columns, None):
        more, higher = by(() if name is None else (name,), amounts=name is None)
        if more - skill > LEAK_SKILL or higher > LEAK_CURVE >= curve:
            found.append(name)
    return found


def _without_amounts(panel: Panel) -> Panel:
    return replace(panel, amount=np.full(len(panel), np.nan))


def _drawn(leads: int) -> Numbers:
    """How often each lead counts in each resample."""
    drawn = np.random.default_rng(SEED).multinomial(leads, np.full(leads, 1 / leads), RESAMPLES)
    return np.asarray(drawn, dtype=float)


def _skill(loss: Numbers, loss_stage: Numbers, lead: Whole, drawn: Numbers) -> Skill:
    by_lead = np.column_stack([np.bincount(lead, loss), np.bincount(lead, loss_stage)])
    sums = drawn @ by_lead
    low, high = np.quantile(1 - sums[:, 0] / sums[:, 1], (0.025, 0.975))
    return Skill(1 - float(loss.sum() / loss_stage.sum()), float(low), float(high))


def _tenths(of: Predicted, lead: Whole) -> list[tuple[Numbers, Numbers, Whole]]:
    order = np.argsort(of.score, kind="stable")
    return [(of.score[part], of.won[part], lead[part]) for part in np.array_split(order, DECILES) if len(part)]


def _decile(said: Numbers, won: Numbers, lead: Whole) -> Decile:
    leads, was = len(np.unique(lead)), float(won.mean())
    low, high = score_interval(was, leads)
    return Decile(len(said), int(won.sum()), leads, float(said.mean()), was, low, high)
