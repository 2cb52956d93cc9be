"""The doors: requests as they come, answered or refused before the app hears of them."""

from __future__ import annotations

import asyncio
import random
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import Route

from pages.server.auth import middleware, sign_in
from tests.signing import AUTH, asking, claims, cookie, decided_anew  # noqa: F401 (asking and decided_anew are fixtures)

CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


def ask(path: str = "/", *, method: str = "GET", kind: str = "http", **headers: str) -> list[dict[str, Any]]:
    """What was sent back; the app inside answers everything with "inside"."""
    sent: list[dict[str, Any]] = []

    async def inside(scope, receive, send):  # type: ignore[no-untyped-def]
        if scope["type"] == "websocket":
            cookies = dict(scope["headers"]).get(b"cookie", b"")
            await send({"type": "websocket.accept", "headers": [(b"heard", cookies)]})
        elif scope["path"] == "/oauth2callback":
            answer = RedirectResponse("/", 302)
            answer.set_cookie("_streamlit_user", "signed")
            await answer(scope, receive, send)
        else:
            await Starlette(routes=[Route("/{path:path}", lambda _: PlainTextResponse("inside"), methods=[method])])(
                scope, receive, send
            )

    async def run() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        told = {"host": "localhost:8501", **{name.replace("_", "-"): value for name, value in headers.items()}}
        scope = {
            "type": kind,
            "method": method,
            "path": path.partition("?")[0],
            "raw_path": path.partition("?")[0].encode(),
            "query_string": path.partition("?")[2].encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in told.items()],
        }
        await middleware.Doors(inside)(scope, receive, send)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(run())).result()
    return sent


def answered(*path: str, **told: str) -> int:
    """The status of an answer; 101 and 403 stand for a websocket that is opened, or not."""
    [first, *_] = ask(*path, **told)
    return {"websocket.accept": 101, "websocket.close": 403}.get(first["type"]) or first["status"]


def headers(sent: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]


def test_protections_are_on_and_nothing_is_reported_home():
    assert CONFIG["server"]["enableXsrfProtection"] is True
    assert CONFIG["server"]["enableCORS"] is True
    assert CONFIG["server"]["enableAgentApi"] is False
    assert CONFIG["server"]["allowedHosts"] == ["localhost", "127.0.0.1"]
    assert CONFIG["server"]["address"] == "localhost"
    assert CONFIG["browser"]["gatherUsageStats"] is False
    for option in ("server.enableXsrfProtection", "server.enableCORS", "browser.gatherUsageStats"):
        section, name = option.split(".")
        assert st.get_option(option) is CONFIG[section][name]
    assert st.get_option("server.corsAllowedOrigins") == []


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("told", "heard"),
    [
        ({}, True),
        ({"host": "127.0.0.1:1"}, True),
        ({"origin": "http://localhost:8501"}, True),
        ({"origin": "https://localhost:8501"}, True),
        ({"origin": "http://localhost:8502"}, False),
        ({"origin": "http://127.0.0.1:8501"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "http://localhost:8501.evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"origin": "http://[::1"}, False),
        ({"origin": "http://[ÿ"}, False),
        ({"origin": "http://localhost:8501 http://evil.example"}, False),
        ({"host": "evil.example"}, False),
        ({"host": "evil.example", "origin": "http://evil.example"}, False),
        ({"host": "localhost.evil.example:8501"}, False),
        ({"host": "localhost@evil.example"}, False),
        ({"host": ""}, False),
    ],
    ids=str,
)
def test_only_the_apps_own_names_and_pages_are_heard(kind, told, heard):
    assert answered(kind=kind, **told) == ((101 if kind == "websocket" else 200) if heard else 403)


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_request_of_two_lengths_is_refused_and_its_connection_closed(kind):
    """Streamlit would believe one of them, where a proxy before it may have believed the other."""
    lengths = {"transfer_encoding": "chunked", "content_length": "3"}
    assert answered("/arrivals/ticket/0", method="PUT", kind=kind, **lengths) == (400 if kind == "http" else 403)
    for name, value in lengths.items():
        assert answered("/arrivals/ticket/0", method="PUT", kind=kind, **{name: value}) == (
            200 if kind == "http" else 101
        )
    if kind == "http":
        assert ("connection", "close") in headers(ask("/", **lengths))


ASKED_BY = ("sec_fetch_site", "sec_fetch_mode", "sec_fetch_dest")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("mode", "destination", "method", "kind", "heard"),
    [
        ("navigate", "document", "GET", "http", True),
        ("navigate", "document", "POST", "http", False),
        ("navigate", "iframe", "GET", "http", False),
        ("navigate", "object", "GET", "http", False),
        ("no-cors", "image", "GET", "http", False),
        ("no-cors", "script", "GET", "http", False),
        ("no-cors", "empty", "GET", "http", False),
        ("cors", "empty", "GET", "http", False),
        ("websocket", "websocket", "GET", "websocket", False),
    ],
)
def test_of_pages_of_other_sites_only_links_are_heard(site, mode, destination, method, kind, heard):
    """Another port of this machine is another site's page too, and brings our cookies along."""
    said = dict(zip(ASKED_BY, (site, mode, destination), strict=True))
    assert (answered("/models", method=method, kind=kind, **said) == 200) is heard
    own = {**said, "sec_fetch_site": "same-origin"}
    assert answered("/models", method=method, kind=kind, **own) in {101, 200}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_nobody_is_signed_out_by_a_page_of_another_site(asks, site):
    asks()
    led = dict(zip(ASKED_BY, (site, "navigate", "document"), strict=True))
    drawn = dict(zip(ASKED_BY, (site, "no-cors", "image"), strict=True))
    for said in (led, drawn):
        assert answered("/auth/logout", cookie=cookie(), **said) == 403
    assert not sign_in._ended
    # Whoever comes back from the identity provider is led by its page.
    assert answered("/oauth2callback", cookie=cookie(), **led) == 302
    assert answered("/auth/logout", cookie=cookie(), **{**led, "sec_fetch_site": "same-origin"}) == 200
    assert sign_in._ended


