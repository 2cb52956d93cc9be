"""The Moves page, through pages/main.py, without a browser."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.test_pages import MOVES, metrics, opened, titles, uploaded
from tests.pages.test_pages_scoreboard import cells
from tests.pictures import pictures
from tests.thorough import every

pytestmark = pytest.mark.usefixtures("opened_once")
BACK = b"""lead_id,stage,changed_at,company,region
A-1,New,2025-01-01,Acme,East
A-1,Qualified,2025-01-05,Acme,East
A-1,New,2025-01-09,Acme,East
A-1,Qualified,2025-01-15,Acme,East
A-1,Closed won,2025-01-31,Acme,East
B-2,New,2025-01-20,Acme,East
B-2,Closed lost,2025-02-02,Acme,East
B-2,Qualified,2025-02-05,Acme,East
C-3,New,2025-02-03,Bolt,West
C-3,Closed won,2025-02-10,Bolt,West
"""
WIDE = b"""Lead ID,Date entered New,Date entered Qualified,Date entered Closed won
w1,2025-01-01,2025-01-05,2025-02-01
w2,2025-01-09,2025-01-03,
w3,2025-01-04,2025-01-14,
"""


def moved(content: bytes = BACK, **query: str | list[str]) -> AppTest:
    """The Moves page after an upload."""
    at = uploaded(content, page="moves", **query)
    assert not at.exception
    return at


def sampled(shape: str) -> AppTest:
    """The Moves page on the bundled sample."""
    at = opened("moves", sample=shape)
    assert not at.exception
    return at


def captions(at: AppTest) -> list[str]:
    return [caption.value for caption in at.main.caption]


def written(at: AppTest, kind: str) -> list[list[str]]:
    """The rows of the table of that class as texts."""
    found = [each.proto.body for each in at.main.get("html") if kind in each.proto.body]
    return cells(found[0])


def test_the_title_says_what_is_counted_and_figures_carry_their_counts() -> None:
    at = moved()
    assert titles(at) == ["Of 3 leads, 1 moved back at least once"]
    assert metrics(at) == {
        "Moved back at least once": "1",
        "Extra time to win": "–",
        "Moved back and won": "1",
        "Came back from lost": "1",
    }
    told = {metric.label: metric.delta for metric in at.metric}
    assert told["Moved back at least once"] == "1 of 3 leads"
    assert told["Extra time to win"] == "median 30 days (1 win), else 7 days (1 win)"
    assert told["Moved back and won"] == "1 of 1 so far; the others: 1 of 2, most of which never came as far"
    assert told["Came back from lost"] == "1 of 1 ever lost"


def test_the_stream_has_its_sentence_table_csv_and_query() -> None:
    at = moved()
    (chart,) = pictures(at.main)
    said = [markdown.value for markdown in at.main.markdown]
    assert any(re.search(r"Won so far.*no proof that moving back helps or harms", each) for each in said)
    assert "back: 1" in chart
    assert {button.proto.label for button in at.main.get("download_button")} == {"Download CSV"}
    views = next(group for group in at.main.button_group if group.key == "view_moves_stream")
    views.set_value("table").run()
    table = at.main.dataframe[0].value
    assert list(table.columns) == [
        "From",
        "To",
        "Kind of move",
        "Moves",
        "Leads",
        "% of stays there",
        "Median days there",
    ]
    back = table[table["Kind of move"] == "back"]
    assert back.values.tolist()[0][:5] == ["Qualified", "New", "back", 1, 1]
    assert back["% of stays there"].isna().all()  # of 3 stays: too few for a percentage
    next(group for group in at.main.button_group if group.key == "view_moves_stream").set_value("sql").run()
    assert any("FROM visits" in code.value for code in at.main.code)


def test_from_where_to_where_paths_and_reentries() -> None:
    at = moved()
    rows = written(at, "fl-moves")
    assert rows[0] == ["From ↓ to →", "New", "Qualified", "Closed won", "lost", "there now"]
    assert [row[0] for row in rows[1:]] == [
        "start 3 times",
        "New 4 times",
        "Qualified 3 times",
        "Closed won 2 times",
        "lost 1 time",
    ]
    assert rows[3] == ["Qualified 3 times", "1", "", "1", "", "1"]
    tables = [cells(each.proto.body) for each in at.main.get("html") if "fl-paths" in each.proto.body]
    _, paths, again = tables
    assert ["New → Qualified → New → Qualified → Closed won", "1", "–", "1", "30"] in paths
    assert ["New → lost → Qualified → there now", "1", "–", "0", "–"] in paths
    assert again[1:] == [["New", "3", "1", "–"], ["Qualified", "2", "1", "–"], ["Closed won", "2", "0", "–"]]
    assert "All 3 paths" in [subheader.value for subheader in at.main.subheader]


def test_the_sample_is_told_in_percentages() -> None:
    at = sampled("history")
    assert titles(at) == ["Of 12,000 leads, 9.9% moved back at least once"]
    assert "The 20 commonest of 691 paths" in [subheader.value for subheader in at.main.subheader]
    assert written(at, "fl-moves")[4][2] == "526 7.7%"


def test_dates_filters_and_model_are_those_of_the_sidebar() -> None:
    at = moved(started=["2025-01-20", "2025-02-03"], filter=["region"], where_region=["East"])
    assert titles(at) == ["Of 1 lead, none moved back to an earlier stage"]
    assert captions(at)[0].startswith("As recorded · started 20 Jan 2025 – 3 Feb 2025 · region\\:\u2060 East · ")
    at.selectbox(key="model").select("aida").run()
    assert captions(at)[0].startswith("AIDA · ")
    assert written(at, "fl-moves")[0][1:5] == ["Awareness", "Interest", "Desire", "Action"]


def test_accounts_move_by_their_leads() -> None:
    at = moved(unit="accounts")
    assert titles(at) == ["Of 3 leads, 1 moved back at least once"]
    assert captions(at)[0].endswith("by lead\\, since it is leads that move")


def test_no_lead_says_why_and_the_way_out() -> None:
    at = moved(MOVES, started=["2025-02-03", "2025-02-20"], filter=["region"], where_region=["West"])
    assert titles(at) == ["No lead is counted here"]
    assert not pictures(at.main)
    at.button(key="clear_filters").click().run()
    assert titles(at) == ["Of 4 leads, none moved back to an earlier stage"]


def test_nobody_won_leaves_dashes_and_no_percentage() -> None:
    at = moved(b"lead_id,stage,changed_at\nA,New,2025-01-01\nA,Demo,2025-01-03\nB,New,2025-01-02\n")
    assert metrics(at) == {
        "Moved back at least once": "0",
        "Extra time to win": "–",
        "Moved back and won": "–",
        "Came back from lost": "–",
    }


def test_a_snapshot_says_that_it_has_no_moves_and_where_to_go() -> None:
    at = sampled("snapshot")
    assert titles(at) == ["This file cannot tell how leads move"]
    assert not pictures(at.main)
    assert not at.metric
    assert "not how it came there" in at.main.info[0].value
    assert [link.proto.label for link in at.main.get("page_link")] == [
        "How far leads are: Funnel",
        "Bring another file: Data",
    ]


def test_a_date_a_stage_says_what_it_cannot_tell() -> None:
    at = moved(WIDE)
    assert titles(at) == ["Of 3 leads, 1 moved back at least once"]
    assert "a second entry at the same stage is not in it" in at.main.info[0].value


@pytest.mark.parametrize(
    "name", every(2, ["<img src=x onerror=alert(1)>", "=1+1", "![x](http://e.x/y.png)", "a" * 300])
)
def test_names_of_stages_are_inert(name: str) -> None:
    at = moved(BACK.replace(b"Qualified", name.encode()))
    bodies = [each.proto.body for each in at.main.get("html")]
    assert not any("<img" in body for body in bodies)
    assert any(name[:10].replace("<", "&lt;") in body for body in bodies)
    for markdown in at.main.markdown:
        assert "](http" not in markdown.value
