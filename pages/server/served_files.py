"""Files on the server's own disk, in a folder that whoever runs the app allows: they open without passing through the browser; and
folders in it that `python -m funnel build` made, each as one.

The folder is named by the environment variable FUNNEL_LENS_FOLDER; without it nothing of the disk is offered. Whoever can reach
the app can open what lies there.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from funnel.core import settings
from funnel.storage import manifest

MOST_FILES = 1_000
DEEPEST = 3
REMEMBERED_SECONDS = 5.0
"""How long what was found in the folder is offered before it is looked through again, since every click shows it."""


def folder() -> Path | None:
    """The folder that may be opened from; None where none is allowed, or what is named is no folder that can be read."""
    path = settings.folder(settings.FOLDER)
    return path if path is not None and os.path.isdir(path) and _can_be_shown(str(path)) else None


def files(endings: tuple[str, ...]) -> dict[str, Path]:
    """The files of the folder and of folders in it, by their path inside, in its order; those with such an ending only, and folders
    that were built, whose own files are not listed. What came or went in the last REMEMBERED_SECONDS may not show yet.

    Hidden ones are left out, so is what a link leads to outside of the folder, and so is what nobody could open: what may not be read,
    links that lead round in a circle, names that are no text. At most MOST_FILES, at most DEEPEST folders down.
    """
    root = folder()
    if root is None:
        return {}
    with _lock:
        paths, until = _remembered.get((root, endings), ({}, 0.0))
        if time.monotonic() >= until:
            paths = dict(islice(_offered(root, endings), MOST_FILES))
            _remembered.clear()
            _remembered[root, endings] = paths, time.monotonic() + REMEMBERED_SECONDS
        return dict(paths)


def name_of(path: Path) -> str:
    """The path inside the folder of what was opened from there."""
    root = folder()
    return str(path.relative_to(root)) if root is not None and path.is_relative_to(root) else path.name


def opened(inside: str) -> Path | None:
    """The file or the built folder at a path inside the folder; None where there is none that can be read, or it lies outside."""
    root = folder()
    return None if root is None else _opened(root, inside)


def _opened(root: Path, inside: str) -> Path | None:
    path = Path(os.path.realpath(root / inside))
    if not path.is_relative_to(root) or not os.access(path, os.R_OK):
        return None
    return path if os.path.isfile(path) or os.path.isfile(path / manifest.NAME) else None


def _offered(root: Path, endings: tuple[str, ...], inside: str = "", depth: int = 0) -> Iterator[tuple[str, Path]]:
    """(path inside, path) of what a folder in the root offers, its files first, then those of its folders."""
    names: list[str] = []
    below: list[str] = []
    try:
        with os.scandir(root / inside) as entries:
            for entry in entries:
                if entry.name == manifest.NAME:
                    names, below = [""], []
                    break
                # Most of what lies there may be something else, so the name is looked at before the file is.
                if entry.name.startswith(".") or not _can_be_shown(entry.name):
                    continue
                if entry.name.lower().endswith(endings):
                    names.append(entry.name)
                if depth < DEEPEST and entry.is_dir(follow_symlinks=False):
                    below.append(entry.name)
    except OSError:
        return
    for name in sorted(names):
        path = _opened(root, inner := os.path.normpath(os.path.join(inside, name)))
        if path is not None:
            yield inner, path
    for name in sorted(below):
        yield from _offered(root, endings, os.path.join(inside, name), depth + 1)


def _can_be_shown(name: str) -> bool:
    """Whether a name is text: a system may keep bytes as names that are none."""
    return not any("\ud800" <= sign <= "\udfff" for sign in name)


_lock = threading.Lock()
_remembered: dict[tuple[Path, tuple[str, ...]], tuple[dict[str, Path], float]] = {}
