"""A contender's process under watch: stopped when one task takes too long or the process too much memory, then begun again with what
is left."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks import READ, TASKS

HERE = Path(__file__).parent
OUT_OF_MEMORY = "out of memory"
KILLED = -9
LOOK_EVERY_SECONDS = 0.2


@dataclass(frozen=True)
class Limits:
    """`seconds` for a run of a task, `read_seconds` for reading, on which all else depends; `memory_mb` of resident memory (watched
    where there is /proc)."""

    seconds: float
    read_seconds: float
    memory_mb: int


def measure(contender: str, path: Path, limits: Limits, python: str = sys.executable) -> dict[str, Any]:
    """What one contender did: `tasks` (for each its seconds and answers, or why it was `stopped`), memory, versions, notes, placement.
    A task that was left out is one that it cannot do."""
    tasks: dict[str, Any] = {}
    told: dict[str, Any] = {"tasks": tasks, "memory": 0, "versions": {}, "notes": [], "placement": None}
    left = [row for row in TASKS if row != READ]
    while True:
        stopped = _watch([python, str(HERE / "measure.py"), contender, str(path)], left, limits, told)
        if stopped is None and "stopped" in tasks[READ]:
            stopped = READ, tasks[READ]["stopped"]
        if stopped is None:
            return told
        task, why = stopped
        tasks.setdefault(task, {"stopped": why})
        if task == READ:
            tasks.update({row: {"stopped": why} for row in left})
            return told
        left = left[left.index(task) + 1 :]


def _watch(command: list[str], left: list[str], limits: Limits, told: dict[str, Any]) -> tuple[str, str] | None:
    """Run until the end, adding to `told` and taking from `left` what the contender cannot do; or the task at which the process was
    stopped, and why."""
    running, began = READ, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        environment = {**os.environ, "TMPDIR": folder, "RETENTIONEERING_NO_TRACK": "1", "PYTHONWARNINGS": "ignore"}
        with (
            open(Path(folder) / "stderr", "w+") as stderr,
            subprocess.Popen(
                [*command, folder, *left], stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment
            ) as process,
        ):
            lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
            threading.Thread(target=_follow, args=(process.stdout, lines), daemon=True).start()
            while True:
                try:
                    line = lines.get(timeout=LOOK_EVERY_SECONDS)
                except queue.Empty:
                    resident = _resident_mb(process.pid)
                    told["memory"] = max(told["memory"], resident)
                    most = limits.read_seconds if running == READ else limits.seconds
                    if resident > limits.memory_mb:
                        process.kill()
                        return running, OUT_OF_MEMORY
                    if time.monotonic() - began > most:
                        process.kill()
                        return running, f"> {most:g} s"
                    continue
                if line is None:
                    break
                said = json.loads(line)
                if "can" in said:
                    left[:] = said["can"][1:]
                elif "begins" in said:
                    running, began = said["begins"], time.monotonic()
                elif "task" in said:
                    _note(said, told["tasks"])
                else:
                    told.update(said, memory=max(told["memory"], said["memory"]))
            if process.wait() == KILLED:
                return running, OUT_OF_MEMORY
            if process.returncode:
                stderr.seek(0)
                return running, f"failed: {(stderr.read().strip().splitlines() or ['no word'])[-1]}"
    return None


def _note(said: dict[str, Any], tasks: dict[str, Any]) -> None:
    """Keep what became of a task; the file that is read again after a stop is not timed again."""
    if "failed" in said:
        why = OUT_OF_MEMORY if "memory" in said["failed"].casefold() else f"failed: {said['failed']}"
        tasks[said["task"]] = {"stopped": why}
    else:
        tasks.setdefault(said["task"], {"seconds": said["seconds"], "answers": said["answers"]})


def _follow(stream: Any, lines: queue.SimpleQueue[str | None]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)


def _resident_mb(process: int) -> int:
    """0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20
