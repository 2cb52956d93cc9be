"""Projects that strangers have forged: what their members hold is looked at before it is taken, and whatever opens can be shown."""

from __future__ import annotations

import gc
import json
import time
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import funnel
from funnel import mapping
from funnel.core.errors import FunnelError, MappingError, ProjectError, ReadingError
from funnel.core.types import RawTable
from funnel.storage import json_text
from tests import fuzzing_projects
from tests.storage.projects import put
from tests.thorough import every, thorough

pytestmark = thorough


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    return fuzzing_projects.base(tmp_path_factory.mktemp("bases"))


@pytest.fixture
def told(bases, tmp_path):
    """Writes a project of which the JSON is changed."""

    def write(change, which: int = 0, member: str = fuzzing_projects.TOLD) -> Path:  # type: ignore[no-untyped-def]
        content = dict(bases[which])
        plain = json.loads(content[member])
        change(plain)
        content[member] = json.dumps(plain).encode()
        path = tmp_path / "forged.funnel"
        path.write_bytes(fuzzing_projects.sealed(content))
        return path

    return write


@pytest.fixture
def holding(bases, tmp_path):
    """Writes a project of which a member's column is another."""

    def write(column: str, values: pa.Array | None, member: str = "tables/0.parquet", which: int = 0) -> Path:
        content = dict(bases[which])
        table = pq.read_table(pa.BufferReader(content[member]))
        place = table.column_names.index(column)
        table = table.remove_column(place) if values is None else table.set_column(place, column, values)
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink)
        content[member] = sink.getvalue().to_pybytes()
        if which:
            manifest = json.loads(content[fuzzing_projects.MANIFEST])
            for part in manifest["data"]:
                if member.startswith(f"built/{part['folder']}/"):
                    part["files"] = dict.fromkeys(part["files"], len(content[member]))
            content[fuzzing_projects.MANIFEST] = json.dumps(manifest).encode()
        path = tmp_path / "forged.funnel"
        path.write_bytes(fuzzing_projects.sealed(content))
        return path

    return write


def tall(bases, member: str = "tables/0.parquet", which: int = 0) -> int:
    rows: int = pq.read_table(pa.BufferReader(bases[which][member])).num_rows
    return rows


def refused(path: Path) -> None:
    began = time.process_time()
    with pytest.raises(ProjectError, match=r"“forged.funnel” is damaged"):
        funnel.open(path).close()
    assert time.process_time() - began < 30


@pytest.mark.parametrize("levels", [1, 12, 60])
def test_a_column_of_lists_is_refused_before_it_is_written_as_text(bases, holding, levels) -> None:
    deep = fuzzing_projects.deep(levels).column(0).combine_chunks()
    refused(holding("c1", pa.concat_arrays([deep] * tall(bases))))


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("c1", lambda rows: pa.array(range(rows))),
        ("c1", lambda rows: pa.array([b"x"] * rows)),
        ("c1", lambda rows: pa.array([{"a": "b"}] * rows)),
        ("c1", lambda rows: pa.array(["a\0b"] * rows)),
        ("c1", lambda rows: None),
        ("source_line", lambda rows: pa.array(["2"] * rows)),
        ("source_line", lambda rows: pa.array([2] * rows, pa.int32())),
        ("source_line", lambda rows: pa.array([None] * rows, pa.int64())),
        ("source_line", lambda rows: pa.array([0] * rows)),
        ("source_line", lambda rows: pa.array([2**63 - 1] * rows)),
    ],
    ids=range(10),
)
def test_cells_are_text_and_lines_are_whole_numbers_or_it_is_damaged(bases, holding, column, values) -> None:
    refused(holding(column, values(tall(bases))))


def test_few_bytes_that_stand_for_very_many_cells_are_refused(bases, holding, monkeypatch) -> None:
    path = holding("c1", pa.array(["x" * 100_000] * tall(bases)).dictionary_encode().cast(pa.string()))
    monkeypatch.setattr("funnel.reading.limits.UNPACKED_UNSUSPECTED", 500_000)
    with pytest.raises(ReadingError, match=r"forged\.funnel"):
        funnel.open(path)


PLACES = {
    "leads": "built/leads/rows.parquet",
    "history": "built/history/rows.parquet",
    "gathered": "built/gathered/0/rows.parquet",
}


@pytest.mark.parametrize(
    ("part", "column", "kind"),
    [
        ("leads", "lead_id", pa.array([1], pa.int64())),
        ("leads", "amount", pa.array(["x"])),
        ("leads", "region", pa.array([[["x"]]])),
        ("leads", "region", None),
        ("history", "entered_at", pa.array(["2025-01-01"])),
        ("history", "label", None),
        ("gathered", "earliest_0", pa.array([1])),
        ("gathered", "latest_3", None),
        ("gathered", "currency", pa.array([date(2024, 1, 1)])),
        ("gathered", "region", pa.array([1])),
    ],
    ids=range(10),
)
def test_the_parts_of_a_built_folder_have_the_columns_that_are_asked_for(bases, holding, part, column, kind) -> None:
    rows = tall(bases, PLACES[part], 1)
    refused(holding(column, None if kind is None else pa.concat_arrays([kind] * rows), PLACES[part], 1))


