"""How long leads stay at each stage, and how long each step takes them: with those who still wait, not only with those who do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from funnel.core.sql import Paragraph, Query, compose
from funnel.core.types import BinUnit, Filters, Note, OneOf, Question, Spans, StageTime, StayPoint, Times, TimesBy
from funnel.journeys import Journeys
from funnel.measures.bottleneck import bottlenecks
from funnel.measures.population.population import MICROSECONDS_A_DAY, check_columns, table_of
from funnel.measures.time_in_stage import HOUR, PARTS, ROUNDING, Waits, medians, quantiles_of, values_of
from funnel.measures.time_to_convert import DAYS, step_times

MOST_POINTS = 300


def times(journeys: Journeys, question: Question, days: Sequence[int] = DAYS) -> Times:
    """Time at each stage (Kaplan–Meier over stays) and of each step (Aalen–Johansen), of the leads that the question counts.

    A quantile q_p is the smallest time with S ≤ 1 − p; its interval is where the log-log band of S crosses that (Brookmeyer and
    Crowley 1982). Times are in whole ticks, see `time_in_stage`. Steps also tell the share that advanced by each of some `days`.
    A snapshot has no stays but the last one of each lead, so it tells no times: then `missing` says so.
    QuestionError where the file has no date up to which it observes.
    """
    (told,) = _times(Waits(journeys, question), days).values()
    return told


def times_by(journeys: Journeys, question: Question, column: str, limit: int = 6) -> TimesBy:
    """`times` for each of the `limit` commonest values of a column."""
    check_columns(journeys, table_of(journeys, question), Filters(where=(OneOf(column, ()),)))
    groups, other = values_of(journeys, question, column, limit)
    found = _times(Waits(journeys, question, groups), DAYS)
    asked = [
        replace(question.filters, where=(*question.filters.where, OneOf(column, (value,)))) for value in groups.values
    ]
    return TimesBy(
        column,
        tuple(
            (value, replace(found[number], question=replace(question, filters=filters)))
            for number, (value, filters) in enumerate(zip(groups.values, asked, strict=True))
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
    found = {(row["group_number"], row["position"]): row for row in rows}
    steps, steps_sql = ({}, "") if missing else step_times(waits, days)
    slow = {} if missing else bottlenecks(waits)
    told = {}
    for number in range(len(waits.groups.values)):
        each = tuple(_stage(waits, place, found.get((number, place))) for place in (() if missing else waits.places))
        told[number] = Times(
            question=question,
            leads=counted.get(number, 0),
            stages=each,
            steps=tuple(steps[number, place] for place in range(len(stages) - 1) if (number, place) in steps),
            left_out=tuple(place for place in range(len(stages)) if place not in waits.places),
            missing=missing,
            bottleneck=slow.get(number),
            sql=leads.readable() if missing else f"{stays.readable()};\n\n{steps_sql}".rstrip(";\n"),
        )
    return told


def _told(waits: Waits) -> list[Paragraph]:
    """Paragraphs after `shares` that end in what is told of each group and stage, a row each."""
    counts = """SELECT gathered.group_number AS group_number, gathered.position AS position,
    CAST(COALESCE(SUM(gathered.stays) FILTER (WHERE gathered.has_left AND gathered.ticks IS NOT NULL), 0) AS BIGINT) AS left_so_far,
    CAST(COALESCE(SUM(gathered.stays) FILTER (WHERE NOT gathered.has_left AND gathered.ticks IS NOT NULL), 0) AS BIGINT) AS still,
    CAST(COALESCE(SUM(gathered.stays) FILTER (WHERE gathered.is_lost AND gathered.ticks IS NOT NULL), 0) AS BIGINT) AS lost,
    CAST(COALESCE(SUM(gathered.stays) FILTER (WHERE gathered.ticks IS NULL), 0) AS BIGINT) AS untimed,
    SUM(gathered.all_time) AS all_time
FROM gathered
GROUP BY gathered.group_number, gathered.position"""
    spans = """SELECT gathered.group_number AS group_number, gathered.position AS position, gathered.span AS span,
    CAST(COALESCE(SUM(gathered.stays) FILTER (WHERE gathered.has_left), 0) AS BIGINT) AS left_then,
    CAST(COALESCE(SUM(gathered.stays) FILTER (WHERE NOT gathered.has_left), 0) AS BIGINT) AS still_then
FROM gathered
WHERE gathered.ticks IS NOT NULL
GROUP BY gathered.group_number, gathered.position, gathered.span"""
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


def _stage(waits: Waits, place: int, row: dict[str, Any] | None) -> StageTime:
    stage, found = waits.question.model.stages[place], row or {}
    left, still = found.get("left_so_far", 0), found.get("still", 0)
    median = found.get("left_median")
    return StageTime(
        position=place,
        key=stage.key,
        name=stage.name,
        stays=left + still,
        left=left,
        still=still,
        lost=found.get("lost", 0),
        untimed=found.get("untimed", 0),
        times=quantiles_of(found, waits.tick),
        left_median=None if median is None else median * waits.tick / MICROSECONDS_A_DAY,
        all_days=(found.get("all_time") or 0.0) / MICROSECONDS_A_DAY,
        curve=tuple(
            StayPoint(
                point["ticks"] * waits.tick / MICROSECONDS_A_DAY,
                point["at_risk"],
                max(0.0, point["share"]),
                point["low"],
                point["high"],
            )
            for point in found.get("curve") or ()
        ),
        spans=Spans(
            BinUnit.HOUR if waits.tick < HOUR else BinUnit.DAY,
            tuple((span, left_then, still_then) for span, left_then, still_then in found.get("spans") or ()),
        ),
    )
