"""Segments against plain Python, over nasty histories and values; and what is told of a difference against scipy and statsmodels."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact, norm
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from funnel import measures
from funnel.core.errors import QuestionError
from funnel.core.types import Between, Contrast, OneOf, Question, Segment, Unit, Verdict
from funnel.measures.cells import Column
from funnel.measures.groups import Apart, bands_as_segments, values_as_segments
from funnel.measures.statistics.differences import contrast
from funnel.measures.statistics.rates import wilson
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles.oracle import Entered
from tests.oracles.segments_oracle import NUMBERS, VALUES, Asked, asked, belongs, segment, survivors
from tests.strategies import DAY_ZERO
from tests.survived import CONCEPTS as PLAIN
from tests.survived import OBSERVED_UNTIL, journeys_from, question
from tests.thorough import examples

SLOW = settings(max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _pair(rate):
    return rate.numerator, rate.denominator


def _read(found: Contrast):
    return _pair(found.rate), _pair(found.others)


def _less(whole, part):
    return tuple(mine - theirs for mine, theirs in zip(whole, part, strict=True))


# One lead by the step, one past it, one that is only at its end: by `visited` the last is on no step.
VISITED = [
    [Entered("New", DAY_ZERO), Entered("back\\", DAY_ZERO)],
    [Entered("back\\", DAY_ZERO)],
    [Entered("New", DAY_ZERO)],
]


@SLOW
@given(asked(), st.sampled_from([1, 2, 12]))
@example((VISITED, ["", "", None], [{"New"}, {"back\\"}], ("visited", None), Unit.LEAD, 1, None, None), 2)
def test_each_value_against_all_other_leads_equals_plain_python(drawn, limit):
    *drawn, target, day = drawn
    case = Asked(*drawn)
    groups = values_as_segments(case.journeys, case.question, "Region", limit)
    found = measures.segments(case.journeys, case.question, Apart(groups, "Region"), target, day, so_far=day is None)
    case.journeys.engine.close()

    sizes = Counter(case.value_of[name] for name in case.told)
    chosen = [each.where[0].values[0] for each in groups]
    assert [sizes[value] for value in chosen] == sorted(sizes.values(), reverse=True)[:limit]
    leads, young, whole = case.counted(lambda value: True, target, day)
    assert (found.leads, found.young, found.untimed, found.in_both) == (leads, young, 0, 0)
    assert _pair(found.whole) == whole[0]
    assert found.others == case.counted(lambda value: value not in chosen, target, day)[0]
    assert [each.segment for each in found.segments] == [*groups]
    for each, value in zip(found.segments, chosen, strict=True):
        mine, _, rates = case.counted(lambda other, value=value: other == value, target, day)
        assert each.leads == mine
        told = [_read(one) for one in (each.overall, *each.steps)]
        # Those of the values that are no segment are others too: each and its others are the whole.
        assert told == [(rate, _less(all_of, rate)) for all_of, rate in zip(whole, rates, strict=True)]


conditions = st.one_of(
    st.lists(st.sampled_from(VALUES), min_size=1, max_size=4).map(lambda values: OneOf("Region", tuple(values))),
    st.tuples(st.none() | st.sampled_from([-2.5, 0.0, 7.0]), st.sampled_from([7.0, 8.0, 100.0])).map(
        lambda ends: Between("Region", *ends)
    ),
)
groups_by_hand = st.lists(conditions, min_size=1, max_size=2).map(lambda where: Segment(tuple(where)))


def _conditions(group: Segment) -> set[object]:
    return {each if isinstance(each, Between) else frozenset(each.values) for each in group.where}


@SLOW
@given(asked(), groups_by_hand, groups_by_hand)
def test_two_groups_against_each_other_equal_plain_python(drawn, one, other):
    # Two groups that mean the same are refused; they have a test of their own.
    assume(_conditions(one) != _conditions(other))
    *drawn, target, day = drawn
    case = Asked(*drawn)
    found = measures.segments(case.journeys, case.question, Apart((one, other)), target, day, so_far=day is None)
    case.journeys.engine.close()

    def only(mine, theirs):
        return lambda value: belongs(mine, value) and not belongs(theirs, value)

    sides = [case.counted(only(*pair), target, day) for pair in ((one, other), (other, one))]
    both = case.counted(lambda value: belongs(one, value) and belongs(other, value), target, day)
    neither = case.counted(lambda value: not belongs(one, value) and not belongs(other, value), target, day)
    assert (found.in_both, found.others) == (both[0], neither[0])
    assert found.leads == both[0] + neither[0] + sum(leads for leads, *_ in sides)
    assert [each.leads for each in found.segments] == [leads for leads, *_ in sides]
    for each, (_, _, rates), (_, _, against) in zip(found.segments, sides, sides[::-1], strict=True):
        assert [_read(one) for one in (each.overall, *each.steps)] == [*zip(rates, against, strict=True)]
    assert _pair(found.whole) == case.counted(lambda value: True, target, day)[2][0]


def test_the_commonest_values_come_first_and_the_rest_stay_among_the_others():
    regions = ["a"] * 30 + ["b"] * 25 + [None] * 22 + ["d"] * 21 + [""] * 2
    leads = [(5, 1 if number % 2 else 0, 40) for number in range(100)]
    journeys = survivors(leads, {"Where": regions})
    groups = values_as_segments(journeys, question(), "Where", 3)
    found = measures.segments(journeys, question(), Apart(groups, "Where"), day=30)
    journeys.engine.close()
    assert groups == (segment("Where", "a"), segment("Where", "b"), segment("Where", None))
    assert [each.overall.others.denominator for each in found.segments] == [70, 75, 78]
    assert (found.others, found.leads, found.whole.denominator, found.bet) == (23, 100, 100, None)


@SLOW
@given(st.lists(st.sampled_from([*NUMBERS, "0", "3.5", "12", "40", "41", "1000", None]), min_size=1, max_size=40))
def test_bands_hold_every_number_once_in_about_equal_parts(texts):
    journeys = survivors([(1, 0, 1)] * len(texts), {"Size": texts})
    bands = bands_as_segments(journeys, question(), "Size")
    found = measures.segments(journeys, question(), Apart(bands, "Size"), so_far=True)
    journeys.engine.close()
    numbers = sorted(float(text) for text in texts if text is not None)
    between = [each.where[0] for each in bands if isinstance(each.where[0], Between)]
    held = [[number for number in numbers if each.low <= number <= each.high] for each in between]
    assert [number for band in held for number in band] == numbers
    assert [(band[0], band[-1]) for band in held] == [(each.low, each.high) for each in between]
    assert (segment("Size", None) in bands) is (None in texts)
    assert [each.leads for each in found.segments] == [*map(len, held), *([texts.count(None)] * (None in texts))]
    assert found.others == 0
    # A band is more than a quarter only by numbers alike at its upper end.
    assert all(len(band) - band.count(band[-1]) <= len(numbers) / 4 for band in held)


# What is told of two shares.

rates = st.tuples(st.integers(0, 400), st.integers(0, 400)).map(lambda pair: (min(pair), max(pair)))


@settings(max_examples=examples(300), deadline=None)
@given(rates, rates)
def test_a_contrast_equals_statsmodels_and_scipy(one, other):
    found = contrast(wilson(*one), wilson(*other))
    (won, leads), (others_won, others) = one, other
    if min(leads, others) < 20:
        assert found == Contrast(wilson(*one), wilson(*other))
        assert found.verdict is Verdict.FEW
        return
    share, others_share = won / leads, others_won / others
    assert found.difference == pytest.approx(share - others_share, abs=1e-12)
    ends = confint_proportions_2indep(won, leads, others_won, others, method="newcomb")
    assert (found.low, found.high) == tuple(pytest.approx(end, abs=1e-9) for end in ends)
    expected = [
        row * column / (leads + others)
        for row, column in product((leads, others), (won + others_won, leads + others - won - others_won))
    ]
    table = [[won, leads - won], [others_won, others - others_won]]
    p = fisher_exact(table).pvalue if min(expected) < 5 else proportions_ztest([won, others_won], [leads, others])[1]
    assert (found.p, found.exact) == (pytest.approx(p, abs=1e-9), min(expected) < 5)
    assert found.p_adjusted == found.p <= 1
    told = Verdict.UNCLEAR if found.p >= 0.05 else Verdict.HIGHER if share > others_share else Verdict.LOWER
    assert found.verdict is told
    assert found.impact == pytest.approx(won - others_share * leads)
    for size, sign in ((found.detectable, 1), (found.detectable_fall, -1)):
        largest = 1 - others_share if sign > 0 else others_share
        if size is None:
            # Not even the largest would show; where nothing lies beyond there is none.
            assert largest == 0 or _power(others_share, others_share + sign * largest, others, leads) < 0.8
            continue
        assert 0 < size <= largest + 1e-12
        if size < largest - 1e-9:
            assert _power(others_share, others_share + sign * size, others, leads) == pytest.approx(0.8, abs=1e-6)
        smaller = [size * part / 20 for part in range(1, 20)]
        assert all(_power(others_share, others_share + sign * each, others, leads) < 0.8 for each in smaller)


def _power(one, other, leads, others):
    """How often the pooled z test at 5 % sees two shares differ, by the normal distribution."""
    middle = (leads * one + others * other) / (leads + others)
    asked = norm.ppf(0.975) * (middle * (1 - middle) * (1 / leads + 1 / others)) ** 0.5
    spread = (max(0, one * (1 - one)) / leads + max(0, other * (1 - other)) / others) ** 0.5
    return float(abs(one - other) >= asked) if spread == 0 else norm.cdf((abs(one - other) - asked) / spread)


@pytest.mark.parametrize(
    ("p", "difference", "verdict"),
    [(0.0499, 0.1, "higher"), (0.0499, -0.1, "lower"), (0.05, 0.1, "cannot tell"), (0.001, 0.0, "cannot tell")],
)
def test_the_verdict_goes_by_the_corrected_p(p, difference, verdict):
    plain = replace(contrast(wilson(10, 40), wilson(20, 40)), difference=difference, p=1e-9, p_adjusted=p)
    assert plain.verdict == verdict


def _stepped():
    """Five kinds of leads over three stages: those of kind k come to the second and the win the less often the higher k; "tiny" are few."""
    named, columns = {}, {}
    for kind, size in [("0", 300), ("1", 200), ("2", 150), ("3", 90), ("tiny", 19)]:
        for number in range(size):
            start = OBSERVED_UNTIL - timedelta(days=100)
            entries = [Entered("New", start)]
            rank = 0 if kind == "tiny" else int(kind)
            if number % 10 < 8 - rank:
                entries.append(Entered("Demo", start + timedelta(days=5)))
                if number % 3 < 2 - (rank > 1 and number % 2):
                    entries.append(Entered("Won", start + timedelta(days=40)))
            named[f"{kind} {number}"] = entries
            columns[f"{kind} {number}"] = {"Region": kind}
    asked = Question(model_of([{"New"}, {"Demo"}, {"Won"}]), observed_until=OBSERVED_UNTIL)
    return journeys_of(engine_with(named, columns), {**PLAIN, "Demo": "demo"}), asked


def test_all_that_was_looked_at_is_corrected_for():
    journeys, asked = _stepped()
    groups = values_as_segments(journeys, asked, "Region", 12)
    found = measures.segments(journeys, asked, Apart(groups, "Region"), day=60)
    two = measures.segments(journeys, asked, Apart(groups[:2]), day=60)
    journeys.engine.close()
    *told, tiny = found.segments
    assert ({each.verdict for each in (tiny.overall, *tiny.steps)}, len(told)) == ({Verdict.FEW}, 4)
    for each in (*told, *two.segments):
        by_hand = contrast(each.overall.rate, each.overall.others)
        assert replace(each.overall, p_adjusted=by_hand.p) == by_hand
    overall = multipletests([each.overall.p for each in told], method="fdr_bh")[1]
    assert [each.overall.p_adjusted for each in told] == pytest.approx(overall)
    by_step = [multipletests([one.p for one in each.steps], method="holm")[1] for each in told]
    for place in range(2):
        corrected = multipletests([each[place] for each in by_step], method="fdr_bh")[1]
        assert [each.steps[place].p_adjusted for each in told] == pytest.approx(corrected)
    # Two groups are one look: only their steps are corrected.
    first, second = two.segments
    assert first.overall.p_adjusted == first.overall.p == second.overall.p
    corrected = multipletests([one.p for one in first.steps], method="holm")[1]
    assert [one.p_adjusted for one in first.steps] == pytest.approx(corrected)
    assert any(one.p_adjusted > one.p for one in first.steps)
    assert {each.overall.verdict for each in told} > {Verdict.HIGHER, Verdict.LOWER}
    assert found.most(Verdict.HIGHER).segment == segment("Region", "0")
    assert found.most(Verdict.FEW) is tiny


def _by_region(leads, won_somewhen):
    """Leads of (duration, status, follow-up), odd ones and even ones; so many more were won, nobody knows when."""
    every = [*leads, *[(60, 0, 60)] * won_somewhen]
    named, columns = {}, {}
    for number, (duration, status, follow_up) in enumerate(every):
        start = OBSERVED_UNTIL - timedelta(days=follow_up)
        won = [Entered("Won", start + timedelta(days=duration))] if status else []
        named[f"L{number}"] = [Entered("New", start), *won]
        said = {"outcome_said": "won"} if number >= len(leads) else {}
        columns[f"L{number}"] = {"Region": "odd" if number % 2 else "even", **said}
    return journeys_of(engine_with(named, columns), PLAIN)


def test_the_young_and_those_who_converted_at_an_unknown_moment_do_not_count():
    # Won by day 30: 20; later: 10; never: 10; young winners: 5; open and young: 5; won at a moment that nobody knows: 1.
    leads = [(10, 1, 60)] * 20 + [(40, 1, 60)] * 10 + [(60, 0, 60)] * 10 + [(5, 1, 29)] * 5 + [(29, 0, 29)] * 5
    journeys = _by_region(leads, 1)
    groups = (segment("Region", "odd"), segment("Region", "even"))
    found = measures.segments(journeys, question(), Apart(groups), day=30)
    so_far = measures.segments(journeys, question(), Apart(groups), so_far=True)
    journeys.engine.close()
    assert (found.leads, found.young, found.untimed, _pair(found.whole)) == (51, 10, 1, (20, 40))
    assert (so_far.leads, so_far.young, so_far.untimed, _pair(so_far.whole)) == (51, 0, 0, (36, 51))
    assert found.bet.chance == pytest.approx(0.5)  # 10 of 20 on either side
    # Leads of different ages are no comparison: shares, and not a word on their difference.
    assert so_far.bet is None
    for each in so_far.segments:
        for contrast_told in (each.overall, *each.steps):
            assert contrast_told.verdict is Verdict.SO_FAR
            assert {contrast_told.difference, contrast_told.p, contrast_told.p_adjusted, contrast_told.impact} == {None}
    assert (so_far.most(Verdict.HIGHER), so_far.most(Verdict.LOWER)) == (None, None)


def test_without_a_day_leads_are_compared_at_the_latest_usual_age_that_half_of_them_have():
    # 30 of 60 were followed for 100 days and more: 90 is the latest usual day for half of them.
    journeys = _by_region([(10, 1, 100)] * 15 + [(10, 0, 100)] * 15 + [(5, 1, 20)] * 30, 0)
    groups = (segment("Region", "odd"), segment("Region", "even"))
    found = measures.segments(journeys, question(), Apart(groups, "Region"))
    assert (found.day, _pair(found.whole), found.young) == (90, (15, 30), 30)
    assert measures.usual_day(journeys, question()) == 90
    assert measures.scan(journeys, question(), columns=[Column("Region")]).day == 90
    so_far = measures.scan(journeys, question(), columns=[Column("Region")], so_far=True)
    assert (so_far.day, so_far.tested, {each.contrast.verdict for each in so_far.findings}) == (
        None,
        0,
        {Verdict.SO_FAR},
    )
    assert {each.holds for each in so_far.findings} == {False}
    journeys.engine.close()


def test_where_too_many_converted_at_an_unknown_moment_equal_age_cannot_be_told():
    journeys = _by_region([(10, 1, 60)] * 37 + [(60, 0, 60)] * 20, 2)  # 2 of 39 are over a twentieth, 2 of 40 are not
    groups = (segment("Region", "odd"), segment("Region", "even"))
    with pytest.raises(QuestionError, match="does not tell when 2 did"):
        measures.segments(journeys, question(), Apart(groups, "Region"), day=30)
    assert _pair(measures.segments(journeys, question(), Apart(groups, "Region"), so_far=True).whole) == (39, 59)
    journeys.engine.close()
    journeys = _by_region([(10, 1, 60)] * 38 + [(60, 0, 60)] * 20, 2)
    assert _pair(measures.segments(journeys, question(), Apart(groups, "Region"), day=30).whole) == (38, 58)
    journeys.engine.close()


def test_what_cannot_be_asked_is_said():
    journeys = journeys_from([(1, 1, 5)])
    groups = (segment("Region", "a"), segment("Region", "b"))
    with pytest.raises(QuestionError, match="same leads"):
        measures.segments(journeys, question(), Apart((groups[0], groups[0])))
    for target in (-1, 2):
        with pytest.raises(QuestionError, match="no stage"):
            measures.segments(journeys, question(), Apart(groups, "Region"), target)
    unobserved = replace(question(), observed_until=None)
    with pytest.raises(QuestionError, match="no date up to today"):
        measures.segments(journeys, unobserved, Apart(groups, "Region"), day=30)
    for ask in (measures.segments, measures.segment_curves):
        with pytest.raises(QuestionError, match="no date up to today"):
            ask(journeys, unobserved, Apart(groups, "Region"))
    assert measures.segments(journeys, unobserved, Apart(groups, "Region"), so_far=True).day is None
    with pytest.raises(QuestionError, match="either for the first 30 days or for all to date"):
        measures.segments(journeys, question(), Apart(groups, "Region"), day=30, so_far=True)
    with pytest.raises(QuestionError, match="36,500"):
        measures.segments(journeys, question(), Apart(groups, "Region"), day=36_501)
    journeys.engine.close()
