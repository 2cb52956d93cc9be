"""How the funnel was counted, in a line: what stands under the title of the pages that show it."""

from __future__ import annotations

from funnel import Steps
from funnel.words import wording
from pages.ui import texts


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
    return wording.dotted(parts)
