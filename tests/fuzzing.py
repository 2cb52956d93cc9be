"""Damaged files for the tests of reading and mapping: small ones of every format, the same for the same seed.

tables      small tables: those that CRMs export, the samples' beginnings, and tables made of whatever is awkward
formats     a table written as CSV in some encoding, JSON, workbooks of all kinds, web pages, Parquet, gzip, zip
damage      bytes or text changed in a few places
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import signal
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import FrameType

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from tests.sheet_writers import Rows, ods, ods_table, xls, xlsb, xml_book, xml_sheet

ROOT = Path(__file__).resolve().parents[1]
Table = list[list[str]]

HEADERS = (
    "id", "Lead ID", "deal_id", "stage", "Status", "entered_at", "Date", "Created", "Close Date", "Amount", "Owner",
    "Outcome", "Won", "Lost Reason", "Field", "Old Value", "New Value", "Account", "Pipeline", "Currency", "", " ",
    "source_line", "stage", "lead_id", "Этап сделки", "الحالة", "MQL Date", "SQL date", "Became a lead date",
    "Entered Negotiation", "=1+1", "<b>", "a\u202eb", 'say "x"', "x" * 300, "\U0001f600", "2024-01-01", "1",
)  # fmt: skip
CELLS = (
    "", " ", "L1", "L2", "L3", "New", "Won", "Closed Won", "Lost", "Demo", "Contacted", "Negotiation", "Open", "Yes",
    "true", "N/A", "null", "-", "2024-01-05", "2024-02-30", "05/01/2024", "13/01/2024", "01/13/2024", "5.1.24",
    "0000-00-00", "9999-12-31", "1970-01-01", "292277-01-01", "-4713-01-01", "2024-13-45", "2024-01-05T25:61:61Z",
    "2024-01-05 10:00:00+99:99", "2024-01-05T10:00:00.123456789123Z", "1704412800", "1704412800000", "-1e308", "1e999",
    "45296.5", "2958466", "99999999999999999999", "9" * 400, "0x1F", "NaN", "inf", "1,234.56", "1.234,56", "1 234",
    "$5", "€1.000", "(500)", "12%", "1e400", "5 Jan 2024", "янв 5, 2024", "2024年1月5日", "٢٠٢٤-٠١-٠٥", "24-W01-1",
    "Total", "Итого", "=cmd|'/C calc'!A0", "<script>", "[x](http://x)", "\u202e", "a\u0000b", "\ud7ff", "\U0010ffff",
    "e\u0301", "line\nend", 'quote"d', "semi;colon", "tab\tbed", "com,ma", "back\\slash", "'", "x" * 3000, "Stage 1",
    "{}", "[]", '{"a": 1}', "%s %d {file}", "::", "2024-01-05 - 2024-02-05", "12:30", "Jan-24", "Q1 2024", "29/02/2023",
)  # fmt: skip
BYTES = (
    b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\r", b"\n", b"\r\n", b"\n\n", b'"', b'""', b"'", b",", b";", b"\t",
    b"|", b"\\", b"sep=;\n", b"\x80", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"{", b"}", b"[", b"]", b"[" * 999,
    b"9" * 5000, b"1e999999", b"-0", b"\x1a", b"\x1f\x8b", b"PK\x03\x04", b"PAR1", b"<?xml", b"&amp;", b"&#0;", b"\xa0",
    b"\xe2\x80\xae", b"\xf0\x9f\x98\x80", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\0\0\0\0", b"A" * 2000, b":", b"=",
)  # fmt: skip
TAGS = (
    "td>", "td>", "td>", "th>", "td colspan=2>", "td rowspan=3>", "td rowspan=0>", "td/>", "br>", "p>", "div><td>", "table>", "tr>",
    "!--", "!--x-->", "![if x]>", "![CDATA[", "!doctype x>", "?php", "script>", "/script>", "/td>", "/tr>", "/table>", "thead>",
    "tbody>", "td x='", "td x=\"a>b\">", "/", "", "a <", "td colspan=99999>", "style>/*", "textarea>", "svg><", "plaintext>",
)  # fmt: skip
ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1251", "cp1252", "koi8-r", "gb18030", "shift_jis",
             "latin-1", "cp850", "utf-7", "cp037")  # fmt: skip


class Hanging(BaseException):
    """An input took longer than it may. No error of its own, so that nothing takes it for a fault of the file."""


@contextmanager
def watched(seconds: float) -> Iterator[None]:
    """Hanging where what is done inside keeps the processor for longer, or does nothing for six times as long.

    The engine looks for it as well as Python does. On a busy machine only the time at work says how long an input takes.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise Hanging(f"no end after {seconds} seconds")

    before = [(kind, signal.signal(kind, stop)) for kind in (signal.SIGPROF, signal.SIGALRM)]
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 6 * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for kind, handler in before:
            signal.signal(kind, handler)


# Tables


