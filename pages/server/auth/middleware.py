"""What stands before every address of the app: only its own names, its own pages, and, where people sign in, whoever has.

Streamlit checks names and origins at its websocket alone, and asks other hosts who it is before it refuses a foreign one there; here
both are checked first, everywhere, by what the request itself says.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import quote, unquote

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from funnel.words import wording
from pages.server.auth import cookies, sign_in
from pages.server.auth.sign_in import Identity

BACK = f"{cookies.NAME}_back"
"""The cookie that keeps the address which somebody asked for before the sign-in."""
_BACK_SECONDS = 900
_LONGEST_BACK = 2_000
_LEAVING_SECONDS = 5
_POLICY_VIOLATION = 1008
_PRIVATE = {"_stcore", "media", "component", "arrivals", "departures"}
_OPEN = ("/_stcore/health", "/_stcore/host-config", "/_stcore/stream")


class Doors:
    """Refuses what is not meant for this app, and closes a page's connection when its sign-in ends."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._leaving: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not is_host_allowed(headers.get("host")):
            await _refuse("pages.sign_in.unknown_host", scope, receive, send)
        elif _of_another_origin(headers) or _from_elsewhere(scope, headers):
            await _refuse("pages.sign_in.other_origin", scope, receive, send)
        elif "transfer-encoding" in headers and "content-length" in headers:
            # A proxy in between may have believed the other one of the two, and take what follows for a request of its own.
            await _refuse("pages.two_lengths", scope, receive, send, 400)
        elif sign_in.is_on():
            await self._signed_in_only(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _signed_in_only(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        sent = HTTPConnection(scope).cookies
        identity = sign_in.identity_in(sent)
        if scope["type"] == "websocket":
            if identity is None:
                await self.app(_without_sign_in(scope), receive, send)
            else:
                await self._until_over(identity, scope, receive, send)
            return
        if identity is None and _private(scope["method"], path):
            await _refuse("pages.sign_in.signed_out", scope, receive, send)
            return
        await self.app(scope, receive, _coming_back(scope, sent, identity, send))
        if identity is not None and path.endswith("/auth/logout"):
            sign_in.end(identity)
            for leaving in self._leaving.get(identity.key, ()):
                leaving.set()

    async def _until_over(self, identity: Identity, scope: Scope, receive: Receive, send: Send) -> None:
        """A page's connection, for as long as its sign-in lasts; then nothing more goes either way, and the page loads anew."""
        leaving = asyncio.Event()
        over = asyncio.ensure_future(leaving.wait())
        left = False

        async def heard() -> Message:
            nonlocal left
            coming = asyncio.ensure_future(receive())
            try:
                left_seconds = identity.until - time.time()
                await asyncio.wait({coming, over}, timeout=left_seconds, return_when=asyncio.FIRST_COMPLETED)
                if coming.done() and not leaving.is_set():
                    return coming.result()
                patience = _LEAVING_SECONDS if leaving.is_set() else 0
                leaving.set()
                # The page where somebody signs out is on its way to the identity provider, and is not to be stopped.
                with suppress(TimeoutError):
                    async with asyncio.timeout(patience):
                        message = await coming
                        while message["type"] != "websocket.disconnect":
                            message = await receive()
                        return message
            finally:
                coming.cancel()
            left = True
            await send({"type": "websocket.send", "bytes": _load_anew()})
            return {"type": "websocket.disconnect", "code": _POLICY_VIOLATION}

        async def send_on(message: Message) -> None:
            if not leaving.is_set():
                await send(message)

        self._leaving[identity.key].add(leaving)
        try:
            await self.app(scope, heard, send_on)
            if left:
                # The browser may be gone by now.
                with suppress(RuntimeError, OSError):
                    await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        finally:
            over.cancel()
            self._leaving[identity.key].discard(leaving)
            if not self._leaving[identity.key]:
                del self._leaving[identity.key]


def _of_another_origin(headers: Headers) -> bool:
    """Whether a request says that a page of another address made it; an origin that is no address is another one."""
    return any(origin.partition("://")[2] != headers.get("host") for origin in headers.getlist("origin"))


def _from_elsewhere(scope: Scope, headers: Headers) -> bool:
    """Whether a browser says that another site's page asks, otherwise than by a link that leads here; and nobody is led to a sign-out."""
    if headers.get("sec-fetch-site", "none") in {"same-origin", "none"}:
        return False
    leads = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return not leads or scope.get("method") != "GET" or scope["path"].endswith("/auth/logout")


def _load_anew() -> bytes:
    """What Streamlit's frontend takes for the order to load its own address again."""
    order = ForwardMsg()
    order.auth_redirect.url = ""
    return bytes(order.SerializeToString())


def _private(method: str, path: str) -> bool:
    """Whether an address is only for whoever is signed in: all but the frontend's own files and the way in."""
    if method not in {"GET", "HEAD"}:
        return True
    base = "/" + str(st.get_option("server.baseUrlPath")).strip("/")
    inside = path.removeprefix(base.rstrip("/"))
    return inside not in _OPEN and inside.split("/")[1] in _PRIVATE


def _without_sign_in(scope: Scope) -> Scope:
    """The same request without the cookies of a sign-in that is over: Streamlit would take them for 30 days."""

    def without(sent: bytes) -> bytes:
        return b";".join(
            cookie for cookie in sent.split(b";") if not cookie.strip().startswith(sign_in.COOKIE.encode())
        )

    headers = [(name, without(value) if name == b"cookie" else value) for name, value in scope["headers"]]
    return {**scope, "headers": headers}


def _coming_back(scope: Scope, sent: Mapping[str, str], identity: Identity | None, send: Send) -> Send:
    """Answers that remember the address asked for before the sign-in, and lead there after it."""
    back = cookies.of_host(BACK)
    path, wanted = scope["path"], unquote(sent.get(back, ""))
    page = b"text/html" in dict(scope["headers"]).get(b"accept", b"")
    here = b"?".join(filter(None, (scope.get("raw_path"), scope["query_string"]))).decode("latin-1")

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if path.endswith(sign_in.CALLBACK):
                signed_in = any(value.startswith(f"{sign_in.COOKIE}=") for value in headers.getlist("set-cookie"))
                if signed_in and _ours(wanted):
                    headers["location"] = wanted
                headers.append("set-cookie", f"{back}=; Path=/; Max-Age=0")
            elif page and identity is None and "/auth/" not in path and len(here) <= _LONGEST_BACK:
                headers.append(
                    "set-cookie",
                    f"{back}={quote(here, safe='')}; Path=/; HttpOnly; SameSite=Lax; Max-Age={_BACK_SECONDS}",
                )
            if sign_in.by_https():
                _secure(headers)
        await send(message)

    return answer


def _ours(address: str) -> bool:
    """Whether an address, as a browser sent it back to us, leads nowhere but to this app."""
    return (
        address.startswith("/")
        and not address.startswith(("//", "/\\"))
        and address.isascii()
        and address.isprintable()
    )


def _secure(headers: MutableHeaders) -> None:
    """Every cookie is sent back by https only."""
    set_cookies = headers.getlist("set-cookie")
    del headers["set-cookie"]
    for cookie in set_cookies:
        headers.append("set-cookie", cookie if cookies.SECURE.lower() in cookie.lower() else cookie + cookies.SECURE)


async def _refuse(key: str, scope: Scope, receive: Receive, send: Send, status: int = 403) -> None:
    """Ends a request with a sentence, and its connection; a websocket is never opened."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        return
    await PlainTextResponse(wording.say(key), status, {"connection": "close"})(scope, receive, send)
