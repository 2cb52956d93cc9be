"""How many leads got how far, how long it took, and where each of them went: the funnel and its ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import FEWEST_TIMED, Breakdown, OneOf, Outcome, Question, Rule, Segment, StageCount, Steps, Unit
from funnel.journeys import EVERYWHERE, FATES, Journeys
from funnel.measures.medians import keep_waits, middles
from funnel.measures.outcomes import columns_of, number_of
from funnel.measures.population.population import MICROSECONDS_A_DAY, selected, table_of
from funnel.measures.population.summary import Summary, summary
from funnel.measures.statistics.rates import wilson

Rows = dict[Any, dict[str, Any]]
"""What was counted, by group; None is all leads together, or the group of no value."""


def steps(journeys: Journeys, question: Question) -> Steps:
    """The funnel: counts, rates, medians and the ledger of each stage, for the leads (or accounts) that the question counts.

    The ledger counts the fates that `funnel.journeys` defines.
    """
    rows, sql = _rows(summary(journeys, question), None)
    return _read(question, rows[None], coverage(journeys, question)[None], sql)


def ready_for_dates(journeys: Journeys, question: Question) -> None:
    """Makes what the funnel of other dates is told from, where leads are so many that it is not told from the same tables."""
    keep_waits(summary(journeys, question))


def breakdown(journeys: Journeys, question: Question, column: str, limit: int = 8) -> Breakdown:
    """The funnel for each of the `limit` values of a column with most leads; None is the group of leads without a value."""
    kept = summary(journeys, question, (column,))
    rows, sql = _rows(kept, Query(f"CAST({kept.column_of('shown')(column)} AS VARCHAR)"))
    ranked = sorted(rows, key=lambda value: (-rows[value]["leads"], value is None, value or ""))
    covered = coverage(journeys, question, column)
    groups = []
    for value in ranked[:limit]:
        filters = replace(question.filters, where=(*question.filters.where, OneOf(column, (value,))))
        groups.append((value, _read(replace(question, filters=filters), rows[value], covered[value], sql)))
    return Breakdown(column, tuple(groups), sum(int(rows[value]["leads"]) for value in ranked[limit:]))


def segment_steps(journeys: Journeys, question: Question, segments: Sequence[Segment]) -> tuple[Steps, ...]:
    """The funnel of each segment; leads that belong to two count in neither. The question of each is narrowed to its conditions."""
    kept = summary(journeys, question, columns_of(segments))
    rows, sql = _rows(kept, number_of(segments, kept.column_of("shown")))
    told = []
    for place, segment in enumerate(segments):
        filters = replace(question.filters, where=(*question.filters.where, *segment.where))
        narrow = replace(question, filters=filters)
        row = rows.get(place) or _nobody(len(question.model.stages))
        told.append(_read(narrow, row, coverage(journeys, narrow)[None], sql))
    return tuple(told)


def rule_sensitivity(journeys: Journeys, question: Question) -> dict[Rule, int]:
    """For each other rule, how many leads it would count at other stages than the question's rule does; of rules that have to be worked
    out from all entries, only where the question's is one."""
    others = [rule for rule in EVERYWHERE if rule is not question.rule]
    kept = summary(journeys, replace(question, unit=Unit.LEAD))
    sums = (
        f"COALESCE(SUM(shown.leads) FILTER (WHERE shown.moved_{place}), 0) AS moved_{place}"
        for place in range(len(others))
    )
    query = compose(
        [kept.shown(kept.rule_sensitivity(others), "shown")], Query(f"SELECT {', '.join(sums)}\nFROM shown")
    )
    return {rule: int(moved) for rule, moved in zip(others, journeys.engine.row(query), strict=True)}


def _rows(kept: Summary, group: Query | None) -> tuple[Rows, str]:
    """For each group totals, and for each stage its count, ledger and median; and the SQL that ran. `group` tells a row of `shown`
    to a group."""
    counts, counted_by = _counts(kept, group)
    medians, timed_by = middles(kept, group)
    ran = [kept.journeys.statement(kept.daily_counts()), counted_by, *([timed_by] if timed_by else [])]
    return {value: row | medians.get(value, {}) for value, row in counts.items()}, ";\n\n".join(ran)


