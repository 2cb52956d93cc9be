"""How many leads got how far, how long it took, and where each of them went: the funnel and its ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from funnel.journeys import FATES, Journeys
from funnel.measures.counted import MICROSECONDS_A_DAY, fates, in_question, selected, table_of, within_dates
from funnel.measures.outcomes import columns_of, number_of
from funnel.measures.rates import wilson
from funnel.nouns import Breakdown, OneOf, Outcome, Question, Rule, Segment, StageCount, Steps, Unit
from funnel.sql import Paragraph, Query, compose, identifier, marks


def steps(journeys: Journeys, question: Question) -> Steps:
    """The funnel: counts, rates, medians and the ledger of each stage, for the leads (or accounts) that the question counts.

    The ledger counts the fates that `funnel.journeys` defines.
    """
    counted = in_question(journeys, question)
    (row,), sql = _rows(journeys, question, counted, None)
    return _read(question, row, coverage(journeys, question)[None], sql)


def breakdown(journeys: Journeys, question: Question, column: str, limit: int = 8) -> Breakdown:
    """The funnel for each of the `limit` values of a column with most leads; None is the group of leads without a value."""
    counted = in_question(journeys, question, (column,))
    name = f"counted.{identifier(column)}"
    text = f"CAST({name} AS VARCHAR)"
    ranks = f"SELECT {text} AS value, COUNT(*) AS leads\nFROM counted\nGROUP BY {text}\nORDER BY leads DESC, value"
    ranked = journeys.engine.rows(compose(counted, Query(ranks)))
    kept = [value for value, _ in ranked[:limit]]
    some = [value for value in kept if value is not None]
    parts = [f"{text} IN ({marks(some)})"] if some else []
    if None in kept:
        parts.append(f"{name} IS NULL")
    grouped = Query(
        f"SELECT counted.*, {text} AS value_of_group\nFROM counted\nWHERE {' OR '.join(parts) or 'FALSE'}", tuple(some)
    )
    found, sql = _rows(journeys, question, [*counted, Paragraph("grouped", grouped)], "value_of_group")
    rows = {row["value_of_group"]: row for row in found}
    covered = coverage(journeys, question, column)
    groups = []
    for value in kept:
        filters = replace(question.filters, where=(*question.filters.where, OneOf(column, (value,))))
        groups.append((value, _read(replace(question, filters=filters), rows[value], covered[value], sql)))
    return Breakdown(column, tuple(groups), sum(leads for _, leads in ranked[limit:]))


def segment_steps(journeys: Journeys, question: Question, segments: Sequence[Segment]) -> tuple[Steps, ...]:
    """The funnel of each segment; leads that belong to two count in neither. The question of each is narrowed to its conditions."""
    counted = in_question(journeys, question, columns_of(segments))
    number = number_of(segments, lambda column: f"counted.{identifier(column)}")
    grouped = Query(f"SELECT counted.*, {number.text} AS segment_number\nFROM counted", number.values)
    found, sql = _rows(journeys, question, [*counted, Paragraph("grouped", grouped)], "segment_number")
    rows = {row["segment_number"]: row for row in found}
    told = []
    for place, segment in enumerate(segments):
        filters = replace(question.filters, where=(*question.filters.where, *segment.where))
        narrow = replace(question, filters=filters)
        row = rows.get(place) or _nobody(len(question.model.stages))
        told.append(_read(narrow, row, coverage(journeys, narrow)[None], sql))
    return tuple(told)


def rule_moves(journeys: Journeys, question: Question) -> dict[Rule, int]:
    """For each other rule, how many leads it would count at other stages than the question's rule does."""
    others = [rule for rule in Rule if rule is not question.rule]
    mine = fates(question, "selected")
    columns = []
    for place, rule in enumerate(others):
        theirs = fates(question, "selected", rule)
        differs = " OR ".join(f"({left} > 0) <> ({right} > 0)" for left, right in zip(mine, theirs, strict=True))
        columns.append(f"COUNT(*) FILTER (WHERE {differs}) AS moved_{place}")
    paragraphs = [
        Paragraph("kept", selected(table_of(journeys, question), question.filters)),
        *within_dates(journeys, replace(question, unit=Unit.LEAD), "kept", "selected"),
    ]
    row = journeys.engine.row(compose(paragraphs, Query(f"SELECT {', '.join(columns)}\nFROM selected")))
    return dict(zip(others, row, strict=True))


