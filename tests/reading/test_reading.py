"""Delimited text → raw tables: nothing is lost, whatever wrote the file; and what is no table gets its sentence."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from funnel.core.engine import Engine
from funnel.core.errors import ReadingError
from funnel.core.sql import Query
from funnel.core.types import FileOnDisk, Note
from funnel.reading import delimited, limits, read_files
from funnel.words import wording
from tests.cases import case
from tests.readers import PLAIN, RUSSIAN, Reader, keys, zipped

# A plain file


def test_a_plain_file_is_rows_of_text_with_their_lines(reader: Reader) -> None:
    table = reader.table(PLAIN)
    assert table.columns == ("id", "stage", "entered")
    assert (table.format, table.encoding, table.delimiter, table.header_line) == ("csv", "utf-8", ",", 1)
    assert (table.rows_read, table.rows_rejected, table.notes) == (2, 0, ())
    assert reader.rows(table) == [("L1", "New", "2024-01-05", 2), ("L2", "Won", "2024-02-06", 3)]
    assert reader.engine.columns(table.table)[-1] == ("source_line", "BIGINT")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~", "\x1f", "¦"])
def test_the_delimiter_is_found(reader: Reader, delimiter: str) -> None:
    table = reader.table(PLAIN.replace(",", delimiter))
    assert table.delimiter == delimiter
    assert reader.rows(table)[1] == ("L2", "Won", "2024-02-06", 3)


def test_decimal_commas_do_not_pass_for_delimiters(reader: Reader) -> None:
    table = reader.table("id;amount;rate\n" + "1;2,5;3,5\n" * 50)
    assert (table.delimiter, table.columns) == (";", ("id", "amount", "rate"))


def test_the_separator_line_of_excel_is_obeyed_and_is_no_row(reader: Reader) -> None:
    table = reader.table("sep=;\r\nid;stage\r\n1;New\r\n")
    assert (table.delimiter, table.header_line) == (";", 2)
    assert reader.rows(table) == [("1", "New", 3)]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "end"])
def test_every_kind_of_line_end_and_none_at_the_end(reader: Reader, ending: str, last: str) -> None:
    lines = ["id,stage", "1,New", "2,Won"]
    table = reader.table(ending.join(lines) + (ending if last else ""))
    assert reader.rows(table) == [("1", "New", 2), ("2", "Won", 3)]


def test_mixed_line_ends_lose_no_line(reader: Reader) -> None:
    table = reader.table("id,stage\r\n1,New\n2,Won\r\n3,Lost\n")
    assert reader.rows(table) == [("1", "New", 2), ("2", "Won", 3), ("3", "Lost", 4)]


# Headers


def test_lines_above_the_header_are_left_out_and_noted(reader: Reader) -> None:
    table = reader.table("Leads of Q1,,\nmade by hand,,\n\n" + PLAIN)
    assert (table.header_line, table.columns, keys(table)) == (4, ("id", "stage", "entered"), ["note_lines_above"])
    assert table.notes[0].values["lines"] == 2
    assert (table.rows_read, reader.rows(table)[0][-1]) == (2, 5)


def test_equal_and_blank_headers_become_distinct(reader: Reader) -> None:
    table = reader.table("\ufeff Owner ,owner,,Owner 2,source_line\na,b,c,d,e\n")
    assert table.columns == ("Owner", "owner 3", "column 3", "Owner 2", "source_line 2")
    assert keys(table) == ["note_duplicate_headers", "note_blank_headers"]
    assert reader.rows(table) == [("a", "b", "c", "d", "e", 2)]


def test_a_column_without_name_and_values_is_dropped_and_noted(reader: Reader) -> None:
    table = reader.table("id,stage,\n1,New,\n2,Won,\n")
    assert (table.columns, keys(table)) == (("id", "stage"), ["note_blank_columns"])


def test_a_delimiter_behind_each_line_but_the_header_adds_nothing(reader: Reader) -> None:
    table = reader.table("id,stage\n1,New,\n2,Won,\n")
    assert reader.rows(table) == [("1", "New", 2), ("2", "Won", 3)]
    assert (table.columns, table.rows_rejected) == (("id", "stage"), 0)


def test_a_title_as_wide_as_the_table_is_passed_over(reader: Reader) -> None:
    table = reader.table("Exported,2024-01-05\nid,stage\n1,New\n2,Won\n")
    assert (table.columns, table.header_line, table.rows_read) == (("id", "stage"), 2, 2)


def test_line_ends_and_control_characters_leave_headers(reader: Reader) -> None:
    table = reader.table('"Deal\r\nstage",  id\t\nNew,1\n')
    assert (table.columns, reader.rows(table)) == (("Deal stage", "id"), [("New", "1", 3)])


def test_a_file_without_header_keeps_its_first_line(reader: Reader) -> None:
    table = reader.table("L1,New,2024-01-05\nL2,Won,2024-02-06\nL3,New,2024-02-07\n")
    assert (table.columns, table.header_line) == (("column 1", "column 2", "column 3"), None)
    assert (keys(table), table.rows_read) == (["note_no_header"], 3)
    assert reader.rows(table)[0] == ("L1", "New", "2024-01-05", 1)


def test_a_column_may_bear_any_name(reader: Reader) -> None:
    table = reader.table('rowid,"a""b; DROP TABLE x","SELECT ?"\n1,2,3\n')
    assert table.columns == ("rowid", 'a"b; DROP TABLE x', "SELECT ?")
    assert reader.rows(table) == [("1", "2", "3", 2)]


# Records


def test_quoted_line_ends_delimiters_and_quotes_are_kept(reader: Reader) -> None:
    table = reader.table('id,note,stage\r\n1,"a\r\nb, ""c""",New\r\n2,"x,y",Won\r\n')
    assert reader.rows(table) == [("1", 'a\r\nb, "c"', "New", 2), ("2", "x,y", "Won", 4)]


