"""Where every line goes: used, rejected or ignored, and always adding up; and what is refused in one sentence."""

from __future__ import annotations

import csv
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import funnel
from funnel.core.errors import MappingError
from funnel.core.types import Shape
from funnel.mapping import MappingOverrides, carry_out, recognise
from tests.mapped import mapped, written
from tests.thorough import examples


def test_each_bad_line_is_kept_with_its_reason(tmp_path):
    text = "lead_id,stage,changed_at\n1,New,2024-01-01\n,New,2024-01-02\n2,,2024-01-02\n3,New,\n4,New,tomorrow\n5,Won,2024-01-09\n"
    with mapped(*written(tmp_path, leads=text)) as found:
        assert found.sums() == [(6, 2, 4, 0)]
        assert found.rejects() == [
            (3, "lead_id", None, "no lead id", True),
            (4, "stage", None, "no label", True),
            (5, "changed_at", None, "no time", True),
            (6, "changed_at", "tomorrow", "no date in the form YYYY-MM-DD", True),
        ]
        assert list(found.leads()) == ["1", "5"]


def test_a_bad_cell_leaves_its_line_used(tmp_path):
    rows = "".join(f"{lead},New,2024-01-0{lead},{lead}0\n" for lead in range(1, 8))
    text = f"lead_id,stage,created_at,amount\n{rows}8,New,soon,much\n"
    with mapped(*written(tmp_path, leads=text)) as found:
        assert found.sums() == [(8, 8, 0, 0)]
        assert [(line, column, value, whole) for line, column, value, _, whole in found.rejects()] == [
            (9, "amount", "much", False),
            (9, "created_at", "soon", False),
        ]
        assert found.leads()["8"]["created_at"] is None
        assert found.warnings()["unreadable_cells"].values == {"n": 2}


def test_mapping_again_forgets_the_rejects_of_before(tmp_path):
    text = (
        "lead_id,stage,date,moved\n1,New,2024-01-01,2024-02-01\n1,Won,2024-01-05,2024-02-03\n2,New,never,2024-02-02\n"
    )
    with mapped(*written(tmp_path, leads=text), overrides=MappingOverrides(time="date")) as found:
        assert found.sums() == [(3, 2, 1, 0)]
        as_of = datetime(2026, 1, 1)
        again = recognise(found.engine, found.tables, as_of=as_of, overrides=MappingOverrides(time="Moved"))
        loaded = carry_out(found.engine, found.tables, again, as_of=as_of)
        assert [file.rows_used for file in loaded.files] == [3]
        assert found.rejects() == []


def test_other_pipelines_are_ignored_when_one_is_asked_for(tmp_path):
    text = "deal_id,pipeline,stage,changed_at\n1,A,New,2024-01-01\n1,A,Won,2024-01-05\n2,B,New,2024-01-02\n"
    paths = written(tmp_path, deals=text)
    with mapped(*paths) as found:
        assert found.loaded.pipelines == (("A", 1), ("B", 1))
        assert found.sums() == [(3, 3, 0, 0)]
    with mapped(*paths, overrides=MappingOverrides(pipeline="b")) as found:
        assert list(found.leads()) == ["2"]
        assert dict(found.loaded.files[0].ignored_because) == {"other pipeline": 2}
    with (
        pytest.raises(MappingError, match=r"There is no pipeline “C”. Found: A, B"),
        mapped(*paths, overrides=MappingOverrides(pipeline="C")),
    ):
        pass


def test_ids_that_became_decimals_and_long_ones_stay_what_they_were(tmp_path):
    text = "lead_id,stage,changed_at\n1.0,New,2024-01-01\n1.0,Won,2024-01-05\n22.0,New,2024-01-02\n"
    with mapped(*written(tmp_path, leads=text)) as found:
        assert list(found.leads()) == ["1", "22"]
    text = "lead_id,stage,changed_at\n1.0,New,2024-01-01\n1.0,Won,2024-01-05\n2.5,New,2024-01-02\n"
    with mapped(*written(tmp_path, leads=text)) as found:
        assert list(found.leads()) == ["1.0", "2.5"]
    text = "lead_id,stage,changed_at\n4611686018427387905,New,2024-01-01\n4611686018427387906,Won,2024-01-05\n"
    with mapped(*written(tmp_path, leads=text)) as found:
        assert list(found.leads()) == ["4611686018427387905", "4611686018427387906"]


