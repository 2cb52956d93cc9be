"""Conversion over time, held to worked numbers: ten leads by hand, and 600 leads overall, by cohort, and at the present pace."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from funnel import measures
from funnel.core.types import FEWEST_AT_RISK
from tests.survived import journeys_from, question

VECTORS = Path(__file__).parents[1] / "vectors"
TIMES = (30, 60, 90, 120, 180, 270, 365)


def _expected(name):
    return json.loads((VECTORS / f"{name}.json").read_text())["expected"]


def _near(value, tolerance=1e-9):
    return pytest.approx(value, abs=tolerance)


def _leads():
    return list(csv.DictReader((VECTORS / "leads_surv.csv").read_text().splitlines()))


@pytest.fixture(scope="module")
def journeys():
    rows = [(int(row["duration_days"]), int(row["status"]), int(row["followup_days"])) for row in _leads()]
    journeys = journeys_from(rows)
    yield journeys
    journeys.engine.close()


@pytest.fixture(scope="module")
def found(journeys):
    return measures.cohorts(journeys, question(), "quarter", TIMES)


def _quarter(name):
    return date(int(name[:4]), 3 * int(name[5]) - 2, 1)


def test_ten_leads_in_exact_fractions():
    rows = [
        (int(row["duration_days"]), int(row["status"]))
        for row in csv.DictReader((VECTORS / "tiny10.csv").read_text().splitlines())
    ]
    # The open ones were last seen on their own day; the others have been followed for longer, which changes nothing.
    leads = [(duration, status, duration if status == 0 else 40) for duration, status in rows]
    expected = _expected("03_aj_tiny10")
    journeys = journeys_from(leads)
    found = measures.cohorts(journeys, question(), "year", expected["time"])
    for place, day in enumerate(expected["time"]):
        told = found.whole.win.on(day)
        assert told.rate == _near(expected["F_won"][place], 1e-12)
        assert told.se == _near(expected["se_won"][place], 1e-12)
    journeys.engine.close()


def test_ten_leads_leave_in_exact_fractions():
    # Sixty copies of the ten, so that a curve is not cut; the fractions stay.
    rows = [
        (int(row["duration_days"]), int(row["status"]))
        for row in csv.DictReader((VECTORS / "tiny10.csv").read_text().splitlines())
    ]
    journeys = journeys_from([(days, status, days if status == 0 else 40) for days, status in rows] * 60)
    expected = _expected("03_aj_tiny10")
    curve = measures.curves(journeys, question(), "year").whole
    assert [point.day for point in curve.points] == [3, 5, 12]
    for point in curve.points:
        place = expected["time"].index(point.day)
        assert point.rate == _near(expected["F_won"][place], 1e-12)
        assert point.gone == _near(expected["F_lost"][place], 1e-12)
        assert point.at_risk == 60 * expected["n_risk"][place]
    journeys.engine.close()


def test_all_leads(found):
    expected = _expected("05_aj_leads")["all"]
    for place, day in enumerate(expected["time"]):
        told = found.whole.win.on(day)
        assert (told.rate, told.se) == (_near(expected["F_won"][place]), _near(expected["se"][place]))


def test_each_cohort(found):
    expected = _expected("05_aj_leads")["cohort"]
    assert [cohort.start for cohort in found.cohorts] == [_quarter(name) for name in expected]
    for name, told in expected.items():
        cohort = found.find(_quarter(name))
        for place, day in enumerate(told["time"]):
            rate, se = cohort.win.on(day).rate, cohort.win.on(day).se
            if told["estimable"][place]:
                assert (rate, se) == (_near(told["F_won"][place]), _near(told["se"][place]))
            else:
                assert (rate, se) == (None, None)


def test_segments_by_a_filter_of_the_same_leads():
    expected = _expected("05_aj_leads")["segment"]
    for name, told in expected.items():
        rows = [row for row in _leads() if row["segment"] == name]
        journeys = journeys_from(
            [(int(row["duration_days"]), int(row["status"]), int(row["followup_days"])) for row in rows]
        )
        found = measures.cohorts(journeys, question(), "year", told["time"])
        for place, day in enumerate(told["time"]):
            assert found.whole.win.on(day).rate == _near(told["F_won"][place])
        journeys.engine.close()


@pytest.mark.parametrize("day", [90, 120, 180, 365])
def test_the_mature_rate_and_the_honest_one(found, day):
    expected = _expected("06_fixed_horizon_and_bounds")[str(day)]
    told = found.whole.win.on(day)
    assert (told.mature.numerator, told.mature.denominator) == (expected["mature_won"], expected["mature_leads"])
    assert (told.mature.low, told.mature.high) == tuple(map(_near, expected["mature_wilson95"]))
    assert (told.rate, told.se) == (_near(expected["aj"]), _near(expected["aj_se"]))


def test_the_bounds_of_each_cohort(found):
    for name, told in _expected("06_fixed_horizon_and_bounds")["cohort_bounds"].items():
        cohort = found.find(_quarter(name))
        assert (cohort.leads, cohort.won, cohort.lost, cohort.open) == tuple(
            told[key] for key in ("n", "won", "lost", "open")
        )
        assert cohort.followed_days == told["max_followup"]
        assert cohort.win.bounds == (_near(told["won_so_far"]), _near(told["upper_bound_if_all_open_win"]))


def test_complete_follow_up_ends_on_the_plain_ratio():
    expected = _expected("06_fixed_horizon_and_bounds")["identity_full_followup_365"]
    old = [row for row in _leads() if int(row["followup_days"]) >= 365]
    rows = [(int(row["duration_days"]), int(row["status"]), int(row["followup_days"])) for row in old]
    journeys = journeys_from(rows)
    told = measures.cohorts(journeys, question(), "year", (365,)).whole.win.on(365)
    assert told.rate == _near(expected["rate"], 1e-12)
    assert told.se == _near(expected["se_binomial"], 1e-12)
    journeys.engine.close()


def test_the_present_pace(journeys):
    expected = _expected("07_period_aj")
    pace = measures.curves(journeys, question(), "quarter").pace
    points = {point.day: point for point in pace.points}
    for place, day in enumerate(expected["time"]):
        before = [each for each in points if each <= day]
        if day > pace.until:
            assert expected["n_risk"][place] < FEWEST_AT_RISK
        elif before:
            point = points[max(before)]
            assert point.rate == _near(expected["F_won"][place])
        else:
            assert expected["F_won"][place] == 0


def test_intervals_with_the_effective_number_of_leads(found):
    for told in _expected("30_effective_n_wilson"):
        cohort = found.whole if told["group"] == "all" else found.find(_quarter(told["group"]))
        by_day = cohort.win.on(told["h"])
        if not told["estimable"]:
            assert (by_day.rate, by_day.low, by_day.high) == (None, None, None)
            continue
        assert (by_day.rate, by_day.se) == (_near(told["F"]), _near(told["se"]))
        assert (by_day.low, by_day.high) == tuple(map(_near, told["ci95"]))
        assert by_day.old_enough == told["mature_leads"]
