"""Addresses of before: they lead to the page and the tab that have what they show now, with all their words."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from pages.ui import former_pages
from tests import uploads
from tests.pages.apps import MAIN, MOVES, below, dated, titles, uploaded

pytestmark = pytest.mark.usefixtures("opened_once")


def at_address(path: str, **query: str | list[str]) -> AppTest:
    """The app as it is opened at an address, and a file in it."""
    at = AppTest.from_file(MAIN, default_timeout=60)
    at._page_hash = calc_hash(path) if path else ""
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    # From here on the app is on the page to which it was led.
    at._page_hash = ""
    uploads.upload(at, ("moves.csv", MOVES))
    assert not at.exception
    return at


def headers(at: AppTest) -> list[str]:
    return [header.value for header in below(at).header]


def test_cohorts_are_on_trends() -> None:
    at = at_address("cohorts", goal="Qualified", period="Quarter")
    assert at.selectbox(key="goal").value == "Qualified"
    assert at.pills(key="period").value == "quarter"
    assert "How far each cohort got" in " ".join(headers(at))


def test_time_is_on_pipeline_and_by_a_column_on_its_tab_of_stages() -> None:
    assert titles(at_address("time")) == ["2 leads still open; which are stalled cannot be told"]
    at = at_address("time", time_by="region")
    assert at.segmented_control(key="pipeline_tab").value == "stages"
    assert at.selectbox(key="time_by").value == "region"


def test_moves_are_a_tab_of_the_funnel() -> None:
    at = at_address("moves", model="AIDA", paths="Top paths")
    assert at.segmented_control(key="funnel_tab").value == "paths"
    assert at.selectbox(key="model").value == "aida"
    assert "Paths (all 4)" in headers(at)


def test_the_editor_is_a_tab_of_models() -> None:
    at = at_address("editor")
    assert at.segmented_control(key="models_tab").value == "edit"
    assert at.text_input(key="draft_name").value == "Copy of CRM stages"


def test_a_breakdown_of_the_first_page_is_one_of_the_funnel() -> None:
    at = at_address("", split="region", by="90", filter=["region"], where_region=["East", "West"])
    assert at.selectbox(key="split").value == "region"
    assert at.pills(key="by").value == "90"
    assert at.multiselect(key="where_region").value == ["East", "West"]


def test_the_first_page_without_words_of_the_funnel_is_the_overview() -> None:
    at = at_address("", filter=["region"], where_region=["West"])
    assert [segmented.key for segmented in below(at).segmented_control] == []
    assert titles(at) == ["None of 2 leads won yet · entered Jan 2025 – Mar 2025"]


def test_the_overview_is_found_by_its_name_too() -> None:
    at = at_address("overview", filter=["region"], where_region=["West"])
    assert [segmented.key for segmented in below(at).segmented_control] == []
    assert titles(at) == ["None of 2 leads won yet · entered Jan 2025 – Mar 2025"]


def test_periods_of_segments_are_what_changed_between_the_days_of_the_strip() -> None:
    days = {"this": ["2025-02-01", "2025-03-15"], "other_period": ["2025-01-05", "2025-01-31"]}
    at = at_address("segments", view="Periods", against="other days", **days)
    assert at.segmented_control(key="funnel_tab").value == "changes"
    assert [dated(at.date_input, side).value.isoformat() for side in ("from", "to")] == days["this"]
    assert at.selectbox(key="compare").value == "other"
    assert [day.isoformat() for day in at.date_input(key="compare_days").value] == days["other_period"]
    assert "Against 5 Jan 2025 – 31 Jan 2025" in headers(at)


@pytest.mark.parametrize(
    ("said", "path", "tab"),
    [
        ("Groups of leads", "segments", None),
        ("Where does it differ most?", "segments", "What drives conversion"),
        ("What drives conversion", "segments", "What drives conversion"),
        ("Plan a test", "pipeline", "Planner"),
        ("'; DROP TABLE leads", "segments", None),
    ],
)
def test_a_view_of_segments_is_a_tab_now(said: str, path: str, tab: str | None) -> None:
    words = {"view": [said], "goal": ["won"]}
    assert former_pages.now("segments", words) == (
        path,
        {"goal": ["won"], **({f"{path}_tab": [tab]} if tab else {})},
    )


def test_a_change_of_process_is_its_tab_of_models() -> None:
    words = {"changed_on": ["2025-02-01"], "lineup": ["Where two models differ"]}
    assert former_pages.now("models", words) == ("models", {**words, "models_tab": ["Before/after a change"]})
    said = {"changed_on": ["2025-02-01"], "models_tab": ["Edit"]}
    assert former_pages.now("models", said) == ("models", said)


@pytest.mark.parametrize("path", ["", "funnel", "segments", "trends", "pipeline", "models", "data"])
def test_an_address_of_today_stays_as_it_is(path: str) -> None:
    words = {"model": ["AIDA"], "filter": ["region"], f"{path}_tab": ["Paths"], "compare": ["vs other dates"]}
    assert former_pages.now(path, words) == (path, words)


def test_kept_views_are_those_of_the_pages_that_show_them_now() -> None:
    views = {
        "": {"split": ("region",)},
        "moves": {"model": ("AIDA",)},
        "cohorts": {"goal": ("won",)},
        "trends": {"goal": ("Qualified",)},
        "data": {},
    }
    on_funnel = {"split": ("region",)}
    assert former_pages.views_now(views, "") == (
        {"funnel": on_funnel, "trends": {"goal": ("Qualified",)}, "data": {}},
        "funnel",
    )
    kept, last = former_pages.views_now(views, "moves")
    assert last == "funnel"
    # What was open last goes before.
    assert kept["funnel"] == {"model": ("AIDA",), "funnel_tab": ("Paths",)}
    assert former_pages.views_now(kept, last) == (kept, last)


def test_an_address_of_before_in_a_running_session_is_led_on_too() -> None:
    at = uploaded(page="overview")
    at.query_params["split"] = "region"
    at.query_params["model"] = "AIDA"
    at.run()
    assert not at.exception
    assert at.selectbox(key="split").value == "region"
