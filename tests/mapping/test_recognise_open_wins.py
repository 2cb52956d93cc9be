"""Words that are a win to some and none to others: taken for one where nothing else in the file is, that is said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from funnel.mapping import MappingOverrides
from tests.mapped import Mapped, mapped, written


def text(header: str, rows: Sequence[Sequence[object]]) -> str:
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


def said(found: Mapped) -> set[str]:
    return {note.key.removeprefix("mapping.") for note in found.loaded.warnings}


def test_what_is_booked_may_be_an_appointment(tmp_path: Path) -> None:
    labels = ("New", "Meeting booked", "Demo booked", "Call booked", "Booked", "Lost")
    rows = [[f"L{row}", labels[row % 6], f"2024-03-{row + 1:02}"] for row in range(12)]
    with mapped(*written(tmp_path, leads=text("lead_id,status,created", rows))) as found:
        assert {label.label for label in found.loaded.labels if label.concept == "won"} == {"Booked"}
        [note] = [note for note in found.loaded.warnings if note.key == "mapping.booked_is_won"]
        assert note.values == {"listed": "Booked"}
    # Where the lines say that it is a win, or a person does, nothing is asked.
    flagged = [[*row, "yes" if row[1] == "Booked" else "no"] for row in rows]
    with mapped(*written(tmp_path, leads=text("lead_id,status,created,is_won", flagged))) as found:
        assert "booked_is_won" not in said(found)
    meant = MappingOverrides(won=("Booked",))
    with mapped(*written(tmp_path, leads=text("lead_id,status,created", rows)), overrides=meant) as found:
        assert "booked_is_won" not in said(found)


def test_closed_may_be_lost_where_no_label_is_a_loss(tmp_path: Path) -> None:
    rows = [
        [row, ("Open", "Closed")[row % 2], f"2024-03-{row + 1:02}", "2024-05-01" if row % 2 else ""]
        for row in range(10)
    ]
    with mapped(*written(tmp_path, deals=text("Deal ID,Status,Created,Closed", rows))) as found:
        [note] = [note for note in found.loaded.warnings if note.key == "mapping.closed_is_won"]
        assert note.values == {"listed": "Closed"}
    with mapped(
        *written(
            tmp_path, deals=text("Deal ID,Status,Created,Closed", [*rows, [99, "Lost", "2024-03-02", "2024-03-10"]])
        )
    ) as found:
        assert "closed_is_won" not in said(found)
