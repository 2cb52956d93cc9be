"""A large file is its raw table itself: it says what a stored one says, as long as it is what it was."""

from __future__ import annotations

import itertools
import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import funnel
from funnel import measures
from funnel.core.disk import size_of
from funnel.core.engine import Engine
from funnel.core.errors import ReadingError
from funnel.core.sql import Query, identifier
from funnel.core.types import AS_RECORDED, FileOnDisk, RawTable
from funnel.reading import limits, read_files
from pages.server import served_files
from tests.pages.apps import MOVES, opened, titles
from tests.pages.test_pages_served import chosen
from tests.readers import Reader
from tests.thorough import examples, thorough

LINES = ["Deal ID,Stage,Entered at\n", *(f"d{lead},New,2025-03-{1 + lead % 28:02}\n" for lead in range(500))]
PLAIN = "".join(LINES).encode()
PIECES = (
    *("L1,New,2024-01-05\n", "L2,Won\n", "3,a,b,c\n", "4,a,b,,\n", '5,"a ""b"", c",x\n', '6,"a"b,x\n', '7,"a"b"c",x\n'),
    *("\n", "\n\n", ",,\n", "a", "é", '"', '""', ",", "'", " ", ";", "\t", "\\", "\0", "\r", '"two\nlines",x,y\n'),
)
LATER = 1_900_000_000


@pytest.fixture
def in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of any size are read in place."""
    put_in_place(monkeypatch, True)


def put_in_place(monkeypatch: pytest.MonkeyPatch, every: bool) -> None:
    monkeypatch.setattr(limits, "IN_PLACE_BYTES", 0 if every else 1 << 60)
    monkeypatch.setattr(limits, "IN_PLACE_ROWS", 0)


class Both:
    """Reads each content as a stored table and in place, with one engine for all that a test makes up."""

    def __init__(self) -> None:
        self.engine = Engine()
        self._files = 0

    def read(self, content: bytes, in_place: bool) -> tuple[object, ...]:
        """The refusal, or all that was read: the table, its rows by each of its columns alone too, what was rejected."""
        for kind, name in self.engine.rows(
            Query("SELECT tables.table_type, tables.table_name FROM information_schema.tables AS tables")
        ):
            self.engine.run(Query(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {identifier(name)}"))
        # A file of its own each time: that of an earlier one is to stay what it was.
        self._files += 1
        path = self.engine.folder / f"{self._files}.csv"
        path.write_bytes(content)
        with pytest.MonkeyPatch.context() as patched:
            put_in_place(patched, in_place)
            try:
                (table,) = read_files(self.engine, [FileOnDisk(path, "messy.csv")])
            except ReadingError as refused:
                return refused.key, str(refused)
        assert in_place or table.line_of_place is None
        rejects = self.engine.rows(Query("SELECT rejects.* FROM rejects ORDER BY rejects.source_line"))
        return table, self.rows(table), rejects, self.alone(table)

    def rows(self, table: RawTable) -> list[tuple[object, ...]]:
        """The rows in the order of the file; where it is read in place also by the rows without their lines."""
        rows = self.engine.rows(Query(f"SELECT given.* FROM {table.table} AS given"))
        assert rows == sorted(rows, key=lambda row: row[-1])
        assert len(rows) == table.rows_read - table.rows_rejected
        if table.line_of_place is not None:
            self.engine.run(
                Query(f"CREATE OR REPLACE TEMP TABLE kept AS SELECT given.* FROM {table.unnumbered} AS given")
            )
            line = table.line_of_place.format(place="kept.rowid")
            assert self.engine.rows(Query(f"SELECT kept.*, {line} AS line FROM kept ORDER BY kept.rowid")) == rows
        return rows

    def alone(self, table: RawTable) -> list[object]:
        """What each column says where no other is read, and how many rows there are where none is."""
        counts = [f"SELECT count(*), count({identifier(name)}) FROM {table.table}" for name in table.columns]
        return [self.engine.rows(Query(text)) for text in (*counts, f"SELECT count(*) FROM {table.table}")]


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    made = Both()
    yield made
    made.engine.close()


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
    st.sampled_from(["id,stage,when\n", "id,,when,\n", "title\n\nid,stage,when\n", "id;stage;when\n"]),
    st.booleans(),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "windows-1251"]),
)
@example("1,a,b\n2,c,d,e\n\n3,f,g", "id,stage,when\n", True, "utf-8")
@example('1,a,b\n2,"a"b,c\n3,f,g\n4,f,g\n', "id,stage,when\n", False, "utf-8")
def test_a_file_read_in_place_says_what_a_stored_one_says(
    both: Both, body: str, head: str, windows: bool, encoding: str
) -> None:
    content = (head + body).replace("\n", "\r\n" if windows else "\n").encode(encoding, "replace")
    assert both.read(content, in_place=True) == both.read(content, in_place=False)


@thorough
@pytest.mark.parametrize("seed", range(4))
def test_a_file_of_several_buffers_says_the_same(both: Both, seed: int) -> None:
    """More than the engine's threads read in one piece, with blank, short, long and refused lines, some side by side."""
    chance = random.Random(seed)
    kinds = ["short" if chance.random() < 0.01 else "plain" for _ in range(220_000)]
    for kind, most in (("refused", 60), ("blank", 60), ("long", 20)):
        for _ in range(chance.randrange(1, most)):
            kinds[chance.randrange(len(kinds))] = kind
    written = {
        "plain": lambda row: f'L{row},"New, ""or"" {row % 7}",2024-01-05,{"é" * (row % 40)}',
        "short": lambda row: f"L{row}",
        "refused": lambda row: f"L{row},a,b,c,d,e",
        "blank": lambda row: "",
        "long": lambda row: f"L{row},a,b,{'y' * (row % 90_000)}",
    }
    newline = ("\n", "\r\n")[seed % 2]
    lines = ("id,stage,when,text", *(written[kind](row) for row, kind in enumerate(kinds)))
    path = both.engine.folder / f"large_{seed}.csv"
    path.write_bytes(newline.join(lines).encode())
    found = []
    for every in (True, False):
        engine = Engine([path])
        with pytest.MonkeyPatch.context() as patched:
            put_in_place(patched, every)
            (table,) = read_files(engine, [FileOnDisk(path, path.name)])
        assert (table.line_of_place is not None) == every
        said = [
            engine.row(Query(f"SELECT count(*), bit_xor(hash({', '.join(columns)})) FROM raw_0"))
            for length in (1, 2, 5)
            for columns in itertools.combinations(("source_line", "id", "stage", '"when"', "text"), length)
        ]
        found.append((table, said, engine.rows(Query("SELECT rejects.* FROM rejects ORDER BY rejects.source_line"))))
        engine.close()
    assert found[0] == found[1]
    assert found[0][0].rows_rejected == kinds.count("refused")


