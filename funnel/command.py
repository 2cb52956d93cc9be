"""`python -m funnel …`: what the pages show, without a browser."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NoReturn

import funnel
from funnel import catalogue, output, wording
from funnel.errors import FunnelError, QuestionError
from funnel.mapping import Hints, from_toml
from funnel.nouns import Entry, Question, Rule, Shape, StageModel, Unit

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
        model = data_set.labels_model(_groups(asked.labels)) if asked.labels else data_set.model(asked.model)
        question = _question(asked, data_set, model)
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

    steps = commands.add_parser("steps", help=wording.say("command.steps"), allow_abbrev=False)
    _file_options(steps)
    how = steps.add_argument_group(wording.say("command.how_counted"))
    which = how.add_mutually_exclusive_group()
    which.add_argument(
        "--model", default=funnel.AS_RECORDED, metavar="KEY|FILE.toml", help=wording.say("command.model")
    )
    which.add_argument("--labels", metavar='"A,B=B2,C"', help=wording.say("command.labels"))
    _question_options(how)
    how.add_argument("--by", metavar="COL", help=wording.say("command.by"))
    how.add_argument("--groups", type=int, default=50, metavar="N", help=wording.say("command.groups"))
    steps.set_defaults(run=_steps)

    models = commands.add_parser("models", help=wording.say("command.models"), allow_abbrev=False)
    models.add_argument("--json", action="store_true", help=wording.say("command.json"))
    models.add_argument("--language", choices=catalogue.languages(), default="en", help=wording.say("command.language"))
    models.set_defaults(run=_models)

    compare = commands.add_parser("compare", help=wording.say("command.compare"), allow_abbrev=False)
    _file_options(compare)
    how = compare.add_argument_group(wording.say("command.how_counted"))
    how.add_argument("--models", required=True, metavar="A,B,…", help=wording.say("command.compared_models"))
    _question_options(how)
    compare.set_defaults(run=_compare)
    return parser


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
    if not text.isdigit():
        raise QuestionError("command.window_form", found=text)
    return int(text)
