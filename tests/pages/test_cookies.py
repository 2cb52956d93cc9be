"""The cookie by which a browser is known: whatever else comes with it, only what this server gave out is believed, and nothing fails."""

from __future__ import annotations

import asyncio
import os
import random
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import HTTPConnection

import app
from pages.server.auth import cookies, middleware, sign_in

SECRET = re.compile(r"[\w-]{43}")
FOREIGN = [
    "theme=dark mode",
    "a@b=1",
    'quoted="one; two"',
    "no value",
    "=",
    "=no name",
    "{}[]()<>@,:\\/?=1",
    'prefs={"a": 1}',
    "expires=Thu, 01 Jan 1970 00:00:00 GMT",
    "naïve=ÿ\xa0",
    "x" * 9_000,
    "funnel_lens=mine",
    "funnel_lens_theme=dark",
    "$Version=1",
]


class Answer:
    """What the shell made of a request: the first message that was sent, and the cookies that the app inside saw, if it was asked."""

    def __init__(
        self, lines: list[str], *, kind: str = "http", status: int = 200, fails: bool = False, **headers: str
    ) -> None:
        self.sent: list[dict[str, Any]] = []
        self.inside: dict[str, str] = {}
        told = {"accept": "text/html,*/*", "host": "localhost:8501", **headers}
        raw = [(name.encode(), value.encode()) for name, value in told.items()]
        raw += [(b"cookie", line.encode("latin-1")) for line in lines]
        scope = {"type": kind, "method": "GET", "path": "/", "query_string": b"", "headers": raw}
        with ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: asyncio.run(self._ask(scope, kind, status, fails))).result()

    async def _ask(self, scope: dict[str, Any], kind: str, status: int, fails: bool) -> None:
        async def inner(scope, receive, send):  # type: ignore[no-untyped-def]
            self.inside = dict(HTTPConnection(scope).cookies)
            if fails:
                raise LookupError("inside")
            start = "websocket.accept" if kind == "websocket" else "http.response.start"
            await send({"type": start, "headers": [], **({"status": status} if kind == "http" else {})})

        async def send(message: dict[str, Any]) -> None:
            self.sent.append(message)

        async def receive() -> dict[str, Any]:
            return {"type": "http.request"}

        try:
            await app.Shell(middleware.Doors(inner))(scope, receive, send)
        except LookupError:
            assert fails

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.sent[0].get("headers", [])}

    @property
    def given(self) -> str | None:
        """The cookie that the browser is to keep, name and value."""
        found = self.headers.get("set-cookie")
        return None if found is None else found.partition(";")[0]

    @property
    def secret(self) -> str | None:
        """By what the app inside knows the browser."""
        return self.inside.get("funnel_lens")


@pytest.fixture
def mine() -> str:
    found = Answer([]).given
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def forgotten_keys(monkeypatch):
    """As after a start of the server."""
    monkeypatch.delenv("FUNNEL_LENS_WORK", raising=False)
    restart()


def restart() -> None:
    cookies._own_key.cache_clear()
    cookies._key_in.cache_clear()


def test_a_page_gets_one_unguessable_cookie_that_scripts_cannot_read():
    one, other = Answer([]), Answer([])
    assert re.fullmatch(
        r"funnel_lens_8501=[\w-]{43}\.[\w-]{43}; Path=/; HttpOnly; SameSite=Lax", one.headers["set-cookie"]
    )
    assert one.given != other.given
    assert SECRET.fullmatch(one.secret)
    assert one.secret in one.given
    # The files that a page loads do not each set another one.
    assert Answer([], accept="*/*").given is None


@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda text: text[:20])
def test_cookies_of_other_apps_neither_replace_ours_nor_fail(mine, foreign):
    wanted = mine.partition("=")[2].partition(".")[0]
    for lines in (
        [f"{foreign}; {mine}"],
        [f"{mine}; {foreign}"],
        [f"{mine};{foreign};"],
        [foreign, mine],
        [mine, foreign],
    ):
        answer = Answer(lines)
        assert (answer.given, answer.secret) == (None, wanted)
        assert answer.headers["x-frame-options"] == "DENY"
    alone = Answer([foreign])
    assert alone.given is not None
    assert SECRET.fullmatch(alone.secret)


def test_no_line_of_cookies_whatever_is_in_it_fails_or_hides_ours(mine):
    chance = random.Random(11)
    signs = [chr(code) for code in range(1, 256) if chr(code) not in "\r\n"]
    for _ in range(300):
        noise = "".join(chance.choices([*signs, *';;;==="\\, '], k=chance.randrange(60)))
        answer = Answer([f"{noise};{mine};{noise}"])
        assert (answer.given, answer.secret) == (None, mine.partition("=")[2].partition(".")[0])


