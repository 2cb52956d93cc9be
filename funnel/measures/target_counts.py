"""What targets and forecasts are told from, as counts: when leads came to each stage and won, and where they stood at earlier days.

Leads are counted, whatever the rule, the window and the dates of the question, as time in stage counts them: a lead has *entered* a
stage when it first came to it or to a later one. Only stages where leads wait are looked at. Of who was won or lost at a moment that the
file does not tell nothing is counted, but how many they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Filters, Question
from funnel.journeys import Journeys, local_time
from funnel.measures.population.population import MICROSECONDS_A_DAY
from funnel.measures.population.states import CONVERTED, GONE, WAITING
from funnel.measures.statistics.account_sums import account_of
from funnel.measures.statistics.incidence import followed_to_the_end, from_outset, incidence
from funnel.measures.targets import whole_days
from funnel.measures.time_in_stage import Waits, of_leads

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from funnel.measures.statistics.resampling import Whole

RECENT_DAYS = 730
"""What leads did in so many days counts: those who came before are watched from the age that they had then."""
QUARTERS = 4


@dataclass(frozen=True)
class Counts:
    """Leads counted alike, a place in each of these arrays for each kind: watched at a stage, as it was known so many steps `back`.

    `quarter`: in which quarter of the times that leads had been there (−1: unknown; of entries 0). `entry`: the day from whose end on
    they were watched (−1: the outset), `fate` what came of them on which `day`. Of leads that are known `back` in the past all have
    the one `piece` 0, where they are entries.
    """

    back: Whole
    position: Whole
    quarter: Whole
    piece: Whole
    entry: Whole
    fate: Whole
    day: Whole
    leads: Whole

    def among(self, chosen: NDArray[np.bool_]) -> Counts:
        """Some of these."""
        return Counts(*(getattr(self, each.name)[chosen] for each in fields(self)))


@dataclass(frozen=True)
class StepRate:
    """Of leads that entered a stage, the share that went on to the next (from the last: was won), were all followed to the end; half of
    those that went on did so within `days` (None: none did)."""

    position: int
    entered: int
    advanced: int
    rate: float
    days: float | None


class TargetCounts:
    """What a question counts for a target, up to its `observed_until`; two tables are kept, of which all else is a scan."""

    def __init__(self, journeys: Journeys, question: Question) -> None:
        everyone = Filters(where=question.filters.where)
        self.journeys = journeys
        self.question = replace(of_leads(question), filters=everyone, dated_by=None)
        self.waits = Waits(journeys, self.question)
        self.positions = self.waits.positions
        self._queries: list[Query] = []

    @property
    def until(self) -> datetime:
        """The moment up to which is observed."""
        return self.waits.until

    @property
    def sql(self) -> str:
        """All that was asked, readable."""
        kept = [self.journeys.statement(name) for name in (self.entries_table, self.stays_table)]
        return ";\n\n".join([*kept, *(query.readable() for query in self._queries)])

    @cached_property
    def entries_table(self) -> str:
        """The name of the kept table of entries: a row for each lead and each of `positions` that it came to. See `_all_entries`."""
        return self.journeys.keep("target_entries", (self.question,), lambda: self._all_entries)

    @cached_property
    def stays_table(self) -> str:
        """The name of the kept table of stays: a row for each time that a lead stood at one of `positions`. See `_all_stays`."""
        return self.journeys.keep("target_stays", (self.question,), lambda: self._all_stays)

    @property
    def _ends(self) -> Paragraph:
        text = f"""SELECT counted.*, CAST(MD5_NUMBER_LOWER({account_of("counted")}) % ? AS INTEGER) AS piece,
    CAST(? AS TIMESTAMP) AS observed_until,
    counted.outcome <> 'open' AND counted.ended_at IS NULL AS is_untimed,
    CASE WHEN counted.outcome = 'won' AND counted.ended_at <= CAST(? AS TIMESTAMP) THEN counted.ended_at END AS won_at,
    CASE WHEN counted.outcome = 'lost' AND counted.ended_at <= CAST(? AS TIMESTAMP) THEN counted.ended_at END AS lost_at
