"""`within`: how each lead stood when its window ended, since what came after it does not count."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Pairs

from funnel.journeys.entries import known_as, value_table
from funnel.nouns import LOST_CONCEPTS, WON_CONCEPT, Ends
from funnel.sql import Paragraph, Query, compose, days, greatest, identifier, marks


def within_query(
    places: Pairs[str, int],
    stages: int,
    concepts: Pairs[str, str],
    ends: Ends,
    journeys: str,
    opened: str,
    window_days: int,
    history: str,
) -> Query:
    """The select behind a within table: lead_id, window_outcome ("won", "lost" or "open" when the window ended), window_stage (that of
    the last entry in it, the deepest of equals; NULL: none) and for each stage window_last_i, the time of the last entry there in it.

    The window opens at the column `opened` of the journeys; a lead of which that is NULL has no row. Entries without a time are in no
    window.
    """
    limit = f"journeys.{opened} + {days(window_days)}"
    meant = {
        "won": {label for label, concept in concepts.items() if concept == WON_CONCEPT},
        "lost": {label for label, concept in concepts.items() if concept in LOST_CONCEPTS},
        "reopened": ends.reopening,
        "back": ends.before_win,
    }
    values: list[object] = []
    columns = ["journeys.lead_id AS lead_id"]
    for name, labels in meant.items():
        columns.append(f"MAX(CASE WHEN {_among(labels)} THEN history.entered_at END) AS {name}_at")
        values += sorted(labels)
    columns += [
        *(
            f"MAX(CASE WHEN placement.position = {place} THEN history.entered_at END) AS window_last_{place}"
            for place in range(stages)
        ),
    ]
    last = "SELECT\n    " + ",\n    ".join(columns)
    last += f"""
FROM {identifier(journeys)} AS journeys
INNER JOIN {known_as(history, "history")} ON history.lead_id = journeys.lead_id
LEFT JOIN placement ON placement.label = history.label
WHERE history.entered_at <= {limit}
GROUP BY journeys.lead_id"""
    latest = greatest([f"ended.window_last_{place}" for place in range(stages)])
    standing = " ".join(f"WHEN ended.window_last_{place} = {latest} THEN {place}" for place in reversed(range(stages)))
    told = ["ended.lead_id AS lead_id", f"CASE {standing} END AS window_stage"]
    told += [f"ended.window_last_{place} AS window_last_{place}" for place in range(stages)]
    outcome = f"""CASE
        WHEN journeys.outcome_said IS NOT NULL
            THEN CASE WHEN journeys.ended_at <= {limit} THEN journeys.outcome_said ELSE 'open' END
        WHEN ended.won_at IS NOT NULL AND NOT COALESCE(ended.lost_at > ended.won_at, FALSE)
            AND NOT COALESCE(ended.back_at > ended.won_at AND COALESCE(ended.back_at > journeys.created_at, TRUE), FALSE) THEN 'won'
        WHEN ended.lost_at >= COALESCE(ended.reopened_at, ended.lost_at) THEN 'lost'
        WHEN journeys.outcome = 'lost' AND journeys.ended_at <= {limit} THEN 'lost'
        ELSE 'open'
    END AS window_outcome"""
    select = "SELECT\n    " + ",\n    ".join([*told, outcome])
    select += f"\nFROM ended\nINNER JOIN {identifier(journeys)} AS journeys ON journeys.lead_id = ended.lead_id"
    return compose(
        [
            value_table("placement", ("label", "position"), list(places.items())),
            Paragraph("ended", Query(last, tuple(values))),
        ],
        Query(select),
    )


def _among(labels: Collection[str]) -> str:
    return f"history.label IN ({marks(sorted(labels))})" if labels else "FALSE"
