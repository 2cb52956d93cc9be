"""Sections on what rings, and on what a change did."""

from __future__ import annotations

from datetime import date
from functools import partial

from funnel import measures
from funnel.charts import effect as effect_picture
from funnel.core.types import Question
from funnel.measures.effect import DAYS
from funnel.measures.effect_words import evidence, limits, verdict_note
from funnel.measures.watch import watch as watching
from funnel.measures.watch_found import seldom
from funnel.report.shown import Asks, Shown
from funnel.words import wording


def watch(ask: Asks, question: Question) -> Shown:
    """What rings, by the rules that are kept with the work."""
    found = ask(watching, question, ask.data_set.work.watch, ask.data_set.as_of.date())
    told = []
    for each in found.ringing:
        said = wording.say(each.said.key, **each.said.values)
        if each.years is not None:
            often = seldom(each.years, "_said")
            said = wording.say("command.watch_chance", text=said, chance=wording.say(often.key, **often.values))
        told.append(said)
    counts = {"n": len(found.ringing), "all": len(found.judged)}
    return Shown(
        title=wording.say("pages.watch.rings", **counts) if told else wording.say("pages.watch.none"),
        sentences=tuple(told),
        table="watch",
        rows=found.rows(),
        sql=found.sql,
        question=found.question,
    )


def effect(
    ask: Asks,
    question: Question,
    on: date,
    position: int | None = None,
    within: int = DAYS,
    gap: bool = False,
    condition: str = "",
) -> Shown:
    """What a change on a day did, of all leads or of those that a condition names, the others beside."""
    only = ask.data_set.columns.written(condition, question.attributes) if condition else ()
    result = ask(measures.effect, question, on, position, within, gap, only)
    note = verdict_note(result)
    return Shown(
        title=wording.say(note.key, **note.values),
        sentences=tuple(wording.say(each.key, **each.values) for each in (*evidence(result), *limits(result))),
        table="effect" if result.apart is None else "effect_apart",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(effect_picture.draw, result),
        rare=("young", "left_out", "untimed"),
    )
