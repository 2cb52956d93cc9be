"""From what was measured to the text that is printed: tables for each size, ratios, cost by size, notes, and whether answers agree."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from tasks import COHORTS, CONTENDERS, DATED, FUNNEL, LOOK, MODELS, OURS, READ, TASKS

from data import MODELS as GROUPED

Result = dict[str, Any]
Row = tuple[str, Callable[[Result], float | str | None]]
"""What the row says, and the seconds of a contender in it (a text: why there are none; None: it has no such task)."""
FIRST_TIME, START = "first time", "from the file to the first funnel"
BY_SIZE = (FUNNEL, DATED, COHORTS, MODELS)


def rows() -> list[Row]:
    """The rows in seconds, in their order."""
    found: list[Row] = []
    for row, task in TASKS.items():
        if task.first:
            found.append((f"{row}, {FIRST_TIME}", partial(_seconds, row=row, pick=_first)))
            found.append((row, partial(_seconds, row=row, pick=_later)))
        else:
            found.append((row, partial(_seconds, row=row, pick=_median)))
        if row == LOOK:
            found.append((START, _start))
    return found


def size_table(results: Sequence[Result]) -> str:
    """The table of one size: a row for each task, a column for each contender."""
    names = [result["contender"] for result in results]
    lines = [f"| seconds | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    for label, seconds in rows():
        cells = [_cell(seconds(result)) for result in results]
        if any(cells):
            lines.append(f"| {label} | {' | '.join(cells)} |")
    memory = (f"{result['memory']:,}" if result["memory"] else "" for result in results)
    lines.append(f"| peak memory, MB | {' | '.join(memory)} |")
    return "\n".join(lines)


def ratio_table(by_size: dict[int, list[Result]]) -> str:
    """Ours : best peer for each task and size."""
    lines = [f"| ours : best peer | {_sizes(by_size)} |", f"|---|{'---:|' * len(by_size)}"]
    for label, seconds in rows():
        cells = []
        for results in by_size.values():
            ours = next((seconds(result) for result in results if result["contender"] == OURS), None)
            peers = {each["contender"]: seconds(each) for each in results if each["contender"] != OURS}
            timed = {name: took for name, took in peers.items() if isinstance(took, float)}
            best = min(timed, key=lambda name: timed[name], default=None)
            cells.append(f"{ours / timed[best]:.2f} {best}" if isinstance(ours, float) and best is not None else "")
        if any(cells):
            lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def cost_table(by_size: dict[int, list[Result]]) -> str:
    """Our milliseconds for a million entries, by size."""
    lines = [f"| milliseconds per million entries, ours | {_sizes(by_size)} |", f"|---|{'---:|' * len(by_size)}"]
    for label, seconds in rows():
        if label not in BY_SIZE:
            continue
        cells = []
        for entries, results in by_size.items():
            took = next((seconds(result) for result in results if result["contender"] == OURS), None)
            cells.append(f"{took * 1e9 / entries:.1f}" if isinstance(took, float) else "")
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def heading(entries: int, results: Sequence[Result]) -> str:
    """The size, the machines, the versions, and how busy the machine was."""
    leads = next((each["tasks"][FUNNEL]["answers"]["all"][0] for each in results if _timed(each, FUNNEL)), None)
    size = max(result["file_mb"] for result in results)
    versions: dict[str, str] = {}
    for result in results:
        versions |= result["versions"]
    machines = "; ".join(dict.fromkeys(result["machine"] for result in results))
    days = sorted({result["measured"][:10] for result in results})
    others = max((result["others"] for result in results if result["others"] is not None), default=None)
    quiet = "" if others is None else f"; other work took {others:.1f} cores at the most while a contender ran"
    return (
        f"{entries:,} entries{f' of {leads:,} leads' if leads else ''}, a CSV of {size:,.0f} MB, measured {' and '.join(days)}\n"
        f"{machines}{quiet}\n"
        f"{', '.join(f'{package} {version}' for package, version in versions.items())}"
    )


def notes(by_size: dict[int, list[Result]]) -> list[str]:
    """What a reader should know, each once; why a contender stopped, where the cell has no room for it."""
    said = [
        "Seconds: the median of several runs, of long tasks one run. An empty cell: the contender has no such task."
        " “> … s” and “out of memory”: it was stopped there."
    ]
    said += [note for results in by_size.values() for result in results for note in result["notes"]]
    for entries, results in by_size.items():
        for result in results:
            for row, told in result["tasks"].items():
                if told.get("stopped", "").startswith("failed"):
                    said.append(f"{result['contender']}, {entries:,} entries, {row}: {told['stopped']}")
    return list(dict.fromkeys(said))


def verdicts(entries: int, results: Sequence[Result]) -> Iterator[tuple[str, bool]]:
    """Whether all that answered a question of one size said the same, and the peers' models are the catalogue's."""
    for question in dict.fromkeys(task.question for task in TASKS.values() if task.row != READ):
        said: dict[str, dict[str, Any]] = {}
        for result in results:
            for row, task in TASKS.items():
                if task.question == question and _timed(result, row):
                    for asked, answer in result["tasks"][row]["answers"].items():
                        said.setdefault(asked, {})[f"{result['contender']}, {row}"] = answer
        who = dict.fromkeys(name.split(", ")[0] for each in said.values() for name in each)
        if not who:
            continue
        apart = {
            asked: each for asked, each in said.items() if len({json.dumps(answer) for answer in each.values()}) > 1
        }
        more = "".join(
            f"\n       {asked}: {name}: {_part(answer, list(each.values()))}"
            for asked, each in list(apart.items())[:1]
            for name, answer in each.items()
        )
        yield f"{entries:,} entries, {question}: equal answers of {', '.join(who)}{more}", not apart
    for result in results:
        if result["placement"] is not None:
            ours = {key: [sorted(labels) for labels in groups] for key, groups in GROUPED.items()}
            yield f"{entries:,} entries: the peers' four models are those of the catalogue", result["placement"] == ours


def _part(answer: Any, others: list[Any]) -> Any:
    """Of an answer in parts (by month, by model), those in which the answers are not all alike."""
    if not isinstance(answer, dict):
        return answer
    return {part: count for part, count in answer.items() if any(other.get(part) != count for other in others)}


def _start(result: Result) -> float | str | None:
    read = _seconds(result, READ, _median)
    look = _seconds(result, LOOK if LOOK in result["tasks"] else FUNNEL, _first)
    return read + look if isinstance(read, float) and isinstance(look, float) else None


def _seconds(result: Result, row: str, pick: Callable[[list[float]], float]) -> float | str | None:
    told = result["tasks"].get(row)
    if told is None:
        return None
    return pick(told["seconds"]) if "seconds" in told else told["stopped"]


def _first(taken: list[float]) -> float:
    return taken[0]


def _later(taken: list[float]) -> float:
    return _median(taken[1:] or taken)


def _median(taken: list[float]) -> float:
    return float(statistics.median(taken))


def _timed(result: Result, row: str) -> bool:
    return "answers" in result["tasks"].get(row, {})


def _cell(value: float | str | None) -> str:
    if isinstance(value, str):
        return value.split(":")[0]
    if value is None:
        return ""
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"


def _sizes(by_size: dict[int, list[Result]]) -> str:
    return " | ".join(f"{entries:,}" for entries in by_size)


def in_order(results: Sequence[Result]) -> list[Result]:
    """Results in the order of the contenders."""
    return sorted(results, key=lambda result: list(CONTENDERS).index(result["contender"]))
