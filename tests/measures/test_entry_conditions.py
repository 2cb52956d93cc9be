"""Who entered a stage without the columns that must be filled: by hand, against plain Python over drawn histories, and from files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import funnel
from funnel import measures
from funnel.cli.command import main
from funnel.core.types import AsOf, Filters, Question, Rule, StageModel, Unit
from funnel.measures.entry_conditions import entry_conditions
from tests.leads import engine_with, journeys_of, lead_of, model_of
from tests.oracles import oracle
from tests.strategies import CONCEPTS, histories, models
from tests.thorough import examples, thorough

UNTIL = datetime(2030, 1, 1)
MEANT = {"New": "lead", "Demo": "demo", "Won": "won", "Lost": "lost"}
LEADS = {
    "all of it": lead_of((0, "New"), (1, "Demo"), (2, "Won")),
    "no region": lead_of((0, "New"), (1, "Demo")),
    "no amount": lead_of((0, "New"), (3, "Won")),
    "neither": lead_of((0, "New")),
    "not in the model": lead_of((0, "Lost")),
}
COLUMNS = {
    "all of it": {"Region": "East", "amount": 5.0, "account_id": "Acme"},
    "no region": {"amount": 0.0, "account_id": "Acme"},
    "no amount": {"Region": "'; DROP TABLE leads; --", "account_id": "Beta"},
    "not in the model": {"account_id": "Acme"},
}


def requiring(model: StageModel, *required: tuple[str, ...]) -> StageModel:
    stages = zip(model.stages, required, strict=True)
    return replace(model, stages=tuple(replace(stage, requires=columns) for stage, columns in stages))


MODEL = requiring(model_of([{"New"}, {"Demo"}, {"Won"}]), ("Region",), ("amount", "Region", "Budget"), ("Budget",))


def _asked(leads, question, concepts=MEANT, columns=COLUMNS):
    engine = engine_with(leads, columns)
    try:
        return entry_conditions(journeys_of(engine, concepts), question)
    finally:
        engine.close()


def told(found):
    return [(each.position, each.leads, each.filled, each.lacking, each.empty) for each in found.stages]


def test_each_stage_by_hand() -> None:
    found = _asked(LEADS, Question(MODEL, observed_until=UNTIL))
    # "no amount" passed the demo on its way to the win. An amount of 0 is one.
    assert told(found) == [
        (0, 4, 2, 2, (("Region", 2),)),
        (1, 3, 1, 2, (("amount", 1), ("Region", 1))),
        (2, 2, None, None, ()),
    ]
    assert [each.absent for each in found.stages] == [(), ("Budget",), ("Budget",)]
    assert [note.key for note in found.notes] == ["measures.entry_values_unchanged", "measures.entry_absent"]
    assert found.notes[1].values["columns"] == ["Budget"]
    assert (found.stages[0].rate.numerator, found.stages[0].rate.denominator) == (2, 4)
    assert found.stages[2].rate.denominator == 0
    visited = _asked(LEADS, Question(MODEL, rule=Rule.VISITED, observed_until=UNTIL))
    assert told(visited)[1] == (1, 2, 1, 1, (("amount", 0), ("Region", 1)))


def test_dates_and_windows_are_those_of_the_question() -> None:
    late = Question(MODEL, filters=Filters(start_from=date(2025, 4, 1)), observed_until=UNTIL)
    assert [each[1:4] for each in told(_asked(LEADS, late))] == [(0, 0, 0), (0, 0, 0), (0, None, None)]
    soon = Question(MODEL, window_days=2, observed_until=UNTIL)
    assert told(_asked(LEADS, soon))[1] == (1, 2, 1, 1, (("amount", 0), ("Region", 1)))


def test_an_account_has_what_its_first_lead_has() -> None:
    found = _asked(LEADS, Question(MODEL, unit=Unit.ACCOUNT, observed_until=UNTIL))
    # Acme's two leads started at one moment; "all of it" comes first by its id.
    assert told(found)[:2] == [(0, 2, 2, 0, (("Region", 0),)), (1, 2, 1, 1, (("amount", 1), ("Region", 0)))]
    assert "measures.entry_accounts" in [note.key for note in found.notes]
    accounts = requiring(model_of([{"New"}, {"Demo"}]), ("account_id", "lead_id"), ())
    assert told(_asked(LEADS, Question(accounts, observed_until=UNTIL))) == [
        (0, 4, 3, 1, (("account_id", 1), ("lead_id", 0)))
    ]


def test_a_model_that_requires_nothing_asks_nothing() -> None:
    found = _asked(LEADS, Question(model_of([{"New"}, {"Demo"}]), observed_until=UNTIL))
    assert (found.stages, found.notes, found.rows(), found.sql) == ((), (), [], "")


required = st.lists(st.sampled_from(["Region", "amount", "account_id", "Nowhere"]), unique=True, max_size=4).map(tuple)
filled = st.fixed_dictionaries(
    {
        "Region": st.sampled_from([None, "East", "?", "'"]),
        "amount": st.sampled_from([None, 0.0, 1.5]),
        "account_id": st.sampled_from([None, "Acme"]),
    }
)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    histories, models(), st.sampled_from([*Rule]), st.sampled_from([None, 0, 3]), st.data()
)  # fmt: skip
def test_counts_and_lists_equal_plain_python(leads, stages, rule, window, data) -> None:
    named = {f"lead {place:02}": entries for place, entries in enumerate(leads)}
    columns = {lead: data.draw(filled) for lead in named}
    needed = [data.draw(required) for _ in stages]
    model = requiring(model_of(stages), *needed)
    question = Question(model, rule=rule, window_days=window, observed_until=UNTIL)
    ways = {lead: oracle.journey(entries, stages, CONCEPTS, rule.value, window) for lead, entries in named.items()}
    engine = engine_with(named, columns)
    try:
        journeys = journeys_of(engine, CONCEPTS)
        found = entry_conditions(journeys, question)
        assert [each.position for each in found.stages] == [place for place, each in enumerate(needed) if each]
        for each in found.stages:
            looked_at = [column for column in needed[each.position] if column != "Nowhere"]
            entered = [lead for lead, way in ways.items() if way is not None and way.reached[each.position]]
            without = {lead: [column for column in looked_at if columns[lead][column] is None] for lead in entered}
            empty = {lead: ", ".join(missing) for lead, missing in without.items() if missing}
            assert each.leads == len(entered)
            assert each.filled == (len(entered) - len(empty) if looked_at else None)
            assert dict(each.empty) == {
                column: sum(column in missing for missing in without.values()) for column in looked_at
            }
            assert each.absent == (("Nowhere",) if "Nowhere" in needed[each.position] else ())
            listed = measures.leads_at(journeys, question, each.position, lacking=needed[each.position], limit=None)
            assert listed.attrs["total"] == len(empty)
            assert dict(zip(listed["lead_id"], listed[listed.attrs["lacking"]], strict=True)) == empty
            # A page holds a part of the same list.
            page = measures.leads_at(
                journeys, question, each.position, lacking=needed[each.position], offset=1, limit=2
            )
            assert list(page["lead_id"]) == list(listed["lead_id"])[1:3]
    finally:
        engine.close()


FILE = """Lead ID,Stage,Entered at,Deal value,Owner,E-mail,lacking,fate_0
L1,New,2025-01-01,,Ann,a@x.example,x,1
L1,Demo,2025-01-09,500,Ann,a@x.example,x,1
L2,New,2025-01-02,70,,b@x.example,,
L2,Demo,2025-01-08,70,Bob,b@x.example,,
L3,New,2025-01-03,n/a,,,y,3
L4,New,2025-01-04,10,Cy,  ,y,4
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("entry") / "deals.csv"
    found.write_text(FILE, encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def leads(path: Path) -> Iterator[funnel.DataSet]:
    with funnel.open(path) as data_set:
        yield data_set


def of_file(leads: funnel.DataSet, columns: tuple[str, ...], **how: object):
    model = requiring(leads.labels_model([["New"], ["Demo"]]), columns, columns)
    return leads.ask(entry_conditions, leads.question(model, **how))


def test_columns_are_meant_by_their_headers_in_the_file(leads: funnel.DataSet) -> None:
    latest = of_file(leads, ("deal value", "E-Mail", "AMOUNT", "fate_0"), attributes=AsOf.LATEST)
    # "AMOUNT" is what the house calls "Deal value": one column, looked at once. Placeholders and blanks are empty.
    assert told(latest) == [
        (0, 4, 1, 3, (("deal value", 1), ("E-Mail", 2), ("fate_0", 1))),
        (1, 2, 1, 1, (("deal value", 0), ("E-Mail", 0), ("fate_0", 1))),
    ]
    assert {"Deal value", "Owner", "E-mail", "lacking"} <= {*leads.columns.headers}
    assert not {"Stage", "Entered at", "amount", "Owner (at the start)"} & {*leads.columns.headers}


def test_values_are_those_of_the_moment_that_the_question_looks_at(leads: funnel.DataSet) -> None:
    start, latest = (of_file(leads, ("Deal value", "Owner"), attributes=moment) for moment in AsOf)
    # L1 had no value and L2 no owner yet when they came in.
    assert [each[:4] for each in told(start)] == [(0, 4, 1, 3), (1, 2, 0, 2)]
    assert [each[:4] for each in told(latest)] == [(0, 4, 3, 1), (1, 2, 2, 0)]
    assert [found.notes[0].key for found in (start, latest)] == [
        "measures.entry_values_start",
        "measures.entry_values_latest",
    ]


def test_what_no_column_of_the_file_holds_is_named_and_lacked_by_nobody(leads: funnel.DataSet) -> None:
    for name in ("Account", "currency", "closed_at", "Stage", "no such", '"; DROP TABLE leads; --'):
        found = of_file(leads, (name, "E-mail"))
        assert found.stages[0].absent == (name,)
        assert [each[0] for each in found.stages[0].empty] == ["E-mail"]
    question = leads.question(requiring(leads.labels_model([["New"]]), ("no such",)))
    assert leads.ask(measures.leads_at, question, 0, lacking=("no such",)).attrs["total"] == 0


def test_a_column_that_no_first_moment_fills_is_checked_by_its_latest_values_alone(tmp_path: Path) -> None:
    lines = [
        f"L{lead},{stage},2025-01-{day:02},{paid}"
        for lead in range(9)
        for stage, day, paid in (("New", 1, ""), ("Demo", 5, lead or ""))
    ]
    path = tmp_path / "late.csv"
    path.write_text("\n".join(["Lead ID,Stage,Entered at,Paid", *lines]))
    with funnel.open(path) as data_set:
        assert "Paid" in data_set.columns.unknown_at_start
        start, latest = (of_file(data_set, ("Paid",), attributes=moment) for moment in AsOf)
    assert (start.stages[0].unknown, start.stages[0].filled) == (("Paid",), None)
    assert start.notes[-1].key == "measures.entry_unknown"
    assert told(latest) == [(0, 9, 8, 1, (("Paid", 1),)), (1, 9, 8, 1, (("Paid", 1),))]


def test_a_column_of_the_file_that_is_called_like_ours_keeps_its_header(leads: funnel.DataSet) -> None:
    question = leads.question(requiring(leads.labels_model([["New"]]), ("lacking", "Owner")))
    listed = leads.ask(measures.leads_at, question, 0, lacking=("lacking", "Owner"))
    assert listed.attrs["lacking"] == "lacking (2)"
    rows = listed.set_index("lead_id")
    assert list(rows.loc["L2", ["lacking (2)"]]) == ["lacking, Owner"]
    assert rows.loc["L3", "lacking"] == "y"


def test_a_snapshot_counts_and_says_whose_values_they_are() -> None:
    with funnel.open(Path(__file__).parents[1] / "exports" / "hubspot_snapshot.csv") as data_set:
        model = requiring(
            data_set.model("as-recorded"), *[("Amount", "Create Date")] * len(data_set.model("as-recorded").stages)
        )
        question = data_set.question(model)
        found = data_set.ask(entry_conditions, question)
        counts = [stage.leads for stage in data_set.ask(measures.steps, question).stages]
    assert [each.leads for each in found.stages] == counts
    assert found.notes[0].key == "measures.entry_values_snapshot"
    assert [name for name, _ in found.stages[0].empty] == ["Amount", "Create Date"]


@thorough
def test_the_command_says_the_words_the_counts_and_what_is_not_checked(path: Path, tmp_path: Path, capsys) -> None:
    model = tmp_path / "mine.toml"
    model.write_text(
        '[[stages]]\nname = "In"\nconcepts = ["lead"]\nentry = "They *wrote*\\nto us."\nrequires = ["Owner", "Budget"]\n'
        '[[stages]]\nname = "Shown"\nconcepts = ["demo"]\n'
    )
    assert main(["entry", str(path), "--model", str(model), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    first, second = answer["stages"]
    assert (first["entry"], first["requires"], first["not_in_file"]) == (
        "They *wrote* to us.",
        ["Owner", "Budget"],
        ["Budget"],
    )
    assert (first["leads"], first["filled"], first["lacking"], first["empty"]) == (4, 2, 2, {"Owner": 2})
    assert second["entry"] == "The problem is accepted as one to solve."
    assert second["ask"].startswith("What is hoped for?")
    assert (second["leads"], second["lacking"], second["empty"]) == (None, None, {})
    assert "Not checked, since the file has no column of this name: Budget." in answer["notes"]
    assert main(["entry", str(path), "--model", str(model)]) == 0
    text = capsys.readouterr().out
    assert "1 · In\n  To enter: They *wrote* to us.\n" in text
    assert "In     Owner, Budget       4                2        2" in text
    assert main(["entry", str(path), "--model", "standard"]) == 0
    assert "No stage of this model requires a column to be filled." in capsys.readouterr().out
