"""The README's picture: the bundled sample through the Standard B2B model, in a real browser.

`python docs/picture.py [address]` writes docs/funnel.png from an app that runs at the address
(default http://localhost:8501). It needs Playwright, and Chromium at $CHROMIUM (default /usr/bin/chromium).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

WIDTH, HEIGHT, SCALE = 1320, 880, 1.5
MODEL = "Standard B2B"


def take(address: str, path: Path) -> None:
    """Write the picture of the Funnel page, without its last rows, at `path`."""
    with sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE)
        page.goto(f"{address}/?sample=history")
        page.get_by_role("combobox", name="Model").click()
        page.get_by_role("option", name=MODEL).click()
        page.locator("[data-testid=stMain]").get_by_text(f"{MODEL} ·").wait_for()
        page.locator('[data-testid=stApp][data-test-script-state="notRunning"]').wait_for()
        page.locator(".st-key-funnel_chart .bars .point").first.wait_for()
        page.mouse.move(WIDTH - 5, 5)
        page.evaluate("document.activeElement.blur()")
        # The old chart fades out while the new one is drawn.
        page.wait_for_timeout(2_000)
        page.screenshot(path=path)
        browser.close()


if __name__ == "__main__":
    take(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8501", Path(__file__).with_name("funnel.png"))
