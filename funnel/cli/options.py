"""The flags of a command that asks files, and what they mean: files, a model, a question, conditions, days."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from math import isfinite
from typing import Any, NoReturn

import funnel
from funnel.cli import output
from funnel.core import toml_text
from funnel.core.errors import QuestionError
from funnel.core.types import (
    WON_CONCEPT,
    AsOf,
    Calendar,
    Entry,
    Note,
    Question,
    Reopening,
    Rule,
    Segment,
    Shape,
    StageModel,
    Unit,
    parted,
)
from funnel.mapping import UNUSED, MappingOverrides, from_toml
from funnel.words import numeric_days, wording

ENTERED, CLOSED = "entered", "closed"


class Parser(argparse.ArgumentParser):
    """Errors are one sentence, as everywhere else."""

    def error(self, message: str) -> NoReturn:
        raise QuestionError("command.usage", problem=message, program=self.prog)


def asking(
    commands: Any,
    name: str,
    run: Callable[..., int],
    *,
    one_model: bool = True,
    dates: bool = True,
    explained: str | None = None,
) -> argparse._ArgumentGroup:
    """The parser of a command that asks files a question, and its group of options on what is counted, and how. `explained` is the
    sentence of the command's words that explains it, where that is not the one of its name."""
    parser = commands.add_parser(name, help=wording.say(f"command.{explained or name}"), allow_abbrev=False)
    file_options(parser)
    how: argparse._ArgumentGroup = parser.add_argument_group(wording.say("command.how_counted"))
    if one_model:
        _model_options(how)
    _question_options(how)
    if dates:
        how.add_argument("--from", dest="start_from", type=day, metavar="DATE", help=wording.say("command.start_from"))
        how.add_argument("--to", dest="start_to", type=day, metavar="DATE", help=wording.say("command.start_to"))
        how.add_argument("--dates", choices=(ENTERED, CLOSED), default=ENTERED, help=wording.say("command.dates"))
    parser.set_defaults(run=run, **({} if dates else {"start_from": None, "start_to": None, "dates": ENTERED}))
    return how


def _model_options(how: argparse._ArgumentGroup) -> None:
    which = how.add_mutually_exclusive_group()
    which.add_argument(
        "--model", default=funnel.AS_RECORDED, metavar="KEY|FILE.toml", help=wording.say("command.model")
    )
    how.add_argument("--version", type=day, metavar="DATE", help=wording.say("command.version"))
    which.add_argument("--labels", metavar='"A,B=B2,C"', help=wording.say("command.labels"))


def _question_options(how: argparse._ArgumentGroup) -> None:
    rules, entries, units = ([kind.value for kind in kinds] for kinds in (Rule, Entry, Unit))
    how.add_argument("--rule", choices=rules, default=Rule.PASSED.value, help=wording.say("command.rule"))
    how.add_argument("--window", type=_whole_days, metavar="DAYS", help=wording.say("command.window"))
    how.add_argument("--entry", choices=entries, default=Entry.FIRST.value, help=wording.say("command.entry"))
    how.add_argument("--unit", choices=units, help=wording.say("command.unit"))
    how.add_argument("--observed-until", type=day, metavar="DATE", help=wording.say("command.observed_until"))
    values = [each.value for each in AsOf]
    how.add_argument("--attributes", choices=values, default=AsOf.START.value, help=wording.say("command.attributes"))
    how.add_argument("--where", action="append", default=[], metavar="COL=VALUE", help=wording.say("command.where"))


def file_options(parser: argparse.ArgumentParser) -> None:
    """The files, and what may be said of them by hand."""
    parser.add_argument("files", nargs="+", metavar="FILE", help=wording.say("command.files"))
    hand_options(parser)


