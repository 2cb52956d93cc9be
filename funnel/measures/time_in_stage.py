"""Stays under a question: how long each visit to a stage has lasted, and whether it has ended. What the Time page starts from.

A lead *waits* at a stage until anything follows: another stage, a loss, the win. So a stage that takes only the win, or what comes
after it, is left out, where the file has a win: a customer may stay there for good. At a stage that takes the win and what
comes before, a won lead's stay ends with the win; and what a won lead begins after its win, at whatever stage, is no wait.

Stays are counted by `observed_until`: those that begin later are not seen, those that end later still go on. Times are whole
*ticks*, so that millions of stays become few different lengths: an hour, or, in a file of short stays, a minute. A begun tick
counts for a stay that has ended, only a full one for a stay that goes on, as days do in `targets`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from funnel.core.sql import Paragraph, Query, compose, identifier, marks
from funnel.core.types import Entry, Question, Rule, Unit
from funnel.core.types.models import AFTER_WIN, WON_CONCEPT
from funnel.journeys import Journeys, ends_of
from funnel.measures.population.population import MICROSECONDS_A_DAY, in_question
from funnel.measures.statistics.incidence import from_outset, incidence
from funnel.measures.statistics.rates import Z_95
from funnel.measures.targets import observed_up_to

HOUR, MINUTE = 3_600_000_000, 60_000_000
SHORT_DAYS = 2
PARTS = {"quarter": 0.25, "median": 0.5, "three_quarters": 0.75, "nine_tenths": 0.9}
ROUNDING = 1e-9
"""Shares closer than this are equal: the smallest real difference, of one in a hundred million stays, is larger."""


@dataclass(frozen=True)
class Quantile:
    """A quantile of a duration, and its 95 % interval; None where it is not reached, or not known."""

    days: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Quantiles:
    """The days by which a quarter, half, three quarters and nine tenths are through."""

    quarter: Quantile = Quantile()
    median: Quantile = Quantile()
    three_quarters: Quantile = Quantile()
    nine_tenths: Quantile = Quantile()


def of_leads(question: Question) -> Question:
    """The question about leads; rule and window change no stay."""
    return replace(question, unit=Unit.LEAD, quorum=1, rule=Rule.PASSED, window_days=None, entry=Entry.FIRST)


@dataclass(frozen=True)
class Groups:
    """Leads by their value in a column (None: all are one group), numbered in this order; leads of other values are left out."""

    column: str | None = None
    values: tuple[str | None, ...] = (None,)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the leads that this needs."""
        return () if self.column is None else (self.column,)

    def select(self, columns: str, source: str) -> Query:
        """A select of `columns` and `group_number` from a table that has the column."""
        if self.column is None:
            return Query(f"SELECT {columns}, 0 AS group_number\nFROM {source}")
        text = f"CAST({source}.{identifier(self.column)} AS VARCHAR)"
        some = [(number, value) for number, value in enumerate(self.values) if value is not None]
        cases = [f"WHEN {text} = ? THEN {number}" for number, _ in some]
        cases += [f"WHEN {text} IS NULL THEN {number}" for number, value in enumerate(self.values) if value is None]
        values = [value for _, value in some]
        condition = " OR ".join(
            [
                *([f"{text} IN ({marks(values)})"] if values else []),
                *([f"{text} IS NULL"] if None in self.values else []),
            ]
        )
        number = f"CASE {' '.join(cases)} END" if cases else "0"
        return Query(
            f"SELECT {columns}, {number} AS group_number\nFROM {source}\nWHERE {condition or 'FALSE'}",
            (*values, *values),
        )


ALL = Groups()


