"""Headers: their words, and what any known dialect takes them for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from funnel import catalogue
from funnel.core.types import Dialect
from funnel.mapping.profile import Table

LISTED = 30
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LAST_TOUCH = {"modified", "updated", "изменения", "modificado", "touched", "synced", "exported", "imported"}


def squashed(text: str) -> str:
    """A header without case, blanks and punctuation."""
    return catalogue.normalised(text).replace(" ", "")


def words(header: str) -> list[str]:
    """The words of a header, camelCase and snake_case taken apart."""
    return catalogue.normalised(_CAMEL.sub(" ", header)).split()


def first_headers(names: Sequence[str]) -> str:
    """The first headers of so many, for a sentence: "a, b … (+3)"."""
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" … (+{more})" if more > 0 else "")


@lru_cache
def uses_by_header() -> dict[str, dict[str, list[tuple[Dialect, int]]]]:
    """Part → squashed header → the dialects that use it so, each with how likely (0 first)."""
    uses: dict[str, dict[str, list[tuple[Dialect, int]]]] = {}
    for dialect in catalogue.dialects():
        for part, headers in dialect.parts.items():
            for rank, header in enumerate(headers):
                uses.setdefault(part, {}).setdefault(header.replace(" ", ""), []).append((dialect, rank))
    return uses


def dialect_of(table: Table) -> Dialect | None:
    """The dialect that knows most of the table's headers; None where none knows at least two."""
    counts: dict[str, tuple[int, Dialect]] = {}
    keys = {squashed(column.name) for column in table.columns}
    for dialect in catalogue.dialects():
        known_headers = {header.replace(" ", "") for headers in dialect.parts.values() for header in headers}
        dated = sum(1 for column in table.columns if stage_text(column.name, (dialect,)) is not None)
        counts[dialect.key] = (len(keys & known_headers) + dated, dialect)
    generic = counts.pop("generic", (0, None))
    best: tuple[int, Dialect | None] = max(counts.values(), key=lambda pair: pair[0], default=(0, None))
    # Everyday headers are known to the generic dialect too, so a CRM needs no more of them than that to be recognised.
    if best[0] >= 3 and best[0] >= generic[0] - 1:
        return best[1]
    return generic[1] if generic[0] >= 2 else None


def stage_text(header: str, dialects: Iterable[Dialect] | None = None) -> str | None:
    """The label that a header of dates is named after, as a dialect writes it (`Date entered "Closed Won"`); None if it is not."""
    for dialect in catalogue.dialects() if dialects is None else dialects:
        for pattern in dialect.stage_dates:
            match = re.search(pattern, header.strip())
            if match and match["label"].strip():
                return str(match["label"]).strip().strip('"').strip()
    return None


def crm_stage(header: str) -> str | None:
    """The label that a CRM names in a header of dates; None where none does."""
    return stage_text(header, [dialect for dialect in catalogue.dialects() if dialect.key != "generic"])


def is_exit(header: str) -> bool:
    """Whether a header is of dates on which a lead left a label, or of time spent there."""
    return any(
        re.search(pattern, header.strip()) for dialect in catalogue.dialects() for pattern in dialect.stage_exits
    )


def is_last_touch(header: str) -> bool:
    """Whether a header is of the last change of anything at all, which no funnel can use."""
    return bool(_LAST_TOUCH & set(words(header)))
