"""How often the verdicts err, by seeded simulation: with no difference, with many segments, with unequal losing; and how often they see."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import CensoredData, binom, logrank

from funnel import measures
from funnel.core.types import Verdict
from funnel.measures.groups import Apart, values_as_segments
from funnel.measures.statistics.differences import contrast, over_segments, over_steps
from funnel.measures.statistics.planning import leads_needed, whole_leads
from funnel.measures.statistics.rates import wilson
from tests.oracles.segments_oracle import segment, survivors
from tests.survived import question

LEVEL = 0.05
TOLD = (Verdict.HIGHER, Verdict.LOWER)


def _at_most(errors, cases, level=LEVEL):
    """Whether so many errors are no more than chance brings in 999 of 1,000 at this level."""
    return errors <= binom.ppf(0.999, cases, level)


def _contrast(random, leads, shares):
    return contrast(*(wilson(int(random.binomial(n, p)), n) for n, p in zip(leads, shares, strict=True)))


@pytest.mark.parametrize(("leads", "share"), [((60, 90), 0.08), ((300, 250), 0.25), ((25, 400), 0.5)])
def test_with_no_difference_a_verdict_is_told_in_a_twentieth(leads, share):
    random = np.random.default_rng(1)
    told = [_contrast(random, leads, (share, share)).verdict for _ in range(1000)]
    assert Verdict.FEW not in told
    assert _at_most(sum(each in TOLD for each in told), len(told))
    assert {Verdict.HIGHER, Verdict.LOWER} & {*told}


def _steps(random, leads=400, share=0.6, steps=5):
    """The steps of two groups alike: each leads from those who came by the step before."""
    sides = []
    for _ in range(2):
        left, rates = leads, []
        for _ in range(steps):
            came = int(random.binomial(left, share))
            rates.append(wilson(came, left))
            left = came
        sides.append(rates)
    return [contrast(*pair) for pair in zip(*sides, strict=True)]


def test_over_the_steps_of_a_funnel_even_one_false_alarm_is_rare():
    random = np.random.default_rng(2)
    plain = [_steps(random) for _ in range(500)]
    corrected = [over_steps(each) for each in plain]
    alarms = [sum(any(one.verdict in TOLD for one in each) for each in many) for many in (corrected, plain)]
    assert _at_most(alarms[0], 500)
    assert alarms[0] > 0
    # Uncorrected, one in five funnels would ring.
    assert not _at_most(alarms[1], 500)


def test_of_the_segments_told_few_are_false():
    random = np.random.default_rng(3)
    shares, plain_shares, seen = [], [], 0
    for _ in range(300):
        # Every other one of ten segments is really different, from others at 20 %.
        plain = [_contrast(random, (400, 3600), (0.28 if kind % 2 else 0.2, 0.2)) for kind in range(10)]
        for each, found in ((over_segments(plain), shares), (plain, plain_shares)):
            told = [kind for kind, one in enumerate(each) if one.verdict in TOLD]
            found.append(sum(kind % 2 == 0 for kind in told) / max(1, len(told)))
        seen += len(told)
    margin = 3.1 * np.std(shares) / len(shares) ** 0.5
    assert np.mean(shares) <= LEVEL + margin
    # Benjamini and Hochberg promise the level times the share that is alike, a half; without them it is more.
    assert np.mean(shares) <= LEVEL / 2 + margin < np.mean(plain_shares)
    assert seen > 300 * 4


def _losing(random, leads, loss_days):
    """Leads of whom a fifth would win, after 40 days on average, and the others lose, after so many: (day, status)."""
    wins = random.random(leads) < 0.2
    days = np.ceil(random.exponential(np.where(wins, 40, loss_days))).astype(int)
    return days, np.where(wins, 1, 2)


def _two_sides(random, leads, loss_days):
    """For either side (day, status, follow-up) of each lead; the sides differ in how fast they lose."""
    sides = []
    for days_lost in loss_days:
        days, status = _losing(random, leads, days_lost)
        follow_up = random.integers(60, 200, leads)
        still = days > follow_up
        sides.append((np.where(still, follow_up, days), np.where(still, 0, status), follow_up))
    return sides


def _p_value(sides, end):
    """scipy's log-rank of winning, where anyone else is watched up to an `end` (0: its own day, 2: that of its follow-up)."""
    return logrank(*(CensoredData(uncensored=s[0][s[1] == 1], right=s[end][s[1] != 1]) for s in sides)).pvalue


