"""The order that the labels of a file bear in themselves: "B. Survey", "2 - Qualified", "Proposal (50%)".

A mark (a letter, a number, a chance of winning) orders all labels where nearly all of them bear one of its kind, no two the
same. Labels that are alike but for their number ("Interview 1", "Interview 2"), or that say the same before their mark
("Step 1: call", "Step 2: visit"), are ordered among themselves.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from funnel.core.spelling import LONGEST
from funnel.core.types import IGNORED, LOST_CONCEPTS, WON_CONCEPT, OrderReason, WrittenOrder
from funnel.mapping.data_file import data_file


class Kind(NamedTuple):
    """Marks of one kind can be compared: `name` says what they are, `before` what the labels say before them, often nothing."""

    name: str
    before: str


Marks = dict[str, Any]
"""Label → its mark, of one kind."""


def written_orders(concepts: Mapping[str, str], positions: Mapping[str, float]) -> tuple[WrittenOrder, ...]:
    """The orders that the file itself writes down, the one that decides first.

    `concepts` are those of the labels: exits are no stages, and what means a win needs no mark, since it is last. `positions` are
    what a table of stages, or a column beside the label, says. An order says nothing of two labels of which it has only
    one, or that share a position.
    """
    stages = [label for label, concept in concepts.items() if concept != IGNORED and concept not in LOST_CONCEPTS]
    undecided = [label for label in stages if concepts[label] != WON_CONCEPT]
    by_table = {label: positions[label] for label in stages if label in positions}
    return (
        *(WrittenOrder(OrderReason.WRITTEN, _positions(marks)) for marks in _orders(stages, undecided)),
        *([WrittenOrder(OrderReason.TABLE, _positions(by_table))] if len(set(by_table.values())) > 1 else []),
    )


def _orders(stages: Iterable[str], undecided: Collection[str]) -> Iterator[Marks]:
    by_kind: dict[Kind, Marks] = defaultdict(dict)
    for label in stages:
        for kind, mark in _marks(_plain(label)):
            by_kind[kind][label] = mark
    _count_the_first(by_kind, stages)
    whole = next(filter(None, (_of_nearly_all(by_kind[kind], undecided) for kind in _likeliest(by_kind))), None)
    if whole:
        yield whole
    yield from (marks for kind, marks in by_kind.items() if kind.before and len(marks) > 1 and _differ(marks.values()))


def _likeliest(by_kind: Mapping[Kind, Marks]) -> list[Kind]:
    """The kinds that can order all labels, that of most marks first."""
    kinds = [kind for kind in by_kind if kind.name != _ALIKE]
    return sorted(kinds, key=lambda kind: (-len(by_kind[kind]), _KINDS.index(kind.name.split()[0]), kind))


def _of_nearly_all(marks: Marks, undecided: Collection[str]) -> Marks | None:
    """The marks, where all but one of the labels, or all but a quarter of them, bear one, and no two the same; else None."""
    borne = [marks[label] for label in undecided if label in marks]
    bare = len(undecided) - len(borne)
    nearly_all = len(marks) > 1 and bare < len(borne) and bare <= max(1, len(undecided) // 4)
    return marks if nearly_all and _differ(borne) and not _initials(marks) else None


def _initials(marks: Marks) -> bool:
    """Whether the marks are letters far apart in the alphabet, and of most labels the first of the word behind ("N - New")."""
    if not all(isinstance(mark, str) for mark in marks.values()):
        return False
    positions = _alphabet(set(marks.values())).values()
    first = [label for label, mark in marks.items() if f" {mark} {mark}" in f" {_words(_plain(label))}"]
    return 2 * len(first) > len(marks) and max(positions) - min(positions) >= 2 * len(marks)


def _differ(marks: Collection[Any]) -> bool:
    return len(set(marks)) == len(marks)


def _marks(text: str) -> Iterator[tuple[Kind, Any]]:
    """The marks of a plain label, each with its kind."""
    if _CODE.match(text):
        return
    if match := _NUMBER.match(text):
        before = _words(match["before"])
        if len(before) == 1:
            yield Kind("code", ""), (before, *_number(match))
        else:
            yield Kind("number", before), _number(match)
    if match := _ROMAN.match(text):
        yield Kind("roman", _words(match["before"] or "")), _ROMANS.index(match["roman"])
    if match := _LETTER.match(text):
        script = unicodedata.name(match["letter"], "").partition(" ")[0]
        yield Kind(f"letter {script}", _words(match["before"] or "")), match["letter"]
    chances = [float((match[1] or match[2]).replace(",", ".")) for match in _CHANCE.finditer(text)]
    if len(chances) == 1 and chances[0] <= 100:
        yield Kind("chance", ""), chances[0]
    if match := _ANY_NUMBER.search(text):
        yield Kind(_ALIKE, _words(f"{text[: match.start()]} {text[match.end() :]}")), _number(match)


def _count_the_first(by_kind: Mapping[Kind, Marks], stages: Iterable[str]) -> None:
    """ "Follow-up" beside "Follow-up 2": the one without a number is the first."""
    for label in stages:
        series = by_kind.get(Kind(_ALIKE, _words(_plain(label))), {})
        if series and min(series.values())[0] > (1,):
            series[label] = ((1,), "")


def _number(match: re.Match[str]) -> tuple[tuple[int, ...], str]:
    """1.10 comes after 1.9, 2b after 2a."""
    return tuple(int(part) for part in match["number"].split(".")), match["behind"]


def _positions(marks: Marks) -> dict[str, int]:
    """The position of each label, from 0; those with one mark share it."""
    values = set(marks.values())
    by_letter = all(isinstance(mark, str) for mark in values)
    ordered = sorted(values, key=_alphabet(values).__getitem__) if by_letter else sorted(values)
    positions = {mark: index for index, mark in enumerate(ordered)}
    return {label: positions[mark] for label, mark in marks.items()}


def _alphabet(letters: Collection[str]) -> dict[str, int]:
    """The place of each letter in the alphabet where they stand closest together: the people who wrote them began at the first."""
    alphabets = [{letter: ord(letter) for letter in letters}]
    for alphabet in data_file("marks")["alphabets"]:
        equivalents = {letter: letter if letter in alphabet else _bare(letter) for letter in letters}
        if all(letter in alphabet for letter in equivalents.values()):
            alphabets.append({letter: alphabet.index(alike) for letter, alike in equivalents.items()})
    return min(alphabets, key=lambda positions: max(positions.values()) - min(positions.values()))


def _bare(letter: str) -> str:
    """The letter without what stands above or below it."""
    return unicodedata.normalize("NFD", letter)[0]


@lru_cache(maxsize=20_000)
def _plain(label: str) -> str:
    """The label in one case and one form of each sign, numbers in digits whatever they are written in; empty where it is longer than
    any label."""
    if len(label) > LONGEST:
        return ""
    text = unicodedata.normalize("NFKC", label.replace("№", "#").replace("٪", "%"))
    text = "".join(sign for sign in text if sign not in _UNCOUNTED and unicodedata.category(sign) != "Cf").casefold()
    return _number_words().sub(lambda match: _digits()[match[0]], text)


def _words(text: str) -> str:
    """The words of a text, without the signs between them."""
    return " ".join(_BETWEEN.sub(" ", text).split())


@cache
def _digits() -> dict[str, str]:
    """What is written for each word: a digit for a number, a letter for its name."""
    numbers = {word: str(number) for number, words in enumerate(data_file("marks")["numbers"], 1) for word in words}
    return {
        unicodedata.normalize("NFKC", word).casefold(): sign
        for word, sign in (numbers | data_file("marks")["letters"]).items()
    }


@cache
def _number_words() -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(sorted(map(re.escape, _digits()), key=len, reverse=True))})(?![^\W_])")


_KINDS = ("number", "letter", "roman", "chance", "code")
_ALIKE = "alike"
_ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
# The signs that make a digit an emoji, and the stroke that only widens an Arabic word.
_UNCOUNTED = "\ufe0f\u20e3\u0640"
_BETWEEN = re.compile(r"[\W_]")
# The code of a pipeline in Bitrix24 ("C2:NEW") counts pipelines, not stages.
_CODE = re.compile(r"\s*(?:c\d+|dt\d+_\d+):")
_END = r"(?![^\W_])(?!\s*%)(?![.,]\d)"
_NUMBER = re.compile(rf"(?P<before>\D{{0,30}}?)(?P<number>\d{{1,3}}(?:\.\d{{1,3}})*)(?P<behind>[^\W\d_]{{0,2}}){_END}")
_ANY_NUMBER = re.compile(rf"(?<![\d.,])(?P<number>\d{{1,3}})(?P<behind>[^\W\d_]{{0,2}}){_END}")
_CHANCE = re.compile(r"(?<![\w.,])(\d{1,3}(?:[.,]\d+)?)\s?%|%\s?(\d{1,3}(?:[.,]\d+)?)(?![\w.,])")
_DIVIDED = r"(?:\s?[.)\]:}、]|\s[-–—|/]\s|[-–—]\s|_)"
_BEFORE = r"[\W_]*(?:(?P<before>[^\W\d_]{2,})[\s_]+)?"
_ROMAN = re.compile(rf"{_BEFORE}(?P<roman>{'|'.join(_ROMANS)})(?:{_DIVIDED}|$)")
_LETTER = re.compile(rf"{_BEFORE}(?P<letter>[^\W\d_])(?:{_DIVIDED}|(?<=[\s_].)$)")
