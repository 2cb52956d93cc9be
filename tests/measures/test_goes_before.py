"""Touches that go before a step: worked numbers, plain Python day by day, and made-up leads of which the truth is known."""

from __future__ import annotations

import json
import math
import tempfile
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import logrank

import funnel
from funnel import QuestionError, Unit
from funnel.core.errors import LackingError
from funnel.measures.goes_before import FEWEST_EVENTS, WITHIN, Before, ChannelStep, goes_before
from funnel.measures.statistics.rate_ratio import Stratum, e_value, mantel_haenszel, sooner
from funnel.measures.touched_days import MOST_DAYS
from tests.thorough import examples, thorough

VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "39_touch_rate_ratio.json").read_text())
DAY = timedelta(days=1)
START = datetime(2025, 1, 1)
AS_OF = datetime(2027, 1, 1)
STAGES = ("New", "MQL", "Proposal", "Won")


def opened(folder: str, leads: list[str], touches: list[str]) -> funnel.DataSet:
    paths = [Path(folder) / "leads.csv", Path(folder) / "touches.csv"]
    paths[0].write_text("lead_id,account,stage,entered_at\n" + "".join(leads))
    paths[1].write_text("lead_id,touched_at,channel\n" + "".join(touches))
    return funnel.open(*paths, as_of=AS_OF)


def test_the_worked_numbers() -> None:
    ratio = mantel_haenszel(Stratum(*each) for each in VECTOR["strata"])
    assert ratio is not None
    assert ratio.value == pytest.approx(VECTOR["mh_rate_ratio"], abs=1e-9)
    assert ratio.interval() == pytest.approx(VECTOR["ci95"], abs=1e-6)
    assert e_value(ratio.value) == pytest.approx(VECTOR["e_value_of_rr"], abs=1e-9)
    for value, told in VECTOR["e_value"].items():
        assert e_value(float(value)) == pytest.approx(told, abs=1e-9)
    assert e_value(1 / 1.52) == pytest.approx(VECTOR["e_value"]["1.52"], abs=1e-9)


def test_strata_without_time_of_both_kinds_say_nothing() -> None:
    told = [Stratum(*each) for each in VECTOR["strata"]]
    assert mantel_haenszel([*told, Stratum(9, 90, 0, 0), Stratum(0, 0, 7, 70)]) == mantel_haenszel(told)
    assert mantel_haenszel([Stratum(0, 10, 4, 10)]) is None
    assert mantel_haenszel([]) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=40))
def test_a_head_start_is_that_of_the_log_rank_test(units) -> None:
    kind = [day for day, of_kind in units if of_kind]
    others = [day for day, of_kind in units if not of_kind]
    days = Counter(day for day, _ in units)
    z, p = sooner([[(day, kind.count(day), count) for day, count in days.items()]])
    if not kind or not others or len(days) == 1:
        assert (z, p) == (0.0, 1.0)
        return
    told = logrank(kind, others)
    assert z == pytest.approx(-told.statistic, abs=1e-9) or z == pytest.approx(told.statistic, abs=1e-9)
    assert p == pytest.approx(told.pvalue, abs=1e-9)
    if max(kind) < min(others):
        assert z > 0


moments = st.integers(0, 90).flatmap(
    lambda day: st.sampled_from([0, 9, 18]).map(lambda hour: START + timedelta(day, hours=hour))
)
leads_drawn = st.lists(
    st.tuples(st.lists(moments, min_size=4, max_size=4, unique=True), st.integers(1, 4), st.booleans()),
    min_size=4,
    max_size=6,
)
touches_drawn = st.lists(st.tuples(st.integers(0, 5), moments, st.sampled_from(["Web", "Fair"])), max_size=25)


