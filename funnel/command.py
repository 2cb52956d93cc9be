"""`python -m funnel …`: what the pages show, without a browser."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NoReturn

import funnel
from funnel import catalogue, output, wording
from funnel.errors import FunnelError, QuestionError
from funnel.mapping import Hints, from_toml
from funnel.nouns import WON_CONCEPT, Entry, Period, Question, Rule, Shape, StageModel, Unit

BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, or 2 with one sentence on standard error."""
    try:
        asked = _parser().parse_args(arguments)
        return int(asked.run(asked))
    except FunnelError as error:
        print(str(error), file=sys.stderr)
        return BAD_INPUT


def _inspect(asked: argparse.Namespace) -> int:
    with funnel.open(*asked.files, hints=_hints(asked)) as data_set:
        _print(asked, output.inspection(data_set), output.inspection_text)
    return 0


def _steps(asked: argparse.Namespace) -> int:
    with funnel.open(*asked.files, hints=_hints(asked)) as data_set:
        question = _question(asked, data_set, _model(asked, data_set))
        steps = data_set.steps(question)
        groups = data_set.breakdown(question, asked.by, limit=asked.groups) if asked.by else None
        _print(asked, output.funnel(steps, groups), output.funnel_text)
    return 0


def _models(asked: argparse.Namespace) -> int:
    _print(
        asked,
        output.models([catalogue.recorded(asked.language), *catalogue.models(asked.language)]),
        output.models_text,
    )
    return 0


def _compare(asked: argparse.Namespace) -> int:
    with funnel.open(*asked.files, hints=_hints(asked)) as data_set:
        models = [data_set.model(key) for key in _listed(asked.models)]
        compared = data_set.compare([_question(asked, data_set, model) for model in models])
        _print(asked, output.comparison(compared), output.comparison_text)
    return 0


def _cohorts(asked: argparse.Namespace) -> int:
    with funnel.open(*asked.files, hints=_hints(asked)) as data_set:
        model = _model(asked, data_set)
        target = _stage(asked.stage, model)
        found = data_set.cohorts(_question(asked, data_set, model), asked.period, asked.day)
        no_win = [note for note in data_set.warnings if note.key == "measures.no_win_label"] if target is None else []
        _print(asked, output.cohorts(found, target, no_win), output.cohorts_text)
    return 0


def _moves(asked: argparse.Namespace) -> int:
    with funnel.open(*asked.files, hints=_hints(asked)) as data_set:
        found = data_set.moves(_question(asked, data_set, _model(asked, data_set)), asked.paths)
        _print(asked, output.moves(found, data_set.loaded.cannot), output.moves_text)
    return 0


def _times(asked: argparse.Namespace) -> int:
    with funnel.open(*asked.files, hints=_hints(asked)) as data_set:
        question = _question(asked, data_set, _model(asked, data_set))
        groups = data_set.times_by(question, asked.by, limit=asked.groups) if asked.by else None
        found = data_set.times(question), data_set.aging(question), data_set.velocity(question)
        _print(asked, output.times(*found, groups), output.times_text)
    return 0


def _model(asked: argparse.Namespace, data_set: funnel.DataSet) -> StageModel:
    return data_set.labels_model(_groups(asked.labels)) if asked.labels else data_set.model(asked.model)


def _stage(key: str | None, model: StageModel) -> int | None:
    """The position of a stage by its key or its name; None where none is asked for: or "won" asked for: the win."""
    if key in (None, WON_CONCEPT):
        return None
    for place, stage in enumerate(model.stages):
        if key in (stage.key, stage.name):
            return place
    accepted = ", ".join(stage.key for stage in model.stages)
    raise QuestionError("command.no_stage", found=key, model=model.name, accepted=accepted)


def _question(asked: argparse.Namespace, data_set: funnel.DataSet, model: StageModel) -> Question:
    return data_set.question(
        model,
        rule=asked.rule,
        window_days=asked.window,
        entry=asked.entry,
        unit=asked.unit,
        start_from=asked.start_from,
        start_to=asked.start_to,
        where=_where(asked.where, data_set),
    )


def _print(asked: argparse.Namespace, answer: dict[str, object], as_text: output.AsText) -> None:
    print(json.dumps(answer, ensure_ascii=False, indent=2) if asked.json else as_text(answer))


class _Parser(argparse.ArgumentParser):
    """Errors are one sentence, as everywhere else."""

    def error(self, message: str) -> NoReturn:
        raise QuestionError("command.usage", problem=message, program=self.prog)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m funnel", description=wording.say("command.description"), allow_abbrev=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    inspect = commands.add_parser("inspect", help=wording.say("command.inspect"), allow_abbrev=False)
    _file_options(inspect)
    inspect.set_defaults(run=_inspect)

    how = _asking(commands, "steps", _steps)
    how.add_argument("--by", metavar="COL", help=wording.say("command.by"))
    how.add_argument("--groups", type=_count, default=50, metavar="N", help=wording.say("command.groups"))

    models = commands.add_parser("models", help=wording.say("command.models"), allow_abbrev=False)
    models.add_argument("--json", action="store_true", help=wording.say("command.json"))
    models.add_argument("--language", choices=catalogue.languages(), default="en", help=wording.say("command.language"))
    models.set_defaults(run=_models)

    how = _asking(commands, "compare", _compare, one_model=False)
    how.add_argument("--models", required=True, metavar="A,B,…", help=wording.say("command.compared_models"))

    how = _asking(commands, "cohorts", _cohorts)
    periods = [period.value for period in Period]
    how.add_argument("--period", choices=periods, default=Period.MONTH.value, help=wording.say("command.period"))
    how.add_argument(
        "--day", type=_several_days, default="90,180,365", metavar="90,180,…", help=wording.say("command.day")
    )
    how.add_argument("--stage", metavar="KEY", help=wording.say("command.stage"))

    how = _asking(commands, "times", _times)
    how.add_argument("--by", metavar="COL", help=wording.say("command.times_by"))
    how.add_argument("--groups", type=_count, default=6, metavar="N", help=wording.say("command.times_groups"))

    how = _asking(commands, "moves", _moves)
    how.add_argument("--paths", type=int, default=20, metavar="N", help=wording.say("command.paths"))
    return parser


