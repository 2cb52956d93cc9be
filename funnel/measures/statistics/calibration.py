"""How good probabilities were, once it is known what came: losses, ranking, and whether they say as much as happens.

Brier 1950; the calibration slope is Cox's (1958): what came, regressed on the log odds that were said. 1 is as said; below 1 the
probabilities were too extreme, above 1 too shy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from funnel.measures.statistics.offset_ridge import fit, log_odds

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]


def log_losses(said: Numbers, was: Numbers) -> Numbers:
    """The log loss of each row: −log of the probability of what came."""
    tiny = np.finfo(float).eps
    return np.asarray(-np.log(np.clip(np.where(was == 1, said, 1 - said), tiny, 1)))


def brier_losses(said: Numbers, was: Numbers) -> Numbers:
    """The squared error of each row."""
    return np.asarray((said - was) ** 2)


def area_under_curve(said: Numbers, was: Numbers) -> float | None:
    """How often a row that came was given more than one that did not, ties half (AUC); None where all came, or none did."""
    came = int(was.sum())
    others = len(was) - came
    if not came or not others:
        return None
    return float((rankdata(said)[was == 1].sum() - came * (came + 1) / 2) / (came * others))


def calibration_slope(said: Numbers, was: Numbers) -> float | None:
    """The slope of what came on the log odds that were said; None where these do not differ, or nothing does."""
    z = log_odds(said)
    scale = float(z.std())
    if scale < 1e-9 or was.min() == was.max():
        return None
    fitted = fit(((z - z.mean()) / scale)[:, None], was, np.zeros(len(z)), ridge=0.0)
    return float(fitted.slopes[0]) / scale


def share_of_best(said: Numbers, was: Numbers, groups: Whole, share: float) -> float | None:
    """The share of all that came which the best `share` of each group's rows hold; rows of equal probability at the border count in part.

    None where nothing came.
    """
    held = 0.0
    for group in np.unique(groups):
        among = groups == group
        _, places = np.unique(-said[among], return_inverse=True)
        rows, came = np.bincount(places), np.bincount(places, was[among])
        room = share * int(among.sum()) - np.concatenate([[0], np.cumsum(rows)[:-1]])
        held += float((came * np.clip(room / rows, 0, 1)).sum())
    return held / float(was.sum()) if was.sum() else None
