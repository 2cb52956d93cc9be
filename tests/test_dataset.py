"""A data set that is asked, mapped anew, and closed."""

from __future__ import annotations

from datetime import datetime

import pytest

import funnel
from funnel import measures
from funnel.core.engine import Engine
from funnel.core.errors import MappingError, QuestionError, ReadingError
from funnel.core.types import EndRule, Outcome, Question, Reopening
from funnel.mapping import MappingOverrides

HISTORY = """Lead ID,Stage,When,Region,Size,Note
1,New,03.01.2025,East,10,=cmd()
1,SQL,10.01.2025,East,10,=cmd()
1,Won,20.02.2025,East,10,=cmd()
2,New,05.01.2025,West,200,
2,Lost,nonsense,West,200,
3,New,31.01.2025,east side,3000,
3,SQL,01.02.2025,east side,3000,
"""


@pytest.fixture
def leads(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_text(HISTORY, encoding="utf-8")
    with funnel.open(path, as_of=datetime(2025, 12, 31)) as data_set:
        yield data_set


def _counts(result):
    return [stage.leads for stage in result.stages]


def test_what_cannot_be_read_is_kept(leads):
    (file,) = leads.files
    assert (file.rows_read, file.rows_used, file.rows_rejected, file.rows_ignored) == (7, 6, 1, 0)
    rejects = leads.rejects()
    assert leads.reject_count() == len(rejects) == 1
    assert list(rejects.loc[0, ["source_file", "source_line", "column_name", "value"]]) == [
        "leads.csv",
        6,
        "When",
        "nonsense",
    ]
    assert bool(rejects.loc[0, "whole_line"])


def test_labels_can_be_taken_for_something_else(leads):
    before = leads.revision
    assert leads.ask(measures.steps, "as-recorded").won == 1
    leads.with_concepts({"SQL": "won", "Won": "ignored"})
    assert leads.revision != before
    assert leads.ask(measures.steps, "as-recorded").won == 2
    assert [stage.name for stage in leads.as_recorded().stages] == ["New", "SQL"]
    with pytest.raises(QuestionError, match="Nothing"):
        leads.with_concepts({"Nothing": "won"})


def test_a_mapping_that_fails_changes_nothing(leads):
    before, kept = leads.revision, _counts(leads.ask(measures.steps, "as-recorded"))
    with pytest.raises(MappingError):
        leads.remap(MappingOverrides(lead="No such column"))
    assert leads.revision == before
    assert _counts(leads.ask(measures.steps, "as-recorded")) == kept
    leads.remap(MappingOverrides(won=("SQL",)))
    assert leads.ask(measures.steps, "as-recorded").won == 2


def test_labels_by_hand_are_found_by_spelling_and_meaning(leads):
    model = leads.labels_model([["new"], ["Sales qualified lead"], ["WON"]])
    assert [stage.labels for stage in model.stages] == [("New",), ("SQL",), ("Won",)]
    assert _counts(leads.ask(measures.steps, model)) == [3, 2, 1]
    with pytest.raises(QuestionError, match="New, SQL, Won"):
        leads.labels_model([["Demo"]])


def test_a_model_of_labels_takes_no_label_that_it_does_not_name(leads):
    leads.with_concepts({"SQL": "won"})
    model = leads.labels_model([["New"], ["Won"]])
    assert [stage.concepts for stage in model.stages] == [("lead",), ("won",)]
    assert _counts(leads.ask(measures.steps, model)) == [
        3,
        1,
    ]  # lead 3 is at SQL, which means won too, and is not counted at Won


def test_attributes_say_their_values_and_range(leads):
    assert leads.columns.values("Region") == [("East", 1), ("West", 1), ("east side", 1)]
    assert leads.columns.values("Region", search="EAST") == [("East", 1), ("east side", 1)]
    assert leads.columns.range("Size") == (10.0, 3000.0)
    assert leads.ask(measures.steps, leads.question("as-recorded", where={"Size": (10, 200)})).leads == 2
    assert {attribute.column: attribute.kind for attribute in leads.columns.attributes}["Size"] == "number"


def test_attributes_are_counted_when_first_asked_for_and_anew_where_the_lines_are_read_anew(leads, monkeypatch):
    counted = []
    rows = Engine.rows

    def watched(engine, query):
        counted.extend([query.text] if "approx_count_distinct(leads." in query.text else [])
        return rows(engine, query)

    monkeypatch.setattr(Engine, "rows", watched)
    leads.remap(MappingOverrides(lead="Lead ID"))
    assert not counted
    assert [attribute.column for attribute in leads.columns.attributes] == ["Region", "Size"]
    assert len(leads.columns.attributes) == 2
    assert len(counted) == 1
    leads.remap(MappingOverrides(lead="Lead ID", amount="Size"))
    assert [attribute.column for attribute in leads.columns.attributes] == ["Region"]
    assert len(counted) == 2


def test_a_question_that_names_no_day_takes_the_file_s_last(leads):
    assert leads.observed_until == datetime(2025, 2, 20)
    question = Question(leads.as_recorded())
    # Lead 3 started on 31 January, exactly 20 days before.
    assert leads.ask(measures.kpis, question, by_day=20).win_rate.denominator == 3
    assert leads.ask(measures.kpis, question, by_day=21).win_rate.denominator == 2
    assert leads.ask(measures.steps, question).observed_until == datetime(2025, 2, 20)


def test_whole_numbers_stay_whole(leads):
    assert leads.columns.values("Size") == [("10", 1), ("200", 1), ("3000", 1)]
    assert _counts(leads.ask(measures.steps, leads.question("as-recorded", where={"Size": 10}))) == [1, 1, 1]
    groups = leads.ask(measures.breakdown, leads.question("as-recorded"), "Size").groups
    assert [value for value, _ in groups] == ["10", "200", "3000"]


def test_accounts_cannot_be_counted_where_none_are_said(leads):
    with pytest.raises(QuestionError, match="--account"):
        leads.ask(measures.steps, leads.question("as-recorded", unit="account"))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ReadingError, match="gone"):
        funnel.open(tmp_path / "gone.csv")
    with pytest.raises(ReadingError):
        funnel.open()


def test_what_another_rule_would_come_to_changes_nothing(tmp_path):
    lines = ["id,stage,at"]
    for number in range(40):
        lines += [f"{number},New,2024-01-01", f"{number},Demo,2024-01-05"]
        lines += [f"{number},Closed Lost,2024-02-01"] if number % 2 else []
        lines += [f"{number},Xyzzy call,2024-03-01"] if number % 4 == 1 else []
    (tmp_path / "calls.csv").write_text("\n".join(lines), encoding="utf-8")
    with funnel.open(tmp_path / "calls.csv", as_of=datetime(2025, 12, 31)) as data_set:
        assert data_set.outcomes_under(EndRule(reopened_by=Reopening.ANY))[Outcome.LOST] == 10
        # Asked for the first time after that.
        assert data_set.ask(measures.steps, data_set.question(rule="visited")).lost == 20