@given(leads_drawn, touches_drawn, st.sampled_from([1, 7, WITHIN]), st.sampled_from(list(Unit)))
@settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
def test_days_and_events_are_those_of_plain_python(leads, touches, within, unit) -> None:
    """Leads come to the first `known` stages in order, and are lost after them where they are `lost` and not won."""
    until = START + timedelta(120)
    lines, spells = [], []
    for number, (times, known, lost) in enumerate(leads):
        account = f"A{number % 2}"
        came = sorted(times)[:known]
        lines += [f"L{number},{account},{stage},{at}\n" for stage, at in zip(STAGES, came, strict=False)]
        ends = lost and known < len(STAGES) and sorted(times)[known]
        if ends:
            lines.append(f"L{number},{account},Lost,{ends}\n")
        for stage, since in enumerate(came[:3]):
            moved = stage + 1 < len(came)
            spells.append((number, stage, since, came[stage + 1] if moved else ends or until, moved))
    # The file ends on a day of its own, and knows every stage.
    lines += [f"Z,AZ,{stage},{until}\n" for stage in STAGES]
    spells += [(99, stage, until, until, True) for stage in range(3)]
    told = {(lead, at, channel) for lead, at, channel in touches if lead < len(leads)}
    heard = [f"L{lead},{at},{channel}\n" for lead, at, channel in sorted(told)]
    # A channel that no lead's days know of, so that the file has touches at all.
    heard.append(f"Z,{until - timedelta(400)},Post\n")
    with tempfile.TemporaryDirectory() as folder, opened(folder, lines, heard) as data_set:
        model = data_set.labels_model([[stage] for stage in STAGES])
        found = data_set.ask(goes_before, data_set.question(model), unit, within)
    whole: dict[tuple, Counter] = defaultdict(Counter)
    of_channel: dict[tuple, Counter] = defaultdict(Counter)
    for lead, stage, since, end, moved in spells:
        last = (end - since) // DAY
        heard_of = {
            (at, channel)
            for other, at, channel in told
            if other == lead or (unit is Unit.ACCOUNT and lead != 99 and other % 2 == lead % 2)
        }
        for day in range(min(last, MOST_DAYS) + 1):
            begins = since + day * DAY
            stratum = (stage, min(day // 7, 12), begins.year, (begins.month - 1) // 3)
            event = moved and day == last
            whole[stratum].update(days=1, events=event)
            for channel in {channel for at, channel in heard_of if begins - within * DAY <= at < begins}:
                of_channel[(channel, *stratum)].update(days=1, events=event)
    expected: dict[tuple[str, int], Counter] = defaultdict(Counter)
    for (channel, *stratum), touched in of_channel.items():
        every = whole[tuple(stratum)]
        counts = expected[channel, stratum[0]]
        if every["days"] > touched["days"]:
            counts.update(
                touched_days=touched["days"],
                touched_events=touched["events"],
                other_days=every["days"] - touched["days"],
                other_events=every["events"] - touched["events"],
            )
    names = ("touched_days", "touched_events", "other_days", "other_events")
    assert {(each.channel, each.position): [getattr(each, name) for name in names] for each in found.steps} == {
        key: [counts[name] for name in names] for key, counts in expected.items()
    }
    assert {each.verdict for each in found.steps} <= {Before.FEW}


def _world(seed: int, *, effect: float = 1.0, healthy: bool = False, leads: int = 700) -> list[ChannelStep]:
    """One step, of leads that move on at a rate of their own. Every lead is called at random, or, where sales choose, those that do
    well; a call makes the step `effect` times as likely for WITHIN days."""
    chance = np.random.default_rng(seed)
    lines, touches = [], []
    for lead in range(leads):
        came = START + timedelta(days=float(chance.uniform(0, 180)))
        health = float(chance.gamma(2, 0.5))
        lines.append(f"L{lead},,New,{came:%Y-%m-%d %H:%M:%S}\n")
        calls: list[float] = []
        rate = 0.04 * (health if healthy else 1.0)
        for day in range(150):
            if chance.random() < 1 - math.exp(-rate):
                calls.append(day + float(chance.uniform(0.01, 0.98)))
            touched = any(day - WITHIN <= each < day for each in calls)
            hazard = 0.012 * health * (effect if touched else 1.0)
            if chance.random() < 1 - math.exp(-hazard):
                at = came + timedelta(days=day + 0.99)
                lines.append(f"L{lead},,MQL,{at:%Y-%m-%d %H:%M:%S}\n")
                break
            if chance.random() < 0.008:
                lines.append(f"L{lead},,Lost,{came + timedelta(days=day + 0.995):%Y-%m-%d %H:%M:%S}\n")
                break
        touches += [f"L{lead},{came + timedelta(days=each):%Y-%m-%d %H:%M:%S},Call\n" for each in calls]
    with tempfile.TemporaryDirectory() as folder, opened(folder, lines, touches) as data_set:
        model = data_set.labels_model([["New"], ["MQL"]])
        return list(data_set.ask(goes_before, data_set.question(model), Unit.LEAD).steps)


def test_a_known_effect_is_found_and_one_that_is_none_is_not() -> None:
    ratios = [_world(seed)[0].ratio for seed in range(4)]
    assert 0.8 < float(np.mean([ratio for ratio in ratios if ratio])) < 1.25
    (step,) = _world(7, effect=2.2)
    assert step.low is not None
    assert step.low > 1.2
    assert step.verdict is Before.MORE


@thorough
def test_without_an_effect_few_channels_are_told_to_go_before() -> None:
    steps = [_world(seed)[0] for seed in range(60)]
    told = sum(each.verdict is not Before.UNCLEAR for each in steps)
    # 5 % of 60 are 3; more than 7 would come with a chance of 1 in 200 by level 0.05.
    assert told <= 7
    held = sum(each.low is not None and each.low <= 1 <= (each.high or 0) for each in steps)
    assert held >= 52


@thorough
def test_where_sales_choose_whom_to_call_it_is_said_how_little_would_explain_it() -> None:
    steps = [_world(seed, healthy=True)[0] for seed in range(12)]
    assert sum((each.ratio or 0) > 1.1 for each in steps) >= 10
    assert all(each.e_value is not None and each.e_value >= 1 for each in steps)


def test_what_is_asked_amiss_is_refused_in_a_sentence() -> None:
    lines = ["a,,New,2025-01-01\n", "a,,Won,2025-02-01\n"]
    with tempfile.TemporaryDirectory() as folder:
        with (
            opened(folder, lines, ["a,2025-01-02,Web\n"]) as data_set,
            pytest.raises(QuestionError, match="1 to 365, not 0"),
        ):
            data_set.ask(goes_before, data_set.question(), None, 0)
        alone = Path(folder) / "alone.csv"
        alone.write_text("lead_id,stage,entered_at\na,New,2025-01-01\na,Won,2025-02-01\n")
        with funnel.open(alone) as data_set, pytest.raises(LackingError):
            data_set.ask(goes_before, data_set.question())


def test_too_few_events_have_no_ratio() -> None:
    lines = [f"L{lead},,New,2025-01-01\nL{lead},,Won,2025-01-{10 + lead % 5}\n" for lead in range(FEWEST_EVENTS)]
    touches = [f"L{lead},2025-01-0{2 + lead % 7},Web\n" for lead in range(0, FEWEST_EVENTS, 2)]
    with tempfile.TemporaryDirectory() as folder, opened(folder, lines, touches) as data_set:
        model = data_set.labels_model([["New"], ["Won"]])
        (step,) = data_set.ask(goes_before, data_set.question(model), Unit.LEAD).steps
    assert step.verdict is Before.FEW
    assert (step.ratio, step.low, step.q, step.e_value) == (None, None, None, None)
    assert step.touched_events + step.other_events == FEWEST_EVENTS
