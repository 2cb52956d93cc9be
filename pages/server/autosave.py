"""Work that keeps itself: each browser's last works lie in a folder on disk, and a crash, a reload or a restart brings the last one back.

    <FUNNEL_LENS_WORK>/cookie.key                       signs the secrets of the browsers (cookies.py)
    <FUNNEL_LENS_WORK>/<browser>/lock                   held by the one server that writes here, as long as it knows the browser
    <FUNNEL_LENS_WORK>/<browser>/<entry>/leads.funnel   the data as they were read (none for the sample and for built folders)
    <FUNNEL_LENS_WORK>/<browser>/<entry>/work.json      what was made of them, written last, whole or not at all
    <FUNNEL_LENS_WORK>/<browser>/<entry>/put-aside      it could not be drawn: it opens when it is asked for, and not by itself

Only where whoever runs the app names the folder. <browser> stands for the secret in the browser's cookie, so no other browser, and no
other person, is ever shown what lies there. An entry without `work.json` was not finished and is none.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from funnel import FunnelError
from funnel.core import settings
from funnel.core.errors import ProjectError
from funnel.storage import manifest, project
from funnel.words import wording
from pages.server import served_files, sessions, user_dir
from pages.server.folders import hold, remove
from pages.server.following import Following
from pages.server.workspace import Files, LoadJob, Workspace
from pages.ui import loading, texts

FORMAT = 1
DATA, WORK, ASIDE = "leads.funnel", "work.json", "put-aside"
MOST_ENTRIES = 5


@dataclass(frozen=True)
class Entry:
    """A work that was kept: its folder's name, the files' names, when it was last changed, how many leads it has.

    `turn` counts the times that this browser's works were kept, so that a clock that jumps takes nothing for newer than it is.
    """

    name: str
    title: str
    saved_at: datetime
    leads: int
    turn: int


def resume(space: Workspace, sample: str | None) -> None:
    """Open the work that this browser had open last, if any: a new workspace begins with it. `sample` is what the address asks for:
    a work on anything else then waits."""
    folder = _folder()
    if folder is None or space.resumed or space.data_set is not None or space.load_job is not None:
        return
    space.resumed = True
    for entry in entries():
        if (folder / entry.name / ASIDE).exists():
            continue
        try:
            load_job = _load_job(folder, entry.name)
            space.load_job = load_job if sample in (None, load_job.sample) else None
        except FunnelError as error:
            # An older one may still be whole; this one is left lying, so that somebody can look at it.
            space.problem = texts.problem(error)
        else:
            return


def entries() -> list[Entry]:
    """The works that are kept for this browser, the one that was changed last first."""
    folder = _folder()
    works = []
    for path in folder.glob(f"*/{WORK}") if folder is not None else ():
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            saved_at = datetime.fromisoformat(content["saved_at"])
            turn = int(content.get("turn", 0))
            works.append(Entry(path.parent.name, str(content["title"]), saved_at, int(content["leads"]), turn))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
            continue
    return sorted(works, key=lambda entry: (entry.turn, entry.saved_at), reverse=True)


def folder_text() -> str:
    """The folder in which this browser's works lie, as a person reads it; empty where nothing is kept."""
    folder = _folder()
    return "" if folder is None else _as_text(folder)


def open_entry(space: Workspace, name: str) -> None:
    """Open a work that was kept, on the next run."""
    folder = _folder()
    if folder is not None and name in {entry.name for entry in entries()}:
        loading.begin(space, _load_job(folder, name))


def keep_data(space: Workspace) -> None:
    """Keep what was just read, whole or not at all; `space.unkept` says why it cannot be kept, where it cannot."""
    folder = _folder()
    if folder is None or space.data_set is None or not _may_write(space, folder):
        return
    if space.entry is None and not _keep_files(space, folder):
        return
    keep_work(space)
    for old in entries()[MOST_ENTRIES:]:
        if old.name != space.entry:
            # What says that it is whole goes first, so that no half of it is ever taken for it.
            (folder / old.name / WORK).unlink(missing_ok=True)
            remove(folder / old.name)


def keep_newer(space: Workspace) -> None:
    """Keep what stands now in place of what stood there, under the same work: what was kept before goes when this is whole."""
    folder, before = _folder(), space.entry
    with space.lock:
        space.entry, space.kept = None, None
    keep_data(space)
    if folder is not None and before is not None and space.entry not in (None, before):
        (folder / before / WORK).unlink(missing_ok=True)
        remove(folder / before)