def _asking(commands: Any, name: str, run: Callable[..., int], *, one_model: bool = True) -> argparse._ArgumentGroup:
    """The parser of a command that asks files a question, and its group of options on what is counted, and how."""
    parser = commands.add_parser(name, help=wording.say(f"command.{name}"), allow_abbrev=False)
    _file_options(parser)
    how: argparse._ArgumentGroup = parser.add_argument_group(wording.say("command.how_counted"))
    if one_model:
        _model_options(how)
    _question_options(how)
    parser.set_defaults(run=run)
    return how


def _model_options(how: argparse._ArgumentGroup) -> None:
    which = how.add_mutually_exclusive_group()
    which.add_argument(
        "--model", default=funnel.AS_RECORDED, metavar="KEY|FILE.toml", help=wording.say("command.model")
    )
    which.add_argument("--labels", metavar='"A,B=B2,C"', help=wording.say("command.labels"))


def _question_options(how: argparse._ArgumentGroup) -> None:
    rules, entries, units = ([kind.value for kind in kinds] for kinds in (Rule, Entry, Unit))
    how.add_argument("--rule", choices=rules, default=Rule.PASSED.value, help=wording.say("command.rule"))
    how.add_argument("--window", type=_whole_days, metavar="DAYS", help=wording.say("command.window"))
    how.add_argument("--entry", choices=entries, default=Entry.FIRST.value, help=wording.say("command.entry"))
    how.add_argument("--unit", choices=units, help=wording.say("command.unit"))
    how.add_argument("--from", dest="start_from", type=_day, metavar="DATE", help=wording.say("command.start_from"))
    how.add_argument("--to", dest="start_to", type=_day, metavar="DATE", help=wording.say("command.start_to"))
    how.add_argument("--where", action="append", default=[], metavar="COL=VALUE", help=wording.say("command.where"))


def _file_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help=wording.say("command.files"))
    parser.add_argument("--json", action="store_true", help=wording.say("command.json"))
    by_hand = parser.add_argument_group(wording.say("command.by_hand"))
    by_hand.add_argument("--shape", choices=[shape.value for shape in Shape], help=wording.say("command.shape"))
    for part in ("lead", "label", "time", "created", "closed", "outcome", "account", "amount"):
        by_hand.add_argument(f"--{part}", metavar="COL", help=wording.say("command.part", part=part))
    by_hand.add_argument("--pipeline", metavar="NAME", help=wording.say("command.pipeline"))
    by_hand.add_argument("--won", metavar='"A,B"', help=wording.say("command.won"))
    by_hand.add_argument("--lost", metavar='"C"', help=wording.say("command.lost"))
    by_hand.add_argument("--date-order", choices=["dmy", "mdy", "ymd"], help=wording.say("command.date_order"))
    by_hand.add_argument("--mapping", metavar="FILE.toml", help=wording.say("command.mapping"))


def _hints(asked: argparse.Namespace) -> Hints:
    """What was said by hand; a flag wins over the mapping file."""
    hints = Hints()
    if asked.mapping:
        try:
            with open(asked.mapping, encoding="utf-8") as file:
                hints = from_toml(file.read(), asked.mapping)
        except (OSError, UnicodeDecodeError) as error:
            raise QuestionError("command.unreadable", file=asked.mapping) from error
    said = {
        "shape": Shape(asked.shape) if asked.shape else None,
        **{part: getattr(asked, part) for part in ("lead", "label", "time", "created", "closed", "outcome")},
        **{part: getattr(asked, part) for part in ("account", "amount", "pipeline", "date_order")},
        "won": tuple(_listed(asked.won)) if asked.won else None,
        "lost": tuple(_listed(asked.lost)) if asked.lost else None,
    }
    return replace(hints, **{part: value for part, value in said.items() if value is not None})


def _listed(text: str) -> list[str]:
    """`A,"B, with a comma",C` as its parts."""
    rows = list(csv.reader(io.StringIO(text), skipinitialspace=True))
    return [part.strip() for part in (rows[0] if rows else []) if part.strip()]


def _groups(text: str) -> list[list[str]]:
    """`A,B=B2,C` as stages of labels; `=` joins spellings."""
    groups = [[part.strip() for part in stage.split("=") if part.strip()] for stage in _listed(text)]
    if not groups or not all(groups):
        raise QuestionError("command.no_labels")
    return groups


def _where(conditions: Sequence[str], data_set: funnel.DataSet) -> dict[str, object]:
    """Values of one column are alternatives; columns must all be met; nothing after `=` means empty."""
    wanted: dict[str, list[str | None]] = {}
    for condition in conditions:
        column, mark, value = condition.partition("=")
        if not mark or not column.strip():
            raise QuestionError("command.where_form", found=condition)
        wanted.setdefault(data_set.column(column.strip()), []).append(value.strip() or None)
    return dict(wanted)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise QuestionError("command.date_form", found=text) from None


def _whole_days(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise QuestionError("command.window_form", found=text)
    return int(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise QuestionError("command.count_form", found=text)
    return int(text)


def _several_days(text: str) -> list[int]:
    days = _listed(text)
    if not days or not all(day.isascii() and day.isdigit() for day in days):
        raise QuestionError("command.day_form", found=text)
    return [int(day) for day in days]
