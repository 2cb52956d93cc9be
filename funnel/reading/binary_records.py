"""The records of a binary workbook's part, one by one: a type, a length, and as many bytes."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Any

from funnel.reading import limits

_LENGTH = struct.Struct("<I")
_NO_TEXT = 0xFFFFFFFF


def records(pieces: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """(type, content) of each record. ValueError where one is cut off, or longer than a line may be."""
    held, position = b"", 0
    remaining = iter(pieces)
    while True:
        head = _head(held, position)
        if head is None or head[2] + head[1] > len(held):
            if head is not None and head[1] > limits.LINE:
                raise ValueError("a record is too long")
            piece = next(remaining, None)
            if piece is None:
                if position < len(held):
                    raise ValueError("a record is cut off")
                return
            held, position = held[position:] + piece, 0
            continue
        kind, length, start = head
        position = start + length
        yield kind, held[start:position]


def _head(held: bytes, position: int) -> tuple[int, int, int] | None:
    """(type, length, where the content begins) of the record here; None where its beginning is not all there yet.

    Seven bits of each byte count, up to two bytes of the type and four of the length.
    """
    numbers = []
    for most in (2, 4):
        number = 0
        for shift in range(most):
            if position == len(held):
                return None
            byte = held[position]
            position += 1
            number |= (byte & 0x7F) << (7 * shift)
            if byte < 0x80:
                break
        numbers.append(number)
    return numbers[0], numbers[1], position


def text_at(content: bytes, start: int) -> tuple[str, int]:
    """(text, where it ends) of a text that begins here with its length; empty where there is none. ValueError where it is cut off."""
    (signs,) = numbers_at(_LENGTH, content, start)
    end = start + 4 + 2 * (0 if signs == _NO_TEXT else signs)
    if end > len(content):
        raise ValueError("a text is cut off")
    return str(content[start + 4 : end], "utf-16-le", "replace"), end


def numbers_at(form: struct.Struct, content: bytes, start: int) -> tuple[Any, ...]:
    """The numbers of this form that begin here. ValueError where they are cut off."""
    if start + form.size > len(content):
        raise ValueError("a number is cut off")
    return form.unpack_from(content, start)
