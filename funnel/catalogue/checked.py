"""TOML files whose values are each what they should be; a wrong one is named by its file and key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from funnel.core import toml_text
from funnel.core.errors import FunnelError
from funnel.words import wording


class CatalogueError(FunnelError):
    """A file of the catalogue, or a model file of a user, that is wrong: which file, which key, what is accepted."""


def read(path: Path) -> dict[str, Any]:
    """The whole file; CatalogueError where it cannot be opened or is no TOML."""
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise unreadable(path, fault) from fault
    return parse(content, path.name)


def parse(content: str | bytes, file: str) -> dict[str, Any]:
    """The content of a file of this name; CatalogueError where it is no TOML."""
    try:
        return toml_text.parsed(content)
    except toml_text.NotToml as fault:
        raise CatalogueError("errors.catalogue_toml", file=file, found=str(fault)) from fault


def unreadable(path: Path, fault: OSError) -> CatalogueError:
    """The error to raise for a file that cannot be opened."""
    return CatalogueError("errors.catalogue_file", file=str(path), found=fault.strerror or str(fault))


def wrong(file: str, key: str, value: str, accepted: str) -> CatalogueError:
    """The error to raise for a key of a file."""
    return CatalogueError("errors.file_key", file=file, key=key, found=value, accepted=accepted)


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in a language, else in English, else in the first there is; empty where there is none."""
    return texts.get(language) or texts.get(wording.SOURCE_LANGUAGE) or next(iter(texts.values()), "")
