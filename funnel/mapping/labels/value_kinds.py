"""What kind of value a text is that is no stage of a sale: a place, a reason, a role, a channel."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache

from funnel import catalogue
from funnel.core.spelling import normalised
from funnel.mapping.labels.vocabulary import stems, words

MOST = 0.5
"""From this share of its letters on that are words of a kind, a text is of that kind."""


def kind(text: str) -> str | None:
    """The kind of value a text is: "geography", "employment", "reason", "role", "product", "channel", "priority", "industry",
    "boolean", "gender" or "education"; None where it is none of these.

    Of several kinds it is the one listed first in data/value_kinds.toml; ask `kind_of_values` of a whole column. A text can be a
    stage as well: "hot", "warm" and "cold" are priorities here and stages to `labels.guess` (engagement, interest, awareness, with
    full confidence), "referral" is a channel and advocacy. So a column of such values has a high `labels.stage_share` and a high
    share of a kind; what stands beside them has to decide.
    """
    kinds = _kinds(text)
    return next((each for each in catalogue.value_kinds() if each in kinds), None)


def kind_of_values(values: Iterable[str]) -> tuple[str, float] | None:
    """The kind that most of these values are, and its share of them, above 0 up to 1; None where no value is of any kind.

    Blank values and such as say nothing ("other", "unknown") do not count. Of kinds with equal shares it is the one listed
    first.
    """
    telling = [value for value in values if value.strip() and normalised(value) not in _neutral()]
    counts = Counter(each for value in telling for each in _kinds(value))
    best = max(catalogue.value_kinds(), key=lambda each: counts[each])
    return (best, counts[best] / len(telling)) if counts[best] else None


def tell_of_addresses(values: Iterable[str]) -> bool:
    """Whether each of these values tells of an address ("bounced", "unverified"), but for those that say nothing."""
    telling = [normalised(value) for value in values if value.strip() and normalised(value) not in _neutral()]
    return bool(telling) and set(telling) <= _of_addresses()


def is_known(plain: str) -> bool:
    """Whether a normalised text is, as a whole, a word of some kind."""
    return stems(plain) in _phrases()


@lru_cache(maxsize=20_000)
def _kinds(text: str) -> frozenset[str]:
    """All kinds that a text is: by its code, as a whole, or by most of its letters."""
    plain = normalised(text)
    whole = _codes().get(text.strip(), frozenset()) | _phrases().get(stems(plain), frozenset())
    return whole or _by_words(plain)


def _by_words(plain: str) -> frozenset[str]:
    """The kinds whose words are most of a text, the longest phrases first; words that bind others do not count."""
    written, stemmed = plain.split(), stems(plain)
    covered: Counter[str] = Counter()
    total = index = 0
    while index < len(written):
        size = next(
            (size for size in range(_LONGEST, 0, -1) if stemmed[index : index + size] in _phrases()),
            0,
        )
        letters = sum(map(len, written[index : index + max(size, 1)]))
        if size:
            covered.update(dict.fromkeys(_phrases()[stemmed[index : index + size]], letters))
        if size or written[index] not in words("fillers") | words("prepositions"):
            total += letters
        index += max(size, 1)
    return frozenset(each for each, letters in covered.items() if letters >= MOST * total)


_LONGEST = 4
"""The most words that a phrase is looked for with inside a text."""


@lru_cache
def _phrases() -> dict[tuple[str, ...], frozenset[str]]:
    """The kinds of each text, by the stems of its words."""
    kinds_of: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for key, (texts, _) in catalogue.value_kinds().items():
        for text in texts:
            kinds_of[stems(normalised(text))].add(key)
    return {text: frozenset(kinds) for text, kinds in kinds_of.items()}


@lru_cache
def _codes() -> dict[str, frozenset[str]]:
    kinds_of: dict[str, set[str]] = defaultdict(set)
    for key, (_, codes) in catalogue.value_kinds().items():
        for code in codes:
            kinds_of[code].add(key)
    return {code: frozenset(kinds) for code, kinds in kinds_of.items()}


@lru_cache
def _neutral() -> frozenset[str]:
    return frozenset(normalised(text) for text in catalogue.neutral_values())


@lru_cache
def _of_addresses() -> frozenset[str]:
    return frozenset(normalised(text) for text in catalogue.address_states())
