"""What every command answers with --json over samples and small files, kept word for word: `python -m tests.golden_answers` writes it anew.

A change of these files is a change of what scripts read: it is listed in the changelog, or it is a mistake.
"""

from __future__ import annotations

import contextlib
import io
import math
import shlex
from pathlib import Path
from typing import Any

from funnel.cli.command import main

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "tests" / "golden"
SAMPLES = {name: f"data/samples/leads-{name}.csv.gz" for name in ("history", "snapshot", "wide")}
SMALL = {
    name: f"tests/exports/{name}.csv"
    for name in ("hubspot_snapshot", "pipedrive_changes", "salesforce_history", "log_sparse")
}
ASKED = {
    "inspect": "inspect",
    "steps": "steps --model standard --by Region --groups 3",
    "steps_in_order": "steps --rule in-order --window 90",
    "steps_any_entry": "steps --rule in-order --window 90 --entry any --unit account --from 2024-01-01 --to 2024-06-30",
    "steps_strict": "steps --model standard --rule strict",
    "entry": "entry --model tests/entry.toml",
    "entry_latest": "entry --model tests/entry.toml --attributes latest --rule visited --window 90 --unit account",
    "compare": "compare --models standard,aida,consumer-decision-journey,account-based",
    "cohorts": "cohorts --period quarter --from 2024-01-01 --to 2024-12-31 --day 90,180",
    "times": "times --by Region --groups 2",
    "moves": "moves --paths 5",
    "segments": "segments --by Channel --from 2024-01-01",
    "scan": "scan --from 2024-07-01",
    "change": "change --before 2023 --after 2024 --by Channel",
    "effect": "effect --model standard --on 2024-04-15 --day 60 --gap --only Region=EMEA",
    "plan": "plan --hoped 0.12",
    "bridge": "bridge --model standard --unit account --from 2024-12-31 --to 2025-03-31",
    "expand": "expand --from 2024-01-01",
    "forecast": "forecast --model standard --months 3 --target-wins 150",
    "watch": "watch --model tofu-mofu-bofu --observed-until 2025-06-15 --digest",
    "target": "target --model standard --by 2025-12-31 --wins 300 --step Qualification=+5 --arrivals 1.2",
}
TOUCHES = (
    "touches data/samples/leads-history.csv.gz --touches data/samples/touches.csv.gz --model standard --to 2024-12-31"
)
ANSWERED = (0, 3, 4)
"""Exit codes of an answer; of `watch` 3 and 4 too, since something rings."""
OF_SMALL = {"inspect": "inspect", "steps": "steps", "moves": "moves --paths 5", "times": "times"}


def commands() -> dict[str, str]:
    """The name of each answer, and the command that gives it."""
    found = {"models": "models", "models_th": "models --language th", "touches": TOUCHES}
    for files, asked in ((SAMPLES, ASKED), (SMALL, OF_SMALL)):
        for name, file in files.items():
            for key, command in asked.items():
                verb, *options = shlex.split(command)
                found[f"{name}-{key}"] = shlex.join([verb, file, *options])
    found["contracts-expand"] = "expand data/samples/contracts.csv.gz --at 2025-03"
    return found


def answered(command: str) -> str:
    """What a command prints; its complaint, where it has no answer."""
    told, complaint = io.StringIO(), io.StringIO()
    arguments = [str(ROOT / each) if (ROOT / each).is_file() else each for each in shlex.split(command)]
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(complaint):
        code = main([*arguments, "--json"])
    return told.getvalue() if code in ANSWERED else f'{{"complaint": "{complaint.getvalue().strip()}"}}'


def differing(one: Any, other: Any, place: str = "") -> list[str]:
    """The places at which two answers differ: keys and their order, texts and whole numbers exactly, fractions to nine digits."""
    if isinstance(one, dict) and isinstance(other, dict):
        if list(one) != list(other):
            return [f"{place}: keys {list(one)} and {list(other)}"]
        return [each for key in one for each in differing(one[key], other[key], f"{place}.{key}")]
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return [f"{place}: {len(one)} and {len(other)} entries"]
        pairs = zip(one, other, strict=True)
        return [each for row, pair in enumerate(pairs) for each in differing(*pair, f"{place}[{row}]")]
    if isinstance(one, float) and isinstance(other, float):
        # Threads add up fractions in any order.
        return [] if math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12) else [f"{place}: {one} and {other}"]
    return [] if type(one) is type(other) and one == other else [f"{place}: {one!r} and {other!r}"]


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, command in commands().items():
        (FOLDER / f"{name}.json").write_text(answered(command), encoding="utf-8")
