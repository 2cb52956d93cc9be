"""The command `forecast`: the wins of the next months and what they are worth, and how right earlier forecasts were."""

from __future__ import annotations

import argparse
from typing import Any

import funnel
from funnel.cli import options as options
from funnel.cli import output
from funnel.core.errors import QuestionError
from funnel.measures.forecast import MONTHS, MOST_MONTHS, forecast
from funnel.words import wording


def add(commands: Any) -> None:
    """Adds the command to the others."""
    how = options.asking(commands, "forecast", _forecast, dates=False)
    how.add_argument("--months", type=_months, default=MONTHS, metavar="N", help=wording.say("command.forecast_months"))
    wanted = how.add_mutually_exclusive_group()
    wanted.add_argument(
        "--target-wins", type=options.count, metavar="N", help=wording.say("command.forecast_target_wins")
    )
    wanted.add_argument(
        "--target-value", type=options.factor, metavar="AMOUNT", help=wording.say("command.forecast_target_value")
    )
    how.add_argument("--currency", metavar="CODE", help=wording.say("command.forecast_currency"))


def _forecast(args: argparse.Namespace) -> int:
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        question = options.question(args, data_set, options.model(args, data_set))
        result = data_set.ask(forecast, question, args.months, args.target_wins, args.target_value, args.currency)
        answer = output.forecast(result)
        options.tell(args, data_set, question, answer, lambda _: output.forecast_text(result), *result.notes)
    return 0


def _months(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < len("1000")):
        raise QuestionError("command.forecast_months_form", found=text, most=MOST_MONTHS)
    return int(text)
