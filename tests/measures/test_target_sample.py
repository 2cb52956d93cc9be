"""A target over the bundled sample: earlier ones against what then came, arrivals told another way, and how long it takes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

import funnel
from funnel.core.sql import Query
from funnel.measures.target import target
from funnel.measures.target_counts import TargetCounts
from funnel.measures.wins_to_come import wins_to_come
from tests.thorough import thorough

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "samples" / "leads-history.csv.gz"
ENDS = (
    date(2024, 4, 30),
    date(2024, 7, 31),
    date(2024, 10, 31),
    date(2024, 12, 31),
    date(2025, 2, 28),
    date(2025, 3, 31),
)


@pytest.fixture(scope="module")
def sample():
    with funnel.open(SAMPLE) as data_set:
        yield data_set


def counted(journeys, question):
    return TargetCounts(journeys, question)


@thorough
def test_what_then_came_was_neither_hopeless_nor_sure(sample):
    """Targets set to what came within 90 days: of at least 70 % of them the probability lies between 10 and 90 %."""
    question = sample.question("standard")
    wins = sample.ask(counted, question).wins()
    said, came, between = 0.0, 0, 0
    for end in ENDS:
        by = end + timedelta(days=90)
        count = sum(each for day, each in wins.items() if end < day <= by)
        then = replace(question, observed_until=datetime(end.year, end.month, end.day, 23, 59, 59))
        result = sample.ask(target, then, by=by, wins=count, since=end + timedelta(days=1))
        said, came, between = said + result.expected, came + count, between + (0.1 <= result.reach <= 0.9)
    assert between >= 0.7 * len(ENDS)
    assert said / came == pytest.approx(1, abs=0.1)


def test_arrivals_bring_what_the_run_off_of_whole_months_says(sample):
    """The wins of leads to come, by shares of those that came in the newest twelve months old enough and won so many months later."""
    question = sample.question("standard")
    months = 5
    coming = sample.ask(
        lambda journeys, asked: wins_to_come(TargetCounts(journeys, asked), [30 * months], 910), question
    )
    table = (
        "SELECT leads.lead_id, MIN(history.entered_at) AS began FROM history JOIN leads USING (lead_id) GROUP BY ALL"
    )
    won = "SELECT history.lead_id, MAX(history.entered_at) AS won_at FROM history WHERE history.label = 'Closed won' GROUP BY ALL"
    rows = sample.engine.rows(
        Query(f"SELECT b.began, w.won_at FROM ({table}) AS b LEFT JOIN ({won}) AS w ON w.lead_id = b.lead_id")
    )
    end, step = sample.observed_until, timedelta(days=30)
    expected = 0.0
    for later in range(months):
        # Of a month that is `later` months from its end on: who won in the month that many after the one they came in.
        cohorts = range(later + 1, later + 13)
        began = Counter((end - first) // step for first, _ in rows)
        share = sum(
            won_at is not None
            and (end - first) // step in cohorts
            and (won_at - end) // step + (end - first) // step + 1 == later
            for first, won_at in rows
        ) / sum(began[cohort] for cohort in cohorts)
        expected += share * (months - later) * 30 * coming.pace[0]
    assert float(coming.pace[0] * coming.first_sums[0, -1]) == pytest.approx(expected, rel=0.1)
