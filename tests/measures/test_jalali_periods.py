"""Jalali months, quarters and years as periods: in SQL against month starts of other programs, and measures against plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import funnel
from funnel import measures
from funnel.core.engine import Engine
from funnel.core.period_sql import day_of_month, first_day, month_number
from funnel.core.sql import Query
from funnel.core.types import Calendar, Period, Question, Unit
from funnel.measures.bridge_dates import Between, choices
from funnel.measures.cohort_amounts import cohort_amounts
from funnel.measures.forecast import forecast
from funnel.measures.kpis import kpis
from funnel.measures.moves import moves
from funnel.measures.pipeline import pipeline
from funnel.measures.retention_months import end_of, month_ends
from funnel.measures.target import next_quarter_end
from funnel.measures.times import times
from tests.leads import engine_with, journeys_of, model_of
from tests.months import MONTH_STARTS, first_of, jalali
from tests.oracles import oracle
from tests.strategies import CONCEPTS, histories, models
from tests.thorough import examples

ROOT = Path(__file__).resolve().parents[2]
JALALI = Calendar.JALALI
MONTHLY = (Period.MONTH, Period.QUARTER, Period.YEAR)
DRAWN = settings(max_examples=examples(40), deadline=None)


@pytest.fixture
def engine():
    with_no_leads = Engine()
    yield with_no_leads
    with_no_leads.close()


def test_every_day_of_250_years_lies_in_the_period_of_the_sql(engine: Engine) -> None:
    starts = [first for *_, first in MONTH_STARTS]
    text = f"""SELECT days.day AS day, {month_number("days.day", JALALI)} AS number, {day_of_month("days.day", JALALI)} AS of_month,
    {", ".join(f"{first_day('days.day', period, JALALI)} AS {period}" for period in MONTHLY)}
