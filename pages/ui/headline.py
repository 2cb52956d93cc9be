"""How many leads came and were won, in one sentence: the title of the pages that show the funnel."""

from __future__ import annotations

from funnel import Steps
from funnel.charts.stage_changes import period
from funnel.core.types import FEWEST_FOR_A_RATE
from funnel.measures.closings import closed_span
from funnel.words import wording
from pages.ui import texts


def title(steps: Steps) -> str:
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


def subtitle(steps: Steps) -> str:
    """The model and how it counts, what is open, and what is not in it."""
    question = steps.question
    parts = [texts.inert(question.model.name), wording.say(f"pages.rule_line.{question.rule}")]
    if question.window_days is not None:
        parts.append(wording.say("pages.funnel.within", days=question.window_days))
    if steps.open:
        parts.append(wording.say("pages.funnel.on_their_way", open=steps.open))
    if steps.coverage is not None and steps.placed_leads < steps.all_leads:
        parts.append(wording.say("pages.funnel.coverage", coverage=steps.coverage))
    if steps.undated:
        parts.append(wording.say("pages.funnel.undated", undated=steps.undated))
    return " · ".join(parts)
