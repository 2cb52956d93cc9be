"""A snapshot that is read where it lies: the same leads, entries, rejects and notes as of one whose cells are stored."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import funnel
from funnel.core.errors import FunnelError
from funnel.core.sql import Query
from funnel.mapping import MappingOverrides
from funnel.mapping.build.attributes import attributes
from funnel.reading import limits
from tests.mapped import EXPORTS, Mapped, mapped
from tests.thorough import examples, thorough

BUILD = sys.modules["funnel.mapping.build.build"]
HEADER = (
    *("Deal ID", "Deal", "Account", "Stage", "Amount", "Created Date", "Close Date", "Is Won", "Pipeline", "Chance"),
    *("Seats", "Note"),
)


@contextmanager
def in_place() -> Iterator[list[object]]:
    """Every file that can be is its own table; what becomes of each source with a line a lead is told: how its lines are told anew, or
    None."""
    patch, told = pytest.MonkeyPatch(), []
    patch.setattr(limits, "IN_PLACE_BYTES", 0)
    patch.setattr(limits, "IN_PLACE_ROWS", 0)
    at_once = BUILD.lines_at_once
    patch.setattr(BUILD, "lines_at_once", lambda *args: told.append(at_once(*args)) or told[-1])
    try:
        yield told
    finally:
        patch.undo()


def told(found: Mapped) -> dict[str, object]:
    """All that a build tells, and what stands in the engine."""
    engine = found.engine
    entries = engine.rows(Query("SELECT history.* FROM history ORDER BY ALL"))
    return {
        **vars(found.loaded),
        "leads": (engine.columns("leads"), found.leads()),
        "entries": entries,
        "rejects": found.rejects(),
        "attributes": attributes(engine, found.loaded.at_start),
    }


def outcome(path: Path, overrides: MappingOverrides | None = None) -> object:
    try:
        with mapped(path, overrides=overrides) as found:
            return told(found)
    except FunnelError as refused:
        return refused.args


def snapshot(folder: Path, rows: Sequence[Sequence[str]], end: str = "\n", name: str = "deals") -> Path:
    path = folder / f"{name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator=end).writerows([HEADER, *rows])
    return path


def clean(count: int = 24) -> list[list[str]]:
    stages = ("New", "Qualified", "Proposal", "Closed Won", "Closed Lost")
    rows = []
    for number in range(count):
        stage = stages[number % 5]
        closed = f"2024-03-{1 + number:02}" if number % 5 > 2 else ""
        won = "true" if stage == "Closed Won" else "false"
        chance = str((10, 30, 60, 100, 0)[number % 5])
        created = f"2024-02-{1 + number:02} 08:{number:02}:00"
        who = (f"D{number:04}", f"Deal {number}", f"A{number % 7}", stage, str(100 * number))
        rows.append([*who, created, closed, won, "New business", chance, f"{number}.5", f"about {number % 9}"])
    return rows


@thorough
@pytest.mark.parametrize("path", sorted(EXPORTS.glob("*.csv")), ids=lambda path: path.name)
def test_every_export_is_the_same_where_it_lies(path):
    stored = outcome(path)
    with in_place():
        assert outcome(path) == stored


CELLS = {
    0: ["D0003", "D0003 ", " d0003", "", "n/a", "0000000000000", "Total", "Grand total (24)", "Deal ID", "7.0", "Ünï", "Confidential"],
    1: ["", " ", "Deal", "deal", "Ünï, \"quoted\"", "=1+1"],
    2: ["", "account", "A1 ", "-", "0"],
    3: ["new", "NEW ", "", "stage", "won?", "Parked", "N/A", "Closed lost"],
    4: ["", "$5,000", "5 000", "n/a", "ten", "-3", "1e5", "amount"],
    5: ["", "2024-02-30", "2024-02-03", "01.02.2024", "soon", "1970-01-01", "created date"],
    6: ["", "2024-02-04", "2024-02-04 00:00:00", "2023-01-01", "2031-01-01", "later", "2024-02-04 07:00:00"],
    7: ["", "TRUE", "yes", "maybe", "1"],
    8: ["", "Renewal", "new business", " "],
    9: ["", "50%", "n/a", "12.5", "1,5", "x"],
    10: ["", "-", "007", "12345678901234567890", "9", "3,5", "$4", " 4"],
    11: ["", "-", " padded ", "\u00a0", "source_line", "12"],
}  # fmt: skip
changes = st.lists(
    st.tuples(st.integers(0, 27), st.integers(0, 11)).flatmap(
        lambda at: st.tuples(st.just(at[0]), st.just(at[1]), st.sampled_from(CELLS[at[1]]))
    ),
    max_size=6,
)
LINES = (
    "",
    ",,",
    "D9999",
    "Total,,,,900",
    "printed on paper",
    ",".join(HEADER),
    "D9,x,A,New,1,2024-02-01,,,,,,,one,too,many",
    '"  ",,',
)
further = st.lists(st.tuples(st.integers(0, 26), st.sampled_from(LINES)), max_size=4)
SAID = (
    MappingOverrides(),
    MappingOverrides(pipeline="New business"),
    MappingOverrides(lead="-"),
    MappingOverrides(lead="Deal ID", date_order="dmy"),
)


@thorough
@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(changes, further, st.sampled_from(["\n", "\r\n"]), st.sampled_from(SAID))
def test_nasty_snapshots_are_the_same_where_they_lie(tmp_path, changed, more, end, overrides):
    rows = clean()
    for row, column, cell in changed:
        rows[row % len(rows)][column] = cell
    path = snapshot(tmp_path, rows, end)
    lines = path.read_bytes().decode().split(end)
    for place, line in more:
        lines.insert(place + 1, line)
    path.write_bytes(end.join(lines).encode())
    stored = outcome(path, overrides)
    with in_place():
        assert outcome(path, overrides) == stored


@thorough
def test_the_leads_of_a_snapshot_are_told_without_a_join_whatever_lines_are_no_data(tmp_path):
    summed = [["Total", "", "", "", "900", *[""] * 7], list(HEADER), ["", *clean(1)[0][1:]]]
    for name, rows in (("clean", clean()), ("faulty", [*clean(), *summed, ["D9", *clean(1)[0][1:]]])):
        path = snapshot(tmp_path, rows, name=name)
        stored = outcome(path)
        with in_place() as lines:
            assert outcome(path) == stored
        assert [each is not None for each in lines] == [True]


def test_words_behind_the_last_line_are_no_lead_and_told_with_their_line(tmp_path):
    """Only the lines before tell that they are none: such leads are joined to their lines, as those of a stored file."""
    path = snapshot(tmp_path, clean())
    path.write_text(path.read_text() + "printed on paper\n")
    with mapped(path) as found:
        stored = told(found)
        assert found.loaded.files[0].rows_ignored == 1
    with in_place() as lines, mapped(path) as found:
        assert told(found) == stored
        assert lines == [None]


def test_a_last_line_with_an_attribute_alone_beside_its_id_is_a_lead(tmp_path):
    path = snapshot(tmp_path, [*clean(), ["D7777", *[""] * 10, "a note"]])
    with in_place() as lines, mapped(path) as found:
        assert found.leads()["D7777"]["Note"] == "a note"
        assert found.loaded.files[0].rows_used == 25
        assert lines[0] is not None


@thorough
def test_a_snapshot_beside_other_files_is_the_same_where_it_lies(tmp_path):
    rows = clean()
    rows[3][2], rows[8][8], rows[20][0] = "A99", "Renewal", "n/a"
    deals = snapshot(tmp_path, rows)
    accounts = tmp_path / "accounts.csv"
    accounts.write_text(
        "Account,Region,Employees\n" + "".join(f"A{number},R{number % 2},{number}0\n" for number in range(6))
    )
    log = tmp_path / "deal_history.csv"
    moved = [(f"D{number:04}", stage) for number in range(0, 20, 3) for stage in ("New", "Qualified")]
    lines = (f"{deal},{stage},2024-02-{day:02}\n" for day, (deal, stage) in enumerate(moved, 1))
    log.write_text("Deal ID,Stage,Entered at\n" + "".join(lines))
    for others in ([accounts], [log], [log, accounts], [snapshot(tmp_path, clean(9), name="older")]):
        with mapped(deals, *others) as found:
            stored = told(found)
        with in_place(), mapped(deals, *others) as found:
            assert told(found) == stored


@thorough
def test_leads_of_several_lines_are_those_of_a_stored_file(tmp_path):
    twice = [*clean(), *([*row[:3], "Proposal", "77", *row[5:]] for row in clean(3))]
    path = snapshot(tmp_path, twice)
    stored = outcome(path, MappingOverrides(shape=funnel.Shape.SNAPSHOT))
    with in_place() as lines:
        assert outcome(path, MappingOverrides(shape=funnel.Shape.SNAPSHOT)) == stored
    assert lines == []


def test_a_file_whose_headers_are_names_of_the_working_tables(tmp_path):
    names = {"Note": "mark_9", "Seats": "lead_id", "Chance": "label", "Account": "n0", "Deal": "r0"}
    path = snapshot(tmp_path, clean())
    text = path.read_text()
    for name, other in names.items():
        text = text.replace(f",{name},", f",{other},", 1).replace(f",{name}\n", f",{other}\n", 1)
    path.write_text(text)
    stored = outcome(path)
    with in_place() as lines:
        assert outcome(path) == stored
    assert [each is not None for each in lines] == [True]


@thorough
def test_lines_are_told_inside_a_transaction_as_outside_and_nothing_stays_behind(tmp_path):
    rows = clean()
    rows[5][0], rows[9][4] = "", "ten"
    path = snapshot(tmp_path, rows)
    asked = [Query("SELECT history.* FROM history ORDER BY ALL"), Query("SELECT rejects.* FROM rejects ORDER BY ALL")]
    with funnel.open(path, overrides=MappingOverrides(lead="Deal ID")) as stored:
        expected = [stored.engine.rows(each) for each in asked]
    assert {line for _, line, *_ in expected[1]} == {7, 11}
    with in_place(), funnel.open(path, overrides=MappingOverrides(lead="Deal ID")) as leads:
        assert leads.tables[0].line_of_place is not None
        assert [leads.engine.rows(each) for each in asked] == expected
        left = [
            name
            for (name,) in leads.engine.rows(Query("SELECT tables.table_name FROM information_schema.tables AS tables"))
        ]
        assert not [name for name in left if name.startswith(("aside_", "cells_of", "part_"))]
        leads.remap(MappingOverrides(lead="Deal ID", won=("Proposal",)))
        assert leads.leads == 23
