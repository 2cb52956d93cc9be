"""Two periods compared, and a test planned, as plain data, and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel.cli.output.contrasts import (
    by_account,
    compared_heads,
    interval,
    likely,
    reached_said,
    said,
    share,
    stage_key,
    value_of,
)
from funnel.cli.output.text import moment, paragraphs, signed, table
from funnel.core import insights
from funnel.core.types import Factor, Note, Part, Periods, PeriodSide, Plan, Question, Verdict
from funnel.words import wording

LEADS, WON = "leads", "won"
PART_HEADS = ("leads_before", "share_before", "leads_after", "share_after", "mix", "rate_part")


def change(found: Periods, warnings: Sequence[Note] = ()) -> dict[str, Any]:
    """What changed between two periods by the same day of age, and what that is made of: the mix of leads and each kind's own rate
    (`parts`), and the steps on the way (`chain`). `leads` of a side are those old enough."""
    contrast = found.contrast
    before, after = found.before.rate.value, found.after.rate.value
    return {
        "day": found.day,
        "design_effect": contrast.design_effect,
        "to_stage": stage_key(found.question, found.target),
        "by": found.column,
        "before": _side(found.before),
        "after": _side(found.after),
        "change": None if before is None or after is None else after - before,
        "change_low": contrast.low,
        "change_high": contrast.high,
        "p": contrast.p,
        "verdict": contrast.verdict.value,
        "detectable": contrast.detectable,
        "mix": found.mix,
        "rate_part": found.rate_part,
        "rate_part_low": found.rate_low,
        "rate_part_high": found.rate_high,
        "parts": [
            {
                "value": wording.say("command.change_other") if part.segment is None else value_of(part.segment),
                "before_leads": part.before.denominator,
                "before_rate": part.before.value,
                "after_leads": part.after.denominator,
                "after_rate": part.after.value,
                "mix": part.mix,
                "rate_part": part.rate_part,
            }
            for part in found.parts
        ],
        "standardised": found.standardised,
        "simpson": found.simpson,
        "chain": [
            {
                "factor": _factor_key(found.question, factor),
                "before": factor.before,
                "after": factor.after,
                "effect": factor.effect,
            }
            for factor in found.chain
        ],
        "warnings": [*_untimed(found), *said(warnings)],
    }


def change_text(found: Periods, warnings: Sequence[Note] = ()) -> str:
    """The two periods as a table and in a sentence; then the parts of the change, and the steps on the way."""
    question = found.question
    reached = reached_said(question, found.target, found.day)
    sides = {"before": found.before, "after": found.after}
    title = wording.say(
        "command.change_line",
        after_from=found.after.first,
        after_to=found.after.last,
        before_from=found.before.first,
        before_to=found.before.last,
        model=question.model.key,
        reached=reached,
    )
    heads = [wording.say("command.change_period"), *compared_heads("leads"), reached]
    heads += [*compared_heads("share", "range"), wording.say("command.change_young")]
    rows = [
        [
            wording.say(f"command.change_side_{name}"),
            wording.number(side.rate.denominator),
            wording.number(side.rate.numerator),
            share(side.rate),
            likely(side.rate),
            wording.number(side.young),
        ]
        for name, side in sides.items()
    ]
    sentence = insights.verdict_said(
        found.contrast, wording.say("command.change_name"), wording.say("command.change_side_before")
    )
    parts = [[title], table(heads, rows), [sentence], *_parts(found), *_chain(found, reached)]
    notes = [*by_account(found.after.rate, found.before.rate), *_untimed(found), *said(warnings)]
    return paragraphs([*parts, notes])


def plan(found: Sequence[Plan], warnings: Sequence[Note] = ()) -> dict[str, Any]:
    """How many leads a test of two groups needs to see the rate of `now` become each hoped-for one, and how many days that takes."""
    first = found[0]
    now = first.now
    return {
        "day": first.day,
        "now": {"leads": now.denominator, "converted": now.numerator, **interval(now), "accounts": now.accounts},
        "design_effect": first.design_effect,
        "inflow": first.inflow,
        "inflow_days": first.inflow_days,
        "plans": [
            {
                "hoped": each.hoped,
                "per_group": each.per_group,
                "start_days": each.start_days,
                "total_days": each.total_days,
            }
            for each in found
        ],
        "warnings": said(warnings),
    }


def plan_text(found: Sequence[Plan], warnings: Sequence[Note] = ()) -> str:
    """What is so now, then a line for each hoped-for rate."""
    first = found[0]
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
    heads = [wording.say(f"command.plan_{head}") for head in ("hoped_head", "per_group", "start", "total")]
    rows = [
        [
            wording.percent(each.hoped),
            wording.number(each.per_group),
            wording.days(each.start_days),
            wording.days(each.total_days),
        ]
        for each in found
    ]
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
    if any(each.per_group is None for each in found):
        notes.append(wording.say("command.plan_never"))
    return paragraphs([[title], table(heads, rows, left=0), notes, said(warnings)])


def _side(side: PeriodSide) -> dict[str, Any]:
    return {
        "from": moment(side.first),
        "to": moment(side.last),
        "leads": side.rate.denominator,
        "converted": side.rate.numerator,
        **interval(side.rate),
        "accounts": side.rate.accounts,
        "young": side.young,
    }


def _untimed(found: Periods) -> list[str]:
    untimed = found.before.untimed + found.after.untimed
    return [wording.say("command.segments_untimed", leads=untimed)] if untimed else []


def _parts(found: Periods) -> list[list[str]]:
    """What of the change is the mix, and what each kind's own rate; nothing where no column splits it, or the leads are too few."""
    if found.column is None or found.mix is None or found.contrast.difference is None:
        return []
    column = insights.column_name(found.column)
    sizes = {
        "change": found.contrast.difference,
        "mix": found.mix,
        "rate_part": found.rate_part,
        "low": found.rate_low,
        "high": found.rate_high,
        "within": found.standardised,
    }
    values = {name: insights.signed_points(size) for name, size in sizes.items()}
    sentences = [wording.say("command.change_split", column=column, **values)]
    if found.simpson:
        sentences.append(wording.say("command.change_simpson", column=column, **values))
    elif found.standardised is not None:
        sentences.append(wording.say("command.change_same_mix", **values))
    heads = [wording.say(f"command.change_{head}") for head in PART_HEADS]
    rows = [
        [
            wording.say("command.change_other") if part.segment is None else insights.segment_name(part.segment),
            *_part_cells(part),
        ]
        for part in found.parts
    ]
    return [sentences, table([column, *heads], rows)]


