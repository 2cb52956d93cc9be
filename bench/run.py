"""`python bench/run.py [--entries 10_000_000]`: Funnel Lens against named peers on one generated history, in one run.

Every contender runs in a process of its own, one after another, reads the same CSV and answers the same question; the
answers must be equal, or the run fails. The file is kept in bench/out for the next run.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
OURS = "Funnel Lens"
# each contender: the class, and the module it stands in
CONTENDERS = {
    OURS: ("ours", "FunnelLens"),
    "DuckDB": ("peers", "DuckDB"),
    "ClickHouse": ("peers", "ClickHouse"),
    "Polars": ("peers", "Polars"),
    "pandas": ("peers", "Pandas"),
}
PACKAGES = ("duckdb", "chdb", "polars", "pandas")
WINDOW_DAYS = 90
READ, BUILD, BUILD_ANY = "read the CSV", "build journeys", f"build journeys for any entry within {WINDOW_DAYS} days"
COUNT, COUNT_ANY, STEPS = (
    "funnel in order",
    f"funnel in order within {WINDOW_DAYS} days, any entry",
    "funnel with medians, ledger and outcomes",
)
REPEATS = {READ: 3, BUILD: 3, BUILD_ANY: 1, COUNT: 7, COUNT_ANY: 5, STEPS: 3}


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--entries", type=int, default=10_000_000, help="default 10_000_000: a CSV of 426 MB")
    asked.add_argument("--contender", help=argparse.SUPPRESS)
    arguments = asked.parse_args()
    path = HERE / "out" / f"history-{arguments.entries}.csv"
    if arguments.contender:
        print(json.dumps(measure(arguments.contender, path)))
        return 0
    if not path.exists():
        # In another process, so that its memory is not counted to anyone.
        subprocess.run([sys.executable, "-c", _WRITE, str(HERE), str(path), str(arguments.entries)], check=True)
    told = {}
    for name in CONTENDERS:
        _warm(path)
        command = [sys.executable, __file__, "--contender", name, "--entries", str(arguments.entries)]
        print(f"{name} …", file=sys.stderr, flush=True)
        told[name] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return report(told, path, arguments.entries)


def _warm(path: Path) -> None:
    """Read the file once, so that no contender alone waits for the disk. In pieces: a child's peak memory begins at its
    parent's."""
    with path.open("rb") as file:
        while file.read(1 << 20):
            pass


_WRITE = """
import sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path; from data import write_history
write_history(Path(sys.argv[2]), int(sys.argv[3]))
"""


def measure(name: str, path: Path) -> dict[str, object]:
    """Median seconds of each task that the contender can do, its answers, and its greatest memory in MB."""
    seconds: dict[str, float] = {}
    answers: dict[str, list[int]] = {}

    def time_it(task: str, work: Callable[[], list[int] | None]) -> None:
        taken = []
        for _ in range(REPEATS[task]):
            began = time.perf_counter()
            answer = work()
            taken.append(time.perf_counter() - began)
        seconds[task] = statistics.median(taken)
        if answer is not None:
            answers[task] = answer

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        module, kind = CONTENDERS[name]
        contender = getattr(importlib.import_module(module), kind)(Path(folder))
        time_it(READ, lambda: contender.load(path))
        if name == OURS:
            time_it(BUILD, contender.build)
            time_it(BUILD_ANY, lambda: contender.build_within(WINDOW_DAYS))
            time_it(STEPS, lambda: [stage.leads for stage in contender.steps().stages])
        if hasattr(contender, "reached"):
            time_it(COUNT, contender.reached)
        if hasattr(contender, "reached_within"):
            time_it(COUNT_ANY, lambda: contender.reached_within(WINDOW_DAYS))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"seconds": seconds, "answers": answers, "memory": memory}


def report(told: dict[str, dict], path: Path, entries: int) -> int:
    """Print the table and what was expected; 1 where answers differ or an expectation is missed, else 0."""
    seconds = {name: each["seconds"] for name, each in told.items()}
    tasks = [READ, BUILD, BUILD_ANY, COUNT, COUNT_ANY, STEPS]
    size = path.stat().st_size / 1e6
    print(f"\n{entries:,} entries, {told[OURS]['answers'][COUNT][0]:,} leads at the first stage, CSV of {size:.0f} MB")
    print(_machine(), "\n")
    print(f"| seconds, median | {' | '.join(told)} |\n|---|{'---:|' * len(told)}")
    for task in tasks:
        cells = (f"{seconds[name][task]:.3f}" if task in seconds[name] else "" for name in told)
        print(f"| {task} | {' | '.join(cells)} |")
    print(f"| peak memory, MB | {' | '.join(str(each['memory']) for each in told.values())} |\n")

    ours = seconds[OURS]
    verdicts = [
        (f"equal answers: {COUNT}", _equal(told, (COUNT, STEPS))),
        (f"equal answers: {COUNT_ANY}", _equal(told, (COUNT_ANY,))),
        _at_least("times faster than windowFunnel, a funnel query", seconds["ClickHouse"][COUNT] / ours[COUNT], 10),
        _at_most("of its own time to read the CSV, building journeys", ours[BUILD] / ours[READ], 1),
        _at_most("of the time of a bare DuckDB read_csv, reading to history", ours[READ] / seconds["DuckDB"][READ], 2),
    ]
    for sentence, good in verdicts:
        print(f"{'yes' if good else 'NO '}  {sentence}")
    print(
        f"     building journeys takes {ours[BUILD] / seconds['DuckDB'][READ]:.2f} of the time of a bare DuckDB read_csv"
    )
    for peer in ("Polars", "pandas"):
        print(f"     a funnel query takes {ours[COUNT] / seconds[peer][COUNT]:.3f} of the time of {peer}")
    return 0 if all(good for _, good in verdicts) else 1


def _equal(told: dict[str, dict], tasks: tuple[str, ...]) -> bool:
    answers = [each["answers"][task] for each in told.values() for task in tasks if task in each["answers"]]
    return len(answers) > 1 and all(answer == answers[0] for answer in answers)


def _at_least(what: str, ratio: float, wanted: float) -> tuple[str, bool]:
    return f"{ratio:.1f} {what} (at least {wanted})", ratio >= wanted


def _at_most(what: str, ratio: float, wanted: float) -> tuple[str, bool]:
    return f"{ratio:.2f} {what} (at most {wanted})", ratio <= wanted


def _machine() -> str:
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        processor = models[0] if models else processor
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{package} {importlib.metadata.version(package)}" for package in PACKAGES)
    return f"{processor}, {os.cpu_count()} cores, {memory:.0f} GB · Python {platform.python_version()}, {versions}"


if __name__ == "__main__":
    sys.exit(main())
