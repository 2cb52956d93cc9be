"""The model editor, through pages/main.py, without a browser. The numbers are worked out by hand from LEADS."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from funnel import Stage, StageModel, catalogue
from pages.server.workspace import Workspace
from pages.ui import own_models
from tests import uploads
from tests.pages.test_pages import MOVES, uploaded
from tests.pictures import pictures
from tests.thorough import every

pytestmark = pytest.mark.usefixtures("opened_once")
# 20 leads come in as New, the first 10 of them are qualified, the first 5 won; 5 more are known from a demo alone.
LEADS = "lead_id,stage,changed_at\n" + "".join(
    f"L{lead},{label},{day}\n"
    for label, day, leads in (
        ("New", "2025-01-01", range(20)),
        ("Qualified", "2025-01-11", range(10)),
        ("Closed won", "2025-02-01", range(5)),
        ("Demo", "2025-01-21", range(20, 25)),
    )
    for lead in leads
)
STANDARD = [
    "Lead generation",
    "Qualification",
    "Presentation and proposal",
    "Negotiation and closing",
    "Retention and development",
]
HOSTILE = '![x](http://evil.example/a.png)<b>"quoted" \\ back\u202eslash'
REMOVE_DEMO, QUALIFICATION = "remove_stage_2", "stage_concepts_1"


def editing(model: str = "standard", content: str = LEADS) -> AppTest:
    """The editor with a copy of this model."""
    at = uploaded(content.encode(), page="editor")
    at.selectbox(key="start_from").set_value(model).run()
    return at.button(key="start_copy").click().run()


def stages(at: AppTest) -> list[str]:
    """The names in the boxes, in order."""
    assert not at.exception
    return [box.value for box in at.main.text_input if box.label.startswith("Name of stage")]


def counts(at: AppTest) -> dict[str, str]:
    """What the preview writes above each bar: stage → leads and share."""
    drawn = json.loads(pictures(at.main)[0])["layout"]["annotations"]
    texts = [re.sub(r"<[^>]*>", "", note["text"]) for note in drawn if note.get("yanchor") == "bottom"]
    return dict(zip(texts[::2], texts[1::2], strict=True))


def coverage(at: AppTest) -> tuple[str, str]:
    [metric] = at.main.metric
    return metric.value, metric.delta


def plain(markdown: str) -> str:
    """Markdown as it is read: what was escaped in it as it was written."""
    return re.sub(r"\\(.)", r"\1", markdown)


def load(at: AppTest, content: bytes, name: str = "mine.toml") -> AppTest:
    return at.main.file_uploader[0].upload(name, content).run()


def said(at: AppTest) -> list[str]:
    """All that stands where Markdown is read, and the labels of buttons."""
    places = [*at.markdown, *at.caption, *at.title, *at.subheader, *at.info, *at.success, *at.error, *at.metric]
    return [str(place.value) for place in places] + [button.label for button in at.button]


def test_the_page_opens_with_a_copy_of_the_sidebars_model_and_its_funnel() -> None:
    at = uploaded(LEADS.encode(), page="editor")
    assert at.text_input(key="draft_name").value == "Copy of As recorded"
    assert stages(at) == ["New", "Qualified", "Demo", "Closed won"]
    assert counts(at) == {"New": "25 100%", "Qualified": "15 60%", "Demo": "10 40%", "Closed won": "5 20%"}
    at.sidebar.selectbox(key="model").set_value("aida").run()
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


def test_what_a_model_counts_and_how_it_is_read_belong_to_it() -> None:
    moves = "lead_id,stage,changed_at,company\nA,New,2025-01-05,Acme\nB,New,2025-01-20,Acme\nC,New,2025-02-03,Bolt\n"
    at = editing(content=moves)
    assert counts(at)["Lead generation"] == "3"
    at.pills(key="draft_unit").set_value("account").run()
    assert counts(at)["Lead generation"] == "2"
    at.pills(key="draft_reading").set_value("backward").run()
    assert "The chart shows it from the start; the Models page reads it from the win." in said(at)
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
    told = plain(at.main.info[0].value)
    assert "Stage 6, “New stage”, takes nothing yet. Choose a meaning or a label for it." in told
    assert counts(at) == before
    assert at.button(key="keep").disabled
    at.text_input(key="stage_name_5").set_value(" qualification ").run()
    assert "Stage 6 is called “qualification” like stage 2." in plain(at.main.info[0].value)
    at.button(key="remove_stage_5").click().run()
    assert not at.main.info
    assert not at.button(key="keep").disabled


def test_an_empty_model_grows_into_a_funnel() -> None:
    at = editing()
    at.button(key="start_empty").click().run()
    assert stages(at) == []
    assert not pictures(at.main)
    assert [plain(box.value) for box in at.main.info] == ["The model has no stage yet. Add one, or start from a copy."]
    at.button(key="add_stage").click().run()
    at.multiselect(key="stage_concepts_0").set_value(["lead"]).run()
    at.button(key="add_stage").click().run()
    at.text_input(key="stage_name_1").set_value("Bought").run()
    at.multiselect(key="stage_labels_1").set_value(["Closed won"]).run()
    assert counts(at) == {"New stage": "20 100%", "Bought": "5 25%"}
    assert coverage(at) == ("80%", "20 of 25 leads")


def test_a_kept_model_can_be_chosen_everywhere_and_survives_another_file() -> None:
    at = editing()
    at.text_input(key="draft_name").set_value("Ours").run()
    at.button(key="merge_stage_1").click().run()
    at.button(key="keep").click().run()
    assert not at.exception
    assert [box.value for box in at.success] == [
        "Kept as Ours. Choose it in the sidebar, or compare it on the Models page."
    ]
    assert "Ours" in at.sidebar.selectbox(key="model").options
    at.sidebar.selectbox(key="model").set_value("ours").run()
    at.switch_page("overview_page.py").run()
    assert list(at.dataframe[0].value["Stage"]) == [*STANDARD[:2], *STANDARD[3:]]
    at.switch_page("files_page.py").run()
    uploads.upload(at, ("moves.csv", MOVES))
    at.switch_page("overview_page.py").run()
    assert not at.exception
    assert "Ours" in at.sidebar.selectbox(key="model").options
    at.switch_page("editor_page.py").run()
    assert at.text_input(key="draft_name").value == "Ours"


def test_a_model_kept_again_takes_the_place_of_the_first_and_is_forgotten_at_once() -> None:
    at = editing()
    at.text_input(key="draft_name").set_value("Ours").run()
    at.button(key="keep").click().run()
    at.button(key="edit_ours").click().run()
    assert at.text_input(key="draft_name").value == "Ours"
    at.button(key="remove_stage_0").click().run()
    at.button(key="keep").click().run()
    assert [stage.name for stage in at.session_state["workspace"].own_models["ours"].stages] == STANDARD[1:]
    at.sidebar.selectbox(key="model").set_value("ours").run()
    at.button(key="forget_ours").click().run()
    assert not at.exception
    assert at.session_state["workspace"].own_models == {}
    assert "Ours" not in at.sidebar.selectbox(key="model").options


def test_a_name_of_the_catalogue_is_not_taken_from_it() -> None:
    at = editing()
    at.text_input(key="draft_name").set_value("Standard B2B").run()
    at.button(key="keep").click().run()
    kept = at.session_state["workspace"].own_models
    assert [(key, model.name) for key, model in kept.items()] == [("standard-b2b-2", "Standard B2B 2")]


def test_two_sessions_do_not_see_each_others_models() -> None:
    mine, yours = editing(), editing()
    mine.text_input(key="draft_name").set_value("Mine alone").run()
    mine.button(key="keep").click().run()
    assert "Mine alone" in mine.sidebar.selectbox(key="model").options
    assert "Mine alone" not in yours.run().sidebar.selectbox(key="model").options


def test_a_draft_waits_while_another_page_is_open() -> None:
    at = editing()
    at.text_input(key="stage_name_0").set_value("First contact").run()
    at.switch_page("overview_page.py").run()
    at.switch_page("editor_page.py").run()
    assert stages(at) == ["First contact", *STANDARD[1:]]
    assert at.multiselect(key="stage_concepts_0").value[:2] == ["awareness", "interest"]
    assert at.session_state["question"].model.key == "as-recorded"


def test_what_is_downloaded_loads_again() -> None:
    at = editing()
    at.text_input(key="draft_name").set_value("Ours").run()
    at.button(key="merge_stage_1").click().run()
    at.multiselect(key="stage_labels_0").set_value(["Demo"]).run()
    model = at.session_state["workspace"].drafts[-1].model("ours")
    fresh = load(editing("aida"), catalogue.model_toml(model).encode(), "ours.toml")
    assert not fresh.error
    assert fresh.session_state["workspace"].drafts[-1].model("ours") == model
    assert counts(fresh) == counts(at)


def test_labels_of_another_file_stay_and_are_told() -> None:
    toml = 'name = "Other"\n[[stages]]\nname = "First"\nlabels = ["New", "Elsewhere"]\n'
    at = load(editing(), toml.encode())
    assert "Elsewhere (not in this file)" in at.multiselect(key="stage_labels_0").options
    assert at.multiselect(key="stage_labels_0").value == ["New", "Elsewhere"]
    assert counts(at) == {"First": "20 100%"}


@pytest.mark.parametrize(
    ("content", "told"),
    every(
        4,
        [
            (b"name = ", "mine\\.toml is not a valid TOML file"),
            (b"\xff\xfe\x00", "mine\\.toml is not a valid TOML file"),
            (b'name = "No stages"', "mine\\.toml\\, stages"),
            (b'[[stages]]\nname = "A"\nconcepts = ["nonsense"]', "nonsense"),
            (b'[[stages]]\nname = "![x](http://evil.example)"\nstep = 1', "unknown key"),
            (b"#" * 1_000_001, "mine\\.toml is larger than"),
            (b"".join(b'[[stages]]\nname = "S%d"\nlabels = ["L%d"]\n' % (n, n) for n in range(61)), "61 stages"),
        ],
    ),
)
def test_a_wrong_file_gets_a_sentence_and_the_draft_stays(content: bytes, told: str) -> None:
    at = editing()
    at.text_input(key="stage_name_0").set_value("First contact").run()
    load(at, content)
    assert not at.exception
    assert len(at.error) == 1
    assert told in at.error[0].value
    assert "http://" not in at.error[0].value
    assert "Traceback" not in at.error[0].value
    assert stages(at)[0] == "First contact"
    assert not at.run().error


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
    drawn = pictures(at.main)[0]
    assert '<b>\\"quoted' not in drawn
    assert "\\u202e" not in drawn
    at.sidebar.selectbox(key="model").set_value(key).run()
    at.switch_page("overview_page.py").run()
    assert not at.exception
    assert not [place for place in said(at) if "![" in place or "http://" in place]


def test_own_models_have_keys_and_names_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    space = Workspace()
    monkeypatch.setattr(own_models, "current", lambda: space)
    stage = (Stage("a", "A", ("lead",)),)
    first = own_models.save(StageModel("draft", "Our way", stage))
    again = own_models.save(StageModel("draft", "Our way", stage, description="better"))
    alike = own_models.save(StageModel("draft", "our-way!", stage))
    recorded = own_models.save(StageModel("draft", "As recorded", stage))
    nameless = own_models.save(StageModel("draft", "???", stage))
    catalogued = own_models.save(StageModel("draft", "AIDA", stage))
    assert (first.key, again.key, alike.key, nameless.key) == ("our-way", "our-way", "our-way-2", "own")
    assert (recorded.key, recorded.name) == ("as-recorded-2", "As recorded 2")
    assert (catalogued.key, catalogued.name) == ("aida-2", "AIDA 2")
    assert own_models.own()["our-way"].description == "better"
    own_models.forget("our-way")
    own_models.forget("never")
    assert list(own_models.own()) == ["our-way-2", "as-recorded-2", "own", "aida-2"]


def test_the_page_greets_whoever_has_no_data() -> None:
    at = AppTest.from_file(str(Path(__file__).resolve().parents[2] / "pages" / "main.py"), default_timeout=60).run()
    at.switch_page("editor_page.py").run()
    assert [title.value for title in at.title] == ["See the funnel in your lead file"]
