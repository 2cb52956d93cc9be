"""Workbooks made to do harm: no entity, no count and no place in them fills memory, and what cannot be is damage."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest

from funnel.reading import limits
from tests.readers import Reader, replaced, workbook, zipped
from tests.thorough import thorough

pytestmark = thorough

SHEET, TYPES, TEXTS = "xl/worksheets/sheet1.xml", "[Content_Types].xml", "xl/sharedStrings.xml"


def changed(**parts: bytes) -> bytes:
    """A workbook of two leads, with shared texts as Excel writes them, and some of its parts in other words."""
    with zipfile.ZipFile(io.BytesIO(workbook({"Sheet": [["id", "stage"], ["1", "New"], ["2", "Won"]]}))) as given:
        made = {name: given.read(name) for name in given.namelist()}
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    more = f'<Override PartName="/{TEXTS}" ContentType="{kind}"/></Types>'.encode()
    return zipped(**{**made, TYPES: made[TYPES].replace(b"</Types>", more), TEXTS: texts("Won", "a &amp; b"), **parts})


def texts(*each: str) -> bytes:
    inner = "".join(f"<si><t>{text}</t></si>" for text in each)
    return f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{inner}</sst>'.encode()


def test_shared_texts_are_read(reader: Reader) -> None:
    rows = "".join(f'<row><c><v>{place}</v></c><c t="s"><v>{place}</v></c></row>' for place in (0, 1))
    table = reader.table(changed(**{SHEET: sheet(HEADER + rows)}), "leads.xlsx")
    assert [row[:2] for row in reader.rows(table)] == [("0", "Won"), ("1", "a & b")]
    assert (
        reader.refusal(changed(**{SHEET: sheet(HEADER + rows), TEXTS: texts("Won")}), "leads.xlsx") == "broken_workbook"
    )


def sheet(rows: str, before: str = "") -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'{before}<worksheet xmlns="{space}"><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>'.encode()


HEADER = '<row><c t="str"><v>id</v></c><c t="str"><v>amount</v></c></row>'
ROWS = HEADER + "<row><c><v>1</v></c><c><v>2</v></c></row>" * 2


def test_a_sheet_that_is_written_by_hand_is_read(reader: Reader) -> None:
    assert reader.table(changed(**{SHEET: sheet(ROWS)}), "leads.xlsx").columns == ("id", "amount")


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("part", [SHEET, TEXTS, TYPES, "xl/workbook.xml", "xl/styles.xml"])
@pytest.mark.parametrize("before", [ENTITIES, " " * 300_000 + ENTITIES, "<!-- " + "x" * 300_000 + " -->" + ENTITIES])
def test_no_part_may_declare_entities(reader: Reader, part: str, before: str) -> None:
    with zipfile.ZipFile(io.BytesIO(changed())) as given:
        inner = given.read(part)
    content = changed(
        **{part: before.encode() + inner.partition(b"?>")[2] if b"?>" in inner else before.encode() + inner}
    )
    assert reader.refusal(content, "leads.xlsx") == "broken_workbook"


def test_entities_in_other_units_are_no_way_round(reader: Reader) -> None:
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        content = changed(**{SHEET: sheet(ROWS, ENTITIES).decode().encode(encoding)})
        assert reader.refusal(content, "leads.xlsx") == "broken_workbook"


@pytest.mark.parametrize(
    "rows",
    [
        "<row/>" * (limits.SHEET_ROWS + 1),
        '<row r="1"/>' * (limits.SHEET_ROWS + 1),
        "<row>" + "<c/>" * (limits.WORKBOOK_TAGS + 1) + "</row>",
        ROWS + "<x/>" * (limits.WORKBOOK_TAGS + 1),
        "<row><c><v>" + "1" * (limits.LINE + limits.CHUNK) + "</v></c></row>",
    ],
    ids=["rows", "the same row", "cells", "other tags", "one text"],
)
def test_a_sheet_that_would_fill_memory_is_not_built(reader: Reader, rows: str) -> None:
    assert reader.refusal(changed(**{SHEET: sheet(rows)}), "leads.xlsx") == "large_workbook"


def test_only_sheets_and_texts_may_be_long(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WORKBOOK_TAGS", 3000)
    monkeypatch.setattr(limits, "WORKBOOK_TEXT_TAGS", 6000)
    rows: list[list[object]] = [["id", "stage"], *([f"L{number}", "New"] for number in range(1000))]
    content = workbook({"Sheet": rows})
    assert reader.table(content, "leads.xlsx").rows_read == 1000
    for name in ("xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "docProps/app.xml", "xl/more.xml"):
        assert reader.refusal(changed(**{name: b"<x>" + b"<y/>" * 3000 + b"</x>"}), "leads.xlsx") == "large_workbook"
    # A part that is said to be a sheet and something else is judged as something else.
    more = b'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/xml"/></Types>'
    assert reader.refusal(replaced(content, b"</Types>", more), "leads.xlsx") == "large_workbook"


def test_shared_texts_are_bounded(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WORKBOOK_TEXT_TAGS", 1000)
    assert reader.refusal(changed(**{TEXTS: texts(*["a"] * 300)}), "leads.xlsx") == "large_workbook"
    assert reader.table(changed(**{TEXTS: texts(*["a"] * 200)}), "leads.xlsx").rows_read == 2


@pytest.mark.parametrize("row", ["1048577", "99999999999", "1e300", "-5", "x", "9" * 5000])
def test_a_row_behind_the_last_one_of_a_sheet_is_damage(reader: Reader, row: str) -> None:
    rows = f'{ROWS}<row r="{row}"><c><v>1</v></c></row>'
    if row == "-5":
        assert reader.table(changed(**{SHEET: sheet(rows)}), "leads.xlsx").rows_read == 2
    else:
        assert reader.refusal(changed(**{SHEET: sheet(rows)}), "leads.xlsx") == "broken_workbook"


def test_a_cell_far_to_the_right_is_a_column_too_many(reader: Reader) -> None:
    far = '<row><c r="XFD3"><v>1</v></c></row>'
    assert reader.refusal(changed(**{SHEET: sheet(ROWS + far)}), "leads.xlsx") == "too_many_columns"
    assert (
        reader.refusal(changed(**{SHEET: sheet(ROWS + far.replace("XFD", "AAAAAAA"))}), "leads.xlsx")
        == "broken_workbook"
    )


def test_wide_rows_that_hold_nothing_are_passed_over_but_not_for_ever(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SHEET_WIDE_ROWS", 10)
    blank = '<row><c r="XFD1"/></row>'
    assert reader.table(changed(**{SHEET: sheet(ROWS + blank * 10)}), "leads.xlsx").rows_read == 2
    assert reader.refusal(changed(**{SHEET: sheet(ROWS + blank * 11)}), "leads.xlsx") == "too_many_columns"


@pytest.mark.parametrize(
    ("value", "text"), [("1e999999", "Infinity"), ("-1e308", "-1" + "0" * 308), ("9" * 4000, "9" * 4000), ("0e9", "0")]
)
def test_awkward_numbers_in_a_sheet(reader: Reader, value: str, text: str) -> None:
    rows = ROWS + f"<row><c><v>{value}</v></c><c><v>2</v></c></row>"
    assert reader.rows(reader.table(changed(**{SHEET: sheet(rows)}), "leads.xlsx"))[-1][0] == text


@pytest.mark.parametrize("value", ["9" * 5000, "0x10", "1E+", "x"])
def test_what_is_no_number_in_a_sheet_is_damage(reader: Reader, value: str) -> None:
    rows = ROWS + f"<row><c><v>{value}</v></c><c><v>2</v></c></row>"
    assert reader.refusal(changed(**{SHEET: sheet(rows)}), "leads.xlsx") == "broken_workbook"


def test_a_workbook_of_too_many_sheets(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MEMBERS", 3)
    rows: list[list[object]] = [["id", "stage"], ["1", "New"]]
    assert reader.refusal(workbook({f"S{number}": rows for number in range(4)}), "leads.xlsx") == "many_sheets"


def test_a_workbook_bomb(reader: Reader) -> None:
    size = limits.UNPACKED_UNSUSPECTED + limits.MEGABYTE
    assert reader.refusal(changed(**{"xl/media/image1.png": b"0" * size}), "leads.xlsx") == "bomb"


def test_pictures_and_charts_of_a_workbook_are_left_alone(reader: Reader) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "stage"])
    book.active.append(["1", "New"])
    book.create_chartsheet("Chart").add_chart(openpyxl.chart.BarChart())
    stream = io.BytesIO()
    book.save(stream)
    assert reader.table(stream.getvalue(), "leads.xlsx").rows_read == 1
