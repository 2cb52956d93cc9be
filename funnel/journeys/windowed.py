"""`within`: how each lead stood when its window ended, since what came after it does not count."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Pairs

from funnel.core.history import known_as
from funnel.core.sql import Paragraph, Query, compose, days, greatest, identifier
from funnel.core.types import LOST_CONCEPTS, WON_CONCEPT, Ends
from funnel.journeys.entries import label_table
from funnel.journeys.observed import Tables
from funnel.journeys.staged import NO_TIME


def within_query(
    places: Pairs[str, int],
    stages: int,
    concepts: Pairs[str, str],
    numbers: Pairs[str, int],
    ends: Ends,
    journeys: str,
    gathered: str | None,
    opened: str,
    window_days: int,
    tables: Tables,
) -> Query:
    """The select behind a within table: the lead, window_outcome ("won", "lost" or "open" when the window ended), window_stage (that of
    the last entry in it, the deepest of equals; NULL: none) and for each stage window_last_i, the time of the last entry there in it.

    The window opens at the column `opened` of the journeys; a lead of which that is NULL has no row, nor has one without an entry up
    to the window's end. Entries without a time are in no window. The last entry in it is the first or the last of all, as the
    `gathered` table of these `numbers` has them (None: the journeys have its columns); only leads with both, one before and one after
    the end, have to be walked.
    """
    lead, each = tables.form.lead, sorted(set(numbers.values()))
    times, source = "journeys", f"FROM {identifier(journeys)} AS journeys"
    if gathered is not None:
        times, source = (
            "gathered",
            f"{source}\nINNER JOIN {identifier(gathered)} AS gathered ON gathered.{lead} = journeys.{lead}",
        )
    until = f"journeys.{opened} + {days(window_days)}"
    # Each of the two looks at all leads by itself: kept for both, their times would take more memory than there is.
    both = " OR ".join(f"({times}.earliest_{n} <= {until} AND {times}.latest_{n} > {until})" for n in each)
    across = f"""SELECT journeys.{lead} AS {lead}, {until} AS until
{source}
WHERE {both or "FALSE"}"""
    latest = [
        f"MAX(CASE WHEN numbered.number = {number} THEN history.entered_at END) AS latest_{number}" for number in each
    ]
    walked = f"""SELECT
    {_lines([f"across.{lead} AS {lead}", *latest])}
FROM across
INNER JOIN {known_as(tables.form.history, "history")} ON history.{lead} = across.{lead}
INNER JOIN numbered ON numbered.{tables.form.label} = history.{tables.form.label}
WHERE history.entered_at <= across.until
GROUP BY across.{lead}"""
    columns = [f"journeys.{name} AS {name}" for name in (lead, "outcome_said", "outcome", "ended_at", "created_at")]
    columns.append(f"{until} AS until")
    columns += [
        f"CASE WHEN {times}.latest_{n} <= {until} THEN {times}.latest_{n} ELSE walked.latest_{n} END AS at_{n}"
        for n in each
    ]
    some = " OR ".join(f"{times}.earliest_{number} <= {until}" for number in each)
    stood = f"""SELECT
    {_lines(columns)}
{source}
LEFT JOIN walked ON walked.{lead} = journeys.{lead}
WHERE {some or "FALSE"}"""

    def last(labels: Iterable[str]) -> str:
        mine = sorted({numbers[label] for label in labels if label in numbers})
        return greatest([f"stood.at_{number}" for number in mine]) if mine else NO_TIME

    meant = {
        "won": {label for label, concept in concepts.items() if concept == WON_CONCEPT},
        "lost": {label for label, concept in concepts.items() if concept in LOST_CONCEPTS},
        "reopened": ends.reopening,
        "back": ends.before_win,
    }
    told = ["stood.*", *(f"{last(labels)} AS {name}_at" for name, labels in meant.items())]
    for place in range(stages):
        told.append(f"{last(label for label, at in places.items() if at == place)} AS window_last_{place}")
    ended = f"SELECT\n    {_lines(told)}\nFROM stood"
    latest_of_all = greatest([f"ended.window_last_{place}" for place in range(stages)])
    standing = " ".join(
        f"WHEN ended.window_last_{place} = {latest_of_all} THEN {place}" for place in reversed(range(stages))
    )
    outcome = """CASE
        WHEN ended.outcome_said IS NOT NULL
            THEN CASE WHEN ended.ended_at <= ended.until THEN ended.outcome_said ELSE 'open' END
        WHEN ended.won_at IS NOT NULL AND NOT COALESCE(ended.lost_at > ended.won_at, FALSE)
            AND NOT COALESCE(ended.back_at > ended.won_at AND COALESCE(ended.back_at > ended.created_at, TRUE), FALSE) THEN 'won'
        WHEN ended.lost_at >= COALESCE(ended.reopened_at, ended.lost_at) THEN 'lost'
        WHEN ended.outcome = 'lost' AND ended.ended_at <= ended.until THEN 'lost'
        ELSE 'open'
    END AS window_outcome"""
    shown = [f"ended.{lead} AS {lead}", f"CASE {standing} END AS window_stage"]
    shown += [f"ended.window_last_{place} AS window_last_{place}" for place in range(stages)]
    return compose(
        [
            Paragraph("across", Query(across)),
            *label_table("numbered", "number", list(numbers.items()), tables.form),
            Paragraph("walked", Query(walked)),
            Paragraph("stood", Query(stood)),
            Paragraph("ended", Query(ended)),
        ],
        Query(f"SELECT\n    {_lines([*shown, outcome])}\nFROM ended"),
    )


def _lines(columns: Iterable[str]) -> str:
    return ",\n    ".join(columns)
