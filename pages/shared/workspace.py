"""What one browser looks at: the files it brought and the data set read from them.

A workspace lives in the session's state, and is kept for a while under the browser's cookie, so that a reloaded page
finds it again. When nobody holds it any more its files and its database vanish (weakref.finalize); a network blip does
not end it.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import IO

import streamlit as st

import funnel
from funnel import FunnelError
from funnel.dataset import Progress
from pages.shared import folders
from pages.shared.draft import Draft

COOKIE = "funnel_lens"
IDLE_SECONDS = 2 * 3600
CHUNK_BYTES = 1 << 20
_LONGEST_NAME = 120


@dataclass(frozen=True)
class Files:
    """Files of one upload (or the sample) on disk. The folder goes when nothing refers to the files any more."""

    paths: tuple[Path, ...]
    keepers: tuple[object, ...] = ()

    def with_more(self, more: Files) -> Files:
        """These files and more, to be read together."""
        return Files((*self.paths, *more.paths), (*self.keepers, *more.keepers))


NO_FILES = Files(())
GUESS = funnel.Hints()
"""No hints: everything is recognised."""


@dataclass(frozen=True)
class Errand:
    """Something that takes a while: read these files under these hints. `sample` is the name of a bundled shape."""

    files: Files
    hints: funnel.Hints = GUESS
    sample: str | None = None


@dataclass
class Workspace:
    """`token` stands for the data set in every cache key; it is new with every file that is read.

    `own_models` were made in this browser, by key; `drafts` are what its model editor edits, the present one last.
    """

    token: str = field(default_factory=token_hex)
    files: Files = NO_FILES
    sample: str | None = None
    data_set: funnel.DataSet | None = None
    errand: Errand | None = None
    problem: str | None = None
    remembered: dict[tuple[tuple[str, ...], ...], funnel.Hints] = field(default_factory=dict)
    own_models: dict[str, funnel.StageModel] = field(default_factory=dict)
    drafts: tuple[Draft, ...] = ()

    def read(self, errand: Errand, progress: Progress) -> None:
        """Read the files of an errand. When that fails FunnelError is raised and what was there stays."""
        found = funnel.open(*errand.files.paths, hints=errand.hints, progress=progress)
        known = self.remembered.get(headers(found))
        if errand.hints == GUESS and known is not None:
            try:
                found.remap(known)
            except FunnelError:
                # A mapping made for another file may not fit this one; the guess then stands.
                found.remap(errand.hints)
        # The old data set is not closed: another tab may be asking it. It vanishes when nobody refers to it.
        self.data_set = found
        self.files = errand.files
        self.sample = errand.sample
        self.token = token_hex()
        self.problem = None

    def remember(self) -> None:
        """Use the mapping of this data set by itself for the next file with the same headers."""
        if self.data_set is not None:
            self.remembered[headers(self.data_set)] = self.data_set.hints


def headers(data_set: funnel.DataSet) -> tuple[tuple[str, ...], ...]:
    """The headers of a data set's tables, by which a mapping is found again."""
    return tuple(sorted(tuple(table.columns) for table in data_set.tables))


def spool(uploads: Sequence[tuple[str, IO[bytes]]]) -> Files:
    """The uploads (name, content) written to a private folder in chunks, each under its own name."""
    folder = folders.make()
    keeper = _Keeper()
    weakref.finalize(keeper, folders.remove, folder)
    paths = []
    for place, (name, content) in enumerate(uploads):
        path = folder / str(place) / safe_name(name)
        path.parent.mkdir()
        content.seek(0)
        with path.open("wb") as file:
            while chunk := content.read(CHUNK_BYTES):
                file.write(chunk)
        paths.append(path)
    return Files(tuple(paths), (keeper,))


def safe_name(name: str) -> str:
    """The last part of a file's name, printable and short, its extension kept; "file" where nothing is left."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(sign for sign in last if sign.isprintable()).strip(" .")
    if not shown:
        return "file"
    stem, dot, extension = shown.rpartition(".")
    return shown[:_LONGEST_NAME] if not dot else f"{stem[:_LONGEST_NAME] or 'file'}.{extension[:12]}"


def current() -> Workspace:
    """The workspace of this session: the one it has, else the one its browser had, else a new one."""
    cookie = st.context.cookies.get(COOKIE)
    with _lock:
        found = st.session_state.get("workspace")
        if found is None:
            kept = _kept.get(cookie) if cookie else None
            found = kept[0] if kept else Workspace()
            st.session_state["workspace"] = found
        if cookie:
            _kept[cookie] = (found, time.monotonic())
    return found


def forget_idle(now: float | None = None) -> int:
    """How many workspaces were let go because no page has asked for them for long."""
    moment = time.monotonic() if now is None else now
    with _lock:
        idle = [cookie for cookie, (_, seen) in _kept.items() if moment - seen > IDLE_SECONDS]
        for cookie in idle:
            del _kept[cookie]
    return len(idle)


class _Keeper:
    """Holds a folder alive."""


_lock = threading.Lock()
_kept: dict[str, tuple[Workspace, float]] = {}
