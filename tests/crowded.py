"""A process on a nearly full disk of its own: `python crowded.py SMALL LARGE`, the paths of two CSV files. Prints what happened."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

import funnel
from funnel import measures
from funnel.core.errors import FunnelError
from pages.server import autosave, folders, sessions
from pages.server.upload_folders import ArrivalError, Ticket
from pages.server.workspace import Files, LoadJob, Workspace

DISK = Path(tempfile.gettempdir())


def said(call) -> str:  # type: ignore[no-untyped-def]
    """The sentence with which something is refused; "done" where it is not."""
    try:
        call()
    except FunnelError as error:
        return str(error)
    return "done"


def left() -> list[str]:
    return sorted(str(path.relative_to(DISK)) for path in DISK.rglob("*") if path.name != folders.LOCK)


def upload() -> None:
    ticket = Ticket()
    number = ticket.announce("leads.csv", 10_000_000)
    # The room that there was when it was announced has gone meanwhile.
    (DISK / "ballast").write_bytes(b"x" * 18_000_000)
    try:
        part = ticket.begin(number)
        try:
            for _ in range(10):
                part.write(b"x" * 1_000_000)
        except ArrivalError:
            part.discard()
            raise
    finally:
        (DISK / "ballast").unlink()


def main(small: Path, large: Path) -> None:
    found: dict[str, object] = {}
    found["reading"] = said(lambda: funnel.open(large))
    found["left after reading"] = left()
    sessions.browser_secret = lambda: "browser"
    space = Workspace()
    space.read(LoadJob(Files((small,))), lambda note, share: None)
    autosave.keep_data(space)
    assert space.data_set is not None
    space.notes = "first"
    autosave.keep_work(space)
    space.data_set.save(DISK / "all.funnel", space.work())
    found["reading over it"] = said(lambda: space.read(LoadJob(Files((large,))), lambda note, share: None))
    found["leads after it"] = space.data_set.leads
    ballast = DISK / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
    found["free"] = shutil.disk_usage(DISK).free
    found["opening"] = said(lambda: funnel.open(small))
    found["reading with no byte left"] = said(
        lambda: Workspace().read(LoadJob(Files((small,))), lambda note, share: None)
    )
    found["announcing"] = said(lambda: Ticket().announce("leads.csv", 1))
    space.notes = "second"
    autosave.keep_work(space)
    found["unkept"] = space.unkept
    found["saving"] = said(lambda: space.data_set.save(DISK / "all.funnel", space.work()))
    found["asking"] = said(lambda: space.data_set.ask(measures.steps, "standard"))
    ballast.unlink()
    found["asking when there is room"] = space.data_set.ask(measures.steps, "standard").stages[0].leads
    with funnel.open(DISK / "all.funnel") as again:
        found["earlier save"] = again.work.notes
    other = Workspace()
    autosave.resume(other, None)
    assert other.load_job is not None
    other.read(other.load_job, lambda note, share: None)
    found["earlier keep"] = other.notes
    other.close()
    autosave.keep_work(space)
    found["kept when there is room"] = space.unkept
    found["uploading"] = said(upload)
    space.close()
    found["left"] = [name for name in left() if not name.startswith("work")]
    found["unfinished"] = [name for name in left() if name.endswith(".part")]
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
