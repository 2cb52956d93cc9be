"""Where the signs of a piece of text stand, a bit for each byte, so that 64 places are looked at in one step."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.intp]
Bits = NDArray[np.uint64]
"""The first byte is the lowest bit of the first word; behind the last byte no bit is set."""

NEWLINE, RETURN, QUOTE, BLANK = b'\n\r" '
_BEGINS = np.array([code in b",;\t|\n" for code in range(256)])
_ENDS = np.array([code in b",;\t|\r\n" for code in range(256)])
"""Of each sign, whether a cell begins behind it, and ends before it."""
_WORD = 64


class Signs:
    """The signs of a piece, behind the end of what came `before` it, which was looked at already and begins with no blank."""

    def __init__(self, before: bytes, piece: bytes) -> None:
        self._before = before
        self._size = len(before) + len(piece)
        padding = bytes(_WORD + -self._size % _WORD)
        self._codes = np.frombuffer(b"".join((before, piece, padding)), np.uint8)
        newlines = self._codes == NEWLINE
        self._newlines = _packed(newlines)
        self._with_returns = b"\r" in before or b"\r" in piece
        self._with_quotes = b'"' in before or b'"' in piece
        self.newlines = int(np.count_nonzero(newlines)) - before.count(NEWLINE)
        """How many newlines the piece has."""

    def returns(self) -> tuple[int, int]:
        """How many \\r the piece has, and how many \\r\\n end in it."""
        if not self._with_returns:
            return 0, 0
        returns = self._bits(RETURN)
        pairs = _count(self._newlines & _on(returns, 1)) - self._before.count(b"\r\n")
        return _count(returns) - self._before.count(RETURN), pairs

    def has_blank_lines(self) -> bool:
        """Whether two newlines stand side by side, or with only \\r between them."""
        if _any(self._newlines & _on(self._newlines, 1)):
            return True
        return self._with_returns and _any(self._newlines & _on(self._bits(RETURN), 1) & _on(self._newlines, 2))

    def may_have_stretches(self, length: int) -> bool:
        """Whether there can be a stretch of so many bytes, 127 at least, without a newline."""
        free = self._newlines == 0
        # However it lies, such a stretch covers so many whole words.
        for _ in range((length - _WORD + 1) // _WORD - 1):
            if not free.any():
                return False
            free = free[1:] & free[:-1]
        return bool(free.any())

    def parity(self, parity: int) -> tuple[int, bool]:
        """The parity of all quotes up to the end of the piece, from that up to its beginning; and whether a line ends while it is odd."""
        if not self._with_quotes:
            return parity, bool(parity and self.newlines)
        # Each bit becomes the parity of those up to it: first within its word, then by what all words before it add.
        odd = self._quotes.copy()
        for step in (1, 2, 4, 8, 16, 32):
            odd ^= odd << np.uint64(step)
        start = np.uint64((parity + self._before.count(QUOTE)) & 1)
        carried = np.bitwise_xor.accumulate(odd >> np.uint64(_WORD - 1)) ^ start
        odd ^= np.uint64(0) - np.concatenate(([start], carried[:-1]))
        return int(carried[-1]), _any(odd & self._newlines)

    def has_blanks_at_quotes(self) -> bool:
        """Whether blanks stand beside a quote where a cell begins or ends: `" "`, or `"` and two blanks, or a delimiter or newline, blanks
        and a quote that is followed by no quote, or by one that ends the cell. What follows has to be in the piece."""
        if not self._with_quotes:
            return False
        blanks = self._bits(BLANK)
        after_blank = _on(blanks, 1)
        if _any((self._quotes | blanks) & after_blank & _on(self._quotes, 2)):
            return True
        opening = self._quotes & after_blank
        if not _any(opening):
            return False
        positions = _positions(opening)
        alone = (self._codes[positions + 1] != QUOTE) & (positions + 1 < self._size)
        empty = (self._codes[positions + 1] == QUOTE) & _ENDS[self._codes[positions + 2]]
        return self._begin_cells(positions[alone | empty])

    def _begin_cells(self, positions: Positions) -> bool:
        """Whether nothing but blanks stands between one of these positions, which have one before them, and a delimiter or newline."""
        before = self._codes[positions - 2]
        if _BEGINS[before].any():
            return True
        positions = positions[before == BLANK]
        if not positions.size:
            return False
        written = np.flatnonzero(self._codes != BLANK)
        return bool(_BEGINS[self._codes[written[np.searchsorted(written, positions) - 1]]].any())

    @cached_property
    def _quotes(self) -> Bits:
        return self._bits(QUOTE)

    def _bits(self, sign: int) -> Bits:
        return _packed(self._codes == sign)


def _packed(truths: NDArray[np.bool_]) -> Bits:
    return np.packbits(truths, bitorder="little").view("<u8")


def _on(bits: Bits, shift: int) -> Bits:
    """The bits, so many places later."""
    moved = bits << np.uint64(shift)
    moved[1:] |= bits[:-1] >> np.uint64(_WORD - shift)
    return moved


def _positions(bits: Bits) -> Positions:
    """Where the bits are."""
    return np.flatnonzero(np.unpackbits(bits.view(np.uint8), bitorder="little").view(np.bool_))


def _any(bits: Bits) -> bool:
    return bool(bits.any())


def _count(bits: Bits) -> int:
    return int(np.bitwise_count(bits).sum())
