"""What is peculiar to the XML spreadsheet of 2003: places that are said, merged cells, comments, encodings, and files made to do harm."""

from __future__ import annotations

import pytest

from funnel.reading import limits
from tests.readers import Reader, sentence
from tests.sheet_writers import Rows, xml_book, xml_cell, xml_sheet, xml_sheet_of

DEALS: Rows = [["id", "stage"], ["1", "New"], ["2", "Won"]]
HEADER = f"<Row>{xml_cell('id')}{xml_cell('stage')}{xml_cell('more')}</Row>"


def test_rows_and_cells_stand_where_they_say(reader: Reader) -> None:
    rows = (
        f'{HEADER}<Row ss:Index="4">{xml_cell("1")}<Cell ss:Index="3"><Data ss:Type="String">far</Data></Cell></Row>'
        f'<Row ss:Index="6" ss:Span="2"/><Row>{xml_cell("2")}{xml_cell("New")}</Row>'
    )
    table = reader.table(xml_book(xml_sheet_of(rows)), "deals.xls")
    assert (table.format, table.encoding) == ("xml", "utf-8")
    assert reader.rows(table) == [("1", None, "far", 4), ("2", "New", None, 9)]


def test_a_merged_cell_takes_the_columns_that_it_covers(reader: Reader) -> None:
    merged = '<Cell ss:MergeAcross="1" ss:MergeDown="1"><Data ss:Type="String">1</Data></Cell>'
    rows = f'{HEADER}<Row>{merged}{xml_cell("x")}</Row><Row><Cell ss:Index="3"><Data ss:Type="Number">5</Data></Cell></Row>'
    assert reader.rows(reader.table(xml_book(xml_sheet_of(rows)), "deals.xls")) == [
        ("1", None, "x", 2),
        (None, None, "5", 3),
    ]


def test_marked_up_text_is_text_and_a_comment_is_none(reader: Reader) -> None:
    text = '<ss:Data ss:Type="String"><html:B>Большая</html:B> <html:Font html:Color="#F00">сделка</html:Font>&#10;!</ss:Data>'
    comment = '<Comment ss:Author="A"><ss:Data><html:B>a comment</html:B></ss:Data></Comment>'
    rows = f"{HEADER}<Row>{xml_cell('1')}<Cell>{text}{comment}</Cell><Cell>{comment}</Cell></Row>"
    table = reader.table(xml_book(xml_sheet_of(rows)), "deals.xls")
    assert reader.rows(table) == [("1", "Большая сделка\n!", None, 2)]


@pytest.mark.parametrize(
    ("kind", "style", "written", "text"),
    [
        ("DateTime", "day", "2024-03-07T00:00:00.000", "2024-03-07"),
        ("DateTime", "moment", "2024-03-07T00:00:00.000", "2024-03-07 00:00:00"),
        ("DateTime", "named", "2024-03-07T00:00:00.000", "2024-03-07"),
        ("DateTime", "general", "2024-03-07T00:00:00.000", "2024-03-07 00:00:00"),
        ("DateTime", "day", "2024-03-07T10:20:30.250", "2024-03-07 10:20:30.250000"),
        ("DateTime", "moment", "1899-12-31T10:20:30.000", "10:20:30"),
        ("DateTime", "day", "07.03.2024", "07.03.2024"),
        ("Number", "day", "1234567890123456789", "1234567890123456789"),
        ("Number", "day", "1.5E+3", "1500"),
        ("Number", "day", "-0.10", "-0.1"),
        ("Number", "day", "n/a", "n/a"),
        ("Boolean", "day", "0", "FALSE"),
        ("Error", "day", "#REF!", "#REF!"),
        ("String", "day", " 007 ", " 007 "),
    ],
)
def test_a_value_is_what_its_type_says(reader: Reader, kind: str, style: str, written: str, text: str) -> None:
    cell = f'<Cell ss:StyleID="{style}"><Data ss:Type="{kind}">{written}</Data></Cell>'
    rows = f"{HEADER}<Row>{xml_cell('1')}{cell}</Row>"
    assert reader.rows(reader.table(xml_book(xml_sheet_of(rows)), "deals.xls"))[0][1] == text


def test_hidden_sheets_are_passed_over(reader: Reader) -> None:
    lists = xml_sheet([["a", "b"], ["c", "d"]], "Lists", hidden=True)
    table = reader.table(xml_book(lists, xml_sheet(DEALS, "Deals"), lists), "deals.xls")
    assert (table.name, table.columns) == ("deals.xls", ("id", "stage"))
    assert len(reader.tables(xml_book(lists, lists), "deals.xls")) == 2


