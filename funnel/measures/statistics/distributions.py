"""Tails and quantiles of the usual distributions, as R gives them to 1e-9.

The library of them is loaded with the first that is asked for: that takes longer than most questions, which ask for none.
"""

from __future__ import annotations


def student_tail(value: float, freedom: float) -> float:
    """How likely Student's t of so many degrees of freedom is to lie above a value."""
    from scipy.special import stdtr

    return float(stdtr(freedom, -value))


def student_quantile(share: float, freedom: float) -> float:
    """The value below which Student's t of so many degrees of freedom lies in this share of the cases."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, share))


def normal_above(share: float) -> float:
    """The value above which the standard normal lies in this share of the cases, however small that is."""
    from scipy.special import ndtri

    return float(-ndtri(share))


def chi_square_tail(value: float, degrees: int) -> float:
    """How likely chi-square of so many degrees of freedom is to lie above a value that is not negative."""
    from scipy.special import chdtrc

    return float(chdtrc(degrees, value))


def f_tail(value: float, degrees: float, freedom: float) -> float:
    """How likely F of so many degrees of freedom above and below is to lie above a value that is not negative."""
    from scipy.special import fdtrc

    return float(fdtrc(degrees, freedom, value))
