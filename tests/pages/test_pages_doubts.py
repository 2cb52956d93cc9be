"""The banner over files that may mean something else, the other readings and why, and "each line is a lead", without a browser."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from funnel import MappingOverrides
from funnel.core.types import Note
from funnel.words import wording
from pages.sections import doubt_banner
from pages.server.workspace import Workspace
from tests import doubtful, uploads
from tests.pages.apps import MOVES, below, metrics, titles, turned, uploaded
from tests.thorough import every, thorough

pytestmark = pytest.mark.usefixtures("opened_once")
PAGES = ("overview", "funnel", "files", "models", "trends", "pipeline", "paths", "segments", "edit")
DATA = "More under Data check"
LINES, LINES_WON = doubtful.as_lines()
CLIENTS, CLIENTS_WON = doubtful.as_history()
NOW = f"This file can be read in two ways. Now each line is a lead as it stands: {LINES} leads, {LINES_WON} won."
THEN = (
    "This file can be read in two ways. Now it is the history of"
    f" {CLIENTS} leads told apart by “Client Code”, {CLIENTS_WON} won."
)
AS_HISTORY = f"Read it as the history of {CLIENTS} leads told apart by “Client Code”, {CLIENTS_WON} won"
AS_LINES = f"Read each line as a lead as it stands: {LINES} leads, {LINES_WON} won"


@pytest.fixture(scope="module")
def doubted() -> AppTest:
    return uploaded(doubtful.content(), "deals.csv")


@pytest.fixture(scope="module")
def clear() -> AppTest:
    return uploaded()


def shown(text: str) -> str:
    """Text of a Markdown place as it is read."""
    return text.replace("\\", "").replace(wording.WORD_JOINER, "")


def banner(at: AppTest) -> list[str]:
    """The sentences over the page, and after them its buttons."""
    told = [
        shown(each.value)
        for each in below(at).markdown
        if each.value.startswith(wording.escape_markdown("This file can"))
    ]
    kept = [each for each in below(at).button if str(each.key).startswith(("read_otherwise_", "hide_doubts"))]
    return told + [shown(each.label) for each in kept]


def read_otherwise(at: AppTest) -> AppTest:
    [button] = [each for each in below(at).button if str(each.key).startswith("read_otherwise_")]
    button.click().run()
    assert not at.exception
    return at


def box(at: AppTest, label: str):  # type: ignore[no-untyped-def]
    [found] = [each for each in below(at).selectbox if each.label == label]
    return found


def apply(at: AppTest) -> AppTest:
    [button] = [each for each in below(at).button if each.label == "Apply"]
    button.click().run()
    assert not at.exception
    return at


def links(at: AppTest) -> list[str]:
    return [each.proto.label for each in below(at).get("page_link")]


@pytest.mark.parametrize("page", every(4, PAGES))
def test_every_page_says_that_a_file_can_be_read_in_two_ways(doubted, page) -> None:
    turned(doubted, page)
    assert banner(doubted) == [NOW, AS_HISTORY, "Hide"]
    assert (DATA in links(doubted)) == (page != "files")


@pytest.mark.parametrize("page", every(4, PAGES))
def test_no_page_doubts_a_clear_file(clear, page) -> None:
    turned(clear, page)
    assert banner(clear) == []
    assert DATA not in links(clear)


def test_the_other_reading_is_one_click_away_and_so_is_the_way_back() -> None:
    at = uploaded(doubtful.content(), "deals.csv")
    data_set = at.session_state["workspace"].data_set
    first, labels = data_set.mapping.sources, data_set.labels
    assert titles(at) == [f"{LINES_WON} of {LINES} leads won (33%) · entered Feb 2024 – Jun 2024"]
    before = metrics(at)
    read_otherwise(at)
    assert titles(at)[0].startswith(f"{CLIENTS_WON} of ")
    assert f"{CLIENTS} leads · {LINES} entries" in [caption.value for caption in at.caption]
    assert banner(at) == [THEN, AS_LINES, "Hide"]
    assert data_set.mapping.shape == "history"
    read_otherwise(at)
    assert banner(at) == [NOW, AS_HISTORY, "Hide"]
    assert metrics(at) == before
    assert (data_set.mapping.sources, data_set.labels, data_set.overrides) == (first, labels, MappingOverrides())


@thorough
def test_what_else_was_said_by_hand_is_kept() -> None:
    at = uploaded(doubtful.content(), "deals.csv")
    data_set = at.session_state["workspace"].data_set
    data_set.remap(MappingOverrides(owner="-", concepts=(("2 Qualified", "demo"),)))
    read_otherwise(at.run())
    assert data_set.mapping.shape == "history"
    assert "owner" not in data_set.loaded.columns
    assert data_set.concepts["2 Qualified"] == "demo"
    read_otherwise(at)
    assert data_set.overrides == MappingOverrides(owner="-", concepts=(("2 Qualified", "demo"),))


def test_wins_follow_what_labels_are_taken_for() -> None:
    rows = [line[:3] + line[4:] for line in doubtful.lines()]
    content = "\n".join(["Deal name,Rep,Client Code,Phase,Opened", *(",".join(map(str, row)) for row in rows), ""])
    at = uploaded(content.encode(), "deals.csv")
    assert banner(at) == [
        NOW,
        AS_HISTORY.replace(f", {CLIENTS_WON} won", f", {ever_won(rows, '5 Closed won')} won"),
        "Hide",
    ]
    at.session_state["workspace"].data_set.with_concepts({"5 Closed won": "demo", "2 Qualified": "won"})
    at.run()
    open_lines = sum(row[3] == "2 Qualified" for row in rows)
    assert banner(at) == [
        NOW.replace(f"{LINES_WON} won", f"{open_lines} won"),
        AS_HISTORY.replace(f"{CLIENTS_WON} won", f"{ever_won(rows, '2 Qualified')} won"),
        "Hide",
    ]


def ever_won(rows: list[tuple[object, ...]], win: str) -> int:
    """Clients that came to this label, and to no other after it: each other is a loss, or a stage before the win."""
    won = set()
    for _, _, client, phase, _ in sorted(rows, key=lambda row: str(row[4])):
        if phase == win:
            won.add(client)
        else:
            won.discard(client)
    return len(won)


def test_a_doubt_that_was_hidden_stays_listed_on_the_data_page_until_another_file_comes() -> None:
    at = uploaded(doubtful.content(), "deals.csv")
    at.button(key="hide_doubts").click().run()
    assert banner(at) == []
    turned(at, "rows")
    assert banner(at) == []
    assert NOW in shown(at.warning[0].value)
    turned(at, "columns")
    [other] = [each for each in below(at).button if str(each.key).startswith("take_reading_0")]
    assert shown(other.label) == AS_HISTORY
    uploads.upload(at, ("deals.csv", doubtful.content()))
    assert banner(at) == [NOW, AS_HISTORY, "Hide"]
    turned(at, "rows")
    assert NOW not in shown(at.warning[0].value)


def test_rejected_lines_lead_to_the_data_page() -> None:
    broken = MOVES.replace(b"2025-01-10", b"soon").replace(b"2025-02-01", b"later")
    at = uploaded(broken)
    told = "2 of 8 lines could not be used: perhaps a column plays the wrong part."
    assert told in [shown(each.value) for each in below(at).markdown]
    assert links(at) == [DATA]
    assert banner(at) == ["Hide"]


def test_why_each_column_plays_its_part_and_what_else_the_file_could_be(doubted) -> None:
    turned(doubted, "columns")
    [table] = [each.proto.body for each in below(doubted).get("html") if "fl-why" in each.proto.body]
    rows = [row.split("</td>")[0] for row in table.split("<tr>")[2:]]
    assert [
        row.replace('<th scope="row">', "").replace("</th><td><bdi>", ": ").removesuffix("</bdi>") for row in rows
    ] == [
        "Each row is: Snapshot: leads as they stand now",
        "Lead: Each line is a lead",
        "Stage label: Phase",
        "Created: Opened",
        "Outcome: State",
        "Account: Client Code",
        "Owner: Rep",
    ]
    assert f"No column tells one lead from another, so each of {LINES} lines is a lead." in table
    others = [shown(each.label) for each in below(doubted).button if str(each.key).startswith("take_reading_")]
    assert others[0] == AS_HISTORY
    assert len(others) == len(doubted.session_state["workspace"].data_set.mapping.alternatives)
    told = [shown(each.value) for each in below(doubted).caption]
    assert "Lead: Client Code · Stage label: Phase · Time of the entry: Opened · Outcome: State" in told


def test_each_line_can_be_a_lead_by_hand() -> None:
    at = uploaded(page="columns")
    lead = box(at, "Lead")
    assert lead.options[:2] == ["Each line is a lead", "lead_id"]
    assert lead.value == "lead_id"
    lead.select("-")
    apply(at)
    assert not at.error
    data_set = at.session_state["workspace"].data_set
    assert data_set.leads == MOVES.count(b"\n") - 1
    assert box(at, "Lead").value == "-"
    assert data_set.overrides == MappingOverrides(lead="-")
    box(at, "Lead").select("lead_id")
    apply(at)
    assert data_set.leads == 4


@pytest.mark.parametrize(("shape", "kind"), [("history", "a history"), ("changes", "a log of changes")])
def test_a_line_is_no_lead_in_a_log(shape: str, kind: str) -> None:
    at = uploaded(doubtful.content(), "deals.csv", page="columns")
    at.session_state["workspace"].data_set.remap(MappingOverrides(lead="-"))
    at.run()
    box(at, "Each row is").select(shape)
    apply(at)
    assert [shown(each.value) for each in at.error] == [
        f"In {kind} a lead has several lines, so no line is a lead by itself. Say which column tells the leads apart"
        " (--lead COL, or the Data page), or take another shape: snapshot or wide."
    ]
    assert at.session_state["workspace"].data_set.leads == LINES


def test_what_is_said_of_a_line_last_counts() -> None:
    at = uploaded(page="columns")
    at.session_state["workspace"].data_set.remap(MappingOverrides(shape="history"))
    at.run()
    box(at, "Lead").select("-")
    apply(at)
    assert not at.error
    assert at.session_state["workspace"].data_set.leads == MOVES.count(b"\n") - 1


def test_a_reading_that_fails_says_so_on_the_page_where_it_was_chosen() -> None:
    at = uploaded()
    at.session_state["mapping_problem"] = "It did not work"
    at.run()
    assert [each.value for each in at.error] == ["It did not work"]
    assert not at.run().error


def test_a_built_folder_is_not_doubted_since_it_cannot_be_read_otherwise() -> None:
    doubts = (Note("doubt.rejected", {"n": 3, "lines": 9}),)
    read: Any = SimpleNamespace(built=None, loaded=SimpleNamespace(doubts=doubts))
    assert doubt_banner.doubts(Workspace(), read) == [*doubts]
    read.built = object()
    assert doubt_banner.doubts(Workspace(), read) == []


def test_headers_in_the_banner_and_in_the_table_are_shown_never_obeyed() -> None:
    header = "Client <b>![x](http://evil.example/a.png)</b> Code"
    at = uploaded(doubtful.content(doubtful.HEADER.replace("Client Code", header)), "deals.csv", page="columns")
    assert not at.exception
    assert any(header in shown(each) for each in banner(at))
    read_otherwise(at)
    places = [*at.markdown, *at.caption, *at.warning]
    texts = [each.value for each in places] + [each.label for each in at.button]
    assert not [text for text in texts if "![" in text or "http://" in text]
    [table] = [each.proto.body for each in below(at).get("html") if "fl-why" in each.proto.body]
    assert "<b>" not in table
    assert "&lt;b&gt;" in table
