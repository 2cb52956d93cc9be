"""A mapping as a small TOML file, and back: what a person would say by hand so that the next file reads the same way."""

from __future__ import annotations

from typing import Any

from funnel.core import toml_text
from funnel.core.errors import MappingError
from funnel.core.types import Reopening, Shape
from funnel.mapping.labels import label_concepts
from funnel.mapping.types import PARTS, UNUSED, Hints, Mapping

DATE_ORDERS = ("dmy", "mdy", "ymd")
_KEYS = (
    *("shape", "date_order", "pipeline", "headers", "won", "lost", "reopened_by", "keeps_win"),
    *("columns", "stage_dates", "concepts"),
)


def to_toml(mapping: Mapping, hints: Hints | None = None) -> str:
    """The mapping as TOML: the shape, the column of each part, stage dates, and all that was said by hand.

    `hints` are those in force now, where they changed after the mapping was made (concepts of labels).
    """
    said = hints if hints is not None else mapping.hints
    primary = mapping.primary
    columns = {part: column for part, (_, column) in mapping.parts.items() if part in PARTS}
    if "target" in primary.parts:
        # A list of stays is told from its two labels; which time goes with which follows.
        columns |= {"label": primary.parts["target"], "old": primary.parts["label"]}
        del columns["time"]
    if primary.lead_is_line:
        columns["lead"] = UNUSED
    columns |= {part: header for part in PARTS if (header := said.part(part)) is not None}
    dated = [(each.column, each.label) for each in mapping.stage_dates if not each.made]
    lines = [f"shape = {toml_text.text(primary.shape.value)}"]
    if said.date_order:
        lines.append(f"date_order = {toml_text.text(said.date_order)}")
    if said.pipeline:
        lines.append(f"pipeline = {toml_text.text(said.pipeline)}")
    lines.append(f"headers = {toml_text.texts(primary.columns)}")
    lines += [
        f"{name} = {toml_text.texts(values)}" for name, values in (("won", said.won), ("lost", said.lost)) if values
    ]
    if said.reopened_by:
        lines.append(f"reopened_by = {toml_text.text(said.reopened_by.value)}")
    if said.keeps_win is not None:
        lines.append(f"keeps_win = {str(said.keeps_win).lower()}")
    lines += _table("columns", list(columns.items()))
    lines += _table("stage_dates", dated)
    lines += _table("concepts", list(said.concepts))
    return "\n".join(lines) + "\n"


def from_toml(text: str | bytes, name: str) -> Hints:
    """The hints in a saved mapping; `name` is what its errors call it. MappingError names the key and what is accepted."""
    try:
        table = toml_text.parsed(text)
    except toml_text.NotToml as error:
        raise MappingError("mapping.stored_not_toml", file=name, found=str(error)) from error
    for key in table:
        if key not in _KEYS:
            raise _wrong(name, key, "an unknown key", ", ".join(_KEYS))
    columns = _texts_by_name(table, "columns", name)
    for part in columns:
        if part not in PARTS:
            raise _wrong(name, f"columns.{part}", "an unknown part", ", ".join(PARTS))
    parts = {("pipeline_column" if part == "pipeline" else part): header for part, header in columns.items()}
    shape = _choice(table, "shape", name, tuple(each.value for each in Shape))
    pipeline = table.get("pipeline")
    if pipeline is not None and not isinstance(pipeline, str):
        raise _wrong(name, "pipeline", toml_text.shown(pipeline), "a text in quotes")
    reopened_by = _choice(table, "reopened_by", name, tuple(each.value for each in Reopening))
    keeps_win = table.get("keeps_win")
    if keeps_win is not None and not isinstance(keeps_win, bool):
        raise _wrong(name, "keeps_win", toml_text.shown(keeps_win), "true, false")
    concepts = _texts_by_name(table, "concepts", name)
    known = label_concepts.choices()
    for label, concept in concepts.items():
        if concept not in known:
            raise _wrong(name, f"concepts.{label}", toml_text.shown(concept), ", ".join(known))
    return Hints(
        shape=Shape(shape) if shape else None,
        reopened_by=Reopening(reopened_by) if reopened_by else None,
        keeps_win=keeps_win,
        date_order=_choice(table, "date_order", name, DATE_ORDERS),
        pipeline=pipeline,
        headers=_listed(table, "headers", name),
        won=_listed(table, "won", name),
        lost=_listed(table, "lost", name),
        stage_dates=tuple(_texts_by_name(table, "stage_dates", name).items()),
        concepts=tuple(concepts.items()),
        **parts,
    )


def _choice(table: dict[str, Any], key: str, name: str, accepted: tuple[str, ...]) -> str | None:
    value = table.get(key)
    if value is not None and value not in accepted:
        raise _wrong(name, key, toml_text.shown(value), ", ".join(accepted))
    return value


def _listed(table: dict[str, Any], key: str, name: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _wrong(name, key, toml_text.shown(value), "a list of texts")
    return tuple(value)


def _texts_by_name(table: dict[str, Any], key: str, name: str) -> dict[str, str]:
    value = table.get(key, {})
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise _wrong(name, key, toml_text.shown(value), f"a table [{key}] of texts; “{UNUSED}” for none")
    return value


def _wrong(name: str, key: str, found: str, accepted: str) -> MappingError:
    return MappingError("mapping.stored_wrong", file=name, key=toml_text.short(key), found=found, accepted=accepted)


def _table(name: str, pairs: list[tuple[str, str]]) -> list[str]:
    lines = [f"{toml_text.text(key)} = {toml_text.text(value)}" for key, value in pairs]
    return ["", f"[{name}]", *lines] if pairs else []
