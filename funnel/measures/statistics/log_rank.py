"""The log-rank test of equal curves, in SQL: for each segment what was observed and what was expected, and how they vary together.

On a day with d conversions among n leads at risk, nⱼ of them in segment j, dⱼ = d nⱼ/n are expected there, with covariances
d (n − d)/(n − 1) · nⱼ/n · (δⱼₗ − nₗ/n); (O − E)ᵀ V⁻ (O − E) is chi-square with as many degrees as V has independent rows
(Mantel 1966; Peto and Peto 1972). A lead is at risk on each day up to its own.

Lost leads must not end there: a segment that only *loses* faster would look better. They stay at risk until their follow-up ends,
which is known of every lead (Fine and Gray 1999, complete censoring); with that the test compares the shares that convert, as
Gray's test does, and keeps its level.

Where accounts hold several leads, V is theirs (Lee, Wei and Ying 1992): a lead adds d (δⱼ − nⱼ/n) − Σ (δⱼ − nⱼ/n) D/n to O − E, where d
is whether it converted, δⱼ whether it is of segment j, and the sum is over the days up to its own with D conversions among n; V is
the sum over accounts of the squares of what their leads add. The statistic is then Hotelling's, of as many accounts as there would
be of one size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from funnel.core.sql import Paragraph, Query
from funnel.measures.statistics.distributions import chi_square_tail, f_tail

ROUNDING = 1e-9


@dataclass(frozen=True)
class LogRank:
    """The log-rank test of equal curves: for each segment the conversions `observed` and those `expected` were there no difference;
    chi-square `statistic` with `degrees` of freedom. `accounts`: it is by account, of so many; None: leads count each by itself."""

    observed: tuple[int, ...]
    expected: tuple[float, ...]
    statistic: float
    degrees: int
    p: float
    accounts: int | None = None


def paragraphs(source: str) -> list[Paragraph]:
    """Paragraphs after `source` (segment, day, leads, converted: how many leads were watched up to that day, and converted on it)
    that end in `risks`: each segment on each day with a conversion, with those at risk there and in all."""
    days = f"""SELECT {source}.day AS day
FROM {source}
WHERE {source}.converted > 0
GROUP BY {source}.day"""
    names = f"SELECT {source}.segment AS segment\nFROM {source}\nGROUP BY {source}.segment"
    grid = f"""SELECT names.segment AS segment, days.day AS day, 0 AS leads, 0 AS converted
FROM days
CROSS JOIN names
UNION ALL
SELECT {source}.segment AS segment, {source}.day AS day, {source}.leads AS leads, {source}.converted AS converted
FROM {source}"""
    daily = """SELECT grid.segment AS segment, grid.day AS day, CAST(SUM(grid.leads) AS BIGINT) AS leads,
    CAST(SUM(grid.converted) AS BIGINT) AS converted
