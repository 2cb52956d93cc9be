"""The command `bridge`: the pipeline between two days, and the leads behind each part of it."""

from __future__ import annotations

import argparse
from typing import Any

import funnel
from funnel.cli import options as options
from funnel.cli import output
from funnel.core.errors import QuestionError
from funnel.measures.bridge import Part, bridge
from funnel.measures.bridge_list import bridge_leads
from funnel.words import wording


def add(commands: Any) -> None:
    """Adds the command to the others."""
    how = options.asking(commands, "bridge", _bridge, dates=False)
    how.add_argument("--from", dest="since", type=options.day, metavar="DATE", help=wording.say("command.bridge_from"))
    how.add_argument("--to", type=options.day, metavar="DATE", help=wording.say("command.bridge_to"))
    how.add_argument("--part", choices=[part.value for part in Part], help=wording.say("command.bridge_part"))
    how.add_argument("--leads", action="store_true", help=wording.say("command.bridge_leads"))


def _bridge(args: argparse.Namespace) -> int:
    if args.leads and args.part is None:
        raise QuestionError("command.bridge_leads_alone")
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        question = options.question(args, data_set, options.model(args, data_set))
        result = data_set.ask(bridge, question, args.since, args.to)
        answer = output.bridge(result)
        lines = output.bridge_text(result)
        if args.part is not None:
            part = Part(args.part)
            answer |= {"part": output.bridge_part(result.part(part))}
            lines = output.bridge_part_text(result, part)
            if args.leads:
                leads = data_set.ask(bridge_leads, question, part, result.since, result.to, limit=None)
                answer |= {"leads": output.leads(leads)}
                lines += "\n\n" + output.leads_text(result, leads)
        options.tell(args, data_set, question, answer, lambda _: lines, *result.notes)
    return 0