def test_escaped_quotes_and_single_quotes(reader: Reader) -> None:
    table = reader.table('id,note\n1,"say \\"hi\\", he"\n2,"a\\\\b"\n')
    assert reader.rows(table) == [("1", 'say "hi", he', 2), ("2", "a\\b", 3)]
    table = reader.table("'id','note'\n'1','a, b'\n'2','it''s'\n")
    assert (table.columns, reader.rows(table)) == (("id", "note"), [("1", "a, b", 2), ("2", "it's", 3)])


def test_short_lines_are_padded_and_empty_cells_are_null(reader: Reader) -> None:
    table = reader.table('id,stage,owner\n1\n2,"",\n3, ,x\n')
    assert reader.rows(table) == [("1", None, None, 2), ("2", None, None, 3), ("3", " ", "x", 4)]


def test_long_lines_are_kept_apart_and_lines_still_have_their_numbers(reader: Reader) -> None:
    table = reader.table("id,stage\n1,New\n2,a,b\n\n3,Won\n4,c,d,e\n5,Lost\n6,x,,\n")
    assert (table.rows_read, table.rows_rejected) == (6, 2)
    assert reader.rows(table) == [("1", "New", 2), ("3", "Won", 5), ("5", "Lost", 7), ("6", "x", 8)]
    assert reader.rejects() == [
        ("leads.csv", 3, "2,a,b", "3 cells where the header has 2 columns", True),
        ("leads.csv", 6, "4,c,d,e", "4 cells where the header has 2 columns", True),
    ]


def test_a_quote_that_is_never_closed_costs_one_line(reader: Reader) -> None:
    table = reader.table('id,stage\n1,New\n2,"Won\n3,Lost\n4,"a"b\n5,New\n')
    assert reader.rows(table) == [("1", "New", 2), ("3", "Lost", 4), ("5", "New", 6)]
    assert [(line, value) for _, line, value, _, _ in reader.rejects()] == [(3, '2,"Won'), (5, '4,"a"b')]


