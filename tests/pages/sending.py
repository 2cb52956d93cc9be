"""What a browser sends when it brings files, without a browser; and what lies on disk then."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.applications import Starlette

from pages.server import folders, uploads

COOKIE = "known-browser"
HOST = "leads.example:8501"
OURS = {
    "host": HOST,
    "origin": f"http://{HOST}",
    "sec-fetch-site": "same-origin",
    "x-funnel-lens": "1",
    "cookie": f"funnel_lens={COOKIE}",
}
CONTENT = b"lead_id,stage\nA-1,New\n"
CUT = "http.disconnect"


def on_disk(where) -> list[str]:
    """The names of all files below a folder but the one that says whose it is."""
    return sorted(path.name for path in where.rglob("*") if path.is_file() and path.name != folders.LOCK)


def ask(method: str, path: str, body: Iterable[bytes | str] = (), **other: str | None) -> tuple[int, dict[str, Any]]:
    """The status and the answer; a body ends where it says CUT, as when the connection breaks. A header of None is left out."""
    sent: list[dict[str, Any]] = []
    pieces = iter(body)
    named = {name.replace("_", "-"): value for name, value in other.items()}
    headers = [(name.encode(), value.encode()) for name, value in {**OURS, **named}.items() if value is not None]

    async def receive() -> dict[str, Any]:
        piece = next(pieces, None)
        if piece == CUT:
            return {"type": CUT}
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(Starlette(routes=uploads.ROUTES)(scope, receive, send))).result()
    told = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], json.loads(told) if told.startswith(b"{") else {}


def announce(ticket, name: str = "leads.csv", size: object = len(CONTENT), **other: str | None):
    return ask("POST", f"/arrivals/{ticket.key}", [json.dumps({"name": name, "size": size}).encode()], **other)


def put(ticket, number: int, *pieces: bytes | str, **other: str | None):
    return ask("PUT", f"/arrivals/{ticket.key}/{number}", pieces, **other)


def sent(ticket, name: str = "leads.csv", content: bytes = CONTENT) -> int:
    """The number of a file that was announced and came whole."""
    status, answer = announce(ticket, name, len(content))
    assert status == 200
    assert put(ticket, answer["number"], content) == (200, {})
    return answer["number"]
