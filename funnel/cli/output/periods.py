"""Two periods compared, and a test planned, as plain data, and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel.cli.output.contrasts import by_account, reached_said, said, stage_key
from funnel.cli.output.text import paragraphs, rows_text
from funnel.core import insights
from funnel.core.rows import data
from funnel.core.types import Note, Verdict
from funnel.measures.contrast_rows import rate_row
from funnel.measures.periods import CHAIN_ONLY_SHOWN, ONLY_SHOWN, Periods
from funnel.measures.plans import Plan
from funnel.measures.stage_changes import StageChanges
from funnel.words import wording


def change(result: Periods, stages: StageChanges, warnings: Sequence[Note] = ()) -> dict[str, Any]:
    """What changed between two periods by the same day of age, and what that is made of: the mix of leads and each kind's own rate
    (`parts`), and the steps on the way (`chain`). `leads` of a side are those old enough. `stages` has each stage by the age that is
    usual for it (`day`): a share of the leads followed for so long; the verdict is "too early" where most of the later are too young."""
    contrast = result.contrast
    before, after = data(result.rows(), ONLY_SHOWN)
    rates = result.before.rate.value, result.after.rate.value
    return {
        "day": result.day,
        "design_effect": contrast.design_effect,
        "to_stage": stage_key(result.question, result.target),
        "by": result.column,
        "before": before,
        "after": after,
        "change": None if rates[0] is None or rates[1] is None else rates[1] - rates[0],
        "change_low": contrast.low,
        "change_high": contrast.high,
        "p": contrast.p,
        "verdict": contrast.verdict.value,
        "detectable": contrast.detectable,
        "mix": result.mix,
        "rate_part": result.rate_part,
        "rate_part_low": result.rate_low,
        "rate_part_high": result.rate_high,
        "parts": data(result.part_rows(), ONLY_SHOWN),
        "standardised": result.standardised,
        "simpson": result.simpson,
        "chain": data(result.chain_rows(), CHAIN_ONLY_SHOWN),
        "stages": data(stages.rows()),
        "warnings": [*_untimed(result), *said(warnings)],
    }


def change_text(result: Periods, stages: StageChanges, warnings: Sequence[Note] = ()) -> str:
    """The two periods as a table and in a sentence; then the parts of the change, the steps on the way, and each stage."""
    question = result.question
    reached = reached_said(question, result.target, result.day)
    title = wording.say(
        "command.change_line",
        after_from=result.after.first,
        after_to=result.after.last,
        before_from=result.before.first,
        before_to=result.before.last,
        model=question.model.key,
        reached=reached,
    )
    sentence = insights.verdict_said(
        result.contrast, wording.say("command.change_name"), wording.say("command.change_side_before")
    )
    parts = [[title], rows_text("periods", result.rows(), reached=reached), [sentence], *_parts(result)]
    parts += _chain(result, reached)
    if stages.stages:
        parts += [
            [wording.say("command.change_stages")],
            rows_text("stage_changes", stages.rows(), rare=("complete_on",)),
        ]
    notes = [*by_account(result.after.rate, result.before.rate), *_untimed(result), *said(warnings)]
    return paragraphs([*parts, notes])


def plan(plans: Sequence[Plan], warnings: Sequence[Note] = ()) -> dict[str, Any]:
    """How many leads a test of two groups needs to see the rate of `now` become each hoped-for one, and how many days that takes."""
    first = plans[0]
    now = first.now
    (rate,) = data([rate_row(now)])
    return {
        "day": first.day,
        "now": {**rate, "accounts": now.accounts},
        "design_effect": first.design_effect,
        "inflow": first.inflow,
        "inflow_days": first.inflow_days,
        "plans": data([row for each in plans for row in each.rows()], ("now",)),
        "warnings": said(warnings),
    }


def plan_text(plans: Sequence[Plan], warnings: Sequence[Note] = ()) -> str:
    """What is so now, then a line for each hoped-for rate."""
    first = plans[0]
    now = first.now
    if not now.denominator:
        return paragraphs([[wording.say("command.plan_nobody", day=first.day)], said(warnings)])
    title = wording.say(
        "command.plan_few" if now.few else "command.plan_line",
        model=first.question.model.key,
        reached=reached_said(first.question, first.target, first.day),
        rate=insights.rate_said(now),
        low=now.low,
        high=now.high,
    )
    rows = [row for each in plans for row in each.rows()]
    notes = [
        wording.say(
            "command.plan_inflow",
            inflow=first.inflow,
            days=first.inflow_days,
            share=first.share,
            power=first.power,
        ),
        wording.say("command.plan_wait"),
    ]
    if now.accounts is not None:
        notes.append(
            wording.say("command.plan_by_account", by_account=insights.by_account(now), effect=first.design_effect)
        )
    if any(each.per_group is None for each in plans):
        notes.append(wording.say("command.plan_never"))
    return paragraphs([[title], rows_text("plans", rows, left=0), notes, said(warnings)])


def _untimed(result: Periods) -> list[str]:
    untimed = result.before.untimed + result.after.untimed
    return [wording.say("command.segments_untimed", leads=untimed)] if untimed else []


def _parts(result: Periods) -> list[list[str]]:
    """What of the change is the mix, and what each kind's own rate; nothing where no column splits it, or the leads are too few."""
    if result.column is None or result.mix is None or result.contrast.difference is None:
        return []
    column = insights.column_name(result.column)
    sizes = {
        "change": result.contrast.difference,
        "mix": result.mix,
        "rate_part": result.rate_part,
        "low": result.rate_low,
        "high": result.rate_high,
        "within": result.standardised,
    }
    values = {name: insights.signed_points(size) for name, size in sizes.items()}
    sentences = [wording.say("command.change_split", column=column, **values)]
    if result.simpson:
        sentences.append(wording.say("command.change_simpson", column=column, **values))
    elif result.standardised is not None:
        sentences.append(wording.say("command.change_same_mix", **values))
    return [sentences, rows_text("period_parts", result.part_rows())]


def _chain(result: Periods, reached: str) -> list[list[str]]:
    """The factors of the number that converted, and each one's part in its change."""
    if not result.chain or result.contrast.verdict is Verdict.FEW:
        return []
    before, after = result.before.rate.numerator, result.after.rate.numerator
    title = wording.say("command.change_chain", reached=reached, before=before, after=after)
    return [[title, "", *rows_text("period_chain", result.chain_rows())]]
