"""Files that a page makes when its button is clicked, and that only the browser is given whose page made them.

Streamlit serves such a file to whoever knows its address, /media/<hash of what is in it>; here what is asked for there is looked up
first, and compared with what the browser's own pages have made.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from funnel.words import wording
from pages.server import sessions

ADDRESS = "/media/"


def given(content: Callable[[], bytes]) -> Callable[[], bytes]:
    """What a download button calls to make its file, which this session's browser may then take away."""
    space, spoken, calendar = sessions.current(), wording.language(), wording.calendar()

    def make() -> bytes:
        # It is made when the button is clicked, in a thread that knows of no page.
        with wording.speaking(spoken, calendar):
            data = content()
        space.give(_digest(data))
        return data

    return make


class Downloads:
    """Refuses a file that was made for another browser; no cache keeps what is given."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        data = _file(scope["path"]) if scope["type"] == "http" else None
        if data is None:
            await self.app(scope, receive, send)
            return

        async def not_stored(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["cache-control"] = "no-store"
            await send(message)

        space = sessions.of_request(HTTPConnection(scope).cookies)
        if space is not None and _digest(data) in space.given:
            await self.app(scope, receive, not_stored)
        else:
            await PlainTextResponse(wording.say("pages.not_given"), 404)(scope, receive, not_stored)


def _file(path: str) -> bytes | None:
    """What the file holds that an address leads to; None where it leads to none."""
    _, address, name = path.rpartition(ADDRESS)
    if not address or not st.runtime.exists():
        return None
    file = st.runtime.get_instance().media_file_mgr.read_file(name)
    return None if file is None else file.content


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
