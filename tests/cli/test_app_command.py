"""`funnel-lens` becomes the app of the checkout, wherever it is called."""

from __future__ import annotations

import os
import sys

import pytest

from funnel.cli import app


@pytest.fixture
def started(monkeypatch, tmp_path):
    """What the command becomes, with the folder it runs in and the folders that it names."""

    def start(*flags, **environment):
        seen = {}
        with monkeypatch.context() as patched:
            patched.chdir(tmp_path)
            # `main` writes these for its successor; what it writes goes with the test.
            patched.setattr(os, "environ", {"HOME": str(tmp_path), **environment})
            patched.setattr(sys, "argv", ["funnel-lens", *flags])
            patched.setattr(os, "execv", lambda program, words: seen.update(program=program, words=words))
            app.main()
            return {**seen, "in": os.getcwd(), **os.environ}

    return start


def test_it_runs_the_app_of_the_checkout_with_its_own_python(started):
    became = started("--server.port", "8600")
    assert became["program"] == sys.executable
    assert became["words"] == [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", "8600"]
    assert os.path.isfile(os.path.join(became["in"], "app.py"))
    assert os.path.isfile(os.path.join(became["in"], ".streamlit", "config.toml"))


def test_work_keeps_itself_as_with_make_run(started, tmp_path):
    assert started()["FUNNEL_LENS_WORK"] == str(tmp_path / ".local" / "share" / "funnel-lens")


def test_folders_are_meant_from_where_it_was_called(started, tmp_path):
    became = started(FUNNEL_LENS_WORK="kept", FUNNEL_LENS_FOLDER="exports")
    assert (became["FUNNEL_LENS_WORK"], became["FUNNEL_LENS_FOLDER"]) == (
        str(tmp_path / "kept"),
        str(tmp_path / "exports"),
    )


def test_nothing_is_kept_where_that_was_said(started):
    assert started(FUNNEL_LENS_WORK="")["FUNNEL_LENS_WORK"] == ""