FROM (SELECT CAST(? AS DATE) + CAST(range AS INTEGER) AS day FROM range(0, ?)) AS days
ORDER BY day"""
    rows = iter(engine.rows(Query(text, (starts[0], (starts[-1] - starts[0]).days))))
    firsts: dict[str, date] = {}
    for (year, month, first), (*_, after) in pairwise(MONTH_STARTS):
        firsts["month"] = first
        if month % 3 == 1:
            firsts["quarter"] = first
        if month == 1:
            firsts["year"] = first
        for place in range((after - first).days):
            day = first + timedelta(days=place)
            assert next(rows) == (day, 12 * year + month - 1, place + 1, *firsts.values())
    assert next(rows, None) is None


@DRAWN
@given(st.lists(st.dates(), min_size=1, max_size=50))
def test_days_of_all_ages_lie_where_python_has_them(days: list[date]) -> None:
    engine = engine_with({})
    try:
        for period in MONTHLY:
            text = (
                f"SELECT {first_day('days.day', period, JALALI)} FROM (SELECT UNNEST(CAST(? AS DATE[])) AS day) AS days"
            )
            for day, (found,) in zip(days, engine.rows(Query(text, (days,))), strict=True):
                # Before the first day that Python has there is none to compare with.
                if period.first_day(day, JALALI) != date.min:
                    assert found == period.first_day(day, JALALI)
                assert period.first_day(day, JALALI) <= day <= period.last_day(period.first_day(day, JALALI), JALALI)
    finally:
        engine.close()


@DRAWN
@given(histories, models(), st.integers(0, 800), st.sampled_from(MONTHLY))
def test_cohorts_are_those_of_plain_python_and_sum_to_all(leads, stages, later, period) -> None:
    moved = [
        [
            replace(each, at=None if each.at is None else each.at + timedelta(days=later * (number + 1)))
            for each in entries
        ]
        for number, entries in enumerate(leads)
    ]
    journeys = journeys_of(engine_with({f"L{n}": entries for n, entries in enumerate(moved)}), CONCEPTS)
    asked = Question(model_of(stages), observed_until=datetime(2090, 1, 1), calendar=JALALI)
    try:
        found = measures.cohorts(journeys, asked, period, (30, 365))
        common = measures.cohorts(journeys, replace(asked, calendar=Calendar.GREGORIAN), period, (30, 365))
        told = pipeline(journeys, asked)
    finally:
        journeys.engine.close()
    started = [oracle.journey(entries, stages, CONCEPTS, "passed") for entries in moved]
    expected = Counter(first_of(each.started_at.date(), period) for each in started if each is not None)
    assert {cohort.start: cohort.leads for cohort in found.cohorts} == expected
    assert sum(cohort.leads for cohort in found.cohorts) == found.whole.leads
    assert sum(cohort.won for cohort in found.cohorts) == found.whole.won
    # What does not hang on periods is the same by either calendar.
    assert found.whole == common.whole
    came: dict[date, Counter[str]] = defaultdict(Counter)
    for each in filter(None, started):
        came[first_of(each.started_at.date(), "month")]["came"] += 1
        if each.outcome != "open":
            came[first_of(each.ended_at.date(), "month")][each.outcome] += 1
    assert {each.first: Counter(came=each.came, won=each.won, lost=each.lost) for each in told.months} == came


@pytest.fixture(scope="module")
def sample():
    with funnel.open(ROOT / "data" / "samples" / "leads-history.csv.gz") as data_set:
        yield data_set


def test_numbers_without_periods_are_the_same_by_each_calendar(sample) -> None:
    jalali_asked, common = (sample.question("standard", calendar=calendar) for calendar in (JALALI, "gregorian"))
    for measure in (measures.steps, kpis, moves, times):
        one, other = (sample.ask(measure, asked).rows() for asked in (jalali_asked, common))
        assert one == other
    by_month = [sample.ask(measures.cohorts, asked, "month").cohorts for asked in (jalali_asked, common)]
    assert [cohort.start for cohort in by_month[0]] != [cohort.start for cohort in by_month[1]]
    assert sum(cohort.leads for cohort in by_month[0]) == sum(cohort.leads for cohort in by_month[1])
    assert all(jalali(cohort.start)[2] == 1 for cohort in by_month[0])


def test_wins_are_forecast_by_jalali_months(sample) -> None:
    asked = sample.question("standard", calendar=JALALI)
    found = sample.ask(forecast, asked)
    assert found.unit is Period.MONTH
    assert all(jalali(each.first)[2] == 1 for each in found.months)
    firsts = [first for first, _ in found.history]
    assert firsts == [first for *_, first in MONTH_STARTS if firsts[0] <= first <= firsts[-1]]
    won = {each.first: each.won for each in sample.ask(pipeline, asked).months}
    assert [count for _, count in found.history] == [won.get(first, 0) for first, _ in found.history]
    assert [row["month"] for row in found.rows()][:1] == [found.months[0].first.isoformat()]


def test_amounts_stand_by_jalali_cohorts_too(sample) -> None:
    asked = sample.question("standard", unit=Unit.LEAD, calendar=JALALI)
    found = sample.ask(cohort_amounts, asked)
    starts = {cohort.start for cohort in sample.ask(measures.cohorts, asked).cohorts}
    assert {start for start, *_ in found.sums} <= starts


def test_ready_choices_and_ends_are_those_of_the_calendar() -> None:
    last = date(2025, 3, 25)  # 5 Farvardin 1404
    spans = choices(date(2020, 1, 1), last, calendar=JALALI)
    eve, nowruz = date(2024, 3, 19), date(2025, 3, 20)
    assert spans[Between.YEAR] == (eve, nowruz)
    assert spans[Between.MONTH] == (date(2025, 2, 18), nowruz)
    assert spans[Between.QUARTER] == (date(2024, 12, 20), nowruz)
    assert spans[Between.QUARTER_SO_FAR] == (nowruz, last)
    assert next_quarter_end(last, JALALI) == date(2025, 6, 21)
    assert next_quarter_end(nowruz, JALALI) == date(2025, 6, 21)
    assert end_of(date(2025, 3, 1), JALALI) == nowruz
    assert month_ends(nowruz, 2, JALALI) == [date(2025, 1, 19), date(2025, 2, 18), nowruz]
