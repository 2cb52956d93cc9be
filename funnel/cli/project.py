"""The command `save`: files, and what was said of them, as one project file that opens anywhere."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import funnel
from funnel import catalogue
from funnel.cli import options as options
from funnel.core.errors import ProjectError, QuestionError
from funnel.core.types import DatedNote
from funnel.storage import notes_csv
from funnel.storage.project import ENDING, MOST_NOTES
from funnel.words import wording

MOST_PROBLEMS = 20


def add(commands: Any) -> None:
    """Adds this command to the others."""
    parser = commands.add_parser("save", help=wording.say("command.save"), allow_abbrev=False)
    options.file_options(parser)
    parser.add_argument("--to", required=True, metavar=f"FILE{ENDING}", help=wording.say("command.save_to"))
    parser.add_argument("--models", metavar="FILE.toml,…", help=wording.say("command.save_models"))
    parser.add_argument("--notes", metavar="TEXT", help=wording.say("command.save_notes"))
    parser.add_argument("--dated-notes", metavar="FILE.csv", help=wording.say("command.save_dated_notes"))
    parser.set_defaults(run=_save)


def _save(args: argparse.Namespace) -> int:
    target = Path(args.to)
    if target.suffix != ENDING:
        raise ProjectError("project.ending", file=args.to, ending=ENDING)
    if args.notes is not None and len(args.notes) > MOST_NOTES:
        raise QuestionError("project.long_notes", signs=len(args.notes), most=MOST_NOTES)
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        own_models = {model.key: model for model in data_set.work.models}
        for path in options.listed(args.models or ""):
            model = catalogue.read_model(Path(path))
            own_models[model.key] = model
        notes = data_set.work.notes if args.notes is None else args.notes
        dated, problems = _dated(args.dated_notes, data_set.work.dated_notes)
        work = replace(data_set.work, models=tuple(own_models.values()), notes=notes, dated_notes=dated)
        data_set.save(target, work)
        answer = {
            "project": args.to,
            "bytes": target.stat().st_size,
            "leads": data_set.leads,
            "entries": data_set.entries,
            "models": list(own_models),
            "notes": notes,
            "dated_notes": len(dated),
            "warnings": problems,
        }
    saved = wording.say("project.saved", file=args.to, leads=answer["leads"])
    options.show(args, answer, lambda answer: "\n".join([saved, *answer["warnings"]]))
    return 0


def _dated(path: str | None, there: tuple[DatedNote, ...]) -> tuple[tuple[DatedNote, ...], list[str]]:
    """The notes to days of a CSV file beside those there are, the earliest first, and what is said of lines that are none."""
    if path is None:
        return there, []
    try:
        with open(path, "rb") as file:
            content = file.read(1000 * notes_csv.MOST_KILOBYTES + 1)
    except OSError as error:
        raise QuestionError("command.unreadable", file=path) from error
    found = notes_csv.read(content, len(there))
    together = sorted({*there, *found.notes}, key=lambda note: (note.day, note.text, note.stage, note.condition))
    return tuple(together), notes_csv.problems_said(found, MOST_PROBLEMS)
