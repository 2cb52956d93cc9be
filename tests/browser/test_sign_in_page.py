"""Sign-in as people meet it: a real Chromium, the app in a process of its own, and an identity provider that the test runs."""

from __future__ import annotations

import json
import re
import time
from secrets import token_hex

import pytest
from joserfc.jwk import RSAKey

from tests.browser.signing_in import (
    COOKIE_SECRET,
    GATE,
    OF_ANN,
    OF_BOB,
    claims,
    cookies,
    foreign_page,
    leaked,
    lines,
    own,
    sign_in,
    visit,
)
from tests.browser.test_funnel_page import BOX, told, upload
from tests.identity import provider
from tests.running import running

pytestmark = pytest.mark.browser
TRIED_TO_BRING = """([ticket]) => fetch(`/arrivals/${ticket}`, {
    method: "POST", headers: {"x-funnel-lens": "1"}, body: JSON.stringify({name: "leads.csv", size: 3}),
}).then(answer => answer.status)"""


@pytest.fixture(scope="module")
def idp():  # type: ignore[no-untyped-def]
    with provider() as found:
        yield found


@pytest.fixture(scope="module")
def app(idp, tmp_path_factory):  # type: ignore[no-untyped-def]
    """The address of an app where people sign in at `idp`."""
    secrets = tmp_path_factory.mktemp("secrets") / "secrets.toml"
    secrets.write_text(idp.secrets(COOKIE_SECRET), encoding="utf-8")
    with running(options=("--secrets.files", str(secrets))) as address:
        yield address


@pytest.fixture(autouse=True)
def honest(idp):  # type: ignore[no-untyped-def]
    """Each test begins with a provider that does not cheat."""
    idp.cheats, idp.age, idp.shown_key = {}, 0, idp.key


@pytest.fixture
def context(browser):  # type: ignore[no-untyped-def]
    """Makes contexts: `context()` is a browser of its own, its cookies its own."""
    made = []

    def make():  # type: ignore[no-untyped-def]
        made.append(browser.new_context(viewport={"width": 1280, "height": 900}))
        made[-1].set_default_timeout(30_000)
        return made[-1]

    yield make
    for context in made:
        context.close()


@pytest.mark.parametrize(
    "path", ["/", "/models?sample=history", "/data", "/models?models_tab=Edit", "/editor", "/nowhere"]
)
def test_before_a_sign_in_no_address_shows_anything(context, app, path) -> None:  # type: ignore[no-untyped-def]
    page, frames = visit(context(), app + path)
    assert lines(page) == GATE
    assert frames
    assert leaked(page, frames) == []
    assert page.title() == "Funnel Lens"
    assert page.locator('[data-testid="stSidebar"], [data-testid="stTopNavSection"]').count() == 0


def test_what_is_not_shown_before_a_sign_in_is_shown_after_it(context, app) -> None:  # type: ignore[no-untyped-def]
    page, frames = visit(context(), app)
    sign_in(page, "ann")
    page.get_by_role("button", name="Try the sample").wait_for()
    assert {"Models", "Upload", "/arrivals", "Ann Example"} <= set(leaked(page, frames))


def test_after_a_sign_in_one_is_where_one_wanted_to_be(context, app) -> None:  # type: ignore[no-untyped-def]
    browser = context()
    page, _ = visit(browser, f"{app}/models?sample=history&x=a%2F%2Fb")
    before = {cookie["name"]: cookie["value"] for cookie in browser.cookies()}
    sign_in(page, "ann")
    told(page, re.compile("."))
    assert page.url.startswith(f"{app}/models?")
    assert "sample=history" in page.url
    after = {cookie["name"]: cookie["value"] for cookie in browser.cookies()}
    # The way back leads over another site; the browser is known by the same cookie all the same.
    [ours] = [name for name in before if name.startswith("funnel_lens_") and name != "funnel_lens_back"]
    assert after[ours] == before[ours]
    assert "funnel_lens_back" not in after


