"""What the charts of cohorts say in a sentence or two, for those who cannot see them. Plain text; no unfinished cohort is judged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from funnel.charts.ages import MOST_CURVES
from funnel.charts.cohort_words import cohort_name, has_rate, is_finished, largest_loss, many, rate_by, target_name
from funnel.core.types import FEWEST_FOR_A_RATE, Conversion, Period
from funnel.measures.cohorts import Cohorts
from funnel.measures.curves import Curve, Curves
from funnel.measures.step_trend import StepTrend
from funnel.words import wording

AGES = (30, 90, 180, 365)
TOLD = 2


def describe_dropoff(cohorts: Cohorts, day: int, *, target: int | None = None, win: bool = True) -> str:
    """How many cohorts are old enough, between which rates to the target they lie, and where most drop off."""
    sentences = [describe_by_start(cohorts, target, day)]
    stages: list[int | None] = list(range(len(cohorts.question.model.stages)))
    targets = [*stages, None] if win else stages
    rates = [rate_by(cohorts.whole.to(target), day) for target in targets] if cohorts.cohorts else []
    loss = largest_loss(rates)
    if loss is not None and cohorts.whole.leads >= FEWEST_FOR_A_RATE:
        index, lost = loss
        values = {"after": target_name(cohorts.question, targets[index]), "rate": lost}
        if index:
            before = target_name(cohorts.question, targets[index - 1])
            sentences.append(wording.say("charts.cohorts_drop", before=before, **values))
        else:
            sentences.append(wording.say("charts.cohorts_drop_first", **values))
    return " ".join(sentences)


def describe_by_start(cohorts: Cohorts, target: int | None, day: int) -> str:
    """How many cohorts are old enough, and the lowest and the highest rate of these: a first and a last one look like a trend."""
    if not cohorts.cohorts:
        return wording.say("charts.nothing")
    each = [(cohort.start, cohort.to(target)) for cohort in cohorts.cohorts if cohort.start]
    old = sum(is_finished(conversion, day) for _, conversion in each)
    values = {"n": len(each), "old": old, "day": day}
    if not old:
        return wording.say("charts.cohorts_none_old", **values)
    sentences = [wording.say("charts.cohorts_old", **values)]
    ends = _ends(each, day, cohorts.period)
    if not ends:
        sentences.append(wording.say("charts.cohorts_few"))
    else:
        key = "cohorts_between" if len(ends) > 2 else "cohorts_one"
        name = target_name(cohorts.question, target)
        sentences.append(wording.say(f"charts.{key}", day=day, target=name, **ends))
    return " ".join(sentences)


def describe_ages(curves: Curves) -> str:
    """How many of all leads got there by round ages, and how many would at the current pace."""
    if not curves.whole.leads:
        return wording.say("charts.nothing")
    whole = many(curves.question, curves.whole.leads)
    target = target_name(curves.question, curves.target)
    days = [day for day in AGES if day <= curves.whole.until][-TOLD:] or [curves.whole.until]
    if curves.whole.leads < FEWEST_FOR_A_RATE:
        return wording.say("charts.ages_few", whole=whole, target=target)
    rates = wording.listed(_by(curves.whole, days))
    sentences = [wording.say("charts.ages_whole", whole=whole, target=target, rates=rates)]
    days_of_pace = [day for day in days if day <= curves.pace.until]
    if curves.pace.leads >= FEWEST_FOR_A_RATE and days_of_pace:
        rates = wording.listed(_by(curves.pace, days_of_pace))
        sentences.append(wording.say("charts.ages_pace", days=curves.pace_days, rates=rates))
    if len(curves.curves) > MOST_CURVES:
        sentences.append(wording.say("charts.ages_newest", n=MOST_CURVES))
    return " ".join(sentences)


def describe_step_trend(trend: StepTrend) -> str:
    """For each step the lowest and the highest rate of the cohorts that are old enough."""
    steps = range(len(trend.question.model.stages) - 1)
    if not trend.cohorts or not steps:
        return wording.say("charts.nothing")
    sentences = []
    for step in steps:
        ends = _ends([(start, row[step]) for start, row in trend.cohorts], trend.day, trend.period)
        names = {
            "before": target_name(trend.question, step),
            "after": target_name(trend.question, step + 1),
        }
        key = "step_between" if len(ends) > 2 else "step_one" if ends else "step_none"
        sentences.append(wording.say(f"charts.{key}", **names, **ends))
    return wording.say("charts.step_trend_told", day=trend.day, steps="; ".join(sentences))


def _ends(each: Sequence[tuple[date, Conversion]], day: int, period: Period) -> dict[str, float | str | None]:
    """The highest and the lowest finished rate with the names of their cohorts; only `high` where there is one, or none."""
    done = [(rate_by(one, day) or 0.0, start) for start, one in each if is_finished(one, day) and has_rate(one, day)]
    if not done:
        return {}
    (low, low_start), (high, high_start) = min(done), max(done)
    ends: dict[str, float | str | None] = {"high": high, "high_name": cohort_name(high_start, period)}
    if len(done) > 1:
        ends |= {"low": low, "low_name": cohort_name(low_start, period)}
    return ends


def _by(curve: Curve, days: Sequence[int]) -> list[str]:
    points = [(day, curve.at(day)) for day in days]
    return [wording.say("charts.ages_by", rate=point.rate if point else 0, day=day) for day, point in points]
