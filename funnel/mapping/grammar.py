"""Headers by their grammar: qualifier + head noun + unit. `deal_size_usd`, `assigned_rep_id`, `importe_eur`, `data_criacao`.

The words stand in data/headers.toml. A header says what a column could be; what it holds says whether it is that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from funnel import catalogue
from funnel.mapping.contracts import is_contract_date
from funnel.mapping.headers import words

SURE, LIKELY = 1.0, 0.7
"""Every word of the header is known; some qualifier is not."""
LONGEST_PHRASE = 3
SHORTEST_COMPOUND = 5
HAN_OR_KANA = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
SIGNS = {
    "$": " usd ",
    "€": " eur ",
    "£": " gbp ",
    "₽": " rub ",
    "₹": " inr ",
    "¥": " jpy ",
    "#": " number ",
    "№": " number ",
    "%": " percent ",
}


@lru_cache
def words_of(*kinds: str) -> frozenset[str]:
    """The words of some classes of the vocabulary, as headers are compared; data/headers.toml says what each class is for."""
    return _written(text for kind in kinds for text in catalogue.header_words(kind))


def says(header: str, *kinds: str) -> bool:
    """Whether a word or phrase of a header is of one of these classes."""
    return not words_of(*kinds).isdisjoint(tokens(header))


def spells(header: str, *kinds: str) -> bool:
    """Whether a word of a header is, whatever it means in a phrase."""
    return not words_of(*kinds).isdisjoint(words(header))


def is_known_late(header: str) -> bool:
    """Whether a header is of what is filled in, or changed, as a deal ends: a reason of loss, a probability, an activity, a contract."""
    if is_contract_date(header):
        return True
    return holds(header, words_of("known_late", "reasons", "chances") | events("touched") | events("latest"))


def holds(header: str, vocabulary: frozenset[str]) -> bool:
    """Whether a header has one of these words or phrases."""
    if not vocabulary.isdisjoint({*words(header), *tokens(header)}):
        return True
    # Han and kana are written without blanks.
    return any(HAN_OR_KANA.match(word) and word in header for word in vocabulary)


class Heads(NamedTuple):
    """The head nouns of a part: of all languages, of those in which they stand first in a header, and of those in which they stand last."""

    every: frozenset[str]
    leading: frozenset[str]
    trailing: frozenset[str]


@lru_cache
def _heads(part: str) -> Heads:
    first = set(catalogue.header_words("head_first"))
    sides: dict[bool, set[str]] = {True: set(), False: set()}
    for language, texts in catalogue.header_heads(part).items():
        sides[language in first] |= _written(texts)
    return Heads(frozenset(sides[True] | sides[False]), frozenset(sides[True]), frozenset(sides[False]))


def heads(part: str) -> frozenset[str]:
    """The head nouns of a part, of all languages."""
    return _heads(part).every


def _written(texts: Iterable[str]) -> frozenset[str]:
    """Words of the vocabulary as headers are compared."""
    return frozenset(map(catalogue.normalised, texts))


@lru_cache
def _known() -> frozenset[str]:
    """Every word and phrase of the vocabulary."""
    classes = ("units", "joints", "entities", "qualifiers", "others", "not_of_the_deal", "planned", "counts")
    vocabulary = {*words_of(*classes, "reminders", "snapshots", "valid_from", "valid_to")}
    vocabulary |= {text for part in catalogue.header_parts() for text in heads(part)}
    vocabulary |= _pair("old") | _pair("new")
    return frozenset(vocabulary | events("created") | events("closed") | events("touched"))


@lru_cache
def events(kind: str) -> frozenset[str]:
    """The words that say of a date that it is of the making ("created"), of the end ("closed"), or of any change ("touched")."""
    return _written(catalogue.header_events(kind))


@lru_cache(maxsize=20_000)
def tokens(header: str) -> tuple[str, ...]:
    """The words of a header as the vocabulary has them: phrases are one, compounds are taken apart, digits are left out."""
    text = "".join(SIGNS.get(sign, sign) for sign in header)
    single = [part for word in words(text) if not word.isdigit() for part in _apart(word)]
    phrases: list[str] = []
    index = 0
    while index < len(single):
        for size in range(min(LONGEST_PHRASE, len(single) - index), 0, -1):
            phrase = " ".join(single[index : index + size])
            if size == 1 or phrase in _known():
                phrases.append(phrase)
                index += size
                break
    return tuple(phrases)


def _apart(word: str) -> list[str]:
    """A word that is not known as the known words that it is written together from, if it is: closedate → close, date.

    German joins some with an s (Angebotswert); of a word of Han or kana its known end is told apart (合同金额 → 合同, 金额).
    """
    if word in _known() or word in _within_phrases() or (word.isascii() and len(word) < SHORTEST_COMPOUND):
        return [word]
    best: list[list[str] | None] = [[]] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 16), end):
            before, piece = best[start], _piece(word[start:end], end < len(word))
            if before is None or piece is None:
                continue
            if best[end] is None or len(before) + 1 < len(best[end] or []):
                best[end] = [*before, piece]
    pieces = best[len(word)]
    # Of Latin letters two in one word may be an "id" or "is"; more such pieces are chance (localidad).
    if pieces is not None and len(pieces) <= 4 and (not word.isascii() or sum(len(each) < 3 for each in pieces) <= 1):
        return pieces
    ends = [index for index in range(1, len(word) - 1) if HAN_OR_KANA.search(word) and word[index:] in _known()]
    return [word[: ends[0]], word[ends[0] :]] if ends else [word]


def _piece(text: str, inside: bool) -> str | None:
    """The known word that a piece of a compound is; `inside` it, an s may join it to the next."""
    if len(text) < (2 if text.isascii() else 1):
        return None
    if text in _known():
        return text
    bare = text.removesuffix("s")
    return bare if inside and len(bare) >= SHORTEST_COMPOUND and bare in _known() else None


@lru_cache
def _within_phrases() -> frozenset[str]:
    """The words that phrases of the vocabulary are made of: "report" of "report date" is no compound."""
    return frozenset(word for phrase in _known() if " " in phrase for word in phrase.split())


def _content(header: str) -> list[str]:
    """The words of a header that say what its column is of: neither units nor the small words between."""
    return [word for word in tokens(header) if word not in words_of("units", "joints")]


@lru_cache(maxsize=20_000)
def strength(header: str, part: str) -> float:
    """How much a header speaks for a part ("amount", "owner", "account", "label", "outcome"): SURE, LIKELY or 0."""
    phrases, content = tokens(header), _content(header)
    if not content or (part == "amount" and set(phrases) & words_of("codes")):
        return 0.0
    head = _head(part, content, bool(set(phrases) & words_of("of_words")))
    if head is None or _vetoed(part, content, head, phrases):
        return 0.0
    rest = [word for index, word in enumerate(content) if index != head]
    unknown = [word for word in rest if word not in _plain()]
    # An account's value may be all that it ever bought.
    return LIKELY if unknown or (part == "amount" and "account" in rest) else SURE


def _head(part: str, content: list[str], with_of: bool) -> int | None:
    """The place of the head noun: the last word that is no mere qualifier; in languages where it leads, the first."""
    last, leading, trailing = _heads(part)
    only_leading = content[0] not in trailing
    if content[0] in leading and (with_of or only_leading or all(word in _plain() for word in content[1:])):
        return 0
    index = len(content) - 1
    # "stage before" and "status (old)" are of labels too.
    beside = words_of("qualifiers") | (_pair("old") | _pair("new") if part == "label" else frozenset())
    while index and content[index] not in last and content[index] in beside:
        index -= 1
    return index if content[index] in last and not with_of else None


@lru_cache(maxsize=20_000)
def head_rank(header: str, part: str) -> int:
    """The place of a header's head noun among those of its part: an amount before a budget, an owner before an agent."""
    phrases = set(tokens(header))
    ranks = [
        rank
        for texts in catalogue.header_heads(part).values()
        for rank, text in enumerate(texts)
        if catalogue.normalised(text) in phrases
    ]
    return min(ranks, default=len(phrases) + 100)


