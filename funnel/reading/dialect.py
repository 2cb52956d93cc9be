"""How a delimited text is written: its delimiter, its quoting, and the line of its header, from its beginning."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from math import log

from funnel.core.errors import ReadingError
from funnel.reading import limits
from funnel.reading.header import Header, header, header_index, lines_above, no_header
from funnel.reading.records import Marks, Record, records
from funnel.reading.work import check_width

USUAL_DELIMITERS = (",", ";", "\t", "|")
OTHER_DELIMITERS = ("^", "~", "\x1f", "\x1e", "\x01", "¦", "§", "#", ":")
_SEPARATOR_LINE = re.compile(r"""["']?sep=(.)["']?\r?\n""", re.IGNORECASE)
_SINGLE_QUOTED = re.compile(r"""(?:^|[,;\t|])[ ]?'[^'\n]*'(?=[,;\t|\r\n]|$)""", re.MULTILINE)
_BACKSLASHED = re.compile(r"""\\"(?=[^,;\t|\r\n"])""")


@dataclass(frozen=True)
class Dialect:
    """What was assumed of a text: its marks, its columns, and where its rows begin.

    `header_line` is None where no line names the columns. `first_line` is the first line that may hold a row.
    """

    marks: Marks
    header: Header
    header_line: int | None
    first_line: int

    @property
    def width(self) -> int:
        return len(self.header.names)


def dialect(sample: str, file: str, *, complete: bool) -> Dialect:
    """The dialect of a text that begins so; `complete` says that the sample is all of it.

    ReadingError where nothing is in it, where it has one column, or too many.
    """
    separator_line = _SEPARATOR_LINE.match(sample)
    body, first = (sample[separator_line.end() :], 2) if separator_line else (sample, 1)
    if not body.strip():
        raise ReadingError("reading.empty_file", file=file)
    marks = _marks(body, separator_line.group(1) if separator_line else None)
    sampled = _sampled(body, marks, complete, first) if marks else []
    if marks is None or max((len(record.cells or ()) for record in sampled), default=0) < 2:
        raise ReadingError("reading.one_column", file=file)
    rows = [record for record in sampled if record.cells]
    width = _mode([len(record.cells or ()) for record in rows if len(record.cells or ()) > 1])
    check_width(file, width)
    index, named = header_index([(record.cells or [])[: limits.COLUMNS + 1] for record in rows], width)
    top = rows[index]
    above = sum(1 for record in sampled if record.line < top.line)
    if not named and above:
        raise ReadingError("reading.one_column", file=file)
    if not named:
        return Dialect(marks, no_header(width, file), None, top.line)
    cells = top.cells or []
    named_columns = lines_above(header(cells, max(width, len(cells)), file), file, above, top.line)
    return Dialect(marks, named_columns, top.line, top.line + _line_count(top.text))


def _marks(body: str, declared: str | None) -> Marks | None:
    """The marks under which the lines have the most equal numbers of cells; None where there is one column."""
    lines = _lines(body)
    quote = "'" if '"' not in body and len(_SINGLE_QUOTED.findall(body)) >= 0.9 * len(lines) else '"'
    escape = "\\" if quote == '"' and _BACKSLASHED.search(body) else quote
    if declared is not None:
        return Marks(declared, quote, escape)
    rounds = ((USUAL_DELIMITERS, 0.5, False), (OTHER_DELIMITERS, 0.8, True), ((" ",), 1.0, True))
    for candidates, least, strict in rounds:
        fits = [_fit(lines, Marks(delimiter, quote, escape)) for delimiter in candidates]
        best = max(fits, key=lambda fit: fit.score)
        if best.width > 1 + (" " in candidates) and best.share >= least and (best.from_the_first or not strict):
            return best.marks
    return None


@dataclass(frozen=True)
class _Fit:
    """How well marks suit: the share of records with the usual width, and whether the first record has it."""

    marks: Marks
    width: int
    share: float
    from_the_first: bool

    @property
    def score(self) -> float:
        return self.share * log(self.width) * (1.0 if self.from_the_first else 0.6) if self.width else 0.0


def _fit(lines: list[str], marks: Marks) -> _Fit:
    widths = [len(record.cells or ()) for record in islice(records(lines, marks), limits.SAMPLE_RECORDS)]
    width = _mode([width for width in widths if width > 1])
    return _Fit(marks, width, widths.count(width) / max(len(widths), 1), widths[:1] == [width])


def _mode(widths: list[int]) -> int:
    """The commonest width, the larger of two as common; 0 where there is none."""
    counts = Counter(widths)
    return max(counts, key=lambda width: (counts[width], width), default=0)


def _sampled(body: str, marks: Marks, complete: bool, first: int) -> list[Record]:
    """The first records. The last one of a cut sample may be cut itself, and is left out."""
    taken = list(islice(records(_lines(body), marks, first), limits.SAMPLE_RECORDS))
    return taken if complete or len(taken) == limits.SAMPLE_RECORDS else taken[:-1] or taken


def _lines(body: str) -> list[str]:
    """The lines with their ends: \\n or \\r\\n, or \\r alone where the text has no other."""
    return re.findall(r"[^\n]*\n|[^\n]+" if "\n" in body else r"[^\r]*\r|[^\r]+", body)


def _line_count(text: str) -> int:
    """How many lines a record takes."""
    return 1 + (text.count("\n") or text.count("\r"))
