"""Files that come from the browser, written to disk as they come: no more than a piece of one is in memory at a time.

    POST   /arrivals/<ticket>            {"name": …, "size": …} → {"number": …}
    PUT    /arrivals/<ticket>/<number>   the bytes → {}
    DELETE /arrivals/<ticket>/<number>   → {}

What is refused is answered with {"key", "sentence"}. Only our own page is heard: it names a header that no form can send, comes from
this very address, and its cookie stands for the workspace that holds the ticket.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pages.server import sessions, workspace
from pages.server.upload_folders import ArrivalError, Part, Ticket

ADDRESS = "/arrivals"
HEADER = "x-funnel-lens"
PIECE_BYTES = 1 << 20
PATIENCE_SECONDS = 120.0
_LONGEST_ANNOUNCEMENT = 10_000
_STATUS = {
    "pages.upload.expired": 403,
    "pages.upload.too_big": 413,
    "pages.upload.no_room": 507,
    "pages.upload.session_full": 507,
    "pages.upload.disk_full": 507,
    "pages.upload.unwritable": 500,
}

Handler = Callable[[Request, Ticket], Awaitable[dict[str, Any]]]


def _answered(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """The handler, asked by our own page only; what it refuses becomes a sentence."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(await handler(request, _ticket(request)))
        except ArrivalError as refused:
            error = refused
        except (ClientDisconnect, TimeoutError):
            error = ArrivalError("pages.upload.cut_short")
        except OSError:
            error = ArrivalError("pages.upload.unwritable")
        return JSONResponse({"key": error.key, "sentence": str(error)}, _STATUS.get(error.key, 400))

    return answer


@_answered
async def _announce(request: Request, ticket: Ticket) -> dict[str, Any]:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_ANNOUNCEMENT:
            raise ArrivalError("pages.upload.expired")
    try:
        announced = json.loads(body)
        name, size = announced["name"], announced["size"]
    except (ValueError, TypeError, KeyError, RecursionError) as broken:
        raise ArrivalError("pages.upload.expired") from broken
    if not isinstance(name, str) or not isinstance(size, int):
        raise ArrivalError("pages.upload.expired")
    return {"number": await run_sync(ticket.announce, workspace.safe_name(name), size)}


@_answered
async def _arrive(request: Request, ticket: Ticket) -> dict[str, Any]:
    part = await run_sync(ticket.begin, request.path_params["number"])
    try:
        await _write(request, part)
        await run_sync(part.finish)
    except BaseException:
        part.discard()
        raise
    return {}


async def _write(request: Request, part: Part) -> None:
    """All that comes, written in pieces by a thread; TimeoutError where nothing comes for long."""
    stream, buffer = request.stream(), bytearray()
    while True:
        async with asyncio.timeout(PATIENCE_SECONDS):
            chunk = await anext(stream, b"")
        buffer += chunk
        if len(buffer) >= PIECE_BYTES or not chunk:
            await run_sync(part.write, buffer)
            buffer = bytearray()
        if not chunk:
            return


@_answered
async def _forget(request: Request, ticket: Ticket) -> dict[str, Any]:
    await run_sync(ticket.forget, request.path_params["number"])
    return {}


def _ticket(request: Request) -> Ticket:
    """The ticket that the address names. ArrivalError, the same for every reason, where this request may not use it."""
    sent = request.headers
    same_site = sent.get("sec-fetch-site", "same-origin") == "same-origin"
    host = sent.get("origin", "").partition("://")[2]
    space = sessions.of_request(request.cookies)
    ticket = space.tickets.get(request.path_params["ticket"]) if space is not None else None
    if ticket is None or HEADER not in sent or not same_site or not host or host != sent.get("host"):
        raise ArrivalError("pages.upload.expired")
    return ticket


ROUTES = [
    Route(f"{ADDRESS}/{{ticket}}", _announce, methods=["POST"]),
    Route(f"{ADDRESS}/{{ticket}}/{{number:int}}", _arrive, methods=["PUT"]),
    Route(f"{ADDRESS}/{{ticket}}/{{number:int}}", _forget, methods=["DELETE"]),
]
