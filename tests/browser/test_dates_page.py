"""The dates in a real Chromium: by keyboard, by the menu and on the slider, all three saying the same; and the browser's Back."""

from __future__ import annotations

import pytest

from tests.browser.places import COUNTING, open_menu
from tests.browser.test_funnel_page import STILL, told, upload
from tests.pages.apps import ALL, MOVES

pytestmark = pytest.mark.browser
SAID = """() => [document.querySelector('.st-key-range input')?.value,
    ...['from', 'to'].map(side => document.querySelector(`.st-key-${side} input[type=date]`)?.value),
    ...[...document.querySelectorAll('.st-key-started input[type=range]')].map(thumb => thumb.getAttribute('aria-valuetext'))]"""
# Of the sample: 30 June 2025 is its last day.
QUARTER = ("Last quarter · 1 Jan – 31 Mar 2025", "2025-01-01", "2025-03-31", "1 Jan 2025", "31 Mar 2025")


def says(page, *expected: str) -> None:  # type: ignore[no-untyped-def]
    """Wait until menu, fields and slider say these: the menu's text, two dates typed, two dates of thumbs."""
    said = None
    for _ in range(300):
        said = page.evaluate(SAID)
        if said == list(expected):
            return
        page.wait_for_timeout(100)
    assert said == list(expected)


def choose(page, name: str) -> None:  # type: ignore[no-untyped-def]
    """A range of the menu, by keys."""
    page.locator(STILL).wait_for()
    page.get_by_role("combobox", name="Dates by name").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.type(name)
    page.keyboard.press("Enter")


def write(page, side: str, digits: str) -> None:  # type: ignore[no-untyped-def]
    """A date into a field, by keys: year, month and day follow each other by themselves."""
    page.locator(STILL).wait_for()
    page.get_by_role("spinbutton", name=f"year, {side}").focus()
    page.keyboard.type(digits)
    page.keyboard.press("Tab")


def test_the_menu_moves_fields_slider_chart_and_address(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel?sample=history")
    told(page, "of 12,000 leads won")
    choose(page, "last q")
    told(page, "of 1,324 leads won")
    says(page, *QUARTER)
    page.wait_for_url("**/funnel?sample=history&range=last_quarter&from=2025-01-01&to=2025-03-31")
    page.locator(STILL).wait_for()
    page.get_by_role("link", name="Models", exact=True).first.click()
    told(page, "The same 1,324 leads")
    says(page, *QUARTER)
    page.wait_for_url("**/models?*range=last_quarter&from=2025-01-01&to=2025-03-31")
    page.locator(STILL).wait_for()
    # A step back leads to what was seen there, one more to what was seen before.
    page.go_back()
    told(page, "of 1,324 leads won")
    says(page, *QUARTER)
    page.locator(STILL).wait_for()
    page.go_back()
    told(page, "of 12,000 leads won")
    says(page, "All time · 2 Jan 2023 – 30 Jun 2025", "2023-01-02", "2025-06-30", "2 Jan 2023", "30 Jun 2025")
    page.locator(STILL).wait_for()
    page.go_forward()
    told(page, "of 1,324 leads won")
    says(page, *QUARTER)


def test_a_page_and_the_words_of_its_address_are_one_step_of_the_history(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel?sample=history")
    told(page, "of 12,000 leads won")
    page.locator(STILL).wait_for()
    # The page's own step is there as soon as its program is.
    page.wait_for_function("() => !history.pushState.toString().includes('native code')")
    # The two messages of the app come apart, as they do on a busy machine; then somebody does something on a page without words.
    steps = page.evaluate(
        """() => {
          const steps = [history.length];
          const go = (address) => { history.pushState({}, '', address); steps.push(history.length); };
          go('/models');
          go('/models?sample=history');
          go('/trends');
          dispatchEvent(new Event('pointerdown'));
          go('/trends?from=2024-01-01');
          return steps;
        }"""
    )
    assert [each - steps[0] for each in steps] == [0, 1, 1, 2, 3]


def test_dates_are_typed_and_brought_inside_the_file(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    upload(page, "moves.csv", MOVES)
    told(page, ALL)
    write(page, "From", "20250120")
    told(page, "None of 3 leads won yet · entered Jan 2025 – Mar 2025")
    says(page, "Chosen dates · 20 Jan – 15 Mar 2025", "2025-01-20", "2025-03-15", "20 Jan 2025", "15 Mar 2025")
    page.wait_for_url("**/funnel?from=2025-01-20&to=2025-03-15")
    write(page, "To", "20250203")
    told(page, "None of 2 leads won yet · entered Jan 2025 – Feb 2025")
    says(page, "Chosen dates · 20 Jan – 3 Feb 2025", "2025-01-20", "2025-02-03", "20 Jan 2025", "3 Feb 2025")
    write(page, "To", "20300101")
    page.get_by_text("Brought inside the file's dates, 5 Jan – 15 Mar 2025.").wait_for()
    says(page, "Chosen dates · 20 Jan – 15 Mar 2025", "2025-01-20", "2025-03-15", "20 Jan 2025", "15 Mar 2025")
    told(page, "None of 3 leads won yet · entered Jan 2025 – Mar 2025")


def test_the_slider_moves_fields_and_menu_and_a_reload_keeps_them(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    upload(page, "moves.csv", MOVES)
    told(page, ALL)
    page.locator(STILL).wait_for()
    for _ in range(3):
        page.get_by_role("slider").nth(1).press("ArrowLeft")
    said = ("Chosen dates · 5 Jan – 12 Mar 2025", "2025-01-05", "2025-03-12", "5 Jan 2025", "12 Mar 2025")
    says(page, *said)
    told(page, "1 of 3 leads won · entered Jan 2025 – Feb 2025")
    page.wait_for_url("**/funnel?from=2025-01-05&to=2025-03-12")
    page.reload()
    told(page, "1 of 3 leads won · entered Jan 2025 – Feb 2025")
    says(page, *said)


def test_a_fiscal_year_is_chosen_by_keys_and_kept_in_the_address(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel?sample=history&range=this_year")
    says(page, "This year · 1 Jan – 30 Jun 2025", "2025-01-01", "2025-06-30", "1 Jan 2025", "30 Jun 2025")
    page.locator(STILL).wait_for()
    open_menu(page, COUNTING)
    page.get_by_role("combobox", name="The fiscal year begins in").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.type("April")
    page.keyboard.press("Enter")
    said = ("This year · 1 Apr – 30 Jun 2025", "2025-04-01", "2025-06-30", "1 Apr 2025", "30 Jun 2025")
    says(page, *said)
    page.wait_for_url("**/funnel?*fiscal=4")
    page.reload()
    says(page, *said)
    open_menu(page, COUNTING)
    page.get_by_role("combobox", name="The fiscal year begins in").and_(page.locator("[value=April]")).wait_for()
