"""How people sign in with a browser, what they see then, and what is not theirs to see."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex

from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from tests.identity import PEOPLE
from tests.pages.apps import MOVES

COOKIE_SECRET = token_hex(32)
OF_ANN, OF_BOB = "Anns own label", "Bobs own label"
GATE = ["Funnel Lens", "Sign in to go on. Nothing is shown before that.", "Sign in"]
# Of the app inside, none of this is told outside: pages, the sample, the upload box with its ticket, and people's data.
INSIDE = [
    *("Models", "Trends", "Segments", "Pipeline", "See the funnel", "Upload", "/arrivals", "Try the sample", "12,000"),
    *(OF_ANN, OF_BOB, *PEOPLE.values(), "moves.csv"),
]


def visit(context, address: str):  # type: ignore[no-untyped-def]
    """A page, and all that comes to it through its websocket."""
    page, frames = context.new_page(), []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(_bytes(frame))))
    page.goto(address)
    return page, frames


def sign_in(page, who: str):  # type: ignore[no-untyped-def]
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=who).click()
    page.get_by_role("button", name="Sign out").wait_for()
    return page


def lines(page) -> list[str]:  # type: ignore[no-untyped-def]
    """The lines that a page shows at the gate, once it does."""
    page.get_by_role("button", name="Sign in").wait_for()
    shown = page.locator("body").inner_text().splitlines()
    return [line for line in shown if line.strip() and line != "Skip to main content"]


def leaked(page, frames: list[bytes]) -> list[str]:  # type: ignore[no-untyped-def]
    """What of the inside is in the page's elements, or came to it."""
    told = page.content().encode() + b"".join(frames)
    return [name for name in INSIDE if name.encode() in told]


def own(label: str) -> bytes:
    """A file of leads with a label that nobody else's has."""
    return MOVES.replace(b"Qualified", label.encode())


def cookies(claims: object, secret: str = COOKIE_SECRET) -> dict[str, str]:
    """The cookie that Streamlit would set for these claims."""
    name = "_streamlit_user"
    return {"name": name, "value": create_signed_value(secret, name, json.dumps(claims)).decode()}


def claims(app: str, **other: object) -> dict[str, object]:
    return {
        "is_logged_in": True,
        "origin": app,
        "provider": "default",
        "iss": "http://provider.example",
        "sub": "ann",
        "iat": int(time.time()),
        "name": "Ann Example",
        **other,
    }


@contextmanager
def foreign_page(host: str) -> Iterator[str]:
    """The address of an empty page of another port of this machine, by one of its names."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>foreign</title>")

        def log_message(self, *of: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://{host}:{server.server_port}/"
        finally:
            server.shutdown()


def _bytes(frame: bytes | str) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame
