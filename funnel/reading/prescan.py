"""One cheap pass over the bytes of a whole text: what lines it has, and whether a fast reader can be trusted."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from funnel.core.errors import ReadingError
from funnel.core.types import FileOnDisk
from funnel.reading import limits
from funnel.reading.few_signs import NEWLINE, RETURN, FewSigns
from funnel.reading.work import ReadContext

if TYPE_CHECKING:
    from funnel.reading.signs import Signs

QUOTE = b'"'
_EMPTY_AFTER_BLANKS = re.compile(rb'[,;\t|\n] +""\Z')


@dataclass(frozen=True)
class Prescan:
    """What a text in utf-8 (or a single-byte encoding) holds, by its bytes.

    `newlines`, `returns`, `pairs` count \\n, \\r and \\r\\n. `blank` are the numbers of empty lines, from 1; None when
    there are too many to list. `marks` is about how many usual delimiters, of one kind, stand in the line that has most, where
    such a line is long. `longest` bounds the longest line from above. `doubtful_quotes`: some line has an odd
    number of quotes, or blanks beside quotes, which the engine takes now for text and now not. `valid_utf8` is about
    every byte. `all_lines` counts the last line also where no newline ends it.
    """

    size: int
    newlines: int
    returns: int
    pairs: int
    nuls: int
    marks: int
    doubtful_quotes: bool
    blank: tuple[int, ...] | None
    longest: int
    longest_line: int
    ends_with_newline: bool
    valid_utf8: bool

    @property
    def all_lines(self) -> int:
        return self.newlines + (not self.ends_with_newline)

    @property
    def old_mac(self) -> bool:
        """Lines end in \\r alone."""
        return self.newlines == 0 and self.returns > 0

    @property
    def one_record_a_line(self) -> bool:
        """Every line ends alike, in \\n or in \\r\\n, and no quote, NUL or \\r leaves it open whether a record ends there."""
        ends_alike = self.returns == self.pairs and self.pairs in (0, self.newlines)
        return ends_alike and not (self.doubtful_quotes or self.old_mac or self.nuls)


def prescan(work: ReadContext, file: FileOnDisk) -> Prescan:
    """The prescan of a file; it stops early, with `valid_utf8` false, at the first byte that is not utf-8."""
    size = file.path.stat().st_size
    decoder = codecs.getincrementaldecoder("utf-8")()
    newlines = returns = pairs = nuls = marks = done = 0
    blank: list[int] | None = []
    doubtful_quotes, valid = False, True
    parity = 0
    ends = {NEWLINE: _Ends(NEWLINE), RETURN: _Ends(RETURN)}
    before = NEWLINE
    with file.path.open("rb", buffering=0) as stream:
        while chunk := stream.read(limits.CHUNK):
            work.tell("reading.progress_survey", file.name, done / size)
            done += len(chunk)
            try:
                if decoder.getstate()[0] or not chunk.isascii():
                    decoder.decode(chunk)
            except UnicodeDecodeError:
                valid = False
                break
            signs = _signs(before, chunk, size)
            lines = signs.newlines
            more_returns, more_pairs = signs.returns()
            returns, pairs = returns + more_returns, pairs + more_pairs
            nuls += chunk.count(b"\0") if b"\0" in chunk else 0
            if not doubtful_quotes:
                parity, broken = signs.parity(parity)
                doubtful_quotes = broken or signs.has_blanks_at_quotes()
            if signs.may_have_stretches(limits.LONG_LINE):
                marks = max(marks, _marks(chunk))
            if blank is not None and signs.has_blank_lines():
                blank = _blank_lines(before[-2:], chunk, newlines, blank)
            newlines += lines
            ends[NEWLINE].pass_over(chunk, lines)
            if not newlines:
                ends[RETURN].pass_over(chunk, chunk.count(RETURN))
            before = _end(before + chunk)
    if valid:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            valid = False
    stretches = ends[NEWLINE if newlines or not returns else RETURN]
    stretches.close()
    return Prescan(
        size=size,
        newlines=newlines,
        returns=returns,
        pairs=pairs,
        nuls=nuls,
        marks=marks,
        doubtful_quotes=doubtful_quotes or bool(parity) or bool(_EMPTY_AFTER_BLANKS.search(before)),
        blank=None if blank is None else tuple(blank),
        longest=max(stretches.longest, min(size, limits.CHUNK)),
        longest_line=stretches.longest_line,
        ends_with_newline=before.endswith(NEWLINE),
        valid_utf8=valid,
    )


def _signs(before: bytes, chunk: bytes, size: int) -> Signs | FewSigns:
    """The signs of a chunk of a text of this size, behind what came before it."""
    if size <= limits.SMALL_TEXT and QUOTE not in before and QUOTE not in chunk:
        return FewSigns(before, chunk)
    from funnel.reading.signs import Signs  # takes longer to load than a small text to look through

    return Signs(before, chunk)


@dataclass
class _Ends:
    """The longest stretch between two line ends of one kind, and the line that it is; of stretches inside a chunk nothing is known."""

    mark: bytes
    lines: int = 0
    running: int = 0
    longest: int = 0
    longest_line: int = 1

    def pass_over(self, chunk: bytes, lines: int) -> None:
        """Go on by a chunk that holds so many line ends."""
        if not lines:
            self.running += len(chunk)
            return
        self.running += chunk.find(self.mark)
        self.close()
        self.lines += lines
        self.running = len(chunk) - chunk.rfind(self.mark) - 1

    def close(self) -> None:
        """The stretch ends here."""
        if self.running > self.longest:
            self.longest, self.longest_line = self.running, self.lines + 1


def check_lines(file: str, prescan: Prescan) -> None:
    """ReadingError where a line is too long to be one of a table."""
    if prescan.longest > limits.LINE:
        raise ReadingError(
            "reading.long_line",
            file=file,
            line=prescan.longest_line,
            megabytes=prescan.longest // limits.MEGABYTE,
            limit=limits.LINE // limits.MEGABYTE,
        )


def _end(text: bytes) -> bytes:
    """As much of the end of a text as tells how what follows goes on: two signs, and what blanks and quotes stand behind them.

    Of blanks two are left: more of them are not told apart from two.
    """
    last = text[-2:]
    if not last.endswith((b" ", QUOTE)):
        return last
    quotes = len(last) - len(last.rstrip(QUOTE))
    up_to_quotes = text[: len(text) - quotes]
    written = up_to_quotes.rstrip(b" ")
    blanks = len(up_to_quotes) - len(written)
    return written[-2:] + b" " * min(blanks, 2) + QUOTE * quotes


def _marks(chunk: bytes) -> int:
    """The most usual delimiters of one kind in a long line of the chunk, or in the part of one that lies in it."""
    most, start = 0, 0
    while start < len(chunk):
        end = chunk.rfind(NEWLINE, start, start + limits.LONG_LINE)
        if end < 0:
            end = chunk.find(NEWLINE, start)
            end = len(chunk) if end < 0 else end
            if end - start >= limits.LONG_LINE:
                most = max(most, *(chunk.count(mark, start, end) for mark in (b",", b";", b"\t", b"|")))
        start = end + 1
    return most


def _blank_lines(before: bytes, chunk: bytes, lines_before: int, blank_lines: list[int]) -> list[int] | None:
    """The known blank lines and those that end in this chunk; None where they are too many."""
    joined = before + chunk
    lines = list(blank_lines)
    for pattern in (b"\n\n", b"\n\r\n"):
        position = joined.find(pattern)
        while position >= 0:
            end = position + len(pattern)
            if end > len(before):
                lines.append(lines_before + chunk.count(NEWLINE, 0, end - len(before)))
                if len(lines) > limits.GAPS * 5:
                    return None
            position = joined.find(pattern, position + 1)
    return sorted(lines)
