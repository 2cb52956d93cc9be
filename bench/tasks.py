"""What every contender is asked, and how often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

CONTENDERS = {
    "Funnel Lens": ("ours", "FunnelLens"),
    "ClickHouse": ("peers", "ClickHouse"),
    "Polars": ("peers", "Polars"),
    "DuckDB": ("peers", "DuckDB"),
    "pandas": ("peers", "Pandas"),
    "retentioneering": ("peers", "Retentioneering"),
}
OURS = "Funnel Lens"
SIZES = (100_000, 1_000_000, 10_000_000, 50_000_000)
WINDOW_DAYS = 90

# The left end of the date slider goes to another day each time, so that no answer can be one that was kept.
DATES = tuple((date(2023, 3, 1) + timedelta(days=30 * place), date(2024, 12, 31)) for place in range(7))
MOST_RUNS = len(DATES)
LONG_SECONDS = 8.0
"""A task is run again while that keeps within this time, MOST_RUNS times at the most; a first run that stands by itself is not counted."""


@dataclass(frozen=True)
class Task:
    """A row of the table. `ask` calls a contender, for the given time in a row, and returns its answer by what was asked.

    A contender without the method `needs` leaves the cell empty. Tasks of one `question` must have equal answers. `first`: the
    first run is told in a row of its own, since what it builds is kept. `runs` at the most.
    """

    row: str
    needs: str
    ask: Callable[[Any, int], dict[str, Any]]
    question: str
    first: bool = False
    runs: int = MOST_RUNS


def _plain(method: str, *values: Any) -> Callable[[Any, int], dict[str, Any]]:
    return lambda contender, _run: {"all": getattr(contender, method)(*values)}


def _dated(method: str) -> Callable[[Any, int], dict[str, Any]]:
    def ask(contender: Any, run: int) -> dict[str, Any]:
        dates = DATES[run % len(DATES)]
        return {f"{dates[0]} to {dates[1]}": getattr(contender, method)(dates)}

    return ask


READ, LOOK, FUNNEL, DATED, COHORTS, MODELS = (
    "read the CSV",
    "first look",
    "funnel",
    "funnel of other dates",
    "cohorts by month",
    "four models",
)
TASKS = {
    task.row: task
    for task in (
        Task(READ, "load", lambda contender, _run: contender.load(contender.path) or {}, "read", runs=3),
        Task(LOOK, "look", _plain("look"), "funnel", runs=1),
        Task(FUNNEL, "reached", _plain("reached"), "funnel"),
        Task(DATED, "reached", _dated("reached"), "dates"),
        Task(COHORTS, "cohorts", _plain("cohorts"), "cohorts", first=True),
        Task(MODELS, "models", _plain("models"), "models", first=True),
        Task(
            f"funnel within {WINDOW_DAYS} days of any entry",
            "reached_within",
            _plain("reached_within", WINDOW_DAYS),
            "window",
            first=True,
        ),
    )
}
