"""The model editor, through pages/main.py, without a browser. The numbers are worked out by hand from LEADS."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.apps import MOVES, below, turned, uploaded
from tests.pages.editing import LEADS, STANDARD, counts, editing, preview, stages
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
HOSTILE = '![x](http://evil.example/a.png)<b>"quoted" \\ back\u202eslash'
REMOVE_DEMO, QUALIFICATION = "remove_stage_2", "stage_concepts_1"


def coverage(at: AppTest) -> tuple[str, str]:
    [metric] = below(at).metric
    return metric.value, metric.delta


def plain(markdown: str) -> str:
    """Markdown as it is read: what was escaped in it as it was written."""
    return re.sub(r"\\(.)", r"\1", markdown)


def said(at: AppTest) -> list[str]:
    """All that stands where Markdown is read, and the labels of buttons."""
    places = [*at.markdown, *at.caption, *at.title, *at.header, *at.info, *at.success, *at.error, *at.metric]
    return [str(place.value) for place in places] + [button.label for button in at.button]


def test_the_tab_opens_with_a_copy_of_the_strips_model_and_its_funnel() -> None:
    at = uploaded(LEADS.encode(), page="edit")
    assert at.text_input(key="draft_name").value == "Copy of CRM stages"
    assert stages(at) == ["New", "Qualified", "Demo", "Closed won"]
    assert counts(at) == {"New": "25 100%", "Qualified": "15 60%", "Demo": "10 40%", "Closed won": "5 20%"}
    turned(at, "funnel").selectbox(key="model").set_value("aida").run()
    turned(at, "edit")
    assert stages(at) == ["Awareness", "Interest", "Desire", "Action"]


def test_a_model_is_copied_renamed_and_merged_and_the_funnel_follows() -> None:
    at = editing()
    assert at.text_input(key="draft_name").value == "Copy of Standard B2B"
    assert stages(at) == STANDARD
    assert list(counts(at).values()) == ["25 100%", "15 60%", "10 40%", "5 20%", "5 20%"]
    at.text_input(key="stage_name_0").set_value("First contact").run()
    at.button(key="merge_stage_1").click().run()
    assert stages(at) == ["First contact", "Qualification", *STANDARD[3:]]
    assert counts(at) == {
        "First contact": "25 100%",
        "Qualification": "15 60%",
        "Negotiation and closing": "5 20%",
        "Retention and development": "5 20%",
    }
    assert {"demo", "mql"} <= set(at.multiselect(key=QUALIFICATION).value)


@thorough
def test_stages_are_moved_by_buttons_and_changes_taken_back_one_by_one() -> None:
    at = editing()
    at.button(key="down_stage_0").click().run()
    at.button(key="up_stage_4").click().run()
    assert stages(at) == ["Qualification", "Lead generation", STANDARD[2], STANDARD[4], STANDARD[3]]
    at.button(key="undo").click().run()
    assert stages(at) == ["Qualification", "Lead generation", *STANDARD[2:]]
    at.button(key="undo").click().run()
    assert stages(at) == STANDARD
    assert at.button(key="up_stage_0").disabled
    assert at.button(key="down_stage_4").disabled
    assert at.button(key="merge_stage_4").disabled


def test_coverage_falls_and_rises_with_what_the_stages_take() -> None:
    at = editing()
    assert coverage(at) == ("100%", "25 of 25 leads; before: 100% (25)")
    assert "Every lead came to one of these stages." in said(at)
    at.button(key=REMOVE_DEMO).click().run()
    assert coverage(at) == ("80%", "20 of 25 leads; before: 100% (25)")
    assert "Labels of this file that no stage takes: Demo \\(5 leads\\)." in said(at)
    assert "5 leads of 25 came to none of these stages and are not in the funnel." in said(at)
    taken = at.multiselect(key=QUALIFICATION)
    taken.set_value([*taken.value, "demo"]).run()
    assert coverage(at) == ("100%", "25 of 25 leads; before: 100% (25)")
    at.button(key="undo").click().run()
    assert coverage(at) == ("80%", "20 of 25 leads; before: 100% (25)")
    assert "demo" not in at.multiselect(key=QUALIFICATION).value


def test_a_label_by_name_goes_before_its_meaning() -> None:
    at = editing()
    at.multiselect(key="stage_labels_4").set_value(["Demo"]).run()
    assert list(counts(at).values()) == ["25 100%", "15 60%", "10 40%", "10 40%", "10 40%"]
    at.multiselect(key="stage_labels_1").set_value(["Demo"]).run()
    assert at.multiselect(key="stage_labels_4").value == []
    assert "In this file: Qualified and Demo" in said(at)


def test_few_leads_are_counted_without_a_percentage() -> None:
    assert coverage(editing(content=MOVES.decode())) == ("4", "4 of 4 leads; before: 4")


@thorough
def test_what_a_model_counts_and_how_it_is_read_belong_to_it() -> None:
    moves = "lead_id,stage,changed_at,company\nA,New,2025-01-05,Acme\nB,New,2025-01-20,Acme\nC,New,2025-02-03,Bolt\n"
    at = editing(content=moves)
    assert counts(at)["Lead generation"] == "3"
    at.pills(key="draft_unit").set_value("account").run()
    assert counts(at)["Lead generation"] == "2"
    at.pills(key="draft_reading").set_value("backward").run()
    assert "The chart shows it from the start; the Models page shows the reverse funnel." in said(at)
    at.button(key="keep").click().run()
    [kept] = at.session_state["workspace"].own_models.values()
    assert (kept.unit, kept.reading) == ("account", "backward")
    at.button(key="undo").click().run()
    at.button(key="undo").click().run()
    assert counts(at)["Lead generation"] == "3"


def test_a_draft_that_is_not_whole_says_what_is_missing_and_the_preview_stays() -> None:
    at = editing()
    before = counts(at)
    at.button(key="add_stage").click().run()
    told = plain(below(at).info[0].value)
    assert "Stage 6, “New stage”, takes nothing yet. Choose a meaning or a label for it." in told
    assert counts(at) == before
    assert at.button(key="keep").disabled
    at.text_input(key="stage_name_5").set_value(" qualification ").run()
    assert "Stage 6 is called “qualification” like stage 2." in plain(below(at).info[0].value)
    at.button(key="remove_stage_5").click().run()
    assert not below(at).info
    assert not at.button(key="keep").disabled


def test_an_empty_model_grows_into_a_funnel() -> None:
    at = editing()
    at.button(key="start_empty").click().run()
    assert stages(at) == []
    assert not preview(at)
    assert [plain(box.value) for box in below(at).info] == [
        "The model has no stage yet. Add one, or start from a copy."
    ]
    at.button(key="add_stage").click().run()
    at.multiselect(key="stage_concepts_0").set_value(["lead"]).run()
    at.button(key="add_stage").click().run()
    at.text_input(key="stage_name_1").set_value("Bought").run()
    at.multiselect(key="stage_labels_1").set_value(["Closed won"]).run()
    assert counts(at) == {"New stage": "20 100%", "Bought": "5 25%"}
    assert coverage(at) == ("80%", "20 of 25 leads")


def test_a_draft_waits_while_another_page_is_open() -> None:
    at = editing()
    at.text_input(key="stage_name_0").set_value("First contact").run()
    at.switch_page("funnel_page.py").run()
    turned(at, "edit")
    assert stages(at) == ["First contact", *STANDARD[1:]]
    assert at.multiselect(key="stage_concepts_0").value[:2] == ["awareness", "interest"]
    assert at.session_state["question"].model.key == "as-recorded"


@thorough
def test_hostile_names_are_shown_never_obeyed() -> None:
    rtl = "مرحلة \u200e<i>"
    content = LEADS.replace("Demo", '"![d](http://evil.example/d.png)<b>"')
    at = editing("as-recorded", content)
    at.text_input(key="draft_name").set_value(HOSTILE).run()
    at.text_input(key="stage_name_0").set_value(HOSTILE).run()
    at.text_input(key="stage_name_1").set_value(rtl).run()
    at.button(key="add_stage").click().run()
    at.text_input(key="stage_name_4").set_value(HOSTILE).run()
    assert not [place for place in said(at) if "![" in place or "http://" in place]
    at.button(key="remove_stage_4").click().run()
    at.button(key="remove_stage_2").click().run()
    at.button(key="keep").click().run()
    assert not at.exception
    assert not [place for place in said(at) if "![" in place or "http://" in place or "<b>" in place]
    [(key, kept)] = at.session_state["workspace"].own_models.items()
    assert kept.name == HOSTILE
    assert (kept.stages[0].name, kept.stages[1].name) == (HOSTILE, rtl)
    (drawn,) = preview(at)
    assert '<b>\\"quoted' not in drawn
    assert "\\u202e" not in drawn
    turned(at, "funnel").selectbox(key="model").set_value(key).run()
    at.switch_page("funnel_page.py").run()
    assert not at.exception
    assert not [place for place in said(at) if "![" in place or "http://" in place]


def test_the_page_greets_whoever_has_no_data() -> None:
    at = AppTest.from_file(str(Path(__file__).resolve().parents[2] / "pages" / "main.py"), default_timeout=60).run()
    turned(at, "edit")
    assert [title.value for title in at.title] == ["See the funnel in your lead file"]
