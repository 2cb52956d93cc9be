"""Whatever a project holds: it is opened and every page shows it, or one sentence refuses it; never another error, and never a hang.

As in tests/test_fuzz.py, each input comes from its seed: FUZZ_INPUTS, FUZZ_FIRST and FUZZ_FAILURES mean the same. FUZZ_DRAWN is of how many
that open one is drawn.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import funnel
from funnel.core.errors import FunnelError
from pages.server.workspace import Files, LoadJob, Workspace
from tests import fuzzing_projects
from tests.pages.apps import MAIN, turned
from tests.test_fuzz import run, sentence
from tests.thorough import thorough

pytestmark = thorough

PAGES = ("overview", "funnel", "files", "models", "trends", "pipeline", "channels", "paths", "segments", "edit")
DRAWN = int(os.environ.get("FUZZ_DRAWN", 6))


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    return fuzzing_projects.base(tmp_path_factory.mktemp("bases"))


def drawn(path: Path) -> None:
    """Every page shows the project."""
    space = Workspace()
    space.read(LoadJob(Files((path,))), lambda note, share: None)
    token = space.token
    at = AppTest.from_file(MAIN, default_timeout=60)
    at.session_state["workspace"] = space
    try:
        for page in ("", *PAGES):
            at = turned(at, page) if page else at.run()
            assert (space.problem, space.token) == (None, token), page
    finally:
        space.close()


@contextmanager
def answered(seconds: float) -> Iterator[None]:
    """Another thread, such as the one that answers everybody else, gets its turn within so many seconds all the while."""
    over, longest = threading.Event(), [0.0]

    def tick() -> None:
        before = time.monotonic()
        while not over.wait(0.01):
            longest[0], before = max(longest[0], time.monotonic() - before), time.monotonic()

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert longest[0] < seconds


@thorough
def test_forged_projects_are_refused_with_a_sentence_or_shown_on_every_page(bases, tmp_path) -> None:
    opened = 0

    def check(chance: random.Random, folder: Path) -> None:
        nonlocal opened
        path = folder / "forged.funnel"
        path.write_bytes(fuzzing_projects.forged(chance, bases))
        try:
            funnel.open(path).close()
        except FunnelError as error:
            sentence(error)
            return
        opened += 1
        if opened % DRAWN == 0:
            drawn(path)

    # Five seconds: a busy machine alone keeps a thread waiting for one or two; what was found held all of them up for twenty.
    with answered(5):
        run(200, tmp_path, check)
    # Forging that never opens would try nothing but the door.
    assert opened > 20


@pytest.mark.parametrize("which", [0, 1], ids=["tables", "built"])
def test_what_is_forged_opens_and_is_shown_as_it_was_saved(bases, tmp_path, which) -> None:
    path = tmp_path / "whole.funnel"
    path.write_bytes(fuzzing_projects.sealed(bases[which]))
    drawn(path)
