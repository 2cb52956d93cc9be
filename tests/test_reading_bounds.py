"""Files made to do harm: each ends in its sentence, and neither fills memory nor disk, nor takes long."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_reading import PLAIN, Reader, replaced, workbook, zipped

from funnel.errors import ReadingError
from funnel.reading import kinds, limits, store


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    made = Reader(tmp_path)
    yield made
    made.engine.close()


def sentence(reader: Reader, content: bytes, name: str = "leads.csv") -> str:
    with pytest.raises(ReadingError) as refused:
        reader.tables(content, name)
    return str(refused.value)


# Zip


def overlapping(members: int, size: int) -> bytes:
    """A zip whose every member is the one packed stretch of zeros, as in Fifield's bomb."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(b"0" * size) + packer.flush()
    crc = zlib.crc32(b"0" * size)
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(packed), size, 1, 0) + b"a" + packed
    entry = (
        struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(packed), size, 1, 0, 0, 0, 0, 0, 0) + b"a"
    )
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, members, members, len(entry) * members, len(local), 0)
    return local + entry * members + end


def test_members_that_share_their_bytes_count_each(reader: Reader) -> None:
    assert reader.refusal(overlapping(400, limits.MEGABYTE), "leads.zip") == "bomb"


def test_a_zip_in_a_zip_in_a_zip_is_not_opened(reader: Reader) -> None:
    content = zipped(**{"a.zip": zipped(**{"b.zip": zipped(**{"leads.csv": PLAIN})})})
    assert "archive in an archive in an archive" in sentence(reader, content, "leads.zip")


def test_many_members_are_refused_before_one_is_unpacked(reader: Reader) -> None:
    content = zipped(**{f"{number}.csv": PLAIN for number in range(limits.MEMBERS + 1)})
    assert sentence(reader, content, "leads.zip").startswith("leads.zip holds 501 files; at most 500 are read")


