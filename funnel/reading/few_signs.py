"""What `signs` tells of a piece of text, where no quote stands in it: slower, but ready at once, as befits a small file."""

from __future__ import annotations

NEWLINE, RETURN = b"\n", b"\r"


class FewSigns:
    """As `Signs`, of a piece without quotes, before which none stands either."""

    def __init__(self, before: bytes, piece: bytes) -> None:
        self._before, self._piece = before, piece
        self.newlines = piece.count(NEWLINE)

    def returns(self) -> tuple[int, int]:
        """How many \\r the piece has, and how many \\r\\n end in it."""
        if RETURN not in self._piece and not self._before.endswith(RETURN):
            return 0, 0
        return self._piece.count(RETURN), self._given.count(b"\r\n") - self._before.count(b"\r\n")

    def has_blank_lines(self) -> bool:
        """Whether two newlines stand side by side, or with only \\r between them."""
        return b"\n\n" in self._given or b"\n\r\n" in self._given

    def may_have_stretches(self, length: int) -> bool:
        """Whether there can be a stretch of so many bytes without a newline."""
        return len(self._piece) >= length

    def parity(self, parity: int) -> tuple[int, bool]:
        """The parity of all quotes up to the end of the piece, from that up to its beginning; and whether a line ends while it is odd."""
        return parity, bool(parity and self.newlines)

    def has_blanks_at_quotes(self) -> bool:
        """No quote, no blanks beside one."""
        return False

    @property
    def _given(self) -> bytes:
        return self._before + self._piece
