"""From a stage to the next: held to plain Python and to the ledger, and told only once it is known what comes of them."""

from __future__ import annotations

import sys
from datetime import timedelta
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.core.types import Entry, Question, Rule
from funnel.measures import steps, times
from funnel.measures.time_in_stage import Quantiles
from tests.leads import DAY, engine_with, journeys_of, lead_of, model_of
from tests.measures.timed_leads import MODEL, UNTIL, asking, named, thorough, untils
from tests.oracles import oracle, times_oracle
from tests.strategies import CONCEPTS as NASTY
from tests.strategies import DAY_ZERO, histories, models


@thorough
@given(histories, models(), untils, st.sampled_from(["passed", "visited", "in-order"]), st.sampled_from([None, 1, 4]))
def test_steps_equal_plain_python(leads, stages, until, rule, window):
    leads = [[each for each in entries if each.at <= until] for entries in leads]
    model = model_of(stages)
    question = Question(model, Rule(rule), window, observed_until=until)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys.modules["funnel.measures.time_to_convert"], "FEWEST_TIMED", 1)
        patched.setattr(sys.modules["funnel.measures.statistics.incidence"], "FEWEST_AT_RISK", 2)
        found = asking(times, named(leads), question, concepts=NASTY)
    tick = times_oracle.tick_of(leads, stages, NASTY)
    days = tick / timedelta(days=1)
    win = model.win_stage(NASTY)
    journeys = [oracle.journey(entries, stages, NASTY, rule, window) for entries in leads]
    by_place = {step.position: step for step in found.steps}
    for place in range(len(stages) - 1):
        told = [
            times_oracle.step_of(
                each, place, until, tick, rule=rule, after_win=win is not None and place + 1 > win, window=window
            )
            for each in journeys
            if each is not None and each.reached[place] and each.times[place] <= until
        ]
        if not told:
            assert place not in by_place
            continue
        step = by_place[place]
        fates = [each.fate for each in told]
        assert (step.entered, step.advanced, step.lost, step.otherwise, step.waiting) == (
            len(told), *(fates.count(fate) for fate in ("advanced", "lost", "otherwise", "waiting")),
        )  # fmt: skip
        timed = [each for each in told if each.ticks is not None]
        assert step.untimed == len(told) - len(timed)
        if step.untimed:
            # Where more than a few moments are unknown, nothing by days is told.
            continue
        all_of_them = times_oracle.followed([(each.ticks, each.event) for each in told], fewest=2)
        assert step.eventual == (pytest.approx(all_of_them.eventual, abs=1e-12) if all_of_them.is_known else None)
        assert step.rate_until == (
            None if all_of_them.until is None else pytest.approx(all_of_them.rate_until, abs=1e-12)
        )
        assert step.until == (None if all_of_them.until is None else pytest.approx(all_of_them.until * days))
        recorded = [each for each in told if each.from_record]
        events = [(each.ticks, 2 if each.event == 1 and not each.to_record else each.event) for each in recorded]
        own = times_oracle.followed(events, fewest=2)
        waits = [time * days for time, event in events if event == 1]
        assert step.timed == len(waits)
        known = bool(waits) and own.is_known
        for name, part in (("quarter", 0.25), ("median", 0.5), ("three_quarters", 0.75)):
            reached = (time for time, rate in own.curve if own.eventual > 0 and rate >= part * own.eventual - 1e-9)
            time = next(reached, None) if known else None
            assert getattr(step.times, name).days == (None if time is None else pytest.approx(time * days, abs=1e-12))
        half = (time for time, rate in own.curve if own.until is not None and time <= own.until and rate >= 0.5 - 1e-9)
        time = next(half, None)
        assert step.half_days == (None if time is None else pytest.approx(time * days, abs=1e-12))
        assert step.advanced_median == (pytest.approx(median(waits), abs=1e-9) if waits else None)


@thorough
@given(
    histories, models(), st.sampled_from(list(Rule)), st.sampled_from([None, 0, 1, 3, 7]), st.sampled_from(list(Entry))
)
def test_a_step_and_the_ledger_of_its_first_stage_are_one(leads, stages, rule, window, entry):
    """Whatever was done, by every rule and window: the same leads came, and the same were lost."""
    engine = engine_with(named(leads))
    try:
        journeys = journeys_of(engine, NASTY)
        question = Question(model_of(stages), rule, window, entry, observed_until=DAY_ZERO + timedelta(days=60))
        ledger = steps(journeys, question).stages
        told = {step.position: step for step in times(journeys, question).steps}
    finally:
        engine.close()
    for stage in ledger[:-1]:
        step = told.get(stage.position)
        if step is None:
            assert stage.leads == 0
            continue
        went_on = stage.advanced + (stage.skipped_ahead if rule is Rule.PASSED else 0)
        assert (step.entered, step.advanced, step.lost) == (stage.leads, went_on, stage.lost)
        assert step.otherwise + step.waiting == stage.leads - went_on - stage.lost