def test_two_people_and_somebody_signed_out_see_nothing_of_each_other(context, app) -> None:  # type: ignore[no-untyped-def]
    ann, of_ann = visit(context(), app)
    bob, of_bob = visit(context(), app)
    nobody, of_nobody = visit(context(), app)
    for page, who, label in ((ann, "ann", OF_ANN), (bob, "bob", OF_BOB)):
        sign_in(page, who)
        upload(page, "moves.csv", own(label))
        told(page, re.compile("4 leads"))
        page.get_by_text(label).first.wait_for(state="attached")
    nobody.reload()
    assert lines(nobody) == GATE
    assert leaked(nobody, of_nobody) == []
    assert {OF_ANN, "Ann Example"} <= set(leaked(ann, of_ann))
    assert {OF_BOB, "Bob Example"} <= set(leaked(bob, of_bob))
    assert {OF_BOB, "Bob Example"}.isdisjoint(leaked(ann, of_ann))
    assert {OF_ANN, "Ann Example"}.isdisjoint(leaked(bob, of_bob))


def test_two_people_after_each_other_in_one_browser_see_only_their_own(context, app) -> None:  # type: ignore[no-untyped-def]
    page, frames = visit(context(), app)
    sign_in(page, "ann")
    upload(page, "moves.csv", own(OF_ANN))
    told(page, re.compile("4 leads"))
    page.get_by_role("button", name="Sign out").click()
    assert lines(page) == GATE
    frames.clear()
    sign_in(page, "bob")
    page.get_by_role("button", name="Try the sample").wait_for()
    assert {OF_ANN, "Ann Example"}.isdisjoint(leaked(page, frames))
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, "ann")
    told(page, re.compile("4 leads"))


def test_a_sign_out_ends_every_page_ticket_and_copy_of_the_cookies(context, app) -> None:  # type: ignore[no-untyped-def]
    browser, tickets = context(), []
    browser.on("request", lambda asked: tickets.append(asked.url) if "/arrivals/" in asked.url else None)
    page, frames = visit(browser, app)
    sign_in(page, "ann")
    page.locator(BOX).wait_for(state="attached")
    ticket = re.search(rb"ticket.{1,9}?([\w-]{43})", b"".join(frames)).group(1).decode()  # type: ignore[union-attr]
    assert page.evaluate(TRIED_TO_BRING, [ticket]) == 200
    upload(page, "moves.csv", own(OF_ANN))
    told(page, re.compile("4 leads"))
    second, of_second = visit(browser, app)
    told(second, re.compile("4 leads"))
    copied = browser.cookies()

    page.get_by_role("button", name="Sign out").click()
    assert lines(page) == GATE
    of_second.clear()
    assert lines(second) == GATE
    assert leaked(second, of_second) == []
    assert page.evaluate(TRIED_TO_BRING, [ticket]) == 403

    thief = context()
    thief.add_cookies(copied)
    stolen, of_stolen = visit(thief, app)
    assert lines(stolen) == GATE
    assert leaked(stolen, of_stolen) == []
    assert stolen.evaluate(TRIED_TO_BRING, [ticket]) == 403


@pytest.mark.parametrize("path", ["/media/guessed.csv", "/_stcore/metrics", "/_stcore/agent/openapi.json"])
def test_what_belongs_to_sessions_is_not_even_looked_for_before_a_sign_in(context, app, path) -> None:  # type: ignore[no-untyped-def]
    assert context().request.get(app + path).status == 403


def test_a_sign_in_that_is_refused_leads_back_to_the_gate(context, app) -> None:  # type: ignore[no-untyped-def]
    browser = context()
    page, frames = visit(browser, app)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="refuse").click()
    assert lines(page) == GATE
    assert leaked(page, frames) == []
    assert "_streamlit_user" not in {cookie["name"] for cookie in browser.cookies()}


@pytest.mark.parametrize(
    "cheats",
    [{"iss": "http://other.example"}, {"aud": "another-client"}, {"nonce": "guessed"}, {"exp": 1_000_000_000}, "key"],
    ids=str,
)
def test_a_token_that_does_not_hold_signs_nobody_in(context, app, idp, cheats) -> None:  # type: ignore[no-untyped-def]
    if cheats == "key":
        idp.shown_key = RSAKey.generate_key(2048, {"kid": "one"})
    else:
        idp.cheats = cheats
    page, frames = visit(context(), app)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="ann").click()
    page.wait_for_url(f"{app}/")
    assert lines(page) == GATE
    assert leaked(page, frames) == []


