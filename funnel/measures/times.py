"""How long leads stay at each stage, and how long each step takes them: with those who still wait, not only with those who do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from funnel.core import insights
from funnel.core.rows import Days, Exact, Row, days
from funnel.core.sql import Paragraph, Query, compose
from funnel.core.types import BinUnit, Filters, Note, OneOf, Question, Spans
from funnel.journeys import Journeys
from funnel.measures.bottleneck import Bottleneck, bottlenecks
from funnel.measures.groups import known_column
from funnel.measures.population.population import MICROSECONDS_A_DAY, check_columns, table_of
from funnel.measures.time_in_stage import HOUR, PARTS, ROUNDING, Quantiles, Waits, medians, quantiles_of, values_of
from funnel.measures.time_to_convert import DAYS, StepTime, step_times

MOST_POINTS = 300


@dataclass(frozen=True)
class StayPoint:
    """`share` of the stays are longer than so many days; `low` and `high` bound it at 95 % (None once nobody is left)."""

    days: float
    at_risk: int
    share: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class StageTime:
    """How long leads stay at a stage. A *stay* is one visit; any exit ends it, and who is still there is censored.

    `stays` = `left` + `still`; `lost` of those that left ended in a loss. `untimed` stays have no known beginning or end and are
    in none of these. `times` are Kaplan–Meier's, and so is `curve` (a point where the share falls, and the last one watched).
    `left_median` is over the stays that have ended only, and so too short. `all_days` is what all stays together took so far.
    """

    position: int
    key: str
    name: str
    stays: int
    left: int
    still: int
    lost: int
    untimed: int
    times: Quantiles
    left_median: float | None
    all_days: float
    curve: tuple[StayPoint, ...]
    spans: Spans

    def share_after(self, days: float) -> float | None:
        """The share of stays longer than so many days; None beyond the last day watched, or where there are no stays."""
        if not self.curve or days > self.curve[-1].days:
            return 0.0 if self.curve and self.curve[-1].share <= 0 else None
        return next((point.share for point in reversed(self.curve) if point.days <= days), 1.0)

    def row(self) -> Row:
        """The stage as a row. `there_now` and `loss_events` are other names of `still` and `lost`."""
        return {
            "key": self.key,
            "name": self.name,
            "stays": self.stays,
            "left": self.left,
            "still": self.still,
            "there_now": self.still,
            "lost": self.lost,
            "loss_events": self.lost,
            "untimed": self.untimed,
            "quarter_days": days(self.times.quarter.days),
            "median_days": days(self.times.median.days),
            "three_quarters_days": days(self.times.three_quarters.days),
            "median_low": days(self.times.median.low),
            "median_high": days(self.times.median.high),
            "completed_median_days": days(self.left_median),
            "all_days": Days(self.all_days),
        }

    def histogram_rows(self, unit: BinUnit) -> list[Row]:
        """A row a bin of this width: from and to under which days (None: no upper end), stays that ended, and those that go on."""
        return [
            {
                "from_days": Exact(each.low),
                "to_days": None if each.high is None else Exact(each.high),
                "left": each.left,
                "still": each.still,
            }
            for each in self.spans.histogram(unit).bins
        ]


@dataclass(frozen=True)
class Times:
    """Durations through a model: time at each stage where leads wait, and of each step. Always of leads.

    `left_out` are stages of the win and of what comes after it: there is no wait there. `missing` says why
    there are no stages and no steps, where the file cannot tell any; then there is no `bottleneck` either.
    """

    question: Question
    leads: int
    stages: tuple[StageTime, ...]
    steps: tuple[StepTime, ...]
    left_out: tuple[int, ...]
    missing: Note | None
    bottleneck: Bottleneck | None
    sql: str

    @property
    def untimed(self) -> int:
        """Stays without a known beginning or end."""
        return sum(stage.untimed for stage in self.stages)

    def at(self, position: int) -> StageTime | None:
        """The times at a stage; None where it is left out."""
        return next((stage for stage in self.stages if stage.position == position), None)

    def rows(self) -> list[Row]:
        """A row a stage where leads wait."""
        return [stage.row() for stage in self.stages]

    def step_rows(self) -> list[Row]:
        """A row a step, as people read it."""
        return [step.shown_row() for step in self.steps]


@dataclass(frozen=True)
class TimesBy:
    """Times for each of the commonest values of a column, largest first; None is empty. `other` leads have other values."""

    column: str
    groups: tuple[tuple[str | None, Times], ...]
    other: int

    @property
    def sql(self) -> str:
        """The query, which is one for all values."""
        return self.groups[0][1].sql if self.groups else ""

    def rows(self) -> list[Row]:
        """A row a value and stage."""
        return [{"value": insights.value_said(value), **row} for value, times in self.groups for row in times.rows()]


def times(journeys: Journeys, question: Question, days: Sequence[int] = DAYS) -> Times:
    """Time at each stage (Kaplan–Meier over stays) and of each step (Aalen–Johansen), of the leads that the question counts.

    A quantile q_p is the smallest time with S ≤ 1 − p; its interval is where the log-log band of S crosses that (Brookmeyer and
    Crowley 1982). Times are in whole ticks, see `time_in_stage`. Steps also tell the share that advanced by each of some `days`.
    A snapshot has no stays but the last one of each lead, so it tells no times: then `missing` says so.
    QuestionError where the file has no date up to which it observes.
    """
    (whole,) = _times(Waits(journeys, question), days).values()
    return whole


def times_by(journeys: Journeys, question: Question, column: str, limit: int = 6) -> TimesBy:
    """`times` for each of the `limit` commonest values of a column."""
    column = known_column(journeys, question, column)
    check_columns(journeys, table_of(journeys, question), Filters(where=(OneOf(column, ()),)))
    groups, other = values_of(journeys, question, column, limit)
    by_group = _times(Waits(journeys, question, groups), DAYS)
    narrowed = [
        replace(question.filters, where=(*question.filters.where, OneOf(column, (value,)))) for value in groups.values
    ]
    return TimesBy(
        column,
        tuple(
            (value, replace(by_group[number], question=replace(question, filters=filters)))
            for number, (value, filters) in enumerate(zip(groups.values, narrowed, strict=True))
        ),
        other,
    )


def _times(waits: Waits, days: Sequence[int]) -> dict[int, Times]:
    question, stages = waits.question, waits.question.model.stages
    missing = Note("measures.times_snapshot") if waits.journeys.start_from_created else None
    leads = compose(
        waits.counted(),
        Query("SELECT grouped.group_number, COUNT(*) AS leads\nFROM grouped\nGROUP BY grouped.group_number"),
    )
    counted = dict(waits.journeys.engine.rows(leads))
    stays = compose([*waits.watched(), *waits.shares(), *_told(waits)], Query(_STAGES))
    rows = [] if missing else waits.journeys.engine.named(stays)
    by_stage = {(row["group_number"], row["position"]): row for row in rows}
    steps, steps_sql = ({}, "") if missing else step_times(waits, days)
    slow = {} if missing else bottlenecks(waits)
    by_group = {}
    for number in range(len(waits.groups.values)):
        each = tuple(
            _stage(waits, position, by_stage.get((number, position)))
            for position in (() if missing else waits.positions)
        )
        by_group[number] = Times(
            question=question,
            leads=counted.get(number, 0),
            stages=each,
            steps=tuple(steps[number, position] for position in range(len(stages) - 1) if (number, position) in steps),
            left_out=tuple(position for position in range(len(stages)) if position not in waits.positions),
            missing=missing,
            bottleneck=slow.get(number),
            sql=leads.readable() if missing else f"{stays.readable()};\n\n{steps_sql}".rstrip(";\n"),
        )
    return by_group


def _told(waits: Waits) -> list[Paragraph]:
    """Paragraphs after `shares` that end in what is told of each group and stage, a row each."""
    counts = """SELECT alike.group_number AS group_number, alike.position AS position,
    CAST(COALESCE(SUM(alike.stays) FILTER (WHERE alike.has_left AND alike.ticks IS NOT NULL), 0) AS BIGINT) AS left_so_far,
    CAST(COALESCE(SUM(alike.stays) FILTER (WHERE NOT alike.has_left AND alike.ticks IS NOT NULL), 0) AS BIGINT) AS still,
    CAST(COALESCE(SUM(alike.stays) FILTER (WHERE alike.is_lost AND alike.ticks IS NOT NULL), 0) AS BIGINT) AS lost,
    CAST(COALESCE(SUM(alike.stays) FILTER (WHERE alike.ticks IS NULL), 0) AS BIGINT) AS untimed,
    SUM(alike.all_time) AS all_time
