"""How many leads got how far, how long it took, and where each of them went: the funnel and its ledger."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from funnel.journeys import Journeys
from funnel.measures.counted import in_question, reached, selected, started_within
from funnel.measures.rates import wilson
from funnel.nouns import Breakdown, OneOf, Outcome, Question, Rule, StageCount, Steps
from funnel.sql import Paragraph, Query, compose, days, identifier, marks

MICROSECONDS_A_DAY = 86_400_000_000
LEDGER = ("advanced", "skipped_ahead", "moved_back", "lost", "still_there")


def steps(journeys: Journeys, question: Question) -> Steps:
    """The funnel: counts, rates, medians and the ledger of each stage, for the leads (or accounts) that the question counts.

    The ledger says what came after a lead's counted arrival at a stage: *advanced* to the next stage; *skipped ahead* past it;
    *lost*; *moved back* (open or won, and now recorded at an earlier stage); *still there*. In order, a lead that is recorded
    further on, but not at the next stage in its turn, skipped ahead.
    """
    query = compose(in_question(journeys, question), Query(_totals(question, None)))
    return _read(journeys, question, journeys.engine.named(query)[0], query)


def breakdown(journeys: Journeys, question: Question, column: str, limit: int = 8) -> Breakdown:
    """The funnel for each of the `limit` values of a column with most leads; None is the group of leads without a value."""
    paragraphs = in_question(journeys, question, (column,))
    name = identifier(column)
    text = f"CAST(counted.{name} AS VARCHAR)"
    ranks = f"SELECT {text} AS value, COUNT(*) AS leads\nFROM counted\nGROUP BY {text}\nORDER BY leads DESC, value"
    ranked = journeys.engine.rows(compose(paragraphs, Query(ranks)))
    kept = [value for value, _ in ranked[:limit]]
    some = [value for value in kept if value is not None]
    parts = [f"{text} IN ({marks(some)})"] if some else []
    if None in kept:
        parts.append(f"counted.{name} IS NULL")
    within = f"SELECT counted.*, {text} AS value_of_group\nFROM counted\nWHERE {' OR '.join(parts) or 'FALSE'}"
    query = compose([*paragraphs, Paragraph("kept", Query(within, tuple(some)))], Query(_totals(question, "value_of_group", "kept")))
    rows = {row["value"]: row for row in journeys.engine.named(query)}
    groups = []
    for value in kept:
        filters = replace(question.filters, where=(*question.filters.where, OneOf(column, (value,))))
        groups.append((value, _read(journeys, replace(question, filters=filters), rows[value], query)))
    return Breakdown(column, tuple(groups), sum(leads for _, leads in ranked[limit:]))


def rule_moves(journeys: Journeys, question: Question) -> dict[Rule, int]:
    """For each other rule, how many leads it would count at other stages than the question's rule does."""
    others = [rule for rule in Rule if rule is not question.rule]
    stages = len(question.model.stages)
    mine = reached(question, stages)
    columns = []
    for place, rule in enumerate(others):
        theirs = reached(replace(question, rule=rule), stages)
        differs = " OR ".join(f"({left}) <> ({right})" for (left, _), (right, _) in zip(mine, theirs, strict=True))
        columns.append(f"COUNT(*) FILTER (WHERE {differs}) AS moved_{place}")
    table = journeys.table(question.model, question.entry, question.window_days)
    paragraphs = [
        Paragraph("kept", selected(table, question.filters)),
        Paragraph("selected", started_within("kept", question.filters)),
    ]
    row = journeys.engine.row(compose(paragraphs, Query(f"SELECT {', '.join(columns)}\nFROM selected")))
    return dict(zip(others, row, strict=True))


def ledger_conditions(question: Question, stages: int, place: int, row: str = "counted") -> dict[str, str]:
    """For one stage, the SQL condition of each part of the ledger over a row of `counted`; exactly one is true of a row counted there."""
    here = f"{row}.reached_{place}"
    later = range(place + 1, stages)
    within = "" if question.window_days is None else f" AND {row}.ended_at <= {_window_start(question, row)} + {days(question.window_days)}"
    if place + 1 == stages:
        advanced = beyond = "FALSE"
    elif question.rule is Rule.PASSED:
        first, time = f"{row}.first_{place + 1}", f"{row}.time_{place + 1}"
        beyond = f"{row}.reached_{place + 1}"
        advanced = f"({beyond} AND {row}.seen_{place + 1} AND COALESCE({first} = {time}, TRUE))"
    elif question.rule is Rule.VISITED:
        advanced = f"{row}.reached_{place + 1}"
        beyond = "(" + " OR ".join(f"{row}.reached_{other}" for other in later) + ")"
    else:
        advanced = f"{row}.reached_{place + 1}"
        signs = [f"COALESCE({row}.first_{other} >= {row}.time_{place}{_limit(question, row, other)}, FALSE)" for other in later]
        if question.window_days is None:
            signs.append(f"{row}.last_stage > {place}")
        beyond = f"({advanced} OR {' OR '.join(signs)})"
    lost = f"COALESCE({row}.outcome = 'lost'{within}, FALSE)"
    back = f"COALESCE({row}.last_stage < {place}, FALSE)"
    return {
        "advanced": f"{here} AND {advanced}",
        "skipped_ahead": f"{here} AND {beyond} AND NOT {advanced}",
        "lost": f"{here} AND NOT {beyond} AND {lost}",
        "moved_back": f"{here} AND NOT {beyond} AND NOT {lost} AND {back}",
        "still_there": f"{here} AND NOT {beyond} AND NOT {lost} AND NOT {back}",
    }


