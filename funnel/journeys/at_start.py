"""Leads, or their journeys, with the columns of the file as they were at each lead's first moment."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Pairs

from funnel.sql import Query, identifier

AMOUNT = "amount"
LATEST_AMOUNT = "latest_amount"


def at_start_query(table: str, at_start: Pairs[str, str], unknown: Collection[str]) -> Query:
    """The select behind a `Journeys.seen` view: the columns of `table`, each that changed with its value at the start, those that are
    not known then left out, and latest_amount where the amount is one of them."""
    gone = f" EXCLUDE ({', '.join(map(identifier, sorted(unknown)))})" if unknown else ""
    put = [f"source.{identifier(there)} AS {identifier(column)}" for column, there in at_start.items()]
    replaced = f" REPLACE ({', '.join(put)})" if put else ""
    worth = f",\n    source.{AMOUNT} AS {LATEST_AMOUNT}" if AMOUNT in at_start or AMOUNT in unknown else ""
    return Query(f"SELECT source.*{gone}{replaced}{worth}\nFROM {identifier(table)} AS source")
