"""Tables of web pages, which CRMs name .xls: what a browser shows is read, and no page fills memory or takes long."""

from __future__ import annotations

import time
import tracemalloc
from contextlib import suppress

import pytest

from funnel.core.errors import ReadingError
from funnel.core.types import RawTable
from funnel.reading import limits
from funnel.words import wording
from tests.readers import Reader, sentence, zipped
from tests.thorough import every, thorough

ROWS = "<tr><th>id<th>stage</tr><tr><td>1<td>New</tr><tr><td>2<td>Won</tr>"
PAGE = f"<html><body><table>{ROWS}</table></body></html>"


def page(rows: str) -> str:
    return f"<html><head><title>x</title></head><body><table border=1>{rows}</table></body></html>"


def notes(table: RawTable) -> list[str]:
    return [wording.say(note.key, **note.values) for note in table.notes]


@pytest.mark.parametrize("name", ["deals.xls", "deals.html", "deals.csv"])
def test_a_table_is_read_whatever_the_file_is_called(reader: Reader, name: str) -> None:
    table = reader.table(PAGE, name)
    assert (table.name, table.format, table.encoding, table.header_line) == (name, "html", "utf-8", 1)
    assert (table.columns, table.rows_read, table.rows_rejected, table.notes) == (("id", "stage"), 2, 0, ())
    assert reader.rows(table) == [("1", "New", 2), ("2", "Won", 3)]


@pytest.mark.parametrize(
    "before",
    [
        "",
        "<!DOCTYPE html>",
        '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN">',
        "\r\n\r\n  <!-- made by a program -->\n",
        "<meta charset=utf-8><style>td {mso-number-format:'\\@'} <table></style>",
        "<br />\n<b>Warning</b>: something happened<br />\n",
        "<script>if (1 < 2) { document.write('<table><tr><td>a<td>b<tr><td>c<td>d') }</script>",
    ],
)
@pytest.mark.parametrize("html", [True, False])
def test_what_may_stand_before_a_table(reader: Reader, before: str, html: bool) -> None:
    body = f"<table>{ROWS}</table>"
    content = f"{before}<html xmlns:x='urn:schemas-microsoft-com:office:excel'>{body}</html>" if html else before + body
    if before or html:
        assert reader.rows(reader.table(content, "deals.xls")) == [("1", "New", 2), ("2", "Won", 3)]


def test_a_cell_is_the_text_that_a_browser_shows(reader: Reader) -> None:
    cells = {
        "a &amp; b&nbsp;&lt;c&gt; &#1055;&#x43e; &euro;": "a & b\xa0<c> По €",
        "  several\n   <b>blanks </b>  and <i>tags</i> ": "several blanks and tags",
        "one<br>two<br/>three<br /><br>five": "one\ntwo\nthree\n\nfive",
        "<p>one</p>\n<p>two</p>": "one\ntwo",
        "<div><div>one</div><ul><li>two<li>three</ul></div>": "one\ntwo\nthree",
        "a<script>b</script><style>c</style><!-- d --><![if !e]>f<![endif]>": "af",
        "<table><tr><td>in</td><td>ner</td></tr><tr><td>table</table>": "in ner\ntable",
        "&nbsp;\n &nbsp;": None,
        "": None,
        "1 < 2 & 3 > 2": "1 < 2 & 3 > 2",
        "<a href='x?a=1&b=2' title=\"a>b\">link</a>": "link",
        "<INPUT TYPE=checkbox><IMG SRC='data:image/png;base64,AAAA'>x": "x",
    }
    names = "".join(f"<td>c{place}" for place in range(len(cells)))
    table = reader.table(page(f"<tr>{names}<tr>{''.join(f'<TD>{cell}</TD>' for cell in cells)}"), "deals.xls")
    assert reader.rows(table) == [(*cells.values(), 2)]


def test_rows_and_cells_that_are_never_closed(reader: Reader) -> None:
    for rows in ("<tr><td>id<td>n<tr><td>1<td>2<tr><td>3", "<td>id<td>n<tr><td>1</td>2<td>2</tr>4<tr>\n<td>3"):
        table = reader.table(f"<html><table>{rows}", "deals.xls")
        assert reader.rows(table) == [("1", "2", 2), ("3", None, 3)]


