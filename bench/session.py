"""A browser of its own that comes to the app with a file, moves its date slider as people do, and leaves."""

from __future__ import annotations

import asyncio
import random
import re
import time
from pathlib import Path

from playwright.async_api import Browser, Error, Response
from slider import QUIET_MS, marks, split

PATIENCE_MS = 60_000
COMING_MS = 600_000
PAUSE_SECONDS = (1.0, 2.0)
PICTURES = "[class*='st-key-picture_']"
IN_ORDER = "rule=Went+through+every+stage+in+order"
HEAVY_PAGES = (
    f"pipeline?{IN_ORDER}&window=90&pipeline_tab=Time+in+stage",
    "funnel?funnel_tab=Paths",
    "segments",
    f"funnel?{IN_ORDER}",
)
MOVES_A_PAGE = 4
SHOWN_ERRORS = "[data-testid=stException], [data-testid=stAlertContentError]"
SETTLED = """([quiet, patience]) => new Promise((done, failed) => {
  const began = performance.now();
  const look = setInterval(() => {
    const now = performance.now(), painted = window.marks.some(([what]) => what === "painted");
    const idle = document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning";
    const last = Math.max(began, ...window.marks.map(each => each[1]));
    const over = painted && idle && now - last > quiet;
    if (over || now - began > patience) { clearInterval(look); over ? done(window.marks) : failed(Error("no new picture came")); }
  }, 100);
})"""


class Session:
    """`moves` is how long each move took, by its parts, in milliseconds; `errors` what went wrong while it was there. A heavy one opens
    one page after another that asks much; the others stay where they are."""

    def __init__(self, browser: Browser, address: str, who: str, path: Path) -> None:
        self.browser, self.address, self.who, self.path = browser, address, who, path
        self.errors: list[str] = []
        self.moves: list[dict[str, float]] = []
        self.here = False
        self.random = random.Random(path.name)

    async def come(self) -> None:
        """Upload the file and wait for its funnel."""
        self.context = await self.browser.new_context(viewport={"width": 1280, "height": 900})
        self.context.set_default_timeout(COMING_MS)
        await self.context.add_init_script(marks(PICTURES))
        self.page = page = await self.context.new_page()
        page.on("pageerror", lambda error: self._wrong(f"a script: {error}"))
        page.on("requestfailed", lambda asked: self._wrong(f"{asked.failure}: {asked.url}"))
        page.on("response", self._answered)
        page.on("websocket", lambda socket: socket.on("close", lambda _: self._wrong("the connection ended")))
        self.here = True
        try:
            await page.goto(f"{self.address}/funnel")
            await page.locator(".fl-upload input").set_input_files(self.path)
            await page.get_by_role("heading", level=1).filter(has_text=re.compile(r"of [\d,]+ leads")).wait_for()
            await page.locator(f"{PICTURES} .js-plotly-plot").first.wait_for()
        except Error as failed:
            self._wrong(str(failed).splitlines()[0])
        self.context.set_default_timeout(PATIENCE_MS)

    async def move_until(self, end: float) -> None:
        """Move the slider, wait for the picture, rest, and so on until that moment of time.monotonic()."""
        made = 0
        while time.monotonic() < end:
            try:
                if self.who == "heavy" and made % MOVES_A_PAGE == 0:
                    await self._open(HEAVY_PAGES[made // MOVES_A_PAGE % len(HEAVY_PAGES)])
                self.moves.append(await self._move(made))
            except (Error, LookupError) as failed:
                self._wrong(str(failed).splitlines()[0])
            for shown in await self.page.locator(SHOWN_ERRORS).all_text_contents():
                self._wrong(f"shown: {shown}")
            made += 1
            await asyncio.sleep(self.random.uniform(*PAUSE_SECONDS))

    async def leave(self) -> None:
        """Close the browser, with its cookie."""
        self.here = False
        await self.context.close()

    async def _open(self, place: str) -> None:
        self.here = False  # The page before loses its connection, as it must.
        await self.page.goto(f"{self.address}/{place}")
        self.here = True
        await self.page.locator(f"{PICTURES} .js-plotly-plot").first.wait_for()
        await self._settled()

    async def _move(self, made: int) -> dict[str, float]:
        mouse, slider = self.page.mouse, self.page.locator(".st-key-started")
        box, track = await slider.get_by_role("slider").first.bounding_box(), await slider.bounding_box()
        if box is None or track is None:
            raise LookupError("the slider is not on the page")
        y = box["y"] + box["height"] / 2
        await mouse.move(box["x"] + box["width"] / 2, y)
        await mouse.down()
        # Always away from the other thumb's side: two thumbs at one place cannot be told apart any more.
        await mouse.move(track["x"] + track["width"] * (0.1 + 0.01 * (made % 60)), y, steps=4)
        await self.page.evaluate("window.marks.length = 0")
        await mouse.up()
        return split(await self._settled())

    async def _settled(self) -> list[tuple[str, float, float]]:
        noted: list[tuple[str, float, float]] = await self.page.evaluate(SETTLED, [QUIET_MS, PATIENCE_MS])
        return noted

    def _answered(self, told: Response) -> None:
        # The upload box takes leave of files that the app has taken by then; at a page's own address the frontend looks for its root.
        expected = (
            told.request.method == "DELETE" if told.status == 403 else told.status == 404 and "/_stcore/" in told.url
        )
        if told.status >= 400 and not expected:
            self._wrong(f"{told.status}: {told.request.method} {told.url}")

    def _wrong(self, what: str) -> None:
        if self.here:
            self.errors.append(f"{self.who}: {what}")
