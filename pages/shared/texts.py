"""Sentences for places that read Markdown: text of files in them is shown, never obeyed."""

from __future__ import annotations

from funnel import FunnelError, wording
from funnel.nouns import Note


def inert(text: object) -> str:
    """Text of a file for a Markdown place."""
    return wording.escape_markdown(str(text))


def sentence(note: Note) -> str:
    """A note, filled, for a Markdown place."""
    return inert(wording.say(note.key, **note.values))


def problem(error: FunnelError) -> str:
    """What went wrong, for a Markdown place."""
    return inert(error)
