"""A query of PostgreSQL → batches of Arrow, every value as the server writes it. The only place that knows an address.

The address is read from the environment when it is needed and kept nowhere. What the driver says of a failure holds user and host, so
it is mapped to sentences of our own and dropped.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from funnel.core import settings
from funnel.core.errors import Interrupted, SourceError
from funnel.core.sql import identifier
from funnel.live.snapshot import Wanted
from funnel.live.sources import Database

if TYPE_CHECKING:
    import pyarrow as pa

CONNECT_SECONDS = 3
SILENT_SECONDS = 30
"""How long a server, or the way to it, may be dead before the connection is given up."""
LATE_SECONDS = 3600
"""How long before the newest moment rows are asked for again: what was begun earlier may have been kept later."""
LOOK_SECONDS = 0.2
SCHEMES = ("postgresql", "postgres")
MOMENTS = ("timestamp", "timestamptz", "date")
_OF_STATE = {
    "42P01": "no_table",
    "42703": "no_column_there",
    "42501": "not_allowed",
    "25006": "only_reads",
    "57014": "too_slow",
    "42601": "not_sql",
    "53300": "busy",
    "22021": "not_text",
    "22P05": "not_text",
}
_GONE = ("08", "57P")
"""States of a server that went away."""
_REFUSES = ("password", "pg_hba.conf", "role ", "authentication", "certificate", "sasl")


@dataclass(frozen=True)
class Held:
    """How many rows a query has, and the newest moment of its cursor, in whole seconds since 1970 (None without one)."""

    rows: int
    newest: int | None
    exact: str | None
    """The newest moment as the server writes it."""


class Session:
    """A connection inside one transaction: all that is asked of it is of one moment."""

    def __init__(self, source: Database, cursor: Any) -> None:
        self._source, self._cursor = source, cursor
        if self._row("SELECT current_setting('transaction_read_only')") != ("on",):
            # What stands between may drop what a session is told.
            raise SourceError("live.may_write", source=source.name)
        self._types = self._described()
        self.columns = tuple(self._types)
        for column in (source.cursor, source.key):
            if column is not None and column not in self._types:
                raise SourceError("live.no_column", source=source.name, column=column, columns=list(self.columns))
        kind = self._types.get(source.cursor or "", MOMENTS[0])
        if kind not in MOMENTS:
            raise SourceError("live.cursor_no_time", source=source.name, column=source.cursor, found=kind)

    @property
    def tells_apart(self) -> bool:
        """Whether the cursor moves with every change: a day does not, where something changes twice on it."""
        return self._source.cursor is not None and self._types[self._source.cursor] != "date"

    def held(self) -> Held:
        """What the query has now."""
        if self._source.cursor is None:
            (rows,) = self._row(f"SELECT count(*) {self._from}")
            return Held(int(rows), None, None)
        column = f"asked.{identifier(self._source.cursor)}"
        # What lies in the future would hide all that changes until then.
        newest = f"max({column}) FILTER (WHERE isfinite({column}) AND {column} <= now())"
        seconds = f"CAST(floor(extract(epoch FROM {newest})) AS bigint)"
        rows, second, exact = self._row(f"SELECT count(*), {seconds}, CAST({newest} AS text) {self._from}")
        return Held(int(rows), None if second is None else int(second), exact)

    def batches(self, since: int | None = None) -> Iterator[pa.RecordBatch]:
        """The rows as text, or those whose cursor is not before `since`, in seconds since 1970."""
        cells = ", ".join(f"CAST(asked.{identifier(name)} AS text) AS {identifier(name)}" for name in self.columns)
        where = ""
        if since is not None and self._source.cursor is not None:
            zoned = "TIMESTAMPTZ" if self._types[self._source.cursor] == "timestamptz" else "TIMESTAMP"
            moment = f"{zoned} 'epoch' + {int(since)} * INTERVAL '1 second'"
            where = f" WHERE asked.{identifier(self._source.cursor)} >= {moment}"
        self._cursor.execute(f"SELECT {cells} {self._from}{where}")
        # What is public of it forgets, in the middle of a stream, which state the server told.
        yield from self._cursor._results.reader

    @property
    def _from(self) -> str:
        # On lines of its own: a remark at the end of a query ends with it.
        return f"FROM (\n{self._source.query.rstrip().rstrip(';')}\n) AS asked"

    def _row(self, query: str) -> tuple[Any, ...]:
        self._cursor.execute(query)
        row: tuple[Any, ...] = self._cursor.fetchone()
        return row

    def _described(self) -> dict[str, str]:
        """The type of each column, by its name."""
        self._cursor.execute(f"SELECT asked.* {self._from} LIMIT 0")
        schema = self._cursor.fetch_arrow_table().schema
        types: dict[str, str] = {}
        for field in schema:
            if field.name in types:
                raise SourceError("live.same_column", source=self._source.name, column=field.name)
            of_field = field.metadata or {}
            kind = of_field.get(b"POSTGRESQL:type") or of_field.get(b"ADBC:postgresql:typname") or b"?"
            types[field.name] = kind.decode()
        return types


@contextmanager
def session(source: Database, wanted: Wanted | None = None) -> Iterator[Session]:
    """A session that can only read, for at most `settings.SOURCE_SECONDS`. SourceError, in a sentence, whatever fails; Interrupted where
    it is not `wanted` any more."""
    try:
        import adbc_driver_postgresql.dbapi as driver
    except ImportError as missing:
        raise SourceError("live.no_driver", source=source.name) from missing
    address, stop = _address(source), _Stop()
    try:
        with driver.connect(address) as connection, connection.cursor() as cursor, _stopped(cursor, stop, wanted):
            yield Session(source, cursor)
    except driver.Error as failed:
        if stop.unwanted:
            raise Interrupted("errors.interrupted") from None
        # Whatever the driver says stays here: it names the user and the host.
        raise _sentence(source, "57014" if stop.over else failed.sqlstate, str(failed)) from None


class _Stop:
    """Why what is asked was stopped from here."""

    def __init__(self) -> None:
        self.until = time.monotonic() + settings.SOURCE_SECONDS() + SILENT_SECONDS
        self.unwanted = self.over = False


@contextmanager
def _stopped(cursor: Any, stop: _Stop, wanted: Wanted | None) -> Iterator[None]:
    """What is asked inside ends where nobody wants it any more, or its time is over, whatever the server does."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_SECONDS):
            stop.unwanted = wanted is not None and not wanted()
            stop.over = time.monotonic() > stop.until
            if stop.unwanted or stop.over:
                cursor.adbc_cancel()

    watcher = threading.Thread(target=look, name="source-clock", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _address(source: Database) -> str:
    """The address with what makes a session safe: it only reads, ends by itself, and all of it is of one moment."""
    given = os.environ.get(source.uri_env, "").strip()
    if not given:
        raise SourceError("live.no_address", source=source.name, variable=source.uri_env)
    try:
        parts = urlsplit(given)
        known = parts.scheme in SCHEMES and bool(parts.netloc)
    except ValueError:
        known = False
    if not known:
        raise SourceError("live.not_an_address", source=source.name, variable=source.uri_env)
    said = dict(parse_qsl(parts.query, keep_blank_values=True))
    milliseconds = int(settings.SOURCE_SECONDS() * 1000)
    options = [
        said.pop("options", ""),
        "-c default_transaction_read_only=on",
        "-c default_transaction_isolation=repeatable\\ read",
        f"-c statement_timeout={milliseconds}",
        "-c TimeZone=UTC",
        "-c DateStyle=ISO",
        "-c IntervalStyle=postgres",
    ]
    own = {
        **said,
        "options": " ".join(filter(None, options)),
        "connect_timeout": str(CONNECT_SECONDS),
        "application_name": "funnel-lens",
        "client_encoding": "UTF8",
        "keepalives_idle": "10",
        "keepalives_interval": "5",
        "keepalives_count": "4",
        "tcp_user_timeout": str(SILENT_SECONDS * 1000),
    }
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(own, quote_via=quote), ""))


def _sentence(source: Database, state: str | None, said: str) -> SourceError:
    """What a failure is to a person, of what the driver said of it."""
    values = {"source": source.name, "variable": source.uri_env}
    if state is None:
        lower = said.lower()
        if "failed to connect" not in lower:
            return SourceError("live.went_away", **values)
        if "database" in lower and "does not exist" in lower:
            return SourceError("live.no_database", **values)
        return SourceError("live.refused" if any(word in lower for word in _REFUSES) else "live.silent", **values)
    if state.startswith(_GONE) and state not in _OF_STATE:
        return SourceError("live.went_away", **values)
    key = _OF_STATE.get(state)
    if key is None:
        return SourceError("live.query_refused", state=state, **values)
    if key == "too_slow":
        setting = settings.SOURCE_SECONDS
        return SourceError("live.too_slow", seconds=setting(), variable_of_limit=setting.variable, **values)
    return SourceError(f"live.{key}", **values)
