"""Time in stage: held to plain Python, to scipy, and to cases that can be counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from funnel.core.errors import QuestionError
from funnel.core.types import BinUnit, EndRule, Filters, OneOf, Question, Rule, Spans, Unit
from funnel.measures import aging, follow_up, times, times_by, velocity
from tests.leads import DAY, engine_with, journeys_of, lead_of, model_of
from tests.measures.timed_leads import MODEL, UNTIL, asking, named, thorough, untils
from tests.oracles import times_oracle
from tests.oracles.oracle import Entered
from tests.strategies import CONCEPTS as NASTY
from tests.strategies import histories, models
from tests.thorough import examples


@thorough
@given(histories, models(), untils)
def test_time_in_stage_equals_plain_python_and_scipy(leads, stages, until):
    found = asking(times, named(leads), Question(model_of(stages), observed_until=until), concepts=NASTY)
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


@settings(max_examples=examples(6), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=12))
def test_a_file_of_dates_is_told_in_whole_days(durations):
    start = datetime(2025, 1, 1)
    leads = {
        f"{number}": [Entered("New", start), *([Entered("Demo", start + timedelta(days=days))] if left else [])]
        for number, (days, left) in enumerate(durations)
    }
    (stage, *_) = asking(times, leads, Question(MODEL, observed_until=start + timedelta(days=45))).stages
    found = [stage.times.quarter, stage.times.median, stage.times.three_quarters]
    told = [value for each in found for value in (each.days, each.low, each.high) if value is not None]
    assert all(value == int(value) for value in [*told, *(point.days for point in stage.curve)])


# Cases by hand.

WAYS = {
    "moved": lead_of((0, "New"), (10, "Demo"), (40, "Won")),
    "back": lead_of((0, "New"), (20, "Demo"), (25, "New"), (55, "Demo")),
    "lost": lead_of((10, "New"), (15, "Lost")),
    "open": lead_of((60, "New")),
    "customer": lead_of((0, "New"), (30, "Won"), (35, "Live")),
}


def test_a_stay_is_one_visit_and_any_exit_ends_it():
    found = asking(times, WAYS, Question(MODEL, observed_until=UNTIL))
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
    found = asking(times, WAYS, Question(after, observed_until=UNTIL))
    assert ([stage.name for stage in found.stages], found.left_out) == (["New"], (1, 2))
    # The step after the win is told.
    assert [(step.name, step.next_name, step.advanced) for step in found.steps] == [
        ("New", "Won", 2),
        ("Won", "Live", 1),
    ]


def test_a_stage_that_takes_the_win_and_more_is_left_with_the_win():
    mixed = model_of([{"New"}, {"Demo", "Won"}])
    leads = {**WAYS, "again": lead_of((0, "New"), (5, "Won"), (50, "New"), (60, "Demo"))}
    found = asking(times, leads, Question(mixed, observed_until=UNTIL))
    demo = found.stages[1]
    # moved: 30 days until its win; back: 5, then 45 so far; customer: came with the win; again, back from its win: 45, then 40 so far.
    assert (demo.stays, demo.left, demo.still, demo.all_days) == (6, 4, 2, 30 + 5 + 45 + 0 + 45 + 40)
    kept = asking(times, leads, Question(mixed, observed_until=UNTIL), end_rule=EndRule(keeps_win=True)).stages[1]
    # Where a win stays one, its visit after the win is none.
    assert (kept.stays, kept.left, kept.still, kept.all_days) == (5, 4, 1, 30 + 5 + 45 + 0 + 0)
    assert found.left_out == ()


def test_what_comes_after_the_end_of_observation_is_not_seen():
    found = asking(times, WAYS, Question(MODEL, observed_until=DAY + timedelta(days=22)))
    new, demo = found.stages
    # moved 10, back 20, lost 5; customer 22 so far; back's second visit and open are later.
    assert (new.stays, new.left, new.all_days) == (4, 3, 10 + 20 + 5 + 22)
    assert (demo.stays, demo.left, demo.all_days) == (2, 0, 12 + 2)
    assert demo.times.median.days is None
    assert demo.left_median is None


def test_stays_without_a_date_are_counted_apart():
    leads = {"dated": lead_of((0, "New"), (4, "Demo")), "undated": lead_of((0, "New"), (None, "Demo"))}
    new, demo = asking(times, leads, Question(MODEL, observed_until=UNTIL)).stages
    assert (new.stays, new.untimed, demo.stays, demo.untimed) == (1, 1, 1, 1)
    assert new.times.median.days == 4


def test_rule_window_and_accounts_change_no_stay():
    columns = {lead: {"account_id": "A"} for lead in WAYS}
    plain = asking(times, WAYS, Question(MODEL, observed_until=UNTIL), columns)
    for question in (
        Question(MODEL, Rule.IN_ORDER, window_days=3, observed_until=UNTIL),
        Question(MODEL, Rule.VISITED, unit=Unit.ACCOUNT, quorum=2, observed_until=UNTIL),
    ):
        assert asking(times, WAYS, question, columns).stages == plain.stages


def test_short_stays_are_told_in_minutes():
    start = datetime(2025, 3, 1, 9, 0)
    leads = {
        str(minutes): [Entered("New", start), Entered("Demo", start + timedelta(minutes=minutes, seconds=-20))]
        for minutes in (5, 10, 45)
    }
    new = asking(times, leads, Question(MODEL, observed_until=UNTIL)).stages[0]
    assert new.times.median.days == 10 / 1440
    assert new.left_median == 10 / 1440
    assert new.spans == Spans(BinUnit.HOUR, ((0, 3, 0),))


def test_a_snapshot_tells_no_times_and_no_limits():
    leads = {f"{number}": lead_of((number, "Demo")) for number in range(30)}
    columns = {lead: {"created_at": DAY} for lead in leads}
    question = Question(MODEL, observed_until=UNTIL)
    found = asking(times, leads, question, columns, snapshot=True)
    assert (found.stages, found.steps, found.missing.key) == ((), (), "measures.times_snapshot")
    _, demo = asking(aging, leads, question, columns, snapshot=True).stages
    assert (demo.open, demo.median_days, demo.limit, demo.stalled) == (30, 85.5, None, None)
    assert asking(follow_up, leads, question, columns, snapshot=True).attrs["total"] == 0
    undated = {lead: lead_of((None, "Demo")) for lead in leads}
    _, demo = asking(aging, undated, question, columns, snapshot=True).stages
    assert (demo.open, demo.untimed, demo.median_days) == (30, 30, None)


def test_without_an_end_of_observation_nothing_is_told():
    for measure in (times, aging, velocity, follow_up):
        with pytest.raises(QuestionError, match="no date"):
            asking(measure, WAYS, Question(MODEL))


@thorough
@given(histories, models(), untils, st.lists(st.sampled_from(["East", "We'st", "", None]), min_size=12, max_size=12))
def test_each_group_equals_the_same_question_of_its_leads_alone(leads, stages, until, regions):
    columns = {f"lead {place}": {"Region": region} for place, region in zip(range(len(leads)), regions, strict=False)}
    question = Question(model_of(stages), observed_until=until)
    engine = engine_with(named(leads), columns)
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
        asking(times_by, WAYS, Question(MODEL, observed_until=UNTIL), column="Nothing")


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
        "A": lead_of((0, "New"), (10, "Demo"), (20, "Won"), (30, "Demo")),
        "B": lead_of((0, "New"), (5, "Demo")),
    }
    keeps = EndRule(keeps_win=True)
    found = asking(times, leads, Question(MODEL, observed_until=UNTIL), end_rule=keeps)
    ages = asking(aging, leads, Question(MODEL, observed_until=UNTIL), end_rule=keeps)
    demo = found.at(1)
    assert (demo.stays, demo.left, demo.still) == (2, 1, 1)
    assert demo.all_days == pytest.approx(10 + 95)
    assert [stage.open for stage in ages.stages] == [0, 1]


def test_in_a_file_without_a_win_every_stage_is_a_wait():
    concepts = {"New": "lead", "Live": "onboarding", "Lost": "lost"}
    leads = {"A": lead_of((0, "New"), (10, "Live"), (40, "Lost"))}
    found = asking(times, leads, Question(model_of([{"New"}, {"Live"}]), observed_until=UNTIL), concepts=concepts)
    assert [(stage.name, stage.lost) for stage in found.stages] == [("New", 0), ("Live", 1)]
    assert found.left_out == ()
