"""What is peculiar to .ods: repeated cells, comments, times, hidden sheets, and files made to do harm."""

from __future__ import annotations

import pytest

from funnel.reading import limits
from tests.readers import PLAIN, Reader, sentence, zipped
from tests.sheet_writers import ODS_SPACES, ODS_TYPE, Rows, ods, ods_cell, ods_table

DEALS: Rows = [["id", "stage"], ["1", "New"], ["2", "Won"]]


def sheet(rows: str) -> str:
    return f'<table:table table:name="S">{rows}</table:table>'


def row(*cells: str, times: int = 1) -> str:
    repeated = f' table:number-rows-repeated="{times}"' if times > 1 else ""
    return f"<table:table-row{repeated}>{''.join(cells)}</table:table-row>"


def blank(times: int) -> str:
    return f'<table:table-cell table:number-columns-repeated="{times}"/>'


HEADER = row(ods_cell("id"), ods_cell("stage"), ods_cell("more"))


def test_repeated_cells_and_rows_stand_as_often_as_they_are_said_to(reader: Reader) -> None:
    twice = '<table:table-cell table:number-columns-repeated="2" office:value-type="string"><text:p>x</text:p></table:table-cell>'
    rows = (
        f"<table:table-header-rows>{HEADER}</table:table-header-rows>"
        + row(ods_cell("1"), twice)
        + row(blank(16_384), times=3)
        + row(ods_cell("2"), blank(1), ods_cell("y"), blank(16_381), times=2)
        + row(blank(16_384), times=1_048_570)
    )
    assert reader.rows(reader.table(ods(sheet(rows)), "deals.ods")) == [
        ("1", "x", "x", 2),
        ("2", None, "y", 6),
        ("2", None, "y", 7),
    ]


def test_what_stands_in_a_cell_beside_its_text_is_no_text(reader: Reader) -> None:
    comment = "<office:annotation><text:p>a comment</text:p></office:annotation>"
    drawing = f"<draw:frame><draw:text-box><text:p>a box</text:p></draw:text-box>{ods_table(DEALS)}</draw:frame>"
    cell = (
        f'<table:table-cell office:value-type="string">{comment}<text:p>two<text:s text:c="2"/>blanks,'
        " <text:span>a</text:span> <text:a>link</text:a><text:line-break/>and</text:p><text:p>a<text:tab/>tab</text:p>"
        f"{drawing}</table:table-cell>"
    )
    covered = "<table:covered-table-cell/>"
    rows = HEADER + row(ods_cell("1"), covered, cell)
    assert reader.rows(reader.table(ods(sheet(rows)), "deals.ods")) == [
        ("1", None, "two  blanks, a link\nand\na\ttab", 2)
    ]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ('float" office:value="1234567890123456789', "1234567890123456789"),
        ('float" office:value="1.2E+003', "1200"),
        ('float" office:value="1500.00', "1500"),
        ('float" office:value="1E+999999999', "1E+999999999"),
        ('percentage" office:value="0.25', "0.25"),
        ('currency" office:currency="EUR" office:value="99.9', "99.9"),
        ('date" office:date-value="2024-03-07', "2024-03-07"),
        ('date" office:date-value="2024-03-07T00:00:00', "2024-03-07 00:00:00"),
        ('date" office:date-value="2024-03-07T10:20:30.500000000', "2024-03-07 10:20:30.500000"),
        ('date" office:date-value="07.03.2024T', "07.03.2024T"),
        ('time" office:time-value="PT10H20M30S', "10:20:30"),
        ('time" office:time-value="PT27H00M00S', "1 day, 3:00:00"),
        ('boolean" office:boolean-value="true', "TRUE"),
        ('string" office:string-value="told', "told"),
    ],
)
def test_the_value_counts_and_not_what_is_shown(reader: Reader, given: str, text: str) -> None:
    cell = f'<table:table-cell office:value-type="{given}"><text:p>shown</text:p></table:table-cell>'
    table = reader.table(ods(sheet(HEADER + row(ods_cell("1"), cell))), "deals.ods")
    assert reader.rows(table)[0][1] == text


def test_a_failed_formula_shows_its_sign(reader: Reader) -> None:
    space = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
    cell = (
        f'<table:table-cell xmlns:calcext="{space}" office:value-type="string" office:string-value=""'
        ' calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
    )
    assert reader.rows(reader.table(ods(sheet(HEADER + row(ods_cell("1"), cell))), "deals.ods"))[0][1] == "#DIV/0!"


def test_an_id_in_powers_of_ten_is_told(reader: Reader) -> None:
    cell = '<table:table-cell office:value-type="float" office:value="1.23456789012346E+18"/>'
    table = reader.table(ods(sheet(HEADER + row(cell, ods_cell("New")))), "deals.ods")
    assert reader.rows(table)[0][0] == "1234567890123460000"
    assert [(note.key, note.values["names"]) for note in table.notes] == [("reading.note_rounded", "id")]


