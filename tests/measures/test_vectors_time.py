"""Time in stage, steps, and velocity, held to worked numbers (R survival, cmprsk, numpy), through the measures that the pages call."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import datetime, timedelta
from math import sqrt
from pathlib import Path

import pytest

import funnel
from funnel.core.sql import Query, compose
from funnel.core.types import Question
from funnel.measures import times, velocity
from funnel.measures.time_in_stage import Waits
from funnel.measures.times import StageTime, Times
from funnel.measures.velocity import Velocity
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles.oracle import Entered

VECTORS = Path(__file__).parents[1] / "vectors"
UNTIL = datetime(2026, 6, 30)
CONCEPTS = {"New": "lead", "Won": "won", "Lost": "lost"}


def _vector(name: str) -> dict:
    return json.loads((VECTORS / f"{name}.json").read_text())["expected"]


KM, QUANTILES = _vector("01_km_aml"), _vector("02_km_quantiles")
STAGES, PACES, STEPS = _vector("25_time_in_stage"), _vector("26_velocity_littles_law"), _vector("29_funnel_steps")


def _near(value):
    return None if value is None else pytest.approx(value, abs=1e-9)


def _stays(durations: list[tuple[int, bool]]):
    """Journeys of leads that stay so many days at the first stage, and then are won, or still there."""
    histories = {}
    for number, (days, left) in enumerate(durations):
        start = UNTIL - timedelta(days=days + (1 if left else 0))
        entries = [Entered("New", start)]
        histories[f"L{number}"] = [*entries, Entered("Won", start + timedelta(days=days))] if left else entries
    return journeys_of(engine_with(histories), CONCEPTS)


def _aml(group: str) -> list[tuple[int, bool]]:
    rows = csv.DictReader((VECTORS / "aml.csv").read_text().splitlines())
    return [(int(row["time"]), row["status"] == "1") for row in rows if row["group"] == group]


def _first_stage(durations: list[tuple[int, bool]]) -> StageTime:
    journeys = _stays(durations)
    (stage,) = times(journeys, Question(model_of([{"New"}, {"Won"}]), observed_until=UNTIL)).stages
    journeys.engine.close()
    return stage


@pytest.mark.parametrize("group", ["Maintained", "Nonmaintained"])
def test_the_curve_is_kaplan_meiers_with_the_log_log_band(group):
    stage, expected = _first_stage(_aml(group)), KM[group]
    points = {point.days: point for point in stage.curve}
    falls = [place for place, events in enumerate(expected["n_event"]) if events]
    last = len(expected["time"]) - 1
    assert sorted(points) == [expected["time"][place] for place in sorted({*falls, last})]
    for place in falls:
        point = points[expected["time"][place]]
        assert (point.at_risk, point.share) == (expected["n_risk"][place], _near(expected["surv"][place]))
        assert (point.low, point.high) == tuple(_near(bound) for bound in expected["ci95_loglog"][place])
    for place, day in enumerate(expected["time"]):
        assert stage.share_after(day) == _near(expected["surv"][place])


@pytest.mark.parametrize("group", ["Maintained", "Nonmaintained"])
def test_greenwoods_error(group):
    journeys = _stays(_aml(group))
    waits = Waits(journeys, Question(model_of([{"New"}, {"Won"}]), observed_until=UNTIL))
    last = (
        "SELECT incidences.day // 24 AS day, incidences.variance AS variance FROM incidences WHERE incidences.day >= 0"
    )
    found = dict(journeys.engine.rows(compose([*waits.watched(), *waits.shares()], Query(last))))
    told = zip(KM[group]["time"], KM[group]["se_greenwood"], strict=True)
    assert {day: sqrt(found[day]) for day, se in told if se is not None} == {
        day: _near(se) for day, se in zip(KM[group]["time"], KM[group]["se_greenwood"], strict=True) if se is not None
    }
    journeys.engine.close()


@pytest.mark.parametrize("group", ["Maintained", "Nonmaintained"])
def test_quartiles_and_their_intervals(group):
    stage, expected = _first_stage(_aml(group)), QUANTILES[group]["loglog"]
    found = (stage.times.quarter, stage.times.median, stage.times.three_quarters)
    assert [quantile.days for quantile in found] == expected["q"]
    assert [quantile.low for quantile in found] == expected["lo"]
    assert [quantile.high for quantile in found] == expected["hi"]


def test_where_the_curve_is_flat_at_half_the_smallest_time_counts():
    flat = QUANTILES["flat_half"]
    stage = _first_stage([(days, True) for days in flat["input"]["time"]])
    assert stage.times.median.days == flat["smallest_t_with_S_le_half"]


@pytest.fixture(scope="module")
def sample():
    with funnel.open(VECTORS / "events.csv", as_of=datetime(2026, 7, 1)) as data_set:
        assert data_set.observed_until == UNTIL
        yield data_set


@pytest.fixture(scope="module")
def recorded(sample) -> Times:
    return times(sample.journeys, sample.question(sample.labels_model([[label.label] for label in sample.labels])))


@pytest.mark.parametrize("name", STAGES)
def test_time_in_stage(recorded, name):
    stage = next(stage for stage in recorded.stages if stage.name == name)
    expected = STAGES[name]
    assert (stage.stays, stage.left, stage.still) == (expected["spells"], expected["exits"], expected["open"])
    found = (stage.times.quarter, stage.times.median, stage.times.three_quarters, stage.times.nine_tenths)
    assert [quantile.days for quantile in found] == expected["km_p25_p50_p75_p90"]
    assert [quantile.low for quantile in found] == expected["ci_lo"]
    assert [quantile.high for quantile in found] == expected["ci_hi"]
    assert stage.left_median == expected["completed_only_median"]
    assert stage.share_after(60) == _near(expected["share_still_in_stage_after_60d"])


@pytest.fixture(scope="module")
def stepped(sample) -> dict[str, Times]:
    stages: dict[str, dict[str, list[str]]] = {}
    for row in csv.DictReader((VECTORS / "stage_models.csv").read_text().splitlines()):
        stages.setdefault(row["model"], {}).setdefault(row["stage_name"], []).append(row["raw_stage"])
    found = {}
    for key in STEPS:
        # In the vector the win comes after the model's last stage.
        groups = [*stages[key].values()]
        groups = groups if ["Won"] in groups else [*groups, ["Won"]]
        model = sample.labels_model(groups, key=key)
        found[key] = times(sample.journeys, sample.question(model), days=(0, 14, 30, 60, 90, 180))
    return found


@pytest.mark.parametrize(("key", "number"), [(key, number) for key, steps in STEPS.items() for number in steps])
def test_steps(stepped, key, number):
    step, expected = stepped[key].steps[int(number) - 1], STEPS[key][number]
    # In the vector who went past the next stage and ended is lost too.
    assert (step.entered, step.advanced, step.lost + step.otherwise, step.waiting) == tuple(
        expected[name] for name in ("entered", "advanced", "lost", "open")
    )
    assert {str(each.day): each.rate for each in step.by_day} == {
        day: _near(rate) for day, rate in expected["aj_advance_at"].items()
    }
    assert [each.se for each in step.by_day] == [_near(se) for se in expected["aj_se"]]
    if step.eventual is not None:
        assert step.eventual == _near(expected["aj_advance_eventual"])
    else:
        # Too many are undecided for the vector's last value to be what comes of them in the end.
        assert step.waiting > 0.05 * step.entered
        assert step.rate_until <= expected["aj_advance_eventual"]


def _velocity(**counts) -> Velocity:
    """50 open leads; 40 decided of which 10 were won after 120 days, for 12,000 on average; the lost ones took as long as it needs
    for a mean of 110 days."""
    histories, columns = {}, {}
    for number in range(50):
        histories[f"open {number}"] = [Entered("New", UNTIL - timedelta(days=30))]
    for number in range(10):
        end = UNTIL - timedelta(days=10)
        days = 120 + (-20 if number % 2 else 20)
        histories[f"won {number}"] = [Entered("New", end - timedelta(days=days)), Entered("Won", end)]
        columns[f"won {number}"] = {"amount": 12_000 + (-3000 if number % 2 else 3000)}
    for number in range(30):
        end = UNTIL - timedelta(days=20)
        histories[f"lost {number}"] = [Entered("New", end - timedelta(days=320) / 3), Entered("Lost", end)]
    # Arrivals that were decided before the window count in neither part.
    for number in range(counts.get("before", 0)):
        histories[f"before {number}"] = [
            Entered("New", UNTIL - timedelta(days=1500)),
            Entered("Won", UNTIL - timedelta(days=1400)),
        ]
    journeys = journeys_of(engine_with(histories, columns), CONCEPTS)
    found = velocity(journeys, Question(model_of([{"New"}, {"Won"}]), observed_until=UNTIL))
    journeys.engine.close()
    return found


def test_velocity():
    (pace,) = _velocity(before=3).paces
    assert (pace.open, pace.win_rate.value) == (PACES["n"], PACES["win_rate"])
    assert (pace.value, pace.cycle_days) == (_near(PACES["avg_won_value"]), _near(PACES["cycle_days"]))
    assert pace.per_day == _near(PACES["velocity_per_day"])
    assert pace.per_month == _near(PACES["velocity_per_month"])
    published = PACES["published_example"]
    rate = replace(pace.win_rate, value=published["win_rate"])
    other = replace(pace, open=published["n"], win_rate=rate, value=published["value"], cycle_days=published["cycle"])
    assert other.per_day == _near(published["per_day"])


def test_littles_law():
    found = _velocity(before=3)
    assert found.mean_days == _near(PACES["little"]["mean_days"])
    # 90 leads started within the last 180 days.
    assert found.arrivals_per_day == _near(90 / 180)
    little = PACES["little"]
    told = replace(found, arrivals_per_day=little["arrivals_per_day"], mean_days=little["mean_days"])
    assert told.expected_open == _near(little["expected_open"])
