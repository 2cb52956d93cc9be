"""A chance to win, learnt from a panel: what is known of a lead as features, and a ridge that starts at the rate of its stage.

    logit p = logit(rate of the label) + a + b·x          ridge λ = 1000

The rate of a label is (wins + base) / (rows + 1), with the share of all rows that won as base. λ is fixed: rows of one lead repeat, so
that a usual λ would learn leads by heart, and choosing one by the same rows costs the power to show anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from funnel.measures.lead_score_panel import Panel
from funnel.measures.statistics.offset_ridge import OffsetRidge, fit, log_odds

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

RIDGE = 1000.0
FIFTHS = (0.2, 0.4, 0.6, 0.8)
FEWEST_ROWS, MOST_LEVELS = 50, 30
BANDS, SHRUNK_BY = 4, 20
LABEL, AT_LABEL, SINCE_START, ENTRIES, MOVES_BACK, ACCOUNT_WINS, AMOUNT = range(7)
"""What features are made of; the columns of the file come behind, in their order."""
OWN = 7


@dataclass(frozen=True)
class Learnt:
    """What was learnt of one panel: rates of labels, and how features depart from them.

    `columns` are those of the file that are looked at. Of each feature `parts` tells what it is made of (LABEL … AMOUNT, or OWN + the
    place of the column); `cuts` and `levels` are the fifths of durations and the values that have features of their own.
    """

    rates: Numbers
    columns: tuple[str, ...]
    cuts: dict[int, Numbers]
    amount: float
    levels: dict[str, Whole]
    middle: Numbers
    spread: Numbers
    parts: Whole
    ridge: OffsetRidge

    def standardised(self, panel: Panel) -> Numbers:
        """Rows × features, in standard deviations of what was learnt from."""
        x, _ = _features(panel, self)
        return np.asarray((x - self.middle) / self.spread)

    def chances(self, panel: Panel) -> Numbers:
        """The chance of each row."""
        if not len(panel):
            return np.zeros(0)
        return self.ridge.chances(self.standardised(panel), log_odds(self.stage_rates(panel)))

    def stage_rates(self, panel: Panel) -> Numbers:
        """The rate of the label of each row alone."""
        return np.asarray(self.rates[panel.label])


def learn(panel: Panel, won: Numbers, columns: Sequence[str], ridge: float = RIDGE) -> Learnt:
    """The model of these rows, of which `won` says who won in time. `columns` are those of the file that may have features."""
    rates = stage_rates(panel.label, won, len(panel.labels))
    cuts = {
        AT_LABEL: np.quantile(np.log1p(panel.days_at_label), FIFTHS),
        SINCE_START: np.quantile(np.log1p(panel.days_since_start), FIFTHS),
    }
    known = panel.amount[np.isfinite(panel.amount)]
    levels = {name: _levels(panel.codes[name], len(panel.values[name])) for name in columns}
    begun = Learnt(
        rates=rates,
        columns=tuple(name for name in columns if 2 <= len(levels[name]) <= MOST_LEVELS),
        cuts=cuts,
        amount=float(np.median(_size(known))) if len(known) else 0.0,
        levels=levels,
        middle=np.zeros(0),
        spread=np.zeros(0),
        parts=np.zeros(0, dtype=np.int64),
        ridge=OffsetRidge(0.0, np.zeros(0)),
    )
    x, parts = _features(panel, begun)
    middle, spread = x.mean(axis=0), x.std(axis=0)
    # What is the same for all tells nothing; nor may it be divided by.
    spread = np.where(spread > 1e-9, spread, np.inf)
    fitted = fit((x - middle) / spread, won, log_odds(rates[panel.label]), ridge)
    return Learnt(rates, begun.columns, cuts, begun.amount, levels, middle, spread, parts, fitted)


def stage_rates(label: Whole, won: Numbers, labels: int) -> Numbers:
    """(wins + base) / (rows + 1) of each label, base the share of all rows."""
    base = float(won.mean()) if len(won) else 0.0
    return np.asarray((np.bincount(label, won, labels) + base) / (np.bincount(label, minlength=labels) + 1))


def stage_and_time_rates(trained: Panel, won: Numbers, asked: Panel) -> Numbers:
    """The rate of the label and quarter of the time at it alone, held to that of the label by SHRUNK_BY rows: what a table can tell."""
    labels = len(trained.labels)
    rates = stage_rates(trained.label, won, labels)
    cuts = np.full((labels, BANDS - 1), np.inf)
    for label in np.unique(trained.label):
        cuts[label] = np.quantile(trained.days_at_label[trained.label == label], (0.25, 0.5, 0.75))

    def cells(panel: Panel) -> Whole:
        band = (panel.days_at_label[:, None] > cuts[panel.label]).sum(axis=1)
        return np.asarray(panel.label * BANDS + band)

    wins = np.bincount(cells(trained), won, labels * BANDS)
    rows = np.bincount(cells(trained), minlength=labels * BANDS)
    shrunk = (wins + SHRUNK_BY * np.repeat(rates, BANDS)) / (rows + SHRUNK_BY)
    return np.asarray(shrunk[cells(asked)])


def _levels(codes: Whole, values: int) -> Whole:
    """The values that enough rows have to say something of."""
    return np.flatnonzero(np.bincount(codes, minlength=values) >= FEWEST_ROWS)


def _size(amount: Numbers) -> Numbers:
    return np.asarray(np.log1p(np.maximum(amount, 0)))


def _features(panel: Panel, learnt: Learnt) -> tuple[Numbers, Whole]:
    """Rows × features as they are, and what each feature is made of."""
    rows, labels = len(panel), len(panel.labels)
    at_label, since_start = np.log1p(panel.days_at_label), np.log1p(panel.days_since_start)
    here = np.zeros((rows, labels))
    here[np.arange(rows), panel.label] = 1.0
    has_amount = np.isfinite(panel.amount)
    amount = np.where(has_amount, _size(np.where(has_amount, panel.amount, 0.0)), learnt.amount)
    blocks: list[tuple[int, Numbers]] = [
        (LABEL, here),
        (AT_LABEL, _bent(at_label, learnt.cuts[AT_LABEL])),
        (AT_LABEL, here * at_label[:, None]),
        (SINCE_START, _bent(since_start, learnt.cuts[SINCE_START])),
        (ENTRIES, np.log1p(panel.entries)[:, None]),
        (MOVES_BACK, panel.moves_back[:, None]),
        (ACCOUNT_WINS, np.log1p(panel.account_wins)[:, None]),
        (AMOUNT, np.column_stack([amount, has_amount])),
    ]
    for place, name in enumerate(learnt.columns):
        codes, levels = panel.codes[name], learnt.levels[name]
        blocks.append((OWN + place, (codes[:, None] == levels[None, :]).astype(float)))
    x = np.concatenate([block for _, block in blocks], axis=1)
    parts = np.repeat([part for part, _ in blocks], [block.shape[1] for _, block in blocks])
    return x, np.asarray(parts, dtype=np.int64)


def _bent(values: Numbers, cuts: Numbers) -> Numbers:
    """The values, and how far they are beyond each cut: a line that may bend there."""
    return np.column_stack([values, *(np.maximum(0.0, values - cut) for cut in cuts)])
