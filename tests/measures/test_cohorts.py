"""Cohorts against plain Python and against statsmodels' own Aalen–Johansen, on generated leads; and what an unfinished one says."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight

from funnel import measures
from funnel.core.errors import QuestionError
from funnel.core.types import Filters, Period, Question, Rule, Unit, Unknown
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles import oracle
from tests.oracles.oracle import Entered
from tests.strategies import CONCEPTS, DAY_ZERO, histories, models
from tests.survived import CONCEPTS as PLAIN
from tests.survived import OBSERVED_UNTIL, journeys_from, question
from tests.thorough import examples

DAYS = (0, 1, 3, 7, 30)
SLOW = settings(max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _by_hand(leads, day):
    """The incidence by a day in exact fractions, one day after the other; None where nobody was watched that long."""
    left, survival, rate = len(leads), Fraction(1), Fraction(0)
    for moment in range(day + 1):
        if not left:
            break
        converted = sum(fate == 1 and at == moment for at, fate in leads)
        gone = sum(fate == 2 and at == moment for at, fate in leads)
        rate += survival * Fraction(converted, left)
        survival *= 1 - Fraction(converted + gone, left)
        left -= sum(at == moment for at, _ in leads)
    return None if left == 0 and survival > 0 and max(at for at, _ in leads) < day else rate


timed = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=25)


@SLOW
@given(timed)
def test_random_leads_with_ties_and_day_0_equal_exact_fractions_and_statsmodels(leads):
    # The open were followed up to their own day, the others for long.
    journeys = journeys_from([(at, fate, at if fate == 0 else 20) for at, fate in leads])
    found = measures.cohorts(journeys, question(), "year", DAYS[:4]).whole.win
    journeys.engine.close()
    times, fates = [at for at, _ in leads], [fate for _, fate in leads]
    with np.errstate(divide="ignore", invalid="ignore"):
        # Where nobody is left its variance is 0 / 0; such days are not compared.
        peer = CumIncidenceRight([at + 1 for at in times], fates) if 1 in fates else None
    for told in found.by_day:
        old_enough = sum(fate != 0 or at >= told.day for at, fate in leads)
        assert told.old_enough == old_enough
        expected = _by_hand(leads, told.day)
        if expected is None or not old_enough:
            assert told.rate is None
            continue
        assert told.rate == pytest.approx(float(expected), abs=1e-12)
        if peer is not None and told.day + 1 >= peer.times[0]:
            # statsmodels does not take day 0, so all of its days are one later.
            place = max(place for place, at in enumerate(peer.times) if at <= told.day + 1)
            assert told.rate == pytest.approx(peer.cinc[0][place], abs=1e-12)
            if np.isfinite(peer.cinc_se[0][place]):
                assert told.se == pytest.approx(peer.cinc_se[0][place], abs=2e-7)


@SLOW
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 2)), min_size=1, max_size=25))
def test_with_complete_follow_up_the_rate_is_the_plain_ratio(leads):
    journeys = journeys_from([(at, fate, 40) for at, fate in leads])
    found = measures.cohorts(journeys, question(), "year", (9, 30)).whole.win
    curve = measures.curves(journeys, question(), "year").whole
    journeys.engine.close()
    plain = sum(fate == 1 for _, fate in leads) / len(leads)
    for told in found.by_day:
        assert told.rate == pytest.approx(plain, abs=1e-12)
        assert (told.mature.numerator, told.mature.denominator) == (sum(fate == 1 for _, fate in leads), len(leads))
        assert (told.low, told.high) == (
            pytest.approx(told.mature.low, abs=1e-9),
            pytest.approx(told.mature.high, abs=1e-9),
        )
    if not curve.cut and curve.points:
        assert curve.points[-1].rate == pytest.approx(plain, abs=1e-12)


def _days(later, earlier, up):
    days = (later - earlier) / timedelta(days=1)
    return max(0, ceil(days) if up else floor(days))


@SLOW
@given(histories, models(), st.sampled_from(list(Rule)), st.sampled_from(["day", "week", "month", "quarter", "year"]))
def test_nasty_histories_equal_plain_python(all_entries, stages, rule, period):
    named = {f"L{number}": entries for number, entries in enumerate(all_entries)}
    journeys = journeys_of(engine_with(named), CONCEPTS)
    until = DAY_ZERO + timedelta(days=14)
    asked = Question(model_of(stages), rule=rule, observed_until=until)
    found = measures.cohorts(journeys, asked, period, DAYS)
    win = asked.model.win_stage(CONCEPTS)
    journeys.engine.close()

    groups = defaultdict(list)
    for entries in all_entries:
        each = oracle.journey(entries, stages, CONCEPTS, rule.value)
        if each is not None and each.started_at <= until:
            groups[_first_day(each.started_at, period)].append(each)
    assert [(cohort.start, cohort.leads) for cohort in found.cohorts] == [
        (start, len(groups[start])) for start in sorted(groups)
    ]
    for cohort in found.cohorts:
        for place in [*range(len(stages)), None]:
            leads = []
            for each in groups[cohort.start]:
                after_win = place is not None and win is not None and place > win
                ended = each.outcome if each.ended_at is not None and each.ended_at <= until else "open"
                moment = each.ended_at if ended == "won" else None
                if place is not None:
                    moment = each.times[place]
                if moment is not None and moment <= until:
                    leads.append((_days(moment, each.started_at, True), 1))
                elif ended == "lost" or (ended == "won" and not after_win):
                    leads.append((_days(each.ended_at, each.started_at, True), 2))
                else:
                    leads.append((_days(until, each.started_at, False), 0))
            told = cohort.to(place)
            assert (told.converted, told.gone) == (sum(f == 1 for _, f in leads), sum(f == 2 for _, f in leads))
            for by_day in told.by_day:
                old = sum(_days(until, each.started_at, False) >= by_day.day for each in groups[cohort.start])
                expected = _by_hand(leads, by_day.day) if old else None
                assert by_day.old_enough == old
                assert by_day.rate == (None if expected is None else pytest.approx(float(expected), abs=1e-12))


def _first_day(moment, period):
    day = moment.date()
    return {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "quarter": date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
        "year": date(day.year, 1, 1),
    }[period]


def test_a_cohort_too_young_says_not_yet_and_never_counts_a_young_winner():
    # Two are old enough for day 30, one of them won by then; the third won early and is young.
    journeys = journeys_from([(10, 1, 60), (60, 0, 60), (5, 1, 20)])
    told = measures.cohorts(journeys, question(), "year", (30, 90)).whole
    journeys.engine.close()
    assert (told.win.on(30).old_enough, told.win.on(30).mature.numerator) == (2, 1)
    assert told.win.on(30).rate == pytest.approx(2 / 3)
    assert told.win.on(90).rate is None
    assert told.win.bounds == (pytest.approx(2 / 3), 1.0)
    assert told.followed_days == 60


def test_not_yet_is_said_of_age_alone():
    # The one who is old enough for day 45 was won on the fifth; the other is undecided, and was watched for 30 days only.
    journeys = journeys_from([(5, 1, 60), (30, 0, 30)])
    told = measures.cohorts(journeys, question(), "year", (30, 45, 90)).whole.win
    journeys.engine.close()
    assert [(each.unknown, each.rate) for each in told.by_day] == [
        (None, 0.5),
        (Unknown.UNFOLLOWED, None),
        (Unknown.AGE, None),
    ]
    start = OBSERVED_UNTIL - timedelta(days=60)
    undated = {str(number): [Entered("New", start), Entered("Won", None)] for number in range(3)}
    journeys = journeys_of(engine_with(undated), PLAIN)
    (told,) = measures.cohorts(journeys, question(), "year", (30,)).whole.win.by_day
    journeys.engine.close()
    assert (told.unknown, told.rate, told.old_enough) == (Unknown.DATES, None, 3)


def test_part_of_a_day_counts_as_a_window_does():
    start = datetime(2024, 3, 1, 9)
    entries = [Entered("New", start), Entered("Won", start + timedelta(days=30, seconds=1))]
    journeys = journeys_of(engine_with({"A": entries}), PLAIN)
    asked = Question(model_of([{"New"}, {"Won"}]), observed_until=start + timedelta(days=31, seconds=2))
    told = measures.cohorts(journeys, asked, "month", (30, 31)).whole.win
    journeys.engine.close()
    assert (told.on(30).rate, told.on(30).mature.numerator) == (0.0, 0)
    assert (told.on(31).rate, told.on(31).mature.numerator) == (1.0, 1)


def test_what_happens_after_the_observation_does_not_count():
    start = OBSERVED_UNTIL - timedelta(days=10)
    named = {
        "early": [Entered("New", start), Entered("Won", start + timedelta(days=2))],
        "late": [Entered("New", start), Entered("Won", start + timedelta(days=12))],
        "unborn": [Entered("New", OBSERVED_UNTIL + timedelta(days=1))],
    }
    journeys = journeys_of(engine_with(named), PLAIN)
    told = measures.cohorts(journeys, question(), "year", (5,)).whole
    journeys.engine.close()
    assert (told.leads, told.won, told.win.waiting) == (2, 1, 1)
    assert told.win.on(5).rate == pytest.approx(1 / 2)


def test_wins_without_a_date_are_counted_and_leave_no_rate():
    named = {f"L{number}": [Entered("New", OBSERVED_UNTIL - timedelta(days=100))] for number in range(4)}
    columns = {"L0": {"outcome_said": "won"}}
    journeys = journeys_of(engine_with(named, columns), PLAIN)
    told = measures.cohorts(journeys, question(), "year", (30,)).whole.win
    journeys.engine.close()
    assert (told.converted, told.untimed, told.on(30).rate) == (1, 1, None)


def test_filters_dates_and_accounts_choose_who_is_in_a_cohort():
    named = {
        "A": [Entered("New", datetime(2026, 1, 5)), Entered("Won", datetime(2026, 1, 25))],
        "B": [Entered("New", datetime(2026, 2, 5))],
        "C": [Entered("New", datetime(2026, 2, 6)), Entered("Lost", datetime(2026, 2, 10))],
    }
    columns = {"A": {"account_id": "X"}, "B": {"account_id": "X"}, "C": {"account_id": "Y"}}
    journeys = journeys_of(engine_with(named, columns), PLAIN)
    february = measures.cohorts(journeys, question(filters=Filters(start_from=date(2026, 2, 1))), "month", (30,))
    accounts = measures.cohorts(journeys, question(unit=Unit.ACCOUNT), "month", (30,))
    journeys.engine.close()
    assert [(cohort.start, cohort.leads) for cohort in february.cohorts] == [(date(2026, 2, 1), 2)]
    assert [(cohort.start, cohort.leads, cohort.won) for cohort in accounts.cohorts] == [
        (date(2026, 1, 1), 1, 1),
        (date(2026, 2, 1), 1, 0),
    ]


def test_other_dates_days_and_periods_build_no_table(monkeypatch):
    journeys = journeys_from([(10, 1, 60), (60, 0, 60), (5, 1, 20)])
    measures.cohorts(journeys, question(), "month", (30,))
    built = []
    run = journeys.engine.run
    monkeypatch.setattr(journeys.engine, "run", lambda query: built.append(query.text) or run(query))
    april = question(filters=Filters(start_from=date(2026, 4, 1), start_to=date(2026, 5, 31)))
    found = measures.cohorts(journeys, april, "week", (7, 14))
    curves = measures.curves(journeys, april, "quarter")
    journeys.engine.close()
    assert built == []
    assert found.whole.leads == curves.whole.leads == 2


def test_each_step_over_the_date_of_start():
    start = datetime(2026, 1, 5)
    later = [timedelta(days=days) for days in (0, 10, 40)]
    named = {
        "A": [Entered("New", start), Entered("Won", start + later[1])],
        "B": [Entered("New", start), Entered("Won", start + later[2])],
        "C": [Entered("New", start), Entered("Lost", start + later[1])],
        "D": [Entered("New", start)],
    }
    journeys = journeys_of(engine_with(named), PLAIN)
    trend = measures.step_trend(journeys, question(), Period.MONTH, 30)
    journeys.engine.close()
    ((first, (step,)),) = trend.cohorts
    assert first == date(2026, 1, 1)
    assert (step.leads, step.converted, step.gone, step.waiting) == (4, 2, 1, 1)
    assert step.on(30).rate == pytest.approx(1 / 4)


def test_money_is_never_added_across_currencies():
    start = datetime(2026, 1, 5)
    named = {
        "A": [Entered("New", start), Entered("Won", start + timedelta(days=1))],
        "B": [Entered("New", start)],
        "C": [Entered("New", start), Entered("Won", start + timedelta(days=1))],
        "D": [Entered("New", start)],
    }
    columns = {
        "A": {"amount": 100.0, "currency": "EUR"},
        "B": {"amount": 50.0, "currency": "EUR"},
        "C": {"amount": 7.0, "currency": "USD"},
    }
    journeys = journeys_of(engine_with(named, columns), PLAIN)
    told = measures.cohort_amounts(journeys, question(), "month")
    journeys.engine.close()
    assert told.sums == (
        (date(2026, 1, 1), "EUR", 2, (150.0, 100.0)),
        (date(2026, 1, 1), "USD", 1, (7.0, 7.0)),
    )
    assert (told.currencies, told.missing) == (("EUR", "USD"), 1)


def test_a_curve_ends_where_fewer_than_ten_are_watched():
    leads = [(day, 1, 40) for day in range(1, 21)]
    journeys = journeys_from(leads)
    curve = measures.curves(journeys, question(), "year").whole
    journeys.engine.close()
    # On day 11 ten are left, on day 12 nine.
    assert (curve.until, curve.cut, curve.leads) == (11, True, 20)
    assert [(point.day, point.at_risk) for point in curve.points] == [(day, 21 - day) for day in range(1, 12)]
    assert curve.at(5).rate == pytest.approx(5 / 20)
    assert curve.at(12) is None


def test_days_and_observation_are_checked():
    journeys = journeys_from([(1, 1, 5)])
    with pytest.raises(QuestionError, match="36,501"):
        measures.cohorts(journeys, question(), "month", (36_501,))
    with pytest.raises(QuestionError, match="no date up to today"):
        measures.cohorts(journeys, Question(model_of([{"New"}, {"Won"}])), "month")
    journeys.engine.close()


def test_where_nobody_has_a_start_nobody_has_a_rate():
    columns = {"A": {"created_at": None}}
    journeys = journeys_of(engine_with({"A": [Entered("New", None)]}, columns), PLAIN)
    found = measures.cohorts(journeys, question(), "month", (30,))
    journeys.engine.close()
    assert (found.cohorts, found.undated, found.whole.leads) == ((), 1, 0)
    assert (found.whole.win.on(30).rate, found.whole.win.bounds) == (None, None)
