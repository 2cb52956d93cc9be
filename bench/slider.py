"""`python bench/slider.py [--entries 0] [--moves 21]`: from the release of the date slider to the repainted funnel, in a real Chromium.

The app runs by itself on this machine with the bundled sample, or (`--entries 10_000_000`) with the history of `bench/run.py`, which
opens from the server's own disk. Each move drags the left end of the slider, lets go, and waits until nothing changes any more. The
time is split where the browser sees it: *waits* (released → first message sent), *server* (sent → the last message that the chart
needed, which is the largest one; query, figure and transfer in it), *paint* (that message → the last change of the chart is on the
screen: its numbers are the new ones, its bars begin to move there). Beside it stand the query and the figure by themselves, measured
without a browser on the same leads.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE), str(ROOT)]

from funnel import measures  # noqa: E402
from tests.running import serving  # noqa: E402

SAMPLE = ROOT / "data" / "samples" / "leads-history.csv.gz"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET_MS = 700
WARM_UP = 5
"""Moves before those that count: a browser is slower at what it does for the first time."""
CHART = ".st-key-picture_funnel_chart"
_MARKS = """
window.marks = [];
const mark = (what, more) => window.marks.push([what, performance.now(), more || 0]);
window.WebSocket = class extends WebSocket {
  constructor(...asked) { super(...asked); this.addEventListener("message", said => mark("got", said.data.size || said.data.byteLength)); }
  send(said) { mark("sent"); super.send(said); }
};
addEventListener("pointerup", () => mark("released"), true);
addEventListener("DOMContentLoaded", () => new MutationObserver(changes => {
  const inside = ({ target }) => (target.closest ? target : target.parentElement)?.closest("CHART .js-plotly-plot");
  if (changes.some(inside)) requestAnimationFrame(() => setTimeout(() => mark("painted")));
}).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true }));
"""


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--entries", type=int, default=0, help="default 0: the bundled sample")
    asked.add_argument("--moves", type=int, default=21, help="default 21")
    arguments = asked.parse_args()
    path = history(arguments.entries) if arguments.entries else SAMPLE
    alone = _alone(path)
    with (
        serving(environment={"FUNNEL_LENS_FOLDER": str(HERE / "out")}) as (address, _),
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(600_000)
        page.add_init_script(marks(CHART))
        page.goto(f"{address}/funnel" if arguments.entries else f"{address}/funnel?sample=history")
        if arguments.entries:
            page.get_by_role("combobox", name="Or open files that lie on the server").click()
            page.get_by_role("option", name=path.name, exact=True).click()
            page.keyboard.press("Escape")
            page.get_by_role("button", name="Open these files").click()
        page.locator(f"{CHART} .bars .point").first.wait_for()
        _settled(page)
        moves = [_moved(page, place) for place in range(WARM_UP + arguments.moves)][WARM_UP:]
        chromium.close()
    _print(path, moves, alone)
    return 0


def _moved(page: Page, place: int) -> dict[str, float]:
    """One move; the left end comes to another day each time."""
    slider = page.locator(".st-key-started")
    thumb = slider.get_by_role("slider").first
    box, track = thumb.bounding_box(), slider.bounding_box()
    if box is None or track is None:
        raise LookupError("the slider is not on the page")
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] * (0.2 + 0.01 * (place % 55)), y, steps=4)
    page.evaluate("window.marks.length = 0")
    page.mouse.up()
    _settled(page)
    return split(page.evaluate("window.marks"))


def marks(chart: str) -> str:
    """What a page runs before its own scripts so that it notes in `window.marks` what happens when; `chart` is what holds the pictures."""
    return _MARKS.replace("CHART", chart)


def split(noted: list[tuple[str, float, float]]) -> dict[str, float]:
    """One move in milliseconds, by its parts, and the kilobytes that came for it."""
    released = next(at for what, at, _ in noted if what == "released")
    sent = next(at for what, at, _ in noted if what == "sent" and at >= released)
    painted = max(at for what, at, _ in noted if what == "painted")
    _, got = max((size, at) for what, at, size in noted if what == "got" and released <= at <= painted)
    return {
        "all": painted - released,
        "waits": sent - released,
        "server": got - sent,
        "paint": painted - got,
        "kilobytes": sum(size for what, at, size in noted if what == "got" and at <= painted) / 1000,
    }


def _settled(page: Page) -> None:
    """Wait until nothing was sent, received or painted for a while."""
    page.locator('[data-testid=stApp][data-test-script-state="notRunning"]').wait_for()
    # The page's own rules allow no script made of text, so Playwright cannot wait for one there.
    while page.evaluate("performance.now() - Math.max(0, ...window.marks.map(each => each[1]))") < QUIET_MS:
        page.wait_for_timeout(50)


def _alone(path: Path) -> dict[str, float]:
    """Medians of the query and of the figure without a browser, in milliseconds."""
    import funnel
    from funnel import charts

    taken: dict[str, list[float]] = {"query": [], "figure": []}
    with funnel.open(path) as leads:
        assert leads.first_start is not None
        for place in range(8):
            question = leads.question(
                "as-recorded", start_from=leads.first_start.date() + timedelta(days=100 + 10 * place)
            )
            began = time.perf_counter()
            steps = leads.ask(measures.steps, question)
            asked = time.perf_counter()
            charts.funnel(steps).to_json()
            taken["query"].append(1000 * (asked - began))
            taken["figure"].append(1000 * (time.perf_counter() - asked))
        taken["leads"] = [leads.leads]
    return {name: statistics.median(values[1:] or values) for name, values in taken.items()}


def _print(path: Path, moves: list[dict[str, float]], alone: dict[str, float]) -> None:
    print(f"{path.name}: {alone['leads']:,.0f} leads, {len(moves)} moves of the date slider on the Funnel page\n")
    print("| milliseconds | median | slowest |\n|---|---:|---:|")
    for name in ("all", "waits", "server", "paint"):
        values = [move[name] for move in moves]
        print(f"| {name} | {statistics.median(values):.0f} | {max(values):.0f} |")
    for name in ("query", "figure"):
        print(f"| {name} by itself | {alone[name]:.1f} | |")
    print(f"\n{statistics.median([move['kilobytes'] for move in moves]):.0f} kB came for each move.")


def history(entries: int) -> Path:
    path = HERE / "out" / f"history-{entries}.csv"
    if not path.exists():
        from data import write_history

        write_history(path, entries)
    return path


if __name__ == "__main__":
    sys.exit(main())
