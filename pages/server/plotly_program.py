"""Plotly for the browser, served by the app itself: one file, packed once, which a browser keeps for as long as its version is used."""

from __future__ import annotations

import gzip
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from funnel import charts

LINK = f"<{charts.PROGRAM_ADDRESS}>; rel=preload; as=script"
"""The header by which a page says that it will need the file, so that the first chart does not wait for it."""
_HEADERS = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}


def route() -> Route:
    """Where the file is; its version is in the address."""
    return Route(charts.PROGRAM_ADDRESS, _answer)


@lru_cache
def packed() -> bytes:
    """The file, as gzip: 1.4 MB instead of 4.8."""
    return gzip.compress(charts.PROGRAM.read_bytes(), compresslevel=6)


def _answer(request: Request) -> Response:
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return FileResponse(charts.PROGRAM, media_type="text/javascript", headers=_HEADERS)
    return Response(packed(), media_type="text/javascript", headers={**_HEADERS, "content-encoding": "gzip"})
