"""Aalen–Johansen incidence by whole days, of many resamples of the leads in one step: what `incidence` is in SQL for one of them.

Leads are dealt to PIECES by the name of their account, so that those of one account stay together, whatever the order of the file.
A resample draws as many pieces as there are, some twice, some not at all; its counts are sums of the counts of pieces. So it takes no
longer for more leads, and what comes out is the same each time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from funnel.measures.population.states import CONVERTED, GONE

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

PIECES, RESAMPLES = 100, 200
_SEED = 20


def resamples() -> Numbers:
    """How often each piece counts: once in the first row, all leads as they are, and in each further row as often as it was drawn."""
    drawn = np.random.default_rng(_SEED).multinomial(PIECES, [1 / PIECES] * PIECES, RESAMPLES)
    return np.vstack([np.ones(PIECES), drawn]).astype(float)


def incidences(
    piece: Whole, entry: Whole, fate: Whole, day: Whole, leads: Whole, *, until: int, drawn: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """For each row of `drawn`, how often each piece counts, by each day from 0 to `until`: the share that had converted, how many were
    watched on it, and the share that was undecided at its end.

    Of so many `leads` of a `piece`, `entry` is the day at whose end they came under observation (−1: the outset), and `day` that of
    their `fate`: CONVERTED, GONE, or the end of what is observed.
    """
    pieces, places = drawn.shape[1], until + 2
    is_converted = fate == CONVERTED
    kinds = [(entry, leads), (day, leads), (day, leads * is_converted), (day, leads * (is_converted | (fate == GONE)))]
    tables = []
    for days, counted in kinds:
        # What lies later was still watched on the last day.
        seen = days <= until
        tables.append(np.bincount(piece[seen] * places + days[seen] + 1, counted[seen], pieces * places))
    by_piece = np.concatenate([table.reshape(pieces, places) for table in tables], axis=1)
    entered, ended, converted, left = np.split(by_piece if drawn.shape == (1, 1) else drawn @ by_piece, 4, axis=1)
    at_risk = np.cumsum(entered - ended, axis=1)[:, :-1]
    some = at_risk > 0
    watched = np.where(some, at_risk, 1.0)
    hazard = np.where(some, converted[:, 1:] / watched, 0.0)
    survival = np.cumprod(np.where(some, 1 - left[:, 1:] / watched, 1.0), axis=1)
    before = np.concatenate([np.ones((len(drawn), 1)), survival[:, :-1]], axis=1)
    return np.minimum(1.0, np.cumsum(before * hazard, axis=1)), np.asarray(at_risk), np.asarray(survival)
