"""A status of a payment, a paper or a call, beside the lead's own: it may fail while the lead goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

import funnel
from funnel.core.errors import FunnelError
from tests.mapped import AS_OF, mapped, written

OTHERS = [
    ("kyc_status", ("Approved", "Rejected", "Pending")),
    ("Payment Status", ("Paid", "Refunded", "Pending")),
    ("invoice_status", ("Paid", "Cancelled", "Open")),
    ("Call Outcome", ("Interested", "Not interested", "Callback")),
    ("Document Status", ("Accepted", "Rejected", "Open")),
    ("Status do pagamento", ("Pago", "Cancelado", "Pendente")),
    ("Статус оплаты", ("Оплачено", "Отказ", "Ожидание")),
]
STAGES = ("New", "Contacted", "Closed Won", "Closed Lost")


def table(header: str, *columns: tuple[str, ...]) -> str:
    """Twelve leads with their values of these columns in turn."""
    rows = [
        ",".join([f"A{row:02}", *(each[row % len(each)] for each in columns), f"2025-03-{row + 1:02}"])
        for row in range(12)
    ]
    return "\n".join([f"lead_id,{header},created_at", *rows]) + "\n"


@pytest.mark.parametrize(("header", "values"), OTHERS)
@pytest.mark.parametrize("own", ["lead_stage", "Status"])
def test_it_is_no_outcome_beside_the_leads_own_stage(
    tmp_path: Path, own: str, header: str, values: tuple[str, ...]
) -> None:
    """Each stage holds three of the twelve, so three won and three lost, whatever their payments came to."""
    with mapped(*written(tmp_path, leads=table(f"{own},{header}", STAGES, values))) as found:
        assert found.loaded.columns["label"] == own
        assert "outcome" not in found.loaded.columns
        assert {label.label: label.leads for label in found.loaded.labels} == dict.fromkeys(STAGES, 3)


def test_alone_or_beside_a_sparse_stage_it_is_all_there_is(tmp_path: Path) -> None:
    payments = ("Paid", "Refunded", "Pending")
    with mapped(*written(tmp_path, orders=table("Payment Status", payments))) as found:
        assert found.loaded.columns["label"] == "Payment Status"
    sparse = ("Contacted", "", "", "")
    with mapped(*written(tmp_path, leads=table("Stage,Payment Status", sparse, payments))) as found:
        assert "Payment Status" in (found.loaded.columns["label"], found.loaded.columns.get("outcome"))


def test_what_tells_of_the_deal_stays_its_outcome(tmp_path: Path) -> None:
    """Of six deals at each stage every second one was won: three and three, and as many lost."""
    header, stages, ends = "stage,deal_status", ("Demo", "Demo", "Proposal", "Proposal"), ("Won", "Lost")
    with mapped(*written(tmp_path, deals=table(header, stages, ends))) as found:
        assert found.loaded.columns["outcome"] == "deal_status"


@pytest.mark.parametrize("header", ["EventType", "Event Type", "Activity", "Tipo de evento"])
def test_what_kind_of_event_a_lead_is_for_is_not_where_it_stands(tmp_path: Path, header: str) -> None:
    """Twelve weddings and conferences, of which three each are new, quoted, won and lost."""
    events, statuses = ("Wedding", "Conference", "Birthday"), ("New", "Quoted", "Won", "Lost")
    with mapped(*written(tmp_path, leads=table(f"{header},Status", events, statuses))) as found:
        assert found.loaded.columns["label"] == "Status"
        assert {label.label: label.leads for label in found.loaded.labels} == dict.fromkeys(statuses, 3)


def test_an_event_that_says_the_stage_is_the_label(tmp_path: Path) -> None:
    steps = ("Demo", "Proposal", "Negotiation", "Closed Won")
    with mapped(*written(tmp_path, leads=table("event_type", steps))) as found:
        assert found.loaded.columns["label"] == "event_type"


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("homeowner_status", ("Own", "Rent", "Recently Purchased")),
        ("Marital Status", ("Married", "Single", "Engaged")),
        ("employment_status", ("Active", "Hired", "Unemployed")),
    ],
)
def test_how_people_live_is_no_stage(tmp_path: Path, header: str, values: tuple[str, ...]) -> None:
    [path] = written(tmp_path, leads=table(header, values))
    with pytest.raises(FunnelError), funnel.open(path, as_of=AS_OF):
        pass
    statuses = ("Warm chat", "Sent deck", "Closed Won", "Gone quiet")
    with mapped(*written(tmp_path, leads=table(f"{header},Status", values, statuses))) as found:
        assert found.loaded.columns["label"] == "Status"
        assert "outcome" not in found.loaded.columns


def test_ids_that_are_written_as_leads_are_no_stages(tmp_path: Path) -> None:
    rows = [
        f"lead_{row:03},Person {row},{('Google Ads', 'Referral')[row % 2]},2025-03-{row + 1:02}" for row in range(12)
    ]
    [path] = written(tmp_path, leads="\n".join(["id,name,source,last_touch_date", *rows]) + "\n")
    with pytest.raises(FunnelError), funnel.open(path, as_of=AS_OF):
        pass
