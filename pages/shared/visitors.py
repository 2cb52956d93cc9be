"""Whose workspace is whose: each browser finds its own again, and what nobody looks at any more is let go.

A workspace is found by the browser's cookie and, where people sign in, by who it is. It lives in the state of each of the browser's
sessions too, so that a network blip does not end it. When its last page has been closed for `settings.AWAY_MINUTES`, its data vanish.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from funnel import FunnelError, settings
from pages.shared import sign_in
from pages.shared.workspace import Workspace

COOKIE = "funnel_lens"
_STATE = "workspace"


class FullError(FunnelError):
    """No place is free for one session more."""


@dataclass
class _Visitor:
    """A browser's workspace: its sessions, and when one of them was last seen, in seconds of time.monotonic()."""

    space: Workspace
    seen: float = field(default_factory=time.monotonic)
    sessions: set[str] = field(default_factory=set)

    def here(self) -> bool:
        """Whether a page of it is open."""
        return any(_active(session) for session in self.sessions)


def current() -> Workspace:
    """The workspace of this session: the one it has, else the one its browser had, else a new one."""
    secret = place()
    with _lock:
        found: Workspace | None = st.session_state.get(_STATE)
        known = _known.get(secret) if secret else None
        if found is None:
            found = known.space if known else Workspace()
            st.session_state[_STATE] = found
        if secret:
            if known is None or known.space is not found:
                known = _known[secret] = _Visitor(found)
            known.seen = time.monotonic()
            known.sessions = {session for session in known.sessions if _active(session)} | _session()
    return found


def place() -> str | None:
    """The secret under which this browser's workspace is found; None where it takes no cookies."""
    cookie = st.context.cookies.get(COOKIE)
    return sign_in.place(cookie, sign_in.person()) if cookie else None


def of_request(cookies: Mapping[str, str]) -> Workspace | None:
    """The workspace of whoever sends these cookies, which is in use from now again; None where there is none."""
    if COOKIE not in cookies:
        return None
    with _lock:
        known = _known.get(sign_in.place(cookies[COOKIE], sign_in.person_of(cookies)))
        if known is None:
            return None
        known.seen = time.monotonic()
        return known.space


def take_place(space: Workspace) -> None:
    """Makes sure that a workspace may hold data. FullError where `settings.SESSIONS` others do; one of which no page is open gives way."""
    with _lock:
        others = [known for known in _known.values() if known.space is not space and known.space.data_set is not None]
        if space.data_set is not None or len(others) < settings.SESSIONS():
            return
        away = min((known for known in others if not known.here()), key=lambda known: known.seen, default=None)
        if away is None:
            raise FullError("pages.full", sessions=settings.SESSIONS(), setting=settings.SESSIONS.variable)
        _forget(away)
    away.space.close()


def forget_away(now: float | None = None) -> int:
    """How many workspaces were let go because no page of theirs has been open for long."""
    moment = time.monotonic() if now is None else now
    with _lock:
        for known in _known.values():
            if known.here():
                known.seen = moment
        long = settings.AWAY_MINUTES() * 60
        gone = [known for known in _known.values() if moment - known.seen > long]
        for known in gone:
            _forget(known)
    # Nobody has to wait for it, since nobody finds them any more.
    for known in gone:
        known.space.close()
    return len(gone)


def forget_all() -> None:
    """Let every workspace go, since the server ends: what it leaves to Python's own end is left lying when a signal ends it."""
    with _lock:
        gone = list(_known.values())
        _known.clear()
    for known in gone:
        known.space.close()


def _forget(known: _Visitor) -> None:
    for place in [place for place, other in _known.items() if other is known]:
        del _known[place]


def _session() -> set[str]:
    context = st.runtime.scriptrunner.get_script_run_ctx()
    return {context.session_id} if context else set()


def _active(session: str) -> bool:
    return st.runtime.exists() and st.runtime.get_instance().is_active_session(session)


_lock = threading.Lock()
_known: dict[str, _Visitor] = {}
