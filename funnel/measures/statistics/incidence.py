"""Conversion over time as SQL: the Aalen–Johansen cumulative incidence of any number of groups in one pass.

Of n leads watched on a day, d₁ convert and d₂ leave otherwise (d = d₁ + d₂):

    S(t) = ∏ (1 − d/n)      F₁(t) = Σ S(s−) d₁/n      F₂(t) = Σ S(s−) d₂/n      F₁ + F₂ + S = 1

Days are whole. A lead is watched on day t when it came under observation before t (from the outset: on day 0 too) and nothing
happened to it before t; what happens on a day comes before the end of observation on the same day. With nobody leaving
otherwise, F₁ = 1 − S is Kaplan–Meier's. The variance is Greenwood's, for F₁ the delta-method form of Aalen (1978), as in
Marubini and Valsecchi (1995, §10.3), its double sum multiplied out so that running sums are enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from funnel.core.sql import Paragraph, Query
from funnel.core.types import FEWEST_AT_RISK, ByDay, Rate, Unknown
from funnel.measures.statistics.rates import score_interval, wilson

HARDLY_ANY = 0.05
"""What comes of a group in the end is told once no more of it than this is undecided: by its own count, or by S on the last day on which
FEWEST_AT_RISK were still watched. The rest can then move the share by no more than that; a curve that ends earlier says only what
had come by its end, since those who take longest are still on their way."""
OUTSET = -1
"""The day on which leads that are watched from the very first day come under observation."""


def from_outset(
    source: str,
    keys: Sequence[str],
    *,
    day: str = "day",
    converted: str = "converted",
    gone: str | None = "gone",
    waiting: str = "waiting",
) -> Paragraph:
    """`tallies`, a source of `incidence`, from the counts in some columns of `source` (`gone` None: nobody leaves otherwise): leads
    that are all watched from the very first day."""
    group = ", ".join(f"{source}.{key}" for key in keys)
    named = ", ".join(f"{source}.{key} AS {key}" for key in keys)
    counts = [f"{source}.{converted}", f"{source}.{gone}" if gone else "0", f"{source}.{waiting}"]
    text = f"""SELECT {OUTSET} AS day, {named},
    SUM({" + ".join(count for count in counts if count != "0")}) AS entered, 0 AS converted, 0 AS gone, 0 AS waiting
FROM {source}
GROUP BY {group}
UNION ALL
SELECT {source}.{day} AS day, {named},
    0 AS entered, {counts[0]} AS converted, {counts[1]} AS gone, {counts[2]} AS waiting
