"""The words of dates: what the data files hold, and what headers say."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from funnel.mapping.cells import date_look, date_words

DATA = Path(__file__).resolve().parents[2] / "data"


def table(name: str) -> dict[str, dict[str, list[list[str]]]]:
    with (DATA / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def test_each_language_has_twelve_months_in_lower_case() -> None:
    for language, listed in table("months").items():
        assert len(listed["months"]) == 12, language
        for names in listed["months"]:
            assert names
            assert all(name == name.lower().strip().rstrip(".") for name in names), (language, names)


def test_only_croatian_gives_names_of_its_neighbours_another_month() -> None:
    meanings: dict[str, set[int]] = {}
    for listed in table("months").values():
        for number, names in enumerate(listed["months"], 1):
            for name in names:
                meanings.setdefault(date_words.key(name), set()).add(number)
    doubtful = {name for name, numbers in meanings.items() if len(numbers) > 1}
    assert doubtful == {"lip", "lis", "listopad", "listopada", "srp"}


def test_a_name_is_known_by_its_first_letters_where_they_mean_one_month() -> None:
    assert date_words.month_numbers(["juill", "septem", "Novem"]) == {"juill": 7, "septem": 9, "Novem": 11}
    # juin or juillet
    assert date_words.month_numbers(["jui"]) == {}
    assert date_words.month_numbers(["ja", "foo"]) == {}


@pytest.mark.parametrize(
    ("header", "timed"),
    [
        ("Date", True),
        ("createdAt", True),
        ("Close Date", True),
        ("Fecha de cierre", True),
        ("Дата создания", True),
        ("Datum", True),
        ("创建时间", True),
        ("날짜", True),
        ("ամսաթիվ", True),
        ("วันที่", True),
        ("Month", True),
        ("Created by", False),
        ("Last modified by ID", False),
        ("Days since created", False),
        ("Time in stage (days)", False),
        ("Response time", False),
        ("Amount", False),
        ("Week", False),
        ("Quarter", False),
        ("Candidate", False),
        ("ZIP", False),
        ("Version", False),
        ("Stage", False),
        ("", False),
    ],
)
def test_what_headers_say(header: str, timed: bool) -> None:
    assert date_look.is_timed(header) is timed
