"""The command `pull`: what a live source holds now, as files in a folder."""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path
from typing import Any

from funnel.cli import options as options
from funnel.core.errors import SourceError
from funnel.live import reader
from funnel.words import wording

ENDING = ".parquet"


def add(commands: Any) -> None:
    """Adds this command to the others."""
    parser = commands.add_parser("pull", help=wording.say("command.pull"), allow_abbrev=False)
    parser.add_argument("source", metavar="source:NAME", help=wording.say("command.pull_source"))
    parser.add_argument("--to", required=True, metavar="FOLDER", help=wording.say("command.pull_to"))
    parser.add_argument("--json", action="store_true", help=wording.say("command.json"))
    options.language(parser)
    parser.set_defaults(run=_pull)


def _pull(args: argparse.Namespace) -> int:
    snapshot = reader.pulled(args.source)
    folder = Path(args.to)
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in snapshot.files:
            # The rows of a query have no name of a file yet.
            target = folder / (file.name if snapshot.rows is None else f"{file.name}{ENDING}")
            coming = target.with_name(f"{target.name}.part")
            shutil.copyfile(file.path, coming)
            # Whole or not at all: somebody may follow this folder.
            os.replace(coming, target)
            written.append(target)
    except OSError as fault:
        raise SourceError("live.not_written", folder=args.to, reason=fault.strerror) from fault
    answer: dict[str, object] = {
        "source": snapshot.source,
        "as_of": snapshot.taken_at.isoformat(timespec="seconds"),
        "rows": snapshot.rows,
        "files": [str(path) for path in written],
    }
    said = wording.say("live.pulled", source=snapshot.source, files=[path.name for path in written], folder=args.to)
    options.show(args, answer, lambda _: said)
    return 0
