"""Files on the server's own disk, in a folder that whoever runs the app allows: they open without passing through the browser; and
folders in it that `python -m funnel build` made, each as one.

The folder is named by the environment variable FUNNEL_LENS_FOLDER; without it nothing of the disk is offered. Whoever can reach
the app can open what lies there.
"""

from __future__ import annotations

import os
from pathlib import Path

from funnel import manifest, settings

MOST_FILES = 1_000
DEEPEST = 3


def folder() -> Path | None:
    """The folder that may be opened from; None where none is allowed, or what is named is no folder."""
    path = settings.folder(settings.FOLDER)
    return path if path is not None and path.is_dir() else None


def files(endings: tuple[str, ...]) -> dict[str, Path]:
    """The files of the folder and of folders in it, by their path inside, in its order; those with such an ending only, and folders
    that were built, whose own files are not listed.

    Hidden ones are left out, and so is what a link leads to outside of the folder. At most MOST_FILES, at most DEEPEST folders down.
    """
    root = folder()
    if root is None:
        return {}
    found: dict[str, Path] = {}
    for where, below, names in os.walk(root):
        inside = Path(where).relative_to(root)
        if manifest.NAME in names and (path := opened(str(inside))) is not None:
            found[str(inside)] = path
            below.clear()
            names = []
        below[:] = sorted(name for name in below if not name.startswith(".") and len(inside.parts) < DEEPEST)
        for name in sorted(names):
            path = opened(str(inside / name))
            if path is not None and not name.startswith(".") and name.lower().endswith(endings):
                found[str(inside / name)] = path
                if len(found) == MOST_FILES:
                    return found
    return found


def name_of(path: Path) -> str:
    """The path inside the folder of what was opened from there."""
    root = folder()
    return str(path.relative_to(root)) if root is not None and path.is_relative_to(root) else path.name


def opened(inside: str) -> Path | None:
    """The file or the built folder at a path inside the folder; None where there is none, or it lies outside."""
    root = folder()
    if root is None:
        return None
    path = (root / inside).resolve()
    return path if path.is_relative_to(root) and (path.is_file() or manifest.is_built(path)) else None
