"""The pages in other languages: chosen, asked for by an address, understood from an address of another language."""

from __future__ import annotations

import re

import pytest

from funnel.words import wording
from pages.ui import language
from tests.pages.apps import metrics, opened, titles, uploaded
from tests.thorough import every, thorough

pytestmark = pytest.mark.usefixtures("opened_once")
OTHERS = [tag for tag in wording.languages() if tag != wording.SOURCE_LANGUAGE]
DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٬٫", "0123456789,.")


def numbers(text: str) -> list[str]:
    """The whole numbers of a text, however they are written."""
    return re.findall(r"\d+", re.sub(r"[,\u00a0\u202f](?=\d{3})", "", text.translate(DIGITS)))


@pytest.mark.parametrize("tag", OTHERS)
def test_the_page_speaks_the_language_of_its_address(tag: str) -> None:
    at = uploaded(lang=tag)
    (title,) = titles(at)
    with wording.speaking(tag):
        assert wording.say("pages.figures.open") in metrics(at)
    assert {"1", "4"} <= set(numbers(title))
    assert not re.search(r"\b(of|leads|won|entered)\b", title)


PAGES = ("overview", "segments", "trends", "pipeline", "models", "files")


@pytest.mark.parametrize(("page", "tag"), every(7, [(page, tag) for page in PAGES for tag in OTHERS]))
def test_every_page_can_be_shown_in_every_language(page: str, tag: str) -> None:
    at = uploaded(page=page, lang=tag)
    assert at.session_state["language_spoken"] == tag
    assert not re.search(r"\b(the|of|leads?|won)\b", titles(at)[0])


def test_a_choice_changes_what_is_read_and_not_what_is_counted() -> None:
    at = uploaded()
    before = metrics(at)
    at.button(key="speak_ru").click().run()
    assert not at.exception
    assert at.query_params["lang"] == "ru"
    after = metrics(at)
    assert [*after] != [*before]
    assert [sorted(numbers(value)) for value in after.values()] == [sorted(numbers(value)) for value in before.values()]


def test_an_address_of_another_language_is_understood() -> None:
    at = uploaded(lang="ru", funnel_tab="Paths", rule="Entered this stage")
    assert not at.exception
    assert at.segmented_control(key="funnel_tab").value == "paths"
    assert at.session_state["rule"] == "visited"


def test_words_of_the_data_are_in_no_language() -> None:
    with wording.speaking("ru"):
        english = wording.sentences("en")["pages.tabs.trend"]
        assert language.here("funnel_tab", str(english)) == wording.say("pages.tabs.trend")
        for name in ("by_column", "where_Trend", "split", "saved"):
            assert language.here(name, str(english)) == english


def test_an_unknown_language_is_english() -> None:
    at = uploaded(lang="xx")
    assert titles(at)[0].startswith("1 of 4 leads won")


@thorough
@pytest.mark.parametrize("tag", OTHERS)
def test_all_numbers_of_the_steps_are_those_of_english(tag: str) -> None:
    def told(at) -> list[list[str]]:  # type: ignore[no-untyped-def]
        return [sorted(numbers(value)) for value in metrics(at).values()]

    assert told(opened("funnel", sample="history", lang=tag)) == told(opened("funnel", sample="history"))