# Headings, titles, and cells that take more than one place


def test_a_heading_is_where_the_page_marks_one(reader: Reader) -> None:
    rows = (
        "<thead><tr><th colspan=3>Deals</th></tr><tr><th>id</th><th>1 Jan 2024</th><th>2 Jan 2024</th></tr></thead>"
        "<tbody><tr><td>7</td><td>3 Jan 2024</td><td>4 Jan 2024</td></tr></tbody>"
        "<tfoot><tr><td>Total</td><td></td><td>1</td></tr></tfoot>"
    )
    table = reader.table(page(rows), "deals.xls")
    assert (table.columns, table.header_line) == (("id", "1 Jan 2024", "2 Jan 2024"), 2)
    assert reader.rows(table) == [("7", "3 Jan 2024", "4 Jan 2024", 3), ("Total", None, "1", 4)]
    assert notes(table) == ["deals.xls: 1 line above the header on line 2 left out."]


def test_where_every_cell_is_marked_as_a_heading_none_is(reader: Reader) -> None:
    rows = "<tr><th>id<th>stage" + "".join(f"<tr><th>{number}<th>New" for number in range(300))
    table = reader.table(page(rows), "deals.xls")
    assert (table.columns, table.header_line, table.rows_read) == (("id", "stage"), 1, 300)


def test_without_headings_it_is_found_as_in_any_table(reader: Reader) -> None:
    rows = "<tr><td colspan=2>Report</tr><tr></tr><tr><td>id<td>stage</tr><tr><td>1<td>New</tr><tr><td>2<td>Won</tr>"
    table = reader.table(page(rows), "deals.xls")
    assert (table.columns, table.header_line) == (("id", "stage"), 3)
    assert reader.rows(table) == [("1", "New", 4), ("2", "Won", 5)]


def test_a_heading_over_two_rows_and_one_over_two_columns(reader: Reader) -> None:
    rows = (
        "<tr><th rowspan=2>id</th><th colspan=2>Contact</th><th rowspan=2>stage</th></tr><tr><th>first</th><th>last</th></tr>"
        "<tr><td>1</td><td>A</td><td>B</td><td>New</td></tr>"
    )
    table = reader.table(page(rows), "deals.xls")
    assert (table.columns, reader.rows(table)) == (("id", "first", "last", "stage"), [("1", "A", "B", "New", 3)])


def test_a_cell_over_several_rows_or_columns_stands_in_each(reader: Reader) -> None:
    rows = (
        "<tr><th>id<th>stage<th>a<th>b</tr>"
        "<tr><td rowspan=3>1<td>New<td colspan=2>x</tr>"
        "<tr><td>Won<td rowspan='2'>y<td>z</tr>"
        "<tr><td>Paid<td>w</tr>"
        "<tr><td>2<td rowspan=0>Lost<td>u<td>v</tr>"
        "<tr><td>3</tr>"
    )
    assert reader.rows(reader.table(page(rows), "deals.xls")) == [
        ("1", "New", "x", "x", 2),
        ("1", "Won", "y", "z", 3),
        ("1", "Paid", "y", "w", 4),
        ("2", "Lost", "u", "v", 5),
        ("3", "Lost", None, None, 6),
    ]


def test_a_span_ends_with_its_part_of_the_table(reader: Reader) -> None:
    rows = "<thead><tr><th rowspan=9>id<th>stage</thead><tbody><tr><td>1<td rowspan=9>New<tbody><tr><td>2<td>Won"
    assert reader.rows(reader.table(page(rows), "deals.xls")) == [("1", "New", 2), ("2", "Won", 3)]


# Several tables


def test_the_largest_table_counts_and_others_are_told(reader: Reader) -> None:
    small = "<table><tr><td>Period<td>2024<tr><td>Owner<td>all</table>"
    layout = f"<table><tr><td>{small}</td></tr><tr><td><table>{ROWS}<tr><td>3<td>Lost</table></td></tr></table>"
    table = reader.table(f"<html>{small}{layout}<table><tr><td>alone</table></html>", "deals.xls")
    assert (table.columns, table.rows_read) == (("id", "stage"), 3)
    assert notes(table) == ["deals.xls: only the largest table of the page, with 4 rows, was read; left out: 3 tables."]


