"""The columns of `leads` that can filter or break down, with how many values each has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.core.types import Attribute
from funnel.mapping.build.columns import COLUMNS_AT_ONCE, HOUSE

FEW_VALUES = 1000
EXACT_AT_ONCE = 15
"""Each column that is counted exactly takes 6 MB meanwhile, however few leads there are."""


def attributes(engine: Engine, at_start: Mapping[str, str]) -> tuple[Attribute, ...]:
    """The columns of leads that can filter or break down: not those of one value, nor of names and ids of each lead. Of a column that
    changed, the values are counted now and at the start, and the greater count is told."""
    then = set(at_start.values())
    kinds = [(name, kind) for name, kind in engine.columns("leads") if name not in HOUSE and name not in then]
    leads = int(engine.row(Query("SELECT COUNT(*) AS leads FROM leads"))[0])
    columns = []
    for start in range(0, len(kinds), COLUMNS_AT_ONCE):
        group = kinds[start : start + COLUMNS_AT_ONCE]
        about = _distinct(engine, "approx_count_distinct({})", [name for name, _ in group], at_start)
        few = [name for name, _ in group if max(about[name]) <= FEW_VALUES]
        values = dict(about)
        for offset in range(0, len(few), EXACT_AT_ONCE):
            values |= _distinct(engine, "COUNT(DISTINCT {})", few[offset : offset + EXACT_AT_ONCE], at_start)
        for name, kind in group:
            number = kind in ("BIGINT", "DOUBLE")
            most, first = max(values[name]), values[name][-1]
            if most >= 2 and (number or not (most > FEW_VALUES and most > leads / 2)):
                columns.append(Attribute(name, "number" if number else "text", min(most, leads), min(first, leads)))
    return tuple(columns)


def _distinct(engine: Engine, count: str, names: Sequence[str], at_start: Mapping[str, str]) -> dict[str, list[int]]:
    """Column of leads → distinct values, counted in this way: the latest ones; where they changed, those at the start too, last."""
    if not names:
        return {}
    pairs = [(name, column) for name in names for column in (name, at_start.get(name)) if column is not None]
    counts = ", ".join(
        f"{count.format('leads.' + identifier(column))} AS d{index}" for index, (_, column) in enumerate(pairs)
    )
    counted: dict[str, list[int]] = {name: [] for name in names}
    for (name, _), values in zip(pairs, engine.row(Query(f"SELECT {counts} FROM leads")), strict=True):
        counted[name].append(values)
    return counted
