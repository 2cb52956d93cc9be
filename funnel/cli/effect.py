"""The command `effect`: what a change on a day did; and notes to days by their words, which `change` asks for too."""

from __future__ import annotations

import argparse
from typing import Any

import funnel
from funnel.cli import options as options
from funnel.cli import output
from funnel.core.errors import QuestionError
from funnel.core.types import DatedNote, Segment
from funnel.measures.effect import DAYS, effect, stage_of
from funnel.words import wording

MOST_NAMED = 20


def add(commands: Any) -> None:
    """Adds the command to the others."""
    how = options.asking(commands, "effect", _effect)
    which = how.add_mutually_exclusive_group(required=True)
    which.add_argument("--on", type=options.day, metavar="DATE", help=wording.say("command.effect_on"))
    which.add_argument("--note", metavar="TEXT", help=wording.say("command.effect_note"))
    how.add_argument("--step", metavar="STAGE", help=wording.say("command.effect_step"))
    how.add_argument("--day", type=options.one_day, default=DAYS, metavar="H", help=wording.say("command.effect_day"))
    how.add_argument("--gap", action="store_true", help=wording.say("command.effect_gap"))
    how.add_argument(
        "--only", action="append", default=[], metavar="COL=VALUE", help=wording.say("command.effect_only")
    )


def _effect(args: argparse.Namespace) -> int:
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        model = options.model(args, data_set)
        question = options.question(args, data_set, model)
        note = None if args.note is None else note_of(args.note, data_set)
        day = args.on if note is None else note.day
        step = args.step if args.step is not None else note.stage if note else ""
        if args.only or note is None:
            only = data_set.columns.conditions(options.where(args.only, data_set, "--only"), question.attributes)
        else:
            only = data_set.columns.written(note.condition, question.attributes)
        result = data_set.ask(effect, question, day, stage_of(question, step), args.day, args.gap, only)
        no_win = options.no_win(data_set, result.position)
        groups = (Segment(where=only),) if only else ()
        answer = output.effect(result, no_win)
        options.tell(args, data_set, question, answer, lambda _: output.effect_text(result, no_win), groups=groups)
    return 0


def note_of(text: str, data_set: funnel.DataSet) -> DatedNote:
    """The note of the project that says this, in any case; QuestionError where there is none, or more than one."""
    notes = data_set.work.dated_notes
    if not notes:
        raise QuestionError("command.note_none")
    found = [note for note in notes if note.text.strip().casefold() == text.strip().casefold()]
    if not found:
        accepted = wording.listed([f"“{note.text}”" for note in notes[:MOST_NAMED]])
        raise QuestionError("command.note_unknown", found=text, accepted=accepted)
    if len(found) > 1:
        days = wording.listed([wording.day(note.day) for note in found[:MOST_NAMED]])
        raise QuestionError("command.note_several", notes=len(found), found=text, days=days)
    return found[0]
