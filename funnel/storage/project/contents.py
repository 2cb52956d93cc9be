"""What a project file says in `project.json`: types as plain data, and back, each checked, since a file can come from anybody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import MAXYEAR, datetime
from typing import Any

from funnel import catalogue, mapping
from funnel.catalogue import model_files
from funnel.core import plain_questions
from funnel.core.decoding import MOST_WHOLE, decoded
from funnel.core.errors import FunnelError, ProjectError
from funnel.core.types import Calendar, DatedNote, RawTable, ReportPart, SavedView, SavedWork, StageModel, View
from funnel.mapping import MappingOverrides
from funnel.reading import RESERVED, limits
from funnel.storage import json_text, watch_rules

NAME = "project.json"
FORMAT = 1
MOST_NOTES = 100_000
"""Signs of the notes on a project."""
MOST_MODELS = 500
MOST_MODEL_SIGNS = 4_000_000
"""Signs of all models together: reading more takes longer than anybody waits."""
MOST_VIEW_SIGNS = 2_000_000
"""Signs of all that the pages' addresses say; no browser has an address as long."""
MOST_SAVED_VIEWS, MOST_DATED_NOTES, MOST_PARTS = 200, 500, 40
LONGEST_LABEL = 200
"""Signs of the name of a view, and of a note to a day."""
MOST_COLUMNS = 100_000
"""Columns of all tables together."""
NOT_OURS = ("embed", "embed_options")
"""What an address says to the frame around the pages; no page can set it."""
LONGEST_MARK = 20
"""What makes a column's name distinct is written behind it."""
_FORMATS = ("csv", "xlsx", "parquet", "jsonl", "html", "xml", "xls", "xlsb", "ods")


@dataclass(frozen=True)
class _Part:
    """A part of a report as it stands in the file."""

    section: str
    question: Mapping[str, Any]
    options: Mapping[str, Any]


@dataclass(frozen=True)
class _Work:
    """The work as it stands in the file."""

    models: tuple[str, ...]
    draft: StageModel | None
    notes: str
    views: Mapping[str, View]
    page: str
    saved_views: tuple[SavedView, ...] = ()
    dated_notes: tuple[DatedNote, ...] = ()
    watch: str = ""
    report: tuple[_Part, ...] = ()
    report_title: str = ""
    calendar: Calendar | None = None


@dataclass(frozen=True)
class Contents:
    """What stands in a project beside its tables' rows: the moment of the upload, what was said by hand, the work; `built` where the
    data are those of a built folder instead of tables."""

    as_of: datetime
    tables: tuple[RawTable, ...]
    overrides: MappingOverrides
    work: SavedWork
    built: bool = False


def to_bytes(contents: Contents) -> bytes:
    """The content of `project.json`; half a sign in it, which some names of files hold, becomes a question mark.

    ProjectError where it is more than opens again.
    """
    content = json.dumps({"format": FORMAT, **plain(contents)}, ensure_ascii=False, indent=1).encode(errors="replace")
    if not json_text.is_bounded(content):
        raise ProjectError(
            "project.too_much", megabytes=json_text.MOST_BYTES // 1_000_000, values=json_text.MOST_VALUES
        )
    return content


def plain(contents: Contents) -> dict[str, Any]:
    """As plain data of JSON."""
    return {
        "as_of": contents.as_of.isoformat(),
        "tables": [_plain_table(table) for table in contents.tables],
        "built": contents.built,
        **plain_said(contents.overrides, contents.work),
    }


def plain_said(overrides: MappingOverrides, work: SavedWork) -> dict[str, Any]:
    """What was said by hand, and the work, without the data, as plain data of JSON."""
    return {"hints": {name: value for name, value in asdict(overrides).items() if value}, "work": _plain_work(work)}


def _plain_work(work: SavedWork) -> dict[str, Any]:
    return {
        "models": [catalogue.model_toml(model) for model in work.models],
        "draft": None if work.draft is None else plain_questions.plain_model(work.draft),
        "notes": work.notes,
        "views": {page: _plain_view(view) for page, view in work.views.items()},
        "page": work.page,
        "saved_views": [
            {"name": each.name, "page": each.page, "view": _plain_view(each.view)} for each in work.saved_views
        ],
        "dated_notes": [_plain_note(each) for each in work.dated_notes],
        "watch": "" if work.watch is None else watch_rules.to_toml(work.watch),
        "report": [
            {
                "section": each.section,
                "question": plain_questions.plain(each.question),
                "options": dict(each.options),
            }
            for each in work.report
        ],
        "report_title": work.report_title,
        # What was not chosen is not written, so that what has been written before reads the same.
        **({} if work.calendar is None else {"calendar": work.calendar.value}),
    }


def _plain_note(note: DatedNote) -> dict[str, str]:
    """What a note does not say is not written, so that what has been written before reads the same."""
    more = {"kind": note.kind, "stage": note.stage, "condition": note.condition}
    return {
        "day": note.day.isoformat(),
        "text": note.text,
        **{name: str(value) for name, value in more.items() if value},
    }


def _plain_view(view: View) -> dict[str, list[str]]:
    return {name: list(values) for name, values in view.items()}


def from_bytes(content: bytes, name: str) -> Contents:
    """What `project.json` says; `name` is what errors call its project. ProjectError where it is damaged, or of a newer form."""
    try:
        values = json_text.parsed(content)
        form = values["format"]
        if isinstance(form, int) and form > FORMAT:
            raise ProjectError("project.newer", file=name, form=min(form, MOST_WHOLE), known=FORMAT)
        if form != FORMAT or isinstance(form, bool):
            raise ValueError(form)
        return from_plain(values)
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise ProjectError("project.damaged", file=name) from wrong
    except ProjectError:
        raise
    except FunnelError as wrong:
        raise ProjectError("project.damaged", file=name) from wrong


