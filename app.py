"""The shell around the pages: which script runs, security headers, and what is swept away. No logic.

`streamlit run app.py` starts it.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import re
import sys
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from funnel.core import settings
from funnel.live import reader
from funnel.words import wording
from pages.server import (
    address,
    autosave_sweep,
    downloads,
    file_downloads,
    folders,
    plotly_program,
    rehearsal,
    sessions,
    uploads,
)
from pages.server.auth import cookies, middleware, sign_in


def _frontend_scripts() -> str:
    """The frontend's own inline scripts as hashes, so that no other inline script runs."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    return " ".join(f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts)


HEADERS = {
    # Styles are inline because the frontend writes them so; scripts never are.
    "content-security-policy": "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' {_frontend_scripts()}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "frame-src 'none'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
SWEEP_SECONDS = 60
SWITCH_SECONDS = 0.0005


class Shell:
    """Adds the security headers to every answer, also to a failure's, and the cookie by which a reloaded page finds its data again."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        secret, cookie = cookies.secret_in(scope), None
        page = b"text/html" in dict(scope["headers"]).get(b"accept", b"")
        # Only a page sets the cookie, not each of the many files that it loads at once; and the connection of a page that was open
        # when the server started anew, which brings a cookie of the one before.
        if secret is None and (page or (scope["type"] == "websocket" and cookies.is_sent(scope))):
            secret, cookie = cookies.give_out()
        headers = {**HEADERS, "link": plotly_program.LINK} if page else HEADERS
        begun = False

        async def with_headers(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(_with_headers(message, headers, cookie))

        try:
            await self.app(cookies.inside(scope, secret), receive, with_headers)
        except Exception:
            if scope["type"] == "http" and not begun:
                await PlainTextResponse(wording.say("pages.failed"), 500)(scope, receive, with_headers)
            raise


def _with_headers(message: Message, headers: dict[str, str], cookie: str | None) -> Message:
    """The start of an answer with these headers and this cookie; anything else as it is."""
    added = []
    if message["type"] == "http.response.start":
        added = [(name.encode(), value.encode()) for name, value in headers.items()]
    # What is refused, such as a request that a foreign page sends without our cookie, changes nothing in the browser.
    if cookie is not None and (message["type"] == "websocket.accept" or message.get("status", 400) < 400):
        added.append((b"set-cookie", cookie.encode()))
    return {**message, "headers": [*message.get("headers", ()), *added]} if added else message


@asynccontextmanager
async def _lifespan(_: Any) -> AsyncIterator[dict[str, Any]]:
    """Decides whether people sign in, sweeps what a crash left behind, rehearses, and says where the app is; then sweeps, again and
    again, what nobody has looked at for long; at the end what is left of all."""
    sign_in.is_on()
    folders.sweep()
    autosave_sweep.sweep()
    rehearsal.run()
    # What is loaded by now stays for good: no later collection has to walk through all of it again.
    gc.collect()
    gc.freeze()
    # What a run has drawn goes out while it goes on: whoever waits to send gets its turn sooner than by default.
    sys.setswitchinterval(SWITCH_SECONDS)
    sweeper = asyncio.create_task(_sweep())
    print(address.sentence(), flush=True)
    yield {}
    sweeper.cancel()
    with suppress(asyncio.CancelledError):
        await sweeper
    try:
        sessions.forget_all()
    finally:
        folders.remove_own()


async def _sweep() -> None:
    swept = time.monotonic()
    while True:
        await asyncio.sleep(min(SWEEP_SECONDS, settings.AWAY_MINUTES() * 60 / 2))
        # Elsewhere, since a large database takes a moment to close, and all who are here would wait for it.
        try:
            await asyncio.to_thread(sessions.forget_away)
            reader.forget_unasked(settings.AWAY_MINUTES() * 60)
            if time.monotonic() - swept > autosave_sweep.DAY_SECONDS:
                await asyncio.to_thread(autosave_sweep.sweep)
                swept = time.monotonic()
        except Exception:
            # The next round tries again; without one, nothing would ever be let go.
            logging.getLogger(__name__).exception("what nobody looks at could not be let go")


app = st.App(
    Path(__file__).parent / "pages" / "main.py",
    routes=[plotly_program.route(), *uploads.ROUTES, file_downloads.route(sessions.of_request)],
    lifespan=_lifespan,
    middleware=[Middleware(Shell), Middleware(middleware.Doors), Middleware(downloads.Downloads)],
)
