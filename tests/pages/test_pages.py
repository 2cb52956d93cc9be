"""The pages, through pages/main.py, without a browser."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from funnel import Hints, mapping
from tests import uploads
from tests.pictures import pictures
from tests.thorough import every

pytestmark = pytest.mark.usefixtures("opened_once")
MAIN = str(Path(__file__).resolve().parents[2] / "pages" / "main.py")
MOVES = b"""lead_id,stage,changed_at,region,note
A-1,New,2025-01-05,East,=1+1
A-1,Qualified,2025-01-10,East,=1+1
A-1,Closed won,2025-02-01,East,=1+1
B-2,New,2025-01-20,West,
B-2,Closed lost,2025-02-02,West,
C-3,New,2025-02-03,East,
C-3,Qualified,2025-02-10,East,
D-4,New,2025-03-15,West,
"""
ALL = "Of 4 leads started Jan 2025 – Mar 2025, 1 was won so far"


def opened(page: str = "", **query: str | list[str]) -> AppTest:
    """The app as it greets somebody who comes with an address, or, on a page that they had gone to before, turns to one."""
    at = AppTest.from_file(MAIN, default_timeout=60)
    if page:
        at = at.run().switch_page(f"{page}_page.py").run()
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


def uploaded(content: bytes = MOVES, name: str = "moves.csv", page: str = "", **query: str | list[str]) -> AppTest:
    """The app after an upload, on the Funnel page, or on the page that they had gone to before."""
    at = opened(page, **query)
    uploads.upload(at, (name, content))
    assert not at.exception
    return at


def titles(at: AppTest) -> list[str]:
    return [title.value for title in at.title]


def metrics(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def test_every_page_greets_whoever_has_no_data() -> None:
    at = opened()
    assert titles(at) == ["See the funnel in your lead file"]
    assert not pictures(at)
    at.switch_page("files_page.py").run()
    assert titles(at) == ["See the funnel in your lead file"]
    assert [button.label for button in at.button] == ["Try the sample"]
    assert any("nothing leaves it" in markdown.value for markdown in at.markdown)


def test_an_upload_shows_its_funnel_at_once_and_is_not_kept_mounted() -> None:
    at = uploaded()
    assert titles(at) == [ALL]
    assert metrics(at) == {
        "Leads started": "4",
        "Won within 180 days": "–",
        "Median time to win": "–",
        "Open leads": "2",
    }
    assert not uploads.boxes(at)
    assert not at.session_state["workspace"].tickets


def test_the_slider_counts_only_leads_that_started_on_its_days() -> None:
    at = uploaded()
    at.slider(key="started").set_range(date(2025, 1, 20), date(2025, 2, 3)).run()
    assert titles(at) == ["Of 2 leads started Jan 2025 – Feb 2025, none was won so far"]
    at.slider(key="started").set_range(date(2025, 1, 5), date(2025, 3, 15)).run()
    assert titles(at) == [ALL]


def test_the_rules_say_how_many_leads_they_would_count_differently() -> None:
    skipped = MOVES.replace(b"C-3,New,2025-02-03,East,\n", b"")
    at = uploaded(skipped)
    said = "“was seen there” would count 1 lead differently, “came in order” 1"
    assert said in [caption.value for caption in at.caption]


def test_strict_order_is_a_rule_to_choose() -> None:
    skipped = MOVES.replace(b"C-3,New,2025-02-03,East,\n", b"")
    at = uploaded(skipped, rule="came in strict order")
    assert any("counted only in strict order" in caption.value for caption in at.caption)
    assert any(caption.value.startswith("“passed it” would count") for caption in at.caption)


def test_an_address_opens_the_view_it_names() -> None:
    at = uploaded(started=["2025-01-20", "2025-03-15"], rule="came in order", filter=["region"], where_region=["West"])
    assert titles(at) == ["Of 2 leads started Jan 2025 – Mar 2025, none was won so far"]
    assert at.main.caption[0].value == (
        "As recorded · counted only in order · 1 still on the way, so the last figure will grow"
    )


@pytest.mark.parametrize(
    "query",
    every(
        5,
        [
            {"started": ["1900-01-01", "2999-01-01"]},
            {"started": ["2025-03-01", "x"]},
            {"rule": "'; DROP TABLE leads"},
            {"model": "../../etc/passwd"},
            {"filter": ["no such column"], "where_region": ["<script>"]},
            {"window": "-7"},
            {"unit": "account", "quorum": "0"},
            {"by": "-1", "day": "1e99", "split": "lead_id"},
            {"stages": ["nobody"]},
            {"sample": "../history"},
        ],
    ),
)
def test_an_address_that_makes_no_sense_shows_everything(query: dict[str, str | list[str]]) -> None:
    assert titles(uploaded(**query)) == [ALL]


def test_a_broken_file_says_so_and_leaves_the_old_view_standing() -> None:
    at = uploaded(page="files")
    uploads.upload(at, ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20))
    assert not at.exception
    assert len(at.error) == 1
    assert "picture" in at.error[0].value
    at.switch_page("overview_page.py").run()
    assert titles(at) == [ALL]


def test_a_first_file_that_is_broken_is_said_beside_the_box() -> None:
    at = uploaded(b"", "nothing.csv")
    assert titles(at) == ["See the funnel in your lead file"]
    assert len(at.error) == 1
    assert "nothing" in at.error[0].value


def test_an_empty_result_says_why_and_gives_the_way_out() -> None:
    at = uploaded(filter=["region"], where_region=["West"], started=["2025-02-03", "2025-02-20"])
    assert titles(at) == ["No lead is counted here"]
    at.button(key="clear_filters").click().run()
    assert titles(at) == [ALL]


def test_text_of_a_file_is_shown_never_obeyed() -> None:
    label = "![x](http://evil.example/a.png)<b>"
    hostile = MOVES.replace(b"Qualified", label.encode())
    at = uploaded(hostile, "![y](http:evil).csv", page="files")
    assert not at.exception
    places = [*at.markdown, *at.caption, *at.title, *at.metric, *at.warning, *at.info]
    assert not [place.value for place in places if "![" in place.value or "http://" in place.value]
    assert label in list(at.dataframe[-1].value["label"])


def test_the_data_page_says_where_every_line_went() -> None:
    at = uploaded(page="files")
    lines = at.dataframe[0].value.iloc[0]
    assert lines["Lines read"] == lines["Used"] + lines["Rejected"] + lines["Ignored"] == 8
    assert lines["File"] == "moves.csv"


def test_the_ledger_sums() -> None:
    ledger = uploaded().dataframe[0].value
    parts = ledger[["Advanced", "Skipped ahead", "Moved back", "Lost for good", "Still there"]].sum(axis=1)
    assert list(parts) == list(ledger["Entered"])
    assert dict(zip(ledger["Stage"], ledger["Entered"], strict=True)) == {"New": 4, "Qualified": 2, "Closed won": 1}


def test_stages_can_be_left_out_by_hand() -> None:
    at = uploaded(stages=["New", "Closed won"])
    assert list(at.dataframe[0].value["Stage"]) == ["New", "Closed won"]


def test_two_sessions_do_not_see_each_others_leads() -> None:
    mine, yours = uploaded(), uploaded(MOVES.replace(b"D-4,New,2025-03-15,West,\n", b""), "moves.csv")
    assert titles(mine) == [ALL]
    assert titles(yours) == ["Of 3 leads started Jan 2025 – Feb 2025, 1 was won so far"]
    assert titles(mine.run()) == [ALL]
    assert mine.session_state["workspace"].token != yours.session_state["workspace"].token


def test_the_sample_is_one_click_away() -> None:
    at = opened()
    at.button(key="try_the_sample").click().run()
    assert not at.exception
    assert titles(at)[0].startswith("Of 12,000 leads started Jan 2023 – Jun 2025, ")
    assert at.query_params["sample"] == "history"


def test_a_part_can_be_changed_by_hand_and_the_next_file_with_these_headers_follows() -> None:
    at = uploaded(MOVES.replace(b"region,note", b"phase,note").replace(b"East", b"P1").replace(b"West", b"P2"))
    assert titles(at) == [ALL]
    at.switch_page("files_page.py").run()
    [label] = [box for box in at.selectbox if box.label == "Stage label"]
    label.select("phase")
    [apply] = [button for button in at.button if button.label == "Apply"]
    apply.click().run()
    assert not at.exception
    assert set(at.dataframe[-1].value["label"]) == {"P1", "P2"}
    uploads.upload(at, ("next.csv", MOVES.replace(b"region,note", b"phase,note")))
    assert not at.exception
    assert set(at.dataframe[-1].value["label"]) == {"East", "West"}


def test_a_label_can_be_given_another_meaning() -> None:
    at = uploaded()
    data_set = at.session_state["workspace"].data_set
    revision = data_set.revision
    data_set.with_concepts({"Qualified": "won"})
    assert data_set.revision != revision
    assert titles(at.run()) == ["Of 4 leads started Jan 2025 – Mar 2025, 2 were won so far"]


def test_a_breakdown_shows_one_funnel_for_each_value() -> None:
    at = uploaded()
    at.selectbox(key="split").select("region").run()
    assert not at.exception
    assert len(pictures(at.main)) == 3


def test_which_way_dates_are_read_is_asked_once_and_the_answer_reads_them_again() -> None:
    at = uploaded(b"lead_id,stage,changed_at\nA-1,New,01/02/2025\nA-1,Qualified,03/04/2025\nB-2,New,05/06/2025\n")
    asked = [markdown.value for markdown in at.markdown if "read both ways" in markdown.value]
    assert asked == ["The dates of **changed\\_at** read both ways. Is “01\\/02\\/2025” …"]
    for order, label, title in (
        ("mdy", "2 Jan 2025 (month first)", "Of 2 leads started Jan 2025 – May 2025, none was won so far"),
        ("dmy", "1 Feb 2025 (day first)", "Of 2 leads started Feb 2025 – Jun 2025, none was won so far"),
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
    at = uploaded(MOVES.replace(b"D-4,New,2025-03-15", b"D-4,New,soon").replace(b"C-3,New", b",New"), page="files")
    assert not at.exception
    [box] = [expander for expander in at.expander if expander.label.startswith("Rejected")]
    assert box.label == "Rejected: 2 cells"
    rejected = box.dataframe[0].value
    assert list(rejected.columns) == ["File", "Line", "Column", "Value", "Reason", "Whole line rejected"]
    assert list(rejected["Line"]) == [7, 9]
    assert list(rejected["Value"])[1] == "soon"
    assert [button.label for button in box.get("download_button")] == ["All rejected, as CSV"]


def test_a_second_file_is_added_to_the_first() -> None:
    at = uploaded(page="files")
    at.segmented_control(key="more").set_value("Add to these").run()
    more = MOVES.splitlines(keepends=True)[0] + b"E-5,New,2025-04-02,East,\n"
    uploads.upload(at, ("april.csv", more))
    assert not at.exception
    assert list(at.dataframe[0].value["File"]) == ["moves.csv", "april.csv"]
    at.switch_page("overview_page.py").run()
    assert titles(at) == ["Of 5 leads started Jan 2025 – Apr 2025, 1 was won so far"]


def test_a_file_takes_the_place_of_the_sample_and_the_page_says_so() -> None:
    at = opened(sample="snapshot")
    at.switch_page("files_page.py").run()
    assert at.segmented_control(key="more").disabled
    assert "The sample is complete: your file takes its place." in [caption.value for caption in at.caption]
    uploads.upload(at, ("moves.csv", MOVES))
    assert list(at.dataframe[0].value["File"]) == ["moves.csv"]
    assert not at.segmented_control(key="more").disabled


def test_a_saved_mapping_comes_along_with_its_file() -> None:
    content = MOVES.replace(b"region,note", b"phase,note").replace(b"East", b"P1").replace(b"West", b"P2")
    first = uploaded(content)
    data_set = first.session_state["workspace"].data_set
    data_set.remap(Hints(label="phase"))
    saved = mapping.to_toml(data_set.mapping, data_set.hints).encode()
    at = opened()
    uploads.upload(at, ("mapping.toml", saved))
    assert [error.value for error in at.error] == [
        "A mapping alone holds no leads. Upload it together with the file it was made for."
    ]
    uploads.upload(at, ("moves.csv", content), ("mapping.toml", saved))
    assert not at.exception
    assert set(at.dataframe[0].value["Stage"]) == {"P1", "P2"}


def test_a_new_meaning_moves_the_close_date_of_a_snapshot() -> None:
    at = uploaded(
        b"lead_id,stage,created,closed,amount\n"
        b"A-1,Signed off,2025-01-05,2025-02-04,10\n"
        b"B-2,Closed lost,2025-01-10,2025-02-02,20\n"
        b"C-3,Open,2025-01-20,2025-09-01,30\n",
        "deals.csv",
    )
    data_set = at.session_state["workspace"].data_set
    at.switch_page("files_page.py").run()
    place = [label.label for label in data_set.labels].index("Signed off")
    table = at.data_editor[0]
    assert table.value["concept"][place] != "Won"
    at.session_state[table.key] = {"edited_rows": {place: {"concept": "Won"}}, "added_rows": [], "deleted_rows": []}
    at.run()
    assert not at.exception
    at.switch_page("overview_page.py").run()
    told = {metric.label: metric.delta for metric in at.main.metric}
    assert told["Median time to win"] == "1 of 1 wins are dated: too few for a median"


def test_stages_can_be_put_in_another_order_by_hand() -> None:
    at = uploaded(model="As recorded")
    at.session_state["stages"] = ["Qualified", "New", "Closed won"]
    at.run()
    assert not at.exception
    assert list(at.dataframe[0].value["Stage"]) == ["Qualified", "New", "Closed won"]


def test_the_first_rows_say_which_line_they_are() -> None:
    at = uploaded(MOVES.replace(b"note", b"Line"), page="files")
    [box] = [expander for expander in at.expander if expander.label == "First rows of the file"]
    rows = box.dataframe[0].value
    assert list(rows.columns) == ["Line ", "lead_id", "stage", "changed_at", "region", "Line"]
    assert list(rows["Line "]) == list(range(2, 10))


def test_amounts_and_accounts_can_be_filtered() -> None:
    content = b"""lead_id,stage,changed_at,company,amount
A-1,New,2025-01-05,Acme,100
B-2,New,2025-01-20,Acme,250
C-3,New,2025-02-03,Bolt,900
"""
    at = uploaded(content, filter=["Amount"], where_from_amount="200")
    assert titles(at) == ["Of 2 leads started Jan 2025 – Feb 2025, none was won so far"]
    at = uploaded(content, filter=["Account"], where_account_id=["Acme"])
    assert titles(at) == ["Of 2 leads started Jan 2025, none was won so far"]


def test_a_file_without_dates_has_a_funnel_and_a_comparison_and_says_what_they_cannot_tell() -> None:
    rows = "".join(f"L-{n},{stage}\n" for n, stage in enumerate(("New", "Qualified", "Closed won") * 8))
    at = uploaded(b"lead_id,stage\n" + rows.encode(), "standing.csv")
    assert not at.exception
    assert pictures(at)
    assert any("holds no date" in info.value for info in at.info)
    at.switch_page("models_page.py").run()
    assert not at.exception
    assert titles(at) == ["The same 24 leads through three models"]
    assert len(pictures(at.main)) > 3
