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


SINCE = (
    ("D1", "Discovery", "2024-01-05", "2024-02-01", "", 100),
    ("D2", "Proposal", "2024-01-09", "2024-02-11", "", 200),
    ("D3", "Closed Won", "2024-01-12", "2024-03-01", "2024-03-02", 300),
    ("D4", "Closed Lost", "2024-01-15", "2024-02-21", "2024-02-21", 400),
    ("D5", "Proposal", "2024-01-20", "2024-02-22", "", 500),
)
STANDING = [
    ("D1", "Discovery", "2024-02-01"),
    ("D2", "Proposal", "2024-02-11"),
    ("D3", "Closed Won", "2024-03-02"),
    ("D4", "Closed Lost", "2024-02-21"),
    ("D5", "Proposal", "2024-02-22"),
]
"""Since when each stands where it stands: open ones since they came to their stage, the others since they closed."""


@pytest.mark.parametrize(
    "header",
    [
        "stage_entry_date",
        "Stage entered date",
        "stage_changed_at",
        "DateEnteredCurrentStage",
        "Last status change on",
        "Fecha de cambio de etapa",
        "Data da mudança de etapa",
        "Date de changement d'étape",
        "Дата изменения стадии",
    ],
)
def test_the_day_on_which_a_deal_came_to_its_stage_dates_it(tmp_path: Path, header: str) -> None:
    content = text(f"deal_id,stage,created_date,{header},close_date,amount", *SINCE)
    with mapped(*written(tmp_path, deals=content)) as found:
        columns = found.loaded.columns
        assert (columns["changed"], columns["created"], columns["closed"]) == (header, "created_date", "close_date")
        assert found.entries() == STANDING


def test_the_day_of_the_stage_is_not_taken_for_that_of_the_making(tmp_path: Path) -> None:
    content = text("deal_id,stage,stage_entry_date,close_date,amount", *((*row[:2], *row[3:]) for row in SINCE))
    with mapped(*written(tmp_path, deals=content)) as found:
        assert (found.loaded.columns.get("created"), found.loaded.columns["changed"]) == (None, "stage_entry_date")
        assert found.entries() == STANDING


def test_days_of_numbered_stages_and_of_named_ones_are_no_last_change(tmp_path: Path) -> None:
    rows = [(f"D{row}", "Proposal", f"2024-01-{row:02}", f"2024-02-{row:02}") for row in range(1, 9)]
    for header in ("Stage 2 entry date", "Demo stage entry date", "Previous stage change", "Next stage change"):
        with mapped(*written(tmp_path, deals=text(f"deal_id,stage,created_date,{header}", *rows))) as found:
            assert "changed" not in found.loaded.columns, header


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


LOADED = "2024-06-01 11:36:06.098"


def test_when_the_lines_were_loaded_is_not_when_the_deals_were_made(tmp_path: Path) -> None:
    rows = [
        (f"D{row}", ("Discovery", "Closed Lost")[row % 2], LOADED, f"2024-0{row}-04", f"2024-0{row}-04T00:00:00Z")
        for row in range(1, 6)
    ]
    with mapped(*written(tmp_path, deals=text("id,stage,created_at,create_date,create_date_raw", *rows))) as found:
        assert found.loaded.columns["created"] == "create_date"
        # "Create date (raw)" is the same once more, and no stage.
        assert leads_of(found) == {"Discovery": 2, "Closed Lost": 3}


def test_created_at_counts_where_each_line_has_its_own(tmp_path: Path) -> None:
    rows = [(f"D{row}", "Discovery", f"2024-06-01 11:36:0{row}", f"2024-0{row}-04") for row in range(1, 6)]
    with mapped(*written(tmp_path, deals=text("id,stage,created_at,create_date", *rows))) as found:
        assert found.loaded.columns["created"] == "created_at"
    with mapped(*written(tmp_path, deals=text("id,stage,created_at", *((*row[:2], LOADED) for row in rows)))) as found:
        assert found.loaded.columns["created"] == "created_at"


def test_a_misspelt_opportunity_has_ids_too(tmp_path: Path) -> None:
    rows = [(f"Project {row % 7}", ("Discovery", "Closed Won")[row % 2], 4335161 + row) for row in range(8)]
    with mapped(*written(tmp_path, deals=text("PROJECT_NAME,STAGE,OPPURTUNITYID", *rows))) as found:
        assert (found.loaded.columns["lead"], found.loaded.leads) == ("OPPURTUNITYID", 8)


@pytest.mark.parametrize(("second", "first"), [("Qualified", "Prospect"), ("Lead in", "Deal created")])
def test_a_deal_is_made_at_the_one_stage_that_means_a_new_one(tmp_path: Path, second: str, first: str) -> None:
    """All four began as prospects, the lost one too; where two labels mean a new deal, nobody knows at which."""
    content = text(
        "deal_id,created_at,current_stage,closed_at,proposal_at,negotiation_at",
        ("D1", "2024-01-01", "Prospect", "", "", ""),
        ("D2", "2024-01-02", "Closed Lost", "2024-01-09", "", ""),
        ("D3", "2024-01-03", second, "", "", ""),
        ("D4", "2024-01-04", "Negotiation", "", "2024-02-01", "2024-02-09"),
    )
    with mapped(*written(tmp_path, deals=content)) as found:
        at_first = [(lead, day) for lead, label, day in found.entries() if label == first]
        assert at_first == [(f"D{row}", f"2024-01-0{row}") for row in range(1, 5)]
        assert leads_of(found)[first] == 4


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


