"""A stage model as a TOML file, and back: the catalogue's own files, and those that users write or save.

key = "short"                     its name for a command line; without it, the name of the file
kind = "concepts"                 or "labels": then it takes the labels that its stages name, and no others; or "recorded": the
                                  labels of whatever file it is asked of, and no stages of its own
name = "Short"                    or a table [names] by language; so are description, and the names of stages
place = 10                        where it is listed: small numbers first
unit = "lead"                     what is counted: "lead" or "account"
reading = "forward"               or "backward": shown from the win
year, source                      where it comes from
left_out = ["pilot"]              concepts that are no part of it
loop = { to = "buy", past = ["consider"] }      customers who come back, by the keys of stages
[[stages]]                        in the order in which a lead walks them: key, name, concepts, labels
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from funnel.catalogue import checked
from funnel.catalogue.checked import SOURCE_LANGUAGE, CatalogueError, Table, in_language
from funnel.core import toml_text
from funnel.core.spelling import normalised
from funnel.core.types import IGNORED, Concept, Loop, Stage, StageModel, Unit
from funnel.words import wording

RECORDED = "recorded"
KINDS = ("concepts", "labels", RECORDED)
READINGS = ("forward", "backward")
MOST_STAGES = 60
MOST_BYTES = 1_000_000
LISTED_LAST = 1000
MEANS_NOTHING = (IGNORED, "unplaced")
"""What the labels of a model of kind "labels" can mean beside the concepts."""


@dataclass(frozen=True)
class ModelFile:
    """A model in every language of its file. `place` is where it is listed: small numbers first."""

    model: StageModel
    place: int
    names: dict[str, str]
    description: dict[str, str]
    stage_names: tuple[dict[str, str], ...]

    def spoken(self) -> StageModel:
        """The model with its texts in the language of the words, else in English, else in the first there is."""
        stages = tuple(
            replace(stage, name=in_language(names, wording.language()))
            for stage, names in zip(self.model.stages, self.stage_names, strict=True)
        )
        name, description = (
            in_language(self.names, wording.language()),
            in_language(self.description, wording.language()),
        )
        return replace(self.model, name=name, description=description, stages=stages)


def read(path: Path, concepts: Sequence[Concept]) -> ModelFile:
    """The model of a file. CatalogueError names the file, the key and what is accepted."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as fault:
        raise checked.unreadable(path, fault) from fault
    return parse(content, path.name, concepts)


def parse(content: str | bytes, file_name: str, concepts: Sequence[Concept]) -> ModelFile:
    """The model in a file's content; `file_name` is what its errors call it, and gives the key where the file has none."""
    path = Path(file_name.strip() or "model.toml")
    if len(content.encode(errors="replace") if isinstance(content, str) else content) > MOST_BYTES:
        raise CatalogueError("errors.model_too_large", file=path.name, bytes=MOST_BYTES)
    return _model_file(checked.parse(content, path), concepts)


def to_toml(model: StageModel) -> str:
    """The model as a file that reads back as the same model; its texts stand there in the language that it has them in.

    A line break in a name reads back as a space.
    """
    lines = [f"{key} = {toml_text.text(getattr(model, key))}" for key in ("key", "kind", "name")]
    if model.description:
        lines.append(f"description = {toml_text.text(model.description)}")
    if model.unit is not Unit.LEAD:
        lines.append(f"unit = {toml_text.text(model.unit.value)}")
    if model.reading != READINGS[0]:
        lines.append(f"reading = {toml_text.text(model.reading)}")
    if model.year is not None:
        lines.append(f"year = {model.year}")
    if model.source:
        lines.append(f"source = {toml_text.text(model.source)}")
    if model.left_out:
        lines.append(f"left_out = {toml_text.texts(model.left_out)}")
    if model.loop:
        lines += ["", "[loop]", f"to = {toml_text.text(model.loop.to)}", f"past = {toml_text.texts(model.loop.past)}"]
    for stage in model.stages:
        lines += ["", "[[stages]]", f"key = {toml_text.text(stage.key)}", f"name = {toml_text.text(stage.name)}"]
        taken = (("concepts", stage.concepts), ("labels", stage.labels))
        lines += [f"{field} = {toml_text.texts(values)}" for field, values in taken if values]
    return "\n".join(lines) + "\n"


