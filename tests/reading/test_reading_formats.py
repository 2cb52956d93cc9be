"""Archives, workbooks, Parquet and JSON → raw tables as text, as their rows stand in them."""

from __future__ import annotations

import gzip
import json
from datetime import date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from funnel.core.types import Note
from tests.readers import PLAIN, Reader, keys, replaced, workbook, zipped

# Compressed


def test_gzip_and_zip_of_one_file_go_by_the_name_of_the_archive(reader: Reader) -> None:
    for name, content in (("a.csv.gz", gzip.compress(PLAIN.encode())), ("a.zip", zipped(**{"x/leads.csv": PLAIN}))):
        table = reader.table(content, name)
        assert (table.name, table.rows_read, table.encoding) == (name, 2, "utf-8")


def test_a_zip_of_several_files_is_several_tables(reader: Reader) -> None:
    content = zipped(
        **{
            "leads.csv": PLAIN,
            "../../etc/evil.csv": "id;Этап\n1;Новый\n".encode("cp1251"),
            "__MACOSX/._leads.csv": b"\0\1",
            "logo.png": b"\x89PNG\r\n\x1a\n\0",
            "deals.csv.gz": gzip.compress(PLAIN.encode()),
        }
    )
    tables = reader.tables(content, "export.zip")
    assert [table.name for table in tables] == [
        f"export.zip › {name}" for name in ("leads.csv", "evil.csv", "deals.csv.gz")
    ]
    assert [table.table for table in tables] == ["raw_0", "raw_1", "raw_2"]
    assert reader.rows(tables[1]) == [("1", "Новый", 2)]
    assert tables[0].notes == (
        Note("reading.note_members_left_out", {"file": "export.zip", "names": "export.zip › logo.png"}),
    )
    assert not (reader.folder.parent / "etc").exists()


def test_an_encrypted_zip_is_refused(reader: Reader) -> None:
    content = bytearray(zipped(**{"leads.csv": PLAIN}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert reader.refusal(bytes(content), "leads.zip") == "locked"


# Workbooks


def test_cells_of_a_workbook_as_text(reader: Reader) -> None:
    rows: list[list[object]] = [
        ["id", "text id", "day", "moment", "amount", "flag", "note"],
        [777, "007", date(2024, 1, 5), datetime(2024, 1, 5, 0, 0), 0.1, True, "a\nb"],
        [12, "9876543210987654321", None, datetime(2024, 1, 5, 13, 30), 1500.0, False, "#N/A"],
    ]
    content = replaced(workbook({"Deals": rows, "Empty": []}), b"<v>777</v>", b"<v>1234567890123456789</v>")
    table = reader.table(content, "deals.xlsx")
    assert (table.name, table.format, table.encoding, table.header_line) == ("deals.xlsx › Deals", "xlsx", None, 1)
    assert reader.rows(table) == [
        ("1234567890123456789", "007", "2024-01-05", "2024-01-05 00:00:00", "0.1", "TRUE", "a\nb", 2),
        ("12", "9876543210987654321", None, "2024-01-05 13:30:00", "1500", "FALSE", "#N/A", 3),
    ]


def test_titles_blank_rows_and_several_sheets_of_a_workbook(reader: Reader) -> None:
    sheets: dict[str, list[list[object]]] = {
        "Deals": [["Report"], [], ["id", "stage"], ["1", "New"], [], ["2", "Won"]],
        "Stages": [["stage", "order", None, None], ["New", 1]],
        "Notes": [["a remark"], ["another"]],
    }
    deals, stages = reader.tables(workbook(sheets), "book.xlsx")
    assert (deals.header_line, deals.rows_read, stages.columns) == (3, 2, ("stage", "order"))
    assert reader.rows(deals) == [("1", "New", 4), ("2", "Won", 6)]
    assert keys(deals) == ["note_lines_above", "note_sheets_left_out"]


def test_a_damaged_workbook_is_refused(reader: Reader) -> None:
    content = zipped(**{"xl/workbook.xml": "<workbook", "[Content_Types].xml": "<Types/>"})
    assert reader.refusal(content, "deals.xlsx") == "broken_workbook"
    assert reader.refusal(zipped(**{"word/document.xml": "<x/>"}), "deals.xlsx") == "document"
    assert reader.refusal(workbook({"Sheet": [["id", "stage"]]}), "deals.xlsx") == "header_only"
    assert reader.refusal(workbook({"Sheet": []}), "deals.xlsx") == "empty_file"


# Parquet and JSON


def test_parquet_as_text(reader: Reader) -> None:
    columns = {
        "id": [1234567890123456789, 2],
        "when": [datetime(2024, 1, 5, 6, 7, 8), None],
        "day": [date(2024, 1, 5), None],
        "stage": ["", "Won"],
        "tags": [["a", "b"], []],
    }
    pq.write_table(pa.table(columns), reader.folder / "made.parquet")
    table = reader.table((reader.folder / "made.parquet").read_bytes(), "leads.parquet")
    assert (table.format, table.columns, table.rows_read) == ("parquet", tuple(columns), 2)
    assert reader.rows(table) == [
        ("1234567890123456789", "2024-01-05 06:07:08", "2024-01-05", None, "[a, b]", 1),
        ("2", None, None, "Won", "[]", 2),
    ]


def test_json_lines_as_text(reader: Reader) -> None:
    content = (
        '{"id": 1234567890123456789, "amount": 1.50, "contact": {"name": "Анна"}}\n'
        "{broken\n"
        "\n"
        '{"id": "2", "won": true, "tags": ["a", 1], "amount": null}\n'
    )
    table = reader.table(content, "leads.jsonl")
    assert (table.format, table.rows_read, table.rows_rejected) == ("jsonl", 3, 1)
    assert table.columns == ("id", "amount", "contact.name", "won", "tags")
    assert reader.rows(table) == [
        ("1234567890123456789", "1.50", "Анна", None, None, 1),
        ("2", None, None, "true", '["a", "1"]', 4),
    ]
    assert reader.rejects() == [("leads.jsonl", 2, "{broken", "no JSON object", True)]


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_json_array_of_objects(reader: Reader, wrapped: bool, indent: int | None) -> None:
    leads = [{"id": "1", "stage": "New"}, {"id": "2", "stage": "Won"}]
    table = reader.table(json.dumps({"data": leads} if wrapped else leads, indent=indent), "leads.json")
    assert reader.rows(table) == [("1", "New", 1), ("2", "Won", 2)]


def test_a_header_in_brackets_is_no_json(reader: Reader) -> None:
    assert reader.table("[id],[stage]\n1,New\n").columns == ("[id]", "[stage]")
