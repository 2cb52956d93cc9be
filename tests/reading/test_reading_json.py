"""What the interfaces of CRMs answer, as JSON → raw tables."""

from __future__ import annotations

import json

import pytest

import funnel
from funnel.reading import limits
from funnel.words import wording
from tests.readers import Reader, keys, sentence

HUBSPOT = {
    "results": [
        {
            "id": "9007199254740993",
            "properties": {"dealname": "Alpha", "createdate": "2024-01-08T10:20:00.123Z", "amount": None},
            "createdAt": "2024-01-08T10:20:00.123Z",
            "archived": False,
        },
        {
            "id": "2",
            "properties": {"dealname": "Beta", "createdate": "2024-02-08T10:20:00Z", "amount": "12.50"},
            "createdAt": "2024-02-08T10:20:00Z",
            "archived": True,
        },
    ],
    "paging": {"next": {"after": "2", "link": "https://api.example.com/deals?after=2"}},
}


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


# The answers of several interfaces


def test_hubspot(reader: Reader) -> None:
    table = reader.table(as_json(HUBSPOT), "deals.json")
    assert (table.format, table.rows_read, table.rows_rejected) == ("jsonl", 2, 0)
    assert table.columns == ("id", "dealname", "createdate", "amount", "createdAt", "archived")
    assert reader.rows(table) == [
        ("9007199254740993", "Alpha", "2024-01-08T10:20:00.123Z", None, "2024-01-08T10:20:00.123Z", "false", 1),
        ("2", "Beta", "2024-02-08T10:20:00Z", "12.50", "2024-02-08T10:20:00Z", "true", 2),
    ]
    assert [wording.say(note.key, **note.values) for note in table.notes] == [
        "deals.json is one page of an answer: it holds 2 rows and says that there are more. Fetch the other pages too, and give them"
        " together."
    ]


def test_salesforce(reader: Reader) -> None:
    def record(number: int) -> dict[str, object]:
        address = {"type": "Opportunity", "url": f"/services/data/v59.0/sobjects/Opportunity/{number}"}
        account = {"attributes": {"type": "Account", "url": "/x"}, "Name": f"Firm {number}"}
        return {"attributes": address, "Id": f"006{number}", "StageName": "Prospecting", "Account": account}

    answer = {"totalSize": 2, "done": True, "records": [record(1), record(2)]}
    table = reader.table(as_json(answer), "opportunities.json")
    assert (table.columns, table.notes) == (("Id", "StageName", "Account.Name"), ())
    assert reader.rows(table) == [("0061", "Prospecting", "Firm 1", 1), ("0062", "Prospecting", "Firm 2", 2)]
    answer |= {"totalSize": 4001, "done": False, "nextRecordsUrl": "/services/data/v59.0/query/01g-2000"}
    assert keys(reader.table(as_json(answer), "opportunities.json")) == ["note_one_page"]


def test_pipedrive(reader: Reader) -> None:
    deals = [
        {
            "id": 7,
            "title": "A",
            "user_id": {"id": 1, "name": "Ann"},
            "add_time": "2024-01-08 10:20:00",
            "labels": [1, 2],
        },
        {"id": 8, "title": "B", "user_id": None, "add_time": "2024-01-09 10:20:00", "labels": []},
    ]
    related = {"user": {"1": {"id": 1, "name": "Ann"}}, "organization": {"5": {"id": 5, "name": "Firm"}}}
    pages = {"pagination": {"start": 0, "limit": 100, "more_items_in_collection": False}}
    answer = {"success": True, "data": deals, "additional_data": pages, "related_objects": related}
    table = reader.table(as_json(answer), "deals.json")
    assert table.columns == ("id", "title", "user_id.id", "user_id.name", "add_time", "labels", "user_id")
    assert reader.rows(table)[0] == ("7", "A", "1", "Ann", "2024-01-08 10:20:00", '["1", "2"]', None, 1)
    assert table.notes == ()


def test_bitrix24(reader: Reader) -> None:
    deals = [
        {"ID": str(number), "STAGE_ID": "C14:NEW", "DATE_CREATE": "2024-01-08T10:20:00+03:00"} for number in range(50)
    ]
    clock = {"start": 1704700000.1, "date_start": "2024-01-08T10:00:00+03:00"}
    table = reader.table(as_json({"result": deals, "next": 50, "total": 1234, "time": clock}), "deals.json")
    assert (table.columns, table.rows_read, keys(table)) == (("ID", "STAGE_ID", "DATE_CREATE"), 50, ["note_one_page"])
    table = reader.table(as_json({"result": {"items": deals}, "total": 50, "time": clock}), "deals.json")
    assert (table.rows_read, table.notes) == (50, ())


