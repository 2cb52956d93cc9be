"""How long each step takes, and how many take it: Aalen–Johansen with lost as the competing event, never 1 − Kaplan–Meier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from funnel.core.sql import Paragraph, Query, compose
from funnel.core.types import FEWEST_TIMED, Conversion, StepTime, Unit
from funnel.measures.cohorts import conversions
from funnel.measures.population.population import MICROSECONDS_A_DAY
from funnel.measures.population.states import CONVERTED, GONE, WAITING
from funnel.measures.statistics.incidence import followed_to_the_end, from_outset, incidence
from funnel.measures.targets import MOST_UNTIMED, Target, followed, in_ledger
from funnel.measures.time_in_stage import PARTS, ROUNDING, Groups, Waits, medians, quantiles_of, ticks

DAYS = (30, 90, 180)


def step_times(waits: Waits, days: Sequence[int]) -> tuple[dict[tuple[int, int], StepTime], str]:
    """Each group's steps, by (group, place of the first stage); and the SQL that ran."""
    question = replace(waits.question, unit=Unit.LEAD, quorum=1)
    targets = [in_ledger(waits.journeys, question, place) for place in range(len(question.model.stages) - 1)]
    if not targets:
        return {}, ""
    base = _grouped(followed(waits.journeys, question, waits.groups.columns), waits.groups)
    converted, sql = conversions(waits.journeys, base, targets, days, "group_number")
    query = compose([*base, *_paced(waits, targets)], Query(_PACES))
    rows = {(row["group_number"], row["target"]): row for row in waits.journeys.engine.named(query)}
    found = {
        (number, place): _step(waits, place, told, rows[number, place])
        for (number, place), told in converted.items()
        if number is not None
    }
    return found, f"{sql};\n\n{query.readable()}"


def _step(waits: Waits, place: int, told: Conversion, row: dict[str, Any]) -> StepTime:
    stage, after = waits.question.model.stages[place : place + 2]
    dated = told.untimed <= MOST_UNTIMED * (told.converted + told.gone)
    timed = row["timed"] or 0
    enough = dated and timed >= FEWEST_TIMED

    def in_days(name: str, known: bool) -> float | None:
        return row[name] * waits.tick / MICROSECONDS_A_DAY if known and row[name] is not None else None

    return StepTime(
        position=place,
        key=stage.key,
        name=stage.name,
        next_key=after.key,
        next_name=after.name,
        entered=told.leads,
        advanced=told.converted,
        lost=row["lost"],
        otherwise=told.gone - row["lost"],
        untimed=told.untimed,
        timed=timed,
        times=quantiles_of(row if enough and row["timed_is_known"] else {}, waits.tick),
        half_days=in_days("half_of_all", enough),
        advanced_median=in_days("advanced_median", timed >= FEWEST_TIMED),
        by_day=told.by_day,
        eventual=(row["eventual"] or 0.0) if dated and row["is_known"] else None,
        until=in_days("until", dated),
        rate_until=row["rate_until"] if dated else None,
        dated=dated,
    )


def _grouped(base: list[Paragraph], groups: Groups) -> list[Paragraph]:
    """The paragraphs of `followed`, whose rows are those of the groups, with group_number."""
    *before, last = base
    return [
        *before,
        Paragraph("all_followed", last.body),
        Paragraph("followed", groups.select("all_followed.*", "all_followed")),
    ]


