"""In which language texts and numbers are written here and now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

SOURCE_LANGUAGE = "en"

_LANGUAGE: ContextVar[str | None] = ContextVar("language", default=None)
_usual: Callable[[], str] = lambda: SOURCE_LANGUAGE  # noqa: E731


def language() -> str:
    """The language that texts and numbers are written in, as a BCP 47 tag: what `speaking` says, else what is usual here, else English."""
    return _LANGUAGE.get() or _usual()


@contextmanager
def speaking(tag: str) -> Iterator[None]:
    """Texts and numbers are written in this language as long as the block runs, in its thread alone."""
    before = _LANGUAGE.set(tag)
    try:
        yield
    finally:
        _LANGUAGE.reset(before)


def spoken_by(usual: Callable[[], str]) -> None:
    """Have `usual` say the language wherever `speaking` says none: an app knows by it who reads, in each of its threads."""
    global _usual
    _usual = usual
