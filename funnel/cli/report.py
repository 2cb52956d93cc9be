"""The command `report`: sections of files, or those that a project has gathered, as one file to hand on."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import funnel
from funnel.cli import options
from funnel.core.errors import QuestionError
from funnel.core.types import Question, ReportPart
from funnel.storage import project
from funnel.words import wording

if TYPE_CHECKING:
    from funnel.report import Report


def add(commands: Any) -> None:
    """Adds the command to the others."""
    how = options.asking(commands, "report", _report)
    how.add_argument("--out", type=Path, required=True, metavar="FILE", help=wording.say("command.report_out"))
    how.add_argument("--sections", metavar="A,B,…", help=wording.say("command.report_sections"))
    how.add_argument("--by", metavar="COL", help=wording.say("command.report_by"))
    how.add_argument("--project", type=Path, metavar="FILE", help=wording.say("command.report_project"))
    how.add_argument("--title", default="", metavar="TEXT", help=wording.say("command.report_title"))
    how.add_argument("--light", action="store_true", help=wording.say("command.report_light"))
    how.add_argument("--with-leads", action="store_true", help=wording.say("command.report_leads"))


def _report(args: argparse.Namespace) -> int:
    # It loads every measure and chart, which other commands do without.
    from funnel import report
    from funnel.report import writing

    writing.check(args.out)
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        if args.project is not None:
            with _opened(args.project) as other:
                data_set.work = other.work
        question = options.question(args, data_set, options.model(args, data_set))
        parts = _parts(args, data_set, question)
        made = report.make(
            data_set,
            parts,
            files=[Path(file) for file in args.files],
            title=args.title or data_set.work.report_title,
            leads_of=question if args.with_leads else None,
        )
    writing.write(made, args.out, light=args.light)
    told: dict[str, object] = {
        "file": str(args.out),
        "sections": [each.section for each in parts],
        "problems": _problems(made, parts),
    }
    options.show(args, told, lambda lines: "\n".join(_lines(lines, made)))
    return 0


def _opened(path: Path) -> funnel.DataSet:
    if not project.is_project(path):
        raise QuestionError("report.no_project", file=path.name)
    return funnel.open(path)


def _parts(args: argparse.Namespace, data_set: funnel.DataSet, question: Question) -> list[ReportPart]:
    """Those that are named, else those of the project, else the usual ones."""
    from funnel import report

    if args.sections is None and data_set.work.report:
        return list(data_set.work.report)
    names = list(report.USUAL) if args.sections is None else options.listed(args.sections)
    unknown = [name for name in names if name not in report.KINDS]
    if unknown or not names or len(names) > project.MOST_PARTS:
        raise QuestionError(
            "report.sections", found=unknown or [str(len(names))], most=project.MOST_PARTS, accepted=list(report.KINDS)
        )
    column = None if args.by is None else data_set.columns.named(args.by)
    return [report.part(name, question, **report.split_by(name, column)) for name in names]


def _problems(made: Report, parts: list[ReportPart]) -> list[dict[str, str]]:
    """What could not be told, and why."""
    return [
        {"section": part.section, "problem": section.problem}
        for part, section in zip(parts, made.sections, strict=True)
        if section.problem
    ]


def _lines(told: dict[str, Any], made: Report) -> list[str]:
    return [
        wording.say("command.report_written", file=told["file"], sections=len(made.sections)),
        *(f"{section.title}: {section.problem}" for section in made.sections if section.problem),
    ]
