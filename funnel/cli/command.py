"""`python -m funnel …`: what the pages show, without a browser."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import funnel
from funnel import catalogue
from funnel.cli import (
    ask,
    bridge,
    build,
    effect,
    expand,
    forecast,
    output,
    project,
    pull,
    report,
    score,
    segments,
    serve_mcp,
    target,
    touches,
    watch,
)
from funnel.cli import options as options
from funnel.core.errors import FunnelError
from funnel.core.types import Calendar, Period
from funnel.measures.ages import check_starts
from funnel.measures.aging import aging
from funnel.measures.cohorts import cohorts
from funnel.measures.comparison import comparison
from funnel.measures.entry_conditions import entry_conditions
from funnel.measures.moves import moves
from funnel.measures.steps import breakdown, steps
from funnel.measures.times import times, times_by
from funnel.measures.velocity import velocity
from funnel.measures.versions import version_notes
from funnel.words import wording

BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, or 2 with one sentence on standard error."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        # Bytes that are no text can be the name of nothing that is known here, nor a value of a file.
        args = _parser(words).parse_args(
            [word.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for word in words]
        )
    except FunnelError as error:
        return _refused(error)
    with wording.speaking(args.language, args.calendar and Calendar(args.calendar)):
        try:
            return int(args.run(args))
        except FunnelError as error:
            return _refused(error)


def _refused(error: FunnelError) -> int:
    print(wording.plain(str(error)), file=sys.stderr)
    return BAD_INPUT


def _inspect(args: argparse.Namespace) -> int:
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        options.show(args, output.inspection(data_set), output.inspection_text)
    return 0


def _steps(args: argparse.Namespace) -> int:
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        question = options.question(args, data_set, options.model(args, data_set))
        result = data_set.ask(steps, question)
        groups = data_set.ask(breakdown, question, args.by, limit=args.groups) if args.by else None
        options.tell(
            args, data_set, question, output.funnel(result, groups), lambda _: output.funnel_text(result, groups)
        )
    return 0


def _entry(args: argparse.Namespace) -> int:
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        question = options.question(args, data_set, options.model(args, data_set))
        result = data_set.ask(entry_conditions, question)
        answer = output.entry_conditions(result, data_set.concepts)
        as_text = partial(output.entry_conditions_text, result, data_set.concepts)
        options.tell(args, data_set, question, answer, lambda _: as_text(), *result.notes)
    return 0


def _models(args: argparse.Namespace) -> int:
    models = output.models([catalogue.recorded(), *catalogue.models()])
    options.show(args, models, output.models_text)
    return 0


def _compare(args: argparse.Namespace) -> int:
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        models = [data_set.model(key) for key in options.listed(args.models)]
        questions = [options.question(args, data_set, model) for model in models]
        compared = data_set.ask(comparison, questions)
        others = [note for each in questions[1:] for note in data_set.ask(version_notes, each)]
        options.tell(
            args,
            data_set,
            questions[0],
            output.comparison(compared),
            lambda _: output.comparison_text(compared),
            *others,
        )
    return 0


def _cohorts(args: argparse.Namespace) -> int:
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        model = options.model(args, data_set)
        target = options.stage(args.stage, model)
        question = options.question(args, data_set, model)
        check_starts(data_set.journeys)
        result = data_set.ask(cohorts, question, args.period, args.day)
        answer = output.cohorts(result, target, options.no_win(data_set, target))
        options.tell(args, data_set, question, answer, partial(output.cohorts_text, result, target))
    return 0


def _moves(args: argparse.Namespace) -> int:
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        question = options.question(args, data_set, options.model(args, data_set))
        result = data_set.ask(moves, question, args.paths)
        cannot = data_set.loaded.cannot
        options.tell(
            args, data_set, question, output.moves(result, cannot), lambda _: output.moves_text(result, cannot)
        )
    return 0


def _times(args: argparse.Namespace) -> int:
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        question = options.question(args, data_set, options.model(args, data_set))
        groups = data_set.ask(times_by, question, args.by, limit=args.groups) if args.by else None
        results = data_set.ask(times, question), data_set.ask(aging, question), data_set.ask(velocity, question)
        options.tell(
            args, data_set, question, output.times(*results, groups), partial(output.times_text, *results, groups)
        )
    return 0


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of what was typed: of the command that it names, or of all where it names none."""
    parser = options.Parser(prog="python -m funnel", description=wording.say("command.description"), allow_abbrev=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=options.Parser)
    known = _known(wanted=next(iter(words), ""))
    named = [known[word] for word in words[:1] if word in known]
    for add in named or dict.fromkeys(known.values()):
        add(commands)
    return parser


def _known(*, wanted: str) -> dict[str, Callable[[Any], None]]:
    """What adds each command to the others, in the order of the help; one may add several."""
    return {
        "inspect": _add_inspect,
        "steps": _add_steps,
        "entry": _add_entry,
        "models": _add_models,
        "compare": _add_compare,
        "cohorts": _add_cohorts,
        "times": _add_times,
        "moves": _add_moves,
        **dict.fromkeys(("segments", "scan", "change", "plan"), segments.add),
        "target": target.add,
        "bridge": bridge.add,
        "effect": effect.add,
        "expand": expand.add,
        "score": score.add,
        "forecast": forecast.add,
        "touches": touches.add,
        "watch": watch.add,
        "report": report.add,
        "ask": partial(ask.add, wanted=wanted == "ask"),
        "build": build.add,
        "pull": pull.add,
        "serve-mcp": serve_mcp.add,
        "save": project.add,
    }


def _add_inspect(commands: Any) -> None:
    inspect = commands.add_parser("inspect", help=wording.say("command.inspect"), allow_abbrev=False)
    options.file_options(inspect)
    inspect.set_defaults(run=_inspect)


def _add_steps(commands: Any) -> None:
    how = options.asking(commands, "steps", _steps)
    how.add_argument("--by", metavar="COL", help=wording.say("command.by"))
    how.add_argument("--groups", type=options.count, default=50, metavar="N", help=wording.say("command.groups"))


def _add_entry(commands: Any) -> None:
    options.asking(commands, "entry", _entry, explained="entry_conditions")


def _add_models(commands: Any) -> None:
    models = commands.add_parser("models", help=wording.say("command.models"), allow_abbrev=False)
    models.add_argument("--json", action="store_true", help=wording.say("command.json"))
    options.language(models)
    models.set_defaults(run=_models)


def _add_compare(commands: Any) -> None:
    how = options.asking(commands, "compare", _compare, one_model=False)
    how.add_argument("--models", required=True, metavar="A,B,…", help=wording.say("command.compared_models"))


def _add_cohorts(commands: Any) -> None:
    how = options.asking(commands, "cohorts", _cohorts)
    periods = [period.value for period in Period]
    how.add_argument("--period", choices=periods, default=Period.MONTH.value, help=wording.say("command.period"))
    how.add_argument(
        "--day", type=options.several_days, default="90,180,365", metavar="90,180,…", help=wording.say("command.day")
    )
    how.add_argument("--stage", metavar="KEY", help=wording.say("command.stage"))


def _add_times(commands: Any) -> None:
    how = options.asking(commands, "times", _times)
    how.add_argument("--by", metavar="COL", help=wording.say("command.times_by"))
    how.add_argument("--groups", type=options.count, default=6, metavar="N", help=wording.say("command.times_groups"))


def _add_moves(commands: Any) -> None:
    how = options.asking(commands, "moves", _moves)
    how.add_argument("--paths", type=int, default=20, metavar="N", help=wording.say("command.paths"))
