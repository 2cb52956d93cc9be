"""What must be true to enter a stage, in the editor and on the Funnel page, through pages/main.py, without a browser."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.apps import below, turned, uploaded
from tests.pages.editing import LEADS, editing, stages
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
HOSTILE = "They **said** [yes](http://evil.example) ![x](http://evil.example/a.png) <b>:red[now]</b> $x$ `y`"
# 60 leads, of which 55 have no owner and every second no phone; the last 4 were shown a demo.
MANY = "lead_id,stage,changed_at,Owner,Phone,*Note*\n" + "".join(
    f"L{lead:02},{label},2025-01-{day:02},{'Ann' if lead >= 55 else ''},{'' if lead % 2 else 555},x\n"
    for lead in range(60)
    for label, day in (("New", 1 + lead % 28), *((("Demo", 30),) if lead >= 56 else ()))
)


def said(at: AppTest) -> list[str]:
    return [str(place.value) for place in (*at.main.markdown, *at.main.caption, *at.main.header)]


def table(at: AppTest, key: str) -> list[list[object]]:
    (found,) = [each for each in at.main.dataframe if key in each.value.columns]
    return found.value.astype(object).where(found.value.notna(), None).values.tolist()


def unfolded(at: AppTest, *keys: str) -> AppTest:
    """With these boxes open: what is in them is there only then."""
    for key in keys:
        at.session_state[key] = True
    return at.run()


def guided(at: AppTest) -> list[str]:
    """The lines about the stages."""
    title = "What must be true to enter each stage, and what to ask there"
    (box,) = [each for each in at.main.expander if each.label == title]
    assert not box.markdown
    (box,) = [each for each in unfolded(at, "entry_guide").main.expander if each.label == title]
    return [line.value for line in box.markdown]


def kept(required: dict[int, list[str]], content: str = MANY, model: str = "standard") -> AppTest:
    """The Funnel page through a model of one's own, whose stages require these columns."""
    at = editing(model, content)
    at.text_input(key="draft_name").set_value("Ours").run()
    unfolded(at, *(f"stage_enters_{place}" for place in required))
    for place, columns in required.items():
        at.multiselect(key=f"stage_requires_{place}").set_value(columns).run()
    at.button(key="keep").click().run()
    turned(at, "funnel").selectbox(key="model").set_value("ours").run()
    assert not at.exception
    return at


def test_a_model_of_the_catalogue_shows_its_conditions_and_questions_and_no_empty_table() -> None:
    at = uploaded(LEADS.encode())
    assert guided(at) == [
        "**1 · New**",
        "To enter: A way to reach the person is known\\, and where they came from\\.",
        "**2 · Qualified**",
        "To enter: Need\\, budget\\, field and authority have been looked at\\, and it fits the target customer\\.",
        "Worth asking: What is the problem\\, and whose is it\\? What does it do to the working day\\? How is it handled now\\?"
        " What would solving it open up\\? What happens if it is left\\?",
        "**3 · Demo**",
        "To enter: The problem is accepted as one to solve\\.",
        "Worth asking: What is hoped for\\? Which figure should get better\\? What decides the purchase\\? What matters most in a"
        " supplier\\? What does today\\'s solution lack\\?",
        "**4 · Closed won**",
        "To enter: The contract is signed\\, or the order placed\\.",
    ]
    assert "Entry conditions" not in said(at)
    assert not [each for each in at.main.expander if each.label == "View leads that entered without"]


@thorough
def test_who_entered_without_a_required_column_is_counted_and_listed() -> None:
    at = kept({0: ["Owner", "Phone"], 2: ["Owner"]})
    assert "Entry conditions" in said(at)
    # With an owner are 55 to 59, of which 56 and 58 have a phone.
    assert table(at, "Must be filled") == [
        ["Lead generation", "Owner, Phone", 60, 2, 58, 96.7],
        ["Presentation and proposal", "Owner", 4, 4, 0, None],
    ]
    assert "Must be filled: Owner\\, Phone" in guided(at)
    unfolded(at, "lacking")
    assert not at.exception
    assert at.main.selectbox(key="lacking_stage_(0,)").options == ["Lead generation"]
    assert "58 leads counted at Lead generation without a column that must be filled" in said(at)
    rows = table(at, "Empty")
    assert len(rows) == 50
    assert {row[1] for row in rows} <= {"Owner", "Phone", "Owner, Phone"}
    assert "CSV of all 58" in [button.label for button in at.main.button] + [
        each.proto.label for each in at.main.get("download_button")
    ]
    at.session_state["lacking_page"] = 2
    at.run()
    assert not at.exception
    assert len(table(at, "Empty")) == 8
    assert not {row[0] for row in table(at, "Empty")} & {row[0] for row in rows}


