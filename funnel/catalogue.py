"""What the program knows beforehand, read from data/: concepts, stage models, and how CRMs word their exports.

Each kind is a folder or a file of TOML that anybody can add to. A reader checks what it reads, and names the file and
the key when it is wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from funnel.checked import SOURCE_LANGUAGE, Table, read
from funnel.checked import CatalogueError as CatalogueError
from funnel.errors import QuestionError
from funnel.nouns import IGNORED, Concept, Dialect, Stage, StageModel

FOLDER = Path(__file__).resolve().parent.parent / "data"
MODEL_KINDS = ("concepts", "labels")

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


def normalised(text: str) -> str:
    """A header or label as it is compared: one case, one spelling of each letter, one space for all that separates.

    Accents, Arabic vowel signs and letter forms, invisible signs do not count. Text without a letter or digit stays.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(_LETTER_FORMS.get(sign, sign) for sign in folded if not _uncounted(sign))
    words = "".join(sign if unicodedata.category(sign)[0] in "LNM" else " " for sign in kept).split()
    return " ".join(words) or " ".join(text.split())


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


@lru_cache
def label_words(kind: str) -> tuple[str, ...]:
    """A list of words that helps to read labels: "ignored", "weak", "negations" …; the file says what each is for."""
    return _concept_file().texts(kind)


@lru_cache
def doubtful_labels() -> dict[str, str]:
    """Labels that usually, but not surely, mean a concept: label → concept."""
    return _label_concepts(_concept_file().table("doubtful"))


def concept_names(language: str = SOURCE_LANGUAGE) -> dict[str, str]:
    """The name of each concept in a language, in the usual order, exits last."""
    return {concept.key: _in_language(concept.names, language) for concept in concepts()}


def models(language: str = SOURCE_LANGUAGE) -> tuple[StageModel, ...]:
    """The stage models of the catalogue, the commonest first, named in a language."""
    return tuple(_model(table, language) for table in _model_tables().values())


def model(key: str, language: str = SOURCE_LANGUAGE) -> StageModel:
    """One stage model of the catalogue. QuestionError for an unknown key, with the known ones."""
    tables = _model_tables()
    if key not in tables:
        raise QuestionError("errors.unknown_model", model=key, accepted=", ".join(tables))
    return _model(tables[key], language)


def read_model(path: Path, language: str = SOURCE_LANGUAGE) -> StageModel:
    """A stage model from a file of one's own.

    Stages name concepts, labels of the file, or both; a name is one text or a table by language. CatalogueError names
    the file, the key and what is accepted.
    """
    return _model(_checked_model(Path(path)), language)


@lru_cache
def dialects() -> tuple[Dialect, ...]:
    """The kinds of exports that are known, the generic one last."""
    found = [_dialect(path) for path in sorted((FOLDER / "dialects").glob("*.toml"))]
    return tuple(sorted(found, key=lambda dialect: dialect.key == "generic"))


@lru_cache
def _concept_file() -> Table:
    return read(FOLDER / "concepts.toml")


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
def _model_tables() -> dict[str, dict[str, Any]]:
    tables = [_checked_model(path) for path in (FOLDER / "models").glob("*.toml")]
    return {table["key"]: table for table in sorted(tables, key=lambda table: (table["place"], table["key"]))}


def _model(table: dict[str, Any], language: str) -> StageModel:
    stages = tuple(
        Stage(stage["key"], _in_language(stage["names"], language), stage["concepts"], stage["labels"])
        for stage in table["stages"]
    )
    description = " ".join(filter(None, (_in_language(table["description"], language), table["source"])))
    return StageModel(table["key"], _in_language(table["names"], language), stages, table["kind"], description)


def _checked_model(path: Path) -> dict[str, Any]:
    """A model file as plain values, each of the right type, with what may be left out filled in."""
    table = read(path)
    table.only("key", "kind", "place", "name", "names", "description", "year", "source", "stages")
    key = table.text("key", default=path.stem)
    stages = [_checked_stage(stage) for stage in table.tables("stages")]
    for field in ("key", "concepts", "labels"):
        taken: set[str] = set()
        for stage, values in zip(table.tables("stages"), stages, strict=True):
            for value in [values["key"]] if field == "key" else values[field]:
                if value in taken:
                    raise stage.wrong(field, f"{value!r} for the second time", "each in one stage only")
                taken.add(value)
    year, source = table.whole("year", 0, "a year, as a number"), table.text("source", default="")
    return {
        "key": key,
        "kind": table.choice("kind", MODEL_KINDS, default=MODEL_KINDS[0]),
        "place": table.whole("place", 1000, "a number; models with small ones are listed first"),
        "names": table.names("name" if "name" in table.values else "names", default=key),
        "description": table.names("description") if "description" in table.values else {},
        "source": f"({year}: {source})" if source and year else f"({source})" if source else "",
        "stages": stages,
    }


def _checked_stage(table: Table) -> dict[str, Any]:
    table.only("key", "name", "names", "concepts", "labels")
    default = table.text("key") if "key" in table.values else None
    names = table.names("name" if "name" in table.values else "names", default=default)
    takes = {field: table.texts(field, default=()) for field in ("concepts", "labels")}
    known = [concept.key for concept in concepts() if concept.kind == "stage"]
    for concept in takes["concepts"]:
        if concept not in known:
            raise table.wrong("concepts", repr(concept), ", ".join(known))
    if not any(takes.values()):
        raise table.wrong("", "a stage that takes nothing", "a list `concepts`, a list `labels`, or both")
    made = normalised(_in_language(names, SOURCE_LANGUAGE)).replace(" ", "-")
    return {"key": default or made, "names": names, **takes}


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


def _in_language(names: dict[str, str] | Any, language: str) -> str:
    """The name in a language, else in English, else in the first there is; empty where there is none."""
    return str(names.get(language) or names.get(SOURCE_LANGUAGE) or next(iter(names.values()), ""))


def _normalised(texts: Iterable[str]) -> tuple[str, ...]:
    return _unique(normalised(text) for text in texts)


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


# Forms of one letter that keyboards mix: Arabic and Persian yeh and kaf, teh marbuta and alef maksura.
_LETTER_FORMS = {"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه"}
_TATWEEL = "\u0640"


def _uncounted(sign: str) -> bool:
    """Accents, Arabic vowel signs and tatweel, and signs without width: they do not tell two words apart."""
    latin_accent, arabic_sign = "\u0300" <= sign <= "\u036f", "\u064b" <= sign <= "\u0655" or sign == "\u0670"
    return latin_accent or arabic_sign or sign == _TATWEEL or unicodedata.category(sign) == "Cf"
