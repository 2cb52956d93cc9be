"""The tab "What changed" of the Funnel page: the days of the strip against an earlier period."""

from __future__ import annotations

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from pages.strip import comparison
from tests.pages.apps import dated, opened, uploaded
from tests.thorough import thorough


def _compared(at: AppTest, first: date, last: date, to: str) -> AppTest:
    dated(at.slider, "started").set_range(first, last)
    at.session_state["compare"] = to
    return at.run()


def _section(at: AppTest) -> list[str]:
    return [header.value for header in at.header if header.value.startswith("Against")]


@thorough
def test_a_quarter_of_the_sample_stands_against_the_one_before_and_the_year_before() -> None:
    at = _compared(opened("changes", sample="history"), date(2025, 1, 1), date(2025, 3, 31), "before")
    assert not at.exception
    assert _section(at) == ["Against 1 Oct 2024 – 31 Dec 2024"]
    told = [each.value for each in at.caption if "Too early" in each.value]
    assert len(told) == 1
    assert "all are that old on 28 Sep 2025" in told[0]
    at.session_state["compare"] = "year"
    assert _section(at.run()) == ["Against 1 Jan 2024 – 31 Mar 2024"]
    # Where nothing is chosen the tab compares with the period before.
    at.session_state["compare"] = "none"
    assert _section(at.run()) == ["Against 1 Oct 2024 – 31 Dec 2024"]


@thorough
def test_of_all_dates_it_is_said_that_a_period_is_to_be_chosen() -> None:
    at = opened("changes", sample="history")
    at.session_state["compare"] = "before"
    at.run()
    # It compares the later half of what has had time, and says so.
    assert _section(at) == ["Against 8 Jan 2024 – 5 Jul 2024"]
    assert [each.value for each in at.caption if "All dates are chosen" in each.value]


@thorough
def test_before_the_file_begins_there_is_nothing_to_compare_with() -> None:
    at = _compared(opened("changes", sample="history"), date(2023, 2, 1), date(2023, 2, 28), "year")
    assert [info.value for info in at.info] == [
        "No lead entered the funnel 1 Feb 2022 – 28 Feb 2022, so there is nothing to compare with. The file begins on 2 Jan 2023."
    ]


def test_a_file_without_dates_offers_no_comparison() -> None:
    at = uploaded(b"lead_id,stage\nA,New\nB,Qualified\nC,Closed won\n")
    assert not [group for group in at.get("button_group") if group.proto.label == "Compare to"]


@pytest.mark.parametrize(
    ("span", "before"),
    [
        ((date(2025, 4, 1), date(2025, 6, 30)), (date(2025, 1, 1), date(2025, 3, 31))),
        ((date(2025, 1, 1), date(2025, 1, 31)), (date(2024, 12, 1), date(2024, 12, 31))),
        ((date(2024, 3, 1), date(2024, 3, 31)), (date(2024, 2, 1), date(2024, 2, 29))),
        ((date(2025, 1, 1), date(2025, 12, 31)), (date(2024, 1, 1), date(2024, 12, 31))),
        ((date(2025, 4, 2), date(2025, 4, 30)), (date(2025, 3, 4), date(2025, 4, 1))),
        ((date(2025, 4, 1), date(2025, 4, 29)), (date(2025, 3, 3), date(2025, 3, 31))),
        ((date(2025, 4, 1), date(2025, 4, 1)), (date(2025, 3, 31), date(2025, 3, 31))),
    ],
)
def test_before_whole_months_are_as_many_whole_months_else_as_many_days(span, before) -> None:
    assert comparison.earlier(span) == before
