"""The log-rank test between segments, lost leads kept at risk, against scipy, statsmodels and plain Python; and the curves beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, chi2, logrank
from statsmodels.duration.survfunc import CumIncidenceRight, survdiff

from funnel import measures
from funnel.core.types import Filters, OneOf, Segment, Unit
from funnel.measures.groups import Apart
from tests.leads import engine_with, journeys_of
from tests.oracles.oracle import Entered
from tests.oracles.segments_oracle import segment, survivors
from tests.oracles.times_oracle import aalen_johansen
from tests.survived import CONCEPTS, OBSERVED_UNTIL, question
from tests.thorough import examples

SLOW = settings(max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.too_slow])
NAMES = ("a", "b", "c", "d", "e")


@st.composite
def grouped(draw):
    """Leads (group, duration, status, follow-up) of 2 to 5 groups, on few days, so that ties are common."""
    count = draw(st.integers(2, 5))
    found = []
    for name in NAMES[:count]:
        latest = draw(st.integers(1, 9))
        for _ in range(draw(st.integers(1, 12))):
            follow_up = draw(st.integers(0, latest))
            status = draw(st.sampled_from([0, 1, 1, 2]))
            found.append((name, draw(st.integers(0, follow_up)), status, follow_up))
    return found


def _found(leads, groups=None, **changes):
    journeys = survivors([lead[1:] for lead in leads], {"Group": [lead[0] for lead in leads]})
    groups = groups or [segment("Group", name) for name in sorted({lead[0] for lead in leads})]
    found = measures.segment_curves(journeys, question(**changes), Apart(groups, "Group"), fewest=0)
    journeys.engine.close()
    return found


def _watched(leads):
    """(group, day, converted): who is won up to then, anyone else, lost or not, up to the end of the follow-up."""
    return [(name, day if status == 1 else follow_up, status == 1) for name, day, status, follow_up in leads]


def _by_hand(watched):
    """Observed, expected and covariances in exact fractions, one day after the other."""
    names = sorted({name for name, *_ in watched})
    observed = [sum(converted for who, _, converted in watched if who == name) for name in names]
    expected = [Fraction(0) for _ in names]
    covariance = [[Fraction(0) for _ in names] for _ in names]
    for day in sorted({day for _, day, converted in watched if converted}):
        events = sum(converted and at == day for _, at, converted in watched)
        left = [sum(who == name and at >= day for who, at, _ in watched) for name in names]
        n = sum(left)
        for one, here in enumerate(left):
            expected[one] += Fraction(events * here, n)
            for other, there in enumerate(left):
                if n > 1:
                    spread = Fraction(events * (n - events), n - 1) * Fraction(here, n)
                    covariance[one][other] += spread * ((one == other) - Fraction(there, n))
    return observed, expected, np.array(covariance, dtype=float)


@SLOW
@given(grouped())
def test_random_leads_with_ties_and_day_0_equal_fractions_statsmodels_and_scipy(leads):
    found = _found(leads).log_rank
    watched = _watched(leads)
    observed, expected, covariance = _by_hand(watched)
    degrees = np.linalg.matrix_rank(covariance, tol=1e-9)
    if not degrees:
        assert found is None
        return
    assert list(found.observed) == observed
    assert found.expected == pytest.approx([float(each) for each in expected], abs=1e-9)
    apart = np.array([float(one - other) for one, other in zip(observed, expected, strict=True)])
    statistic = apart @ np.linalg.pinv(covariance, rcond=1e-9, hermitian=True) @ apart
    assert (found.statistic, found.degrees) == (pytest.approx(statistic, abs=1e-9), degrees)
    assert found.p == pytest.approx(chi2.sf(statistic, degrees), abs=1e-9)
    names = sorted({name for name, *_ in leads})
    if degrees < len(names) - 1:
        return  # the peers cannot leave a group out
    # statsmodels does not take day 0, so all of its days are one later.
    days, events = np.array([day + 1 for _, day, _ in watched]), np.array([int(won) for *_, won in watched])
    peer = survdiff(days, events, np.array([who for who, *_ in watched]))
    assert (found.statistic, found.p) == (pytest.approx(peer[0], abs=1e-8), pytest.approx(peer[1], abs=1e-8))
    if len(names) == 2:
        sides = [
            CensoredData(
                uncensored=[day for who, day, won in watched if who == name and won],
                right=[day for who, day, won in watched if who == name and not won],
            )
            for name in names
        ]
        peer = logrank(*sides)
        assert found.statistic == pytest.approx(peer.statistic**2, abs=1e-8)
        assert found.p == pytest.approx(peer.pvalue, abs=1e-8)


def _same(one, other):
    """Whether two tests are one, but for the order in which numbers were added."""
    numbers = [[*each.observed, *each.expected, each.statistic, each.degrees, each.p] for each in (one, other)]
    return numbers[0] == pytest.approx(numbers[1], abs=1e-9)


def _alike(curves, others):
    """Whether curves are the same, but for the order in which numbers were added."""
    for (_, one), (_, other) in zip(curves, others, strict=True):
        assert (one.leads, one.until, one.cut) == (other.leads, other.until, other.cut)
        assert [(point.day, point.at_risk) for point in one.points] == [(p.day, p.at_risk) for p in other.points]
        assert [point.rate for point in one.points] == pytest.approx([point.rate for point in other.points])
    return bool(curves)


def _three_groups(size=120):
    """Leads of three groups that win, lose and are followed at their own pace."""
    random = np.random.default_rng(8)
    leads = []
    for name, win, loss in (("a", 60, 90), ("b", 90, 60), ("c", 75, 75)):
        for _ in range(size):
            won, lost, follow_up = random.exponential(win), random.exponential(loss), random.integers(5, 160)
            first = int(np.ceil(min(won, lost)))
            status = 0 if first > follow_up else 1 if won < lost else 2
            leads.append((name, first if status else int(follow_up), status, int(follow_up)))
    return leads


def test_each_curve_is_the_cohorts_and_statsmodels():
    leads = _three_groups()
    columns = {"Group": [lead[0] for lead in leads]}
    journeys = survivors([lead[1:] for lead in leads], columns)
    groups = [segment("Group", name) for name in "abc"]
    found = measures.segment_curves(journeys, question(), Apart(groups, "Group"), fewest=0)
    days = (0, 10, 20, 40, 60)
    for group, (told, curve) in zip(groups, found.curves, strict=True):
        assert (told, curve.leads, curve.start) == (group, 120, None)
        mine = [lead for lead in leads if (lead[0],) == group.where[0].values]
        with np.errstate(divide="ignore", invalid="ignore"):
            # Where nobody is left its variance, which is not looked at, is 0 / 0.
            peer = CumIncidenceRight([day for _, day, *_ in mine], [status for *_, status, _ in mine])
        by_hand = dict(aalen_johansen([(day, status) for _, day, status, _ in mine]))
        for point in curve.points:
            assert point.rate == pytest.approx(by_hand[point.day], abs=1e-12)
            assert point.at_risk == sum(day >= point.day for _, day, *_ in mine) >= 10
            place = max(place for place, at in enumerate(peer.times) if at <= point.day)
            assert point.rate == pytest.approx(peer.cinc[0][place], abs=1e-12)
            assert point.gone == pytest.approx(peer.cinc[1][place], abs=1e-12)
        wins = {day for _, day, status, _ in mine if status == 1 and day <= curve.until}
        assert [point.day for point in curve.points] == sorted(wins)
        assert len(wins) > 10
        alone = measures.cohorts(journeys, question(filters=Filters(where=group.where)), "year", days)
        for day in days:
            before = [point for point in curve.points if point.day <= day]
            assert curve.until >= days[-1]
            assert alone.whole.win.on(day).rate == pytest.approx(before[-1].rate if before else 0, abs=1e-12)
    journeys.engine.close()


def test_lost_leads_stay_at_risk_until_their_follow_up_ends():
    leads = [("a", 1, 2, 20), ("a", 10, 1, 20), ("b", 10, 1, 20), ("b", 20, 0, 20)]
    found = _found(leads).log_rank
    # On day 10 all four are at risk, the lost one too: of 2 conversions one is expected of each,
    assert (found.observed, found.expected, found.statistic) == ((1, 1), (1.0, 1.0), 0.0)
    # Followed only up to day 9, it leaves a third of those at risk to a.
    early = _found([("a", 1, 2, 9), *leads[1:]]).log_rank
    assert (early.observed, early.expected) == ((1, 1), (pytest.approx(2 / 3), pytest.approx(4 / 3)))
    assert early.statistic == pytest.approx((1 / 3) ** 2 / (2 * 1 / 2 * 1 / 3 * 2 / 3))


def test_leads_of_no_group_or_of_both_have_no_part():
    leads = _three_groups(40)
    only = _found([lead for lead in leads if lead[0] in "ab"])
    some = _found(leads, [segment("Group", "a"), segment("Group", "b")])
    assert _alike(some.curves, only.curves)
    assert _same(some.log_rank, only.log_rank)
    both = _found(leads, [segment("Group", "a", "c"), segment("Group", "c", "b")])
    assert _same(both.log_rank, only.log_rank)
    assert [curve.leads for _, curve in both.curves] == [40, 40]


def test_dates_choose_who_is_compared():
    leads = _three_groups(40)
    first = (OBSERVED_UNTIL - timedelta(days=80)).date()
    late = _found(leads, filters=Filters(start_from=first))
    same = _found([lead for lead in leads if lead[3] <= 80])
    assert _same(late.log_rank, same.log_rank)
    assert _alike(late.curves, same.curves)


def test_where_nothing_can_be_compared_there_is_no_test():
    winners = [("a", 3, 1, 9)] * 12
    assert _found(winners).log_rank is None
    assert _found(winners, [segment("Group", "a"), segment("Group", "nobody")]).log_rank is None
    nobody_won = [("a", 9, 0, 9), ("b", 4, 2, 9)] * 6
    assert _found(nobody_won).log_rank is None
    # The only conversions come when the other group is watched no more.
    never_together = [("a", 8, 1, 9)] * 12 + [("b", 3, 0, 3)] * 12
    assert _found(never_together).log_rank is None
    together = _found([*never_together, ("b", 9, 0, 9)]).log_rank
    assert (together.degrees, together.observed) == (1, (12, 0))


def test_an_empty_group_has_an_empty_curve_and_the_others_are_compared():
    leads = [lead for lead in _three_groups(40) if lead[0] != "c"]
    plain = _found(leads)
    found = _found(leads, [segment("Group", "a"), segment("Group", "b"), segment("Group", "nobody")])
    *told, (nobody, empty) = found.curves
    assert (nobody, empty.leads, empty.points, empty.until) == (segment("Group", "nobody"), 0, (), 0)
    assert _alike(told, plain.curves)
    assert (found.log_rank.statistic, found.log_rank.degrees) == (pytest.approx(plain.log_rank.statistic), 1)


def test_a_group_that_is_watched_on_no_day_of_a_conversion_takes_no_degree():
    leads = [*_three_groups(40), *[("d", 0, 0, 0)] * 15]
    found = _found([lead for lead in leads if lead[1] or not lead[2]]).log_rank
    plain = _found([lead for lead in leads if (lead[1] or not lead[2]) and lead[0] != "d"]).log_rank
    assert (plain.degrees, found.degrees) == (2, 2)
    assert found.statistic == pytest.approx(plain.statistic)


def test_to_a_stage_and_by_accounts():
    # Of either region an account a day; those of b come to the demo ten days later, and by their second lead.
    named, columns = {}, {}
    for number in range(24):
        start = OBSERVED_UNTIL - timedelta(days=60)
        region, later = ("a", 5) if number % 2 else ("b", 15)
        for lead, day in ((f"{number} one", 30), (f"{number} two", later)):
            demo = Entered("Demo", start + timedelta(days=day + number // 2))
            named[lead] = [Entered("New", start), demo]
            columns[lead] = {"Region": region, "account_id": f"A{number}"}
    journeys = journeys_of(engine_with(named, columns), {**CONCEPTS, "Demo": "demo"})
    asked = question(unit=Unit.ACCOUNT)
    model = replace(asked.model, stages=(asked.model.stages[0], replace(asked.model.stages[1], labels=("Demo",))))
    groups = [Segment((OneOf("Region", (name,)),)) for name in "ab"]
    found = measures.segment_curves(journeys, replace(asked, model=model), Apart(groups, "Region"), 1, fewest=0)
    to_win = measures.segment_curves(journeys, replace(asked, model=model), Apart(groups, "Region"))
    journeys.engine.close()
    watched = [("a" if n % 2 else "b", (5 if n % 2 else 15) + n // 2, True) for n in range(24)]
    observed, expected, _ = _by_hand(watched)
    assert list(found.log_rank.observed) == observed == [12, 12]
    assert found.log_rank.expected == pytest.approx([float(each) for each in expected])
    assert [(curve.leads, curve.points[0].day) for _, curve in found.curves] == [(12, 5), (12, 15)]
    assert to_win.log_rank is None