NUMBER = {"file": "x", "cells": "1e999999"}
UNSHOWABLE = {
    "half a sign in the notes": put("work", "notes", value="a\ud800b"),
    "half a sign in a column": put("tables", 0, "columns", 0, value="\udfff"),
    "a number of a million digits": put("tables", 0, "notes", value=[{"key": "reading.note_nuls", "values": NUMBER}]),
    "a number that is text": put(
        "tables", 0, "notes", value=[{"key": "reading.note_nuls", "values": {"file": "x", "cells": "many"}}]
    ),
    "a number without end": put("tables", 0, "rows_read", value=float("inf")),
    "a truth for a number": put("tables", 0, "header_line", value=True),
    "a note without its values": put("tables", 0, "notes", value=[{"key": "reading.note_nuls", "values": {}}]),
    "a view of the frame": put("work", "views", value={"": {"embed": ["true"]}}),
    "a saved view of the frame": put(
        "work", "saved_views", value=[{"name": "x", "page": "", "view": {"embed": ["true"]}}]
    ),
    "a saved view without a page": put("work", "saved_views", value=[{"name": "x", "view": {}}]),
    "a name of a view that is a book": put(
        "work", "saved_views", value=[{"name": "x" * 201, "page": "", "view": {}}]
    ),
    "more saved views than are kept": put(
        "work", "saved_views", value=[{"name": str(n), "page": "", "view": {}} for n in range(201)]
    ),
    "a note to no day": put("work", "dated_notes", value=[{"day": "2025-02-30", "text": "x"}]),
    "a note to a moment": put("work", "dated_notes", value=[{"day": "2025-02-03T10:00:00", "text": "x"}]),
    "a note that is a book": put("work", "dated_notes", value=[{"day": "2025-02-03", "text": "x" * 201}]),
    "a note of no kind": put("work", "dated_notes", value=[{"day": "2025-02-03", "text": "x", "kind": "war"}]),
    "a note whose stage is a book": put(
        "work", "dated_notes", value=[{"day": "2025-02-03", "text": "x", "stage": "x" * 201}]
    ),
    "a note whose condition is a book": put(
        "work", "dated_notes", value=[{"day": "2025-02-03", "text": "x", "condition": "x" * 201}]
    ),
    "more notes to days than are kept": put(
        "work", "dated_notes", value=[{"day": "2025-02-03", "text": str(n)} for n in range(501)]
    ),
    "rules of a watch that are none": put("work", "watch", value="[[rule]]\nkind = 'sales'"),
    "rules of a watch that are no text": put("work", "watch", value={"rule": []}),
    "more rules of a watch than are kept": put(
        "work", "watch", value="".join(f"[[rule]]\nkind = 'step'\nstep = 's{n}'\n" for n in range(201))
    ),
    "a view of the frame's options": put("work", "views", value={"models": {"Embed_Options": ["x"]}}),
    "another order of dates": put("hints", "date_order", value="xyz"),
    "a concept that is none": put("hints", "concepts", value=[["Demo", "nonsense"]]),
    "a model without stages": put("work", "models", value=['kind = "recorded"\nkey = "r"\nname = "R"']),
    "a moment by another clock": put("as_of", value="2025-06-01T12:00:00+02:00"),
    "a moment long ago": put("as_of", value="0001-01-01T00:00:00"),
    "a column twice but for its case": put("tables", 0, "columns", value=["deal", "stage", "at", "AT", "value"]),
    "a column of our own": put("tables", 0, "columns", value=["deal", "stage", "at", "Source_Line", "value"]),
    "a column without a name": put("tables", 0, "columns", value=["deal", "stage", "at", "", "value"]),
    "stages of a draft with one key": put(
        "work", "draft", "stages", value=[{"key": "x", "name": "X", "concepts": [], "labels": []}] * 2
    ),
    "a draft that requires a column twice": put(
        "work",
        "draft",
        "stages",
        value=[{"key": "x", "name": "X", "concepts": [], "labels": [], "requires": ["Region", "Region"]}],
    ),
    "a draft that requires too many columns": put(
        "work", "draft", "stages", value=[{"key": "x", "name": "X", "requires": [str(place) for place in range(31)]}]
    ),
    "a draft whose words are none": put("work", "draft", "stages", value=[{"key": "x", "name": "X", "entry": None}]),
    "a draft of another kind": put("work", "draft", "kind", value="recorded"),
    "a draft with a key too many": put("work", "draft", "more", value=1),
}  # fmt: skip


@pytest.mark.parametrize("change", every(3, [*UNSHOWABLE.values()]), ids=UNSHOWABLE)
def test_what_no_page_could_show_does_not_open(told, change) -> None:
    refused(told(change))


