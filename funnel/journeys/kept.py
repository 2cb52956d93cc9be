"""Tables and answers that were worked out once, kept while there is room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar, cast

from funnel.core.engine import Engine
from funnel.core.sql import Query, create_table, identifier

KEPT_TABLES = 64
KEPT_CELLS = 1_000_000_000
"""Rows times columns of all kept tables together; about 8 GB on disk. The one asked for last stays whatever its size."""
KEPT_ANSWERS = 1_000
VIEWS = "journeys"
"""The kind that is kept as views: they take no room."""
Answer = TypeVar("Answer")


class Kept:
    """What is kept in an engine under names that begin with `prefix`. `drop_view` removes a view and what it reads."""

    def __init__(self, engine: Engine, prefix: str, drop_view: Callable[[str], None]) -> None:
        self.engine = engine
        self.prefix = prefix
        self.lock = threading.RLock()
        self._drop_view = drop_view
        self._tables: OrderedDict[tuple[object, ...], str] = OrderedDict()
        self._cells: dict[str, int] = {}
        self._statements: dict[str, str] = {}
        self._answers: OrderedDict[tuple[object, ...], object] = OrderedDict()
        self._made = 0
        self._making = 0

    def table(self, kind: str, key: tuple[object, ...], build: Callable[[str], None]) -> str:
        """The name of the table (or view) of this kind and key, built where there is none; the one that was not asked for longest
        makes room, but none while another is being made of it."""
        whole = (kind, *key)
        with self.lock:
            if whole not in self._tables:
                name, self._made = f"{self.prefix}{kind}_{self._made}", self._made + 1
                self._making += 1
                try:
                    build(name)
                finally:
                    self._making -= 1
                self._tables[whole] = name
                self._cells[name] = 0 if kind == VIEWS else self._cells_of(name)
            self._tables.move_to_end(whole)
            if not self._making:
                self._make_room()
            return self._tables[whole]

    def rows(self, kind: str, key: tuple[object, ...], query: Callable[[], Query]) -> str:
        """The name of a table that holds the rows of a query, built once for this kind and key."""

        def build(name: str) -> None:
            rows = query()
            self.engine.keep(name, rows)
            self._statements[name] = create_table(name, rows).readable()

        return self.table(kind, key, build)

    def statement(self, name: str) -> str:
        """What made a table of `rows`, readable."""
        return self._statements[name]

    def once(self, key: tuple[object, ...], work: Callable[[], Answer]) -> Answer:
        """What `work` answers, worked out once for this key."""
        with self.lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return cast(Answer, self._answers[key])
        answer = work()
        with self.lock:
            self._answers[key] = answer
            if len(self._answers) > KEPT_ANSWERS:
                self._answers.popitem(last=False)
        return answer

    def forget(self) -> None:
        """Remove all tables and views."""
        with self.lock:
            for key in list(self._tables):
                self._forget(key)

    def _make_room(self) -> None:
        while len(self._tables) > KEPT_TABLES:
            self._forget(next(iter(self._tables)))
        for key in list(self._tables)[:-1]:
            if sum(self._cells.values()) <= KEPT_CELLS:
                break
            if self._cells[self._tables[key]]:
                self._forget(key)

    def _cells_of(self, name: str) -> int:
        (rows,) = self.engine.row(Query(f"SELECT COUNT(*) AS table_rows FROM {identifier(name)}"))
        return int(rows) * len(self.engine.columns(name))

    def _forget(self, key: tuple[object, ...]) -> None:
        name = self._tables.pop(key)
        if key[0] == VIEWS:
            self._drop_view(name)
        else:
            self.engine.drop_table(name)
        del self._cells[name]
        self._statements.pop(name, None)