def test_of_tables_alike_the_first_counts(reader: Reader) -> None:
    other = ROWS.replace("New", "Old")
    table = reader.table(f"<table>{ROWS}</table><table>{other}</table>", "deals.xls")
    assert reader.rows(table)[0] == ("1", "New", 2)


def test_a_page_without_a_table_is_named(reader: Reader) -> None:
    for content in (
        "<html><body>Please sign in</body></html>",
        "<!doctype html><html><table></table></html>",
        "<html><!-- <table><tr><td>1<td>2 --></html>",
        "<html><table><tr><td></table>",
    ):
        assert reader.refusal(content, "deals.xls") == "web_page"
    assert reader.refusal("<html><table><tr><th>id<th>stage</table>", "deals.xls") == "header_only"
    assert reader.refusal("<html><table><tr><td>id<tr><td>1<tr><td>2</table>", "deals.xls") == "one_column"
    tables = reader.tables(zipped(**{"deals.xls": PAGE, "help.html": "<html>Read me</html>"}), "export.zip")
    assert [table.name for table in tables] == ["export.zip › deals.xls"]


def test_a_header_that_looks_like_a_tag_is_no_page(reader: Reader) -> None:
    assert reader.table("<id>,<stage>\n1,New\n2,Won\n").columns == ("<id>", "<stage>")


# Encodings

RUSSIAN = "<tr><th>ID<th>Стадия сделки</tr><tr><td>1<td>Новая</tr><tr><td>2<td>Сделка успешна</tr>"


@pytest.mark.parametrize(
    ("head", "codec", "name"),
    [
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', "cp1251", "windows-1251"),
        ("<meta charset='KOI8-R'>", "koi8-r", "koi8-r"),
        ("<META CHARSET = cp866 >", "cp866", "cp866"),
        ("<meta charset=windows-1251>", "utf-8", "utf-8"),
        ("", "utf-8-sig", "utf-8-sig"),
        ("", "utf-16", "utf-16"),
        ("", "utf-16-le", "utf-16"),
        ("", "cp1251", "windows-1251"),
        ("<meta charset=utf-8>", "cp1251", "windows-1251"),
        ("<meta charset=utf-16>", "cp1251", "windows-1251"),
        ("<meta charset=rot13>", "cp1251", "windows-1251"),
        ("<meta charset=utf-7>", "cp1251", "windows-1251"),
    ],
)
def test_encodings(reader: Reader, head: str, codec: str, name: str) -> None:
    content = f"<html><head>{head}</head><body>\n<table>{RUSSIAN}</table></body></html>".encode(codec)
    table = reader.table(content, "deals.xls")
    assert (table.encoding, table.columns) == (name, ("ID", "Стадия сделки"))
    assert [row[1] for row in reader.rows(table)] == ["Новая", "Сделка успешна"]


def test_latin_1_is_what_browsers_take_it_for(reader: Reader) -> None:
    content = "<html><meta charset=iso-8859-1><table><tr><td>id<td>price<tr><td>1<td>5 €</table>".encode("cp1252")
    assert reader.rows(reader.table(content, "deals.xls")) == [("1", "5 €", 2)]


# Made to do harm


def test_deep_tables_are_refused(reader: Reader) -> None:
    assert reader.refusal("<html>" + "<table><tr><td>" * 200_000, "deals.xls") == "deep_markup"
    deep = "<table><tr><td>x<td>" * 50 + f"<table>{ROWS}" + "</table>" * 51
    assert reader.table(f"<html>{deep}</html>", "deals.xls").rows_read == 2


@thorough
def test_text_in_tables_within_tables_is_kept_once(reader: Reader) -> None:
    inner = "<table><tr><td>" + "x" * (limits.INNER_TEXT + 1) + "</table>"
    outer = page(f"<tr><td>id<td>note<tr><td>1<td>{inner}<tr><td>2<td>b<tr><td>3<td>c")
    assert reader.refusal(outer, "deals.xls") == "long_row"
    tracemalloc.start()
    assert reader.refusal("<html>" + "<table><tr><td>" * 99 + "<br>" * 100_000, "deals.xls") == "web_page"
    assert tracemalloc.get_traced_memory()[1] < 30 * limits.MEGABYTE
    tracemalloc.stop()


