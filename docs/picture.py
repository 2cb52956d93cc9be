"""The pictures of the README and of docs/: the bundled sample through the Standard B2B model, through three models, by cohort, and by
segment, in a real browser.

`python docs/picture.py [address]` writes docs/funnel.png, docs/models.png, docs/cohorts.png and docs/segments.png from an app that runs
at the address (default http://localhost:8501). It needs Playwright, and Chromium at $CHROMIUM (default /usr/bin/chromium).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

WIDTH, HEIGHT, MODELS_HEIGHT, COHORTS_HEIGHT, SEGMENTS_HEIGHT, SCALE = 1320, 880, 1500, 1340, 1180, 1.5
MODEL = "Standard B2B"
VERDICT = "Recommendation"


def take(address: str, folder: Path) -> None:
    """Write the pictures of the Funnel, the Models, the Trends and the Segments page, without their last rows, into the folder."""
    with sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = _page(browser, HEIGHT)
        page.goto(f"{address}/funnel?sample=history")
        page.get_by_role("combobox", name="Model").click()
        page.get_by_role("option", name=MODEL).click()
        page.locator("[data-testid=stMain]").get_by_text(f"{MODEL} ·").wait_for()
        _save(page, ".st-key-funnel_chart .bars .point", folder / "funnel.png")
        page = _page(browser, MODELS_HEIGHT)
        page.goto(f"{address}/models?sample=history")
        page.get_by_text(VERDICT).wait_for()
        _save(page, ".st-key-columns .bars .point", folder / "models.png")
        page = _page(browser, COHORTS_HEIGHT)
        page.goto(f"{address}/trends?sample=history&model={quote(MODEL)}&period=Quarter&trends_tab=Heat+map")
        page.get_by_role("heading", level=1).filter(has_text="180 days").wait_for()
        _save(page, ".st-key-cohort_cells .bars .point", folder / "cohorts.png")
        page = _page(browser, SEGMENTS_HEIGHT)
        page.goto(f"{address}/segments?sample=history&model={quote(MODEL)}")
        page.get_by_role("heading", level=1).filter(has_text="Channel").wait_for()
        _save(page, ".st-key-segments_forest .scatterlayer .point", folder / "segments.png")
        browser.close()


def _page(browser: Browser, height: int) -> Page:
    return browser.new_page(viewport={"width": WIDTH, "height": height}, device_scale_factor=SCALE)


def _save(page: Page, mark: str, path: Path) -> None:
    page.locator('[data-testid=stApp][data-test-script-state="notRunning"]').wait_for()
    page.locator(mark).first.wait_for()
    page.mouse.move(WIDTH - 5, 5)
    page.evaluate("document.activeElement.blur()")
    # The old chart fades out while the new one is drawn.
    page.wait_for_timeout(2_000)
    page.screenshot(path=path)


if __name__ == "__main__":
    take(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8501", Path(__file__).parent)
