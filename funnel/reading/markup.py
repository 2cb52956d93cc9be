"""XML gone through a piece at a time, within bounds: no entity of its own, nothing deep, nothing long that is no text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.parsers import expat

from funnel.core.errors import ReadingError
from funnel.reading import limits


class Listener:
    """What hears of each element, and heeds what it overrides. Names are "namespace name", as
    "urn:schemas-microsoft-com:office:spreadsheet Row"."""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """It ends."""

    def text(self, text: str) -> None:
        """Some of the text in it."""


def listen(listener: Listener, pieces: Iterable[bytes], file: str, *, encoding: str | None = None) -> Iterator[None]:
    """Tell the listener of all elements; stops after each piece, so that what it has gathered can be taken.

    `encoding` counts for more than what the XML says of itself. ReadingError where it declares a document type (and with it
    entities that swell or reach out), is damaged, too deep, or has a tag that is too long.
    """
    parser = expat.ParserCreate(encoding, namespace_separator=" ")
    parser.buffer_text = True
    parser.ordered_attributes = False
    depth = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > limits.MARKUP_DEPTH:
            raise ReadingError("reading.deep_markup", file=file, limit=limits.MARKUP_DEPTH)
        listener.begin(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        listener.end(name)

    def declared(*_: object) -> None:
        raise ReadingError("reading.document_type", file=file)

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = listener.text, declared
    fed = 0
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            fed += len(piece)
            # What has begun and not ended yet is held, and gone through anew with each piece.
            if fed - parser.CurrentByteIndex > limits.MARKUP + len(piece):
                raise ReadingError("reading.broken_workbook", file=file)
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as broken:
        raise ReadingError("reading.broken_workbook", file=file) from broken
    yield
