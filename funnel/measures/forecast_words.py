"""What a forecast says, in sentences that pages and commands share: the answer, where wins come from, the target, how right it was."""

from __future__ import annotations

from typing import Any

from funnel.core.types import Note
from funnel.measures.forecast import Forecast
from funnel.measures.forecast_months import Goal


def answer(result: Forecast) -> Note:
    """The first month in at most twelve words; of one that is not over, what is won and what is more expected."""
    first = result.months[0]
    values: dict[str, Any] = {"first": first.first, "won": first.won, "expected": round(first.expected)}
    rest = "rest_" if result.unfinished else ""
    if first.range is None:
        return Note(f"measures.forecast_answer_{rest}{result.unit}", values)
    return Note(
        f"measures.forecast_answer_{rest}{result.unit}_range",
        {**values, "low": first.range.low80, "high": first.range.high80},
    )


def of_open(result: Forecast) -> Note:
    """How many of the wins of the first month come from leads that are open now."""
    first = result.months[0]
    rest = "rest_" if result.unfinished else ""
    values = {"first": first.first, "won": first.won, "open": round(first.from_open)}
    return Note(
        f"measures.forecast_open_{rest}{result.unit}", {**values, "expected": round(first.won + first.expected)}
    )


def right_told(result: Forecast, ahead: int) -> list[Note]:
    """How often what came lay within the range told before, of all earlier forecasts; and by how much those so far ahead missed."""
    every, some = result.right(), result.right(ahead)
    told = [Note("measures.forecast_within", {"judged": every.judged, "within": every.within})] if every.judged else []
    if not some.forecasts:
        return [*told, Note("measures.forecast_unchecked")]
    if some.error is None:
        return told
    values = {"n": ahead, "forecasts": some.forecasts, "error": some.error}
    return [*told, Note(f"measures.forecast_missed_{result.unit if ahead else 'rest'}", values)]


def value_right_told(result: Forecast) -> list[Note]:
    """By how much earlier forecasts of the value missed: of the first month that is told from its beginning, and of the last one."""
    aheads = dict.fromkeys((result.whole_ahead, result.months[-1].ahead))
    return [
        Note(
            f"measures.forecast_value_missed_{result.unit if ahead else 'rest'}",
            {
                "currency": f" ({each.currency})" if each.currency else "",
                "n": ahead,
                "forecasts": each.forecasts,
                "error": each.error,
                "ratio": each.ratio,
            },
        )
        for ahead in aheads
        for each in result.value_right(ahead)
        if each.error is not None
    ]


def goal_told(goal: Goal) -> list[Note]:
    """Whether a target is likely, and whether enough is open for it."""
    kind = "wins" if goal.currency is None else "value"
    values = {
        "currency": f"{goal.currency} " if goal.currency else "",
        "target": goal.target,
        "so_far": goal.so_far,
        "expected": round(goal.expected),
        "by": goal.by,
        "reach": goal.reach,
    }
    if goal.coverage is None:
        return [Note(f"measures.forecast_goal_{kind}_reached", values)]
    told = [Note(f"measures.forecast_goal_{kind}" + ("" if goal.reach is None else "_chance"), values)]
    if goal.coverage_needed is not None:
        covered = {"coverage": round(goal.coverage, 1), "needed": round(goal.coverage_needed, 1)}
        told.append(Note(f"measures.forecast_coverage_{kind}", covered))
    return told
