"""Headers of what is filled in, or changed, as a deal ends, in any language; a score may not look at such columns."""

from __future__ import annotations

import pytest

from funnel.mapping import is_known_late

LATE = [
    "Lost reason", "Closed Lost Reason", "Loss Reason", "Win/Loss", "Probability (%)", "Forecast Category",
    "Expected Revenue", "Weighted amount", "Last Activity Date", "Days to close", "Closed by", "Next step",
    "Last Modified By", "lastModifiedDate", "hs_closed_won_reason", "outcome", "Verlustgrund",
    "Wahrscheinlichkeit", "Nächster Schritt letzte Änderung", "Motif de perte", "Probabilité",
    "Motivo de pérdida", "Probabilidad", "Motivo da perda", "Motivo perdita", "Причина отказа", "Вероятность",
    "Kayıp nedeni", "Powód straty", "Reden verlies", "失注理由", "丢单原因", "概率",
]  # fmt: skip
EARLY = [
    "Channel", "Region", "Owner", "Company size", "Industry", "Lead source", "Country", "Product", "Plan",
    "Campaign", "Branche", "Herkunft", "Canal", "Fuente", "Источник", "Отрасль", "来源", "業種", "Job title",
    "Employees", "Sector",
]  # fmt: skip


@pytest.mark.parametrize("header", LATE)
def test_known_late(header: str) -> None:
    assert is_known_late(header)


@pytest.mark.parametrize("header", EARLY)
def test_known_from_the_start(header: str) -> None:
    assert not is_known_late(header)
