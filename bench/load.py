"""`python bench/load.py [--sessions 20] [--seconds 120] [--cycles 3] [--heavy-entries 5_000_000] [--table]`: many browsers at once.

Each session is a browser of its own to the app: it uploads its own part of the bundled sample (of 12,000 leads) and moves the date slider
of the Funnel page again and again, with a second or two between, as people do. One of them is heavy: a history of `data.py` (a fifth as
many leads as entries; 0: none is heavy), and pages that ask much of it. Then all leave, and when the app has let go of their data they
come again, for a quarter of the time: memory is flat where every leaving leaves as much as the first one, which has warmed what is kept.

One Chromium draws for all of them on the same cores, so much of a move's time is the browsers' own: *server* is what passes between the
first message sent and the last one that the pictures needed (`slider.py`), and even there a busy browser hears late; beside it stand the
server's processor time for a move, and how many cores the server, the browsers and the whole machine kept busy. An error is one that a
page shows or a script raises, a request refused or lost, a connection that ends early, a move that is not painted within a minute. What
was measured stays in bench/out as JSON; `--table` prints it without measuring.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE), str(ROOT)]

from run import OUT, machine  # noqa: E402
from session import Session  # noqa: E402
from slider import CHROMIUM, SAMPLE, history  # noqa: E402
from upload import Memory  # noqa: E402

from tests.running import serving  # noqa: E402

AWAY_MINUTES = 0.5
LONGEST_AWAY_SECONDS = 120
ANSWERED_WITHIN = 0.95
FEWER_LINES = 100
MOST_ERRORS_TOLD = 20
Files = list[tuple[str, Path]]
WHO = ("light", "heavy")
PARTS = {"all": "released → painted", "server": "of it server", "paint": "of it browser"}
MEMORY = {
    "before": "server MB, nobody here",
    "come": "all have their files open",
    "peak": "peak",
    "end": "at the end, all here",
    "left": "just after they left",
    "away": "when their data are gone",
}


UNSEEN = (
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
)
"""Pages that lie behind others are drawn as if each had a screen of its own."""


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--sessions", type=int, default=20, help="default 20")
    asked.add_argument("--seconds", type=float, default=120, help="of moving; default 120")
    asked.add_argument("--cycles", type=int, default=3, help="how often all come and leave; default 3")
    asked.add_argument("--heavy-entries", type=int, default=5_000_000, help="default 5,000,000; 0: none is heavy")
    asked.add_argument("--table", action="store_true", help="print what was measured before, and measure nothing")
    arguments = asked.parse_args()
    kept = OUT / f"load-{arguments.sessions}.json"
    if not arguments.table:
        with tempfile.TemporaryDirectory(prefix="load-bench-") as folder:
            asyncio.run(_measure(Path(folder), arguments, kept))
    if not kept.exists():
        print(f"nothing has been measured with {arguments.sessions} sessions")
        return 1
    return _report(json.loads(kept.read_text(encoding="utf-8")))


async def _measure(folder: Path, arguments: argparse.Namespace, kept: Path) -> None:
    """Every cycle stands in `kept` as soon as it is over."""
    files = _files(folder, arguments.sessions, arguments.heavy_entries)
    # The app's private folders lie here, and nobody else's.
    os.environ |= {"TMPDIR": str(folder), "FUNNEL_LENS_AWAY_MINUTES": str(AWAY_MINUTES)}
    cycles: list[dict[str, Any]] = []
    told = {
        **{name: vars(arguments)[name] for name in ("sessions", "heavy_entries")},
        "machine": machine(),
        "measured": datetime.now().isoformat(timespec="seconds"),
        "cycles": cycles,
    }
    with serving() as (address, server):
        async with async_playwright() as playwright:
            flags = ["--no-sandbox", "--disable-gpu", *UNSEEN]
            chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
            for cycle in range(arguments.cycles):
                seconds = arguments.seconds if cycle == 0 else arguments.seconds / 4
                print(f"{len(files)} sessions, {seconds:.0f} seconds …", file=sys.stderr, flush=True)
                cycles.append(await _cycle(chromium, address, server, files, seconds))
                kept.write_text(json.dumps(told, indent=1), encoding="utf-8")
            await chromium.close()


async def _cycle(chromium: Browser, address: str, server: int, files: Files, seconds: float) -> dict[str, Any]:
    """All come, move and leave; until the app has let go of all that was theirs."""
    memory, folder = Memory(server), Path(os.environ["TMPDIR"])
    told: dict[str, Any] = {"seconds": seconds, "before": memory.now(), "folders": [_folders(folder)]}
    sessions = [Session(chromium, address, who, path) for who, path in files]
    with memory.watched() as watched:
        began = time.monotonic()
        await asyncio.gather(*(session.come() for session in sessions))
        told |= {"coming": time.monotonic() - began, "come": memory.now()}
        before, began = _busy(server), time.monotonic()
        await asyncio.gather(*(session.move_until(time.monotonic() + seconds) for session in sessions))
        told["took"] = time.monotonic() - began
        told["cores"] = [(after - first) / told["took"] for first, after in zip(before, _busy(server), strict=True)]
    told |= {"peak": watched["peak"], "end": memory.now()}
    told["folders"].append(_folders(folder))
    await asyncio.gather(*(session.leave() for session in sessions))
    left = time.monotonic()
    await asyncio.sleep(2)
    told["left"] = memory.now()
    while _folders(folder) > told["folders"][0] and time.monotonic() - left < LONGEST_AWAY_SECONDS:
        await asyncio.sleep(1)
    told["folders"].append(_folders(folder))
    await asyncio.sleep(2)
    return told | {
        "away": memory.now(),
        "errors": [error for session in sessions for error in session.errors],
        "moves": {who: [move for each in sessions if each.who == who for move in each.moves] for who in WHO},
    }


def _files(folder: Path, sessions: int, heavy_entries: int) -> Files:
    """Who brings what: each light session some lines fewer of the sample."""
    found = [("heavy", history(heavy_entries))] if heavy_entries else []
    lines = gzip.decompress(SAMPLE.read_bytes()).splitlines(keepends=True)
    for place in range(sessions - len(found)):
        path = folder / f"leads-{place}.csv"
        path.write_bytes(b"".join(lines[: len(lines) - FEWER_LINES * place]))
        found.append(("light", path))
    return found


def _folders(folder: Path) -> int:
    return sum(1 for _ in folder.glob("funnel-lens-*"))


def _busy(server: int) -> list[float]:
    """Processor seconds so far of the server, of our browsers, and of the whole machine."""
    ours = [_ticks(process) for process in Memory(os.getpid()).processes() if process not in (server, os.getpid())]
    spent = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    everyone = sum(spent) - sum(spent[3:5])  # without what it was idle, or waited for disks
    return [ticks / os.sysconf("SC_CLK_TCK") for ticks in (_ticks(server), sum(ours), everyone)]


def _ticks(process: int) -> int:
    return sum(int(each) for each in Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[11:13])


def _report(told: dict[str, Any]) -> int:
    """Print the tables; 1 where anything went wrong, else 0."""
    cycles = told["cycles"]
    print(f"{told['sessions']} sessions, one with {told['heavy_entries']:,} entries, measured {told['measured'][:10]}")
    print(f"{told['machine']}\n")
    _row("", [f"{each['seconds']:.0f} s" for each in cycles])
    print(f"|---|{'---:|' * len(cycles)}")
    _row("seconds until all have come", [f"{each['coming']:.0f}" for each in cycles])
    _row("errors", [len(each["errors"]) for each in cycles])
    for who in WHO:
        if any(each["moves"][who] for each in cycles):
            _row(f"{who}: moves", [len(each["moves"][who]) for each in cycles])
            for part, name in PARTS.items():
                cells = [_spread([move[part] for move in each["moves"][who]]) for each in cycles]
                _row(f"{who}: ms {name}, median · p95 · most", cells)
    _row("server's own CPU, ms a move", [_own(each) for each in cycles])
    _row("cores: server · browsers · all", [" · ".join(f"{core:.2f}" for core in each["cores"]) for each in cycles])
    for moment, name in MEMORY.items():
        _row(name, [f"{each[moment]:,.0f}" for each in cycles])
    _row("private folders before · at the end · after", [" · ".join(map(str, each["folders"])) for each in cycles])
    errors = [error for each in cycles for error in each["errors"]]
    print("\n" + "\n".join(f"- {error}" for error in dict.fromkeys(errors[:MOST_ERRORS_TOLD])))
    return 1 if errors or any(each["folders"][0] != each["folders"][-1] for each in cycles) else 0


def _row(name: str, cells: Sequence[object]) -> None:
    print(f"| {name} | {' | '.join(map(str, cells))} |")


def _own(cycle: dict[str, Any]) -> str:
    moves = sum(len(each) for each in cycle["moves"].values())
    return f"{1000 * cycle['cores'][0] * cycle['took'] / moves:,.0f}" if moves else ""


def _spread(values: list[float]) -> str:
    p95 = sorted(values)[int(len(values) * ANSWERED_WITHIN)] if values else 0
    return f"{statistics.median(values):,.0f} · {p95:,.0f} · {max(values):,.0f}" if values else ""


if __name__ == "__main__":
    sys.exit(main())
