"""`python -m funnel ask MEASURE …`: the rows of any measure, whose options are its flags."""

from __future__ import annotations

import argparse
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, Protocol, get_args, get_type_hints

import funnel
from funnel import measures
from funnel.cli import options, output
from funnel.core.rows import Row, data
from funnel.core.types import Question
from funnel.words import wording

SIMPLE = (bool, int, float, str)


class _Answer(Protocol):
    @property
    def question(self) -> Question: ...

    @property
    def sql(self) -> str: ...

    def rows(self) -> list[Row]: ...


def add(commands: Any, *, wanted: bool) -> None:
    """Adds the command to the others; where it is `wanted`, with a command of its own for each measure: that loads them all."""
    parser = commands.add_parser("ask", help=wording.say("command.ask"), allow_abbrev=False)
    if not wanted:
        return
    each = parser.add_subparsers(required=True, metavar="MEASURE", parser_class=options.Parser)
    for name, measure in askable():
        command(each, name, measure)


def command(commands: Any, name: str, measure: Callable[..., Any]) -> argparse._ArgumentGroup:
    """Adds the command of a measure: the group of its flags, those of the question among them."""
    how = options.asking(commands, name, _run, explained="ask_one")
    how.add_argument("--sql", action="store_true", help=wording.say("command.ask_sql"))
    given = [_option(how, option) for option in _options(measure) if option[1]]
    commands.choices[name].set_defaults(measure=measure, given=given)
    return how


def askable() -> Iterator[tuple[str, Callable[..., Any]]]:
    """The measures that answer one question with rows, and need nothing that no flag can say, by name: each stands in a file of
    `funnel.measures` that is called like it."""
    for module in pkgutil.iter_modules(measures.__path__):
        measure = getattr(importlib.import_module(f"funnel.measures.{module.name}"), module.name, None)
        if inspect.isfunction(measure):
            kinds = get_type_hints(measure)
            of_one = kinds.get("question") is Question and hasattr(kinds["return"], "rows")
            if of_one and all(kind or default is not inspect.Parameter.empty for _, kind, default in _options(measure)):
                yield module.name, measure


def _options(measure: Callable[..., Any]) -> Iterator[tuple[str, Any, Any]]:
    """Of each option: its name, what its value is (None: nothing that a flag can say), and its default."""
    kinds = get_type_hints(measure)
    for name, option in list(inspect.signature(measure).parameters.items())[2:]:
        among = [kind for kind in (*get_args(kinds[name]), kinds[name]) if isinstance(kind, type)]
        simple = [kind for kind in among if kind in SIMPLE or issubclass(kind, Enum)]
        kind = next((kind for kind in simple if kind not in SIMPLE), simple[0] if simple else None)
        yield name, kind, option.default


def _option(how: argparse._ArgumentGroup, option: tuple[str, Any, Any]) -> str:
    name, kind, default = option
    flag = f"--{name.replace('_', '-')}"
    required = default is inspect.Parameter.empty
    given = {} if required else {"default": default}
    if kind is bool:
        how.add_argument(flag, action="store_true")
    elif issubclass(kind, Enum):
        how.add_argument(flag, choices=[each.value for each in kind], required=required, **given)
    else:
        how.add_argument(flag, type=kind, required=required, metavar=name.upper(), **given)
    return name


def answered(args: argparse.Namespace, data_set: funnel.DataSet) -> tuple[list[Row], dict[str, object], list[str]]:
    """The rows that answer the question of the flags, all of that as plain data, and the sentences that belong to it."""
    measure = args.measure
    question = options.question(args, data_set, options.model(args, data_set))
    result: _Answer = data_set.ask(measure, question, **{name: getattr(args, name) for name in args.given})
    rows = result.rows()
    answer = {
        "measure": measure.__name__,
        "model": result.question.model.key,
        "rule": result.question.rule.value,
        "window_days": result.question.window_days,
        "entry": result.question.entry.value,
        "unit": result.question.unit.value,
        "rows": data(rows),
        **({"sql": result.sql} if args.sql else {}),
    }
    return (rows, *options.noted(data_set, question, answer))


def _run(args: argparse.Namespace) -> int:
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        rows, answer, sentences = answered(args, data_set)
        lines = "\n".join(output.rows_text(args.measure.__name__, rows))
        text = f"{lines}\n\n{answer['sql']}" if args.sql else lines
        options.show(args, answer, lambda _: "\n\n".join([text, *output.in_lines(sentences)]))
    return 0