def hand_options(parser: argparse.ArgumentParser) -> None:
    """What may be said by hand of what is read, and how the answer is printed."""
    parser.add_argument("--json", action="store_true", help=wording.say("command.json"))
    language(parser)
    by_hand = parser.add_argument_group(wording.say("command.by_hand"))
    by_hand.add_argument("--shape", choices=[shape.value for shape in Shape], help=wording.say("command.shape"))
    for part in ("lead", "label", "time", "created", "closed", "outcome", "account", "amount"):
        by_hand.add_argument(f"--{part}", metavar="COL", help=wording.say("command.part", part=part))
    by_hand.add_argument("--lead-is-line", action="store_true", help=wording.say("command.lead_is_line"))
    by_hand.add_argument("--pipeline", metavar="NAME", help=wording.say("command.pipeline"))
    by_hand.add_argument("--won", metavar='"A,B"', help=wording.say("command.won"))
    by_hand.add_argument("--lost", metavar='"C"', help=wording.say("command.lost"))
    by_hand.add_argument(
        "--reopened-by", choices=[each.value for each in Reopening], help=wording.say("command.reopened_by")
    )
    by_hand.add_argument("--keeps-win", action="store_true", help=wording.say("command.keeps_win"))
    by_hand.add_argument("--date-order", choices=["dmy", "mdy", "ymd"], help=wording.say("command.date_order"))
    by_hand.add_argument("--mapping", metavar="FILE.toml", help=wording.say("command.mapping"))


def language(parser: argparse.ArgumentParser) -> None:
    """In which language the answer is written, and by which calendar it counts; the help stays English."""
    tags = wording.languages()
    parser.add_argument(
        "--language", choices=tags, default=wording.SOURCE_LANGUAGE, help=wording.say("command.language")
    )
    calendars = [each.value for each in Calendar]
    parser.add_argument("--calendar", choices=calendars, help=wording.say("command.calendar"))


def overrides(args: argparse.Namespace) -> MappingOverrides:
    """What was said by hand; a flag wins over the mapping file."""
    saved = MappingOverrides()
    if args.mapping:
        try:
            with open(args.mapping, "rb") as file:
                saved = from_toml(file.read(toml_text.MOST_BYTES + 1), args.mapping)
        except (OSError, ValueError) as error:
            raise QuestionError("command.unreadable", file=args.mapping) from error
    by_hand: dict[str, object] = {
        "shape": Shape(args.shape) if args.shape else None,
        **{part: getattr(args, part) for part in ("lead", "label", "time", "created", "closed", "outcome")},
        **{part: getattr(args, part) for part in ("account", "amount", "pipeline", "date_order")},
        "won": tuple(listed(args.won)) if args.won else None,
        "lost": tuple(listed(args.lost)) if args.lost else None,
    }
    if args.reopened_by:
        by_hand["reopened_by"] = Reopening(args.reopened_by)
    if args.keeps_win:
        by_hand["keeps_win"] = True
    if args.lead_is_line:
        by_hand["lead"] = UNUSED
    return saved.replaced({part: value for part, value in by_hand.items() if value is not None})


def model(args: argparse.Namespace, data_set: funnel.DataSet) -> StageModel:
    """The model asked for: by labels in order, by its key, or a file; in the version in force on the day asked for, else in its latest."""
    chosen = data_set.labels_model(_groups(args.labels)) if args.labels else data_set.model(args.model)
    if args.version is not None and not chosen.versions:
        raise QuestionError("errors.no_versions", model=chosen.name)
    return chosen if args.version is None else chosen.on(args.version)


def stage(key: str | None, model: StageModel) -> int | None:
    """The position of a stage by its key or its name; None where none is asked for: or "won" asked for: the win."""
    if key in (None, WON_CONCEPT):
        return None
    for position, stage in enumerate(model.stages):
        if key in (stage.key, stage.name):
            return position
    accepted = ", ".join(stage.key for stage in model.stages)
    raise QuestionError("command.no_stage", found=key, model=model.name, accepted=accepted)


def question(args: argparse.Namespace, data_set: funnel.DataSet, model: StageModel) -> Question:
    """What all flags together ask."""
    return data_set.question(
        model,
        rule=args.rule,
        window_days=args.window,
        entry=args.entry,
        unit=args.unit,
        start_from=args.start_from,
        start_to=args.start_to,
        where=where(args.where, data_set),
        observed_until=_end_of(args.observed_until, data_set),
        attributes=args.attributes,
        closed=args.dates == CLOSED,
        calendar=args.calendar,
    )