FROM counted
WHERE counted.started_at <= CAST(? AS TIMESTAMP)"""
        from funnel.measures.statistics.resampling import PIECES

        return Paragraph("followed", Query(text, (PIECES, *(self.until,) * 4)), settled=True)

    @property
    def _all_entries(self) -> Query:
        """position, piece, entered_at, next_at (when it came to the next stage, or won), won_at, won_on, lost_at, outcome, is_untimed."""
        local, joined = local_time("followed.lead_id", "followed.won_at", "winning", self.journeys.local_times)
        onward = [f"followed.time_{position}" for position in self.positions[1:]] + ["followed.won_at"]
        each = [
            f"""SELECT {position} AS position, followed.piece AS piece, followed.time_{position} AS entered_at,
    CASE WHEN {following} <= followed.observed_until THEN {following} END AS next_at,
    followed.won_at AS won_at, CAST({local} AS DATE) AS won_on, followed.lost_at AS lost_at,
    followed.outcome AS outcome, followed.is_untimed AS is_untimed, followed.observed_until AS observed_until
FROM followed{joined}
WHERE followed.reached_{position} AND followed.time_{position} <= followed.observed_until"""
            for position, following in zip(self.positions, onward, strict=True)
        ]
        return compose([*self.waits.counted(), self._ends], Query("\nUNION ALL\n".join(each)))

    @property
    def _all_stays(self) -> Query:
        """lead_id, position, piece, entered_at (NULL: open there, since when is not known), left_at, won_at, won_on, lost_at."""
        local, joined = local_time("followed.lead_id", "followed.won_at", "winning", self.journeys.local_times)
        text = f"""SELECT watched.lead_id AS lead_id, watched.position AS position, followed.piece AS piece,
    watched.entered_at AS entered_at,
    CASE WHEN watched.has_left THEN watched.entered_at + TO_MICROSECONDS(watched.microseconds) END AS left_at,
    followed.won_at AS won_at, CAST({local} AS DATE) AS won_on, followed.lost_at AS lost_at
FROM watched
INNER JOIN followed ON followed.lead_id = watched.lead_id{joined}
WHERE NOT followed.is_untimed AND CASE WHEN watched.has_left THEN watched.microseconds IS NOT NULL
    ELSE watched.entered_at IS NOT NULL OR watched.is_open END"""
        return compose([*self.waits.watched(), self._ends], Query(text))

    def untimed(self) -> tuple[int, int]:
        """How many wins there are at all, and how many of them at a moment that the file does not tell."""
        text = f"""SELECT COUNT(*) FILTER (WHERE entries.outcome = 'won' AND (entries.is_untimed OR entries.won_at IS NOT NULL)) AS won,
    COUNT(*) FILTER (WHERE entries.outcome = 'won' AND entries.is_untimed) AS untimed