@lru_cache
def exports() -> tuple[Table, ...]:
    """Small tables as CRMs write them, and the beginnings of the samples."""
    texts = [_decoded(path.read_bytes()) for path in sorted((ROOT / "tests" / "exports").glob("*.csv"))]
    for path in sorted((ROOT / "data" / "samples").glob("*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            texts.append("".join(islice(lines, 15)))
    return tuple(list(csv.reader(io.StringIO(text))) for text in texts)


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1251")


def table(chance: random.Random) -> Table:
    """An export, an export with a few cells exchanged, or a table of awkward cells."""
    found = [list(row) for row in chance.choice(exports())]
    kind = chance.random()
    if kind < 0.25:
        return found
    if kind < 0.65:
        for _ in range(chance.randint(1, 8)):
            row = chance.choice(found)
            if row:
                row[chance.randrange(len(row))] = chance.choice(CELLS)
        if chance.random() < 0.3:
            found[0][chance.randrange(len(found[0]))] = chance.choice(HEADERS)
        return found
    width, tall = chance.choice((1, 2, 3, 3, 4, 5, 8, 40)), chance.choice((0, 1, 2, 5, 12, 60))
    columns = [chance.sample(CELLS, chance.choice((1, 2, 4, 12))) for _ in range(width)]
    return [
        [chance.choice(HEADERS) for _ in range(width)],
        *([chance.choice(cells) for cells in columns] for _ in range(tall)),
    ]


# Formats


def delimited(chance: random.Random, rows: Table) -> bytes:
    """CSV, quoted or not, in some encoding."""
    delimiter, ending = chance.choice(",,,;;\t|~:\x1f "), chance.choice(("\n", "\n", "\r\n", "\r"))
    if chance.random() < 0.5:
        stream = io.StringIO()
        csv.writer(stream, delimiter=delimiter, lineterminator=ending, quoting=chance.choice((0, 1))).writerows(rows)
        text = stream.getvalue()
    else:
        text = ending.join(delimiter.join(row) for row in rows) + chance.choice(("", ending))
    return damaged_text(chance, text).encode("utf-8" if chance.random() < 0.5 else chance.choice(ENCODINGS), "replace")


def json_lines(chance: random.Random, rows: Table) -> bytes:
    """Objects one a line, or an array, nested now and then."""
    objects: list[object] = [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]
    if chance.random() < 0.3:
        awkward = (
            None,
            True,
            10**400,
            -0.0,
            float("inf"),
            [1, [2]],
            {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}},
            "\ud800",
        )
        objects += [{header: chance.choice(awkward) for header in rows[0]}, chance.choice(awkward)]
    if chance.random() < 0.5:
        return damaged_text(chance, "\n".join(json.dumps(each) for each in objects) + "\n").encode(errors="replace")
    whole: object = chance.choice((objects, {"data": objects}, {"data": objects, "more": objects}))
    return damaged_text(chance, json.dumps(whole, indent=chance.choice((None, 1)))).encode(errors="replace")


def workbook(chance: random.Random, rows: Table) -> bytes:
    """An .xlsx of one to three sheets, a member of it damaged now and then."""
    book = openpyxl.Workbook()
    sheets = [book.active, *(book.create_sheet(f"more {number}") for number in range(chance.choice((0, 0, 1, 2))))]
    for sheet in sheets:
        for row in rows:
            sheet.append([_cell(chance, text) for text in row])
    stream = io.BytesIO()
    book.save(stream)
    return repacked(chance, stream.getvalue()) if chance.random() < 0.6 else stream.getvalue()


def _cell(chance: random.Random, text: str) -> object:
    clean = "".join(sign for sign in text if sign >= " " or sign in "\n\t")
    if clean.isascii() and clean.isdigit() and len(clean) < 15:
        return int(clean)
    return None if not clean or chance.random() < 0.03 else clean


def repacked(chance: random.Random, content: bytes) -> bytes:
    """The zip with one member of it damaged, so that the damage is not caught by its checksum."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        names = given.namelist()
        chosen = chance.choice([name for name in names if "sheet" in name or "shared" in name] * 4 + names)
        for name in names:
            inner = given.read(name)
            made.writestr(name, damaged(chance, inner) if name == chosen else inner)
    return stream.getvalue()


def old_workbook(chance: random.Random, rows: Table) -> bytes:
    """An .xls of one or two sheets."""
    cells: Rows = [[_cell(chance, text[:3000]) for text in row[:250]] for row in rows]
    return xls({f"S{number}": cells for number in range(chance.choice((1, 1, 2)))})


def other_workbook(chance: random.Random, rows: Table) -> bytes:
    """An .xlsb or .ods, a member of it damaged now and then."""
    cells: Rows = [[_cell(chance, text) for text in row] for row in rows]
    made = xlsb({"S": cells, "T": cells[:3]}) if chance.random() < 0.5 else ods(ods_table(cells), ods_table(cells[:3]))
    return repacked(chance, made) if chance.random() < 0.7 else made


def markup(chance: random.Random, rows: Table) -> bytes:
    """A web page or an XML spreadsheet, with lines and tags in the wrong place now and then."""
    if chance.random() < 0.4:
        text = xml_book(
            xml_sheet([[_cell(chance, text) for text in row] for row in rows]).replace("</Row>", "</Row>\n")
        )
    else:
        lines = [
            "".join(f"<{chance.choice(TAGS) if chance.random() < 0.05 else 'td>'}{cell}" for cell in row)
            for row in rows
        ]
        text = "<html><table><tr>" + "\n<tr>".join(lines) + chance.choice(("", "</table>", "</table></html>"))
    return damaged_text(chance, text).encode("utf-8" if chance.random() < 0.6 else chance.choice(ENCODINGS), "replace")


def parquet(chance: random.Random, rows: Table) -> bytes:
    """Parquet, of texts and now and then of other types."""
    names = list(dict.fromkeys(rows[0])) or ["id"]
    columns: dict[str, object] = {
        name: [row[place] if place < len(row) else None for row in rows[1:]] for place, name in enumerate(names)
    }
    tall = len(rows) - 1
    others = (
        pa.array(range(tall)), pa.array([None] * tall), pa.array([10**18] * tall, pa.timestamp("ns")),
        pa.array([[1, None]] * tall), pa.array([{"a": [{"b": "c"}]}] * tall), pa.array([-(2**62)] * tall, pa.timestamp("us")),
        pa.array([b"\xff\0"] * tall), pa.array([1e308] * tall), pa.array([2**31 - 1] * tall, pa.date32()),
    )  # fmt: skip
    if chance.random() < 0.5:
        columns["other"] = chance.choice(others)
    stream = io.BytesIO()
    clean = {name: _writable(column) for name, column in columns.items()}
    pq.write_table(pa.table(clean), stream, compression=chance.choice(("none", "snappy", "zstd")), row_group_size=5)
    return stream.getvalue()


def _writable(column: object) -> object:
    if not isinstance(column, list):
        return column
    return [None if text is None else str(text).encode(errors="replace").decode() for text in column]


def content(chance: random.Random) -> tuple[str, bytes]:
    """(name, bytes) of one file, perhaps packed, perhaps damaged."""
    rows = table(chance)
    write: Callable[[random.Random, Table], bytes] = chance.choices(
        (delimited, json_lines, workbook, parquet, old_workbook, other_workbook, markup), (12, 3, 2, 2, 2, 3, 4)
    )[0]
    made = write(chance, rows)
    if chance.random() < 0.4:
        made = damaged(chance, made)
    packing = chance.random()
    if packing < 0.06:
        made = gzip.compress(made, 1)
    elif packing < 0.12:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("leads.csv", made)
            if chance.random() < 0.5:
                archive.writestr("../more.csv", delimited(chance, table(chance)))
        made = stream.getvalue()
    if packing < 0.12 and chance.random() < 0.3:
        made = damaged(chance, made)
    return chance.choice(("leads.csv", "лиды.csv", "a[1]*.csv", "<b>{x}.csv")), made


# Damage


def damaged(chance: random.Random, given: bytes) -> bytes:
    """The bytes with one to five changes."""
    made = bytearray(given)
    for _ in range(chance.choice((1, 1, 2, 3, 5))):
        if not made:
            made = bytearray(chance.choice(BYTES))
        place = chance.randrange(len(made))
        length = min(chance.choice((1, 1, 2, 4, 16, 200)), len(made) - place)
        kind = chance.randrange(8)
        if kind == 0:
            made[place] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del made[place : place + length]
        elif kind == 2:
            made[place:place] = chance.choice(BYTES)
        elif kind == 3:
            made[place : place + length] = chance.choice(BYTES)
        elif kind == 4:
            made[place:place] = made[place : place + length] * chance.choice((1, 2, 30))
        elif kind == 5:
            del made[place:]
        elif kind == 6:
            made[place : place + length] = chance.randbytes(length)
        else:
            old, new = chance.choice(BYTES[:16]), chance.choice(BYTES[:16])
            made = made.replace(old, new, chance.choice((1, 3, -1)))
        del made[2_000_000:]
    return bytes(made)


def damaged_text(chance: random.Random, text: str) -> str:
    """The text with lines exchanged, repeated, cut or joined, or with awkward cells put in; often as it is."""
    if chance.random() < 0.5:
        return text
    lines = text.splitlines(keepends=True) or [""]
    for _ in range(chance.choice((1, 2, 4))):
        place = chance.randrange(len(lines))
        kind = chance.randrange(6)
        if kind == 0:
            lines[place:place] = [lines[place]] * chance.choice((1, 3, 40))
        elif kind == 1:
            lines[place] = lines[place][: chance.randrange(len(lines[place]) + 1)]
        elif kind == 2:
            other = chance.randrange(len(lines))
            lines[place], lines[other] = lines[other], lines[place]
        elif kind == 3:
            cut = chance.randrange(len(lines[place]) + 1)
            lines[place] = lines[place][:cut] + chance.choice(CELLS) + lines[place][cut:]
        elif kind == 4:
            lines[place] = lines[place].rstrip("\r\n")
        else:
            lines.insert(place, chance.choice(("\n", "Report of leads\n", "sep=;\n", "Total,,,\n", "# note\n", '"\n')))
    return "".join(lines)
