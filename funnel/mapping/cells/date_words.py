"""What a word in or above a date can mean: a month, a weekday, "de", "г.", "Uhr", "p. m."; read from data/."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache

from funnel.catalogue import normalised
from funnel.mapping.data_file import data_file

# A code of one letter for each kind of word; `date_grammar` writes its rules with them.
KINDS = {
    "before_day": "E", "ordinals": "O", "of": "F", "before_month": "U", "before_year": "B", "after_year": "A",
    "before_clock": "J", "hours": "H", "minutes": "M", "seconds": "S", "years": "年", "months": "月", "days": "日",
    "am": "P", "pm": "P",
}  # fmt: skip
LEAST_LETTERS = 3
"""So many letters of a month's name are a name for it."""
_ENGLISH = frozenset({"t", "at", "on", "the", "of", "am", "pm", "a.m", "p.m", "h", "hrs"})
MONTH, WEEKDAY, ZONE = "N", "W", "Z"

# Any short name in capitals, such as EST, CET, MSK, PT; never AM and PM.
_ZONE = re.compile(r"[A-Z]{3,5}|[A-Z][A-LN-Z]|[Zz]|utc|gmt")
# A run of letters, with full stops inside for "ม.ค." and "p.m.".
_WORD = r"[^\W\d_](?:[^\s\d\-/,.:()\[\]+'’|]|\.(?=[^\s\d\-/,.:()\[\]+'’|]))*"
_WORDLESS_SCRIPTS = "\u0e00"
"""From here on, scripts are written without blanks between words (Thai, Lao, Chinese, Japanese), or cut like them."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def key(word: str) -> str:
    """A word as it is compared, without case and accents."""
    return normalised(word.replace("ı", "i"))


@lru_cache(maxsize=10_000)
def kinds(word: str) -> str:
    """The codes of what the word may mean, "" where it is none of a date's words."""
    codes = _kinds().get(key(word), "")
    return codes + ZONE if _ZONE.fullmatch(word) else codes


@cache
def pattern() -> str:
    """A regular expression of one word: a known one that blanks, hyphens or its script would cut wrongly, or any run of letters."""
    cut = [word for word in _spellings() if not re.fullmatch(_WORD, word) or word >= _WORDLESS_SCRIPTS]
    alternatives = (
        re.escape(word).replace(r"\ ", r"\s") + (r"(?![^\W\d_])" if "A" <= word[-1] < _WORDLESS_SCRIPTS else "")
        for word in sorted(cut, key=len, reverse=True)
    )
    return f"(?i:{'|'.join(alternatives)})|{_WORD}"


def english(word: str) -> str | None:
    """The format in which the engine reads this English month, %b or %B; None for other words."""
    long = [names[0] for names in data_file("months")["en"]["months"]]
    lower = word.lower()
    return "%b" if lower in [name[:3] for name in long] else "%B" if lower in long else None


def english_weekday(word: str) -> str | None:
    """The format in which the engine reads this English weekday, %a or %A; None for other words."""
    lower = word.lower()
    long = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return "%A" if lower in long else "%a" if lower in [day[:3] for day in long] else None


def is_english(word: str) -> bool:
    """Whether a word beside a date of digits can be English; "a.m." is, "a. m." is Spanish."""
    return english_weekday(word.strip("().")) is not None or word.lower().rstrip(".") in _ENGLISH


def month_numbers(names: Iterable[str]) -> dict[str, int]:
    """The number of each of these names of months, which stand in one column; Jalali months count from Farvardin.

    "listopad" is October in Croatian and November in Polish: such a name is read in the language that knows most of the
    names, and is left out where that does not tell.
    """
    meanings = {name: _months().get(key(name), {}) for name in names}
    names_known = Counter(
        language for meaning in meanings.values() for languages in meaning.values() for language in languages
    )
    numbers = {}
    for name, meaning in meanings.items():
        best = {number: max(names_known[language] for language in languages) for number, languages in meaning.items()}
        likeliest = [number for number, count in best.items() if count == max(best.values())]
        if len(likeliest) == 1:
            numbers[name] = likeliest[0]
    return numbers


def is_thai(name: str) -> bool:
    """Whether a name of a month is Thai, whose years are Buddhist."""
    return any("th" in languages for languages in _months().get(key(name), {}).values())


def is_afternoon(word: str) -> bool:
    """Whether a word for a half of the day means the second."""
    return key(word) in {key(afternoon) for afternoon in data_file("date_words")["words"]["pm"]}


@cache
def half_day_endings() -> tuple[str, ...]:
    """The ASCII letters in which words for a half of the day end, in either case."""
    words = data_file("date_words")["words"]
    return tuple(
        sorted(
            {form for word in words["am"] + words["pm"] if word[-1].isascii() for form in (word[-1], word[-1].upper())}
        )
    )


@lru_cache(maxsize=10_000)
def says_time(header: str) -> bool:
    """Whether a header is of times ("Created", "Fecha de cierre"), so that bare digits below it may be dates."""
    text = _header(header)
    headers = data_file("date_words")["headers"]
    return any(key(stem) in text for stem in headers["time"]) or _has(text, headers["time_words"])


@lru_cache(maxsize=10_000)
def says_other(header: str) -> bool:
    """Whether a header is of something that is no time: an id, a phone number, an amount."""
    return _has(_header(header), data_file("date_words")["headers"]["other_words"])


@lru_cache(maxsize=10_000)
def says_span(header: str) -> bool:
    """Whether a header is of how long something took."""
    return _has(_header(header), data_file("date_words")["headers"]["span_words"])


def _header(header: str) -> str:
    return f" {key(_CAMEL.sub(' ', header))} "


def _has(text: str, words: Iterable[str]) -> bool:
    return any(f" {key(word)} " in text for word in words)


@cache
def _months() -> dict[str, dict[int, frozenset[str]]]:
    """Name of a month, or its first three letters or more → its number → the languages that mean it so."""
    whole: dict[str, dict[int, frozenset[str]]] = {}
    begun: dict[str, dict[int, frozenset[str]]] = {}
    for language, listed in data_file("months").items():
        for number, names in enumerate(listed["months"], 1):
            for name in map(key, names):
                for table, end in [(whole, len(name)), *((begun, end) for end in range(LEAST_LETTERS, len(name)))]:
                    numbers = table.setdefault(name[:end], {})
                    numbers[number] = numbers.get(number, frozenset()) | {language}
    return begun | whole


@cache
def _kinds() -> dict[str, str]:
    codes: dict[str, str] = {}

    def add(word: str, code: str) -> None:
        before = codes.setdefault(key(word), "")
        if code not in before:
            codes[key(word)] = before + code

    for name in _months():
        add(name, MONTH)
    words = data_file("date_words")
    for kind, listed in words["words"].items():
        for word in listed:
            add(word, KINDS[kind])
    for listed in words["weekdays"].values():
        for word in listed:
            add(word, WEEKDAY)
    return codes


def _spellings() -> set[str]:
    words = data_file("date_words")
    months = (name for language in data_file("months").values() for names in language["months"] for name in names)
    return {*months, *(word for group in ("words", "weekdays") for listed in words[group].values() for word in listed)}
