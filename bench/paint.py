"""`python bench/paint.py [--entries 25000] [--visits 7] [--beside FOLDER]`: from an upload's last byte to its funnel on the screen.

A history as large as asked for (`data.py`) is uploaded in a real Chromium by one new visitor after the other; `--beside` measures
another checkout in turn with this one, since a busy machine is not the same from one minute to the next. Told are the medians in
milliseconds from the moment at which the browser hears that its file has arrived: until the chart of the funnel is painted for the
first time, and until nothing changes any more; and the seconds of processor that the server took by then.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE), str(ROOT)]

from slider import CHART, CHROMIUM, marks  # noqa: E402
from upload import PATIENCE_MS  # noqa: E402

QUIET_MS = 1000
LOOKS_ROUND_MS = 1500
"""How long a visitor looks at the page before the file comes."""
_ARRIVED = """
const opens = XMLHttpRequest.prototype.open;
XMLHttpRequest.prototype.open = function (method, ...more) {
  if (method === "PUT") this.addEventListener("load", () => mark("arrived"));
  return opens.call(this, method, ...more);
};
"""


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--entries", type=int, default=25_000, help="default 25,000")
    asked.add_argument("--visits", type=int, default=7, help="default 7, after one that does not count")
    asked.add_argument("--beside", type=Path, help="another checkout, measured in turn")
    arguments = asked.parse_args()
    roots = [ROOT, *([arguments.beside.resolve()] if arguments.beside else [])]
    with ExitStack() as stack:
        path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="paint-bench-"))) / "history.csv"
        _write_history(path, arguments.entries)
        servers = [stack.enter_context(_serving(root)()) for root in roots]
        playwright = stack.enter_context(sync_playwright())
        visits: list[list[dict[str, float]]] = [[] for _ in roots]
        for _ in range(1 + arguments.visits):
            for (address, server), made in zip(servers, visits, strict=True):
                chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
                made.append(_visit(chromium, address, server, path))
                chromium.close()
    for root, made in zip(roots, visits, strict=True):
        _print(root, made[1:])
    return 0


def _visit(chromium: Browser, address: str, server: int, path: Path) -> dict[str, float]:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(marks(CHART) + _ARRIVED)
    page.goto(f"{address}/funnel")
    page.locator(".fl-upload input").wait_for(state="attached")
    page.wait_for_timeout(LOOKS_ROUND_MS)
    page.evaluate("window.marks.length = 0")
    before = _processor_seconds(server)
    page.locator(".fl-upload input").set_input_files(path)
    page.locator(f"{CHART} .bars .point").first.wait_for()
    page.locator('[data-testid=stApp][data-test-script-state="notRunning"]').wait_for()
    while page.evaluate("performance.now() - Math.max(0, ...window.marks.map(each => each[1]))") < QUIET_MS:
        page.wait_for_timeout(50)
    noted = page.evaluate("window.marks")
    arrived = next(at for what, at, _ in noted if what == "arrived")
    return {
        "ms until the funnel is painted": min(at for what, at, _ in noted if what == "painted") - arrived,
        "ms until all has come": max(at for what, at, _ in noted if what in ("got", "painted")) - arrived,
        "processor seconds of the server": _processor_seconds(server) - before,
    }


def _processor_seconds(process: int) -> float:
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _serving(root: Path) -> Callable[[], Any]:
    """`tests.running.serving` of a checkout."""
    spec = importlib.util.spec_from_file_location("running", root / "tests" / "running.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    serving: Callable[[], Any] = module.serving
    return serving


def _write_history(path: Path, entries: int) -> None:
    from data import write_history

    write_history(path, entries)


def _print(root: Path, visits: list[dict[str, float]]) -> None:
    print(f"{root.name}, {len(visits)} visits\n\n| | median | slowest |\n|---|---:|---:|")
    for name in visits[0]:
        values = [visit[name] for visit in visits]
        form = ".2f" if "seconds" in name else ".0f"
        print(f"| {name} | {statistics.median(values):{form}} | {max(values):{form}} |")
    print()


if __name__ == "__main__":
    sys.exit(main())
