"""A live source on the pages: offered by name, shown as of a moment, newer data only when somebody says so."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from funnel.live import folder, reader
from pages.server import live_data
from pages.server.workspace import Workspace
from tests.pages.apps import MAIN, MOVES
from tests.thorough import thorough

MORE = b"""E-5,New,2025-03-20,East,
E-5,Qualified,2025-03-21,East,
D-4,Qualified,2025-03-22,West,
"""


@pytest.fixture
def exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    inside = tmp_path / "exports"
    inside.mkdir()
    (inside / "moves.csv").write_bytes(MOVES)
    told = tmp_path / "sources.toml"
    told.write_text(f'[[source]]\nname = "Exports"\nkind = "folder"\npath = "{inside}"\nrefresh = "1h"\n')
    monkeypatch.setenv("FUNNEL_LENS_SOURCES", str(told))
    monkeypatch.setattr(folder, "STILL_SECONDS", 0)
    monkeypatch.setattr(reader, "_readers", {})
    return inside


def opened_source() -> AppTest:
    at = AppTest.from_file(MAIN, default_timeout=60).run()
    at.selectbox(key="live_source_0").set_value("Exports").run()
    at.button(key="open_live").click().run()
    assert not at.exception
    return at


def space_of(at: AppTest) -> Workspace:
    space: Workspace = at.session_state["workspace"]
    return space


def line(at: AppTest) -> str:
    return next(read(each.value) for each in at.caption if "Exports" in each.value and "as of" in each.value)


def read(markdown: str) -> str:
    """As a person reads it."""
    return markdown.replace("\\", "").replace("\u2060", "")


def newer(at: AppTest) -> None:
    """The source is looked at twice, and what it holds is made ready."""
    for _ in range(2):
        reader.shared("Exports").look()
    space = space_of(at)
    assert space.following is not None
    live_data.look(space, space.following)
    until = time.monotonic() + 20
    while space.following.ready is None and space.following.problem is None and time.monotonic() < until:
        time.sleep(0.05)


def test_sources_are_offered_by_name_where_a_file_is_opened(exports: Path) -> None:
    at = AppTest.from_file(MAIN, default_timeout=60).run()
    assert at.selectbox(key="live_source_0").options == ["Exports"]
    assert at.button(key="open_live").disabled


def test_nothing_is_offered_where_none_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("FUNNEL_LENS_SOURCES", raising=False)
    at = AppTest.from_file(MAIN, default_timeout=60).run()
    assert not [box for box in at.selectbox if box.key and box.key.startswith("live")]
    (tmp_path / "sources.toml").write_text('[[source]]\nname = "A"\nkind = "ftp"\n')
    monkeypatch.setenv("FUNNEL_LENS_SOURCES", str(tmp_path / "sources.toml"))
    assert "kind: found something else" in read(AppTest.from_file(MAIN, default_timeout=60).run().warning[0].value)


def test_numbers_stay_until_somebody_shows_the_newer_ones(exports: Path) -> None:
    at = opened_source()
    assert space_of(at).data_set.leads == 4
    assert not [button for button in at.button if button.key == "show_newer"]
    (exports / "moves.csv").write_bytes(MOVES + MORE)
    newer(at)
    at.run()
    # By hand: E-5 is new with its two entries; the only move of a lead that was there is D-4's.
    assert "Since then 1 new lead, 1 move." in line(at)
    assert space_of(at).data_set.leads == 4, "nothing moved by itself"
    token = space_of(at).token
    at.button(key="show_newer").click().run()
    assert not at.exception
    assert space_of(at).data_set.leads == 5
    assert space_of(at).token != token
    assert "Since then" not in line(at)


def test_it_is_as_of_when_it_was_last_seen_to_be_so(exports: Path) -> None:
    at = opened_source()
    known, clock = reader.shared("Exports"), [datetime(2031, 12, 1, 9, 30)]
    known._clock = lambda: clock[0]
    known.look()
    assert line(at.run()) == "Exports, as of 1 Dec 2031 09:30."
    clock[0] = datetime(2031, 12, 1, 9, 45)
    (exports / "moves.csv").write_bytes(MOVES + MORE)
    newer(at)
    assert line(at.run()) == "Exports, as of 1 Dec 2031 09:30. Since then 1 new lead, 1 move."
    at.button(key="show_newer").click().run()
    assert line(at) == "Exports, as of 1 Dec 2031 09:45."


def test_what_was_said_stays_with_newer_data(exports: Path) -> None:
    at = opened_source()
    space = space_of(at)
    space.data_set.with_concepts({"Qualified": "demo"})
    space.notes = "mine"
    (exports / "moves.csv").write_bytes((MOVES + MORE).replace(b"D-4,Qualified", b"D-4,Haggling"))
    newer(at)
    at.run()
    assert "Labels never seen before: Haggling" in line(at)
    at.button(key="show_newer").click().run()
    assert not at.exception
    assert space.data_set.concepts["Qualified"] == "demo"
    assert space.notes == "mine"
    assert {each.label for each in space.data_set.labels} > {"Haggling"}


def test_columns_that_vanish_are_told_and_a_new_mapping_by_hand_makes_ready_anew(exports: Path) -> None:
    at = opened_source()
    space = space_of(at)
    lines = [line.rsplit(b",", 1)[0] for line in MOVES.splitlines()]
    (exports / "moves.csv").write_bytes(b"\n".join(lines))
    newer(at)
    at.run()
    assert "Columns that are gone: note." in line(at)
    first = space.following.ready
    space.data_set.with_concepts({"Qualified": "demo"})
    assert not live_data.show(space), "made ready before that was said"
    newer(at)
    assert space.following.ready is not first
    assert space.following.ready.data_set.concepts["Qualified"] == "demo"


def test_a_source_that_fails_leaves_what_is_shown_and_says_when(exports: Path) -> None:
    at = opened_source()
    exports.rename(exports.with_name("away"))
    reader.shared("Exports").look()
    at.run()
    assert "The folder of the source Exports, or a file in it, cannot be read." in line(at)
    assert space_of(at).data_set.leads == 4
    # What comes is no table of leads any more.
    exports.with_name("away").rename(exports)
    (exports / "moves.csv").write_bytes(b"%PDF-1.4 no table")
    newer(at)
    at.run()
    assert "could not be used" in line(at)
    assert space_of(at).data_set.leads == 4


def test_two_sessions_read_a_source_once(exports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    look = reader.FolderFeed.look
    monkeypatch.setattr(reader.FolderFeed, "look", lambda *given: (looks.append(1), look(*given))[1])
    monkeypatch.setattr("pages.server.sessions._known", {})
    first = opened_source()
    monkeypatch.setattr("pages.server.sessions._known", {})
    second = opened_source()
    assert space_of(first) is not space_of(second)
    assert looks == [1]
    assert space_of(first).files.paths == space_of(second).files.paths


def test_numbers_move_by_themselves_where_that_is_switched_on(exports: Path) -> None:
    at = opened_source()
    at.toggle(key="live_automatic").set_value(True).run()
    (exports / "moves.csv").write_bytes(MOVES + MORE)
    newer(at)
    at.run()
    assert not at.exception
    assert space_of(at).data_set.leads == 5


@thorough
def test_what_was_kept_is_followed_again_and_newer_data_take_its_place(
    exports: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = opened_source()
    assert len(list(shelf.glob("*/*/work.json"))) == 1
    (exports / "moves.csv").write_bytes(MOVES + MORE)
    newer(at)
    at.run()
    at.button(key="show_newer").click().run()
    assert len(list(shelf.glob("*/*/work.json"))) == 1, "no older work is pushed out"
    monkeypatch.setattr("pages.server.sessions._known", {})
    again = AppTest.from_file(MAIN, default_timeout=60).run()
    space = space_of(again)
    assert space is not space_of(at)
    assert space.data_set.leads == 5
    assert space.following.source == "Exports"
    newer(again)
    again.run()
    assert space.following.ready is None, "the source holds the same"
    assert "Since then" not in line(again)
