"""How long each step takes, and how many take it: Aalen–Johansen with lost as the competing event, never 1 − Kaplan–Meier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import Any

from funnel.core.rows import Row, days
from funnel.core.sql import Paragraph, Query, compose
from funnel.core.types import FEWEST_TIMED, ByDay, Conversion, Rate, Unit
from funnel.measures.cohorts import conversions
from funnel.measures.population.population import MICROSECONDS_A_DAY
from funnel.measures.population.states import CONVERTED, GONE, WAITING
from funnel.measures.statistics.incidence import followed_to_the_end, from_outset, incidence
from funnel.measures.targets import MOST_UNTIMED, Target, followed, in_ledger
from funnel.measures.time_in_stage import PARTS, ROUNDING, Groups, Quantiles, Waits, medians, quantiles_of, ticks

DAYS = (30, 90, 180)
RARE = ("otherwise", "so_far", "so_far_day")
"""Columns of `StepTime.shown_row` that most files have nothing in: ways round the next stage, and what has come of an undecided step."""


@dataclass(frozen=True)
class StepTime:
    """How long the step from one stage to the next takes, for the leads that the question counts at the first.

    entered = advanced + lost + otherwise + waiting. `lost` are those that the ledger of the first stage calls lost; those that ended
    `otherwise` were won without the next stage, went past it and then ended, or ran out of the question's window. `untimed` ones
    did one of these at a moment that the file does not tell; where they are too many (not `dated`), nothing by time is told.
    `by_day` is the Aalen–Johansen share that advanced by some days, with every other end as the competing event; `rate_until` what
    had come of it by the day `until`, the last on which enough leads were watched; `eventual` what comes of it in the end, None
    where too many are still undecided (`measures.incidence.HARDLY_ANY`).

    Times are of leads recorded at both stages, `timed` of them; None of fewer than FEWEST_TIMED. `times` are quantiles as parts
    of those who ever advance, so None where that is not known; by `half_days` half of all that entered had advanced (None: not
    reached). `advanced_median` is over those who have advanced so far only.
    """

    position: int
    key: str
    name: str
    next_key: str
    next_name: str
    entered: int
    advanced: int
    lost: int
    otherwise: int
    untimed: int
    timed: int
    times: Quantiles
    half_days: float | None
    advanced_median: float | None
    by_day: tuple[ByDay, ...]
    eventual: float | None
    until: float | None
    rate_until: float | None
    dated: bool

    @property
    def waiting(self) -> int:
        """Undecided so far."""
        return self.entered - self.advanced - self.lost - self.otherwise

    def row(self) -> Row:
        """The step as a row. `came_to_next`, `lost_for_good` and `undecided` are other names of `advanced`, `lost` and `open`."""
        return {
            "from": self.key,
            "to": self.next_key,
            "from_name": self.name,
            "to_name": self.next_name,
            "entered": self.entered,
            "advanced": self.advanced,
            "came_to_next": self.advanced,
            "lost": self.lost,
            "lost_for_good": self.lost,
            "otherwise": self.otherwise,
            "open": self.waiting,
            "undecided": self.waiting,
            "untimed": self.untimed,
            "by_day": [
                {
                    "day": each.day,
                    "rate": each.rate,
                    "low": each.low,
                    "high": each.high,
                    "old_enough": each.old_enough,
                    "advanced": each.converted,
                }
                for each in self.by_day
            ],
            "eventual": self._share(self.advanced, self.eventual),
            "at_least": self.rate_until,
            "at_least_by_day": self.until,
            "timed": self.timed,
            "half_of_all_days": days(self.half_days),
            "quarter_days": days(self.times.quarter.days),
            "median_days": days(self.times.median.days),
            "three_quarters_days": days(self.times.three_quarters.days),
            "completed_median_days": days(self.advanced_median),
        }

    def shown_row(self) -> Row:
        """The same as people read it: the share by each day in a column of its own; what had come of it so far only where it is
        not known what comes in the end, with the day up to which enough leads were watched."""
        is_known = self.eventual is not None or self.rate_until is None
        so_far = None if is_known else self._share(self.advanced, self.rate_until)
        return {
            **self.row(),
            "step": f"{self.name} → {self.next_name}",
            **{f"by_{each.day}": self._share(each.converted, each.rate) for each in self.by_day},
            "so_far": so_far,
            "so_far_day": None if so_far is None or so_far.few or self.until is None else floor(self.until),
        }

    def _share(self, part: int, value: float | None) -> Rate:
        """A share of all that entered, of enough of them to be told or not."""
        return Rate(part, self.entered, value, None, None)


def step_times(waits: Waits, days: Sequence[int]) -> tuple[dict[tuple[int, int], StepTime], str]:
    """Each group's steps, by (group, position of the first stage); and the SQL that ran."""
    question = replace(waits.question, unit=Unit.LEAD, quorum=1)
    targets = [in_ledger(waits.journeys, question, position) for position in range(len(question.model.stages) - 1)]
    if not targets:
        return {}, ""
    base = _grouped(followed(waits.journeys, question, waits.groups.columns), waits.groups)
    converted, sql = conversions(waits.journeys, base, targets, days, "group_number")
    query = compose([*base, *_paced(waits, targets)], Query(_PACES))
    rows = {(row["group_number"], row["target"]): row for row in waits.journeys.engine.named(query)}
    steps = {
        (number, position): _step(waits, position, conversion, rows[number, position])
        for (number, position), conversion in converted.items()
        if number is not None
    }
    return steps, f"{sql};\n\n{query.readable()}"


def _step(waits: Waits, position: int, conversion: Conversion, row: dict[str, Any]) -> StepTime:
    stage, after = waits.question.model.stages[position : position + 2]
    dated = conversion.untimed <= MOST_UNTIMED * (conversion.converted + conversion.gone)
    timed = row["timed"] or 0
    enough = dated and timed >= FEWEST_TIMED

    def in_days(name: str, is_known: bool) -> float | None:
        return row[name] * waits.tick / MICROSECONDS_A_DAY if is_known and row[name] is not None else None

    return StepTime(
        position=position,
        key=stage.key,
        name=stage.name,
        next_key=after.key,
        next_name=after.name,
        entered=conversion.leads,
        advanced=conversion.converted,
        lost=row["lost"],
        otherwise=conversion.gone - row["lost"],
        untimed=conversion.untimed,
        timed=timed,
        times=quantiles_of(row if enough and row["timed_is_known"] else {}, waits.tick),
        half_days=in_days("half_of_all", enough),
        advanced_median=in_days("advanced_median", timed >= FEWEST_TIMED),
        by_day=conversion.by_day,
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
        went, left, watched = (
            ticks(f"EPOCH_US({moment}) - EPOCH_US({target.origin})", waits.tick, up=up)
            for moment, up in ((target.moment, True), (target.left_at, True), ("followed.observed_until", False))
        )
        each.append(
            f"""SELECT followed.group_number AS group_number, {target.number} AS target, {target.fate} AS fate,
    CASE WHEN {target.reached} THEN {went} WHEN {target.left} THEN {left} ELSE {watched} END AS ticks,
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
