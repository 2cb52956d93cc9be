"""What the charts of cohorts say: names of cohorts and targets, and the sentence of one cohort and one target."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from funnel.charts.canvas.text import plain
from funnel.charts.sentences import wrapped
from funnel.core.types import FEWEST_FOR_A_RATE, Conversion, Period, Question, Unit, Unknown
from funnel.measures.cohorts import Cohort, Cohorts
from funnel.words import wording

Each = TypeVar("Each")


def cohort_name(start: date | None, period: Period | str) -> str:
    """What a cohort is called; None: all of them."""
    note = Period(period).name_of(start, wording.calendar())
    return wording.say(note.key, **note.values)


def target_name(question: Question, target: int | None) -> str:
    """The stage's name, safe as plain text; or the win."""
    if target is None:
        return wording.say("charts.the_win")
    return plain(question.model.stages[target].name)


def many(question: Question, count: int) -> str:
    """So many leads, or accounts where the question counts those."""
    key = "charts.accounts" if question.unit is Unit.ACCOUNT else "charts.leads"
    return wording.say(key, n=count)


def is_finished(conversion: Conversion, day: int) -> bool:
    """Whether every lead of the group is old enough for that day, so that its rate can change no more."""
    return bool(conversion.by_day) and conversion.on(day).old_enough >= conversion.leads


def has_rate(conversion: Conversion, day: int) -> bool:
    """Whether the group has a rate to show: known by then, and of enough leads."""
    return rate_by(conversion, day) is not None and conversion.leads >= FEWEST_FOR_A_RATE


def rate_by(conversion: Conversion, day: int) -> float | None:
    """The rate by a day; None where it is not known, or of a group without leads."""
    return conversion.on(day).rate if conversion.by_day else None


def largest_loss(rates: Sequence[float | None]) -> tuple[int, float] | None:
    """Where on the way most get lost, and how much, of rates one after the other from 1 on; the earliest such step. None where a rate is
    not known, there are none, or nothing is lost."""
    known_rates = [rate for rate in rates if rate is not None]
    if not known_rates or len(known_rates) < len(rates):
        return None
    lost = [before - after for before, after in zip([1.0, *known_rates], known_rates, strict=False)]
    index = max(range(len(lost)), key=lambda each: (lost[each], -each))
    return (index, lost[index]) if lost[index] > 0 else None


def cohort_hover(cohorts: Cohorts, cohort: Cohort, target: int | None, day: int) -> str:
    """One cohort on the way to one target, as wrapped and safe lines: so far, by the day, how many are old enough, the plain ratio."""
    name = cohort_name(cohort.start, cohorts.period)
    sentences = conversion_sentence(
        cohorts.question,
        cohort.to(target),
        day,
        f"{name}, {target_name(cohorts.question, target)}",
    )
    return "<br>".join(wrapped(sentences))


def conversion_sentence(question: Question, conversion: Conversion, day: int, of: str) -> list[str]:
    """What is known of one group's conversion by a day, in sentences. Plain text; `of` says whose it is and to what."""
    if not conversion.leads:
        return [wording.say("charts.cohort_nobody", of=of)]
    by_day = conversion.on(day)
    whole = many(question, conversion.leads)
    reached = wording.say("charts.cohort_reached", of=of, part=conversion.converted, whole=whole)
    old = wording.say("charts.cohort_old", part=by_day.old_enough, whole=whole)
    if by_day.unknown is Unknown.DATES:
        return [wording.say("charts.cohort_told_no_dates", reached=reached)]
    if conversion.leads < FEWEST_FOR_A_RATE:
        return [wording.say("charts.cohort_told_few", reached=reached, old=old)]
    if by_day.rate is None:
        key = "unfollowed" if by_day.unknown is Unknown.UNFOLLOWED else "not_yet"
        return [wording.say(f"charts.cohort_told_{key}", reached=reached, old=old, day=day)]
    values = {"reached": reached, "by": by_day.converted, "old": old, "day": day}
    values |= {"rate": by_day.rate, "low": by_day.low, "high": by_day.high}
    ratio = conversion.converted / conversion.leads
    sentences = [wording.say("charts.cohort_told", **values, ratio=ratio)]
    if not is_finished(conversion, day):
        sentences.append(wording.say("charts.cohort_told_unfinished", day=day))
    return sentences


def newest(cohorts: Sequence[Each], most: int) -> tuple[tuple[Each, ...], int]:
    """The last so many, which are the newest; and how many older ones are left out."""
    left_out = max(0, len(cohorts) - max(1, most))
    return tuple(cohorts[left_out:]), left_out
