"""Small workbooks of the formats that no library here writes, and .xls, made of rows of plain values.

A text is a text cell, a number a number, True and False truths, a date or datetime a cell with a date format; None is no cell.
"""

from __future__ import annotations

import io
import struct
from datetime import date, datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

import xlwt

from tests.readers import zipped

Rows = list[list[object]]
DAY_FORMAT, MOMENT_FORMAT = "dd.mm.yyyy", "dd.mm.yyyy hh:mm"


def serial(value: date) -> float:
    """Days since 30 December 1899, as Excel counts them since March 1900."""
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    return (moment - datetime(1899, 12, 30)) / timedelta(days=1)


# .xls


def xls(sheets: dict[str, Rows], hidden: tuple[str, ...] = ()) -> bytes:
    """A workbook of Excel 97."""
    book = xlwt.Workbook()
    styles = {code: xlwt.easyxf(num_format_str=code) for code in (DAY_FORMAT, MOMENT_FORMAT)}
    for title, rows in sheets.items():
        sheet = book.add_sheet(title)
        sheet.visibility = int(title in hidden)
        for place, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    code = MOMENT_FORMAT if isinstance(value, datetime) else DAY_FORMAT
                    sheet.write(place, column, serial(value), styles[code])
                elif value is not None:
                    sheet.write(place, column, value)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def bare_xls(rows: list[list[bytes | float]]) -> bytes:
    """What scripts of old write as .xls: records of Excel 2, in no container and in whatever encoding their texts have."""
    made = [struct.pack("<HHHHHH", 0x809, 8, 0, 0x10, 0, 0)]
    for place, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, bytes):
                made.append(struct.pack("<HHHHHH", 0x204, 8 + len(value), place, column, 0, len(value)) + value)
            else:
                made.append(struct.pack("<HHHHHd", 0x203, 14, place, column, 0, value))
    return b"".join(made) + struct.pack("<HH", 0x0A, 0)


def bare_xls_of_1995(sheets: dict[str, list[list[bytes]]]) -> bytes:
    """Records of Excel 5, in no container, which leave out in which encoding their texts are."""
    bodies = []
    for rows in sheets.values():
        made = [struct.pack("<HHHHHH", 0x809, 8, 0x0500, 0x10, 0, 1993)]
        for place, row in enumerate(rows):
            for column, value in enumerate(row):
                made.append(struct.pack("<HHHHHH", 0x204, 8 + len(value), place, column, 0, len(value)) + value)
        bodies.append(b"".join(made) + struct.pack("<HH", 0x0A, 0))
    titles = [title.encode() for title in sheets]
    place = 12 + sum(11 + len(title) for title in titles) + 4
    told = b""
    for title, body in zip(titles, bodies, strict=True):
        told += struct.pack("<HHIHB", 0x85, 7 + len(title), place, 0, len(title)) + title
        place += len(body)
    return struct.pack("<HHHHHH", 0x809, 8, 0x0500, 5, 0, 1993) + told + struct.pack("<HH", 0x0A, 0) + b"".join(bodies)


# .xlsb, as [MS-XLSB] describes it


def record(kind: int, content: bytes = b"") -> bytes:
    """A record: its type and its length, seven bits in each byte, the lowest first."""
    head = b""
    for number in (kind, len(content)):
        while number > 0x7F:
            head += bytes([number & 0x7F | 0x80])
            number >>= 7
        head += bytes([number])
    return head + content


