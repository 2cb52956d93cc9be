"""Which column groups are made by at first: the one of which they are likeliest to tell something."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import funnel

Cell = Callable[[int], object]
CHANNELS, REGIONS = ("Web", "Fair", "Partner"), ("East", "West")


def ranked(folder: Path, leads: int = 100, **columns: Cell) -> list[str]:
    """The columns of a file with these, in order."""
    lines = [",".join(("lead_id", "stage", "changed_at", *columns))]
    for number in range(leads):
        cells = (str(cell(number)) for cell in columns.values())
        lines.append(",".join((f"L-{number}", "New", f"2025-01-{number % 28 + 1:02d}", *cells)))
        if number % 3 == 0:
            cells = (str(cell(number)) for cell in columns.values())
            lines.append(",".join((f"L-{number}", "Closed won", f"2025-03-{number % 28 + 1:02d}", *cells)))
    path = folder / "leads.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with funnel.open(path) as data_set:
        return list(data_set.columns.by_promise)


def a_hash(number: int) -> str:
    return f"{(number + 1) * 2654435761 % 2**32:08x}{number:04x}ab"


def test_the_channel_and_the_region_come_before_all_others(tmp_path: Path) -> None:
    found = ranked(
        tmp_path,
        team=lambda n: "abc"[n % 3],
        region=lambda n: REGIONS[n % 2],
        size=lambda n: ("S", "M", "L")[n % 3],
        channel=lambda n: CHANNELS[n % 3],
    )
    assert found == ["channel", "region", "team", "size"]


def test_ids_and_hashes_are_never_first(tmp_path: Path) -> None:
    found = ranked(
        tmp_path,
        visitor_hash=a_hash,
        deal_number=lambda n: 7000 + n,
        salesperson=lambda n: f"Person {n % 30}",
        size=lambda n: ("S", "M", "L")[n % 3],
    )
    assert found[0] == "size"
    assert not {"visitor_hash", "deal_number", "salesperson"} & set(found[:1])


def test_a_column_with_nearly_all_leads_in_one_value_comes_behind_balanced_ones(tmp_path: Path) -> None:
    found = ranked(
        tmp_path,
        country=lambda n: "DE" if n >= 5 else "AT",
        size=lambda n: ("S", "M", "L")[n % 3],
        visitor_hash=a_hash,
    )
    assert found.index("size") < found.index("country")
    # 95 leads of one value still tell more than one lead of each.
    assert "visitor_hash" not in found[:2]


def test_cells_that_are_empty_are_a_value_too(tmp_path: Path) -> None:
    found = ranked(
        tmp_path,
        partner=lambda n: ("A", "B")[n % 2] if n < 5 else "",
        size=lambda n: ("S", "M", "L")[n % 3],
    )
    assert found == ["size", "partner"]


def test_a_lopsided_channel_comes_behind_a_balanced_column(tmp_path: Path) -> None:
    found = ranked(
        tmp_path,
        channel=lambda n: "Web" if n >= 5 else "Fair",
        size=lambda n: ("S", "M", "L")[n % 3],
    )
    assert found == ["size", "channel"]
