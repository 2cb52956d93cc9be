"""The Export menu under each chart: what it offers, what it says of the chart, and the tables that it hands out when asked."""

from __future__ import annotations

import pytest

from tests.pages.apps import choose, menu, opened, turned, uploaded
from tests.thorough import thorough

HEADS = (
    "Stage",
    "Leads",
    "Cumulative conversion",
    "Step conversion",
    "Median days from previous",
    "Leads timed",
    "Skipped (known from later)",
)
ROWS = (
    ("New", "4", "", "", "", "", "0"),
    ("Qualified", "2", "", "", "", "2.0", "0"),
    ("Closed won", "1", "", "", "", "1.0", "0"),
)
"""Of four leads no percentage is told, and no median of two."""


def test_a_chart_has_one_menu_and_no_row_of_buttons() -> None:
    at = uploaded()
    told = menu(at, "funnel")
    assert (told["views"], told["view"], told["pictures"]) == (["table", "sql"], None, ["funnel_chart"])
    assert told["answer"] is None
    assert list(told["words"].values())[:10] == [
        *("Export", "Table", "Show SQL", "CSV", "PNG for a slide, 16:9", "SVG", "Copy picture", "Copy table"),
        *("Add to report", "Print or save as PDF"),
    ]
    assert "view_funnel" not in {pills.key for pills in at.main.pills}


def test_the_lines_of_a_slide_say_model_dates_filters_and_where_it_comes_from() -> None:
    told = menu(uploaded(), "funnel")
    assert told["asked"] == "CRM stages · entered 5 Jan – 15 Mar 2025"
    assert told["source"] == "moves.csv · 4 leads · observed until 15 Mar 2025 · Funnel Lens"
    narrow = uploaded(
        **{
            "from": "2025-01-20",
            "rule": "came in order",
            "window": "90",
            "filter": ["region"],
            "where_region": ["West"],
        }
    )
    assert menu(narrow, "funnel")["asked"] == (
        "CRM stages · entered 20 Jan – 15 Mar 2025 · counted only after every stage before, in order · "
        "conversion window 3 months · region: West"
    )


def test_a_file_is_called_by_its_name_as_text() -> None:
    told = menu(uploaded(name="a *b* [x](y).csv"), "funnel")
    assert told["source"].startswith("a _b_ [x](y).csv · 4 leads")


@thorough
def test_the_models_of_several_are_all_named_and_their_charts_are_one_picture() -> None:
    at = opened("models", sample="history")
    told = menu(at, "columns")
    assert told["pictures"] == ["column_0", "column_1", "column_2"]
    assert told["asked"].startswith("Standard B2B, AIDA, and Top, middle, bottom · entered 2 Jan 2023 – 30 Jun 2025")
    assert menu(turned(at, "scorecard"), "scoreboard")["pictures"] == []
    assert told["source"] == "Sample leads · 12,000 leads · observed until 30 Jun 2025 · Funnel Lens"


@thorough
def test_a_section_has_its_own_title_and_the_first_chart_that_of_the_page() -> None:
    at = opened("stages", sample="history")
    assert menu(at, "stage_times")["title"] == "Time in stage"
    assert menu(at, "stage_times")["name"] == "Export: Time in stage"
    assert (menu(uploaded(), "funnel")["title"], menu(uploaded(), "funnel")["name"]) == ("", "Export")


@pytest.mark.parametrize(
    ("form", "mark", "between", "end"), [("csv", "\ufeff", ",", "\r\n"), ("copy_table", "", "\t", "\n")]
)
def test_a_table_is_sent_when_it_is_wanted_and_once(form: str, mark: str, between: str, end: str) -> None:
    at = uploaded()
    choose(at, "funnel", "wanted", {"form": form, "turn": 7})
    answer = menu(at, "funnel")["answer"]
    assert answer == {"turn": 7, "text": mark + "".join(between.join(row) + end for row in (HEADS, *ROWS))}
    at.run()
    assert menu(at, "funnel")["answer"] is None


@pytest.mark.parametrize("value", [None, "csv", [], {}, {"form": "exe"}, {"form": ["csv"]}])
def test_what_nobody_offers_is_not_made(value: object) -> None:
    at = uploaded()
    choose(at, "funnel", "wanted", value)
    assert menu(at, "funnel")["answer"] is None
    choose(at, "funnel", "view", value)
    assert menu(at, "funnel")["view"] is None