def _part_cells(part: Part) -> list[str]:
    return [
        wording.number(part.before.denominator),
        share(part.before),
        wording.number(part.after.denominator),
        share(part.after),
        insights.signed_points(part.mix),
        insights.signed_points(part.rate_part),
    ]


def _chain(found: Periods, reached: str) -> list[list[str]]:
    """The factors of the number that converted, and each one's part in its change."""
    if not found.chain or found.contrast.verdict is Verdict.FEW:
        return []
    before, after = found.before.rate.numerator, found.after.rate.numerator
    title = wording.say("command.change_chain", reached=reached, before=before, after=after)
    heads = [wording.say(f"command.change_{head}") for head in ("factor", "side_before", "side_after", "effect")]
    rows = []
    for factor in found.chain:
        written = wording.number if factor.position is None else wording.percent
        cells = [written(factor.before), written(factor.after), signed(round(factor.effect, 1))]
        rows.append([_factor_name(found.question, factor), *cells])
    return [[title, "", *table(heads, rows)]]


def _factor_key(question: Question, factor: Factor) -> str:
    stages = question.model.stages
    if factor.position is None:
        return LEADS
    return WON if factor.position == len(stages) else stages[factor.position].key


def _factor_name(question: Question, factor: Factor) -> str:
    stages = question.model.stages
    if factor.position is None:
        return wording.say("command.change_factor_leads")
    if factor.position == len(stages):
        return wording.say("command.change_factor_won")
    return wording.say("command.segments_to", stage=stages[factor.position].name)
