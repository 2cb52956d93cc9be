"""What an outsider tries in a real Chromium: a page of another origin, a server killed while it reads or saves, windows against each other,
texts of a million signs, pictures of hostile texts, a home that cannot be written to."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.attacks import ITSELF
from tests.browser.places import COUNTING, DATA, EVERY, go, open_menu
from tests.browser.test_funnel_page import BOX, STILL, told, upload
from tests.browser.test_kept_page import kept, note, noted, open_page
from tests.browser.test_two_visitors import ANN, Browser, lines
from tests.connected import ask
from tests.pages.apps import ALL, MOVES
from tests.running import running, serving

pytestmark = pytest.mark.browser
LONG = 1_000_000
RULES = ".st-key-rule [role=radio]"
TRIED = ("socket", "page", "health", "upload", "plain", "media", "frame", "script")

# What a foreign page can do to an app on the same machine, from the browser of whoever has data there.
FOREIGN = """<!doctype html><title>foreign</title><body><script>
const app = "APP", tried = {};
const done = (name, what) => { tried[name] = what; document.title = JSON.stringify(tried); };
const socket = new WebSocket(app.replace("http", "ws") + "/_stcore/stream", ["streamlit"]);
socket.onopen = () => done("socket", "open");
socket.onerror = () => done("socket", "refused");
for (const [name, address, how] of [
    ["page", "/", {credentials: "include"}],
    ["health", "/_stcore/health", {}],
    ["upload", "/arrivals/ticket", {method: "POST", credentials: "include", headers: {"x-funnel-lens": "1"}, body: "{}"}],
    ["plain", "/arrivals/ticket", {method: "POST", credentials: "include", body: "{}"}],
    ["media", "/media/x.csv", {credentials: "include"}],
]) fetch(app + address, how).then(async it => done(name, await it.text())).catch(() => done(name, "refused"));
const frame = document.createElement("iframe");
frame.src = app;
frame.onload = () => { let seen; try { seen = frame.contentDocument.body.innerText; } catch { seen = "refused"; } done("frame", seen); };
const script = document.createElement("script");
script.src = app + "/_stcore/host-config";
script.onload = () => done("script", "ran");
script.onerror = () => done("script", "refused");
document.body.append(frame, script);
</script>"""


@contextmanager
def foreign(app: str) -> Iterator[str]:
    """The address of a page of another site that attacks the app."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(FOREIGN.replace("APP", app).encode())

        def log_message(self, *told: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def test_a_page_of_another_origin_sees_and_changes_nothing(browser, address) -> None:  # type: ignore[no-untyped-def]
    context = browser.new_context()
    context.set_default_timeout(30_000)
    mine = context.new_page()
    mine.goto(address)
    upload(mine, "moves.csv", MOVES)
    told(mine, ALL)
    with foreign(address) as attack:
        page = context.new_page()
        page.goto(attack)
        page.wait_for_function(
            "() => document.title.startsWith('{') && Object.keys(JSON.parse(document.title)).length === 8"
        )
        tried = page.evaluate("() => JSON.parse(document.title)")
    assert tried == dict.fromkeys(TRIED, "refused")
    mine.reload()
    told(mine, ALL)
    context.close()


@pytest.mark.parametrize(
    "header",
    [
        ("x-forwarded-host", "attack.invalid"),
        ("x-forwarded-for", "127.0.0.1, attack.invalid"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-prefix", "/attack.invalid"),
        ("x-real-ip", "attack.invalid"),
        ("forwarded", "for=attack.invalid;host=attack.invalid;proto=https"),
        ("x-original-url", "/attack.invalid"),
        ("x-rewrite-url", "/attack.invalid"),
        ("x-http-method-override", "DELETE"),
    ],
)
def test_headers_of_a_proxy_that_is_none_change_nothing(address, header) -> None:  # type: ignore[no-untyped-def]
    for path in ("/", "/models", "/_stcore/health", "/_stcore/host-config"):
        plain = ask(address, path, ("accept", "text/html"))
        spoofed = ask(address, path, ("accept", "text/html"), header)
        assert (spoofed[0], spoofed[2]) == (plain[0], plain[2])
        assert spoofed[1].keys() == plain[1].keys()
        assert "attack.invalid" not in str(spoofed)
        assert "secure" not in spoofed[1].get("set-cookie", "").lower()
    # They make no other host of ours either.
    refused = ask(address, "/", ("accept", "text/html"), ("origin", "http://attack.invalid"), header)
    assert ask(address, "/", ("accept", "text/html"), ("origin", "http://attack.invalid"))[0] == refused[0]


@pytest.mark.skipif(os.name != "posix", reason="a signal ends a process otherwise there")
def test_a_server_killed_while_it_reads_leaves_nothing_and_reads_again(browser, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings = {"FUNNEL_LENS_WORK": str(tmp_path / "work"), "TMPDIR": str(tmp_path)}
    many = lines(ANN, 150_000)
    with serving(environment=settings) as (address, server):
        port = int(address.rpartition(":")[2])
        ann = Browser(browser, address)
        ann.page.locator(BOX).set_input_files({"name": "leads.csv", "mimeType": "text/csv", "buffer": many})
        ann.page.get_by_text(re.compile("^Reading|^Understanding|^Read")).first.wait_for()
        os.kill(server, signal.SIGKILL)
    assert list(tmp_path.glob("funnel-lens-*"))
    with running(environment=settings, port=port):
        assert [path for path in tmp_path.glob("funnel-lens-*") if any(path.iterdir())] == []
        assert list((tmp_path / "work").glob("*/*/*.part")) == []
        ann.page.goto(f"http://localhost:{port}/")
        told(ann.page, "See the funnel in your lead file")
        ann.brings("leads.csv", lines(ANN, 20))
        told(ann.page, "Of 20 leads")
    ann.context.close()


@pytest.mark.skipif(os.name != "posix", reason="a signal ends a process otherwise there")
def test_a_server_killed_while_a_project_is_saved_loses_nothing(browser, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings = {"FUNNEL_LENS_WORK": str(tmp_path / "work"), "TMPDIR": str(tmp_path)}
    with serving(environment=settings) as (address, server):
        port = int(address.rpartition(":")[2])
        ann = Browser(browser, address)
        ann.brings("leads.csv", lines(ANN, 60_000))
        told(ann.page, "Of 60,000 leads")
        open_page(ann, DATA, "Project")
        note(ann, "before the kill")
        kept(ann.page, tmp_path / "work", "before the kill")
        ann.page.get_by_role("button", name="Save project").click(no_wait_after=True)
        ann.page.wait_for_timeout(150)
        os.kill(server, signal.SIGKILL)
    with running(environment=settings, port=port):
        assert [path for path in tmp_path.glob("funnel-lens-*") if any(path.iterdir())] == []
        ann.page.goto(f"http://localhost:{port}/data?files_tab=Project")
        noted(ann, "before the kill")
        with ann.page.expect_download() as saved:
            ann.page.get_by_role("button", name="Save project").click()
        saved.value.save_as(tmp_path / "leads.funnel")
        bob = Browser(browser, f"http://localhost:{port}")
        bob.brings("leads.funnel", (tmp_path / "leads.funnel").read_bytes())
        bob.page.wait_for_url("**/data*")
        noted(bob, "before the kill")
        bob.context.close()
    ann.context.close()


def test_windows_against_each_other_under_load_end_in_one_state(browser, address) -> None:  # type: ignore[no-untyped-def]
    """Two windows of one browser change the same things by turns, faster than they are drawn, while two others work."""
    others = [Browser(browser, f"{address}/pipeline?sample=history") for _ in range(2)]
    first = Browser(browser, address)
    failed: list[str] = []
    first.brings("leads.csv", lines(ANN, 2_000))
    told(first.page, "Of 2,000 leads")
    second = Browser(browser, f"{address}/", first.context)
    told(second.page, "Of 2,000 leads")
    for window in (first, second, *others):
        window.page.on("pageerror", lambda error: failed.append(str(error)))
    for window in (first, second):
        open_menu(window.page, COUNTING)
    for turn in range(12):
        for window in (first, second):
            rules = window.page.locator(RULES)
            rules.nth(turn % 3).evaluate("it => it.click()")
        others[turn % 2].page.locator(".fl-menu [role=menuitemcheckbox]").nth(turn % 2).evaluate("it => it.click()")
    for window in (first, second, *others):
        window.page.wait_for_timeout(500)
        window.idle()
        assert window.page.get_by_test_id("stException").count() == 0
    assert failed == []
    first.page.goto(address)
    second.page.goto(address)
    for window in (first, second):
        told(window.page, "Of 2,000 leads")
        window.idle()
    shown = []
    for window in (first, second):
        open_menu(window.page, COUNTING)
        checked = window.page.locator(f"{RULES}[aria-checked=true]")
        # The browser fetches what draws radios after the texts beside them.
        checked.first.wait_for()
        shown.append(checked.all_text_contents())
    assert shown[0] == shown[1] != []
    for window in (first, *others):
        window.context.close()


def test_texts_of_a_million_signs_are_shown_cut_and_hold_up_nobody(visitor) -> None:  # type: ignore[no-untyped-def]
    long = "x" * LONG
    rows = [f"L-{lead},New,2025-01-0{1 + lead % 9},{('East', 'West')[lead % 2]}" for lead in range(30)]
    text = (
        "\n".join(
            ["lead_id,stage,changed_at,region", *rows, f"{long},New,2025-01-02,East", f"L-1,{long},2025-01-12,{long}"]
        )
        + "\n"
    )
    page, other = visitor(), visitor()
    upload(page, "leads.csv", text.encode())
    told(page, "Of 31 leads")
    for name, tab in EVERY:
        go(page, name, tab)
        page.get_by_role("heading", level=1).first.wait_for()
        page.wait_for_timeout(400)
        page.locator(STILL).wait_for()
        assert page.get_by_test_id("stException").count() == 0
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), (name, tab)
    other.reload()
    told(other, "See the funnel in your lead file")


def test_pictures_of_hostile_texts_hold_text_only(visitor) -> None:  # type: ignore[no-untyped-def]
    labels = [text for text in ITSELF if not re.search(r"[\r\n\0]", text)][:12]
    quoted = ['"' + label.replace('"', '""') + '"' for label in labels]
    rows = [f"L-{lead},{label},2025-01-{1 + place:02d}" for lead in range(25) for place, label in enumerate(quoted)]
    page = visitor()
    upload(page, "leads.csv", ("lead_id,stage,changed_at\n" + "\n".join(rows) + "\n").encode())
    page.locator(".st-key-funnel_chart .bars .point").first.wait_for()
    drawn = page.evaluate(
        """async () => {
            const plot = document.querySelector(".st-key-funnel_chart .js-plotly-plot");
            const svg = new DOMParser().parseFromString(new XMLSerializer().serializeToString(plot.querySelector("svg")), "image/svg+xml");
            const odd = [];
            svg.querySelectorAll("*").forEach(each => {
                if (/^(script|foreignObject|iframe|image|a|use|animate|set)$/i.test(each.localName)) odd.push(each.localName);
                for (const {name, value} of each.attributes)
                    if (/^on/i.test(name) || /javascript:|attack\\.invalid/i.test(value)) odd.push(`${name}=${value}`);
            });
            return [svg.documentElement.localName, odd];
        }"""
    )
    assert drawn == ["svg", []]


@pytest.mark.skipif(os.name != "posix", reason="this system has no place that nobody may write to")
def test_with_a_home_that_cannot_be_written_to_it_works_and_says_that_nothing_is_kept(browser) -> None:  # type: ignore[no-untyped-def]
    home = Path("/proc/1/home")
    with running(environment={"HOME": str(home), "FUNNEL_LENS_WORK": str(home / "work")}) as address:
        ann = Browser(browser, address)
        ann.brings("leads.csv", lines(ANN, 20))
        told(ann.page, "Of 20 leads")
        open_page(ann, DATA, "Project")
        ann.page.get_by_text(re.compile("cannot be kept|not kept|cannot be written")).first.wait_for()
        ann.context.close()
