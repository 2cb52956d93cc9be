"""A file that a page gives to the browser, streamed from disk: no more than a piece of it is in memory at a time.

    GET /departures/<key>

It lies in a private folder under a key that nobody can guess, and only the browser whose workspace made it is answered. It vanishes
when nothing refers to it any more: each window holds the one that it made last.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from secrets import token_urlsafe
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from funnel.words import wording
from pages.server import folders

ADDRESS = "/departures"


class FileDownload:
    """A place for one file, and the address where its browser gets it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.key = token_urlsafe(32)
        self.address = f"{ADDRESS}/{self.key}"
        folder = folders.make()
        self.path = folder / name
        self.remove = weakref.finalize(self, folders.remove, folder)


def route(of: Callable[[Any], Any]) -> Route:
    """Where these files are; `of` gives the workspace of whoever sends some cookies, or None."""

    def answer(request: Request) -> Response:
        space = of(request.cookies)
        download = space.file_downloads.get(request.path_params["key"]) if space is not None else None
        if download is None or not download.path.is_file():
            return PlainTextResponse(wording.say("pages.project.gone"), 404)
        headers = {"cache-control": "no-store"}
        return FileResponse(
            download.path, filename=download.name, media_type="application/octet-stream", headers=headers
        )

    return Route(f"{ADDRESS}/{{key}}", answer)