FROM {identifier(self.entries_table)} AS entries
WHERE entries.position = {self.positions[0]}"""
        won, untimed = self.journeys.engine.row(Query(text))
        return int(won), int(untimed)

    def wins(self) -> dict[date, int]:
        """How many wins each day had, by the leads' own clock."""
        text = f"""SELECT entries.won_on AS won_on, COUNT(*) AS wins
FROM {identifier(self.entries_table)} AS entries
WHERE entries.position = {self.positions[0]} AND entries.won_on IS NOT NULL
GROUP BY entries.won_on"""
        return dict(self.rows(Query(text)))

    def arrivals(self) -> dict[tuple[int, int], int]:
        """How many leads entered a stage so many whole days before the end: by position and days."""
        ago = whole_days("entries.observed_until", "entries.entered_at", up=False)
        text = f"""SELECT entries.position AS position, {ago} AS ago, COUNT(*) AS leads
FROM {identifier(self.entries_table)} AS entries
GROUP BY entries.position, {ago}"""
        return {(position, ago): leads for position, ago, leads in self.rows(Query(text))}

    def entries(self, step: int, backs: Sequence[int]) -> Counts:
        """The entries at each stage as they are known now (`back` 0), and those at the first as they were known `backs` steps of so many
        days before; only what leads did in the RECENT_DAYS before counts."""
        moments = f"""SELECT steps.back AS back, entries.position AS position,
    CASE steps.back WHEN 0 THEN entries.piece ELSE 0 END AS piece,
    entries.entered_at AS entered_at, entries.won_at AS won_at, entries.lost_at AS lost_at,
    entries.observed_until - steps.back * INTERVAL '{int(step)}' DAY AS moment
FROM {identifier(self.entries_table)} AS entries
CROSS JOIN (SELECT UNNEST(CAST(? AS INTEGER[])) AS back) AS steps
WHERE NOT entries.is_untimed AND (steps.back = 0 OR entries.position = {self.positions[0]})"""
        now = whole_days("moments.moment", "moments.entered_at", up=False)
        then = {kind: whole_days(f"moments.{kind}_at", "moments.entered_at", up=True) for kind in ("won", "lost")}
        known = f"""SELECT moments.back AS back, moments.position AS position, moments.piece AS piece,
    GREATEST(0, {now} - {RECENT_DAYS}) AS entry,
    CASE WHEN moments.won_at <= moments.moment THEN {CONVERTED} WHEN moments.lost_at <= moments.moment THEN {GONE}
        ELSE {WAITING} END AS fate,
    CASE WHEN moments.won_at <= moments.moment THEN {then["won"]} WHEN moments.lost_at <= moments.moment THEN {then["lost"]}
        ELSE {now} END AS day
FROM moments
WHERE moments.entered_at <= moments.moment"""
        last = """SELECT known.back AS back, known.position AS position, 0 AS quarter, known.piece AS piece,
    CASE known.entry WHEN 0 THEN -1 ELSE known.entry END AS entry, known.fate AS fate, known.day AS day, COUNT(*) AS leads
FROM known
WHERE known.entry = 0 OR known.day > known.entry
GROUP BY known.back, known.position, known.piece, known.entry, known.fate, known.day"""
        paragraphs = [Paragraph("moments", Query(moments, ([0, *backs],))), Paragraph("known", Query(known))]
        return Counts(*self.columns(compose(paragraphs, Query(last))))

    def standing(self, step: int, most: int, recent: int) -> Counts:
        """Where leads stood at the end and up to `most` steps of so many days before. The quarters are those of the times that leads had
        been at a stage at the `recent` steps before the end."""
        length = step * MICROSECONDS_A_DAY
        until = "EPOCH_US(CAST(? AS TIMESTAMP))"
        stood = f"""SELECT stays.*, {until} AS until,
    UNNEST(RANGE(CASE WHEN stays.left_at IS NULL THEN 0 ELSE ({until} - EPOCH_US(stays.left_at)) // {length} + 1 END,
        CASE WHEN stays.entered_at IS NULL THEN 1
            ELSE LEAST({int(most)}, ({until} - EPOCH_US(stays.entered_at)) // {length}) + 1 END)) AS back
FROM {identifier(self.stays_table)} AS stays"""
        aged = f"""SELECT stood.*, stood.until - stood.back * {length} AS moment,
    stood.until - stood.back * {length} - EPOCH_US(stood.entered_at) AS age
FROM stood"""
        still = """SELECT aged.*
FROM aged
WHERE COALESCE(EPOCH_US(aged.won_at) > aged.moment, TRUE) AND COALESCE(EPOCH_US(aged.lost_at) > aged.moment, TRUE)"""
        parts = ", ".join(str(quarter / QUARTERS) for quarter in range(1, QUARTERS))
        cuts = f"""SELECT still.position AS position, QUANTILE_CONT(still.age, [{parts}]) AS cuts
FROM still
WHERE still.back BETWEEN 1 AND {int(recent)}
GROUP BY still.position"""
        above = " + ".join(
            f"CASE WHEN still.age > cuts.cuts[{quarter}] THEN 1 ELSE 0 END" for quarter in range(1, QUARTERS)
        )
        since = f"(EPOCH_US({{}}) - still.moment + {MICROSECONDS_A_DAY - 1}) // {MICROSECONDS_A_DAY}"
        placed = f"""SELECT still.back AS back, still.position AS position, still.piece AS piece,
    CASE WHEN still.age IS NULL OR cuts.position IS NULL THEN -1 ELSE {above} END AS quarter,
    CASE WHEN still.won_at IS NOT NULL THEN {CONVERTED} WHEN still.lost_at IS NOT NULL THEN {GONE} ELSE {WAITING} END AS fate,
    CASE WHEN still.won_at IS NOT NULL THEN {since.format("still.won_at")}
        WHEN still.lost_at IS NOT NULL THEN {since.format("still.lost_at")} ELSE still.back * {int(step)} END AS day
FROM still
LEFT JOIN cuts ON cuts.position = still.position"""
        last = """SELECT placed.back AS back, placed.position AS position, placed.quarter AS quarter, placed.piece AS piece,
    -1 AS entry, placed.fate AS fate, placed.day AS day, COUNT(*) AS leads
FROM placed
GROUP BY placed.back, placed.position, placed.quarter, placed.piece, placed.fate, placed.day"""
        paragraphs = [
            Paragraph("stood", Query(stood, (self.until,) * 3)),
            Paragraph("aged", Query(aged)),
            Paragraph("still", Query(still), settled=True),
            Paragraph("cuts", Query(cuts)),
            Paragraph("placed", Query(placed)),
        ]
        return Counts(*self.columns(compose(paragraphs, Query(last))))

    def steps(self) -> tuple[StepRate, ...]:
        """The rate of each step that leads have entered, by Aalen–Johansen with lost as the competing event."""
        to = {kind: whole_days(f"entries.{kind}_at", "entries.entered_at", up=True) for kind in ("next", "lost")}
        waiting = whole_days("entries.observed_until", "entries.entered_at", up=False)
        fates = f"""SELECT entries.position AS position,
    CASE WHEN entries.next_at IS NOT NULL THEN {to["next"]} WHEN entries.lost_at IS NOT NULL THEN {to["lost"]} ELSE {waiting} END AS day,
    CASE WHEN entries.next_at IS NOT NULL THEN 1 ELSE 0 END AS converted,
    CASE WHEN entries.next_at IS NULL AND entries.lost_at IS NOT NULL THEN 1 ELSE 0 END AS gone,
    CASE WHEN entries.next_at IS NULL AND entries.lost_at IS NULL THEN 1 ELSE 0 END AS waiting
FROM {identifier(self.entries_table)} AS entries
WHERE NOT entries.is_untimed"""
        ends = followed_to_the_end("incidences", ("position",))
        last = """SELECT ends.position AS position, COALESCE(ends.rate_until, ends.eventual) AS rate,
    (SELECT COUNT(*) FROM fates WHERE fates.position = ends.position) AS entered,
    (SELECT SUM(fates.converted) FROM fates WHERE fates.position = ends.position) AS advanced,
    (SELECT MEDIAN(fates.day) FROM fates WHERE fates.position = ends.position AND fates.converted = 1) AS days
FROM ends
ORDER BY ends.position"""
        paragraphs = [
            Paragraph("fates", Query(fates)),
            from_outset("fates", ("position",)),
            *incidence("tallies", ("position",)),
            Paragraph("ends", ends),
        ]
        return tuple(
            StepRate(position, entered, int(advanced), min(1.0, rate or 0.0), median)
            for position, rate, entered, advanced, median in self.rows(compose(paragraphs, Query(last)))
        )

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """What a query answers, remembered for `sql`."""
        self._queries.append(query)
        return self.journeys.engine.rows(query)

    def columns(self, query: Query) -> list[Whole]:
        """The columns of what a query answers, whole numbers all, remembered for `sql`."""
        return [column.astype("int64") for column in self.arrays(query)]

    def arrays(self, query: Query) -> list[NDArray[Any]]:
        """The columns of what a query answers, remembered for `sql`; of numbers, one that is missing is NaN."""
        self._queries.append(query)
        return [column.to_numpy() for column in self.journeys.engine.arrow(query).columns]
