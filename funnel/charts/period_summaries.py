"""What the charts of periods and of a planned test say in a sentence or two, for those who cannot see them. Plain text."""

from __future__ import annotations

from funnel.charts.cohort_words import many, target_name
from funnel.charts.waterfall import dates_of, factor_change, factor_name
from funnel.charts.waterfall_rows import signed
from funnel.core import insights
from funnel.measures.periods import Factor, Periods
from funnel.measures.plans import Plan
from funnel.words import wording


def describe_periods(periods: Periods) -> str:
    """The rate after against the rate before, how much of that is the mix and how much the rates, and whether one hides the other."""
    was = wording.say("charts.periods_was", dates=dates_of(periods.before))
    now = wording.say("charts.periods_is", dates=dates_of(periods.after))
    sentences = [insights.verdict_said(periods.contrast, now, was)]
    if periods.mix is not None and periods.rate_part is not None:
        parts = {
            "mix": insights.signed_points(periods.mix),
            "rate": insights.signed_points(periods.rate_part),
        }
        sentences.append(wording.say("charts.periods_split", **parts))
    if periods.simpson:
        points = insights.signed_points(periods.standardised)
        sentences.append(wording.say("charts.periods_simpson", points=points))
    return " ".join(sentences)


def describe_chain(periods: Periods) -> str:
    """The number of conversions before and after, and the factors that gained and that lost most of them."""
    before, after = periods.before.rate.numerator, periods.after.rate.numerator
    sentences = [wording.say("charts.periods_from_to", before=before, after=after)]
    if not periods.chain:
        return " ".join([*sentences, wording.say("charts.periods_no_chain")])
    gained = "periods_gained", [each for each in periods.chain if each.effect > 0]
    lost = "periods_lost", [each for each in periods.chain if each.effect < 0]
    for key, factors in (gained, lost) if after >= before else (lost, gained):
        if factors:
            most = max(factors, key=lambda each: abs(each.effect))
            sentences.append(wording.say(f"charts.{key}", **_of(periods, most)))
    return " ".join(sentences)


def describe_plan(plan: Plan) -> str:
    """How many leads the test needs and how long it takes."""
    if plan.now.value is None:
        return wording.say("charts.plan_no_rate")
    rates = {
        "target": target_name(plan.question, plan.target),
        "now": plan.now.value,
        "hoped": plan.hoped,
    }
    if plan.per_group is None:
        return wording.say("charts.plan_never", **rates)
    needed = many(plan.question, plan.per_group)
    sentences = [wording.say("charts.plan_told", needed=needed, power=plan.power, **rates)]
    if plan.total_days is None:
        sentences.append(wording.say("charts.plan_nobody_came", inflow_days=plan.inflow_days))
    else:
        times = {"inflow_days": plan.inflow_days, "start": plan.start_days, "total": plan.total_days}
        came = {"share": plan.share, "inflow": many(plan.question, plan.inflow)}
        sentences.append(wording.say("charts.plan_time", **times, **came))
    return " ".join(sentences)


def _of(periods: Periods, factor: Factor) -> dict[str, str]:
    return {
        "name": factor_name(periods, factor),
        "change": factor_change(factor),
        "effect": signed(factor.effect),
    }
