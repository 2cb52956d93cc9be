"""How far a lead came and on which day, kept as one number; and the first day of the period of a start."""

from __future__ import annotations

import pytest

from funnel.core.engine import Engine
from funnel.core.period_sql import first_day
from funnel.core.sql import Query
from funnel.core.types import Calendar, Period
from funnel.measures.population import states


@pytest.fixture(scope="module")
def engine():
    engine = Engine()
    yield engine
    engine.close()


def test_a_state_tells_its_fate_and_its_day(engine):
    days = (None, 0, 1, 3_000_000)
    for fate in (states.CONVERTED, states.GONE, states.WAITING):
        for day in days:
            state = states.state_of(fate, "CAST(? AS BIGINT)")
            told = Query(
                f"SELECT {states.fate_of('kept.state')} AS fate, {states.day_of('kept.state')} AS day"
                f" FROM (SELECT CAST({state} AS INTEGER) AS state) AS kept",
                (day,),
            )
            assert engine.row(told) == (fate, day)


@pytest.mark.parametrize("period", Period)
def test_the_period_of_a_day_is_that_of_its_moments(engine, period):
    """Also before the first year: a day is kept, and its period worked out without DATE_TRUNC."""
    by_day = first_day("followed.started_on", period, Calendar.GREGORIAN)
    by_moment = f"CAST(DATE_TRUNC('{period}', followed.started_local) AS DATE)"
    apart = Query(f"""SELECT COUNT(*) AS days, COUNT(*) FILTER (WHERE {by_day} IS DISTINCT FROM {by_moment}) AS apart
FROM (
    SELECT moments.started_local AS started_local, CAST(moments.started_local AS DATE) AS started_on
    FROM (
        SELECT TIMESTAMP '0100-01-01 (BC) 23:59:59.999999' + TO_DAYS(CAST(range AS INTEGER)) AS started_local
        FROM range(0, 1000000, 7)
    ) AS moments
) AS followed""")
    assert engine.row(apart) == (142_858, 0)
