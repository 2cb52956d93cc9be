"""A logistic line through shares of several months, which may scatter more than chance alone: slope, step, and how sure they are.

    logit(share) = coefficients · columns          φ = max(1, Σ (y − n p)² / (n p (1 − p)) / (months − columns))

Fitted by iteratively reweighted least squares (McCullagh and Nelder 1989, 2.5); variances are φ times those of binomial counts (quasi-
binomial, ibid. 4.5), so that months which differ more than chance makes them make nothing surer; nor do leads that come in accounts, where
φ is at least their design effect. What is told of a coefficient is by
Student's t with as many degrees of freedom as there are months beyond the columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, isfinite, sqrt
from typing import TYPE_CHECKING

from funnel.measures.statistics.distributions import student_quantile, student_tail

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_ROUNDS, CLOSE = 60, 1e-10
STEEPEST = 15.0
"""Of a month whose share lies as near to 0 or 1 as this logit, the counts cannot tell how near: the line has no end there."""
WIDE, IN_FOUR_OF_FIVE = 0.975, 0.8
MOST_LOGIT = 700.0
Columns = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Line:
    """The line: its `coefficients`, their `covariance` with the dispersion `phi` in it, and the degrees of `freedom`."""

    coefficients: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    phi: float
    freedom: int

    def error(self, place: int) -> float:
        """The standard error of a coefficient."""
        return sqrt(self.covariance[place][place])

    def p(self, place: int) -> float:
        """How likely a coefficient at least as far from 0 is were it 0 (two-sided)."""
        return min(1.0, 2 * student_tail(abs(self.coefficients[place]) / self.error(place), self.freedom))

    def odds(self, place: int) -> tuple[float, float, float]:
        """How many times the odds become with one more of a column, and the 95 % interval."""
        reach = student_quantile(WIDE, self.freedom) * self.error(place)
        middle = self.coefficients[place]
        return _odds(middle), _odds(middle - reach), _odds(middle + reach)

    def detectable(self, place: int) -> float:
        """The smallest factor of the odds above 1 that such months show in four of five cases (5 % level)."""
        return _odds(
            sum(student_quantile(share, self.freedom) for share in (WIDE, IN_FOUR_OF_FIVE)) * self.error(place)
        )

    def shares(self, columns: Columns) -> list[float]:
        """The share on the line at each of these rows."""
        import numpy as np

        return [float(each) for each in _share(np.asarray(columns, dtype=float) @ np.asarray(self.coefficients))]


def line(columns: Columns, won: Sequence[int], leads: Sequence[int], design_effect: float = 1.0) -> Line | None:
    """The line through `won` of `leads`, a row a month, with these columns; None where the months do not tell it: too few, all at 0 or 1,
    or a column that others make up. Months without leads say nothing. `design_effect`: how many times as much shares vary as those of
    independent leads, at least."""
    import numpy as np

    rows = [place for place, count in enumerate(leads) if count]
    if not rows or len(rows) <= len(columns[0]) or not isfinite(design_effect):
        return None
    x = np.asarray([columns[place] for place in rows], dtype=float)
    y, n = (np.asarray([counts[place] for place in rows], dtype=float) for counts in (won, leads))
    if np.linalg.matrix_rank(x) < x.shape[1]:
        return None
    logit = np.log((y + 0.5) / (n - y + 0.5))
    coefficients = np.zeros(x.shape[1])
    for _ in range(MOST_ROUNDS):
        share = _share(logit)
        weight = n * share * (1 - share)
        before, coefficients = coefficients, _solved(x, weight, logit + (y - n * share) / weight)
        logit = x @ coefficients
        if np.max(np.abs(logit)) > STEEPEST:
            return None
        if np.max(np.abs(coefficients - before)) < CLOSE:
            break
    else:
        return None
    share = _share(logit)
    weight = n * share * (1 - share)
    freedom = len(rows) - x.shape[1]
    phi = max(1.0, design_effect, float(np.sum((y - n * share) ** 2 / weight)) / freedom)
    covariance = phi * np.linalg.inv(x.T @ (weight[:, None] * x))
    return Line(tuple(map(float, coefficients)), tuple(tuple(map(float, row)) for row in covariance), phi, freedom)


def more_than(fitted: Line, rows: Columns, leads: Sequence[int], without: Columns) -> tuple[float, float, float]:
    """How many more convert on the line at `rows` than at the same rows `without` something, and the 95 % interval (delta method)."""
    import numpy as np

    x, other, n = (np.asarray(each, dtype=float) for each in (rows, without, leads))
    coefficients = np.asarray(fitted.coefficients)
    share, otherwise = _share(x @ coefficients), _share(other @ coefficients)
    slope = x.T @ (n * share * (1 - share)) - other.T @ (n * otherwise * (1 - otherwise))
    reach = student_quantile(WIDE, fitted.freedom) * sqrt(
        max(0.0, float(slope @ np.asarray(fitted.covariance) @ slope))
    )
    more = float(np.sum(n * (share - otherwise)))
    return more, more - reach, more + reach


def _odds(logit: float) -> float:
    """exp, up to what a number can hold."""
    return exp(max(-MOST_LOGIT, min(MOST_LOGIT, logit)))


def _solved(x: NDArray[np.float64], weight: NDArray[np.float64], working: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    return np.asarray(np.linalg.solve(x.T @ (weight[:, None] * x), x.T @ (weight * working)), dtype=np.float64)


def _share(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    share: NDArray[np.float64] = 1 / (1 + np.exp(-logit))
    return share
