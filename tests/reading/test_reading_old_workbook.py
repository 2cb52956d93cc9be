"""What is peculiar to .xls and .xlsb: hidden sheets, bare records, formats of their own, and files made to do harm."""

from __future__ import annotations

import io
import struct
from datetime import date

import pytest
import xlwt

from funnel.reading import limits
from tests.readers import Reader, sentence, zipped
from tests.sheet_writers import Rows, bare_xls, bare_xls_of_1995, record, relations, wide, xls, xlsb, xlsb_rows

DEALS: Rows = [["id", "stage"], ["1", "New"], ["2", "Won"]]
SHEET = "xl/worksheets/sheet1.bin"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def formatted(*cells: tuple[float, str], dates_1904: bool = False) -> bytes:
    """An .xls with one row of numbers under number formats."""
    book = xlwt.Workbook()
    book.dates_1904 = dates_1904
    sheet = book.add_sheet("S")
    for column, (value, code) in enumerate(cells):
        sheet.write(0, column, f"c{column}")
        sheet.write(1, column, value, xlwt.easyxf(num_format_str=code))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_number_formats_say_what_is_a_day_a_moment_and_a_duration(reader: Reader) -> None:
    given = [
        (45292, "dd.mm.yyyy"),
        (45292, "[$-419]d mmmm yyyy h:mm;@"),
        (45292.75, "yyyy-mm-dd"),
        (0.5, "hh:mm"),
        (1.5, "[h]:mm:ss"),
        (45292, '#,##0.00" руб"'),
        (45292, '0" days"'),
        (45292, "General"),
        (1e9, "dd.mm.yyyy"),
    ]
    row = reader.rows(reader.table(formatted(*given), "deals.xls"))[0]
    assert row[:-1] == (
        "2024-01-01",
        "2024-01-01 00:00:00",
        "2024-01-01 18:00:00",
        "12:00:00",
        "1 day, 12:00:00",
        "45292",
        "45292",
        "45292",
        "1000000000",
    )


def test_days_that_are_counted_from_1904(reader: Reader) -> None:
    content = formatted((43830, "dd.mm.yyyy"), (1, "General"), dates_1904=True)
    assert reader.rows(reader.table(content, "deals.xls"))[0][0] == "2024-01-01"
    book = record(153, struct.pack("<I", 1) + b"\0" * 8) + record(
        156, struct.pack("<II", 0, 1) + wide("rId1") + wide("S")
    )
    content = xlsb({"S": [["id", "day"], [7, date(2020, 1, 1)]]}, **{"xl/workbook.bin": book})
    # 1,462 days lie between the two first days that Excel knows.
    assert reader.rows(reader.table(content, "deals.xlsb"))[0][1] == "2024-01-02"


@pytest.mark.parametrize("form", ["xls", "xlsb"])
def test_hidden_sheets_are_passed_over_unless_there_are_no_others(reader: Reader, form: str) -> None:
    write = {"xls": xls, "xlsb": xlsb}[form]
    sheets = {"Lists": [["a", "b"], ["c", "d"]], "Deals": DEALS}
    assert reader.table(write(sheets, ("Lists",)), "deals.dat").name == "deals.dat"
    if form == "xlsb":  # the other writer shows at least one
        assert len(reader.tables(write(sheets, ("Lists", "Deals")), "deals.dat")) == 2


@pytest.mark.parametrize("form", ["xls", "xlsb"])
def test_formulas_give_the_value_that_they_had(reader: Reader, form: str) -> None:
    if form == "xls":
        book = xlwt.Workbook()
        sheet = book.add_sheet("S")
        for column, name in enumerate(("id", "n")):
            sheet.write(0, column, name)
        sheet.write(1, 0, "a")
        sheet.write(1, 1, xlwt.Formula("1+1"))
        stream = io.BytesIO()
        book.save(stream)
        # The writer works nothing out: behind row, column and format it leaves an empty text in place of the value.
        empty = bytes.fromhex("030000000000ffff")
        assert stream.getvalue().count(empty) == 1
        content = stream.getvalue().replace(empty, struct.pack("<d", 2.5))
        assert reader.rows(reader.table(content, "deals.xls")) == [("a", "2.5", 2)]
        return
    cells = b"".join(
        record(kind, struct.pack("<II", column, 0) + value)
        for column, (kind, value) in enumerate(
            [
                (8, wide("текст") + b"\0" * 6),
                (9, struct.pack("<d", 2.5) + b"\0" * 6),
                (10, b"\1" + b"\0" * 6),
                (11, b"\x07" + b"\0" * 6),
                (3, b"\x2a"),
                (62, b"\0" + wide("rich")),
                (6, wide("own")),
                (2, struct.pack("<i", 12345 << 2 | 3)),
                (2, struct.pack("<i", -7 << 2 | 2)),
                (2, struct.pack("<d", 1.5)[4:]),
                (1, b""),
            ]
        )
    )
    row = record(0, struct.pack("<I", 0) + b"\0" * 13)
    texts = b"".join(record(6, struct.pack("<II", column, 0) + wide(f"c{column}")) for column in range(10))
    part = record(145) + row + texts + record(0, struct.pack("<I", 4)) + cells + record(146)
    table = reader.table(xlsb({"S": DEALS}, **{SHEET: part}), "deals.xlsb")
    assert reader.rows(table) == [("текст", "2.5", "TRUE", "#DIV/0!", "#N/A", "rich", "own", "123.45", "-7", "1.5", 5)]


