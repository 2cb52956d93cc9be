"""What a watch remembers between two looks, as a small JSON file beside its rules: which rules ring since when, so that each is told once.

It is written whole or not at all, and only after the answer was given: whoever is stopped before that tells it again, never not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from funnel.core.decoding import Undecodable, decoded, refusing
from funnel.core.errors import QuestionError
from funnel.core.types.watch import Episode, WatchRules
from funnel.storage import json_text
from funnel.storage.manifest import write_json
from funnel.storage.watch_rules import to_toml

FORMAT = 1
ENDING = "-state.json"


@dataclass(frozen=True)
class WatchState:
    """`rules` and `observed_until` are digests of what the last look was by and at, `until` that moment; `episodes` how each rule stands,
    by its key."""

    rules: str = ""
    observed_until: str = ""
    until: datetime | None = None
    episodes: Mapping[str, Episode] = field(default_factory=dict)
    format: int = FORMAT


def beside(rules: Path) -> Path:
    """Where the state of these rules is kept, if nothing else is said: watch.toml → watch-state.json."""
    return rules.with_name(rules.stem + ENDING)


def state(rules: WatchRules, until: datetime, episodes: Mapping[str, Episode]) -> WatchState:
    """What is remembered of a look by these rules at this moment."""
    return WatchState(_digest(to_toml(rules)), _digest(until.isoformat()), until, dict(episodes))


def beside_newer(told: Mapping[str, Episode], remembered: Mapping[str, Episode]) -> dict[str, Episode]:
    """What is remembered after a look at an older moment: alarms that were told now and never before, beside all that was remembered."""
    kept = dict(remembered)
    for key, each in told.items():
        if key not in remembered or (each.since is not None and remembered[key].since is None):
            kept[key] = each
    return kept


def read(path: Path) -> WatchState:
    """What was remembered; nothing where there is no file yet. QuestionError where it is no state."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return WatchState()
    except (OSError, ValueError) as fault:
        raise QuestionError("command.watch_unreadable", file=str(path)) from fault
    try:
        value = json_text.parsed(content)
    except (ValueError, TypeError) as fault:
        raise QuestionError("command.watch_state_damaged", file=path.name) from fault
    with refusing(QuestionError, path.name, joint="."):
        found = decoded(WatchState, value)
        if found.format != FORMAT:
            raise Undecodable(str(FORMAT), "format", value=found.format)
        return found


def write(path: Path, remembered: WatchState) -> None:
    """Puts it there, whole or not at all. QuestionError where the place cannot be written to."""
    try:
        write_json(path, asdict(remembered))
    except (OSError, ValueError) as fault:
        raise QuestionError("command.watch_unwritable", file=str(path)) from fault


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
