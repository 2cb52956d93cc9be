"""The commands that set leads against each other: `segments`, `scan`, `change`, and `plan` for a test to come."""

from __future__ import annotations

import argparse
import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date
from math import isfinite
from typing import Any

import funnel
from funnel.cli import options as options
from funnel.cli import output
from funnel.core.errors import QuestionError
from funnel.core.types import Note, Question, Segment
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
        how.add_argument(
            f"--{side}", type=_span, required=True, metavar="A..B", help=wording.say(f"command.change_{side}")
        )
    how.add_argument("--by", metavar="COL", help=wording.say("command.change_by"))
    _target_options(how, "command.change_day")

    how = options.asking(commands, "plan", _plan)
    how.add_argument(
        "--hoped", type=_share, action="append", required=True, metavar="RATE", help=wording.say("command.plan_hoped")
    )
    _target_options(how, "command.plan_day", 90)
    how.add_argument("--power", type=_share, default=0.8, metavar="SHARE", help=wording.say("command.plan_power"))
    how.add_argument("--share", type=_share, default=1.0, metavar="SHARE", help=wording.say("command.plan_share"))


def _segments(asked: argparse.Namespace) -> int:
    if bool(asked.a) != bool(asked.b) or bool(asked.a) == (asked.by is not None):
        raise QuestionError("command.segments_ways")
    with funnel.open(*asked.files, hints=options.hints(asked)) as data_set:
        question, target = _asked(asked, data_set)
        by = asked.by or [options.where(asked.a, data_set, "--a"), options.where(asked.b, data_set, "--b")]
        found = data_set.segments(question, by, target, asked.day, asked.groups, so_far=asked.so_far)
        curves = None
        if found.day is not None:
            curves = data_set.segment_curves(question, by, target, asked.groups)
        log_rank = curves and curves.log_rank
        answer = found, log_rank, options.no_win(data_set, target)
        groups = () if asked.by else tuple(each.segment for each in found.segments)
        _tell(asked, data_set, question, output.segments, output.segments_text, answer, groups=groups)
    return 0


def _scan(asked: argparse.Namespace) -> int:
    with funnel.open(*asked.files, hints=options.hints(asked)) as data_set:
        question, target = _asked(asked, data_set)
        found = data_set.scan(question, target, asked.day, so_far=asked.so_far)
        notes = [Note("command.scan_at_start")] if question.attributes is not found.question.attributes else []
        answer = found, options.no_win(data_set, target)
        _tell(asked, data_set, found.question, output.scan, output.scan_text, answer, *notes)
    return 0


def _change(asked: argparse.Namespace) -> int:
    with funnel.open(*asked.files, hints=options.hints(asked)) as data_set:
        question, target = _asked(asked, data_set)
        found = data_set.periods(question, asked.before, asked.after, asked.by, target, asked.day)
        answer = found, options.no_win(data_set, target)
        _tell(asked, data_set, question, output.change, output.change_text, answer)
    return 0


def _plan(asked: argparse.Namespace) -> int:
    with funnel.open(*asked.files, hints=options.hints(asked)) as data_set:
        question, target = _asked(asked, data_set)
        found = data_set.plans(question, asked.hoped, target, asked.day, asked.power, asked.share)
        answer = found, options.no_win(data_set, target)
        _tell(asked, data_set, question, output.plan, output.plan_text, answer)
    return 0


def _asked(asked: argparse.Namespace, data_set: funnel.DataSet) -> tuple[Question, int | None]:
    """The question, and the stage that conversion leads to; None: the win."""
    model = options.model(asked, data_set)
    return options.question(asked, data_set, model), options.stage(asked.stage, model)


def _tell(
    asked: argparse.Namespace,
    data_set: funnel.DataSet,
    question: Question,
    as_data: Callable[..., dict[str, Any]],
    as_text: Callable[..., str],
    answer: Sequence[object],
    *notes: Note,
    groups: Sequence[Segment] = (),
) -> None:
    """The text is made of the answer itself, since its sentences weigh the counts."""
    options.tell(asked, data_set, question, as_data(*answer), lambda _: as_text(*answer), *notes, groups=groups)


def _target_options(
    how: argparse._ArgumentGroup,
    day: str = "command.segments_day",
    default: int | None = None,
    *,
    so_far: bool = False,
) -> None:
    how.add_argument("--stage", metavar="KEY", help=wording.say("command.stage"))
    how.add_argument("--day", type=_one_day, default=default, metavar="H", help=wording.say(day))
    if so_far:
        how.add_argument("--so-far", action="store_true", help=wording.say("command.segments_so_far"))


def _one_day(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise QuestionError("command.one_day_form", found=text)
    return int(text)


def _share(text: str) -> float:
    """`0.12`, or `12%`."""
    percent = text.strip().endswith("%")
    try:
        found = float(text.strip().removesuffix("%"))
    except ValueError:
        found = float("nan")
    if not isfinite(found):
        raise QuestionError("command.share_form", found=text)
    return found / 100 if percent else found


def _span(text: str) -> tuple[date, date]:
    """The first and the last day of `A..B`, or of one day, month (2023-05), quarter (2023-Q2) or year (2023)."""
    first, mark, last = text.strip().partition("..")
    try:
        return _bounds(first)[0], _bounds(last if mark else first)[1]
    except ValueError:
        raise QuestionError("command.span_form", found=text) from None


def _bounds(text: str) -> tuple[date, date]:
    """The first and the last day of a day, a month, a quarter or a year; ValueError where it is none of these."""
    found = SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    year = int(found["year"])
    if found["day"]:
        return (date(year, int(found["month"]), int(found["day"])),) * 2
    first, last = 1, 12
    if found["month"]:
        first = last = int(found["month"])
    elif found["quarter"]:
        last = 3 * int(found["quarter"])
        first = last - 2
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])
