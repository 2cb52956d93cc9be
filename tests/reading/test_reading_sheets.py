"""Workbooks of every format alike: .xls, .xlsb, .ods and XML of 2003 are read as an .xlsx with the same cells is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

import funnel
from funnel.core.types import RawTable
from funnel.reading import limits, work
from funnel.words import wording
from tests.readers import Reader, workbook, zipped
from tests.sheet_writers import Rows, ods, ods_table, xls, xlsb, xml_book, xml_sheet

Writer = Callable[[dict[str, Rows]], bytes]


def notes(table: RawTable) -> list[str]:
    return [wording.say(note.key, **note.values) for note in table.notes]


def write_ods(sheets: dict[str, Rows]) -> bytes:
    return ods(*(ods_table(rows, title) for title, rows in sheets.items()))


def write_xml(sheets: dict[str, Rows]) -> bytes:
    return xml_book(*(xml_sheet(rows, title) for title, rows in sheets.items())).encode()


WRITERS: dict[str, Writer] = {"xls": xls, "xlsb": xlsb, "ods": write_ods, "xml": write_xml, "xlsx": workbook}
FLOATS = ("xls", "xlsb")
"""Formats that keep no more of a number than 64 bits with a point in them."""
LONG_ID = {"xls": "1234567890123456800", "xlsb": "1234567890123456800", "xlsx": "1234567890123457000"}
"""What is left of 1234567890123456789: 17 digits, of which the library that writes .xlsx here gives 16. Others keep it."""


@pytest.fixture(params=WRITERS)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


DEALS: Rows = [
    ["ID", "Сделка", "Day", "Moment", "Amount", "Won"],
    ["0071234567890123456", "Поставка & монтаж", date(2024, 3, 7), datetime(2024, 3, 7), 1500.0, True],
    [41, "zwei\nZeilen", date(2023, 12, 31), datetime(2024, 2, 29, 23, 59, 58), 0.125, False],
    [-12, None, None, None, 1234567.5],
    ["5", "#N/A", None, datetime(1999, 1, 1, 6, 0, 0), 123456789012345],
]


def test_cells_of_every_kind_are_text(reader: Reader, form: str) -> None:
    table = reader.table(WRITERS[form]({"Deals": DEALS}), f"deals.{form}")
    assert (table.format, table.header_line, table.rows_read, table.rows_rejected) == (form, 1, 4, 0)
    assert (table.name, table.columns, table.notes) == (f"deals.{form}", tuple(DEALS[0]), ())
    assert reader.rows(table) == [
        ("0071234567890123456", "Поставка & монтаж", "2024-03-07", "2024-03-07 00:00:00", "1500", "TRUE", 2),
        ("41", "zwei\nZeilen", "2023-12-31", "2024-02-29 23:59:58", "0.125", "FALSE", 3),
        ("-12", None, None, None, "1234567.5", None, 4),
        ("5", "#N/A", None, "1999-01-01 06:00:00", "123456789012345", None, 5),
    ]


def test_what_a_workbook_is_its_content_says(reader: Reader, form: str) -> None:
    content = WRITERS[form]({"Deals": DEALS})
    assert reader.table(content, "deals.csv").format == form
    assert reader.table(zipped(**{"x/deals.dat": content}), "deals.zip").format == form


def test_titles_blank_rows_and_several_sheets(reader: Reader, form: str) -> None:
    sheets: dict[str, Rows] = {
        "Deals": [["Report"], [None], ["id", "stage"], ["1", "New"], [None, None], ["2", "Won"], ["3"]],
        "Empty": [],
        "Stages": [["stage", "order", None, None], ["New", 1]],
        "Notes": [["a remark"], ["another"]],
    }
    name = f"book.{form}"
    deals, stages = reader.tables(WRITERS[form](sheets), name)
    assert (deals.name, stages.name) == (f"{name} › Deals", f"{name} › Stages")
    assert (deals.header_line, stages.columns) == (3, ("stage", "order"))
    assert reader.rows(deals) == [("1", "New", 4), ("2", "Won", 6), ("3", None, 7)]
    assert notes(deals) == [
        f"{name} › Deals: 1 line above the header on line 3 left out.",
        f"{name}: these sheets hold no table and were left out: Notes.",
    ]


def test_a_long_id_as_a_number_is_kept_or_told(reader: Reader, form: str) -> None:
    rows: Rows = [["id", "stage"], [1234567890123456789, "New"], [7, "Won"]]
    table = reader.table(WRITERS[form]({"Deals": rows}), "deals.dat")
    assert reader.rows(table)[0][0] == LONG_ID.get(form, "1234567890123456789")
    told = (
        "deals.dat: 1 cell with a whole number of more than 15 digits (id). This format keeps 15 to 17 digits of a number, so"
        " the last ones may be others than they were. Export ids as text."
    )
    assert notes(table) == ([told] if form in LONG_ID else [])


def test_ids_that_a_spreadsheet_has_rounded_are_told_of_the_leads_too(form: str, tmp_path: Path) -> None:
    # A spreadsheet keeps 15 digits of what is typed into it.
    lines: Rows = [[1234567890120000000 + 10000 * number, "New", date(2024, 1, 1 + number)] for number in range(25)]
    path = tmp_path / f"deals.{form}"
    path.write_bytes(WRITERS[form]({"Deals": [["Deal ID", "Stage", "Entered at"], *lines]}))
    with funnel.open(path) as leads:
        told = {note.key: note.values.get("n", note.values.get("cells")) for note in leads.warnings}
        assert (leads.leads, told["mapping.rounded_ids"]) == (25, 25)
        assert told.get("reading.note_rounded") == (25 if form in LONG_ID else None)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (1234567890123450, True),  # Excel has rounded the last of 16 digits
        (1234567890123456, False),  # 16 digits, all of them kept
        (98765432109876543, True),
        (999999999999999, False),
        (-5e15, True),
        (1e300, True),
        (2.5e14, False),
    ],
)
@pytest.mark.parametrize("form", FLOATS)
def test_numbers_are_told_where_digits_may_be_lost(reader: Reader, form: str, value: float, told: bool) -> None:
    table = reader.table(WRITERS[form]({"S": [["id", "n"], ["a", value], ["b", 2]]}), "deals.dat")
    assert [note.key for note in table.notes] == (["reading.note_rounded"] if told else [])


def test_a_workbook_without_a_table_has_its_sentence(reader: Reader, form: str) -> None:
    name = f"deals.{form}"
    assert reader.refusal(WRITERS[form]({"Sheet": [["id", "stage"]]}), name) == "header_only"
    assert reader.refusal(WRITERS[form]({"Sheet": [[None]]}), name) == "empty_file"
    assert reader.refusal(WRITERS[form]({"Sheet": [["a"], ["b"], ["c"]]}), name) == "one_column"


def test_a_column_too_many(reader: Reader, form: str) -> None:
    if form == "xls":
        return  # it ends at 256
    wide: Rows = [[f"c{number}" for number in range(limits.COLUMNS + 1)], ["1", "2"]]
    assert reader.refusal(WRITERS[form]({"Sheet": wide}), f"deals.{form}") == "too_many_columns"


def test_too_many_sheets(reader: Reader, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MEMBERS", 12)
    rows: Rows = [["id", "stage"], ["1", "New"]]
    sheets = {f"S{number}": rows for number in range(13)}
    assert reader.refusal(WRITERS[form](sheets), f"deals.{form}") == "many_sheets"


def test_reading_tells_what_it_does_and_can_be_stopped_wherever_it_is(
    reader: Reader, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "TELL_EVERY_SECONDS", 0)
    content = WRITERS[form]({"Deals": [["id", "stage"], *([str(number), "New"] for number in range(3000))]})
    told: list[str] = []
    reader.tables(content, "deals.dat", progress=lambda note, _: told.append(note.key))
    assert told.count("reading.progress_load") > 5
    for last in (1, len(told) // 2, len(told)):
        heard = 0

        def stop(*_: object, last: int = last) -> None:
            nonlocal heard
            heard += 1
            if heard == last:
                raise InterruptedError

        with pytest.raises(InterruptedError):
            reader.tables(content, "deals.dat", progress=stop)
        assert not list(reader.engine.folder.glob("reading-*"))


def test_one_text_in_many_cells_is_a_bomb(reader: Reader, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if form == "xml":
        return  # each cell has its own text
    monkeypatch.setattr(limits, "UNPACKED_UNSUSPECTED", limits.MEGABYTE)
    monkeypatch.setattr(limits, "UNPACKED_RATIO", 100)
    rows: Rows = [["id", "note"], *([str(number), "x" * 30_000] for number in range(500))]
    assert reader.refusal(WRITERS[form]({"S": rows}), f"deals.{form}") == "bomb"