def from_plain(values: Mapping[str, Any]) -> Contents:
    """From plain data; KeyError, TypeError, ValueError or a FunnelError where that is not what `plain` gives, or cannot be shown."""
    overrides, work = read_said(values)
    as_of = decoded(datetime, values["as_of"])
    if as_of.year not in json_text.YEARS:
        raise ValueError(as_of)
    tables = decoded(tuple[RawTable, ...], values["tables"])
    if len(tables) > limits.MEMBERS or sum(len(table.columns) for table in tables) > MOST_COLUMNS:
        raise ValueError("more tables than are read")
    return Contents(
        as_of=as_of,
        tables=tuple(_table(index, table) for index, table in enumerate(tables)),
        overrides=overrides,
        work=work,
        built=decoded(bool, values["built"]),
    )


def read_said(values: Mapping[str, Any]) -> tuple[MappingOverrides, SavedWork]:
    """What `plain_said` gave; the same errors as `from_plain`."""
    return _hints(values["hints"]), _work(values["work"])


def _work(values: Mapping[str, Any]) -> SavedWork:
    work = decoded(_Work, values)
    views = [*work.views.items(), *((each.page, each.view) for each in work.saved_views)]
    labels = [
        *(each.name for each in work.saved_views),
        *(text for each in work.dated_notes for text in said_in(each)),
        work.report_title,
    ]
    too_much = (
        len(work.models) > MOST_MODELS
        or len(work.saved_views) > MOST_SAVED_VIEWS
        or len(work.dated_notes) > MOST_DATED_NOTES
        or len(work.report) > MOST_PARTS
        or any(len(json.dumps(each.options)) > MOST_NOTES for each in work.report)
        or any(len(label) > LONGEST_LABEL for label in labels)
        or sum(len(text) for text in work.models) > MOST_MODEL_SIGNS
        or len(work.notes) > MOST_NOTES
        or sum(_signs(page, view) for page, view in views) > MOST_VIEW_SIGNS
    )
    if too_much:
        raise ValueError("more than can be saved")
    models = tuple(catalogue.read_model_text(text, "model.toml") for text in work.models)
    if any(not model.stages for model in models):
        raise ValueError("a model without stages is none of one's own")
    if any(name.lower() in NOT_OURS for _, view in views for name in view):
        raise ValueError("a view holds what the address keeps for the frame around the page")
    draft = None if work.draft is None else _draft(work.draft)
    watch = watch_rules.from_toml(work.watch, watch_rules.FILE) if work.watch else None
    parts = tuple(ReportPart(each.section, plain_questions.read(each.question), each.options) for each in work.report)
    return SavedWork(
        models,
        draft,
        work.notes,
        work.views,
        work.page,
        work.saved_views,
        work.dated_notes,
        watch,
        parts,
        work.report_title,
    )


def said_in(note: DatedNote) -> tuple[str, str, str]:
    """The texts of a note that somebody wrote."""
    return note.text, note.stage, note.condition


def _signs(page: str, view: View) -> int:
    return len(page) + sum(len(name) + sum(len(each) + 1 for each in values) for name, values in view.items())


def _plain_table(table: RawTable) -> dict[str, Any]:
    """How the table was read on this machine is no matter of the project, in which its cells are stored."""
    return {name: value for name, value in asdict(table).items() if name != "line_of_place"}


def _table(index: int, table: RawTable) -> RawTable:
    columns = table.columns
    names = {column.casefold() for column in columns}
    sound = (
        len(names) == len(columns)
        and 2 <= len(columns) <= limits.COLUMNS
        and not names & {"", RESERVED}
        and all(len(column) <= limits.NAME + LONGEST_MARK for column in columns)
        and table.format in _FORMATS
        and table.rows_rejected <= table.rows_read
        and table.line_of_place is None
    )
    if not sound:
        raise ValueError("a table that no reader has made")
    return replace(table, table=f"raw_{index}")


def _hints(values: Any) -> MappingOverrides:
    overrides = decoded(MappingOverrides, values)
    if overrides.date_order not in (None, *mapping.DATE_ORDERS):
        raise ValueError(overrides.date_order)
    if not {concept for _, concept in overrides.concepts} <= {*mapping.choices()}:
        raise ValueError("a concept that nothing means")
    return overrides


def _draft(model: StageModel) -> StageModel:
    """A draft may be wrong for a while, but its stages have keys of their own and it says how it is meant."""
    plain_questions.check_versions(model)
    each = [model.stages, *(version.stages for version in model.versions)]
    stages = [stage for stages in each for stage in stages]
    sound = (
        all(len({stage.key for stage in one}) == len(one) <= model_files.MOST_STAGES for one in each)
        and len(model.versions) <= 1 + model_files.MOST_VERSIONS
        and model.kind in model_files.KINDS[:2]
        and model.reading in model_files.READINGS
        and (model.year is None or 1 <= model.year <= MAXYEAR)
        and {concept for stage in stages for concept in stage.concepts} <= {*mapping.choices()}
        and all(len({*stage.requires}) == len(stage.requires) <= model_files.MOST_REQUIRED for stage in stages)
    )
    if not sound:
        raise ValueError("a draft that no editor has made")
    return model
