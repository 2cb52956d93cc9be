"""What became of accounts after their first win, as plain data and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel.cli.output.contrasts import said
from funnel.cli.output.text import paragraphs, rows_text
from funnel.core.rows import Row, data
from funnel.measures.customer_deals import CustomerDeals
from funnel.measures.expansion import Expansion
from funnel.measures.retention import Contracted
from funnel.words import wording


def expansion(
    result: Expansion, contracts: Contracted | None, missing: Sequence[str], deals: CustomerDeals | None
) -> dict[str, Any]:
    """Second wins by day, repeat value, later wins by type; with contracts what is kept of them, else what is missing for that."""
    return {
        "as_of": result.as_of.isoformat(),
        "answer": said([result.answer])[0],
        "accounts": result.whole.accounts,
        "again": result.whole.again.numerator,
        "repeats": result.repeats,
        "second_win": data(result.rows()),
        "curve": [
            {"day": each.day, "at_risk": each.at_risk, "rate": each.rate, "low": each.low, "high": each.high}
            for each in result.curve.points
        ],
        "value": data(result.value_rows()),
        "later_wins": [each.row() for each in result.types],
        "deals": None if deals is None else {"day": deals.day, "groups": data(deals.rows())},
        "contracts": None if contracts is None else _contracts(contracts),
        "missing": list(missing),
    }


def _contracts(contracts: Contracted) -> dict[str, Any]:
    return {
        "answer": said([contracts.answer])[0],
        "from": contracts.since.isoformat(),
        "to": contracts.to.isoformat(),
        "columns": vars(contracts.columns),
        "per": contracts.per.value,
        "retention": [
            {
                **row,
                "net_if_lost": each.net_if_lost,
                "apart": each.apart,
                "apart_start": each.apart_start,
                "large": _large(each.large),
            }
            for row, each in zip(data(contracts.rows()), contracts.retention, strict=True)
        ],
        "renewals": data(contracts.renewal_rows()),
        "bridge": data(contracts.month_rows()),
        "life": {
            "accounts": contracts.life.accounts,
            "left": contracts.life.gone,
            "stays": data(contracts.life.rows()),
        },
        "worth": data([each.row() for each in contracts.worth]),
    }


def _large(accounts: Sequence[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"account": account, "share": share} for account, share in accounts]


def expansion_text(
    result: Expansion, contracts: Contracted | None, missing: Sequence[str], deals: CustomerDeals | None
) -> str:
    """The answer, and a table for each part."""
    counts = {"accounts": result.whole.accounts, "again": result.whole.again.numerator, "until": result.as_of}
    parts = [
        [*said([result.answer]), wording.say("command.expand_line", **counts)],
        _titled("second", "expansion", result.rows()),
        _titled("value", "expansion_value", result.value_rows(), 1),
        _titled("types", "expansion_types", [_worth(each.row()) for each in result.types]),
        _titled("deals", "customer_deals", deals.rows()) if deals is not None else [],
        list(missing),
    ]
    if contracts is not None:
        since, to = contracts.since, contracts.to
        parts += [
            said([contracts.answer]),
            _titled("retention", "retention", contracts.rows(), since=since, to=to),
            _titled("renewals", "retention_renewals", contracts.renewal_rows()),
            _titled("life", "contract_life", contracts.life.rows()),
            _titled("worth", "contract_worth", [each.row() for each in contracts.worth]),
            _titled("bridge", "retention_months", contracts.month_rows(), 2),
        ]
    return paragraphs(parts)


def _worth(row: Row) -> Row:
    """A row whose value is one text, an amount in each currency."""
    value = row["value"]
    assert isinstance(value, list)
    return {**row, "value": " + ".join(wording.money(each["amount"], str(each["currency"] or "")) for each in value)}


def _titled(name: str, table: str, rows: Sequence[Row], left: int = 1, **values: Any) -> list[str]:
    return [wording.say(f"command.expand_{name}", **values), *rows_text(table, rows, left, **values)] if rows else []
