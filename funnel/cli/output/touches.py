"""Credit of channels as plain data, and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel.cli.output.text import paragraphs, rows_text, table
from funnel.core.rows import Row, data
from funnel.core.types import Apart
from funnel.measures.credit import Credit
from funnel.measures.credit_rules import CreditRule
from funnel.measures.goes_before import GoesBefore
from funnel.measures.stage_credit import StageCredit
from funnel.words import wording


def touches(result: Credit, stages: StageCredit) -> dict[str, Any]:
    """How many events and touches there are, what each rule gives to each channel (null: no touch known), and the same of the entries at
    each stage."""
    apart = result.touches.apart
    costs = result.touches.costs
    return {
        "model": result.question.model.key,
        "unit": result.unit.value,
        "at": None if result.at is None else result.question.model.stages[result.at].key,
        "lookback": result.lookback,
        "half_life": result.half_life,
        "events": result.events,
        "without_touch": result.without_touch,
        "untimed": result.untimed,
        "touches": {
            "used": result.touches.used,
            "unmatched": result.touches.unmatched,
            "after": result.after,
            **{
                reason.value: apart.get(reason, 0)
                for reason in (Apart.FUTURE, Apart.PLANNED, Apart.SENT, Apart.DUPLICATE)
            },
            "ignored": apart.get(Apart.IGNORED, 0),
            "rejected": sum(lines for reason, lines in apart.items() if reason.rejects),
        },
        "channels": [
            {
                "channel": each.channel,
                "touched": each.touched.numerator,
                "leads": each.leads,
                **({"cost": each.cost} if costs else {}),
            }
            for each in result.channels
        ],
        "credit": [
            {
                "channel": each.channel,
                "model": each.rule.value,
                "events": each.events,
                "low": each.low,
                "high": each.high,
                "rank": each.rank,
                "value": [{"currency": money.currency or None, "amount": money.amount} for money in each.value],
                **({"cost_each": each.channel and result.cost_each(each.channel, each.rule)} if costs else {}),
            }
            for each in result.credits
        ],
        "too_few": [rule.value for rule in result.few],
        "stages": [
            {
                "stage": stages.question.model.stages[each.position].key,
                "channel": each.channel,
                "model": each.rule.value,
                "events": each.events,
            }
            for each in stages.shares
        ],
    }


def touches_text(result: Credit, stages: StageCredit) -> str:
    """The answer, what was counted, a line a channel, and what channels get of the entries at each stage by the first rule that can say."""
    answer = result.answer
    at = None if result.at is None else result.question.model.stages[result.at].name
    counts = {
        "used": result.touches.used,
        "unmatched": result.touches.unmatched,
        "after": result.after,
        "future": result.touches.apart.get(Apart.FUTURE, 0),
    }
    lines = [
        wording.say(answer.key, **answer.values),
        wording.say(
            f"command.touches_line_{result.unit}",
            what=wording.say("command.touches_wins", events=result.events)
            if at is None
            else wording.say("command.touches_entries", events=result.events, stage=at),
            without=result.without_touch,
            lookback=wording.say("command.touches_all_days")
            if result.lookback is None
            else wording.say("command.touches_days", days=result.lookback),
        ),
        wording.say("command.touches_counts", **counts),
    ]
    rare = [rule.value for rule in CreditRule if rule not in result.rules]
    rows = result.rows() if result.rules else []
    shown = rows_text("credit", rows, rare=(*rare, *(() if result.touches.costs else ("cost",)))) if rows else []
    money = [
        [
            wording.say(
                "command.touches_money", currency=wording.plain(currency) or wording.say("pages.bridge.in_money")
            ),
            *rows_text("credit", _alone(result.money_rows(currency)), rare=(*rare, "touched", "leads", "cost")),
        ]
        for currency in result.currencies
        if rows
    ]
    return paragraphs([[wording.plain(line) for line in lines], shown, *money, _stages(stages)])


def goes_before(result: GoesBefore) -> dict[str, Any]:
    """Within how many days after a touch, and for each channel and step what goes before it (null: too few to tell)."""
    without = ("from", "to")
    return {"within": result.within, "goes_before": data(result.rows(), without)}


def goes_before_text(result: GoesBefore) -> str:
    """A line a channel and step that could be told, the surest first."""
    rows = [row for row, each in zip(result.rows(), result.steps, strict=True) if each.ratio is not None]
    head = wording.say("command.touches_before_head", within=result.within)
    body = rows_text("goes_before", rows) if rows else [wording.say("charts.before_nothing")]
    return paragraphs([[head], body])


def _alone(rows: Sequence[Row]) -> list[Row]:
    """Amounts without what stands beside the counts already."""
    return [{**row, "touched": None, "leads": None, "cost": None} for row in rows]


def _stages(stages: StageCredit) -> list[str]:
    """A line a channel, a column a stage, by the first of the rules."""
    if not stages.rules:
        return []
    rule = stages.rules[0]
    names = [wording.plain(stage.name) for stage in stages.question.model.stages]
    known: list[str | None] = [*stages.channels, None]
    body = [
        [
            wording.say("measures.credit_no_touch") if channel is None else wording.plain(channel),
            *(wording.number(round(stages.of(position, channel, rule), 1)) for position in range(len(names))),
        ]
        for channel in known
    ]
    body.append([wording.say("command.touches_all"), *(wording.number(count) for count in stages.entries)])
    head = wording.say("command.touches_stages", rule=wording.say(f"tables.credit.{rule}"))
    return [head, *table([wording.say("tables.credit.channel"), *names], body)]
