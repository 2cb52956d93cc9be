"""Wins to come, as plain data for `--json`, and as text for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel.cli.output.contrasts import said
from funnel.cli.output.text import in_lines, moment, paragraphs, rows_text
from funnel.core.rows import data
from funnel.core.types import Note
from funnel.measures.forecast import Forecast
from funnel.measures.forecast_months import Goal
from funnel.measures.forecast_words import answer, goal_told, of_open, right_told, value_right_told


def forecast(result: Forecast) -> dict[str, Any]:
    """Each month, each earlier forecast, and what is missing; with a target, how likely it is, and whether enough is open for it."""
    return {
        "as_of": moment(result.as_of),
        "unit": result.unit.value,
        "months": data(result.rows()),
        "backtests": data(result.backtest_rows(), without=("within",)),
        "value_backtests": data(result.value_backtest_rows()),
        "missing": said(result.missing),
        **({} if result.goal is None else {"target": _goal(result.goal)}),
    }


def forecast_text(result: Forecast) -> str:
    """The answer, a line for each month, what they are worth, the target, and how right earlier forecasts were."""
    if not result.months:
        return "\n".join(_lines(result.missing))
    ahead = result.whole_ahead
    checked = result.backtest_rows(ahead)
    goal = [] if result.goal is None else _lines(goal_told(result.goal))
    return paragraphs(
        [
            _lines([answer(result), of_open(result)]),
            rows_text("forecast", result.rows()),
            rows_text("forecast_value", result.value_rows()) if result.value_rows() else [],
            _lines(value_right_told(result)),
            goal,
            rows_text("forecast_right", checked) if checked else [],
            _lines(right_told(result, ahead)),
            _lines(result.missing),
        ]
    )


def _lines(notes: Sequence[Note]) -> list[str]:
    """Sentences of a line each: they may name a currency as the file has it."""
    lines: list[str] = in_lines(said(notes))
    return lines


def _goal(goal: Goal) -> dict[str, Any]:
    return {
        "wins" if goal.currency is None else "value": goal.target,
        "currency": goal.currency or None,
        "since": goal.since.isoformat(),
        "by": goal.by.isoformat(),
        "so_far": goal.so_far,
        "expected": goal.expected,
        "open": goal.open,
        "coverage": goal.coverage,
        "coverage_needed": goal.coverage_needed,
        "reach": goal.reach,
    }
