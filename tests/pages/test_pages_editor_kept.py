"""Models made in the editor: kept for every page, downloaded, and loaded again."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from funnel import Stage, StageModel, catalogue
from pages.server.workspace import Workspace
from pages.ui import own_models
from tests import uploads
from tests.pages.apps import MOVES, below, turned, with_ledger
from tests.pages.editing import STANDARD, counts, editing, stages
from tests.thorough import every, thorough

pytestmark = pytest.mark.usefixtures("opened_once")


def load(at: AppTest, content: bytes, name: str = "mine.toml") -> AppTest:
    return below(at).file_uploader[0].upload(name, content).run()


@thorough
def test_a_kept_model_can_be_chosen_everywhere_and_survives_another_file() -> None:
    at = editing()
    at.text_input(key="draft_name").set_value("Ours").run()
    at.button(key="merge_stage_1").click().run()
    at.button(key="keep").click().run()
    assert not at.exception
    assert [box.value for box in at.success] == [
        "Kept as Ours. Choose it at the top of the other pages, or compare it here."
    ]
    assert "Ours" in at.selectbox(key="model_1").options
    assert "Ours" in turned(at, "funnel").selectbox(key="model").options
    at.selectbox(key="model").set_value("ours").run()
    assert list(with_ledger(at).dataframe[0].value["Stage"]) == [*STANDARD[:2], *STANDARD[3:]]
    at.switch_page("files_page.py").run()
    uploads.upload(at, ("moves.csv", MOVES))
    at.switch_page("funnel_page.py").run()
    assert not at.exception
    assert "Ours" in at.selectbox(key="model").options
    turned(at, "edit")
    assert at.text_input(key="draft_name").value == "Ours"


@thorough
def test_a_model_kept_again_takes_the_place_of_the_first_and_is_forgotten_at_once() -> None:
    at = editing()
    at.text_input(key="draft_name").set_value("Ours").run()
    at.button(key="keep").click().run()
    at.button(key="edit_ours").click().run()
    assert at.text_input(key="draft_name").value == "Ours"
    at.button(key="remove_stage_0").click().run()
    at.button(key="keep").click().run()
    assert [stage.name for stage in at.session_state["workspace"].own_models["ours"].stages] == STANDARD[1:]
    turned(at, "funnel").selectbox(key="model").set_value("ours").run()
    turned(at, "edit").button(key="forget_ours").click().run()
    assert not at.exception
    assert at.session_state["workspace"].own_models == {}
    assert "Ours" not in at.selectbox(key="model_1").options
    assert "Ours" not in turned(at, "funnel").selectbox(key="model").options


def test_a_name_of_the_catalogue_is_not_taken_from_it() -> None:
    at = editing()
    at.text_input(key="draft_name").set_value("Standard B2B").run()
    at.button(key="keep").click().run()
    kept = at.session_state["workspace"].own_models
    assert [(key, model.name) for key, model in kept.items()] == [("standard-b2b-2", "Standard B2B 2")]


@thorough
def test_two_sessions_do_not_see_each_others_models() -> None:
    mine, yours = editing(), editing()
    mine.text_input(key="draft_name").set_value("Mine alone").run()
    mine.button(key="keep").click().run()
    assert "Mine alone" in turned(mine, "funnel").selectbox(key="model").options
    assert "Mine alone" not in turned(yours, "funnel").selectbox(key="model").options


@thorough
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


def test_own_models_have_keys_and_names_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    space = Workspace()
    monkeypatch.setattr(own_models, "current", lambda: space)
    stage = (Stage("a", "A", ("lead",)),)
    first = own_models.save(StageModel("draft", "Our way", stage))
    again = own_models.save(StageModel("draft", "Our way", stage, description="better"))
    alike = own_models.save(StageModel("draft", "our-way!", stage))
    recorded = own_models.save(StageModel("draft", "CRM stages", stage))
    nameless = own_models.save(StageModel("draft", "???", stage))
    catalogued = own_models.save(StageModel("draft", "AIDA", stage))
    assert (first.key, again.key, alike.key, nameless.key) == ("our-way", "our-way", "our-way-2", "own")
    assert (recorded.key, recorded.name) == ("crm-stages-2", "CRM stages 2")
    assert (catalogued.key, catalogued.name) == ("aida-2", "AIDA 2")
    assert own_models.own()["our-way"].description == "better"
    own_models.forget("our-way")
    own_models.forget("never")
    assert list(own_models.own()) == ["our-way-2", "crm-stages-2", "own", "aida-2"]
