"""A language made of English at test time: each letter of a sentence bears a mark, its fields and marks of Markdown stay.

A plain English word on a page that speaks it is said past data/words.
"""

from __future__ import annotations

import html
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from babel import Locale

from funnel import catalogue, mapping
from funnel.words import wording

ROOT = Path(__file__).resolve().parents[1]
TAG = "de"
"""Of another real language, so that numbers and months are written as some readers' are."""
OF_THE_LANGUAGE = [
    "Mio",
    "und",
    *(name for form in ("wide", "abbreviated") for name in Locale(TAG).months["format"][form].values()),
]
PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
MARKED = "áƀćđéƒǧħíĵķłɱñóƥɋřšŧúṽŵẋýžÁɃĆĐÉƑǦĦÍĴĶŁḾÑÓƤɊŘŠŦÚṼŴẊÝŽ"
_KEPT = re.compile(
    r"\{[^{}]*\}"  # fields
    r"|<[^<>]*>|&\w+;"  # HTML
    r"|`[^`]*`|\]\([^)]*\)|https?://\S+|:[a-z_]+/?[a-z_]*:"  # code, addresses and icons
    r"|\*\*|--[a-z-]+|[\w./-]+\.(?:csv|toml|funnel|xlsx|md)\b"  # flags and names of files
)
_WORD = re.compile(r"(?<![^\W\d_])[A-Za-z]{3,}(?![^\W\d_])")
TEXTS = {"text", "hovertext", "name", "ticktext", "title", "description", "label", "labels"}
"""Under what a chart's or a piece's data say something to people; all of their `words` do."""


def marked(sentence: str) -> str:
    """The sentence with a mark on every letter that a reader reads."""
    parts, end = [], 0
    for kept in _KEPT.finditer(sentence):
        parts += [sentence[end : kept.start()].translate(_TABLE), kept[0]]
        end = kept.end()
    return "".join([*parts, sentence[end:].translate(_TABLE)])


_TABLE = str.maketrans(PLAIN, MARKED)


@contextmanager
def spoken(folder: Path) -> Iterator[None]:
    """The pages offer the language, under TAG, as long as the block runs."""
    english = tomllib.loads((wording.FOLDER / "en.toml").read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "en.toml").write_bytes((wording.FOLDER / "en.toml").read_bytes())
    formats = {key: value for key, value in english["formats"].items() if not key.startswith("jalali")}
    (folder / f"{TAG}.toml").write_text("\n".join(_toml({**english, "formats": formats})), encoding="utf-8")
    caches = (wording._words, wording.languages)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(wording, "FOLDER", folder)
        for cached in caches:
            cached.cache_clear()
        try:
            yield
        finally:
            patched.undo()
            for cached in caches:
                cached.cache_clear()


def _toml(table: dict[str, Any], path: str = "") -> Iterator[str]:
    """A table of words as TOML, its sentences marked; date patterns and names of files stay."""
    if path:
        yield f"[{path}]"
    for key, value in table.items():
        if isinstance(value, str):
            yield f"{json.dumps(key)} = {json.dumps(value if path == 'formats' else marked(value), ensure_ascii=False)}"
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _toml(value, f"{path}.{json.dumps(key)}" if path else key)


def plain_words(text: str, known: re.Pattern[str]) -> list[str]:
    """The words of three letters or more that bear no mark, and are no text that is `known`."""
    text = re.sub(r"<style.*?</style>|<svg.*?</svg>", " ", text, flags=re.DOTALL)
    # A line of a chart may break inside a long word of a file.
    return min((_left(text.replace("<br>", joint), known) for joint in (" ", "")), key=len)


def _left(text: str, known: re.Pattern[str]) -> list[str]:
    text = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^<>]*>", " ", text)))
    text = re.sub(r"[\u200b\u2060\u2066-\u2069]|\\(?=[!-/:-@\[-`{-~])", "", text)
    return _WORD.findall(_KEPT.sub(" ", known.sub(" ", text)))


def known(texts: Iterable[str]) -> re.Pattern[str]:
    """What finds any of these texts, as a whole; texts of the catalogue and names of months are among them."""
    own = [*texts, wording.called("en"), wording.called(TAG), *_catalogue(), *OF_THE_LANGUAGE]
    spelt = sorted({re.sub(r"\s+", " ", html.unescape(text)).strip() for text in own if text}, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, spelt)) + r")(?!\w)")


def _catalogue() -> Iterator[str]:
    """The names of concepts, models and their stages, of which there are none in this language."""
    yield from mapping.choices().values()
    for model in [catalogue.recorded(), *catalogue.models()]:
        yield from (model.name, model.description, model.source)
        for stage in model.stages:
            yield from (stage.name, stage.entry, *stage.ask)


def said_by(at: Any) -> Iterator[tuple[str, str]]:
    """Every text of a page that a person reads, each with what it is."""
    for node in at._tree:
        proto = getattr(node, "proto", None)
        if proto is None:
            continue
        kind = type(node).__name__
        if getattr(node, "type", "") == "bidi_component":
            yield from _of_json(f"{proto.component_name}", proto.json)
            continue
        for name in ("label", "help", "body", "placeholder", "value", "delta", "text", "options", "tooltip", "content"):
            value = getattr(proto, name, None)
            for each in value if hasattr(value, "__iter__") and not isinstance(value, str | bytes) else [value]:
                text = each if isinstance(each, str) else getattr(each, "content", None) or getattr(each, "body", None)
                if isinstance(text, str) and text:
                    yield f"{kind}.{name}", text
    for frame in at.dataframe:
        for column in frame.value.columns:
            yield "head", str(column)
        for column in frame.value.select_dtypes(include=["object", "string"]):
            for cell in frame.value[column]:
                if isinstance(cell, str):
                    yield "cell", cell


def _of_json(kind: str, text: str) -> Iterator[tuple[str, str]]:
    def walk(value: Any, told: bool, legend: bool) -> Iterator[str]:
        if isinstance(value, str):
            if value.startswith('{"'):
                figure = json.loads(value)
                yield from walk(figure, False, bool(figure.get("layout", {}).get("showlegend")))
            elif told:
                yield value
        elif isinstance(value, dict):
            for key, inner in value.items():
                # What a trace is called is read in a legend alone.
                reads = key in TEXTS and not isinstance(inner, dict) and (key != "name" or legend)
                yield from walk(inner, reads or key == "words" or told, legend and value.get("showlegend") is not False)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner, told, legend)

    for each in walk(json.loads(text or "null"), False, False):
        yield kind, each
