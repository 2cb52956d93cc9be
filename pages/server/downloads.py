"""Files that a page makes when its button is clicked, and that only the browser is given whose page made them.

Streamlit serves such a file to whoever knows its address, /media/<hash of what is in it>; here what is asked for there is looked up
first, and compared with what the browser's own pages have made. Of a file that cannot be made Streamlit says only that there is none;
here the button says why.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from hashlib import sha256

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackendOperationRequest
from streamlit.proto.ForwardMsg_pb2 import BackendOperationResponse
from streamlit.runtime.backend_operation_handler import DeferredFileHandler

from funnel.core.errors import FunnelError
from funnel.words import wording
from pages.server import sessions

ADDRESS = "/media/"
_LOG = logging.getLogger(__name__)


def given(content: Callable[[], bytes]) -> Callable[[], bytes]:
    """What a download button calls to make its file, which this session's browser may then take away."""
    space, spoken, calendar = sessions.current(), wording.language(), wording.calendar()

    def make() -> bytes:
        # It is made when the button is clicked, in a thread that knows of no page.
        with wording.speaking(spoken, calendar):
            try:
                data = content()
            except FunnelError as problem:
                raise NotMade(wording.plain(str(problem))) from problem
            except Exception as failed:
                raise NotMade(wording.say("pages.failed")) from failed
        space.give(_digest(data))
        return data

    return make


class NotMade(Exception):
    """A file that could not be made: the sentence that its button says."""


class Told(DeferredFileHandler):
    """What a click on a download button is answered: where the file is, or why there is none."""

    async def handle(self, request: BackendOperationRequest, session_id: str) -> BackendOperationResponse:
        answer = BackendOperationResponse(request_id=request.request_id)
        try:
            files = self._get_media_file_mgr()
            answer.deferred_file.url = await asyncio.to_thread(files.execute_deferred, request.deferred_file.file_id)
        except Exception as failed:
            told = failed.__cause__
            if not isinstance(told, NotMade) or not isinstance(told.__cause__, FunnelError):
                _LOG.exception("A file could not be made.")
            answer.error_msg = str(told) if isinstance(told, NotMade) else wording.say("pages.failed")
        return answer


# Each session makes a handler of its own by this class.
DeferredFileHandler.handle = Told.handle  # type: ignore[method-assign, assignment]


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
