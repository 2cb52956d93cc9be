"""A stage model from a TOML file: the catalogue's own files, and those that users write or save.

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
entry = "They have answered."     what must be true to enter the stage, and `ask`, what to ask there, each a text or a table by language:
                                  without one, the catalogue's for the concepts of the stage (data/criteria.toml)
requires = ["Owner"]              columns of the file that must be filled to enter it
[[versions]]                      how the model changed: from = 2025-04-01, and [[versions.stages]], its stages since; the days in order.
                                  Leads that start before the first of these days are in the [[stages]] above; there is no loop then
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Annotated, Any

from funnel.catalogue import checked
from funnel.catalogue.checked import CatalogueError, in_language
from funnel.core import toml_text
from funnel.core.decoding import ABSENT, Leaf, Names, Text, Texts, Undecodable, decoded, inside, one_of, refusing, whole
from funnel.core.spelling import normalised
from funnel.core.types import IGNORED, Concept, Loop, Stage, StageModel, Unit, Version
from funnel.words import wording

RECORDED = "recorded"
KINDS = ("concepts", "labels", RECORDED)
READINGS = ("forward", "backward")
MOST_STAGES = 60
MOST_REQUIRED = 30
MOST_VERSIONS = 20
MOST_BYTES = 1_000_000
LISTED_LAST = 1000
MEANS_NOTHING = (IGNORED, "unplaced")
"""What the labels of a model of kind "labels" can mean beside the concepts."""


StageTexts = tuple[Mapping[str, dict[str, str]], ...]


@dataclass(frozen=True)
class ModelFile:
    """A model in every language of its file. `place` is where it is listed: small numbers first; `texts` are those of each stage: its
    name, entry and ask, for the model's own stages and then for those of each further version."""

    model: StageModel
    place: int
    names: dict[str, str]
    description: dict[str, str]
    texts: tuple[StageTexts, ...]

    def spoken(self) -> StageModel:
        """The model, in its latest version, with its texts in the language of the words, else in English, else in the first there is."""
        named = replace(self.model, name=_here(self.names), description=_here(self.description))
        if not named.versions:
            return replace(named, stages=_spoken(named.stages, self.texts[0]))
        versions = tuple(
            replace(version, stages=_spoken(version.stages, texts))
            for version, texts in zip(named.versions, self.texts, strict=True)
        )
        return replace(named, versions=versions).in_version(len(versions) - 1)


def _spoken(stages: tuple[Stage, ...], stage_texts: StageTexts) -> tuple[Stage, ...]:
    return tuple(
        replace(stage, name=_here(texts["name"]), entry=_here(texts["entry"]), ask=_here(texts["ask"]))
        for stage, texts in zip(stages, stage_texts, strict=True)
    )


def _here(texts: Mapping[str, str]) -> str:
    return in_language(texts, wording.language())


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
    table = checked.parse(content, path.name)
    with refusing(CatalogueError, path.name):
        return _model_file(decoded(_ModelTable, table), path.stem.strip(), concepts)


@dataclass(frozen=True)
class _StageTable:
    key: Text | None = None
    name: Names | None = None
    names: Names | None = None
    concepts: Texts = ()
    labels: Texts = ()
    entry: Names = field(default_factory=dict)
    ask: Names = field(default_factory=dict)
    requires: Texts = ()


@dataclass(frozen=True)
class _LoopTable:
    to: Any
    past: Texts


@dataclass(frozen=True)
class _ModelTable:
    key: Text | None = None
    kind: Annotated[str, one_of(KINDS)] = KINDS[0]
    place: Annotated[int, whole(-inf, inf, "a number; models with small ones are listed first")] = LISTED_LAST
    name: Names | None = None
    names: Names | None = None
    description: Names = field(default_factory=dict)
    year: Annotated[int, whole(1, 9999, "a year, as a number from 1 to 9999")] | None = None
    source: Text = ""
    unit: Unit = Unit.LEAD
    reading: Annotated[str, one_of(READINGS)] = READINGS[0]
    left_out: Texts = ()
    loop: _LoopTable | None = None
    stages: Any = ABSENT
    versions: Any = ABSENT


