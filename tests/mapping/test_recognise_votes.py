"""What a label means where its text leaves it open: what the other columns of its lines say of its leads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mapped import mapped, written


def meant(folder: Path, header: str, rows: Sequence[Sequence[object]], **others: str) -> dict[str, str]:
    """Label → concept, of a table with these rows (each also gets an id and a date of its making)."""
    lines = [f"D{place:03},2024-02-{place % 28 + 1:02}," + ",".join(map(str, row)) for place, row in enumerate(rows)]
    text = "\n".join([f"deal_id,created_at,{header}", *lines]) + "\n"
    with mapped(*written(folder, deals=text, **others)) as found:
        assert found.sums()[0][:2] == (len(rows), len(rows))
        return found.concepts()


STEPS = [("New",), ("Qualified",), ("Proposal",)]


@pytest.mark.parametrize("text", ["Converted", "Payment", "Completed", "Paid"])
def test_a_doubtful_win_is_one_where_no_label_surely_is(tmp_path: Path, text: str) -> None:
    assert meant(tmp_path, "stage", [*STEPS, (text,)] * 6)[text] == "won"


@pytest.mark.parametrize("text", ["Converted", "Payment", "Completed", "Paid"])
def test_a_doubtful_win_beside_a_sure_one_is_none(tmp_path: Path, text: str) -> None:
    concepts = meant(tmp_path, "stage", [*STEPS, (text,), ("Closed Won",)] * 6)
    assert concepts["Closed Won"] == "won"
    assert concepts[text] != "won"


def test_a_lead_that_was_converted_beside_opportunities_is_qualified(tmp_path: Path) -> None:
    opportunities = "lead_id,opportunity_stage\n" + "".join(
        f"L{place:03},{('Closed Won', 'Closed Lost', 'Negotiation')[place % 3]}\n" for place in range(12)
    )
    leads = "lead_id,status,created_at\n" + "".join(
        f"L{place:03},{'Converted' if place < 12 else 'Working'},2024-02-{place + 1:02}\n" for place in range(24)
    )
    with mapped(*written(tmp_path, leads=leads, opportunities=opportunities)) as found:
        concepts = found.concepts()
        assert concepts["Converted"] == "qualified"
        assert found.leads().keys() == {f"L{place:03}" for place in range(24)}
    with mapped(*written(tmp_path, leads=leads)) as found:
        assert found.concepts()["Converted"] == "won"


@pytest.mark.parametrize(
    ("header", "yes", "no"), [("is_closed", "1", "0"), ("Closed", "true", "false"), ("Закрыта", "да", "нет")]
)
def test_an_unknown_label_that_a_flag_closes_ends_its_leads(tmp_path: Path, header: str, yes: str, no: str) -> None:
    rows = [("New", no), ("Proposal", no), ("Closed Won", yes), ("Zurückgestellt bis Q9", yes)] * 5
    concepts = meant(tmp_path, f"stage,{header}", rows)
    assert concepts["Closed Won"] == "won"
    assert concepts["Zurückgestellt bis Q9"] == "lost"
    assert concepts["New"] == "lead"


def test_a_closed_flag_alone_closes_nothing_that_is_mostly_open(tmp_path: Path) -> None:
    """Of ten leads at an unknown label two are flagged closed: that label is no end."""
    rows = [("New", 0), ("Closed Won", 1)] * 10 + [("Blimfig", int(place < 2)) for place in range(10)]
    assert meant(tmp_path, "stage,is_closed", rows)["Blimfig"] not in ("won", "lost")


def test_of_one_closed_unknown_label_in_a_file_without_a_win_that_is_the_win(tmp_path: Path) -> None:
    rows = [("New", 0), ("Proposal", 0), ("Выдано", 1), ("Closed Lost", 1)] * 5
    assert meant(tmp_path, "stage,CLOSED", rows)["Выдано"] == "won"


def test_a_reason_beside_the_only_closed_unknown_label_makes_it_a_loss(tmp_path: Path) -> None:
    rows = [("New", 0, ""), ("Proposal", 0, ""), ("Blimfig", 1, "price")] * 6
    assert meant(tmp_path, "stage,is_closed,loss_reason", rows)["Blimfig"] == "lost"


@pytest.mark.parametrize("text", ["Approved", "Completed", "Payment"])
def test_a_win_flag_decides(tmp_path: Path, text: str) -> None:
    """The flag that says won on all lines of a doubtful label speaks for it; on none of them, against it."""
    yes = [("New", 0), ("Qualified", 0), (text, 1)] * 6
    assert meant(tmp_path, "stage,is_won", yes)[text] == "won"
    no = [("New", 0), (text, 0), ("Closed Won", 1)] * 6
    assert meant(tmp_path, "stage,is_won", no)[text] != "won"


def test_a_flag_of_winning_tells_the_win_from_the_steps_that_sound_like_one(tmp_path: Path) -> None:
    """Three stand at a purchase order, two have signed; only the signed are flagged. The date of the order stands on all five."""
    rows = [f"L{place:02},2024-03-{place + 1:02},,,New,0\n" for place in range(4)]
    rows += [f"L1{place},2024-03-{place + 1:02},2024-04-{place + 1:02},,Purchase order,0\n" for place in range(3)]
    rows += [f"L2{place},2024-03-{place + 1:02},2024-04-{place + 1:02},2024-05-02,Signed,1\n" for place in range(2)]
    text = "lead_id,created_at,order_date,signed_date,stage,is_signed\n" + "".join(rows)
    with mapped(*written(tmp_path, leads=text)) as found:
        concepts = found.concepts()
        assert concepts["Signed"] == "won"
        assert concepts["Purchase order"] != "won"
        assert concepts["Order"] != "won"
        assert "decided_by_lines" in found.warnings()
        assert "denied_wins" not in found.warnings()


def test_a_date_under_the_name_of_a_win_does_not_vote_against_the_flag(tmp_path: Path) -> None:
    """Who has an order date is approved, and not won: the flag says no."""
    rows = [("New", "", "", 0)] * 3 + [("Approved", "2024-03-05", "", 0)] * 4
    rows += [("Signed", "2024-03-05", "2024-04-01", 1)] * 3
    assert meant(tmp_path, "stage,order_date,signed_date,is_signed", rows)["Approved"] == "approval"


def test_wins_to_which_a_flag_says_no_are_counted_and_said(tmp_path: Path) -> None:
    """All five were to start on a day, and two of them declined the offer."""
    rows = [
        f"R{place},2024-03-{place + 1:02},{'No' if place < 2 else 'Yes'},2024-05-0{place + 1}\n" for place in range(5)
    ]
    text = "candidate_id,application_date,Offer_Accepted,Hire_Date\n" + "".join(rows)
    with mapped(*written(tmp_path, candidates=text)) as found:
        assert found.warnings()["denied_wins"].values == {"n": 2, "column": "Offer_Accepted"}
    with mapped(*written(tmp_path, candidates=text.replace("No", "Yes"))) as found:
        assert "denied_wins" not in found.warnings()


def test_open_leads_that_are_said_to_be_active_no_more_are_said(tmp_path: Path) -> None:
    """Of nine candidates three are said not to be active; one of these was hired and one rejected, the third is at an offer."""
    rows = [("Screen", "true")] * 6 + [("Offer", "false"), ("Hired", "false"), ("Rejected", "false")]
    lines = [f"A{place},2024-03-{place + 1:02},{stage},{active}" for place, (stage, active) in enumerate(rows)]
    text = "\n".join(["application_id,applied_at,current_stage,is_active", *lines]) + "\n"
    with mapped(*written(tmp_path, applications=text)) as found:
        assert found.warnings()["denied_open"].values == {"n": 1, "column": "is_active"}


def log(rows: Sequence[Sequence[str]]) -> str:
    entries = [
        f"D{lead:03},{label},2024-{lead % 6 + 1:02}-{day + 1:02}\n"
        for lead, labels in enumerate(rows)
        for day, label in enumerate(labels)
    ]
    return "deal_id,stage,changed_at\n" + "".join(entries)


def test_a_doubtful_win_that_is_mostly_followed_is_none(tmp_path: Path) -> None:
    text = log([("New", "Qualified", "Payment", "Delivery")] * 9 + [("New", "Qualified", "Payment")])
    with mapped(*written(tmp_path, log=text)) as found:
        assert found.concepts()["Payment"] != "won"
    text = log([("New", "Qualified", "Payment")] * 9 + [("New", "Qualified", "Payment", "Delivery")])
    with mapped(*written(tmp_path, log=text)) as found:
        assert found.concepts()["Payment"] == "won"


def test_a_doubtful_exit_that_is_followed_is_none(tmp_path: Path) -> None:
    """ "Payment declined" ends a deal where nothing comes after it, and is a step where it is tried again."""
    again = log([("New", "Qualified", "Payment declined", "Closed Won")] * 12)
    with mapped(*written(tmp_path, log=again)) as found:
        assert found.concepts()["Payment declined"] not in ("lost", "disqualified", "unresponsive")
    last = log([("New", "Qualified", "Payment declined"), ("New", "Qualified", "Closed Won")] * 6)
    with mapped(*written(tmp_path, log=last)) as found:
        assert found.concepts()["Payment declined"] in ("lost", "disqualified", "unresponsive")


@pytest.mark.parametrize(("sure", "never"), [("100", "0"), ("100%", "0%"), ("1.0", "0.0"), ("1", "0")])
def test_the_chance_of_a_win_votes(tmp_path: Path, sure: str, never: str) -> None:
    half = {"100": "50", "100%": "50%", "1.0": "0.5", "1": "0.5"}[sure]
    said = [
        ("New", half, ""),
        ("Proposal", half, ""),
        ("Approved", sure, "2024-06-01"),
        ("Closed Lost", never, "2024-06-01"),
    ]
    assert meant(tmp_path, "stage,probability,close_date", said * 6)["Approved"] == "won"
    # The same label below half: a step.
    open_ones = [("New", half, ""), ("Approved", half, ""), ("Closed Won", sure, ""), ("Closed Lost", never, "")]
    assert meant(tmp_path, "stage,probability,close_date", open_ones * 6)["Approved"] != "won"


@pytest.mark.parametrize("text", ["Waiting for payment", "Awaiting signature", "In negotiation", "Ожидание оплаты"])
def test_what_is_waited_for_is_no_win(tmp_path: Path, text: str) -> None:
    assert meant(tmp_path, "stage", [*STEPS, (text,)] * 6)[text] != "won"
