"""At which label leads stood on given days after their start: on one landmark day, and every 30 days until they were decided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from funnel.core.sql import Paragraph, Query, compose, days
from funnel.core.types import StageModel
from funnel.journeys.observed import WHOLE, Tables
from funnel.journeys.transitions import ordered_entries

_A_ROW = 65_536
"""More labels than any file has: a row number times this, plus a label's position, is one number that orders by row."""

PANEL_DAYS = 30
LOST_STATE, WON_STATE = -1, -2


def labels_of(model: StageModel) -> tuple[str, ...]:
    """The labels that the stages of a model name, in its order."""
    return tuple(label for stage in model.stages for label in stage.labels)


def labels_placed(model: StageModel) -> dict[str, int]:
    """The place of each of these labels among them."""
    return {label: position for position, label in enumerate(labels_of(model))}


def panel_query(
    placement: Mapping[str, int], journeys: str, observed_until: datetime, numbered: bool, tables: Tables = WHOLE
) -> Query:
    """The select behind a panel table: where each undecided lead stood at 0, 30, 60 … days after its start, and 30 days later.

    Columns: lead_id, from_label and to_label (positions in `placement`; −1 lost, −2 won), pairs (how often). A pair counts when both
    its days are observed; a lead that ends in between goes to its end. Where an undated entry follows, nobody knows how long the
    lead stayed, and the pairs from there and into there are left out.
    """
    length = f"{PANEL_DAYS * 86_400_000_000}.0"

    def month(moment: str) -> str:
        return f"CAST(CEIL((EPOCH_US({moment}) - EPOCH_US(walked.started_at)) / {length}) AS BIGINT)"

    observed = f"FLOOR((EPOCH_US(CAST(? AS TIMESTAMP)) - EPOCH_US(walked.started_at)) / {length})"
    spells = f"""SELECT walked.lead_id AS lead_id, walked.position AS position, walked.row_number AS row_number,
    walked.outcome AS outcome, walked.ended_at AS ended_at,
    {month("walked.entered_at")} AS first_month,
    {month("LEAST(walked.next_at, walked.ended_at)")} - 1 AS last_month,
    CAST({observed} AS BIGINT) - 1 AS last_observed,
    walked.after_position IS NULL OR walked.next_at IS NOT NULL AS is_known
FROM walked
WHERE walked.entered_at IS NOT NULL AND walked.started_at IS NOT NULL
    AND (walked.outcome = 'open' OR walked.ended_at IS NOT NULL)"""
    whole = """SELECT spells.*,
    LEAD(spells.position) OVER in_time AS next_position, LEAD(spells.is_known) OVER in_time AS is_next_known
FROM spells
WHERE NOT spells.is_known OR spells.last_month IS NULL OR spells.first_month <= spells.last_month
WINDOW in_time AS (PARTITION BY spells.lead_id ORDER BY spells.row_number)"""
    stayed = """SELECT whole.lead_id AS lead_id, whole.position AS from_label, whole.position AS to_label,
    LEAST(whole.last_month - 1, whole.last_observed) - whole.first_month + 1 AS pairs
FROM whole
WHERE whole.is_known AND LEAST(whole.last_month - 1, whole.last_observed) >= whole.first_month"""
    moved = f"""SELECT whole.lead_id AS lead_id, whole.position AS from_label,
    COALESCE(whole.next_position, CASE whole.outcome WHEN 'won' THEN {WON_STATE} ELSE {LOST_STATE} END) AS to_label,
    1 AS pairs
FROM whole
WHERE whole.is_known AND COALESCE(whole.is_next_known, whole.ended_at IS NOT NULL) AND whole.last_month <= whole.last_observed"""
    return compose(
        [
            *ordered_entries(placement, journeys, numbered, tables),
            Paragraph("spells", Query(spells, (observed_until,))),
            Paragraph("whole", Query(whole)),
            Paragraph("stayed", Query(stayed)),
            Paragraph("moved", Query(moved)),
        ],
        Query("SELECT stayed.*\nFROM stayed\nUNION ALL\nSELECT moved.*\nFROM moved"),
    )


def landmark_query(
    placement: Mapping[str, int], journeys: str, landmark_days: int, numbered: bool, tables: Tables = WHOLE
) -> Query:
    """The select behind a landmark table: lead_id and position, that of the last entry up to so many days after the lead's start
    in a journeys table."""
    text = f"""SELECT walked.lead_id AS lead_id,
    CAST(MAX(walked.row_number * {_A_ROW} + walked.position) % {_A_ROW} AS INTEGER) AS position
FROM walked
WHERE walked.entered_at <= walked.started_at + {days(landmark_days)}
GROUP BY walked.lead_id"""
    return compose(ordered_entries(placement, journeys, numbered, tables), Query(text))
