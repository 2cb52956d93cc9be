"""A target planned backwards, against plain Python over drawn leads: what is open, what is needed, how likely, and what steps are worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.core.errors import QuestionError
from funnel.core.types import Calendar, Filters, OneOf, Rule, Unit
from funnel.measures.target import first_day, next_quarter_end, paced, target, usual_wins
from funnel.measures.target_counts import TargetCounts
from funnel.measures.wins_to_come import wins_to_come
from tests.oracles import target_oracle as plain
from tests.planned import STAGES, UNTIL, drawn, journeys_from, question
from tests.thorough import examples, thorough

TODAY = UNTIL.date()
LEADS = drawn(400, 7)
HISTORY = int((UNTIL - LEADS[0][0][1]) / plain.DAY)


@pytest.fixture(scope="module")
def journeys():
    found = journeys_from(LEADS)
    yield found
    found.engine.close()


def asked(journeys, days=60, wins=60, **more):
    return target(journeys, question(), TODAY + timedelta(days=days), wins, **more)


def wins_from(first, last):
    return sum(each[-1][0] == plain.WON and first <= each[-1][1].date() <= last for each in LEADS)


@pytest.mark.parametrize("days", [20, 75])
def test_all_of_it_is_that_of_plain_python(journeys, days):
    result = asked(journeys, days, since=date(2026, 5, 1))
    assert result.won == wins_from(date(2026, 5, 1), TODAY)
    assert result.open_leads == sum(plain.end_of(each)[0] == "open" for each in LEADS)
    open_wins = plain.open_wins(LEADS, STAGES, UNTIL, 0, 30, days)
    assert result.open == pytest.approx(open_wins, abs=1e-9)
    assert result.to_find == pytest.approx(60 - result.won - open_wins, abs=1e-9)
    for stage in result.stages:
        rates = plain.incidence(LEADS, stage.position, STAGES, UNTIL)
        one = plain.one_a_day(rates, days)
        assert stage.per_week == pytest.approx(7 * result.to_find / one, abs=1e-9)
        assert stage.in_all == pytest.approx(days * result.to_find / one, abs=1e-9)
        assert stage.now == pytest.approx(7 * plain.pace(LEADS, stage.position, STAGES, UNTIL, HISTORY), abs=1e-9)
        half = next(day for day, rate in enumerate(rates) if rate >= rates[-1] / 2)
        assert stage.half_days == half
        assert stage.last_useful_day == result.by - timedelta(days=half)
        # Won, what is open, and what comes at the pace that is needed make up the target.
        assert result.won + result.open + stage.per_week / 7 * one == pytest.approx(result.wins, abs=1e-9)
    first = plain.incidence(LEADS, 0, STAGES, UNTIL)
    assert result.to_come == pytest.approx(result.first.now / 7 * plain.one_a_day(first, days), abs=1e-9)


def test_earlier_forecasts_know_nothing_of_what_came_later(journeys):
    days, step = 60, 30
    counts = TargetCounts(journeys, question())
    coming = wins_to_come(counts, [days], HISTORY)
    assert len(coming.backtests) == 12
    for back, said, came in coming.backtests[::4]:
        end = UNTIL - back * step * plain.DAY
        assert came == wins_from(end.date() + plain.DAY, end.date() + days * plain.DAY)
        rates = plain.incidence(LEADS, 0, STAGES, end)
        pace = plain.pace(LEADS, 0, STAGES, end, HISTORY - back * step)
        expected = plain.open_wins(LEADS, STAGES, UNTIL, back, step, days) + pace * plain.one_a_day(rates, days)
        assert said == pytest.approx(expected, abs=1e-9)
    errors = [(came - said) ** 2 / said for _, said, came in coming.backtests]
    assert coming.phi == pytest.approx(max(1, sum(errors) / 12))


def test_the_rates_of_steps(journeys):
    rates = {each.position: each for each in TargetCounts(journeys, question()).steps()}
    rows = {0: [], 1: []}
    for stage in rows:
        for lead in LEADS:
            came, onward = (plain.entered(lead, place, STAGES) for place in (stage, stage + 1))
            if came is None:
                continue
            fate, day = plain.known(lead, came, UNTIL)
            if onward is not None:
                fate, day = plain.WON, max(0, -(-(onward - came) // plain.DAY))
            rows[stage].append((-1, fate, day))
    for stage, each in rows.items():
        curve, watched = plain.curve(each, max(day for _, _, day in each))
        last = max(day for day, count in enumerate(watched) if count >= 10)
        assert rates[stage].rate == pytest.approx(curve[last], abs=1e-9)
        counted = sum(row[1] == plain.WON for row in each)
        assert (rates[stage].entered, rates[stage].advanced) == (len(each), counted)


def test_a_better_step_and_more_leads(journeys):
    now = asked(journeys)
    step = now.levers[1]
    asked_of = {"steps": ((1, 0.04), (1, 0.01)), "arrivals": 1.5}
    told = asked(journeys, **asked_of).what_if
    # All wins to come still pass the last step, so all grow by its ratio; new leads come half as often again.
    ratio = (step.rate + 0.05) / step.rate
    (alone,) = told.improvements
    assert alone.extra == pytest.approx((ratio - 1) * (now.open + now.to_come), abs=1e-9)
    assert told.extra == pytest.approx(ratio * (now.open + 1.5 * now.to_come) - now.open - now.to_come, abs=1e-9)
    assert told.expected == pytest.approx(now.expected + told.extra, abs=1e-9)
    assert sum(extra for _, extra in alone.by_month) == pytest.approx(alone.extra, abs=1e-9)
    assert [month for month, _ in told.by_month] == [date(2026, 7, 1), date(2026, 8, 1)]
    assert told.reach > now.reach
    assert told.per_week < now.first.per_week
    assert alone.extra == pytest.approx(step.by_points, abs=1e-9)
    # The first step is behind who is at the second: only those at the first and those to come grow.
    coming = wins_to_come(TargetCounts(journeys, question()), _days(now), HISTORY)
    first = now.levers[0]
    grown = (0.05 / first.rate) * (float(coming.open_by[0, 0, -1]) + now.to_come)
    assert first.by_points == pytest.approx(grown, abs=1e-9)
    # Odds 1.25 times as high.
    odds = 1.25 * first.rate / (1 - first.rate)
    assert first.by_odds == pytest.approx((odds / (1 + odds) / first.rate - 1) * grown * first.rate / 0.05, abs=1e-9)


def _days(result):
    return [(each.day - TODAY).days for each in result.path[1:]]


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_shorter_waits_bring_wins_sooner(journeys, share):
    """From each stage on leads win as many days sooner as the shares of the median waits that are still before them."""
    days = 60
    medians = []
    for stage in range(STAGES):
        pairs = [(plain.entered(lead, stage, STAGES), plain.entered(lead, stage + 1, STAGES)) for lead in LEADS]
        waits = [
            plain.known([*[(0, came)], (plain.WON, onward)], came, UNTIL)[1]
            for came, onward in pairs
            if came and onward
        ]
        medians.append(float(np.median(waits)))
    result = asked(journeys, days, faster=[(stage, share) for stage in range(STAGES)])
    shifts = [round(sum(share * each for each in medians[stage:])) for stage in range(STAGES)]
    assert result.what_if.sooner == shifts[0] > 0
    rates = plain.incidence(LEADS, 0, STAGES, UNTIL)
    last = len(rates) - 1
    to_come = result.first.now / 7 * sum(rates[min(day + shifts[0], last)] for day in range(1, days + 1))
    # Open leads at each stage win by a day as they would else by a later one.
    counts = TargetCounts(journeys, question())
    later = [wins_to_come(counts, [days + shift], HISTORY).open_by[0, stage, -1] for stage, shift in enumerate(shifts)]
    assert result.what_if.expected == pytest.approx(result.won + sum(later) + to_come, abs=1e-9)
    assert result.what_if.extra == pytest.approx(result.what_if.expected - result.expected, abs=1e-9)
    assert asked(journeys, days, faster=[(0, 0.0)]).what_if is None


def test_waits_cannot_vanish_and_amounts_need_money(journeys):
    for wrong, said in (({"faster": [(0, 1.0)]}, "0 to 99%"), ({"amount": 2.0}, "the target is no money")):
        with pytest.raises(QuestionError, match=said):
            asked(journeys, **wrong)


@thorough
@settings(max_examples=examples(25), deadline=None)
@given(st.sampled_from(range(5, 200, 13)), st.integers(1, 150), st.integers(0, 80), st.integers(0, 90))
def test_more_wins_or_fewer_days_never_need_fewer_leads(journeys, days, wins, more, later):
    since = TODAY + timedelta(days=1)
    fewer, many = (asked(journeys, days, count, since=since) for count in (wins, wins + more))
    late = asked(journeys, days + later, wins, since=since)
    for one, other, third in zip(fewer.stages, many.stages, late.stages, strict=True):
        endless = float("inf")
        needed = endless if one.per_week is None else one.per_week
        assert (endless if other.per_week is None else other.per_week) >= needed
        assert (endless if third.per_week is None else third.per_week) <= needed + 1e-9
        if one.low is not None and other.low is not None:
            assert one.low <= one.high
            assert other.high >= one.high
    if fewer.reach is not None:
        assert many.reach <= fewer.reach


def test_how_likely_it_is_is_what_the_pace_was_solved_for(journeys):
    result = asked(journeys, 60, 70, sure=0.8)
    coming = wins_to_come(TargetCounts(journeys, question()), _days(result), HISTORY)
    for place, stage in enumerate(result.stages):
        for pace, chance in ((stage.low, 0.1), (stage.sure, 0.8), (stage.high, 0.9)):
            if pace:
                means = coming.open + pace / 7 * coming.sums[:, place]
                assert coming.reach(70 - result.won, means) == pytest.approx(chance, abs=1e-6)
    assert result.first.low <= result.first.per_week <= result.first.sure <= result.first.high
    assert 0.4 < result.reach_needed < 0.6
    assert result.open_low < result.open < result.open_high


def test_resamples_of_accounts_are_wider_than_those_of_leads(journeys):
    # All leads are copied six times: as leads of one account they tell no more than before, as strangers they do.
    copies = [lead for lead in LEADS[:120] for _ in range(6)]
    spreads = []
    for accounts in (None, True):
        some = journeys_from(copies) if accounts is None else journeys_from_copies(copies)
        coming = wins_to_come(TargetCounts(some, question()), [60], HISTORY)
        spreads.append(float(np.std(coming.sums[1:, 1]) / coming.sums[0, 1]))
        some.engine.close()
    assert spreads[1] > 1.5 * spreads[0]


def journeys_from_copies(copies):
    order = [copies[6 * place + copy] for copy in range(6) for place in range(len(copies) // 6)]
    return journeys_from(order, accounts=len(copies) // 6)


def test_rule_window_dates_and_unit_change_nothing_but_filters_do(journeys):
    plainly = asked(journeys)
    dates = Filters(start_from=date(2026, 1, 1))
    other = question(rule=Rule.STRICT, window_days=3, filters=dates, unit=Unit.ACCOUNT)
    result = target(journeys, other, plainly.by, 60)
    assert (result.open, result.first.per_week) == (plainly.open, plainly.first.per_week)
    assert [note.key for note in result.notes if note not in plainly.notes] == ["measures.target_leads"]
    with pytest.raises(QuestionError, match="0 wins in the last two years"):
        target(journeys, question(filters=Filters(where=(OneOf("Region", ("Mars",)),))), plainly.by, 60)


def test_what_is_reached_or_enough_or_too_late(journeys):
    since = date(2026, 1, 1)
    reached = asked(journeys, wins=5, since=since)
    assert (reached.answer.key, reached.to_find, reached.reach) == ("measures.target_reached", 0, 1)
    assert [stage.per_week for stage in reached.stages] == [0, 0]
    enough = asked(journeys, wins=reached.won + 1, since=since)
    assert enough.answer.key == "measures.target_enough"
    late = asked(journeys, 2, 400)
    assert late.answer.key == "measures.target_too_late"
    assert late.first.per_week is None
    assert late.first.low is None
    (hopeless,) = [note for note in late.notes if note.key == "measures.target_hopeless"]
    assert hopeless.values["best"] == round(late.expected)
    needed = asked(journeys, 60, 70).answer
    assert needed.key == "measures.target_answer"
    assert needed.values["more"] == 70


def test_without_four_earlier_forecasts_there_is_no_range(journeys):
    result = asked(journeys, 330, 200)
    assert result.backtests < 4
    assert (result.reach, result.open_low, result.first.low, result.first.sure) == (None, None, None, None)
    assert result.first.per_week > 0
    assert "measures.target_no_range" in [note.key for note in result.notes]
    assert {(each.low, each.high) for each in result.path[1:]} == {(None, None)}


def test_what_cannot_be_asked_is_said(journeys):
    wrong = [
        ({"days": 0}, "is not after 30 Jun 2026"),
        ({"days": 2 * HISTORY + 1}, "twice the"),
        ({"wins": 0}, "from 1 to 1,000,000, not 0"),
        ({"since": TODAY + timedelta(days=2)}, "observes up to 30 Jun 2026"),
        ({"sure": 1.0}, "from 0 to 1"),
        ({"arrivals": -1}, "0 to 100 times"),
        ({"steps": ((0, 0.9),)}, "no share between"),
        ({"steps": ((2, 0.05),)}, "No lead has gone on from “Won”"),
    ]
    for changes, said in wrong:
        with pytest.raises(QuestionError, match=said):
            asked(journeys, **changes)
    with pytest.raises(QuestionError, match="no date up to today"):
        target(journeys, replace(question(), observed_until=None), TODAY, 5)


def test_a_target_to_begin_with(journeys):
    since, by = date(2026, 7, 1), date(2026, 9, 30)
    assert usual_wins(journeys, question(), since, by) == wins_from(date(2025, 7, 1), date(2025, 9, 30))
    # A quarter that lies before a year of history is told from the pace.
    early = replace(question(), observed_until=UNTIL - timedelta(days=420))
    lately = wins_from(TODAY - timedelta(days=420 + 90), TODAY - timedelta(days=420))
    assert usual_wins(
        journeys.until(early.observed_until), early, date(2025, 5, 7), date(2025, 6, 30)
    ) == pytest.approx(lately / 91 * 55, abs=1.5)
    assert (
        next_quarter_end(date(2026, 5, 2), Calendar.GREGORIAN),
        next_quarter_end(date(2026, 6, 30), Calendar.GREGORIAN),
    ) == (TODAY, date(2026, 9, 30))
    assert next_quarter_end(date(2026, 12, 31), Calendar.GREGORIAN) == date(2027, 3, 31)
    assert first_day(date(2026, 9, 30), date(2026, 8, 3), Calendar.GREGORIAN) == date(2026, 7, 1)
    assert first_day(date(2026, 12, 31), date(2026, 8, 3), Calendar.GREGORIAN) == date(2026, 8, 4)
    assert (paced(8.04), paced(9.96), paced(42.6)) == (8.0, 10.0, 43)


def test_a_file_that_cannot_tell():
    few = journeys_from(drawn(40, 1))
    with pytest.raises(QuestionError, match="of fewer than 20"):
        asked(few)
    few.engine.close()
    snapshot = journeys_from(LEADS)
    snapshot.start_from_created = True
    with pytest.raises(QuestionError, match="Export the stage history"):
        asked(snapshot)
    snapshot.engine.close()