@thorough
def test_spans_that_would_fill_memory_are_refused(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNPACKED_UNSUSPECTED", limits.MEGABYTE)
    wide = "<tr><td>1<td colspan=1000 rowspan=65534>" + "x" * 1000
    assert reader.refusal(page("<tr><td>id<td>n" + wide + "<tr>" * 5000), "deals.xls") == "bomb"
    for span in ("2000", "999999999"):
        content = page(f"<tr><td>id<td>n<tr><td>1<td>2<td colspan={span}>x<td>y")
        assert reader.refusal(content, "deals.xls") == "too_many_columns"
    assert reader.refusal(page("<tr>" + "<td>x" * 300_000 + "<tr><td>1<td>2"), "deals.xls") == "too_many_columns"


@pytest.mark.parametrize("span", ["-1", "x", "", "1.5", "one"])
def test_a_span_that_is_none_is_one_place(reader: Reader, span: str) -> None:
    rows = f"<tr><td>id<td>n<tr><td colspan='{span}' rowspan='{span}'>1<td>2<tr><td>3<td>4"
    assert reader.rows(reader.table(page(rows), "deals.xls")) == [("1", "2", 2), ("3", "4", 3)]


@pytest.mark.parametrize(
    "open_ended", every(4, ["<!--", "<script>", '<td x="', "<style>a", "</td ", "<!", "<a b=", "<![if "])
)
def test_markup_without_an_end_is_refused_soon(reader: Reader, open_ended: str) -> None:
    begun = time.process_time()
    content = PAGE.replace("</table>", open_ended + "x" * 30 * limits.MEGABYTE)
    assert reader.refusal(content, "deals.xls") == "broken_web_page"
    assert time.process_time() - begun < 10


@thorough
@pytest.mark.parametrize(
    "piece", every(3, ["<", "<a ", "<a/", "</", "<!", "<?", "&", "&#", "<td>", "<tr>", "<p>", "<table ", "<b a='"])
)
def test_markup_that_makes_no_sense_is_gone_through_once(reader: Reader, piece: str) -> None:
    begun = time.process_time()
    content = PAGE.replace("</table>", piece * (limits.MEGABYTE // len(piece)))
    with suppress(ReadingError):
        reader.tables(content, "deals.xls")
    assert time.process_time() - begun < 10


def test_a_row_of_much_text_is_refused_and_a_page_around_a_table_is_not(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LINE", 10_000)
    rows = "<tr><td>id<td>note" + "".join(f"<tr><td>{number}<td>{'x' * 1000}" for number in range(20))
    layout = f"<html><table><tr><td><table>{rows}</table></td></tr></table></html>"
    assert reader.table(layout, "deals.xls").rows_read == 20
    assert sentence(reader, page(rows + "<tr><td>y<td>" + "z" * 10_001).encode(), "deals.xls") == (
        "deals.xls, row 22: this row holds more than 0 MB of text. Check that the export is whole, or leave that row out."
    )


def test_rows_are_bounded_and_reading_can_be_stopped(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "<tr><td>id<td>n" + "".join(f"<tr><td>{number}<td>x" for number in range(11))
    monkeypatch.setenv("FUNNEL_LENS_ROWS_MILLIONS", "0.00001")
    assert reader.refusal(page(rows), "deals.xls") == "too_many_rows"
    monkeypatch.delenv("FUNNEL_LENS_ROWS_MILLIONS")
    monkeypatch.setattr("funnel.reading.work.TELL_EVERY_SECONDS", 0)
    told: list[str] = []

    def stop_soon(note: object, _: object) -> None:
        told.append(note.key)  # type: ignore[attr-defined]
        if told.count("reading.progress_load") == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        reader.tables(page(rows[:100] + "<tr><td>1<td>y" * 5000), "deals.xls", progress=stop_soon)
