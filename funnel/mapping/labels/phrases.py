"""What a label means by the phrases inside it.

An exit decides over a stage. What a label says is waited for, asked for or planned has not come: it is no win and no exit. A
deed that is done ("completed", "accepted") is a win where it is done to the whole of a sale ("purchase completed"), the middle
step it is done to where there is one ("interview completed"), a doubtful win where it stands alone, and nothing beside words
that are not known ("profile completed").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from funnel.core.types import IGNORED, LOST_CONCEPTS, WON_CONCEPT
from funnel.core.types.models import AFTER_WIN
from funnel.mapping.labels.vocabulary import (
    UNSPACED,
    Phrase,
    by_signs,
    by_stems,
    by_text,
    sign_sizes,
    sizes,
    stems,
    words,
)

BEFORE_WIN = "negotiation"
"""The stage at which a lead is that is waited for at the next: its signature, its payment, its order."""

WHOLE_DONE = 0.9
"""Confidence that the whole of a sale is done where a label says so in two words ("project completed")."""

OTHER_ENDING = 0.95
"""What is left of the confidence where a phrase is known by the stems of its words."""


@dataclass(frozen=True)
class Found:
    """A phrase inside a label, by its place there: what it means there, "" where nothing, and the lists of marks it stands in.

    `faint`: says little beside another phrase. `exact`: found as written, not by the stems of its words.
    """

    text: str
    start: int
    end: int
    concept: str
    marks: frozenset[str]
    faint: bool = False
    doubtful: bool = False
    exact: bool = True
    after_preposition: bool = False

    @property
    def size(self) -> int:
        """How many signs of the label it takes."""
        return self.end - self.start

    def inside(self, other: Found) -> bool:
        """Whether it is a part of a longer phrase."""
        return other.start <= self.start and self.end <= other.end and other.size > self.size


def by_phrase(text: str) -> tuple[str, float] | None:
    """(concept, confidence) of a normalised label by the phrases in it; None where they place it nowhere."""
    everything = list(_find(text))
    outermost = [phrase for phrase in everything if phrase.concept and not any(map(phrase.inside, everything))]
    marks = [phrase for phrase in everything if not any(map(phrase.inside, outermost))]
    remaining = _without_denied(text, outermost)
    bare = not _rest(text, [*outermost, *marks])
    if bare and len(remaining) == len(outermost) and _whole_is_done(remaining, marks):
        return WON_CONCEPT, WHOLE_DONE
    remaining = _without_deeds(_without_awaited(text, remaining, marks), marks)
    remaining = [
        phrase
        for phrase in remaining
        if not (phrase.faint and phrase.concept in _ENDS) or (bare and _may_stand(text, phrase))
    ]
    if not remaining:
        return None
    best = max(remaining, key=_weight)
    exits = best.concept in LOST_CONCEPTS
    covered = sum(phrase.size for phrase in outermost) / len(text)
    if not exits and covered < (0.5 if best.faint and best.concept != WON_CONCEPT else 0.2):
        return None
    share = sum(phrase.size for phrase in remaining if phrase.concept == best.concept) / len(text)
    rivals = {phrase.concept for phrase in remaining if not (phrase.faint and not phrase.doubtful)} - {best.concept}
    confidence = 0.6 + 0.3 * min(share, 1.0) - (0.1 if rivals and not exits else 0.0)
    confidence *= 1.0 if best.exact else OTHER_ENDING
    doubtful = best.doubtful or (exits and _may_be_retried(best, marks))
    return best.concept, round(confidence / 2 if doubtful else confidence, 3)


def waits(text: str) -> bool:
    """Whether a normalised label says that something is waited for, asked for or planned."""
    return any(not phrase.marks.isdisjoint(("awaited", "begun")) for phrase in _find(text))


def denies(one: str, other: str) -> bool:
    """Whether one normalised text denies the other: "signed" and "not signed", "qualified" and "unqualified"."""
    return bool(_denying(one)) != bool(_denying(other))


_ENDS = (WON_CONCEPT, *LOST_CONCEPTS)


def _find(text: str) -> Iterator[Found]:
    """Every phrase inside a label, longer and shorter ones."""
    written = text.split()
    starts = [match.start() for match in re.finditer(r"\S+", text)]
    stemmed = stems(text)
    for index, first in enumerate(stemmed):
        for size in sizes().get(first, ()):
            phrase = by_stems().get(stemmed[index : index + size])
            if phrase is not None and index + size <= len(written):
                end = starts[index + size - 1] + len(written[index + size - 1])
                before = index > 0 and written[index - 1] in words("prepositions")
                yield _phrase_at(phrase, text, starts[index], end, before)
    if UNSPACED.search(text):
        for start, first in enumerate(text):
            for size in sign_sizes().get(first, ()):
                phrase = by_signs().get(text[start : start + size])
                if phrase is not None:
                    yield _phrase_at(phrase, text, start, start + size)
    for match in _span().finditer(text):
        yield Found(match[0], match.start(), match.end(), "", _SPAN)


def _phrase_at(phrase: Phrase, text: str, start: int, end: int, after_preposition: bool = False) -> Found:
    written = text[start:end]
    meant = by_text().get(written, phrase.synonym)
    if meant is None:
        return Found(written, start, end, "", phrase.marks)
    faint = meant.weak or meant.doubtful
    exact = meant.text.replace(" ", "") == written.replace(" ", "")
    return Found(written, start, end, meant.concept, phrase.marks, faint, meant.doubtful, exact, after_preposition)


@lru_cache
def _span() -> re.Pattern[str]:
    """A number and a unit of time: "90d", "30 days"."""
    return re.compile(rf"\b\d+ ?(?:{'|'.join(sorted(words('periods'), key=len, reverse=True))})\b")


def _weight(phrase: Found) -> tuple[bool, bool, bool, bool, int, int]:
    exits = phrase.concept in LOST_CONCEPTS
    return (
        phrase.concept == IGNORED and phrase.start == 0,
        exits,
        not phrase.faint,
        not phrase.after_preposition,
        0 if exits else phrase.text.count(" ") + 1,
        -phrase.start if exits else phrase.end,
    )


def _without_denied(text: str, phrases: Sequence[Found]) -> list[Found]:
    """The phrases that are not denied; where a win is, without the faint wins beside it: "completed, not bound"."""
    remaining = [each for each in phrases if not _negated(text, each)]
    if any(each.concept == WON_CONCEPT for each in phrases if each not in remaining):
        return [each for each in remaining if not (each.faint and each.concept == WON_CONCEPT)]
    return remaining


def _negated(text: str, phrase: Found) -> bool:
    before = [word for word in text[: phrase.start].split() if word not in words("fillers")]
    after = text[phrase.end :].split()
    if not UNSPACED.match(phrase.text):
        return bool(before and before[-1] in words("negations")) or bool(after and after[0] in words("negations_after"))
    glued, glued_after = _glued("negations"), _glued("negations_after")
    return text[: phrase.start].rstrip().endswith(glued) or text[phrase.end :].lstrip().startswith(glued_after)


@lru_cache
def _glued(kind: str) -> tuple[str, ...]:
    """Of a list of words, those of scripts without blanks, which stand glued to others."""
    return tuple(each for each in words(kind) if UNSPACED.match(each))


def _without_awaited(text: str, phrases: Sequence[Found], marks: Sequence[Found]) -> list[Found]:
    """The phrases of a label where what is waited for has not come.

    A word of waiting goes for all that follows it, and where nothing follows for all before it; a span of time ("90 days") for
    the faint wins before it; a word of a deed under way for any faint win. A win that has not come is the stage before; an exit
    right after a word of waiting has not happened. A faint win in a label that waits for anything is none. An outright one
    ("closed won") stays, unless a word of waiting stands before it.
    """
    spans = [mark.start for mark in marks if mark.marks is _SPAN]
    begun = any("begun" in mark.marks for mark in marks)
    waiting = [mark for mark in marks if "awaited" in mark.marks and _counts(text, mark, phrases)]
    followed = any(phrase.start >= mark.end for mark in waiting for phrase in phrases)
    after: list[Found] = []
    for phrase in phrases:
        preceded = any(mark.end <= phrase.start for mark in waiting)
        awaited = preceded or (bool(waiting) and not followed)
        outright = not words("outright").isdisjoint(phrase.text.split())
        late = phrase.faint and (begun or bool(waiting) or any(phrase.end <= start for start in spans))
        if phrase.concept == WON_CONCEPT and (preceded or (not outright and (awaited or late))):
            after.append(replace(phrase, concept=BEFORE_WIN, faint=False, doubtful=False))
        elif phrase.concept in AFTER_WIN and awaited:
            after.append(replace(phrase, doubtful=True))
        elif not (phrase.concept in LOST_CONCEPTS and any(_right_before(text, mark, phrase) for mark in waiting)):
            after.append(phrase)
    return after


def _counts(text: str, mark: Found, phrases: Sequence[Found]) -> bool:
    """Whether a word of waiting in a script without blanks is one: at an end of a word (a single sign: and) beside a phrase.

    待 is one in 待付款, but not in 接待员.
    """
    if not UNSPACED.match(mark.text):
        return True
    ends = text[mark.start - 1 : mark.start] in ("", " ") or text[mark.end : mark.end + 1] in ("", " ")
    beside = any(mark.end == phrase.start or phrase.end == mark.start for phrase in phrases)
    return (ends and beside) if mark.size == 1 else (ends or beside)


def _right_before(text: str, mark: Found, phrase: Found) -> bool:
    return mark.end <= phrase.start and all(word in words("fillers") for word in text[mark.end : phrase.start].split())


def _whole_is_done(phrases: Sequence[Found], marks: Sequence[Found]) -> bool:
    """Whether a label says of the whole of a sale that it is done, and names no middle step and no waiting."""
    kinds = {kind for mark in marks for kind in mark.marks}
    middle = any(phrase.concept != WON_CONCEPT and not _MEANS_SALE & phrase.marks for phrase in phrases)
    return (
        {"wholes", "completions"} <= kinds
        and kinds.isdisjoint(("awaited", "begun"))
        and not middle
        and len({*_positions(marks)}) > 1
    )


def _positions(marks: Sequence[Found]) -> Iterator[int]:
    return (mark.start for mark in marks if {"wholes", "completions"} & mark.marks)


def _without_deeds(phrases: Sequence[Found], marks: Sequence[Found]) -> list[Found]:
    """Without the faint wins, where the label names a middle step: it is that step that is done."""
    steps = [
        phrase
        for phrase in phrases
        if phrase.concept not in _ENDS and phrase.concept != IGNORED and not (phrase.faint and "things" in phrase.marks)
    ]
    return [phrase for phrase in phrases if not (steps and phrase.concept == WON_CONCEPT and phrase.faint)]


def _may_be_retried(exits: Found, marks: Sequence[Found]) -> bool:
    """Whether what was refused is named right before the exit, and can be tried again: "payment declined"."""
    return any("retried" in mark.marks and 0 <= exits.start - mark.end <= 1 for mark in marks)


def _may_stand(text: str, phrase: Found) -> bool:
    """Whether a faint phrase means something beside what stands with it."""
    return phrase.size == len(text) or phrase.text not in words("alone")


def _rest(text: str, phrases: Sequence[Found]) -> str:
    """What is left of a label without what is known of it, digits and periods of time."""
    left = list(text)
    for each in phrases:
        left[each.start : each.end] = " " * each.size
    return "".join(
        word for word in "".join(left).split() if not _NUMBER.fullmatch(word) and word not in words("negations")
    )


def _denying(text: str) -> set[str]:
    """The words of a text that deny, or may: "not", "un…"."""
    starts = tuple(words("denying_starts"))
    return {
        word for word in text.split() if word in words("negations") or (word.startswith(starts) and word not in starts)
    }


_SPAN = frozenset({"span"})
"""The mark of a span of time."""
_MEANS_SALE = frozenset({"wholes", "things"})
_NUMBER = re.compile(r"\d+\w?|[qh][1-4]")
