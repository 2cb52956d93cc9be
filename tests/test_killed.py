"""Killed at any moment, nothing is lost: what was kept or saved last opens whole, and no half of anything is ever taken for it.

KILLS says how often (default: a few; each takes about two seconds).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import funnel
from funnel import measures
from pages.server import autosave, folders, sessions
from pages.server.workspace import Workspace
from tests.busy import BROWSER
from tests.thorough import thorough

ROOT = Path(__file__).resolve().parents[1]
KILLS = int(os.environ.get("KILLS", "4"))
LEADS = (3_000, 4_000)
MOST_LINES = 20
"""More than one round of what a busy process says."""
LONGEST_SECONDS = 0.3
SEED = 7


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    for number, leads in enumerate(LEADS):
        lines = [f"d{lead},{stage},2025-0{day}-0{1 + lead % 9}\n" for lead in range(leads) for day, stage in STAGES]
        (tmp_path / f"{number}.csv").write_text("Deal ID,Stage,Entered at\n" + "".join(lines), encoding="utf-8")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("FUNNEL_LENS_WORK", str(tmp_path / "work"))
    monkeypatch.setattr(sessions, "browser_secret", lambda: BROWSER)
    return tmp_path


STAGES = ((1, "New"), (2, "Demo done"), (3, "Closed won"))


def killed(place: Path, lines: int, seconds: float) -> list[list[str]]:
    """What a busy process had said when it was killed so many seconds after so many lines."""
    settings = {**os.environ, "TMPDIR": str(place / "temporary"), "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    command = [sys.executable, str(ROOT / "tests" / "busy.py"), str(place)]
    wrong = place / "wrong.txt"
    with (
        wrong.open("w") as told,
        subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, stderr=told, text=True) as busy,
    ):
        assert busy.stdout is not None
        said = [busy.stdout.readline() for _ in range(lines)]
        assert all(said), wrong.read_text()
        time.sleep(seconds)
        busy.send_signal(signal.SIGKILL)
        return [line.split() for line in [*said, *busy.stdout.read().splitlines()]]


def number_of(told: str) -> tuple[int, int]:
    whole, part = told.split(".")
    return int(whole), int(part)


def last(said: list[list[str]], word: str) -> tuple[int, int]:
    """The last state that was said to be there; before any, (0, 0)."""
    return max((number_of(line[1]) for line in said if line[0] == word), default=(0, 0))


def followed(after: tuple[int, int], state: tuple[int, int]) -> bool:
    """Whether a state is the one that was said last, or the one that was being made then."""
    return state in {after, (after[0], after[1] + 1), (after[0] + 1, 0), (after[0] + 1, 3)}


@thorough
@pytest.mark.skipif(os.name != "posix", reason="no process can be killed that way here")
def test_what_was_kept_and_saved_survives_any_kill(place):
    chance, moments = random.Random(SEED), Counter[str]()
    saved = (0, 0)
    for turn in range(KILLS):
        said = killed(place, chance.randrange(1, MOST_LINES), chance.uniform(0, LONGEST_SECONDS))
        moments[said[-1][0]] += 1
        # What the process before kept is there as long as this one has kept nothing.
        before = last(said, "kept")
        space = Workspace()
        autosave.resume(space, None)
        if space.load_job is None:
            assert before == (0, 0), f"kill {turn}: what was kept is gone"
        else:
            space.read(space.load_job, lambda note, share: None)
            state = number_of(space.notes)
            assert before == (0, 0) or followed(before, state), f"kill {turn}: {state} came back after {before}"
            assert space.data_set.leads == LEADS[state[0] % 2]
            assert space.data_set.ask(measures.steps, "standard").stages[0].leads == LEADS[state[0] % 2]
            space.close()
        saved = last(said, "saved") if last(said, "saved") != (0, 0) else saved
        project = place / "all.funnel"
        if project.exists():
            with funnel.open(project) as opened:
                state = number_of(opened.work.notes)
                assert last(said, "saved") == (0, 0) or followed(saved, state)
                assert opened.leads == LEADS[state[0] % 2]
        else:
            assert saved == (0, 0), f"kill {turn}: the project is gone"
        # What it left behind in temporary places is swept at the next start.
        folders.sweep(place / "temporary")
        # One that was just made, before anything lay in it, goes a day later: another server may be about to use it.
        left = (place / "temporary").glob(f"{folders.disk.PREFIX}*")
        assert [path for path in left if any(path.iterdir())] == []
    print(f"{KILLS} kills: " + ", ".join(f"{word} {times}" for word, times in sorted(moments.items())))
    assert sum(moments.values()) == KILLS