def _rows(
    journeys: Journeys, question: Question, paragraphs: list[Paragraph], group: str | None
) -> tuple[list[dict[str, Any]], str]:
    """One row (one for each group): totals, and for each stage its count, ledger and median; and the SQL that ran.

    Leads share few patterns of fates, so they are gathered into patterns first and the patterns are added up.
    """
    stages, source = len(question.model.stages), paragraphs[-1].name
    fate_columns = [f"fate_{place}" for place in range(stages)]
    keys = [f"{source}.{column}" for column in (*([group] if group else []), "outcome", *fate_columns)]
    patterns = f"""SELECT {", ".join(keys)},
    COUNT(*) AS leads,
    COUNT(*) - COUNT({source}.started_at) AS undated,
    MIN({source}.started_at) AS first_start,
    MAX({source}.started_at) AS last_start
FROM {source}
GROUP BY {", ".join(keys)}"""
    sums = [
        "COALESCE(SUM(patterns.leads), 0) AS leads",
        "COALESCE(SUM(patterns.undated), 0) AS undated",
        "MIN(patterns.first_start) AS first_start",
        "MAX(patterns.last_start) AS last_start",
        *(_sum(f"patterns.outcome = '{outcome}'", outcome) for outcome in Outcome),
    ]
    for place, column in enumerate(fate_columns):
        sums.append(_sum(f"patterns.{column} > 0", f"leads_{place}"))
        sums += [_sum(f"patterns.{column} = {code}", f"{part}_{place}") for code, part in enumerate(FATES, start=1)]
    counts = compose([*paragraphs, Paragraph("patterns", Query(patterns))], _select(sums, "patterns", group))
    rows = {row[group] if group else None: row for row in journeys.engine.named(counts)}
    waits = []
    for place in range(1, stages):
        # Where a lead does not count at one of the two stages, its time there is NULL, and so is the time between.
        between = f"EPOCH_US({source}.time_{place}) - EPOCH_US({source}.time_{place - 1})"
        waits += [f"MEDIAN({between}) AS median_{place}", f"COUNT({between}) AS timed_{place}"]
    if not waits:
        return list(rows.values()), counts.readable()
    medians = compose(paragraphs, _select(waits, source, group))
    for row in journeys.engine.named(medians):
        rows[row[group] if group else None].update(row)
    return list(rows.values()), f"{counts.readable()};\n\n{medians.readable()}"


def _nobody(stages: int) -> dict[str, Any]:
    """The row of no lead."""
    parts = ("leads", *FATES)
    row: dict[str, Any] = dict.fromkeys(
        ("leads", "undated", *Outcome, *(f"{p}_{i}" for i in range(stages) for p in parts)), 0
    )
    return row | {"first_start": None, "last_start": None}


def _sum(condition: str, name: str) -> str:
    return f"COALESCE(SUM(patterns.leads) FILTER (WHERE {condition}), 0) AS {name}"


def _select(columns: list[str], source: str, group: str | None) -> Query:
    by = f"\nGROUP BY {source}.{group}" if group else ""
    each = [f"{source}.{group} AS {group}", *columns] if group else columns
    return Query("SELECT\n    " + ",\n    ".join(each) + f"\nFROM {source}{by}")


def _read(question: Question, row: dict[str, Any], coverage: tuple[int, int], sql: str) -> Steps:
    all_leads, placed_leads = coverage
    stages = []
    entry = int(row["leads_0"])
    for place, stage in enumerate(question.model.stages):
        count = int(row[f"leads_{place}"])
        median = row.get(f"median_{place}")
        stages.append(
            StageCount(
                position=place,
                key=stage.key,
                name=stage.name,
                leads=count,
                from_entry=wilson(count, entry),
                from_previous=wilson(count, int(row[f"leads_{place - 1}"])) if place else None,
                median_days_from_previous=None if median is None else float(median) / MICROSECONDS_A_DAY,
                timed_leads=row.get(f"timed_{place}", 0),
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
    text = f"CAST(kept.{identifier(group)} AS VARCHAR)" if group else "CAST(NULL AS VARCHAR)"
    count = Query(f"SELECT {text} AS value, COUNT(*) AS leads\nFROM kept\nGROUP BY {text}")
    total, placed = (
        dict(journeys.engine.rows(compose([Paragraph("kept", selected(source, question.filters))], count)))
        for source in ("leads", table_of(journeys, question))
    )
    return {value: (total.get(value, 0), placed.get(value, 0)) for value in {*total, None}}
