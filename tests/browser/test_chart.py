"""A chart stays where it is while its numbers change: one picture, redrawn; what was chosen is forgotten with its numbers."""

from __future__ import annotations

import re

import pytest

from tests.browser.places import ALONE, addresses, with_sample
from tests.browser.test_funnel_page import STILL, told, upload
from tests.pages.apps import ALL, MOVES
from tests.thorough import every

pytestmark = pytest.mark.browser
CHART = ".st-key-funnel_chart .js-plotly-plot"
BARS = ".st-key-funnel_chart .bars .point path"
LISTED = "2 leads advanced from New"


def drawn(page, text: str) -> None:  # type: ignore[no-untyped-def]
    """Wait until the funnel's chart writes this and nothing runs."""
    page.locator(f"{CHART} .annotation-text").filter(has_text=re.compile(rf"^{text}(\D*100%|$)")).first.wait_for()
    page.locator(STILL).wait_for()


def funnel(visitor, content: bytes = MOVES, **kind):  # type: ignore[no-untyped-def]
    """The Funnel page of an upload, drawn; the node of its chart and of its first bar are marked."""
    page = visitor(**kind)
    upload(page, "moves.csv", content)
    told(page, ALL)
    drawn(page, "4")
    page.evaluate(f"document.querySelector('{CHART}').marked = document.querySelector('{BARS}').marked = true")
    return page


def click(page) -> None:  # type: ignore[no-untyped-def]
    bar = page.locator(BARS).first.bounding_box()
    page.mouse.click(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)


def listed(page) -> None:  # type: ignore[no-untyped-def]
    """Click, see the leads listed, and close the list."""
    click(page)
    page.get_by_role("dialog").get_by_text(LISTED).wait_for()
    page.locator(STILL).wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    page.locator(STILL).wait_for()


def test_a_moved_slider_redraws_the_same_picture_and_its_same_bars(visitor) -> None:  # type: ignore[no-untyped-def]
    page = funnel(visitor)
    page.get_by_role("slider").first.press("ArrowRight")
    drawn(page, "3")
    assert page.evaluate(f"document.querySelector('{CHART}').marked")
    assert page.evaluate(f"document.querySelector('{BARS}').marked")
    assert page.locator(CHART).count() == 1


@pytest.mark.parametrize(("motion", "eases"), [("no-preference", "0.16s"), ("reduce", "0s")])
def test_bars_ease_unless_less_motion_is_wanted(visitor, motion: str, eases: str) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel?sample=history", reduced_motion=motion)
    drawn(page, "12,000")
    duration = f"getComputedStyle(document.querySelector('{BARS}')).transitionDuration"
    assert page.evaluate(duration) == "0s"
    page.get_by_role("slider").first.press("ArrowRight")
    drawn(page, "11,9..")
    assert page.evaluate(duration) == eases


def test_a_second_click_and_other_numbers_forget_what_was_chosen(visitor) -> None:  # type: ignore[no-untyped-def]
    page = funnel(visitor)
    dimmed = f"[...document.querySelectorAll('{BARS}')].some(bar => Number(getComputedStyle(bar).opacity) < 1)"
    listed(page)
    assert page.evaluate(dimmed)
    click(page)
    page.wait_for_timeout(1_000)
    page.locator(STILL).wait_for()
    assert not page.evaluate(dimmed)
    assert page.get_by_role("dialog").count() == 0
    listed(page)
    assert page.evaluate(dimmed)
    page.get_by_role("slider").first.press("ArrowRight")
    drawn(page, "3")
    assert not page.evaluate(dimmed)
    # The same numbers again are no longer those that were clicked on.
    page.get_by_role("slider").first.press("ArrowLeft")
    drawn(page, "4")
    page.wait_for_timeout(1_000)
    assert not page.evaluate(dimmed)
    assert page.get_by_role("dialog").count() == 0


def test_a_chart_is_as_wide_as_its_place(visitor) -> None:  # type: ignore[no-untyped-def]
    page = funnel(visitor)
    for width in (1280, 700, 400):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(500)
        sizes = page.evaluate(
            f"""() => {{ const plot = document.querySelector('{CHART}');
            return [plot.parentElement.clientWidth, plot.querySelector('.main-svg').clientWidth, plot.clientHeight,
                    plot.querySelector('.main-svg').clientHeight, document.documentElement.scrollWidth] }}"""
        )
        assert sizes[0] == sizes[1]
        assert sizes[2] == sizes[3]
        assert sizes[4] <= width
        assert page.evaluate(f"document.querySelector('{CHART}').marked")


def test_a_chart_says_in_words_what_it_shows(visitor) -> None:  # type: ignore[no-untyped-def]
    page = funnel(visitor)
    page.get_by_role("figure", name=re.compile("New")).first.wait_for()


def test_a_hostile_label_is_text_in_a_chart(visitor) -> None:  # type: ignore[no-untyped-def]
    label = "<a href='javascript:alert(1)'>x</a><b>y</b>"
    page = funnel(visitor, MOVES.replace(b"Qualified", label.encode()))
    page.locator(f"{CHART} .annotation-text").filter(has_text="javascript:alert").first.wait_for()
    assert page.locator(f"{CHART} svg a").count() == 0


def test_quick_moves_do_not_cost_a_drawing_each(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel?sample=history")
    drawn(page, "12,000")
    # A key pressed while Streamlit still starts the page may be lost.
    page.wait_for_timeout(1_000)
    slider = page.get_by_role("slider").first
    slider.press("ArrowRight")
    drawn(page, "11,986")
    page.evaluate(
        f"() => {{ window.drawings = 0; document.querySelector('{CHART}').on('plotly_afterplot', () => {{ drawings++ }}) }}"
    )
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    told(page, "of 11,866 leads won")
    drawn(page, "11,866")
    assert 1 <= page.evaluate("window.drawings") < 9


@pytest.mark.parametrize("path", every(4, addresses()))
def test_no_page_has_a_script_that_its_rules_forbid_or_an_error(visitor, again, path: str) -> None:  # type: ignore[no-untyped-def]
    come = visitor if path in ALONE else again
    page = come(with_sample(path))
    page.locator("[data-testid=stMain] .js-plotly-plot .main-svg").first.wait_for()
    page.locator(STILL).wait_for()
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.locator(".st-key-strip").get_by_role("slider").first.press("ArrowRight")
    page.wait_for_url(re.compile("from="))
    page.locator(STILL).wait_for()
    assert said == []
