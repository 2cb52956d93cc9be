"""A mapping as a small TOML file, and back: what a person would say by hand so that the next file reads the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from funnel.core import toml_text
from funnel.core.decoding import Leaf, Undecodable, decoded, one_of, refusing
from funnel.core.errors import MappingError
from funnel.core.types import Reopening, Shape
from funnel.mapping.labels import label_concepts
from funnel.mapping.types import PARTS, TOUCH_PARTS, UNUSED, ColumnMapping, MappingOverrides

DATE_ORDERS = ("dmy", "mdy", "ymd")
_Header = Annotated[str, Leaf(lambda value: isinstance(value, str), f"a text in quotes; “{UNUSED}” for none")]


@dataclass(frozen=True)
class _Saved:
    """What a file can say."""

    shape: Shape | None = None
    date_order: Annotated[str, one_of(DATE_ORDERS)] | None = None
    pipeline: str | None = None
    headers: tuple[str, ...] = ()
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    reopened_by: Reopening | None = None
    keeps_win: bool | None = None
    touch_labels: tuple[str, ...] = ()
    columns: Mapping[str, _Header] = field(default_factory=dict)
    stage_dates: Mapping[str, str] = field(default_factory=dict)
    concepts: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)


def to_toml(mapping: ColumnMapping, overrides: MappingOverrides | None = None) -> str:
    """The mapping as TOML: the shape, the column of each part, stage dates, and all that was said by hand.

    `overrides` are those in force now, where they changed after the mapping was made (concepts of labels).
    """
    overrides = mapping.overrides if overrides is None else overrides
    primary = mapping.primary
    columns = {part: column for part, (_, column) in mapping.parts.items() if part in PARTS}
    if "target" in primary.parts:
        # A list of stays is told from its two labels; which time goes with which follows.
        columns |= {"label": primary.parts["target"], "old": primary.parts["label"]}
        del columns["time"]
    if primary.lead_is_line:
        columns["lead"] = UNUSED
    columns |= {part: header for part in (*PARTS, *TOUCH_PARTS) if (header := overrides.part(part)) is not None}
    dated = [(each.column, each.label) for each in mapping.stage_dates if not each.made]
    lines = [f"shape = {toml_text.text(primary.shape.value)}"]
    if overrides.date_order:
        lines.append(f"date_order = {toml_text.text(overrides.date_order)}")
    if overrides.pipeline:
        lines.append(f"pipeline = {toml_text.text(overrides.pipeline)}")
    lines.append(f"headers = {toml_text.texts(primary.columns)}")
    listed = (("won", overrides.won), ("lost", overrides.lost), ("touch_labels", overrides.touch_labels))
    lines += [f"{name} = {toml_text.texts(values)}" for name, values in listed if values]
    if overrides.reopened_by:
        lines.append(f"reopened_by = {toml_text.text(overrides.reopened_by.value)}")
    if overrides.keeps_win is not None:
        lines.append(f"keeps_win = {str(overrides.keeps_win).lower()}")
    lines += _table("columns", list(columns.items()))
    lines += _table("stage_dates", dated)
    lines += _table("concepts", list(overrides.concepts))
    lines += _table("channels", list(overrides.channels))
    return "\n".join(lines) + "\n"


def from_toml(text: str | bytes, name: str) -> MappingOverrides:
    """The overrides in a saved mapping; `name` is what its errors call it. MappingError names the key and what is accepted."""
    try:
        table = toml_text.parsed(text)
    except toml_text.NotToml as error:
        raise MappingError("mapping.stored_not_toml", file=name, found=str(error)) from error
    with refusing(MappingError, name, joint="."):
        saved = decoded(_Saved, table)
        for part in saved.columns:
            if part not in (*PARTS, *TOUCH_PARTS):
                raise Undecodable(", ".join((*PARTS, *TOUCH_PARTS)), "columns", part, found="an unknown part")
        choices = label_concepts.choices()
        for label, concept in saved.concepts.items():
            if concept not in choices:
                raise Undecodable(", ".join(choices), "concepts", label, value=concept)
    parts: dict[str, Any] = {
        ("pipeline_column" if part == "pipeline" else part): header for part, header in saved.columns.items()
    }
    return MappingOverrides(
        shape=saved.shape,
        reopened_by=saved.reopened_by,
        keeps_win=saved.keeps_win,
        touch_labels=saved.touch_labels,
        date_order=saved.date_order,
        pipeline=saved.pipeline,
        headers=saved.headers,
        won=saved.won,
        lost=saved.lost,
        stage_dates=tuple(saved.stage_dates.items()),
        concepts=tuple(saved.concepts.items()),
        channels=tuple(saved.channels.items()),
        **parts,
    )


def _table(name: str, pairs: list[tuple[str, str]]) -> list[str]:
    lines = [f"{toml_text.text(key)} = {toml_text.text(value)}" for key, value in pairs]
    return ["", f"[{name}]", *lines] if pairs else []