def test_bare_records_as_scripts_write_them(reader: Reader) -> None:
    rows: list[list[bytes | float]] = [
        ["Сделка".encode("cp1251"), "Этап".encode("cp1251")],
        [7.0, "Переговоры".encode("cp1251")],
        [8.5, "Успешно реализовано".encode("cp1251")],
    ]
    table = reader.table(bare_xls(rows), "deals.xls")
    assert (table.encoding, table.columns) == ("windows-1251", ("Сделка", "Этап"))
    assert reader.rows(table) == [("7", "Переговоры", 2), ("8.5", "Успешно реализовано", 3)]
    rows[1][1] = rows[0][1] = rows[0][0] = rows[2][1] = "größer".encode()
    assert reader.rows(reader.table(bare_xls(rows), "deals.xls"))[0][1] == "größer"


def test_records_of_1995_that_do_not_say_their_encoding(reader: Reader) -> None:
    def deals(stage: str) -> list[list[bytes]]:
        cells = [["Номер", "Этап"], *([str(number), stage] for number in range(500))]
        return [[text.encode("cp1251") for text in row] for row in cells]

    content = bare_xls_of_1995({"A": deals("Переговоры"), "B": deals("Новая заявка")})
    tables = reader.tables(content, "deals.xls")
    assert [table.encoding for table in tables] == ["windows-1251"] * 2
    assert [reader.rows(table)[0] for table in tables] == [("0", "Переговоры", 2), ("0", "Новая заявка", 2)]


def test_a_full_sheet_is_told(reader: Reader) -> None:
    rows: Rows = [["id", "stage"], *([None, None] for _ in range(65_534)), ["1", "New"]]
    table = reader.table(xls({"S": rows}), "deals.xls")
    assert [(note.key, note.values["row"]) for note in table.notes] == [("reading.note_full_sheet", 65_536)]
    assert reader.table(xls({"S": [["id", "stage"], *rows[2:]]}), "deals.xls").notes == ()


# Made to do harm


def test_no_workbook_in_the_container(reader: Reader) -> None:
    other = xls({"S": DEALS}).replace("Workbook".encode("utf-16-le"), "WordDocu".encode("utf-16-le"))
    assert reader.refusal(other, "deals.doc") == "document"
    assert reader.refusal(OLE + b"\0" * 600, "deals.xls") == "broken_workbook"
    assert reader.refusal(OLE + "EncryptedPackage".encode("utf-16-le"), "deals.xls") == "locked"


def test_an_xls_under_a_password_is_locked(reader: Reader) -> None:
    content = xls({"S": DEALS})
    place = content.index(struct.pack("<HH", 0x809, 16)) + 20
    # In place of the record behind the first: one that says that all others are encrypted.
    locked = content[:place] + struct.pack("<H", 0x2F) + content[place + 2 :]
    assert reader.refusal(locked, "deals.xls") == "locked"


