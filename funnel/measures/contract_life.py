"""How long accounts with contracts stay: from the first day of the first contract on, as long as each day lies in one."""

from __future__ import annotations

from dataclasses import dataclass

from funnel.core.rows import Row, Share
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.journeys import Journeys
from funnel.measures.contracts import ContractTable
from funnel.measures.curves import POINTS, Curve, curve
from funnel.measures.statistics.incidence import from_outset, incidence

DAYS = (365, 730, 1095)


@dataclass(frozen=True)
class Life:
    """The lives of accounts, in whatever currencies. `left` is what share had left by a day (Kaplan–Meier); who still stays, is not yet
    decided, or was followed for less long, was watched up to then. Nothing is told beyond the end of the curve."""

    accounts: int
    gone: int
    left: Curve

    def rows(self) -> list[Row]:
        """A row for each of DAYS up to the end of the curve: what share of the accounts stays longer."""
        rows: list[Row] = []
        for day in (each for each in DAYS if each <= self.left.until):
            point = self.left.at(day)
            stays = (1.0, 1.0, 1.0) if point is None else (1 - point.rate, 1 - point.high, 1 - point.low)
            rows.append(
                {"day": day, **{name: Share(rate) for name, rate in zip(("stays", "low", "high"), stays, strict=True)}}
            )
        return rows


def contract_life(journeys: Journeys, found: ContractTable) -> tuple[Life, str]:
    """The lives of the accounts of a table of contracts, and the SQL that ran."""
    begun = f"""SELECT contracts.account AS account, contracts.starts_on AS starts_on, contracts.lasts_until AS lasts_until,
    COALESCE(contracts.starts_on > CAST(MAX(contracts.lasts_until) OVER (
        PARTITION BY contracts.account ORDER BY contracts.starts_on, contracts.lead_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) + INTERVAL '1' DAY AS DATE), FALSE) AS again,
    contracts.lead_id AS lead_id
FROM {identifier(found.table)} AS contracts
WHERE NOT contracts.is_credit AND contracts.starts_on <= CAST(? AS DATE)"""
    stays = """SELECT begun.*, SUM(CAST(begun.again AS INTEGER)) OVER (
    PARTITION BY begun.account ORDER BY begun.starts_on, begun.lead_id) AS landings
FROM begun"""
    lives = """SELECT stays.account AS account, MIN(stays.starts_on) AS began, MAX(stays.lasts_until) AS ended
FROM stays
WHERE stays.landings = 0
GROUP BY stays.account"""
    spans = """SELECT 0 AS target, DATE_DIFF('day', lives.began, LEAST(lives.ended, CAST(? AS DATE)))
        + CASE WHEN lives.ended < CAST(? AS DATE) THEN 1 ELSE 0 END AS day,
    CASE WHEN lives.ended < CAST(? AS DATE) THEN 1 ELSE 0 END AS converted,
    CASE WHEN lives.ended < CAST(? AS DATE) THEN 0 ELSE 1 END AS waiting
FROM lives"""
    until = found.until
    query = compose(
        [
            Paragraph("begun", Query(begun, (until,))),
            Paragraph("stays", Query(stays)),
            Paragraph("lives", Query(lives)),
            Paragraph("spans", Query(spans, (until,) * 4)),
            from_outset("spans", ("target",), gone=None),
            *incidence("tallies", ("target",)),
        ],
        Query(POINTS.format(group="CAST(NULL AS DATE)")),
    )
    rows = journeys.engine.named(query)
    left = curve(None, rows)
    return Life(left.leads, sum(row["converted"] for row in rows), left), query.readable()
