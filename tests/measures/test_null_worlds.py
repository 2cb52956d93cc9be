"""Worlds in which nothing differs, made many times over: how often a verdict is told all the same. What is promised is one in twenty."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from scipy.stats import binom

from funnel import measures
from funnel.core.sql import Query
from funnel.core.types import Filters, OneOf, Verdict
from funnel.measures.cells import Column
from funnel.measures.groups import Apart, values_as_segments
from funnel.measures.statistics.account_sums import AccountSums, Products
from funnel.measures.statistics.clustered import contrast_with_others
from funnel.measures.statistics.differences import contrast, over_segments
from funnel.measures.statistics.rates import wilson
from tests.oracles.segments_oracle import survivors
from tests.survived import OBSERVED_UNTIL, question
from tests.thorough import thorough

pytestmark = thorough
LEVEL = 0.05
TOLD = (Verdict.HIGHER, Verdict.LOWER)
WORLDS = 60
LONG = 400


def _most(cases):
    """So many errors chance brings in 999 of 1,000 at the level."""
    return int(binom.ppf(0.999, cases, LEVEL))


def _of(world):
    return question(filters=Filters(where=(OneOf("World", (str(world),)),)))


@pytest.fixture(scope="module")
def young():
    """Worlds of 160 leads of which half will be won, after 80 days on average; one of the two channels was opened lately."""
    random = np.random.default_rng(21)
    leads, columns = [], {"World": [], "Channel": []}
    for world in range(WORLDS):
        for number in range(160):
            channel = "new" if number % 2 else "old"
            follow_up = int(random.integers(10, 120) if number % 2 else random.integers(60, LONG))
            day = int(np.ceil(random.exponential(80)))
            status = 1 if random.random() < 1 / 2 else 2
            leads.append((day, status if day <= follow_up else 0, follow_up))
            columns["World"].append(str(world))
            columns["Channel"].append(channel)
    journeys = survivors(leads, columns)
    yield journeys
    journeys.engine.close()


def test_a_young_channel_is_not_told_to_be_worse(young):
    verdicts, curves, scanned, crude = 0, 0, 0, 0
    for world in range(WORLDS):
        groups = values_as_segments(young, _of(world), "Channel", 2)
        found = measures.segments(young, _of(world), Apart(groups, "Channel"))
        assert found.day is not None
        verdicts += any(each.overall.verdict in TOLD for each in found.segments)
        curves += measures.segment_curves(young, _of(world), Apart(groups, "Channel")).log_rank.p < LEVEL
        findings = measures.scan(young, _of(world), columns=[Column("Channel")]).findings
        scanned += any(each.contrast.verdict in TOLD for each in findings)
        so_far = measures.segments(young, _of(world), Apart(groups, "Channel"), so_far=True)
        assert {each.overall.verdict for each in so_far.segments} == {Verdict.SO_FAR}
        crude += contrast(so_far.segments[0].overall.rate, so_far.segments[1].overall.rate).verdict in TOLD
    assert max(verdicts, curves, scanned) <= _most(WORLDS)
    # Without equal age most worlds would show the new channel to be worse.
    assert crude > WORLDS / 3


@pytest.fixture(scope="module")
def held():
    """Worlds of about 60 accounts with 5 leads each, whose fate is mostly the account's; an area is the account's, a product the
    lead's. Accounts come in one of two months."""
    random = np.random.default_rng(22)
    leads, columns = [], {"World": [], "Area": [], "Product": [], "Size": [], "Account": []}
    for world in range(WORLDS):
        for account in range(60):
            share, area, month = random.beta(0.3, 0.7), random.integers(3), random.integers(2)
            size = random.integers(3)
            for _ in range(1 + random.poisson(4)):
                follow_up = 100 + 40 * int(month) + int(random.integers(20))
                leads.append((5, 1 if random.random() < share else 2, follow_up))
                columns["World"].append(str(world))
                columns["Area"].append(f"area {area}")
                columns["Size"].append(f"size {size}")
                columns["Product"].append(f"product {random.integers(3)}")
                columns["Account"].append(f"{world} {account}")
    journeys = survivors(leads, columns)
    text = 'CREATE OR REPLACE TABLE leads AS SELECT leads.* REPLACE (leads."Account" AS account_id) FROM leads'
    journeys.engine.run(Query(text))
    yield journeys
    journeys.engine.close()


