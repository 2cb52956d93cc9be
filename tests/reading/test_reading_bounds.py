"""Files made to do harm: each ends in its sentence, and neither fills memory nor disk, nor takes long."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import random
import struct
import zipfile
import zlib
from pathlib import Path

import pyarrow as pa
import pytest

from funnel.core.sql import Query
from funnel.reading import kinds, limits
from tests.readers import PLAIN, Reader, parquet, sentence, zipped
from tests.thorough import thorough

pytestmark = thorough

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


@pytest.mark.parametrize(
    "more", [b"x", b"\0\0x", b"\x1f\x8b", gzip.compress(b"x", mtime=0)[:-1], gzip.compress(b"x", mtime=0)[:5]]
)
def test_whatever_else_stands_behind_a_gzip_is_damage(reader: Reader, more: bytes) -> None:
    assert reader.refusal(gzip.compress(PLAIN.encode()) + more, "leads.csv.gz") == "broken_gzip"


def test_a_wrong_checksum_in_a_gzip_is_damage(reader: Reader) -> None:
    content = bytearray(gzip.compress(PLAIN.encode()))
    content[-5] ^= 1
    assert reader.refusal(bytes(content), "leads.csv.gz") == "broken_gzip"


def test_a_gzip_of_many_members_is_a_bomb_as_well(reader: Reader) -> None:
    content = gzip.compress(b"0" * limits.MEGABYTE) * 80
    assert reader.refusal(content, "leads.csv.gz") == "bomb"


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


def few_in_many(columns: int, rows: int, line: bytes) -> bytes:
    """A table whose rows fill hardly a cell of all its columns."""
    return b",".join(b"c%d" % place for place in range(columns)) + b"\n" + line * rows


@pytest.fixture
def unsuspected(monkeypatch: pytest.MonkeyPatch) -> int:
    """The size under which no stored table is suspected, small enough to be tried."""
    monkeypatch.setattr(limits, "STORED_UNSUSPECTED", limits.MEGABYTE)
    return limits.MEGABYTE


def test_what_a_packed_file_stores_is_bounded_by_its_own_size(reader: Reader, unsuspected: int) -> None:
    # 40 columns × 20,000 rows × 4 bytes are 3.2 MB, of a file of under 1 KB.
    sparse = few_in_many(40, 20_000, b",7,,\n")
    for name, content in (("leads.csv.gz", gzip.compress(sparse)), ("leads.zip", zipped(**{"leads.csv": sparse}))):
        assert len(content) < 1_000
        assert reader.refusal(content, name) == "bomb"
    # Where lines end in two ways, they are read one by one.
    assert reader.refusal(gzip.compress(sparse + b",8,,\r\n"), "leads.csv.gz") == "bomb"
    lines = b'{"a": 1, "b": 2}\n' * 60_000 + json.dumps({f"k{place}": 1 for place in range(40)}).encode()
    assert reader.refusal(gzip.compress(lines), "leads.jsonl.gz") == "bomb"
    # As it is, the same table is large enough to hold what it holds.
    assert reader.table(sparse).rows_read == 20_000


def test_tables_that_each_are_small_count_together(reader: Reader, unsuspected: int) -> None:
    small = few_in_many(20, 5_000, b"1,7,,\n")
    assert reader.table(gzip.compress(small), "leads.csv.gz").rows_read == 5_000
    together = zipped(**{f"{place}.csv": small for place in range(12)})
    assert 250 * len(together) < 12 * (20 * 5_000 * 4) < 20 * unsuspected
    assert reader.refusal(together, "leads.zip") == "bomb"


def test_one_number_that_stands_for_many_rows_is_counted_in_parquet(reader: Reader, unsuspected: int) -> None:
    ones = {f"c{place}": [1] * 100_000 for place in range(20)}
    bomb = parquet(reader.folder, ones, row_group_size=100_000, compression="zstd")
    # 2,000,000 cells, each of 4 bytes and a digit.
    assert 250 * len(bomb) < 2_000_000 * 5
    assert sentence(reader, bomb, "leads.parquet").startswith("leads.parquet unpacks to far more")
    assert reader.engine.rows(Query("SELECT tables.table_name FROM duckdb_tables() AS tables")) == [("rejects",)]
    honest = {"lead": [f"L{number * 7919 % 99_991}" for number in range(50_000)], "stage": [1] * 50_000}
    assert reader.table(parquet(reader.folder, honest), "leads.parquet").rows_read == 50_000


def test_values_are_counted_as_long_as_they_are_where_it_matters(reader: Reader, unsuspected: int) -> None:
    # At 40 characters a value they would be too many; at the 1 that they have they are not.
    chance = random.Random(4)
    content = parquet(reader.folder, {f"c{place}": [chance.randrange(2) for _ in range(60_000)] for place in range(6)})
    assert 60_000 * 6 * 5 < 250 * len(content) < 60_000 * 6 * 44
    assert reader.table(content, "leads.parquet").rows_read == 60_000


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
