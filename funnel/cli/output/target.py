"""A target planned backwards, as plain data for `--json`, and as text for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from funnel.cli.output.contrasts import said
from funnel.cli.output.text import paragraphs, rows_text
from funnel.core.rows import data, signed
from funnel.core.types import Note
from funnel.measures.target import WinTarget, paced
from funnel.measures.target_plan import Improvement
from funnel.words import wording


def target(result: WinTarget, warnings: Sequence[Note] = ()) -> dict[str, Any]:
    """What is needed, where it stands, and what steps are worth: those asked for, else each by 5 points more."""
    what_if = result.what_if
    asked = what_if.improvements if what_if else result.improvements
    return {
        "as_of": result.as_of.isoformat(),
        "from": result.since.isoformat(),
        "by": result.by.isoformat(),
        "target": {"wins": result.wins, **_worth(result)},
        "won": result.won,
        "open": {
            "leads": result.open_leads,
            "expected": result.open,
            "low80": result.open_low,
            "high80": result.open_high,
        },
        "to_find": result.to_find,
        "expected_at_pace": result.expected,
        "reach": {"at_pace": result.reach, "at_needed": result.reach_needed},
        "sure": result.sure,
        "stages": data(result.rows()),
        "what_if": [_improvement(each) for each in asked],
        "together": what_if
        and {
            "arrivals": what_if.arrivals,
            "days_sooner": what_if.sooner,
            "amount": what_if.amount,
            "extra_wins": what_if.extra,
            "expected": what_if.expected,
            "reach": what_if.reach,
            "per_week": what_if.per_week,
            "by_month": _months(what_if.by_month),
        },
        "scatter": result.scatter,
        "backtests": result.backtests,
        "warnings": said([*result.notes, *warnings]),
    }


def target_text(result: WinTarget, warnings: Sequence[Note] = ()) -> str:
    """The answer, where it stands, a line for each stage, and what steps are worth."""
    answer = result.answer
    values = {"since": result.since, "by": result.by, "model": result.question.model.key, "won": result.won}
    values |= {"wins": result.wins, "leads": result.open_leads, "open": round(result.open)}
    values |= {"low": result.open_low, "high": result.open_high}
    key = "target_line" if result.open_low is None else "target_line_range"
    lines = [wording.say(answer.key, **answer.values), wording.say(f"command.{key}", **values), *_chances(result)]
    if (worth := result.worth) is not None:
        told = {"value": worth.value, "so_far": worth.so_far, "mean": worth.mean}
        money = {name: wording.money(amount, worth.currency) for name, amount in told.items()}
        lines.append(wording.say("command.target_worth", wins=result.wins, priced=worth.priced, **money))
    rows = rows_text("target", result.rows())
    ways = [wording.say("command.target_ways")] if result.to_find else []
    levers = [wording.say("command.target_lever"), "", *rows_text("target_levers", result.lever_rows())]
    return paragraphs([lines, rows, ways, levers, _asked(result), said([*result.notes, *warnings])])


def _chances(result: WinTarget) -> list[str]:
    key = "target_expected" if result.reach is None else "target_chance"
    lines = [wording.say(f"command.{key}", expected=round(result.expected), reach=result.reach)]
    if result.first.sure:
        lines.append(wording.say("command.target_sure_line", sure=result.sure, needed=paced(result.first.sure)))
    return lines


def _asked(result: WinTarget) -> list[str]:
    what_if = result.what_if
    if what_if is None:
        return []
    steps = [
        wording.say(
            "command.target_what_if_step",
            stage=each.name,
            rate=each.rate,
            improved=each.improved,
            extra=signed(round(each.extra, 1)),
        )
        for each in what_if.improvements
    ]
    extra = signed(round(what_if.extra, 1))
    return [*steps, wording.say("command.target_what_if", extra=extra, expected=round(what_if.expected))]


def _improvement(each: Improvement) -> dict[str, Any]:
    return {
        "step": each.name,
        "from": each.rate,
        "to": each.improved,
        "extra_wins": each.extra,
        "by_month": _months(each.by_month),
    }


def _worth(result: WinTarget) -> dict[str, Any]:
    worth = result.worth
    if worth is None:
        return {}
    return {
        "value": worth.value,
        "currency": worth.currency or None,
        "won_value": worth.so_far,
        "mean_value": worth.mean,
        "priced_wins": worth.priced,
    }


def _months(by_month: Sequence[tuple[date, float]]) -> list[dict[str, Any]]:
    return [{"month": f"{month:%Y-%m}", "extra_wins": wins} for month, wins in by_month]
