"""Reached in order: by a window for each stage, as Spark works it out, the same as by a join for each stage."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from funnel.core.history import TEXT
from funnel.core.sql import Query
from funnel.journeys import Tables
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles.oracle import Entered
from tests.strategies import CONCEPTS, DAY_ZERO, STAGE_LABELS, histories, models
from tests.thorough import examples, thorough


def resolved(leads: list[list[Entered]], stages: list[set[str]], by_windows: bool, tables: Tables | None) -> list[str]:
    """All rows of the table of leads whose first entries do not tell the order, and of the journeys that read it."""
    engine = engine_with({f"lead {place}": entries for place, entries in enumerate(leads)})
    engine.joins_move_rows = by_windows
    try:
        journeys = journeys_of(engine, CONCEPTS, **({} if tables is None else {"tables": tables}))
        name = journeys.own(model_of(stages))
        return [
            repr(sorted(map(repr, engine.rows(Query(f'SELECT found.* FROM "{table}" AS found')))))
            for table in (f"{name}_in_order", name)
        ]
    finally:
        engine.close()


@thorough
@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, models())
def test_windows_tell_the_order_as_joins_do(leads, stages):
    for tables in (Tables(form=TEXT), None):
        assert resolved(leads, stages, True, tables) == resolved(leads, stages, False, tables)


@pytest.mark.parametrize("by_windows", [True, False])
def test_entries_of_one_moment_and_ones_that_come_again_are_taken_in_turn(by_windows):
    """Back at the first stage, then all further ones at one moment, one of them twice, and one without a time."""
    first, second, third = STAGE_LABELS[:3]
    entries = [
        Entered(second, DAY_ZERO.replace(day=1)),
        Entered(first, DAY_ZERO.replace(day=2)),
        Entered(third, DAY_ZERO.replace(day=3)),
        Entered(second, DAY_ZERO.replace(day=4)),
        Entered(third, DAY_ZERO.replace(day=4)),
        Entered(second, DAY_ZERO.replace(day=5)),
        Entered(third, None),
    ]
    found = resolved([entries], [{first}, {second}, {third}], by_windows, Tables(form=TEXT))
    moments = [DAY_ZERO.replace(day=day) for day in (2, 4, 4)]
    assert found[0] == repr([repr(("lead 0", *moments))])