def test_a_cookie_signed_by_this_app_is_believed(context, app) -> None:  # type: ignore[no-untyped-def]
    """Else the next tests would show nothing."""
    browser = context()
    browser.add_cookies([{**cookies(claims(app)), "url": app}])
    page, _ = visit(browser, app)
    page.get_by_role("button", name="Try the sample").wait_for()


@pytest.mark.parametrize("forged", ["secret", "unsigned", "changed", "old", "other origin", "nobody", "undated"])
def test_a_cookie_that_is_forged_or_too_old_is_not_believed(context, app, forged) -> None:  # type: ignore[no-untyped-def]
    right = cookies(claims(app))
    made = {
        "secret": lambda: cookies(claims(app), token_hex(32)),
        "unsigned": lambda: {**right, "value": json.dumps(claims(app)).encode().hex()},
        "changed": lambda: {**right, "value": "x" + right["value"][1:]},
        "old": lambda: cookies(claims(app, iat=int(time.time()) - 12 * 3600 - 1)),
        "other origin": lambda: cookies(claims("https://other.example")),
        "nobody": lambda: cookies(claims(app, sub="")),
        "undated": lambda: cookies(claims(app, iat=None)),
    }[forged]()
    browser = context()
    browser.add_cookies([{**made, "url": app}])
    page, frames = visit(browser, app)
    assert lines(page) == GATE
    assert leaked(page, frames) == []


def test_a_sign_in_ends_in_its_time_on_a_page_that_stays_open(context, app, idp) -> None:  # type: ignore[no-untyped-def]
    idp.age = 12 * 3600 - 15
    page, frames = visit(context(), app)
    sign_in(page, "ann")
    assert lines(page) == GATE
    frames.clear()
    page.reload()
    assert lines(page) == GATE
    assert leaked(page, frames) == []


FOREIGN = """(app) => Promise.allSettled([
    ...["/auth/logout", "/", "/departures/x", "/_stcore/host-config"].flatMap((path) => [
        fetch(app + path, { mode: "no-cors", credentials: "include" }),
        new Promise((done) => {
            const image = new Image();
            image.onload = image.onerror = done;
            image.src = app + path;
        }),
    ]),
    new Promise((done) => {
        const link = document.createElement("a");
        link.href = app + "/auth/logout";
        link.target = "_blank";
        link.click();
        setTimeout(done, 1000);
    }),
])"""


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_page_of_another_site_signs_nobody_out(context, app, idp, host) -> None:  # type: ignore[no-untyped-def]
    """Also one of another port of the same host, whose requests carry the cookies."""
    browser = context()
    page, _ = visit(browser, app)
    sign_in(page, "ann")
    upload(page, "moves.csv", own(OF_ANN))
    told(page, re.compile("4 leads"))
    with foreign_page(host) as address:
        foreign, _ = visit(browser, address)
        foreign.evaluate(FOREIGN, app)
    page.reload()
    told(page, re.compile("4 leads"))
    page.get_by_role("button", name="Sign out").wait_for()


def test_whoever_signs_in_again_after_the_hours_of_a_sign_in_finds_the_data(context, app, idp) -> None:  # type: ignore[no-untyped-def]
    idp.age = 12 * 3600 - 25
    browser = context()
    page, frames = visit(browser, app)
    sign_in(page, "ann")
    upload(page, "moves.csv", own(OF_ANN))
    told(page, re.compile("4 leads"))
    # Nobody touches it until the sign-in is over.
    assert lines(page) == GATE
    frames.clear()
    assert page.evaluate("() => fetch('/media/x.csv').then(answer => answer.status)") == 403
    idp.age = 0
    sign_in(page, "bob")
    page.get_by_role("button", name="Try the sample").wait_for()
    assert {OF_ANN, "Ann Example"}.isdisjoint(leaked(page, frames))
    page.get_by_role("button", name="Sign out").click()
    assert lines(page) == GATE
    sign_in(page, "ann")
    told(page, re.compile("4 leads"))
