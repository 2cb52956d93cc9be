"""The cookies of a real Chromium: what other apps leave in it, a second Funnel Lens on its host, and a server that starts anew."""

from __future__ import annotations

import pytest

from tests.browser.test_funnel_page import BOX, told
from tests.browser.test_two_visitors import ANN, BOB, Browser, lines
from tests.running import running

pytestmark = pytest.mark.browser
FOREIGN = (
    "document.cookie = 'theme=dark mode'",
    "document.cookie = 'a@b=1'",
    "document.cookie = 'no name'",
    "document.cookie = 'q=\"'",
)


def ours(browser: Browser) -> dict[str, str]:
    return {each["name"]: each["value"] for each in browser.context.cookies() if each["name"].startswith("funnel_lens")}


def test_other_apps_of_the_host_take_no_data_away(browser, address) -> None:  # type: ignore[no-untyped-def]
    ann = Browser(browser, address)
    ann.brings("leads.csv", lines(ANN, 20))
    told(ann.page, "Of 20 leads")
    before = ours(ann)
    for script in FOREIGN:
        ann.page.evaluate(script)
    ann.page.reload()
    told(ann.page, "Of 20 leads")
    # Ports share their cookies: another server, on another port, finds and leaves its own.
    with running() as second:
        bob = Browser(browser, second, ann.context)
        bob.brings("leads.csv", lines(BOB, 30))
        told(bob.page, "Of 30 leads")
        for _ in range(2):
            ann.page.reload()
            told(ann.page, "Of 20 leads")
            bob.page.reload()
            told(bob.page, "Of 30 leads")
        assert len(ours(ann)) == 2
        assert before.items() <= ours(ann).items()
    ann.context.close()


def test_a_page_that_is_open_while_the_server_starts_anew_takes_files_again(browser) -> None:  # type: ignore[no-untyped-def]
    with running() as address:
        ann = Browser(browser, address)
        ann.page.locator(BOX).first.wait_for(state="attached")
        ann.idle()
        before = ours(ann)
    with running(port=int(address.rpartition(":")[2])):
        # The page is not loaded again nor drawn anew: the box still has the ticket of the server that is gone.
        ann.page.wait_for_timeout(3_000)
        ann.idle()
        assert ours(ann).keys() == before.keys()
        assert ours(ann) != before
        ann.brings("leads.csv", lines(ANN, 20))
        told(ann.page, "Of 20 leads")
        ann.page.reload()
        told(ann.page, "Of 20 leads")
    ann.context.close()
