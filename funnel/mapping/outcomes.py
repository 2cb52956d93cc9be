"""Columns that say how leads ended, in the words of any known dialect."""

from __future__ import annotations

from collections.abc import Iterable

from funnel import catalogue
from funnel.core.sql import Query, marks
from funnel.core.types import IGNORED, LOST_CONCEPTS, UNPLACED, WON_CONCEPT
from funnel.mapping.headers import words
from funnel.mapping.labels import label_concepts
from funnel.mapping.profile import Column

NO_CONCEPT = (IGNORED, UNPLACED)
KNOWN = 0.5
"""At least this sure of a label's meaning, to recognise a column by it."""
_YES = {"true", "yes", "y", "1", "t", "да", "sim", "si", "1 0", "1.0", "ja", "oui"}
_NO = {"false", "no", "n", "0", "f", "нет", "nao", "0 0", "0.0", "nein", "non"}


def outcome_values(header: str, values: Iterable[str]) -> dict[str, str | None] | None:
    """Value → won, lost, open (None: says nothing), for a column that tells how leads ended; None if it does not tell.

    A yes under a header that means won is won, and a no is not yet anything.
    """
    known: dict[str, str] = {}
    for dialect in catalogue.dialects():
        for outcome, texts in (
            ("won", dialect.won_values),
            ("lost", dialect.lost_values),
            ("open", dialect.open_values),
        ):
            for text in texts:
                known.setdefault(text, outcome)
    read: dict[str, str | None] = {}
    means = header_means(header)
    # A header that comes again amid the lines is no value.
    filled = [
        value for value in values if value.strip() and catalogue.normalised(value) != catalogue.normalised(header)
    ]
    unread = 0
    for value in filled:
        text = catalogue.normalised(value)
        if text in _YES or text in _NO:
            read[value] = means if text in _YES else None
        elif text in known:
            read[value] = known[text]
        else:
            concept, confidence = label_concepts.guess(value)
            if confidence >= KNOWN and concept == WON_CONCEPT:
                read[value] = "won"
            elif confidence >= KNOWN and concept in LOST_CONCEPTS:
                read[value] = "lost"
            else:
                read[value], unread = None, unread + 1
    said = {outcome for outcome in read.values() if outcome in ("won", "lost")}
    few = unread <= len(filled) / (2 if len(said) == 2 else 3)
    return read if said and few and len(filled) <= 30 else None


def is_flag(column: Column) -> bool:
    """Whether a column holds nothing but yes and no."""
    return bool(column.values) and all(catalogue.normalised(value) in _YES | _NO for value in column.values)


def says_yes(text: Query) -> Query:
    """A condition: whether the text says yes."""
    return Query(f"lower({text.text}) IN ({marks(_YES)})", (*text.values, *sorted(_YES)))


def says_no(text: Query) -> Query:
    """A condition: whether the text says no."""
    return Query(f"lower({text.text}) IN ({marks(_NO)})", (*text.values, *sorted(_NO)))


def header_means(header: str) -> str | None:
    """What a yes under the header means: "won", "lost", or None."""
    parts = [word for word in words(header) if word not in ("is", "has", "flag", "lead", "deal")]
    if {"won", "converted", "win", "success", "conversion"} & set(parts):
        return "won"
    concept, confidence = label_concepts.guess(" ".join(parts))
    if confidence < KNOWN:
        # A yes under "closed" closes; it does not win.
        return None
    return "won" if concept == WON_CONCEPT else "lost" if concept in LOST_CONCEPTS else None
