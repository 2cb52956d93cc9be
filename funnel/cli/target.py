"""The command `target`: what so many wins by a day, or so much money, need."""

from __future__ import annotations

import argparse
from math import isfinite
from typing import Any

import funnel
from funnel.cli import options as options
from funnel.cli import output
from funnel.core.errors import QuestionError
from funnel.core.types import StageModel
from funnel.measures.target import SURE, target
from funnel.measures.target_worth import value_target
from funnel.words import wording


def add(commands: Any) -> None:
    """Adds the command to the others."""
    how = options.asking(commands, "target", _target, dates=False)
    how.add_argument("--by", type=options.day, required=True, metavar="DATE", help=wording.say("command.target_by"))
    wanted = how.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--wins", type=options.count, metavar="N", help=wording.say("command.target_wins"))
    wanted.add_argument("--value", type=options.factor, metavar="AMOUNT", help=wording.say("command.target_value"))
    how.add_argument("--currency", metavar="CODE", help=wording.say("command.target_currency"))
    how.add_argument("--from", dest="since", type=options.day, metavar="DATE", help=wording.say("command.target_from"))
    how.add_argument(
        "--sure", type=options.share, default=SURE, metavar="SHARE", help=wording.say("command.target_sure")
    )
    how.add_argument(
        "--step", action="append", default=[], metavar="STAGE=+POINTS", help=wording.say("command.target_step")
    )
    how.add_argument(
        "--arrivals", type=options.factor, default=1.0, metavar="TIMES", help=wording.say("command.target_arrivals")
    )
    how.add_argument(
        "--faster", action="append", default=[], metavar="STAGE=PERCENT", help=wording.say("command.target_faster")
    )
    how.add_argument(
        "--larger", type=options.factor, default=1.0, metavar="TIMES", help=wording.say("command.target_amount")
    )


def _target(args: argparse.Namespace) -> int:
    if args.currency is not None and args.value is None:
        raise QuestionError("command.target_currency_alone")
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        model = options.model(args, data_set)
        question = options.question(args, data_set, model)
        steps = tuple(_step(text, model) for text in args.step)
        faster = tuple(_step(text, model) for text in args.faster)
        asked = {"since": args.since, "sure": args.sure, "steps": steps, "arrivals": args.arrivals}
        asked |= {"faster": faster, "amount": args.larger}
        if args.value is None:
            result = data_set.ask(target, question, args.by, args.wins, **asked)
        else:
            result = data_set.ask(value_target, question, args.by, args.value, args.currency, **asked)
        options.tell(args, data_set, question, output.target(result), lambda _: output.target_text(result))
    return 0


def _step(text: str, model: StageModel) -> tuple[int, float]:
    """`Demo=+5` as the position of the stage and a fraction."""
    name, _, points = text.rpartition("=")
    try:
        more = float(points.strip().removesuffix("%"))
    except ValueError:
        more = float("nan")
    position = options.stage(name.strip(), model) if name.strip() else None
    if position is None or not isfinite(more):
        raise QuestionError("command.target_step_form", found=text)
    return position, more / 100