def _keep_files(space: Workspace, folder: Path) -> bool:
    """Whether the data lie in an entry of their own afterwards. The other windows hear of the entry when they do: none of them writes
    `work.json` beside half of them, nor beside those of another file."""
    with space.lock:
        token, data_set, sample = space.token, space.data_set, space.sample
    entry = folder / token
    try:
        entry.mkdir(mode=0o700)
    except FileExistsError:
        # Another window is just doing it.
        return False
    except OSError as failed:
        space.unkept = _because(failed)
        return False
    try:
        if data_set is not None and sample is None and data_set.built is None:
            data_set.save(entry / DATA, space.work())
    except (FunnelError, OSError) as failed:
        remove(entry)
        space.unkept = _because(failed)
        return False
    with space.lock:
        newest = space.token == token and space.data_set is not None
        if newest:
            space.entry = token
    if not newest:
        remove(entry)
    return newest


def keep_work(space: Workspace) -> None:
    """Keep what was made of the data since, where it is not what lies there already."""
    folder = _folder()
    if folder is None or space.entry is None or not _may_write(space, folder):
        return
    with space.lock:
        # Of two windows that keep something at once, the later one writes last, and all that was made by then.
        if space.data_set is not None and space.entry is not None:
            _write(space, folder, space.entry)


def _write(space: Workspace, folder: Path, name: str) -> None:
    content = _content(space)
    if content == space.kept:
        return
    turn = 1 + max((entry.turn for entry in entries()), default=0)
    try:
        manifest.write_json(folder / name / WORK, {**content, "saved_at": datetime.now().isoformat(), "turn": turn})
    except OSError as failed:
        space.unkept = _because(failed)
        return
    space.kept, space.unkept = content, None


def put_aside(space: Workspace) -> None:
    """From now on the work that is open is not opened by itself, where it is kept."""
    folder = _folder()
    if folder is not None and space.entry is not None:
        with suppress(OSError):
            (folder / space.entry / ASIDE).touch()


def take_up(space: Workspace) -> None:
    """It could be drawn: from now on it is opened by itself again."""
    folder = _folder()
    if folder is not None and space.entry is not None:
        with suppress(OSError):
            (folder / space.entry / ASIDE).unlink(missing_ok=True)


def title(space: Workspace) -> str:
    """What the work that is open is called: by its files."""
    data_set = space.data_set
    names = [file.name for file in data_set.files] if data_set is not None else []
    return wording.say("pages.sidebar.sample") if space.sample else wording.listed(names)


def _content(space: Workspace) -> dict[str, Any]:
    data_set = space.data_set
    assert data_set is not None
    return {
        "format": FORMAT,
        "title": title(space),
        "leads": data_set.leads,
        "sample": space.sample,
        "served": [served_files.name_of(path) for path in space.files.paths] if data_set.built else None,
        "source": _of_source(space.following),
        "said": project.plain_said(data_set.overrides, space.work()),
    }


def _of_source(following: Following | None) -> tuple[str, str | None] | None:
    """The name of the live source that is followed, and of when its data are; None where none is."""
    if following is None:
        return None
    as_of = following.as_of if following.shown is None else following.shown.taken_at
    return following.source, as_of.isoformat() if as_of is not None else None


def _load_job(folder: Path, name: str) -> LoadJob:
    """What reads a kept work again. ProjectError where it is damaged or newer."""
    path = folder / name / WORK
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content["format"], int) and content["format"] > FORMAT:
            raise ProjectError("project.newer", file=content["title"], form=content["format"], known=FORMAT)
        overrides, work = project.read_said(content["said"])
        if content["sample"] is not None:
            bundled = loading.sample(loading.BUNDLED[loading.BUNDLED.index(content["sample"])])
            return LoadJob(bundled.files, overrides, bundled.sample, work, name)
        if content["served"] is not None:
            paths = [served_files.opened(inside) for inside in content["served"]]
            return LoadJob(Files(tuple(path for path in paths if path is not None)), overrides, None, work, name)
        source, as_of = content.get("source") or (None, None)
        moment = None if as_of is None else datetime.fromisoformat(as_of)
        return LoadJob(Files((folder / name / DATA,)), overrides, None, work, name, source, moment)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise ProjectError("project.damaged", file=name) from wrong


def _folder() -> Path | None:
    """This browser's folder, which is made when there is something to be put there; None where nothing is kept."""
    secret = sessions.browser_secret()
    return None if secret is None else user_dir.folder_of(secret)


def _may_write(space: Workspace, folder: Path) -> bool:
    """Whether this server alone writes here; another one that has the folder open keeps its own work there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = hold(folder)
    except OSError as failed:
        space.unkept = _because(failed)
        return False
    if not held:
        space.unkept = wording.say("pages.kept.elsewhere")
    return held


def _because(failed: FunnelError | OSError) -> str:
    if isinstance(failed, FunnelError):
        return texts.problem(failed)
    return texts.inert(wording.say("pages.kept.unwritable", folder=_as_text(settings.folder(settings.WORK) or "")))


def _as_text(path: str | Path) -> str:
    """A path as it can be shown; bytes of it that are no text are replaced."""
    return os.fsencode(path).decode("utf-8", "replace")
