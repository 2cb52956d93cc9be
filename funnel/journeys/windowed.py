"""`within`: how each lead stood when its window ended, since what came after it does not count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from funnel.core.history import known_as
from funnel.core.sql import Paragraph, Query, compose, days, greatest, identifier
from funnel.core.types import LOST_CONCEPTS, WON_CONCEPT, Ends, Rule
from funnel.journeys.entries import label_table
from funnel.journeys.observed import Tables
from funnel.journeys.rules import RULES
from funnel.journeys.stage_exits import is_reached
from funnel.journeys.staged import NO_TIME, moments_of


@dataclass(frozen=True)
class Window:
    """The window of so many days of a question by this rule. `numbers` are those of the labels in `gathered`, a table of that name, or
    None where the journeys have its columns."""

    rule: Rule
    days: int
    numbers: Mapping[str, int]
    gathered: str | None

    def end(self, row: str) -> str:
        """The last moment in the window of a row of journeys, as SQL; NULL where it never opened."""
        return f"{row}.{RULES[self.rule].opened} + {days(self.days)}"

    def times(self, row: str, lead: str) -> tuple[str, str]:
        """(name, join): of what row the first and last times of a row of journeys are, and what brings it there."""
        if self.gathered is None:
            return row, ""
        # No column has a name that the row has too: ClickHouse would tell them apart by calling those of the row otherwise.
        columns = ", ".join(
            [f"every_lead.{lead} AS lead_key", *(f"every_lead.{n} AS {n}" for n in moments_of(self.numbers))]
        )
        gathered = f"(SELECT {columns} FROM {identifier(self.gathered)} AS every_lead) AS gathered"
        return "gathered", f"\nINNER JOIN {gathered} ON gathered.lead_key = {row}.{lead}"


def across_query(window: Window, journeys: str, tables: Tables) -> Query:
    """The select behind a within table: the lead as lead_key and, for each number n, latest_n, the time of its last entry there in its
    window (NULL: none). Only leads have a row that entered one label both in the window and after it: of all others the first or the
    last entry of all is the last one in it. Entries without a time are in no window.
    """
    lead, each = tables.form.lead, sorted(set(window.numbers.values()))
    times, joined = window.times("journeys", lead)
    ends = [f"{times}.{end}_{n} AS {end}_{n}" for n in each for end in ("earliest", "latest")]
    opened = f"""SELECT
    {_lines([f"journeys.{lead} AS {lead}", f"{window.end('journeys')} AS until", *ends])}
FROM {identifier(journeys)} AS journeys{joined}"""
    both = " OR ".join(f"(opened.earliest_{n} <= opened.until AND opened.latest_{n} > opened.until)" for n in each)
    across = f"""SELECT opened.{lead} AS {lead}, opened.until AS until
FROM opened
WHERE {both or "FALSE"}"""
    latest = [
        f"MAX(CASE WHEN numbered.number = {number} THEN history.entered_at END) AS latest_{number}" for number in each
    ]
    walked = f"""SELECT
    {_lines([f"across.{lead} AS lead_key", *latest])}
