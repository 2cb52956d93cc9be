"""How many leads came and were won, in one sentence: the title over a funnel."""

from __future__ import annotations

from funnel.charts.stage_changes import period
from funnel.core.types import FEWEST_FOR_A_RATE
from funnel.measures.closings import closed_span
from funnel.measures.steps import Steps
from funnel.words import wording


def headline(steps: Steps) -> str:
    """How many of the leads are won, and when they entered."""
    counted = wording.say(f"pages.counted.{steps.question.unit}", n=steps.leads)
    rate = None if steps.leads < FEWEST_FOR_A_RATE else steps.won / steps.leads
    closed = closed_span(steps.question)
    if closed is not None:
        key = "title_closed_few" if rate is None else "title_closed"
        return wording.say(f"pages.funnel.{key}", counted=counted, won=steps.won, rate=rate, span=period(closed))
    key = "title_open" if not steps.won else "title_won_few" if rate is None else "title_won"
    if steps.first_start is None or steps.last_start is None:
        return wording.say(f"pages.funnel.{key}_undated", counted=counted, won=steps.won, rate=rate)
    first, last = wording.month(steps.first_start), wording.month(steps.last_start)
    span = first if first == last else wording.say("pages.funnel.span", first=first, last=last)
    return wording.say(f"pages.funnel.{key}", counted=counted, won=steps.won, rate=rate, span=span)
