"""The query that builds a journeys table."""

from __future__ import annotations

from collections.abc import Mapping as Pairs

from funnel.journeys.entries import entries_of, value_table
from funnel.journeys.fates import COLUMN_OF_RULE, fate
from funnel.journeys.order import firsts, ordered_from_any, ordered_from_first
from funnel.sql import Paragraph, Query, compose, greatest, identifier, least

HOUSE_COLUMNS = ("lead_id", "account_id", "amount", "currency", "created_at", "closed_at", "outcome_said")


def journeys_query(
    places: Pairs[str, int],
    stages: int,
    attributes: list[str],
    *,
    any_window_days: int | None,
    start_from_created: bool,
) -> Query:
    """The select behind a journeys table; its columns are those of `Journeys.table`."""
    positions = range(stages)
    paragraphs = [
        value_table("placement", ("label", "position"), list(places.items())),
        Paragraph("placed", entries_of("placement", "position")),
        Paragraph("firsts", firsts(stages)),
    ]
    if any_window_days is None:
        paragraphs += ordered_from_first(stages)
    else:
        paragraphs += ordered_from_any(stages, any_window_days)
    earliest = least([f"ordered.first_{place}" for place in positions])
    start = (
        f"COALESCE(leads.created_at, {earliest})" if start_from_created else f"COALESCE({earliest}, leads.created_at)"
    )
    latest = greatest([f"ordered.last_{place}" for place in positions])
    # An undated entry is where the file says the lead stands now, so it is the last one.
    standing = " ".join(f"WHEN ordered.last_{place} = {latest} THEN {place}" for place in reversed(positions))
    deepest = " ".join(f"WHEN ordered.seen_{place} = 1 THEN {place}" for place in reversed(positions))
    columns = [
        *(f"leads.{column} AS {column}" for column in HOUSE_COLUMNS),
        *(f"leads.{identifier(column)} AS {identifier(column)}" for column in attributes),
        "outcomes.outcome AS outcome",
        "outcomes.ended_at AS ended_at",
        f"{start} AS started_at",
        f"COALESCE(ordered.undated_stage, CASE {standing} END) AS last_stage",
        f"CASE {deepest} END AS deepest",
    ]
    for place in positions:
        later = [f"ordered.first_{other}" for other in range(place, stages)]
        columns += [
            f"ordered.seen_{place} = 1 AS seen_{place}",
            f"ordered.first_{place} AS first_{place}",
            f"{least(later)} AS passed_{place}",
            f"ordered.ordered_{place} AS ordered_{place}",
        ]
    joined = """FROM leads
INNER JOIN ordered ON ordered.lead_id = leads.lead_id
INNER JOIN outcomes ON outcomes.lead_id = leads.lead_id"""
    paragraphs.append(Paragraph("timed", Query("SELECT\n    " + ",\n    ".join(columns) + "\n" + joined)))
    fates = [
        f"{fate('timed', rule, place, stages)} AS {column}_fate_{place}"
        for rule, column in COLUMN_OF_RULE.items()
        for place in positions
    ]
    return compose(paragraphs, Query("SELECT\n    timed.*,\n    " + ",\n    ".join(fates) + "\nFROM timed"))