def test_spellings_of_a_label_are_joined(tmp_path):
    labels = ["Closed Won", "closed-won", "Closed Won", "New", "NEW ", "New", "A+", "A"]
    text = "lead_id,stage,changed_at\n" + "".join(f"{i},{label},2024-01-0{i + 1}\n" for i, label in enumerate(labels))
    with mapped(*written(tmp_path, leads=text)) as found:
        counts = {label.label: label.entries for label in found.loaded.labels}
        assert counts == {"Closed Won": 3, "New": 3, "A+": 1, "A": 1}
        assert found.warnings()["merged_spellings"].values["n"] == 2


def test_headers_of_the_house_are_renamed_and_one_header_twice_is_told_apart(tmp_path):
    text = (
        "lead_id,stage,changed_at,outcome,Sequence,AMOUNT,first_0\n1,New,2024-01-01,a,7,5,x\n1,Won,2024-01-02,b,7,5,y\n"
    )
    with mapped(*written(tmp_path, leads=text)) as found:
        columns = found.leads()["1"]
        assert (columns["outcome (file)"], columns["Sequence (file)"], columns["first_0 (file)"]) == ("b", 7.0, "y")
        assert columns["amount"] == 5.0


def test_text_that_is_sql_or_markup_is_only_text(tmp_path):
    labels = ["'; DROP TABLE leads; --", "<script>alert(1)</script>", "=1+1", "back\\", "{id}", "? ?"]
    path = tmp_path / "leads.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["lead_id", 'sta"ge', "changed_at", "{note} ?"])
        writer.writerows([[1, label, f"2024-01-0{day}", f"{day}?"] for day, label in enumerate(labels, 1)])
    with mapped(path, overrides=MappingOverrides(label='sta"ge')) as found:
        assert [label for _, label, _ in found.entries()] == labels
        assert found.leads()["1"]["{note} ?"] == "6?"


def test_future_dates_are_counted_and_not_observed(tmp_path):
    text = "lead_id,stage,changed_at\n1,New,2024-01-01\n1,Won,2030-01-05\n2,New,2024-01-02\n"
    with mapped(*written(tmp_path, leads=text)) as found:
        assert found.warnings()["future_dates"].values == {"n": 1}
        assert found.loaded.observed_until == datetime(2024, 1, 2)


def test_leads_of_a_list_that_are_made_after_today_are_said(tmp_path):
    text = "deal_id,stage,start_date\n1,New,2024-01-01\n2,Demo,2030-01-05\n3,Won,2030-02-01\n"
    with mapped(*written(tmp_path, deals=text)) as found:
        assert found.warnings()["created_later"].values == {"n": 2}
        assert found.loaded.observed_until == datetime(2024, 1, 1)
    with mapped(*written(tmp_path, deals=text.replace("2030", "2023"))) as found:
        assert "created_later" not in found.warnings()


def test_contracts_of_which_only_the_end_is_known_say_nowhere_where_a_lead_stands(tmp_path):
    header = "deal_id,close_date,contract_start_date,contract_end_date,mrr,churned_date"
    rows = [
        "1,2024-01-05,2024-01-05,2025-01-05,100,2024-09-01",
        "2,2024-02-01,2024-02-01,2025-02-01,50,",
        "3,2024-03-01,2024-03-01,2025-03-01,70,",
    ]
    paths = written(tmp_path, contracts="\n".join([header, *rows]) + "\n")
    with (
        pytest.raises(MappingError, match=r"says where a lead stands\. Found: deal_id, close_date, "),
        mapped(*paths),
    ):
        pass


