"""The line over time under a figure: of cohorts that are whole alone, so that no line falls because leads are young."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from funnel import measures
from funnel.core.types import Question
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles.oracle import Entered
from tests.survived import CONCEPTS as PLAIN


def over_time(leads: dict[datetime, tuple[int, int]], until: datetime, day: int) -> tuple[list[int], list[float]]:
    """Of leads by their start, each (how many, how many of them won five days later), by month."""
    named = {}
    for start, (count, won) in leads.items():
        for number in range(count):
            entries = [Entered("New", start)]
            if number < won:
                entries.append(Entered("Won", start + timedelta(days=5)))
            named[f"{start:%Y%m%d}-{number}"] = entries
    journeys = journeys_of(engine_with(named), PLAIN)
    try:
        asked = Question(model_of([{"New"}, {"Won"}]), observed_until=until)
        return measures.cohorts(journeys, asked, "month", (day,)).over_time(day)
    finally:
        journeys.engine.close()


LEADS = {datetime(2024, 1, 10): (4, 1), datetime(2024, 2, 10): (8, 4), datetime(2024, 3, 10): (2, 2)}


def test_a_month_that_is_not_over_has_no_point_yet() -> None:
    leads, rates = over_time(LEADS, datetime(2024, 3, 30, 12), 10)
    assert leads == [4, 8]
    # All of March's leads are ten days old though: none can be added that is not.
    assert rates == pytest.approx([0.25, 0.5, 1.0])


def test_a_month_that_is_over_has_one() -> None:
    leads, _ = over_time(LEADS, datetime(2024, 3, 31), 10)
    assert leads == [4, 8, 2]


def test_a_rate_is_told_only_where_every_lead_is_that_old() -> None:
    # On 31 March a lead of 10 January is 81 days old, one of 10 February 50, and those of March 21.
    until = datetime(2024, 3, 31)
    assert over_time(LEADS, until, 21)[1] == pytest.approx([0.25, 0.5, 1.0])
    assert over_time(LEADS, until, 22)[1] == pytest.approx([0.25, 0.5])
    mixed = {**LEADS, datetime(2024, 2, 20): (8, 0)}
    # Of February's sixteen, eight are only 40 days old.
    assert over_time(mixed, until, 45)[1] == pytest.approx([0.25])
    assert over_time(mixed, until, 40)[1] == pytest.approx([0.25, 0.25])
