"""How each lead (or account) stood at the end of two days, and what it was worth then. The definitions stand in `bridge`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time

from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Entry, Filters, Question, Rule, Unit
from funnel.journeys import Journeys
from funnel.measures.population.population import id_of, in_question
from funnel.measures.targets import check_days

CENTS = "DECIMAL(38, 2)"
"""Sums of amounts are exact to the cent, in whatever order they are added up."""


@dataclass(frozen=True)
class Standings:
    """The kept tables of two days. `states` has a row for each unit that has a start and, where it ended, a moment of that: `unit`,
    lead_id (of an account: of its first lead), account_id, started_local, ended_at (as known on the later day; NULL: it had not), the
    outcomes `was` and `now` (open, won, lost; NULL: it had not started), `stage_was` and `stage_now`, `planned_was` and `planned_now`
    (the planned close dates of leads; NULL: none, or not known). `amounts` has a row for each unit and currency ('': none given):
    `amount_was` and `amount_now`, NULL where nothing is known.
    """

    question: Question
    states: str
    amounts: str
    sql: str


def everybody(question: Question) -> Question:
    """The question about all leads that its filters take, whenever they started or closed; rule and window change no outcome."""
    return replace(
        question,
        rule=Rule.PASSED,
        window_days=None,
        entry=Entry.FIRST,
        quorum=1,
        filters=Filters(where=question.filters.not_closed),
        dated_by=None,
    )


def standings(journeys: Journeys, question: Question, since: date, to: date) -> Standings:
    """The states and amounts at the end of both days, worked out once for the same leads and days."""
    asked = everybody(question)
    until = check_days(asked, ())
    key = (asked, since, to)
    ends = [min(datetime.combine(day, time.max), until) for day in (since, to)]
    sides = [journeys.until(end) for end in ends]
    states = journeys.keep("bridge_states", key, lambda: _states(journeys, sides, asked, ends))
    amounts = journeys.keep("bridge_amounts", key, lambda: _amounts(journeys, sides, asked, ends, states))
    sql = ";\n\n".join(journeys.statement(name) for name in (states, amounts))
    return Standings(asked, states, amounts, sql)


def _look(journeys: Journeys, question: Question) -> Query:
    """The units of a question as these journeys know them, each with the stage where it stands."""
    unit = id_of(question)
    extra = () if question.unit is Unit.ACCOUNT else ("last_stage",)
    columns = ("lead_id", "account_id", "outcome", "ended_at", "started_at", "started_local", "last_stage")
    listed = ",\n    ".join(f"counted.{name} AS {name}" for name in columns)
    return compose(
        in_question(journeys, question, extra), Query(f"SELECT counted.{unit} AS unit,\n    {listed}\nFROM counted")
    )


def _states(journeys: Journeys, sides: list[Journeys], question: Question, ends: list[datetime]) -> Query:
    names = ("was", "now")
    paragraphs = [Paragraph("whole", _look(journeys, question))]
    paragraphs += [
        Paragraph(name, _look(side, question)) for name, side in zip(("earlier", "later"), sides, strict=True)
    ]
    joins = "\n".join(f"LEFT JOIN {name} ON {name}.unit = whole.unit" for name in ("earlier", "later"))
    planned = journeys.file.values().planned if journeys.file and question.unit is Unit.LEAD else None
    dates = ["CAST(NULL AS DATE)"] * 2
    if planned is not None:
        table = journeys.keep("planned_values", (), lambda: planned)
        for name, end in zip(names, ends, strict=True):
            paragraphs.append(Paragraph(f"planned_{name}", _as_of(table, end)))
            joins += f"\nLEFT JOIN planned_{name} ON planned_{name}.lead_id = whole.unit"
        dates = [f"planned_{name}.value" for name in names]
    selected = f"""SELECT whole.unit AS unit, whole.lead_id AS lead_id, whole.account_id AS account_id,
    whole.started_local AS started_local,
    CASE WHEN {_state("later")} <> 'open' THEN later.ended_at END AS ended_at,
    {_state("earlier")} AS was,
    {_state("later")} AS now,
    earlier.last_stage AS stage_was,
    later.last_stage AS stage_now,
    {dates[0]} AS planned_was,
    {dates[1]} AS planned_now
