"""What strangers bring to the pages: what was said by hand stays, a reading gives its turn back, and what cannot be drawn is let go."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import funnel
from funnel import MappingOverrides
from funnel.cli.command import main
from funnel.core.engine import Engine
from funnel.core.errors import Exhausted, Interrupted
from funnel.core.sql import Query
from funnel.core.types import RawTable, SavedWork
from pages.server import autosave, query_queue, runs
from pages.server.workspace import Files, LoadJob, Workspace
from pages.strip import strip
from tests import uploads
from tests.core.test_engine import ENDLESS
from tests.pages.apps import ALL, MOVES, titles, uploaded
from tests.pages.test_pages_project import data_page, restarted
from tests.thorough import thorough

pytestmark = thorough

BY_HAND = MappingOverrides(won=("Qualified",))
"""By the file's own words one of four leads is won, A-1. By these two are, A-1 and C-3."""
TWO = "2 of 4 leads won · entered Jan 2025 – Mar 2025"
MORE = MOVES.splitlines()[0] + b"\nE-5,New,2025-03-20,West,\n"


@pytest.fixture
def by_hand(tmp_path) -> Path:
    (tmp_path / "deals.csv").write_bytes(MOVES)
    with funnel.open(tmp_path / "deals.csv", overrides=BY_HAND) as leads:
        leads.save(tmp_path / "all.funnel", SavedWork(notes="Mind the gap"))
    return tmp_path / "all.funnel"


def test_what_was_said_by_hand_in_a_project_stays_when_it_is_dropped_on_the_page(by_hand) -> None:
    at = uploaded(by_hand.read_bytes(), "all.funnel").run()
    assert titles(at.switch_page("funnel_page.py").run()) == [TWO]


def test_what_was_said_by_hand_in_a_project_stays_on_the_command_line(by_hand, capsys) -> None:
    assert main(["steps", str(by_hand), "--json"]) == 0
    assert '"won": 2' in capsys.readouterr().out
    # A flag says one thing more, and takes nothing away.
    assert main(["steps", str(by_hand), "--account", "region", "--json"]) == 0
    assert '"won": 2' in capsys.readouterr().out
    assert main(["steps", str(by_hand), "--won", "Closed won", "--json"]) == 0
    assert '"won": 1' in capsys.readouterr().out


def test_hints_stand_over_those_of_a_project_one_by_one() -> None:
    project = MappingOverrides(lead="id", won=("A",), concepts=(("x", "demo"), ("y", "lead")), date_order="dmy")
    said = MappingOverrides(lead="key", lost=("B",), concepts=(("y", "won"),))
    assert said.over(project) == MappingOverrides(
        lead="key", won=("A",), lost=("B",), concepts=(("x", "demo"), ("y", "won")), date_order="dmy"
    )
    assert MappingOverrides().over(project) == project
    assert said.over(MappingOverrides()) == said


def test_what_was_said_by_hand_stays_when_a_file_is_added() -> None:
    at = data_page(uploaded())
    at.session_state["workspace"].data_set.remap(BY_HAND)
    at.segmented_control(key="more").set_value("Add files").run()
    uploads.upload(at, ("more.csv", MORE))
    assert titles(at.switch_page("funnel_page.py").run()) == ["2 of 5 leads won · entered Jan 2025 – Mar 2025"]


def test_what_was_taken_back_by_hand_stays_so_after_a_restart(shelf) -> None:
    at = uploaded()
    data_set = at.session_state["workspace"].data_set
    data_set.remap(BY_HAND)
    autosave.keep_data(at.session_state["workspace"])
    uploads.upload(data_page(at), ("all.csv", MOVES))
    data_set = at.session_state["workspace"].data_set
    data_set.remap(BY_HAND)
    at.run()
    data_set.remap(MappingOverrides())
    at.run()
    assert titles(restarted().switch_page("funnel_page.py").run()) == [ALL]


# A reading that is not wanted any more


@pytest.fixture
def endless(monkeypatch, tmp_path) -> Path:
    """A file whose reading never ends by itself."""
    began = threading.Event()

    def read(engine: Engine, files, **rest) -> tuple[RawTable, ...]:  # type: ignore[no-untyped-def]
        began.set()
        engine.rows(ENDLESS)
        raise AssertionError("it has no end")

    monkeypatch.setattr("funnel.opening.read_files", read)
    (tmp_path / "x.csv").write_bytes(MOVES)
    return tmp_path / "x.csv"


