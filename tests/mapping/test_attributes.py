"""Filters in a column's own terms: right values are counted here, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

import funnel
from funnel import AsOf, OneOf, QuestionError, measures
from funnel.cli.command import main
from funnel.conditions import moment, numbers
from funnel.core.types import Segment
from tests.mapping.fines import AS_OF, EVERY, LEADS, due, fine, fines
from tests.thorough import thorough


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("fines") / "fines.csv"
    found.write_text(fines(), encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def leads(path: Path) -> Iterator[funnel.DataSet]:
    with funnel.open(path, as_of=AS_OF) as data_set:
        yield data_set


@pytest.mark.parametrize("wanted", [31750, 31750.0, "31750", "31 750", "31750.0", "31.750,00", "31,750.00", "31,750"])
def test_a_number_is_met_however_it_is_written(leads: funnel.DataSet, wanted: object) -> None:
    right = sum(fine(number) == 31750 for number in EVERY)
    assert right > 20
    assert leads.ask(measures.steps, leads.question(where={"amount": wanted})).leads == right


def test_numbers_in_a_list_and_a_range(leads: funnel.DataSet) -> None:
    assert leads.ask(measures.steps, leads.question(where={"amount": [90, "240.5"]})).leads == sum(
        fine(number) < 300 for number in EVERY
    )
    assert leads.ask(measures.steps, leads.question(where={"amount": (100, None)})).leads == sum(
        fine(number) >= 100 for number in EVERY
    )
    assert leads.ask(measures.steps, leads.question(where={"amount": ("100", "300")})).leads == sum(
        100 <= fine(number) <= 300 for number in EVERY
    )


def test_a_question_written_by_hand_is_settled_too(leads: funnel.DataSet) -> None:
    question = replace(leads.question(), filters=funnel.Filters(where=(OneOf("amount", ("31 750",)),)))
    right = sum(fine(number) == 31750 for number in EVERY)
    assert leads.ask(measures.steps, question).leads == right
    assert leads.ask(measures.starts, question).undated == 0
    assert leads.ask(measures.leads_at, question, 0).attrs["total"] == right
    two = [Segment((OneOf("amount", ("90",)),)), {"amount": 240.5}]
    found = leads.ask(measures.segments, "as-recorded", two)
    assert [each.leads for each in found.segments] == [
        sum(fine(number) == 90 for number in EVERY),
        sum(fine(number) == 240.5 for number in EVERY),
    ]


@pytest.mark.parametrize("wanted", [date(2024, 6, 9), datetime(2024, 6, 9), "2024-06-09", "09.06.2024"])
def test_a_date_is_met_in_the_form_of_the_file(leads: funnel.DataSet, wanted: object) -> None:
    # The last line of what is paid has no day; the last one that is not empty counts.
    right = sum(due(number) == date(2024, 6, 9) for number in EVERY)
    assert right > 5
    assert leads.ask(measures.steps, leads.question(where={"pay by": wanted})).leads == right


@pytest.mark.parametrize("pair", [(date(2024, 6, 3), date(2024, 6, 9)), ("2024-06-03", "2024-06-09")])
def test_a_range_of_dates_includes_both_ends(leads: funnel.DataSet, pair: object) -> None:
    right = sum(date(2024, 6, 3) <= due(number) <= date(2024, 6, 9) for number in EVERY)
    assert leads.ask(measures.steps, leads.question(where={"pay by": pair})).leads == right


def test_a_yes_is_what_the_file_says(leads: funnel.DataSet) -> None:
    assert leads.ask(measures.steps, leads.question(where={"urgent": True})).leads == sum(
        number % 5 == 0 for number in EVERY
    )
    assert leads.ask(measures.steps, leads.question(where={"urgent": False})).leads == sum(
        number % 5 > 0 for number in EVERY
    )


def test_moments_of_the_house_are_met_by_the_day(tmp_path: Path) -> None:
    lines = ["id,stage,created,value"]
    lines += [f"{n},{'New' if n % 2 else 'Won'},2024-03-0{1 + n % 5} 1{n % 5}:30:00,{n}" for n in range(50)]
    (tmp_path / "now.csv").write_text("\n".join(lines), encoding="utf-8")
    with funnel.open(tmp_path / "now.csv", as_of=AS_OF) as data_set:
        for wanted in (date(2024, 3, 2), "2024-03-02", (date(2024, 3, 2), date(2024, 3, 2))):
            assert data_set.ask(measures.steps, data_set.question(where={"created_at": wanted})).leads == 10
        assert (
            data_set.ask(measures.steps, data_set.question(where={"created_at": datetime(2024, 3, 2, 11, 30)})).leads
            == 10
        )
        assert (
            data_set.ask(measures.steps, data_set.question(where={"created_at": datetime(2024, 3, 2, 11)})).leads == 0
        )
        # One line a lead: there is one value, and nothing is kept twice.
        assert data_set.loaded.at_start == {}
        assert data_set.columns.unknown_at_start == ()


@pytest.mark.parametrize(("column", "wanted"), [("amount", "dear"), ("amount", "1.2.3"), ("created_at", "soon")])
def test_what_a_column_cannot_hold_is_refused_with_a_sentence(leads: funnel.DataSet, column: str, wanted: str) -> None:
    with pytest.raises(QuestionError, match=wanted.replace(".", r"\.")):
        leads.question(where={column: wanted})


@thorough
def test_a_value_that_no_lead_has_is_said(
    leads: funnel.DataSet, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert leads.unmet(leads.question(where={"amount": 31750, "office": ["North", "South"]})) == ()
    (note,) = leads.unmet(leads.question(where={"office": ["North", "Nord"]}))
    assert note.values == {"column": "office", "values": ["Nord"], "there": ["North", "South"]}
    assert [each.key for each in leads.unmet(leads.question(where={"amount": (5, 6)}))] == ["measures.unmet_range"]
    assert [each.key for each in leads.unmet(leads.question(where={"office": None}))] == ["measures.unmet_empty"]
    assert main(["steps", str(path), "--where", "amount=31 751", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["leads"] == 0
    assert "31751" in told["notes"][0]
    assert told["attributes"] == "start"
    assert main(["steps", str(path), "--where", "office=Nord"]) == 0
    assert "North" in capsys.readouterr().out
    assert main(["segments", str(path), "--a", "office=Nord", "--b", "office=South", "--json"]) == 0
    assert "Nord" in json.loads(capsys.readouterr().out)["notes"][0]


@thorough
def test_every_group_finds_its_own_leads_again(leads: funnel.DataSet) -> None:
    for attributes in AsOf:
        question = leads.question(attributes=attributes)
        groups = leads.ask(measures.breakdown, question, "amount").groups
        assert sum(steps.leads for _, steps in groups) == LEADS
        for _, steps in groups:
            assert leads.ask(measures.steps, steps.question).leads == steps.leads
            where = steps.question.filters.where
            assert all(isinstance(each, OneOf) for each in where)
        for _, times in leads.ask(measures.times_by, question, "amount").groups:
            assert leads.ask(measures.times, times.question).leads == times.leads
        for segment, steps in leads.ask(measures.segment_steps, question, "amount"):
            narrow = replace(question, filters=funnel.Filters(where=segment.where))
            assert leads.ask(measures.steps, narrow).leads == steps.leads


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("7", [7]),
        ("-1,5", [-1.5]),
        ("1,234", [1.234, 1234]),
        ("1.234.567", [1234567]),
        ("1 000.5", [1000.5]),
        ("1e3", [1000]),
        ("x", []),
        ("", []),
        ("--", []),
    ],
)
def test_numbers_that_a_text_can_mean(text: str, right: list[float]) -> None:
    assert numbers(text) == right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("2024-02-29", date(2024, 2, 29)),
        ("2024-02-30", None),
        ("2024-02-01T10:00", datetime(2024, 2, 1, 10)),
        ("24-02-01", None),
    ],
)
def test_moments_that_a_text_can_mean(text: str, right: date | None) -> None:
    assert moment(text) == right
