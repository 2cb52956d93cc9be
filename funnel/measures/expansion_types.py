"""The later wins of accounts by what kind of sale they are, where a column of the file says it."""

from __future__ import annotations

from dataclasses import dataclass

from funnel.core.contracts import ContractColumns
from funnel.core.rows import Row, Word
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.journeys import Journeys
from funnel.measures.expansion_wins import AccountWins

ORDER = ("new", "expansion", "renewal", None)


@dataclass(frozen=True)
class LaterWins:
    """The wins of accounts after the day of their landing that are of one type (None: the column says none that is known), and their worth
    by currency ("": none given)."""

    type: str | None
    wins: int
    value: tuple[tuple[str, float], ...]

    def row(self) -> Row:
        """The type, how many, and their worth."""
        kind = self.type or "unknown"
        return {
            "type": Word(kind, f"measures.expansion_type_{kind}"),
            "wins": self.wins,
            "value": [{"currency": currency or None, "amount": amount} for currency, amount in self.value],
        }


def later_wins(journeys: Journeys, found: AccountWins, columns: ContractColumns) -> tuple[tuple[LaterWins, ...], str]:
    """The later wins of each type that there is, and the SQL that ran; nothing where no column says types."""
    if journeys.file is None or journeys.file.columns is None:
        return (), ""
    named = columns.type or journeys.file.columns.contract_columns.type
    if named is None:
        return (), ""
    said = journeys.file.columns.types(named)
    text = f"""SELECT said.kind AS kind, wins.currency AS currency, COUNT(*) AS wins, SUM(wins.amount) AS amount
FROM {identifier(found.wins)} AS wins
INNER JOIN {identifier(found.accounts)} AS accounts ON accounts.account = wins.account AND accounts.landed_on < wins.day
LEFT JOIN said ON said.lead_id = wins.lead_id
GROUP BY said.kind, wins.currency
ORDER BY said.kind, wins.currency"""
    query = compose([Paragraph("said", said)], Query(text))
    rows = journeys.engine.rows(query)
    found_types = []
    for kind in ORDER:
        of_kind = [(currency, wins, amount) for its, currency, wins, amount in rows if its == kind]
        if of_kind:
            value = tuple((currency, float(amount)) for currency, _, amount in of_kind if amount is not None)
            found_types.append(LaterWins(kind, sum(wins for _, wins, _ in of_kind), value))
    return tuple(found_types), query.readable()
