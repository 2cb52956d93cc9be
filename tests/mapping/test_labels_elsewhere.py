"""Who bought, enrolled or was hired somewhere else is lost, whatever the deed is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from funnel.mapping.labels.label_concepts import guess
from tests.mapped import mapped, written


@pytest.mark.parametrize(
    "label",
    [
        "Enrolled elsewhere",
        "Purchased elsewhere",
        "Hired elsewhere",
        "Already admitted elsewhere",
        "Enrolled in another college",
        "Purchased from competitor",
        "Anderweitig gekauft",
        "Matriculado en otra universidad",
        "Matriculado em outra faculdade",
        "Купил в другом месте",
    ],
)
def test_a_deed_elsewhere_is_a_loss(label: str) -> None:
    assert guess(label)[0] == "lost"


@pytest.mark.parametrize(
    ("label", "concept"),
    [
        ("Enrolled", "won"),
        ("Purchased", "won"),
        ("Comparing with competitor", "evaluation"),
        ("Connected", "contacted"),
        ("DID_NOT_CONNECT", "unresponsive"),
        ("Call not picked", "unresponsive"),
    ],
)
def test_the_same_deeds_here_are_what_they_were(label: str, concept: str) -> None:
    assert guess(label)[0] == concept


@pytest.mark.parametrize("header", ["converteu", "Convertido", "convirtió", "konvertiert", "converted"])
def test_a_yes_under_converted_wins_in_other_languages(tmp_path: Path, header: str) -> None:
    rows = [f"{row},Google Ads,{int(row % 4 == 0)}" for row in range(12)]
    [path] = written(tmp_path, leads="\n".join([f"lead_id,canal,{header}", *rows]) + "\n")
    with mapped(path) as found:
        assert found.loaded.columns["outcome"] == header
        won = [label.leads for label in found.loaded.labels if label.concept == "won"]
        assert won == [3]


def test_a_contact_in_portuguese_is_no_account(tmp_path: Path) -> None:
    """ "contato" is not "conta", an account, with something behind it."""
    rows = [f"{row},{('Segunda', 'Terça', 'Sexta')[row % 3]},{int(row % 4 == 0)}" for row in range(12)]
    [path] = written(tmp_path, leads="\n".join(["lead_id,dia_semana_contato,converteu", *rows]) + "\n")
    with mapped(path) as found:
        assert "account" not in found.loaded.columns