@dataclass(frozen=True)
class Waits:
    """The stays that a question looks at. Paragraphs of `watched` (a row a stay) and of `shares` (Kaplan–Meier by stage)."""

    journeys: Journeys
    question: Question
    groups: Groups = ALL

    @cached_property
    def until(self) -> datetime:
        """The moment up to which is observed; QuestionError where there is none."""
        return observed_up_to(self.question)

    @cached_property
    def positions(self) -> tuple[int, ...]:
        """The positions of the stages where leads wait."""
        model, concepts = self.question.model, self.journeys.concepts
        taken: list[set[str]] = [set(stage.concepts) if model.kind == "concepts" else set() for stage in model.stages]
        for label, position in model.placement(concepts).items():
            taken[position].add(concepts[label])
        # In a file without a win nobody waits as a customer.
        past = {WON_CONCEPT, *AFTER_WIN} if WON_CONCEPT in concepts.values() else set()
        return tuple(position for position, each in enumerate(taken) if not each or each - past)

    @cached_property
    def tick(self) -> int:
        """Microseconds of a tick: an hour where half of the stays at these stages took two days or more, else a minute."""
        table, length = self._visits, "EPOCH_US(stage_visits.left_at) - EPOCH_US(stage_visits.entered_at)"
        text = f"""SELECT COUNT(*) FILTER (WHERE {length} >= {SHORT_DAYS * MICROSECONDS_A_DAY}) AS long, COUNT({length}) AS ended
FROM {table} AS stage_visits
WHERE stage_visits.position IN ({", ".join(map(str, self.positions)) or "NULL"})"""
        long, ended = self.journeys.engine.row(Query(text))
        return HOUR if 2 * long >= ended else MINUTE

    @property
    def _visits(self) -> str:
        return identifier(self.journeys.stage_visits(self.question.model))

    def counted(self) -> list[Paragraph]:
        """Paragraphs that end in `grouped`: lead_id, outcome, ended_at, is_open (by `observed_until`) and group_number."""
        columns = """counted.lead_id AS lead_id, counted.outcome AS outcome, counted.ended_at AS ended_at,
    counted.outcome = 'open' OR COALESCE(counted.ended_at > CAST(? AS TIMESTAMP), FALSE) AS is_open"""
        grouped = self.groups.select(columns, "counted")
        return [
            *in_question(self.journeys, of_leads(self.question), self.groups.columns),
            Paragraph("grouped", Query(grouped.text, (self.until, *grouped.values))),
        ]

    def watched(self) -> list[Paragraph]:
        """Paragraphs that end in `watched`, a row for each stay at a stage where leads wait.

        Columns: group_number, lead_id, visit, position, entered_at, is_open (the lead is), outcome, has_left, is_lost (it left in
        a loss), moved_on (for a later stage, or it was won), microseconds and ticks (how long it lasted, or has so far; NULL where
        the file does not tell).
        """
        model = self.question.model
        won, lost = ends_of(len(model.stages))
        mixed = model.win_stage(self.journeys.concepts)
        to_position, left_at = "stage_visits.to_position", "stage_visits.left_at"
        if mixed in self.positions:
            here = f"stage_visits.position = {mixed} AND grouped.outcome = 'won'"
            ends = f"{here} AND COALESCE(grouped.ended_at < stage_visits.left_at, stage_visits.left_at IS NULL)"
            to_position = f"CASE WHEN {ends} THEN {won} ELSE stage_visits.to_position END"
            left_at = f"CASE WHEN {ends} THEN grouped.ended_at ELSE stage_visits.left_at END"
        on = "ended.to_position > ended.position" + (f" OR ended.to_position = {mixed}" if mixed is not None else "")
        begun = f"""SELECT grouped.group_number AS group_number, grouped.lead_id AS lead_id, grouped.is_open AS is_open,
    grouped.outcome AS outcome, stage_visits.visit AS visit, stage_visits.position AS position, stage_visits.entered_at AS entered_at,
    {to_position} AS to_position,
    {left_at} AS left_at,
    CAST(? AS TIMESTAMP) AS observed_until
FROM {self._visits} AS stage_visits
INNER JOIN grouped ON grouped.lead_id = stage_visits.lead_id
WHERE stage_visits.position IN ({", ".join(map(str, self.positions)) or "NULL"})
    AND NOT (grouped.outcome = 'won' AND COALESCE(stage_visits.entered_at > grouped.ended_at, FALSE))"""
        ended = """SELECT begun.*,
    begun.to_position IS NOT NULL AND COALESCE(begun.left_at <= begun.observed_until, TRUE) AS has_left
FROM begun
WHERE COALESCE(begun.entered_at <= begun.observed_until, TRUE)"""
        measured = f"""SELECT ended.group_number AS group_number, ended.lead_id AS lead_id, ended.is_open AS is_open,
    ended.outcome AS outcome, ended.visit AS visit, ended.position AS position, ended.entered_at AS entered_at,
    ended.has_left AS has_left, ended.has_left AND ended.to_position = {lost} AS is_lost,
    ended.has_left AND ended.to_position <> {lost} AND ({on}) AS moved_on,
    EPOCH_US(CASE WHEN ended.has_left THEN ended.left_at ELSE ended.observed_until END) - EPOCH_US(ended.entered_at) AS microseconds
FROM ended"""
        watched = f"""SELECT measured.*,
    CASE WHEN measured.has_left THEN {ticks("measured.microseconds", self.tick, up=True)}
        ELSE {ticks("measured.microseconds", self.tick, up=False)} END AS ticks
FROM measured"""
        return [
            *self.counted(),
            Paragraph("begun", Query(begun, (self.until,))),
            Paragraph("ended", Query(ended)),
            Paragraph("measured", Query(measured)),
            Paragraph("watched", Query(watched)),
        ]

    def shares(self) -> list[Paragraph]:
        """Paragraphs after `watched` that end in `shares`, among them `alike` (how many stays are alike).

        For each group, stage and tick on which anything was counted: at_risk, left_then, share (S, of the stays that are longer)
        and its 95 % interval `low` to `high` by the log-log transform (Kalbfleisch and Prentice 1980; NULL while it is all, and
        once nobody is left).
        """
        # Millions of stays are few different ones from here on.
        finest = HOUR if self.tick < HOUR else MICROSECONDS_A_DAY
        alike = f"""SELECT watched.group_number AS group_number, watched.position AS position, watched.has_left AS has_left,
    watched.is_lost AS is_lost, watched.ticks AS ticks, watched.microseconds // {finest} AS span,
    COUNT(*) AS stays, CAST(SUM(watched.microseconds) AS DOUBLE) AS all_time
FROM watched
GROUP BY watched.group_number, watched.position, watched.has_left, watched.is_lost, watched.ticks, span"""
        lengths = """SELECT alike.group_number AS group_number, alike.position AS position, alike.ticks AS ticks,
    CAST(COALESCE(SUM(alike.stays) FILTER (WHERE alike.has_left), 0) AS BIGINT) AS left_then,
    CAST(COALESCE(SUM(alike.stays) FILTER (WHERE NOT alike.has_left), 0) AS BIGINT) AS still_then
FROM alike
WHERE alike.ticks IS NOT NULL
GROUP BY alike.group_number, alike.position, alike.ticks"""
        leaning = f"""SELECT incidences.group_number AS group_number, incidences.position AS position, incidences.day AS ticks,
    incidences.at_risk AS at_risk, incidences.converted AS left_then, incidences.survival AS share,
    CASE WHEN incidences.survival > {ROUNDING} AND incidences.survival < 1 THEN
        {Z_95} * SQRT(GREATEST(0, incidences.variance)) / (incidences.survival * -LN(incidences.survival)) END AS lean
FROM incidences"""
        # The exponent is kept where a double can hold it; a share raised to that is 0 anyway.
        shares = """SELECT leaning.group_number AS group_number, leaning.position AS position, leaning.ticks AS ticks,
    leaning.at_risk AS at_risk, leaning.left_then AS left_then, leaning.share AS share,
    CASE WHEN leaning.lean IS NOT NULL THEN POW(leaning.share, EXP(LEAST(leaning.lean, 700))) END AS low,
    CASE WHEN leaning.lean IS NOT NULL THEN POW(leaning.share, EXP(-LEAST(leaning.lean, 700))) END AS high
FROM leaning"""
        return [
            Paragraph("alike", Query(alike)),
            Paragraph("lengths", Query(lengths)),
            from_outset(
                "lengths",
                ("group_number", "position"),
                day="ticks",
                converted="left_then",
                gone=None,
                waiting="still_then",
            ),
            *incidence("tallies", ("group_number", "position")),
            Paragraph("leaning", Query(leaning)),
            Paragraph("shares", Query(shares)),
        ]


