"""The log-rank test of equal curves, in SQL: for each segment what was observed and what was expected, and how they vary together.

On a day with d conversions among n leads at risk, nⱼ of them in segment j, dⱼ = d nⱼ/n are expected there, with covariances
d (n − d)/(n − 1) · nⱼ/n · (δⱼₗ − nₗ/n); (O − E)ᵀ V⁻ (O − E) is chi-square with as many degrees as V has independent rows
(Mantel 1966; Peto and Peto 1972). A lead is at risk on each day up to its own.

Lost leads must not end there: a segment that only *loses* faster would look better. They stay at risk until their follow-up ends,
which is known of every lead (Fine and Gray 1999, complete censoring); with that the test compares the shares that convert, as
Gray's test does, and keeps its level.
"""

from __future__ import annotations

from collections.abc import Sequence

from scipy.linalg import pinvh
from scipy.stats import chi2

from funnel.nouns import LogRank
from funnel.sql import Paragraph, Query

ROUNDING = 1e-9


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
    SUM(one.all_converted * one.at_risk / one.all_at_risk) AS expected,
    SUM(CASE WHEN one.all_at_risk > 1 THEN
        one.all_converted * (one.all_at_risk - one.all_converted) / (one.all_at_risk - 1) * one.at_risk / one.all_at_risk
            * (CASE WHEN one.segment = other.segment THEN 1 ELSE 0 END - other.at_risk / one.all_at_risk)
        ELSE 0 END) AS covariance
FROM risks AS one
INNER JOIN risks AS other ON other.day = one.day
GROUP BY one.segment, other.segment
ORDER BY one.segment, other.segment""")
"""Of each pair of segments, what `tested` reads."""


def tested(rows: Sequence[tuple[int, int, int, float, float]], segments: int) -> LogRank | None:
    """The test of so many segments from rows (segment, other, observed, expected, covariance) in order, which those without anyone
    at risk do not have; None where there is nothing to compare: one segment, or no conversion while two had anyone at risk."""
    places = [segment for segment, other, *_ in rows if segment == other]
    own = [(observed, expected) for segment, other, observed, expected, _ in rows if segment == other]
    if len(own) < 2:
        return None
    size = len(own)
    covariance = [[rows[place * size + other][4] for other in range(size)] for place in range(size)]
    inverse, degrees = pinvh(covariance, atol=ROUNDING, rtol=ROUNDING, return_rank=True)
    if not degrees:
        return None
    apart = [observed - expected for observed, expected in own]
    statistic = sum(
        apart[one] * float(inverse[one][other]) * apart[other] for one in range(size) for other in range(size)
    )
    counts = dict.fromkeys(range(segments), (0, 0.0)) | dict(zip(places, own, strict=True))
    return LogRank(
        observed=tuple(counts[place][0] for place in range(segments)),
        expected=tuple(counts[place][1] for place in range(segments)),
        statistic=statistic,
        degrees=int(degrees),
        p=float(chi2.sf(statistic, degrees)),
    )