def test_a_list_of_files_that_fills_memory_is_not_read(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DIRECTORY", 70_000)
    content = zipped(**{f"{number}.csv": "" for number in range(2000)})
    assert reader.refusal(content, "leads.zip") == "large_directory"
    assert reader.table(zipped(**{"leads.csv": PLAIN}), "leads.zip").rows_read == 2


@pytest.mark.parametrize("size", [0, 1, 20, 60, 2**31])
def test_a_member_that_lies_about_its_size_is_read_whole_or_damaged(reader: Reader, size: int) -> None:
    content = bytearray(zipped(**{"leads.csv": PLAIN}))
    struct.pack_into("<I", content, content.index(b"PK\1\2") + 24, size)
    if size < len(PLAIN):
        assert reader.refusal(bytes(content), "leads.zip") == "broken_archive"
    else:
        assert reader.table(bytes(content), "leads.zip").rows_read == 2


@pytest.mark.parametrize("offset", [2**31, 2**32 - 2])
def test_a_member_that_lies_about_its_place_is_damaged(reader: Reader, offset: int) -> None:
    content = bytearray(zipped(**{"leads.csv": PLAIN}))
    struct.pack_into("<I", content, content.index(b"PK\1\2") + 42, offset)
    assert reader.refusal(bytes(content), "leads.zip") == "broken_archive"


def test_a_list_of_files_before_the_beginning_is_damaged(reader: Reader) -> None:
    content = bytearray(zipped(**{"leads.csv": PLAIN}))
    struct.pack_into("<I", content, content.index(b"PK\5\6") + 16, 2**20)
    assert reader.refusal(bytes(content), "leads.zip") == "broken_archive"


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_that_cannot_be_undone_piece_by_piece_is_refused(reader: Reader, packing: int) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as archive:
        archive.writestr("leads.csv", PLAIN)
    assert reader.refusal(stream.getvalue(), "leads.zip") == "other_archive"
    assert len(bz2.decompress(bz2.compress(b"0" * 10**7))) == 10**7  # 46 bytes: all of it at once, were it asked


def test_names_and_links_in_a_zip_reach_nothing(reader: Reader) -> None:
    names = ["../../up.csv", "/etc/passwd", "C:\\windows\\x.csv", "a/../../b.csv", "\u202evsc.exe", "x" * 5000 + ".csv"]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, PLAIN)
        link = zipfile.ZipInfo("link.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    tables = reader.tables(stream.getvalue(), "leads.zip")
    assert [table.rows_read for table in tables] == [2] * len(names)
    assert sorted(path.name for path in reader.folder.rglob("*")) == ["leads.zip"]
    assert all("root:" not in str(reader.rows(table)) for table in tables)


def test_rejected_lines_of_a_member_that_is_left_out_are_forgotten(reader: Reader) -> None:
    empty = '{"a": null, "b": null}\n[1]\n'
    tables = reader.tables(
        zipped(**{"x/a.jsonl": empty, "b.csv": PLAIN, "a.jsonl": '{"a": 1, "b": 2}\n[]\n'}), "leads.zip"
    )
    assert sum(table.rows_rejected for table in tables) == len(reader.rejects())


# Gzip


def test_a_gzip_of_several_members_is_one_file(reader: Reader) -> None:
    content = b"".join(gzip.compress(line.encode()) for line in PLAIN.splitlines(keepends=True))
    for more in (b"", b"\0" * 100_000, gzip.compress(b"") * 1000):
        assert reader.table(content + more, "leads.csv.gz").rows_read == 2


@pytest.mark.parametrize("more", [b"x", b"\0\0x", b"\x1f\x8b", gzip.compress(b"x")[:-1], gzip.compress(b"x")[:5]])
def test_whatever_else_stands_behind_a_gzip_is_damage(reader: Reader, more: bytes) -> None:
    assert reader.refusal(gzip.compress(PLAIN.encode()) + more, "leads.csv.gz") == "broken_gzip"


def test_a_wrong_checksum_in_a_gzip_is_damage(reader: Reader) -> None:
    content = bytearray(gzip.compress(PLAIN.encode()))
    content[-5] ^= 1
    assert reader.refusal(bytes(content), "leads.csv.gz") == "broken_gzip"


def test_a_gzip_of_many_members_is_a_bomb_as_well(reader: Reader) -> None:
    content = gzip.compress(b"0" * limits.MEGABYTE) * 80
    assert reader.refusal(content, "leads.csv.gz") == "bomb"


# Workbooks

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


# JSON


@pytest.mark.parametrize("opened", ["[", '{"a":', '[{"a":'])
def test_deep_json_is_a_rejected_line_or_a_sentence(reader: Reader, opened: str) -> None:
    closed = {"[": "]", '{"a":': "}", '[{"a":': "}]"}[opened]
    for levels in (limits.JSON_DEPTH + 1, 900, 100_000):
        deep = opened * levels + "1" + closed * levels
        table = reader.table(f'{{"id": 1, "x": 2}}\n{{"id": 2, "x": {deep}}}\n', "leads.jsonl")
        assert (table.rows_read, table.rows_rejected) == (2, 1)
        assert reader.rejects()[0][3] == "JSON that is nested more than 100 levels deep"
        assert reader.refusal(f'[{{"id": 1, "x": {deep}}}]'.encode(), "leads.json") == "deep_json"


def test_numbers_of_json_are_never_computed_with(reader: Reader) -> None:
    numbers = ["1e999999", "-0", "9" * 100_000, "0." + "1" * 5000, "NaN", "-Infinity"]
    content = "".join(f'{{"id": {number}, "x": [{number}]}}\n' for number in numbers)
    rows = reader.rows(reader.table(content, "leads.jsonl"))
    assert [row[0] for row in rows] == numbers


def test_of_a_key_that_comes_twice_the_last_value_counts(reader: Reader) -> None:
    assert reader.rows(reader.table('{"id": 1, "x": 2, "id": 3}\n', "leads.jsonl")) == [("3", "2", 1)]


def test_halves_of_characters_in_json_are_question_marks(reader: Reader) -> None:
    table = reader.table('{"id": 1, "\\ud800": "\\udfff"}\n"\\ud800"\n', "leads.jsonl")
    assert (table.columns, reader.rows(table)) == (("id", "?"), [("1", "?", 1)])
    table = reader.table('[{"id": 1, "x": 2}, "\\ud800"]', "leads.json")
    assert [value for _, _, value, _, _ in reader.rejects()] == ["?"]


def test_objects_without_a_key_are_no_table(reader: Reader) -> None:
    assert reader.refusal(b"{}\n{}\n", "leads.jsonl") == "one_column"
    assert reader.refusal(b"[{}, {}]", "leads.json") == "one_column"


def test_too_many_values_of_json_are_not_built(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "JSON_VALUES", 1000)
    assert reader.refusal(b'[{"id": 1},\n' + b"[],\n" * 1000 + b"{}]", "leads.json") == "many_json_values"


def test_a_key_in_each_line_is_a_column_too_many(reader: Reader) -> None:
    content = "".join(f'{{"id": 1, "k{number}": 2}}\n' for number in range(limits.COLUMNS + 1))
    assert reader.refusal(content.encode(), "leads.jsonl") == "too_many_columns"


# Parquet


def parquet(folder: Path, columns: object, **options: object) -> bytes:
    pq.write_table(pa.table(columns), folder / "made.parquet", **options)
    return (folder / "made.parquet").read_bytes()


def test_a_text_that_stands_for_many_rows_is_a_bomb(reader: Reader) -> None:
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 3000, pa.int32()), pa.array(["x" * 50_000]))
    assert reader.refusal(parquet(reader.folder, {"id": list(range(3000)), "note": text}), "leads.parquet") == "bomb"