FROM grid
GROUP BY grid.segment, grid.day"""
    watched = """SELECT daily.segment AS segment, daily.day AS day, daily.converted AS converted,
    SUM(daily.leads) OVER (PARTITION BY daily.segment ORDER BY daily.day DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
        AS at_risk
FROM daily"""
    risks = """SELECT watched.segment AS segment, watched.day AS day,
    CAST(watched.converted AS DOUBLE) AS converted, CAST(watched.at_risk AS DOUBLE) AS at_risk,
    CAST(SUM(watched.converted) OVER (PARTITION BY watched.day) AS DOUBLE) AS all_converted,
    CAST(SUM(watched.at_risk) OVER (PARTITION BY watched.day) AS DOUBLE) AS all_at_risk
FROM watched
WHERE watched.day IN (SELECT days.day FROM days)"""
    texts = {"days": days, "names": names, "grid": grid, "daily": daily, "watched": watched, "risks": risks}
    return [Paragraph(name, Query(text)) for name, text in texts.items()]


LAST = Query("""SELECT one.segment AS segment, other.segment AS other,
    CAST(SUM(one.converted) AS BIGINT) AS observed,
    SUM(one.all_converted * one.at_risk / one.all_at_risk ORDER BY one.day) AS expected,
    SUM(CASE WHEN one.all_at_risk > 1 THEN
        one.all_converted * (one.all_at_risk - one.all_converted) / (one.all_at_risk - 1) * one.at_risk / one.all_at_risk
            * (CASE WHEN one.segment = other.segment THEN 1 ELSE 0 END - other.at_risk / one.all_at_risk)
        ELSE 0 END ORDER BY one.day) AS covariance
FROM risks AS one
INNER JOIN risks AS other ON other.day = one.day
GROUP BY one.segment, other.segment
ORDER BY one.segment, other.segment""")
"""Of each pair of segments, what `tested` reads: summed in the order of days, so that the same question has the same answer."""


def account_paragraphs(source: str) -> list[Paragraph]:
    """Paragraphs after `risks` and `source` (account, segment, day, leads, converted) that end in `scores`: what the leads of each
    account add to O − E of each segment, and how many they are."""
    reached = """SELECT risks.segment AS segment, risks.day AS day, risks.at_risk / risks.all_at_risk AS share,
    SUM(risks.all_converted / risks.all_at_risk) OVER up_to AS hazard,
    SUM(risks.at_risk / risks.all_at_risk * risks.all_converted / risks.all_at_risk) OVER up_to AS expected
FROM risks
WINDOW up_to AS (PARTITION BY risks.segment ORDER BY risks.day)"""
    every = f"""SELECT names.segment AS segment, {source}.day AS day
FROM names
CROSS JOIN {source}
GROUP BY names.segment, {source}.day"""
    # Before the first conversion nobody was expected to convert.
    known = """SELECT every.segment AS segment, every.day AS day, COALESCE(reached.share, 0) AS share,
    COALESCE(reached.hazard, 0) AS hazard, COALESCE(reached.expected, 0) AS expected
FROM every
ASOF LEFT JOIN reached ON reached.segment = every.segment AND every.day >= reached.day"""
    own = f"CASE WHEN {source}.segment = known.segment THEN 1 ELSE 0 END"
    scores = f"""SELECT {source}.account AS account, known.segment AS segment, SUM({source}.leads) AS leads,
    SUM({source}.converted * ({own} - known.share) - {source}.leads * ({own} * known.hazard - known.expected)) AS score
FROM {source}
INNER JOIN known ON known.day = {source}.day
GROUP BY {source}.account, known.segment"""
    texts = {"reached": reached, "every": every, "known": known, "scores": scores}
    return [Paragraph(name, Query(text)) for name, text in texts.items()]


LAST_BY_ACCOUNT = Query("""SELECT one.segment AS segment, other.segment AS other,
    SUM(one.score * other.score) AS covariance, COUNT(*) AS accounts,
    CAST(SUM(one.leads) AS BIGINT) AS leads, CAST(SUM(one.leads * one.leads) AS DOUBLE) AS squares
FROM scores AS one
INNER JOIN scores AS other ON other.account = one.account
GROUP BY one.segment, other.segment
ORDER BY one.segment, other.segment""")
"""Of each pair of segments, what `tested` reads of accounts."""


class Accounts(NamedTuple):
    """How O − E of the segments vary together by account; how many accounts there are, how many leads, and the sum of their squares."""

    covariances: tuple[float, ...]
    accounts: int
    leads: int
    squares: float

    @property
    def one_size(self) -> float:
        """How many accounts there would be, were they of one size."""
        return self.leads**2 / self.squares


def accounts_of(rows: Sequence[tuple[int, int, float, int, int, float]]) -> Accounts | None:
    """What the rows of `LAST_BY_ACCOUNT` say; None where no account has several leads."""
    if not rows or rows[0][3] == rows[0][4]:
        return None
    return Accounts(tuple(row[2] for row in rows), *rows[0][3:])


def tested(
    rows: Sequence[tuple[int, int, int, float, float]], segments: int, by_account: Accounts | None
) -> LogRank | None:
    """The test of so many segments from rows (segment, other, observed, expected, covariance) in order, which those without anyone
    at risk do not have; None where there is nothing to compare: one segment, or no conversion while two had anyone at risk.
    `by_account` is of the same segments."""
    at_risk = [segment for segment, other, *_ in rows if segment == other]
    own = [(observed, expected) for segment, other, observed, expected, _ in rows if segment == other]
    if len(own) < 2:
        return None
    size = len(own)
    flat = by_account.covariances if by_account else [row[4] for row in rows]
    covariance = [[flat[index * size + other] for other in range(size)] for index in range(size)]
    inverse, degrees = _inverse(covariance)
    if not degrees:
        return None
    apart = [observed - expected for observed, expected in own]
    statistic = sum(apart[one] * inverse[one][other] * apart[other] for one in range(size) for other in range(size))
    p = chi_square_tail(statistic, degrees)
    if by_account:
        statistic, p = _hotelling(statistic, degrees, by_account.one_size)
    counts = dict.fromkeys(range(segments), (0, 0.0)) | dict(zip(at_risk, own, strict=True))
    return LogRank(
        observed=tuple(counts[index][0] for index in range(segments)),
        expected=tuple(counts[index][1] for index in range(segments)),
        statistic=statistic,
        degrees=degrees,
        p=p,
        accounts=by_account.accounts if by_account else None,
    )


def _inverse(covariance: Sequence[Sequence[float]]) -> tuple[Sequence[Sequence[float]], int]:
    """The pseudo-inverse of a covariance, and its rank: the directions in which it is nothing but rounding are left out."""
    from scipy.linalg import pinvh  # takes long to load

    inverse, rank = pinvh(covariance, atol=ROUNDING, rtol=ROUNDING, return_rank=True)
    return inverse.tolist(), int(rank)


def _hotelling(square: float, degrees: int, accounts: float) -> tuple[float, float]:
    """The statistic and its p where the variance is of so many accounts."""
    if accounts <= degrees + 1:
        return square, 1.0
    statistic = square * (accounts - 1) / accounts
    return statistic, f_tail(statistic * (accounts - degrees) / (degrees * (accounts - 1)), degrees, accounts - degrees)
