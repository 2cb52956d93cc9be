"""`walks`: how each lead moved through the stages of one model, for what a funnel does not tell: moves, waits, landmarks.

A lead's entries at stages of the model stand in the order of their times. Entries with equal times stand in model order, never
as a move back, unless the file itself numbers its entries: then in the order of those numbers. An undated entry is the last.

- A *move* is a change of stage from one entry to the next; forward or backward; forward over more than one stage *skips*. A
  win that no stage of the model takes counts as one stage more. Leaving (lost) is no move.
- The *open days* at a stage run from an entry there to the next entry, and at most until the lead was won or lost.
- The stage *on the landmark day* is that of the last entry at most so many days after the lead's start.

Start, outcome and end are those of the journeys of `reference`, a model whose labels include all of this one's, so that several
models speak of the same leads.
"""

from __future__ import annotations

from collections.abc import Mapping as Pairs

from funnel.journeys.entries import value_table
from funnel.sql import Paragraph, Query, compose, days, identifier

PLACES = 1024
"""More stages than any model has: a row number times this, plus a stage, is one number that orders by row."""


def ordered_entries(places: Pairs[str, int], reference: str, numbered: bool) -> list[Paragraph]:
    """Paragraphs that end in `walked`: lead_id, position, entered_at, with those of the entry before and after (before_position,
    after_position, next_at), its row number, and the lead's started_at, outcome and ended_at from the journeys table
    `reference`. `numbered`: the file numbers its entries, and equal times stand in that order."""
    tie = "entries.sequence, entries.position" if numbered else "entries.position, entries.sequence"
    entries = """SELECT history.lead_id AS lead_id, placement.position AS position, history.entered_at AS entered_at,
    history.sequence AS sequence
FROM history
INNER JOIN placement ON placement.label = history.label"""
    walked = f"""SELECT entries.lead_id AS lead_id, entries.position AS position, entries.entered_at AS entered_at,
    LAG(entries.position) OVER in_time AS before_position,
    LEAD(entries.position) OVER in_time AS after_position,
    LEAD(entries.entered_at) OVER in_time AS next_at,
    ROW_NUMBER() OVER in_time AS row_number,
    journeys.started_at AS started_at, journeys.outcome AS outcome, journeys.ended_at AS ended_at
FROM entries
INNER JOIN {identifier(reference)} AS journeys ON journeys.lead_id = entries.lead_id
WINDOW in_time AS (PARTITION BY entries.lead_id ORDER BY entries.entered_at NULLS LAST, {tie})"""
    return [
        value_table("placement", ("label", "position"), list(places.items())),
        Paragraph("entries", Query(entries)),
        Paragraph("walked", Query(walked)),
    ]


def walks_query(
    places: Pairs[str, int], stages: int, before_win: int, reference: str, landmark_days: int, numbered: bool
) -> Query:
    """The select behind a walks table; its columns are those of `Journeys.walks`.

    `places` gives the stage of each label, a label of the win that no stage takes as `stages`; `before_win` is how many stages
    stand before the win.
    """
    until = "LEAST(walked.next_at, walked.ended_at)"
    open_time = f"GREATEST(0, EPOCH_US({until}) - EPOCH_US(walked.entered_at))"
    # The last entry's time runs on: until the end where there is one, else until whatever day is looked at.
    known = "walked.after_position IS NULL OR walked.next_at IS NOT NULL"
    last = "walked.after_position IS NULL"
    seen = [f"MAX(CASE WHEN walked.position = {place} THEN 1 ELSE 0 END)" for place in range(before_win)]
    early = f"walked.entered_at <= walked.started_at + {days(landmark_days)}"
    at = f"MAX(CASE WHEN {early} THEN walked.row_number * {PLACES} + walked.position END)"
    columns = [
        "walked.lead_id AS lead_id",
        "SUM(CASE WHEN walked.position > walked.before_position THEN 1 ELSE 0 END) AS forward",
        "SUM(CASE WHEN walked.position < walked.before_position THEN 1 ELSE 0 END) AS backward",
        "SUM(CASE WHEN walked.position > walked.before_position + 1 THEN 1 ELSE 0 END) AS skips",
        f"{' + '.join(seen) or '0'} = {before_win} AS full_path",
        f"MAX(CASE WHEN {last} THEN walked.position END) AS last_stage",
        f"MAX(CASE WHEN {last} AND walked.outcome = 'open' THEN walked.entered_at END) AS open_since",
        f"CAST({at} & {PLACES - 1} AS INTEGER) AS stage_at",
        *(
            f"COALESCE(SUM(CASE WHEN walked.position = {place} AND ({known}) THEN {open_time} END), 0) AS open_us_{place}"
            for place in range(stages)
        ),
    ]
    select = "SELECT\n    " + ",\n    ".join(columns) + "\nFROM walked\nGROUP BY walked.lead_id"
    return compose(ordered_entries(places, reference, numbered), Query(select))


