"""The bar and the strip over every page: they fit each width, open on a phone by keyboard, and the file menu changes the files."""

from __future__ import annotations

import pytest

from tests.browser.accessible import tab_to
from tests.browser.places import FILE_MENU, open_menu
from tests.browser.test_funnel_page import BOX, STILL, told, upload
from tests.browser.test_upload import BOTH, MORE
from tests.pages.apps import ALL, MOVES

pytestmark = pytest.mark.browser
TOGGLE = "Dates, model and filters"
WIDTHS = (1920, 1440, 1024, 700, 400, 320)
PHONE = 640
FILTERED = "/funnel?sample=history&filter=Channel&where_Channel=Referral&where_Channel=Outbound&filter=Region&where_Region=EMEA"
# What is seen of each text and of each box with a text, where nothing cuts it off: the text, left, top, right, bottom, and its number:
# one text may have several boxes.
SEEN = """() => {
    const seen = [];
    let number = 0;
    const add = (element, text, box) => {
        let { left, top, right, bottom } = box;
        for (let at = element; at && at !== document.body; at = at.parentElement) {
            if (getComputedStyle(at).overflowX === "visible") continue;
            const room = at.getBoundingClientRect();
            [left, top] = [Math.max(left, room.left), Math.max(top, room.top)];
            [right, bottom] = [Math.min(right, room.right), Math.min(bottom, room.bottom)];
        }
        if (right - left > 2 && bottom - top > 2) seen.push([text.trim(), left, top, right, bottom, number]);
    };
    const shown = element => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    for (const room of document.querySelectorAll("[data-testid=stHeader], .st-key-file_bar, .st-key-strip")) {
        const walk = document.createTreeWalker(room, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) {
            const node = walk.currentNode, element = node.parentElement;
            if (!node.data.trim() || !shown(element) || element.closest("svg, style, script, [data-testid=stIconMaterial]")) continue;
            number += 1;
            const range = document.createRange();
            range.selectNodeContents(node);
            for (const box of range.getClientRects()) add(element, node.data, box);
        }
        for (const input of room.querySelectorAll("input:not([type=range], [type=checkbox])"))
            if (shown(input)) number += 1, add(input, input.value, input.getBoundingClientRect());
    }
    return seen;
}"""


def overlaps(seen: list[tuple[str, float, float, float, float, int]]) -> list[tuple[str, str]]:
    """The texts of which one stands over the other."""
    return [
        (one, other)
        for place, (one, left, top, right, bottom, number) in enumerate(seen)
        for other, left_2, top_2, right_2, bottom_2, number_2 in seen[place + 1 :]
        if number != number_2
        and min(right, right_2) - max(left, left_2) > 1
        and min(bottom, bottom_2) - max(top, top_2) > 2
    ]


def fits(page, width: int) -> None:  # type: ignore[no-untyped-def]
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(700)
    page.locator(STILL).wait_for()
    toggle = page.get_by_role("switch", name=TOGGLE)
    assert toggle.is_visible() == (width <= PHONE)
    if width <= PHONE and not toggle.is_checked():
        toggle.press("Space")
        page.get_by_role("slider").first.wait_for()
        page.locator(STILL).wait_for()
    seen = page.evaluate(SEEN)
    texts = [text for text, *_ in seen]
    assert {"Share", "How we count"} <= set(texts), width
    assert overlaps(seen) == [], width
    assert [text for text, left, _, right, *_ in seen if left < 0 or right > width] == [], width
    assert page.evaluate("document.documentElement.scrollWidth") <= width, width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_text_of_bar_or_strip_overlaps_or_leaves_the_window(visitor, scheme: str) -> None:  # type: ignore[no-untyped-def]
    page = visitor(FILTERED, color_scheme=scheme)
    told(page, "leads won")
    page.locator(".st-key-chips").wait_for()
    for width in WIDTHS:
        fits(page, width)


def test_where_the_menus_have_a_row_of_their_own_they_pass_under_the_pages(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel?sample=history", width=1010)
    page.locator("[data-testid=stMain] .js-plotly-plot .main-svg").first.wait_for()
    page.locator('html[data-bar="apart"]').wait_for(state="attached")
    link = page.get_by_role("link", name="Models", exact=True).first
    row = page.locator(".st-key-file_bar")
    # Scrolled until the row stands where the pages do.
    by = row.bounding_box()["y"] - link.bounding_box()["y"]
    page.locator("[data-testid=stMain]").evaluate("(main, by) => { main.scrollTop = by }", by)
    page.wait_for_timeout(300)
    assert abs(row.bounding_box()["y"] - link.bounding_box()["y"]) < 20
    link.click(timeout=20_000)
    page.get_by_role("heading", level=1).filter(has_text="models").wait_for()


def test_a_long_name_of_a_file_leaves_the_bar_its_room(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    upload(page, "the-pipeline-of-all-regions-" * 5 + ".csv", MOVES)
    told(page, ALL)
    for width in WIDTHS:
        fits(page, width)


def test_on_a_phone_the_strip_opens_and_closes_by_keyboard(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel?sample=history", width=400)
    told(page, "of 12,000 leads won")
    page.locator(STILL).wait_for()
    slider, model = page.get_by_role("slider"), page.get_by_role("combobox", name="Model", exact=True)
    assert slider.count() == model.count() == 0
    tab_to(page, TOGGLE)
    page.keyboard.press("Space")
    slider.first.wait_for()
    model.wait_for()
    tab_to(page, "Model")
    tab_to(page, TOGGLE, key="Shift+Tab")
    page.keyboard.press("Space")
    slider.first.wait_for(state="detached")
    model.wait_for(state="detached")
    # Nobody comes with the keyboard into what is closed.
    passed = [tab_to(page, ".*", most=1) for _ in range(2)]
    assert "Dates by name" not in passed


def test_the_file_menu_replaces_the_file_and_adds_one(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    upload(page, "moves.csv", MOVES.replace(b"D-4,New,2025-03-15,West,\n", b""))
    told(page, "1 of 3 leads won · entered Jan 2025 – Feb 2025")
    assert page.locator(BOX).count() == 0
    open_menu(page, FILE_MENU)
    upload(page, "all.csv", MOVES)
    told(page, ALL)
    page.get_by_test_id("stPopoverBody").wait_for(state="detached")
    menu = open_menu(page, FILE_MENU)
    menu.get_by_text("all.csv", exact=True).wait_for()
    assert menu.get_by_text("moves.csv").count() == 0
    menu.get_by_role("radio", name="Add files").click()
    page.get_by_role("group", name="Upload files to be joined or stacked with these").wait_for()
    page.get_by_role("group", name="Upload files in place of these").wait_for(state="detached")
    upload(page, "april.csv", MORE)
    told(page, BOTH)
    page.get_by_role("button", name="all.csv + 1").wait_for()
