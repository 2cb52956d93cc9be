"""Files whose headers say little, or something else than they seem to: what they hold decides."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from funnel.core.errors import MappingError
from funnel.core.types import Shape
from funnel.mapping import MappingOverrides
from tests.mapped import mapped, written

LOG = "A1{s}New{s}{d1}\nA1{s}Won{s}{d2}\nA2{s}New{s}{d2}\n"


def test_a_date_named_after_a_stage_among_dates_of_stages_is_of_that_stage(tmp_path: Path) -> None:
    text = (
        "contact_id,Source,Lead Date,MQL Date,SQL Date,Opportunity Date,Customer Date,Country\n"
        "C1,Web,01/13/2024,02/01/2024,02/09/2024,03/01/2024,03/20/2024,US\n"
        "C2,Event,01/15/2024,01/30/2024,,,,DE\n"
    )
    with mapped(*written(tmp_path, wide=text)) as found:
        assert found.mapping.shape is Shape.WIDE
        assert found.concepts() == {
            "Lead": "lead",
            "MQL": "mql",
            "SQL": "qualified",
            "Opportunity": "evaluation",
            "Customer": "won",
        }
        assert found.entries()[-2:] == [("C2", "Lead", "2024-01-15"), ("C2", "MQL", "2024-01-30")]
        assert "created" not in found.loaded.columns


def test_a_first_contact_is_when_a_lead_was_made_and_takes_its_name_from_the_id(tmp_path: Path) -> None:
    text = "mql_id,first_contact_date,SQL Date,Won Date\nM1,2024-01-01,2024-01-05,2024-02-01\nM2,2024-01-02,,\n"
    with mapped(*written(tmp_path, wide=text)) as found:
        assert found.loaded.columns["created"] == "first_contact_date"
        assert list(found.concepts()) == ["MQL", "SQL", "Won"]


def test_a_date_named_after_a_stage_is_of_the_making_where_no_other_stage_has_a_date(tmp_path: Path) -> None:
    text = "lead_id,lead_date,stage\nL1,2024-01-01,Contacted\nL2,2024-01-02,Qualified\n"
    with mapped(*written(tmp_path, snapshot=text)) as found:
        assert (found.mapping.shape, found.loaded.columns["created"]) == (Shape.SNAPSHOT, "lead_date")


def test_registered_is_where_a_user_starts(tmp_path: Path) -> None:
    text = "user_id,registered_at,trial_at,paid_at\nU1,2024-01-01,2024-01-03,2024-02-01\nU2,2024-01-02,,\n"
    with mapped(*written(tmp_path, wide=text)) as found:
        assert list(found.concepts()) == ["Registered", "Trial", "Paid"]


@pytest.mark.parametrize(
    "header",
    ["№ лида", "№", "Номер сделки", "Лид", "Lead", "Deal", "Vorgang", "Fall", "case", "Ticket", "visitor id", "caseid"],
)
def test_ids_by_their_header(tmp_path: Path, header: str) -> None:
    text = f"{header},stage,date\n" + LOG.format(s=",", d1="2024-01-31", d2="2024-02-01")
    with mapped(*written(tmp_path, log=text)) as found:
        assert found.loaded.columns["lead"] == header
        assert list(found.leads()) == ["A1", "A2"]


def test_ids_of_nineteen_digits_in_a_workbook_with_words_for_headers(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["№ лида", "Этап", "Дата", "Менеджер", "Бюджет"])
    for place in range(90):
        label = ("Новая заявка", "Квалификация", "Успешно реализовано")[place % 3]
        day = f"{place % 28 + 1:02}.{place % 3 + 1:02}.2024"
        book.active.append([str(1234567890123456000 + place // 3), label, day, "Иван", "12 000,50 ₽"])
    path = tmp_path / "leads.xlsx"
    book.save(path)
    with mapped(path) as found:
        assert found.mapping.shape is Shape.HISTORY
        assert (len(found.leads()), len(found.entries())) == (30, 90)
        assert "1234567890123456029" in found.leads()


def _foreign(header: str) -> str:
    """A log of 40 leads with three lines each, in a language that no dialect knows."""
    lines = [
        f"K-{lead:03},{label},{3 * lead + place}.50,{place + 1:02}.0{lead % 3 + 1}.2024"
        for lead in range(40)
        for place, label in enumerate(("Uusi", "Tarjous", "Voitettu"))
    ]
    return "\n".join([header, *lines, ""])


def test_content_decides_where_no_header_does(tmp_path: Path) -> None:
    with mapped(*written(tmp_path, log=_foreign("Tunnus,Vaihe,Hinta,Päivä"))) as found:
        assert found.mapping.shape is Shape.HISTORY
        assert {part: found.loaded.columns[part] for part in ("lead", "label", "time")} == {
            "lead": "Tunnus",
            "label": "Vaihe",
            "time": "Päivä",
        }
        assert len(found.leads()) == 40


def test_a_column_that_is_the_same_everywhere_is_no_id(tmp_path: Path) -> None:
    text = "Lead,Deal,Activity,Timestamp\nx,D1,New,2024-01-01\nx,D1,Won,2024-01-02\nx,D2,New,2024-01-03\n"
    with mapped(*written(tmp_path, log=text)) as found:
        assert found.loaded.columns["lead"] == "Deal"


def test_a_log_that_only_says_when_it_was_updated_is_a_history(tmp_path: Path) -> None:
    text = (
        "number,incident_state,sys_updated_at,opened_at\n"
        "INC1,New,2024-01-01 10:00,2024-01-01 09:00\nINC1,Resolved,2024-01-03 10:00,2024-01-01 09:00\n"
        "INC2,New,2024-01-02 10:00,2024-01-02 09:00\n"
    )
    with mapped(*written(tmp_path, log=text)) as found:
        assert (found.mapping.shape, found.loaded.columns["time"]) == (Shape.HISTORY, "sys_updated_at")
        assert found.loaded.columns["created"] == "opened_at"


def test_the_name_of_a_step_and_not_its_number_is_the_label(tmp_path: Path) -> None:
    text = "prospect_id,step_nr,step_title,entered_on\nP1,1,New,2024-01-01\nP1,2,Won,2024-01-02\nP2,1,New,2024-01-03\n"
    with mapped(*written(tmp_path, log=text)) as found:
        assert found.loaded.columns["label"] == "step_title"


def test_ids_join_two_tables_whatever_their_columns_are_called(tmp_path: Path) -> None:
    people = "record,created_on,channel\nP1,2023-12-01,Web\nP2,2023-12-02,Ads\n"
    moves = "lead_ref,stage,moved_at\nP1,New,2024-01-01\nP1,Won,2024-01-02\nP2,New,2024-01-03\n"
    with mapped(*written(tmp_path, people=people, moves=moves)) as found:
        assert {lead: row["channel"] for lead, row in found.leads().items()} == {"P1": "Web", "P2": "Ads"}


def test_a_euro_sign_as_the_only_sign_beyond_ascii_is_a_euro_sign(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_bytes("Lead-ID;Phase;Erstellt am;Betrag\n1;Neu;13.03.2024;1.250,50 €\n".encode("cp1252"))
    with mapped(path, overrides=MappingOverrides()) as found:
        assert found.tables[0].encoding == "windows-1252"
        assert found.leads()["1"]["amount"] == 1250.5


def test_a_time_said_by_hand_that_holds_no_date_is_an_error_about_that_column(tmp_path: Path) -> None:
    text = "id,event,at\nA1,New,2024-01-01\nA1,Won,2024-01-02\nA2,New,2024-01-03\n"
    paths = written(tmp_path, log=text)
    with (
        pytest.raises(MappingError, match=r"“event” of log\.csv should hold dates"),
        mapped(*paths, overrides=MappingOverrides(time="event")),
    ):
        pass


def test_a_time_said_of_a_wide_file_takes_no_stage_away(tmp_path: Path) -> None:
    text = "lead_id,Created,MQL Date,Won Date\nL1,2024-01-01,2024-01-02,2024-02-01\nL2,2024-01-02,,\n"
    with mapped(*written(tmp_path, wide=text), overrides=MappingOverrides(time="MQL Date")) as found:
        assert list(found.concepts()) == ["Lead", "MQL", "Won"]


def test_an_id_said_in_the_list_of_leads_leaves_the_stages_to_the_other_table(tmp_path: Path) -> None:
    people = "prospect,created_on,channel\nP1,2023-12-01,Web\nP2,2023-12-02,Ads\n"
    moves = "lead_ref,stage,moved_at\nP1,New,2024-01-01\nP1,Won,2024-01-02\nP2,New,2024-01-03\n"
    with mapped(*written(tmp_path, people=people, moves=moves), overrides=MappingOverrides(lead="prospect")) as found:
        assert found.mapping.shape is Shape.HISTORY
        assert {lead: row["channel"] for lead, row in found.leads().items()} == {"P1": "Web", "P2": "Ads"}


def test_a_category_of_a_shop_is_no_pipeline(tmp_path: Path) -> None:
    text = "event_time,event_type,category_id,user_id\n2024-01-01,view,1,U1\n2024-01-02,purchase,1,U1\n2024-01-02,view,2,U2\n"
    with mapped(*written(tmp_path, shop=text)) as found:
        assert found.loaded.columns == {"lead": "user_id", "label": "event_type", "time": "event_time"}


def test_candidates_of_a_recruiter_are_leads(tmp_path: Path) -> None:
    text = "Candidate,Applied,Interview,Hired\nAnn B,02 Jan 2024,09 Jan 2024,-\nBob C,03 Jan 2024,-,-\n"
    with mapped(*written(tmp_path, hiring=text)) as found:
        assert found.entries() == [
            ("Ann B", "Applied", "2024-01-02"),
            ("Ann B", "Interview", "2024-01-09"),
            ("Bob C", "Applied", "2024-01-03"),
        ]


WIDE = "contact_id,Lead Date,MQL Date,Customer Date\nC1,01/13/2024,02/21/2024,03/20/2024\nC2,01/15/2024,,\n"


def test_a_date_of_the_making_said_by_hand_is_called_what_its_header_says(tmp_path: Path) -> None:
    with mapped(*written(tmp_path, wide=WIDE), overrides=MappingOverrides(created="Lead Date")) as found:
        assert found.loaded.columns["created"] == "Lead Date"
        assert list(found.concepts()) == ["Lead", "MQL", "Customer"]


def test_an_order_in_which_dates_of_stages_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    paths = written(tmp_path, wide=WIDE)
    with (
        pytest.raises(MappingError, match=r"“Lead Date” of wide\.csv should hold dates"),
        mapped(*paths, overrides=MappingOverrides(date_order="dmy")),
    ):
        pass
