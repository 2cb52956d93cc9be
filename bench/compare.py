"""`python bench/compare.py [--entries 10_000_000]`: the same leads through four models, in one run beside ClickHouse.

Says how long the page's questions take at first, when one model is swapped, and when the dates change; and looks at every statement
that runs: a swap may build tables of the new model only, and a change of dates may not read the history at all. For comparison:
four `windowFunnel` queries, one for each model, over the same history. Each side runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from funnel import measures

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
MODELS = ("standard", "aida", "tofu-mofu-bofu", "awareness-to-loyalty")
SWAPPED_IN = "lifecycle"
REPEATS = 5


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--entries", type=int, default=10_000_000, help="default 10_000_000: of 2 million leads")
    asked.add_argument("--side", choices=["ours", "peer"], help=argparse.SUPPRESS)
    arguments = asked.parse_args()
    path = HERE / "out" / f"history-{arguments.entries}.csv"
    if arguments.side:
        print(json.dumps(ours(path) if arguments.side == "ours" else peer(path)))
        return 0
    if not path.exists():
        from data import write_history

        write_history(path, arguments.entries)
    command = [sys.executable, __file__, "--entries", str(arguments.entries), "--side"]
    found = {
        side: json.loads(subprocess.run([*command, side], check=True, stdout=subprocess.PIPE).stdout)
        for side in ("ours", "peer")
    }
    return report(found["ours"], found["peer"]["seconds"], arguments.entries)


def ours(path: Path) -> dict[str, object]:
    """Seconds of each task, and what the statements of the two changes did."""
    import funnel
    from funnel.core.engine import Engine

    ran: list[str] = []
    running = Engine._running
    Engine._running = lambda self, query: ran.append(query.text) or running(self, query)
    told: dict[str, object] = {}

    def timed(name: str, work: Callable[[], object]) -> None:
        began = time.perf_counter()
        work()
        told[name] = time.perf_counter() - began

    with funnel.open(path) as data_set:
        last = data_set.last_start.date()

        def pictures(models: tuple[str, ...], **dates: object) -> list:
            questions = data_set.ask(measures.lined_up, [data_set.question(model, **dates) for model in models])
            for question in questions:
                data_set.ask(measures.steps, question)
            data_set.ask(measures.flows, questions)
            data_set.ask(measures.alignment, questions)
            return questions

        def scoreboard(models: tuple[str, ...], **dates: object) -> None:
            questions = data_set.ask(measures.lined_up, [data_set.question(model, **dates) for model in models])
            for question in questions:
                data_set.ask(measures.score, question, data_set.ask(measures.reference, questions))

        timed("pictures, first", lambda: pictures(MODELS))
        timed("scoreboard, first", lambda: scoreboard(MODELS))
        ran.clear()
        swapped = (*MODELS[:3], SWAPPED_IN)
        timed("pictures, one model swapped", lambda: pictures(swapped))
        timed("scoreboard, one model swapped", lambda: scoreboard(swapped))
        told["tables built by the swap"] = [
            name
            for text in ran
            for name in re.findall(r'CREATE OR REPLACE TABLE "((?:journeys|transitions|panel|landmarks)_\d+)"', text)
        ]
        ran.clear()
        pictured, scored = [], []
        for place in range(1, REPEATS + 1):
            dates = {"start_from": last - timedelta(days=90 * place), "start_to": last - timedelta(days=30)}
            timed("again", lambda dates=dates: pictures(swapped, **dates))
            pictured.append(told.pop("again"))
            timed("again", lambda dates=dates: scoreboard(swapped, **dates))
            scored.append(told.pop("again"))
        told["pictures, dates changed"] = sorted(pictured)[REPEATS // 2]
        told["scoreboard, dates changed"] = sorted(scored)[REPEATS // 2]
        told["reads of the history by the dates"] = sum(bool(re.search(r"\bhistory\b", text)) for text in ran)
        told["leads"] = data_set.leads
    return told


def peer(path: Path) -> dict[str, float]:
    """Seconds of four windowFunnel queries over all leads, the median of several."""
    from peers import ClickHouse

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        contender = ClickHouse(Path(folder))
        contender.load(path)
        taken = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            for _ in MODELS:
                contender.reached()
            taken.append(time.perf_counter() - began)
    return {"seconds": sorted(taken)[REPEATS // 2]}


def report(told: dict, four_funnels: float, entries: int) -> int:
    """Print the table and what was expected; 1 where an expectation is missed."""
    print(
        f"{entries:,} entries of {told['leads']:,} leads, four models\n\n| seconds | pictures | scoreboard |\n|---|---:|---:|"
    )
    for task in ("first", "one model swapped", "dates changed"):
        print(f"| {task} | {told[f'pictures, {task}']:.2f} | {told[f'scoreboard, {task}']:.2f} |")
    print(f"| four windowFunnel queries (ClickHouse) | {four_funnels:.2f} | |\n")
    built = told["tables built by the swap"]
    ratio = told["pictures, dates changed"] / four_funnels
    verdicts = [
        (f"a swap builds at most two tables, those of the new model: {', '.join(built)}", len(built) <= 2),
        (
            f"a change of dates reads the history {told['reads of the history by the dates']} times",
            told["reads of the history by the dates"] == 0,
        ),
        (
            f"{ratio:.2f} of the time of four windowFunnel queries, all pictures after a change of dates (at most 1)",
            ratio <= 1,
        ),
    ]
    for sentence, good in verdicts:
        print(f"{'yes' if good else 'NO '}  {sentence}")
    return 0 if all(good for _, good in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
