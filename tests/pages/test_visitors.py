"""Whose workspace is whose, how many may hold data, and when what nobody looks at any more is let go."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import funnel
from pages.server import folders, runs, sessions, user_dir
from pages.server.sessions import FullError
from pages.server.workspace import Files, LoadJob, Workspace
from tests.thorough import thorough

ROOT = Path(__file__).resolve().parents[2]
LINES = (
    "Deal ID,Stage,Entered at,Region\nd1,New,2025-01-02,East\nd1,Closed won,2025-02-01,East\nd2,New,2025-03-01,West\n"
)


@pytest.fixture
def known(monkeypatch):
    """Who is known; `here` are those of them who have a page open."""
    found: dict[str, sessions._Visitor] = {}
    monkeypatch.setattr(sessions, "_known", found)
    return found


@pytest.fixture
def open_pages(monkeypatch):
    """The sessions that have a page open now."""
    found: set[str] = set()
    monkeypatch.setattr(runs, "is_active", lambda session: session in found)
    return found


@pytest.fixture
def file(tmp_path) -> Path:
    (tmp_path / "deals.csv").write_text(LINES, encoding="utf-8")
    return tmp_path / "deals.csv"


def read(space: Workspace, file: Path) -> Workspace:
    space.read(LoadJob(Files((file,))), lambda note, share: None)
    return space


def open_files(space: Workspace) -> None:
    """Nothing, but the place that it takes."""
    with sessions.take_place(space):
        pass


def test_what_has_no_page_open_for_long_vanishes_with_its_files(known, open_pages, file, monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_AWAY_MINUTES", "10")
    here, away = read(Workspace(), file), read(Workspace(), file)
    folder = away.data_set.engine.folder
    known["here"] = sessions._Visitor(here, seen=0.0, sessions={"s1"})
    known["away"] = sessions._Visitor(away, seen=0.0, sessions={"s2"})
    open_pages.add("s1")
    assert sessions.forget_away(now=599.0) == 0
    assert folder.exists()
    assert sessions.forget_away(now=601.0) == 1
    assert list(known) == ["here"]
    assert here.data_set is not None
    assert away.data_set is None
    assert not folder.exists()
    # Ten minutes begin when the last page is closed.
    open_pages.clear()
    assert sessions.forget_away(now=1_200.0) == 0
    assert sessions.forget_away(now=1_202.0) == 1
    assert here.data_set is None


def test_nobody_waits_while_what_was_let_go_is_closed(known, open_pages, monkeypatch):
    away = Workspace()
    held: list[bool] = []
    monkeypatch.setattr(away, "close", lambda: held.append(sessions._lock.locked()))
    known["away"] = sessions._Visitor(away, seen=0.0)
    sessions.forget_away(now=1_000_000.0)
    assert held == [False]


def test_so_many_hold_data_and_whoever_has_no_page_open_gives_way(known, open_pages, file, monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_SESSIONS", "2")
    first, second, third = Workspace(), Workspace(), Workspace()
    for place, space in enumerate((first, second, third)):
        known[f"b{place}"] = sessions._Visitor(space, seen=float(place), sessions={f"s{place}"})
        open_pages.add(f"s{place}")
    for space in (first, second):
        with sessions.take_place(space):
            read(space, file)
    with pytest.raises(FullError, match=r"2 people have their data open here.*FUNNEL_LENS_SESSIONS"):
        open_files(third)
    # Who has a place may open other files.
    open_files(first)
    open_pages.remove("s1")
    open_files(third)
    assert second.data_set is None
    assert first.data_set is not None
    assert list(known) == ["b0", "b2"]


def test_nobody_more_is_let_in_while_others_are_just_being_read(known, open_pages, file, monkeypatch):
    """Who opens files at the same moment holds no data yet, and is counted all the same."""
    monkeypatch.setenv("FUNNEL_LENS_SESSIONS", "1")
    first, second = Workspace(), Workspace()
    for place, space in enumerate((first, second)):
        known[f"b{place}"] = sessions._Visitor(space, seen=float(place))
    with sessions.take_place(first), pytest.raises(FullError):
        open_files(second)
    # Nothing came of it, and the place is free again.
    with pytest.raises(ZeroDivisionError), sessions.take_place(first):
        raise ZeroDivisionError
    with sessions.take_place(second):
        read(second, file)
    open_files(first)
    assert second.data_set is None


def looks(session: str, secret: str | None, state: dict[str, object], monkeypatch) -> Workspace:
    """The workspace of a session of the browser that sends this secret, or takes no cookies."""
    monkeypatch.setattr(sessions, "browser_secret", lambda: secret)
    monkeypatch.setattr(runs, "of_session", lambda: session)
    monkeypatch.setattr(sessions.st, "session_state", state)
    return sessions.current()


def test_who_takes_no_cookies_is_counted_swept_and_found_by_nobody(known, open_pages, file, monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_SESSIONS", "2")
    spaces = []
    for number in range(3):
        open_pages.add(f"s{number}")
        state: dict[str, object] = {}
        space = looks(f"s{number}", None, state, monkeypatch)
        assert looks(f"s{number}", None, state, monkeypatch) is space
        spaces.append(space)
    assert len({id(space) for space in spaces}) == 3
    first, second, third = spaces
    for space in (first, second):
        with sessions.take_place(space):
            read(space, file)
    with pytest.raises(FullError):
        open_files(third)
    assert sessions.of_request({}) is None
    # One whose page is closed gives way, and the others go when they are away, or at the end of the server.
    open_pages.remove("s0")
    open_files(third)
    assert first.data_set is None
    folder = second.data_set.engine.folder
    assert sessions.forget_away(now=time.monotonic() + 1e6) == 0
    open_pages.clear()
    assert sessions.forget_away(now=time.monotonic() + 2e6) == 2
    assert not folder.exists()
    assert known == {}
    read(spaces[2], file)
    state = {sessions._STATE: spaces[2]}
    looks("s2", None, state, monkeypatch)
    sessions.forget_all()
    assert spaces[2].data_set is None


def test_a_browser_that_is_known_by_another_name_keeps_one_workspace_and_one_place(
    known, open_pages, file, monkeypatch
):
    monkeypatch.setenv("FUNNEL_LENS_SESSIONS", "2")
    open_pages.add("s1")
    state: dict[str, object] = {}
    space = looks("s1", None, state, monkeypatch)
    for secret in ("one", "two", None, "one"):
        assert looks("s1", secret, state, monkeypatch) is space
    read(space, file)
    assert sessions.of_request({"funnel_lens": "two"}) is space
    assert len(set(known.values())) == 1
    other = looks("s2", "other", {}, monkeypatch)
    with sessions.take_place(other):
        read(other, file)
    assert space.data_set is not None
    # A name that the browser no longer uses does not let its workspace go while a page of it is open.
    assert sessions.forget_away(now=time.monotonic() + 1e6) == 1
    assert space.data_set is not None
    assert other.data_set is None


def test_two_workspaces_of_one_browser_do_not_hide_each_other(known, open_pages, file, monkeypatch):
    """A page whose workspace was let go, and one that was opened since, find themselves in the same one."""
    open_pages.update(("s1", "s2"))
    old: dict[str, object] = {}
    gone = looks("s1", "one", old, monkeypatch)
    sessions._forget(known["one"])
    fresh = looks("s2", "one", {}, monkeypatch)
    assert fresh is not gone
    assert looks("s1", "one", old, monkeypatch) is fresh
    # One without cookies, and then with those of a browser that has a workspace, keeps its own; both are counted.
    own: dict[str, object] = {}
    alone = looks("s3", None, own, monkeypatch)
    assert looks("s3", "one", own, monkeypatch) is alone
    assert looks("s2", "one", {sessions._STATE: fresh}, monkeypatch) is fresh
    assert {visitor.space.name for visitor in known.values()} == {fresh.name, alone.name}


@thorough
def test_the_right_to_write_goes_with_whoever_is_let_go(known, open_pages, tmp_path, monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_WORK", str(tmp_path))
    before = set(folders._held)
    for number in range(20):
        known[f"b{number}"] = sessions._Visitor(Workspace(), seen=0.0)
        path = user_dir.folder_of(f"b{number}")
        path.mkdir()
        assert folders.hold(path)
    assert not taken_elsewhere(user_dir.folder_of("b3"))
    assert sessions.forget_away(now=1e9) == 20
    assert set(folders._held) == before
    assert taken_elsewhere(user_dir.folder_of("b3"))
    # Whoever comes again writes again.
    assert folders.hold(user_dir.folder_of("b3"))
    assert not taken_elsewhere(user_dir.folder_of("b3"))
    folders.release(user_dir.folder_of("b3"))
    folders.release(tmp_path / "never held")


def taken_elsewhere(folder: Path) -> bool:
    """Whether another process may write there."""
    asked = "import sys, pathlib; from pages.server import folders; print(folders.hold(pathlib.Path(sys.argv[1])))"
    ran = subprocess.run(
        [sys.executable, "-c", asked, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip() == "True"


def test_a_request_finds_only_the_workspace_of_its_cookie(known):
    mine, other = Workspace(), Workspace()
    known["secret"], known["other"] = sessions._Visitor(mine), sessions._Visitor(other)
    assert sessions.of_request({"funnel_lens": "secret"}) is mine
    assert sessions.of_request({"funnel_lens": "guess"}) is None
    assert sessions.of_request({"funnel_lens": ""}) is None
    assert sessions.of_request({}) is None


def test_files_wait_for_their_turn_to_be_read(file, monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_READINGS", "1")
    began, go_on, order = threading.Event(), threading.Event(), []
    first, second = Workspace(), Workspace()

    def slowly(note, share) -> None:
        began.set()
        assert go_on.wait(20)

    real = funnel.open

    def watched(*paths, progress, **others):
        order.append("open")
        progress(None, None)
        return real(*paths, **others)

    monkeypatch.setattr(funnel, "open", watched)
    heard: list[int] = []

    def waiting(before: int) -> None:
        heard.append(before)
        assert order == ["open"]
        go_on.set()

    thread = threading.Thread(target=first.read, args=(LoadJob(Files((file,))), slowly))
    thread.start()
    assert began.wait(20)
    second.read(LoadJob(Files((file,))), lambda note, share: None, waiting)
    thread.join(20)
    assert heard[0] == 0
    assert order == ["open", "open"]
    first.close()
    second.close()
