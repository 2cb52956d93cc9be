"""What killed servers and browsers that do not come back leave in the folder of kept work (`autosave`): it is found, and goes."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

from funnel.core import settings
from pages.server.autosave import WORK
from pages.server.folders import LOCK, nobody_else, remove

_OURS = re.compile("[0-9a-f]{32,64}")
"""Names that this program gives; whatever else lies in the folder is somebody else's."""
DAY_SECONDS = 24 * 3600


def sweep(now: float | None = None) -> list[Path]:
    """What was removed: works that were never finished, and all of a browser's where the last change is older than
    `settings.WORK_DAYS`. Those that a server holds, this one too, are left alone. `now` is in seconds of time.time()."""
    root = settings.folder(settings.WORK)
    moment = time.time() if now is None else now
    removed: list[Path] = []
    for folder in _folders(root) if root is not None else ():
        with nobody_else(folder) as free:
            if free:
                removed += _swept(folder, moment)
    return removed


def _swept(folder: Path, now: float) -> list[Path]:
    finished, removed = [], []
    for entry in _folders(folder):
        if (entry / WORK).is_file():
            finished.append((entry / WORK).stat().st_mtime)
            for unfinished in entry.glob("*.part"):
                unfinished.unlink(missing_ok=True)
        else:
            remove(entry)
            removed.append(entry)
    is_old = now - max(finished, default=now) > settings.WORK_DAYS() * DAY_SECONDS
    if is_old or not (finished or any(path.name != LOCK for path in folder.iterdir())):
        remove(folder)
        removed.append(folder)
    return removed


def _folders(where: Path) -> Iterator[Path]:
    try:
        inside = sorted(where.iterdir())
    except OSError:
        return
    for path in inside:
        if _OURS.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
            yield path
