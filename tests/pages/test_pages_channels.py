"""The Channels page, through pages/main.py, without a browser."""

from __future__ import annotations

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.sections import touch_form
from tests import uploads
from tests.pages import apps
from tests.pages.apps import below, opened, turned, uploaded
from tests.pages.test_pages_pipeline import captions, headers
from tests.pictures import pictures
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
LEADS = b"""lead_id,account,stage,entered_at,amount,currency
a,Acme,Lead,2025-01-10,100,EUR
a,Acme,Won,2025-03-20,100,EUR
b,Acme,Lead,2025-02-01,,
c,Beta,Lead,2025-01-15,50,EUR
c,Beta,Won,2025-02-15,50,EUR
"""
TOUCHES = b"""lead_id,touched_at,channel
a,2025-01-05,Web
b,2025-01-06,Fair
a,2025-03-25,Email
z,2025-01-05,Web
"""


def titles(at: AppTest) -> list[str]:
    """The titles as they are read."""
    return [title.replace("\\", "").replace("\u2060", "") for title in apps.titles(at)]


def shown(touches: bytes = TOUCHES, **query: str | list[str]) -> AppTest:
    """The page after both files came at once."""
    at = opened("channels", **query)
    uploads.upload(at, ("leads.csv", LEADS), ("touches.csv", touches))
    assert not at.exception
    return at


def test_two_files_at_once_bring_the_page_and_its_answer() -> None:
    at = shown()
    assert titles(at) == ["Web gets 0 to 1 of 2 wins, depending on the rule"]
    assert any(
        "1 without a touch · 3 touches, 1 of them after the last win · 1 left out" in text for text in captions(at)
    )
    assert '["Web","first"]' in pictures(at)[-1]
    assert any(text.startswith("Markov and Shapley look at all leads together") for text in captions(at))
    assert "What each rule credits" in headers(at)


def test_the_choices_are_those_of_the_address() -> None:
    at = shown(
        channels_unit="the lead alone", channels_rules=["Last"], channels_in="EUR", channels_lookback="all the time"
    )
    assert titles(at) == ["Web gets most: 1 of 2 wins, by any rule"]
    assert "€100" in captions(at)[-1] or any("€100" in text for text in captions(at))
    at = shown(channels_at="Lead")
    assert "entries" in titles(at)[0]


def test_stages_and_lines_left_out_stand_in_tabs() -> None:
    at = shown(channels_tab="By stage")
    assert "What starts leads, and what closes them" in headers(at)
    at = shown(channels_tab="Touches left out")
    assert any("3 of 4 lines are touches of these leads. 1 are not:" in text for text in captions(at))
    (table,) = [each.value for each in at.dataframe if "Who" in each.value.columns]
    assert table[["Line", "Who", "Reason"]].values.tolist() == [[5, "z", "nobody among these leads"]]


def test_many_touches_of_nobody_are_said_first() -> None:
    at = shown(TOUCHES + b"y,2025-01-05,Web\nx,2025-01-05,Web\n")
    assert "name nobody among these leads" in at.warning[0].value


def test_touches_after_the_wins_alone_are_said() -> None:
    at = shown(b"lead_id,touched_at,channel\na,2025-04-05,Web\n")
    assert titles(at) == ["Which channels bring wins is not known yet"]
    assert any("looks as if the join" in info.value for info in below(at).info)


def test_without_touches_the_page_says_what_would_bring_them() -> None:
    at = uploaded(LEADS, page="channels")
    assert titles(at) == ["Which channels bring wins is not known yet"]
    assert any("Add one beside the leads" in info.value for info in below(at).info)


def test_the_first_channel_tells_groups_apart() -> None:
    at = turned(shown(), "segments")
    at.selectbox(key="by_column").select("First channel").run()
    assert not at.exception
    assert at.selectbox(key="by_column").value == "First channel"


@thorough
def test_the_sample_has_touches() -> None:
    at = opened("channels", sample="history")
    at.button(key="try_touches").click().run()
    assert not at.exception
    assert at.query_params["sample"] == "touches"
    assert titles(at) == ["Email gets 126 to 267 of 1,006 wins, depending on the rule"]


def test_a_person_says_which_file_holds_touches_and_by_which_columns() -> None:
    at = opened("channels")
    uploads.upload(
        at, ("leads.csv", LEADS), ("contacts.csv", b"wer,wann,wodurch\na,2025-01-05,Web\na,2025-01-06,Messe\n")
    )
    assert titles(at) == ["Which channels bring wins is not known yet"]
    boxes = {box.label: box for box in at.selectbox}
    boxes["File of touches"].select("raw_1")
    for label, column in (("Who", "wer"), ("When", "wann"), ("Channel", "wodurch")):
        boxes[label].select(column)
    (apply,) = [button for button in at.button if button.label == "Apply"]
    apply.click().run()
    assert not at.exception
    assert "of 2 wins" in titles(at)[0]


def test_names_of_channels_follow_each_other() -> None:
    before = pd.DataFrame({"channel": ["Mail", "Web", "Old"], "goes_by": ["Mail", "Web", ""]})
    after = pd.DataFrame({"channel": ["Mail", "Web", "Old"], "goes_by": ["E-mail", "", "Old"]})
    pairs = touch_form.renamed({"email": "Mail", "Old": "-"}, before, after)
    assert pairs == {"email": "E-mail", "Mail": "E-mail", "Web": "-"}


def test_a_label_of_the_history_is_made_a_touch_and_a_stage_again() -> None:
    at = uploaded(LEADS + b"a,Acme,Webinar,2025-01-20,,\n", page="files")
    (box,) = [each for each in at.selectbox if each.label == "Webinar maps to"]
    box.select("touch").run()
    assert not at.exception
    assert [each.value for each in at.selectbox if each.label == "Webinar maps to"] == ["touch"]
    assert titles(turned(at, "channels"))[0].startswith("Webinar")
    turned(at, "files")
    (box,) = [each for each in at.selectbox if each.label == "Webinar maps to"]
    box.select("meeting").run()
    assert not at.exception
    assert titles(turned(at, "channels")) == ["Which channels bring wins is not known yet"]