def _window_start(question: Question, row: str) -> str:
    return f"{row}.time_0" if question.rule is Rule.IN_ORDER else f"{row}.started_at"


def _limit(question: Question, row: str, place: int) -> str:
    if question.window_days is None:
        return ""
    return f" AND {row}.first_{place} <= {row}.time_0 + {days(question.window_days)}"


def _totals(question: Question, group: str | None, source: str = "counted") -> str:
    """One row (one for each group): totals, and for each stage its count, ledger and median."""
    stages = len(question.model.stages)
    columns = [f"{source}.{group} AS value"] if group else []
    columns += [
        "COUNT(*) AS leads",
        f"COUNT(*) FILTER (WHERE {source}.started_at IS NULL) AS undated",
        *(f"COUNT(*) FILTER (WHERE {source}.outcome = '{outcome}') AS {outcome}" for outcome in Outcome),
        f"MIN({source}.started_at) AS first_start",
        f"MAX({source}.started_at) AS last_start",
    ]
    for place in range(stages):
        here = f"{source}.reached_{place}"
        columns.append(f"COUNT(*) FILTER (WHERE {here}) AS leads_{place}")
        columns.append(f"COUNT(*) FILTER (WHERE {here} AND NOT {source}.seen_{place}) AS skipped_here_{place}")
        for part, condition in ledger_conditions(question, stages, place, source).items():
            columns.append(f"COUNT(*) FILTER (WHERE {condition}) AS {part}_{place}")
        if place:
            between = f"DATE_DIFF('microsecond', {source}.time_{place - 1}, {source}.time_{place})"
            both = f"{here} AND {source}.reached_{place - 1}"
            columns.append(f"MEDIAN({between}) FILTER (WHERE {both}) AS median_{place}")
            columns.append(f"COUNT({between}) FILTER (WHERE {both}) AS timed_{place}")
    by = f"\nGROUP BY {source}.{group}" if group else ""
    return "SELECT\n    " + ",\n    ".join(columns) + f"\nFROM {source}{by}"


def _read(journeys: Journeys, question: Question, row: dict[str, Any], query: Query) -> Steps:
    all_leads, placed_leads = _coverage(journeys, question)
    stages = []
    entry = row["leads_0"]
    for place, stage in enumerate(question.model.stages):
        count = row[f"leads_{place}"]
        median = row.get(f"median_{place}")
        stages.append(
            StageCount(
                position=place,
                key=stage.key,
                name=stage.name,
                leads=count,
                from_entry=wilson(count, entry),
                from_previous=wilson(count, row[f"leads_{place - 1}"]) if place else None,
                median_days_from_previous=None if median is None else float(median) / MICROSECONDS_A_DAY,
                timed_leads=row.get(f"timed_{place}", 0),
                skipped_here=row[f"skipped_here_{place}"],
                **{part: row[f"{part}_{place}"] for part in LEDGER},
            )
        )
    return Steps(
        question=question,
        leads=row["leads"],
        all_leads=all_leads,
        placed_leads=placed_leads,
        undated=row["undated"],
        won=row["won"],
        lost=row["lost"],
        open=row["open"],
        first_start=row["first_start"],
        last_start=row["last_start"],
        observed_until=question.observed_until,
        stages=tuple(stages),
        sql=query.readable(),
    )


def _coverage(journeys: Journeys, question: Question) -> tuple[int, int]:
    """All leads that meet the filters on columns, and those of them that the model places; dates are not looked at."""
    table = journeys.table(question.model, question.entry, question.window_days)
    total, placed = (
        journeys.engine.row(
            compose([Paragraph("kept", selected(source, question.filters))], Query("SELECT COUNT(*) AS leads FROM kept"))
        )[0]
        for source in ("leads", table)
    )
    return total, placed