PANEL_DAYS = 30
LOST_STATE, WON_STATE = -1, -2


def panel_query(places: Pairs[str, int], reference: str, observed_until: object, numbered: bool) -> Query:
    """The select behind a panel table: where each undecided lead stood at 0, 30, 60 … days after its start, and 30 days later.

    Columns: lead_id, from_label and to_label (positions in `places`; −1 lost, −2 won), pairs (how often). A pair counts when both
    its days are observed; a lead that ends in between goes to its end.
    """
    length = f"{PANEL_DAYS * 86_400_000_000}.0"

    def month(moment: str) -> str:
        return f"CAST(CEIL((EPOCH_US({moment}) - EPOCH_US(walked.started_at)) / {length}) AS BIGINT)"

    observed = f"FLOOR((EPOCH_US(CAST(? AS TIMESTAMP)) - EPOCH_US(walked.started_at)) / {length})"
    spells = f"""SELECT walked.lead_id AS lead_id, walked.position AS position, walked.row_number AS row_number,
    walked.outcome AS outcome, walked.ended_at AS ended_at,
    {month("walked.entered_at")} AS first_month,
    {month("LEAST(walked.next_at, walked.ended_at)")} - 1 AS last_month,
    CAST({observed} AS BIGINT) - 1 AS last_observed
FROM walked
WHERE walked.entered_at IS NOT NULL AND walked.started_at IS NOT NULL
    AND (walked.outcome = 'open' OR walked.ended_at IS NOT NULL)
    AND (walked.after_position IS NULL OR walked.next_at IS NOT NULL)"""
    whole = """SELECT spells.*,
    LEAD(spells.position) OVER (PARTITION BY spells.lead_id ORDER BY spells.row_number) AS next_position
FROM spells
WHERE spells.last_month IS NULL OR spells.first_month <= spells.last_month"""
    stays = """SELECT whole.lead_id AS lead_id, whole.position AS from_label, whole.position AS to_label,
    LEAST(whole.last_month - 1, whole.last_observed) - whole.first_month + 1 AS pairs
FROM whole
WHERE LEAST(whole.last_month - 1, whole.last_observed) >= whole.first_month"""
    goes = f"""SELECT whole.lead_id AS lead_id, whole.position AS from_label,
    COALESCE(whole.next_position, CASE whole.outcome WHEN 'won' THEN {WON_STATE} ELSE {LOST_STATE} END) AS to_label,
    1 AS pairs
FROM whole
WHERE whole.last_month <= whole.last_observed AND (whole.next_position IS NOT NULL OR whole.ended_at IS NOT NULL)"""
    return compose(
        [
            *ordered_entries(places, reference, numbered),
            Paragraph("spells", Query(spells, (observed_until,))),
            Paragraph("whole", Query(whole)),
            Paragraph("stays", Query(stays)),
            Paragraph("goes", Query(goes)),
        ],
        Query("SELECT stays.*\nFROM stays\nUNION ALL\nSELECT goes.*\nFROM goes"),
    )
