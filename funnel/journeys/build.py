"""The query that builds a journeys table."""

from __future__ import annotations

from collections.abc import Mapping as Pairs

from funnel.journeys.entries import entries_of, value_table
from funnel.journeys.fates import COLUMN_OF_RULE, fate
from funnel.journeys.order import firsts, resolved_from_any, resolved_from_first
from funnel.journeys.outcomes import ENDED_AT, OUTCOME
from funnel.sql import Paragraph, Query, compose, identifier, least

HOUSE_COLUMNS = ("lead_id", "account_id", "amount", "currency", "created_at", "closed_at", "outcome_said")


def work_tables(
    places: Pairs[str, int], stages: int, *, any_window_days: int | None, undated: bool
) -> list[tuple[str, Query]]:
    """The tables that `journeys_query` reads, in the order to build them: `firsts` and `resolved`.

    They are kept while it runs, since an engine that works a step out anew each time it is named takes twice as long.
    `undated` says that the history has entries without a time.
    """
    placed = [
        value_table("placement", ("label", "position"), list(places.items())),
        Paragraph("placed", entries_of("placement", "position")),
    ]
    resolved = resolved_from_first(stages) if any_window_days is None else resolved_from_any(stages, any_window_days)
    return [
        ("firsts", compose([*placed, *firsts(stages, undated)], Query("SELECT chained.*\nFROM chained"))),
        ("resolved", compose([*placed, *resolved], Query("SELECT resolved.*\nFROM resolved"))),
    ]


def journeys_query(stages: int, attributes: list[str], *, start_from_created: bool) -> Query:
    """The select behind a journeys table; its columns are those of `Journeys.table`."""
    positions = range(stages)
    earliest = least([f"firsts.first_{place}" for place in positions])
    start = (
        f"COALESCE(leads.created_at, {earliest})" if start_from_created else f"COALESCE({earliest}, leads.created_at)"
    )
    deepest = " ".join(f"WHEN firsts.seen_{place} THEN {place}" for place in reversed(positions))
    # A snapshot says of most lost leads only that they are lost: they started, and got nobody knows how far.
    columns = [
        *(f"leads.{column} AS {column}" for column in HOUSE_COLUMNS),
        *(f"leads.{identifier(column)} AS {identifier(column)}" for column in attributes),
        f"{OUTCOME} AS outcome",
        f"{ENDED_AT} AS ended_at",
        f"{start} AS started_at",
        "firsts.last_stage AS last_stage",
        f"CASE {deepest} ELSE 0 END AS deepest",
    ]
    for place in positions:
        passed = least([f"firsts.first_{other}" for other in range(place, stages)])
        if start_from_created and place == 0:
            passed = f"CASE WHEN firsts.lead_id IS NULL THEN leads.created_at ELSE {passed} END"
        columns += [
            f"COALESCE(firsts.seen_{place}, FALSE) AS seen_{place}",
            f"firsts.first_{place} AS first_{place}",
            f"{passed} AS passed_{place}",
            f"CASE WHEN resolved.lead_id IS NULL THEN firsts.ordered_{place} ELSE resolved.ordered_{place} END AS ordered_{place}",
        ]
    joined = f"""FROM leads
{"LEFT" if start_from_created else "INNER"} JOIN firsts ON firsts.lead_id = leads.lead_id
LEFT JOIN ends ON ends.lead_id = leads.lead_id
LEFT JOIN resolved ON resolved.lead_id = leads.lead_id"""
    if start_from_created:
        joined += "\nWHERE firsts.lead_id IS NOT NULL OR ends.only_lost = 1"
    timed = Paragraph("timed", Query("SELECT\n    " + ",\n    ".join(columns) + "\n" + joined))
    fates = [
        f"{fate('timed', rule, place, stages)} AS {column}_fate_{place}"
        for rule, column in COLUMN_OF_RULE.items()
        for place in positions
    ]
    return compose([timed], Query("SELECT\n    timed.*,\n    " + ",\n    ".join(fates) + "\nFROM timed"))