def test_amocrm(reader: Reader) -> None:
    leads = [
        {
            "id": 1,
            "name": "Сделка",
            "created_at": 1704709200,
            "_links": {"self": {"href": "/1"}},
            "_embedded": {"tags": []},
        }
    ]
    answer = {"_page": 1, "_links": {"self": {"href": "/leads"}}, "_embedded": {"leads": leads}}
    table = reader.table(as_json(answer), "leads.json")
    assert table.columns == ("id", "name", "created_at", "_links.self.href", "_embedded.tags")
    assert reader.rows(table) == [("1", "Сделка", "1704709200", "/1", "[]", 1)]
    assert table.notes == ()
    answer["_links"] = {"next": {"href": "/leads?page=2"}}
    assert keys(reader.table(as_json(answer), "leads.json")) == ["note_one_page"]


def test_objects_under_their_ids(reader: Reader) -> None:
    by_id = {"101": {"stage": "New", "amount": 5}, "102": {"stage": "Won"}}
    for value in (by_id, {"result": by_id, "time": {"start": 1.5}}):
        table = reader.table(as_json(value), "deals.json")
        assert table.columns == ("id", "stage", "amount")
        assert reader.rows(table) == [("101", "New", "5", 1), ("102", "Won", None, 2)]
    totals = {number: {"stage": "New", "total": 5000, "next": "call"} for number in ("101", "102")}
    assert reader.table(as_json(totals), "deals.json").notes == ()
    own = {"a": {"ID": "a", "stage": "New"}, "b": {"ID": "b", "stage": "Won"}}
    assert reader.table(as_json(own), "deals.json").columns == ("ID", "stage")
    other = {"a": {"ID": "1", "stage": "New"}, "b": {"ID": "2", "stage": "Won"}}
    assert reader.table(as_json(other), "deals.json").columns == ("key", "ID", "stage")


def test_one_object_is_one_record(reader: Reader) -> None:
    table = reader.table('{"id": "1", "stage": "New", "owner": {"name": "A"}, "tags": ["x"]}', "deal.json")
    assert reader.rows(table) == [("1", "New", "A", '["x"]', 1)]


# Names


@pytest.mark.parametrize("name", ["properties", "fields", "attributes"])
def test_the_own_fields_of_records_go_by_their_names_alone(reader: Reader, name: str) -> None:
    record = {
        "type": "deal",
        "id": "1",
        name: {"stage": "New", "type": "b2b", "owner": {"id": "5"}, "ID": "x"},
        "meta": {"a": 1},
    }
    columns = ("type", "id", "stage", f"{name}.type", "owner.id", f"{name}.ID", "meta.a")
    assert reader.table(as_json([record]), "deals.json").columns == columns
    assert reader.table(as_json(record) + "\n" + as_json(record) + "\n", "deals.jsonl").columns == columns
    del record["id"]
    del record[name]["ID"]  # type: ignore[attr-defined]
    columns = ("type", f"{name}.stage", f"{name}.type", f"{name}.owner.id", "meta.a")
    assert reader.table(as_json([record]), "deals.json").columns == columns


def test_columns_of_equal_names_stay_apart(reader: Reader) -> None:
    table = reader.table('[{"id": 1, "a.b": "x", "a": {"b": "y"}}]', "deals.json")
    assert reader.rows(table) == [("1", "x", "y", 1)]
    assert (table.columns, keys(table)) == (("id", "a.b", "a.b 2"), ["note_duplicate_headers"])


def test_other_lists_are_told(reader: Reader) -> None:
    data = [{"id": "1", "stage": "New"}, {"id": "2", "stage": "Won"}]
    included = [{"id": str(number), "name": "Firm"} for number in range(9)]
    table = reader.table(as_json({"data": data, "included": included}), "deals.json")
    assert (table.rows_read, keys(table)) == (2, ["note_other_records"])
    table = reader.table(as_json({"deals": data, "companies": included, "tags": ["x"]}), "deals.json")
    assert (table.rows_read, table.notes[0].values["names"]) == (9, "deals")
    table = reader.table(as_json({"a": {"items": data}, "b": {"items": included}}), "deals.json")
    assert (table.rows_read, table.notes[0].values["names"]) == (9, "items")


# A history becomes a change log


def with_history(number: int, **more: object) -> dict[str, object]:
    stages = [
        {"value": "closedwon", "timestamp": "2024-02-01T09:00:00Z", "sourceType": "CRM_UI"},
        {"value": "appointmentscheduled", "timestamp": "2024-01-08T10:20:00.123Z"},
    ]
    amounts = [{"value": "", "timestamp": 1704709200123}]
    return {"id": str(number), "propertiesWithHistory": {"dealstage": stages, "amount": amounts}, **more}


