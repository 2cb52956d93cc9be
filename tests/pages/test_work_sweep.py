"""The folder of kept work: what was never finished goes at the next start, what nobody comes back to goes in the end, and where nothing
can be kept the page says so."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pages.server import autosave, autosave_sweep, folders, sessions
from pages.server.workspace import Files, LoadJob, Workspace
from tests.pages.apps import MOVES, opened, turned, uploaded
from tests.thorough import thorough

pytestmark = thorough

ROOT = Path(__file__).resolve().parents[2]
BROWSER = "secret-of-this-browser"
DAY = 24 * 3600
KILLED_WHILE_KEEPING = """
import os, signal, sys
from pages.server import autosave, sessions
from pages.server.workspace import LoadJob, Files, Workspace
from pathlib import Path
sessions.browser_secret = lambda: sys.argv[2]
space = Workspace()
space.read(LoadJob(Files((Path(sys.argv[1]),))), lambda note, share: None)
if sys.argv[3] == "first":
    autosave.keep_data(space)
    space.notes = "changed"
os.replace = Path.replace = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)
autosave.keep_data(space)
"""


@pytest.fixture
def work(tmp_path, monkeypatch) -> Iterator[Path]:
    monkeypatch.setenv("FUNNEL_LENS_WORK", str(tmp_path / "work"))
    monkeypatch.setattr(sessions, "browser_secret", lambda: BROWSER)
    monkeypatch.setattr(folders, "_held", {})
    (tmp_path / "moves.csv").write_bytes(MOVES)
    yield tmp_path / "work"
    let_go()


@pytest.fixture
def space(work):
    """A workspace with leads in it."""
    found = Workspace()
    found.read(LoadJob(Files((work.parent / "moves.csv",))), lambda note, share: None)
    yield found
    found.close()


def let_go() -> None:
    """As when the server has ended."""
    for file in folders._held.values():
        file.close()
    folders._held.clear()


def lying(work: Path) -> list[str]:
    return sorted(path.name for path in work.glob("*/*/*"))


def killed(work: Path, when: str) -> None:
    arguments = [str(work.parent / "moves.csv"), BROWSER, when]
    ended = subprocess.run([sys.executable, "-c", KILLED_WHILE_KEEPING, *arguments], cwd=ROOT, check=False)
    assert ended.returncode == -9


@pytest.mark.skipif(os.name != "posix", reason="no process can be killed that way here")
def test_what_was_never_finished_goes_at_the_next_start(work):
    killed(work, "at once")
    # Somebody's leads, and nothing that would ever open them.
    assert lying(work) == ["leads.funnel.part"]
    autosave_sweep.sweep()
    assert list(work.iterdir()) == []
    killed(work, "first")
    assert lying(work) == ["leads.funnel", "work.json", "work.json.part"]
    autosave_sweep.sweep()
    assert lying(work) == ["leads.funnel", "work.json"]
    back = Workspace()
    autosave.resume(back, None)
    assert back.load_job is not None


def test_what_a_server_holds_is_left_alone(work, space):
    autosave.keep_data(space)
    (shelf,) = work.iterdir()
    (shelf / ("a" * 64)).mkdir()
    assert autosave_sweep.sweep(now=os.stat(shelf).st_mtime + 1_000 * DAY) == []
    let_go()
    assert autosave_sweep.sweep() == [shelf / ("a" * 64)]
    assert lying(work) == ["leads.funnel", "work.json"]


def test_what_no_browser_can_come_back_to_goes(work, space, monkeypatch):
    autosave.keep_data(space)
    let_go()
    (shelf,) = work.iterdir()
    changed = (shelf / space.entry / "work.json").stat().st_mtime
    assert autosave_sweep.sweep(now=changed + 399 * DAY) == []
    monkeypatch.setenv("FUNNEL_LENS_WORK_DAYS", "30")
    assert autosave_sweep.sweep(now=changed + 29 * DAY) == []
    # A clock that went back takes nothing away.
    assert autosave_sweep.sweep(now=changed - 1_000 * DAY) == []
    assert autosave_sweep.sweep(now=changed + 31 * DAY) == [shelf]
    assert list(work.iterdir()) == []


def test_only_what_this_program_made_is_ever_removed(work, monkeypatch):
    strange = work / "photos" / "2020"
    strange.mkdir(parents=True)
    (strange / "a.jpg").write_bytes(b"x")
    (work / ("b" * 32)).symlink_to(work / "photos")
    (work / "notes.txt").write_text("mine")
    mixed = work / ("c" * 32)
    (mixed / "mine").mkdir(parents=True)
    assert autosave_sweep.sweep(now=1e12) == []
    assert (strange / "a.jpg").exists()
    assert (mixed / "mine").exists()
    monkeypatch.delenv("FUNNEL_LENS_WORK")
    assert autosave_sweep.sweep() == []


def test_a_visit_alone_leaves_nothing_in_the_folder(work):
    assert not opened().exception
    autosave.resume(Workspace(), None)
    assert autosave.entries() == []
    assert not work.exists()


@pytest.mark.parametrize("within", ["moves.csv", "moves.csv/work"])
def test_a_folder_that_cannot_be_written_to_is_said(work, space, monkeypatch, within):
    folder = work.parent / within
    monkeypatch.setenv("FUNNEL_LENS_WORK", str(folder))
    autosave_sweep.sweep()
    autosave.resume(Workspace(), None)
    autosave.keep_data(space)
    assert space.unkept is not None
    assert "cannot be written to" in space.unkept
    assert space.entry is None
    monkeypatch.setenv("FUNNEL_LENS_WORK", str(work))
    autosave.keep_data(space)
    assert space.unkept is None
    assert lying(work) == ["leads.funnel", "work.json"]


def test_the_data_page_says_that_the_folder_cannot_be_written_to(work, monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_WORK", str(work.parent / "moves.csv" / "work"))
    at = uploaded(page="files")
    assert not at.exception
    assert [box.value for box in at.warning if "is not kept by itself" in box.value]
    # A folder whose name is no text is said as well.
    monkeypatch.setenv("FUNNEL_LENS_WORK", os.fsdecode(os.fsencode(work.parent) + b"/moves.csv/\xe9"))
    at = uploaded(page="files")
    assert not at.exception
    monkeypatch.setenv("FUNNEL_LENS_WORK", os.fsdecode(os.fsencode(work.parent) + b"/\xe9"))
    at = turned(uploaded(), "project")
    assert not at.exception
    assert [box.value for box in at.caption if "Kept by itself" in box.value]
