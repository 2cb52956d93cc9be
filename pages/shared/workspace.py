"""What one browser looks at: the files it brought and the data set read from them.

A workspace lives in the session's state, and is kept for a while under the browser's cookie, so that a reloaded page
finds it again. When nobody holds it any more its files and its database vanish (weakref.finalize); a network blip does
not end it.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

import streamlit as st

import funnel
from funnel import FunnelError
from funnel.dataset import Progress
from pages.shared.draft import Draft
from pages.shared.tickets import Ticket

COOKIE = "funnel_lens"
IDLE_SECONDS = 2 * 3600
MOST_TICKETS = 8
_LONGEST_NAME = 120
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{place}" for port in ("com", "lpt") for place in range(1, 10))}


@dataclass(frozen=True)
class Files:
    """Files of one upload (or the sample) on disk. They go when nothing refers to their keepers any more."""

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
    `tickets` are the uploads that its pages may bring, by key, the newest last.
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
    tickets: dict[str, Ticket] = field(default_factory=dict)

    def ticket(self) -> Ticket:
        """A new ticket for one upload. Where there are MOST_TICKETS, the oldest is closed under which nothing is just coming."""
        new = Ticket()
        with _lock:
            full = len(self.tickets) >= MOST_TICKETS
            oldest = min(self.tickets.values(), key=lambda ticket: ticket.busy) if full else None
            if oldest is not None:
                del self.tickets[oldest.key]
            self.tickets[new.key] = new
        if oldest is not None:
            oldest.close()
        return new

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


def safe_name(name: str) -> str:
    """The last part of a file's name, printable and short, its extension kept; "file" where nothing is left.

    No system takes it for anything but a file: what Windows keeps for itself, signs and names of devices, is changed.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(sign for sign in last if sign.isprintable()).strip(" .")
    shown = re.sub(r'[<>:"|?*]', "_", shown)
    stem, dot, extension = shown.rpartition(".")
    if not dot:
        stem, extension = extension, ""
    if shown.split(".")[0].strip().lower() in _DEVICES:
        stem = f"_{stem}"
    return (_short(stem, _LONGEST_NAME) or "file") + dot + _short(extension, 12)


def _short(text: str, most: int) -> str:
    """At most so many bytes, as file systems count; no sign is cut in two."""
    return text.encode()[:most].decode(errors="ignore")


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


def of_cookie(cookie: str) -> Workspace | None:
    """The workspace that a browser's cookie stands for, which is in use from now again; None where there is none."""
    with _lock:
        kept = _kept.get(cookie)
        if kept is None:
            return None
        _kept[cookie] = (kept[0], time.monotonic())
        return kept[0]


def forget_idle(now: float | None = None) -> int:
    """How many workspaces were let go because no page has asked for them for long."""
    moment = time.monotonic() if now is None else now
    with _lock:
        idle = [cookie for cookie, (_, seen) in _kept.items() if moment - seen > IDLE_SECONDS]
        for cookie in idle:
            del _kept[cookie]
    return len(idle)


_lock = threading.Lock()
_kept: dict[str, tuple[Workspace, float]] = {}
