"""The command `watch`: what rings now, told once; for a timer, whose next step its exit code decides."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import funnel
from funnel import DataSet, Question
from funnel.cli import messages, output
from funnel.cli import options as options
from funnel.core.errors import QuestionError
from funnel.core.types.watch import WatchRules
from funnel.measures.watch import watch
from funnel.measures.watch_digest import Digest, watch_digest
from funnel.measures.watch_found import Watched
from funnel.measures.watch_news import News, news
from funnel.measures.watch_places import check_steps
from funnel.storage import watch_rules, watch_state
from funnel.words import wording

CALM, UNSENT, NEW, KNOWN = 0, 1, 3, 4


def add(commands: Any) -> None:
    """Adds the command to the others."""
    how = options.asking(commands, "watch", _watch, dates=False)
    how.add_argument("--rules", metavar="FILE.toml", help=wording.say("command.watch_rules"))
    how.add_argument("--state", metavar="FILE.json", help=wording.say("command.watch_state"))
    how.add_argument("--digest", action="store_true", help=wording.say("command.watch_digest"))
    how.add_argument("--report", type=Path, metavar="FILE", help=wording.say("command.watch_report"))
    how.add_argument("--post", metavar="URL", help=wording.say("command.watch_post"))
    how.add_argument("--mail", metavar="FILE.eml", help=wording.say("command.watch_mail"))
    how.add_argument("--to", metavar="ADDRESS", help=wording.say("command.watch_to"))
    how.add_argument("--with-leads", action="store_true", help=wording.say("command.watch_with_leads"))


def _watch(args: argparse.Namespace) -> int:
    address = None if args.post is None else messages.address(args.post)
    if args.to is not None:
        messages.recipient(args.to)
        if args.mail is None:
            raise QuestionError("command.watch_to_alone")
    if args.with_leads and args.mail is None and args.post is None:
        raise QuestionError("command.watch_with_leads_alone")
    if args.report is not None:
        from funnel.report import writing

        writing.check(args.report)
    rules = None if args.rules is None else watch_rules.read(args.rules)
    state = None if args.state is None else Path(args.state)
    if state is None and args.rules is not None:
        state = watch_state.beside(Path(args.rules))
    remembered = watch_state.WatchState() if state is None else watch_state.read(state)
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        question = options.question(args, data_set, options.model(args, data_set))
        rules = data_set.work.watch if rules is None else rules
        if rules is not None:
            question = data_set.ask(check_steps, question, rules)
        found = data_set.ask(watch, question, rules, args.observed_until or date.today())
        digest = data_set.ask(watch_digest, question) if args.digest else None
        told = news(found, remembered.episodes)
        if args.report is not None:
            _report(args, data_set, question, rules)
        notes = output.said(data_set.unmet(question))
    _show(args, found, told, digest, notes)
    if told.new or digest is not None:
        sent = output.watch_lines(found, told, digest, with_leads=args.with_leads, new_only=True)
        subject = wording.say("command.watch_subject", new=len(told.new), as_of=found.as_of)
        if args.mail is not None:
            messages.write(args.mail, messages.mail(args.to, subject, sent, datetime.now()))
        if address is not None:
            try:
                messages.post(address, [subject, *sent])
            except messages.NotPosted as fault:
                failed = wording.say("command.watch_post_failed", host=address.hostname, found=str(fault))
                print(wording.plain(failed), file=sys.stderr)
                return UNSENT
    until = found.question.observed_until
    if state is not None and until is not None:
        # Last of all: who is stopped before this is told the same again, never nothing.
        older = remembered.until is not None and until < remembered.until
        episodes = watch_state.beside_newer(told.episodes, remembered.episodes) if older else told.episodes
        watch_state.write(state, watch_state.state(found.rules, max(until, remembered.until or until), episodes))
    return NEW if told.new else KNOWN if told.alarms else CALM


def _report(args: argparse.Namespace, data_set: DataSet, question: Question, rules: WatchRules | None) -> None:
    """A report of the same reading: what rings, then what was gathered in the project, else the usual sections."""
    # Charts are of no use to whoever only watches.
    from funnel import report
    from funnel.report import writing

    data_set.work = replace(data_set.work, watch=rules)
    gathered = data_set.work.report or [report.part(name, question) for name in report.USUAL]
    made = report.make(
        data_set,
        [report.part("watch", question), *gathered],
        files=[Path(file) for file in args.files],
        title=data_set.work.report_title,
    )
    writing.write(made, args.report)


def _show(args: argparse.Namespace, found: Watched, told: News, digest: Digest | None, notes: list[str]) -> None:
    """The answer as JSON; or a line an alarm, then the digest. Nothing where there is neither: a timer mails what is printed."""
    if args.json:
        print(output.as_json({**output.watch(found, told, digest), "notes": notes}))
        return
    lines = output.watch_lines(found, told, digest, with_leads=True, new_only=False)
    for line in output.in_lines([*lines, *notes]):
        print(line)
