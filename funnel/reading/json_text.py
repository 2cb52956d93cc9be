"""JSON lines, or one JSON value with records in it → a raw table, every value as it is written; a history becomes a change log.

Numbers are never computed with, so an id of 19 digits keeps them all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from funnel.core.errors import ReadingError
from funnel.core.types import Note, RawTable
from funnel.reading import json_records, limits, store
from funnel.reading.compressed import MEMBER_SIGN
from funnel.reading.encoding import Text
from funnel.reading.header import header
from funnel.reading.json_records import Answer, Path
from funnel.reading.prescan import check_lines
from funnel.reading.work import ReadContext, check_width

_TOO_DEEP = object()


def looks_like_json(start: str) -> bool:
    """Whether a text that begins so is JSON objects, one a line, or one value; a header may begin with a bracket too."""
    if not start.startswith(("{", "[")):
        return False
    first = start.split("\n", 1)[0]
    opened = start[0] + start[1:].lstrip()[:1]
    return isinstance(_parsed(first), dict | list) or opened in ('{"', "{}", "[{")


def read_json(work: ReadContext, text: Text) -> list[RawTable]:
    """The table of a JSON text, its columns in the order in which they are first met; a change log before it, where records have a
    history (and alone, where they have nothing else but their id).

    A line or an element that is no object is rejected and kept. ReadingError where no object is in it.
    """
    reader = _Reader(work, text)
    rejects = store.Rejects(work, text.name)
    records, log = _Columns(work, text.name), _Columns(work, text.name + MEMBER_SIGN + json_records.HISTORY)
    for line, value, written in reader.values():
        if isinstance(value, dict):
            records.add(line, json_records.cells(value))
            for change in json_records.changes(value):
                if isinstance(change, str):
                    rejects.add(line, change, "reading.reason_json")
                else:
                    log.add(log.rows.count + 1, change)
        elif value is _TOO_DEEP:
            rejects.add(line, written, "reading.reason_json_deep", levels=limits.JSON_DEPTH)
        else:
            rejects.add(line, written, "reading.reason_json")
    if not records.rows.count:
        key = "reading.nothing_fits" if rejects.count else "reading.header_only"
        raise ReadingError(key, file=text.name, lines=rejects.count, columns=len(records.indices))
    alone = log.rows.count and len(records.indices) < 2
    chosen = [columns for columns in (log, records) if columns.rows.count and (columns is log or not alone)]
    tables = [columns.table(text) for columns in chosen]
    rejects.flush()
    tables[0] = replace(
        tables[0],
        rows_read=tables[0].rows_read + rejects.count,
        rows_rejected=rejects.count,
        notes=(*text.notes, *reader.notes, *tables[0].notes),
    )
    return tables


class _Columns:
    """Rows whose columns are found as they come; `indices` are theirs, in that order."""

    def __init__(self, work: ReadContext, name: str) -> None:
        self._name = name
        self.rows = store.Rows(work, name)
        self.indices: dict[Path, int] = {}

    def add(self, line: int, cells: dict[Path, str | None]) -> None:
        """Keep a row."""
        for path in cells:
            self.indices.setdefault(path, len(self.indices))
        check_width(self._name, len(self.indices))
        row: list[str | None] = [None] * len(self.indices)
        for path, value in cells.items():
            row[self.indices[path]] = value
        self.rows.add(line, row, sum(map(len, filter(None, row))))

    def table(self, text: Text) -> RawTable:
        """The table of all rows. ReadingError where it has no columns, or one."""
        if not self.indices:
            raise ReadingError("reading.one_column", file=self._name)
        columns = header(json_records.names(list(self.indices)), len(self.indices), self._name)
        return replace(self.rows.table(columns, "jsonl"), encoding=text.encoding)


class _Reader:
    """The values of a text, each a record where it is an object; `notes` are of what else is in it, once all are given."""

    def __init__(self, work: ReadContext, text: Text) -> None:
        self._work, self._text = work, text
        self.notes: tuple[Note, ...] = ()

    def values(self) -> Iterator[tuple[int, Any, str]]:
        """(line, value, as written where it is no object); its number from 1 in place of the line, where the text is one value."""
        text = self._text
        if text.prescan.newlines == 0 or text.prescan.longest > limits.LINE:
            _check_size(text)
        with text.path.open(encoding="utf-8-sig", newline="\n") as lines:
            first, second = (*islice((line for line in lines if line.strip()), 2), "", "")[:2]
        if not second or not isinstance(_parsed(first), dict):
            answer = self._answer()
            if answer is not None:
                self._tell_of(answer)
                yield from self._of_answer(answer)
                return
        check_lines(text.name, text.prescan)
        yield from self._of_lines()

    def _answer(self) -> Answer | None:
        """The records of a text that is one JSON value; None where it is none."""
        text = self._text
        _check_size(text)
        whole = text.path.read_text(encoding="utf-8-sig")
        if sum(map(whole.count, ",[{")) > limits.JSON_VALUES:
            raise ReadingError("reading.many_json_values", file=text.name, limit=limits.JSON_VALUES)
        value = _parsed(whole)
        if value is _TOO_DEEP:
            raise ReadingError("reading.deep_json", file=text.name, limit=limits.JSON_DEPTH)
        return json_records.answer(value)

    def _tell_of(self, answer: Answer) -> None:
        file, rows = self._text.name, len(answer.records)
        if answer.others:
            names = ", ".join(answer.others)
            self.notes += (Note("reading.note_other_records", {"file": file, "rows": rows, "names": names}),)
        if answer.more:
            self.notes += (Note("reading.note_one_page", {"file": file, "rows": rows}),)

    def _of_answer(self, answer: Answer) -> Iterator[tuple[int, Any, str]]:
        for number, value in enumerate(answer.records, 1):
            self._work.tell("reading.progress_load", self._text.name, number / len(answer.records))
            yield number, value, "" if isinstance(value, dict) else json_records.text(value) or "null"

    def _of_lines(self) -> Iterator[tuple[int, Any, str]]:
        done, size = 0, max(self._text.prescan.size, 1)
        with self._text.path.open(encoding="utf-8-sig", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                done += len(line)
                self._work.tell("reading.progress_load", self._text.name, min(done / size, 1.0))
                if line.replace("\0", "").strip():
                    yield number, _parsed(line), line.rstrip("\r\n")


def _check_size(text: Text) -> None:
    if text.prescan.size > limits.JSON_ARRAY:
        raise ReadingError("reading.large_json", file=text.name, limit=limits.JSON_ARRAY // limits.MEGABYTE)


def _parsed(text: str) -> Any:
    """The JSON value with its numbers and constants as written; None where it is none, _TOO_DEEP where it is nested too deep.

    A NUL in a text stays in it; elsewhere it is as if it were not there.
    """
    if "\0" in text:
        inside = _parsed(text.replace("\0", "\\u0000"))
        return _parsed(text.replace("\0", "")) if inside is None else inside
    try:
        value = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except ValueError:
        return None
    except RecursionError:
        return _TOO_DEEP
    return _TOO_DEEP if text.count("[") + text.count("{") > limits.JSON_DEPTH and _is_deep(value) else value


def _is_deep(value: Any) -> bool:
    """Whether lists and objects stand in one another at more levels than are read."""
    level = [value]
    for _ in range(limits.JSON_DEPTH + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return bool(level)
