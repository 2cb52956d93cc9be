"""Statistics of segments and periods, held to worked numbers (R survival, cmprsk, prop.test, statsmodels, published tables)."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from pathlib import Path

import pytest

from funnel import measures
from funnel.measures.cells import Column
from funnel.measures.groups import Apart
from funnel.measures.statistics.bayes import bet
from funnel.measures.statistics.decomposition import kitagawa, mantel_haenszel, opposite, shapley, standardised
from funnel.measures.statistics.differences import benjamini_hochberg, contrast, holm, newcombe, p_value
from funnel.measures.statistics.planning import detectable, leads_needed, power, whole_leads
from funnel.measures.statistics.rates import wilson
from tests.oracles.segments_oracle import segment, survivors
from tests.survived import question

VECTORS = Path(__file__).parents[1] / "vectors"


def _vector(name):
    told = json.loads((VECTORS / f"{name}.json").read_text())
    return told["expected"], lambda value: pytest.approx(value, rel=0, abs=told["tolerance_abs"])


def _rows(name):
    return list(csv.DictReader((VECTORS / f"{name}.csv").read_text().splitlines()))


def _log_rank(rows, names):
    """Rows (group, duration, status, follow-up) through the measure that the pages call."""
    journeys = survivors([tuple(row[1:]) for row in rows], {"Group": [row[0] for row in rows]})
    groups = [segment("Group", name) for name in names]
    found = measures.segment_curves(journeys, question(), Apart(groups, "Group"), fewest=0)
    journeys.engine.close()
    assert [curve.leads for _, curve in found.curves] == [sum(row[0] == name for row in rows) for name in names]
    return found.log_rank


def _events(name, group):
    """Where nobody is lost: an event is a win, anyone else was followed up to then."""
    rows = [(row[group], int(row["time"]), int(row["status"])) for row in _rows(name)]
    return [(who, time, status, 2000 if status else time) for who, time, status in rows]


LOG_RANKS, near_08 = _vector("08_logrank")


@pytest.mark.parametrize(
    ("name", "column", "groups", "degrees"),
    [
        ("aml", "group", ["Maintained", "Nonmaintained"], 1),
        ("veteran", "celltype", ["adeno", "large", "smallcell", "squamous"], 3),
    ],
)
def test_where_nobody_is_lost_it_is_the_ordinary_log_rank(name, column, groups, degrees):
    found, expected = _log_rank(_events(name, column), groups), LOG_RANKS[name]
    assert (found.statistic, found.p, found.degrees) == (near_08(expected["stat"]), near_08(expected["p"]), degrees)
    assert list(found.observed) == expected["obs"]
    assert list(found.expected) == [near_08(each) for each in expected["exp"]]


def _leads(column, names, lost):
    return [
        (row[column], *lost(int(row["duration_days"]), int(row["status"]), int(row["followup_days"])))
        for row in _rows("leads_surv")
        if row[column] in names
    ]


def _ordinary(duration, status, follow_up):
    """A lost lead as one that is open, and followed no longer."""
    return (duration, 0, duration) if status == 2 else (duration, status, follow_up)


def test_with_lost_leads_gone_at_their_loss_it_is_the_cause_specific_one():
    expected = LOG_RANKS["leads_won_cause_specific_by_segment"]
    names = sorted({row["segment"] for row in _rows("leads_surv")})
    found = _log_rank(_leads("segment", names, _ordinary), names)
    assert (found.statistic, found.p) == (near_08(expected["stat"]), near_08(expected["p"]))
    assert list(found.observed) == expected["obs"]
    assert list(found.expected) == [near_08(each) for each in expected["exp"]]


def test_with_lost_leads_kept_at_risk_it_is_the_administrative_one():
    expected, near = _vector("09_gray_and_admin_subdistribution_logrank")
    segments = sorted({row["segment"] for row in _rows("leads_surv")})
    for column, names, key in (
        ("segment", segments, "admin_sublogrank_leads_by_segment"),
        ("channel", ["Outbound", "Partner"], "admin_sublogrank_partner_vs_outbound"),
    ):
        found = _log_rank(_leads(column, names, lambda *lead: lead), names)
        assert (found.statistic, found.p) == (near(expected[key]["stat"]), near(expected[key]["p"]))
        assert list(found.observed) == expected[key]["obs"]
        assert list(found.expected) == [near(each) for each in expected[key]["exp"]]
        assert found.degrees == len(names) - 1


WILSONS, near_10 = _vector("10_wilson")


@pytest.mark.parametrize("told", WILSONS, ids=lambda told: f"{told['x']}/{told['n']}")
def test_wilson(told):
    rate = wilson(told["x"], told["n"])
    assert rate.value == near_10(told["x"] / told["n"])
    assert [rate.low, rate.high] == [near_10(bound) for bound in told["wilson95"]]
    if "published_newcombe1998a_4dp" in told:
        assert [round(rate.low, 4), round(rate.high, 4)] == told["published_newcombe1998a_4dp"]


NEWCOMBES, near_11 = _vector("11_newcombe_difference")


@pytest.mark.parametrize("told", NEWCOMBES, ids=lambda told: "{x1}/{n1} − {x2}/{n2}".format(**told))
def test_newcombe(told):
    difference, low, high = newcombe(wilson(told["x1"], told["n1"]), wilson(told["x2"], told["n2"]))
    assert difference == near_11(told["diff"])
    assert [low, high] == [near_11(bound) for bound in told["newcombe10_95"]]
    assert [round(low, 4), round(high, 4)] == told["published_method10_4dp"]


TESTS, near_12 = _vector("12_two_proportion_tests")


@pytest.mark.parametrize("told", TESTS[:4], ids=lambda told: str(told["x"]))
def test_fisher_where_an_expected_count_is_under_five_else_pooled_z(told):
    (one, other), (leads, others) = told["x"], told["n"]
    smallest = min(one + other, leads + others - one - other) * min(leads, others) / (leads + others)
    p, exact = p_value(wilson(one, leads), wilson(other, others))
    assert exact is (smallest < 5)
    assert p == near_12(told["fisher_p_two_sided" if exact else "p"])
    assert abs(told["fisher_p_two_sided"] - told["p"]) > 1e-3  # so that the choice shows
    turned, _ = p_value(wilson(other, others), wilson(one, leads))
    assert turned == near_12(p)


def test_both_kinds_of_test_are_among_these_and_tea_is_tasted():
    kinds = [p_value(wilson(told["x"][0], told["n"][0]), wilson(told["x"][1], told["n"][1]))[1] for told in TESTS[:4]]
    assert kinds == [False, True, False, True]
    assert p_value(wilson(3, 4), wilson(1, 4)) == (near_12(TESTS[4]["p_two"]), True)


def test_corrections_for_looking_at_many():
    expected, near = _vector("13_multiplicity")
    assert holm(expected["p"]) == [near(p) for p in expected["holm"]]
    assert benjamini_hochberg(expected["p"]) == [near(p) for p in expected["bh"]]
    for correction, name in ((holm, "holm"), (benjamini_hochberg, "bh")):
        assert sum(p < 0.05 for p in correction(expected["p"])) == expected["n_rejected_05"][name]
        # In any order, each keeps its own.
        assert correction(expected["p"][::-1]) == [near(p) for p in expected[name][::-1]]
    assert holm([]) == benjamini_hochberg([]) == []


def test_power_and_what_can_be_detected():
    expected, near = _vector("14_power_mde")
    assert power(0.5, 0.75, 50, 50) == near(expected["power_50_75_n50"])
    assert leads_needed(0.5, 0.75, 0.9) == near(expected["n_50_75_power90"])
    assert leads_needed(0.12, 0.15, 0.8) == near(expected["n_12_15_power80"])
    assert whole_leads(leads_needed(0.12, 0.15, 0.8)) == 2036
    assert leads_needed(0.15, 0.12) == near(expected["n_12_15_power80"])
    twelve, half, twentieth = wilson(120, 1000), wilson(25, 50), wilson(15, 300)
    assert 0.5 + detectable(half, 50, up=True, wanted=0.9) == near(expected["p2_for_p50_n50_power90"])
    assert 0.12 + detectable(twelve, 1000, up=True) == near(expected["mde_p2_from_12_n1000"])
    assert 0.05 + detectable(twentieth, 300, up=True) == near(expected["mde_p2_from_05_n300"])
    assert 0.12 + detectable(twelve, 400, up=True) == near(expected["mde_p2_from_12_n1000_n2_400"])
    assert 0.12 - detectable(twelve, 1000, up=False) == near(expected["mde_down_from_12_n1000"])
    found = contrast(wilson(50, 400), twelve)
    assert found.detectable == near(expected["mde_p2_from_12_n1000_n2_400"] - 0.12)
    found = contrast(wilson(90, 1000), twelve)
    assert found.detectable_fall == near(0.12 - expected["mde_down_from_12_n1000"])


BETS, near_15 = _vector("15_beta_binomial")


@pytest.mark.parametrize("told", BETS, ids=lambda told: "{xA}/{nA} {xB}/{nB}".format(**told))
def test_bets(told):
    one, other = wilson(told["xA"], told["nA"]), wilson(told["xB"], told["nB"])
    # The bet is on the likelier one, wherever it stands.
    for found, on in ((bet(one, other), 1), (bet(other, one), 0)):
        assert (found.on, found.chance) == (on, near_15(told["prob_B_beats_A"]))
        assert found.loss == near_15(told["expected_loss_if_choose_B"])


SIMPSON, near_16 = _vector("16_simpson_cmh")


def _admissions():
    """(women, men) of each department, as rates of admission."""
    sums = {}
    for row in _rows("ucb_admissions"):
        sums.setdefault((row["Dept"], row["Gender"]), {})[row["Admit"]] = int(row["Freq"])
    rate = {key: wilson(each["Admitted"], sum(each.values())) for key, each in sums.items()}
    return [(rate[dept, "Female"], rate[dept, "Male"]) for dept in "ABCDEF"]


KIDNEY = [(wilson(234, 270), wilson(81, 87)), (wilson(55, 80), wilson(192, 263))]


@pytest.mark.parametrize(
    ("pairs", "name", "crude", "same_mix"),
    [
        (_admissions(), "ucb", SIMPSON["ucb"]["crude_diff_male_minus_female"], "standardised_diff"),
        (
            KIDNEY,
            "kidney",
            SIMPSON["kidney"]["crude_A"] - SIMPSON["kidney"]["crude_B"],
            "standardised_diff_A_minus_B",
        ),
    ],
)
def test_simpsons_paradox(pairs, name, crude, same_mix):
    expected = SIMPSON[name]
    split = kitagawa(pairs)
    assert split.mix + split.rate_part == near_16(crude)
    assert standardised(pairs) == near_16(expected[same_mix])
    assert opposite(crude, standardised(pairs)) is expected["simpson"] is True
    assert mantel_haenszel(pairs) == (near_16(expected["cmh_chisq"]), near_16(expected["p"]))


def test_simpsons_paradox_through_a_scan_and_through_periods():
    leads, genders, departments, starts = [], [], [], []
    for row in _rows("ucb_admissions"):
        count = int(row["Freq"])
        leads += [(3, 1 if row["Admit"] == "Admitted" else 2, 0)] * count
        genders += [row["Gender"]] * count
        departments += [row["Dept"]] * count
        starts += [datetime(2025, 2 if row["Gender"] == "Male" else 1, 10)] * count
    journeys = survivors(leads, {"Gender": genders, "Dept": departments}, starts)
    expected = SIMPSON["ucb"]
    scan = measures.scan(journeys, question(), columns=[Column("Gender"), Column("Dept")])
    men = next(each for each in scan.findings if each.segment == segment("Gender", "Male"))
    assert men.contrast.difference == near_16(expected["crude_diff_male_minus_female"])
    assert (men.within, men.beside, men.holds) == (near_16(expected["standardised_diff"]), "Dept", False)
    by_dept = [segment("Dept", dept) for dept in "ABCDEF"]
    january, february = (date(2025, 1, 1), date(2025, 1, 31)), (date(2025, 2, 1), date(2025, 2, 28))
    found = measures.periods(journeys, question(), january, february, Apart(by_dept, "Dept"), day=30)
    journeys.engine.close()
    assert found.contrast.difference == near_16(expected["crude_diff_male_minus_female"])
    assert (found.standardised, found.simpson) == (near_16(expected["standardised_diff"]), True)
    for part, dept in zip(found.parts, "ABCDEF", strict=True):
        told = expected["by_dept"][dept]
        assert (part.before.value, part.after.value) == (near_16(told["female"]), near_16(told["male"]))


PARTS, near_17 = _vector("17_decomposition")


def test_kitagawa_by_segment():
    expected = PARTS["segments"]
    pairs = [
        tuple(wilson(won, leads) for leads, won in (expected["period0"][name], expected["period1"][name]))
        for name in ("Inbound", "Outbound", "Partner")
    ]
    split = kitagawa(pairs)
    assert [part[0] for part in split.parts] == [near_17(each) for each in expected["mix_by_segment"]]
    assert [part[1] for part in split.parts] == [near_17(each) for each in expected["rate_by_segment"]]
    assert (split.mix, split.rate_part) == (near_17(expected["mix_total"]), near_17(expected["rate_total"]))
    assert split.mix + split.rate_part == near_17(expected["total"])
    reach = 1.959963984540054 * expected["se_rate_effect_mix_fixed"]
    assert (split.low, split.high) == (near_17(split.rate_part - reach), near_17(split.rate_part + reach))


def test_kitagawa_of_das_guptas_example():
    # Sizes of one decimal per cent and rates of one decimal, as counts: tenths of a per cent × 1,000 leads, a rate of them.
    expected = PARTS["dasgupta_5_1"]
    sides = []
    for sizes, rates in zip(expected["size_pct"], expected["rate"], strict=True):
        tenths = [(round(10 * size), round(10 * rate)) for size, rate in zip(sizes, rates, strict=True)]
        sides.append([wilson(size * rate, 1000 * size) for size, rate in tenths])
    split = kitagawa([*zip(*sides, strict=True)])
    assert (100 * split.mix, 100 * split.rate_part) == (near_17(expected["mix"]), near_17(expected["rate_effect"]))
    assert 100 * (split.mix + split.rate_part) == near_17(expected["crude1"] - expected["crude0"])


def test_shapley():
    expected = PARTS["dasgupta_2_2"]
    before, after = zip(*expected["factors"].values(), strict=True)
    assert shapley(before, after) == [near_17(expected["effects"][name]) for name in expected["factors"]]
    expected = PARTS["funnel_wins"]
    found = shapley([*expected["period0"].values()], [*expected["period1"].values()])
    assert found == [near_17(expected["shapley"][name]) for name in expected["period0"]]
    assert sum(found) == near_17(expected["wins1"] - expected["wins0"])
