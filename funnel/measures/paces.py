"""How long each step takes, and how many take it: Aalen–Johansen with lost as the competing event, never 1 − Kaplan–Meier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from funnel.measures.cohorts import conversions
from funnel.measures.counted import MICROSECONDS_A_DAY
from funnel.measures.incidence import from_outset, incidence
from funnel.measures.targets import CONVERTED, GONE, MOST_UNTIMED, WAITING, Target, followed, to_next
from funnel.measures.waits import PARTS, ROUNDING, Groups, Waits, medians, quantiles_of, ticks
from funnel.nouns import StepTime, Unit
from funnel.sql import Paragraph, Query, compose

DAYS = (30, 90, 180)


def step_times(waits: Waits, days: Sequence[int]) -> tuple[dict[tuple[int, int], StepTime], str]:
    """Each group's steps, by (group, place of the first stage); and the SQL that ran."""
    question = replace(waits.question, unit=Unit.LEAD, quorum=1)
    stages = question.model.stages
    targets = [to_next(waits.journeys, question, place) for place in range(len(stages) - 1)]
    if not targets:
        return {}, ""
    base = _grouped(followed(waits.journeys, question, waits.groups.columns), waits.groups)
    converted, sql = conversions(waits.journeys, base, targets, days, "group_number")
    query = compose([*base, *_paced(waits, targets)], Query(_PACES))
    rows = {(row["group_number"], row["target"]): row for row in waits.journeys.engine.named(query)}
    found = {}
    for (number, place), told in converted.items():
        if number is None:
            continue
        row = rows.get((number, place), {})
        known = told.untimed <= MOST_UNTIMED * (told.converted + told.gone)
        median = row.get("advanced_median")
        found[number, place] = StepTime(
            position=place,
            key=stages[place].key,
            name=stages[place].name,
            next_key=stages[place + 1].key,
            next_name=stages[place + 1].name,
            entered=told.leads,
            advanced=told.converted,
            lost=told.gone,
            untimed=told.untimed,
            times=quantiles_of(row if known else {}, waits.tick),
            advanced_median=None if median is None else median * waits.tick / MICROSECONDS_A_DAY,
            by_day=told.by_day,
            eventual=row.get("eventual") if known else None,
        )
    return found, f"{sql};\n\n{query.readable()}"


def _grouped(base: list[Paragraph], groups: Groups) -> list[Paragraph]:
    """The paragraphs of `followed`, whose rows are those of the groups, with group_number."""
    *before, last = base
    return [
        *before,
        Paragraph("all_followed", last.body),
        Paragraph("followed", groups.select("all_followed.*", "all_followed")),
    ]


def _paced(waits: Waits, targets: Sequence[Target]) -> list[Paragraph]:
    """Paragraphs after `followed` that end in `paces`: Aalen–Johansen by tick, for each group and target."""
    each = []
    for target in targets:
        went, left, seen = (
            ticks(f"EPOCH_US({moment}) - EPOCH_US({target.origin})", waits.tick, up=up)
            for moment, up in ((target.moment, True), ("followed.ended_at", True), ("followed.observed_until", False))
        )
        each.append(
            f"""SELECT followed.group_number AS group_number, {target.number} AS target, {target.fate} AS fate,
    CASE WHEN {target.reached} THEN {went} WHEN {target.left} THEN {left} ELSE {seen} END AS ticks, COUNT(*) AS leads
FROM followed
WHERE {target.among}
GROUP BY ALL"""
        )
    lengths = f"""SELECT paced.group_number AS group_number, paced.target AS target, paced.ticks AS ticks,
    CAST(COALESCE(SUM(paced.leads) FILTER (WHERE paced.fate = {CONVERTED}), 0) AS BIGINT) AS converted,
    CAST(COALESCE(SUM(paced.leads) FILTER (WHERE paced.fate = {GONE}), 0) AS BIGINT) AS gone,
    CAST(COALESCE(SUM(paced.leads) FILTER (WHERE paced.fate = {WAITING}), 0) AS BIGINT) AS waiting
FROM paced
WHERE paced.ticks IS NOT NULL
GROUP BY paced.group_number, paced.target, paced.ticks"""
    paces = """SELECT incidences.group_number AS group_number, incidences.target AS target, incidences.day AS ticks,
    incidences.rate AS rate, MAX(incidences.rate) OVER (PARTITION BY incidences.group_number, incidences.target) AS eventual
FROM incidences"""
    return [
        Paragraph("paced", Query("\nUNION ALL\n".join(each))),
        Paragraph("lengths", Query(lengths)),
        from_outset("lengths", ("group_number", "target"), day="ticks"),
        *incidence("tallies", ("group_number", "target")),
        *medians("converted", "target"),
        Paragraph("paces", Query(paces)),
    ]


_PACES = "SELECT paces.group_number AS group_number, paces.target AS target,\n    " + ",\n    ".join(
    f"MIN(paces.ticks) FILTER (WHERE paces.eventual > 0 AND paces.rate >= {part} * paces.eventual - {ROUNDING}) AS {name}_days"
    for name, part in PARTS.items()
) + """,
    MAX(paces.eventual) AS eventual, MAX(medians.median_ticks) AS advanced_median
FROM paces
LEFT JOIN medians ON medians.group_number = paces.group_number AND medians.target = paces.target
GROUP BY paces.group_number, paces.target"""  # fmt: skip