def test_hidden_sheets_are_passed_over_unless_there_are_no_others(reader: Reader) -> None:
    lists = ods_table([["a", "b"], ["c", "d"]], "Lists", "unseen")
    table = reader.table(ods(lists, ods_table(DEALS, "Deals")), "deals.ods")
    assert (table.name, table.columns) == ("deals.ods", ("id", "stage"))
    assert reader.table(ods(lists), "deals.ods").columns == ("a", "b")


def test_other_documents_are_named(reader: Reader) -> None:
    for kind in ("application/vnd.oasis.opendocument.text", "application/epub+zip"):
        content = zipped(**{"mimetype": kind, "content.xml": "<x/>"})
        assert reader.refusal(content, "deals.odt") == "document"
    assert reader.table(zipped(**{"mimetype": "no kind, a table", "leads.csv": PLAIN}), "leads.zip").rows_read == 2


# Made to do harm


def test_entities_are_refused(reader: Reader) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    outside = '<!DOCTYPE x SYSTEM "file:///etc/passwd">'
    for before in (laughs, outside):
        assert sentence(reader, ods(ods_table(DEALS), before=before), "deals.ods") == (
            "deals.ods is XML that declares a document type or entities of its own, which no table needs and which can be made to"
            " do harm, so it was not read. Save it as .xlsx or CSV."
        )


def test_repeated_cells_that_would_fill_memory_are_refused(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNPACKED_UNSUSPECTED", limits.MEGABYTE)
    filled = '<table:table-cell table:number-columns-repeated="{}" office:value-type="float" office:value="1"/>'
    assert reader.refusal(ods(sheet(HEADER + row(filled.format(1000), times=1_000_000))), "deals.ods") == "bomb"
    assert reader.refusal(ods(sheet(HEADER + row(filled.format(999_999_999)))), "deals.ods") == "too_many_columns"


@pytest.mark.parametrize("times", ["0", "-1", "x", "1e5", "9999999999", "1048577"])
def test_counts_that_cannot_be_are_damage(reader: Reader, times: str) -> None:
    rows = HEADER + f'<table:table-row table:number-rows-repeated="{times}">{ods_cell("1")}</table:table-row>'
    assert reader.refusal(ods(sheet(rows)), "deals.ods") == "broken_workbook"


def test_deep_and_long_markup_is_refused(reader: Reader) -> None:
    deep = "<text:span>" * limits.MARKUP_DEPTH
    rows = HEADER + row(f"<table:table-cell><text:p>{deep}x{deep.replace('<', '</')}</text:p></table:table-cell>")
    assert reader.refusal(ods(sheet(rows)), "deals.ods") == "deep_markup"
    long = f'<table:table-cell office:value-type="string" office:string-value="{"x" * 2 * limits.MARKUP}"/>'
    assert reader.refusal(ods(sheet(HEADER + row(long, ods_cell("1")))), "deals.ods") == "broken_workbook"


def test_a_row_of_much_text_is_refused(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LINE", 2 * limits.MEGABYTE)
    rows: Rows = [["id", "note"], ["1", "x" * limits.MEGABYTE], ["2", "x" * (2 * limits.MEGABYTE + 1)]]
    assert sentence(reader, ods(ods_table(rows)), "deals.ods") == (
        "deals.ods, row 3: this row holds more than 2 MB of text. Check that the export is whole, or leave that row out."
    )


def test_an_unpacked_part_that_is_a_bomb(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNPACKED_UNSUSPECTED", limits.MEGABYTE)
    assert reader.refusal(ods(ods_table(DEALS), **{"x.png": b"0" * 2 * limits.MEGABYTE}), "deals.ods") == "bomb"


def test_a_spreadsheet_under_a_password_is_locked(reader: Reader) -> None:
    space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    entry = '<m:file-entry m:full-path="content.xml"><m:encryption-data/></m:file-entry>'
    manifest = f'<m:manifest xmlns:m="{space}">{entry}</m:manifest>'
    content = zipped(**{"mimetype": ODS_TYPE, "META-INF/manifest.xml": manifest, "content.xml": b"\x81\x92\0" * 50})
    assert reader.refusal(content, "deals.ods") == "locked"


def test_damaged_markup_is_refused(reader: Reader) -> None:
    good = f"<x {ODS_SPACES}>{ods_table(DEALS)}</x>"
    for bad in ("", "no markup", good[:-5], good + "<", good.replace("</table:table-row>", "", 1), good + "\0"):
        content = zipped(**{"mimetype": ODS_TYPE, "content.xml": bad})
        assert reader.refusal(content, "deals.ods") == "broken_workbook"
