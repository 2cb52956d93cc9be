"""The stays of counted leads at the stages of a model, as far as they were observed, and the way that each lead took."""

from __future__ import annotations

from funnel.core.sql import Paragraph, Query, identifier
from funnel.core.types import Question
from funnel.journeys import Journeys, ends_of


def seen_visits(journeys: Journeys, question: Question) -> list[Paragraph]:
    """Paragraphs after `counted` that end in `visits`: the stays of the counted leads as far as they were observed, with the
    leads' start, their end (NULL: not ended yet) and whether they were won."""
    table, until, concepts = (
        identifier(journeys.stage_visits(question.model)),
        question.observed_until,
        journeys.concepts,
    )
    # Whatever follows an entry that has not happened yet has not happened either.
    unseen = f"""SELECT stage_visits.lead_id AS lead_id, MIN(stage_visits.visit) AS visit
FROM {table} AS stage_visits
WHERE stage_visits.entered_at > CAST(? AS TIMESTAMP)
GROUP BY stage_visits.lead_id"""
    ended = "counted.outcome <> 'open' AND COALESCE(counted.ended_at <= CAST(? AS TIMESTAMP), TRUE)"
    left = "COALESCE(stage_visits.left_at <= CAST(? AS TIMESTAMP), TRUE)"
    seen = f"""SELECT counted.number AS number, stage_visits.visit AS visit, stage_visits.position AS position,
    stage_visits.from_position AS from_position, stage_visits.entered_at AS entered_at, counted.started_at AS started_at,
    counted.started_local AS started_local,
    CASE WHEN {left} THEN stage_visits.to_position END AS to_position,
    CASE WHEN {left} THEN stage_visits.left_at END AS left_at,
    CASE WHEN {ended} THEN counted.ended_at END AS ended_at,
    {ended} AND counted.outcome = 'won' AS is_won
FROM {table} AS stage_visits
INNER JOIN numbered AS counted ON counted.lead_id = stage_visits.lead_id
LEFT JOIN unseen ON unseen.lead_id = stage_visits.lead_id
WHERE COALESCE(stage_visits.visit < unseen.visit, TRUE)"""
    win, pure = question.model.win_stage(concepts), question.model.pure_win_stage(concepts)
    at_win = (
        f"seen.is_won AND seen.to_position IS NULL AND seen.position = {win}"
        if pure is None and win is not None
        else "FALSE"
    )
    visits = f"""SELECT seen.number AS number, seen.visit AS visit, seen.position AS position, seen.from_position AS from_position,
    seen.entered_at AS entered_at, seen.started_at AS started_at, seen.started_local AS started_local,
    seen.ended_at AS ended_at, seen.is_won AS is_won,
    CASE WHEN {at_win} THEN {ends_of(len(question.model.stages))[0]} ELSE seen.to_position END AS to_position,
    CASE WHEN {at_win} THEN CASE WHEN seen.ended_at >= seen.entered_at THEN seen.ended_at END ELSE seen.left_at END AS left_at
FROM seen"""
    # Leads by number: numbers are told apart much faster than texts.
    numbered = "SELECT counted.*, ROW_NUMBER() OVER () AS number\nFROM counted"
    return [
        Paragraph("numbered", Query(numbered)),
        Paragraph("unseen", Query(unseen, (until,))),
        Paragraph("seen", Query(seen, (until,) * 4)),
        Paragraph("visits", Query(visits)),
    ]


def ways_of(stages: int, loop: int | None) -> Query:
    """A row a lead: the day it started, its path as a list of positions, what happened on it, and how often it came to each stage."""
    lost = ends_of(stages)[1]
    back = f"visits.to_position < visits.position AND visits.position <> {lost}"
    back += "" if loop is None else f" AND visits.to_position <> {loop}"
    first = "CASE WHEN visits.from_position IS NULL THEN visits.position END"
    came = [
        f"COUNT(*) FILTER (WHERE visits.to_position = {position}) + COUNT(*) FILTER (WHERE {first} = {position}) AS came_{position}"
        for position in range(stages)
    ]
    columns = [
        "CAST(MAX(visits.started_local) AS DATE) AS started_on",
        f"LIST_PREPEND(MAX({first}), COALESCE(LIST(visits.to_position ORDER BY visits.visit)"
        " FILTER (WHERE visits.to_position IS NOT NULL), [])) AS path",
        "BOOL_OR(visits.is_won) AS is_won",
        "CASE WHEN MAX(visits.ended_at) >= MAX(visits.started_at)"
        " THEN EPOCH_US(MAX(visits.ended_at)) - EPOCH_US(MAX(visits.started_at)) END AS lasted",
        f"COALESCE(BOOL_OR({back}), FALSE) AS moved_back",
        f"COALESCE(BOOL_OR(visits.position = {lost} OR visits.to_position = {lost}), FALSE) AS was_lost",
        f"COALESCE(BOOL_OR(visits.position = {lost} AND visits.to_position IS NOT NULL), FALSE) AS returned",
        *came,
    ]
    return Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM visits\nGROUP BY visits.number")