def test_a_quote_inside_an_unquoted_cell_is_text(reader: Reader) -> None:
    table = reader.table('id,note\n1,5" pipe\n2,x\n')
    assert reader.rows(table) == [("1", '5" pipe', 2), ("2", "x", 3)]


def test_labels_that_are_code_are_text(reader: Reader) -> None:
    labels = ["'); DROP TABLE raw_0; --", "<script>alert(1)</script>", "=1+cmd|' /C calc'!A0", "back\\"]
    table = reader.table("id\tstage\n" + "".join(f"{place}\t{label}\n" for place, label in enumerate(labels)))
    assert [row[1] for row in reader.rows(table)] == labels


def test_more_gaps_than_places_can_tell(reader: Reader) -> None:
    lines = [f"{number},x" if number % 3 else f"{number},x,y" for number in range(2, 3 * limits.GAPS)]
    table = reader.table("id,stage\n" + "\n".join(lines) + "\n")
    assert all(row[0] == str(row[-1]) for row in reader.rows(table))
    assert table.rows_rejected == limits.GAPS - 1
    assert table.rows_read == len(lines)


def test_both_ways_give_the_same(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    content = "id,stage\n" + "".join(f'{number},"New, or ""not"""\n' for number in range(2000)) + "1,2,3\n\n4,5\n"
    at_once = reader.table(content)
    first = reader.rows(at_once), reader.rejects()
    monkeypatch.setattr(delimited, "_at_once", lambda *_: None)
    assert (at_once, first) == (reader.table(content), (reader.rows(at_once), reader.rejects()))


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        "\ufeff" + PLAIN,
        PLAIN.replace("\n", "\r\n"),
        '"id","stage"\r\n"1","New, ""or"" not"\r\n"2",""\r\n',
        "\ufeffL1,2024-01-05\nL2,2024-02-06\nL3,2024-03-07\n",
        "title\n\nid;stage\n1;New\n\n2;Won;x\n3;Lost\n\n\n",
        "title\r\n\r\nid;stage\r\n1;New\r\n\r\n2;Won;x\r\n3;Lost\r\n4;a;b\r\n\r\n\r\n",
        'id,stage\r\n1,New\r\n2,"Won"x"y"\r\n3,Lost\r\n',
    ],
)
def test_usual_files_go_the_fast_way(reader: Reader, content: str, monkeypatch: pytest.MonkeyPatch) -> None:

    def one_by_one(*_: object) -> None:
        raise InterruptedError

    monkeypatch.setattr(delimited, "_one_by_one", one_by_one)
    table = reader.table(content)
    assert table.rows_read >= 2
    assert all(isinstance(row[0], str) and "\ufeff" not in row[0] for row in reader.rows(table))


