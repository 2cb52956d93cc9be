"""What the program knows beforehand, read from data/: concepts, stage models, and how CRMs word their exports.

Each kind is a folder or a file of TOML that anybody can add to. A reader checks what it reads, and names the file and
the key when it is wrong.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from funnel.errors import FunnelError, QuestionError
from funnel.nouns import IGNORED, Concept, Dialect, Stage, StageModel

FOLDER = Path(__file__).resolve().parent.parent / "data"
CONCEPTS = FOLDER / "concepts.toml"
SOURCE_LANGUAGE = "en"
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


class CatalogueError(FunnelError):
    """A file of the catalogue, or a model file of a user, that is wrong: which file, which key, what is accepted."""


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
    path = CONCEPTS
    tables = _tables(path, _concept_file(), "concepts")
    found = []
    for position, (place, table) in enumerate(tables):
        _only(path, place, table, ("key", "kind", "names", "synonyms"))
        kind = _choice(path, place, table, "kind", ("stage", "exit"), default="stage")
        synonyms = _typed(
            path, f"{place}.synonyms", table.get("synonyms", {}), dict, "a table of lists, one a language"
        )
        texts = [text for language in synonyms for text in _texts(path, f"{place}.synonyms", synonyms, language)]
        names = _names(path, place, table)
        found.append(
            Concept(_text(path, place, table, "key"), position, kind, names, _unique([*names.values(), *texts]))
        )
    kinds = [concept.kind for concept in found]
    if kinds != sorted(kinds, reverse=True):
        raise _wrong(path, "concepts", "an exit before a stage", "all stages in their usual order, then the exits")
    return tuple(found)


@lru_cache
def label_words(kind: str) -> tuple[str, ...]:
    """A list of words that helps to read labels: "ignored", "weak", "negations" …; the file says what each is for."""
    return _texts(CONCEPTS, "", _concept_file(), kind)


@lru_cache
def doubtful_labels() -> dict[str, str]:
    """Labels that usually, but not surely, mean a concept: label → concept."""
    found = _typed(CONCEPTS, "doubtful", _concept_file().get("doubtful", {}), dict, "a table: label = concept")
    return _known_concepts(CONCEPTS, "doubtful", found)


@lru_cache
def _concept_file() -> dict[str, Any]:
    return _read(CONCEPTS)


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
def _model_tables() -> dict[str, dict[str, Any]]:
    checked = [_checked_model(path) for path in (FOLDER / "models").glob("*.toml")]
    return {table["key"]: table for table in sorted(checked, key=lambda table: (table["place"], table["key"]))}


def _model(table: dict[str, Any], language: str) -> StageModel:
    stages = tuple(
        Stage(stage["key"], _in_language(stage["names"], language), stage["concepts"], stage["labels"])
        for stage in table["stages"]
    )
    said = (_in_language(table["description"], language), table["source"])
    return StageModel(
        table["key"], _in_language(table["names"], language), stages, table["kind"], " ".join(filter(None, said))
    )


def _checked_model(path: Path) -> dict[str, Any]:
    """A model file as plain values, each of the right type, with what may be left out filled in."""
    table = _read(path)
    accepted = ("key", "kind", "place", "names", "description", "year", "source", "stages")
    _only(path, "", table, accepted)
    key = _text(path, "", table, "key", default=path.stem)
    stages = [_checked_stage(path, place, stage) for place, stage in _tables(path, table, "stages")]
    for kind in ("key", "concepts", "labels"):
        seen: set[str] = set()
        for place, stage in enumerate(stages):
            for value in [stage["key"]] if kind == "key" else stage[kind]:
                if value in seen:
                    raise _wrong(path, f"stages[{place}].{kind}", f"{value!r} for the second time", "each only once")
                seen.add(value)
    described = table.get("description", {})
    year = _typed(path, "year", table.get("year", 0), int, "a year, as a number")
    source = _text(path, "", table, "source", default="")
    return {
        "key": key,
        "kind": _choice(path, "", table, "kind", MODEL_KINDS, default=MODEL_KINDS[0]),
        "place": _typed(path, "place", table.get("place", 1000), int, "a number: small ones are listed first"),
        "names": _names(path, "", table, default=key),
        "description": _names(path, "", {"names": described}, field="description") if described else {},
        "source": f"({year}: {source})" if source and year else f"({source})" if source else "",
        "stages": stages,
    }


def _checked_stage(path: Path, place: str, table: dict[str, Any]) -> dict[str, Any]:
    _only(path, place, table, ("key", "name", "names", "concepts", "labels"))
    if "name" in table:
        table = {"names": table["name"], **table}
    names = _names(path, place, table, default=table.get("key"))
    takes = {field: _texts(path, place, table, field, default=()) for field in ("concepts", "labels")}
    known = [concept.key for concept in concepts() if concept.kind == "stage"]
    for concept in takes["concepts"]:
        if concept not in known:
            raise _wrong(path, f"{place}.concepts", repr(concept), ", ".join(known))
    if not any(takes.values()):
        raise _wrong(path, place, "a stage that takes nothing", "a list `concepts`, a list `labels`, or both")
    key = _text(path, place, table, "key", default=normalised(_in_language(names, SOURCE_LANGUAGE)).replace(" ", "-"))
    return {"key": key, "names": names, **takes}


def _dialect(path: Path) -> Dialect:
    table = _read(path)
    lists = ("stage_fields", "lost_fields", "created_fields", "won_values", "lost_values", "open_values")
    patterns = ("stage_dates", "stage_exits")
    _only(path, "", table, ("key", "name", "parts", "labels", *lists, *patterns))
    parts = _typed(path, "parts", table.get("parts", {}), dict, "a table: part = [headers]")
    _only(path, "parts", parts, PARTS)
    labels = _typed(path, "labels", table.get("labels", {}), dict, "a table: label = concept")
    _known_concepts(path, "labels", labels)
    for field in patterns:
        for pattern in _texts(path, "", table, field, default=()):
            if not _has_label(pattern):
                raise _wrong(path, field, repr(pattern), "a regular expression with a group (?P<label>…)")
    return Dialect(
        key=_text(path, "", table, "key"),
        name=_text(path, "", table, "name"),
        parts={part: _normalised(_texts(path, "parts", parts, part)) for part in parts},
        labels={normalised(label): concept for label, concept in labels.items()},
        **{field: _texts(path, "", table, field, default=()) for field in patterns},
        **{field: _normalised(_texts(path, "", table, field, default=())) for field in lists},
    )


def _known_concepts(path: Path, place: str, labels: dict[str, Any]) -> dict[str, str]:
    """The table, in which every label means a known concept."""
    known = [*(concept.key for concept in concepts()), IGNORED]
    for label, concept in labels.items():
        if concept not in known:
            raise _wrong(path, f'{place}."{label}"', repr(concept), ", ".join(known))
    return labels


def _has_label(pattern: str) -> bool:
    try:
        return "label" in re.compile(pattern).groupindex
    except re.error:
        return False


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as wrong:
        raise CatalogueError("errors.catalogue_file", file=str(path), found=wrong.strerror or str(wrong)) from wrong
    except UnicodeDecodeError as wrong:
        raise CatalogueError("errors.catalogue_toml", file=path.name, found="it is not UTF-8 text") from wrong
    except tomllib.TOMLDecodeError as wrong:
        raise CatalogueError("errors.catalogue_toml", file=path.name, found=str(wrong)) from wrong


def _wrong(path: Path, key: str, found: str, accepted: str) -> CatalogueError:
    return CatalogueError("errors.catalogue_key", file=path.name, key=key, found=found, accepted=accepted)


def _typed(path: Path, key: str, value: Any, wanted: type, accepted: str) -> Any:
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise _wrong(path, key, repr(value), accepted)
    return value


def _only(path: Path, place: str, table: dict[str, Any], accepted: Sequence[str]) -> None:
    for key in table:
        if key not in accepted:
            raise _wrong(path, _within(place, key), "an unknown key", ", ".join(accepted))


def _text(path: Path, place: str, table: dict[str, Any], field: str, default: str | None = None) -> str:
    if field not in table and default is not None:
        return default
    value = table.get(field)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(path, _within(place, field), "nothing" if value is None else repr(value), "a text in quotes")
    return value.strip()


def _choice(path: Path, place: str, table: dict[str, Any], field: str, accepted: Sequence[str], default: str) -> str:
    value = _text(path, place, table, field, default)
    if value not in accepted:
        raise _wrong(path, _within(place, field), repr(value), ", ".join(accepted))
    return value


def _texts(
    path: Path, place: str, table: dict[str, Any], field: str, default: tuple[str, ...] | None = None
) -> tuple[str, ...]:
    value = table.get(field, default)
    if not isinstance(value, list | tuple) or not all(isinstance(text, str) and text.strip() for text in value):
        raise _wrong(path, _within(place, field), "nothing" if value is None else repr(value), "a list of texts")
    return tuple(value)


def _tables(path: Path, table: dict[str, Any], field: str) -> list[tuple[str, dict[str, Any]]]:
    """The tables of an array, each with the place to name when it is wrong; at least one."""
    value = table.get(field)
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        raise _wrong(path, field, "nothing" if not value else repr(value), f"at least one [[{field}]]")
    return [(f"{field}[{place}]", item) for place, item in enumerate(value)]


def _names(
    path: Path, place: str, table: dict[str, Any], default: str | None = None, field: str = "names"
) -> dict[str, str]:
    value = table.get("names", default)
    by_language = {SOURCE_LANGUAGE: value} if isinstance(value, str) else value
    if not isinstance(by_language, dict) or not by_language:
        raise _wrong(
            path, _within(place, field), "nothing" if value is None else repr(value), "a text, or a text by language"
        )
    return {language: _text(path, _within(place, field), by_language, language) for language in by_language}


def _in_language(names: dict[str, str] | Any, language: str) -> str:
    """The name in a language, else in English, else in the first there is; empty where there is none."""
    return str(names.get(language) or names.get(SOURCE_LANGUAGE) or next(iter(names.values()), ""))


def _within(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


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
