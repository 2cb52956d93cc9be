"""A delimited text → a raw table. Two ways to the same rows:

- *at once*: the engine's own reader takes the whole file in parallel. It is trusted only with files in which, by the
  prescan, each line must be one record, and only after its rows and rejected lines add up to the lines of the file. A large file is
  the raw table itself then: its cells are not stored, and are read from it whenever they are asked for.
- *one by one*: `funnel.reading.records` judges every record. Quoted line ends, stray quotes, NUL bytes, mixed line
  ends and all else goes this way.

Lines with more cells than the header are rejected and kept; short lines are padded with NULL (spreadsheets leave out
blank cells at the end).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from funnel.core.engine import QueryFailed
from funnel.core.errors import ReadingError
from funnel.core.types import Note, RawTable
from funnel.reading import limits, store
from funnel.reading.dialect import Dialect, dialect
from funnel.reading.encoding import Text
from funnel.reading.prescan import check_lines
from funnel.reading.records import BROKEN_QUOTE, NUL, Record, records
from funnel.reading.scan import Scan, Scanned
from funnel.reading.work import ReadContext, check_filled, plain_path, stored_bytes


def read_delimited(work: ReadContext, text: Text) -> RawTable:
    """The table of a delimited text. ReadingError where it is none, a line is too long, or no line is left to use."""
    check_lines(text.name, text.prescan)
    with text.path.open("rb") as stream:
        head = stream.read(limits.SAMPLE)
    sample = head.decode("utf-8-sig", "ignore").replace(NUL, "")
    assumed = dialect(sample, text.name, complete=len(head) == text.prescan.size)
    table = work.fresh_table()
    rejects = store.Rejects(work, text.name)
    lines = _at_once(work, text, assumed, table, rejects) or _one_by_one(work, text, assumed, table, rejects)
    if lines.rows == 0:
        store.drop(work, table)
        key = "reading.nothing_fits" if rejects.count else "reading.header_only"
        raise ReadingError(key, file=text.name, lines=rejects.count, columns=assumed.width)
    rejects.flush()
    if lines.in_place is None:
        names, notes = store.publish(work, table, text.name, assumed.header, lines.source_line)
    else:
        scan, scanned = lines.in_place
        columns, notes = store.kept_columns(assumed.header, scanned.blank, text.name)
        scan.show(table, text.name, columns, scanned, lines.source_line)
        names = tuple(columns.values())
    return RawTable(
        table=table,
        name=text.name,
        format="csv",
        columns=names,
        rows_read=lines.rows + rejects.count,
        rows_rejected=rejects.count,
        encoding=text.encoding,
        delimiter=assumed.marks.delimiter,
        header_line=assumed.header_line,
        notes=(*text.notes, *notes, *lines.notes),
        line_of_place=None if lines.in_place is None else lines.source_line,
    )


@dataclass(frozen=True)
class _Lines:
    """What became of the lines: how many are rows, SQL for the line that each row begins on, and what was changed in cells. The SQL is
    over `stored`; where the file is read in place, over `{place}`, by this scan, which has seen what there is."""

    rows: int
    source_line: str
    notes: tuple[Note, ...] = ()
    in_place: tuple[Scan, Scanned] | None = None


def _at_once(work: ReadContext, text: Text, assumed: Dialect, table: str, rejects: store.Rejects) -> _Lines | None:
    """The file through the engine's own reader; None, with nothing left behind, where it cannot be trusted with it."""
    prescan, marks = text.prescan, assumed.marks
    usual = marks.quote == marks.escape == '"' and prescan.longest <= limits.ENGINE_LINE
    wide = prescan.marks > assumed.width + limits.ENGINE_SURPLUS
    if not prescan.one_record_a_line or not usual or wide or prescan.blank is None:
        return None
    blank = [line for line in prescan.blank if line >= assumed.first_line]
    work.tell("reading.progress_load", text.name)
    expected = prescan.all_lines - (assumed.first_line - 1) - len(blank)
    work.expect(text.name, expected)
    check_filled(text.name, expected, assumed.width, prescan.size)
    stored = stored_bytes(expected, assumed.width, prescan.size)
    work.check_stored(stored)
    scan = Scan(work, plain_path(work, text.path), assumed)
    in_place = scan.may_stay(expected)
    try:
        scanned = scan.counted(assumed.header.blank) if in_place else scan.stored(table)
        if in_place and not scan.passes_over(scanned):
            in_place, scanned = False, scan.stored(table)
    except QueryFailed:
        store.drop(work, table)
        return None
    line_of_place = _line_of_place(assumed.first_line, sorted({*blank, *scanned.refused}))
    judged = [(record, _fault(record, assumed)) for record in _refused_records(text, scanned.refused, assumed)]
    if scanned.rows + len(judged) != expected or line_of_place is None or not all(fault for _, fault in judged):
        store.drop(work, table)
        return None
    for record, fault in judged:
        _reject(rejects, record, fault, assumed)
    work.took(text.name, scanned.rows)
    if in_place:
        work.store(prescan.size if work.made(text.path) else 0)
        return _Lines(scanned.rows, line_of_place, in_place=(scan, scanned))
    work.store(stored)
    return _Lines(scanned.rows, line_of_place.format(place="stored.rowid"))


