"""How many of a file's labels and entries a model takes: counted by hand."""

from __future__ import annotations

import pytest

from funnel import Stage, StageModel
from funnel.core.types import IGNORED, LabelCount
from funnel.measures.alignment import LabelsTaken, labels_taken


def label(name: str, concept: str, entries: int) -> LabelCount:
    return LabelCount(name, entries, entries, None, None, concept, 1.0)


FILE = (
    label("New", "lead", 100),
    label("Demo", "meeting", 40),
    label("Odd", "unplaced", 7),
    label("Lost", "lost", 50),
    label("Note", IGNORED, 900),
    label("Closed won", "won", 10),
)


@pytest.mark.parametrize(
    ("stages", "taken"),
    [
        # What a loss or nothing means is asked of no model, even where one names it.
        ((Stage("a", "A", ("lead",)), Stage("w", "W", ("won",))), LabelsTaken(2, 4, 110, 157)),
        ((Stage("a", "A", ("lead",), ("Odd", "Note")), Stage("w", "W", ("won",))), LabelsTaken(3, 4, 117, 157)),
        ((Stage("w", "W", ("renewal",)),), LabelsTaken(0, 4, 0, 157)),
    ],
)
def test_labels_and_entries_of_a_model(stages: tuple[Stage, ...], taken: LabelsTaken) -> None:
    assert labels_taken(StageModel("own", "Own", stages), FILE) == taken


def test_a_file_of_losses_alone_has_nothing_to_take() -> None:
    assert labels_taken(StageModel("own", "Own", (Stage("a", "A", ("lead",)),)), FILE[3:5]) == LabelsTaken(0, 0, 0, 0)
