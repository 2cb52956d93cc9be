"""Wins of coming months against plain Python over drawn leads: what is expected, its range, what it is worth, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom, poisson

from funnel.core.errors import QuestionError
from funnel.core.types import Filters, OneOf, Period, Rule, Unit
from funnel.measures.forecast import forecast
from funnel.measures.forecast_calendar import Calendar, calendar
from funnel.measures.forecast_counts import came, standing
from funnel.measures.forecast_words import answer, of_open, right_told
from funnel.measures.target_counts import TargetCounts
from funnel.measures.wins_by_month import WinsByMonth
from funnel.words import wording
from funnel.words.calendars import Calendar as Calendars
from tests.oracles.forecast_oracle import Plain
from tests.oracles.target_oracle import DAY, LOST, WON, end_of
from tests.planned import STAGES, UNTIL, drawn, journeys_from, question
from tests.thorough import examples, thorough

LEADS = drawn(400, 7)
INSIDE = datetime(2026, 6, 11, 9, 30)


@pytest.fixture(scope="module")
def journeys():
    found = journeys_from(LEADS)
    yield found
    found.engine.close()


def asked(journeys, until=UNTIL, months=6, **more):
    return forecast(journeys.until(until), replace(question(), observed_until=until), months, **more)


def seen(until):
    """The leads as a file of that day has them."""
    cut = [[entry for entry in lead if entry[1] <= until] for lead in LEADS]
    return [lead for lead in cut if lead]


def won_in(first, last):
    return sum(lead[-1][0] == WON and first <= lead[-1][1].date() <= last for lead in LEADS)


@pytest.mark.parametrize("until", [UNTIL, INSIDE], ids=["month over", "inside a month"])
def test_what_is_expected_is_that_of_plain_python(journeys, until):
    result = asked(journeys, until)
    # The first 19 leads make no history; the 20th came in August 2024.
    plain = Plain(seen(until), STAGES, until, 22 if until is UNTIL else 21)
    ahead = 0 if until is INSIDE else 1
    assert [month.ahead for month in result.months] == list(range(ahead, ahead + 6))
    assert result.months[0].first == date(2026, 7 if ahead else 6, 1)
    for month in result.months[:4:3]:
        assert month.from_open == pytest.approx(plain.open_wins(0, month.ahead), abs=1e-9)
        assert month.from_new == pytest.approx(plain.new_wins(0, month.ahead), abs=1e-9)
        assert month.expected == pytest.approx(month.from_open + month.from_new)
    assert result.months[0].won == (0 if ahead else won_in(date(2026, 6, 1), date(2026, 6, 11)))
    assert result.open_leads == sum(end_of(lead)[0] == "open" for lead in seen(until))
    assert result.history[-1] == (date(2026, 6, 1), won_in(date(2026, 6, 1), until.date()))
    assert len(result.history) == (12 if ahead else 13)


@pytest.mark.parametrize("until", [UNTIL, INSIDE], ids=["month over", "inside a month"])
def test_an_earlier_forecast_is_what_was_told_then_and_nothing_later_changes_it(journeys, until):
    result = asked(journeys, until)
    for each in [each for each in result.backtests if each.ahead in (1, 3)][::5]:
        then = asked(journeys, datetime.combine(each.as_of, time.max))
        (month,) = [month for month in then.months if month.ahead == each.ahead]
        assert each.month == month.first
        assert each.expected == pytest.approx(month.expected, abs=1e-9)
        assert each.range == month.range
        assert each.was == won_in(
            max(each.month, each.as_of + DAY), Period.MONTH.last_day(each.month, Calendars.GREGORIAN)
        )


def test_ranges_stand_on_the_earlier_forecasts_that_could_be_checked(journeys):
    result = asked(journeys)
    for month in result.months[:3]:
        tried = [each for each in result.backtests if each.ahead == month.ahead]
        errors = [(each.was - each.expected) ** 2 / each.expected for each in tried]
        phi = max(1.0, sum(errors) / len(errors))
        count = poisson(month.expected) if phi == 1 else nbinom(month.expected / (phi - 1), 1 / phi)
        ends = (month.range.low80, month.range.high80, month.range.low95, month.range.high95)
        assert ends == tuple(count.ppf(share) for share in (0.1, 0.9, 0.025, 0.975))
        # Those of whose months four had been over by then have a range, the others none.
        with_range = [each.range is not None for each in tried]
        assert with_range == [True] * (len(tried) - month.ahead - 3) + [False] * (month.ahead + 3)
    right = result.right(1)
    tried = [each for each in result.backtests if each.ahead == 1]
    assert right.forecasts == len(tried)
    assert right.error == pytest.approx(sum(abs(each.was - each.expected) / each.was for each in tried) / len(tried))
    assert result.right().within == sum(bool(each.is_within) for each in result.backtests)


MINUTES = st.integers(1, 60 * 24 * 40)


@st.composite
def histories(draw):
    """A few leads over a year and more, or some weeks: entered at midnight too, lost and opened again, all in one hour, or never moved."""
    span = draw(st.sampled_from([60, 500]))
    leads = []
    for _ in range(draw(st.integers(1, 14))):
        moment = datetime(2026, 5, 31) - timedelta(
            days=draw(st.integers(0, span)), minutes=draw(st.sampled_from([0, 1, 719]))
        )
        way = [(draw(st.sampled_from([0, 0, 1])), moment)]
        for stage in draw(st.lists(st.sampled_from([0, 1, LOST, WON]), max_size=4)):
            moment += timedelta(minutes=draw(MINUTES if stage != WON else st.sampled_from([1, 1440, 30_000])))
            if stage == LOST and way[-1][0] == LOST:
                continue
            way.append((stage, moment))
            if stage == WON:
                break
        leads.append(way)
    return leads


@thorough
@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    histories(),
    st.sampled_from(
        [datetime(2026, 6, 30, 12), datetime(2026, 6, 11), datetime(2026, 5, 30, 23, 59), datetime(2026, 2, 28, 8)]
    ),
    st.booleans(),
)
def test_small_histories_of_any_kind(leads, until, weekly):
    leads = [[entry for entry in lead if entry[1] <= until] for lead in leads]
    leads = [lead for lead in leads if lead]
    if not leads:
        return
    found = journeys_from(leads)
    try:
        counts = TargetCounts(found, replace(question(), observed_until=until))
        plain = Plain(leads, STAGES, until, 16, weekly=weekly)
        of = Calendar(Period.WEEK if weekly else Period.MONTH, tuple(plain.days), Calendars.GREGORIAN)
        told = WinsByMonth(of, STAGES, standing(counts, of), came(counts, of))
        for back in (0, 2):
            for ahead in list(of.ahead(3)):
                assert told.from_open(back, ahead) == pytest.approx(plain.open_wins(back, ahead), abs=1e-9)
                assert told.from_new(back, ahead) == pytest.approx(plain.new_wins(back, ahead), abs=1e-9)
    finally:
        found.engine.close()


def test_months_where_a_year_of_them_is_known_else_weeks():
    year = calendar(date(2025, 6, 30), date(2026, 6, 30), Calendars.GREGORIAN)
    assert (year.unit, year.before, year.rest, year.landmarks[4]) == (Period.MONTH, 12, 0, date(2026, 2, 28))
    short = calendar(date(2025, 7, 1), date(2026, 6, 30), Calendars.GREGORIAN)
    assert (short.unit, short.rest, short.landmarks[1]) == (Period.WEEK, 1, date(2026, 6, 23))
    assert short.first_day(short.number(date(2026, 6, 30))) == date(2026, 6, 29)
    inside = calendar(date(2024, 1, 5), date(2026, 5, 30), Calendars.GREGORIAN)
    assert inside.landmarks[:4] == (date(2026, 5, 30), date(2026, 4, 30), date(2026, 3, 30), date(2026, 2, 28))
    assert [year.is_told(ahead) for ahead in (1, 6, 7)] == [True, True, False]
    assert list(inside.ahead(3)) == [0, 1, 2]


def test_a_short_history_is_told_by_weeks_and_not_too_far(journeys):
    leads = [[(0, UNTIL - timedelta(days=150) + n * timedelta(hours=9)), (1, UNTIL - timedelta(days=149) + n * timedelta(hours=9)),
              (WON if n % 3 else LOST, UNTIL - timedelta(days=120) + n * timedelta(hours=8))] for n in range(330)]  # fmt: skip
    found = journeys_from([[entry for entry in lead if entry[1] <= UNTIL] for lead in leads])
    result = asked(found, months=12)
    assert result.unit is Period.WEEK
    assert result.months[0].first == date(2026, 6, 29)
    assert 0 < len(result.months) < 12
    assert "measures.forecast_fewer_week" in [note.key for note in result.missing]
    assert [note.key for note in result.notes] == ["measures.forecast_weeks", "measures.forecast_rest"]
    assert wording.say(answer(result).key, **answer(result).values).startswith("This week: ")
    for note in (of_open(result), *right_told(result, result.whole_ahead), *result.missing, *result.notes):
        assert wording.say(note.key, **note.values)
    found.engine.close()


def test_rule_window_dates_and_unit_change_nothing_but_filters_do(journeys):
    plainly = asked(journeys)
    other = question(rule=Rule.STRICT, window_days=3, filters=Filters(start_from=date(2026, 1, 1)), unit=Unit.ACCOUNT)
    result = forecast(journeys, other)
    assert result.months == plainly.months
    assert [note.key for note in result.notes] == ["measures.target_leads"]
    mars = forecast(journeys, question(filters=Filters(where=(OneOf("Region", ("Mars",)),))))
    assert mars.months == ()
    assert [note.key for note in mars.missing] == ["errors.target_few"]


def test_a_file_that_cannot_carry_it_says_what_is_missing(journeys):
    few, snapshot = journeys_from(drawn(40, 1)), journeys_from(LEADS)
    snapshot.start_from_created = True
    start = UNTIL - timedelta(days=50)
    short = journeys_from([[(0, start + n * DAY / 2), (WON, start + DAY + n * DAY / 2)] for n in range(60)])
    cases = [
        (few, {}, "of fewer than 20 nothing is told of wins to come"),
        (snapshot, {}, "Export the stage history"),
        (short, {}, "of fewer than 12 no wins to come are forecast"),
        (journeys, {"observed_until": None}, "no date up to today"),
        (
            journeys,
            {"model": replace(question().model, stages=question().model.stages[:1])},
            "Choose a model with two stages",
        ),
    ]
    for found, changes, said in cases:
        result = forecast(found, replace(question(), **changes), target_wins=5)
        (note,) = result.missing
        assert said in wording.say(note.key, **note.values)
        assert (result.months, result.goal, result.rows(), result.unfinished) == ((), None, [], None)
    for found in (few, snapshot, short):
        found.engine.close()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"months": 0}, "1 to 12 months ahead, not 0"),
        ({"months": 13}, "not 13"),
        ({"target_wins": 0}, "from 1 to 1,000,000, not 0"),
        ({"target_value": float("nan")}, "more than 0"),
        ({"target_wins": 5, "target_value": 5.0}, "not both"),
        ({"target_wins": 5, "currency": "EUR"}, "Give how much, too"),
        ({"target_value": 5.0}, "no value is forecast"),
    ],
)
def test_what_cannot_be_asked_is_said(journeys, more, said):
    with pytest.raises(QuestionError, match=said):
        asked(journeys, **more)
