"""Logistic regression that starts from rates already known, and leaves them only as far as the rows insist (ridge with an offset).

    minimise Σ [log(1 + e^z) − y z] + λ/2 Σ b_j²,   z = offset + a + b·x

The intercept a is free, the ridge λ holds the slopes b alone (Hoerl and Kennard 1970; le Cessie and van Houwelingen 1992). The features
x are expected in standard deviations of the rows that they are fitted on, so that one λ is fair to all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import expit, logit

Numbers = NDArray[np.float64]

GRADIENT = 1e-9
"""The search ends where the gradient is this small for each row."""
MOST_STEPS = 200
ALONE, AT_ONCE = 200_000, 64
"""Multiplications up to which a product of matrices is worked out on one core, and how many such products are summed at once."""


@dataclass(frozen=True)
class OffsetRidge:
    """What was fitted: the intercept a, and the slopes b in the order of the features."""

    intercept: float
    slopes: Numbers

    def log_odds(self, x: Numbers, offset: Numbers) -> Numbers:
        """z of each row."""
        return np.asarray(offset + self.intercept + x @ self.slopes)

    def chances(self, x: Numbers, offset: Numbers) -> Numbers:
        """The fitted probability of each row."""
        return np.asarray(expit(self.log_odds(x, offset)))


def fit(x: Numbers, y: Numbers, offset: Numbers, ridge: float) -> OffsetRidge:
    """The minimum, by a trust region with the exact gradient and Hessian. `x` is rows × features, `y` holds 0 and 1."""
    rows, features = x.shape
    design = _Blocks(np.concatenate([np.ones((rows, 1)), x], axis=1))
    held = np.full(features + 1, ridge)
    held[0] = 0.0

    def loss(point: Numbers) -> float:
        z = offset + design.times(point)
        return float(np.logaddexp(0, z).sum() - (y * z).sum() + (held * point * point).sum() / 2)

    def gradient(point: Numbers) -> Numbers:
        return np.asarray(design.sums(expit(offset + design.times(point)) - y) + held * point)

    def hessian(point: Numbers) -> Numbers:
        p = expit(offset + design.times(point))
        return np.asarray(design.products(p * (1 - p)) + np.diag(held))

    options = {"gtol": GRADIENT * rows, "maxiter": MOST_STEPS}
    found = optimize.minimize(
        loss, np.zeros(features + 1), jac=gradient, hess=hessian, method="trust-exact", options=options
    )
    return OffsetRidge(float(found.x[0]), np.asarray(found.x[1:]))


class _Blocks:
    """A matrix as blocks of rows, each so small that it is multiplied on one core.

    Larger ones are split among all cores, which then wait for each other: on a machine that serves others too, a fit took ten times as
    long.
    """

    def __init__(self, matrix: Numbers) -> None:
        self.rows, columns = matrix.shape
        size = max(1, ALONE // columns**2)
        blocks = -(-self.rows // size)
        whole = np.zeros((blocks * size, columns))
        whole[: self.rows] = matrix
        self._blocks = whole.reshape(blocks, size, columns)
        self._across = np.ascontiguousarray(self._blocks.transpose(0, 2, 1))

    def times(self, point: Numbers) -> Numbers:
        """The matrix times a vector."""
        return np.asarray((self._blocks @ point).ravel()[: self.rows])

    def sums(self, weights: Numbers) -> Numbers:
        """The sums of the columns, each row by its weight."""
        return np.asarray((self._across @ self._weighed(weights)).sum(axis=(0, 2)))

    def products(self, weights: Numbers) -> Numbers:
        """The sums of products of each two columns, each row by its weight."""
        weighed = self._weighed(weights)
        parts = range(0, len(self._blocks), AT_ONCE)
        sums = [
            (
                self._across[part : part + AT_ONCE]
                @ (self._blocks[part : part + AT_ONCE] * weighed[part : part + AT_ONCE])
            ).sum(axis=0)
            for part in parts
        ]
        return np.asarray(sum(sums))

    def _weighed(self, weights: Numbers) -> Numbers:
        padded = np.zeros(self._blocks.shape[0] * self._blocks.shape[1])
        padded[: self.rows] = weights
        return padded.reshape(*self._blocks.shape[:2], 1)


def log_odds(chances: Numbers) -> Numbers:
    """log p/(1 − p); of 0 and 1 those of the nearest number that is neither."""
    tiny = np.finfo(float).eps
    return np.asarray(logit(np.clip(chances, tiny, 1 - tiny)))
