"""What the program knows beforehand, read from data/: concepts, stage models, and how CRMs word their exports.

Each kind is a folder or a file of TOML that anybody can add to. A reader checks what it reads, and names the file and
the key when it is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from funnel.catalogue import criteria, model_files, model_text
from funnel.catalogue.checked import CatalogueError as CatalogueError
from funnel.catalogue.checked import in_language, read, wrong
from funnel.catalogue.model_files import RECORDED as RECORDED
from funnel.catalogue.model_files import ModelFile
from funnel.core.decoding import ABSENT, Names, Noun, Text, Texts, decoded, inside, one_of, refusing
from funnel.core.errors import QuestionError
from funnel.core.spelling import normalised as normalised
from funnel.core.types import AS_RECORDED, IGNORED, Concept, Dialect, Stage, StageModel
from funnel.words import wording

FOLDER = Path(__file__).resolve().parents[2] / "data"

PARTS = (
    "lead",
    "label",
    "time",
    "created",
    "closed",
    "outcome",
    "account",
    "amount",
    "currency",
    "owner",
    "channel",
    "region",
    "pipeline",
    "field",
    "old_value",
    "new_value",
    "from_label",
    "exited",
)
"""What a column can be. `exited` is when a lead left the label of the row; `from_label` is the label it came from."""


@lru_cache
def concepts() -> tuple[Concept, ...]:
    """All concepts: the stages in their usual order, then the exits."""
    tables = _part(tuple[_ConceptTable, ...], _CONCEPTS, "concepts")
    kinds = [table.kind for table in tables]
    if kinds != sorted(kinds, reverse=True):
        accepted = "the stages in their usual order, then the exits"
        raise wrong(_CONCEPTS, "concepts", "an exit before a stage", accepted)
    return tuple(table.concept(position) for position, table in enumerate(tables))


def usual_order() -> dict[str, int]:
    """The place of each concept in the usual order."""
    return {concept.key: concept.position for concept in concepts()}


@lru_cache
def label_words(kind: str) -> tuple[str, ...]:
    """A list of words that helps to read labels: "ignored", "weak", "awaited" …; the file says what each is for."""
    return _part(Texts, _CONCEPTS, kind)


@lru_cache
def doubtful_labels() -> dict[str, str]:
    """Labels that usually, but not surely, mean a concept: label → concept."""
    concept_key = Annotated[str, one_of([concept.key for concept in concepts()])]
    doubtful = _part(dict[concept_key, Texts], _CONCEPTS, "doubtful")
    return {label: concept for concept, labels in doubtful.items() for label in labels}


@lru_cache
def value_kinds() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """What kinds of values are known that are no stages: kind → its texts, and its codes, which count only as they stand."""
    return {key: (kind.texts, kind.codes) for key, kind in _value_file().kinds.items()}


def address_states() -> tuple[str, ...]:
    """Values that tell of an e-mail address or a telephone, not of whom it reaches: "bounced", "unverified"."""
    return _value_file().addresses


def neutral_values() -> tuple[str, ...]:
    """Values that say nothing about the kind of the others in their column: "other", "unknown"."""
    return _value_file().neutral


@lru_cache
def before_won() -> dict[str, str]:
    """What some labels that usually mean won mean where the leads say otherwise: label, as compared → concept."""
    return _meanings(_CONCEPTS, "before_won")


def concept_names() -> dict[str, str]:
    """The name of each concept in the language of the words, in the usual order, exits last."""
    return {concept.key: in_language(concept.names, wording.language()) for concept in concepts()}


def entry_condition(stage: Stage, meant: Mapping[str, str] = MappingProxyType({})) -> str:
    """What must be true to enter a stage, in the language of the words: its own sentence, else that of the first concept that it takes and
    that has one; empty where there is none. `meant`: the concepts of labels, for a stage that takes labels by name."""
    told = (in_language(each.entry, wording.language()) for each in _criteria_of(stage, meant) if each.entry)
    return stage.entry or next(told, "")


def worth_asking(stage: Stage, meant: Mapping[str, str] = MappingProxyType({})) -> str:
    """What to ask at a stage, in the language of the words: its own sentence, else the questions of all concepts that it takes; empty
    where there are none. `meant` as in `entry_condition`."""
    told = (in_language(each.ask, wording.language()) for each in _criteria_of(stage, meant) if each.ask)
    return stage.ask or " ".join(told)


def _criteria_of(stage: Stage, meant: Mapping[str, str]) -> list[criteria.Criterion]:
    taken = {*stage.concepts, *(meant[label] for label in stage.labels if label in meant)}
    return [each for each in _criteria() if not taken.isdisjoint(each.concepts)]


@lru_cache
def _criteria() -> tuple[criteria.Criterion, ...]:
    return criteria.read(FOLDER / "criteria.toml", concepts())


def models() -> tuple[StageModel, ...]:
    """The stage models of the catalogue that have stages of their own, the commonest first, named in the language of the words."""
    return tuple(file.spoken() for file in _model_files().values() if file.model.kind != RECORDED)


def recorded() -> StageModel:
    """The as-recorded model, without stages: those are the labels of a file, in the order that `measures.as_recorded` tells."""
    return _model_file(AS_RECORDED).spoken()


def model(key: str) -> StageModel:
    """One stage model of the catalogue. QuestionError for an unknown key, with the known ones."""
    if key == AS_RECORDED or key not in _model_paths():
        raise QuestionError("errors.unknown_model", model=key, accepted=", ".join(each.key for each in models()))
    return _model_file(key).spoken()


def named(key: str | Path, recorded: Callable[[], StageModel]) -> StageModel:
    """The model that a person names: by its key, by a model file (a path that ends in .toml), or the file's own labels as `recorded`
    tells them, by "as-recorded" or a file of that kind."""
    if str(key) == AS_RECORDED:
        return recorded()
    if str(key).endswith(".toml"):
        stage_model = read_model(Path(key))
        return recorded() if stage_model.kind == RECORDED else stage_model
    return model(str(key))


def read_model(path: Path) -> StageModel:
    """A stage model from a file of one's own; `funnel.catalogue.model_files` says what stands in it.

    Stages name concepts, labels of the file, or both; a name is one text or a table by language. CatalogueError names
    the file, the key and what is accepted.
    """
    return model_files.read(Path(path), concepts()).spoken()


def read_model_text(text: str | bytes, file_name: str) -> StageModel:
    """A stage model from the content of a file; checked, and its errors worded, as `read_model` does."""
    return model_files.parse(text, file_name, concepts()).spoken()


def model_toml(model: StageModel) -> str:
    """The content of a file that `read_model` and `read_model_text` read as this same model."""
    return model_text.to_toml(model)


@lru_cache
def dialects() -> tuple[Dialect, ...]:
    """The kinds of exports that are known, the generic one last."""
    unsorted = [_dialect(path) for path in sorted((FOLDER / "dialects").glob("*.toml"))]
    return tuple(sorted(unsorted, key=lambda dialect: dialect.key == "generic"))


def header_words(kind: str) -> tuple[str, ...]:
    """A list of words of headers: "units", "joints", "entities" …; data/headers.toml says what each is for."""
    return _part(Texts, _HEADERS, kind)


def header_parts() -> tuple[str, ...]:
    """The parts that have head nouns of their own."""
    return tuple(_part(dict[str, Any], _HEADERS, "heads"))


@lru_cache
def header_heads(part: str) -> dict[str, tuple[str, ...]]:
    """The head nouns of a part by language."""
    return _part(dict[str, Texts], _HEADERS, "heads", part)


@lru_cache
def header_events(kind: str) -> tuple[str, ...]:
    """The words that say of a date what happened then: "created", "closed", "touched"."""
    return _part(Texts, _HEADERS, "events", kind)


@lru_cache
def header_pairs(side: str) -> tuple[str, ...]:
    """The words by which a header of labels says that it is of where a lead came from ("old"), or of where it went ("new")."""
    return _part(Texts, _HEADERS, "pairs", side)


def contract_words(part: str) -> tuple[str, ...]:
    """The headers of a part of contracts: "start", "end", "month" …; data/contracts.toml says what each is."""
    return _part(Texts, "contracts.toml", part)


def contract_types() -> dict[str, tuple[str, ...]]:
    """What a sale can be, "new", "expansion" or "renewal", and the texts that say so."""
    return _part(dict[str, Texts], "contracts.toml", "types")


@lru_cache
def _value_file() -> _ValueTable:
    return _part(_ValueTable, "value_kinds.toml")


def _part(kind: type[Noun], file: str, *path: str) -> Noun:
    """What stands at a place in a file of the catalogue. CatalogueError where that is of another kind, or not there."""
    content: Any = _content(file)
    for key in path:
        content = content.get(key, ABSENT) if isinstance(content, dict) else ABSENT
    with refusing(CatalogueError, Path(file).name), inside(*path):
        return decoded(kind, content)


@lru_cache
def _content(file: str) -> dict[str, Any]:
    return read(FOLDER / file)


def _meanings(file: str, *path: str) -> dict[str, str]:
    """A table label → concept, in which every concept is known; its labels as they are compared."""
    concept_key = Annotated[str, one_of([*(concept.key for concept in concepts()), IGNORED])]
    return {normalised(label): concept for label, concept in _part(dict[str, concept_key], file, *path).items()}


@lru_cache
def _model_files() -> dict[str, ModelFile]:
    """The files of the catalogue by key, in the order in which they are listed."""
    files = [_model_file(key) for key in _model_paths()]
    return {file.model.key: file for file in sorted(files, key=lambda file: (file.place, file.model.key))}


@lru_cache
def _model_file(key: str) -> ModelFile:
    """One file of the catalogue; CatalogueError where it is called otherwise than its model."""
    path = _model_paths()[key]
    file = model_files.read(path, concepts())
    if file.model.key != key:
        raise wrong(path.name, "key", file.model.key, key)
    return file


@lru_cache
def _model_paths() -> dict[str, Path]:
    """The files of the catalogue by the keys of their models, which are their names."""
    return {path.stem: path for path in (FOLDER / "models").glob("*.toml")}


def _dialect(path: Path) -> Dialect:
    file = f"dialects/{path.name}"
    dialect = _part(Dialect, file)
    patterns = ("stage_dates", "stage_exits")
    words = ("stage_fields", "lost_fields", "created_fields", "won_values", "lost_values", "open_values")
    texts: dict[str, Any] = {name: _part(Texts, file, name) for name in (*patterns, *words) if getattr(dialect, name)}
    for name in patterns:
        for pattern in texts.get(name, ()):
            if not _has_label(pattern):
                raise wrong(path.name, name, repr(pattern), "a regular expression with a group (?P<label>…)")
    parts = _part(dict[Annotated[str, one_of(PARTS)], Texts], file, "parts")
    return replace(
        dialect,
        key=_part(Text, file, "key"),
        name=_part(Text, file, "name"),
        parts={part: _normalised(headers) for part, headers in parts.items()},
        labels=_meanings(file, "labels") if dialect.labels else {},
        **{name: _normalised(texts.get(name, ())) for name in words},
    )


def _has_label(pattern: str) -> bool:
    try:
        return "label" in re.compile(pattern).groupindex
    except re.error:
        return False


def _normalised(texts: Iterable[str]) -> tuple[str, ...]:
    return _unique(normalised(text) for text in texts)


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


_CONCEPTS, _HEADERS = "concepts.toml", "headers.toml"


@dataclass(frozen=True)
class _ConceptTable:
    key: Text
    names: Names
    kind: Annotated[str, one_of(("stage", "exit"))] = "stage"
    synonyms: Mapping[str, Texts] = field(default_factory=dict)

    def concept(self, position: int) -> Concept:
        texts = _unique(chain(self.names.values(), *self.synonyms.values()))
        return Concept(self.key, position, self.kind, self.names, texts)


@dataclass(frozen=True)
class _KindTable:
    texts: Texts
    codes: Texts = ()


@dataclass(frozen=True)
class _ValueTable:
    neutral: Texts
    addresses: Texts
    kinds: Mapping[str, _KindTable]
