"""What a label of a file means: the concept it is guessed to be, and how sure that is.

A known spelling is the best evidence, a known phrase inside the label the next, likeness to a known spelling the last.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from funnel import catalogue, wording
from funnel.catalogue import normalised
from funnel.nouns import IGNORED, LOST_CONCEPTS

UNPLACED = "unplaced"
"""The concept of a label that means none of ours: it stays a stage of the file, but no model of concepts places it."""

EXACT, SAME_WORDS, DOUBTFUL, ALIKE = 1.0, 0.95, 0.45, 0.85
"""Confidence in a known spelling, in the same words written otherwise, in a doubtful one; the likeness of a typo."""


@lru_cache(maxsize=20_000)
def guess(label: str) -> tuple[str, float]:
    """(concept key, exit key, "ignored" or "unplaced"; confidence from 0 to 1) of a label.

    Numbering ("1. ", "Stage 2 -"), percentages, pipeline names in brackets and codes ("C14:") do not count.
    """
    if label.strip().casefold() in _spelled():
        return _spelled()[label.strip().casefold()], EXACT
    stripped = _stripped(label)
    for text in dict.fromkeys((normalised(label), normalised(stripped))):
        known = _known(text)
        if known is not None:
            return known.concept, DOUBTFUL if known.doubtful else SAME_WORDS
    words = normalised(_CAMEL.sub(" ", stripped))
    phrase = _by_phrase(words)
    # A label that says "lost" is never taken for a misspelling of something else.
    return phrase if phrase[0] in LOST_CONCEPTS else max(phrase, _by_likeness(words), key=lambda found: found[1])


def choices(language: str = "en") -> dict[str, str]:
    """All that a label may be said to mean, with its name in a language: the concepts, then unplaced and ignored."""
    return {
        **catalogue.concept_names(language),
        UNPLACED: wording.say("labels.unplaced", language=language),
        IGNORED: wording.say("labels.ignored", language=language),
    }


def kind_of_values(values):
    return None


@dataclass(frozen=True)
class _Synonym:
    text: str
    concept: str
    weak: bool
    doubtful: bool


@dataclass(frozen=True)
class _Found:
    """A synonym inside a label, by its place there."""

    synonym: _Synonym
    start: int
    end: int
    after_preposition: bool

    @property
    def words(self) -> int:
        return self.synonym.text.count(" ") + 1

    def inside(self, other: _Found) -> bool:
        return other.start <= self.start and self.end <= other.end and other.end - other.start > self.end - self.start


def _by_phrase(words: str) -> tuple[str, float]:
    """By the phrases in it. An exit decides over a stage; of exits the first, of stages the longest, then the last."""
    everywhere = list(_phrases(words))
    outermost = [found for found in everywhere if not any(found.inside(other) for other in everywhere)]
    found = [each for each in outermost if not _negated(words, each)]
    if not found:
        return UNPLACED, 0.0
    best = max(found, key=_weight)
    exits = best.synonym.concept in LOST_CONCEPTS
    known = sum(each.end - each.start for each in outermost) / len(words)
    if not exits and known < (0.5 if best.synonym.weak or best.synonym.doubtful else 0.2):
        return UNPLACED, 0.0
    share = sum(each.end - each.start for each in found if each.synonym.concept == best.synonym.concept) / len(words)
    rivals = {each.synonym.concept for each in found if not each.synonym.weak} - {best.synonym.concept}
    confidence = 0.6 + 0.3 * share - (0.1 if rivals and not exits else 0.0)
    return best.synonym.concept, round(confidence / 2 if best.synonym.doubtful else confidence, 3)


def _weight(found: _Found) -> tuple[bool, bool, bool, bool, int, int]:
    synonym = found.synonym
    exits = synonym.concept in LOST_CONCEPTS
    return (
        synonym.concept == IGNORED and found.start == 0,
        exits,
        not (synonym.weak or synonym.doubtful),
        not found.after_preposition,
        0 if exits else found.words,
        -found.start if exits else found.end,
    )


def _phrases(words: str) -> Iterator[_Found]:
    start = 0
    for word in words.split():
        for synonym in _by_first_word().get(word, ()):
            end = start + len(synonym.text)
            if words[start:end] == synonym.text and words[end : end + 1] in ("", " "):
                before = words[:start].split()
                yield _Found(synonym, start, end, bool(before) and before[-1] in _words("prepositions"))
        start += len(word) + 1
    if _UNSPACED.search(words):
        for synonym in _unspaced():
            for match in re.finditer(re.escape(synonym.text), words):
                yield _Found(synonym, match.start(), match.end(), False)


def _negated(words: str, found: _Found) -> bool:
    before = [word for word in words[: found.start].split() if word not in _words("fillers")]
    after = words[found.end :].split()
    joined = [each for each in _words("negations") if _UNSPACED.match(each)]
    unspaced = bool(_UNSPACED.match(found.synonym.text)) and words[: found.start].endswith(tuple(joined))
    return (
        bool(before and before[-1] in _words("negations"))
        or bool(after and after[0] in _words("negations_after"))
        or unspaced
    )


def _by_likeness(words: str) -> tuple[str, float]:
    """By the most similar synonym with the same first letter, if it is similar enough to be a misspelling."""
    best, likeness = None, ALIKE
    for synonym in _by_first_letter().get(words[:1], ()) if 5 <= len(words) <= 60 else ():
        matcher = SequenceMatcher(None, synonym.text, words)
        if matcher.real_quick_ratio() >= likeness and matcher.quick_ratio() >= likeness:
            ratio = matcher.ratio()
            if ratio >= likeness and not _opposite(synonym.text, words):
                best, likeness = synonym, ratio
    if best is None:
        return UNPLACED, 0.0
    return best.concept, round(likeness * (DOUBTFUL if best.doubtful else 0.9), 3)


def _opposite(one: str, other: str) -> bool:
    """Whether one text denies the other: "signed" and "not signed"."""
    starts = tuple(_words("denying_starts"))
    denying = [bool(_words("negations") & set(text.split())) or text.startswith(starts) for text in (one, other)]
    return denying[0] != denying[1]


def _stripped(label: str) -> str:
    text = label
    for pattern in (_CODE, _PIPELINE, _NUMBERING, _PERCENT, _NUMBER_AFTER):
        text = pattern.sub("", text).strip() or text
    return text


def _known(text: str) -> _Synonym | None:
    return _by_text().get(text) or _by_squeezed().get(text.replace(" ", ""))


@lru_cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(normalised(text) for text in catalogue.label_words(kind))


@lru_cache
def _spelled() -> dict[str, str]:
    """Sure spellings, exactly as the catalogue writes them."""
    spelled = {text.casefold(): concept.key for concept in catalogue.concepts() for text in concept.synonyms}
    return spelled | {text.casefold(): IGNORED for text in catalogue.label_words("ignored")}


@lru_cache
def _by_text() -> dict[str, _Synonym]:
    weak = _words("weak")
    meant: dict[str, tuple[str, bool]] = {normalised(text): (key, False) for text, key in _spelled().items()}
    for text, key in catalogue.doubtful_labels().items():
        meant.setdefault(normalised(text), (key, True))
    for dialect in catalogue.dialects():
        for text, key in dialect.labels.items():
            meant.setdefault(text, (key, False))
    return {text: _Synonym(text, key, text in weak, doubtful) for text, (key, doubtful) in meant.items()}


@lru_cache
def _by_squeezed() -> dict[str, _Synonym]:
    """Synonyms without blanks: how codes write them ("closedwon")."""
    return {text.replace(" ", ""): synonym for text, synonym in _by_text().items()}


@lru_cache
def _by_first_word() -> dict[str, list[_Synonym]]:
    return _grouped([(synonym.text.split()[0], synonym) for synonym in _by_text().values()])


@lru_cache
def _by_first_letter() -> dict[str, list[_Synonym]]:
    return _grouped([(synonym.text[0], synonym) for synonym in _by_text().values() if len(synonym.text) >= 4])


@lru_cache
def _unspaced() -> tuple[_Synonym, ...]:
    return tuple(synonym for text, synonym in _by_text().items() if _UNSPACED.match(text) and len(text) >= 4)


def _grouped(pairs: Sequence[tuple[str, _Synonym]]) -> dict[str, list[_Synonym]]:
    groups: dict[str, list[_Synonym]] = defaultdict(list)
    for key, synonym in pairs:
        groups[key].append(synonym)
    return dict(groups)


# Thai is written without blanks between words.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CODE = re.compile(r"^\s*(?:C\d+|DT\d+_\d+)\s*:\s*")
_PIPELINE = re.compile(
    r"\s*[(\[][^()\[\]]*(?:pipeline|funnel|воронк|ձագար|قمع|قیف|กรวย|embudo|funil|entonnoir|trichter)[^()\[\]]*[)\]]\s*$",
    re.IGNORECASE,
)
_NUMBERING = re.compile(
    r"^\s*(?:(?:stage|step|phase|s|этап|стадия|шаг|փուլ|مرحله|مرحلة|المرحلة|ขั้นตอนที่|ขั้นตอน|etapa|fase|étape|stufe)\s*)?"
    r"[#№(]?\s*\d+(?:[.,]\d+)*\s*(?:%|(?=[\s.):\-–—_/|]))[\s.):\-–—_/|]*",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"[\s\-–—:,(\[]*\d+(?:[.,]\d+)?\s*%\s*[)\]]?\s*$")
_NUMBER_AFTER = re.compile(r"[\s_]+\d{3,}\s*$")
