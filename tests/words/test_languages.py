"""Every language says all that the English file says, with the same fields, in the plural forms of its own."""

from __future__ import annotations

import re
import string
from datetime import date

import pytest
from babel import Locale

from funnel.cli import command
from funnel.words import directions, wording

OTHERS = [tag for tag in wording.languages() if tag != wording.SOURCE_LANGUAGE]
FORMS = {"ru": {"one", "few", "many", "other"}, "ar": {"zero", "one", "two", "few", "many", "other"}}
"""The plural forms of CLDR; other languages here have "one" and "other", or "other" alone."""


@pytest.fixture(scope="module")
def of_help() -> set[str]:
    """The sentences that are nothing but help of the command line, which stays English."""
    asked: set[str] = set()
    say = wording.say

    def noting(key: str, /, **values: object) -> str:
        asked.add(key)
        return say(key, **values)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(wording, "say", noting)
        command._parser([])
        command._parser(["ask"])
    return {key for key in asked if key.startswith("command.")}


def fields(template: str) -> dict[str, str]:
    return {name: spec or "" for _, name, spec, _ in string.Formatter().parse(template) if name is not None}


def test_all_languages_of_the_mission_are_there():
    assert set(wording.languages()) == {"en", "ru", "hy", "ar", "fa", "th"}


@pytest.mark.parametrize("tag", OTHERS)
def test_nothing_is_missing_and_nothing_too_much(tag: str, of_help: set[str]) -> None:
    english, own = wording.sentences("en"), wording.sentences(tag)
    units = {key for key in own if key.startswith("counts.")}
    missing = english.keys() - own.keys() - of_help
    assert not missing, f"{len(missing)}: {sorted(missing)[:20]}"
    extra = own.keys() - english.keys() - units
    assert not extra, sorted(extra)[:20]


@pytest.mark.parametrize("tag", OTHERS)
def test_a_sentence_has_the_fields_of_the_english_one(tag: str) -> None:
    english, own = wording.sentences("en"), wording.sentences(tag)
    usual = {"number", "significant", "percent", "days", "money", "date", "month", "year", "list", ""}
    for key, sentence in own.items():
        if not isinstance(sentence, str) or key not in english:
            continue
        theirs, ours = fields(str(english[key])), fields(sentence)
        assert theirs.keys() == ours.keys(), key
        for name, spec in theirs.items():
            # A unit may stand in another case, or without its noun; what is a number, a date or a list stays one.
            is_number = spec not in usual and ours[name] not in usual - {"number"}
            assert ours[name] == spec or is_number, f"{key}: {name}"


@pytest.mark.parametrize("tag", OTHERS)
def test_units_have_the_plural_forms_of_the_language(tag: str) -> None:
    forms = FORMS.get(tag) or {*Locale.parse(tag).plural_form.rules, "other"}
    for key, unit in wording.sentences(tag).items():
        if isinstance(unit, dict):
            assert set(unit) == forms, key


@pytest.mark.parametrize("tag", OTHERS)
def test_no_sentence_is_left_in_english(tag: str) -> None:
    """Of sentences of six words or more; names of products, menus and formats may be all there is to some."""
    english, own = wording.sentences("en"), wording.sentences(tag)
    same = [
        key
        for key, sentence in own.items()
        if isinstance(sentence, str) and len(sentence.split()) >= 6 and sentence == english.get(key)
    ]
    assert same == []


@pytest.mark.parametrize(
    ("tag", "number", "percent", "day"),
    [
        ("en", "1,234.5", "9.4%", "1 Jul 2025"),
        ("ru", "1\u00a0234,5", "9,4\u00a0%", "1 июл. 2025"),
        ("ar", "1,234.5", "9.4%", "1 يوليو 2025"),
        ("fa", "۱٬۲۳۴٫۵", "۹٫۴٪", "۱۰ تیر ۱۴۰۴"),
        ("th", "1,234.5", "9.4%", "1 ก.ค. 2568"),
    ],
)
def test_numbers_and_days_are_written_as_the_language_does(tag: str, number: str, percent: str, day: str) -> None:
    with wording.speaking(tag):
        assert wording.number(1234.5) == number
        # Marks of direction around it have no width; where they stand, tests/words/test_directions.py says.
        assert directions.bare(wording.percent(0.094)) == percent
        assert wording.day(date(2025, 7, 1)) == day


def test_persian_answers_have_persian_digits_and_percents_alone() -> None:
    """What is typed, or is part of a name, may have others; no sentence of an answer, chart or table does."""
    told = ("measures.", "telling.", "charts.", "sections.", "tables.", "report.names.")
    mixed = [
        key
        for key, sentence in wording.sentences("fa").items()
        if isinstance(sentence, str)
        and key.startswith(told)
        and any(re.search("[0-9%]", literal) for literal, *_ in string.Formatter().parse(sentence))
    ]
    assert mixed == []
    with wording.speaking("fa"):
        assert directions.bare(wording.percent(1e30)) == "۱E۳۲٪"
        assert directions.bare(wording.say("charts.periods_tick", n=12.5)) == "۱۲٫۵٪"
