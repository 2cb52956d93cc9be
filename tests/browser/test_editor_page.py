"""What a person does in the model editor, in a real Chromium: copy, merge, see the preview follow, keep, save, load."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import PATIENCE_MS
from tests.browser.places import go, open_list
from tests.browser.test_funnel_page import told, upload
from tests.pages.editing import LEADS, STANDARD

pytestmark = pytest.mark.browser


def opened(visitor):  # type: ignore[no-untyped-def]
    """The editor with a copy of the standard model."""
    page = visitor()
    upload(page, "leads.csv", LEADS.encode())
    told(page, re.compile("of 25 leads"))
    go(page, "Models", "Edit")
    open_list(page, page.get_by_role("combobox", name="Start from a copy of"))
    page.get_by_role("option", name="Standard B2B").click()
    page.get_by_role("button", name="Copy it").click()
    shown(page, "Presentation and proposal", "15 60%")
    return page


def shown(page, stage: str, numbers: str) -> None:  # type: ignore[no-untyped-def]
    """Wait until the preview writes these numbers above the bar of a stage."""
    notes = page.locator(".st-key-preview .annotation-text")
    notes.filter(has_text=re.compile(f"^{re.escape(stage)}$")).wait_for()
    notes.filter(has_text=re.compile(f"^{re.escape(numbers)}$")).first.wait_for()


def previewed(page, *stages: str) -> None:  # type: ignore[no-untyped-def]
    """Wait until the preview names these stages, in this order; it is drawn anew after every change."""
    from playwright.sync_api import expect

    known = "|".join(re.escape(name) for name in (*STANDARD, "Qualified at last"))
    notes = page.locator(".st-key-preview .annotation-text").filter(has_text=re.compile(f"^({known})$"))
    expect(notes).to_have_text(list(stages), timeout=PATIENCE_MS)


def test_two_stages_are_merged_and_the_preview_follows_without_a_jump(visitor) -> None:  # type: ignore[no-untyped-def]
    page = opened(visitor)
    page.get_by_role("textbox", name="Name of stage 2").fill("Qualified at last")
    page.get_by_role("textbox", name="Name of stage 2").press("Enter")
    shown(page, "Qualified at last", "15 60%")
    main, merge = page.locator('[data-testid="stMain"]'), page.get_by_role("button", name="Merge stage 2 with the next")
    merge.scroll_into_view_if_needed()
    main.evaluate("main => { main.scrollTop += 300; }")
    place = main.evaluate("main => main.scrollTop")
    assert place > 0
    merge.click()
    page.get_by_role("textbox", name="Name of stage 5").wait_for(state="detached")
    shown(page, "Qualified at last", "15 60%")
    previewed(page, "Lead generation", "Qualified at last", *STANDARD[3:])
    assert main.evaluate("main => main.scrollTop") == place
    box = page.locator(".st-key-preview").bounding_box()
    assert 0 < box["y"] < 500, "the preview stays in view beside the stages"


def test_coverage_falls_when_a_stage_goes_and_undo_brings_it_back(visitor) -> None:  # type: ignore[no-untyped-def]
    page = opened(visitor)
    page.get_by_role("button", name="Remove stage 3").click()
    page.get_by_text("20 of 25 leads; before: 100% (25)").wait_for()
    page.get_by_text("Labels of this file that no stage takes: Demo (5 leads).").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("25 of 25 leads; before: 100% (25)").wait_for()


def test_a_meaning_is_taken_by_keyboard_and_leaves_the_other_stage(visitor) -> None:  # type: ignore[no-untyped-def]
    page = opened(visitor)
    box = page.get_by_role("combobox", name="Stage 1 includes stages mapped to")
    box.focus()
    page.keyboard.type("Demo")
    page.get_by_role("option", name="Demo").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".st-key-stage_2").get_by_text("In this file: no label").wait_for()
    page.locator(".st-key-stage_0").get_by_text("In this file: New and Demo").wait_for()
    assert page.locator(".st-key-stage_2 [data-tag]").all_text_contents() == [
        "Evaluation",
        "Engagement",
        "Proposal",
        "Additional offer",
        "Pilot",
    ]


def test_a_model_is_kept_taken_along_and_loaded_again(visitor) -> None:  # type: ignore[no-untyped-def]
    page = opened(visitor)
    page.get_by_role("textbox", name="Name of the model").fill("Ours & <b>theirs</b>")
    page.get_by_role("textbox", name="Name of the model").press("Enter")
    page.get_by_role("button", name="Remove stage 3").click()
    page.get_by_text("20 of 25 leads; before: 100% (25)").wait_for()
    page.get_by_role("button", name="Save model").click()
    page.get_by_text("Kept as Ours & <b>theirs</b>. Choose it at the top").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as TOML").click()
    assert download.value.suggested_filename == "ours-b-theirs-b.toml"
    saved = download.value.path().read_bytes()
    go(page, "Funnel")
    open_list(page, page.get_by_role("combobox", name="Model", exact=True))
    page.get_by_role("option", name="Ours & <b>theirs</b>").click()
    told(page, re.compile("of 20 leads"))
    other = opened(visitor)
    other.get_by_role("button", name="Load a file").click()
    other.locator('[data-testid="stFileUploaderDropzoneInput"]').set_input_files(
        {"name": "ours.toml", "mimeType": "application/toml", "buffer": saved}
    )
    other.get_by_text("20 of 25 leads; before: 80% (20)").wait_for()
    assert other.get_by_role("textbox", name="Name of the model").input_value() == "Ours & <b>theirs</b>"


def test_a_wrong_file_is_told_and_nothing_is_lost(visitor) -> None:  # type: ignore[no-untyped-def]
    page = opened(visitor)
    page.get_by_role("button", name="Load a file").click()
    page.locator('[data-testid="stFileUploaderDropzoneInput"]').set_input_files(
        {"name": "wrong.toml", "mimeType": "application/toml", "buffer": b'[[stages]]\nname = "A"\nconcept = ["lead"]'}
    )
    page.get_by_role("alert").filter(has_text="wrong.toml").wait_for()
    previewed(page, *STANDARD)
