"""The command `touches`: how many wins each channel gets, by several rules side by side, and of the entries at each stage."""

from __future__ import annotations

import argparse
from math import isfinite
from typing import Any

import funnel
from funnel.cli import options, output
from funnel.core.errors import QuestionError
from funnel.core.types import Unit
from funnel.measures.credit import HALF_LIFE, LOOKBACK, credit
from funnel.measures.credit_rules import USUAL, CreditRule
from funnel.measures.goes_before import WITHIN, goes_before
from funnel.measures.stage_credit import stage_credit
from funnel.words import wording

ALL = "all"


def add(commands: Any) -> None:
    """Adds the command to the others."""
    how = options.asking(commands, "touches", _touches)
    how.add_argument(
        "--touches", nargs="+", action="extend", default=[], metavar="FILE", help=wording.say("command.touches_files")
    )
    for part in ("lead", "time", "channel"):
        how.add_argument(f"--touch-{part}", metavar="COL", help=wording.say(f"command.touch_{part}"))
    how.add_argument("--touch-labels", metavar="A,B,…", help=wording.say("command.touch_labels"))
    how.add_argument(
        "--models", type=_rules, default=USUAL, metavar="A,B,…", help=wording.say("command.touches_models")
    )
    how.add_argument("--at", metavar="won|STAGE", help=wording.say("command.touches_at"))
    how.add_argument("--before-steps", action="store_true", help=wording.say("command.touches_before"))
    how.add_argument("--within", type=_whole, default=None, metavar="DAYS", help=wording.say("command.touches_within"))
    how.add_argument(
        "--lookback", type=_lookback, default=LOOKBACK, metavar="DAYS", help=wording.say("command.touches_lookback")
    )
    how.add_argument(
        "--half-life", type=_days, default=HALF_LIFE, metavar="DAYS", help=wording.say("command.touches_half_life")
    )


def _touches(args: argparse.Namespace) -> int:
    parts = {f"touch_{part}": getattr(args, f"touch_{part}") for part in ("lead", "time", "channel")}
    overrides = options.overrides(args).replaced({name: header for name, header in parts.items() if header})
    labels = tuple(options.listed(args.touch_labels)) if args.touch_labels else overrides.touch_labels
    overrides = overrides.replaced({"touch_labels": labels})
    # Whose touches count; what is credited are the wins of leads.
    unit = None if args.unit is None else Unit(args.unit)
    args.unit = Unit.LEAD.value
    with funnel.open(*args.files, touches=args.touches, overrides=overrides) as data_set:
        # One that the file does not have is refused by its name.
        data_set.labels_model([[label] for label in labels])
        model = options.model(args, data_set)
        question = options.question(args, data_set, model)
        at = options.stage(args.at, model)
        lookback = None if args.lookback == ALL else args.lookback
        result = data_set.ask(credit, question, at, args.models, unit, lookback, args.half_life)
        stages = data_set.ask(stage_credit, question, unit, lookback, args.half_life, args.models)
        answer = output.touches(result, stages)
        notes = (*result.notes, *stages.notes)
        text = output.touches_text(result, stages)
        if args.before_steps:
            before = data_set.ask(goes_before, question, unit, WITHIN if args.within is None else args.within)
            answer |= output.goes_before(before)
            text += "\n\n" + output.goes_before_text(before)
            notes = (*notes, *before.notes)
        elif args.within is not None:
            raise QuestionError("command.touches_within_alone")
        notes = tuple(dict.fromkeys(notes))
        options.tell(args, data_set, question, answer, lambda _: text, *notes)
    return 0


def _rules(text: str) -> tuple[CreditRule, ...]:
    known = [rule.value for rule in CreditRule]
    asked = options.listed(text)
    for name in asked:
        if name not in known:
            raise QuestionError("command.touches_model_form", found=name, accepted=", ".join(known))
    if not asked:
        raise QuestionError("command.touches_model_form", found=text, accepted=", ".join(known))
    return tuple(CreditRule(name) for name in asked)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < len("100000")):
        raise QuestionError("command.touches_within_form", found=text)
    return int(text)


def _lookback(text: str) -> int | str:
    if text == ALL:
        return ALL
    if not (text.isascii() and text.isdigit() and len(text) < len("100000")):
        raise QuestionError("command.touches_lookback_form", found=text)
    return int(text)


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = float("nan")
    if not isfinite(days):
        raise QuestionError("command.touches_half_life_form", found=text)
    return days
