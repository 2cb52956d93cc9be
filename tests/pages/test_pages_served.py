"""Files on the server's own disk: only those of the folder that is allowed, and only while they are there."""

from __future__ import annotations

import os

import pytest
from streamlit.testing.v1 import AppTest

from pages.server import served_files
from tests.pages.apps import ALL, MOVES, opened, titles

ENDINGS = (".csv", ".gz")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    inside = tmp_path / "exports"
    inside.mkdir()
    monkeypatch.setenv("FUNNEL_LENS_FOLDER", str(inside))
    monkeypatch.setattr(served_files, "REMEMBERED_SECONDS", 0.0)
    return inside


def chosen(at: AppTest, *names: str) -> AppTest:
    """The app after these files were chosen and opened."""
    at.multiselect(key="served_new_0").set_value(list(names)).run()
    at.button(key="open_served_new").click().run()
    assert not at.exception
    return at


def test_nothing_of_the_disk_is_offered_unless_a_folder_is_allowed(tmp_path, monkeypatch):
    monkeypatch.delenv("FUNNEL_LENS_FOLDER", raising=False)
    assert served_files.files(ENDINGS) == {}
    assert not [box for box in opened().multiselect if box.key.startswith("served")]
    monkeypatch.setenv("FUNNEL_LENS_FOLDER", str(tmp_path / "nowhere"))
    assert served_files.files(ENDINGS) == {}


def test_files_are_offered_by_their_place_in_the_folder(folder):
    (folder / "b").mkdir()
    (folder / ".hidden").mkdir()
    for name in ("z.csv", "a.CSV", "b/c.csv.gz", "notes.docx", ".secret.csv", ".hidden/x.csv"):
        (folder / name).write_bytes(MOVES)
    assert list(served_files.files(ENDINGS)) == ["a.CSV", "z.csv", "b/c.csv.gz"]
    deep = folder / "1" / "2" / "3" / "4"
    deep.mkdir(parents=True)
    (deep / "too-deep.csv").write_bytes(MOVES)
    (deep.parent / "deep-enough.csv").write_bytes(MOVES)
    assert "1/2/3/deep-enough.csv" in served_files.files(ENDINGS)
    assert not [name for name in served_files.files(ENDINGS) if "too-deep" in name]


def test_nothing_outside_of_the_folder_can_be_opened(folder, tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_bytes(MOVES)
    (folder / "link.csv").symlink_to(outside)
    (folder / "to").symlink_to(tmp_path)
    (folder / "in.csv").write_bytes(MOVES)
    assert list(served_files.files(ENDINGS)) == ["in.csv"]
    for path in ("../outside.csv", str(outside), "link.csv", "to/outside.csv", "", "in.csv/.."):
        assert served_files.opened(path) is None
    assert served_files.opened("in.csv") == folder / "in.csv"


def test_a_built_folder_that_is_allowed_itself_is_one_entry(folder):
    (folder / "funnel-lens.json").write_text("{}")
    (folder / "moves.csv").write_bytes(MOVES)
    assert served_files.files(ENDINGS) == {".": folder}


@pytest.fixture
def spoilt(folder):
    """Beside a good file and one in a folder: what cannot be shown, or not opened."""
    (folder / "good.csv").write_bytes(MOVES)
    (folder / "deals").mkdir()
    (folder / "deals" / "inner.csv").write_bytes(MOVES)
    (folder / "round.csv").symlink_to(folder / "round.csv")
    (folder / "there").symlink_to(folder / "back")
    (folder / "back").symlink_to(folder / "there")
    (folder / "nowhere.csv").symlink_to(folder / "gone.csv")
    os.mkfifo(folder / "pipe.csv")
    for name in (b"g\xe9n\xe9ral.csv", b"dossier\xe9"):
        place = os.path.join(os.fsencode(folder), name)
        os.mkdir(place) if b"." not in name else os.close(os.open(place, os.O_CREAT))
    with open(os.path.join(os.fsencode(folder), b"dossier\xe9", b"inner.csv"), "wb") as file:
        file.write(MOVES)
    return folder


@pytest.mark.skipif(os.name != "posix", reason="no such names and links are there")
def test_what_cannot_be_shown_is_left_out_and_the_rest_is_offered_and_opens(spoilt):
    assert list(served_files.files(ENDINGS)) == ["good.csv", "deals/inner.csv"]
    for inside in ("round.csv", "there/x.csv", "nowhere.csv", "pipe.csv", "good.csv/inner"):
        assert served_files.opened(inside) is None
    at = opened()
    assert not at.exception
    at = chosen(at, "good.csv")
    assert titles(at) == [ALL]
    at.switch_page("files_page.py").run()
    assert not at.exception


@pytest.mark.skipif(os.name != "posix", reason="nothing is forbidden that way there")
def test_what_may_not_be_read_is_left_out(folder, monkeypatch):
    (folder / "good.csv").write_bytes(MOVES)
    (folder / "private.csv").write_bytes(MOVES)
    (folder / "closed").mkdir()
    (folder / "closed" / "inner.csv").write_bytes(MOVES)
    # Of a folder without a right to enter it, names are seen at most, and no more of what they name.
    refuse(monkeypatch, folder / "private.csv", folder / "closed")
    assert list(served_files.files(ENDINGS)) == ["good.csv"]
    assert served_files.opened("private.csv") is None
    assert served_files.opened("closed/inner.csv") is None


def refuse(monkeypatch, *paths):
    """The system refuses these paths and all below them, also to whoever may do all."""
    refused = tuple(str(path) for path in paths)

    def refusing(real, answer):
        def asked(path, *others, **named):
            if str(path).startswith(refused):
                return answer()
            return real(path, *others, **named)

        return asked

    def denied():
        raise PermissionError(13, "Permission denied")

    for name in ("stat", "scandir", "open"):
        monkeypatch.setattr(os, name, refusing(getattr(os, name), denied))
    monkeypatch.setattr(os, "access", refusing(os.access, lambda: False))


def test_a_folder_that_leads_nowhere_is_none(tmp_path, monkeypatch):
    (tmp_path / "round").symlink_to(tmp_path / "round")
    for named in (str(tmp_path / "round"), "~nobody-of-that-name/exports"):
        monkeypatch.setenv("FUNNEL_LENS_FOLDER", named)
        assert served_files.folder() is None
        assert not opened().exception


def test_the_folder_is_looked_through_once_in_a_while_and_only_what_could_be_opened_is_looked_at(folder, monkeypatch):
    monkeypatch.setattr(served_files, "REMEMBERED_SECONDS", 60.0)
    (folder / "a.csv").write_bytes(MOVES)
    for place in range(500):
        (folder / f"photo{place}.jpg").touch()
    looked: list[str] = []
    real = os.path.realpath
    monkeypatch.setattr(os.path, "realpath", lambda path, **named: looked.append(str(path)) or real(path, **named))
    assert list(served_files.files(ENDINGS)) == ["a.csv"]
    (folder / "b.csv").write_bytes(MOVES)
    assert list(served_files.files(ENDINGS)) == ["a.csv"]
    assert len([path for path in looked if path.startswith(str(folder / "a"))]) == 1
    assert not [path for path in looked if "photo" in path]
    monkeypatch.setattr(served_files.time, "monotonic", lambda: float("inf"))
    assert list(served_files.files(ENDINGS)) == ["a.csv", "b.csv"]


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
