"""`python -m funnel …`: what the pages show, without a browser."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import funnel
from funnel import catalogue
from funnel.cli import build, output, project, segments
from funnel.cli import options as options
from funnel.core.errors import FunnelError
from funnel.core.types import Period
from funnel.words import wording

BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, or 2 with one sentence on standard error."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        # Bytes that are no text can be the name of nothing that is known here, nor a value of a file.
        asked = _parser().parse_args(
            [word.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for word in words]
        )
        return int(asked.run(asked))
    except FunnelError as error:
        print(wording.plain(str(error)), file=sys.stderr)
        return BAD_INPUT


def _inspect(asked: argparse.Namespace) -> int:
    with funnel.open(*asked.files, hints=options.hints(asked)) as data_set:
        options.show(asked, output.inspection(data_set), output.inspection_text)
    return 0


def _steps(asked: argparse.Namespace) -> int:
    with funnel.open(*asked.files, hints=options.hints(asked)) as data_set:
        question = options.question(asked, data_set, options.model(asked, data_set))
        steps = data_set.steps(question)
        groups = data_set.breakdown(question, asked.by, limit=asked.groups) if asked.by else None
        options.tell(asked, data_set, question, output.funnel(steps, groups), output.funnel_text)
    return 0


def _models(asked: argparse.Namespace) -> int:
    with wording.speaking(asked.language):
        models = output.models([catalogue.recorded(), *catalogue.models()])
    options.show(asked, models, output.models_text)
    return 0


def _compare(asked: argparse.Namespace) -> int:
    with funnel.open(*asked.files, hints=options.hints(asked)) as data_set:
        models = [data_set.model(key) for key in options.listed(asked.models)]
        questions = [options.question(asked, data_set, model) for model in models]
        compared = data_set.compare(questions)
        options.tell(asked, data_set, questions[0], output.comparison(compared), output.comparison_text)
    return 0


def _cohorts(asked: argparse.Namespace) -> int:
    with funnel.open(*asked.files, hints=options.hints(asked)) as data_set:
        model = options.model(asked, data_set)
        target = options.stage(asked.stage, model)
        question = options.question(asked, data_set, model)
        data_set.check_starts()
        found = data_set.cohorts(question, asked.period, asked.day)
        answer = output.cohorts(found, target, options.no_win(data_set, target))
        options.tell(asked, data_set, question, answer, output.cohorts_text)
    return 0


def _moves(asked: argparse.Namespace) -> int:
    with funnel.open(*asked.files, hints=options.hints(asked)) as data_set:
        question = options.question(asked, data_set, options.model(asked, data_set))
        found = data_set.moves(question, asked.paths)
        options.tell(asked, data_set, question, output.moves(found, data_set.loaded.cannot), output.moves_text)
    return 0


def _times(asked: argparse.Namespace) -> int:
    with funnel.open(*asked.files, hints=options.hints(asked)) as data_set:
        question = options.question(asked, data_set, options.model(asked, data_set))
        groups = data_set.times_by(question, asked.by, limit=asked.groups) if asked.by else None
        found = data_set.times(question), data_set.aging(question), data_set.velocity(question)
        options.tell(asked, data_set, question, output.times(*found, groups), output.times_text)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = options.Parser(prog="python -m funnel", description=wording.say("command.description"), allow_abbrev=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=options.Parser)

    inspect = commands.add_parser("inspect", help=wording.say("command.inspect"), allow_abbrev=False)
    options.file_options(inspect)
    inspect.set_defaults(run=_inspect)

    how = options.asking(commands, "steps", _steps)
    how.add_argument("--by", metavar="COL", help=wording.say("command.by"))
    how.add_argument("--groups", type=options.count, default=50, metavar="N", help=wording.say("command.groups"))

    models = commands.add_parser("models", help=wording.say("command.models"), allow_abbrev=False)
    models.add_argument("--json", action="store_true", help=wording.say("command.json"))
    models.add_argument("--language", choices=catalogue.languages(), default="en", help=wording.say("command.language"))
    models.set_defaults(run=_models)

    how = options.asking(commands, "compare", _compare, one_model=False)
    how.add_argument("--models", required=True, metavar="A,B,…", help=wording.say("command.compared_models"))

    how = options.asking(commands, "cohorts", _cohorts)
    periods = [period.value for period in Period]
    how.add_argument("--period", choices=periods, default=Period.MONTH.value, help=wording.say("command.period"))
    how.add_argument(
        "--day", type=options.several_days, default="90,180,365", metavar="90,180,…", help=wording.say("command.day")
    )
    how.add_argument("--stage", metavar="KEY", help=wording.say("command.stage"))

    how = options.asking(commands, "times", _times)
    how.add_argument("--by", metavar="COL", help=wording.say("command.times_by"))
    how.add_argument("--groups", type=options.count, default=6, metavar="N", help=wording.say("command.times_groups"))

    how = options.asking(commands, "moves", _moves)
    how.add_argument("--paths", type=int, default=20, metavar="N", help=wording.say("command.paths"))

    segments.add(commands)
    build.add(commands)
    project.add(commands)
    return parser
