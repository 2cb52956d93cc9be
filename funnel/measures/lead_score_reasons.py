"""Why a lead's chance departs from that of others at its stage, in sentences with the counts of what it was learnt from.

A part of a score adds Σ b·(x − mean of x among the open leads at the same label), in log odds. The largest are told, by what came of
past cases at the same label that were alike in that part; a case is a lead at a landmark.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from funnel.core.types import FEWEST_FOR_A_RATE, Note
from funnel.measures.lead_score_learning import Horizon
from funnel.measures.lead_score_model import (
    ACCOUNT_WINS,
    AMOUNT,
    AT_LABEL,
    ENTRIES,
    FIFTHS,
    LABEL,
    MOVES_BACK,
    OWN,
    SINCE_START,
    Learnt,
)
from funnel.measures.lead_score_panel import Panel

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

MOST_REASONS, SMALLEST = 3, 0.1
AT_ONCE = 50_000
PARTS = {
    AT_LABEL: "days_at_label",
    SINCE_START: "days_since_start",
    ENTRIES: "entries",
    MOVES_BACK: "moves_back",
    ACCOUNT_WINS: "account_wins",
    AMOUNT: "amount",
}


@dataclass(frozen=True)
class Reason:
    """What a column, or a part of a lead's way, adds to its log odds against others at its stage. `column` is the file's header, or a
    name of PARTS; `value` what the lead has there. `note` tells what came of such cases, `here` what of all at the stage."""

    column: str
    value: str | float | None
    log_odds: float
    note: Note
    here: Note | None = None


@dataclass(frozen=True)
class Contributions:
    """Rows × parts: what each part adds to the log odds of each row."""

    parts: Whole
    log_odds: Numbers

    def largest(self, row: int) -> list[tuple[int, float]]:
        """(part, log odds) of the parts that add or take most at a row."""
        order = np.argsort(-np.abs(self.log_odds[row]), kind="stable")[:MOST_REASONS]
        found = [(int(self.parts[place]), float(self.log_odds[row, place])) for place in order]
        return [(part, added) for part, added in found if abs(added) >= SMALLEST]


def contributions(x: Numbers, slopes: Numbers, parts: Whole, groups: Whole) -> Contributions:
    """What the features of each part add to the log odds of each row, against the mean of the rows of its group."""
    return _centred(parts, _by_part(x, slopes, parts), groups)


def contributions_now(learnt: Learnt, now: Panel) -> Contributions:
    """What each part adds for each open lead of now, against the open leads at its label."""
    # In pieces: the features of a million leads would fill the memory, what their parts add does not.
    pieces = [now.among(np.arange(start, min(start + AT_ONCE, len(now)))) for start in range(0, len(now), AT_ONCE)]
    sums = [_by_part(learnt.standardised(piece), learnt.ridge.slopes, learnt.parts) for piece in pieces]
    return _centred(learnt.parts, np.concatenate(sums), now.label)


def _told(parts: Whole) -> Whole:
    """The parts that can be a reason: at one label all are at the same."""
    return np.asarray(sorted(set(parts.tolist()) - {LABEL}), dtype=np.int64)


def _by_part(x: Numbers, slopes: Numbers, parts: Whole) -> Numbers:
    return np.asarray((x * slopes) @ (parts[:, None] == _told(parts)[None, :]).astype(float))


def _centred(parts: Whole, sums: Numbers, groups: Whole) -> Contributions:
    numbers = np.unique(groups, return_inverse=True)[1]
    rows = np.bincount(numbers)
    means = np.column_stack([np.bincount(numbers, column) / rows for column in sums.T])
    return Contributions(_told(parts), np.asarray(sums - means[numbers]))


class Reasons:
    """The reasons of the open leads of now. `usual`: of a label, in how many days three quarters of so many leads that were won from
    there had moved on."""

    def __init__(
        self, horizon: Horizon, learnt: Learnt, past: Panel, now: Panel, usual: Mapping[int, tuple[float, int]]
    ) -> None:
        self._horizon, self._learnt, self._past, self._now, self._usual = horizon, learnt, past, now, usual
        self._added = contributions_now(learnt, now)
        self._counts: dict[tuple[int, int, int | None], tuple[int, int]] = {}
        self._bands: dict[int, tuple[Whole, Whole]] = {}

    def of(self, row: int) -> tuple[Reason, ...]:
        """Those of a row of now, the weightiest first; none where it is like others at its stage."""
        return tuple(self._reason(row, part, added) for part, added in self._added.largest(row))

    def _reason(self, row: int, part: int, added: float) -> Reason:
        label = int(self._now.label[row])
        stage = self._now.labels[label]
        if part >= OWN:
            column = self._learnt.columns[part - OWN]
            value: str | float | None = self._now.values[column][int(self._now.codes[column][row])]
        else:
            column = PARTS[part]
            value = float(getattr(self._now, column)[row])
        if part == AT_LABEL and label in self._usual:
            usual, stays = self._usual[label]
            told = {"days": value, "stage": stage, "usual": usual, "won": stays}
            return Reason(column, value, added, Note("measures.chance_why_usual", told))
        kind = column
        if part >= OWN:
            kind = "empty" if value is None else "value"
        elif part == AMOUNT and not np.isfinite(self._now.amount[row]):
            kind, value = "no_amount", None
        won, cases = self._came(part, label, self._band(part)[1][row])
        few = "" if cases >= FEWEST_FOR_A_RATE else "_few"
        alike = {
            "column": column,
            "value": value,
            "stage": stage,
            "won": won,
            "cases": cases,
            "rate": _rate(won, cases),
        }
        won, cases = self._came(part, label, None)
        here = {"stage": stage, "won_here": won, "cases_here": cases, "rate_here": _rate(won, cases)}
        return Reason(
            column,
            value,
            added,
            Note(f"measures.chance_why_{kind}{few}", alike),
            Note("measures.chance_why_here", here),
        )

    def _came(self, part: int, label: int, band: int | None) -> tuple[int, int]:
        """(won, cases) of the past at a label, in a band of a part or in all."""
        key = part, label, band
        if key not in self._counts:
            won = self._horizon.won
            here = self._past.label == label
            if band is not None:
                here = here & (self._band(part)[0] == band)
            self._counts[key] = (int(won[here].sum()) if won is not None else 0, int(here.sum()))
        return self._counts[key]

    def _band(self, part: int) -> tuple[Whole, Whole]:
        """The bands of the past rows and of those of now: values of a column, or fifths of a number."""
        if part not in self._bands:
            if part >= OWN:
                column = self._learnt.columns[part - OWN]
                self._bands[part] = self._past.codes[column], self._now.codes[column]
            else:
                before, after = (
                    np.nan_to_num(getattr(panel, PARTS[part]), nan=-1.0) for panel in (self._past, self._now)
                )
                cuts = np.unique(np.quantile(before[before >= 0], FIFTHS)) if (before >= 0).any() else np.zeros(0)
                self._bands[part] = _fifths(before, cuts), _fifths(after, cuts)
        return self._bands[part]


def _rate(won: int, cases: int) -> float | None:
    return won / cases if cases else None


def _fifths(values: Numbers, cuts: Numbers) -> Whole:
    """Between which cuts each value lies; −1 of one that is absent."""
    return np.asarray(np.where(values < 0, -1, np.searchsorted(cuts, values)))
