"""Leads, or their journeys, with the columns of the file as they were at each lead's first moment."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.core.types import AsOf

AMOUNT = "amount"
LATEST_AMOUNT = "latest_amount"


class StartValues:
    """What is known of the leads of an engine at their start: `columns` names, for each column that changed, the one that holds its
    values then; of `unknown` columns nothing is known then. See `mapping.Loaded`."""

    def __init__(self, engine: Engine, columns: Mapping[str, str] | None = None, unknown: Collection[str] = ()) -> None:
        self.columns = dict(columns or {})
        self.unknown = frozenset(unknown)
        self._engine = engine
        self._made: set[str] = set()
        self._lock = threading.Lock()

    def seen(self, table: str, attributes: AsOf) -> str:
        """The name of `leads`, or of a journeys view, with the columns of leads as they were at the start, or as they are now.

        At the start, columns that are not known then are not there, and latest_amount is what a lead is worth now; where no lead's
        values changed, it is the table itself. See `worth`.
        """
        if attributes is AsOf.LATEST or not (self.columns or self.unknown):
            return table
        name = _view(table)
        with self._lock:
            if name not in self._made:
                self._engine.view(name, at_start_query(table, self.columns, self.unknown))
                self._made.add(name)
        return name

    def worth(self, attributes: AsOf) -> str:
        """The column of a `seen` table that holds what a lead is worth now, whichever of its values are looked at."""
        changed = AMOUNT in self.columns or AMOUNT in self.unknown
        return LATEST_AMOUNT if changed and attributes is AsOf.START else AMOUNT

    def forget(self, table: str) -> None:
        """Remove what was made of a table."""
        with self._lock:
            self._engine.drop_view(_view(table))
            self._made.discard(_view(table))


def at_start_query(table: str, at_start: Mapping[str, str], unknown: Collection[str]) -> Query:
    """The select behind such a view: the columns of `table`, each that changed with its value at the start, those that are not known
    then left out, and latest_amount where the amount is one of them."""
    gone = f" EXCLUDE ({', '.join(map(identifier, sorted(unknown)))})" if unknown else ""
    put = [f"source.{identifier(there)} AS {identifier(column)}" for column, there in at_start.items()]
    replaced = f" REPLACE ({', '.join(put)})" if put else ""
    worth = f",\n    source.{AMOUNT} AS {LATEST_AMOUNT}" if AMOUNT in at_start or AMOUNT in unknown else ""
    return Query(f"SELECT source.*{gone}{replaced}{worth}\nFROM {identifier(table)} AS source")


def _view(table: str) -> str:
    return f"{table}_at_start"