def test_accounts_that_hold_several_leads_make_no_verdict(held):
    scanned, segments, curves, periods, parts, crude = 0, 0, 0, 0, 0, 0
    first, middle, last = ((OBSERVED_UNTIL - timedelta(days=days)).date() for days in (160, 130, 100))
    for world in range(WORLDS):
        asked = _of(world)
        columns = [Column(name) for name in ("Area", "Product", "Size")]
        findings = measures.scan(held, asked, columns=columns, day=10).findings
        assert sum(each.contrast.p is not None for each in findings) == 9
        scanned += any(each.contrast.verdict in TOLD for each in findings)
        plain = over_segments([contrast(each.contrast.rate, each.contrast.others) for each in findings])
        crude += any(each.verdict in TOLD for each in plain)
        groups = values_as_segments(held, asked, "Area", 3)
        found = measures.segments(held, asked, Apart(groups, "Area"), day=10)
        segments += any(each.overall.verdict in TOLD for each in found.segments)
        curves += measures.segment_curves(held, asked, Apart(groups, "Area")).log_rank.p < LEVEL
        span = (first, middle - timedelta(days=1)), (middle, last)
        change = measures.periods(held, asked, *span, Apart(groups, "Area"), day=10)
        periods += change.contrast.verdict in TOLD
        parts += not change.rate_low <= 0 <= change.rate_high
    assert max(scanned, segments, curves, periods, parts) <= _most(WORLDS)
    # Lead by lead many worlds would show something.
    assert crude > WORLDS / 3


def _sums(n, x, every_n, every_x):
    def products(a, b, c, d):
        return Products(*(int((one * other).sum()) for one, other in ((a, c), (a, d), (b, c), (b, d))))

    here = n > 0
    accounts = int(here.sum()), int((here & (n == every_n)).sum()), 0
    return AccountSums(int(n.sum()), int(x.sum()), *accounts, products(n, x, n, x), products(n, x, every_n, every_x))


def _tested(random, sizes, spread, by_lead):
    """The contrast by account of about a third of the leads with all others, and the one lead by lead."""
    account = np.repeat(np.arange(len(sizes)), sizes)
    share = random.beta(0.25 * spread, 0.75 * spread, len(sizes))
    won = random.random(len(account)) < share[account]
    mine = (random.random(len(account)) if by_lead else random.random(len(sizes))[account]) < 1 / 3
    counts = [np.bincount(account[one], minlength=len(sizes)) for one in (mine, mine & won, mine | True, won)]
    one, whole = _sums(*counts), _sums(*counts[2:], *counts[2:])
    rest = wilson(whole.converted - one.converted, whole.leads - one.leads)
    return contrast_with_others(one, whole), contrast(wilson(one.converted, one.leads), rest)


@pytest.mark.parametrize(
    ("accounts", "size", "spread", "by_lead", "crude_too"),
    [
        (40, 5, 1.5, False, False),
        (150, 3, 1.0, False, False),
        (150, 3, 1.0, True, True),
        (12, 12, 1.5, False, False),  # few accounts
        (100, 2, 1e6, False, True),  # leads of an account have nothing in common
    ],
)
def test_by_account_a_verdict_is_told_in_a_twentieth(accounts, size, spread, by_lead, crude_too):
    random = np.random.default_rng(23)
    cases, told, crude = 0, 0, 0
    for _ in range(300):
        by_account, plain = _tested(random, 1 + random.poisson(size - 1, accounts), spread, by_lead)
        if by_account.is_compared:
            cases, told, crude = cases + 1, told + (by_account.p < LEVEL), crude + (plain.p < LEVEL)
    assert cases > 200
    assert told <= _most(cases)
    assert (crude <= _most(cases)) is crude_too


def test_a_few_large_accounts_make_no_verdict():
    # One account in ten is twenty times as large: what it does is what one account does.
    random = np.random.default_rng(24)
    found = [_tested(random, np.where(random.random(60) < 0.1, 40, 2), 1.0, False) for _ in range(300)]
    assert sum(by_account.p < LEVEL for by_account, _ in found) <= _most(300)
    assert sum(plain.p < LEVEL for _, plain in found) > 100


def test_a_difference_that_is_there_is_still_seen_by_account():
    # Half of 120 accounts win 15 % of their 5 leads, the others 45 %, each give or take a little.
    random = np.random.default_rng(25)
    seen = 0
    for _ in range(50):
        sizes = np.full(120, 5)
        mine = np.arange(120) % 2 == 0
        won = random.binomial(sizes, random.beta(6 * np.where(mine, 0.45, 0.15), 6 * np.where(mine, 0.55, 0.85)))
        n, x = np.where(mine, sizes, 0), np.where(mine, won, 0)
        one, whole = _sums(n, x, sizes, won), _sums(sizes, won, sizes, won)
        seen += contrast_with_others(one, whole).verdict is Verdict.HIGHER
    assert seen >= 48