def test_columns_and_row_groups_of_parquet(reader: Reader) -> None:
    wide = {f"c{number}": [1] for number in range(limits.COLUMNS + 1)}
    assert reader.refusal(parquet(reader.folder, wide), "leads.parquet") == "too_many_columns"
    table = reader.table(
        parquet(reader.folder, {"id": list(range(3000)), "x": ["a"] * 3000}, row_group_size=1), "l.parquet"
    )
    assert table.rows_read == 3000


def test_nested_columns_of_parquet_are_text(reader: Reader) -> None:
    def nested(levels: int) -> bytes:
        deep: object = "x"
        for _ in range(levels):
            deep = {"a": [deep]}
        return parquet(reader.folder, {"id": [1, 2], "deep": [deep, None]})

    assert reader.rows(reader.table(nested(2), "leads.parquet"))[0][1] == "{'a': [{'a': [x]}]}"
    assert reader.refusal(nested(60), "leads.parquet") == "deep_column"


def test_a_type_without_end_is_refused(reader: Reader) -> None:
    levels = 100_000
    schema = [b"\x35\x02\x18\x01s\x15\x04\0", b"\x15\x02\x25\x02\x18\x02id\0"]
    schema += [b"\x35\x02\x18\x01a\x15\x02\0"] * levels + [b"\x15\x02\x25\x02\x18\x01z\0"]
    count, size = len(schema), b""
    while count:
        size += bytes([count & 127 | (128 if count > 127 else 0)])
        count >>= 7
    footer = b"\x15\x02\x19\xfc" + size + b"".join(schema) + b"\x16\0\x19\x0c\0"
    content = b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1"
    assert reader.refusal(content, "leads.parquet") == "broken_parquet"


