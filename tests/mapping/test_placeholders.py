"""Cells that look filled and are empty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from funnel.core.engine import Engine
from funnel.mapping.cells import placeholders
from tests.columns import values, write


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


EMPTY = ["-", " -- ", "Select", "NONE", "null", "N/A", "#N/A", "NaN", "не выбрана", "Не Указано", "Date Not Captured",
         "keine Angabe", "Sin datos", "não informado", "غير محدد", "نامشخص", "ไม่ระบุ"]  # fmt: skip


@pytest.mark.parametrize("text", EMPTY)
def test_a_placeholder_is_empty(engine: Engine, text: str) -> None:
    write(engine, [text])
    assert values(engine, placeholders.cleaned('raw."created"')) == [None]
    assert placeholders.is_placeholder(text)


def test_a_value_loses_only_the_blanks_around_it(engine: Engine) -> None:
    write(engine, ["  Acme \t", "\u00a0New\u00a0deal\u200b", "Selected", "-5", "", "   ", None, "x" * 500])
    cleaned = values(engine, placeholders.cleaned('raw."created"'))
    assert cleaned == ["Acme", "New\u00a0deal", "Selected", "-5", None, None, None, "x" * 500]


def test_words_are_placeholders_only_among_dates_and_numbers(engine: Engine) -> None:
    words = ["NA", "unknown", "open", "не закрыта", "Não fechado"]
    write(engine, words)
    assert values(engine, placeholders.cleaned('raw."created"')) == words
    assert values(engine, placeholders.cleaned('raw."created"', typed=True)) == [None] * len(words)


def test_a_placeholder_fills_its_cell_and_blanks_do_not(engine: Engine) -> None:
    write(engine, ["-", "Select", " ", None, "Acme", "unknown"])
    assert values(engine, placeholders.filled('raw."created"')) == [True, True, False, False, True, True]
    cleaned = values(engine, placeholders.cleaned('raw."created"', typed=True))
    assert cleaned == [None, None, None, None, "Acme", None]


def test_the_list_holds_each_word_once_in_lower_case() -> None:
    words = placeholders.placeholder_words(typed=True)
    assert len(words) == len(set(words)) > 150
    assert all(word == word.lower().strip() for word in words)


def test_no_placeholder_looks_like_an_id():
    """`cleaned` takes a cell that begins with a letter or digit and ends in a digit as it stands."""
    assert not [word for word in placeholders.placeholder_words(typed=True) if word[-1].isdigit()]
