"""The command `build`: a history of any size → a folder that opens like a file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from funnel.cli import options as options
from funnel.core.errors import SourceError
from funnel.core.types import Note
from funnel.live import sources
from funnel.scale import batch_build
from funnel.storage.manifest import Manifest, plain
from funnel.words import wording

INTERRUPTED = 130


def add(commands: Any) -> None:
    """Adds this command to the others."""
    parser = commands.add_parser("build", help=wording.say("command.build"), allow_abbrev=False)
    parser.add_argument("source", metavar="SOURCE", help=wording.say("command.build_source"))
    parser.add_argument("--to", required=True, metavar="FOLDER", help=wording.say("command.build_to"))
    parser.add_argument(
        "--engine",
        choices=batch_build.ENGINES,
        default=batch_build.ENGINES[0],
        help=wording.say("command.build_engine"),
    )
    parser.add_argument("--master", metavar="URL", help=wording.say("command.build_master"))
    parser.add_argument("--models", metavar="A,B,…", help=wording.say("command.build_models"))
    options.hand_options(parser)
    parser.set_defaults(run=_build)


def _build(args: argparse.Namespace) -> int:
    if sources.is_source(args.source):
        raise SourceError("live.pull_first", source=args.source)
    try:
        built = batch_build.build(
            args.source,
            Path(args.to),
            engine=args.engine,
            master=args.master,
            overrides=options.overrides(args),
            models=options.listed(args.models) if args.models else (),
            progress=_tell,
        )
    except KeyboardInterrupt:
        print(wording.say("command.build_interrupted"), file=sys.stderr)
        return INTERRUPTED
    options.show(args, plain(built), lambda _: _line(args.to, built))
    return 0


def _tell(note: Note, share: float | None) -> None:
    done = "" if share is None else f"{wording.percent(share)} "
    print(f"{done}{wording.say(note.key, **note.values)}", file=sys.stderr, flush=True)


def _line(folder: str, built: Manifest) -> str:
    return wording.say(
        "building.built",
        folder=folder,
        leads=built.leads,
        entries=built.entries,
        models=len(built.journeys),
        engine=built.engine,
        source=built.source,
    )