@lru_cache
def _plain() -> frozenset[str]:
    """Words that may stand beside a head and change nothing."""
    return words_of("entities", "qualifiers", "planned") | heads("account") | heads("date")


def _vetoed(part: str, content: list[str], head: int, phrases: tuple[str, ...]) -> bool:
    rest = {word for index, word in enumerate(content) if index != head}
    if rest & words_of("others") or _is_count(phrases):
        return True
    if part == "amount":
        # What a customer turns over, or advertising costs, is no value of a deal.
        theirs = heads("account") - words_of("qualifiers", "entities") | {"company", "customer", "client"}
        return bool(rest & (words_of("not_of_the_deal") | theirs))
    if part == "account" and head:
        # "Amount in company currency" is of money, whoever's.
        return content[0] in heads("amount") - {"total"}
    if part == "owner":
        # Who made or last changed a line, and whom the other side's people are, is nobody's owner.
        return bool(rest & events("touched")) or bool({"created", "modified"} & set(phrases))
    return False


def _is_count(phrases: tuple[str, ...]) -> bool:
    """Whether the words say how many, not which: "Number of reps", "Anzahl der Angebote"; not "Nombre del cliente", of one."""
    if phrases[0] not in words_of("how_many") or not set(phrases[1:2]) & (words_of("of_words") | {"of", "der"}):
        return False
    is_one = phrases[-1] in _heads("account").leading | words_of("entities") and not phrases[-1].endswith("s")
    return not (is_one and phrases[0] in words_of("how_many_or_which"))


def counts_leads(header: str) -> bool:
    """Whether a header is of how many there are: "Cantidad", "leads", "total_applications"."""
    small = words_of("joints") | {"total", "num", "number", "no"}
    content = [word for word in tokens(header) if word not in small]
    things = words_of("entities") | {"won", "lost", "open", "closed"}
    if len(content) > 1 and content[-1] in words_of("counts") and all(word in things for word in content[:-1]):
        return True
    return bool(content) and all(word in words_of("counts") for word in content)


def side(header: str) -> str | None:
    """Whether a header of labels or values is of where a lead came from ("old") or of where it went ("new"); None where it says neither."""
    phrases = tokens(header)
    sides = [name for name in ("old", "new") if set(phrases) & _pair(name)]
    return sides[0] if len(sides) == 1 else None


@lru_cache
def _pair(name: str) -> frozenset[str]:
    return _written(catalogue.header_pairs(name))


def is_priced(header: str) -> bool:
    """Whether a sign of money stands in a header: "Deal $" is what a deal is worth."""
    return any(sign in header for sign in "$€£₽₹¥")


def is_entity(header: str, *, also: frozenset[str] = frozenset()) -> bool:
    """Whether a header is the id, number or name of what leads are: `opp_id`, "Deal Name", `id_oportunidade`, "Lead".

    Words of `also` count as such things too.
    """
    # "Associated Deal ID" and "Record ID - Deal" are of the deal.
    content = [word for word in _content(header) if word not in words_of("beside_entities")]
    known = words_of("entities") | also
    return bool(content) and not is_priced(header) and not _is_count(tokens(header)) and known >= set(content)


def says_id(header: str) -> bool:
    """Whether a header calls its column an id, code or number."""
    codes = words_of("codes") - {"email", "mail", "domain", "domains"}
    return not codes.isdisjoint(tokens(header)) or says(header, "numbers")
