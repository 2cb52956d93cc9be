"""Nothing leaves the machine: the server under watch, and a real Chromium of which every request is written down."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests import watched
from tests.browser.places import EVERY, go
from tests.browser.test_funnel_page import BOX, STILL, shown, told
from tests.pages.apps import ALL, MOVES
from tests.running import running

pytestmark = pytest.mark.browser
OWN = {"localhost", "127.0.0.1"}


def written_down(context, asked: list[str]) -> None:  # type: ignore[no-untyped-def]
    """Every address that a browser's pages ask for from now on is added to `asked`, websockets too."""
    context.on("request", lambda request: asked.append(request.url))
    context.on("page", lambda page: page.on("websocket", lambda socket: asked.append(socket.url)))


def outside(asked: list[str]) -> list[str]:
    return [url for url in asked if not url.startswith(("data:", "blob:")) and urlsplit(url).hostname not in OWN]


def test_the_list_of_requests_holds_what_goes_elsewhere(browser) -> None:  # type: ignore[no-untyped-def]
    context = browser.new_context()
    asked: list[str] = []
    written_down(context, asked)
    page = context.new_page()
    page.set_content("<img src='http://192.0.2.1/x.png'><script>new WebSocket('ws://192.0.2.1/socket')</script>")
    page.wait_for_function("true")
    context.close()
    assert set(outside(asked)) == {"http://192.0.2.1/x.png", "ws://192.0.2.1/socket"}


def test_from_the_first_page_to_a_download_nothing_leaves_the_machine(browser, tmp_path) -> None:  # type: ignore[no-untyped-def]
    watch = watched.by_strace(tmp_path) or watched.by_hook(tmp_path)
    asked: list[str] = []
    with running(under=watch.under, environment=watch.environment) as address:
        with _visiting(browser, asked) as page:
            page.goto(address)
            page.get_by_role("button", name="Try the sample").click()
            told(page, re.compile("12,000 leads"))
            for name, tab in EVERY:
                go(page, name, tab)
                told(page, re.compile("."))
                page.locator(STILL).wait_for()
        with _visiting(browser, asked) as page:
            page.goto(address)
            page.locator(BOX).set_input_files({"name": "moves.csv", "mimeType": "text/csv", "buffer": MOVES})
            told(page, ALL)
            go(page, "Funnel")
            assert shown(page) == 4
            page.locator(STILL).wait_for()
            page.locator("summary", has_text="Stage outcomes").click()
            with page.expect_download() as download:
                page.locator(".st-key-ledger_box").get_by_role("button", name="Download CSV").click()
            assert b"New" in download.value.path().read_bytes()
            page.get_by_role("slider").nth(1).press("ArrowLeft")
            told(page, "of 3 leads")
        # Streamlit by itself would ask another host what its own address is, to compare it with this one.
        _refused_websocket(address, Origin="http://evil.example")
    assert watch.sees()
    assert watch.left_the_machine() == []
    assert {urlsplit(url).scheme for url in asked} >= {"http", "ws"}
    assert {"/media", "/arrivals"} <= {urlsplit(url).path.rpartition("/")[0][:9] for url in asked}
    assert outside(asked) == []


@contextmanager
def _visiting(browser, asked: list[str]):  # type: ignore[no-untyped-def]
    """A page of a new visitor, whose requests are added to `asked`."""
    context = browser.new_context(viewport={"width": 1600, "height": 900})
    context.set_default_timeout(60_000)
    written_down(context, asked)
    yield context.new_page()
    context.close()


def _refused_websocket(address: str, **headers: str) -> None:
    with pytest.raises(InvalidStatus, match="403"), connect(_socket(address), additional_headers=headers):
        pytest.fail("the websocket was opened")


def _socket(address: str) -> str:
    return address.replace("http://", "ws://") + "/_stcore/stream"


def test_a_websocket_opens_for_the_apps_own_page_only(address) -> None:  # type: ignore[no-untyped-def]
    with connect(_socket(address), additional_headers={"Origin": address}, subprotocols=["streamlit"]):  # type: ignore[list-item]
        pass
    for origin in ("http://evil.example", "http://localhost:1", "null", address.replace("localhost", "127.0.0.1")):
        _refused_websocket(address, Origin=origin)


def test_another_name_for_this_machine_is_refused(address) -> None:  # type: ignore[no-untyped-def]
    for path in ("/", "/_stcore/health", "/arrivals/x"):
        connection = http.client.HTTPConnection(urlsplit(address).netloc)
        connection.request("GET", path, headers={"Host": "evil.example"})
        answer = connection.getresponse()
        assert answer.status == 403
        assert answer.getheader("content-security-policy")
        connection.close()


@pytest.mark.parametrize("origin", [None, "http://evil.example"])
def test_streamlits_own_uploads_ask_for_its_token(address, origin) -> None:  # type: ignore[no-untyped-def]
    sent = {} if origin is None else {"Origin": origin}
    request = urllib.request.Request(f"{address}/_stcore/upload_file/session/file", b"x", sent, method="PUT")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)