def test_who_only_loses_faster_is_no_different_though_the_ordinary_log_rank_says_so():
    random = np.random.default_rng(4)
    cases = [_two_sides(random, 150, (5, 60)) for _ in range(150)]
    ordinary, kept = ([_p_value(sides, end) for sides in cases] for end in (0, 2))
    assert sum(p < LEVEL for p in ordinary) > len(cases) / 2
    assert _at_most(sum(p < LEVEL for p in kept), len(cases))
    # The measure gives the second: some of these cases, as values of one column of one engine.
    some, names, rows = range(12), [], []
    for case in some:
        for side, (days, status, follow_up) in enumerate(cases[case]):
            rows += zip(days.tolist(), status.tolist(), follow_up.tolist(), strict=True)
            names += [f"{case} {side}"] * len(days)
    journeys = survivors(rows, {"Case": names})
    found = [
        measures.segment_curves(
            journeys, question(), Apart(tuple(segment("Case", f"{case} {side}") for side in (0, 1)))
        ).log_rank.p
        for case in some
    ]
    journeys.engine.close()
    assert found == pytest.approx([kept[case] for case in some], abs=1e-9)


def test_of_many_segments_alike_none_is_told_through_journeys():
    random = np.random.default_rng(5)
    alarms, plain, count = 0, 0, 20
    rows, columns = [], {f"Column {number}": [] for number in range(12)}
    for _ in range(3000):
        rows.append((5, 1 if random.random() < 0.25 else 2, 30))
        for values in columns.values():
            values.append(str(random.integers(count)))
    journeys = survivors(rows, columns)
    for column in columns:
        groups = values_as_segments(journeys, question(), column, count)
        found = measures.segments(journeys, question(), Apart(groups, column), day=10)
        assert len(found.segments) == count
        alarms += any(each.overall.verdict in TOLD for each in found.segments)
        plain += any(each.overall.p < LEVEL for each in found.segments)
    journeys.engine.close()
    assert _at_most(alarms, len(columns))
    # Uncorrected, most columns of twenty segments would tell one.
    assert not _at_most(plain, len(columns))


@pytest.mark.parametrize(("leads", "others", "share"), [(200, 800, 0.2), (500, 500, 0.4), (1500, 150, 0.3)])
@pytest.mark.parametrize("up", [True, False])
def test_the_smallest_detectable_difference_is_seen_in_four_of_five(leads, others, share, up):
    random = np.random.default_rng(6)
    planned = contrast(wilson(round(leads * share), leads), wilson(round(others * share), others))
    size = planned.detectable if up else planned.detectable_fall
    there = share + size if up else share - size
    cases, wanted = 600, Verdict.HIGHER if up else Verdict.LOWER
    seen = sum(_contrast(random, (leads, others), (there, share)).verdict is wanted for _ in range(cases))
    # The normal distribution stands in for the binomial one, so a little beside the chance of it.
    low, high = binom.interval(0.999, cases, 0.8)
    assert low - 0.02 * cases <= seen <= high + 0.02 * cases
    half = sum(_contrast(random, (leads, others), ((there + share) / 2, share)).verdict is wanted for _ in range(cases))
    assert half < 0.5 * cases


def test_a_planned_test_sees_what_it_was_planned_for():
    random = np.random.default_rng(7)
    for now, hoped in ((0.1, 0.16), (0.4, 0.3)):
        needed = whole_leads(leads_needed(now, hoped))
        told = [_contrast(random, (needed, needed), (hoped, now)).verdict for _ in range(600)]
        seen = sum(each is (Verdict.HIGHER if hoped > now else Verdict.LOWER) for each in told)
        low, high = binom.interval(0.999, 600, 0.8)
        assert low - 12 <= seen <= high + 12
