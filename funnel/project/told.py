"""What a project file says in `project.json`: nouns as plain data, and back, each checked, since a file can come from anybody."""

from __future__ import annotations

import json
from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from funnel import catalogue, wording
from funnel.errors import FunnelError, ProjectError
from funnel.mapping import Hints
from funnel.nouns import Note, RawTable, Reopening, Shape, Stage, StageModel, Unit, Work

NAME = "project.json"
FORMAT = 1
MOST_BYTES = 64_000_000
MOST_NOTES = 100_000
"""Signs of the notes on a project."""
MOST_MODELS = 500
_FORMATS = ("csv", "xlsx", "parquet", "jsonl", "html", "xml", "xls", "xlsb", "ods")
_LISTS = ("won", "lost", "headers")
_PAIRS = ("concepts", "stage_dates")


@dataclass(frozen=True)
class Told:
    """What stands in a project beside its tables' rows: the moment of the upload, what was said by hand, the work; `built` where the
    data are those of a built folder instead of tables."""

    as_of: datetime
    tables: tuple[RawTable, ...]
    hints: Hints
    work: Work
    built: bool = False


def to_bytes(told: Told) -> bytes:
    """The content of `project.json`."""
    return json.dumps({"format": FORMAT, **plain(told)}, ensure_ascii=False, indent=1).encode(errors="surrogatepass")


def plain(told: Told) -> dict[str, Any]:
    """As plain data of JSON."""
    return {
        "as_of": told.as_of.isoformat(),
        "tables": [asdict(table) for table in told.tables],
        "built": told.built,
        **plain_said(told.hints, told.work),
    }


def plain_said(hints: Hints, work: Work) -> dict[str, Any]:
    """What was said by hand, and the work, without the data, as plain data of JSON."""
    return {"hints": {name: value for name, value in asdict(hints).items() if value}, "work": _plain_work(work)}


def _plain_work(work: Work) -> dict[str, Any]:
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
        given = json.loads(content.decode(errors="surrogatepass"))
        form = given["format"]
        if isinstance(form, int) and form > FORMAT:
            raise ProjectError("project.newer", file=name, form=form, known=FORMAT)
        if form != FORMAT:
            raise ValueError(form)
        return from_plain(given)
    except (KeyError, TypeError, ValueError, RecursionError, AttributeError) as wrong:
        raise ProjectError("project.damaged", file=name) from wrong
    except ProjectError:
        raise
    except FunnelError as wrong:
        raise ProjectError("project.damaged", file=name) from wrong


def from_plain(given: Pairs[str, Any]) -> Told:
    """From plain data; KeyError, TypeError, ValueError or a FunnelError where that is not what `plain` gives."""
    hints, work = read_said(given)
    return Told(
        as_of=datetime.fromisoformat(given["as_of"]),
        tables=tuple(_table(place, each) for place, each in enumerate(_list(given["tables"]))),
        hints=hints,
        work=work,
        built=_is(given["built"], bool),
    )


def read_said(given: Pairs[str, Any]) -> tuple[Hints, Work]:
    """What `plain_said` gave; the same errors as `from_plain`."""
    return _hints(given["hints"]), _work(given["work"])


def _work(given: Pairs[str, Any]) -> Work:
    models, notes = _list(given["models"]), _is(given["notes"], str)
    if len(models) > MOST_MODELS or len(notes) > MOST_NOTES:
        raise ValueError("more than can be saved")
    return Work(
        models=tuple(catalogue.read_model_text(_is(text, str), "model.toml") for text in models),
        draft=None if given["draft"] is None else _draft(given["draft"]),
        notes=notes,
        views={
            _is(page, str): {_is(name, str): _texts(values) for name, values in _is(view, dict).items()}
            for page, view in _is(given["views"], dict).items()
        },
        page=_is(given["page"], str),
    )


def _table(place: int, given: Pairs[str, Any]) -> RawTable:
    table = RawTable(
        table=f"raw_{place}",
        name=_is(given["name"], str),
        format=_one_of(given["format"], _FORMATS),
        columns=_texts(given["columns"]),
        rows_read=_count(given["rows_read"]),
        rows_rejected=_count(given["rows_rejected"]),
        encoding=_maybe(given["encoding"], str),
        delimiter=_maybe(given["delimiter"], str),
        header_line=_maybe(given["header_line"], int),
        notes=tuple(_note(note) for note in _list(given["notes"])),
    )
    if len(set(table.columns)) < max(len(table.columns), 2) or "source_line" in table.columns:
        raise ValueError("the columns of a table are not distinct")
    return table


def _note(given: Pairs[str, Any]) -> Note:
    note = Note(_is(given["key"], str), _is(given["values"], dict))
    wording.say(note.key, **note.values)
    return note


def _hints(given: Pairs[str, Any]) -> Hints:
    said: dict[str, Any] = {}
    known = {field.name for field in fields(Hints)}
    for name, value in _is(given, dict).items():
        if name not in known:
            raise ValueError(name)
        if name == "shape":
            said[name] = Shape(value)
        elif name == "reopened_by":
            said[name] = Reopening(value)
        elif name == "keeps_win":
            said[name] = _is(value, bool)
        elif name in _LISTS:
            said[name] = _texts(value)
        elif name in _PAIRS:
            said[name] = tuple((_is(first, str), _is(second, str)) for first, second in _list(value))
        else:
            said[name] = _is(value, str)
    return Hints(**said)


def _draft(given: Pairs[str, Any]) -> StageModel:
    return StageModel(
        key=_is(given["key"], str),
        name=_is(given["name"], str),
        stages=tuple(
            Stage(_is(each["key"], str), _is(each["name"], str), _texts(each["concepts"]), _texts(each["labels"]))
            for each in _list(given["stages"])
        ),
        kind=_one_of(given["kind"], ("concepts", "labels")),
        description=_is(given["description"], str),
        unit=Unit(given["unit"]),
        reading=_one_of(given["reading"], ("forward", "backward")),
        left_out=_texts(given["left_out"]),
    )


def _is(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{type(value)} instead of {kind}")
    return value


def _maybe(value: Any, kind: type) -> Any:
    return None if value is None else _is(value, kind)


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, tuple) else _is(value, list)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_is(each, str) for each in _list(value))


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(value)
    return value


def _one_of(value: Any, accepted: Sequence[str]) -> str:
    if value not in accepted:
        raise ValueError(value)
    return str(value)