FROM alike
GROUP BY alike.group_number, alike.position"""
    spans = """SELECT alike.group_number AS group_number, alike.position AS position, alike.span AS span,
    CAST(COALESCE(SUM(alike.stays) FILTER (WHERE alike.has_left), 0) AS BIGINT) AS left_then,
    CAST(COALESCE(SUM(alike.stays) FILTER (WHERE NOT alike.has_left), 0) AS BIGINT) AS still_then
FROM alike
WHERE alike.ticks IS NOT NULL
GROUP BY alike.group_number, alike.position, alike.span"""
    whole = """SELECT spans.group_number AS group_number, spans.position AS position,
    LIST([spans.span, spans.left_then, spans.still_then] ORDER BY spans.span) AS spans
FROM spans
GROUP BY spans.group_number, spans.position"""
    quantiles = ",\n    ".join(
        f"MIN(shares.ticks) FILTER (WHERE shares.{column} <= {1 - part + ROUNDING}) AS {name}_{bound}"
        for name, part in PARTS.items()
        for bound, column in (("days", "share"), ("low", "low"), ("high", "high"))
    )
    sized = """SELECT shares.*, MAX(shares.ticks) OVER (PARTITION BY shares.group_number, shares.position) AS last_ticks
FROM shares"""
    falls = """SELECT sized.*, ROW_NUMBER() OVER by_length AS place, COUNT(*) OVER by_stage AS places
