"""How each lead stands at the end of the file: won, lost or open; the definitions stand in `funnel.journeys`."""

from __future__ import annotations

from collections.abc import Mapping as Pairs

from funnel.journeys.entries import entries_of, value_table
from funnel.nouns import IGNORED, LOST_CONCEPTS, WON_CONCEPT
from funnel.sql import Paragraph, Query, compose


def outcomes_query(concepts: Pairs[str, str]) -> Query:
    """Each lead with its outcome: lead_id, outcome, ended_at (won: first win; lost: last exit; open: NULL), recorded_outcome.

    `recorded_outcome` is what the history alone says; it differs from `outcome` where the file's outcome column disagrees.
    `only_lost`: the lead is recorded at exits and nowhere else.
    """
    meanings = {label: _meaning(concept) for label, concept in concepts.items() if concept != IGNORED}
    ends = """SELECT
    entries.lead_id AS lead_id,
    MAX(CASE WHEN entries.meaning = 'won' THEN 1 ELSE 0 END) AS seen_won,
    MIN(CASE WHEN entries.meaning = 'won' THEN entries.entered_at END) AS first_won_at,
    MAX(CASE WHEN entries.meaning = 'won' THEN entries.entered_at END) AS last_won_at,
    MAX(CASE WHEN entries.meaning = 'lost' THEN 1 ELSE 0 END) AS seen_lost,
    MIN(CASE WHEN entries.meaning = 'lost' THEN 1 ELSE 0 END) AS only_lost,
    MAX(CASE WHEN entries.meaning = 'lost' THEN entries.entered_at END) AS last_lost_at,
    MAX(CASE WHEN entries.meaning <> 'lost' THEN entries.entered_at END) AS last_stage_at
FROM entries
GROUP BY entries.lead_id"""
    recorded = """SELECT
    ends.lead_id AS lead_id,
    CASE
        WHEN ends.seen_won = 1 AND NOT COALESCE(ends.last_lost_at > ends.last_won_at, FALSE) THEN 'won'
        WHEN ends.seen_lost = 1 AND COALESCE(ends.last_lost_at >= ends.last_stage_at, TRUE) THEN 'lost'
        ELSE 'open'
    END AS recorded_outcome,
    ends.only_lost AS only_lost,
    ends.first_won_at AS first_won_at,
    ends.last_lost_at AS last_lost_at
FROM ends"""
    said = """SELECT
    leads.lead_id AS lead_id,
    COALESCE(leads.outcome_said, recorded.recorded_outcome, 'open') AS outcome,
    recorded.recorded_outcome AS recorded_outcome,
    COALESCE(recorded.only_lost = 1, FALSE) AS only_lost,
    CASE COALESCE(leads.outcome_said, recorded.recorded_outcome, 'open')
        WHEN 'won' THEN COALESCE(recorded.first_won_at, leads.closed_at)
        WHEN 'lost' THEN COALESCE(recorded.last_lost_at, leads.closed_at)
    END AS ended_at
FROM leads
LEFT JOIN recorded ON recorded.lead_id = leads.lead_id"""
    return compose(
        [
            value_table("meanings", ("label", "meaning"), list(meanings.items())),
            Paragraph("entries", entries_of("meanings", "meaning")),
            Paragraph("ends", Query(ends)),
            Paragraph("recorded", Query(recorded)),
        ],
        Query(said),
    )


def _meaning(concept: str) -> str:
    if concept == WON_CONCEPT:
        return "won"
    return "lost" if concept in LOST_CONCEPTS else "stage"
