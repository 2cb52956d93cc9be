"""The tab Paths of the Funnel page, through pages/main.py, without a browser."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.apps import MOVES, below, choose, menu, metrics, opened, titles, uploaded
from tests.pages.test_pages_scoreboard import cells
from tests.pictures import pictures
from tests.thorough import every, thorough

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
    """The tab after an upload."""
    at = uploaded(content, page="paths", **query)
    assert not at.exception
    return at


def sampled(shape: str) -> AppTest:
    """The tab on the bundled sample."""
    at = opened("paths", sample=shape)
    assert not at.exception
    return at


def headers(at: AppTest) -> list[str]:
    return [header.value for header in below(at).header]


def headline(at: AppTest) -> str:
    """What the tab says first."""
    return headers(at)[0]


def subtitle(at: AppTest) -> str:
    """The line under it: of which leads."""
    (told,) = [each.value for each in below(at).caption if "every recorded move" in each.value]
    return told


def figures(at: AppTest) -> dict[str, str]:
    """The figures of the tab."""
    return metrics(at)


def part(at: AppTest, name: str) -> AppTest:
    """The tab with another of its ways to look at moves."""
    at.pills(key="paths").set_value(name).run()
    assert not at.exception
    return at


def written(at: AppTest, kind: str) -> list[list[str]]:
    """The rows of the table of that class as texts."""
    found = [each.proto.body for each in below(at).get("html") if kind in each.proto.body]
    return cells(found[0])


def test_the_title_says_what_is_counted_and_figures_carry_their_counts() -> None:
    at = moved()
    assert headline(at) == "1 of 3 leads moved back at least once"
    assert figures(at) == {
        "Moved back at least once": "1",
        "Extra time to win": "–",
        "Moved back and won": "1",
        "Reopened": "1",
    }
    told = {metric.label: metric.delta for metric in at.metric}
    assert told["Moved back at least once"] == "1 of 3 leads"
    assert told["Extra time to win"] == "median 30 days (1 win), else 7 days (1 win)"
    assert told["Moved back and won"] == "1 of 1 so far; the others: 1 of 2, most of which never came as far"
    assert told["Reopened"] == "1 of 1 ever lost"


def test_the_stream_has_its_sentence_table_csv_and_query() -> None:
    at = moved()
    (chart,) = pictures(below(at))
    said = [markdown.value for markdown in below(at).markdown]
    assert any(re.search(r"Won so far.*no proof that moving back helps or harms", each) for each in said)
    assert "back: 1" in chart
    choose(at, "moves_stream", "view", "table")
    (table,) = [each.value for each in below(at).dataframe if "Kind of move" in each.value]
    assert list(table.columns) == [
        "From",
        "To",
        "Kind of move",
        "Moves",
        "Leads",
        "% of visits there",
        "Median days there",
    ]
    back = table[table["Kind of move"] == "moved back"]
    assert back.values.tolist()[0][:5] == ["Qualified", "New", "moved back", 1, 1]
    assert back["% of visits there"].isna().all()  # of 3 visits: too few for a percentage
    assert menu(at, "moves_stream")["view"] == "table"
    choose(at, "moves_stream", "view", "sql")
    assert any("FROM visits" in code.value for code in below(at).code)


def test_from_where_to_where_paths_and_reentries() -> None:
    at = part(moved(), "stages")
    rows = written(at, "fl-moves")
    assert rows[0] == ["From ↓ to →", "New", "Qualified", "Closed won", "lost", "in stage now"]
    assert [row[0] for row in rows[1:]] == [
        "start 3 times",
        "New 4 times",
        "Qualified 3 times",
        "Closed won 2 times",
        "lost 1 time",
    ]
    assert rows[3] == ["Qualified 3 times", "1", "", "1", "", "1"]
    assert "Won after moving back, by how far leads came" in headers(at)
    paths = written(part(at, "ways"), "fl-paths")
    assert "Paths (all 3)" in headers(at)
    again = written(part(at, "again"), "fl-paths")
    assert ["New → Qualified → New → Qualified → Closed won", "1", "–", "1", "30"] in paths
    assert ["New → lost → Qualified → in stage now", "1", "–", "0", "–"] in paths
    assert again[1:] == [["New", "3", "1", "–"], ["Qualified", "2", "1", "–"], ["Closed won", "2", "0", "–"]]


@thorough
def test_the_sample_is_told_in_percentages() -> None:
    at = sampled("history")
    assert headline(at) == "9.9% of 12,000 leads moved back at least once"
    assert "Top paths (20 of 691)" in headers(part(at, "ways"))
    assert written(part(at, "stages"), "fl-moves")[4][2] == "526 7.7%"


def test_dates_filters_and_model_are_those_of_the_strip() -> None:
    at = moved(started=["2025-01-20", "2025-02-03"], filter=["region"], where_region=["East"])
    assert headline(at) == "None of 1 lead moved back to an earlier stage"
    assert subtitle(at).startswith("CRM stages · entered 20 Jan 2025 – 3 Feb 2025 · region\\:\u2060 East · ")
    at.selectbox(key="model").select("aida").run()
    assert subtitle(at).startswith("AIDA · ")
    assert written(part(at, "stages"), "fl-moves")[0][1:5] == ["Awareness", "Interest", "Desire", "Action"]


def test_accounts_move_by_their_leads() -> None:
    at = moved(unit="accounts")
    assert headline(at) == "1 of 3 leads moved back at least once"
    assert subtitle(at).endswith("by lead\\, since it is leads that move")


def test_no_lead_says_why_and_the_way_out() -> None:
    at = moved(MOVES, started=["2025-02-03", "2025-02-20"], filter=["region"], where_region=["West"])
    assert titles(at) == ["No lead is counted here"]
    assert not pictures(below(at))
    at.button(key="clear_filters").click().run()
    assert headline(at) == "None of 4 leads moved back to an earlier stage"


def test_nobody_won_leaves_dashes_and_no_percentage() -> None:
    at = moved(b"lead_id,stage,changed_at\nA,New,2025-01-01\nA,Demo,2025-01-03\nB,New,2025-01-02\n")
    assert figures(at) == {
        "Moved back at least once": "0",
        "Extra time to win": "–",
        "Moved back and won": "–",
        "Reopened": "–",
    }


@thorough
def test_a_snapshot_says_that_it_has_no_moves_and_where_to_go() -> None:
    at = sampled("snapshot")
    assert headline(at) == "This file cannot tell how leads move"
    assert not pictures(below(at))
    assert not figures(at)
    assert "not how it came there" in below(at).info[0].value
    assert [link.proto.label for link in below(at).get("page_link")] == ["What was read of this file: Data check"]


def test_a_date_a_stage_says_what_it_cannot_tell() -> None:
    at = moved(WIDE)
    assert headline(at) == "1 of 3 leads moved back at least once"
    assert "a second entry at the same stage is not in it" in below(at).info[0].value


@thorough
@pytest.mark.parametrize(
    "name", every(2, ["<img src=x onerror=alert(1)>", "=1+1", "![x](http://e.x/y.png)", "a" * 300])
)
def test_names_of_stages_are_inert(name: str) -> None:
    at = part(moved(BACK.replace(b"Qualified", name.encode())), "stages")
    bodies = [each.proto.body for each in below(at).get("html")]
    assert not any("<img" in body for body in bodies)
    assert any(name[:10].replace("<", "&lt;") in body for body in bodies)
    for markdown in below(at).markdown:
        assert "](http" not in markdown.value
