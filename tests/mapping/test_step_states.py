"""Logs that list every step of a lead, done or not, with a column of what became of each; and reasons of loss that are none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from funnel.mapping.step_states import state_of
from tests.mapped import Mapped, mapped, written

STEPS = ("Contacted", "Qualified", "Proposal sent", "Contract signed")
DONE, GONE, STILL = "Completed", "Dropped", "Pending"


def reached_by(found: Mapped) -> dict[str, int]:
    """Label → leads that came to it."""
    return {each.label: each.leads for each in found.loaded.labels}


def lost(found: Mapped) -> int:
    """The leads of which the file says that they were lost."""
    return sum(row["outcome_said"] == "lost" for row in found.leads().values())


def checklist(
    reached: Sequence[int], *, gone: bool, words: Sequence[str] = (DONE, GONE, STILL), dated: bool = True
) -> str:
    """A line for each of the four steps of each lead; `reached` says how many each did, and at the next it was dropped where `gone`."""
    lines = ["lead_id,step,step_status,step_date"]
    for lead, count in enumerate(reached):
        for place, step in enumerate(STEPS):
            word = words[0] if place < count else words[1] if place == count and gone else words[2]
            day = f"2024-{lead % 9 + 1:02}-{3 * place + 1:02}" if dated or word != words[2] else ""
            lines.append(f"L{lead:03},{step},{word},{day}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("dated", [True, False])
def test_steps_that_are_still_to_come_are_no_entries(tmp_path: Path, *, dated: bool) -> None:
    """Of twelve leads three signed; four were dropped at the second step and five at the third."""
    text = checklist([4] * 3 + [1] * 4 + [2] * 5, gone=True, dated=dated)
    with mapped(*written(tmp_path, steps=text)) as found:
        assert found.mapping.shape == "history"
        assert found.sums() == [(48, 35, 0, 13)]
        assert reached_by(found) == {"Contacted": 12, "Qualified": 12, "Proposal sent": 8, "Contract signed": 3}
        assert lost(found) == 9


def test_leads_whose_next_steps_are_to_come_are_open(tmp_path: Path) -> None:
    text = checklist([4] * 3 + [1] * 4 + [2] * 5, gone=False)
    with mapped(*written(tmp_path, steps=text)) as found:
        assert reached_by(found) == {"Contacted": 12, "Qualified": 8, "Proposal sent": 3, "Contract signed": 3}
        assert lost(found) == 0


def test_states_in_another_language(tmp_path: Path) -> None:
    text = checklist([4] * 3 + [1] * 4 + [2] * 5, gone=False, words=("Выполнено", "–", "Не начато"))
    with mapped(*written(tmp_path, steps=text)) as found:
        assert reached_by(found)["Contract signed"] == 3


def test_a_state_of_the_deal_on_each_of_its_lines_leaves_them_all(tmp_path: Path) -> None:
    """Half of the deals are pending and half are completed, whatever the line: no line is still to come."""
    lines = ["lead_id,step,status,step_date"]
    for lead in range(12):
        word = STILL if lead % 2 else DONE
        lines += [f"L{lead:03},{step},{word},2024-{lead % 9 + 1:02}-{place + 1:02}" for place, step in enumerate(STEPS)]
    with mapped(*written(tmp_path, steps="\n".join(lines) + "\n")) as found:
        assert reached_by(found) == dict.fromkeys(STEPS, 12)


def test_a_state_that_was_left_again_leaves_its_line(tmp_path: Path) -> None:
    """Each deal was pending at first and completed later: both were."""
    lines = ["lead_id,step,status,step_date"]
    for lead in range(12):
        words = (STILL, STILL, DONE, DONE)
        lines += [
            f"L{lead:03},{step},{word},2024-{lead % 9 + 1:02}-{place + 1:02}"
            for place, (step, word) in enumerate(zip(STEPS, words, strict=True))
        ]
    with mapped(*written(tmp_path, steps="\n".join(lines) + "\n")) as found:
        assert reached_by(found) == dict.fromkeys(STEPS, 12)


def test_what_is_still_in_progress_is_no_reason_of_a_loss(tmp_path: Path) -> None:
    """Of ten leads two closed, five have a reason, and three are said to be in progress."""
    rows = [("Contacted", "Price too high")] * 5 + [("Contacted", "Still in progress")] * 3 + [("Closed", "")] * 2
    lines = [f"L{place},2024-03-{place + 1:02},{stage},{reason}" for place, (stage, reason) in enumerate(rows)]
    text = "\n".join(["lead_id,created_at,funnel_stage,lost_reason", *lines]) + "\n"
    with mapped(*written(tmp_path, leads=text)) as found:
        assert found.warnings()["lost_by_reason"].values == {"n": 5}


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Pending", "ahead"),
        ("NOT STARTED", "ahead"),
        ("done", "met"),
        ("In Progress", "met"),
        ("Dropped", "lost"),
        ("EMEA", None),
    ],
)
def test_words_of_states(text: str, state: str | None) -> None:
    assert state_of(text) == state
