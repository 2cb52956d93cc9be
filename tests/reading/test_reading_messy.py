"""Random messy files: every line ends in the table or among the rejects, and both ways of reading agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel.core.engine import Engine
from funnel.core.errors import ReadingError
from funnel.core.sql import Query, identifier
from funnel.core.types import FileOnDisk
from funnel.reading import delimited, read_files
from funnel.reading.records import Marks, records
from tests.thorough import examples

HEADER = "id,stage,when\n"
TIDY = ["L1,New,2024-01-05\n", "a", "Ж", '"x, y"', '"a ""b"""', '"', ",", ",", "\n", "\n", " ", '""', ",,,", "\n\n"]
MESSY = [*TIDY, "\r\n", "\r", "\0", "\\", ";", "\t", "'", "\ufeff", '"two\nlines"', "é"]
FEW = settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

Result = tuple[object, ...]


class Reader:
    """Reads bytes twice as often as a test could with an engine each."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.path = self.engine.folder / "messy.csv"

    def read(self, content: bytes) -> Result:
        """The refusal with its sentence, or all that was read: columns, rows in order, rejects, notes."""
        self.path.write_bytes(content)
        for kind, table in self.engine.rows(
            Query(
                "SELECT tables.table_type AS kind, tables.table_name AS name FROM information_schema.tables AS tables"
            )
        ):
            self.engine.run(Query(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {identifier(table)}"))
        try:
            (table,) = read_files(self.engine, [FileOnDisk(self.path, "messy.csv")])
        except ReadingError as refused:
            return refused.key, str(refused)
        rows = self.engine.rows(Query(f"SELECT given.* FROM {table.table} AS given ORDER BY given.source_line"))
        rejects = self.engine.rows(
            Query("SELECT rejects.source_line, rejects.value, rejects.reason FROM rejects ORDER BY rejects.source_line")
        )
        assert (len(rows) + len(rejects), len(rejects)) == (table.rows_read, table.rows_rejected)
        return table.columns, table.header_line, table.encoding, rows, rejects, table.notes

    def read_one_by_one(self, content: bytes) -> Result:
        with mock.patch.object(delimited, "_at_once", return_value=None):
            return self.read(content)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.engine.close()


@FEW
@given(st.lists(st.sampled_from(TIDY), max_size=30).map("".join), st.booleans())
def test_both_ways_agree_on_tidy_files(reader: Reader, body: str, windows: bool) -> None:
    content = (HEADER + body).replace("\n", "\r\n" if windows else "\n").encode()
    assert reader.read(content) == reader.read_one_by_one(content)


@FEW
@given(
    st.lists(st.sampled_from(MESSY), max_size=40).map("".join),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "windows-1251"]),
)
def test_both_ways_agree_on_messy_files(reader: Reader, body: str, encoding: str) -> None:
    content = (HEADER + body).encode(encoding, "replace")
    assert reader.read(content) == reader.read_one_by_one(content)


@FEW
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_a_sentence(reader: Reader, content: bytes) -> None:
    assert reader.read(content) == reader.read_one_by_one(content)


@FEW
@given(st.lists(st.sampled_from(["1,New,x", "2,Won", "3,a,b,c,d", "4,a,b,,", ""]), min_size=1, max_size=40))
def test_lines_add_up_and_keep_their_numbers(reader: Reader, lines: list[str]) -> None:
    found = reader.read((HEADER + "1,New,2024-01-05\n" * 40 + "\n".join(lines)).encode())
    expected = [(number, line) for number, line in enumerate(lines, 42) if line]
    rows, rejects = found[3], found[4]
    assert isinstance(rows, list)
    assert isinstance(rejects, list)
    kept = {(row[-1], row[0]) for row in rows if row[-1] >= 42}
    assert kept == {(number, line[0]) for number, line in expected if "c,d" not in line}
    assert [reject[:2] for reject in rejects] == [(number, line) for number, line in expected if "c,d" in line]


@FEW
@given(st.lists(st.sampled_from(MESSY), max_size=40).map("".join), st.sampled_from([Marks(","), Marks(";", "'", "\\")]))
def test_records_cover_every_line_once(body: str, marks: Marks) -> None:
    lines = re.findall(r"[^\n]*\n|[^\n]+", body)
    covered = set()
    for record in records(lines, marks):
        taken = set(range(record.line, record.line + 1 + record.text.count("\n")))
        assert not taken & covered
        covered |= taken
    assert {number for number, line in enumerate(lines, 1) if line.strip("\r\n\0")} <= covered


def test_what_is_written_comes_back(reader: Reader) -> None:
    cells = ["a", 'b"c', "d,e", "f\r\ng", '"', "h\n\ni"]
    lines = [f'{place},"{cell.replace(chr(34), chr(34) * 2)}",x' for place, cell in enumerate(cells)]
    rows = reader.read((HEADER + "\n".join(lines)).encode())[3]
    assert isinstance(rows, list)
    assert [row[1] for row in rows] == cells
    assert [row[-1] for row in rows] == [2, 3, 4, 5, 7, 8]
