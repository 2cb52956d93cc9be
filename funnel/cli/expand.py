"""The command `expand`: what becomes of accounts after their first win, and with contracts what is kept of them."""

from __future__ import annotations

import argparse
from typing import Any

import funnel
from funnel.cli import options as options
from funnel.cli import output
from funnel.core.contracts import ContractColumns
from funnel.core.errors import QuestionError
from funnel.measures.customer_deals import customer_deals
from funnel.measures.expansion import expansion
from funnel.measures.retention import Contracted, retention
from funnel.words import wording

NAMED = ("start", "end", "term", "recurring", "churn")


def add(commands: Any) -> None:
    """Adds the command to the others."""
    how = options.asking(commands, "expand", _expand)
    how.add_argument("--type", metavar="COL", help=wording.say("command.expand_type"))
    for name in ("start", "end", "term"):
        how.add_argument(f"--contract-{name}", dest=name, metavar="COL", help=wording.say(f"command.expand_{name}"))
    how.add_argument("--recurring", metavar="COL", help=wording.say("command.expand_recurring"))
    how.add_argument("--churn", metavar="COL", help=wording.say("command.expand_churn"))
    how.add_argument("--at", metavar="2025-06", help=wording.say("command.expand_at"))


def _expand(args: argparse.Namespace) -> int:
    columns = ContractColumns(**{name: getattr(args, name) for name in (*NAMED, "type")})
    with funnel.open(*args.files, overrides=options.overrides(args)) as data_set:
        question = options.question(args, data_set, options.model(args, data_set))
        result = data_set.ask(expansion, question, columns=columns)
        contracts: Contracted | None = None
        missing = []
        try:
            contracts = data_set.ask(retention, question, args.at, columns)
        except QuestionError as error:
            # Who names contracts, or a month of them, is told; else it is what the file cannot tell.
            if args.at or any(getattr(args, name) for name in NAMED):
                raise
            missing = [str(error)]
        deals = None
        if data_set.columns.made and question.observed_until is not None:
            deals = data_set.ask(customer_deals, question)
        answer = output.expansion(result, contracts, missing, deals)
        lines = output.expansion_text(result, contracts, missing, deals)
        notes = (*result.notes, *(contracts.notes if contracts else ()))
        options.tell(args, data_set, question, answer, lambda _: lines, *notes)
    return 0
