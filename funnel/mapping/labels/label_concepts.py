"""What a label of a file means: the concept it is guessed to be, and how sure that is.

A known spelling is the best evidence, a known phrase inside the label the next, likeness to a known spelling the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import lru_cache

from funnel import catalogue
from funnel.catalogue import normalised
from funnel.core.spelling import LONGEST
from funnel.core.types import IGNORED, LOST_CONCEPTS, UNPLACED, WON_CONCEPT
from funnel.mapping.labels.decorations import bare, last_part, spaced
from funnel.mapping.labels.phrases import OTHER_ENDING, by_phrase, denies, waits
from funnel.mapping.labels.value_kinds import is_known
from funnel.mapping.labels.value_kinds import kind as kind
from funnel.mapping.labels.value_kinds import kind_of_values as kind_of_values
from funnel.mapping.labels.value_kinds import tell_of_addresses as tell_of_addresses
from funnel.mapping.labels.vocabulary import (
    Synonym,
    by_first_letter,
    by_squeezed,
    by_stems,
    by_text,
    letters,
    spelled,
    stems,
    words,
)
from funnel.words import wording

EXACT, SAME_WORDS, DOUBTFUL, ALIKE = 1.0, 0.95, 0.45, 0.85
"""Confidence in a known spelling, in the same words written otherwise, in a doubtful one; the likeness of a typo."""

SURE = 0.5
"""From this confidence on a meaning is sure enough to recognise a column by it."""
NO_CONCEPT = (IGNORED, UNPLACED)


@lru_cache(maxsize=20_000)
def guess(label: str) -> tuple[str, float]:
    """(concept key, exit key, "ignored" or "unplaced"; confidence from 0 to 1) of a label.

    Numbering ("1. ", "Stage 2 -", "B) "), percentages, pictures, periods ("Q1 2025"), pipeline names in brackets and codes
    ("C14:") do not count. A win with less than 0.5 ("Completed", "Paid", "Cliente") is one only where the data say so; an exit
    with less than 0.5 ("Payment declined") is one only where nothing follows. What is waited for ("Awaiting payment") is
    neither a win nor an exit. What is longer than any label (`spelling.LONGEST`) means nothing.
    """
    if len(label) > LONGEST:
        return UNPLACED, 0.0
    if label.strip().casefold() in spelled():
        return spelled()[label.strip().casefold()], EXACT
    stripped = bare(label)
    for text in dict.fromkeys((normalised(label), normalised(stripped))):
        exact = _known(text)
        if exact is not None:
            return exact
    text = spaced(stripped)
    phrase = by_phrase(text) or (UNPLACED, 0.0)
    if is_known(text) and phrase[0] not in LOST_CONCEPTS:
        return UNPLACED, 0.0
    # A label that says "lost" is never taken for a misspelling of something else.
    meaning = phrase if phrase[0] in LOST_CONCEPTS else max(phrase, _by_likeness(text), key=lambda each: each[1])
    if meaning[0] == UNPLACED and not waits(text):
        return _known(normalised(bare(last_part(stripped))), OTHER_ENDING) or meaning
    return meaning


def surely(label: str) -> str | None:
    """The concept of a label where that is sure; None where it is not, and for what is ignored or unplaced."""
    concept, confidence = guess(label)
    return concept if confidence >= SURE and concept not in NO_CONCEPT else None


def end(label: str) -> str | None:
    """ "won" or "lost" where a label surely means that; None otherwise."""
    concept = surely(label)
    return "won" if concept == WON_CONCEPT else "lost" if concept in LOST_CONCEPTS else None


def could_be_won(label: str) -> bool:
    """Whether a label is a win where the data say so: what means won, surely or not, and words like "approved"."""
    return len(label) <= LONGEST and (
        guess(label)[0] == WON_CONCEPT or normalised(bare(label)) in words("wins_at_the_end")
    )


def says_only(label: str, kind: str) -> bool:
    """Whether a label says no more than a word of a kind: that something was booked, a win to some and an appointment to others
    ("win_or_appointment"), or closed, be it won or lost ("closed_either_way")."""
    return len(label) <= LONGEST and normalised(bare(label)) in words(kind)


def before_won(label: str) -> str:
    """The concept of a doubtful win where it is none: "Converted" of a lead is qualified; UNPLACED where nothing is known."""
    return catalogue.before_won().get(normalised(label), UNPLACED)


def stage_share(values: Iterable[str]) -> float:
    """The share of values, from 0 to 1, with a sure meaning as a stage or exit; 0 where there are none. Blank ones do not count."""
    sure = [surely(value) is not None for value in values if value.strip()]
    return sum(sure) / len(sure) if sure else 0.0


def choices() -> dict[str, str]:
    """All that a label may be said to mean, with its name in a language: the concepts, then unplaced and ignored."""
    return {
        **catalogue.concept_names(),
        UNPLACED: wording.say("labels.unplaced"),
        IGNORED: wording.say("labels.ignored"),
    }


def _known(text: str, share: float = 1.0) -> tuple[str, float] | None:
    """What a whole text is known to mean, with a share of the usual confidence."""
    synonym = by_text().get(text) or by_squeezed().get(text.replace(" ", ""))
    if synonym is not None:
        return synonym.concept, round(share * (DOUBTFUL if synonym.doubtful else SAME_WORDS), 3)
    phrase = by_stems().get(stems(text))
    if phrase is not None and phrase.synonym is not None and not waits(text):
        other = phrase.synonym
        return other.concept, round(share * OTHER_ENDING * (DOUBTFUL if other.doubtful else SAME_WORDS), 3)
    return None


def _by_likeness(text: str) -> tuple[str, float]:
    """By the most similar synonym with the same first letter, if it is similar enough to be a misspelling."""
    best, likeness = None, ALIKE
    matcher = SequenceMatcher(None, b=text, autojunk=False)
    for synonym in _comparable(text) if 6 <= len(text) <= 60 else ():
        matcher.set_seq1(synonym.text)
        if matcher.quick_ratio() >= likeness:
            ratio = matcher.ratio()
            if ratio >= likeness and not denies(synonym.text, text):
                best, likeness = synonym, ratio
    if best is None or (best.concept == WON_CONCEPT and waits(text)):
        return UNPLACED, 0.0
    return best.concept, round(likeness * (DOUBTFUL if best.doubtful else 0.9), 3)


def _comparable(text: str) -> Iterator[Synonym]:
    """The synonyms with the same first letter and as many words whose length and letters leave it open whether they are alike."""
    longest, have, blanks = 2 / ALIKE - 1, letters(text), text.count(" ")
    for size, synonyms in by_first_letter().get(text[:1], {}).items():
        if size <= longest * len(text) and len(text) <= longest * size:
            most_unlike = (1 - ALIKE) * (size + len(text))
            for other, synonym in synonyms:
                if (have ^ other).bit_count() <= most_unlike and synonym.text.count(" ") == blanks:
                    yield synonym