def _model_file(table: Table, concepts: Sequence[Concept]) -> ModelFile:
    table.only(
        *("key", "kind", "place", "name", "names", "description", "year", "source", "unit", "reading", "left_out"),
        *("loop", "stages"),
    )
    kind = table.choice("kind", KINDS, default=KINDS[0])
    key = table.text("key", default=table.path.stem)
    names = _names(table, default=key)
    description = table.names("description") if "description" in table.values else {}
    if kind == RECORDED and "stages" in table.values:
        raise table.wrong(
            "stages", "stages of its own", "none in a model of kind “recorded”: its stages are the file's labels"
        )
    stage_tables = [] if kind == RECORDED else table.tables("stages")
    if len(stage_tables) > MOST_STAGES:
        raise table.wrong("stages", f"{len(stage_tables)} stages", f"at most {MOST_STAGES}")
    stage_names, stages = [], []
    for each in stage_tables:
        stage_names.append(_names(each, default=each.text("key") if "key" in each.values else None))
        stages.append(_stage(each, kind, in_language(stage_names[-1], SOURCE_LANGUAGE), concepts))
    # Two labels may mean one concept: in a model of labels it only tells what they mean.
    for field in ("key", "labels", *(("concepts",) if kind == "concepts" else ())):
        taken: set[str] = set()
        for each, stage in zip(stage_tables, stages, strict=True):
            for value in [stage.key] if field == "key" else getattr(stage, field):
                if value in taken:
                    raise each.wrong(field, f"{toml_text.shown(value)} for the second time", "each in one stage only")
                taken.add(value)
    model = StageModel(
        key=key,
        name=in_language(names, SOURCE_LANGUAGE),
        stages=tuple(stages),
        kind=kind,
        description=in_language(description, SOURCE_LANGUAGE),
        unit=Unit(table.choice("unit", [unit.value for unit in Unit], default=Unit.LEAD.value)),
        reading=table.choice("reading", READINGS, default=READINGS[0]),
        loop=_loop(table, [stage.key for stage in stages]),
        left_out=_left_out(table, stages, concepts),
        year=table.whole("year", "a year, as a number from 1 to 9999", 1, 9999) if "year" in table.values else None,
        source=table.text("source", default=""),
    )
    place = table.whole("place", "a number; models with small ones are listed first", default=LISTED_LAST)
    return ModelFile(model, place, names, description, tuple(stage_names))


def _names(table: Table, default: str | None) -> dict[str, str]:
    """The name by language, each on one line."""
    names = table.names("name" if "name" in table.values else "names", default=default)
    return {language: " ".join(part.strip() for part in name.splitlines()) for language, name in names.items()}


def _key_of(name: str) -> str:
    """The key of a model or stage that has a name only: "In talks" is "in-talks"."""
    return normalised(name).replace(" ", "-")


def _stage(table: Table, kind: str, name: str, concepts: Sequence[Concept]) -> Stage:
    table.only("key", "name", "names", "concepts", "labels")
    stage = Stage(
        key=table.text("key", default=_key_of(name)),
        name=name,
        concepts=table.texts("concepts", default=()),
        labels=table.texts("labels", default=()),
    )
    if kind == "labels":
        if not stage.labels:
            raise table.wrong("labels", "a stage that takes no label", "a list of labels, in a model of kind “labels”")
        known = (*(concept.key for concept in concepts), *MEANS_NOTHING)
    else:
        if not stage.concepts and not stage.labels:
            raise table.wrong("", "a stage that takes nothing", "a list `concepts`, a list `labels`, or both")
        known = _stage_concepts(concepts)
    for concept in stage.concepts:
        if concept not in known:
            raise table.wrong("concepts", toml_text.shown(concept), ", ".join(known))
    return stage


def _loop(table: Table, stage_keys: Sequence[str]) -> Loop | None:
    if "loop" not in table.values:
        return None
    loop = table.table("loop")
    loop.only("to", "past")
    to, past = loop.choice("to", stage_keys), loop.texts("past")
    others = [key for key in stage_keys if key != to]
    for key in past:
        if key not in others:
            raise loop.wrong("past", toml_text.shown(key), ", ".join(others))
    if not past:
        raise loop.wrong("past", "an empty list", ", ".join(others))
    return Loop(to, past)


def _left_out(table: Table, stages: Sequence[Stage], concepts: Sequence[Concept]) -> tuple[str, ...]:
    left_out, known = table.texts("left_out", default=()), _stage_concepts(concepts)
    placed = {concept: stage.key for stage in stages for concept in stage.concepts}
    for concept in left_out:
        if concept not in known:
            raise table.wrong("left_out", toml_text.shown(concept), ", ".join(known))
        if concept in placed:
            raise table.wrong(
                "left_out", f"{concept!r}, which the stage {placed[concept]!r} takes", "concepts that no stage takes"
            )
    return left_out


def _stage_concepts(concepts: Sequence[Concept]) -> tuple[str, ...]:
    return tuple(concept.key for concept in concepts if concept.kind == "stage")