def _counts(kept: Summary, group: Query | None) -> tuple[Rows, str]:
    """Leads share few patterns of fates: the engine adds up each pattern, and the patterns are added up here, stage by stage."""
    stages = len(kept.question.model.stages)
    parts = ", ".join(f"shown.{part}" for part in ("outcome", *(f"fate_{place}" for place in range(stages))))
    grouped = group or Query("CAST(NULL AS VARCHAR)")
    daily_counts = f"""SELECT {grouped.text} AS of_group, {parts},
    SUM(shown.leads) AS leads, SUM(shown.undated) AS undated,
    MIN(shown.first_start) AS first_start, MAX(shown.last_start) AS last_start
FROM shown
GROUP BY 1, {parts}"""
    query = compose([kept.shown(kept.daily_counts(), "shown")], Query(daily_counts, grouped.values))
    rows: Rows = {} if group else {None: _nobody(stages)}
    for of_group, outcome, *fates, leads, undated, first_start, last_start in kept.journeys.engine.rows(query):
        row = rows.setdefault(of_group, _nobody(stages))
        row["leads"] += leads
        row["undated"] += undated
        row[outcome] += leads
        row["first_start"] = min((at for at in (row["first_start"], first_start) if at is not None), default=None)
        row["last_start"] = max((at for at in (row["last_start"], last_start) if at is not None), default=None)
        for place, fate in enumerate(fates):
            if fate:
                row[f"leads_{place}"] += leads
                row[f"{FATES[fate - 1]}_{place}"] += leads
    return rows, query.readable()


def _nobody(stages: int) -> dict[str, Any]:
    """The row of no lead."""
    parts = ("leads", *FATES)
    row: dict[str, Any] = dict.fromkeys(
        ("leads", "undated", *Outcome, *(f"{p}_{i}" for i in range(stages) for p in parts)), 0
    )
    return row | {"first_start": None, "last_start": None}


def _read(question: Question, row: dict[str, Any], coverage: tuple[int, int], sql: str) -> Steps:
    all_leads, placed_leads = coverage
    stages = []
    entry = int(row["leads_0"])
    for place, stage in enumerate(question.model.stages):
        count = int(row[f"leads_{place}"])
        median, timed = row.get(f"median_{place}"), row.get(f"timed_{place}", 0)
        stages.append(
            StageCount(
                position=place,
                key=stage.key,
                name=stage.name,
                leads=count,
                from_entry=wilson(count, entry),
                from_previous=wilson(count, int(row[f"leads_{place - 1}"])) if place else None,
                median_days_from_previous=float(median) / MICROSECONDS_A_DAY
                if median is not None and timed >= FEWEST_TIMED
                else None,
                timed_leads=timed,
                skipped_here=int(row[f"skipped_ahead_{place - 1}"]) if place and question.rule is Rule.PASSED else 0,
                **{part: int(row[f"{part}_{place}"]) for part in FATES},
            )
        )
    return Steps(
        question=question,
        leads=int(row["leads"]),
        all_leads=all_leads,
        placed_leads=placed_leads,
        undated=int(row["undated"]),
        won=int(row["won"]),
        lost=int(row["lost"]),
        open=int(row["open"]),
        first_start=row["first_start"],
        last_start=row["last_start"],
        observed_until=question.observed_until,
        stages=tuple(stages),
        sql=sql,
    )


def coverage(journeys: Journeys, question: Question, group: str | None = None) -> dict[str | None, tuple[int, int]]:
    """For each value of a column (None: for all leads together): all leads that meet the filters on columns, and those of
    them that the model places; dates are not looked at."""
    if group is None and not question.filters.where and question.unit is Unit.LEAD:
        # The patterns hold each lead that the model places.
        every = Query("SELECT COUNT(*) AS leads FROM leads")
        (total,) = journeys.once(("leads",), lambda: journeys.engine.row(every))
        return {None: (total, summary(journeys, question).leads())}
    table = table_of(journeys, question)
    key = "coverage", table, question.filters.where, group

    def count() -> dict[str | None, tuple[int, int]]:
        text = f"CAST(kept.{identifier(group)} AS VARCHAR)" if group else "CAST(NULL AS VARCHAR)"
        count = Query(f"SELECT {text} AS value, COUNT(*) AS leads\nFROM kept\nGROUP BY {text}")
        total, placed = (
            dict(journeys.engine.rows(compose([Paragraph("kept", selected(source, question.filters))], count)))
            for source in (journeys.starts.seen("leads", question.attributes), table)
        )
        return {value: (total.get(value, 0), placed.get(value, 0)) for value in {*total, None}}

    return journeys.once(key, count)
