"""`python bench/measure.py CONTENDER CSV FOLDER [TASK …]`: one contender in this process; a line of JSON for whatever happens.

{"can": the tasks that it has a method for}, {"begins": task} before each run, {"task", "seconds", "answers"} after its last one,
{"task", "failed"} when it raised, and at last {"memory": the greatest resident set in MB, "versions", "notes", "placement"}. Only
these lines go to standard output.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import platform
import resource
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from tasks import CONTENDERS, LONG_SECONDS, READ, TASKS, Task  # noqa: E402


def main() -> int:
    name, path, folder, *wanted = sys.argv[1:]
    lines = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a library prints is no line of ours

    def tell(**told: Any) -> None:
        print(json.dumps(told), file=lines)

    module, kind = CONTENDERS[name]
    contender = getattr(importlib.import_module(module), kind)(Path(folder))
    contender.path = Path(path)
    can = [row for row in (READ, *wanted) if hasattr(contender, TASKS[row].needs)]
    tell(can=can)
    for task in (TASKS[row] for row in can):
        try:
            seconds, answers = _run(contender, task, tell)
        except Exception as failure:
            tell(task=task.row, failed=f"{type(failure).__name__}: {failure}".splitlines()[0][:300])
            if task.row == READ:
                break
        else:
            tell(task=task.row, seconds=seconds, answers=answers)
    versions = {package: importlib.metadata.version(package) for package in contender.PACKAGES}
    tell(
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        versions={"Python": platform.python_version(), **versions},
        notes=list(contender.NOTES),
        placement=contender.placement() if hasattr(contender, "placement") else None,
    )
    lines.flush()
    # What a contender would tidy up is in the folder, which goes as a whole; some take long to say good-bye.
    os._exit(0)


def _run(contender: Any, task: Task, tell: Any) -> tuple[list[float], dict[str, Any]]:
    """Seconds of each run, the first one first, and the answers by what was asked; ValueError where a run answers otherwise than one
    before."""
    seconds: list[float] = []
    answers: dict[str, Any] = {}
    while len(seconds) < task.runs:
        spent = seconds[1:] if task.first else seconds
        if spent and sum(spent) + spent[-1] > LONG_SECONDS:
            break
        tell(begins=task.row)
        began = time.perf_counter()
        answer = task.ask(contender, len(seconds))
        seconds.append(time.perf_counter() - began)
        for asked, found in answer.items():
            if answers.setdefault(asked, found) != found:
                raise ValueError(f"{asked}: {found} in one run and {answers[asked]} in another")
    return seconds, answers


if __name__ == "__main__":
    sys.exit(main())
