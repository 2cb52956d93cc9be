"""How each lead ended: won, lost or still open; the definitions stand in `funnel.journeys`."""

from __future__ import annotations

from collections.abc import Mapping as Pairs

from funnel.journeys.entries import entries_of, value_table
from funnel.nouns import IGNORED, LOST_CONCEPTS, WON_CONCEPT
from funnel.sql import Paragraph, Query, compose


def ends_query(concepts: Pairs[str, str], *, all_labels: bool) -> Query:
    """The leads that ever entered a label that means won or lost: lead_id, seen_won, first_won_at, last_won_at, seen_lost,
    last_lost_at, only_lost.

    `only_lost` (the lead is recorded at exits and nowhere else) is told only where `all_labels` are looked at.
    """
    meanings = {label: _meaning(concept) for label, concept in concepts.items() if concept != IGNORED}
    if not all_labels:
        meanings = {label: meaning for label, meaning in meanings.items() if meaning != "stage"}
    ends = f"""SELECT
    entries.lead_id AS lead_id,
    MAX(CASE WHEN entries.meaning = 'won' THEN 1 ELSE 0 END) AS seen_won,
    MIN(CASE WHEN entries.meaning = 'won' THEN entries.entered_at END) AS first_won_at,
    MAX(CASE WHEN entries.meaning = 'won' THEN entries.entered_at END) AS last_won_at,
    MAX(CASE WHEN entries.meaning = 'lost' THEN 1 ELSE 0 END) AS seen_lost,
    MAX(CASE WHEN entries.meaning = 'lost' THEN entries.entered_at END) AS last_lost_at,
    {"MIN(CASE WHEN entries.meaning = 'lost' THEN 1 ELSE 0 END)" if all_labels else "0"} AS only_lost
FROM entries
GROUP BY entries.lead_id"""
    return compose(
        [
            value_table("meanings", ("label", "meaning"), list(meanings.items())),
            Paragraph("entries", entries_of("meanings", "meaning")),
        ],
        Query(ends),
    )


OUTCOME = """CASE
        WHEN leads.outcome_said IS NOT NULL THEN leads.outcome_said
        WHEN ends.seen_won = 1 AND NOT COALESCE(ends.last_lost_at > ends.last_won_at, FALSE) THEN 'won'
        WHEN ends.seen_lost = 1
            AND COALESCE(ends.last_lost_at >= GREATEST(firsts.latest_at, ends.last_won_at), TRUE) THEN 'lost'
        ELSE 'open'
    END"""
"""The outcome of a lead, over `leads`, `firsts` (its stages) and `ends` (its wins and exits)."""

ENDED_AT = f"""CASE {OUTCOME}
        WHEN 'won' THEN COALESCE(ends.first_won_at, leads.closed_at)
        WHEN 'lost' THEN COALESCE(ends.last_lost_at, leads.closed_at)
    END"""
"""When it ended: the first win, or the last exit; NULL while it is open."""


def _meaning(concept: str) -> str:
    if concept == WON_CONCEPT:
        return "won"
    return "lost" if concept in LOST_CONCEPTS else "stage"
