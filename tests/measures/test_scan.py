"""Where conversion differs most: planted differences are found, those that are only another column's mix do not hold, chance is quiet."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import binom
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.multitest import multipletests

import funnel
from funnel import measures
from funnel.core.types import AS_RECORDED, Between, Filters, OneOf, Verdict
from funnel.measures.cells import Column
from funnel.measures.scan import Scan
from tests.oracles.segments_oracle import segment, survivors
from tests.survived import question
from tests.thorough import thorough

CLEAR = (Verdict.HIGHER, Verdict.LOWER)
LATE = datetime(2026, 2, 10)


def _scan(rows, names, starts=(), turned=False, **asked) -> Scan:
    """A scan of leads given as (leads, of whom won, a value of each column); the others are lost. `turned`: the last column first."""
    leads, columns = [], {name: [] for name in names}
    dates = []
    for place, (count, won, *values) in enumerate(rows):
        leads += [(5, 1, 100)] * won + [(5, 2, 100)] * (count - won)
        dates += [starts[place]] * count if starts else []
        for name, value in zip(names, values, strict=True):
            columns[name] += [value] * count
    journeys = survivors(leads, columns, dates)
    found = measures.scan(
        journeys, question(), columns=[Column(name) for name in (names[::-1] if turned else names)], **asked
    )
    journeys.engine.close()
    return found


def _of(scan, column, value):
    return next(each for each in scan.findings if each.segment == segment(column, value))


# In each region the same, so that no mix can make it: partners win 40 %, the web 20 %, events 20 %.
REAL = [
    (count, round(count * rate), channel, region)
    for region, share in (("EU", 1), ("US", 2))
    for channel, leads, rate in (("Partner", 150, 0.4), ("Web", 250, 0.2), ("Event", 100, 0.2))
    for count in (leads * share,)
]


def test_a_real_difference_is_found_and_holds():
    found = _scan(REAL, ["Channel", "Land"])
    first = found.findings[0]
    assert (first.column, first.segment) == ("Channel", segment("Channel", "Partner"))
    assert (first.contrast.verdict, first.holds) == (Verdict.HIGHER, True)
    assert first.contrast.rate.numerator == 180
    assert first.contrast.difference == pytest.approx(0.4 - 0.2)
    # By the quarter of the start, as by region, nothing of it goes away.
    assert first.within == pytest.approx(0.2)
    assert _of(found, "Land", "EU").contrast.verdict is Verdict.UNCLEAR
    assert (_of(found, "Land", "EU").within, _of(found, "Land", "EU").holds) == (None, False)
    assert (found.looked_at, found.telling, found.too_many, found.tested) == (("Channel", "Land"), (), (), 5)
    assert (found.whole.numerator, found.whole.denominator) == (sum(row[1] for row in REAL), 1500)


@pytest.mark.parametrize("turned", [False, True])
def test_what_another_columns_mix_makes_is_found_and_does_not_hold(turned):
    # EU wins 40 %, US 10 %, whatever the channel; the web brings four EU leads of five, the phone one of five.
    rows = [(400, 160, "Web", "EU"), (100, 10, "Web", "US"), (100, 40, "Phone", "EU"), (400, 40, "Phone", "US")]
    found = _scan(rows, ["Channel", "Land"], turned=turned)
    for value, sign in (("Web", 1), ("Phone", -1)):
        each = _of(found, "Channel", value)
        assert each.contrast.verdict in CLEAR
        assert each.contrast.difference == pytest.approx(sign * (170 / 500 - 80 / 500))
        assert (each.within, each.beside, each.holds) == (pytest.approx(0, abs=1e-12), "Land", False)
    for value in ("EU", "US"):
        each = _of(found, "Land", value)
        # Between leads of one channel, or of one quarter, 30 points are left, whole.
        assert each.within == pytest.approx(each.contrast.difference)
        assert each.holds
    # What holds comes first, though here the region also makes most leads.
    assert [each.column for each in found.findings] == ["Land", "Land", "Channel", "Channel"]


def test_what_the_date_of_start_makes_does_not_hold():
    # Leads of the first quarter win 50 %, of the second 10 %; the old form was mostly used in the first.
    rows = [(400, 200, "old"), (80, 8, "old"), (100, 50, "new"), (400, 40, "new")]
    starts = [LATE, LATE + timedelta(days=90), LATE, LATE + timedelta(days=90)]
    found = _scan(rows, ["Form"], starts, day=5)
    old = _of(found, "Form", "old")
    assert (old.contrast.verdict, old.beside, old.holds) == (Verdict.HIGHER, "", False)
    assert old.within == pytest.approx(0, abs=1e-12)


@thorough
def test_half_of_a_difference_left_is_enough_and_less_is_not():
    # Within a region the web wins 10 (or 3) points more; the mix of regions adds to it.
    for points, holds in ((10, True), (3, False)):
        rows = [
            (3000, 1200 + 30 * points, "Web", "EU"),
            (1800, 360 + 18 * points, "Web", "US"),
            (1800, 720, "Phone", "EU"),
            (3000, 600, "Phone", "US"),
        ]
        web = _of(_scan(rows, ["Channel", "Land"]), "Channel", "Web")
        assert web.contrast.verdict is Verdict.HIGHER
        assert (web.within, web.beside) == (pytest.approx(points / 100), "Land")
        assert (web.within / web.contrast.difference >= 0.5) is holds
        assert web.holds is holds


def test_what_is_not_clear_between_leads_alike_does_not_hold():
    # 5 to 6 points of 10 are left within a land, which chance alone does once in eleven cases.
    rows = [(200, 112, "Web", "EU"), (150, 39, "Web", "US"), (150, 75, "Phone", "EU"), (200, 40, "Phone", "US")]
    tables = [[[112, 88], [75, 75]], [[39, 111], [40, 160]]]
    assert StratifiedTable([np.array(table, dtype=float) for table in tables]).test_null_odds().pvalue > 0.05
    web = _of(_scan(rows, ["Channel", "Land"]), "Channel", "Web")
    assert web.within == pytest.approx(0.06)
    assert web.within / web.contrast.difference > 0.5
    assert (web.contrast.verdict, web.beside, web.holds) == (Verdict.HIGHER, "Land", False)


def test_all_segments_of_all_columns_are_corrected_for_together_and_ranked():
    rows = [*REAL, (19, 19, "Rare", "EU"), (40, 20, None, "US"), (40, 2, "", 'it\'s "so"'), (1, 0, "", "EU")]
    found = _scan(rows, ["Channel", "Land"])
    tested = [each for each in found.findings if each.contrast.p is not None]
    assert (found.tested, len(tested), len(found.findings)) == (8, 8, 9)
    corrected = multipletests([each.contrast.p for each in tested], method="fdr_bh")[1]
    assert [each.contrast.p_adjusted for each in tested] == pytest.approx(corrected)
    assert found.findings[-1].segment == segment("Channel", "Rare")
    assert found.findings[-1].contrast.verdict is Verdict.FEW
    clear = [each for each in found.findings if each.contrast.verdict in CLEAR]
    assert [*found.findings[: len(clear)]] == clear
    for one, other in pairwise([each for each in clear if each.holds]):
        assert abs(one.contrast.impact) >= abs(other.contrast.impact)
    assert _of(found, "Channel", None).contrast.rate.denominator == 40
    whole = sum(row[0] for row in rows)
    for each in found.findings:
        assert each.contrast.rate.denominator + each.contrast.others.denominator == whole


def test_a_column_tells_where_guessing_by_it_errs_a_tenth_as_often():
    # Without it a hundred wins of 1,000 are missed; by it, 5 leads are wrongly taken for won and 5 wins, or 6 of 101, are missed.
    for missed, tells in ((5, True), (6, False)):
        found = _scan([(100, 95, "hot"), (900, missed, "cold")], ["Score"])
        assert (found.telling, found.looked_at) == ((("Score",), ()) if tells else ((), ("Score",)))
        assert bool(found.findings) is not tells
        # All that the question counts, whatever was looked at.
        assert (found.whole.numerator, found.whole.denominator) == (95 + missed, 1000)


def test_by_a_day_only_the_old_enough_count():
    rows = [(300, 120, "Partner"), (300, 60, "Web")]
    assert _of(_scan(rows, ["Channel"], day=4), "Channel", "Partner").contrast.rate.numerator == 0
    found = _scan(rows, ["Channel"], day=5)
    assert _of(found, "Channel", "Partner").contrast.rate.numerator == 120
    assert (found.day, found.target) == (5, None)
    assert _scan(rows, ["Channel"], day=101).whole.denominator == 0


# Through a file, as the page asks.


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """800 leads: firms of more than 500 people win 45 %, others 15 %; the reason, the status and the owner are as in a CRM."""
    random = np.random.default_rng(11)
    rows = []
    for number in range(800):
        people = int(random.integers(1, 2000)) * 10 + 3
        start = datetime(2025, 1, 1) + timedelta(days=int(random.integers(0, 200)))
        chance = random.random()
        fate = "Won" if chance < (0.45 if people > 10_000 else 0.15) else "Lost" if chance < 0.9 else None
        told = {
            "Lead ID": f"L{number}",
            "Employees": people,
            "Owner": f"Owner {random.integers(60)}",
            "Team": f"Team {'ABC'[random.integers(3)]}",
            "Loss Reason": ["Price", "Timing", "Other"][random.integers(3)] if fate == "Lost" else "",
            "Handover": {"Won": "signed", "Lost": "closed"}.get(fate, "running"),
            "Country": "DE",
        }
        rows.append({**told, "Stage": "New", "Date": start.date()})
        if fate:
            rows.append({**told, "Stage": fate, "Date": (start + timedelta(days=20)).date()})
    path = tmp_path_factory.mktemp("scan") / "leads.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)
    with funnel.open(path, as_of=datetime(2026, 6, 30)) as data_set:
        yield data_set


def test_columns_that_know_the_outcome_or_have_too_many_values_are_left_out(opened):
    found = opened.ask(measures.scan, AS_RECORDED, day=0)
    assert {*found.telling} == {"Loss Reason", "Handover"}
    assert found.too_many == ("Owner",)
    assert {*found.looked_at} == {"Employees", "Team"}
    assert {each.column for each in found.findings} == {"Employees", "Team"}
    assert (found.whole.denominator, found.tested) == (800, 4 + 3)


def test_numbers_are_looked_at_in_four_bands(opened):
    found = opened.ask(measures.scan, AS_RECORDED, day=20)
    bands = [each for each in found.findings if each.column == "Employees"]
    assert len(bands) == 4
    ends = sorted((each.segment.where[0].low, each.segment.where[0].high) for each in bands)
    assert all(isinstance(each.segment.where[0], Between) for each in bands)
    assert all(one[1] < other[0] for one, other in pairwise(ends))
    # About a quarter of the leads in each; a few numbers are alike.
    leads = found.whole.denominator
    assert leads > 700
    assert all(abs(each.contrast.rate.denominator - leads / 4) <= 12 for each in bands)
    for found in (opened.ask(measures.scan, AS_RECORDED, day=20), opened.ask(measures.scan, AS_RECORDED, day=30)):
        first = found.findings[0]
        assert (first.column, first.contrast.verdict, first.holds) == ("Employees", Verdict.HIGHER, True)
        assert first.segment.where[0].low > 9000
    assert not any(each.contrast.verdict in CLEAR for each in found.findings if each.column == "Team")


@thorough
def test_where_nothing_is_planted_hardly_anything_is_told():
    random = np.random.default_rng(12)
    sets, leads = 40, 250
    rows, columns = [], {"Set": [], **{f"Column {place}": [] for place in range(5)}}
    for number in range(sets * leads):
        rows.append((5, 1 if random.random() < 0.3 else 2, 50))
        columns["Set"].append(f"{number // leads}")
        for place in range(5):
            columns[f"Column {place}"].append(f"{random.integers(4)}")
    journeys = survivors(rows, columns)
    alarms = plain = 0
    scanned = [Column(f"Column {place}") for place in range(5)]
    for number in range(sets):
        asked = question(filters=Filters(where=(OneOf("Set", (f"{number}",)),)))
        found = measures.scan(journeys, asked, columns=scanned)
        assert (found.tested, found.whole.denominator, found.telling) == (20, leads, ())
        alarms += any(each.contrast.verdict in CLEAR for each in found.findings)
        plain += any(each.contrast.p < 0.05 for each in found.findings)
    journeys.engine.close()
    most = binom.ppf(0.999, sets, 0.05)
    assert alarms <= most < plain
