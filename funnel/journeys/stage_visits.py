"""`stage_visits`: each visit of a lead to a stage of one model, when it came and left, from where and to where.

A lead's entries at stages stand in the order of their times, ties as in `transitions`; entries at the same stage that follow each other
are one stay. An exit ends a stay, and what follows it without opening the lead again is no stay; so does the end that the file's own
outcome tells of a lead without one. Whoever has not left is still there. Labels that the model does not take are passed over, except
those of a win and of an exit, which are ends: a win that no stage takes has the position after the last stage, an exit the one after
that. Ends stand in the table like stages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from funnel.core.history import known_as
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import LOST_CONCEPTS, WON_CONCEPT
from funnel.journeys.entries import label_table
from funnel.journeys.observed import WHOLE, Tables

ELSEWHERE = -1
"""The position of labels that open a lost lead again, though no stage takes them."""


def ends_of(stages: int) -> tuple[int, int]:
    """The positions of a win that no stage takes, and of a loss."""
    return stages, stages + 1


def visit_placement(placement: Mapping[str, int], concepts: Mapping[str, str], stages: int) -> dict[str, int]:
    """The position of each label that a stay or an end can begin with; `placement` is that of the stages."""
    won, lost = ends_of(stages)
    ends = {label: won for label, concept in concepts.items() if concept == WON_CONCEPT}
    ends |= {label: lost for label, concept in concepts.items() if concept in LOST_CONCEPTS}
    return {**ends, **placement}


def stage_visits_query(
    placement: Mapping[str, int],
    stages: int,
    win: int | None,
    journeys: str,
    numbered: bool,
    idle: Sequence[str],
    tables: Tables = WHOLE,
) -> Query:
    """The select behind a table of stage visits; its columns are those of `Journeys.stage_visits`.

    `win` is the stage that takes the win; `idle` labels do not open a lost lead again, labels at ELSEWHERE do, though no stage takes
    them."""
    won, lost = ends_of(stages)
    tie = "entries.sequence, entries.position" if numbered else "entries.position, entries.sequence"
    form, lead = tables.form, tables.form.lead
    in_time = f"PARTITION BY entries.{lead} ORDER BY entries.entered_at NULLS LAST, {tie}"
    # Since the last entry that says how the lead stands: whether that was an exit.
    standing = f"""SELECT entries.*, idle_labels.{form.label} IS NOT NULL AND LAST_VALUE(
        CASE WHEN idle_labels.{form.label} IS NULL THEN entries.position END IGNORE NULLS) OVER in_time = {lost} AS is_lost
FROM entries
LEFT JOIN idle_labels ON idle_labels.{form.label} = entries.{form.label}
WINDOW in_time AS ({in_time} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"""
    awake = f"""SELECT standing.*
FROM standing
WHERE standing.position > {ELSEWHERE} AND NOT COALESCE(standing.is_lost, FALSE)"""
    without_idle = [
        *label_table("idle_labels", "position", [(label, 0) for label in idle], form),
        Paragraph("standing", Query(standing)),
        Paragraph("awake", Query(awake)),
    ]
    source = "awake" if idle else "entries"
    # Won is who was not lost afterwards: a loss at the very moment of the last win is none, here as there, nor one without a time.
    ties = f"""SELECT journeys.{lead} AS {lead}, journeys.last_won_at AS last_won_at
FROM {identifier(journeys)} AS journeys
WHERE journeys.outcome = 'won'"""
    entries = f"""SELECT history.{lead} AS {lead}, placement.position AS position, history.entered_at AS entered_at,
    history.sequence AS sequence, history.{form.label} AS {form.label}
FROM {known_as(tables.form.history, "history")}
INNER JOIN placement ON placement.{form.label} = history.{form.label}
LEFT JOIN ties ON placement.position = {lost} AND ties.{lead} = history.{lead}
    AND (ties.last_won_at = history.entered_at OR history.entered_at IS NULL)
WHERE ties.{lead} IS NULL"""
    ordered = f"""SELECT entries.{lead} AS {lead}, entries.position AS position, entries.entered_at AS entered_at,
    LAG(entries.position) OVER in_time AS before_position,
    ROW_NUMBER() OVER in_time AS row_number
FROM {source} AS entries
WINDOW in_time AS ({in_time})"""
    begun = """SELECT ordered.*
FROM ordered
WHERE ordered.before_position IS NULL OR ordered.before_position <> ordered.position"""
    followed = f"""SELECT begun.*,
    LEAD(begun.position) OVER in_turn AS after_position,
    LEAD(begun.entered_at) OVER in_turn AS after_at,
    ROW_NUMBER() OVER in_turn AS visit
FROM begun
WINDOW in_turn AS (PARTITION BY begun.{lead} ORDER BY begun.row_number)"""
    # What the file says of the end counts for the last stay of a lead whose entries do not tell it.
    ended = "COALESCE(journeys.ended_at >= followed.entered_at, TRUE)"
    is_lost = f"journeys.outcome = 'lost' AND followed.position < {won} AND {ended}"
    is_won = f"journeys.outcome = 'won' AND followed.position < {won if win is None else win} AND {ended}"
    last = f"""SELECT journeys.lead_id AS lead_id, followed.visit AS visit, followed.position AS position,
    followed.before_position AS from_position, followed.entered_at AS entered_at,
    CASE WHEN followed.after_position IS NOT NULL THEN followed.after_position
        WHEN {is_lost} THEN {lost}
        WHEN {is_won} THEN {won if win is None else win} END AS to_position,
    CASE WHEN followed.after_position IS NOT NULL THEN followed.after_at
        WHEN ({is_lost}) OR ({is_won}) THEN journeys.ended_at END AS left_at
FROM followed
INNER JOIN {identifier(journeys)} AS journeys ON journeys.{lead} = followed.{lead}"""
    return compose(
        [
            *label_table("placement", "position", list(placement.items()), form),
            Paragraph("ties", Query(ties)),
            Paragraph("entries", Query(entries)),
            *(without_idle if idle else ()),
            Paragraph("ordered", Query(ordered)),
            Paragraph("begun", Query(begun)),
            Paragraph("followed", Query(followed)),
        ],
        Query(last),
    )