def test_a_history_alone_is_a_change_log(reader: Reader) -> None:
    table = reader.table(as_json({"results": [with_history(1), with_history(2)]}), "deals.json")
    assert table.columns == ("id", "property", "value", "timestamp")
    assert reader.rows(table) == [
        ("1", "dealstage", "closedwon", "2024-02-01T09:00:00Z", 1),
        ("1", "dealstage", "appointmentscheduled", "2024-01-08T10:20:00.123Z", 2),
        ("1", "amount", None, "1704709200123", 3),
        ("2", "dealstage", "closedwon", "2024-02-01T09:00:00Z", 4),
        ("2", "dealstage", "appointmentscheduled", "2024-01-08T10:20:00.123Z", 5),
        ("2", "amount", None, "1704709200123", 6),
    ]


@pytest.mark.parametrize("lines", [True, False])
def test_a_history_beside_fields_is_two_tables(reader: Reader, lines: bool) -> None:
    records = [with_history(number, properties={"dealname": f"Deal {number}"}, archived=False) for number in (1, 2)]
    content = "".join(as_json(record) + "\n" for record in records) if lines else as_json({"results": records})
    log, deals = reader.tables(content, "deals.json")
    assert (log.name, deals.name) == ("deals.json › propertiesWithHistory", "deals.json")
    assert (log.rows_read, deals.columns) == (6, ("id", "dealname", "archived"))
    assert reader.rows(deals) == [("1", "Deal 1", "false", 1), ("2", "Deal 2", "false", 2)]


def test_versions_that_are_no_objects_are_kept_apart(reader: Reader) -> None:
    record = with_history(1)
    record["propertiesWithHistory"] = {"dealstage": ["won", {"value": "new", "timestamp": "2024-01-08"}, None], "x": 5}
    table = reader.table(as_json([record]), "deals.json")
    assert (table.rows_read, table.rows_rejected) == (4, 3)
    assert [(line, value) for _, line, value, _, _ in reader.rejects()] == [(1, "won"), (1, "null"), (1, "5")]


def test_a_history_is_understood_without_a_click(tmp_path) -> None:
    stages = ["appointmentscheduled", "qualifiedtobuy", "closedwon"]
    records = [
        {
            "id": str(700 + number),
            "properties": {"dealname": f"Deal {number}", "dealstage": stages[number % 3]},
            "propertiesWithHistory": {
                "dealstage": [
                    {"value": stage, "timestamp": f"2024-0{place + 1}-{1 + number:02d}T10:20:00.123Z"}
                    for place, stage in enumerate(stages[: 1 + number % 3])
                ],
            },
        }
        for number in range(25)
    ]
    path = tmp_path / "deals.json"
    path.write_text(as_json({"results": records}))
    with funnel.open(path) as leads:
        assert (leads.leads, leads.entries) == (25, sum(1 + number % 3 for number in range(25)))
        assert leads.mapping.shape.value == "changes"
        assert {label.label for label in leads.labels} == set(stages)


# Bounds


def test_an_answer_in_one_long_line_is_read(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LINE", 1000)
    records = [{"id": str(number), "stage": "New"} for number in range(100)]
    assert reader.table(as_json({"results": records}), "deals.json").rows_read == 100
    assert reader.table(as_json(records) + "\n", "deals.json").rows_read == 100
    long = "".join(as_json(record) + "\n" for record in records) + as_json({"id": "x", "stage": "y" * 300_000})
    assert reader.refusal(long, "deals.jsonl") == "long_line"


def test_one_value_that_does_not_fit_in_memory_is_refused(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "JSON_ARRAY", limits.MEGABYTE)
    records = [{"id": str(number), "stage": "New"} for number in range(50_000)]
    for content in (as_json({"results": records}), json.dumps(records, indent=1)):
        assert sentence(reader, content.encode(), "deals.json") == (
            "deals.json is a single JSON value of more than 1 MB. Write one object per line (JSON lines) instead."
        )


def test_deep_answers_are_refused(reader: Reader) -> None:
    for levels in (limits.JSON_DEPTH, 50_000):
        deep = '{"data": ' * levels + '[{"id": 1, "x": 2}]' + "}" * levels
        assert reader.refusal(deep, "deals.json") == "deep_json"


def test_a_field_of_its_own_in_each_record_is_a_column_too_many(reader: Reader) -> None:
    records = {str(number): {"x": 1, f"k{number}": 2} for number in range(limits.COLUMNS)}
    assert reader.refusal(as_json(records), "deals.json") == "too_many_columns"
    versions = [{"value": "a", "timestamp": "b", f"k{number}": 1} for number in range(limits.COLUMNS + 1)]
    history = {"id": "1", "propertiesWithHistory": {"dealstage": versions}}
    assert reader.table(as_json([history]), "deals.json").columns == ("id", "property", "value", "timestamp")
