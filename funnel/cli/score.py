"""The command `score`: the chance of each open lead to win within so many days, where the file shows that it can be told."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import funnel
from funnel.cli import options, output
from funnel.core.errors import QuestionError
from funnel.core.types import Note, Shape
from funnel.measures.lead_score import DAY, Part, check_day, lead_score
from funnel.words import wording

LIMIT = 50


def add(commands: Any) -> None:
    """Adds the command to the others."""
    how = options.asking(commands, "score", _score)
    how.add_argument("--day", type=_day, default=DAY, metavar="DAYS", help=wording.say("command.score_day"))
    how.add_argument(
        "--part", choices=[part.value for part in Part], default=Part.ALL.value, help=wording.say("command.score_part")
    )
    how.add_argument("--limit", type=options.count, default=LIMIT, metavar="N", help=wording.say("command.score_limit"))
    how.add_argument("--out", type=Path, metavar="FILE.csv", help=wording.say("command.score_out"))


def _score(args: argparse.Namespace) -> int:
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        question = options.question(args, data_set, options.model(args, data_set))
        part = Part(args.part)
        result = data_set.ask(lead_score, question, args.day, part=part, limit=None if args.out else args.limit)
        if args.out:
            _write(args.out, output.score_csv(result))
        wide = [Note("measures.chance_wide")] if data_set.mapping.shape is Shape.WIDE else []
        shown = output.score(result, args.limit)
        options.tell(
            args, data_set, question, shown, lambda _: output.score_text(result, args.limit), *result.notes, *wide
        )
    return 0


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise QuestionError("command.score_unwritable", file=path) from error


def _day(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise QuestionError("command.score_day_form", found=text)
    day = int(text)
    check_day(day)
    return day
