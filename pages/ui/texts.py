"""Sentences for places that read Markdown: text of files in them is shown, never obeyed."""

from __future__ import annotations

from funnel import FunnelError, StageModel
from funnel.core.types import Note, Rate
from funnel.report.said import span as span
from funnel.words import wording


def inert(text: object) -> str:
    """Text of a file for a Markdown place."""
    return wording.escape_markdown(str(text))


def sentence(note: Note) -> str:
    """A note, filled, for a Markdown place."""
    return inert(wording.say(note.key, **note.values))


def origin(model: StageModel) -> str:
    """What a model is and where it comes from, for a Markdown place; empty where it says nothing of itself."""
    source = f"{model.year}: {model.source}" if model.year and model.source else model.source
    return inert(" ".join(filter(None, (model.description, f"({source})" if source else ""))))


def problem(error: FunnelError) -> str:
    """What went wrong, for a Markdown place."""
    return inert(error)


def rate(value: Rate) -> str:
    """The percentage; of too few the two counts, "3 / 12"; of none a dash."""
    if not value.denominator:
        return wording.ABSENT
    return f"{value.numerator} / {value.denominator}" if value.few else wording.percent(value.value)