def test_a_refused_origin_asks_no_other_host_who_we_are(monkeypatch):
    """Streamlit would look up this machine's address on the internet to compare it with a foreign origin."""
    monkeypatch.setattr("streamlit.net_util.get_external_ip", pytest.fail)
    monkeypatch.setattr("streamlit.net_util.get_internal_ip", pytest.fail)
    assert answered(kind="websocket", origin="http://evil.example") == 403


@pytest.mark.parametrize(
    ("path", "method", "outside"),
    [
        ("/", "GET", 200),
        ("/models", "GET", 200),
        ("/static/media/font.woff2", "GET", 200),
        ("/_stcore/health", "GET", 200),
        ("/_stcore/host-config", "GET", 200),
        ("/auth/login", "GET", 200),
        ("/", "POST", 403),
        ("/arrivals/ticket", "POST", 403),
        ("/arrivals/ticket/0", "PUT", 403),
        ("/arrivals/ticket/0", "DELETE", 403),
        ("/media/file.csv", "GET", 403),
        ("/_stcore/upload_file/session/file", "PUT", 403),
        ("/_stcore/metrics", "GET", 403),
        ("/_stcore/agent/mcp", "POST", 403),
        ("/_stcore/", "GET", 403),
    ],
)
def test_before_a_sign_in_only_the_way_in_answers(asks, path, method, outside):
    assert answered(path, method=method) == 200
    sign_in.is_on.cache_clear()
    asks()
    assert answered(path, method=method) == outside
    assert answered(path, method=method, cookie=cookie()) == 200
    assert answered(path, method=method, cookie=cookie(iat=0)) == outside
    assert answered(path, method=method, cookie="_streamlit_user=forged") == outside


