"""The Forecast tab in the app: the answer, how right it was, a target, other months ahead, and what a file cannot carry."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from funnel import measures
from funnel.core.errors import QuestionError
from funnel.words import wording
from tests.pages.apps import choose, menu, opened, uploaded
from tests.pages.test_pages_target import LOG, page_text
from tests.thorough import thorough


def forecast(content: bytes = LOG, **query: str) -> AppTest:
    at = uploaded(content, page="forecast", **query)
    assert not at.exception
    return at


def heads(at: AppTest) -> list[str]:
    return [each.value.replace("\\", "").replace(wording.WORD_JOINER, "") for each in at.header]


def test_the_answer_stands_over_the_chart_and_what_was_told_earlier_beneath() -> None:
    at = forecast()
    told = heads(at)
    place = told.index("Wins by month, and what is expected")
    answer = told[place - 1]
    assert " wins expected in Jul 2026, likely " in answer
    assert len(answer.split()) <= 12
    assert told[place + 1 : place + 3] == ["How right was this?", "Is enough open for a target?"]
    assert "come from leads open today." in page_text(at)
    assert "Told 1 month ahead, " in page_text(at)
    choose(at, "forecast_right", "view", "table")
    (table,) = [each.value for each in at.dataframe if "Told on" in each.value]
    assert {"Wins expected", "80% range from", "Within the range"} < {*table}
    assert "Jun 2026" in [*table["Month"]]
    for key in ("forecast", "forecast_right"):
        assert menu(at, key)


def test_what_earlier_values_missed_by_stands_under_those_to_come() -> None:
    rows = LOG.decode().splitlines()
    priced = [
        f"{rows[0]},amount,currency",
        *(f"{row},{500 + 10 * (number % 7)},EUR" for number, row in enumerate(rows[1:])),
    ]
    at = forecast("\n".join(priced).encode())
    assert "What they are worth" in heads(at)
    assert "Value (EUR), told 1 month ahead: " in page_text(at)
    choose(at, "forecast_value_right", "view", "table")
    (table,) = [each.value for each in at.dataframe if "Value won" in each.value]
    assert [*table] == ["Month", "Told on", "Currency", "Value expected", "Value won"]
    assert {*table["Currency"]} == {"EUR"}


def test_a_target_is_told_where_one_is_wanted() -> None:
    at = forecast()
    assert "Coverage" not in page_text(at)
    (wanted,) = [box for box in at.main.number_input if box.key == "forecast_target_wins"]
    wanted.set_value(60).run()
    assert not at.exception
    assert "Of a target of 60 wins by 31 Dec 2026, 0 are won; " in page_text(at)
    assert "Coverage: " in page_text(at)
    (ahead,) = [pills for pills in at.main.button_group if pills.key == "forecast_months"]
    ahead.set_value("3").run()
    assert not at.exception
    assert "Of a target of 60 wins by 30 Sep 2026, 0 are won; " in page_text(at)


def test_months_further_than_the_history_carries_are_said() -> None:
    at = forecast(forecast_months="12 months")
    assert "so no range and no probability is told of it." in page_text(at)


def test_what_a_file_cannot_carry_is_said_in_a_sentence() -> None:
    news = [f"L-{n},New,2025-01-{n % 28 + 1:02d}" for n in range(30)]
    one_stage = forecast("\n".join(["lead_id,stage,changed_at", *news]).encode())
    assert "Choose a model with two stages or more" in page_text(one_stage)
    assert wording.say("pages.forecast.title_none") in heads(one_stage)


@thorough
def test_it_is_asked_only_where_it_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def refused(*_: object) -> None:
        asked.append(True)
        raise QuestionError("errors.no_start")

    monkeypatch.setattr(measures, "forecast", refused)
    assert not uploaded(LOG, page="stages").exception
    assert asked == []
    uploaded(LOG, page="forecast")
    assert asked


@thorough
def test_the_sample_has_values_and_a_target_in_money() -> None:
    at = opened(
        "forecast", sample="history", model="Standard B2B", forecast_in="Value, EUR", forecast_target_value="9000000"
    )
    assert not at.exception
    assert "What they are worth" in heads(at)
    assert "Of a target of EUR 9M by 31 Dec 2025, 0 are won; " in page_text(at)
