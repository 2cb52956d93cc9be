"""Rows of all files together, and room on the disk: what is met is told before more is taken."""

from __future__ import annotations

import errno
import gzip
import json
from pathlib import Path

import pyarrow.parquet
import pytest

from funnel.reading import store
from tests.readers import PLAIN, Reader, parquet, sentence, workbook, zipped
from tests.sheet_writers import Rows, ods, ods_table, xls, xlsb, xml_book, xml_sheet

# Rows of all files together


@pytest.fixture
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNNEL_LENS_ROWS_MILLIONS", "0.00001")


LEADS = [{"id": str(number), "stage": "New"} for number in range(11)]
CSV = "id,stage\n" + "".join(f"{lead['id']},New\n" for lead in LEADS)


@pytest.mark.parametrize("enough", [True, False])
@pytest.mark.parametrize(
    "kind",
    ["csv", "one by one", "rejected", "jsonl", "json", "xlsx", "xls", "xlsb", "ods", "xml", "html", "parquet", "gzip"],
)
@pytest.mark.usefixtures("few_rows")
def test_rows_are_bounded_in_every_format(reader: Reader, kind: str, enough: bool) -> None:
    leads = LEADS[:10] if enough else LEADS
    lines = [f"{lead['id']},New" for lead in leads]
    rejected = [f"{lead['id']},New,x" for lead in leads[5:]]
    table: Rows = [["id", "stage"], *(list(lead.values()) for lead in leads)]
    made = {
        "csv": lambda: ("id,stage\n" + "\n".join(lines) + "\n").encode(),
        "one by one": lambda: ("id,stage\r\n" + "\n".join(lines) + "\n").encode(),
        "rejected": lambda: ("id,stage\n" + "\n".join(lines[:5] + rejected) + "\n").encode(),
        "jsonl": lambda: "".join(json.dumps(lead) + "\n" for lead in leads).encode(),
        "json": lambda: json.dumps(leads).encode(),
        "xlsx": lambda: workbook({"S": table}),
        "xls": lambda: xls({"S": table}),
        "xlsb": lambda: xlsb({"S": table}),
        "ods": lambda: ods(ods_table(table)),
        "xml": lambda: xml_book(xml_sheet(table)).encode(),
        "html": lambda: "".join(["<table>", *(f"<tr><td>{id}<td>{stage}" for id, stage in table)]).encode(),
        "parquet": lambda: parquet(reader.folder, {key: [lead[key] for lead in leads] for key in ("id", "stage")}),
        "gzip": lambda: gzip.compress(("id,stage\n" + "\n".join(lines)).encode()),
    }[kind]()
    if enough:
        assert reader.table(made).rows_read == 10
    else:
        assert sentence(reader, made) == (
            "With leads.csv there are 11 rows or more; at most 10 are read together. Give fewer files or rows, or let whoever"
            " runs the program raise FUNNEL_LENS_ROWS_MILLIONS."
        )


@pytest.mark.usefixtures("few_rows")
def test_rows_of_several_files_count_together(reader: Reader) -> None:
    assert reader.refusal(zipped(**{f"{number}.csv": PLAIN for number in range(6)}), "leads.zip") == "too_many_rows"
    assert len(reader.tables(zipped(**{f"{number}.csv": PLAIN for number in range(5)}), "leads.zip")) == 5


@pytest.mark.usefixtures("few_rows")
def test_rows_that_a_file_tells_of_are_refused_before_they_are_stored(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stored(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(store, "stored_name", stored)
    assert reader.refusal(parquet(reader.folder, {"id": [1] * 11, "x": [2] * 11})) == "too_many_rows"
    assert reader.refusal(CSV.encode()) == "too_many_rows"


# A full disk


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize(
    "content",
    [gzip.compress(PLAIN.encode()), PLAIN.encode("utf-16"), zipped(a=PLAIN), b'{"a":1,"b":2}'],
    # Archives bear the time at which they were made, and each process of the tests makes its own.
    ids=["gzip", "utf-16", "zip", "json"],
)
def test_a_full_disk_has_its_sentence(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, number: int, content: bytes
) -> None:
    written = Path.open

    def opened(path: Path, mode: str = "r", *more: object, **options: object) -> object:
        if "w" in mode and "reading-" in str(path):
            raise OSError(number, "no room")
        return written(path, mode, *more, **options)  # type: ignore[call-overload]

    def full(*_: object, **__: object) -> None:
        raise OSError(number, "no room")

    path = reader.folder / "leads.csv"
    path.write_bytes(content)
    monkeypatch.setattr(Path, "open", opened)
    monkeypatch.setattr(pyarrow.parquet, "write_table", full)
    monkeypatch.setattr(Path, "write_bytes", lambda *_: None)
    assert "leads.csv could not be read to its end: the disk is full" in sentence(reader, content)
    assert not list(reader.engine.folder.glob("reading-*"))


def test_another_fault_of_the_disk_is_not_taken_for_a_full_one(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(pyarrow.parquet, "write_table", faulty)
    assert sentence(reader, b'{"a": 1, "b": 2}\n').startswith(
        "leads.csv could not be read: the system says “input/output error”"
    )
