"""Rates, differences and curves where accounts hold several leads, against the formulas written out in numpy, account by account."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import f as f_distribution
from scipy.stats import norm, t

from funnel import measures
from funnel.core.sql import Query
from funnel.core.types import Unit
from funnel.measures.cells import Column
from funnel.measures.groups import Apart, values_as_segments
from funnel.measures.statistics.differences import contrast
from funnel.measures.statistics.rates import score_interval, wilson
from tests.oracles.segments_oracle import segment, survivors
from tests.survived import question
from tests.thorough import thorough

DAY = 30


def _world(seed, accounts=40, size=4.0, kinds="abc"):
    """(duration, status, follow-up) of each lead, its account (None of some) and its kind; leads of an account share a fate."""
    random = np.random.default_rng(seed)
    leads, account, kind = [], [], []
    for number, many in enumerate(1 + random.poisson(size, accounts)):
        share = random.beta(0.6, 1.8)
        for place in range(many):
            won = random.random() < share
            leads.append((int(random.integers(1, 60)), 1 if won else int(random.integers(0, 3) == 0) * 2, 80))
            account.append(None if number % 9 == 0 and place == 0 else f"A{number}")
            kind.append(kinds[int(random.integers(len(kinds)))] if number % 2 else kinds[number % len(kinds)])
    return leads, account, kind


def _asked(leads, account, kind):
    """The journeys, with the account of each lead."""
    journeys = survivors(leads, {"Kind": kind, "Account": [name or "" for name in account]})
    text = """CREATE OR REPLACE TABLE leads AS SELECT leads.* REPLACE (NULLIF(leads."Account", '') AS account_id) FROM leads"""
    journeys.engine.run(Query(text))
    return journeys


def _tables(leads, account, kind, one):
    """Leads and conversions by DAY of one kind and of the others, each as an array over accounts."""
    names = [name or f"alone {number}" for number, name in enumerate(account)]
    order = {name: place for place, name in enumerate(dict.fromkeys(names))}
    sides = np.zeros((2, 2, len(order)))
    for (duration, status, _), name, mine in zip(leads, names, kind, strict=True):
        side = 0 if mine == one else 1
        sides[side, 0, order[name]] += 1
        sides[side, 1, order[name]] += status == 1 and duration <= DAY
    return sides


def _rate_by_hand(n, x):
    """(share, low, high): Wilson's interval of the effective number of leads."""
    share, total = x.sum() / n.sum(), n.sum()
    variance = ((x - share * n) ** 2).sum() / total**2 / (1 - (n**2).sum() / total**2)
    effect = max(1, variance / (share * (1 - share) / total))
    effective = total / effect * (1.959963984540054 / t.ppf(0.975, total**2 / (n**2).sum() - 1)) ** 2
    return share, *score_interval(share, effective)


def _test_by_hand(sides):
    """The score test of the difference by account, two-sided."""
    (n, x), (m, y) = sides
    every = n.sum() + m.sum()
    share = (x.sum() + y.sum()) / every
    weights = n / n.sum() - m / m.sum()
    whole = 1 / n.sum() + 1 / m.sum()
    correction = whole / (whole - (weights**2).sum() / every)
    own = [((each - share * leads) ** 2).sum() / leads.sum() ** 2 for leads, each in sides]
    # Either side varies at least as independent leads would; accounts on both sides take away from their difference.
    floors = [share * (1 - share) / leads.sum() for leads, _ in sides]
    both = ((x - share * n) * (y - share * m)).sum() / n.sum() / m.sum()
    variance = sum(max(correction * one, floor) for one, floor in zip(own, floors, strict=True)) - 2 * correction * both
    free = [leads.sum() ** 2 / (leads**2).sum() - 1 for leads, _ in sides]
    freedom = sum(own) ** 2 / sum(each**2 / degrees for each, degrees in zip(own, free, strict=True))
    return 2 * t.sf(abs(x.sum() / n.sum() - y.sum() / m.sum()) / variance**0.5, freedom)


