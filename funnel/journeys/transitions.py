"""`transitions`: how each lead moved through the stages of one model, for what a funnel does not tell: its moves.

A lead's entries at stages of the model stand in the order of their times. Entries with equal times stand in model order, never
as a move back, unless the file itself numbers its entries: then in the order of those numbers. An undated entry is the last.

- A *move* is a change of stage from one entry to the next; forward or backward; forward over more than one stage *skips*. A
  stage that no label of the file can fill is not skipped. A win that no stage of the model takes counts as one stage more.
  Coming back to the stage of a loyalty loop is no move backward. Leaving (lost) is no move.
"""

from __future__ import annotations

from collections.abc import Mapping

from funnel.core.history import known_as
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.journeys.entries import label_table
from funnel.journeys.observed import WHOLE, Tables


def ordered_entries(
    placement: Mapping[str, int], journeys: str, numbered: bool, tables: Tables = WHOLE
) -> list[Paragraph]:
    """Paragraphs that end in `walked`: lead_id, position, entered_at, with those of the entry before and after (before_position,
    after_position, next_at), its row number, and the lead's started_at, outcome and ended_at from a journeys table. `numbered`:
    the file numbers its entries, and equal times stand in that order."""
    tie = "entries.sequence, entries.position" if numbered else "entries.position, entries.sequence"
    form, lead = tables.form, tables.form.lead
    entries = f"""SELECT history.{lead} AS {lead}, placement.position AS position, history.entered_at AS entered_at,
    history.sequence AS sequence
FROM {known_as(tables.form.history, "history")}
INNER JOIN placement ON placement.{form.label} = history.{form.label}"""
    walked = f"""SELECT journeys.lead_id AS lead_id, entries.position AS position, entries.entered_at AS entered_at,
    LAG(entries.position) OVER in_time AS before_position,
    LEAD(entries.position) OVER in_time AS after_position,
    LEAD(entries.entered_at) OVER in_time AS next_at,
    ROW_NUMBER() OVER in_time AS row_number,
    journeys.started_at AS started_at, journeys.outcome AS outcome, journeys.ended_at AS ended_at
FROM entries
INNER JOIN {identifier(journeys)} AS journeys ON journeys.{lead} = entries.{lead}
WINDOW in_time AS (PARTITION BY entries.{lead} ORDER BY entries.entered_at NULLS LAST, {tie})"""
    return [
        *label_table("placement", "position", list(placement.items()), form),
        Paragraph("entries", Query(entries)),
        Paragraph("walked", Query(walked)),
    ]


def transitions_query(
    placement: Mapping[str, int],
    stages: int,
    *,
    before_win: int,
    loop: int | None,
    journeys: str,
    numbered: bool,
    tables: Tables = WHOLE,
) -> Query:
    """The select behind a table of transitions; its columns are those of `Journeys.transitions`.

    `placement` gives the stage of each label, a label of the win that no stage takes as `stages`; `before_win` is how many stages
    stand before the win, `loop` the stage that a loyalty loop comes back to.
    """
    visited = [f"MAX(CASE WHEN walked.position = {position} THEN 1 ELSE 0 END)" for position in range(before_win)]
    backward = "walked.position < walked.before_position" + ("" if loop is None else f" AND walked.position <> {loop}")
    columns = [
        "walked.lead_id AS lead_id",
        "SUM(CASE WHEN walked.position > walked.before_position THEN 1 ELSE 0 END) AS forward",
        f"SUM(CASE WHEN {backward} THEN 1 ELSE 0 END) AS backward",
        "SUM(CASE WHEN walked.position > walked.before_position + 1 THEN 1 ELSE 0 END) AS skips",
        f"{' + '.join(visited) or '0'} = {before_win} AS full_path",
    ]
    select = "SELECT\n    " + ",\n    ".join(columns) + "\nFROM walked\nGROUP BY walked.lead_id"
    return compose(ordered_entries(placement, journeys, numbered, tables), Query(select))
