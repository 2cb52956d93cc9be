"""What a person does with the upload box, in a real Chromium: choose, drop, watch, cancel, be refused, try again."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest

from tests.browser.test_funnel_page import BOX, STILL, told, upload
from tests.pages.apps import ALL, MOVES

pytestmark = pytest.mark.browser
SLOW = 4_000_000
BYTES = 200_000_000
MORE = MOVES.splitlines(keepends=True)[0] + b"E-5,New,2025-04-02,East,\n"
BOTH = "1 of 5 leads won · entered Jan 2025 – Apr 2025"
DROP = """(zone, files) => {
    const dataTransfer = new DataTransfer();
    for (const [name, text] of files) dataTransfer.items.add(new File([text], name));
    for (const kind of ["dragover", "drop"])
        zone.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def big(tmp_path) -> Path:
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(BYTES)
    return path


def file(name: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "text/csv", "buffer": content}


def throttled(page, rate: int, *, offline: bool = False) -> None:  # type: ignore[no-untyped-def]
    """The page sends at most so many bytes a second."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": rate},
    )


def parts(uploads: Path) -> set[Path]:
    """What is just coming, and what came and was not opened."""
    return {path for path in uploads.glob("funnel-lens-upload-*/*") if path.name != "lock"}


def came(uploads: Path, before: set[Path], page) -> set[Path]:  # type: ignore[no-untyped-def]
    """What came since; waited for."""
    for _ in range(100):
        if parts(uploads) - before:
            break
        page.wait_for_timeout(50)
    return parts(uploads) - before


def gone(paths: set[Path], page) -> bool:  # type: ignore[no-untyped-def]
    """Whether nothing of it is left, before long."""
    for _ in range(100):
        if not any(path.exists() for path in paths):
            return True
        page.wait_for_timeout(50)
    return False


def test_what_was_taken_is_not_asked_to_be_removed(visitor) -> None:  # type: ignore[no-untyped-def]
    # At the address of a page Streamlit's client first asks for its server beneath that page, where none is.
    page = visitor("/")
    answers: list[tuple[str, int]] = []
    page.on("response", lambda answer: answers.append((answer.request.method, answer.status)))
    page.locator(BOX).set_input_files([file("moves.csv", MOVES)])
    told(page, ALL)
    page.wait_for_load_state("networkidle")
    assert {method for method, _ in answers} >= {"POST", "PUT"}
    assert [answer for answer in answers if answer[0] == "DELETE" or answer[1] >= 400] == []


def test_two_files_at_once_are_read_together(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    page.locator(BOX).set_input_files([file("moves.csv", MOVES), file("april.csv", MORE)])
    told(page, BOTH)
    page.locator(BOX).wait_for(state="detached")


def test_files_can_be_dropped_into_the_box(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    page.locator(".fl-upload-zone").evaluate(DROP, [["moves.csv", MOVES.decode()], ["april.csv", MORE.decode()]])
    told(page, BOTH)


def test_the_box_is_reached_and_opened_by_keyboard(visitor) -> None:  # type: ignore[no-untyped-def]
    from playwright.sync_api import TimeoutError as TooLate

    page = visitor()
    button = page.get_by_role("group", name="Upload lead files").get_by_role("button", name="Browse files")
    chooser = None
    # What is drawn once more while the page comes to rest takes the focus with it: then it is reached again.
    for _ in range(10):
        page.locator(STILL).wait_for()
        button.focus()
        with suppress(TooLate):
            with page.expect_file_chooser(timeout=3_000) as opened:
                page.keyboard.press("Enter")
            chooser = opened.value
            break
    assert chooser is not None
    assert chooser.is_multiple()
    chooser.set_files([file("moves.csv", MOVES)])
    told(page, ALL)


def test_a_big_file_is_cancelled_midway_and_nothing_of_it_is_left(visitor, uploads, big) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    page.locator(BOX).wait_for(state="attached")
    before = parts(uploads)
    throttled(page, SLOW)
    page.locator(BOX).set_input_files(str(big))
    page.get_by_text(re.compile(r"^[\d.]+ MB of 200 MB · \d+% · [\d.]+ [Mk]B/s$")).wait_for()
    coming = came(uploads, before, page)
    assert [path.suffix for path in coming] == [".part"]
    page.get_by_role("button", name="Cancel: big.csv").click()
    page.get_by_role("progressbar", name="big.csv").wait_for(state="detached")
    assert gone(coming, page)
    throttled(page, -1)
    upload(page, "moves.csv", MOVES)
    told(page, ALL)


def test_the_page_can_be_used_while_a_file_comes_and_leaving_it_cancels(visitor, uploads, big) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    page.locator(BOX).wait_for(state="attached")
    before = parts(uploads)
    throttled(page, SLOW)
    page.locator(BOX).set_input_files(str(big))
    page.get_by_text(re.compile("of 200 MB")).wait_for()
    coming = came(uploads, before, page)
    page.get_by_role("radio", name="as of today").click()
    page.locator(STILL).wait_for()
    page.get_by_text(re.compile("of 200 MB")).wait_for()
    assert all(path.exists() for path in coming)
    throttled(page, -1)
    page.goto("about:blank")
    assert gone(coming, page)


def test_a_wrong_kind_is_told_and_the_others_can_be_opened_without_it(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    page.locator(BOX).set_input_files([file("picture.png", b"\x89PNG"), file("moves.csv", MOVES)])
    page.get_by_role("alert").get_by_text("“picture.png” is of no kind that is read here.").wait_for()
    page.get_by_text(re.compile(r"^Arrived · 0\.\d kB$")).wait_for()
    page.get_by_role("button", name="Open what has arrived").click()
    told(page, ALL)


def test_what_arrived_and_was_not_opened_goes_with_the_page(visitor, uploads) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    page.locator(BOX).wait_for(state="attached")
    before = parts(uploads)
    page.locator(BOX).set_input_files([file("picture.png", b"\x89PNG"), file("moves.csv", MOVES)])
    page.get_by_role("button", name="Open what has arrived").wait_for()
    there = came(uploads, before, page)
    assert [(path / "moves.csv").read_bytes() for path in there] == [MOVES]
    page.goto("about:blank")
    assert gone(there, page)


def test_a_wrong_kind_alone_goes_with_the_next_choice(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    upload(page, "<img src=x onerror=alert(1)>.png", b"\x89PNG")
    page.get_by_text("“<img src=x onerror=alert(1)>.png” is of no kind").wait_for()
    assert page.locator(".fl-upload img").count() == 0
    upload(page, "moves.csv", MOVES)
    told(page, ALL)


def test_a_file_whose_connection_broke_off_can_be_tried_again(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    page.locator(BOX).wait_for(state="attached")
    page.route("**/arrivals/*/*", lambda route: route.abort())
    upload(page, "moves.csv", MOVES)
    page.get_by_role("alert").get_by_text("The connection broke off before the whole file had arrived.").wait_for()
    page.unroute("**/arrivals/*/*")
    page.get_by_role("button", name="Try again").click()
    told(page, ALL)


def test_what_the_server_refuses_is_said_in_its_words(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    page.locator(BOX).wait_for(state="attached")
    page.route(
        "**/arrivals/*", lambda route: route.fulfill(status=507, json={"key": "x", "sentence": "No room <b>here</b>."})
    )
    upload(page, "moves.csv", MOVES)
    page.get_by_text("No room <b>here</b>.").wait_for()
    page.get_by_role("button", name="Remove: moves.csv").click()
    page.get_by_text("No room").wait_for(state="detached")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_box_fits_a_phone(visitor, scheme) -> None:  # type: ignore[no-untyped-def]
    page = visitor(color_scheme=scheme)
    page.set_viewport_size({"width": 400, "height": 860})
    page.locator(BOX).set_input_files([file("a-very-long-name-of-a-file-" * 6 + ".png", b""), file("b.png", b"")])
    page.get_by_role("button", name="Remove: b.png").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    zone = page.locator(".fl-upload").bounding_box()
    for button in page.locator(".fl-upload button:visible").all():
        box = button.bounding_box()
        assert box["x"] >= zone["x"]
        assert box["x"] + box["width"] <= zone["x"] + zone["width"] + 1


def test_the_browser_is_ready_before_the_file_comes_and_fetches_nothing_twice(visitor) -> None:  # type: ignore[no-untyped-def]
    fetched: list[str] = []
    page = visitor()
    page.locator(BOX).wait_for(state="attached")
    for _ in range(100):
        if page.evaluate("!!window.Plotly"):
            break
        page.wait_for_timeout(50)
    assert page.evaluate("!!window.Plotly")
    page.locator(".st-key-warm").wait_for(state="hidden")
    page.wait_for_timeout(500)
    page.on("request", lambda request: fetched.append(request.url))
    upload(page, "moves.csv", MOVES)
    page.locator(".st-key-picture_funnel_chart .bars .point").first.wait_for()
    assert not [url for url in fetched if "chart.js" in url or "plotly" in url or "Slider" in url]
    # The figure of a chart that changes finds the same program.
    assert page.locator("script[src*=plotly]").count() == 1
