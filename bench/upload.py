"""`python bench/upload.py [--gigabytes 1] [--file PATH]`: a large file through the browser, and how much memory the server takes for it.

A history as large as asked for (`data.py`; 23.5 million entries are 1 GB) is written to a temporary folder, or `--file` is taken. The app
runs by itself on this machine; Chromium uploads the file through its box, and waits for the funnel. Memory is what the server and its
children hold resident, looked at every 100 ms; where the kernel tells its own high-water mark, the server's is set back before each part
and counts too, so that nothing shorter is missed.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE), str(ROOT)]

from tests.running import serving  # noqa: E402

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ENTRIES_A_GIGABYTE = 23_500_000
SAMPLE_SECONDS = 0.1
PATIENCE_MS = 3_600_000


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--gigabytes", type=float, default=1, help="default 1")
    asked.add_argument("--file", type=Path, help="upload this file instead of a generated one")
    arguments = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="upload-bench-") as folder:
        path = arguments.file or _history(Path(folder), arguments.gigabytes)
        with serving() as (address, server), sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            page = chromium.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(PATIENCE_MS)
            page.goto(address)
            page.locator(".fl-upload input").wait_for(state="attached")
            _print(path, _measured(page, path, Memory(server)))
            chromium.close()
    return 0


def _measured(page: Page, path: Path, memory: Memory) -> dict[str, float]:
    before = memory.now()
    with memory.watched() as uploading:
        page.locator(".fl-upload input").set_input_files(str(path))
        page.locator(".st-key-loading").wait_for()
    with memory.watched() as reading:
        page.get_by_role("heading", level=1).filter(has_text=re.compile(r"of [\d,]+ leads")).wait_for()
        page.locator('[data-testid=stApp][data-test-script-state="notRunning"]').wait_for()
    time.sleep(5)
    return {
        "MB of the file": path.stat().st_size / 1e6,
        "MB before": before,
        "seconds of upload": uploading["seconds"],
        "peak MB while uploading": uploading["peak"],
        "seconds until the funnel stands": reading["seconds"],
        "peak MB while reading": reading["peak"],
        "MB after": memory.now(),
    }


class Memory:
    """Resident memory of a process and its children, in megabytes."""

    def __init__(self, process: int) -> None:
        self.process = process

    def now(self) -> float:
        return sum(_kilobytes(each, "VmRSS") for each in self.processes()) * 1024 / 1e6

    @contextmanager
    def watched(self) -> Iterator[dict[str, float]]:
        """The seconds and the peak of what is done inside, told when it is over."""
        found: dict[str, float] = {"peak": 0.0}
        over = threading.Event()
        # Only the owner of a process may; where not, the samples alone count.
        with suppress(OSError):
            Path(f"/proc/{self.process}/clear_refs").write_text("5")

        def look() -> None:
            while not over.wait(SAMPLE_SECONDS):
                found["peak"] = max(found["peak"], self.now())

        looking = threading.Thread(target=look)
        looking.start()
        began = time.perf_counter()
        try:
            yield found
        finally:
            over.set()
            looking.join()
            found["seconds"] = time.perf_counter() - began
            found["peak"] = max(found["peak"], _kilobytes(self.process, "VmHWM") * 1024 / 1e6)

    def processes(self) -> list[int]:
        """The process and its children, and theirs."""
        found = [self.process]
        for process in found:
            with suppress(OSError):
                told = Path(f"/proc/{process}/task/{process}/children").read_text()
                found += [int(child) for child in told.split()]
        return found


def _kilobytes(process: int, name: str) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
    return 0


def _print(path: Path, measured: dict[str, float]) -> None:
    print(f"{path.name}\n\n| | |\n|---|---:|")
    for name, value in measured.items():
        print(f"| {name} | {value:,.1f} |" if "seconds" in name else f"| {name} | {value:,.0f} |")


def _history(folder: Path, gigabytes: float) -> Path:
    from data import write_history

    path = folder / "history.csv"
    write_history(path, round(gigabytes * ENTRIES_A_GIGABYTE))
    return path


if __name__ == "__main__":
    sys.exit(main())