def quantiles_of(row: dict[str, Any], tick: int) -> Quantiles:
    """The quantiles, in days, of a row with columns `median_days`, `median_low`, … in ticks of so many microseconds."""

    def days(name: str) -> float | None:
        value = row.get(name)
        return None if value is None else value * tick / MICROSECONDS_A_DAY

    return Quantiles(*(Quantile(*(days(f"{name}_{bound}") for bound in ("days", "low", "high"))) for name in PARTS))


def medians(count: str, by: str, among: str = "TRUE") -> list[Paragraph]:
    """Paragraphs after `lengths` that end in `medians`: the plain median (median_ticks) of those that a column counts, for each
    group_number and `by`, of the rows `among`."""
    keys = f"lengths.group_number, lengths.{by}"
    running = f"""SELECT lengths.group_number AS group_number, lengths.{by} AS {by}, lengths.ticks AS ticks,
    SUM(lengths.{count}) OVER (PARTITION BY {keys} ORDER BY lengths.ticks) AS up_to,
    SUM(lengths.{count}) OVER (PARTITION BY {keys}) AS whole
FROM lengths
WHERE lengths.{count} > 0 AND {among}"""
    middle = f"""SELECT running.group_number AS group_number, running.{by} AS {by},
    (MIN(running.ticks) FILTER (WHERE 2 * running.up_to >= running.whole)
        + MIN(running.ticks) FILTER (WHERE 2 * running.up_to > running.whole)) / 2 AS median_ticks
FROM running
GROUP BY running.group_number, running.{by}"""
    return [Paragraph("running", Query(running)), Paragraph("medians", Query(middle))]


def ticks(microseconds: str, tick: int, *, up: bool) -> str:
    """Whole ticks of a duration, as SQL: begun ones count when they count `up`; NULL stays."""
    more = f" + {tick - 1}" if up else ""
    return f"(CASE WHEN {microseconds} < 0 THEN 0 ELSE {microseconds}{more} END) // {tick}"


def values_of(journeys: Journeys, question: Question, column: str, limit: int) -> tuple[Groups, int]:
    """The `limit` commonest values of a column among the leads that a question counts, and how many leads have others."""
    text = f"CAST(counted.{identifier(column)} AS VARCHAR)"
    last = f"SELECT {text} AS value, COUNT(*) AS leads\nFROM counted\nGROUP BY {text}\nORDER BY leads DESC, value"
    rows: Sequence[tuple[str | None, int]] = journeys.engine.rows(
        compose(in_question(journeys, of_leads(question), (column,)), Query(last))
    )
    return Groups(column, tuple(value for value, _ in rows[:limit])), sum(leads for _, leads in rows[limit:])
