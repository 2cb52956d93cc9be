"""Pages and commands in a language that is made of English at test time: what stands there without a mark is said past data/words."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from funnel.cli import command
from funnel.journeys.customers import CUSTOMER_AT_START
from tests import pseudo, uploads
from tests.pages.apps import MOVES, opened
from tests.thorough import every

pytestmark = pytest.mark.usefixtures("opened_once")
PLACES = [
    *(("funnel", tab) for tab in ("steps", "changes", "trend", "convert", "paths")),
    *(("segments", tab) for tab in ("each_step", "curves", "funnels", "scan")),
    *(("trends", tab) for tab in ("heat", "ages", "each_step")),
    *(("pipeline", tab) for tab in ("age", "bridge", "months", "stages", "forecast", "planner")),
    *(("models", tab) for tab in ("mapping", "scorecard", "process", "edit")),
    *(("files", tab) for tab in ("labels", "columns", "rows", "project")),
    ("overview", ""),
]
OF_THE_FILE = re.split(rb"[,\r\n]+", MOVES)
# A column that is made of every file has one name in all languages, as a file's own have: filters and links call it so.
OWN = [*(text.decode() for text in OF_THE_FILE), "Region", "Note", "moves.csv", "moves", "utf-8", CUSTOMER_AT_START]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[re.Pattern[str]]:
    """The language is offered meanwhile: what finds the texts of the file in it."""
    with pseudo.spoken(tmp_path_factory.mktemp("words")):
        yield pseudo.known(OWN)


def left(texts: Iterator[tuple[str, str]], known: re.Pattern[str]) -> list[str]:
    return [f"{kind}: {words} in {text[:200]!r}" for kind, text in texts if (words := pseudo.plain_words(text, known))]


@pytest.mark.parametrize(("page", "tab"), every(5, PLACES))
def test_all_that_a_page_says_stands_in_the_words(page: str, tab: str, known: re.Pattern[str]) -> None:
    at = opened(page, lang=pseudo.TAG)
    if tab:
        at.session_state[f"{page}_tab"] = tab
    uploads.upload(at, ("moves.csv", MOVES))
    assert not at.exception
    texts = list(pseudo.said_by(at))
    assert len(texts) > 50
    assert any("ł" in text for _, text in texts)
    assert left(iter(texts), known) == []


def test_what_is_said_past_the_words_is_found(known: re.Pattern[str]) -> None:
    assert pseudo.plain_words("ŵóñ Reached this", known) == ["Reached", "this"]
    assert pseudo.plain_words("<b>Closed won</b>: ŵóñ of it <br>Closed<br> won", known) == []
    assert pseudo.marked("{n:leads} of `x` [won](a/b)") == "{n:leads} óƒ `x` [ŵóñ](a/b)"


@pytest.mark.parametrize(
    "words", [("steps",), ("cohorts", "--period", "quarter"), ("segments", "--by", "region"), ("ask", "pipeline")]
)
def test_commands_say_no_name_of_the_program(
    words: tuple[str, ...], known: re.Pattern[str], tmp_path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "moves.csv"
    file.write_bytes(MOVES)
    assert command.main([*words, str(file), "--model", "standard", "--language", pseudo.TAG]) == 0
    said = capsys.readouterr().out
    # A model is called by its key, as the command asks for it.
    assert pseudo.plain_words(re.sub(r"\bstandard\b", " ", said), known) == []