def _paced(waits: Waits, targets: Sequence[Target]) -> list[Paragraph]:
    """Paragraphs after `followed` that end in `ends` (what came of each group and target, of all leads and of those recorded at the first
    stage), `quarters` (when) and `medians`.

    How long a step takes is of leads *recorded* at both stages: at a stage that was skipped a lead counts from the moment of the
    later one, which is no time to wait. Of those recorded at the first, who passed the next without a record went another way.
    """
    each = []
    for target in targets:
        went, left, seen = (
            ticks(f"EPOCH_US({moment}) - EPOCH_US({target.origin})", waits.tick, up=up)
            for moment, up in ((target.moment, True), (target.left_at, True), ("followed.observed_until", False))
        )
        each.append(
            f"""SELECT followed.group_number AS group_number, {target.number} AS target, {target.fate} AS fate,
    CASE WHEN {target.reached} THEN {went} WHEN {target.left} THEN {left} ELSE {seen} END AS ticks,
    {target.fate} = {GONE} AND {target.lost} AS is_lost,
    followed.recorded_{target.number} AS from_record, followed.recorded_{target.number + 1} AS to_record, COUNT(*) AS leads
FROM followed
WHERE {target.among}
GROUP BY ALL"""
        )
    losses = """SELECT paced.group_number AS group_number, paced.target AS target,
    CAST(COALESCE(SUM(paced.leads) FILTER (WHERE paced.is_lost), 0) AS BIGINT) AS lost
FROM paced
GROUP BY paced.group_number, paced.target"""
    both = f"""SELECT paced.group_number AS group_number, paced.target AS target, FALSE AS recorded, paced.fate AS fate,
    paced.ticks AS ticks, paced.leads AS leads
FROM paced
WHERE paced.ticks IS NOT NULL
UNION ALL
SELECT paced.group_number AS group_number, paced.target AS target, TRUE AS recorded,
    CASE WHEN paced.fate = {CONVERTED} AND NOT paced.to_record THEN {GONE} ELSE paced.fate END AS fate,
    paced.ticks AS ticks, paced.leads AS leads
FROM paced
WHERE paced.ticks IS NOT NULL AND paced.from_record"""
    lengths = f"""SELECT both_ways.group_number AS group_number, both_ways.target AS target, both_ways.recorded AS recorded,
    both_ways.ticks AS ticks,
    CAST(COALESCE(SUM(both_ways.leads) FILTER (WHERE both_ways.fate = {CONVERTED}), 0) AS BIGINT) AS converted,
    CAST(COALESCE(SUM(both_ways.leads) FILTER (WHERE both_ways.fate = {GONE}), 0) AS BIGINT) AS gone,
    CAST(COALESCE(SUM(both_ways.leads) FILTER (WHERE both_ways.fate = {WAITING}), 0) AS BIGINT) AS waiting
FROM both_ways
GROUP BY both_ways.group_number, both_ways.target, both_ways.recorded, both_ways.ticks"""
    parts = ",\n    ".join(
        f"MIN(incidences.day) FILTER (WHERE ends.eventual > 0 AND incidences.rate >= {part} * ends.eventual - {ROUNDING}) AS {name}_days"
        for name, part in PARTS.items()
    )
    quarters = f"""SELECT incidences.group_number AS group_number, incidences.target AS target,
    {parts},
    MIN(incidences.day) FILTER (WHERE incidences.day <= ends.until AND incidences.rate >= {0.5 - ROUNDING}) AS half_of_all,
    CAST(SUM(incidences.converted) AS BIGINT) AS timed, BOOL_OR(ends.is_known) AS timed_is_known
FROM incidences
INNER JOIN ends ON ends.group_number = incidences.group_number AND ends.target = incidences.target AND ends.recorded
WHERE incidences.recorded
GROUP BY incidences.group_number, incidences.target"""
    keys = ("group_number", "target", "recorded")
    return [
        Paragraph("paced", Query("\nUNION ALL\n".join(each))),
        Paragraph("losses", Query(losses)),
        Paragraph("both_ways", Query(both)),
        Paragraph("lengths", Query(lengths)),
        from_outset("lengths", keys, day="ticks"),
        *incidence("tallies", keys),
        *medians("converted", "target", among="lengths.recorded"),
        Paragraph("ends", followed_to_the_end("incidences", keys)),
        Paragraph("quarters", Query(quarters)),
    ]


_PACES = """SELECT losses.group_number AS group_number, losses.target AS target, losses.lost AS lost,
    ends.until AS until, ends.rate_until AS rate_until, ends.eventual AS eventual, COALESCE(ends.is_known, FALSE) AS is_known,
    quarters.* EXCLUDE (group_number, target), medians.median_ticks AS advanced_median
FROM losses
LEFT JOIN ends ON ends.group_number = losses.group_number AND ends.target = losses.target AND NOT ends.recorded
LEFT JOIN quarters ON quarters.group_number = losses.group_number AND quarters.target = losses.target
LEFT JOIN medians ON medians.group_number = losses.group_number AND medians.target = losses.target"""
