"""Plotly for the browser, as the app serves it."""

from __future__ import annotations

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import plotly
from starlette.applications import Starlette

import app
from funnel import charts
from pages.server import plotly_program


def answer(path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body that the shell gives."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        "query_string": b"",
    }

    async def run() -> None:
        asked = [{"type": "http.request"}]

        async def receive() -> dict[str, Any]:
            # The visitor stays until the answer is there.
            return asked.pop() if asked else await asyncio.Event().wait()  # type: ignore[return-value]

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await app.Shell(Starlette(routes=[plotly_program.route()]))(scope, receive, send)

    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(run())).result()
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}, body


def test_it_is_the_file_of_the_installed_plotly_packed_and_kept_for_good() -> None:
    address = f"/plotly-{plotly.__version__}.min.js"
    status, headers, body = answer(address, accept_encoding="gzip, br")
    assert status == 200
    assert headers["content-encoding"] == "gzip"
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["content-type"].startswith("text/javascript")
    assert len(body) < 2_000_000
    assert gzip.decompress(body) == charts.PROGRAM.read_bytes()
    status, headers, body = answer(address)
    assert (status, headers.get("content-encoding")) == (200, None)
    assert body == charts.PROGRAM.read_bytes()


def test_a_page_says_early_that_it_will_need_it_and_no_other_file_does() -> None:
    _, headers, _ = answer("/", accept="text/html,*/*")
    assert headers["link"] == f"</plotly-{plotly.__version__}.min.js>; rel=preload; as=script"
    assert "link" not in answer("/x.js", accept="*/*")[1]