@thorough
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rates_and_tests_are_those_of_accounts(seed):
    world = _world(seed)
    journeys = _asked(*world)
    groups = values_as_segments(journeys, question(), "Kind", 3)
    found = measures.segments(journeys, question(), Apart(groups, "Kind"), day=DAY)
    scanned = measures.scan(journeys, question(), columns=[Column("Kind")], day=DAY)
    two = measures.segments(journeys, question(), Apart(groups[:2]), day=DAY)
    journeys.engine.close()
    names = [name or f"alone {number}" for number, name in enumerate(world[1])]
    assert found.whole.accounts == len(set(names))
    of_kind = {each.segment.where[0].values[0]: each.contrast for each in scanned.findings}
    for each in found.segments:
        (value,) = each.segment.where[0].values
        sides = _tables(*world, value)
        assert (each.overall.rate.denominator, each.overall.rate.numerator) == tuple(sides[0].sum(axis=1))
        assert each.overall.rate.accounts == (sides[0, 0] > 0).sum()
        assert each.overall.others.accounts == (sides[1, 0] > 0).sum()
        for rate, side in zip((each.overall.rate, each.overall.others), sides, strict=True):
            assert (rate.value, rate.low, rate.high) == pytest.approx(_rate_by_hand(*side))
            plain = wilson(rate.numerator, rate.denominator)
            assert rate.low < plain.low < plain.high < rate.high
        assert each.overall.p == pytest.approx(_test_by_hand(sides), rel=1e-6)
        # A scan of this one column looks at the same.
        assert replace(of_kind[value], p_adjusted=None) == replace(each.overall, p_adjusted=None)
    # Two groups: leads of the third kind have no part in it.
    first, second = (each.segment.where[0].values[0] for each in two.segments)
    keep = [place for place, kind in enumerate(world[2]) if kind in (first, second)]
    only = [[each[place] for place in keep] for each in world]
    only[1] = [names[place] for place in keep]
    assert two.segments[0].overall.p == pytest.approx(_test_by_hand(_tables(*only, first)), rel=1e-6)
    assert two.segments[1].overall.p == pytest.approx(two.segments[0].overall.p)
    assert two.whole == found.whole


@thorough
def test_one_lead_an_account_changes_nothing():
    leads, account, kind = _world(4)
    alone = [f"A{number}" for number in range(len(leads))]
    plain, single = survivors(leads, {"Kind": kind}), _asked(leads, alone, kind)
    groups = values_as_segments(plain, question(), "Kind", 3)
    one, other = (measures.segments(each, question(), Apart(groups, "Kind"), day=DAY) for each in (plain, single))
    assert one.segments == other.segments
    assert other.whole.accounts is None
    curves = [measures.segment_curves(each, question(), Apart(groups, "Kind")).log_rank for each in (plain, single)]
    assert curves[1].accounts is None
    assert curves[0].p == pytest.approx(curves[1].p, rel=1e-9)
    assert curves[0].observed == curves[1].observed
    several = _asked(leads, account, kind)
    by_account = measures.segments(several, question(unit=Unit.ACCOUNT), Apart(groups, "Kind"), day=DAY)
    assert by_account.whole.accounts is None
    for each in (plain, single, several):
        each.engine.close()


def test_accounts_with_leads_on_both_sides_make_the_difference_surer():
    # Each of 30 accounts has 4 leads of either kind; in half of them nearly all convert, in the others nearly none.
    random = np.random.default_rng(5)
    leads, account, kind = [], [], []
    for number in range(30):
        for place in range(8):
            share = (0.9 if number % 2 else 0.1) + (0.05 if place % 2 else -0.05)
            leads.append((5, 1 if random.random() < share else 0, 80))
            account.append(f"A{number}")
            kind.append("ab"[place % 2])
    journeys = _asked(leads, account, kind)
    groups = (segment("Kind", "a"), segment("Kind", "b"))
    found = measures.segments(journeys, question(), Apart(groups), day=DAY).segments[0].overall
    journeys.engine.close()
    plain = contrast(*(wilson(each.numerator, each.denominator) for each in (found.rate, found.others)))
    assert found.design_effect < 0.6
    assert found.p < plain.p
    assert found.high - found.low < plain.high - plain.low
    # Each share by itself is known far less well than 120 leads would make it.
    assert found.rate.high - found.rate.low > 1.5 * (plain.rate.high - plain.rate.low)