def test_damaged_parquet_is_refused(reader: Reader) -> None:
    good = parquet(reader.folder, {"id": list(range(100)), "stage": ["New"] * 100})
    lengths = [struct.pack("<I", length) for length in (0, 1, 7, len(good), 2**31 - 1, 2**32 - 1)]
    bad = [good[:cut] for cut in (4, 8, 50, len(good) // 2, len(good) - 1)] + [
        good[:-8] + length + b"PAR1" for length in lengths
    ]
    for content in bad:
        assert reader.refusal(content, "leads.parquet") == "broken_parquet"


# Delimited text


def test_a_line_of_old_mac_is_bounded_as_well(reader: Reader) -> None:
    content = b"id,stage\r1," + b"x" * (limits.LINE + limits.MEGABYTE) + b"\r2,Won\r"
    assert sentence(reader, content).startswith("leads.csv, line 2: this line is 17 MB long")


def test_one_long_line_with_a_quote_is_gone_through_once(reader: Reader) -> None:
    table = reader.table(b'id,stage\n1,"New"' + b"," * 2_000_000 + b"\n2,Won\n")
    assert reader.rows(table) == [("1", "New", 2), ("2", "Won", 3)]


def test_long_cells_and_letters_are_gone_through_once(reader: Reader) -> None:
    digits = b"1" * 400_000 + b"x"
    assert reader.table(b"id,stage\n" + digits + b",a\n2,b\n").rows_read == 2
    assert reader.table(b"id,stage\n1," + b"a" * 250_000 + b"\n2,\xe9t\xe9\n").rows_read == 2
    assert reader.table(b"id,stage\n" + (b"\xe9," + b"a" * 1900 + b"\n") * 300).rows_read in (299, 300)


def test_one_wide_line_does_not_make_the_table_wide(reader: Reader) -> None:
    table = reader.table(b"id,stage\n1,New\n" + b",x" * 100_000 + b"\n" + b"2,Won\n" * 100)
    assert (table.columns, table.rows_read, table.rows_rejected) == (("id", "stage"), 102, 1)
    good = b"2,Won\n" * 100_000
    table = reader.table(b"id,stage\n1,New\n" + good + (b",x" * 3000 + b"\n") * 100 + good)
    assert (table.rows_read, table.rows_rejected) == (200_101, 100)


def test_a_table_of_nothing_but_empty_cells_is_refused(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CELLS_UNSUSPECTED", 100_000)
    header = ",".join(f"c{number}" for number in range(1000)) + "\n" + ",".join(str(number) for number in range(1000))
    assert reader.refusal((header + "\n" + "1,2\n" * 5000).encode()) == "almost_empty"
    assert reader.refusal((header + "\n" + '"1",2\r\n2,3\n' * 2500).encode()) == "almost_empty"
    first = json.dumps({f"k{number}": 1 for number in range(1000)})
    assert reader.refusal((first + "\n" + '{"k1": 2}\n' * 5000).encode(), "leads.jsonl") == "almost_empty"
    assert reader.table((header + "\n" + "1,2\n" * 90).encode()).rows_read == 91


def test_the_name_of_a_column_is_bounded(reader: Reader) -> None:
    columns = reader.table(("h" * 500_000 + "," + "h" * 400_000 + "\n1,2\n3,4\n").encode()).columns
    assert [len(column) for column in columns] == [limits.NAME, limits.NAME + 2]


def test_an_old_workbook_is_looked_through_in_pieces(tmp_path: Path) -> None:
    mark = "EncryptedPackage".encode("utf-16-le")
    for before in (0, limits.CHUNK - 5, limits.CHUNK, 3 * limits.CHUNK - 1):
        path = tmp_path / "old.xls"
        path.write_bytes(b"\xd0" * before + mark + b"\xd0" * 10)
        assert kinds._holds(path, mark)
        path.write_bytes(b"\xd0" * before + mark[:-1])
        assert not kinds._holds(path, mark)


# Rows of all files together


@pytest.fixture
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNNEL_LENS_ROWS_MILLIONS", "0.00001")


LEADS = [{"id": str(number), "stage": "New"} for number in range(11)]
CSV = "id,stage\n" + "".join(f"{lead['id']},New\n" for lead in LEADS)


@pytest.mark.parametrize("enough", [True, False])
@pytest.mark.parametrize("kind", ["csv", "one by one", "rejected", "jsonl", "json", "xlsx", "parquet", "gzip"])
@pytest.mark.usefixtures("few_rows")
def test_rows_are_bounded_in_every_format(reader: Reader, kind: str, enough: bool) -> None:
    leads = LEADS[:10] if enough else LEADS
    lines = [f"{lead['id']},New" for lead in leads]
    rejected = [f"{lead['id']},New,x" for lead in leads[5:]]
    made = {
        "csv": lambda: ("id,stage\n" + "\n".join(lines) + "\n").encode(),
        "one by one": lambda: ("id,stage\r\n" + "\n".join(lines) + "\n").encode(),
        "rejected": lambda: ("id,stage\n" + "\n".join(lines[:5] + rejected) + "\n").encode(),
        "jsonl": lambda: "".join(json.dumps(lead) + "\n" for lead in leads).encode(),
        "json": lambda: json.dumps(leads).encode(),
        "xlsx": lambda: workbook({"S": [["id", "stage"], *(list(lead.values()) for lead in leads)]}),
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
    "content", [gzip.compress(PLAIN.encode()), PLAIN.encode("utf-16"), zipped(a=PLAIN), b'{"a":1,"b":2}']
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
    monkeypatch.setattr(store.pq, "write_table", full)
    monkeypatch.setattr(Path, "write_bytes", lambda *_: None)
    assert "leads.csv could not be read to its end: the disk is full" in sentence(reader, content)
    assert not list(reader.engine.folder.glob("reading-*"))


def test_another_fault_of_the_disk_is_not_taken_for_a_full_one(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(store.pq, "write_table", faulty)
    with pytest.raises(OSError, match="input/output"):
        reader.tables('{"a": 1, "b": 2}\n')
