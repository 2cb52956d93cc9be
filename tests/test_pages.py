"""The pages, through pages/main.py, without a browser."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

MAIN = str(Path(__file__).resolve().parent.parent / "pages" / "main.py")
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


def opened(**query: str | list[str]) -> AppTest:
    """The app as it greets somebody who comes with an address."""
    at = AppTest.from_file(MAIN, default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


def uploaded(content: bytes = MOVES, name: str = "moves.csv", **query: str | list[str]) -> AppTest:
    """The app after an upload, on the Funnel page."""
    at = opened(**query)
    at.file_uploader[0].upload(name, content).run()
    assert not at.exception
    return at


def titles(at: AppTest) -> list[str]:
    return [title.value for title in at.title]


def metrics(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def test_every_page_greets_whoever_has_no_data() -> None:
    at = opened()
    assert titles(at) == ["See the funnel in your lead file"]
    assert not at.get("plotly_chart")
    at.switch_page("files.py").run()
    assert titles(at) == ["See the funnel in your lead file"]
    assert [button.label for button in at.button] == ["Try the sample"]
    assert any("nothing leaves it" in markdown.value for markdown in at.markdown)


def test_an_upload_shows_its_funnel_at_once_and_is_not_kept_mounted() -> None:
    at = uploaded()
    assert titles(at) == [ALL]
    assert metrics(at) == {
        "Leads started": "4",
        "Won by day 180": "–",
        "Median time to win": "27 days",
        "Still open": "2",
    }
    assert not at.file_uploader
    assert "upload_new_0" not in at.session_state


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


def test_an_address_opens_the_view_it_names() -> None:
    at = uploaded(started=["2025-01-20", "2025-03-15"], rule="came in order", filter=["region"], where_region=["West"])
    assert titles(at) == ["Of 2 leads started Jan 2025 – Mar 2025, none was won so far"]
    assert at.main.caption[0].value == (
        "As recorded · counted only in order · 1 still on the way, so the last figure will grow"
    )


@pytest.mark.parametrize(
    "query",
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
)
def test_an_address_that_makes_no_sense_shows_everything(query: dict[str, str | list[str]]) -> None:
    assert titles(uploaded(**query)) == [ALL]


def test_a_broken_file_says_so_and_leaves_the_old_view_standing() -> None:
    at = uploaded()
    at.switch_page("files.py").run()
    at.file_uploader[0].upload("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20).run()
    assert not at.exception
    assert len(at.error) == 1
    assert "picture" in at.error[0].value
    at.switch_page("overview.py").run()
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
    at = uploaded(hostile, "![y](http:evil).csv")
    at.switch_page("files.py").run()
    assert not at.exception
    places = [*at.markdown, *at.caption, *at.title, *at.metric, *at.warning, *at.info]
    assert not [place.value for place in places if "![" in place.value or "http://" in place.value]
    assert label in list(at.dataframe[-1].value["label"])


def test_the_data_page_says_where_every_line_went() -> None:
    at = uploaded()
    at.switch_page("files.py").run()
    lines = at.dataframe[0].value.iloc[0]
    assert lines["Lines read"] == lines["Used"] + lines["Rejected"] + lines["Ignored"] == 8
    assert lines["File"] == "moves.csv"


def test_the_ledger_sums() -> None:
    ledger = uploaded().dataframe[0].value
    parts = ledger[["Advanced", "Skipped ahead", "Moved back", "Lost", "Still there"]].sum(axis=1)
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
    at.switch_page("files.py").run()
    [label] = [box for box in at.selectbox if box.label == "Stage label"]
    label.select("phase")
    [apply] = [button for button in at.button if button.label == "Apply"]
    apply.click().run()
    assert not at.exception
    assert set(at.dataframe[-1].value["label"]) == {"P1", "P2"}
    at.file_uploader[0].upload("next.csv", MOVES.replace(b"region,note", b"phase,note")).run()
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
    assert len(at.main.get("plotly_chart")) == 3