_STAGES = Leaf(
    lambda value: isinstance(value, list) and bool(value),
    "at least one [[stages]]",
    lambda value: decoded(tuple[_StageTable, ...], value),
)


def _model_file(table: _ModelTable, stem: str, concepts: Sequence[Concept]) -> ModelFile:
    key = stem if table.key is None else table.key
    names = _names(table, default=key)
    if table.kind == RECORDED and table.stages is not ABSENT:
        accepted = "none in a model of kind “recorded”: its stages are the file's labels"
        raise Undecodable(accepted, "stages", found="stages of its own")
    stages, texts = ((), ()) if table.kind == RECORDED else _stages(table.stages, table.kind, concepts)
    later = () if table.versions is ABSENT else _versions(table, concepts)
    versions = (Version(None, stages), *(version for version, _ in later)) if later else ()
    model = StageModel(
        key=key,
        name=in_language(names, wording.SOURCE_LANGUAGE),
        stages=stages,
        kind=table.kind,
        description=in_language(table.description, wording.SOURCE_LANGUAGE),
        unit=table.unit,
        reading=table.reading,
        loop=None if table.loop is None else _loop(table.loop, [stage.key for stage in stages]),
        left_out=_left_out(
            table.left_out, [*stages, *(each for version in versions for each in version.stages)], concepts
        ),
        year=table.year,
        source=table.source,
        versions=versions,
    )
    return ModelFile(model, table.place, names, table.description, (texts, *(told for _, told in later)))


def _stages(found: Any, kind: str, concepts: Sequence[Concept]) -> tuple[tuple[Stage, ...], StageTexts]:
    """The stages of a list of tables, called `stages`, and their texts in every language."""
    with inside("stages"):
        tables: tuple[_StageTable, ...] = _STAGES.read(found)
    if len(tables) > MOST_STAGES:
        raise Undecodable(f"at most {MOST_STAGES}", "stages", found=f"{len(tables)} stages")
    stage_texts, stages = [], []
    for index, each in enumerate(tables):
        with inside("stages", index):
            texts = {"name": _names(each, default=each.key), "entry": _lines(each.entry), "ask": _lines(each.ask)}
            stage_texts.append(texts)
            said = {part: in_language(told, wording.SOURCE_LANGUAGE) for part, told in texts.items()}
            stages.append(_stage(each, kind, said, concepts))
    # Two labels may mean one concept: in a model of labels it only tells what they mean.
    for name in ("key", "labels", *(("concepts",) if kind == "concepts" else ())):
        taken: set[str] = set()
        for index, stage in enumerate(stages):
            for value in [stage.key] if name == "key" else getattr(stage, name):
                if value in taken:
                    repeated = f"{toml_text.shown(value)} for the second time"
                    raise Undecodable("each in one stage only", "stages", index, name, found=repeated)
                taken.add(value)
    return tuple(stages), tuple(stage_texts)


def _versions(table: _ModelTable, concepts: Sequence[Concept]) -> tuple[tuple[Version, StageTexts], ...]:
    """The versions after the first, in the order of their days, and the texts of their stages."""
    if table.kind == RECORDED:
        accepted = "none in a model of kind “recorded”: its stages are the file's labels"
        raise Undecodable(accepted, "versions", found="versions")
    if table.loop is not None:
        raise Undecodable("no loop in a model that has [[versions]]", "loop", found="a loop")
    with inside("versions"):
        found = _VERSIONS.read(table.versions)
        if len(found) > MOST_VERSIONS:
            raise Undecodable(f"at most {MOST_VERSIONS}", found=f"{len(found)} versions")
        versions = []
        for index, each in enumerate(found):
            with inside(index):
                for key in each:
                    if key not in ("from", "stages"):
                        raise Undecodable("from, stages", key, found="an unknown key")
                with inside("from"):
                    since = _DAY.read(each.get("from", ABSENT))
                stages, texts = _stages(each.get("stages", ABSENT), table.kind, concepts)
                versions.append((Version(since, stages), texts))
        for index, ((earlier, _), (later, _)) in enumerate(pairwise(versions), 1):
            if earlier.since is not None and later.since is not None and later.since <= earlier.since:
                accepted = f"a day after {earlier.since}, that of the version before: each has its own, in their order"
                raise Undecodable(accepted, index, "from", found=str(later.since))
    return tuple(versions)


