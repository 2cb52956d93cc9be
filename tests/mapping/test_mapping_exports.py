"""Exports of many CRMs, hand-written and small: each is understood without a click."""

from __future__ import annotations

import pytest

from funnel.core.types import Shape
from tests.mapped import EXPORTS, mapped

# File → shape, the column of each part, the entries of one lead.
UNDERSTOOD = {
    "hubspot_wide": (
        Shape.WIDE,
        {"lead": "Record ID", "created": "Create Date", "closed": "Close Date", "pipeline": "Pipeline"},
        "1001",
        [
            ("Appointment Scheduled", "2024-01-02 09:00:00"),
            ("Qualified To Buy", "2024-01-20 09:00:00"),
            ("Closed Won", "2024-03-01 10:00:00"),
        ],
    ),
    "hubspot_snapshot": (
        Shape.SNAPSHOT,
        {"lead": "Record ID", "label": "Deal Stage", "created": "Create Date", "amount": "Amount"},
        "1",
        [("Closed Won", "2024-03-01 10:00:00")],
    ),
    "hubspot_lifecycle": (
        Shape.WIDE,
        {"lead": "Record ID", "label": "Lifecycle Stage"},
        "1",
        [
            ("Lead", "2024-01-01 09:00:00"),
            ("Marketing Qualified Lead", "2024-01-04 09:00:00"),
            ("Customer", "2024-02-01 09:00:00"),
        ],
    ),
    "hubspot_property_history": (
        Shape.CHANGES,
        {"lead": "objectId", "field": "property", "label": "value", "time": "timestamp"},
        "1",
        [("appointmentscheduled", "2024-01-01 10:00:00"), ("closedwon", "2024-02-01 10:00:00")],
    ),
    "salesforce_field_history": (
        Shape.CHANGES,
        {"lead": "OpportunityId", "field": "Field", "label": "NewValue", "old": "OldValue", "time": "CreatedDate"},
        "006000000000001AAa",
        [("Opportunity created", "2024-01-02 08:00:00"), ("Closed Lost", "2024-01-09 08:00:00")],
    ),
    "salesforce_history": (
        Shape.HISTORY,
        {"lead": "OpportunityId", "label": "StageName", "time": "CreatedDate", "amount": "Amount"},
        "006B",
        [("Prospecting", "2024-01-03 08:00:00"), ("Negotiation/Review", "2024-02-03 08:00:00")],
    ),
    "salesforce_report": (
        Shape.HISTORY,
        {"lead": "Opportunity ID", "old": "From Stage", "label": "To Stage", "time": "Last Stage Change Date"},
        "006A",
        [("Qualification", "2024-01-15"), ("Closed Won", "2024-02-13")],
    ),
    "salesforce_opportunities": (
        Shape.SNAPSHOT,
        {"lead": "Id", "label": "StageName", "account": "AccountId", "owner": "OwnerId", "outcome": "IsWon"},
        "006B",
        [("Closed Lost", "2024-02-01")],
    ),
    "pipedrive_snapshot": (
        Shape.SNAPSHOT,
        {
            "lead": "Deal - ID",
            "label": "Deal - Stage",
            "outcome": "Deal - Status",
            "changed": "Deal - Last stage change",
        },
        "2",
        [("Contact Made", "2024-01-12 10:00:00"), ("Lost", "2024-01-20 10:00:00")],
    ),
    "pipedrive_changes": (
        Shape.CHANGES,
        {"lead": "deal_id", "field": "changed_field_key", "label": "new_value", "time": "change_time"},
        "2",
        [("Deal created", "2024-01-02 10:00:00"), ("1", "2024-01-03 10:00:00")],
    ),
    "amocrm_ru": (
        Shape.SNAPSHOT,
        {
            "lead": "ID",
            "label": "Этап сделки",
            "created": "Дата создания сделки",
            "closed": "Дата закрытия",
            "amount": "Бюджет",
        },
        "102",
        [("Закрыто и не реализовано", "2024-02-01 12:00:00")],
    ),
    "kommo_pt": (
        Shape.SNAPSHOT,
        {"lead": "ID", "label": "Etapa do lead", "created": "Criado em", "pipeline": "Funil de vendas"},
        "2",
        [("Venda ganha", "2024-02-20 10:00:00")],
    ),
    "kommo_es": (
        Shape.SNAPSHOT,
        {"lead": "ID", "label": "Estatus del lead", "created": "Creado en"},
        "3",
        [("Venta perdida", "2024-01-25 10:00:00")],
    ),
    "bitrix24_ru": (
        Shape.SNAPSHOT,
        {"lead": "ID", "label": "Стадия сделки", "created": "Дата создания", "currency": "Валюта"},
        "2",
        [("Сделка успешна", None)],
    ),
    "bitrix24_history": (
        Shape.HISTORY,
        {"lead": "OWNER_ID", "label": "STAGE_ID", "time": "CREATED_TIME"},
        "11",
        [("C14:NEW", "2024-01-02 10:00:00"), ("C14:LOSE", "2024-01-04 10:00:00")],
    ),
    "odoo": (
        Shape.SNAPSHOT,
        {"lead": "Opportunity", "label": "Stage", "created": "Created on", "changed": "Last Stage Update"},
        "Small one",
        [("Qualified", "2024-01-14 10:00:00")],
    ),
    "zoho": (
        Shape.SNAPSHOT,
        {"lead": "Deal ID", "label": "Stage", "created": "Created Time", "closed": "Closing Date"},
        "zcrm_3002",
        [("Qualification", None)],
    ),
    "frappe": (
        Shape.HISTORY,
        {"lead": "Deal", "label": "From", "time": "From Date"},
        "CRM-2",
        [("Qualification", "2024-01-03 10:00:00"), ("Lost", "2024-01-09 10:00:00")],
    ),
    "generic_history": (
        Shape.HISTORY,
        {"lead": "lead_id", "label": "stage", "time": "changed_at"},
        "b",
        [("New", "2024-01-03"), ("Lost", "2024-01-08")],
    ),
    "generic_transitions": (
        Shape.HISTORY,
        {"lead": "deal_id", "old": "from_stage", "label": "to_stage", "time": "changed_at"},
        "2",
        [("New", "2024-01-02 10:00:00"), ("Lost", "2024-01-05 10:00:00")],
    ),
    "generic_wide": (
        Shape.WIDE,
        {"lead": "lead_id", "created": "created_at"},
        "4",
        [("Lead", "2024-01-04"), ("SQL", "2024-01-06"), ("MQL", "2024-01-08")],
    ),
    "log_two_times": (
        Shape.HISTORY,
        {"lead": "Case ID", "label": "Activity", "time": "Start Timestamp"},
        "1",
        [("Lead in", "2012-01-01 10:00:00"), ("Offer", "2012-01-02 10:00:00")],
    ),
    "log_sparse": (
        Shape.HISTORY,
        {"lead": "case:concept:name", "label": "concept:name", "time": "time:timestamp"},
        "A1",
        [("Create Fine", "2006-07-24"), ("Send Fine", "2006-12-05")],
    ),
    "converted_flag": (Shape.SNAPSHOT, {"lead": "Prospect ID", "outcome": "Converted"}, "p4", [("Prospect", None)]),
}


