"""Texts for people: every sentence can be said, and numbers read as people write them."""

from __future__ import annotations

import ast
import builtins
import string
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from funnel.words import wording

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = {
    "number": 3,
    "percent": 0.25,
    "days": 3.5,
    "money": 1200,
    "date": date(2023, 7, 1),
    "month": date(2023, 7, 1),
    "year": date(2023, 7, 1),
}


def templates() -> dict[str, str]:
    words = wording.read_words(wording.FOLDER / "en.toml")
    return {key: text for key, text in words.items() if isinstance(text, str) and not key.startswith("formats.")}


def fields(template: str) -> dict[str, str]:
    return {name: spec or "" for _, name, spec, _ in string.Formatter().parse(template) if name is not None}


def sources() -> list[Path]:
    return [ROOT / "app.py", *sorted((ROOT / "funnel").rglob("*.py")), *sorted((ROOT / "pages").rglob("*.py"))]


def said(path: Path) -> Iterator[tuple[int, str, set[str] | None]]:
    """(line, key, the names of the values; None where they cannot be read off) of each sentence that a module says."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(call, ast.Call) or not call.args or not isinstance(call.args[0], ast.Constant):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        key = call.args[0].value
        ours = name in ("say", "Note", "Interrupted") or (name.endswith("Error") and not hasattr(builtins, name))
        if not ours or not isinstance(key, str):
            continue
        keywords = {word.arg for word in call.keywords}
        given: set[str] | None = {word for word in keywords if word is not None}
        if None in keywords:
            given = None
        if name == "Note":
            values = call.args[1] if len(call.args) > 1 else None
            constant = isinstance(values, ast.Dict) and all(isinstance(each, ast.Constant) for each in values.keys)
            given = {str(each.value) for each in values.keys} if constant else set() if values is None else None
        yield call.lineno, key, given


def test_every_sentence_can_be_said() -> None:
    for key, template in templates().items():
        values = {
            name: EXAMPLES.get(spec, ["a"] if spec == "list" else 2 if spec else "a")
            for name, spec in fields(template).items()
        }
        text = wording.say(key, **values)
        assert text.strip(), key
        assert "{" not in text, key


def test_every_sentence_that_the_code_says_is_written_and_gets_its_values() -> None:
    known = templates()
    wrong = []
    for path in filter(Path.exists, sources()):
        for line, key, given in said(path):
            place = f"{path.relative_to(ROOT)}:{line}"
            if key not in known:
                wrong.append(f"{place}: no sentence {key!r}")
            elif given is not None and fields(known[key]).keys() - given:
                wrong.append(f"{place}: {key!r} needs {sorted(fields(known[key]).keys() - given)}")
    assert wrong == []


def test_an_unknown_sentence_and_a_missing_value_are_errors() -> None:
    with pytest.raises(KeyError, match="no sentence"):
        wording.say("errors.nowhere")
    with pytest.raises(KeyError, match="needs a value for 'found'"):
        wording.say("errors.catalogue_toml", file="a.toml")


def test_a_sentence_not_translated_is_said_in_english() -> None:
    with wording.speaking("xx"):
        assert wording.say("errors.interrupted") == "Stopped."
    assert wording.languages()[0] == "en"


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.0432, "0.043"), (0.00135, "0.0014"), (0.5, "0.5"), (0.0995, "0.1"), (0.99, "0.99"), (0.0000123, "0.000012")],
)
def test_a_p_value_has_two_digits(p: float, text: str) -> None:
    assert wording.say("telling.chance", p=p) == f"p = {text}"


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (0, "0%"),
        (0.00001, "<0.1%"),
        (0.0005, "0.1%"),
        (0.094, "9.4%"),
        (0.09949, "9.9%"),
        (0.0996, "10%"),
        (0.02, "2%"),
        (0.125, "13%"),
        (0.285, "29%"),
        (0.994, "99%"),
        (0.9951, "99.5%"),
        (0.99999, "99.9%"),
        (1, "100%"),
        (-0.05, "-5%"),
        (1.5, "150%"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_percent(fraction: float | None, text: str) -> None:
    assert wording.percent(fraction) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 days"),
        (0.00001, "under a minute"),
        (0.01, "14 minutes"),
        (0.05, "1.2 hours"),
        (0.44, "11 hours"),
        (1, "1 day"),
        (1.04, "1 day"),
        (3.4, "3.4 days"),
        (9.97, "10 days"),
        (12.5, "13 days"),
        (59.4, "59 days"),
        (60, "2 months"),
        (125, "4.1 months"),
        (720, "23.7 months"),
        (731, "2 years"),
        (840, "2.3 years"),
        (397_966, "1,090 years"),
        (None, "–"),
    ],
)
def test_days(value: float | None, text: str) -> None:
    assert wording.days(value) == text


def test_money() -> None:
    assert wording.money(1_234_567) == "1.2M"
    assert wording.money(999_999) == "1M"
    assert wording.money(12_345.6, "EUR") == "€12.3K"
    assert wording.money(-45_000, "$") == "-$45K"
    assert wording.money(1_234_567, "XYZ") == "XYZ\u00a01.2M"
    assert wording.money(950) == "950"
    assert wording.money(0) == "0"
    assert wording.money(None) == "–"


def test_numbers_dates_and_lists() -> None:
    assert wording.number(12_000) == "12,000"
    assert wording.number(1234.567) == "1,234.57"
    with wording.speaking("ru"):
        assert wording.number(12_000) == "12\u00a0000"
        assert wording.percent(0.094) == "9,4\u00a0%"
    assert wording.number(12_000) == "12,000"
    assert wording.day(date(2023, 7, 1)) == "1 Jul 2023"
    assert wording.day(date(2023, 7, 1), year=False) == "1 Jul"
    assert wording.month(datetime(2023, 9, 30, 12)) == "Sep 2023"
    assert wording.month_name(4) == "April"
    assert wording.day(None) == "–"
    assert wording.day(pd.NaT) == "–"
    assert wording.listed(["a", "b", "c"]) == "a, b, and c"


def test_units_take_the_right_plural(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "en.toml").write_text(
        '[counts]\nleads = { one = "{n} lead", other = "{n} leads" }\n[pages]\nfound = "Found {n:leads} of {name}."\n'
    )
    (tmp_path / "ru.toml").write_text(
        '[counts]\nleads = { one = "{n} лид", few = "{n} лида", many = "{n} лидов", other = "{n} лида" }\n'
        '[pages]\nfound = "Найдено: {n:leads}."\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(wording, "FOLDER", tmp_path)
    caches = (wording._words, wording.languages)
    for cached in caches:
        cached.cache_clear()
    try:
        found = []
        for language in ("en", "ru"):
            with wording.speaking(language):
                found += [wording.say("pages.found", n=n, name="a") for n in (1, 3, 5, 12_000)]
        assert found == [
            "Found 1 lead of a.",
            "Found 3 leads of a.",
            "Found 5 leads of a.",
            "Found 12,000 leads of a.",
            "Найдено: 1 лид.",
            "Найдено: 3 лида.",
            "Найдено: 5 лидов.",
            "Найдено: 12\u00a0000 лидов.",
        ]
        assert wording.say("pages.found", n=None, name=None) == "Found – leads of –."
    finally:
        for cached in caches:
            cached.cache_clear()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[pages]\na = 3\n", "words.toml, pages.a: a sentence is text in quotes, not 3"),
        ('[pages]\na = "{x"\n', "words.toml, pages.a: "),
        ('[pages]\na = "{x:leeds}"\n', "words.toml, pages.a: 'leeds' is neither a format nor a unit of [counts]"),
        ('[pages]\na = "{x.y}"\n', "words.toml, pages.a: {x.y} is no name of a value"),
        ('[counts]\nleads = { one = "{n} lead" }\n', "words.toml, counts.leads: a unit is a table of plural forms"),
        (
            '[counts]\nleads = { other = "leads" }\n',
            "words.toml, counts.leads.other: a plural form is text with {n} in it",
        ),
        ("[pages\n", "words.toml: "),
    ],
)
def test_a_wrong_file_of_words_names_file_and_key(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "words.toml"
    path.write_text(content)
    with pytest.raises(wording.WordingError) as caught:
        wording.read_words(path)
    assert str(caught.value).startswith(message)


def test_markdown_is_shown_as_written() -> None:
    joiner = wording.WORD_JOINER
    assert wording.escape_markdown("![x](http://a.b/c.png)") == rf"\!\[x\]\(http\:{joiner}\/\/a\.b\/c\.png\)"
    assert wording.escape_markdown("WWW.evil.example me@a.b") == rf"WWW{joiner}\.evil\.example me\@{joiner}a\.b"
    assert wording.escape_markdown("# h\n\n1. x :red[y] $z$") == rf"\# h 1\. x \:{joiner}red\[y\] \$z\$"
    assert wording.escape_markdown("می\u200cخواهم") == "می\u200cخواهم"


def test_plain_drops_what_hides_or_turns_text() -> None:
    assert wording.plain("a\x00b\x1b[31m\u202egpj.exe\u2066\ufeff") == "ab[31mgpj.exe"
    assert wording.plain("one\r\n\ttwo\u2028three") == "one two three"
    assert wording.plain("علاقه\u200cمند") == "علاقه\u200cمند"


@pytest.mark.parametrize(
    ("value", "number", "percent", "days", "money"),
    [
        (1e30, "1E30", "1E32%", "2.7E27 years", "1E30"),
        (-2.5e300, "-2.5E300", "-2.5E302%", "-6.8E297 years", "-2.5E300"),
        (10**400, "1E400", "1E402%", "2.7E397 years", "1E400"),
        (10**21, "1E21", "1E23%", "2,737,850,787,132,101,300 years", "1E21"),
        (10**20, "100,000,000,000,000,000,000", "10,000,000,000,000,000,000,000%", "273,785,078,713,210,130 years", "100000000T"),
        ("1e999999", "1E999999", "1E1000001%", "2.7E999996 years", "1E999999"),
        ("-1e999999999", "-1E999999999", "-1E1000000001%", "-2.7E999999996 years", "-1E999999999"),
        ("1e-999999", "0", "<0.1%", "under a minute", "0"),
        ("3" * 100_000, "3.3E99999", "3.3E100001%", "9.1E99996 years", "3.3E99999"),
        ("0." + "3" * 100_000, "0.33", "33%", "8 hours", "0.3"),
    ],
    ids=range(10),
)  # fmt: skip
def test_numbers_beyond_counting_are_told_by_their_powers_of_ten_in_a_moment(
    value: object, number: str, percent: str, days: str, money: str
) -> None:
    began = time.process_time()
    told = [wording.number(value), wording.percent(value), wording.days(value), wording.money(value)]
    for language in wording.languages():
        with wording.speaking(language):
            wording.say("project.saved", file="x", leads=value)
    assert time.process_time() - began < 10
    assert told == [number, percent, days, money]


def test_the_kinds_of_what_a_sentence_is_filled_with_are_known() -> None:
    text, number, moment = wording.Kind.TEXT, wording.Kind.NUMBER, wording.Kind.MOMENT
    said = (("title", text), ("leads", number), ("day", moment), ("time", text))
    assert wording.fields("pages.kept.entry") == said
    assert wording.fields("project.two") == (("files", wording.Kind.LIST),)
    for unknown in ("no.such", "counts.leads", ""):
        with pytest.raises(KeyError):
            wording.fields(unknown)