def test_only_what_was_given_out_here_is_a_secret(mine):
    name, _, value = mine.partition("=")
    secret, _, signature = value.partition(".")
    other = Answer([]).given.partition("=")[2]
    forged = [
        "",
        ".",
        "guess",
        secret,
        f"{secret}.",
        f".{signature}",
        f"{secret}.{signature[:-1]}",
        f"{secret}.{signature}=",
        f"{secret}.{signature} x",
        f"{secret}.{other.partition('.')[2]}",
        f"{other.partition('.')[0]}.{signature}",
        value.upper(),
        "é" * 43,
    ]
    for attempt in forged:
        for line in (f"{name}={attempt}", f"funnel_lens={secret}; {name}={attempt}", f"funnel_lens={attempt}"):
            files = Answer([line], accept="*/*")
            assert (files.given, files.secret) == (None, None), line
            page = Answer([line])
            assert page.given is not None
            assert page.secret not in {attempt, secret}, line
    # Of several of our name, which other hosts of the domain can set, the one counts that is ours, wherever it stands.
    for line in (f"{name}=guess; {mine}", f"{mine}; {name}=guess"):
        assert Answer([line], accept="*/*").secret == secret


def test_others_cookies_go_on_as_they_came(mine):
    answer = Answer([f"_streamlit_xsrf=2|a|b; {mine}", "theme=dark mode"])
    assert answer.inside == {"_streamlit_xsrf": "2|a|b", "theme": "dark mode", "funnel_lens": answer.secret}


def test_what_is_refused_or_failed_changes_nothing_in_the_browser():
    # A form of a foreign page comes without our cookie, and would have it replaced.
    refused = Answer([], origin="http://evil.example")
    assert (refused.sent[0]["status"], refused.given) == (403, None)
    assert Answer([], status=404).given is None
    assert Answer([], status=304).given is not None


def test_a_failure_is_a_sentence_under_the_security_headers(mine):
    failed = Answer([mine], fails=True)
    assert failed.sent[0]["status"] == 500
    assert {name: failed.headers[name] for name in app.HEADERS} == app.HEADERS
    assert failed.sent[1]["body"].startswith(b"Something went wrong here")


def test_a_page_that_was_open_when_the_server_started_anew_is_known_again(mine):
    assert Answer([mine], kind="websocket").given is None
    restart()
    again = Answer([mine], kind="websocket")
    assert again.given is not None
    assert again.secret == again.given.partition("=")[2].partition(".")[0]
    # A browser that takes no cookies would lose it each time.
    assert Answer([], kind="websocket", accept="*/*").given is None


def test_two_servers_on_one_host_leave_each_other_their_cookies(mine, monkeypatch):
    monkeypatch.setattr(cookies.st, "get_option", lambda name: 8502 if name == "server.port" else None)
    other = Answer([mine])
    assert other.given.partition("=")[0] == "funnel_lens_8502"
    both = Answer([f"{mine}; {other.given}"])
    assert both.given is None
    assert both.secret in other.given


def test_where_work_is_kept_the_secrets_outlive_a_restart_and_a_change_of_port(tmp_path, monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_WORK", str(tmp_path / "work"))
    first = Answer([])
    assert "; Max-Age=34560000" in first.headers["set-cookie"]
    key = tmp_path / "work" / "cookie.key"
    assert [path.name for path in key.parent.iterdir()] == ["cookie.key"]
    if os.name == "posix":
        assert key.stat().st_mode & 0o777 == 0o600
    restart()
    monkeypatch.setattr(cookies.st, "get_option", lambda name: 8502 if name == "server.port" else None)
    assert Answer([first.given]).secret == first.secret
    # A key that is no key any more is made anew, and what it gave out is believed no longer.
    key.write_bytes(b"short")
    restart()
    assert Answer([first.given], accept="*/*").secret is None
    assert len(key.read_bytes()) == 32
    assert [path.name for path in key.parent.iterdir()] == ["cookie.key"]


def test_a_folder_that_takes_no_key_leaves_the_app_running(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("FUNNEL_LENS_WORK", str(tmp_path / "file" / "work"))
    first = Answer([])
    assert Answer([first.given]).secret == first.secret


def test_servers_that_start_at_once_agree_on_one_key(tmp_path: Path, monkeypatch):
    """The other one's key comes while this one makes its own."""
    theirs = b"k" * 32
    real = os.fsync

    def slowly(number: int) -> None:
        real(number)
        (tmp_path / "cookie.key").write_bytes(theirs)

    monkeypatch.setattr(os, "fsync", slowly)
    assert cookies._key_in(tmp_path) == theirs


def test_by_https_no_other_host_can_set_the_cookie(monkeypatch):
    monkeypatch.setattr(sign_in, "by_https", lambda: True)
    first = Answer([])
    assert re.fullmatch(
        r"__Host-funnel_lens_8501=[\w-]{43}\.[\w-]{43}; Path=/; HttpOnly; SameSite=Lax; Secure",
        first.headers["set-cookie"],
    )
    assert Answer([first.given]).secret == first.secret
    assert Answer([first.given.removeprefix("__Host-")], accept="*/*").secret is None


def test_a_certificate_of_its_own_means_https(monkeypatch):
    assert not sign_in.by_https()
    monkeypatch.setattr(sign_in.st, "get_option", lambda name: "cert.pem" if name == "server.sslCertFile" else None)
    assert sign_in.by_https()