_VERSIONS = Leaf(
    lambda value: isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value),
    "[[versions]], each with `from`, a day, and its [[versions.stages]]",
)
_DAY = Leaf(
    lambda value: isinstance(value, str) or (isinstance(value, date) and not isinstance(value, datetime)),
    "a day, as 2025-04-01",
    lambda value: date.fromisoformat(value) if isinstance(value, str) else value,
)


def _names(table: _ModelTable | _StageTable, default: str | None) -> dict[str, str]:
    """The name by language, each on one line."""
    with inside("names"):
        return _lines(
            decoded(Names, next((each for each in (table.name, table.names, default) if each is not None), ABSENT))
        )


def _lines(texts: Mapping[str, str]) -> dict[str, str]:
    """The texts by language, each on one line."""
    return {language: " ".join(part.strip() for part in text.splitlines()) for language, text in texts.items()}


def _key_of(name: str) -> str:
    """The key of a model or stage that has a name only: "In talks" is "in-talks"."""
    return normalised(name).replace(" ", "-")


def _stage(table: _StageTable, kind: str, said: Mapping[str, str], concepts: Sequence[Concept]) -> Stage:
    key = _key_of(said["name"]) if table.key is None else table.key
    required = _required(table.requires)
    stage = Stage(key, said["name"], table.concepts, table.labels, said["entry"], said["ask"], required)
    if kind == "labels":
        if not stage.labels:
            accepted = "a list of labels, in a model of kind “labels”"
            raise Undecodable(accepted, "labels", found="a stage that takes no label")
        known_concepts = (*(concept.key for concept in concepts), *MEANS_NOTHING)
    else:
        if not stage.concepts and not stage.labels:
            raise Undecodable("a list `concepts`, a list `labels`, or both", found="a stage that takes nothing")
        known_concepts = _stage_concepts(concepts)
    for concept in stage.concepts:
        _check(concept, known_concepts, "concepts")
    return stage


def _required(columns: tuple[str, ...]) -> tuple[str, ...]:
    if len(columns) > MOST_REQUIRED:
        raise Undecodable(f"at most {MOST_REQUIRED}", "requires", found=f"{len(columns)} columns")
    for place, column in enumerate(columns):
        if column in columns[:place]:
            raise Undecodable("each column once", "requires", found=f"{toml_text.shown(column)} for the second time")
    return columns


def _loop(table: _LoopTable, stage_keys: Sequence[str]) -> Loop:
    with inside("loop", "to"):
        to: str = one_of(stage_keys).read(table.to)
    others = [key for key in stage_keys if key != to]
    for key in table.past:
        _check(key, others, "loop", "past")
    if not table.past:
        raise Undecodable(", ".join(others), "loop", "past", found="an empty list")
    return Loop(to, table.past)


def _left_out(left_out: tuple[str, ...], stages: Sequence[Stage], concepts: Sequence[Concept]) -> tuple[str, ...]:
    known_concepts = _stage_concepts(concepts)
    placed = {concept: stage.key for stage in stages for concept in stage.concepts}
    for concept in left_out:
        _check(concept, known_concepts, "left_out")
        if concept in placed:
            taken = f"{concept!r}, which the stage {placed[concept]!r} takes"
            raise Undecodable("concepts that no stage takes", "left_out", found=taken)
    return left_out


def _check(value: str, accepted: Sequence[str], *path: str) -> None:
    if value not in accepted:
        raise Undecodable(", ".join(accepted), *path, value=value)


def _stage_concepts(concepts: Sequence[Concept]) -> tuple[str, ...]:
    return tuple(concept.key for concept in concepts if concept.kind == "stage")
