"""What a project file says in `project.json`: types as plain data, and back, each checked, since a file can come from anybody."""

from __future__ import annotations

import json
from collections.abc import Mapping as Pairs
from dataclasses import asdict, dataclass, replace
from datetime import MAXYEAR, datetime
from typing import Any

from funnel import catalogue, mapping
from funnel.catalogue import model_files
from funnel.core.errors import FunnelError, ProjectError
from funnel.core.types import RawTable, SavedWork, StageModel
from funnel.mapping import Hints
from funnel.reading import RESERVED, limits
from funnel.storage import decoding

NAME = "project.json"
FORMAT = 1
MOST_NOTES = 100_000
"""Signs of the notes on a project."""
MOST_MODELS = 500
MOST_MODEL_SIGNS = 4_000_000
"""Signs of all models together: reading more takes longer than anybody waits."""
MOST_VIEW_SIGNS = 2_000_000
"""Signs of all that the pages' addresses say; no browser has an address as long."""
MOST_COLUMNS = 100_000
"""Columns of all tables together."""
NOT_OURS = ("embed", "embed_options")
"""What an address says to the frame around the pages; no page can set it."""
LONGEST_MARK = 20
"""What makes a column's name distinct is written behind it."""
_FORMATS = ("csv", "xlsx", "parquet", "jsonl", "html", "xml", "xls", "xlsb", "ods")


@dataclass(frozen=True)
class _Said:
    """The work as it stands in the file."""

    models: tuple[str, ...]
    draft: StageModel | None
    notes: str
    views: Pairs[str, Pairs[str, tuple[str, ...]]]
    page: str


@dataclass(frozen=True)
class Told:
    """What stands in a project beside its tables' rows: the moment of the upload, what was said by hand, the work; `built` where the
    data are those of a built folder instead of tables."""

    as_of: datetime
    tables: tuple[RawTable, ...]
    hints: Hints
    work: SavedWork
    built: bool = False