@pytest.mark.parametrize("form", ["xls", "xlsb"])
def test_a_cut_off_workbook_is_damaged(reader: Reader, form: str) -> None:
    content = {"xls": xls, "xlsb": xlsb}[form]({"S": DEALS * 200})
    for cut in (9, 600, 1100, len(content) // 2):
        assert reader.refusal(content[:cut], "deals.dat") in ("broken_workbook", "broken_archive")


def test_a_cell_beyond_the_sheet_is_damage(reader: Reader) -> None:
    content = xls({"S": [["id", "n"], ["1", 3.14159], ["2", 3]]})
    place = content.index(struct.pack("<HHH", 0x203, 14, 1))
    for row, column in ((65_535, 65_535), (1, 256)):
        far = content[: place + 4] + struct.pack("<HH", row, column) + content[place + 8 :]
        assert reader.refusal(far, "deals.xls") == "broken_workbook"


def test_an_xls_that_does_not_fit_in_memory(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "OLD_WORKBOOK", 2 * limits.MEGABYTE)
    content = xls({"S": DEALS}) + b"\0" * 2 * limits.MEGABYTE
    assert sentence(reader, content, "deals.xls") == (
        "deals.xls is an old Excel workbook (.xls) of more than 2 MB. Save it as .xlsx or CSV."
    )


def test_sheets_that_share_their_records_are_damage(reader: Reader) -> None:
    long = [["id", "note"], *([str(row), "x"] for row in range(2000))]
    content = xls({f"S{number:02}": DEALS if number else long for number in range(10)})
    # Each sheet is announced by where it begins, two bytes on it, and its title.
    announced = [content.index(b"\x03\0S%02d" % number) - 6 for number in range(10)]
    forged = bytearray(content)
    for place in announced:
        forged[place : place + 4] = content[announced[0] : announced[0] + 4]
    assert len(reader.tables(content, "deals.xls")) == 10
    assert reader.refusal(bytes(forged), "deals.xls") == "broken_workbook"


def part(*rows: tuple[int, bytes]) -> bytes:
    return record(145) + b"".join(record(0, struct.pack("<I", row)) + cells for row, cells in rows) + record(146)


@pytest.mark.parametrize(
    "sheet",
    [
        part((0, b""), (0, b"")),
        part((1_048_576, b"")),
        part((0, record(7, struct.pack("<III", 0, 0, 99)))),
        part((0, record(7, struct.pack("<II", 0, 0)))),
        part((0, record(6, struct.pack("<III", 0, 0, 2**31)))),
        part((0, record(5, b"\0" * 10))),
        record(145) + b"\x07\xff\xff\xff\x7f" + b"x" * 100,
        record(145) + b"\x80",
    ],
    ids=["row again", "row", "no text", "no place", "length", "number", "record", "cut off"],
)
def test_records_that_cannot_be_are_damage(reader: Reader, sheet: bytes) -> None:
    assert reader.refusal(xlsb({"S": DEALS}, **{SHEET: sheet}), "deals.xlsb") == "broken_workbook"


def test_a_cell_far_to_the_right_is_a_column_too_many(reader: Reader) -> None:
    for column in (limits.COLUMNS, 2**32 - 1):
        far = xlsb_rows(DEALS, []).replace(record(146), b"") + record(0, struct.pack("<I", 9))
        far += record(2, struct.pack("<IIi", column, 0, 6)) + record(146)
        assert reader.refusal(xlsb({"S": DEALS}, **{SHEET: far}), "deals.xlsb") == "too_many_columns"


def test_a_part_that_is_missing_or_a_bomb(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = relations(("rId1", "worksheet", "worksheets/other.bin"))
    content = xlsb({"S": DEALS}, **{"xl/_rels/workbook.bin.rels": gone})
    assert reader.refusal(content, "deals.xlsb") == "broken_workbook"
    assert reader.refusal(zipped(**{"xl/workbook.bin": b""}), "deals.xlsb") == "broken_workbook"
    monkeypatch.setattr(limits, "UNPACKED_UNSUSPECTED", limits.MEGABYTE)
    content = xlsb({"S": DEALS}, **{"xl/media/image1.png": b"0" * 2 * limits.MEGABYTE})
    assert reader.refusal(content, "deals.xlsb") == "bomb"


def test_shared_texts_are_bounded(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WORKBOOK_TEXTS", 5)
    assert reader.table(xlsb({"S": DEALS[:2]}), "deals.xlsb").rows_read == 1
    assert reader.refusal(xlsb({"S": DEALS}), "deals.xlsb") == "large_workbook"


def test_a_row_of_much_text_is_refused(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LINE", 10_000)
    rows: Rows = [["id", "note"], ["1", "x" * 9000], ["2", "x" * 9000 + "y" * 1001]]
    assert reader.refusal(xlsb({"S": rows}), "deals.xlsb") in ("long_row", "broken_workbook")
