"""How a file is understood, told and changed by hand under Data check."""

from __future__ import annotations

import pytest

from funnel import MappingOverrides, mapping
from tests import uploads
from tests.pages.apps import ALL, MOVES, below, opened, titles, turned, uploaded, with_ledger
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")


def test_the_data_page_says_where_every_line_went() -> None:
    at = uploaded(page="rows")
    lines = at.dataframe[0].value.iloc[0]
    assert lines["Rows read"] == lines["Imported"] + lines["Rejected"] + lines["Ignored"] == 8
    assert lines["File"] == "moves.csv"


@thorough
def test_a_part_can_be_changed_by_hand_and_the_next_file_with_these_headers_follows() -> None:
    at = uploaded(MOVES.replace(b"region,note", b"phase,note").replace(b"East", b"P1").replace(b"West", b"P2"))
    assert titles(at) == [ALL]
    turned(at, "columns")
    [label] = [box for box in at.selectbox if box.label == "Stage label"]
    label.select("phase")
    [apply] = [button for button in at.button if button.label == "Apply"]
    apply.click().run()
    assert not at.exception
    assert {label.label for label in at.session_state["workspace"].data_set.labels} == {"P1", "P2"}
    uploads.upload(at, ("next.csv", MOVES.replace(b"region,note", b"phase,note")))
    assert not at.exception
    assert {label.label for label in at.session_state["workspace"].data_set.labels} == {"East", "West"}


def test_a_label_can_be_given_another_meaning() -> None:
    at = uploaded()
    data_set = at.session_state["workspace"].data_set
    revision = data_set.revision
    data_set.with_concepts({"Qualified": "won"})
    assert data_set.revision != revision
    assert titles(at.run()) == ["2 of 4 leads won · entered Jan 2025 – Mar 2025"]


@thorough
def test_which_way_dates_are_read_is_asked_once_and_the_answer_reads_them_again() -> None:
    at = uploaded(b"lead_id,stage,changed_at\nA-1,New,01/02/2025\nA-1,Qualified,03/04/2025\nB-2,New,05/06/2025\n")
    asked = [markdown.value for markdown in at.markdown if "read both ways" in markdown.value]
    assert asked == ["The dates of **changed\\_at** read both ways. Is “01\\/02\\/2025” …"]
    for order, label, title in (
        ("mdy", "2 Jan 2025 (month first)", "None of 2 leads won yet · entered Jan 2025 – May 2025"),
        ("dmy", "1 Feb 2025 (day first)", "None of 2 leads won yet · entered Feb 2025 – Jun 2025"),
    ):
        fresh = uploaded(
            b"lead_id,stage,changed_at\nA-1,New,01/02/2025\nA-1,Qualified,03/04/2025\nB-2,New,05/06/2025\n"
        )
        answer = fresh.button(key=f"order_{order}")
        assert answer.label == label
        answer.click().run()
        assert not fresh.exception
        assert titles(fresh) == [title]
        assert not [markdown for markdown in fresh.markdown if "read both ways" in markdown.value]


def test_what_could_not_be_read_is_listed_and_can_be_downloaded() -> None:
    at = uploaded(MOVES.replace(b"D-4,New,2025-03-15", b"D-4,New,soon").replace(b"C-3,New", b",New"), page="rows")
    assert not at.exception
    [box] = [expander for expander in at.expander if expander.label.startswith("Rejected")]
    assert box.label == "Rejected: 2 cells"
    rejected = box.dataframe[0].value
    assert list(rejected.columns) == ["File", "Line", "Column", "Value", "Reason", "Whole line rejected"]
    assert list(rejected["Line"]) == [7, 9]
    assert list(rejected["Value"])[1] == "soon"
    assert [button.label for button in box.get("download_button")] == ["All rejected, as CSV"]


@thorough
def test_a_saved_mapping_comes_along_with_its_file() -> None:
    content = MOVES.replace(b"region,note", b"phase,note").replace(b"East", b"P1").replace(b"West", b"P2")
    first = uploaded(content)
    data_set = first.session_state["workspace"].data_set
    data_set.remap(MappingOverrides(label="phase"))
    saved = mapping.to_toml(data_set.mapping, data_set.overrides).encode()
    at = opened()
    uploads.upload(at, ("mapping.toml", saved))
    assert [error.value for error in at.error] == [
        "A mapping alone holds no leads. Upload it together with the file it was made for."
    ]
    uploads.upload(at, ("moves.csv", content), ("mapping.toml", saved))
    assert not at.exception
    assert set(with_ledger(at).dataframe[0].value["Stage"]) == {"P1", "P2"}


@thorough
def test_a_new_meaning_moves_the_close_date_of_a_snapshot() -> None:
    at = uploaded(
        b"lead_id,stage,created,closed,amount\n"
        b"A-1,Signed off,2025-01-05,2025-02-04,10\n"
        b"B-2,Closed lost,2025-01-10,2025-02-02,20\n"
        b"C-3,Open,2025-01-20,2025-09-01,30\n",
        "deals.csv",
    )
    at.switch_page("files_page.py").run()
    (meaning,) = [box for box in at.selectbox if str(box.key).endswith("_Signed off")]
    assert meaning.value != "won"
    meaning.set_value("won").run()
    assert not at.exception
    at.switch_page("funnel_page.py").run()
    told = {metric.label: metric.delta for metric in below(at).metric}
    assert told["Median time to win"] == "1 of 1 wins are dated: too few for a median"


def test_stages_can_be_put_in_another_order_by_hand() -> None:
    at = uploaded(model="CRM stages")
    at.session_state["stages"] = ["Qualified", "New", "Closed won"]
    at.run()
    assert not at.exception
    assert list(with_ledger(at).dataframe[0].value["Stage"]) == ["Qualified", "New", "Closed won"]


def test_the_first_rows_say_which_line_they_are() -> None:
    at = uploaded(MOVES.replace(b"note", b"Line"), page="rows")
    [box] = [expander for expander in at.expander if expander.label == "First rows of the file"]
    rows = box.dataframe[0].value
    assert list(rows.columns) == ["Line ", "lead_id", "stage", "changed_at", "region", "Line"]
    assert list(rows["Line "]) == list(range(2, 10))