def to_bytes(told: Told) -> bytes:
    """The content of `project.json`; half a sign in it, which some names of files hold, becomes a question mark.

    ProjectError where it is more than opens again.
    """
    content = json.dumps({"format": FORMAT, **plain(told)}, ensure_ascii=False, indent=1).encode(errors="replace")
    if not decoding.is_bounded(content):
        raise ProjectError("project.too_much", megabytes=decoding.MOST_BYTES // 1_000_000, values=decoding.MOST_VALUES)
    return content


def plain(told: Told) -> dict[str, Any]:
    """As plain data of JSON."""
    return {
        "as_of": told.as_of.isoformat(),
        "tables": [_plain_table(table) for table in told.tables],
        "built": told.built,
        **plain_said(told.hints, told.work),
    }


def plain_said(hints: Hints, work: SavedWork) -> dict[str, Any]:
    """What was said by hand, and the work, without the data, as plain data of JSON."""
    return {"hints": {name: value for name, value in asdict(hints).items() if value}, "work": _plain_work(work)}


def _plain_work(work: SavedWork) -> dict[str, Any]:
    return {
        "models": [catalogue.model_toml(model) for model in work.models],
        "draft": None if work.draft is None else asdict(work.draft),
        "notes": work.notes,
        "views": {page: {name: list(values) for name, values in view.items()} for page, view in work.views.items()},
        "page": work.page,
    }


def from_bytes(content: bytes, name: str) -> Told:
    """What `project.json` says; `name` is what errors call its project. ProjectError where it is damaged, or of a newer form."""
    try:
        given = decoding.parsed(content)
        form = given["format"]
        if isinstance(form, int) and form > FORMAT:
            raise ProjectError("project.newer", file=name, form=min(form, decoding.MOST_WHOLE), known=FORMAT)
        if form != FORMAT or isinstance(form, bool):
            raise ValueError(form)
        return from_plain(given)
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise ProjectError("project.damaged", file=name) from wrong
    except ProjectError:
        raise
    except FunnelError as wrong:
        raise ProjectError("project.damaged", file=name) from wrong


def from_plain(given: Pairs[str, Any]) -> Told:
    """From plain data; KeyError, TypeError, ValueError or a FunnelError where that is not what `plain` gives, or cannot be shown."""
    hints, work = read_said(given)
    as_of = decoding.decoded(datetime, given["as_of"])
    if as_of.year not in decoding.YEARS:
        raise ValueError(as_of)
    tables = decoding.decoded(tuple[RawTable, ...], given["tables"])
    if len(tables) > limits.MEMBERS or sum(len(table.columns) for table in tables) > MOST_COLUMNS:
        raise ValueError("more tables than are read")
    return Told(
        as_of=as_of,
        tables=tuple(_table(place, table) for place, table in enumerate(tables)),
        hints=hints,
        work=work,
        built=decoding.decoded(bool, given["built"]),
    )


def read_said(given: Pairs[str, Any]) -> tuple[Hints, SavedWork]:
    """What `plain_said` gave; the same errors as `from_plain`."""
    return _hints(given["hints"]), _work(given["work"])


def _work(given: Pairs[str, Any]) -> SavedWork:
    said = decoding.decoded(_Said, given)
    too_much = (
        len(said.models) > MOST_MODELS
        or sum(len(text) for text in said.models) > MOST_MODEL_SIGNS
        or len(said.notes) > MOST_NOTES
        or sum(_signs(page, view) for page, view in said.views.items()) > MOST_VIEW_SIGNS
    )
    if too_much:
        raise ValueError("more than can be saved")
    models = tuple(catalogue.read_model_text(text, "model.toml") for text in said.models)
    if any(not model.stages for model in models):
        raise ValueError("a model without stages is none of one's own")
    if any(name.lower() in NOT_OURS for view in said.views.values() for name in view):
        raise ValueError("a view holds what the address keeps for the frame around the page")
    return SavedWork(models, None if said.draft is None else _draft(said.draft), said.notes, said.views, said.page)


def _signs(page: str, view: Pairs[str, tuple[str, ...]]) -> int:
    return len(page) + sum(len(name) + sum(len(each) + 1 for each in values) for name, values in view.items())


def _plain_table(table: RawTable) -> dict[str, Any]:
    """How the table was read on this machine is no matter of the project, in which its cells are stored."""
    return {name: value for name, value in asdict(table).items() if name != "line_of_place"}


def _table(place: int, told: RawTable) -> RawTable:
    columns = told.columns
    names = {column.casefold() for column in columns}
    sound = (
        len(names) == len(columns)
        and 2 <= len(columns) <= limits.COLUMNS
        and not names & {"", RESERVED}
        and all(len(column) <= limits.NAME + LONGEST_MARK for column in columns)
        and told.format in _FORMATS
        and told.rows_rejected <= told.rows_read
        and told.line_of_place is None
    )
    if not sound:
        raise ValueError("a table that no reader has made")
    return replace(told, table=f"raw_{place}")


def _hints(given: Any) -> Hints:
    hints = decoding.decoded(Hints, given)
    if hints.date_order not in (None, *mapping.DATE_ORDERS):
        raise ValueError(hints.date_order)
    if not {concept for _, concept in hints.concepts} <= {*mapping.choices()}:
        raise ValueError("a concept that nothing means")
    return hints


def _draft(told: StageModel) -> StageModel:
    """A draft may be wrong for a while, but its stages have keys of their own and it says how it is meant."""
    keys = [stage.key for stage in told.stages]
    sound = (
        len(set(keys)) == len(keys) <= model_files.MOST_STAGES
        and told.kind in model_files.KINDS[:2]
        and told.reading in model_files.READINGS
        and (told.year is None or 1 <= told.year <= MAXYEAR)
        and {concept for stage in told.stages for concept in stage.concepts} <= {*mapping.choices()}
    )
    if not sound:
        raise ValueError("a draft that no editor has made")
    return told
