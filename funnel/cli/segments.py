"""The commands that set leads against each other: `segments`, `scan`, `change`, and `plan` for a test to come."""

from __future__ import annotations

import argparse
import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import funnel
from funnel.cli import options as options
from funnel.cli import output
from funnel.cli.effect import note_of
from funnel.core.errors import LackingError, QuestionError
from funnel.core.types import Note, Question, Segment
from funnel.measures.periods import Range, periods
from funnel.measures.plans import plans
from funnel.measures.scan import scan
from funnel.measures.segment_curves import segment_curves
from funnel.measures.segments import segments
from funnel.measures.stage_changes import stage_changes
from funnel.words import wording

SPAN = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2}))?|-[Qq](?P<quarter>[1-4]))?", re.ASCII)


def add(commands: Any) -> None:
    """Adds these commands to the others."""
    how = options.asking(commands, "segments", _segments)
    how.add_argument("--by", metavar="COL", help=wording.say("command.segments_by"))
    how.add_argument("--groups", type=options.count, default=50, metavar="N", help=wording.say("command.groups"))
    for group in ("a", "b"):
        how.add_argument(
            f"--{group}", action="append", default=[], metavar="COL=VALUE", help=wording.say(f"command.group_{group}")
        )
    _target_options(how, so_far=True)

    _target_options(options.asking(commands, "scan", _scan), so_far=True)

    how = options.asking(commands, "change", _change, dates=False)
    for side in ("before", "after"):
        how.add_argument(f"--{side}", type=_span, metavar="A..B", help=wording.say(f"command.change_{side}"))
    how.add_argument("--note", metavar="TEXT", help=wording.say("command.change_note"))
    how.add_argument("--by", metavar="COL", help=wording.say("command.change_by"))
    _target_options(how, "command.change_day")

    how = options.asking(commands, "plan", _plan)
    how.add_argument(
        "--hoped",
        type=options.share,
        action="append",
        required=True,
        metavar="RATE",
        help=wording.say("command.plan_hoped"),
    )
    _target_options(how, "command.plan_day", 90)
    how.add_argument(
        "--power", type=options.share, default=0.8, metavar="SHARE", help=wording.say("command.plan_power")
    )
    how.add_argument(
        "--share", type=options.share, default=1.0, metavar="SHARE", help=wording.say("command.plan_share")
    )


def _segments(args: argparse.Namespace) -> int:
    if bool(args.a) != bool(args.b) or bool(args.a) == (args.by is not None):
        raise QuestionError("command.segments_ways")
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        question, target = _asked(args, data_set)
        by = args.by or [options.where(args.a, data_set, "--a"), options.where(args.b, data_set, "--b")]
        result = data_set.ask(segments, question, by, target, args.day, args.groups, so_far=args.so_far)
        curves = None
        if result.day is not None:
            curves = data_set.ask(segment_curves, question, by, target, args.groups)
        log_rank = curves and curves.log_rank
        answer = result, log_rank, options.no_win(data_set, target)
        groups = () if args.by else tuple(each.segment for each in result.segments)
        _tell(args, data_set, question, output.segments, output.segments_text, answer, groups=groups)
    return 0


def _scan(args: argparse.Namespace) -> int:
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        question, target = _asked(args, data_set)
        result = data_set.ask(scan, question, target, args.day, so_far=args.so_far)
        notes = [Note("command.scan_at_start")] if question.attributes is not result.question.attributes else []
        answer = result, options.no_win(data_set, target)
        _tell(args, data_set, result.question, output.scan, output.scan_text, answer, *notes)
    return 0


def _change(args: argparse.Namespace) -> int:
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        question, target = _asked(args, data_set)
        before, after = _sides(args, data_set)
        result = data_set.ask(periods, question, before, after, args.by, target, args.day)
        stages = data_set.ask(stage_changes, question, before, after)
        answer = result, stages, options.no_win(data_set, target)
        _tell(args, data_set, question, output.change, output.change_text, answer)
    return 0


def _sides(args: argparse.Namespace, data_set: funnel.DataSet) -> tuple[Range, Range]:
    """The two periods that were said, or those that the day of a note parts all leads into."""
    if (args.note is None) == (args.before is None) or (args.before is None) != (args.after is None):
        raise QuestionError("command.change_ways")
    if args.note is None:
        return args.before, args.after
    day = note_of(args.note, data_set).day
    if data_set.first_start is None or data_set.last_start is None:
        raise LackingError("errors.no_start")
    first, last = data_set.first_start.date(), data_set.last_start.date()
    if not first < day <= last:
        raise QuestionError("errors.effect_day", day=day, first=first, last=last)
    return (first, day - timedelta(days=1)), (day, last)


def _plan(args: argparse.Namespace) -> int:
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        question, target = _asked(args, data_set)
        result = data_set.ask(plans, question, args.hoped, target, args.day, args.power, args.share)
        answer = result, options.no_win(data_set, target)
        _tell(args, data_set, question, output.plan, output.plan_text, answer)
    return 0


def _asked(args: argparse.Namespace, data_set: funnel.DataSet) -> tuple[Question, int | None]:
    """The question, and the stage that conversion leads to; None: the win."""
    model = options.model(args, data_set)
    return options.question(args, data_set, model), options.stage(args.stage, model)


def _tell(
    args: argparse.Namespace,
    data_set: funnel.DataSet,
    question: Question,
    as_data: Callable[..., dict[str, Any]],
    as_text: Callable[..., str],
    answer: Sequence[object],
    *notes: Note,
    groups: Sequence[Segment] = (),
) -> None:
    """The text is made of the answer itself, since its sentences weigh the counts."""
    options.tell(args, data_set, question, as_data(*answer), lambda _: as_text(*answer), *notes, groups=groups)


def _target_options(
    how: argparse._ArgumentGroup,
    day: str = "command.segments_day",
    default: int | None = None,
    *,
    so_far: bool = False,
) -> None:
    how.add_argument("--stage", metavar="KEY", help=wording.say("command.stage"))
    how.add_argument("--day", type=options.one_day, default=default, metavar="H", help=wording.say(day))
    if so_far:
        how.add_argument("--so-far", action="store_true", help=wording.say("command.segments_so_far"))


def _span(text: str) -> tuple[date, date]:
    """The first and the last day of `A..B`, or of one day, month (2023-05), quarter (2023-Q2) or year (2023)."""
    first, mark, last = text.strip().partition("..")
    try:
        return _bounds(first)[0], _bounds(last if mark else first)[1]
    except ValueError:
        raise QuestionError("command.span_form", found=text) from None


def _bounds(text: str) -> tuple[date, date]:
    """The first and the last day of a day, a month, a quarter or a year; ValueError where it is none of these."""
    match = SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    year = int(match["year"])
    if match["day"]:
        return (date(year, int(match["month"]), int(match["day"])),) * 2
    first, last = 1, 12
    if match["month"]:
        first = last = int(match["month"])
    elif match["quarter"]:
        last = 3 * int(match["quarter"])
        first = last - 2
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])
