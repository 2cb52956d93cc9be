"""A NUL costs the NUL: cell, line and file stay, and the file says in how many cells one was."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

import funnel
from funnel.reading.records import Marks, records
from funnel.words import wording
from tests.readers import Reader
from tests.sheet_writers import bare_xls, xlsb


def told(reader: Reader, content: bytes | str, name: str = "leads.csv") -> tuple[list[tuple[object, ...]], list[str]]:
    """The rows, and what is said of the file."""
    table = reader.table(content, name)
    assert table.rows_rejected == 0
    return reader.rows(table), [wording.say(note.key, **note.values) for note in table.notes]


def dropped(cells: str) -> list[str]:
    return [f"leads.csv: NUL bytes, which no text has, dropped from {cells}; the rest of each was kept."]


def test_a_nul_in_a_cell_is_dropped_and_told(reader: Reader) -> None:
    rows, notes = told(reader, "id,stage\n1,N\0ew\n2,W\0\0o\0n\n\0,\0\n3,Lost\n")
    assert rows == [("1", "New", 2), ("2", "Won", 3), (None, None, 4), ("3", "Lost", 5)]
    assert notes == dropped("4 cells")


def test_nuls_beside_quotes_delimiters_and_line_ends(reader: Reader) -> None:
    content = 'id,note,stage\r\n1,\0"a, ""\0""b\0"\0,New\0\r\n2,"two\r\n\0lines"\0,Won\r\0\n3,x,\0Lost\0\r\n\0\r\n4,y,"Ne"\0"w"\r\n'
    rows, notes = told(reader, content)
    assert rows == [
        ("1", 'a, ""b', "New", 2),
        ("2", "two\r\nlines", "Won", 3),
        ("3", "x", "Lost", 5),
        ("4", "y", 'Ne"w', 7),
    ]
    assert notes == dropped("6 cells")


def test_a_nul_in_a_header_is_dropped(reader: Reader) -> None:
    table = reader.table("i\0d,st\0age\n1,New\n2,Won\n")
    assert table.columns == ("id", "stage")


def test_cells_too_many_are_still_too_many_but_not_for_a_nul(reader: Reader) -> None:
    table = reader.table("id,stage\n1,New,\0\n2,W\0on,x\n3,Lost\n4,New\n")
    assert (table.rows_read, table.rows_rejected) == (4, 1)
    assert [row[0] for row in reader.rows(table)] == ["1", "3", "4"]
    assert reader.rejects()[0][2:4] == ("2,W␀on,x", "3 cells where the header has 2 columns")


@given(
    st.lists(st.sampled_from(["a", "é", '"', '""', ",", "\n", "\r\n", " ", "\\", "\0"]), max_size=30).map("".join),
    st.sampled_from([Marks(","), Marks(",", escape="\\"), Marks(" ")]),
)
def test_records_are_what_they_were_without_the_nuls(body: str, marks: Marks) -> None:
    def parsed(text: str) -> list[tuple[int, list[str] | None]]:
        lines = [line + "\n" for line in text.split("\n")]
        return [
            (record.line, None if record.cells is None else [cell.replace("\0", "") for cell in record.cells])
            for record in records(lines, marks)
        ]

    assert parsed(body) == parsed(body.replace("\0", ""))


def test_a_text_of_two_byte_units_behind_one_of_single_bytes(reader: Reader) -> None:
    lines = "id,stage\n" + "".join(f"{number},New\n" for number in range(100))
    content = lines.encode() + "100,Won\r\n101,Lost\r\n".encode("utf-16-le")
    rows, notes = told(reader, content)
    assert rows[-2:] == [("100", "Won", 102), ("101", "Lost", 103)]
    assert notes == dropped("4 cells")


def test_nuls_in_other_formats(reader: Reader) -> None:
    assert told(reader, '{"id": 1, "stage": "N\\u0000ew"}\n{"id": 2, "stage": "W\0on"}\n') == (
        [("1", "New", 1), ("2", "Won", 2)],
        dropped("2 cells"),
    )
    value = json.dumps([{"id": "1", "sta\0ge": "a\0b"}], indent=1).replace("\\u0000", "\0")
    table = reader.table(value.replace("{", "\0{"), "leads.csv")
    assert (table.columns, reader.rows(table)) == (("id", "stage"), [("1", "ab", 1)])
    page = "<html>\0<table><tr><td>i\0d<td>st\0age<tr><td>1\0<t\0d>\0Ne\0w</table>"
    assert told(reader, page)[0] == [("1", "New", 2)]
    assert told(reader, bare_xls([[b"id", b"stage"], [b"1", b"N\0ew"]])) == ([("1", "New", 2)], dropped("1 cell"))
    assert told(reader, xlsb({"S": [["id", "stage"], ["1", "N\0\0ew"]]})) == ([("1", "New", 2)], dropped("1 cell"))


def test_a_gzip_of_a_text_with_nuls(reader: Reader) -> None:
    rows, notes = told(reader, gzip.compress(b"id;stage\r\n1;N\0ew\r\n2;Won\r\n"))
    assert (rows, notes) == ([("1", "New", 2), ("2", "Won", 3)], dropped("1 cell"))


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32"])
def test_wide_texts_are_no_texts_with_nuls(reader: Reader, codec: str) -> None:
    content = "id,stage,Имя\n1,New,Анна\n2,Won,Пётр\n".encode(codec)
    assert told(reader, content) == ([("1", "New", "Анна", 2), ("2", "Won", "Пётр", 3)], [])


@pytest.mark.parametrize(
    "content",
    [
        b"\0" * 5000,
        b"id,stage\n" + b"1,New\n" * 100 + b"\0" * 5000,
        bytes(range(256)) * 20,
        b"\0\1\2\3" * 500 + b"id,stage\n1,New\n",
        b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0" + b"\0" * 2000,
    ],
    ids=["NULs", "half of it", "all bytes", "controls", "a program"],
)
def test_binary_files_are_still_refused(reader: Reader, content: bytes) -> None:
    assert reader.refusal(content) == "not_text"


def test_a_header_that_begins_as_pictures_do_is_text_with_a_nul_too(reader: Reader) -> None:
    assert told(reader, "BMW,stage\n1,N\0ew\n2,Won\n") == ([("1", "New", 2), ("2", "Won", 3)], dropped("1 cell"))
    assert told(reader, "BMW;Имя\n1;Юлия\n2;Мария\n".encode("cp1251"))[0] == [("1", "Юлия", 2), ("2", "Мария", 3)]
    pixels = b"BM" + struct.pack("<IHHIIiiHH", 66, 0, 0, 54, 40, 1, 1, 1, 24) + b"\0" * 28
    assert reader.refusal(pixels) == "picture"


def test_a_tape_archive_is_no_text(reader: Reader) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        entry = tarfile.TarInfo("leads.csv")
        entry.size = len(body := b"id,stage\n" + b"1,New\n" * 50_000)
        archive.addfile(entry, io.BytesIO(body))
    assert reader.refusal(stream.getvalue(), "leads.tar") == "other_archive"


def test_inspect_tells_of_nuls(tmp_path) -> None:
    path = tmp_path / "leads.csv"
    lines = "".join(f"{number},New,2024-01-{1 + number:02d}\n" for number in range(25))
    path.write_bytes(("lead_id,stage,entered_at\n" + lines).replace("7,New", "7,N\0ew").encode())
    with funnel.open(path) as leads:
        assert {label.label for label in leads.labels} == {"New"}
        assert [note.values["cells"] for note in leads.warnings if note.key == "reading.note_nuls"] == [2]
