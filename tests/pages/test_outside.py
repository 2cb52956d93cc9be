"""A running app as somebody outside meets it who is no browser: sessions without cookies, files of others, requests of two lengths."""

from __future__ import annotations

import os
import tomllib
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.connected import ask, cookie, made, page, shown
from tests.running import running
from tests.thorough import every, thorough

pytestmark = thorough

PLACES = 3


@pytest.fixture(scope="module")
def address():
    with running() as found:
        yield found


def full(messages: list[object]) -> bool:
    return "All places are taken" in str(messages)


@pytest.mark.skipif(os.name != "posix", reason="a signal ends a process otherwise there")
def test_sessions_without_cookies_are_counted_and_leave_nothing(tmp_path: Path) -> None:
    """Five that come at once, where three may hold data; a signal then ends the server."""
    told = {"FUNNEL_LENS_SESSIONS": str(PLACES), "TMPDIR": str(tmp_path)}
    with running(environment=told) as address, ExitStack() as open_pages:
        lines = [open_pages.enter_context(page(address, "sample=history")) for _ in range(PLACES + 2)]
        assert sorted(full(shown(line)) for line in lines) == [False] * PLACES + [True] * 2
        assert len(list(tmp_path.glob("funnel-lens-*"))) == PLACES
    assert list(tmp_path.glob("funnel-lens-*")) == []


def test_a_file_of_a_page_is_given_to_its_own_browser_and_kept_by_no_cache(address: str) -> None:
    mine, other = cookie(address), cookie(address)
    with page(address, "sample=history&files_tab=Project", mine, "data") as line, page(address, "", other) as theirs:
        shown(theirs)
        path = made(line, shown(line))
        assert path.startswith("/media/")
        status, headers, body = ask(address, path, ("cookie", mine))
        assert (status, headers["cache-control"]) == (200, "no-store")
        assert headers["content-disposition"].startswith("attachment")
        assert tomllib.loads(body.decode())
        own = f"{mine}; theme=dark mode"
        assert ask(address, path, ("cookie", own), ("range", "bytes=0-3"))[2] == body[:4]
        for lines in ([], [("cookie", other)], [("cookie", f"{mine}x")], [("cookie", "funnel_lens=guess")]):
            for method in ("GET", "HEAD"):
                for name in (path, f"{path}.svg", path.replace("/media", "//media")):
                    status, headers, refused = ask(address, name, *lines, method=method)
                    assert status in {400, 404}
                    assert body[:40] not in refused


@pytest.mark.parametrize(
    "chunk", [b"3\r\nabc\r\n0\r\n\r\n", b"0\r\n\r\nGET /models HTTP/1.1\r\nhost: localhost\r\n\r\n"]
)
def test_a_request_of_two_lengths_is_refused(address: str, chunk: bytes) -> None:
    lengths = (("content-length", "3"), ("transfer-encoding", "chunked"))
    status, headers, told = ask(address, "/arrivals/ticket", *lengths, method="POST", body=chunk)
    assert status == 400
    assert headers["connection"] == "close"
    assert told.startswith(b"This request says in two ways how much it brings")
    assert headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("foreign", ["theme=dark mode", "a@b=1", '"', "\xff\xfe=\xa0;;;"])
def test_cookies_of_other_apps_are_passed_over(address: str, foreign: str) -> None:
    mine = cookie(address)
    for lines in ([f"{foreign}; {mine}"], [mine, foreign], [foreign, mine]):
        status, headers, _ = ask(address, "/", ("accept", "text/html"), *(("cookie", line) for line in lines))
        assert status == 200
        assert "set-cookie" not in headers
        assert headers["x-frame-options"] == "DENY"


def test_no_answer_at_any_address_fails_for_its_cookies(address: str) -> None:
    for path in (
        "/",
        "/models",
        "/_stcore/health",
        "/media/x.csv",
        "/departures/x",
        "/arrivals/x",
        "/component/x",
        "/oauth2callback",
    ):
        for line in (
            "a@b=1",
            "_streamlit_xsrf=2|x|\xff|1",
            "_streamlit_user=\xff.x",
            "funnel_lens=\xff",
            "_streamlit_session=e30.x.y",
        ):
            assert ask(address, path, ("cookie", line))[0] < 500, (path, line)


def test_a_browser_finds_its_data_whatever_another_app_leaves_in_it(address: str) -> None:
    mine = cookie(address)
    with page(address, "sample=wide", mine) as line:
        assert "See the funnel in your lead file" not in str(shown(line))
    # The page is loaded again, and the browser keeps what it is given.
    _, headers, _ = ask(address, "/", ("accept", "text/html"), ("cookie", f"theme=dark mode; {mine}"))
    mine = headers.get("set-cookie", mine).partition(";")[0]
    with page(address, "", f"theme=dark mode; {mine}") as line:
        assert "See the funnel in your lead file" not in str(shown(line))
    with page(address, "", cookie(address)) as line:
        assert "See the funnel in your lead file" in str(shown(line))


@pytest.mark.parametrize(
    "lines",
    [
        [("origin", "http://[::1")],
        [("origin", "http://[ÿ")],
        [("origin", "http://localhost"), ("origin", "http://evil.example")],
        [("sec-fetch-site", "ÿ")],
        [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")],
    ],
)
def test_a_request_that_says_it_is_of_elsewhere_is_refused_with_a_sentence(address: str, lines) -> None:
    """Also where what it says is no address: that was a failure of the server."""
    status, headers, told = ask(address, "/", *lines)
    assert status == 403
    assert told
    assert "content-security-policy" in headers


@pytest.mark.parametrize(
    "lines",
    every(
        3,
        [
            [("x-forwarded-host", "evil.example"), ("x-forwarded-port", "99999999"), ("x-forwarded-proto", "https")],
            [("x-forwarded-proto", "javascript")],
            [("x-forwarded-for", "[::1:::"), ("x-real-ip", "evil.example")],
            [("x-forwarded-for", "1.1.1.1," * 5_000)],
            [("forwarded", "for=evil.example;host=evil.example;proto=https"), ("x-original-url", "/evil.example")],
            [
                ("x-forwarded-prefix", "/evil.example"),
                ("x-rewrite-url", "/evil.example"),
                ("x-script-name", "/evil.example"),
            ],
        ],
    ),
)
def test_headers_of_a_proxy_change_nothing(address: str, lines) -> None:
    """Whoever reaches the app can write them; what the proxy has to say stands in the settings."""
    for path in ("/", "/data/", "/_stcore/host-config"):
        page = ("accept", "text/html")
        plain, spoofed = ask(address, path, page), ask(address, path, page, *lines)
        assert (spoofed[0], spoofed[2]) == (plain[0], plain[2])
        assert spoofed[1].keys() == plain[1].keys()
        assert spoofed[1].get("location") == plain[1].get("location")
        assert "evil.example" not in str(spoofed)
        assert "Secure" not in spoofed[1].get("set-cookie", "")
