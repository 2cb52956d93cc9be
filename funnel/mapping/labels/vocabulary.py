"""What the catalogue knows of labels: the texts that mean a concept, and the words that change a meaning, ready to be found."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from funnel import catalogue
from funnel.catalogue import normalised
from funnel.core.types import IGNORED, WON_CONCEPT

UNSPACED = re.compile(r"[\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
"""A sign of a script without blanks between words: Thai, Japanese, Chinese; and Korean, which glues particles to words."""

MARKS = ("awaited", "begun", "completions", "wholes", "things", "fillers", "prepositions", "retried")
"""Lists of words that are found inside labels; the file of concepts says what each is for."""


class Synonym(NamedTuple):
    """A text that means a concept. `weak`: says little beside another. `doubtful`: means it more often than not."""

    text: str
    concept: str
    weak: bool
    doubtful: bool


class Phrase(NamedTuple):
    """Words that are looked for inside labels: what they mean, if anything, and the lists of marks they stand in."""

    synonym: Synonym | None
    marks: frozenset[str]


@lru_cache
def words(kind: str) -> frozenset[str]:
    """A list of words of the catalogue, as texts are compared."""
    return frozenset(normalised(text) for text in catalogue.label_words(kind))


@lru_cache
def spelled() -> dict[str, str]:
    """Sure spellings, exactly as the catalogue writes them, and the concept of each."""
    texts = {text.casefold(): concept.key for concept in catalogue.concepts() for text in concept.synonyms}
    return texts | {text.casefold(): IGNORED for text in catalogue.label_words("ignored")}


@lru_cache
def by_text() -> dict[str, Synonym]:
    """All synonyms by their normalised text. A completion alone is a doubtful win, where nothing else is said of it."""
    weak = words("weak") | words("wholes") | words("completions") | words("things")
    meant = {normalised(text): (key, False) for text, key in spelled().items()}
    for text, key in catalogue.doubtful_labels().items():
        meant.setdefault(normalised(text), (key, True))
    for dialect in catalogue.dialects():
        for text, key in dialect.labels.items():
            meant.setdefault(text, (key, False))
    for text in words("completions"):
        meant.setdefault(text, (WON_CONCEPT, True))
    return {text: Synonym(text, key, text in weak, doubtful) for text, (key, doubtful) in meant.items()}


@lru_cache
def by_squeezed() -> dict[str, Synonym]:
    """Synonyms without blanks: how codes write them ("closedwon")."""
    return {text.replace(" ", ""): synonym for text, synonym in by_text().items()}


@lru_cache
def by_stems() -> dict[tuple[str, ...], Phrase]:
    """What is looked for inside labels, by the stems of its words: "deals perdidas" has those of "deal perdida".

    Where synonyms of several concepts have the same stems, the stems mean nothing.
    """
    marks: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for text, kinds in _marks().items():
        marks[stems(text)] |= kinds
    meant: dict[tuple[str, ...], list[Synonym]] = defaultdict(list)
    for text, synonym in by_text().items():
        meant[stems(text)].append(synonym)
    phrases = {key: Phrase(None, frozenset(kinds)) for key, kinds in marks.items()}
    for key, synonyms in meant.items():
        alike = all(each.concept == synonyms[0].concept for each in synonyms)
        phrases[key] = Phrase(synonyms[0] if alike else None, phrases[key].marks if key in phrases else frozenset())
    return phrases


@lru_cache
def sizes() -> dict[str, tuple[int, ...]]:
    """How many words the phrases have that begin with a stem."""
    return _sizes((key[0], len(key)) for key in by_stems())


@lru_cache
def by_signs() -> dict[str, Phrase]:
    """What is looked for anywhere in labels of scripts without blanks. Texts of several words count without their blanks too."""
    phrases: dict[str, Phrase] = {}
    for text in dict.fromkeys([*by_text(), *_marks()]):
        for written in (text, text.replace(" ", "")):
            long = len(written) >= (2 if _IDEOGRAPHIC.match(written) else 4)
            if UNSPACED.match(written) and (text in _marks() or long):
                phrases[written] = Phrase(by_text().get(text), frozenset(_marks().get(text, ())))
    return phrases


@lru_cache
def sign_sizes() -> dict[str, tuple[int, ...]]:
    """How many signs the phrases of `by_signs` have that begin with a sign."""
    return _sizes((text[0], len(text)) for text in by_signs())


@lru_cache
def by_first_letter() -> dict[str, dict[int, tuple[tuple[int, Synonym], ...]]]:
    """Synonyms of four letters and more by first letter and length, each with the letters that it has."""
    groups: dict[str, dict[int, list[tuple[int, Synonym]]]] = defaultdict(lambda: defaultdict(list))
    for text, synonym in by_text().items():
        if len(text) >= 4:
            groups[text[0]][len(text)].append((letters(text), synonym))
    return {letter: {size: tuple(each) for size, each in sizes.items()} for letter, sizes in groups.items()}


def letters(text: str) -> int:
    """The letters of a text as bits of one number; letters of other alphabets may share a bit."""
    bits = 0
    for sign in text:
        bits |= 1 << ord(sign) % 64
    return bits


def stems(text: str) -> tuple[str, ...]:
    """The words of a normalised text without the endings of gender, number and case, and without the Arabic article."""
    return tuple(_stem(word) for word in text.split())


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    if len(word) >= 5 and word.startswith(_ARTICLE):
        word = word.removeprefix(_ARTICLE)
    if len(word) > 6 and word[-2:] in words("endings"):
        return word[:-2]
    if len(word) > 5 and word[-1] in words("endings"):
        return word[:-1]
    return word[:-1] if len(word) == 5 and word[-1] == "s" else word


@lru_cache
def _marks() -> dict[str, set[str]]:
    """The lists of marks that each text stands in."""
    marks: dict[str, set[str]] = defaultdict(set)
    for kind in MARKS:
        for text in words(kind):
            marks[text].add(kind)
    return dict(marks)


def _sizes(starts: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    sizes_of: dict[str, set[int]] = defaultdict(set)
    for first, size in starts:
        sizes_of[first].add(size)
    return {first: tuple(sorted(each)) for first, each in sizes_of.items()}


_IDEOGRAPHIC = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_ARTICLE = "ال"