def _refused_records(text: Text, refused: Mapping[int, int], assumed: Dialect) -> Iterator[Record]:
    """The house's own judgement of each line that the engine refused; where it points elsewhere, one without cells."""
    with text.path.open("rb") as stream:
        for line, byte in sorted(refused.items()):
            stream.seek(max(byte - 1, 0))
            before = stream.read(1) if byte else b"\n"
            written = next((raw_line for raw_line in stream if raw_line.strip(b"\r\n")), b"").decode("utf-8", "replace")
            # Of a file whose lines end in \r\n it points at the \n of the line before.
            if before in (b"\n", b"\r") and written:
                yield from records([written], assumed.marks, line)
            else:
                yield Record(line, written, None)


def _fault(record: Record, assumed: Dialect) -> str | None:
    """Why a record cannot be a row: a key of data/words; None where it can. Blank cells too many are no fault."""
    surplus = (record.cells or [])[assumed.width :]
    return record.fault or ("reading.reason_cells" if any(cell.strip(NUL) for cell in surplus) else None)


def _reject(rejects: store.Rejects, record: Record, fault: str | None, assumed: Dialect) -> None:
    rejects.add(record.line, record.text, fault or BROKEN_QUOTE, cells=len(record.cells or ()), columns=assumed.width)


def _line_of_place(first_line: int, gaps: list[int]) -> str | None:
    """SQL for the line of the row at `{place}` among all, from 0: rows stand in the order of the file, one a line, but for the gaps.

    None where the gaps are too many to say so.
    """
    shifts: dict[int, int] = {}
    for number, line in enumerate(gaps, 1):
        shifts[line - first_line - (number - 1)] = number
    if len(shifts) > limits.GAPS:
        return None
    return f"{{place}} + {first_line} + {_search(sorted(shifts.items()), 0)}"


def _search(shifts: list[tuple[int, int]], before: int) -> str:
    """SQL that searches by halves: the shift of the last of these positions that is not behind the row."""
    if not shifts:
        return str(before)
    middle = len(shifts) // 2
    position, shift = shifts[middle]
    lower, upper = _search(shifts[:middle], before), _search(shifts[middle + 1 :], shift)
    return f"CASE WHEN {{place}} < {position} THEN {lower} ELSE {upper} END"


def _one_by_one(work: ReadContext, text: Text, assumed: Dialect, table: str, rejects: store.Rejects) -> _Lines:
    """The file record by record."""
    rows = store.Rows(work, text.name)
    width, done, size = assumed.width, 0, max(text.prescan.size, 1)
    newline = "\r" if text.prescan.old_mac else "\n"
    with text.path.open(encoding="utf-8-sig", newline=newline) as lines:
        for _ in range(assumed.first_line - 1):
            next(lines, None)
        for record in records(lines, assumed.marks, assumed.first_line):
            done += len(record.text)
            if (rows.count + rejects.count) % 1000 == 0:
                work.tell("reading.progress_load", text.name, min(done / size, 1.0))
            cells = record.cells
            if cells is not None and (len(cells) <= width or not _fault(record, assumed)):
                rows.add(record.line, cells[:width], len(record.text))
            else:
                _reject(rejects, record, _fault(record, assumed), assumed)
    rows.into_table(store.stored_name(table), width)
    return _Lines(rows.count, "stored.source_line", rows.notes())
