"""Columns called a status that tell of an address, or of a tool's work on a line: no lead stands anywhere by them."""

from __future__ import annotations

from pathlib import Path

import pytest

import funnel
from funnel.core.errors import FunnelError
from funnel.mapping.labels import label_concepts
from tests.mapped import AS_OF, mapped, written


def listed(header: str, *columns: tuple[str, ...]) -> str:
    """Twelve leads with an id, their values of these columns in turn, and a day each."""
    rows = [
        ",".join([f"L{row:02}", *(each[row % len(each)] for each in columns), f"2025-02-{row + 10}"])
        for row in range(12)
    ]
    return "\n".join([f"lead_id,{header},created_at", *rows]) + "\n"


ADDRESSES = [
    ("Email Status", ("Verified", "Unverified", "Unavailable")),
    ("email_status", ("valid", "invalid", "catch-all", "unknown")),
    ("Phone Status", ("valid", "invalid")),
    ("Estado del correo", ("Verificado", "Inválido")),
    ("Email Marketing Status", ("Subscribed", "Unsubscribed", "Never subscribed")),
]
WORK = [
    ("enrichment_status", ("completed", "pending", "failed")),
    ("sync_status", ("done", "pending", "failed")),
    ("research_status", ("Complete", "In Progress", "Missing Info")),
]


@pytest.mark.parametrize(("header", "values"), [*ADDRESSES, *WORK])
def test_alone_it_makes_no_funnel(tmp_path: Path, header: str, values: tuple[str, ...]) -> None:
    [path] = written(tmp_path, leads=listed(header, values))
    with pytest.raises(FunnelError) as refused, funnel.open(path, as_of=AS_OF):
        pass
    assert header in str(refused.value)


@pytest.mark.parametrize(("header", "values"), [*ADDRESSES, *WORK])
def test_beside_the_status_it_says_nothing_of_the_end(tmp_path: Path, header: str, values: tuple[str, ...]) -> None:
    """Of the words of this status few are known, so that by its words the other would be the better."""
    statuses = ("Warm chat", "Sent deck", "Closed Won", "Gone quiet")
    with mapped(*written(tmp_path, leads=listed(f"{header},Status", values, statuses))) as found:
        assert found.loaded.columns["label"] == "Status"
        assert "outcome" not in found.loaded.columns
        assert {label.label: label.leads for label in found.loaded.labels} == dict.fromkeys(statuses, 3)


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("email_status", ("sent", "opened", "replied", "bounced")),
        ("Call Status", ("No answer", "Interested", "Not interested")),
    ],
)
def test_the_ways_of_a_campaign_are_stages_all_the_same(tmp_path: Path, header: str, values: tuple[str, ...]) -> None:
    with mapped(*written(tmp_path, leads=listed(header, values))) as found:
        assert found.loaded.columns["label"] == header


def test_every_value_has_to_tell_of_an_address() -> None:
    assert label_concepts.tell_of_addresses(["Valid", "bounced", "", "unknown"])
    assert not label_concepts.tell_of_addresses(["valid", "replied"])
    assert not label_concepts.tell_of_addresses(["", "unknown"])
