"""What came after a lead's counted arrival at a stage, as SQL; the definitions stand in `funnel.journeys`."""

from __future__ import annotations

from funnel.core.sql import days, greatest
from funnel.core.types import Rule

FATES = ("advanced", "skipped_ahead", "lost", "moved_back", "still_there")
"""The parts of a stage's ledger; in SQL a fate is its place in this tuple plus 1, and 0 where the lead does not count."""
COLUMN_OF_RULE = {Rule.PASSED: "passed", Rule.VISITED: "first", Rule.IN_ORDER: "ordered"}


def opened_at(rule: Rule) -> str:
    """The column of a journeys table that says when the window of a lead opened."""
    return "ordered_0" if rule is Rule.IN_ORDER else "started_at"


def is_reached(row: str, rule: Rule, place: int, window_days: int | None = None) -> str:
    """Whether a journey counts at one stage under a rule and a window, as SQL: never NULL, and where its fate is not 0. It takes less
    work than to tell the fate."""
    if window_days is not None:
        until = f"{row}.{opened_at(rule)} + {days(window_days)}"
        return f"COALESCE({row}.{COLUMN_OF_RULE[rule]}_{place} <= {until}, FALSE)"
    if rule is Rule.IN_ORDER:
        return f"{row}.ordered_{place} IS NOT NULL"
    if rule is Rule.VISITED:
        return f"{row}.seen_{place}"
    return f"{row}.deepest >= {place}"


def fate(row: str, rule: Rule, place: int, stages: int, window_days: int | None = None, ready: bool = False) -> str:
    """The SQL expression of a journey's fate at one stage under a rule and a window.

    `row` has the columns of a journeys table, and with a window those of `Journeys.within`; or (`ready`) reached_i and time_i in their
    place, as `measures.population` makes them.
    """
    column = COLUMN_OF_RULE[rule]

    def time(other: int) -> str:
        return f"{row}.time_{other}" if ready else f"{row}.{column}_{other}"

    def reached(other: int) -> str:
        # Told anew in each case of each fate, whether a window was kept would take more work than all else.
        return is_reached(row, rule, other) if window_days is None and not ready else f"{row}.reached_{other}"

    def came_later(other: int) -> str:
        """Whether it was there at or after the counted arrival; TRUE where one of the moments is unknown."""
        last = f"{row}.last_{other}" if ready or window_days is None else f"{row}.window_last_{other}"
        return f"COALESCE({last} >= {time(place)}, TRUE)"

    later = range(place + 1, stages)
    if not later:
        advanced = beyond = "FALSE"
    elif rule is Rule.PASSED:
        beyond = reached(place + 1)
        first = f"{row}.first_{place + 1}"
        advanced = f"{beyond} AND {row}.seen_{place + 1} AND COALESCE({first} = {time(place + 1)}, TRUE)"
    elif rule is Rule.VISITED:
        both = [f"({reached(other)}) AND {came_later(other)}" for other in later]
        advanced, beyond = both[0], " OR ".join(both)
    else:
        advanced = reached(place + 1)
        lasts = [
            f"{row}.last_{other}" if ready or window_days is None else f"{row}.window_last_{other}" for other in later
        ]
        beyond = f"COALESCE({greatest(lasts)} >= {time(place)}, FALSE)"
        if window_days is None:
            beyond += f" OR {row}.last_stage > {place}"
    outcome, stage = ("outcome", "last_stage") if window_days is None else ("window_outcome", "window_stage")
    return (
        f"CASE WHEN NOT ({reached(place)}) THEN 0 WHEN {advanced} THEN 1 WHEN {beyond} THEN 2"
        f" WHEN {row}.{outcome} = 'lost' THEN 3 WHEN {row}.{outcome} = 'open' AND {row}.{stage} < {place} THEN 4 ELSE 5 END"
    )
