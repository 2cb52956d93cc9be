"""A model that changed on days, on the pages: which version is looked at, what is said of the others, and that they are kept."""

from __future__ import annotations

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

import funnel
from funnel import catalogue
from tests.pages.apps import below, turned, uploaded, with_ledger

pytestmark = pytest.mark.usefixtures("opened_once")

# Of the four leads of the log, A-1 and B-2 come in January; C-3 in February and D-4 in March belong to the later version.
OURS = b"""
name = "Ours"
[[stages]]
name = "Lead"
concepts = ["lead", "contacted", "qualified"]
[[stages]]
name = "Won"
concepts = ["won"]
[[versions]]
from = 2025-02-01
[[versions.stages]]
name = "Enquiry"
concepts = ["lead"]
[[versions.stages]]
name = "Qualified"
concepts = ["qualified"]
[[versions.stages]]
name = "Won"
concepts = ["won"]
"""
SAID = "2 leads of other versions are not counted, and no rate is compared across versions."


def kept() -> AppTest:
    """The funnel through the model, which was loaded into the editor and kept."""
    at = uploaded(page="edit")
    below(at).file_uploader[0].upload("ours.toml", OURS).run()
    at.button(key="keep").click().run()
    turned(at, "funnel").selectbox(key="model").set_value("ours").run()
    assert not at.exception
    return at


def captions(at: AppTest) -> str:
    """The captions as they are read."""
    return "\n".join(each.value.replace("\\", "").replace("\u2060", "") for each in at.caption)


def test_the_strip_chooses_a_version_and_says_what_is_not_counted() -> None:
    at = with_ledger(kept())
    assert list(at.dataframe[0].value["Stage"]) == ["Enquiry", "Qualified", "Won"]
    assert "this is its version since 1 Feb 2025" in captions(at)
    assert SAID in captions(at)
    assert list(at.selectbox(key="version_ours").options) == ["until 31 Jan 2025", "since 1 Feb 2025"]
    # Both stand side by side, step by step.
    assert "Versions of “Ours”" in [header.value for header in at.header]
    at.selectbox(key="version_ours").set_value("first").run()
    assert list(at.dataframe[0].value["Stage"]) == ["Lead", "Won"]
    assert "this is its version until 31 Jan 2025" in captions(at)
    assert SAID in captions(at)
    for page in ("trend", "segments", "trends", "forecast"):
        assert SAID in captions(turned(at, page)), page


def test_the_models_page_says_it_of_a_model_beside_others() -> None:
    at = turned(kept(), "models")
    assert SAID not in captions(at)
    at.selectbox(key="model_1").set_value("ours").run()
    assert not at.exception
    assert SAID in captions(at)
    assert at.title[0].value.startswith("The same 2 leads")


def test_the_editor_shapes_one_version_and_keeps_the_others(tmp_path) -> None:
    at = kept()
    turned(at, "edit").button(key="edit_ours").click().run()
    names = [box.value for box in below(at).text_input if box.label.startswith("Name of stage")]
    assert names == ["Enquiry", "Qualified", "Won"]
    assert "the others stay as they are" in captions(at)
    at.button(key="merge_stage_0").click().run()
    at.selectbox(key="draft_version").set_value(0).run()
    names = [box.value for box in below(at).text_input if box.label.startswith("Name of stage")]
    assert names == ["Lead", "Won"]
    at.button(key="keep").click().run()
    assert not at.exception
    model = at.session_state["workspace"].own_models["ours"]
    assert [[stage.name for stage in version.stages] for version in model.versions] == [
        ["Lead", "Won"],
        ["Enquiry", "Won"],
    ]
    assert model.versions[1].since == date(2025, 2, 1)
    assert catalogue.read_model_text(catalogue.model_toml(model), "ours.toml").versions == model.versions
    # A project keeps them, and the draft with them.
    space = at.session_state["workspace"]
    space.data_set.save(tmp_path / "p.funnel", space.work())
    with funnel.open(tmp_path / "p.funnel") as again:
        assert again.model("ours").versions == model.versions
        assert again.work.draft.versions == model.versions