FROM whole
{joins}
WHERE whole.started_local IS NOT NULL AND (whole.outcome = 'open' OR whole.ended_at IS NOT NULL)"""
    return compose(paragraphs, Query(selected))


def _state(side: str) -> str:
    """The outcome of a unit on one side; who is said to have ended, at a moment that lies after it, is open still."""
    return f"""CASE WHEN {side}.started_at IS NULL THEN NULL WHEN {side}.ended_at IS NULL THEN 'open' ELSE {side}.outcome END"""


def _amounts(journeys: Journeys, sides: list[Journeys], question: Question, ends: list[datetime], states: str) -> Query:
    """What units are worth: a lead its amount as of the day, where lines of the history tell one, else that of the file; an account all
    its leads that had started by then."""
    amounts = journeys.file.values().amounts if journeys.file else None
    paragraphs: list[Paragraph] = []
    joins, told = "", ["leads.amount"] * 2
    if amounts is not None:
        table = journeys.keep("amount_values", (), lambda: amounts)
        for name, end in zip(("was", "now"), ends, strict=True):
            paragraphs.append(Paragraph(f"amount_{name}", _as_of(table, end)))
            joins += f"\nLEFT JOIN amount_{name} ON amount_{name}.lead_id = leads.lead_id"
        told = [
            f"CASE WHEN amount_now.lead_id IS NULL THEN leads.amount ELSE amount_{name}.value END"
            for name in ("was", "now")
        ]
    if question.unit is Unit.LEAD:
        units = f"""SELECT states.unit AS lead_id, states.unit AS unit, states.was IS NOT NULL AS is_was,
    states.now IS NOT NULL AS is_now
FROM {identifier(states)} AS states"""
        paragraphs.append(Paragraph("units", Query(units)))
    else:
        of_leads = replace(question, unit=Unit.LEAD)
        paragraphs += [
            Paragraph(name, _look(side, of_leads)) for name, side in zip(("earlier", "later"), sides, strict=True)
        ]
        units = f"""SELECT later.lead_id AS lead_id, states.unit AS unit, earlier.started_at IS NOT NULL AS is_was,
    later.started_at IS NOT NULL AS is_now
FROM later
INNER JOIN {identifier(states)} AS states ON states.unit = later.account_id
LEFT JOIN earlier ON earlier.lead_id = later.lead_id"""
        paragraphs.append(Paragraph("units", Query(units)))
    was, now = (
        f"SUM(CASE WHEN units.is_{name} THEN TRY_CAST({amount} AS {CENTS}) END) AS amount_{name}"
        for name, amount in zip(("was", "now"), told, strict=True)
    )
    summed = f"""SELECT units.unit AS unit, COALESCE(leads.currency, '') AS currency,
    {was},
    {now}
FROM units
INNER JOIN leads ON leads.lead_id = units.lead_id{joins}
GROUP BY units.unit, COALESCE(leads.currency, '')"""
    return compose(paragraphs, Query(summed))


def _as_of(table: str, end: datetime) -> Query:
    """lead_id and value: the last one that is not empty by a moment, by time and then by place in the file; NULL: none was by then."""
    by_then = "valued.moment <= CAST(? AS TIMESTAMP)"
    last = f"ARG_MAX(valued.value, ROW(valued.moment, valued.sequence)) FILTER (WHERE {by_then})"
    return Query(
        f"SELECT valued.lead_id AS lead_id, {last} AS value\nFROM {identifier(table)} AS valued\nGROUP BY valued.lead_id",
        (end,),
    )
