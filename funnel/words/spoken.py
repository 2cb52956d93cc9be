"""In which language texts and numbers are written here and now, and by which calendar its readers count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from funnel.words.calendars import Calendar, usual

SOURCE_LANGUAGE = "en"

_LANGUAGE: ContextVar[str | None] = ContextVar("language", default=None)
_CALENDAR: ContextVar[Calendar | None] = ContextVar("calendar", default=None)
_usual: Callable[[], str] = lambda: SOURCE_LANGUAGE  # noqa: E731
_usual_calendar: Callable[[], Calendar | None] = lambda: None  # noqa: E731


def language() -> str:
    """The language that texts and numbers are written in, as a BCP 47 tag: what `speaking` says, else what is usual here, else English."""
    return _LANGUAGE.get() or _usual()


def calendar() -> Calendar:
    """The calendar that days are written and counted by: what `speaking` says, else what is chosen here, else that of the language."""
    return _CALENDAR.get() or _usual_calendar() or usual(language())


@contextmanager
def speaking(tag: str, by: Calendar | None = None) -> Iterator[None]:
    """Texts and numbers are written in this language as long as the block runs, in its thread alone, and days `by` this calendar; None:
    by the one that was said or chosen already, else by that of the language."""
    before, counted = _LANGUAGE.set(tag), _CALENDAR.set(by or _CALENDAR.get())
    try:
        yield
    finally:
        _LANGUAGE.reset(before)
        _CALENDAR.reset(counted)


def spoken_by(of_language: Callable[[], str], of_calendar: Callable[[], Calendar | None] = lambda: None) -> None:
    """Have these say the language, and the calendar (None: that of the language), wherever `speaking` says none: an app knows by them who
    reads, in each of its threads."""
    global _usual, _usual_calendar
    _usual, _usual_calendar = of_language, of_calendar