def test_who_was_won_is_never_lost():
    won = {f"won {number}": lead_of((0, "New"), (4, "Won")) for number in range(7)}
    lost = {f"lost {number}": lead_of((0, "New"), (9, "Lost")) for number in range(2)}
    for rule in (Rule.VISITED, Rule.IN_ORDER):
        step = asking(times, won | lost, Question(MODEL, rule, observed_until=UNTIL)).steps[0]
        assert (step.entered, step.advanced, step.lost, step.otherwise, step.waiting) == (9, 0, 2, 7, 0)


def test_a_window_closes_where_no_end_came_first():
    # Three were won on day 0, which is no end on the way to what follows the win; the window of ten days is.
    after = model_of([{"Won"}, {"Live"}])
    leads = {"on": lead_of((0, "Won"), (4, "Live")), **{f"{number}": lead_of((0, "Won")) for number in range(3)}}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys.modules["funnel.measures.statistics.incidence"], "FEWEST_AT_RISK", 1)
        step = asking(times, leads, Question(after, window_days=10, observed_until=UNTIL)).steps[0]
    assert (step.entered, step.advanced, step.otherwise, step.waiting) == (4, 1, 3, 0)
    assert (step.until, step.rate_until, step.eventual) == (10, 0.25, 0.25)


def _slow_process(starts, now):
    """Of ten leads that start on each of these days, one goes on after ten days, one after sixty, six after 100 and two are lost after 100;
    what comes after `now` is not in the file."""
    leads = {}
    for day in starts:
        for number, after in enumerate((10, 60, *[100] * 8)):
            ends = "Lost" if number >= 8 else "Demo"
            leads[f"{day} {number}"] = lead_of((day, "New"), *([(day + after, ends)] if day + after <= now else []))
    return leads


def test_what_comes_of_a_step_in_the_end_is_told_only_once_it_is_known():
    question = Question(MODEL, observed_until=DAY + timedelta(days=200))
    # All started 80 to 90 days ago: eight of ten will advance, two have.
    (young, _) = asking(times, _slow_process(range(110, 121), 200), question).steps
    assert (young.entered, young.advanced, young.waiting, young.eventual) == (110, 22, 88, None)
    assert young.times == Quantiles()
    assert young.half_days is None
    # Ten at least were watched up to the 89th day.
    assert (young.until, young.rate_until) == (89, pytest.approx(0.2))
    # All started 150 to 160 days ago: all is decided.
    (old, _) = asking(times, _slow_process(range(40, 51), 200), question).steps
    assert (old.advanced, old.lost, old.eventual) == (88, 22, pytest.approx(0.8))
    assert (old.times.quarter.days, old.times.median.days, old.half_days) == (60, 100, 100)
    # A steady stream: most are young, and yet the old ones tell what comes of them all.
    (steady, _) = asking(times, _slow_process(range(200), 200), question).steps
    assert steady.waiting > steady.entered / 3
    assert (steady.eventual, steady.times.median.days) == (pytest.approx(0.8, abs=0.01), 100)


def test_a_few_who_are_undecided_leave_the_end_known():
    decided = {f"{number}": lead_of((0, "New"), (5, "Demo")) for number in range(19)}
    question = Question(MODEL, observed_until=UNTIL)
    assert asking(times, {**decided, "open": lead_of((90, "New"))}, question).steps[0].eventual == 0.95
    two = {"open": lead_of((90, "New")), "too": lead_of((90, "New"))}
    found = asking(times, decided | two, question).steps[0]
    # Two of 21 are more than 5 %, and nobody was watched for longer whose end could tell of theirs.
    assert (found.eventual, found.until, found.rate_until) == (None, 5, pytest.approx(19 / 21))


def test_a_skipped_stage_takes_no_time():
    """A stage that was skipped is reached at the moment of the later one: 0 days are no time that anybody took."""
    through = {f"through {n}": lead_of((0, "New"), (n, "Demo"), (n + 16, "Won")) for n in range(1, 22)}
    past = {f"past {number}": lead_of((0, "New"), (3, "Won")) for number in range(60)}
    question = Question(MODEL, observed_until=UNTIL)
    to_demo, to_win = asking(times, through | past, question).steps
    assert (to_win.entered, to_win.advanced, to_win.timed) == (81, 81, 21)
    assert (to_win.times.median.days, to_win.advanced_median, to_win.half_days) == (16, 16, 16)
    assert (to_demo.timed, to_demo.advanced_median) == (21, 11)
    ledger = asking(steps, through | past, question).stages
    assert [(stage.timed_leads, stage.median_days_from_previous) for stage in ledger] == [(0, None), (21, 11), (21, 16)]
    few = {lead: ways for lead, ways in through.items() if lead not in ("through 1", "through 2")}
    _, to_win = asking(times, few | past, question).steps
    assert (to_win.timed, to_win.times.median.days, to_win.advanced_median, to_win.half_days) == (19, None, None, None)
    assert asking(steps, few | past, question).stages[2].median_days_from_previous is None
