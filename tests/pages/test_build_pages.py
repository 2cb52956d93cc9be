"""A built folder in the app: opened from the server's folder as one entry, and every page works on it."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

import funnel
from funnel import measures
from funnel.core.errors import ReadingError
from funnel.core.types import AS_RECORDED
from funnel.scale import batch_build
from pages.server import served_files
from tests.pages.apps import opened, titles, turned
from tests.pages.test_pages_served import chosen
from tests.scale.logs import AS_OF, lines
from tests.thorough import every

PAGES = ("overview", "funnel", "models", "trends", "pipeline", "paths", "changes", "segments", "files")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    inside = tmp_path / "exports"
    inside.mkdir()
    pq.write_table(lines(150), tmp_path / "log.parquet")
    batch_build.build(str(tmp_path / "log.parquet"), inside / "b" / "log", models=["as-recorded"], as_of=AS_OF)
    monkeypatch.setenv("FUNNEL_LENS_FOLDER", str(inside))
    monkeypatch.setattr(served_files, "REMEMBERED_SECONDS", 0.0)
    return inside


def test_a_built_folder_is_one_entry_and_one_that_is_not_whole_is_none(folder):
    assert list(served_files.files((".csv", ".parquet"))) == ["b/log"]
    (folder / "b" / "log" / "funnel-lens.json").unlink()
    assert "b/log" not in served_files.files((".csv", ".parquet"))
    assert served_files.opened("b/log") is None


def test_no_question_is_answered_from_a_folder_that_was_changed_since(folder, tmp_path):
    pq.write_table(lines(300), tmp_path / "more.parquet")
    batch_build.build(str(tmp_path / "more.parquet"), tmp_path / "other", models=["as-recorded"], as_of=AS_OF)
    opened_before = funnel.open(folder / "b" / "log")
    leads = opened_before.ask(measures.steps, AS_RECORDED).stages[0].leads
    # As when it is built anew in the same place: some of it would be of one build and some of another.
    part = next((tmp_path / "other" / "gathered").rglob("*.parquet"))
    place = folder / "b" / "log" / part.relative_to(tmp_path / "other")
    kept = place.read_bytes()
    for content in (part.read_bytes(), kept[:100]):
        place.write_bytes(content)
        with pytest.raises(ReadingError, match="is missing or not as it was built"):
            opened_before.ask(measures.steps, "standard")
    opened_before.close()
    place.write_bytes(kept)
    with funnel.open(folder / "b" / "log") as again:
        assert again.ask(measures.steps, AS_RECORDED).stages[0].leads == leads


def test_a_folder_that_was_changed_since_is_let_go_and_the_upload_box_comes_back(folder):
    at = chosen(opened(), "b/log")
    part = next((folder / "b" / "log" / "gathered").rglob("*.parquet"))
    part.write_bytes(part.read_bytes()[:100])
    turned(at, "paths")
    assert not at.exception
    assert titles(at) == ["See the funnel in your lead file"]
    assert any("is missing or not as it was built" in texts_of(error.value) for error in at.error)
    assert at.session_state["workspace"].data_set is None


def texts_of(shown: str) -> str:
    """What a person reads of a text that is shown with its signs."""
    return shown.replace("\\", "").replace("\N{WORD JOINER}", "")


@pytest.mark.parametrize("page", every(4, PAGES))
def test_every_page_works_on_a_built_folder(folder, page):
    at = chosen(opened(), "b/log")
    assert at.session_state["workspace"].data_set.built is not None
    turned(at, page)
    if page == "files":
        turned(at, "columns")
        assert any("build it anew with --mapping" in caption.value for caption in at.caption)
        turned(at, "rows")
        assert any("were not used" in warning.value for warning in at.warning)
        assert not [box for box in at.selectbox if box.key and box.key.startswith("part_")]