# Refusals: one sentence each


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf\n\n", "empty_file"),
        (b"id,stage\n", "header_only"),
        (b"id,stage", "header_only"),
        (b"name\nAnna\nBoris\n", "one_column"),
        (b"created\n2024-01-01 10:20:30\n2024-01-02 11:20:30\n", "one_column"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "picture"),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20, "picture"),
        (b"%PDF-1.7\n%\xe2\xe3", "pdf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "broken_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "locked"),
        (b"<html><p>Please sign in</p></html>", "web_page"),
        (b"<?xml version='1.0'?><leads/>", "other_xml"),
        (bytes(range(256)) * 40, "not_text"),
        (b"\0" * 5000, "not_text"),
        (b"PK\x05\x06" + b"\0" * 18, "empty_archive"),
        (b"PK\x03\x04 cut off", "broken_archive"),
        (b"7z\xbc\xaf\x27\x1c1234", "other_archive"),
        (b"PAR1 cut off", "broken_parquet"),
        (",".join(f"c{n}" for n in range(10_000)).encode() + b"\n1,2\n", "too_many_columns"),
        (b"id,stage\n1,New\n2," + b"x" * 50_000_000 + b"\n", "long_line"),
        (gzip.compress(PLAIN.encode() * 100)[:-30], "broken_gzip"),
        (gzip.compress(PLAIN.encode()) + b"rubbish", "broken_gzip"),
        (gzip.compress(gzip.compress(gzip.compress(PLAIN.encode()))), "nested_archive"),
        (zipped(**{"readme.txt": "nothing"}), "one_column"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_table_gets_its_sentence(reader: Reader, content: bytes, key: str) -> None:
    assert reader.refusal(content) == key


def test_the_sentence_about_a_long_line_names_it(reader: Reader) -> None:
    with pytest.raises(ReadingError, match=r"leads\.csv, line 3: this line is 47 MB long; lines of at most 16 MB"):
        reader.table(b"id,stage\n1,New\n2," + b"x" * 50_000_000 + b"\n")


def test_a_bomb_is_not_unpacked_to_its_end(reader: Reader) -> None:
    zeros = gzip.compress(b"0" * (limits.UNPACKED_UNSUSPECTED + 10 * limits.CHUNK))
    assert reader.refusal(zeros, "leads.csv.gz") == "bomb"
    with zipfile.ZipFile(reader.folder / "made.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in "abc":
            archive.writestr(name, b"0" * (limits.UNPACKED_UNSUSPECTED // 2))
    assert reader.refusal((reader.folder / "made.zip").read_bytes(), "leads.zip") == "bomb"


def test_a_refused_file_leaves_no_intermediate_files(reader: Reader) -> None:
    reader.refusal(gzip.compress(RUSSIAN.encode("cp1251"))[:-9])
    assert not list(reader.engine.folder.glob("reading-*"))


# Several files, patterns in paths, progress


def test_several_files_at_once(tmp_path: Path) -> None:
    paths = [tmp_path / "leads[1].csv", tmp_path / "l*.csv"]
    for path in paths:
        path.write_text(PLAIN.replace("L1", path.name))
    engine = Engine(paths)
    tables = read_files(engine, [FileOnDisk(path, path.name) for path in paths])
    firsts = [engine.rows(Query(f"SELECT given.id FROM {table.table} AS given"))[0][0] for table in tables]
    assert firsts == ["leads[1].csv", "l*.csv"]
    engine.close()


def test_progress_is_told_and_can_stop_the_reading(reader: Reader) -> None:
    told: list[Note] = []
    reader.tables(gzip.compress(RUSSIAN.encode("cp1251")), "a.gz", progress=lambda note, share: told.append(note))
    assert told
    assert wording.say(told[0].key, **told[0].values) == "Unpacking a.gz"

    def stop(note: Note, share: float | None) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        reader.tables(PLAIN, progress=stop)
    assert not list(reader.engine.folder.glob("reading-*"))


# Real files


@pytest.mark.parametrize(
    ("parts", "rows"),
    [
        (("bpic2012", "bpic2012_events.csv.gz"), 262_200),
        (("enpal_pipedrive", "deal_changes.csv"), 15_406),
        (("maven_crm", "sales_pipeline.csv"), 8_800),
        (("olist", "mql_ddmmyyyy.csv"), 8_000),
        (("olist", "mql_mdy.csv"), 8_000),
        (("olist", "closed_deals_iso.csv"), 842),
    ],
)
def test_a_public_file_is_read_to_its_last_line(parts: tuple[str, str], rows: int) -> None:
    path = case(*parts)
    engine = Engine([path])
    (table,) = read_files(engine, [FileOnDisk(path, path.name)])
    lines = engine.row(
        Query(f"SELECT min(given.source_line) AS low, max(given.source_line) AS high FROM {table.table} AS given")
    )
    assert (table.rows_read, table.rows_rejected, lines) == (rows, 0, (2, rows + 1))
    engine.close()
