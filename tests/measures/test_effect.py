"""The effect of a change: counts by month against plain Python, before and after as two periods are, the verdict, and what is refused."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from math import log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep

from funnel import measures
from funnel.core.errors import QuestionError
from funnel.core.types import Filters, OneOf, Question, Verdict
from funnel.measures.effect import Effect, effect, stage_of
from funnel.measures.effect_counts import Cell, counted
from funnel.measures.effect_judged import SLOPING, judged, own_trend, pre_trend
from funnel.measures.effect_words import evidence, limits, verdict_note
from funnel.measures.statistics.differences import contrast
from funnel.measures.statistics.rates import wilson
from funnel.words import wording
from tests.leads import engine_with, journeys_of, model_of
from tests.measures.months import cohort_months, journeys_by_month
from tests.oracles.oracle import Entered
from tests.oracles.segments_oracle import UNTIL, Asked, asked, told
from tests.strategies import CONCEPTS, DAY_ZERO
from tests.thorough import examples, thorough

SLOW = settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
VECTORS = Path(__file__).parents[1] / "vectors"
VECTOR = json.loads((VECTORS / "41_its.json").read_text(encoding="utf-8"))


@SLOW
@given(asked(), st.integers(0, 18), st.booleans(), st.booleans(), st.data())
def test_monthly_counts_equal_plain_python(drawn, ahead, gap, all_concerned, data) -> None:
    *drawn, _, within = drawn
    within = within or 0
    case = Asked(*drawn)
    position = data.draw(st.sampled_from([None, *range(case.stages - 1)]))
    day = DAY_ZERO.date() + timedelta(days=ahead)
    concerned = () if all_concerned else (OneOf("Region", (drawn[1][0],)),)
    found = counted(case.journeys, case.question, position, day, within, gap, concerned)
    case.journeys.engine.close()
    expected: defaultdict[tuple[bool, date, bool], list[int]] = defaultdict(lambda: [0] * 4)
    for name, each in case.told.items():
        if each.started_at > UNTIL:
            continue
        if position is not None and (not each.reached[position] or each.times[position] > UNTIL):
            continue
        came = (each.started_at if position is None else each.times[position]).date()
        among, reached, young = told(each, None, position, within, UNTIL)
        inside = all_concerned or case.value_of[name] == drawn[1][0]
        cell = expected[inside, came.replace(day=1), came >= day]
        if gap and day - timedelta(days=within) <= came < day:
            cell[3] += 1
        else:
            cell[0] += among
            cell[1] += reached
            cell[2] += young
    told_of = {
        (inside, *key): [cell.among, cell.reached, cell.young, cell.left_out]
        for inside, cells in ((True, found.inside), (False, found.outside))
        for key, cell in cells.items()
    }
    assert told_of == dict(expected)
    assert all(cell.untimed == 0 for cells in (found.inside, found.outside) for cell in cells.values())


def test_the_vector_through_journeys() -> None:
    journeys, question = journeys_by_month(VECTOR["won"], VECTOR["leads"])
    found = effect(journeys, question, date(2024, 10, 1), None, 30)
    journeys.engine.close()
    expected = VECTOR["expected"]
    assert [(each.rate.numerator, each.rate.denominator) for each in found.months] == [
        *zip(VECTOR["won"], VECTOR["leads"], strict=True)
    ]
    trend, slope = found.trend, found.pre_trend
    assert trend is not None
    assert slope is not None
    assert trend.odds_ratio == pytest.approx(expected["odds_ratio"], abs=1e-6)
    assert trend.p == pytest.approx(expected["p"], abs=1e-6)
    assert trend.extra == pytest.approx(expected["extra_wins_after_vs_trend"], abs=1e-6)
    assert slope.p == pytest.approx(expected["pre_trend_p"], abs=1e-6)
    assert log(slope.odds_per_month) == pytest.approx(expected["pre_trend_slope"], abs=1e-6)
    won, leads = sum(VECTOR["won"][9:]), sum(VECTOR["leads"][9:])
    before_won, before = sum(VECTOR["won"][:9]), sum(VECTOR["leads"][:9])
    low, high = confint_proportions_2indep(won, leads, before_won, before, compare="diff", method="newcomb")
    assert (found.contrast.low, found.contrast.high) == (pytest.approx(low), pytest.approx(high))
    assert found.contrast.p == pytest.approx(0.016, abs=5e-4)
    assert found.contrast.impact == pytest.approx(37.3, abs=0.05)
    assert (found.verdict, found.judged.why) == (Verdict.HIGHER, "level")
    # The months of the line without the change go on from those before it.
    assert all(each.expected is not None for each in found.months)
    extra = sum(each.rate.numerator - each.expected * each.rate.denominator for each in found.months if each.after)
    assert extra == pytest.approx(trend.extra)


def test_before_and_after_equal_two_periods_and_the_changed_model() -> None:
    journeys, question = journeys_by_month([8, 9, 7, 8, 20, 22, 19], [40] * 7, several=True)
    day, first, last = date(2024, 5, 20), date(2024, 1, 1), date(2024, 7, 31)
    found = effect(journeys, question, day, None, 30)
    periods = measures.periods(journeys, question, (first, day - timedelta(days=1)), (day, last), day=30)
    changed = measures.change(journeys, [question, question], day, 30)
    journeys.engine.close()
    assert found.contrast == periods.contrast
    assert found.contrast.design_effect is not None
    for steps, rate in ((changed.before, found.contrast.others), (changed.after, found.contrast.rate)):
        reached = steps.stages[-1].from_entry
        assert (reached.numerator, reached.denominator) == (rate.numerator, rate.denominator)
    # May is two: what came before the 20th, and what came from it on.
    assert [(each.first, each.last, each.after) for each in found.months if each.first.month == 5] == [
        (date(2024, 5, 1), date(2024, 5, 19), False),
        (date(2024, 5, 20), date(2024, 5, 31), True),
    ]


def test_a_gap_leaves_out_those_decided_after_the_change() -> None:
    journeys, question = journeys_by_month([10] * 6, [40] * 6)
    plain = effect(journeys, question, date(2024, 4, 1), None, 20)
    found = effect(journeys, question, date(2024, 4, 1), None, 20, gap=True)
    journeys.engine.close()
    # March's leads come on the 1st to the 28th; those from the 12th on are within 20 days of 1 April.
    assert plain.left_out == 0
    march = next(each for each in found.months if each.first.month == 3)
    assert march.left_out + march.rate.denominator == 40
    assert march.left_out == sum(1 + n % 28 >= 12 for n in range(40))
    assert found.contrast.rate == plain.contrast.rate
    assert found.left_out == march.left_out


def test_difference_in_differences() -> None:
    won, leads = [10] * 5 + [25] * 4, [50] * 9
    journeys, question = journeys_by_month(won, leads, others=([10] * 5 + [15] * 4, [50] * 9))
    only = (OneOf("Region", ("EMEA",)),)
    found = effect(journeys, question, date(2024, 6, 1), None, 30, only=only)
    everybody = effect(journeys, question, date(2024, 6, 1), None, 30)
    journeys.engine.close()
    apart = found.apart
    assert apart is not None
    assert (apart.inside.rate.numerator, apart.inside.others.numerator) == (100, 50)
    assert (apart.outside.rate.numerator, apart.outside.others.numerator) == (60, 50)
    assert apart.difference == pytest.approx((0.5 - 0.2) - (0.3 - 0.2))
    one = confint_proportions_2indep(100, 200, 50, 250, compare="diff", method="newcomb")
    other = confint_proportions_2indep(60, 200, 50, 250, compare="diff", method="newcomb")
    low = 0.2 - ((0.3 - one[0]) ** 2 + (other[1] - 0.1) ** 2) ** 0.5
    high = 0.2 + ((one[1] - 0.3) ** 2 + (0.1 - other[0]) ** 2) ** 0.5
    assert (apart.low, apart.high) == (pytest.approx(low), pytest.approx(high))
    assert (found.verdict, found.judged.why) == (Verdict.HIGHER, "apart_level")
    assert found.pre_trend is not None
    assert found.pre_trend.odds_per_month == pytest.approx(1.0)
    assert (everybody.contrast.rate.numerator, everybody.apart) == (160, None)
    assert "further up than with the others" in " ".join(
        wording.say(each.key, **each.values) for each in evidence(found)
    )


def test_by_account_the_groups_are_those_of_each_by_itself() -> None:
    journeys, question = journeys_by_month(
        [12] * 6 + [24] * 4, [42] * 10, several=True, others=([9] * 6 + [12] * 4, [30] * 10)
    )
    only = (OneOf("Region", ("EMEA",)),)
    found = effect(journeys, question, date(2024, 7, 1), None, 30, only=only)
    alone = effect(journeys, replace(question, filters=Filters(where=only)), date(2024, 7, 1), None, 30)
    others = replace(question, filters=Filters(where=(OneOf("Region", ("APAC",)),)))
    rest = effect(journeys, others, date(2024, 7, 1), None, 30)
    journeys.engine.close()
    assert found.apart is not None
    assert (found.apart.inside, found.apart.outside) == (alone.contrast, rest.contrast)
    # Three leads an account that are won together or not: they are as sure as a third of them.
    assert alone.contrast.design_effect is not None
    assert alone.contrast.design_effect > 2
    assert found.trend is not None
    assert found.trend.phi >= alone.contrast.design_effect
    assert (found.trend.odds_ratio, found.trend.p) == (alone.trend.odds_ratio, alone.trend.p)


def test_two_groups_that_grew_apart_already_are_no_verdict() -> None:
    journeys, question = journeys_by_month([10, 14, 18, 22, 26, 30, 34, 38], [60] * 8, others=([10] * 8, [60] * 8))
    found = effect(journeys, question, date(2024, 6, 1), None, 30, only=(OneOf("Region", ("EMEA",)),))
    journeys.engine.close()
    assert (found.verdict, found.judged.why) == (Verdict.UNCLEAR, "apart_sloping")


def judged_of(won: list[int], leads: list[int], change: int) -> Effect:
    journeys, question = journeys_by_month(won, leads)
    found = effect(journeys, question, date(2024 + change // 12, change % 12 + 1, 1), None, 30)
    journeys.engine.close()
    return found


@pytest.mark.parametrize(
    ("won", "change", "verdict", "why", "said"),
    [
        ([20] * 8 + [50] * 4, 8, Verdict.HIGHER, "both", "More convert"),
        ([50] * 8 + [20] * 4, 8, Verdict.LOWER, "both", "Fewer convert"),
        ([20] * 5 + [40] * 4, 5, Verdict.HIGHER, "level_alone", "as far as so few can show"),
        ([20] * 8 + [21] * 4, 8, Verdict.UNCLEAR, "neither", "No difference can be told"),
        ([60, 55, 50, 45, 40, 35, 30, 25, 20, 18, 16, 14], 8, Verdict.UNCLEAR, "sloping", "already falling before"),
        ([14, 16, 18, 20, 25, 30, 35, 40, 45, 50, 55, 60], 8, Verdict.UNCLEAR, "sloping", "already rising before"),
        ([20] * 3 + [45] * 4, 3, Verdict.UNCLEAR, "unseen", "so few months before cannot show"),
        ([60, 52, 44, 37, 31, 25, 20, 16, 42, 36, 30, 24], 8, Verdict.UNCLEAR, "trend_alone", "against the trend before it is more"),
    ],
)  # fmt: skip
def test_the_verdict_and_its_reason(won, change, verdict, why, said) -> None:
    found = judged_of(won, [100] * len(won), change)
    assert (found.verdict, found.judged.why) == (verdict, why)
    note = verdict_note(found)
    assert said in wording.say(note.key, **note.values)
    for each in evidence(found):
        assert "{" not in wording.say(each.key, **each.values)


def test_too_few_leads_are_no_verdict() -> None:
    found = judged_of([1, 2, 1, 2, 3, 4], [5, 5, 5, 5, 9, 9], 4)
    assert (found.verdict, found.judged.why) == (Verdict.FEW, "few")


def test_what_is_not_counted_is_said() -> None:
    journeys, question = journeys_by_month([10] * 6, [40] * 6)
    found = effect(journeys, replace(question, observed_until=datetime(2024, 7, 5)), date(2024, 4, 1), None, 30)
    journeys.engine.close()
    assert found.young > 0
    assert found.months[-1].unfinished
    assert [note.key for note in limits(found)] == ["measures.effect_young"]


def test_what_cannot_be_asked_is_said_in_one_sentence() -> None:
    journeys, question = journeys_by_month([10] * 6, [40] * 6)
    for day, position, within, said in (
        (date(2024, 1, 1), None, 30, "does not part the leads"),
        (date(2031, 1, 1), None, 30, "does not part the leads"),
        (date(2024, 2, 1), None, 30, "before it there are 1, from it on 5"),
        (date(2024, 6, 1), None, 30, "before it there are 5, from it on 1"),
        (date(2024, 4, 1), 1, 30, "is the last stage"),
        (date(2024, 4, 1), 7, 30, "7"),
        (date(2024, 4, 1), None, -1, "-1"),
    ):
        with pytest.raises(QuestionError) as refused:
            effect(journeys, question, day, position, within)
        assert said in str(refused.value)
    empty = replace(question, filters=Filters(start_from=date(2001, 1, 1), start_to=date(2001, 2, 1)))
    with pytest.raises(QuestionError, match="no before and after"):
        effect(journeys, empty, date(2024, 4, 1))
    journeys.engine.close()
    assert stage_of(question, " new ") == 0
    assert stage_of(question, "") is None
    with pytest.raises(QuestionError, match="is no stage of"):
        stage_of(question, "Mars")


def test_a_step_counts_from_the_day_of_coming_to_its_stage() -> None:
    named = {}
    for month in range(1, 7):
        for number in range(30):
            start = datetime(2023, 12, 20)
            came = datetime(2024, month, 1 + number % 28)
            entries = [Entered("New", start), Entered("Demo", came)]
            if number < 10 + month:
                entries.append(Entered("Won", came + timedelta(days=3)))
            named[f"{month} {number}"] = entries
    journeys = journeys_of(engine_with(named), {**CONCEPTS, "Demo": "demo", "Won": "won"})
    question = Question(model_of([{"New"}, {"Demo"}, {"Won"}]), observed_until=datetime(2025, 1, 1))
    found = effect(journeys, question, date(2024, 4, 1), 1, 5)
    dated = replace(question, filters=Filters(start_from=date(2024, 2, 1)))
    later = effect(journeys, dated, date(2024, 4, 1), 1, 5)
    journeys.engine.close()
    assert [each.rate.numerator for each in found.months] == [11, 12, 13, 14, 15, 16]
    # The question's dates are those of coming there.
    assert [each.rate.numerator for each in later.months] == [12, 13, 14, 15, 16]


def judged_months(won: list[int], change: int) -> tuple[bool, bool, bool, bool]:
    """Whether before and after, the slope before, the step against the line, and the verdict say that something happened."""
    months = cohort_months(won, [150] * len(won), change)
    sides = [[each for each in months if each.after is after] for after in (False, True)]
    before, after = (
        wilson(sum(each.rate.numerator for each in side), sum(each.rate.denominator for each in side)) for side in sides
    )
    plain, slope, trend = contrast(after, before), pre_trend(months, 4), own_trend(months)
    assert slope is not None
    assert trend is not None
    verdict = judged(plain, slope, trend, None).verdict
    return plain.is_clear, slope.p < SLOPING, trend.clear, verdict in (Verdict.HIGHER, Verdict.LOWER)


EVIDENCE = {
    each["case"]: each for each in json.loads((VECTORS / "evidence_before_after.json").read_text(encoding="utf-8"))
}
"""What runs of 400 told elsewhere; where rates fall, the odds fall by 4.2 % a month, and what is real is 1.35 times the odds."""


@thorough
@pytest.mark.parametrize(
    ("case", "falling", "odds"),
    [
        ("no change, flat", 0.0, 1.0),
        ("no change, falling 3%/month pre-trend", 0.043, 1.0),
        ("real +25% odds, flat", 0.0, 1.35),
        ("real +25% odds, falling", 0.043, 1.35),
    ],
)
def test_how_often_either_way_tells_a_change(case, falling, odds) -> None:
    """Nine months before and six after, of 150 leads, 22 % of whom convert at first: the shares of the evidence, within 5 points."""
    rng = np.random.default_rng(20261130)
    runs, told_of = 1500, [0, 0, 0, 0]
    for _ in range(runs):
        logit = log(0.22 / 0.78) - falling * np.arange(15) + np.where(np.arange(15) >= 9, log(odds), 0.0)
        won = [int(each) for each in rng.binomial(150, 1 / (1 + np.exp(-logit)))]
        told_of = [count + flag for count, flag in zip(told_of, judged_months(won, 9), strict=True)]
    shares = [count / runs for count in told_of]
    assert shares[0] == pytest.approx(EVIDENCE[case]["simple_rejects"], abs=0.05)
    assert shares[2] == pytest.approx(EVIDENCE[case]["its_rejects"], abs=0.05)
    # A verdict is never told oftener than by before and after alone, and where rates fell already far less.
    assert shares[3] <= shares[0] + 0.01
    if falling and odds == 1:
        assert shares[3] < 0.25
    if not falling and odds == 1:
        assert shares[3] <= 0.06


def test_cells_add() -> None:
    assert Cell(1, 2, 3, 4, 5, 6).plus(Cell(1, 1, 1, 1, 1, 1)) == Cell(2, 3, 4, 5, 6, 7)
