"""Time in stage, steps, aging and velocity: held to plain Python, to scipy, and to cases that can be counted by hand."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from funnel.core.errors import QuestionError
from funnel.core.types import BinUnit, EndRule, Entry, Filters, OneOf, Quantiles, Question, Rule, Spans, Unit
from funnel.measures import aging, stalled, steps, times, times_by, velocity
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles import oracle, times_oracle
from tests.oracles.oracle import Entered
from tests.strategies import CONCEPTS as NASTY
from tests.strategies import DAY_ZERO, histories, models
from tests.thorough import examples

DAY = datetime(2025, 3, 1)
UNTIL = DAY + timedelta(days=100)
CONCEPTS = {"New": "lead", "Demo": "demo", "Proposal": "proposal", "Won": "won", "Live": "onboarding", "Lost": "lost"}
MODEL = model_of([{"New"}, {"Demo"}, {"Won"}])
untils = st.one_of(
    st.integers(0, 30).map(lambda day: DAY_ZERO + timedelta(days=day)),
    st.integers(0, 50).map(lambda half: DAY_ZERO + timedelta(hours=7 + 12 * half)),
)
thorough = settings(max_examples=examples(7), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _lead(*pairs):
    return [Entered(label, None if day is None else DAY + timedelta(days=day)) for day, label in pairs]


def _asking(measure, leads, question, columns=None, *, concepts=CONCEPTS, snapshot=False, end_rule=None, **how):
    engine = engine_with(leads, columns)
    try:
        return measure(journeys_of(engine, concepts, start_from_created=snapshot, end_rule=end_rule), question, **how)
    finally:
        engine.close()


def _named(histories):
    return {f"lead {place}": entries for place, entries in enumerate(histories)}


@thorough
@given(histories, models(), untils)
def test_time_in_stage_equals_plain_python_and_scipy(leads, stages, until):
    found = _asking(times, _named(leads), Question(model_of(stages), observed_until=until), concepts=NASTY)
    expected = times_oracle.stays(leads, stages, NASTY, until)
    tick = times_oracle.tick_of(leads, stages, NASTY)
    days = tick / timedelta(days=1)
    assert [stage.position for stage in found.stages] == times_oracle.waiting_places(stages, NASTY)
    assert sorted((*(stage.position for stage in found.stages), *found.left_out)) == list(range(len(stages)))
    for stage in found.stages:
        here = [stay for stay in expected if stay.position == stage.position]
        ended = [stay for stay in here if stay.to]
        assert (stage.stays, stage.left, stage.lost, stage.untimed) == (
            len(here), len(ended), sum(stay.to == "lost" for stay in here), 0,
        )  # fmt: skip
        assert stage.still == len(here) - len(ended)
        assert stage.all_days == pytest.approx(sum((stay.span for stay in here), timedelta()) / timedelta(days=1))
        told = [(stay.ticks(tick), stay.to is not None) for stay in here]
        curve = times_oracle.kaplan_meier(told)
        drawn = {point.days: point.share for point in stage.curve}
        assert len(drawn) == len(curve) + (
            1 if drawn and max(drawn) > (curve[-1][0] * days + 1e-9 if curve else -1) else 0
        )
        for time, share in curve:
            assert drawn[time * tick / timedelta(days=1)] == pytest.approx(share, abs=1e-12)
        for name, part in (("quarter", 0.25), ("median", 0.5), ("three_quarters", 0.75), ("nine_tenths", 0.9)):
            time = times_oracle.quantile(curve, part)
            assert getattr(stage.times, name).days == (None if time is None else pytest.approx(time * days, abs=1e-12))
        spans = [stay.ticks(tick) * days for stay in ended]
        assert stage.left_median == (pytest.approx(median(spans), abs=1e-9) if spans else None)
        assert sum(left for _, left, _ in stage.spans.counts) == len(ended)
        assert sum(still for *_, still in stage.spans.counts) == stage.still
        if ended:
            sample = stats.CensoredData(
                uncensored=[time for time, event in told if event], right=[time for time, event in told if not event]
            )
            survival = stats.ecdf(sample).sf
            for days_there, share in drawn.items():
                assert share == pytest.approx(survival.evaluate(round(days_there / days)), abs=1e-12)


@thorough
@given(histories, models(), untils, st.sampled_from(["passed", "visited", "in-order"]), st.sampled_from([None, 1, 4]))
def test_steps_equal_plain_python(leads, stages, until, rule, window):
    leads = [[each for each in entries if each.at <= until] for entries in leads]
    model = model_of(stages)
    question = Question(model, Rule(rule), window, observed_until=until)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys.modules["funnel.measures.time_to_convert"], "FEWEST_TIMED", 1)
        patched.setattr(sys.modules["funnel.measures.statistics.incidence"], "FEWEST_AT_RISK", 2)
        found = _asking(times, _named(leads), question, concepts=NASTY)
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
    engine = engine_with(_named(leads))
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
    won = {f"won {number}": _lead((0, "New"), (4, "Won")) for number in range(7)}
    lost = {f"lost {number}": _lead((0, "New"), (9, "Lost")) for number in range(2)}
    for rule in (Rule.VISITED, Rule.IN_ORDER):
        step = _asking(times, won | lost, Question(MODEL, rule, observed_until=UNTIL)).steps[0]
        assert (step.entered, step.advanced, step.lost, step.otherwise, step.waiting) == (9, 0, 2, 7, 0)


def test_a_window_closes_where_no_end_came_first():
    # Three were won on day 0, which is no end on the way to what follows the win; the window of ten days is.
    after = model_of([{"Won"}, {"Live"}])
    leads = {"on": _lead((0, "Won"), (4, "Live")), **{f"{number}": _lead((0, "Won")) for number in range(3)}}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys.modules["funnel.measures.statistics.incidence"], "FEWEST_AT_RISK", 1)
        step = _asking(times, leads, Question(after, window_days=10, observed_until=UNTIL)).steps[0]
    assert (step.entered, step.advanced, step.otherwise, step.waiting) == (4, 1, 3, 0)
    assert (step.until, step.rate_until, step.eventual) == (10, 0.25, 0.25)


def _slow_process(starts, now):
    """Of ten leads that start on each of these days, one goes on after ten days, one after sixty, six after 100 and two are lost after 100;
    what comes after `now` is not in the file."""
    leads = {}
    for day in starts:
        for number, after in enumerate((10, 60, *[100] * 8)):
            ends = "Lost" if number >= 8 else "Demo"
            leads[f"{day} {number}"] = _lead((day, "New"), *([(day + after, ends)] if day + after <= now else []))
    return leads


def test_what_comes_of_a_step_in_the_end_is_told_only_once_it_is_known():
    question = Question(MODEL, observed_until=DAY + timedelta(days=200))
    # All started 80 to 90 days ago: eight of ten will advance, two have.
    (young, _) = _asking(times, _slow_process(range(110, 121), 200), question).steps
    assert (young.entered, young.advanced, young.waiting, young.eventual) == (110, 22, 88, None)
    assert young.times == Quantiles()
    assert young.half_days is None
    # Ten at least were watched up to the 89th day.
    assert (young.until, young.rate_until) == (89, pytest.approx(0.2))
    # All started 150 to 160 days ago: all is decided.
    (old, _) = _asking(times, _slow_process(range(40, 51), 200), question).steps
    assert (old.advanced, old.lost, old.eventual) == (88, 22, pytest.approx(0.8))
    assert (old.times.quarter.days, old.times.median.days, old.half_days) == (60, 100, 100)
    # A steady stream: most are young, and yet the old ones tell what comes of them all.
    (steady, _) = _asking(times, _slow_process(range(200), 200), question).steps
    assert steady.waiting > steady.entered / 3
    assert (steady.eventual, steady.times.median.days) == (pytest.approx(0.8, abs=0.01), 100)


def test_a_few_who_are_undecided_leave_the_end_known():
    decided = {f"{number}": _lead((0, "New"), (5, "Demo")) for number in range(19)}
    question = Question(MODEL, observed_until=UNTIL)
    assert _asking(times, {**decided, "open": _lead((90, "New"))}, question).steps[0].eventual == 0.95
    two = {"open": _lead((90, "New")), "too": _lead((90, "New"))}
    found = _asking(times, decided | two, question).steps[0]
    # Two of 21 are more than 5 %, and nobody was watched for longer whose end could tell of theirs.
    assert (found.eventual, found.until, found.rate_until) == (None, 5, pytest.approx(19 / 21))


def test_a_skipped_stage_takes_no_time():
    """A stage that was skipped is reached at the moment of the later one: 0 days are no time that anybody took."""
    through = {f"through {n}": _lead((0, "New"), (n, "Demo"), (n + 16, "Won")) for n in range(1, 22)}
    past = {f"past {number}": _lead((0, "New"), (3, "Won")) for number in range(60)}
    question = Question(MODEL, observed_until=UNTIL)
    to_demo, to_win = _asking(times, through | past, question).steps
    assert (to_win.entered, to_win.advanced, to_win.timed) == (81, 81, 21)
    assert (to_win.times.median.days, to_win.advanced_median, to_win.half_days) == (16, 16, 16)
    assert (to_demo.timed, to_demo.advanced_median) == (21, 11)
    ledger = _asking(steps, through | past, question).stages
    assert [(stage.timed_leads, stage.median_days_from_previous) for stage in ledger] == [(0, None), (21, 11), (21, 16)]
    few = {lead: ways for lead, ways in through.items() if lead not in ("through 1", "through 2")}
    _, to_win = _asking(times, few | past, question).steps
    assert (to_win.timed, to_win.times.median.days, to_win.advanced_median, to_win.half_days) == (19, None, None, None)
    assert _asking(steps, few | past, question).stages[2].median_days_from_previous is None


@thorough
@given(histories, models(), untils)
def test_aging_and_the_list_equal_plain_python(leads, stages, until):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys.modules["funnel.measures.aging"], "FEWEST_STAYS", 1)
        question = Question(model_of(stages), observed_until=until)
        found = _asking(aging, _named(leads), question, concepts=NASTY)
        lists = {long: _asking(stalled, _named(leads), question, concepts=NASTY, long=long) for long in (False, True)}
    tick = times_oracle.tick_of(leads, stages, NASTY)
    every = times_oracle.stays(leads, stages, NASTY, until)
    stuck = {False: {}, True: {}}
    for stage in found.stages:
        here = [stay for stay in every if stay.position == stage.position]
        ages = {f"lead {stay.lead}": stay for stay in here if stay.is_open and not stay.to}
        moved = [stay.span / timedelta(microseconds=1) for stay in here if stay.moved_on]
        assert stage.open == len(ages)
        if not ages:
            continue
        spans = [stay.span / timedelta(days=1) for stay in ages.values()]
        assert stage.median_days == pytest.approx(median(spans), abs=1e-9)
        assert stage.moved_on == len(moved)
        if not moved:
            assert stage.limit is stage.long_limit is stage.stalled is stage.long_stalled is None
            continue
        limits = [float(np.percentile(moved, part)) for part in (75, 90)]
        assert (stage.limit, stage.long_limit) == tuple(
            pytest.approx(limit / 86_400_000_000, abs=1e-9) for limit in limits
        )
        curve = times_oracle.kaplan_meier([(stay.ticks(tick), stay.to is not None) for stay in here])
        for long, limit in zip((False, True), limits, strict=True):
            # In microseconds: two times that are one apart are told apart, two that rounding alone parts are not.
            beyond = {lead: stay for lead, stay in ages.items() if stay.span / timedelta(microseconds=1) > limit + 1e-3}
            assert (stage.long_stalled if long else stage.stalled) == len(beyond)
            for lead, stay in beyond.items():
                before = [share for time, share in curve if time < stay.ticks(tick)]
                stuck[long][lead] = 1 - (before[-1] if before else 1.0)
    for long, rows in lists.items():
        shares = dict(zip(rows["lead_id"], rows["share"], strict=True))
        assert shares == {lead: pytest.approx(share, abs=1e-12) for lead, share in stuck[long].items()}
        assert list(rows["share"]) == sorted(rows["share"], reverse=True)
        assert rows.attrs["total"] == len(rows)


@settings(max_examples=examples(6), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=12))
def test_a_file_of_dates_is_told_in_whole_days(durations):
    start = datetime(2025, 1, 1)
    leads = {
        f"{number}": [Entered("New", start), *([Entered("Demo", start + timedelta(days=days))] if left else [])]
        for number, (days, left) in enumerate(durations)
    }
    (stage, *_) = _asking(times, leads, Question(MODEL, observed_until=start + timedelta(days=45))).stages
    found = [stage.times.quarter, stage.times.median, stage.times.three_quarters]
    told = [value for each in found for value in (each.days, each.low, each.high) if value is not None]
    assert all(value == int(value) for value in [*told, *(point.days for point in stage.curve)])


# Cases by hand.

WAYS = {
    "moved": _lead((0, "New"), (10, "Demo"), (40, "Won")),
    "back": _lead((0, "New"), (20, "Demo"), (25, "New"), (55, "Demo")),
    "lost": _lead((10, "New"), (15, "Lost")),
    "open": _lead((60, "New")),
    "customer": _lead((0, "New"), (30, "Won"), (35, "Live")),
}


def test_a_stay_is_one_visit_and_any_exit_ends_it():
    found = _asking(times, WAYS, Question(MODEL, observed_until=UNTIL))
    new, demo = found.stages
    # At New: 10 (on), 20 (on), 30 (on, the second visit), 5 (lost), 30 (won), and 40 days so far.
    assert (new.stays, new.left, new.still, new.lost) == (6, 5, 1, 1)
    assert [(point.days, point.at_risk) for point in new.curve] == [(5, 6), (10, 5), (20, 4), (30, 3), (40, 1)]
    assert [point.share for point in new.curve] == pytest.approx([5 / 6, 4 / 6, 3 / 6, 1 / 6, 1 / 6])
    assert (new.times.quarter.days, new.times.median.days, new.times.three_quarters.days) == (10, 20, 30)
    assert (new.left_median, new.all_days) == (20, 10 + 20 + 30 + 5 + 30 + 40)
    # At Demo: 30 (won), 5 (back), 45 so far.
    assert (demo.stays, demo.left, demo.still, demo.times.median.days, demo.left_median) == (3, 2, 1, 30, 17.5)
    assert (demo.times.three_quarters.days, demo.times.nine_tenths.days) == (None, None)


def test_the_win_and_what_comes_after_it_are_no_wait():
    after = model_of([{"New"}, {"Won"}, {"Live"}])
    found = _asking(times, WAYS, Question(after, observed_until=UNTIL))
    assert ([stage.name for stage in found.stages], found.left_out) == (["New"], (1, 2))
    # The step after the win is told.
    assert [(step.name, step.next_name, step.advanced) for step in found.steps] == [
        ("New", "Won", 2),
        ("Won", "Live", 1),
    ]


def test_a_stage_that_takes_the_win_and_more_is_left_with_the_win():
    mixed = model_of([{"New"}, {"Demo", "Won"}])
    leads = {**WAYS, "again": _lead((0, "New"), (5, "Won"), (50, "New"), (60, "Demo"))}
    found = _asking(times, leads, Question(mixed, observed_until=UNTIL))
    demo = found.stages[1]
    # moved: 30 days until its win; back: 5, then 45 so far; customer: came with the win; again, back from its win: 45, then 40 so far.
    assert (demo.stays, demo.left, demo.still, demo.all_days) == (6, 4, 2, 30 + 5 + 45 + 0 + 45 + 40)
    kept = _asking(times, leads, Question(mixed, observed_until=UNTIL), end_rule=EndRule(keeps_win=True)).stages[1]
    # Where a win stays one, its visit after the win is none.
    assert (kept.stays, kept.left, kept.still, kept.all_days) == (5, 4, 1, 30 + 5 + 45 + 0 + 0)
    assert found.left_out == ()


def test_what_comes_after_the_end_of_observation_is_not_seen():
    found = _asking(times, WAYS, Question(MODEL, observed_until=DAY + timedelta(days=22)))
    new, demo = found.stages
    # moved 10, back 20, lost 5; customer 22 so far; back's second visit and open are later.
    assert (new.stays, new.left, new.all_days) == (4, 3, 10 + 20 + 5 + 22)
    assert (demo.stays, demo.left, demo.all_days) == (2, 0, 12 + 2)
    assert demo.times.median.days is None
    assert demo.left_median is None


def test_stays_without_a_date_are_counted_apart():
    leads = {"dated": _lead((0, "New"), (4, "Demo")), "undated": _lead((0, "New"), (None, "Demo"))}
    new, demo = _asking(times, leads, Question(MODEL, observed_until=UNTIL)).stages
    assert (new.stays, new.untimed, demo.stays, demo.untimed) == (1, 1, 1, 1)
    assert new.times.median.days == 4


def test_rule_window_and_accounts_change_no_stay():
    columns = {lead: {"account_id": "A"} for lead in WAYS}
    plain = _asking(times, WAYS, Question(MODEL, observed_until=UNTIL), columns)
    for question in (
        Question(MODEL, Rule.IN_ORDER, window_days=3, observed_until=UNTIL),
        Question(MODEL, Rule.VISITED, unit=Unit.ACCOUNT, quorum=2, observed_until=UNTIL),
    ):
        assert _asking(times, WAYS, question, columns).stages == plain.stages


def test_short_stays_are_told_in_minutes():
    start = datetime(2025, 3, 1, 9, 0)
    leads = {
        str(minutes): [Entered("New", start), Entered("Demo", start + timedelta(minutes=minutes, seconds=-20))]
        for minutes in (5, 10, 45)
    }
    new = _asking(times, leads, Question(MODEL, observed_until=UNTIL)).stages[0]
    assert new.times.median.days == 10 / 1440
    assert new.left_median == 10 / 1440
    assert new.spans == Spans(BinUnit.HOUR, ((0, 3, 0),))


def test_a_snapshot_tells_no_times_and_no_limits():
    leads = {f"{number}": _lead((number, "Demo")) for number in range(30)}
    columns = {lead: {"created_at": DAY} for lead in leads}
    question = Question(MODEL, observed_until=UNTIL)
    found = _asking(times, leads, question, columns, snapshot=True)
    assert (found.stages, found.steps, found.missing.key) == ((), (), "measures.times_snapshot")
    _, demo = _asking(aging, leads, question, columns, snapshot=True).stages
    assert (demo.open, demo.median_days, demo.limit, demo.stalled) == (30, 85.5, None, None)
    assert _asking(stalled, leads, question, columns, snapshot=True).attrs["total"] == 0
    undated = {lead: _lead((None, "Demo")) for lead in leads}
    _, demo = _asking(aging, undated, question, columns, snapshot=True).stages
    assert (demo.open, demo.untimed, demo.median_days) == (30, 30, None)


def test_without_an_end_of_observation_nothing_is_told():
    for measure in (times, aging, velocity, stalled):
        with pytest.raises(QuestionError, match="no date"):
            _asking(measure, WAYS, Question(MODEL))


@thorough
@given(histories, models(), untils, st.lists(st.sampled_from(["East", "We'st", "", None]), min_size=12, max_size=12))
def test_each_group_equals_the_same_question_of_its_leads_alone(leads, stages, until, regions):
    columns = {f"lead {place}": {"Region": region} for place, region in zip(range(len(leads)), regions, strict=False)}
    question = Question(model_of(stages), observed_until=until)
    engine = engine_with(_named(leads), columns)
    try:
        journeys = journeys_of(engine, NASTY)
        found = times_by(journeys, question, "Region", limit=2)
        for value, told in found.groups:
            filters = Filters(where=(OneOf("Region", (value,)),))
            alone = times(journeys, replace(question, filters=filters))
            assert told.question.filters == filters
            assert told.leads == alone.leads
            assert told.stages == alone.stages
            assert told.steps == alone.steps
            assert told.bottleneck == alone.bottleneck
        assert sum(told.leads for _, told in found.groups) + found.other == times(journeys, question).leads
    finally:
        engine.close()


def test_an_unknown_column_is_refused():
    with pytest.raises(QuestionError, match="no column"):
        _asking(times_by, WAYS, Question(MODEL, observed_until=UNTIL), column="Nothing")


def _waiting(days):
    return _lead((100 - days, "New"))


HISTORY = {f"moved {number}": _lead((0, "New"), (number, "Demo")) for number in range(1, 21)}


def test_open_leads_are_stalled_past_three_quarters_of_those_that_moved_on():
    leads = {
        **HISTORY,
        "usual": _waiting(15),
        "late": _waiting(16),
        "very late": _waiting(19),
        "lost": _lead((0, "New"), (90, "Lost")),
    }
    columns = {
        "late": {"amount": 500, "currency": "EUR"},
        "very late": {"amount": 70, "currency": "USD", "Region": "=1+1"},
    }
    question = Question(MODEL, observed_until=UNTIL)
    new, demo = _asking(aging, leads, question, columns).stages
    # Of 1 to 20 days, three quarters are 15.25 days, nine tenths 18.1.
    assert (new.open, new.moved_on, new.limit, new.long_limit) == (3, 20, 15.25, pytest.approx(18.1))
    assert (new.stalled, new.long_stalled, new.median_days) == (2, 1, 16)
    assert (demo.open, demo.moved_on, demo.limit, demo.stalled) == (20, 0, None, None)
    found = _asking(aging, leads, question, columns)
    assert (found.open, found.stalled, found.long_stalled) == (23, 2, 1)
    assert found.amounts == (("EUR", 500.0, 1), ("USD", 70.0, 1))
    rows = _asking(stalled, leads, question, columns)
    assert list(rows["lead_id"]) == ["very late", "late"]
    assert list(rows["days"]) == [19, 16]
    assert list(rows["stage"]) == ["New", "New"]
    assert (rows["Region"][0], rows.attrs["total"]) == ("=1+1", 2)
    # Before day 19, 18 of 24 had left; usual and late were watched for 15 and 16 days only.
    at_risk = [24 - day + 1 - (day > 15) - (day > 16) for day in range(1, 19)]
    assert rows["share"][0] == pytest.approx(1 - np.prod([1 - 1 / each for each in at_risk]))
    page = _asking(stalled, leads, question, columns, offset=1, limit=1)
    assert (list(page["lead_id"]), page.attrs["total"]) == (["late"], 2)
    assert list(_asking(stalled, leads, question, columns, long=True)["lead_id"]) == ["very late"]


def test_who_went_back_or_was_lost_is_no_example_of_moving_on():
    ahead = {f"ahead {number}": _lead((0, "New"), (1, "Demo"), (1 + number, "Won")) for number in range(1, 21)}
    back = {f"back {number}": _lead((0, "New"), (1, "Demo"), (91, "New")) for number in range(40)}
    lost = {f"lost {number}": _lead((0, "New"), (1, "Demo"), (91, "Lost")) for number in range(40)}
    waits = {"waits": _lead((0, "New"), (60, "Demo"))}
    _, demo = _asking(aging, ahead | back | lost | waits, Question(MODEL, observed_until=UNTIL)).stages
    # Of 1 to 20 days, three quarters are 15.25.
    assert (demo.moved_on, demo.limit, demo.open, demo.stalled) == (20, 15.25, 1, 1)


def test_too_few_that_moved_on_make_nobody_stalled():
    few = {lead: ways for lead, ways in HISTORY.items() if lead != "moved 20"}
    found = _asking(aging, {**few, "late": _waiting(90)}, Question(MODEL, observed_until=UNTIL))
    assert (found.stages[0].open, found.stages[0].moved_on, found.stages[0].limit, found.stages[0].stalled) == (
        1,
        19,
        None,
        None,
    )


def test_a_decided_lead_is_not_open_and_one_decided_later_is():
    leads = {
        **HISTORY,
        "won": [*_waiting(50), Entered("Won", UNTIL)],
        "later": [*_waiting(50), Entered("Won", UNTIL + timedelta(days=1))],
    }
    rows = _asking(stalled, leads, Question(MODEL, observed_until=UNTIL))
    assert list(rows["lead_id"]) == ["later"]


def test_currencies_are_never_added_together():
    leads = {
        "a": _lead((0, "New"), (10, "Won")),
        "b": _lead((0, "New"), (30, "Won")),
        "c": _lead((0, "New"), (40, "Lost")),
        "d": _lead((90, "New")),
        "e": _lead((90, "New")),
        "f": _lead((0, "New"), (50, "Won")),
        "g": _lead((95, "New")),
        "h": _lead((99, "New")),
    }
    columns = {lead: {"currency": "EUR", "amount": 100} for lead in "acd"} | {
        "b": {"currency": "EUR"},
        "e": {"currency": "EUR"},
    }
    columns |= {"f": {"currency": "USD", "amount": 9}, "g": {"currency": "USD"}}
    euro, none, dollar = _asking(velocity, leads, Question(MODEL, observed_until=UNTIL), columns).paces
    # Two open, two of three won, 100 a win, 20 days to a win.
    assert (euro.currency, euro.open, euro.value, euro.valued, euro.cycle_days) == ("EUR", 2, 100, 1, 20)
    assert euro.per_day == pytest.approx(2 * (2 / 3) * 100 / 20)
    assert (dollar.currency, dollar.per_day) == ("USD", pytest.approx(1 * 1 * 9 / 50))
    assert (none.currency, none.open, none.win_rate.value, none.per_day) == ("", 1, None, None)


def test_no_win_is_no_money_and_no_time_is_no_velocity():
    question = Question(MODEL, observed_until=UNTIL)
    (lost,) = _asking(velocity, {"a": _lead((0, "New"), (9, "Lost")), "b": _lead((9, "New"))}, question).paces
    assert (lost.per_day, lost.per_month, lost.cycle_days) == (0, 0, None)
    columns = {"a": {"amount": 10}}
    (at_once,) = _asking(
        velocity, {"a": _lead((0, "Won")), "b": _lead((9, "New")), **LOST_LONG_AGO}, question, columns
    ).paces
    assert (at_once.cycle_days, at_once.per_day) == (0, None)
    (unpriced,) = _asking(
        velocity, {"a": _lead((0, "New"), (4, "Won")), "b": _lead((9, "New")), **LOST_LONG_AGO}, question
    ).paces
    assert (unpriced.per_day, unpriced.wins_per_day) == (None, 0.25)


def test_where_no_lead_is_ever_lost_there_is_no_velocity():
    leads = {f"won {number}": _lead((0, "New"), (40, "Won")) for number in range(30)} | {"open": _lead((0, "New"))}
    columns = {lead: {"amount": 10} for lead in leads}
    found = _asking(velocity, leads, Question(MODEL, observed_until=UNTIL), columns)
    assert found.missing.key == "measures.velocity_no_losses"
    (pace,) = found.paces
    assert (pace.win_rate.numerator, pace.win_rate.denominator, pace.win_rate.value) == (30, 30, None)
    assert (pace.wins_per_day, pace.per_day, pace.per_month) == (None, None, None)
    # One lost lead, long ago, is enough: then none of 30 was lost lately.
    lost = {"lost": _lead((-400, "New"), (-300, "Lost"))}
    found = _asking(velocity, leads | lost, Question(MODEL, observed_until=UNTIL), columns)
    assert (found.missing, found.paces[0].win_rate.value) == (None, 1)


LOST_LONG_AGO = {"long lost": _lead((-900, "New"), (-890, "Lost"))}


def test_only_what_was_decided_lately_counts():
    leads = {
        "long ago": _lead((-300, "New"), (-200, "Won")),
        "edge": _lead((-200, "New"), (-80, "Lost")),
        "just in": _lead((-200, "New"), (-79, "Won")),
        "later": _lead((50, "New"), (101, "Won")),
    }
    found = _asking(velocity, leads, Question(MODEL, observed_until=UNTIL))
    (pace,) = found.paces
    assert (pace.win_rate.numerator, pace.win_rate.denominator, pace.open, pace.cycle_days) == (1, 1, 1, 121)
    assert (found.mean_days, found.arrivals_per_day) == (121, 1 / 180)
    # Where the file begins within the window, leads arrive over what it tells.
    young = _asking(
        velocity, {"a": _lead((0, "New"), (10, "Won")), "b": _lead((50, "New"))}, Question(MODEL, observed_until=UNTIL)
    )
    assert (young.arrivals_per_day, young.expected_open, young.open) == (2 / 100, 0.2, 1)


# Bins.


def test_bins_are_whole_days_weeks_and_months():
    spans = Spans(BinUnit.DAY, ((0, 2, 0), (6, 1, 1), (7, 3, 0), (30, 1, 0), (31, 0, 2)))
    assert [(each.low, each.high, each.left, each.still) for each in spans.histogram(BinUnit.WEEK).bins] == [
        (0, 7, 3, 1), (7, 14, 3, 0), (14, 21, 0, 0), (21, 28, 0, 0), (28, 35, 1, 2),
    ]  # fmt: skip
    # A month is 30.4375 days, so that day 31 is the first of the second.
    assert [(each.low, each.high, each.left, each.still) for each in spans.histogram(BinUnit.MONTH).bins] == [
        (0, 31, 7, 1), (31, 61, 0, 2),
    ]  # fmt: skip
    days = spans.histogram(BinUnit.DAY).bins
    assert (len(days), days[6].left, days[31].still, days[1].left) == (32, 1, 2, 0)
    assert spans.units == (BinUnit.DAY, BinUnit.WEEK, BinUnit.MONTH)
    assert Spans(BinUnit.DAY, ()).histogram(BinUnit.DAY).bins == ()


def test_the_last_of_many_bins_is_open():
    spans = Spans(BinUnit.DAY, ((0, 5, 0), (39, 1, 0), (40, 2, 1), (900, 1, 0)))
    bins = spans.histogram(BinUnit.DAY).bins
    assert (len(bins), bins[-1].low, bins[-1].high, bins[-1].left, bins[-1].still) == (40, 39, None, 4, 1)
    closed = Spans(BinUnit.DAY, ((39, 1, 0),)).histogram(BinUnit.DAY).bins
    assert (len(closed), closed[-1].high) == (40, 40)


def test_short_stays_have_bins_of_hours():
    spans = Spans(BinUnit.HOUR, ((0, 5, 0), (23, 1, 0), (24, 2, 0)))
    assert [(each.low, each.left) for each in spans.histogram(BinUnit.DAY).bins] == [(0, 6), (1, 2)]
    hours = spans.histogram(BinUnit.HOUR).bins
    assert (len(hours), hours[24].low, hours[24].left) == (25, 1, 2)
    assert spans.readable_unit() is BinUnit.HOUR


@pytest.mark.parametrize(("longest", "unit"), [(20, "day"), (100, "week"), (900, "month"), (9_000, "month")])
def test_the_unit_that_reads_well(longest, unit):
    assert Spans(BinUnit.DAY, tuple((day, 1, 0) for day in range(longest))).readable_unit() == unit


def test_what_a_won_lead_begins_after_its_win_is_no_wait():
    leads = {
        "A": _lead((0, "New"), (10, "Demo"), (20, "Won"), (30, "Demo")),
        "B": _lead((0, "New"), (5, "Demo")),
    }
    keeps = EndRule(keeps_win=True)
    found = _asking(times, leads, Question(MODEL, observed_until=UNTIL), end_rule=keeps)
    ages = _asking(aging, leads, Question(MODEL, observed_until=UNTIL), end_rule=keeps)
    demo = found.at(1)
    assert (demo.stays, demo.left, demo.still) == (2, 1, 1)
    assert demo.all_days == pytest.approx(10 + 95)
    assert [stage.open for stage in ages.stages] == [0, 1]


def test_in_a_file_without_a_win_every_stage_is_a_wait():
    concepts = {"New": "lead", "Live": "onboarding", "Lost": "lost"}
    leads = {"A": _lead((0, "New"), (10, "Live"), (40, "Lost"))}
    found = _asking(times, leads, Question(model_of([{"New"}, {"Live"}]), observed_until=UNTIL), concepts=concepts)
    assert [(stage.name, stage.lost) for stage in found.stages] == [("New", 0), ("Live", 1)]
    assert found.left_out == ()
