"""Logs of steps whose lines say how each step came out, or count the steps of each lead."""

from __future__ import annotations

from pathlib import Path

from funnel.core.types import Shape
from funnel.mapping.outcomes import outcome_values
from tests.mapped import mapped, written


def test_a_result_of_each_step_loses_whoever_it_rejects(tmp_path: Path) -> None:
    text = """event_id,application_id,stage,entered_date,exited_date,result
1,A1,Resume Screen,2024-05-01,2024-05-03,Passed
2,A1,Phone Screen,2024-05-03,2024-05-08,Passed
3,A1,Offer,2024-05-08,2024-05-20,Accepted
4,A2,Resume Screen,2024-05-02,2024-05-04,Rejected
5,A3,Resume Screen,2024-05-02,2024-05-06,Passed
6,A3,Phone Screen,2024-05-06,2024-05-09,Withdrew
7,A4,Resume Screen,2024-05-07,2024-05-10,Passed
8,A4,Phone Screen,2024-05-10,2024-05-13,Rejected
"""
    with mapped(*written(tmp_path, steps=text)) as read:
        assert read.mapping.primary.parts["outcome"] == "result"
        lost = {lead for lead, values in read.leads().items() if values["outcome_said"] == "lost"}
        assert lost == {"A2", "A3", "A4"}


def test_passed_beside_one_word_of_losing_may_be_of_any_test() -> None:
    assert outcome_values("result", ["Passed", "Failed"]) is None
    assert outcome_values("result", ["Passed", "Failed", "Withdrawn"]) == {
        "Passed": None,
        "Failed": "lost",
        "Withdrawn": "lost",
    }
    assert outcome_values("result", ["Blue", "Green", "Failed"]) is None


NUMBERED = """vendor_id,stage,stage_order,started_at,completed_at
V1,Form received,1,2024-05-01,2024-05-02
V1,Papers,2,2024-05-02,2024-05-05
V1,Catalogue,3,2024-05-05,2024-05-09
V2,Form received,1,2024-05-03,2024-05-03
V2,Papers,2,2024-05-03,
V3,Form received,1,2024-05-04,2024-05-06
V3,Papers,2,2024-05-06,2024-05-07
V3,Catalogue,3,2024-05-07,
"""


def test_lines_numbered_from_one_on_are_the_steps_of_each_id_whatever_it_is_called(tmp_path: Path) -> None:
    for header in ("stage_order", "Seq", "step", "Step No"):
        with mapped(*written(tmp_path, steps=NUMBERED.replace("stage_order", header, 1))) as read:
            assert (read.mapping.shape, read.mapping.primary.parts["lead"]) == (Shape.HISTORY, "vendor_id"), header
            assert read.mapping.primary.parts["label"] == "stage"
            assert read.entries()[:3] == [
                ("V1", "Form received", "2024-05-01"),
                ("V1", "Papers", "2024-05-02"),
                ("V1", "Catalogue", "2024-05-05"),
            ]


def test_numbers_of_the_stages_of_several_deals_of_a_customer_count_no_steps(tmp_path: Path) -> None:
    text = """customer,stage_order,stage,date
Alfa,1,New,2024-01-02
Alfa,4,Won,2024-01-09
Beta,1,New,2024-01-03
Beta,3,Proposal,2024-01-05
Gamma,2,Demo,2024-01-05
Gamma,4,Won,2024-02-05
Delta,1,New,2024-03-05
Delta,3,Proposal,2024-02-05
"""
    with mapped(*written(tmp_path, deals=text)) as read:
        assert read.mapping.primary.lead_is_line


def test_applications_that_only_say_how_they_ended_are_no_history_of_the_people(tmp_path: Path) -> None:
    ends = ("Rejected", "Hired", "Rejected", "Offer Declined")
    rows = [f"{number},C{number % 7},{ends[number % 4]},2024-05-{number + 1:02}" for number in range(20)]
    text = "\n".join(["application_id,candidate_id,current_status,application_date", *rows])
    with mapped(*written(tmp_path, applications=text)) as read:
        assert (read.mapping.shape, read.mapping.primary.parts["lead"]) == (Shape.SNAPSHOT, "application_id")
        assert not [note for note in read.loaded.doubts if "two_ways" in str(note)]


WORDS_OF_THEIR_OWN = """candidate_id,stage,entered_date,exited_date,outcome
C1,Application Received,2025-03-01,2025-03-02,Passed
C1,Written Test,2025-03-02,2025-03-09,Below cutoff
C2,Application Received,2025-03-02,2025-03-03,Passed
C2,Written Test,2025-03-03,2025-03-08,Too slow
C3,Application Received,2025-03-03,2025-03-05,Wrong city
C4,Application Received,2025-03-04,2025-03-06,Passed
C4,Written Test,2025-03-06,2025-03-11,Withdrew - other job
C5,Application Received,2025-03-05,2025-03-07,Passed
C5,Written Test,2025-03-07,2025-03-12,Passed
"""


def test_results_in_words_that_nobody_knows_are_left_out_with_a_word(tmp_path: Path) -> None:
    with mapped(*written(tmp_path, steps=WORDS_OF_THEIR_OWN)) as read:
        assert "outcome" not in read.mapping.primary.parts
        [note] = [note for note in read.loaded.doubts if note.key == "doubt.unread_results"]
        assert note.values == {"column": "outcome", "n": 1, "values": ["Withdrew - other job"]}


def test_results_none_of_which_means_a_loss_are_no_doubt(tmp_path: Path) -> None:
    with mapped(*written(tmp_path, steps=WORDS_OF_THEIR_OWN.replace("Withdrew - other job", "Sideways"))) as read:
        assert not [note for note in read.loaded.doubts if note.key == "doubt.unread_results"]
