"""What came after a lead's counted arrival at a stage, as SQL; the definitions stand in `funnel.journeys`."""

from __future__ import annotations

from funnel.core.sql import days
from funnel.core.types import Rule
from funnel.journeys.rules import RULES, Arrival

FATES = ("advanced", "skipped_ahead", "lost", "moved_back", "still_there")
"""The parts of a stage's ledger; in SQL a fate is its index in this tuple plus 1, and 0 where the lead does not count."""


def is_reached(row: str, rule: Rule, position: int, window_days: int | None = None) -> str:
    """Whether a journey counts at one stage under a rule and a window, as SQL: never NULL, and where its fate is not 0. It takes less
    work than to tell the fate."""
    counting = RULES[rule]
    if window_days is None:
        return counting.reached(row, position)
    until = f"{row}.{counting.opened} + {days(window_days)}"
    return f"COALESCE({row}.{counting.column}_{position} <= {until}, FALSE)"


def fate(row: str, rule: Rule, position: int, stages: int, window_days: int | None = None, ready: bool = False) -> str:
    """The SQL expression of a journey's fate at one stage under a rule and a window.

    `row` has the columns of a journeys table, and with a window those of `Journeys.within`; or (`ready`) reached_i and time_i in their
    place, as `measures.population` makes them.
    """
    counting = RULES[rule]

    def time(other: int) -> str:
        return f"{row}.time_{other}" if ready else f"{row}.{counting.column}_{other}"

    def reached(other: int) -> str:
        # Told anew in each case of each fate, whether a window was kept would take more work than all else.
        return is_reached(row, rule, other) if window_days is None and not ready else f"{row}.reached_{other}"

    def last(other: int) -> str:
        return f"{row}.last_{other}" if ready or window_days is None else f"{row}.window_last_{other}"

    advanced = beyond = "FALSE"
    if position + 1 < stages:
        last_stage = f"{row}.last_stage" if window_days is None else None
        advanced, beyond = counting.exits(Arrival(row, position, stages, reached, time, last, last_stage))
    outcome, stage = ("outcome", "last_stage") if window_days is None else ("window_outcome", "window_stage")
    return (
        f"CASE WHEN NOT ({reached(position)}) THEN 0 WHEN {advanced} THEN 1 WHEN {beyond} THEN 2"
        f" WHEN {row}.{outcome} = 'lost' THEN 3 WHEN {row}.{outcome} = 'open' AND {row}.{stage} < {position} THEN 4 ELSE 5 END"
    )