def wide(text: str) -> bytes:
    """A text with its length in two-byte units before it."""
    encoded = text.encode("utf-16-le")
    return struct.pack("<I", len(encoded) // 2) + encoded


def xlsb_cell(column: int, value: object, shared: list[str]) -> bytes:
    """A cell; texts go among the shared ones."""
    head = struct.pack("<II", column, {datetime: 2, date: 1}.get(type(value), 0))
    if isinstance(value, bool):
        return record(4, head + bytes([value]))
    if isinstance(value, date):
        return record(5, head + struct.pack("<d", serial(value)))
    if isinstance(value, int) and abs(value) < 2**29:
        return record(2, head + struct.pack("<i", value << 2 | 2))
    if isinstance(value, int | float):
        return record(5, head + struct.pack("<d", value))
    shared.append(str(value))
    return record(7, head + struct.pack("<I", len(shared) - 1))


def xlsb_rows(rows: Rows, shared: list[str]) -> bytes:
    """The part of a sheet."""
    made = [record(129), record(145)]
    for place, row in enumerate(rows):
        made.append(record(0, struct.pack("<I", place) + b"\0" * 13))
        made += [xlsb_cell(column, value, shared) for column, value in enumerate(row) if value is not None]
    return b"".join((*made, record(146), record(130)))


def xlsb(sheets: dict[str, Rows], hidden: tuple[str, ...] = (), **parts: bytes) -> bytes:
    """A binary workbook, some of its parts in other words."""
    shared: list[str] = []
    numbers = list(enumerate(sheets, 1))
    made = {f"xl/worksheets/sheet{number}.bin": xlsb_rows(sheets[title], shared) for number, title in numbers}
    told = b"".join(
        record(156, struct.pack("<II", int(title in hidden), number) + wide(f"rId{number}") + wide(title))
        for number, title in numbers
    )
    made["xl/workbook.bin"] = record(131) + record(153, struct.pack("<I", 0) + b"\0" * 8) + told + record(132)
    made["xl/sharedStrings.bin"] = (
        record(159) + b"".join(record(19, b"\0" + wide(text)) for text in shared) + record(160)
    )
    made["xl/styles.bin"] = (
        record(44, struct.pack("<H", 164) + wide(DAY_FORMAT))
        + record(44, struct.pack("<H", 165) + wide(MOMENT_FORMAT))
        + record(626)
        + record(47, struct.pack("<HH", 0xFFFF, 14) + b"\0" * 12)
        + record(627)
        + record(617)
        + b"".join(record(47, struct.pack("<HH", 0, number) + b"\0" * 12) for number in (0, 164, 165))
        + record(618)
    )
    made["xl/_rels/workbook.bin.rels"] = relations(
        *((f"rId{number}", "worksheet", f"worksheets/sheet{number}.bin") for number, _ in numbers),
        ("rIdA", "sharedStrings", "sharedStrings.bin"),
        ("rIdB", "styles", "/xl/styles.bin"),
    )
    return zipped(**{**made, **parts})


def relations(*given: tuple[str, str, str]) -> bytes:
    """(name, what it is, path) of each part that a workbook refers to."""
    types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    inner = "".join(f'<Relationship Id="{name}" Type="{types}{kind}" Target="{path}"/>' for name, kind, path in given)
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<?xml version="1.0"?><Relationships xmlns="{space}">{inner}</Relationships>'.encode()


# .ods

ODS_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"'
    for name, space in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("draw", "drawing"),
    )
)
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def ods_cell(value: object) -> str:
    """A cell as LibreOffice writes it."""
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, bool):
        return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(value).lower()}"/>'
    if isinstance(value, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
    if isinstance(value, int | float):
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>?</text:p></table:table-cell>'
        )
    paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
    return f'<table:table-cell office:value-type="string">{paragraphs}</table:table-cell>'


def ods_table(rows: Rows, title: str = "Sheet1", style: str = "shown") -> str:
    """A sheet."""
    inner = "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)
    return f'<table:table table:name={quoteattr(title)} table:style-name="{style}">{inner}</table:table>'


def ods(*tables: str, before: str = "", **parts: bytes | str) -> bytes:
    """A spreadsheet of these sheets; the style "unseen" hides one. `before` stands before the first element."""
    styles = (
        '<style:style style:name="shown" style:family="table"><style:table-properties table:display="true"/></style:style>'
        '<style:style style:name="unseen" style:family="table"><style:table-properties table:display="false"/></style:style>'
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<office:document-content {ODS_SPACES}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped(**{"mimetype": ODS_TYPE, "content.xml": content, **parts})


# XML spreadsheet of 2003

XML_SPACES = (
    'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:x="urn:schemas-microsoft-com:office:excel"'
    ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:html="http://www.w3.org/TR/REC-html40"'
)


def xml_cell(value: object) -> str:
    """A cell as Excel writes it."""
    if value is None:
        return "<Cell/>"
    style = {datetime: ' ss:StyleID="moment"', date: ' ss:StyleID="day"'}.get(type(value), "")
    if isinstance(value, bool):
        kind, text = "Boolean", str(int(value))
    elif isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        kind, text = "DateTime", moment.isoformat(timespec="milliseconds")
    else:
        kind, text = ("Number" if isinstance(value, int | float) else "String"), escape(str(value))
    return f'<Cell{style}><Data ss:Type="{kind}">{text}</Data></Cell>'


def xml_sheet(rows: Rows, title: str = "Sheet1", hidden: bool = False) -> str:
    """A sheet."""
    inner = "".join(f"<Row>{''.join(map(xml_cell, row))}</Row>" for row in rows)
    return xml_sheet_of(inner, title, hidden)


def xml_sheet_of(rows: str, title: str = "Sheet1", hidden: bool = False) -> str:
    """A sheet with these rows as they stand."""
    seen = "<x:Visible>SheetHidden</x:Visible>" if hidden else ""
    options = f"<x:WorksheetOptions>{seen}</x:WorksheetOptions>"
    return f"<Worksheet ss:Name={quoteattr(title)}><Table>{rows}</Table>{options}</Worksheet>"


def xml_book(*sheets: str, head: str = '<?xml version="1.0"?>') -> str:
    """A workbook of these sheets."""
    styles = (
        f'<Style ss:ID="day"><NumberFormat ss:Format="{DAY_FORMAT}"/></Style>'
        f'<Style ss:ID="moment"><NumberFormat ss:Format="{MOMENT_FORMAT}"/></Style>'
        '<Style ss:ID="named"><NumberFormat ss:Format="Short Date"/></Style>'
        '<Style ss:ID="general"><NumberFormat ss:Format="General Date"/></Style>'
    )
    return (
        f'{head}\r\n<?mso-application progid="Excel.Sheet"?>\r\n'
        f"<Workbook {XML_SPACES}><Styles>{styles}</Styles>{''.join(sheets)}</Workbook>"
    )