def test_a_reading_that_is_not_wanted_any_more_ends_within_its_query_and_gives_its_turn_back(endless) -> None:
    space, wanted = Workspace(), threading.Event()
    wanted.set()
    threading.Timer(0.4, wanted.clear).start()
    began = time.monotonic()
    with pytest.raises(Interrupted):
        space.read(LoadJob(Files((endless,))), lambda note, share: None, wanted=wanted.is_set)
    assert 0.4 <= time.monotonic() - began < 5
    assert query_queue.readings._held == []
    assert space.data_set is None


def test_a_reading_is_stopped_by_the_limit_of_a_query(endless, monkeypatch) -> None:
    monkeypatch.setenv("FUNNEL_LENS_QUERY_SECONDS", "0.3")
    space = Workspace()
    with pytest.raises(Exhausted, match="FUNNEL_LENS_QUERY_SECONDS"):
        space.read(LoadJob(Files((endless,))), lambda note, share: None)
    assert query_queue.readings._held == []


def test_what_was_read_goes_on_to_be_asked_when_the_run_that_read_it_is_over(by_hand) -> None:
    space, wanted = Workspace(), threading.Event()
    wanted.set()
    space.read(LoadJob(Files((by_hand,))), lambda note, share: None, wanted=wanted.is_set)
    wanted.clear()
    assert space.data_set is not None
    text = "SELECT COUNT(*) AS n FROM range(60000000) AS a, range(20) AS b WHERE a.range % 7 = b.range"
    assert space.data_set.engine.row(Query(text))[0] == 60_000_000


def test_a_run_is_wanted_until_the_next_one_begins(monkeypatch) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr(runs.st, "session_state", state)
    first = runs.begin()
    assert first()
    second = runs.begin()
    assert (first(), second()) == (False, True)
    monkeypatch.setattr(runs.st.runtime, "exists", lambda: True)
    monkeypatch.setattr(runs, "is_active", lambda session: False)
    assert not second()


# What cannot be drawn


@pytest.fixture
def broken(monkeypatch) -> threading.Event:
    """Where it is set, no page can be drawn."""
    fails, show = threading.Event(), strip.show

    def failing(*args, **named):  # type: ignore[no-untyped-def]
        if fails.is_set():
            raise RuntimeError("a page that breaks")
        return show(*args, **named)

    monkeypatch.setattr(strip, "show", failing)
    return fails


def test_what_cannot_be_drawn_at_all_is_let_go_with_a_sentence(broken) -> None:
    broken.set()
    at = uploaded()
    assert titles(at) == ["See the funnel in your lead file"]
    assert at.error[0].value.startswith("“moves\\.csv” was opened and could not be shown")
    assert at.session_state["workspace"].data_set is None
    broken.clear()
    uploads.upload(at, ("moves.csv", MOVES))
    assert titles(at) == [ALL]
    assert not at.error


def test_what_was_drawn_once_stays_when_a_later_draw_fails(broken) -> None:
    at = uploaded()
    broken.set()
    at.run()
    assert at.exception
    broken.clear()
    assert titles(at.run()) == [ALL]


def test_what_cannot_be_drawn_does_not_come_back_by_itself_after_a_restart(shelf, broken) -> None:
    broken.set()
    uploaded()
    broken.clear()
    again = restarted()
    assert titles(again) == ["See the funnel in your lead file"]
    assert not again.error
    # Whoever asks for it may try once more; what can be drawn then comes back as usual.
    again.button(key="open_earlier").click().run()
    assert titles(again) == [ALL]
    assert titles(restarted()) == [ALL]


def test_a_view_of_the_frame_breaks_no_page(by_hand) -> None:
    """Whatever brings it there: no project holds one."""
    space = Workspace()
    space.read(LoadJob(Files((by_hand,))), lambda note, share: None)
    with pytest.raises(ValueError, match="frame"):
        funnel.storage.project.read_said(
            funnel.storage.project.plain_said(
                MappingOverrides(), replace(space.work(), views={"": {"embed": ("true",)}})
            )
        )
    space.close()


def test_what_another_run_interrupts_is_drawn_anew_and_let_go_by_nobody(monkeypatch) -> None:
    at: AppTest = uploaded()
    space = at.session_state["workspace"]
    space.drawn = ""
    interruptions = iter(range(7))
    show = strip.show

    def stopped(*args, **named):  # type: ignore[no-untyped-def]
        if next(interruptions, None) is not None:
            raise Interrupted("errors.interrupted")
        return show(*args, **named)

    monkeypatch.setattr(strip, "show", stopped)
    at.run()
    assert space.data_set is not None
    assert not at.exception
    assert titles(at) == [ALL]
