"""What a change is made of: parts that sum to the whole, against brute force; and two periods at equal age, against plain Python."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import permutations
from math import isclose, prod

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from funnel import measures
from funnel.core.errors import QuestionError
from funnel.core.types import Filters, OneOf, Question, Rule
from funnel.measures.groups import Apart, values_as_segments
from funnel.measures.statistics.decomposition import kitagawa, mantel_haenszel, opposite, shapley, standardised
from funnel.measures.statistics.rates import wilson
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles.oracle import Entered
from tests.oracles.segments_oracle import Asked, asked, segment, survivors
from tests.strategies import DAY_ZERO
from tests.survived import CONCEPTS, OBSERVED_UNTIL, question
from tests.thorough import examples

SLOW = settings(max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.too_slow])
QUICK = settings(max_examples=examples(200), deadline=None)

rates = st.one_of(
    st.just((0, 0)), st.tuples(st.integers(0, 300), st.integers(1, 300)).map(lambda pair: (min(pair), max(pair)))
)
pairs = st.lists(st.tuples(rates, rates), min_size=1, max_size=8).map(
    lambda found: [(wilson(*one), wilson(*other)) for one, other in found]
)


@QUICK
@given(pairs)
def test_kitagawas_parts_sum_to_the_change_and_equal_exact_fractions(found):
    won, won_after = (sum(pair[side].numerator for pair in found) for side in (0, 1))
    before, after = (sum(pair[side].denominator for pair in found) for side in (0, 1))
    split = kitagawa(found)
    if not before or not after:
        assert split is None
        return
    one, other = Fraction(won, before), Fraction(won_after, after)
    assert split.mix + split.rate_part == pytest.approx(float(other - one), abs=1e-12)
    for (mix, rate_part), (old, new) in zip(split.parts, found, strict=True):
        shares = Fraction(old.denominator, before), Fraction(new.denominator, after)
        own = [Fraction(each.numerator, each.denominator) if each.denominator else None for each in (old, new)]
        # A kind on one side only has that rate on both: all that it does is mix.
        r0, r1 = (each if each is not None else next((r for r in own if r is not None), 0) for each in own)
        expected = (shares[1] - shares[0]) * ((r0 + r1) / 2 - (one + other) / 2)
        assert mix == pytest.approx(float(expected), abs=1e-12)
        assert rate_part == pytest.approx(float((shares[0] + shares[1]) / 2 * (r1 - r0)), abs=1e-12)
        if None in own:
            assert rate_part == 0
    assert split.mix == pytest.approx(sum(mix for mix, _ in split.parts), abs=1e-12)
    assert split.low <= split.rate_part <= split.high


factors = st.integers(1, 6).flatmap(
    lambda count: st.tuples(
        *[st.lists(st.one_of(st.just(0.0), st.floats(1e-3, 1e4)), min_size=count, max_size=count)] * 2
    )
)


@QUICK
@given(factors)
def test_shapleys_parts_sum_to_the_change_and_equal_every_order(sides):
    before, after = sides
    found = shapley(before, after)
    brute = [0.0] * len(before)
    orders = [*permutations(range(len(before)))]
    for order in orders:
        now = [*before]
        for place in order:
            was = prod(now)
            now[place] = after[place]
            brute[place] += (prod(now) - was) / len(orders)
    # Of numbers this large, rounding leaves this much.
    largest = prod(max(one, other) for one, other in zip(before, after, strict=True))
    assert found == [pytest.approx(each, abs=1e-12 * max(largest, 1e-300) * 10) for each in brute]
    assert sum(found) == pytest.approx(prod(after) - prod(before), abs=1e-12 * max(largest, 1e-300))


@QUICK
@given(pairs)
def test_standardised_and_mantel_haenszel_look_only_within_kinds(found):
    both = [(one, other) for one, other in found if one.denominator and other.denominator]
    leads = sum(one.denominator + other.denominator for one, other in both)
    same_mix = standardised(found)
    if not both:
        assert same_mix is None
    else:
        weights = [Fraction(one.denominator + other.denominator, leads) for one, other in both]
        apart = [Fraction(b.numerator, b.denominator) - Fraction(a.numerator, a.denominator) for a, b in both]
        assert same_mix == pytest.approx(float(sum(w * d for w, d in zip(weights, apart, strict=True))), abs=1e-12)
    square, p = mantel_haenszel(found)
    told = [pair for pair in both if 0 < sum(r.numerator for r in pair) < sum(r.denominator for r in pair)]
    if not told:
        assert (square, p) == (0, 1)
        return
    tables = [[[r.numerator, r.denominator - r.numerator] for r in reversed(pair)] for pair in told]
    peer = StratifiedTable([[[float(cell) for cell in row] for row in table] for table in tables]).test_null_odds()
    assert (square, p) == (pytest.approx(peer.statistic, abs=1e-8), pytest.approx(peer.pvalue, abs=1e-8))


def test_a_change_of_sign_is_told_from_a_percentage_point_on():
    assert all(opposite(*pair) for pair in [(0.02, -0.001), (-0.001, 0.02), (0.01, -0.0001)])
    assert not any(opposite(*pair) for pair in [(0.009, -0.009), (0.2, 0.001), (0.2, 0.0), (0.2, None), (None, 0.1)])


# Two periods.

FIRST = DAY_ZERO.date()
spans = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20), st.integers(0, 20)).map(sorted)


@SLOW
@given(asked(), spans, st.booleans(), st.sampled_from([1, 12]))
def test_periods_equal_plain_python_and_their_parts_sum(drawn, ends, turned, limit):
    *drawn, target, day = drawn
    day = day or 0
    assume(ends[1] < ends[2])
    before, after = ((FIRST + timedelta(days=ends[n]), FIRST + timedelta(days=ends[n + 1])) for n in (0, 2))
    if turned:
        before, after = after, before
    case = Asked(*drawn)
    # The question's own dates do not count.
    dated = replace(case.question, filters=Filters(start_from=FIRST, start_to=FIRST))
    groups = values_as_segments(case.journeys, case.question, "Region", limit)
    found = measures.periods(case.journeys, dated, before, after, Apart(groups, "Region"), target, day)
    case.journeys.engine.close()
    everyone, sides, values = case.told, [], [each.where[0].values[0] for each in groups]
    for span in (before, after):
        case.told = {name: each for name, each in everyone.items() if span[0] <= each.started_at.date() <= span[1]}
        kinds = [case.counted(lambda value, one=one: value == one, target, day) for one in values]
        rest = case.counted(lambda value: value not in values, target, day)
        sides.append((case.counted(lambda value: True, target, day), [*kinds, rest]))
    for told, span, ((_, young, whole), _) in zip((found.before, found.after), (before, after), sides, strict=True):
        assert ((told.first, told.last), told.young, told.untimed) == (span, young, 0)
        assert (told.rate.numerator, told.rate.denominator) == whole[0]
    assert (found.contrast.rate, found.contrast.others) == (found.after.rate, found.before.rate)
    (_, kinds), (_, later) = sides
    if not found.before.rate.denominator or not found.after.rate.denominator:
        assert (found.mix, found.rate_part, found.parts, found.standardised, found.simpson) == (
            None,
            None,
            (),
            None,
            False,
        )
        return
    told = [((p.before.numerator, p.before.denominator), (p.after.numerator, p.after.denominator)) for p in found.parts]
    expected = [(one[2][0], other[2][0]) for one, other in zip(kinds, later, strict=True)]
    if not kinds[-1][0] and not later[-1][0]:
        expected.pop()
    assert told == expected
    assert [part.segment for part in found.parts] == [*groups, None][: len(expected)]
    change = found.after.rate.value - found.before.rate.value
    assert found.mix + found.rate_part == pytest.approx(change, abs=1e-12)
    assert sum(part.mix for part in found.parts) == pytest.approx(found.mix, abs=1e-12)
    assert sum(part.rate_part for part in found.parts) == pytest.approx(found.rate_part, abs=1e-12)
    wins = found.after.rate.numerator - found.before.rate.numerator
    if found.chain:
        assert sum(each.effect for each in found.chain) == pytest.approx(wins, abs=1e-9)
        shares = [[getattr(each, side) for each in found.chain] for side in ("before", "after")]
        for numbers, told in zip(shares, (found.before, found.after), strict=True):
            assert numbers[0] == told.rate.denominator
            if None not in numbers:
                assert isclose(prod(numbers), told.rate.numerator, abs_tol=1e-9)
            else:
                assert told.rate.numerator == 0


def _half_year(sizes, won, until=OBSERVED_UNTIL, months=(1, 2)):
    """Leads of kinds a and b that start on the 10th of two months of 2026, of whom so many are won after 5 days; the others are at a
    demo."""
    named, columns = {}, {}
    for month, of_month, won_of_month in zip(months, sizes, won, strict=True):
        for kind, leads, wins in zip("ab", of_month, won_of_month, strict=True):
            for number in range(leads):
                start = datetime(2026, month, 10)
                entries = [Entered("New", start)]
                if number < wins:
                    entries += [Entered("Demo", start + timedelta(days=2)), Entered("Won", start + timedelta(days=5))]
                elif number % 2:
                    entries.append(Entered("Demo", start + timedelta(days=2)))
                lead = f"{month} {kind} {number}"
                named[lead], columns[lead] = entries, {"Region": kind}
    asked = Question(model_of([{"New"}, {"Demo"}, {"Won"}]), observed_until=until)
    return journeys_of(engine_with(named, columns), {**CONCEPTS, "Demo": "demo"}), asked


JANUARY, FEBRUARY = (date(2026, 1, 1), date(2026, 1, 31)), (date(2026, 2, 1), date(2026, 2, 28))
KINDS = (segment("Region", "a"), segment("Region", "b"))


def test_more_leads_of_a_poor_kind_turn_the_total_against_its_parts():
    # Each kind does better, 60 → 65 % and 10 → 12 %, and all together worse, for there are far more of the poor kind.
    journeys, asked = _half_year([(100, 100), (40, 200)], [(60, 10), (26, 24)])
    found = measures.periods(journeys, asked, JANUARY, FEBRUARY, Apart(KINDS, "Region"), day=30)
    turned = measures.periods(journeys, asked, FEBRUARY, JANUARY, Apart(KINDS, "Region"), day=30)
    plain = measures.periods(journeys, asked, JANUARY, FEBRUARY, day=30)
    to_stage = measures.periods(journeys, asked, JANUARY, FEBRUARY, None, 2, day=30)
    journeys.engine.close()
    assert found.contrast.difference == pytest.approx(50 / 240 - 70 / 200)
    assert found.standardised == pytest.approx((140 * 0.05 + 300 * 0.02) / 440)
    assert found.simpson is turned.simpson is True
    shares = (0.5, 1 / 6), (0.5, 5 / 6)
    by_hand = [sum(pair) / 2 * rise for pair, rise in zip(shares, (0.05, 0.02), strict=True)]
    assert [part.rate_part for part in found.parts] == [pytest.approx(each) for each in by_hand]
    assert found.rate_part > 0 > found.mix
    assert all(part.mix < 0 for part in found.parts)
    variance = (1 / 3) ** 2 * (0.6 * 0.4 / 100 + 0.65 * 0.35 / 40) + (2 / 3) ** 2 * (
        0.1 * 0.9 / 100 + 0.12 * 0.88 / 200
    )
    reach = 1.959963984540054 * variance**0.5
    assert (found.rate_low, found.rate_high) == (
        pytest.approx(found.rate_part - reach),
        pytest.approx(found.rate_part + reach),
    )
    assert (turned.mix, turned.rate_part) == (pytest.approx(-found.mix), pytest.approx(-found.rate_part))
    assert (plain.mix, plain.parts, plain.standardised, plain.simpson) == (None, (), None, False)
    # leads → demo → win: 200 × 135/200 × 70/135 and 240 × 145/240 × 50/145.
    assert [(each.origin, each.position) for each in found.chain] == [(None, None), (0, 1), (1, 3)]
    demos = [70 + 20 + 45, 26 + 7 + 24 + 88]
    assert [each.before for each in found.chain] == [200, demos[0] / 200, 70 / demos[0]]
    assert [each.after for each in found.chain] == [240, demos[1] / 240, 50 / demos[1]]
    assert [(each.origin, each.position) for each in to_stage.chain] == [(None, None), (0, 1), (1, 2)]
    assert sum(each.effect for each in found.chain) == pytest.approx(50 - 70, abs=1e-12)
    assert found.chain[0].effect > 0 > found.chain[2].effect


def test_a_recent_period_is_never_set_against_a_finished_one():
    # February's leads were followed for 20 days: none counts by day 30; by day 20 all do.
    journeys, asked = _half_year([(30, 30), (30, 30)], [(9, 3), (9, 3)], until=datetime(2026, 3, 2))
    young = measures.periods(journeys, asked, JANUARY, FEBRUARY, Apart(KINDS, "Region"), day=30)
    equal = measures.periods(journeys, asked, JANUARY, FEBRUARY, Apart(KINDS, "Region"), day=20)
    usual = measures.periods(journeys, asked, JANUARY, FEBRUARY, Apart(KINDS, "Region"))
    journeys.engine.close()
    assert (young.after.rate.denominator, young.after.young, young.before.rate.denominator) == (0, 60, 60)
    assert (young.mix, young.contrast.verdict) == (None, "too few")
    assert (equal.after.rate.denominator, equal.after.young, equal.contrast.difference) == (60, 0, 0)
    assert (usual.day, usual.after.young) == (14, 0)


def test_a_lead_that_skips_the_way_makes_no_chain():
    asked = Question(model_of([{"New"}, {"Demo"}, {"Won"}]), observed_until=OBSERVED_UNTIL)
    start = datetime(2026, 1, 10)
    named = {f"{month}": [Entered("New", start), Entered("Won", start + timedelta(days=1))] for month in (1, 2)}
    journeys = journeys_of(engine_with(named), {**CONCEPTS, "Demo": "demo"})
    visited = measures.periods(journeys, replace(asked, rule=Rule.VISITED), JANUARY, FEBRUARY, day=5)
    passed = measures.periods(journeys, asked, JANUARY, FEBRUARY, day=5)
    journeys.engine.close()
    assert (visited.before.rate.numerator, visited.chain) == (2, ())
    assert [(each.before, each.after) for each in passed.chain] == [(2, 0), (1, None), (1, None)]
    assert [each.effect for each in passed.chain] == [-2, 0, 0]


def test_periods_do_not_overlap_nor_end_before_they_start():
    journeys = survivors([(1, 1, 5)], {"Kind": ["a"]})
    for before, after, sentence in (
        (JANUARY, (date(2026, 1, 31), date(2026, 2, 5)), "share the days from"),
        ((date(2026, 1, 5), date(2026, 3, 1)), FEBRUARY, "share the days from"),
        (FEBRUARY, JANUARY[::-1], "Swap the two"),
        (JANUARY[::-1], FEBRUARY, "Swap the two"),
    ):
        with pytest.raises(QuestionError, match=sentence):
            measures.periods(journeys, question(), before, after, day=5)
    journeys.engine.close()


@pytest.mark.parametrize(
    ("follow_ups", "day"),
    [
        ([400, 400, 100], 365),  # of three the middle one decides: two of three are old enough
        ([400, 364, 100, 90], 180),  # of four the second oldest: half of them
        ([59], 30),
        ([60], 60),
        ([0], 1),
    ],
)
def test_the_usual_day_is_the_latest_for_which_half_of_either_period_is_old_enough(follow_ups, day):
    old = [(1, 0, 900)] * 3
    starts = [OBSERVED_UNTIL - timedelta(days=days) for days in [900] * 3 + follow_ups]
    journeys = survivors([*old, *[(1, 0, days) for days in follow_ups]], {"Kind": ["x"] * len(starts)}, starts)
    finished, recent = [(min(some).date(), max(some).date()) for some in (starts[:3], starts[3:])]
    asked = question(filters=Filters(where=(OneOf("Kind", ("x",)),)))
    within = [
        replace(asked, filters=replace(asked.filters, start_from=first, start_to=last))
        for first, last in (finished, recent)
    ]
    assert (
        measures.usual_day(journeys, *within, most=365) == measures.usual_day(journeys, *within[::-1], most=365) == day
    )
    assert measures.periods(journeys, asked, finished, recent).day == day
    # A period of nobody leaves it to the other one.
    empty = [(date(year, 1, 1), date(year, 1, 2)) for year in (2001, 2002)]
    nobody = [replace(asked, filters=Filters(start_from=first, start_to=last)) for first, last in empty]
    assert measures.usual_day(journeys, nobody[0], within[1], most=365) == day
    assert measures.usual_day(journeys, *nobody) == 1
    journeys.engine.close()
