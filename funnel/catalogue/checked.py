"""Values of a TOML file, each checked to be what it should be; a wrong one is named by its file and key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from funnel.core import toml_text
from funnel.core.errors import FunnelError

SOURCE_LANGUAGE = "en"


class CatalogueError(FunnelError):
    """A file of the catalogue, or a model file of a user, that is wrong: which file, which key, what is accepted."""


@dataclass(frozen=True)
class Table:
    """A table of a TOML file. `place` says where in the file it stands; "" is the top.

    Each method gives the value of a key, or raises CatalogueError with what was found and what is accepted. A key that
    is left out takes the default, where there is one.
    """

    path: Path
    values: dict[str, Any]
    place: str = ""

    def wrong(self, key: str, found: str, accepted: str) -> CatalogueError:
        """The error to raise for a key."""
        place = ", ".join(toml_text.short(part) for part in (self.place, key) if part)
        return CatalogueError("errors.catalogue_key", file=self.path.name, key=place, found=found, accepted=accepted)

    def only(self, *accepted: str) -> None:
        """Raises at a key that is not among these, so that a misspelt one is not passed over in silence."""
        for key in self.values:
            if key not in accepted:
                raise self.wrong(key, "an unknown key", ", ".join(accepted))

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not blank, trimmed."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or (key in self.values and not value.strip()):
            raise self._not(value, key, "a text in quotes")
        return value.strip()

    def choice(self, key: str, accepted: Sequence[str], default: str | None = None) -> str:
        """One of the accepted texts."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or value.strip() not in accepted:
            raise self._not(value, key, ", ".join(accepted))
        return value.strip()

    def whole(
        self, key: str, accepted: str, low: float = -inf, high: float = inf, *, default: int | None = None
    ) -> int:
        """A whole number from `low` to `high`, both included."""
        value = self.values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self._not(value, key, accepted)
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts, none blank."""
        value = self.values.get(key, default)
        if not isinstance(value, list | tuple) or not all(isinstance(text, str) and text.strip() for text in value):
            raise self._not(value, key, "a list of texts")
        return tuple(value)

    def names(self, key: str = "names", default: str | None = None) -> dict[str, str]:
        """A text by language; one text alone is taken for English."""
        value = self.values.get(key, default)
        by_language = {SOURCE_LANGUAGE: value} if isinstance(value, str) else value
        if not isinstance(by_language, dict) or not by_language:
            raise self._not(value, key, "a text, or a text by language")
        inner = Table(self.path, by_language, ", ".join(filter(None, (self.place, key))))
        return {language: inner.text(language) for language in by_language}

    def table(self, key: str) -> Table:
        """A table inside; an empty one where it is left out."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self._not(value, key, "a table")
        return Table(self.path, value, ", ".join(filter(None, (self.place, key))))

    def tables(self, key: str) -> list[Table]:
        """An array of tables, at least one."""
        value = self.values.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
            raise self._not(value, key, f"at least one [[{key}]]")
        return [Table(self.path, item, f"{key} no. {place}") for place, item in enumerate(value, 1)]

    def _not(self, value: object, key: str, accepted: str) -> CatalogueError:
        return self.wrong(key, "nothing" if value is None else toml_text.shown(value), accepted)


def read(path: Path) -> Table:
    """The whole file; CatalogueError where it cannot be opened or is no TOML."""
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise unreadable(path, fault) from fault
    return parse(content, path)


def parse(content: str | bytes, path: Path) -> Table:
    """The content of a file that is called `path`; CatalogueError where it is no TOML."""
    try:
        return Table(path, toml_text.parsed(content))
    except toml_text.NotToml as fault:
        raise CatalogueError("errors.catalogue_toml", file=path.name, found=str(fault)) from fault


def unreadable(path: Path, fault: OSError) -> CatalogueError:
    """The error to raise for a file that cannot be opened."""
    return CatalogueError("errors.catalogue_file", file=str(path), found=fault.strerror or str(fault))


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in a language, else in English, else in the first there is; empty where there is none."""
    return texts.get(language) or texts.get(SOURCE_LANGUAGE) or next(iter(texts.values()), "")