@pytest.mark.usefixtures("in_place")
def test_a_file_of_which_a_view_would_lose_lines_is_stored(reader: Reader) -> None:
    table = reader.table('id,stage\n1,New\n2,"Won"x"y"\n3,Lost\n4,New\n')
    assert table.line_of_place is None
    assert reader.rows(table) == [("1", "New", 2), ("3", "Lost", 4), ("4", "New", 5)]
    assert table.rows_rejected == 1


def test_small_files_are_stored_and_large_ones_are_not(reader: Reader) -> None:
    assert reader.table(PLAIN).line_of_place is None
    row = b"d1,New," + b"x" * 100 + b"\n"
    large = b"id,stage,text\n" + row * (limits.IN_PLACE_BYTES // len(row) + 1)
    assert limits.IN_PLACE_BYTES // len(row) < limits.IN_PLACE_ROWS
    assert reader.table(large).line_of_place is None
    row = b"d1,New," + b"x" * 80 + b"\n"
    large = b"id,stage,text\n" + row * limits.IN_PLACE_ROWS
    assert reader.table(large).line_of_place == "{place} + 2 + 0"
    assert size_of(reader.engine.folder) < limits.MEGABYTE


@pytest.mark.usefixtures("in_place")
def test_the_engine_knows_how_long_a_file_is(reader: Reader) -> None:
    """So that a join with a few lines hashes those, and not the file."""
    reader.table(PLAIN)
    reader.engine.run(Query("CREATE TABLE few AS SELECT range AS line FROM range(100)"))
    joined = "SELECT raw.* FROM few JOIN raw_0 AS raw ON raw.source_line = few.line"
    plan = str(reader.engine.rows(Query(f"EXPLAIN {joined}")))
    assert max(int(rows.replace(",", "")) for rows in re.findall(r"~([\d,]+) rows", plan)) >= 500


# A file that does not stay what it was


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"d9999,New,2025-03-01\n")


def write_over(path: Path) -> None:
    """As many bytes, in the same place."""
    content = path.read_bytes().replace(b"New", b"Old")
    with path.open("r+b") as file:
        file.write(content)
    os.utime(path, (LATER, LATER))


def replace(path: Path) -> None:
    """Another file of as many bytes, which says that it was changed when the first was."""
    before, other = path.stat(), path.with_name("other")
    other.write_bytes(path.read_bytes().replace(b"New", b"Old"))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


@pytest.mark.parametrize("change", [append, write_over, replace, Path.unlink])
@pytest.mark.usefixtures("in_place")
def test_no_question_is_answered_from_a_file_that_was_changed_since(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = tmp_path / "deals.csv"
    path.write_bytes(PLAIN)
    with funnel.open(path) as leads:
        assert leads.leads == len(leads.preview("raw_0", 1000)) == 500
        change(path)
        for ask in (
            lambda: leads.preview("raw_0"),
            lambda: leads.ask(measures.steps, AS_RECORDED),
            lambda: leads.save(tmp_path / "all.funnel"),
        ):
            with pytest.raises(ReadingError, match=r"^deals\.csv was changed, replaced or removed since it was opened"):
                ask()
    assert not (tmp_path / "all.funnel").exists()


@pytest.mark.usefixtures("in_place")
def test_a_file_whose_name_is_a_pattern_is_pinned_as_well(tmp_path: Path) -> None:
    path = tmp_path / "deals [1].csv"
    path.write_bytes(PLAIN)
    with funnel.open(path) as leads:
        assert len(leads.preview("raw_0", 1000)) == 500
        append(path)
        with pytest.raises(ReadingError, match="since it was opened"):
            leads.preview("raw_0")


def test_a_small_file_may_change(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_bytes(PLAIN)
    with funnel.open(path) as leads:
        path.unlink()
        assert len(leads.preview("raw_0", 1000)) == 500


@pytest.mark.usefixtures("in_place")
def test_a_file_of_the_server_that_was_changed_is_let_go_and_the_upload_box_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deals.csv").write_bytes(MOVES)
    monkeypatch.setenv("FUNNEL_LENS_FOLDER", str(tmp_path))
    monkeypatch.setattr(served_files, "REMEMBERED_SECONDS", 0.0)
    at = chosen(opened(), "deals.csv")
    assert at.session_state["workspace"].data_set.tables[0].line_of_place is not None
    append(tmp_path / "deals.csv")
    at.switch_page("trends_page.py").run()
    assert not at.exception
    assert titles(at) == ["See the funnel in your lead file"]
    assert any("since it was opened" in error.value for error in at.error)
    assert at.session_state["workspace"].data_set is None
