"""What stands ready before the first file comes, and the box that says what is being read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import funnel
from funnel import FunnelError
from funnel.core.errors import Interrupted
from funnel.core.types import Note
from pages.server import rehearsal, warm_up
from pages.server.workspace import Workspace
from pages.ui import loading
from tests import uploads
from tests.pages.apps import ALL, MOVES, opened, titles, uploaded
from tests.thorough import thorough

WARM = "funnel-lens.warm"
OPENING = Note("project.progress_open", {"file": "moves.csv"})


def warm(at: AppTest) -> int:
    """How many pieces make the browser ready."""
    return sum(found.proto.component_name == WARM for found in at.get("bidi_component"))


def reading(does: Callable[[Callable[[Note, float | None], None]], None], monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The app after a file came whose reading only hears of its progress, and ends as if its user had stopped it."""

    def read(self: Workspace, load_job: Any, progress: Any, *more: Any) -> None:
        does(progress)
        raise Interrupted("errors.interrupted")

    at = opened()
    monkeypatch.setattr(Workspace, "read", read)
    return uploads.upload(at, ("moves.csv", MOVES))


def test_the_frontend_has_each_piece_that_is_fetched_early() -> None:
    found = warm_up.frontend()
    assert [Path(address).name.partition(".")[0] for address in found] == list(warm_up.PIECES)


@thorough
def test_the_browser_is_made_ready_as_long_as_there_is_no_data() -> None:
    assert warm(opened()) == 1
    assert warm(uploaded()) == 0


def test_a_rehearsal_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    read: list[Path] = []
    opens = funnel.open
    monkeypatch.setattr(funnel, "open", lambda path: read.append(path) or opens(path))
    rehearsal.run()
    assert [path.name for path in read] == ["leads.csv"]
    assert list(tmp_path.iterdir()) == []


def test_a_rehearsal_without_a_disk_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(FunnelError):
        rehearsal.folders.make()
    rehearsal.run()


def test_what_is_read_at_once_shows_no_box() -> None:
    at = uploaded()
    assert titles(at) == [ALL]
    assert not at.status


def test_the_page_stays_until_the_box_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "PATIENCE_SECONDS", 60)
    at = reading(lambda progress: progress(OPENING, 0.5), monkeypatch)
    assert not at.status
    assert not at.exception


def test_what_takes_longer_says_what_is_done_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = loading._Box.draw
    came = loading.threading.Event()

    def draw(self: loading._Box) -> None:
        drawn(self)
        came.set()

    def slow(progress: Callable[[Note, float | None], None]) -> None:
        assert came.wait(10)
        progress(OPENING, 0.5)

    monkeypatch.setattr(loading, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(loading._Box, "draw", draw)
    at = reading(slow, monkeypatch)
    assert not at.exception
    assert [(status.label, status.state) for status in at.status] == [("Reading your files", "running")]
    assert "moves.csv" in at.status[0].text[0].value
    assert "Stop" in [button.label for button in at.button]