@pytest.mark.parametrize(
    ("codec", "told", "name"),
    [
        ("windows-1251", "windows-1251", "windows-1251"),
        ("utf-16", "UTF-16", "utf-16"),
        ("utf-8-sig", "utf-8", "utf-8-sig"),
        ("utf-8", "windows-1251", "utf-8"),
    ],
)
def test_encodings(reader: Reader, codec: str, told: str, name: str) -> None:
    rows: Rows = [["ID", "Этап сделки"], ["1", "Первичный контакт"]]
    content = xml_book(xml_sheet(rows), head=f'<?xml version="1.0" encoding="{told}"?>').encode(codec)
    table = reader.table(content, "deals.xls")
    assert (table.encoding, table.columns) == (name, ("ID", "Этап сделки"))
    assert reader.rows(table) == [("1", "Первичный контакт", 2)]


def test_names_of_elements_may_bear_a_prefix(reader: Reader) -> None:
    space = 'xmlns:s="urn:schemas-microsoft-com:office:spreadsheet"'
    cells = "".join(f'<s:Cell><s:Data s:Type="String">{text}</s:Data></s:Cell>' for text in ("a", "b"))
    content = (
        f'<?xml version="1.0"?>\n<!-- made by a program -->\n<s:Workbook {space}><s:Worksheet s:Name="S"><s:Table>'
        f"<s:Row>{cells}</s:Row><s:Row>{cells}</s:Row></s:Table></s:Worksheet></s:Workbook>"
    )
    assert reader.table(content, "deals.xml").rows_read == 1


def test_other_xml_is_named(reader: Reader) -> None:
    for content in ('<?xml version="1.0"?><leads><lead id="1"/></leads>', "<?xml version='1.0'?>"):
        assert reader.refusal(content, "deals.xml") == "other_xml"


# Made to do harm


def test_entities_are_refused(reader: Reader) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    for declared in (laughs, outside, '<!DOCTYPE Workbook SYSTEM "http://localhost/x.dtd">'):
        content = xml_book(xml_sheet([["id", "stage"], ["&b;", "&a;"]]), head=f'<?xml version="1.0"?>{declared}')
        assert "declares a document type or entities of its own" in sentence(reader, content.encode(), "deals.xls")


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        ('<Row ss:Index="1"/>', "broken_workbook"),
        ('<Row ss:Index="1048577"/>', "broken_workbook"),
        ('<Row ss:Index="-3"/>', "broken_workbook"),
        ('<Row ss:Index="99999999999999999999"/>', "broken_workbook"),
        ('<Row><Cell ss:Index="2"/><Cell ss:Index="1"/></Row>', "broken_workbook"),
        ('<Row><Cell ss:MergeAcross="x"/></Row>', "broken_workbook"),
        ('<Row><Cell ss:Index="2001"><Data ss:Type="String">x</Data></Cell></Row>', "too_many_columns"),
        (
            '<Row><Cell ss:MergeAcross="999999999"/><Cell><Data ss:Type="String">x</Data></Cell></Row>',
            "too_many_columns",
        ),
        ("<Row><Cell><Data>x</Cell></Row>", "broken_workbook"),
        ("<Row>&nbsp;</Row>", "broken_workbook"),
        ("<a>" * 100 + "</a>" * 100, "deep_markup"),
        (f'<Row x="{"x" * 2 * limits.MARKUP}"/>', "broken_workbook"),
        (f"<Row><Cell><Data>{'x' * (limits.LINE + 1)}</Data></Cell></Row>", "long_row"),
    ],
    ids=range(13),
)
def test_what_cannot_be_is_refused(reader: Reader, rows: str, key: str) -> None:
    assert reader.refusal(xml_book(xml_sheet_of(HEADER + rows)), "deals.xls") == key


def test_far_cells_that_would_fill_the_disk_are_refused(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNPACKED_UNSUSPECTED", limits.MEGABYTE)
    monkeypatch.setattr(limits, "UNPACKED_RATIO", 20)
    far = '<Row><Cell ss:Index="2000"><Data ss:Type="String">x</Data></Cell></Row>'
    assert reader.refusal(xml_book(xml_sheet_of(HEADER + far * 2000)), "deals.xls") == "bomb"


def test_a_cut_off_workbook_is_damaged(reader: Reader) -> None:
    content = xml_book(xml_sheet(DEALS))
    for cut in range(content.index("<Row"), len(content), 37):
        assert reader.refusal(content[:cut], "deals.xls") == "broken_workbook"
