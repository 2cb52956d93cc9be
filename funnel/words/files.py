"""Files of words: data/words/<language>.toml, checked, as sentences by "section.key" and plural forms by "counts.unit"."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any


class WordingError(Exception):
    """A file of words that is wrong: its name, the key, and what is accepted there."""


def read(path: Path, specs: Collection[str]) -> dict[str, str | dict[str, str]]:
    """A file of words, checked; `specs` are the formats that its fields may have. WordingError names the file and the key."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise WordingError(f"{path.name}: {wrong}") from wrong
    words: dict[str, str | dict[str, str]] = {}
    for key, value in _leaves(content, ""):
        if key.startswith("counts."):
            words[key] = _plural_forms(path, key, value)
        elif isinstance(value, str):
            words[key] = value
        else:
            raise WordingError(f"{path.name}, {key}: a sentence is text in quotes, not {value!r}")
    known_specs = {*specs, *(key.removeprefix("counts.") for key in words if key.startswith("counts."))}
    for key, template in words.items():
        if isinstance(template, str):
            _check_template(path, key, template, known_specs)
    return words


def _leaves(table: dict[str, Any], prefix: str) -> Iterable[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict) and prefix != "counts.":
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _plural_forms(path: Path, key: str, forms: object) -> dict[str, str]:
    usual = {"zero", "one", "two", "few", "many", "other"}
    if not isinstance(forms, dict) or "other" not in forms or not forms.keys() <= usual:
        raise WordingError(f"{path.name}, {key}: a unit is a table of plural forms, `other` among them, not {forms!r}")
    for form, text in forms.items():
        if not isinstance(text, str) or [field for _, field, _, _ in string.Formatter().parse(text) if field] != ["n"]:
            raise WordingError(f"{path.name}, {key}.{form}: a plural form is text with {{n}} in it, not {text!r}")
    return forms


def _check_template(path: Path, key: str, template: str, specs: Collection[str]) -> None:
    try:
        fields = [(field, spec) for _, field, spec, _ in string.Formatter().parse(template) if field is not None]
    except ValueError as wrong:
        raise WordingError(f"{path.name}, {key}: {wrong} in {template!r}") from wrong
    for field, spec in fields:
        if not field.isidentifier():
            raise WordingError(f"{path.name}, {key}: {{{field}}} is no name of a value")
        if spec and spec not in specs:
            raise WordingError(f"{path.name}, {key}: {spec!r} is neither a format nor a unit of [counts]")
