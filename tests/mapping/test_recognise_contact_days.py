"""Days of the last contact and of the next in lists of leads, in the languages that write them: neither says when a stage was entered."""

from __future__ import annotations

from pathlib import Path

import pytest

from funnel.core.types import Shape
from funnel.mapping.dated_headers import is_latest, is_planned, is_reminder
from tests.mapped import mapped, written

# Headers of id, status, day of making, of the last contact and of the next; a first status, one of contact, and the two ends.
LISTS = {
    "en": ("Lead ID,Status,Created,Last Contact,Follow Up Date", ("New", "Contacted", "Won", "Lost")),
    "de": ("Lead-ID,Status,Erstellt am,Letzter Kontakt,Wiedervorlage", ("Neu", "Kontaktiert", "Gewonnen", "Verloren")),
    "es": (
        "ID Lead,Estado,Fecha de creación,Último contacto,Recordatorio",
        ("Nuevo", "Contactado", "Ganado", "Perdido"),
    ),
    "pt": ("ID Lead,Status,Data de criação,Último contato,Data de retorno", ("Novo", "Contatado", "Ganho", "Perdido")),
    "fr": ("ID Lead,Statut,Date de création,Dernier contact,Date de rappel", ("Nouveau", "Contacté", "Gagné", "Perdu")),
    "ru": ("ID лида,Статус,Дата создания,Последний контакт,Перезвонить", ("Новый", "Связались", "Успешно", "Отказ")),
    "zh": ("线索编号,跟进状态,创建时间,最近跟进时间,下次跟进时间", ("未联系", "跟进中", "已成交", "已流失")),
    "ja": ("リードID,ステータス,作成日,最終接触日,次回連絡日", ("新規", "連絡済み", "受注", "失注")),
    "ar": ("Lead ID,حاله العميل,Created Time,اخر متابعه,تذكير", ("جديد", "تم التواصل", "تم البيع", "غير مهتم")),
}


@pytest.mark.parametrize("language", LISTS)
def test_the_last_and_the_next_contact_are_no_entries(tmp_path: Path, language: str) -> None:
    """Each of eight leads has its status and no more; the list is known up to the last day on which one was made."""
    header, statuses = LISTS[language]
    lines = [
        f"L-{row:03},{statuses[row % 4]},2025-01-{row + 10},2025-03-{row + 10},2025-09-{row + 10}" for row in range(8)
    ]
    with mapped(*written(tmp_path, leads="\n".join([header, *lines]) + "\n")) as found:
        assert found.mapping.shape is Shape.SNAPSHOT
        assert found.loaded.columns["label"] == header.split(",")[1]
        assert {label.label: label.leads for label in found.loaded.labels} == dict.fromkeys(statuses, 2)
        assert [str(lead["created_at"])[:10] for lead in found.leads().values()] == [
            f"2025-01-{row + 10}" for row in range(8)
        ]
        days = {day for _, _, day in found.entries() if day is not None}
        assert all(day < "2025-02" for day in days)


def test_what_is_said_of_a_call_is_no_status_beside_the_state_of_the_customer(tmp_path: Path) -> None:
    """المكالمه tells whether somebody picked up, and مغلق there is a phone that is off: no deal is won by it."""
    calls, states = ("تم الرد", "لا يرد", "مغلق"), ("مهتم", "غير مهتم")
    lines = [f"N{row},{calls[row % 3]},{states[row % 2]},1{row}-03-2025" for row in range(9)]
    with mapped(
        *written(tmp_path, leads="\n".join(["Lead Number,المكالمه,حالة العميل,Created Time", *lines]) + "\n")
    ) as found:
        assert found.loaded.columns["label"] == "حالة العميل"
        assert found.concepts() == {"مهتم": "interest", "غير مهتم": "lost"}


def test_a_follow_up_is_a_stage_where_dates_are_all_that_is_known_of_stages(tmp_path: Path) -> None:
    header = "Lead,Inquiry Date,Follow Up Date,Proposal Date,Won Date"
    lines = ["A,2025-01-03,2025-01-05,2025-01-10,2025-01-20", "B,2025-01-04,2025-01-06,,", "C,2025-01-07,,,"]
    with mapped(*written(tmp_path, leads="\n".join([header, *lines]) + "\n")) as found:
        assert found.mapping.shape is Shape.WIDE
        assert ("A", "Follow Up", "2025-01-05") in found.entries()
        assert {label.label: label.leads for label in found.loaded.labels} == {
            "Inquiry": 3,
            "Follow Up": 2,
            "Proposal": 1,
            "Won": 1,
        }


@pytest.mark.parametrize(
    "header", ["Last Contacted", "آخر متابعة", "Dernière relance", "Ultimo contatto", "上次联系时间"]
)
def test_headers_of_the_last_time(header: str) -> None:
    assert is_latest(header)


@pytest.mark.parametrize("header", ["First contact", "Contact date", "Fecha de contacto", "跟进状态", "Lastschrift"])
def test_headers_of_no_last_time(header: str) -> None:
    assert not is_latest(header)


@pytest.mark.parametrize("header", ["followUpDate", "call_back_at", "Rückruf am", "повторный звонок", "下次联系"])
def test_headers_of_coming_back_are_plans(header: str) -> None:
    assert is_reminder(header)
    assert is_planned(header)


@pytest.mark.parametrize("header", ["Followed up at", "Next follow-up", "Called on", "Contact date"])
def test_headers_that_are_no_reminders_alone(header: str) -> None:
    """The next follow-up is a plan by another word already."""
    assert not is_reminder(header)


def test_the_final_interview_is_a_stage(tmp_path: Path) -> None:
    header = "応募者ID,応募日,一次面接日,最終面接日,採用日"
    lines = [
        "A1,2025-01-03,2025-01-13,2025-01-23,2025-02-01",
        "A2,2025-01-04,2025-01-14,2025-01-25,",
        "A3,2025-01-05,,,",
    ]
    with mapped(*written(tmp_path, applicants="\n".join([header, *lines]) + "\n")) as found:
        assert sum(day in ("2025-01-23", "2025-01-25") for _, _, day in found.entries()) == 2