def test_sentences_that_come_again_are_no_stages(tmp_path: Path) -> None:
    deals = text(
        "opportunity_id,stage,amount,close_date",
        ("O1", "Closed Won", 900, "2024-03-01"),
        ("O2", "Negotiation", 400, ""),
        ("O3", "Closed Lost", 500, "2024-03-09"),
        ("O4", "Qualification", 300, ""),
    )
    asked = "The customer asks for a better proposal price."
    quotes = text(
        "quote_id,opportunity_id,discount,why_asked",
        ("Q1", "O1", 5, asked),
        ("Q2", "O2", 0, "They want the contract signed before the quarter ends."),
        ("Q3", "O3", 10, asked),
        ("Q4", "O4", 0, asked),
    )
    with mapped(*written(tmp_path, deals=deals, quotes=quotes)) as found:
        assert leads_of(found) == {"Closed Won": 1, "Negotiation": 1, "Closed Lost": 1, "Qualification": 1}


@pytest.mark.parametrize(
    ("header", "amount"),
    [
        ("list_price,arr", "arr"),
        ("price_initial,price_current", "price_current"),
        ("Asking price,Sale price", "Sale price"),
        ("quoted_amount,final_amount", "final_amount"),
        ("list_price,seats", "list_price"),
    ],
)
def test_what_was_asked_at_first_is_no_amount_beside_what_it_came_to(tmp_path: Path, header: str, amount: str) -> None:
    rows = [("D1", "Proposal", 900, 800), ("D2", "Closed Won", 500, 450), ("D3", "Closed Lost", 700, 700)]
    with mapped(*written(tmp_path, deals=text(f"deal_id,stage,{header}", *rows))) as found:
        assert found.loaded.columns["amount"] == amount


def test_a_promised_day_is_a_plan(tmp_path: Path) -> None:
    rows = [("Q1", "accepted", "2024-04-06"), ("Q2", "open", "2024-04-09"), ("Q3", "accepted", "2024-04-07")]
    with mapped(*written(tmp_path, quotes=text("quote_id,quote_status,promised_delivery", *rows))) as found:
        assert not {"created", "closed", "changed"} & set(found.loaded.columns)
        assert all(day is None for _, _, day in found.entries())


def touched(second: str) -> str:
    """Deals whose days of the making read both ways, beside days of the last touch of which one is after the twelfth."""
    return text(
        "deal_id,stage,first_seen_date,last_touch_date",
        ("D1", "Screening", "08/12/2024", second),
        ("D2", "Closed Won", "05/11/2024", second.replace("20", "07", 1)),
        ("D3", "Closed Lost", "03/10/2024", second.replace("20", "04", 1)),
    )


@pytest.mark.parametrize(
    ("second", "order", "first"),
    [
        ("20/02/2025", "dmy", "2024-12-08"),
        ("02/20/2025", "mdy", "2024-08-12"),
        # Written with other signs, it was another hand's.
        ("20.02.2025", None, None),
        ("05/02/2025", None, None),
    ],
)
def test_a_column_of_anything_lends_the_order_of_day_and_month(
    tmp_path: Path, second: str, order: str | None, first: str | None
) -> None:
    with mapped(*written(tmp_path, deals=touched(second))) as found:
        dates = {column: date for (_, column), date in found.mapping.dates.items()}
        assert found.loaded.columns["created"] == "first_seen_date"
        assert dates["first_seen_date"].ambiguous == (order is None)
        if order:
            assert dates["first_seen_date"].order == order
            assert str(found.leads()["D1"]["created_at"])[:10] == first


def committed(probability: int, day: str) -> str:
    return text(
        "deal_id,current_stage,probability,created_date,close_date",
        ("D1", "Committed", probability, "2024-01-05", "2024-03-01"),
        ("D2", "Screening", 10, "2024-01-09", day),
        ("D3", "Committed", probability, "2024-01-12", "2024-03-07"),
        ("D4", "Term Sheet", 60, "2024-01-15", day),
    )


@pytest.mark.parametrize(("probability", "day", "concept"), [(100, "", "won"), (90, "", "approval")])
def test_committed_wins_where_it_is_certain_and_dated_and_nothing_else_wins(
    tmp_path: Path, probability: int, day: str, concept: str
) -> None:
    with mapped(*written(tmp_path, deals=committed(probability, day))) as found:
        assert found.concepts()["Committed"] == concept


def test_committed_is_a_step_beside_a_win(tmp_path: Path) -> None:
    content = committed(100, "") + "D5,Closed Won,100,2024-01-20,2024-03-09\n"
    with mapped(*written(tmp_path, deals=content)) as found:
        assert found.concepts()["Committed"] == "approval"


def test_a_tender_that_is_tracked_is_open(tmp_path: Path) -> None:
    rows = [("T1", "L3", "won"), ("T2", "L3", "tracking"), ("T3", "L4", "tracking")]
    with mapped(*written(tmp_path, deals=text("opportunity_id,stage,status", *rows))) as found:
        assert found.loaded.columns["outcome"] == "status"
        assert leads_of(found) == {"L3": 2, "L4": 1, "Won": 1}


def test_who_owns_a_deal_is_not_the_deal(tmp_path: Path) -> None:
    stages = ["Closed Won"] * 12 + ["Discovery", "Demo", "Proposal", "Negotiation"]
    rows = [
        (f"DL-{n:03}", f"P{n % 9:02}", stage, f"2026-{1 + n // 2:02}-{n:02}", f"E0{n % 4}", 1000 * n)
        for n, stage in enumerate(stages, start=1)
    ]
    content = text("deal_id,account_id,stage,stage_sejak,owner_id,nilai_tahunan", *rows)
    with mapped(*written(tmp_path, deals=content)) as found:
        assert found.loaded.columns["lead"] == "deal_id"
        assert leads_of(found)["Closed Won"] == 12