def no_win(data_set: funnel.DataSet, target: int | None) -> list[Note]:
    """What a reader must know of numbers about wins: that no label of the file means one."""
    return [note for note in data_set.warnings if note.key == "measures.no_win_label"] if target is None else []


def tell(
    args: argparse.Namespace,
    data_set: funnel.DataSet,
    question: Question,
    answer: dict[str, object],
    as_text: output.AsText,
    *notes: Note,
    groups: Sequence[Segment] = (),
) -> None:
    """The answer to a question, and which values of leads it looked at; with it what no lead has of the values asked for."""
    answer, sentences = noted(data_set, question, answer, *notes, groups=groups)
    show(args, answer, lambda lines: "\n\n".join([as_text(lines), *output.in_lines(sentences)]))


def noted(
    data_set: funnel.DataSet,
    question: Question,
    answer: Mapping[str, object],
    *notes: Note,
    groups: Sequence[Segment] = (),
) -> tuple[dict[str, object], list[str]]:
    """The answer with which values of leads it looked at and the sentences that belong to it, and these sentences."""
    sentences = output.said([*notes, *data_set.unmet(question, groups)])
    return {**answer, "attributes": question.attributes.value, "notes": sentences}, sentences


def show(args: argparse.Namespace, answer: dict[str, object], as_text: output.AsText) -> None:
    """The answer as JSON, or as text for people."""
    print(output.as_json(answer) if args.json else as_text(output.in_lines(answer)))


def listed(text: str) -> list[str]:
    """`A,"B, with a comma",C` as its parts."""
    rows = list(csv.reader(io.StringIO(text), skipinitialspace=True))
    return [part.strip() for part in (rows[0] if rows else []) if part.strip()]


def _groups(text: str) -> list[list[str]]:
    """`A,B=B2,C` as stages of labels; `=` joins spellings."""
    groups = [[part.strip() for part in stage.split("=") if part.strip()] for stage in listed(text)]
    if not groups or not all(groups):
        raise QuestionError("command.no_labels")
    return groups


def where(conditions: Sequence[str], data_set: funnel.DataSet, option: str = "--where") -> dict[str, object]:
    """Values of one column are alternatives; columns must all be met; nothing after `=` means empty."""
    wanted: dict[str, list[str | None]] = {}
    for condition in conditions:
        parts = parted(condition)
        if parts is None:
            raise QuestionError("command.where_form", option=option, found=condition)
        wanted.setdefault(data_set.columns.named(parts[0]), []).append(parts[1])
    return dict(wanted)


def _end_of(day: date | None, data_set: funnel.DataSet) -> datetime | None:
    """The last moment of the day, or the file's own where that comes first."""
    if day is None:
        return None
    end = datetime.combine(day, time.max)
    return end if data_set.observed_until is None else min(end, data_set.observed_until)


def day(text: str) -> date:
    """`2024-01-31`, or as a person of another calendar writes it: `1402/11/11`."""
    found = numeric_days.read(text)
    if found is None:
        raise QuestionError("command.date_form", found=text)
    return found


def _whole_days(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise QuestionError("command.window_form", found=text)
    return int(text)


def one_day(text: str) -> int:
    """`90`."""
    if not (text.isascii() and text.isdigit()):
        raise QuestionError("command.one_day_form", found=text)
    return int(text)


def count(text: str) -> int:
    """How many groups."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise QuestionError("command.count_form", found=text)
    return int(text)


def factor(text: str) -> float:
    """`1.2`, or `5e5`."""
    try:
        factor = float(text)
    except ValueError:
        factor = float("nan")
    if not isfinite(factor):
        raise QuestionError("command.target_factor_form", found=text)
    return factor


def share(text: str) -> float:
    """`0.12`, or `12%`."""
    percent = text.strip().endswith("%")
    try:
        share = float(text.strip().removesuffix("%"))
    except ValueError:
        share = float("nan")
    if not isfinite(share):
        raise QuestionError("command.share_form", found=text)
    return share / 100 if percent else share


def several_days(text: str) -> list[int]:
    """`90,180` as days."""
    days = listed(text)
    if not days or not all(day.isascii() and day.isdigit() for day in days):
        raise QuestionError("command.day_form", found=text)
    return [int(day) for day in days]