FROM across
INNER JOIN {known_as(tables.form.history, "history")} ON history.{lead} = across.{lead}
INNER JOIN numbered ON numbered.{tables.form.label} = history.{tables.form.label}
WHERE history.entered_at <= across.until
GROUP BY across.{lead}"""
    numbered = label_table("numbered", "number", list(window.numbers.items()), tables.form)
    paragraphs = [Paragraph("opened", Query(opened), settled=True), Paragraph("across", Query(across))]
    return compose([*paragraphs, *numbered], Query(walked))


def within(
    window: Window,
    across: str,
    placement: Mapping[str, int],
    stages: int,
    concepts: Mapping[str, str],
    ends: Ends,
    source: str,
    name: str,
    lead: str,
) -> list[Paragraph]:
    """Paragraphs that end in `name`: the rows of journeys that stand in `source`, and beside them window_outcome ("won", "lost" or "open"
    when the window ended), window_stage (that of the last entry in it, the deepest of equals; NULL: none) and for each stage
    window_last_i, the time of the last entry there in it; all of these are NULL where no window opened, or no entry came up to its end.
    And reached_i: whether the lead counts there, see `stage_exits.is_reached`.

    `across` is a within table of the same window. It is asked of each row anew: kept for all leads, these columns would have to be
    joined to the journeys, which costs more than to work them out.
    """
    each = sorted(set(window.numbers.values()))
    (times, joined), until = window.times(source, lead), window.end(source)
    # These names, and those below, are taken: no attribute of a file that stands beside them has one.
    latest = [
        f"CASE WHEN {times}.latest_{n} <= {until} THEN {times}.latest_{n} ELSE across.latest_{n} END AS time_{n}"
        for n in each
    ]
    up_to_end = f"""SELECT
    {_lines([f"{source}.*", *latest])}
FROM {source}{joined}
LEFT JOIN {identifier(across)} AS across ON across.lead_key = {source}.{lead}"""

    def last(row: str, labels: Iterable[str]) -> str:
        numbers = sorted({window.numbers[label] for label in labels if label in window.numbers})
        return greatest([f"{row}.time_{number}" for number in numbers]) if numbers else NO_TIME

    won = last("in_window", (label for label, concept in concepts.items() if concept == WON_CONCEPT))
    lost = [label for label, concept in concepts.items() if concept in LOST_CONCEPTS]
    at_stages = [
        last("up_to_end", (label for label, at in placement.items() if at == position)) for position in range(stages)
    ]
    columns = [
        "up_to_end.*",
        f"{last('up_to_end', lost)} AS last_lost_at",
        f"{last('up_to_end', ends.reopening)} AS reopened_at",
        f"{last('up_to_end', ends.before_win)} AS back_at",
        f"{greatest(at_stages)} AS latest_at",
        *(f"{text} AS window_last_{position}" for position, text in enumerate(at_stages)),
        *(
            f"{is_reached('up_to_end', window.rule, position, window.days)} AS reached_{position}"
            for position in range(stages)
        ),
    ]
    in_window = f"SELECT\n    {_lines(columns)}\nFROM up_to_end"
    standing = " ".join(
        f"WHEN in_window.window_last_{position} = in_window.latest_at THEN {position}"
        for position in reversed(range(stages))
    )
    outcome = f"""CASE
        WHEN {last("in_window", window.numbers)} IS NULL THEN NULL
        WHEN in_window.outcome_said IS NOT NULL
            THEN CASE WHEN in_window.ended_at <= {window.end("in_window")} THEN in_window.outcome_said ELSE 'open' END
        WHEN {won} IS NOT NULL AND NOT COALESCE(in_window.last_lost_at > {won}, FALSE)
            AND NOT COALESCE(in_window.back_at > {won} AND COALESCE(in_window.back_at > in_window.created_at, TRUE), FALSE) THEN 'won'
        WHEN in_window.last_lost_at >= COALESCE(in_window.reopened_at, in_window.last_lost_at)
            AND NOT COALESCE({won} >= in_window.last_lost_at, FALSE) THEN 'lost'
        WHEN in_window.outcome = 'lost' AND in_window.ended_at <= {window.end("in_window")} THEN 'lost'
        ELSE 'open'
    END AS window_outcome"""
    outcome_columns = ["in_window.*", f"CASE {standing} END AS window_stage", outcome]
    return [
        Paragraph("up_to_end", Query(up_to_end)),
        Paragraph("in_window", Query(in_window)),
        Paragraph(name, Query(f"SELECT\n    {_lines(outcome_columns)}\nFROM in_window"), settled=True),
    ]


def _lines(columns: Iterable[str]) -> str:
    return ",\n    ".join(columns)
