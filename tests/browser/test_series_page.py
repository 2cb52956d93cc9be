"""Five weekly exports of one pipeline, dropped together in a real Chromium, become a history with moves."""

from __future__ import annotations

import re

import pytest

from tests.browser.places import go
from tests.browser.test_funnel_page import STILL, headed, told
from tests.browser.test_upload import DROP

pytestmark = pytest.mark.browser
DAYS = ("2025-09-01", "2025-09-08", "2025-09-15", "2025-09-22", "2025-09-29")
# One letter a week: N new, Q qualified, P proposal, W won, L lost. Of each lead the weeks in which it stood where.
WEEKS = {
    "W1": "NNQPW",
    "W2": "NQQQL",
    "W3": "NNNNQ",
    "W4": "NQPPW",
    "W5": "NNQQQ",
    "W6": "NQQPP",
    "W7": "NNNNN",
    "W8": "NQPWW",
}
STAGES = {"N": "New", "Q": "Qualified", "P": "Proposal sent", "W": "Closed won", "L": "Closed lost"}
WON = sum(weeks[-1] == "W" for weeks in WEEKS.values())


def exported(week: int) -> str:
    lines = [
        f"{lead},{STAGES[weeks[week]]},{number}00,Team {number % 2}"
        for number, (lead, weeks) in enumerate(WEEKS.items(), 1)
    ]
    return "\n".join(["Deal ID,Stage,Amount,Owner", *lines, ""])


def test_weekly_exports_dropped_together_are_a_history_with_moves(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    files = [[f"pipeline_{day}.csv", exported(week)] for week, day in enumerate(DAYS)]
    page.locator(".fl-upload-zone").evaluate(DROP, files)
    told(page, re.compile(rf"^{WON} of {len(WEEKS)} leads won .*entered Sep 2025$"))
    go(page, "Funnel", "Paths")
    headed(page, f"of {len(WEEKS)} leads moved back")
    qualified = sum("NQ" in weeks for weeks in WEEKS.values())
    page.locator(STILL).wait_for()
    page.get_by_role("radio", name="Stage to stage", exact=True).click()
    page.locator(".fl-moves").get_by_text(f"{qualified} times", exact=True).first.wait_for()