FROM sized
WHERE sized.left_then > 0 OR sized.ticks = sized.last_ticks
WINDOW by_stage AS (PARTITION BY sized.group_number, sized.position),
    by_length AS (PARTITION BY sized.group_number, sized.position ORDER BY sized.ticks)"""
    # Of a curve that falls in very many places, only every few are drawn, and the last one.
    drawn = f"""SELECT falls.*
FROM falls
WHERE falls.place % (falls.places // {MOST_POINTS} + 1) = 0 OR falls.place = falls.places"""
    curves = """SELECT drawn.group_number AS group_number, drawn.position AS position,
    LIST(STRUCT_PACK(ticks := drawn.ticks, at_risk := drawn.at_risk, share := drawn.share, low := drawn.low, high := drawn.high)
        ORDER BY drawn.ticks) AS curve
FROM drawn
GROUP BY drawn.group_number, drawn.position"""
    return [
        *medians("left_then", "position"),
        Paragraph("counts", Query(counts)),
        Paragraph("spans", Query(spans)),
        Paragraph("whole", Query(whole)),
        Paragraph(
            "quantiles",
            Query(
                f"SELECT shares.group_number AS group_number, shares.position AS position,\n    {quantiles}\n"
                "FROM shares\nGROUP BY shares.group_number, shares.position"
            ),
        ),
        Paragraph("sized", Query(sized)),
        Paragraph("falls", Query(falls)),
        Paragraph("drawn", Query(drawn)),
        Paragraph("curves", Query(curves)),
    ]


_STAGES = """SELECT counts.*, whole.spans AS spans, curves.curve AS curve,
    medians.median_ticks AS left_median,
    """ + (
    ", ".join(f"quantiles.{name}_{bound} AS {name}_{bound}" for name in PARTS for bound in ("days", "low", "high"))
) + "\nFROM counts" + "".join(
    f"\nLEFT JOIN {table} ON {table}.group_number = counts.group_number AND {table}.position = counts.position"
    for table in ("whole", "curves", "medians", "quantiles")
)  # fmt: skip


def _stage(waits: Waits, position: int, row: dict[str, Any] | None) -> StageTime:
    stage, row = waits.question.model.stages[position], row or {}
    left, still = row.get("left_so_far", 0), row.get("still", 0)
    median = row.get("left_median")
    return StageTime(
        position=position,
        key=stage.key,
        name=stage.name,
        stays=left + still,
        left=left,
        still=still,
        lost=row.get("lost", 0),
        untimed=row.get("untimed", 0),
        times=quantiles_of(row, waits.tick),
        left_median=None if median is None else median * waits.tick / MICROSECONDS_A_DAY,
        all_days=(row.get("all_time") or 0.0) / MICROSECONDS_A_DAY,
        curve=tuple(
            StayPoint(
                point["ticks"] * waits.tick / MICROSECONDS_A_DAY,
                point["at_risk"],
                max(0.0, point["share"]),
                point["low"],
                point["high"],
            )
            for point in row.get("curve") or ()
        ),
        spans=Spans(
            BinUnit.HOUR if waits.tick < HOUR else BinUnit.DAY,
            tuple((span, left_then, still_then) for span, left_then, still_then in row.get("spans") or ()),
        ),
    )
