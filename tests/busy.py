"""A process that reads, asks, keeps and saves again and again, to be killed: `python busy.py FOLDER`. It says what is done, line by line.

It goes the way of the pages: files are read, the shelf keeps them, a project is saved. FOLDER holds `0.csv` and `1.csv`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from funnel import measures
from pages.server import autosave, sessions
from pages.server.workspace import Files, LoadJob, Workspace

BROWSER = "the secret of a browser"


def say(*words: object) -> None:
    print(*words, flush=True)


def work(folder: Path) -> None:
    """Rounds without end. What a line tells is done when it is told."""
    sessions.browser_secret = lambda: BROWSER
    space = Workspace()
    say("ready")
    number = 0
    while True:
        number += 1
        say("reads", number)
        space.read(LoadJob(Files((folder / f"{number % 2}.csv",))), lambda note, share: None)
        space.notes = f"{number}.0"
        say("keeps", number)
        autosave.keep_data(space)
        assert space.unkept is None, space.unkept
        say("kept", f"{number}.0")
        assert space.data_set is not None
        for times in range(1, 4):
            say("asks", number)
            space.data_set.ask(measures.steps, space.data_set.question("standard", window_days=100 + times))
            space.notes = f"{number}.{times}"
            say("notes", number)
            autosave.keep_work(space)
            say("kept", f"{number}.{times}")
        say("saves", number)
        space.data_set.save(folder / "all.funnel", space.work())
        say("saved", f"{number}.3")


if __name__ == "__main__":
    work(Path(sys.argv[1]))
