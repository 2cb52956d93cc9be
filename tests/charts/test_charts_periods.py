"""Charts of what changed between two periods, and of a test planned: the bars lead from one number to the other."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import accumulate, pairwise
from math import log10
from typing import Any

import pytest

from funnel import charts
from funnel.charts import colours
from funnel.core.types import Contrast, OneOf, Question, Rate, Segment, Stage, StageModel, Unit
from funnel.measures.periods import Factor, Part, Periods, PeriodSide
from funnel.measures.plans import Plan
from tests.drawn import hovers, texts, touching, traces

NAMES = ("Lead", "Qualified", "<b>Proposal</b>")
QUESTION = Question(StageModel("m", "M", tuple(Stage(str(n), name) for n, name in enumerate(NAMES))))
NASTY = ("<b>Bold</b>", "قناة الإحالة من الشركاء", "a very long name " * 18, "one\ntwo\u202ethree", "x" * 300)


def rate(part: int, whole: int) -> Rate:
    return Rate(part, whole, part / whole if whole else None, 0.0 if whole else None, 1.0 if whole else None)


def part(name: str | None, before: tuple[int, int], after: tuple[int, int], mix: float, own: float) -> Part:
    segment = None if name is None else Segment((OneOf("Channel", (name,)),))
    return Part(segment, rate(*before), rate(*after), mix, own)


# Web: from half of the leads to 80 %, its rate from 10 % to 12 %; Fair: from half to 20 %, its rate from 30 % to 24 %.
# Shares times the mean rates: 0.3 × 0.11 = 0.033 and −0.3 × 0.27 = −0.081; rates times the mean shares: 0.02 × 0.65 = 0.013 and
# −0.06 × 0.35 = −0.021. In all 14.4 % − 20 % = −5.6 points.
WEB = part("Web", (50, 500), (96, 800), 0.033, 0.013)
FAIR = part("Fair", (150, 500), (48, 200), -0.081, -0.021)
BEFORE = PeriodSide(date(2024, 1, 1), date(2024, 3, 31), rate(200, 1000), 0, 0)
AFTER = PeriodSide(date(2024, 4, 1), date(2024, 6, 30), rate(144, 1000), 5, 0)
FOUND = Periods(
    question=QUESTION,
    target=None,
    day=90,
    column="Channel",
    before=BEFORE,
    after=AFTER,
    contrast=Contrast(AFTER.rate, BEFORE.rate, -0.056, -0.089, -0.023, 0.0014, 0.0014, False, 0.05, 0.045),
    parts=(WEB, FAIR),
    mix=-0.048,
    rate_part=-0.008,
    rate_low=-0.035,
    rate_high=0.026,
    standardised=0.004,
    simpson=False,
    chain=(
        Factor(None, None, 1000, 1000, 0.0),
        Factor(0, 1, 0.4, 0.5, 40.0),
        Factor(1, 2, 0.6, 0.4, -89.5),
        Factor(2, 3, 0.8333, None, -6.5),
    ),
    sql="",
)
APART = replace(FOUND, column=None, parts=(), mix=None, rate_part=None, rate_low=None, rate_high=None)
NOBODY = replace(
    APART,
    before=replace(BEFORE, rate=rate(0, 0)),
    after=replace(AFTER, rate=rate(0, 0)),
    contrast=Contrast(rate(0, 0), rate(0, 0)),
    chain=(),
)
HOSTILE = replace(FOUND, parts=tuple(part(name, (20, 200), (25, 210), 0.002, -0.003) for name in (*NASTY, None)))
EIGHT = replace(
    FOUND,
    parts=tuple(part(f"S{n}", (20 + n, 100), (19, 120), 0.001 * (n + 1), -0.002 * (8 - n)) for n in range(8)),
    mix=0.036,
    rate_part=-0.072,
)


def plain(text: str) -> str:
    return re.sub("<[^>]+>", "", text.replace("<br>", " / ")).replace("\u00a0", " ")


def said(figure: Any) -> list[str]:
    return [plain(text) for text in texts(figure)]


def steps(figure: Any) -> list[tuple[float, float]]:
    """From where to where each bar leads, from the top."""
    bars = traces(figure).get("effects")
    if bars is None:
        return []
    assert list(bars.y) == sorted(bars.y)
    ends = list(accumulate(bars.x, initial=bars.base))
    # The first and the last are of the two points, and nothing long.
    return list(pairwise(ends))[1:-1]


def test_bars_lead_from_the_rate_before_to_the_rate_after() -> None:
    figure = charts.periods_waterfall(FOUND)
    # The largest effect first: Fair, then Web; so in both kinds.
    assert steps(figure) == [
        pytest.approx(each)
        for each in ((0.2, 0.119), (0.119, 0.152), (0.152, 0.131), (0.131, 0.144))
    ]  # fmt: skip
    counted, bars = (traces(figure)[meta] for meta in ("counted", "effects"))
    assert list(counted.x) == pytest.approx([0.2, 0.144])
    assert (counted.y[0], counted.y[1]) == (bars.y[0], bars.y[-1])
    assert (bars.x[0], bars.x[-1]) == (0, 0)
    fills = bars.increasing.marker.color, bars.decreasing.marker.color
    assert fills == (colours().progress, colours().lost)
    assert [list(one) for one in bars.customdata] == [[None], [1], [0], [1], [0], [None]]


def test_a_line_leads_from_each_bar_to_the_next() -> None:
    connector = traces(charts.periods_waterfall(FOUND))["effects"].connector
    assert (connector.visible, connector.mode) == (True, "between")


def test_what_the_bars_are_of_stands_beside_them() -> None:
    words = said(charts.periods_waterfall(FOUND))
    for one in (
        "Before: 1 Jan 2024 – / 31 Mar 2024", "20% · 200 of 1,000", "After: 1 Apr 2024 – / 30 Jun 2024", "14% · 144 of 1,000",
        "mix effect", "−4.8 points", "rate effect", "−0.8 points / 95%: −3.5 to +2.6 points",
        "50% → 20% of all", "−8.1 points", "50% → 80% of all", "+3.3 points", "30% → 24%", "−2.1 points", "10% → 12%",
        "+1.3 points", "won within 90 days",
    ):  # fmt: skip
        assert one in words, one
    assert [one for one in words if one in ("Web", "Fair")] == ["Fair", "Web", "Fair", "Web"]
    told = hovers(charts.periods_waterfall(FOUND))
    assert any(
        "Fair made up 50% of all before, 20% after. That alone moves the rate by −8.1 points." in one for one in told
    )
    assert any(
        "Web: 10% (50 of 500) before, 12% (96 of 800) after. That alone moves the rate by +1.3 points." in one
        for one in told
    )


def test_the_smaller_parts_are_one_bar() -> None:
    figure = charts.periods_waterfall(EIGHT)
    words = said(figure)
    assert words.count("2 segments more") == 2
    assert [one for one in words if re.fullmatch(r"S\d", one)] == [
        "S7", "S6", "S5", "S4", "S3", "S2", "S0", "S1", "S2", "S3", "S4", "S5"
    ]  # fmt: skip
    # The rest of the mix: 0.1 + 0.2 points; of the rates: 0.4 + 0.2 points down.
    bars = steps(figure)
    assert bars[6][1] - bars[6][0] == pytest.approx(0.003)
    assert bars[13][1] - bars[13][0] == pytest.approx(-0.006)
    assert bars[13][1] == pytest.approx(0.2 + 0.036 - 0.072)
    assert [list(one) for one in traces(figure)["effects"].customdata].count([None]) == 4


def test_without_parts_there_are_the_two_rates() -> None:
    figure = charts.periods_waterfall(APART)
    assert steps(figure) == []
    assert list(traces(figure)["counted"].x) == pytest.approx([0.2, 0.144])
    assert "mix effect" not in said(figure)
    nobody = charts.periods_waterfall(NOBODY)
    assert list(traces(nobody)["counted"].x) == []
    assert said(nobody).count("–") == 2


def test_of_few_leads_the_counts_alone_are_told() -> None:
    few = replace(FOUND, parts=(replace(FAIR, before=rate(3, 12)), WEB))
    words = said(charts.periods_waterfall(few))
    assert "3 of 12 → 24%" in words
    assert "30% → 24%" not in words


def test_the_chain_leads_from_number_to_number() -> None:
    figure = charts.chain_waterfall(FOUND)
    assert steps(figure) == [pytest.approx(each) for each in ((200, 200), (200, 240), (240, 150.5), (150.5, 144))]
    drawn = traces(figure)
    assert list(drawn["counted"].x) == [200, 144]
    assert [list(one) for one in drawn["effects"].customdata][1:-1] == [[None], [1], [2], [3]]
    words = said(figure)
    for one in (
        "200 of 1,000 leads", "144 of 1,000 leads", "new leads", "1,000 → 1,000", "0", "Lead → Qualified", "40% → 50%",
        "+40", "60% → 40%", "−90", "83% → –", "−6.5",
    ):  # fmt: skip
        assert one in words, one
    assert "&lt;b&gt;Proposal&lt;/b&gt; → the win" in [one.replace(" / ", " ") for one in words]
    assert any("40% → 50%: that alone makes +40." in one for one in hovers(figure))
    accounts = replace(FOUND, question=replace(QUESTION, unit=Unit.ACCOUNT))
    assert {"new accounts", "200 of 1,000 accounts"} <= set(said(charts.chain_waterfall(accounts)))


def test_a_chain_that_cannot_be_told_is_left_out() -> None:
    figure = charts.chain_waterfall(replace(FOUND, chain=()))
    assert steps(figure) == []
    assert list(traces(figure)["counted"].x) == [200, 144]


def test_periods_in_words() -> None:
    assert charts.describe_periods(FOUND).replace("\u00a0", " ") == (
        "After (1 Apr 2024 – 30 Jun 2024): 14% (144 of 1,000), before (1 Jan 2024 – 31 Mar 2024) 20% (200 of 1,000):"
        " 5.6 points less (−8.9 points to −2.3 points; p = 0.0014). The mix effect makes −4.8 points of that, the rate effect −0.8 points."
    )
    turned = charts.describe_periods(replace(FOUND, simpson=True))
    assert turned.endswith("With the same mix on both sides the difference would be +0.4 points: the other way round.")
    assert "mix" not in charts.describe_periods(APART)
    assert "Sample too small" in charts.describe_periods(NOBODY)
    assert charts.describe_chain(FOUND) == (
        "Conversions went from 200 to 144. Most lost by Qualified → <b>Proposal</b>, 60% → 40%: −90."
        " Most gained by Lead → Qualified, 40% → 50%: +40."
    )
    assert charts.describe_chain(replace(FOUND, chain=())).endswith("so it cannot be split by steps.")


def plan(hoped: float, per_group: int | None, *, total: float | None = 152.0) -> Plan:
    start = None if total is None else total - 90
    return Plan(QUESTION, None, 90, rate(120, 1000), hoped, 0.8, 0.5, 1.0, 600, 90, per_group, start, total, "")


PLANS = (plan(0.14, 4500), plan(0.17, 790), plan(0.12, None), plan(0.22, 220), plan(0.09, 1500))


def test_plans_stand_by_the_difference_hoped_for() -> None:
    figure = charts.plan_curve(PLANS, PLANS[1])
    drawn = traces(figure)
    # A fall of 3 points; then, after a gap, rises of 2, 5 and 10.
    assert list(drawn["plans"].x) == [-3, None, 2, 5, 10]
    assert list(drawn["plans"].y) == [1500, None, 4500, 790, 220]
    assert (list(drawn["chosen"].x), list(drawn["chosen"].y)) == ([5], [790])
    assert figure.layout.yaxis.type == "log"
    low, high = figure.layout.yaxis.range
    assert low < log10(220) < log10(4500) < high
    assert {"1,000", "0", "+5", "+10"} <= set(said(figure))
    assert [plain(text) for text in drawn["chosen"].text] == ["790 leads each / about 5 months"]
    assert "percentage points more or less than now (12% · 120 of 1,000 won within 90 days)" in said(figure)
    assert any("From 12% to 17%: 790 leads each · about 5 months" in one for one in hovers(figure))


def test_a_scale_of_many_decades_is_marked_at_powers_of_ten() -> None:
    figure = charts.plan_curve((plan(0.121, 150_000), plan(0.4, 40)), plan(0.4, 40))
    marks = [one for one in said(figure) if re.fullmatch(r"1[0,]+", one)]
    assert marks == ["10", "100", "1,000", "10,000", "100,000"]


@pytest.mark.parametrize("width_hint", [360, None])
@pytest.mark.parametrize("place", [0, 1, 3, 4])
def test_the_chosen_plan_is_named_inside_the_picture(place: int, width_hint: int | None) -> None:
    figure = charts.plan_curve(PLANS, PLANS[place], width_hint=width_hint)
    label = traces(figure)["chosen"]
    (x0, x1), (x,), (text,) = figure.layout.xaxis.range, label.x, label.text
    # Beside the plot stand the numbers of its scale.
    plot = (width_hint or 760) - 48
    at = (x - x0) / (x1 - x0) * plot
    widest = max(len(line) for line in re.sub("</?b>", "", text).split("<br>")) * 7.5
    high, side = label.textposition.split()
    assert (at + widest if side == "right" else plot - at + widest) < plot
    # Beyond the point it stands above the curve, towards zero below it.
    assert high == ("top" if (side == "right") == (x > 0) else "bottom")


def test_a_plan_that_no_number_is_enough_for() -> None:
    never = plan(0.12, None)
    assert "chosen" not in traces(charts.plan_curve(PLANS, never))
    assert texts(charts.plan_curve((), never)) == ["No number of leads would be enough."]
    assert texts(charts.plan_curve(PLANS, replace(never, now=rate(0, 0)))) == ["No number of leads would be enough."]
    (label,) = traces(charts.plan_curve(PLANS, plan(0.14, 4500, total=None)))["chosen"].text
    assert plain(label) == "4,500 leads each"


def test_a_plan_in_words() -> None:
    assert charts.describe_plan(PLANS[1]) == (
        "To see the share that reaches the win go from 12% to 17%, at a statistical power of 80%, 790 leads are needed in each of two"
        " groups. With 50% of the 600 leads of the last 3 months, they have entered after 2 months; the last of them are mature"
        " after 5 months."
    )
    assert charts.describe_plan(plan(0.12, None)).endswith("go from 12% to 12%, no number of leads is enough.")
    assert charts.describe_plan(plan(0.14, 4500, total=None)).endswith("so there is no saying how long that takes.")
    nobody = replace(PLANS[0], now=rate(0, 0))
    assert charts.describe_plan(nobody) == "Too early: no leads are old enough to say what the rate is now."


@pytest.mark.parametrize("width_hint", [360, None, 900])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("drawn", [FOUND, APART, NOBODY, HOSTILE, EIGHT])
def test_every_picture_is_drawn_at_every_width(drawn: Periods, dark: bool, width_hint: int | None) -> None:
    for draw in (charts.periods_waterfall, charts.chain_waterfall):
        figure = draw(drawn, dark=dark, width_hint=width_hint)
        written = figure.to_json().replace("\\u003c", "<")
        assert "<b>Bold" not in written
        assert "<b>Proposal" not in written
        assert "\u202e" not in written
        assert touching(figure) == []
        assert figure.layout.height == figure.layout.margin.t + figure.layout.margin.b + figure.layout.yaxis.range[0]
        bars = traces(figure).get("effects")
        assert bars is None or bars.connector.visible == (width_hint != 360)
