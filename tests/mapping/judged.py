"""Tables of a few lines, made for one judgement of a hypothesis."""

from __future__ import annotations

from collections.abc import Callable

from funnel.core.types import Shape
from funnel.mapping import MappingOverrides
from funnel.mapping.recognise.evidence import Case, Found

Cases = Callable[..., Case]
LOG = MappingOverrides(shape=Shape.HISTORY)
LIST = MappingOverrides(shape=Shape.SNAPSHOT)


def lines(header: str, rows: list[tuple[object, ...]]) -> str:
    return "\n".join([header, *(",".join(str(cell) for cell in row) for row in rows)]) + "\n"


def log(header: str, paths: list[tuple[str, ...]]) -> str:
    """A log in which lead i goes through the i-th path, an entry a day."""
    rows = [
        (f"K{lead:02}", label, f"2024-03-{day + 1:02}")
        for lead, path in enumerate(paths)
        for day, label in enumerate(path)
    ]
    return lines(header, rows)


def listed(
    header: str = "deal_id,stage,created_at", ids: Callable[[int], str] = "K{:02}".format, rows: int = 12
) -> str:
    """A list of leads, the i-th with this id."""
    labels = ("Qualified", "Proposal", "Won")
    return lines(header, [(ids(row), labels[row % 3], f"2024-03-{row % 28 + 1:02}") for row in range(rows)])


ORDERLY = [("New", "Qualified", "Won")] * 6 + [("New", "Qualified", "Lost")] * 6
"""24 moves, each the only way in which its two labels follow each other."""
TO_AND_FRO = [("Qualified", "Won"), ("Won", "Qualified"), ("Proposal", "Qualified"), ("Qualified", "Proposal")] * 6
"""24 moves, each as common as its reverse; leads begin at three labels."""


def speaks(found: Found | None) -> float:
    """How much a judgement speaks for its case; it must have something to say, within bounds."""
    assert found is not None
    assert -1 <= found.value <= 1
    return found.value
