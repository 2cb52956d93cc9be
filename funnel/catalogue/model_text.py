"""A stage model as the text of a model file."""

from __future__ import annotations

from collections.abc import Sequence

from funnel.core import toml_text
from funnel.core.types import Stage, StageModel, Unit


def to_toml(model: StageModel) -> str:
    """The model as a file that reads back as the same model; its texts stand there in the language that it has them in.

    A line break in a name, or in a sentence of a stage, reads back as a space.
    """
    lines = [f"{key} = {toml_text.text(getattr(model, key))}" for key in ("key", "kind", "name")]
    if model.description:
        lines.append(f"description = {toml_text.text(model.description)}")
    if model.unit is not Unit.LEAD:
        lines.append(f"unit = {toml_text.text(model.unit.value)}")
    if model.reading != "forward":
        lines.append(f"reading = {toml_text.text(model.reading)}")
    if model.year is not None:
        lines.append(f"year = {model.year}")
    if model.source:
        lines.append(f"source = {toml_text.text(model.source)}")
    if model.left_out:
        lines.append(f"left_out = {toml_text.texts(model.left_out)}")
    if model.loop:
        lines += ["", "[loop]", f"to = {toml_text.text(model.loop.to)}", f"past = {toml_text.texts(model.loop.past)}"]
    lines += _stage_lines("stages", model.versions[0].stages if model.versions else model.stages)
    for version in model.versions[1:]:
        lines += ["", "[[versions]]", f"from = {version.since}", *_stage_lines("versions.stages", version.stages)]
    return "\n".join(lines) + "\n"


def _stage_lines(table: str, stages: Sequence[Stage]) -> list[str]:
    lines: list[str] = []
    for stage in stages:
        lines += ["", f"[[{table}]]", f"key = {toml_text.text(stage.key)}", f"name = {toml_text.text(stage.name)}"]
        told = (("entry", stage.entry), ("ask", stage.ask))
        listed = (("concepts", stage.concepts), ("labels", stage.labels), ("requires", stage.requires))
        lines += [f"{field} = {toml_text.texts(values)}" for field, values in listed if values]
        lines += [f"{field} = {toml_text.text(value)}" for field, value in told if value]
    return lines