FROM {source}"""
    return Paragraph("tallies", Query(text))


def incidence(source: str, keys: Sequence[str]) -> list[Paragraph]:
    """Paragraphs after `source` that end in `incidences`: a row for each group and day on which anyone was watched and something
    was counted.

    `source` has the keys of the group, `day`, and the counts `entered` (came under observation at the end of that day), `converted`,
    `gone` (left otherwise) and `waiting` (observed up to that day). Columns: the keys, day, converted, gone, waiting, at_risk, survival
    (S), rate (F₁), gone_rate (F₂) and variance (of F₁).
    """
    by = ", ".join(keys)

    def each(table: str) -> str:
        return ", ".join(f"{table}.{key} AS {key}" for key in keys)

    def window(table: str) -> str:
        group = ", ".join(f"{table}.{key}" for key in keys)
        return f"""WINDOW
    before AS (PARTITION BY {group} ORDER BY {table}.day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
    up_to AS (PARTITION BY {group} ORDER BY {table}.day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"""

    sums = ", ".join(
        f"CAST(SUM({source}.{count}) AS BIGINT) AS {count}" for count in ("entered", "converted", "gone", "waiting")
    )
    daily = f"SELECT {each(source)}, {source}.day AS day, {sums}\nFROM {source}\nGROUP BY {by}, day"
    risks = f"""SELECT daily.*,
    CAST(SUM(daily.entered - daily.converted - daily.gone - daily.waiting) OVER before AS BIGINT) AS at_risk
FROM daily
{window("daily")}"""
    hazards = """SELECT risks.*,
    risks.converted / risks.at_risk AS hazard,
    (risks.converted + risks.gone) / risks.at_risk AS hazard_of_both
FROM risks
WHERE risks.at_risk > 0"""
    survivals = f"""SELECT hazards.*,
    COALESCE(PRODUCT(1 - hazards.hazard_of_both) OVER before, 1) AS survived_before
FROM hazards
{window("hazards")}"""
    rates = f"""SELECT survivals.*,
    SUM(survivals.survived_before * survivals.hazard) OVER up_to AS rate
FROM survivals
{window("survivals")}"""
    # Where nobody is left, every later difference of rates is 0, and so is what it would be multiplied by.
    terms = """SELECT rates.*,
    CASE WHEN rates.at_risk > rates.converted + rates.gone
        THEN rates.hazard_of_both / (rates.at_risk - rates.converted - rates.gone) ELSE 0 END AS weight,
    rates.survived_before * rates.hazard / rates.at_risk AS lean
FROM rates"""
    incidences = f"""SELECT {each("terms")}, terms.day AS day, terms.converted AS converted, terms.gone AS gone,
    terms.waiting AS waiting, terms.at_risk AS at_risk,
    terms.survived_before * (1 - terms.hazard_of_both) AS survival,
    terms.rate AS rate,
    1 - terms.rate - terms.survived_before * (1 - terms.hazard_of_both) AS gone_rate,
    terms.rate * terms.rate * SUM(terms.weight) OVER up_to
        - 2 * terms.rate * SUM(terms.rate * terms.weight) OVER up_to
        + SUM(terms.rate * terms.rate * terms.weight) OVER up_to
        + SUM(terms.survived_before * terms.lean * (1 - terms.hazard)) OVER up_to
        - 2 * terms.rate * SUM(terms.lean) OVER up_to
        + 2 * SUM(terms.rate * terms.lean) OVER up_to AS variance
FROM terms
{window("terms")}"""
    texts = {
        "daily": daily,
        "risks": risks,
        "hazards": hazards,
        "survivals": survivals,
        "rates": rates,
        "terms": terms,
        "incidences": incidences,
    }
    return [Paragraph(name, Query(text)) for name, text in texts.items()]


def followed_to_the_end(source: str, keys: Sequence[str]) -> Query:
    """For each group of `incidences` in `source`: until (the last day on which FEWEST_AT_RISK were watched; NULL:
    never so many), rate_until (F₁ on it), eventual (F₁ at the end of what is observed) and is_known: whether that is what comes of
    the group in the end, by HARDLY_ANY."""
    enough = f"FILTER (WHERE {source}.at_risk >= {FEWEST_AT_RISK})"
    waiting, all_of_them = f"SUM({source}.waiting)", f"SUM({source}.converted + {source}.gone + {source}.waiting)"
    return Query(f"""SELECT {", ".join(f"{source}.{key} AS {key}" for key in keys)},
    MAX({source}.day) {enough} AS until,
    MAX({source}.rate) {enough} AS rate_until,
    MAX({source}.rate) AS eventual,
    {waiting} <= {HARDLY_ANY} * {all_of_them} OR COALESCE(MIN({source}.survival) {enough} <= {HARDLY_ANY}, FALSE) AS is_known
FROM {source}
GROUP BY {", ".join(f"{source}.{key}" for key in keys)}""")


def interval(rate: float, se: float, old_enough: int) -> tuple[float, float]:
    """The 95 % Wilson interval of a rate with the effective number of leads, rate (1 − rate) / se² (Rothman 1978; Dorey and Korn 1987).

    Where nothing varies (se 0) the number is that of the leads followed long enough; without any the interval is [0, 1].
    """
    leads = rate * (1 - rate) / se**2 if se > 0 else float(old_enough)
    return score_interval(rate, leads)


def by_day(
    day: int,
    rate: float | None,
    variance: float | None,
    *,
    converted: int,
    old_enough: int,
    old_converted: int,
    unknown: Unknown | None,
) -> ByDay:
    """A conversion by a day. `rate` is None before the first event, where it is 0; `unknown` says why it is not
    told at all; `converted` by then in all, and `old_converted` of the `old_enough`."""
    mature: Rate = wilson(old_converted, old_enough)
    if unknown is not None:
        return ByDay(day, converted, None, None, None, None, old_enough, mature, unknown)
    share, se = rounded(rate or 0.0, variance or 0.0)
    low, high = interval(share, se, old_enough)
    return ByDay(day, converted, share, se, low, high, old_enough, mature)


def rounded(rate: float, variance: float) -> tuple[float, float]:
    """A rate and its standard error without what rounding left: a sum of shares may pass 1, a variance of nothing fall below 0."""
    se = sqrt(max(0.0, variance))
    return (1.0 if rate > 1 - ROUNDING else max(0.0, rate)), (0.0 if se < NO_SPREAD else se)


ROUNDING = 1e-12
NO_SPREAD = 1e-7
"""A standard error below this is the root of rounding; the smallest real one is about that of one lead in ten million."""
