"""What must be true to enter a stage, and what is worth asking there, by the concepts that it takes: data/criteria.toml."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from funnel.catalogue import checked
from funnel.catalogue.checked import CatalogueError
from funnel.core import toml_text
from funnel.core.decoding import Names, Texts, Undecodable, decoded, inside, refusing
from funnel.core.types import Concept


@dataclass(frozen=True)
class Criterion:
    """Two texts by language, for stages that take one of these concepts; either may be missing."""

    concepts: Texts
    entry: Names = field(default_factory=dict)
    ask: Names = field(default_factory=dict)


@dataclass(frozen=True)
class _File:
    criteria: tuple[Criterion, ...]


def read(path: Path, concepts: Sequence[Concept]) -> tuple[Criterion, ...]:
    """The criteria of a file, in its order. CatalogueError names the file, the key and what is accepted."""
    known = tuple(concept.key for concept in concepts if concept.kind == "stage")
    table = checked.read(path)
    with refusing(CatalogueError, path.name):
        criteria = decoded(_File, table).criteria
        taken: set[str] = set()
        for index, criterion in enumerate(criteria):
            with inside("criteria", index):
                for concept in criterion.concepts:
                    if concept not in known:
                        raise Undecodable(", ".join(known), "concepts", value=concept)
                    if concept in taken:
                        repeated = f"{toml_text.shown(concept)} for the second time"
                        raise Undecodable("each concept once", "concepts", found=repeated)
                    taken.add(concept)
                if not criterion.entry and not criterion.ask:
                    raise Undecodable("a text `entry`, a text `ask`, or both", found="neither")
    return criteria