@thorough
def test_columns_that_this_file_does_not_have_are_told_and_lacked_by_nobody() -> None:
    at = editing(content=MANY)
    toml = b'name = "Ours"\n[[stages]]\nname = "In"\nconcepts = ["lead"]\nrequires = ["Budget", "*Note*"]\n'
    below(at).file_uploader[0].upload("ours.toml", toml).run()
    required = unfolded(at, "stage_enters_0").multiselect(key="stage_requires_0")
    assert required.value == ["Budget", "*Note*"]
    assert {"Budget (not in this file)", "*Note*", "Owner", "Phone"} <= {*required.options}
    at.button(key="keep").click().run()
    turned(at, "funnel").selectbox(key="model").set_value("ours").run()
    assert table(at, "Must be filled") == [["In", "Budget, *Note*", 60, 60, 0, 0.0]]
    (caption,) = [each for each in said(at) if "Not checked" in each]
    assert caption.endswith("Not checked\\, since the file has no column of this name\\:\u2060 Budget\\.")
    unfolded(at, "lacking")
    assert "Every lead at these stages has the columns filled that can be checked." in said(at)


@thorough
def test_the_editor_shows_the_words_of_the_meanings_in_grey_and_takes_ones_own() -> None:
    at = unfolded(editing(), "stage_enters_2")
    assert at.text_input(key="stage_entry_2").value == ""
    assert at.text_input(key="stage_entry_2").placeholder == "The problem is accepted as one to solve."
    assert at.text_area(key="stage_ask_2").placeholder.startswith("What is hoped for?")
    at.text_input(key="stage_entry_2").set_value("They asked for it.").run()
    at.text_area(key="stage_ask_2").set_value("Who?").run()
    at.button(key="up_stage_2").click().run()
    draft = at.session_state["workspace"].drafts[-1]
    assert [(stage.entry, stage.ask) for stage in draft.stages] == [
        ("", ""),
        ("They asked for it.", "Who?"),
        *[("", "")] * 3,
    ]
    assert at.text_input(key="stage_entry_2").value == "They asked for it."
    at.button(key="undo").click().run()
    at.button(key="undo").click().run()
    assert at.text_area(key="stage_ask_2").value == ""
    assert stages(at)[2] == "Presentation and proposal"
    # A copy of the file's own labels has what these mean.
    at = unfolded(editing("as-recorded"), "stage_enters_0")
    assert (
        at.text_input(key="stage_entry_0").placeholder
        == "A way to reach the person is known, and where they came from."
    )


@thorough
def test_a_sentence_of_a_user_is_text_and_a_column_is_too() -> None:
    at = unfolded(editing(content=MANY), "stage_enters_0")
    at.text_input(key="draft_name").set_value("Ours").run()
    at.text_input(key="stage_entry_0").set_value(HOSTILE).run()
    at.text_area(key="stage_ask_0").set_value(f"{HOSTILE}\n# second line").run()
    at.multiselect(key="stage_requires_0").set_value(["*Note*"]).run()
    (label,) = [each.label for each in at.main.expander if "must be filled" in each.label]
    assert label == "To enter, and to ask · must be filled: \\*Note\\*"
    at.button(key="keep").click().run()
    turned(at, "funnel").selectbox(key="model").set_value("ours").run()
    _, entry, asked, filled, *_ = guided(at)
    assert filled == "Must be filled: \\*Note\\*"
    for line in (entry, asked):
        assert not re.search(r"(?<!\\)[*\[\]!<>`$#_]|\n|:red", line), line
