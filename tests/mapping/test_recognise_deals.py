"""Lists of deals as CRMs and people write them, in shapes met outside: columns beside the ones that are meant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mapped import Mapped, mapped, written


def text(header: str, *rows: Sequence[object]) -> str:
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


def leads_of(found: Mapped) -> dict[str, int]:
    return {label.label: label.leads for label in found.loaded.labels}


def test_a_yes_beside_the_day_of_its_stage_takes_no_day_from_the_end(tmp_path: Path) -> None:
    """Of five deals one was won and three lost on days that are known; one of the lost has a yes whose day nobody wrote down."""
    content = text(
        "deal_id,created_at,current_stage,closed_at,reached_qualified,reached_proposal,qualified_at,proposal_at",
        ("D1", "2024-01-01", "Closed Lost", "2024-01-20", "True", "True", "2024-01-05", "2024-01-11"),
        ("D2", "2024-01-02", "Closed Lost", "2024-01-09", "False", "False", "", ""),
        ("D3", "2024-01-03", "Closed Won", "2024-02-20", "True", "True", "2024-01-06", "2024-01-12"),
        ("D4", "2024-01-04", "Qualified", "", "True", "False", "2024-01-07", ""),
    )
    with mapped(*written(tmp_path, deals=content)) as found:
        ends = [entry for entry in found.entries() if entry[1].startswith("Closed")]
        assert ends == [
            ("D1", "Closed Lost", "2024-01-20"),
            ("D2", "Closed Lost", "2024-01-09"),
            ("D3", "Closed Won", "2024-02-20"),
        ]
        assert (leads_of(found)["Qualified"], leads_of(found)["Proposal"]) == (3, 2)
        assert not {"undated_losses", "stage_flags"} & found.warnings().keys()
    content += text("D5,2024-01-05,Closed Lost,2024-02-01,True,True,2024-01-08,")
    with mapped(*written(tmp_path, deals=content)) as found:
        assert (leads_of(found)["Qualified"], leads_of(found)["Proposal"]) == (4, 3)
        assert found.warnings()["undated_losses"].values == {"n": 1}
        assert found.warnings()["stage_flags"].values["stages"] == "Proposal"


def test_the_currency_named_after_the_amount_is_the_amounts(tmp_path: Path) -> None:
    """As reports of Salesforce write it: before each column of money one of its currency."""
    content = text(
        "Opportunity Name,Stage,Created Date,Amount (Net Revenue) (converted) Currency,Amount (Net Revenue) Currency,Amount (Net Revenue)",
        ("Site audit", "Prospect", "2024-01-16", "USD", "GBP", 4000),
        ("Search", "Pitch", "2024-01-17", "USD", "EUR", 6000),
        ("Training", "Pitch", "2024-01-18", "USD", "ZAR", 70000),
    )
    with mapped(*written(tmp_path, deals=content)) as found:
        money = {lead: (row["amount"], row["currency"]) for lead, row in found.leads().items()}
        assert money == {"Site audit": (4000, "GBP"), "Search": (6000, "EUR"), "Training": (70000, "ZAR")}


def test_an_amount_in_home_currency_is_the_amount(tmp_path: Path) -> None:
    rows = [(f"1154{row}", "Keep Warm", 900 + row, f"2024-01-{row:02}T16:41:15.041Z") for row in range(1, 9)]
    content = text("DEAL_ID,STAGE_NAME,AMOUNT_IN_HOME_CURRENCY,CREATED_AT", *rows)
    with mapped(*written(tmp_path, deals=content)) as found:
        assert found.loaded.columns["amount"] == "AMOUNT_IN_HOME_CURRENCY"
        assert "currency" not in found.loaded.columns


@pytest.mark.parametrize(
    ("label", "concept"),
    [
        ("Pre-enrolled", "unplaced"),
        ("Pre pitch", "unplaced"),
        ("Pre-proposal", "unplaced"),
        ("Pre-contract", "unplaced"),
        ("Pre-qualified", "mql"),
        ("Pre-approval", "approval"),
        ("Pitching", "demo"),
        ("Reply", "contacted"),
    ],
)
def test_what_comes_before_a_stage_is_not_the_stage(tmp_path: Path, label: str, concept: str) -> None:
    rows = [(f"D{row}", (label, "Closed Won")[row % 2], f"2024-01-{row:02}") for row in range(1, 9)]
    with mapped(*written(tmp_path, deals=text("deal_id,stage,created", *rows))) as found:
        assert found.concepts()[label] == concept
