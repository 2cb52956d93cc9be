"""Two browsers at one server, with files of one name and the same headers: neither is sent anything of the other's, nor a third one."""

from __future__ import annotations

import os
import signal
import stat
import time
from pathlib import Path

import pytest

from tests.browser.places import DATA, EVERY, FILE_MENU, go, open_menu
from tests.browser.test_funnel_page import BOX, told
from tests.running import running, serving

pytestmark = pytest.mark.browser
HEAD = "Deal ID,Stage,Entered at,Region\n"
ANN, BOB = "annsown", "bobsown"
AWAY_SECONDS = 6


def lines(of: str, leads: int) -> bytes:
    """Every value bears the name of whose it is."""
    rows = [
        f"{of}-{lead},{of} {stage},2025-0{month}-0{1 + lead % 9},{of} region {lead % 2}\n"
        for lead in range(leads)
        for month, stage in ((1, "new"), (3, "won"))
    ]
    return (HEAD + "".join(rows)).encode()


class Browser:
    """A browser of its own, and all that it was sent: pages, answers, frames of websockets."""

    def __init__(self, chromium, address: str, context=None) -> None:  # type: ignore[no-untyped-def]
        """`context` is that of a browser that is there already: this is then another window of it."""
        self.context = context or chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
        self.context.set_default_timeout(60_000)
        self.page = self.context.new_page()
        self.sent: list[bytes] = []
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._frame))
        self.address = address
        self.page.goto(address)

    def _frame(self, frame: str | bytes) -> None:
        self.sent.append(frame.encode() if isinstance(frame, str) else frame)

    def brings(self, name: str, content: bytes) -> None:
        self.page.locator(BOX).first.set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})

    def replaces(self, name: str, content: bytes) -> None:
        """Brings a file where another one is open."""
        open_menu(self.page, FILE_MENU)
        self.brings(name, content)

    def walks(self) -> None:
        """Opens every page with each of its tabs, and waits until each stands."""
        for name, tab in EVERY:
            go(self.page, name, tab)
            self.page.wait_for_timeout(400)
            self.idle()

    def idle(self) -> None:
        self.page.wait_for_selector(
            "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
        )

    def has(self, text: str) -> bool:
        """Whether anything that it was sent, or shows, holds the text."""
        shown = self.page.content().encode() + self.page.title().encode() + self.page.url.encode()
        return text.encode() in shown or any(text.encode() in frame for frame in self.sent)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def app(place):  # type: ignore[no-untyped-def]
    settings = {"TMPDIR": str(place), "FUNNEL_LENS_AWAY_MINUTES": str(AWAY_SECONDS / 60)}
    with running(environment=settings) as address:
        yield address


def private(place: Path) -> list[Path]:
    return list(place.glob("funnel-lens-*"))


def gone(place: Path) -> bool:
    """Whether no private folder is left, before long."""
    until = time.monotonic() + 60
    while private(place) and time.monotonic() < until:
        time.sleep(0.2)
    return not private(place)


@pytest.mark.skipif(os.name != "posix", reason="this system has no modes of files")
def test_nothing_of_one_browser_reaches_another(browser, app, place) -> None:  # type: ignore[no-untyped-def]
    ann, bob, nobody = (Browser(browser, app) for _ in range(3))
    ann.brings("leads.csv", lines(ANN, 20))
    told(ann.page, "Of 20 leads")
    bob.brings("leads.csv", lines(BOB, 30))
    told(bob.page, "Of 30 leads")
    # A filter, notes, a model and an error of Ann's.
    ann.page.goto(f"{app}/?filter=Region&where_Region={ANN}+region+1")
    told(ann.page, "Of 10 leads")
    go(ann.page, DATA, "Project")
    ann.page.get_by_label("Notes").fill(f"{ANN} notes")
    ann.page.get_by_label("Notes").press("Control+Enter")
    go(ann.page, "Models", "Edit")
    ann.page.get_by_label("Name of the model").fill(f"{ANN} model")
    ann.page.get_by_label("Name of the model").press("Enter")
    ann.page.wait_for_timeout(500)
    ann.page.get_by_role("button", name="Save model").click()
    ann.idle()
    with ann.page.expect_download() as saved:
        go(ann.page, DATA, "Project")
        ann.page.get_by_role("button", name="Save project").click()
    taken = saved.value.url
    ann.replaces(f"{ANN}-broken.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    ann.page.get_by_text(f"{ANN}-broken.csv").first.wait_for()
    for visitor in (ann, bob):
        visitor.walks()
    assert ann.has(f"{ANN} notes")
    assert ann.has(f"{ANN} model")
    assert bob.has(f"{BOB} region 1")
    assert not ann.has(BOB)
    assert not bob.has(ANN)
    assert not bob.has("Of 10 leads")
    assert not nobody.has(ANN)
    assert not nobody.has(BOB)
    # What Ann takes away is hers too: the address alone opens nothing.
    assert ann.context.request.get(taken).status == 200
    for other in (bob, nobody):
        answer = other.context.request.get(taken)
        assert answer.status == 404
        assert ANN.encode() not in answer.body()
    # What lies on the disk is for this account alone, and goes when nobody looks any more.
    assert len(private(place)) >= 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in private(place)} == {0o700}
    for visitor in (ann, bob, nobody):
        visitor.context.close()
    assert gone(place)


def test_a_browser_that_goes_away_while_it_sends_leaves_nothing(browser, app, place) -> None:  # type: ignore[no-untyped-def]
    visitor = Browser(browser, app)
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2_000_000},
    )
    visitor.page.locator(BOX).wait_for(state="attached")
    visitor.brings("leads.csv", HEAD.encode() + b"x" * 40_000_000)
    until = time.monotonic() + 30
    while not list(place.glob("*/*.part")) and time.monotonic() < until:
        visitor.page.wait_for_timeout(50)
    assert list(place.glob("*/*.part"))
    visitor.context.close()
    until = time.monotonic() + 30
    while list(place.glob("*/*.part")) and time.monotonic() < until:
        time.sleep(0.1)
    assert not list(place.glob("*/*.part"))
    assert gone(place)


@pytest.mark.parametrize("how", ["ends", "is killed"])
def test_what_a_server_leaves_vanishes_at_the_latest_when_it_starts_again(browser, tmp_path, how) -> None:  # type: ignore[no-untyped-def]
    settings = {"TMPDIR": str(tmp_path)}
    with serving(environment=settings) as (address, server):
        visitor = Browser(browser, address)
        visitor.brings("leads.csv", lines(ANN, 20))
        told(visitor.page, "Of 20 leads")
        assert private(tmp_path)
        if how == "is killed":
            os.kill(server, signal.SIGKILL)
    visitor.context.close()
    if how == "is killed":
        assert private(tmp_path)
        with running(environment=settings):
            assert gone(tmp_path)
    assert gone(tmp_path)