def test_the_outcome_column_and_the_label_may_disagree(tmp_path):
    text = (
        "deal_id,stage,status,created,closed\n1,Won,won,2024-01-01,2024-02-01\n2,Won,lost,2024-01-01,2024-02-01\n"
        "3,Demo,open,2024-01-03,\n4,Demo,won,2024-01-03,2024-01-09\n"
    )
    with mapped(*written(tmp_path, deals=text)) as found:
        assert [row["outcome_said"] for row in found.leads().values()] == ["won", "lost", "open", "won"]
        assert found.warnings()["outcome_disagrees"].values == {"n": 1}
        assert [entry for entry in found.entries() if entry[0] == "4"] == [
            ("4", "Demo", None),
            ("4", "Won", "2024-01-09"),
        ]


REFUSED = {
    "date,note\n2024-01-01,a\n2024-01-02,b\n2024-01-01,a\n": "No column holds the ids of the leads. Found: date, note",
    "lead_id,stage,date\n,New,2024-01-01\n,Won,2024-01-02\n": "The column “lead_id” of leads.csv should hold the ids",
    "lead_id,created_at,amount\n1,2024-01-01,5\n2,2024-01-02,6\n": "No column of leads.csv says where a lead stands",
    "lead_id,stage,changed_at\n1,New,x\n1,Won,y\n2,New,z\n": "The column “changed_at” of leads.csv should hold dates",
    "deal_id,field,new_value,time\n1,colour,red,2024-01-01\n1,size,big,2024-01-02\n": "None of the fields in the column “field”",
}


@pytest.mark.parametrize("text", REFUSED)
def test_refused_in_one_sentence(tmp_path, text):
    with pytest.raises(MappingError) as refused, mapped(*written(tmp_path, leads=text)):
        pass
    assert REFUSED[text] in str(refused.value)


def test_a_header_said_by_hand_that_is_not_there(tmp_path):
    paths = written(tmp_path, leads="lead_id,stage,date\n1,New,2024-01-01\n1,Won,2024-01-02\n")
    with (
        pytest.raises(MappingError, match=r"There is no column “nope”. Found: lead_id, stage, date"),
        mapped(*paths, overrides=MappingOverrides(lead="nope")),
    ):
        pass
    with (
        pytest.raises(MappingError, match=r"There is no label “Bought” in these files. Found: New, Won"),
        mapped(*paths, overrides=MappingOverrides(won=("Bought",))),
    ):
        pass


CELLS = st.sampled_from(
    ["", " ", "1", "2", "3", "x", "New", "Won", "-", "N/A", "2024-01-01", "2024-02-30", "13/13/2024", "Total"]
)
LINES = st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=12)
SHAPES = st.sampled_from([None, Shape.HISTORY, Shape.SNAPSHOT])


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, shape=SHAPES)
def test_lines_always_add_up(tmp_path, lines, shape):
    labels = ["New", "Contacted", "Qualified", "Demo", "Offer", "Negotiation", "Won", "Onboarding", "Renewal"]
    good = [(lead, label, f"2024-03-{day:02d}", "a") for lead in "123" for day, label in enumerate(labels, 1)]
    path = tmp_path / "leads.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["lead_id", "stage", "changed_at", "note"])
        writer.writerows([*good, *lines, *good[:3]])
    with mapped(path, overrides=MappingOverrides(shape=shape)) as found:
        ((read, used, rejected, ignored),) = found.sums()
        assert read == used + rejected + ignored
        assert used >= len(good) + 3
        whole = [line for line, _, _, _, whole in found.rejects() if whole]
        assert len(whole) == len(set(whole)) == rejected
        if found.mapping.shape is Shape.HISTORY:
            assert len(found.entries()) == used


def test_ids_that_a_spreadsheet_rounded_are_told(tmp_path):
    lines = [f"{1234567890123450000 + 1000 * n},New,2025-01-{1 + n:02d}\n" for n in range(20)]
    rounded = tmp_path / "rounded.csv"
    rounded.write_text("Deal ID,Stage,Entered at\n" + "".join(2 * lines), encoding="utf-8")
    whole = tmp_path / "whole.csv"
    whole.write_text(rounded.read_text(encoding="utf-8").replace("000,New", "123,New"), encoding="utf-8")
    for path, told in ((rounded, [20]), (whole, [])):
        with funnel.open(path) as data_set:
            assert [note.values["n"] for note in data_set.warnings if note.key == "mapping.rounded_ids"] == told