def test_one_account_alone_tells_nothing():
    # All of the one kind are leads of a single account.
    leads = [(5, 1, 80)] * 30 + [(5, 1 if number % 5 == 0 else 2, 80) for number in range(90)]
    account = ["A"] * 30 + [f"B{number // 3}" for number in range(90)]
    journeys = _asked(leads, account, ["a"] * 30 + ["b"] * 90)
    found = measures.segments(journeys, question(), Apart((segment("Kind", "a"), segment("Kind", "b"))), day=DAY)
    journeys.engine.close()
    first = found.segments[0].overall
    assert (first.rate.low, first.rate.high) == (0, 1)
    assert first.p > 0.3
    assert first.verdict == "cannot tell"
    assert contrast(wilson(30, 30), wilson(18, 90)).verdict == "higher"


def _log_rank_by_hand(leads, names, kind):
    """Lee, Wei and Ying's statistic of the kinds and its p, lead by lead."""
    kinds = sorted(set(kind))
    day = np.array([duration if status == 1 else follow_up for duration, status, follow_up in leads])
    won = np.array([status == 1 for _, status, _ in leads])
    mine = np.array([[each == one for one in kinds] for each in kind], dtype=float)
    added = np.zeros_like(mine)
    for moment in np.unique(day[won]):
        at_risk = day >= moment
        share = mine[at_risk].mean(axis=0)
        hazard = (won & (day == moment)).sum() / at_risk.sum()
        added += (mine - share) * ((won & (day == moment)).astype(float) - at_risk * hazard)[:, None]
    order = {name: place for place, name in enumerate(dict.fromkeys(names))}
    of = np.array([order[name] for name in names])
    totals = np.array([added[of == place].sum(axis=0) for place in range(len(order))])[:, :-1]
    apart = totals.sum(axis=0)
    square = apart @ np.linalg.inv(totals.T @ totals) @ apart
    sizes = np.bincount(of)
    accounts, degrees = sizes.sum() ** 2 / (sizes**2).sum(), len(kinds) - 1
    p = f_distribution.sf(square * (accounts - degrees) / (degrees * accounts), degrees, accounts - degrees)
    return square * (accounts - 1) / accounts, p, len(order)


@pytest.mark.parametrize("seed", [6, 7])
def test_the_log_rank_of_curves_is_by_account(seed):
    world = _world(seed)
    journeys = _asked(*world)
    groups = values_as_segments(journeys, question(), "Kind", 3)
    found = measures.segment_curves(journeys, question(), Apart(groups, "Kind")).log_rank
    journeys.engine.close()
    names = [name or f"alone {number}" for number, name in enumerate(world[1])]
    statistic, p, accounts = _log_rank_by_hand(world[0], names, world[2])
    assert (found.statistic, found.p, found.accounts) == (pytest.approx(statistic), pytest.approx(p), accounts)
    assert found.degrees == 2


@thorough
def test_the_detectable_difference_and_the_bet_grow_with_the_design_effect():
    world = _world(8, accounts=120)
    journeys, plain = _asked(*world), survivors(world[0], {"Kind": world[2]})
    groups = (segment("Kind", "a"), segment("Kind", "b"))
    one, other = (measures.segments(each, question(), Apart(groups), day=DAY) for each in (journeys, plain))
    plans = [measures.plans(each, question(), (0.3,), None, DAY)[0] for each in (journeys, plain)]
    for each in (journeys, plain):
        each.engine.close()
    assert one.segments[0].overall.design_effect > 1.2
    assert one.segments[0].overall.detectable > other.segments[0].overall.detectable
    assert abs(one.bet.chance - 0.5) < abs(other.bet.chance - 0.5)
    assert plans[1].design_effect == 1
    assert plans[0].per_group == pytest.approx(plans[1].per_group * plans[0].design_effect, abs=plans[0].design_effect)
    # z of the plain test over the root of the design effect is what the other test looks up.
    z = norm.isf(other.segments[0].overall.p / 2) / one.segments[0].overall.design_effect ** 0.5
    assert one.segments[0].overall.p > 2 * norm.sf(z)