WRONG_MANIFESTS = {
    "a concept that is none": put("labels", 0, "concept", value="nonsense"),
    "leads that are text": put("labels", 0, "leads", value="2"),
    "a moment that is a number": put("labels", 0, "first_seen", value=5),
    "confidence beyond one": put("labels", 0, "confidence", value=7),
    "confidence of thousands of digits": put("labels", 0, "confidence", value=10**4000),
    "an unknown sentence": put("warnings", value=[{"key": "no.such", "values": {}}]),
    "an unknown shape": put("shape", value="round"),
    "headers that are numbers": put("headers", value=[1, 2]),
    "columns that are a list": put("columns", value=[]),
    "observed by another clock": put("observed_until", value="2025-01-01T00:00:00Z"),
    "observed at the end of days": put("observed_until", value="9999-12-31T23:59:59"),
    "a label behind the last stage": put("journeys", 0, "places", "New", value=99),
    "stages without number": put("journeys", 0, "stages", value=10**9),
    "a part that is not there": put("journeys", 0, "folder", value="x"),
    "a recorded label that is none": put("recorded", value=["x"]),
    "one stage again and again": put("recorded", value=["New"] * 500),
    "an attribute again and again": lambda plain: plain["attributes"].extend(plain["attributes"] * 9),
    "a label numbered without end": put("gathered", 0, "numbers", "New", value=10**9),
    "fewer than none": put("leads", value=-1),
    "an attribute that no lead has": put("attributes", 0, "column", value="x"),
    "no manifest": lambda plain: plain.clear(),
    "a mapping that is none": put("mapping", value="x ="),
    "a mapping to a concept that is none": put("mapping", value='[concepts]\nDemo = "nonsense"\n'),
}


@pytest.mark.parametrize("change", every(3, [*WRONG_MANIFESTS.values()]), ids=WRONG_MANIFESTS)
def test_a_forged_manifest_is_refused_with_a_sentence(told, change) -> None:
    refused(told(change, 1, fuzzing_projects.MANIFEST))


def test_json_that_is_no_object_is_refused(bases, tmp_path) -> None:
    path = tmp_path / "forged.funnel"
    for member, which in ((fuzzing_projects.TOLD, 0), (fuzzing_projects.MANIFEST, 1)):
        for content in (
            b"[]",
            b"null",
            b"5",
            b'"x"',
            b"[" * 100_000,
            b"NaN",
            b"1e999999",
            b"9" * 5000,
            b'{"format": true}',
        ):
            path.write_bytes(fuzzing_projects.sealed({**bases[which], member: content}))
            refused(path)


def test_a_concept_of_a_mapping_file_is_one_that_there_is() -> None:
    assert mapping.from_toml('[concepts]\nDemo = "demo"\nNew = "ignored"\n', "m.toml").concepts == (
        ("Demo", "demo"),
        ("New", "ignored"),
    )
    with pytest.raises(MappingError, match=r"m\.toml.*concepts\.Demo.*nonsense"):
        mapping.from_toml('[concepts]\nDemo = "nonsense"\n', "m.toml")


def test_half_a_sign_in_the_name_of_a_file_does_not_keep_its_project_from_opening(bases, tmp_path) -> None:
    with funnel.open(_named(tmp_path, bases)) as leads:
        leads.tables = tuple(RawTable(**{**vars(table), "name": "deal\udce9s.csv"}) for table in leads.tables)
        leads.save(tmp_path / "again.funnel")
    with funnel.open(tmp_path / "again.funnel") as again:
        assert [table.name for table in again.tables] == ["deal?s.csv"]


def _named(folder: Path, bases) -> Path:  # type: ignore[no-untyped-def]
    path = folder / "first.funnel"
    path.write_bytes(fuzzing_projects.sealed(bases[0]))
    return path


def test_what_would_not_open_again_is_not_saved(bases, tmp_path, monkeypatch) -> None:
    with funnel.open(_named(tmp_path, bases)) as leads:
        monkeypatch.setattr("funnel.storage.json_text.MOST_BYTES", 1000)
        with pytest.raises(FunnelError, match="too large to be saved"):
            leads.save(tmp_path / "x.funnel")
    assert not (tmp_path / "x.funnel").exists()


@pytest.mark.parametrize("part", ["0", "[]", "{}", '"\\ud83d\\ude00"', "1e5", '{"a":[]}'])
def test_json_is_read_in_a_moment_or_not_at_all(part) -> None:
    """Nobody else is answered while it is read."""
    gc.collect()
    for times in (10_000, 200_000, 3_000_000):
        content = f"[{part + ','}".encode() + f"{part},".encode() * times + b"0]"
        began = time.process_time()
        try:
            assert len(json_text.parsed(content)) == times + 2
        except ValueError:
            assert times > 200_000
        assert time.process_time() - began < 10
