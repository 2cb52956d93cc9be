"""What each field of a change log means."""

from __future__ import annotations

from funnel import catalogue
from funnel.core.engine import Engine
from funnel.core.errors import MappingError
from funnel.core.sql import identifier
from funnel.core.types import Shape
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.headers import squashed
from funnel.mapping.outcomes import lost_fields
from funnel.mapping.template import fill, raw_cell
from funnel.mapping.types import FieldUse, Source

LISTED_FIELDS = 30
MOST_FIELDS = 500
_STATUS_FIELDS = {"status", "dealstatus", "leadstatus"}
_WON_FIELDS = {"wontime", "wondate"}
_LOST_FIELDS = {"losttime", "lostdate", "closedlostdate"}


def fields_of(engine: Engine, source: Source) -> tuple[FieldUse, ...]:
    """What each field of a change log means. MappingError where none is a stage."""
    column = source.parts.get("field")
    if column is None or source.shape is not Shape.CHANGES:
        return ()
    query = fill(
        "SELECT {field} AS field, COUNT(*) AS lines FROM {view} AS raw GROUP BY 1 ORDER BY lines DESC LIMIT {most}",
        field=cleaned(raw_cell(column)),
        view=identifier(source.view),
        most=str(MOST_FIELDS),
    )
    names = [name for name, _ in engine.rows(query) if name is not None]
    uses = {name: _use(name) for name in names}
    ranked = sorted((name for name in names if uses[name] == "stage"), key=_stage_rank)
    if not ranked:
        statuses = [name for name in names if uses[name] == "status"]
        if not statuses:
            raise MappingError("mapping.no_stage_field", column=column, fields=", ".join(names[:LISTED_FIELDS]))
        ranked = statuses[:1]
        uses[ranked[0]] = "stage"
    chosen = ranked[0]
    return tuple(
        FieldUse(name, "ignored" if uses[name] == "stage" and name != chosen else uses[name]) for name in names
    )


def _use(name: str) -> str:
    key = squashed(name)
    if any(key == each.replace(" ", "") for dialect in catalogue.dialects() for each in dialect.created_fields):
        return "created"
    if key in _LOST_FIELDS or key in lost_fields():
        return "lost"
    if key in _WON_FIELDS:
        return "won"
    if key in _STATUS_FIELDS:
        return "status"
    return "stage" if _stage_rank(name)[0] < MOST_FIELDS else "ignored"


def _stage_rank(name: str) -> tuple[int, str]:
    """How surely a field's name means the stage: its first place in a dialect's list."""
    key = squashed(name)
    ranks = [
        rank
        for dialect in catalogue.dialects()
        for rank, each in enumerate(dialect.stage_fields)
        if each.replace(" ", "") == key
    ]
    return min(ranks, default=MOST_FIELDS), name
