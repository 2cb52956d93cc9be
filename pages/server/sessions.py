"""Whose workspace is whose: each browser finds its own again, and what nobody looks at any more is let go.

A workspace is found by the browser's secret (`cookies`) and, where people sign in, by who it is. It lives in the state of each of the
browser's sessions too, so that a network blip does not end it. When its last page has been closed for `settings.AWAY_MINUTES`, its data
vanish.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import streamlit as st

from funnel import FunnelError
from funnel.core import settings
from pages.server import runs, user_dir
from pages.server.auth import cookies, sign_in
from pages.server.workspace import Workspace

_STATE = "workspace"


class FullError(FunnelError):
    """No place is free for one session more."""


@dataclass(eq=False)
class _Visitor:
    """A workspace: its sessions, and when one of them was last seen, in seconds of time.monotonic(). `coming` says that data are just
    being read for it."""

    space: Workspace
    seen: float = field(default_factory=time.monotonic)
    sessions: set[str] = field(default_factory=set)
    coming: bool = False

    def here(self) -> bool:
        """Whether a page of it is open."""
        return any(runs.is_active(session) for session in self.sessions)

    def holds(self) -> bool:
        """Whether it holds data, or will."""
        return self.coming or self.space.data_set is not None


def current() -> Workspace:
    """The workspace of this session: the one it has, else the one its browser had, else a new one.

    It is known, and counted, from now on, by the browser's secret or, where the browser takes no cookies, by its own name.
    """
    secret = browser_secret()
    with _lock:
        of_browser = _known.get(secret) if secret else None
        visitor = _visitor(st.session_state.get(_STATE), of_browser)
        _known.setdefault(secret or visitor.space.name, visitor)
        st.session_state[_STATE] = visitor.space
        visitor.seen = time.monotonic()
        active = {session for session in visitor.sessions if runs.is_active(session)}
        visitor.sessions = active | ({runs.of_session()} - {""})
    return visitor.space


def _visitor(space: Workspace | None, of_browser: _Visitor | None) -> _Visitor:
    """Who a session is that has this workspace, and whose browser is known as that one."""
    if of_browser is not None and space in (None, of_browser.space):
        return of_browser
    # The browser takes another name on its way, as when it begins to send our cookie: its workspace stays one and the same.
    visitor = next((visitor for visitor in _known.values() if visitor.space is space), None)
    return visitor or of_browser or _Visitor(space or Workspace())


def browser_secret() -> str | None:
    """The secret under which this browser's workspace is found; None where it takes no cookies."""
    secret = st.context.cookies.get(cookies.NAME)
    return sign_in.owner_secret(secret, sign_in.person()) if secret else None


def of_request(sent: Mapping[str, str]) -> Workspace | None:
    """The workspace of whoever sends these cookies (`cookies.inside`), which is in use from now again; None where there is none."""
    if cookies.NAME not in sent:
        return None
    with _lock:
        visitor = _known.get(sign_in.owner_secret(sent[cookies.NAME], sign_in.person_of(sent)))
        if visitor is None:
            return None
        visitor.seen = time.monotonic()
        return visitor.space


@contextmanager
def take_place(space: Workspace) -> Iterator[None]:
    """A place for a workspace's data while they are read, and for as long as it holds them afterwards.

    FullError where `settings.SESSIONS` others have theirs; one of which no page is open gives way.
    """
    away = None
    with _lock:
        visitors = set(_known.values())
        owner = next((visitor for visitor in visitors if visitor.space is space), None)
        others = [visitor for visitor in visitors if visitor is not owner and visitor.holds()]
        if space.data_set is None and len(others) >= settings.SESSIONS():
            gone = [visitor for visitor in others if not visitor.coming and not visitor.here()]
            away = min(gone, key=lambda visitor: visitor.seen, default=None)
            if away is None:
                raise FullError("pages.full", sessions=settings.SESSIONS(), setting=settings.SESSIONS.variable)
            _forget(away)
        if owner is not None:
            owner.coming = True
    if away is not None:
        away.space.close()
    try:
        yield
    finally:
        if owner is not None:
            owner.coming = False


def forget_away(now: float | None = None) -> int:
    """How many workspaces were let go because no page of theirs has been open for long."""
    moment = time.monotonic() if now is None else now
    with _lock:
        everybody = set(_known.values())
        for visitor in everybody:
            if visitor.here():
                visitor.seen = moment
        long = settings.AWAY_MINUTES() * 60
        gone = [visitor for visitor in everybody if moment - visitor.seen > long]
        for visitor in gone:
            _forget(visitor)
    # Nobody has to wait for it, since nobody finds them any more.
    for visitor in gone:
        visitor.space.close()
    return len(gone)


def forget_all() -> None:
    """Let every workspace go, since the server ends: what it leaves to Python's own end is left lying when a signal ends it."""
    with _lock:
        gone = set(_known.values())
        _known.clear()
    for visitor in gone:
        visitor.space.close()


def _forget(visitor: _Visitor) -> None:
    """Nobody finds it any more, and another server may write where its work is kept."""
    for secret in [secret for secret, other in _known.items() if other is visitor]:
        del _known[secret]
        user_dir.release(secret)


_lock = threading.Lock()
_known: dict[str, _Visitor] = {}
