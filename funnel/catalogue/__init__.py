"""What the program knows beforehand, read from data/: concepts, stage models, and how CRMs word their exports.

Each kind is a folder or a file of TOML that anybody can add to. A reader checks what it reads, and names the file and
the key when it is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from funnel.catalogue import model_files
from funnel.catalogue.checked import SOURCE_LANGUAGE, Table, in_language, read
from funnel.catalogue.checked import CatalogueError as CatalogueError
from funnel.catalogue.model_files import RECORDED as RECORDED
from funnel.catalogue.model_files import ModelFile
from funnel.core.errors import QuestionError
from funnel.core.spelling import normalised as normalised
from funnel.core.types import AS_RECORDED, IGNORED, Concept, Dialect, StageModel
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
    found = tuple(_concept(place, table) for place, table in enumerate(_concept_file().tables("concepts")))
    kinds = [concept.kind for concept in found]
    if kinds != sorted(kinds, reverse=True):
        raise _concept_file().wrong(
            "concepts", "an exit before a stage", "the stages in their usual order, then the exits"
        )
    return found


def usual_order() -> dict[str, int]:
    """The place of each concept in the usual order."""
    return {concept.key: concept.position for concept in concepts()}


@lru_cache
def label_words(kind: str) -> tuple[str, ...]:
    """A list of words that helps to read labels: "ignored", "weak", "awaited" …; the file says what each is for."""
    return _concept_file().texts(kind)


@lru_cache
def doubtful_labels() -> dict[str, str]:
    """Labels that usually, but not surely, mean a concept: label → concept."""
    table = _concept_file().table("doubtful")
    table.only(*(concept.key for concept in concepts()))
    return {label: concept for concept in table.values for label in table.texts(concept)}


@lru_cache
def value_kinds() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """What kinds of values are known that are no stages: kind → its texts, and its codes, which count only as they stand."""
    kinds = _value_file().table("kinds")
    found = {}
    for key in kinds.values:
        table = kinds.table(key)
        table.only("texts", "codes")
        found[key] = table.texts("texts"), table.texts("codes", default=())
    return found


def neutral_values() -> tuple[str, ...]:
    """Values that say nothing about the kind of the others in their column: "other", "unknown"."""
    return _value_file().texts("neutral")


@lru_cache
def before_won() -> dict[str, str]:
    """What some labels that usually mean won mean where the leads say otherwise: label, as compared → concept."""
    found = _label_concepts(_concept_file().table("before_won"))
    return {normalised(label): concept for label, concept in found.items()}


def concept_names() -> dict[str, str]:
    """The name of each concept in the language of the words, in the usual order, exits last."""
    return {concept.key: in_language(concept.names, wording.language()) for concept in concepts()}


def languages() -> tuple[str, ...]:
    """The languages that the models of the catalogue are named in, English first."""
    named = _model_file(AS_RECORDED).names
    return (SOURCE_LANGUAGE, *sorted(named.keys() - {SOURCE_LANGUAGE}))


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
        found = read_model(Path(key))
        return recorded() if found.kind == RECORDED else found
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
    return model_files.to_toml(model)


@lru_cache
def dialects() -> tuple[Dialect, ...]:
    """The kinds of exports that are known, the generic one last."""
    found = [_dialect(path) for path in sorted((FOLDER / "dialects").glob("*.toml"))]
    return tuple(sorted(found, key=lambda dialect: dialect.key == "generic"))


def header_words(kind: str) -> tuple[str, ...]:
    """A list of words of headers: "units", "joints", "entities" …; data/headers.toml says what each is for."""
    return _header_file().texts(kind)


def header_parts() -> tuple[str, ...]:
    """The parts that have head nouns of their own."""
    return tuple(_header_file().table("heads").values)


@lru_cache
def header_heads(part: str) -> dict[str, tuple[str, ...]]:
    """The head nouns of a part by language."""
    table = _header_file().table("heads").table(part)
    return {language: table.texts(language) for language in table.values}


@lru_cache
def header_events(kind: str) -> tuple[str, ...]:
    """The words that say of a date what happened then: "created", "closed", "touched"."""
    return _header_file().table("events").texts(kind)


@lru_cache
def header_pairs(side: str) -> tuple[str, ...]:
    """The words by which a header of labels says that it is of where a lead came from ("old"), or of where it went ("new")."""
    return _header_file().table("pairs").texts(side)


@lru_cache
def _header_file() -> Table:
    return read(FOLDER / "headers.toml")


@lru_cache
def _concept_file() -> Table:
    return read(FOLDER / "concepts.toml")


@lru_cache
def _value_file() -> Table:
    table = read(FOLDER / "value_kinds.toml")
    table.only("neutral", "kinds")
    return table


def _concept(position: int, table: Table) -> Concept:
    table.only("key", "kind", "names", "synonyms")
    names, synonyms = table.names(), table.table("synonyms")
    texts = [text for language in synonyms.values for text in synonyms.texts(language)]
    kind = table.choice("kind", ("stage", "exit"), default="stage")
    return Concept(table.text("key"), position, kind, names, _unique([*names.values(), *texts]))


def _label_concepts(table: Table) -> dict[str, str]:
    """A table label → concept, in which every concept is known."""
    known = (*(concept.key for concept in concepts()), IGNORED)
    return {label: table.choice(label, known, default="") for label in table.values}


@lru_cache
def _model_files() -> dict[str, ModelFile]:
    """The files of the catalogue by key, in the order in which they are listed."""
    found = [_model_file(key) for key in _model_paths()]
    return {file.model.key: file for file in sorted(found, key=lambda file: (file.place, file.model.key))}


@lru_cache
def _model_file(key: str) -> ModelFile:
    """One file of the catalogue; CatalogueError where it is called otherwise than its model."""
    path = _model_paths()[key]
    found = model_files.read(path, concepts())
    if found.model.key != key:
        raise Table(path, {}).wrong("key", found.model.key, key)
    return found


@lru_cache
def _model_paths() -> dict[str, Path]:
    """The files of the catalogue by the keys of their models, which are their names."""
    return {path.stem: path for path in (FOLDER / "models").glob("*.toml")}


def _dialect(path: Path) -> Dialect:
    table = read(path)
    lists = ("stage_fields", "lost_fields", "created_fields", "won_values", "lost_values", "open_values")
    patterns = ("stage_dates", "stage_exits")
    table.only("key", "name", "parts", "labels", *lists, *patterns)
    parts = table.table("parts")
    parts.only(*PARTS)
    for field in patterns:
        for pattern in table.texts(field, default=()):
            if not _has_label(pattern):
                raise table.wrong(field, repr(pattern), "a regular expression with a group (?P<label>…)")
    return Dialect(
        key=table.text("key"),
        name=table.text("name"),
        parts={part: _normalised(parts.texts(part)) for part in parts.values},
        labels={normalised(label): concept for label, concept in _label_concepts(table.table("labels")).items()},
        **{field: table.texts(field, default=()) for field in patterns},
        **{field: _normalised(table.texts(field, default=())) for field in lists},
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
