"""What no lead has, of what conditions ask for."""

from __future__ import annotations

from collections.abc import Sequence

from funnel.core.insights import column_name
from funnel.core.sql import Query, identifier
from funnel.core.types import AsOf, Between, Closed, Filters, Note, OneOf, Question, Unit
from funnel.journeys import Journeys
from funnel.measures.population.population import check_columns, meets

EXAMPLES = 5


def unmet(journeys: Journeys, attributes: AsOf, conditions: Sequence[OneOf | Between]) -> tuple[Note, ...]:
    """A note for each condition that asks for values, or a range, that no lead has, with the commonest values that there are."""
    table = journeys.starts.seen("leads", attributes)
    # When a lead closed is no column of the leads.
    conditions = [condition for condition in conditions if not isinstance(condition, Closed)]
    check_columns(journeys, table, Filters(where=tuple(conditions)))
    each = [
        (condition, part, value)
        for condition in conditions
        for part, value in (
            [(condition, None)]
            if isinstance(condition, Between)
            else [(OneOf(condition.column, (value,)), value) for value in condition.values]
        )
    ]
    if not each:
        return ()
    met = [meets(part, f"leads.{identifier(part.column)}") for _, part, _ in each]
    counts = ", ".join(f"COUNT(*) FILTER (WHERE {one.text}) AS leads_{index}" for index, one in enumerate(met))
    query = Query(f"SELECT {counts} FROM {identifier(table)} AS leads", tuple(v for one in met for v in one.values))
    row = journeys.engine.row(query)
    missing: dict[OneOf | Between, list[object]] = {}
    for (condition, _, value), leads in zip(each, row, strict=True):
        if not leads:
            missing.setdefault(condition, []).append(value)
    return tuple(_note(journeys, table, condition, values) for condition, values in missing.items())


def without_account(journeys: Journeys, question: Question) -> tuple[Note, ...]:
    """How many leads have no account, where accounts are counted: they are in none."""
    if question.unit is not Unit.ACCOUNT:
        return ()
    query = Query("SELECT COUNT(*) FILTER (WHERE leads.account_id IS NULL) AS n FROM leads")
    (without,) = journeys.once(("without_account",), lambda: journeys.engine.row(query))
    return (Note("measures.without_account", {"n": without}),) if without else ()


def _note(journeys: Journeys, table: str, condition: OneOf | Between, values: Sequence[object]) -> Note:
    column = condition.column
    if isinstance(condition, Between):
        low, high = _written(condition.low), _written(condition.high)
        return Note("measures.unmet_range", {"column": column_name(column), "low": low, "high": high})
    text = f"""SELECT CAST(leads.{identifier(column)} AS VARCHAR) AS value, COUNT(*) AS leads
FROM {identifier(table)} AS leads
WHERE leads.{identifier(column)} IS NOT NULL
GROUP BY 1
ORDER BY leads DESC, value
LIMIT {EXAMPLES}"""
    there = [value for value, _ in journeys.engine.rows(Query(text))]
    wanted = [_written(value) for value in values if value is not None]
    if not wanted:
        return Note("measures.unmet_empty", {"column": column_name(column)})
    return Note("measures.unmet", {"column": column_name(column), "values": wanted, "there": there})


def _written(value: object) -> str:
    if value is None:
        return "…"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
