"""`python bench/run.py [--entries 100_000 1_000_000 …] [--contender "Funnel Lens" ClickHouse …] [--table]`: Funnel Lens against named
peers on generated histories.

Every contender runs in a process of its own, one after another, reads the same CSV and answers the same questions; where answers
differ the run fails. What was measured stays in bench/out as JSON, and the tables are printed from all of it that is there for the
sizes asked for: so sizes and contenders can be measured at different times, and `--table` prints without measuring.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from table import cost_table, heading, in_order, notes, ratio_table, size_table, verdicts  # noqa: E402
from tasks import CONTENDERS, READ, SIZES  # noqa: E402
from watched import Limits, measure  # noqa: E402

OUT = HERE / "out"
RETENTIONEERING = "retentioneering"
_WRITE = """
import sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path; from data import write_history
write_history(Path(sys.argv[2]), int(sys.argv[3]))
"""


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--entries", type=int, nargs="+", default=SIZES, help=f"sizes; default {SIZES}")
    asked.add_argument("--contender", nargs="+", choices=CONTENDERS, default=list(CONTENDERS), help="default: all")
    asked.add_argument("--table", action="store_true", help="print what was measured before, and measure nothing")
    asked.add_argument("--seconds", type=float, default=120, help="stop a task that takes longer (default 120)")
    asked.add_argument("--read-seconds", type=float, default=600, help="the same for reading (default 600)")
    asked.add_argument("--memory-gb", type=float, default=16, help="stop a contender that takes more (default 16)")
    arguments = asked.parse_args()
    limits = Limits(arguments.seconds, arguments.read_seconds, int(arguments.memory_gb * 1024))
    for entries in () if arguments.table else arguments.entries:
        for name in arguments.contender:
            print(f"{entries:,} entries, {name} …", file=sys.stderr, flush=True)
            _kept(entries, name).write_text(json.dumps(_measured(name, entries, limits), indent=1), encoding="utf-8")
    by_size = {entries: _read(entries) for entries in arguments.entries}
    measured = {entries: results for entries, results in by_size.items() if results}
    if not measured:
        print(f"nothing has been measured at {', '.join(f'{entries:,}' for entries in arguments.entries)} entries")
        return 1
    return _report(measured)


def _measured(name: str, entries: int, limits: Limits) -> dict[str, Any]:
    """All that is kept of one contender at one size."""
    path = OUT / f"history-{entries}.csv"
    if not path.exists():
        # In another process, so that its memory is not counted to anyone.
        subprocess.run([sys.executable, "-c", _WRITE, str(HERE), str(path), str(entries)], check=True)
    about = {
        "contender": name,
        "entries": entries,
        "machine": machine(),
        "measured": datetime.now().isoformat(timespec="seconds"),
        "file_mb": path.stat().st_size / 1e6,
    }
    python = sys.executable
    if name == RETENTIONEERING:
        try:
            python = _python_of_its_own()
        except subprocess.CalledProcessError as failure:
            why = (failure.stderr or str(failure)).strip().splitlines()[-1]
            nothing = {"tasks": {READ: {"stopped": f"failed: {why}"}}, "memory": 0, "versions": {}, "placement": None}
            return {
                **about,
                **nothing,
                "others": None,
                "notes": [f"retentioneering could not be installed here: {why}"],
            }
    _warm(path)
    began, before = time.monotonic(), _work_of_others()
    found = measure(name, path, limits, python)
    after, took = _work_of_others(), time.monotonic() - began
    others = None if before is None or after is None else (after - before) / took
    return {**about, **found, "others": others}


def _python_of_its_own() -> str:
    """retentioneering brings some ninety packages, one of which sends telemetry (it is told not to): it has an interpreter of its own, that
    of the environment variable RETENTIONEERING_PYTHON, or one that is made in bench/out."""
    if told := os.environ.get("RETENTIONEERING_PYTHON"):
        return told
    folder = OUT / "retentioneering-venv"
    python = folder / "bin" / "python"
    done = folder / "installed"
    if not done.exists():
        for command in (
            [sys.executable, "-m", "venv", str(folder)],
            [str(python), "-m", "pip", "install", "--quiet", "-r", str(HERE / "requirements-retentioneering.txt")],
        ):
            subprocess.run(command, check=True, capture_output=True, text=True)
        done.touch()
    return str(python)


def _warm(path: Path) -> None:
    """Read the file once, so that no contender alone waits for the disk. In pieces: a child's peak memory begins at its
    parent's."""
    with path.open("rb") as file:
        while file.read(1 << 20):
            pass


def _work_of_others() -> float | None:
    """Processor seconds since the machine began that went to anyone but this process's children; None where it is not told."""
    try:
        ticks = [int(each) for each in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    except (OSError, ValueError):
        return None
    user, nice, system, _idle, _waiting, *interrupts = ticks
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")
    return busy - own.ru_utime - own.ru_stime


def _kept(entries: int, contender: str) -> Path:
    return OUT / f"measured-{entries}-{contender.replace(' ', '-').lower()}.json"


def _read(entries: int) -> list[dict[str, Any]]:
    paths = [_kept(entries, name) for name in CONTENDERS]
    return in_order([json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()])


def _report(by_size: dict[int, list[dict[str, Any]]]) -> int:
    """Print everything; 1 where answers differ, else 0."""
    good = True
    for entries, results in by_size.items():
        print(f"\n{heading(entries, results)}\n\n{size_table(results)}")
    print(
        f"\n{ratio_table(by_size)}\n\nBelow 1, Funnel Lens takes less time than the fastest peer.\n\n{cost_table(by_size)}\n"
    )
    print("\n".join(f"- {note}" for note in notes(by_size)), "\n")
    for entries, results in by_size.items():
        for sentence, equal in verdicts(entries, results):
            print(f"{'yes' if equal else 'NO '}  {sentence}")
            good = good and equal
    return 0 if good else 1


def machine() -> str:
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        processor = models[0] if models else processor
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{processor}, {os.cpu_count()} cores, {memory:.0f} GB"


if __name__ == "__main__":
    sys.exit(main())
