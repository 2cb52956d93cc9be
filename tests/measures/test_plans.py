"""Tests planned: how many leads a hoped-for rate needs, by brute force, and how long they take to come and to grow old enough."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from funnel import measures
from funnel.core.errors import QuestionError
from funnel.core.types import Filters, OneOf
from funnel.measures.statistics.planning import leads_needed, whole_leads
from tests.oracles.segments_oracle import survivors
from tests.survived import OBSERVED_UNTIL, question
from tests.thorough import examples


def _power(now, hoped, each):
    middle = (now + hoped) / 2
    asked = norm.ppf(0.975) * (middle * (1 - middle) * 2 / each) ** 0.5
    spread = ((now * (1 - now) + hoped * (1 - hoped)) / each) ** 0.5
    return norm.cdf((abs(now - hoped) - asked) / spread)


def _fewest(now, hoped, power):
    """The smallest group that sees it so often, tried out one by one, from the 20 on that a verdict needs."""
    return next(each for each in range(20, 100_000) if _power(now, hoped, each) >= power)


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(0, 50), st.integers(0, 50), st.sampled_from([0.5, 0.8, 0.9, 0.95]))
def test_the_leads_needed_are_the_fewest_that_see_it(one, other, power):
    now, hoped = one / 50, other / 50
    found = whole_leads(leads_needed(now, hoped, power))
    if now == hoped:
        assert found is None
        return
    if (now, hoped) in ((0, 1), (1, 0)):
        assert found == 20  # nothing varies: two of each would do
        return
    assert _power(now, hoped, found) >= power - 1e-9
    assert found == 20 or _power(now, hoped, found - 1) < power


# 120 leads in the last 90 days, of whom 60 are younger than 30 days; before them 100, of whom 20 are won by day 30, 10 later.
OLD = [(10, 1, 200)] * 20 + [(40, 1, 200)] * 10 + [(100, 2, 200)] * 70
NEW = [(50, 0, 50)] * 50 + [(12, 1, 60)] * 10 + [(9, 0, 9)] * 60
REGIONS = ["a"] * 100 + ["a"] * 90 + ["b"] * 30


@pytest.fixture(scope="module")
def journeys():
    found = survivors([*OLD, *NEW], {"Kind": REGIONS})
    yield found
    found.engine.close()


def test_leads_and_days_by_hand(journeys):
    one, other = measures.plans(journeys, question(), [0.3, 0.1], day=30)
    # By day 30: of 100 + 60 leads old enough 20 + 10 are won.
    assert (one.now.numerator, one.now.denominator, one.now.value) == (30, 160, 30 / 160)
    assert (one.inflow, one.inflow_days, one.power, one.share, one.day) == (120, 90, 0.8, 1.0, 30)
    for plan, hoped in ((one, 0.3), (other, 0.1)):
        each = _fewest(30 / 160, hoped, 0.8)
        assert (plan.hoped, plan.per_group) == (hoped, each)
        # Two groups, at 120 leads in 90 days; the last of them then grow 30 days old.
        assert plan.start_days == pytest.approx(2 * each * 90 / 120)
        assert plan.total_days == pytest.approx(plan.start_days + 30)
    assert other.per_group > 100


def test_a_share_of_the_leads_takes_longer_and_more_power_more_leads(journeys):
    (plain,) = measures.plans(journeys, question(), [0.3], day=30)
    (half,) = measures.plans(journeys, question(), [0.3], day=30, share=0.5)
    (sure,) = measures.plans(journeys, question(), [0.3], day=30, power=0.95)
    assert half.per_group == plain.per_group
    assert half.start_days == pytest.approx(2 * plain.start_days)
    assert sure.per_group == _fewest(30 / 160, 0.3, 0.95) > plain.per_group


def test_to_a_stage_and_of_some_leads(journeys):
    (to_first,) = measures.plans(journeys, question(), [0.3], target=0, day=30)
    assert (to_first.now.value, to_first.target) == (1.0, 0)
    of_a = question(filters=Filters(where=(OneOf("Kind", ("a",)),)))
    (plan,) = measures.plans(journeys, of_a, [0.3], day=30)
    assert (plan.inflow, plan.now.denominator) == (90, 160)


def test_the_dates_choose_the_rate_and_not_the_inflow(journeys):
    last = (OBSERVED_UNTIL - timedelta(days=100)).date()
    (plan,) = measures.plans(journeys, question(filters=Filters(start_to=last)), [0.3], day=30)
    assert (plan.now.numerator, plan.now.denominator, plan.inflow) == (20, 100, 120)
    first = replace(question(), filters=Filters(start_from=date(2026, 5, 1)))
    (plan,) = measures.plans(journeys, first, [0.3], day=30)
    assert (plan.now.numerator, plan.now.denominator, plan.inflow) == (10, 60, 120)


def test_where_no_number_is_enough_none_is_told(journeys):
    same, other = measures.plans(journeys, question(), [30 / 160, 0.3], day=30)
    assert (same.per_group, same.start_days, same.total_days) == (None, None, None)
    assert other.per_group is not None
    # Nobody is so old: there is no rate to start from.
    (old,) = measures.plans(journeys, question(), [0.3], day=400)
    assert (old.now.value, old.per_group, old.start_days) == (None, None, None)


def test_without_an_inflow_there_are_leads_and_no_days():
    journeys = survivors(OLD, {"Kind": ["a"] * 100})
    (plan,) = measures.plans(journeys, question(), [0.3], day=30)
    earlier = replace(question(), observed_until=OBSERVED_UNTIL - timedelta(days=200 - 45))
    (early,) = measures.plans(journeys, earlier, [0.3], day=30)
    journeys.engine.close()
    assert (plan.inflow, plan.per_group) == (0, _fewest(0.2, 0.3, 0.8))
    assert (plan.start_days, plan.total_days) == (None, None)
    # Where fewer than 90 days were observed, the inflow is of those.
    assert (early.inflow, early.inflow_days) == (100, 45)
    assert early.start_days == pytest.approx(2 * early.per_group * 45 / 100)


def test_the_inflow_is_of_the_last_ninety_days_and_no_later_ones():
    starts = [OBSERVED_UNTIL - timedelta(days=days) for days in (120, 90, 89, 0, -1)]
    journeys = survivors([(1, 0, 1)] * 5, {"Kind": ["a"] * 5}, starts)
    (plan,) = measures.plans(journeys, question(), [0.3], day=30)
    undone = replace(question(), observed_until=datetime(2026, 1, 1))
    (nobody,) = measures.plans(journeys, undone, [0.3], day=30)
    journeys.engine.close()
    assert (plan.inflow, plan.inflow_days) == (2, 90)
    assert (nobody.inflow, nobody.now.denominator, nobody.per_group) == (0, 0, None)


def test_shares_are_shares(journeys):
    for hoped, power, share in (
        (1.1, 0.8, 1),
        (-0.1, 0.8, 1),
        (0.3, 1.0, 1),
        (0.3, 0.0, 1),
        (0.3, 0.8, 0),
        (0.3, 0.8, 2),
    ):
        with pytest.raises(QuestionError, match="from 0 to 1"):
            measures.plans(journeys, question(), [hoped], day=30, power=power, share=share)
    with pytest.raises(QuestionError, match="no date up to today"):
        measures.plans(journeys, replace(question(), observed_until=None), [0.3], day=30)
    with pytest.raises(QuestionError, match="no stage 9"):
        measures.plans(journeys, question(), [0.3], target=9)
    assert [plan.per_group for plan in measures.plans(journeys, question(), [0, 1], day=30)] == [
        _fewest(30 / 160, hoped, 0.8) for hoped in (0, 1)
    ]
