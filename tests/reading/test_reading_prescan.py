"""The prescan of a text's bytes, of small and of large texts, against one that goes line by line, wherever its chunks end."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from funnel.core.types import FileOnDisk
from funnel.reading import limits
from funnel.reading.prescan import Prescan, prescan
from tests.thorough import examples, thorough

LONG_LINE = 130
CHUNKS = (1, 2, 3, 5, 64, 190, 1000, limits.CHUNK)
BLANKS_AT_QUOTES = re.compile(rb"""" "|"  |[,;\t|\n] +"(?:[^"]|"(?:[,;\t|\r\n]|\Z))""")
PIECES = (
    *(bytes([code]) for code in b'\n\r",; \t|a\0'),
    *(
        b'""',
        b"  ",
        b"\r\n",
        b"\n\n",
        b"\n\r\n",
        b'"a,b"',
        b', "x"',
        b',   ""',
        b',"" ',
        b'b "',
        b'" "',
        b'"a ""b"" c"',
    ),
    *(b" " * 70, b"a" * 65, b"," * 140, b"a;" * 70, b'"' * 64, "né €".encode(), b"\xc3", b"\xff"),
)
WITHOUT_QUOTES = tuple(piece for piece in PIECES if b'"' not in piece)
texts = st.one_of(st.lists(st.sampled_from(pieces), max_size=30).map(b"".join) for pieces in (PIECES, WITHOUT_QUOTES))


def expected(content: bytes, chunk: int) -> Prescan:
    """What the definition of each field says; a text that is no utf-8 is passed over up to the chunk that shows it."""
    read, valid = content, True
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(content) + 1, chunk):
        end = start + chunk
        try:
            decoder.decode(content[start:end], final=end > len(content))
        except UnicodeDecodeError:
            # What is cut off at the very end shows only when all is read.
            valid, read = False, content[:start] if _is_wrong(content[:end]) else content
            break
    lines = read.split(b"\n")
    blank = [number for number, line in enumerate(lines[:-1], 1) if line.strip(b"\r") == b"" and len(line) < 2]
    old_mac = b"\n" not in read and b"\r" in read
    longest, longest_line = _longest(read, b"\r" if old_mac else b"\n", chunk)
    return Prescan(
        size=len(content),
        newlines=read.count(b"\n"),
        returns=read.count(b"\r"),
        pairs=read.count(b"\r\n"),
        nuls=read.count(b"\0"),
        marks=max((_marks(part) for piece in _chunks(read, chunk) for part in piece.split(b"\n")), default=0),
        doubtful_quotes=any(line.count(b'"') % 2 for line in lines) or bool(BLANKS_AT_QUOTES.search(b"\n" + read)),
        blank=None if len(blank) > limits.GAPS * 5 else tuple(blank),
        longest=max(longest, min(len(content), chunk)),
        longest_line=longest_line,
        ends_with_newline=read == b"" or read.endswith(b"\n"),
        valid_utf8=valid,
    )


def _is_wrong(content: bytes) -> bool:
    """Whether some byte is no utf-8, whatever follows."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return True
    return False


def _chunks(content: bytes, chunk: int) -> Iterator[bytes]:
    return (content[start : start + chunk] for start in range(0, len(content), chunk))


def _marks(part: bytes) -> int:
    return max(part.count(mark) for mark in (b",", b";", b"\t", b"|")) if len(part) >= LONG_LINE else 0


def _longest(content: bytes, mark: bytes, chunk: int) -> tuple[int, int]:
    """The longest line of those that begin or end a chunk, and its number."""
    lengths, number = {1: 0}, 1
    for piece in _chunks(content, chunk):
        begun, *others = piece.split(mark)
        lengths[number] += len(begun)
        if others:
            number += len(others)
            lengths[number] = len(others[-1])
    # The first of several that are as long.
    longest_line = max(lengths, key=lambda number: (lengths[number], -number))
    return lengths[longest_line], longest_line


def prescanned(path: Path, content: bytes, chunk: int) -> Prescan:
    path.write_bytes(content)
    quiet = SimpleNamespace(tell=lambda *_: None)
    with patch.object(limits, "CHUNK", chunk), patch.object(limits, "LONG_LINE", LONG_LINE):
        small = prescan(quiet, FileOnDisk(path, path.name))
        with patch.object(limits, "SMALL_TEXT", -1):
            assert prescan(quiet, FileOnDisk(path, path.name)) == small
        return small


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prescan") / "text.csv"


@thorough
@settings(max_examples=examples(1500), deadline=None)
@given(texts, st.sampled_from(CHUNKS))
@example(b"", 3)
@example(b"\n", 3)
@example(b"a,  " + b" " * 300 + b'"b"\n', 64)
@example(b'a, ""b\n', 5)
@example(b'a, ""', 5)
@example(b"id\n" + b"\n" * 1000, 64)
@example(b"id\n" + b"\n" * 1001, 64)
def test_each_field_is_what_it_says(path: Path, content: bytes, chunk: int) -> None:
    assert prescanned(path, content, chunk) == expected(content, chunk)