def test_no_cookies_whatever_they_are_fail_where_people_sign_in(asks):
    asks()
    chance = random.Random(5)
    signs = [chr(code) for code in range(256) if code not in (10, 13)]
    for name in ("_streamlit_user", "_streamlit_user__1", "_streamlit_user_tokens", "funnel_lens_back", ""):
        for _ in range(40):
            noise = "".join(chance.choices([*signs, *';;==".|'], k=chance.randrange(50)))
            assert answered("/media/x", cookie=f"{name}={noise}; x=1") == 403
            assert answered("/", cookie=f"{name}={noise}", accept="text/html") == 200
            assert answered("/oauth2callback", cookie=f"{name}={noise}") == 302
            assert answered("/media/x", cookie=f"{noise}; {cookie()}") == 200


def test_a_page_connects_as_nobody_once_its_sign_in_is_over(asks):
    asks()
    over, fresh = cookie(iat=0), cookie()
    [accepted] = ask(kind="websocket", cookie=f"funnel_lens=known; {over}; _streamlit_user_tokens=x; last=1")
    assert dict(accepted["headers"])[b"heard"] == b"funnel_lens=known; last=1"
    [accepted] = ask(kind="websocket", cookie=f"funnel_lens=known; {fresh}")
    assert fresh.encode() in dict(accepted["headers"])[b"heard"]


def test_a_sign_in_that_was_ended_is_not_believed_again_and_others_are(asks):
    asks()
    kept, other = cookie(nonce="one"), cookie(nonce="two")
    assert answered("/media/x", cookie=kept) == 200
    ask("/auth/logout", cookie=kept)
    assert answered("/media/x", cookie=kept) == 403
    assert answered("/media/x", cookie=other) == 200
    assert sign_in.person_of(dict([kept.split("=", 1)])) is None
    assert sign_in.person_of(dict([other.split("=", 1)])) == sign_in.identity_of(claims()).person


def test_the_address_asked_for_is_kept_on_the_way_in_and_nowhere_else(asks):
    page = {"accept": "text/html,*/*"}
    assert "set-cookie" not in dict(headers(ask("/models?a=1", **page)))
    sign_in.is_on.cache_clear()
    asks()
    kept = dict(headers(ask("/models?a=%2F&b=2", **page)))["set-cookie"]
    assert kept == "funnel_lens_back=%2Fmodels%3Fa%3D%252F%26b%3D2; Path=/; HttpOnly; SameSite=Lax; Max-Age=900"
    assert "set-cookie" not in dict(headers(ask("/models?a=1", cookie=cookie(), **page)))
    assert "set-cookie" not in dict(headers(ask("/models?" + "a" * 3_000, **page)))
    back = headers(ask("/oauth2callback", cookie=kept.partition(";")[0]))
    assert ("location", "/models?a=%2F&b=2") in back
    assert ("set-cookie", "funnel_lens_back=; Path=/; Max-Age=0") in back


@pytest.mark.parametrize(
    "address", ["//evil.example", "/\\evil.example", "http://evil.example", "/%0d%0aset-cookie:x", ""]
)
def test_no_address_leads_out_of_the_app(asks, address):
    asks()
    told = dict(headers(ask("/oauth2callback", cookie=f"funnel_lens_back={address}")))
    assert told["location"] == "/"


def test_where_people_come_by_https_every_cookie_stays_with_it(asks, monkeypatch):
    monkeypatch.setattr(sign_in, "is_host_allowed", lambda _: True)
    asks({**AUTH, "redirect_uri": "https://leads.example/oauth2callback"})
    cookies = [value for name, value in headers(ask("/oauth2callback")) if name == "set-cookie"]
    assert len(cookies) == 2
    assert all(value.endswith("; Secure") for value in cookies)
    # The way back is read and ended under a name that no other host can set.
    [kept] = [value for name, value in headers(ask("/models", accept="text/html")) if name == "set-cookie"]
    assert kept.startswith("__Host-funnel_lens_back=%2Fmodels; Path=/; ")
    back = headers(ask("/oauth2callback", cookie=f"funnel_lens_back=%2Feditor; {kept.partition(';')[0]}"))
    assert ("location", "/models") in back
    assert ("set-cookie", "__Host-funnel_lens_back=; Path=/; Max-Age=0; Secure") in back
    assert ("location", "/") in headers(ask("/oauth2callback", cookie="funnel_lens_back=%2Feditor"))