@pytest.mark.parametrize("name", UNDERSTOOD)
def test_recognised_without_a_click(name):
    shape, parts, lead, entries = UNDERSTOOD[name]
    with mapped(EXPORTS / f"{name}.csv") as found:
        assert found.mapping.shape is shape
        assert parts.items() <= found.loaded.columns.items()
        assert [(label, at) for each, label, at in found.entries() if each == lead] == entries
        assert found.warnings()
        assert all(read == used + rejected + ignored for read, used, rejected, ignored in found.sums())


def test_every_export_is_tested():
    assert {path.stem for path in EXPORTS.glob("*.csv")} == {*UNDERSTOOD, "ambiguous_dates"}


def test_an_open_deal_with_a_close_date_has_a_plan_not_an_end():
    with mapped(EXPORTS / "hubspot_wide.csv") as found:
        leads = found.leads()
        assert {lead: row["closed_at"] is not None for lead, row in leads.items()} == {
            "1001": True,
            "1002": False,
            "1003": True,
            "1004": False,
        }
        assert found.warnings()["planned_closes"].values["n"] == 2
        assert str(found.loaded.observed_until) == "2024-03-01 10:00:00"


def test_totals_and_notices_of_a_report_are_ignored_and_counted():
    with mapped(EXPORTS / "salesforce_report.csv") as found:
        (file,) = found.loaded.files
        assert (file.rows_read, file.rows_used, file.rows_rejected, file.rows_ignored) == (7, 3, 0, 4)
        assert dict(file.ignored_because) == {"totals row": 3, "from and to are the same label": 1}


def test_a_change_log_ignores_fields_that_are_no_stage():
    with mapped(EXPORTS / "pipedrive_changes.csv") as found:
        (file,) = found.loaded.files
        assert dict(file.ignored_because) == {"field that is not a stage": 1}
        leads = found.leads()
        assert str(leads["1"]["created_at"]) == "2024-01-01 10:00:00"
        assert [leads["1"]["outcome_said"], leads["2"]["outcome_said"]] == ["lost", None]
        assert found.concepts()["Deal created"] == "ignored"
        assert found.concepts()["Lost"] == "lost"


def test_salesforce_ids_differ_in_case_alone():
    with mapped(EXPORTS / "salesforce_field_history.csv") as found:
        assert list(found.leads()) == ["006000000000001AAA", "006000000000001AAa"]


def test_a_log_that_writes_a_value_once_keeps_it():
    with mapped(EXPORTS / "log_sparse.csv") as found:
        leads = found.leads()
        assert (leads["A1"]["amount"], leads["A1"]["vehicleClass"]) == (35.0, "A")
        assert leads["A100"]["amount"] == 71.5


def test_amounts_currencies_and_placeholders_are_read():
    with mapped(EXPORTS / "amocrm_ru.csv") as found:
        assert [row["amount"] for row in found.leads().values()] == [120000.0, 90000.0, 0.0, 15500.5]
        assert found.warnings()["placeholders"].values == {"n": 2, "column": "Дата закрытия"}
        assert found.loaded.pipelines == (("Воронка", 3), ("Вторая", 1))
    with mapped(EXPORTS / "pipedrive_snapshot.csv") as found:
        assert [row["currency"] for row in found.leads().values()] == ["EUR", "EUR", "USD", "EUR"]
        assert [row["outcome_said"] for row in found.leads().values()] == ["won", "lost", "open", "open"]


def test_dates_that_read_both_ways_are_asked_about():
    with mapped(EXPORTS / "ambiguous_dates.csv") as found:
        doubt = found.mapping.ambiguities[0]
        assert (doubt.table, doubt.column, doubt.text) == ("ambiguous_dates.csv", "create_date", "01/02/2024")
        assert (doubt.day_first, doubt.month_first) == ("2024-02-01", "2024-01-02")
        assert "ambiguous_date" in found.warnings()
