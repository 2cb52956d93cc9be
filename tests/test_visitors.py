"""Whose workspace is whose, how many may hold data, and when what nobody looks at any more is let go."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import funnel
from pages.shared import visitors
from pages.shared.visitors import FullError
from pages.shared.workspace import Errand, Files, Workspace

LINES = (
    "Deal ID,Stage,Entered at,Region\nd1,New,2025-01-02,East\nd1,Closed won,2025-02-01,East\nd2,New,2025-03-01,West\n"
)


@pytest.fixture
def known(monkeypatch):
    """Who is known; `here` are those of them who have a page open."""
    found: dict[str, visitors._Visitor] = {}
    monkeypatch.setattr(visitors, "_known", found)
    return found


@pytest.fixture
def open_pages(monkeypatch):
    """The sessions that have a page open now."""
    found: set[str] = set()
    monkeypatch.setattr(visitors, "_active", lambda session: session in found)
    return found


@pytest.fixture
def file(tmp_path) -> Path:
    (tmp_path / "deals.csv").write_text(LINES, encoding="utf-8")
    return tmp_path / "deals.csv"


def read(space: Workspace, file: Path) -> Workspace:
    space.read(Errand(Files((file,))), lambda note, share: None)
    return space


def test_what_has_no_page_open_for_long_vanishes_with_its_files(known, open_pages, file, monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_AWAY_MINUTES", "10")
    here, away = read(Workspace(), file), read(Workspace(), file)
    folder = away.data_set.engine.folder
    known["here"] = visitors._Visitor(here, seen=0.0, sessions={"s1"})
    known["away"] = visitors._Visitor(away, seen=0.0, sessions={"s2"})
    open_pages.add("s1")
    assert visitors.forget_away(now=599.0) == 0
    assert folder.exists()
    assert visitors.forget_away(now=601.0) == 1
    assert list(known) == ["here"]
    assert here.data_set is not None
    assert away.data_set is None
    assert not folder.exists()
    # Ten minutes begin when the last page is closed.
    open_pages.clear()
    assert visitors.forget_away(now=1_200.0) == 0
    assert visitors.forget_away(now=1_202.0) == 1
    assert here.data_set is None


def test_nobody_waits_while_what_was_let_go_is_closed(known, open_pages, monkeypatch):
    away = Workspace()
    held: list[bool] = []
    monkeypatch.setattr(away, "close", lambda: held.append(visitors._lock.locked()))
    known["away"] = visitors._Visitor(away, seen=0.0)
    visitors.forget_away(now=1_000_000.0)
    assert held == [False]


def test_so_many_hold_data_and_whoever_has_no_page_open_gives_way(known, open_pages, file, monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_SESSIONS", "2")
    first, second, third = Workspace(), Workspace(), Workspace()
    for place, space in enumerate((first, second, third)):
        known[f"b{place}"] = visitors._Visitor(space, seen=float(place), sessions={f"s{place}"})
        open_pages.add(f"s{place}")
    for space in (first, second):
        visitors.take_place(space)
        read(space, file)
    with pytest.raises(FullError, match=r"2 people have their data open here.*FUNNEL_LENS_SESSIONS"):
        visitors.take_place(third)
    # Who has a place may open other files.
    visitors.take_place(first)
    open_pages.remove("s1")
    visitors.take_place(third)
    assert second.data_set is None
    assert first.data_set is not None
    assert list(known) == ["b0", "b2"]


def test_a_request_finds_only_the_workspace_of_its_cookie(known):
    mine, other = Workspace(), Workspace()
    known["secret"], known["other"] = visitors._Visitor(mine), visitors._Visitor(other)
    assert visitors.of_request({"funnel_lens": "secret"}) is mine
    assert visitors.of_request({"funnel_lens": "guess"}) is None
    assert visitors.of_request({"funnel_lens": ""}) is None
    assert visitors.of_request({}) is None


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

    thread = threading.Thread(target=first.read, args=(Errand(Files((file,))), slowly))
    thread.start()
    assert began.wait(20)
    second.read(Errand(Files((file,))), lambda note, share: None, waiting)
    thread.join(20)
    assert heard[0] == 0
    assert order == ["open", "open"]
    first.close()
    second.close()
