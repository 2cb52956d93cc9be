"""The tab "Changes" of the Pipeline page, through pages/main.py, without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.cli.test_command_bridge import LOG
from tests.pages.apps import below, opened, uploaded
from tests.pages.test_pages_pipeline import captions, headers
from tests.pictures import pictures
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
TAB = {"page": "pipeline", "pipeline_tab": "Changes"}


def shown(**query: str | list[str]) -> AppTest:
    at = uploaded(LOG.encode(), **TAB, **query)
    assert not at.exception
    return at


def test_the_answer_is_the_title_and_the_picture_its_parts() -> None:
    at = shown()
    assert "Pipeline shrank by 1 lead: 0 new, 0 lost, 1 won" in headers(at)
    assert any(text.startswith("From the end of 31 Mar 2025 to the end of 30 Apr 2025 · ") for text in captions(at))
    assert '"customdata":[["open_start"],["new"],["reopened"],["won"],["lost"],["open_end"]' in pictures(at)[-1]


def test_two_other_days_and_money() -> None:
    at = shown(bridge_between="Two other days", bridge_days=["2025-02-28", "2025-04-30"], bridge_in="EUR")
    assert "Pipeline as large as before: 1 new, 0 lost, 1 won" in headers(at)
    assert any("the pipeline went from €130.1 to €150" in text for text in captions(at))


@thorough
def test_the_leads_of_a_part_stand_in_the_drawer() -> None:
    at = shown(bridge_between="Two other days", bridge_days=["2025-02-28", "2025-04-30"])
    at.button(key="bridge_open").click().run()
    assert not at.exception
    (box,) = [each for each in at.selectbox if each.label == "Part"]
    assert box.options[0] == "Open at the start"
    table = at.dataframe[-1].value
    assert list(table["Lead"]) == ["c"]


@thorough
def test_a_snapshot_says_what_is_missing() -> None:
    at = opened("pipeline", sample="snapshot", pipeline_tab="Changes")
    assert not at.exception
    assert any("Give the history of the leads too" in info.value for info in below(at).info)
