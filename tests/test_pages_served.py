"""Files on the server's own disk: only those of the folder that is allowed, and only while they are there."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import served
from tests.test_pages import ALL, MOVES, opened, titles

ENDINGS = (".csv", ".gz")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    inside = tmp_path / "exports"
    inside.mkdir()
    monkeypatch.setenv("FUNNEL_LENS_FOLDER", str(inside))
    return inside


def chosen(at: AppTest, *names: str) -> AppTest:
    """The app after these files were chosen and opened."""
    at.multiselect(key="served_new_0").set_value(list(names)).run()
    at.button(key="open_served_new").click().run()
    assert not at.exception
    return at


def test_nothing_of_the_disk_is_offered_unless_a_folder_is_allowed(tmp_path, monkeypatch):
    monkeypatch.delenv("FUNNEL_LENS_FOLDER", raising=False)
    assert served.files(ENDINGS) == {}
    assert not [box for box in opened().multiselect if box.key.startswith("served")]
    monkeypatch.setenv("FUNNEL_LENS_FOLDER", str(tmp_path / "nowhere"))
    assert served.files(ENDINGS) == {}


def test_files_are_offered_by_their_place_in_the_folder(folder):
    (folder / "b").mkdir()
    (folder / ".hidden").mkdir()
    for name in ("z.csv", "a.CSV", "b/c.csv.gz", "notes.docx", ".secret.csv", ".hidden/x.csv"):
        (folder / name).write_bytes(MOVES)
    assert list(served.files(ENDINGS)) == ["a.CSV", "z.csv", "b/c.csv.gz"]
    deep = folder / "1" / "2" / "3" / "4"
    deep.mkdir(parents=True)
    (deep / "too-deep.csv").write_bytes(MOVES)
    (deep.parent / "deep-enough.csv").write_bytes(MOVES)
    assert "1/2/3/deep-enough.csv" in served.files(ENDINGS)
    assert not [name for name in served.files(ENDINGS) if "too-deep" in name]


def test_nothing_outside_of_the_folder_can_be_opened(folder, tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_bytes(MOVES)
    (folder / "link.csv").symlink_to(outside)
    (folder / "to").symlink_to(tmp_path)
    (folder / "in.csv").write_bytes(MOVES)
    assert list(served.files(ENDINGS)) == ["in.csv"]
    for path in ("../outside.csv", str(outside), "link.csv", "to/outside.csv", "", "in.csv/.."):
        assert served.opened(path) is None
    assert served.opened("in.csv") == folder / "in.csv"


def test_a_file_on_the_server_opens_where_it_lies(folder):
    (folder / "moves.csv").write_bytes(MOVES)
    at = chosen(opened(), "moves.csv")
    assert titles(at) == [ALL]
    assert at.session_state["workspace"].files.paths == (folder / "moves.csv",)
    # It is not ours to remove.
    assert (folder / "moves.csv").read_bytes() == MOVES


def test_a_file_that_went_away_is_said_to_be_gone(folder):
    (folder / "moves.csv").write_bytes(MOVES)
    at = opened()
    at.multiselect(key="served_new_0").set_value(["moves.csv"]).run()
    (folder / "moves.csv").unlink()
    at.button(key="open_served_new").click().run()
    assert not at.exception
    assert titles(at) == ["See the funnel in your lead file"]
    assert any("No longer on the server" in error.value for error in at.error)
