"""Projects, work that keeps itself, windows and limits, as the pages show them: through the whole app, without a browser."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import funnel
from funnel import Stage, StageModel, measures
from funnel.core.errors import Exhausted
from funnel.core.types import SavedWork
from pages.server import autosave, sessions, workspace
from pages.ui import naming
from tests import uploads
from tests.pages.apps import ALL, MAIN, MOVES, opened, titles, turned, uploaded
from tests.thorough import every, thorough

OWN = StageModel("own", "Our way", (Stage("a", "New", (), ("New",)), Stage("w", "Won", ("won",))))
SECOND = MOVES + b"E-5,New,2025-03-20,West,\n"
SECRET = "the secret of this browser"


@pytest.fixture
def project(tmp_path) -> bytes:
    (tmp_path / "deals.csv").write_bytes(SECOND)
    with funnel.open(tmp_path / "deals.csv") as leads:
        leads.save(tmp_path / "all.funnel", SavedWork(models=(OWN,), notes="Mind the gap"))
    return (tmp_path / "all.funnel").read_bytes()


def restarted(**query: str | list[str]) -> AppTest:
    """The app as this browser finds it once the server has started again."""
    sessions._known.clear()
    return opened("", **query)


def notes(at: AppTest) -> str:
    return at.text_area(key="notes").value


def data_page(at: AppTest) -> AppTest:
    """The tab Project of Data check."""
    return turned(at, "project")


def works(shelf: Path) -> list[dict]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(shelf.glob("*/*/work.json"))]


def test_an_uploaded_project_opens_with_its_models_and_notes(project) -> None:
    at = uploaded(project, "all.funnel")
    # The browser goes to a session of its own; here the next run is that.
    at.run()
    assert titles(at) == ["1 of 5 leads won · entered Jan 2025 – Mar 2025"]
    assert "own" in at.session_state["workspace"].own_models
    assert notes(data_page(at)) == "Mind the gap"


@thorough
@pytest.mark.parametrize("broken", [lambda whole: whole[:-1], lambda whole: whole[:700] + b"x" + whole[701:]])
def test_a_damaged_project_leaves_the_work_as_it_is(project, broken) -> None:
    at = data_page(uploaded())
    uploads.upload(at, ("all.funnel", broken(project)))
    assert at.error[0].value.startswith("The project “all\\.funnel” is damaged")
    assert titles(at.switch_page("funnel_page.py").run()) == [ALL]


def test_a_project_can_be_saved_from_the_page(tmp_path) -> None:
    at = data_page(uploaded())
    at.text_area(key="notes").set_value("for you").run()
    space = at.session_state["workspace"]
    space.data_set.save(tmp_path / "again.funnel", space.work())
    with funnel.open(tmp_path / "again.funnel") as again:
        assert again.work.notes == "for you"
        assert again.leads == 4


def test_models_that_were_here_stay_beside_those_of_a_project() -> None:
    other = StageModel("own", "Our way", (Stage("b", "Other", ("lead",)),))
    known = StageModel("aida", "Mine", (Stage("b", "Other", ("lead",)),))
    found = naming.adopted({"own": other}, [OWN, known])
    assert found["own"] == OWN
    assert [model.name for model in found.values()] == ["Our way", "Mine", "Our way 2"]
    assert {model.stages for model in found.values()} == {OWN.stages, other.stages}
    assert "aida" not in found
    assert len(naming.adopted({"own": OWN}, [OWN])) == 1


@thorough
def test_work_keeps_itself_and_comes_back_in_a_new_session(shelf) -> None:
    at = data_page(uploaded())
    at.text_area(key="notes").set_value("first").run()
    assert any("Kept by itself" in caption.value for caption in at.caption)
    [told] = works(shelf)
    assert (told["title"], told["leads"], told["said"]["work"]["notes"]) == ("moves.csv", 4, "first")
    again = restarted()
    assert not again.exception
    # It goes on at the page that was open last.
    assert notes(again) == "first"
    assert again.session_state["workspace"].data_set.leads == 4


@thorough
def test_what_was_open_before_can_be_opened_again(shelf) -> None:
    at = data_page(uploaded())
    at.text_area(key="notes").set_value("of four").run()
    uploads.upload(at, ("more.csv", SECOND))
    assert at.session_state["workspace"].data_set.leads == 5
    at.text_area(key="notes").set_value("of five").run()
    assert len(works(shelf)) == 2
    at.button(key="open_earlier").click().run()
    at.run()
    assert at.session_state["workspace"].data_set.leads == 4
    assert notes(at) == "of four"


@thorough
def test_only_so_many_works_are_kept_and_the_open_one_always(shelf, monkeypatch) -> None:
    monkeypatch.setattr(autosave, "MOST_ENTRIES", 2)
    at = data_page(uploaded())
    for number in range(3):
        uploads.upload(at, (f"{number}.csv", MOVES))
    assert sorted(told["title"] for told in works(shelf)) == ["1.csv", "2.csv"]


@thorough
def test_a_clock_that_jumps_does_not_change_which_work_comes_back(shelf, monkeypatch) -> None:
    class Clock(datetime):
        """A year earlier each time that somebody looks."""

        year_now = 2030

        @classmethod
        def now(cls, tz=None):  # type: ignore[no-untyped-def]
            Clock.year_now -= 1
            return datetime(Clock.year_now, 3, 4)

    monkeypatch.setattr(autosave, "datetime", Clock)
    monkeypatch.setattr(autosave, "MOST_ENTRIES", 2)
    at = data_page(uploaded())
    uploads.upload(at, ("more.csv", SECOND))
    again = data_page(restarted())
    assert again.session_state["workspace"].data_set.leads == 5
    # An older work that is opened again is the last one from then on, and what is thrown away is not what was kept just now.
    again.button(key="open_earlier").click().run()
    again.run()
    again = data_page(restarted())
    assert again.session_state["workspace"].data_set.leads == 4
    uploads.upload(again, ("third.csv", SECOND))
    assert sorted(told["title"] for told in works(shelf)) == ["moves.csv", "third.csv"]
    years = [
        datetime.fromisoformat(told["saved_at"]).year for told in sorted(works(shelf), key=lambda told: told["turn"])
    ]
    assert years == sorted(years, reverse=True)


@thorough
def test_works_that_were_kept_without_a_count_come_back_by_their_time(shelf) -> None:
    at = data_page(uploaded())
    uploads.upload(at, ("more.csv", SECOND))
    for path in shelf.glob("*/*/work.json"):
        told = json.loads(path.read_text(encoding="utf-8"))
        del told["turn"]
        told["saved_at"] = "2026-05-01T10:00:00" if told["title"] == "moves.csv" else "2026-04-30T10:00:00"
        path.write_text(json.dumps(told), encoding="utf-8")
    assert restarted().session_state["workspace"].data_set.leads == 4


@thorough
@pytest.mark.parametrize(
    "told", every(3, ["[]", "5", '{"title": "x", "saved_at": "2026-05-01", "leads": 1e999}', '{"turn": null}', "{", ""])
)
def test_a_kept_work_of_another_form_is_passed_over(shelf, told) -> None:
    uploaded()
    [path] = shelf.glob("*/*/work.json")
    (path.parents[1] / "other").mkdir()
    (path.parents[1] / "other" / "work.json").write_text(told, encoding="utf-8")
    assert restarted().session_state["workspace"].data_set.leads == 4


@thorough
def test_a_work_that_is_damaged_is_said_and_an_older_one_comes_back(shelf) -> None:
    at = data_page(uploaded())
    uploads.upload(at, ("more.csv", SECOND))
    newest = max(shelf.glob("*/*/work.json"), key=lambda path: json.loads(path.read_text())["saved_at"])
    newest.write_text(newest.read_text()[:-20] + '"saved_at": 5}', encoding="utf-8")
    again = restarted()
    assert again.session_state["workspace"].data_set.leads == 4


def test_a_work_whose_data_are_gone_leaves_a_greeting_and_a_sentence(shelf) -> None:
    uploaded()
    [data] = shelf.glob("*/*/leads.funnel")
    data.write_bytes(data.read_bytes()[:-1])
    again = restarted()
    assert titles(again) == ["See the funnel in your lead file"]
    assert "is damaged" in again.error[0].value


def test_where_nothing_is_to_be_kept_nothing_is(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("FUNNEL_LENS_WORK", raising=False)
    monkeypatch.setattr(sessions, "browser_secret", lambda: SECRET)
    monkeypatch.setattr(sessions, "_known", {})
    at = data_page(uploaded())
    assert not any("Kept by itself" in caption.value for caption in at.caption)
    assert at.session_state["workspace"].entry is None


@thorough
def test_a_window_that_has_not_seen_a_change_makes_none(monkeypatch) -> None:
    first = data_page(uploaded())
    second = AppTest.from_file(MAIN, default_timeout=60)
    second.session_state["workspace"] = first.session_state["workspace"]
    data_page(second.run())
    first.text_area(key="notes").set_value("of the first").run()
    second.text_area(key="notes").set_value("of the second").run()
    assert first.session_state["workspace"].notes == "of the first"
    assert "Another window has changed this work" in second.warning[0].value
    assert [code.value for code in second.code] == ["of the second"]
    assert notes(second) == "of the first"
    second.text_area(key="notes").set_value("of both").run()
    assert not second.warning
    assert first.session_state["workspace"].notes == "of both"
    # Another part of the work is not held up by it.
    uploads.upload(first, ("more.csv", SECOND))
    assert first.session_state["workspace"].data_set.leads == 5
    uploads.upload(second, ("others.csv", MOVES))
    assert first.session_state["workspace"].data_set.leads == 5
    assert "Another window has changed this work" in second.warning[0].value


def test_a_question_that_takes_too_long_is_a_sentence_in_its_place(monkeypatch) -> None:
    def moves(*of, **named):  # type: ignore[no-untyped-def]
        raise Exhausted("errors.too_long", seconds=300, setting="FUNNEL_LENS_QUERY_SECONDS")

    at = uploaded()
    monkeypatch.setattr(measures, "moves", moves)
    turned(at, "paths")
    assert not at.exception
    assert at.error[0].value.startswith("That question took longer than 300 seconds")
    assert titles(at.switch_page("funnel_page.py").run()) == [ALL]


def test_who_finds_no_place_is_told_so(monkeypatch) -> None:
    def full(space: workspace.Workspace) -> None:
        raise sessions.FullError("pages.full", sessions=100, setting="FUNNEL_LENS_SESSIONS")

    monkeypatch.setattr(sessions, "take_place", full)
    at = uploads.upload(opened(), ("moves.csv", MOVES))
    assert titles(at) == ["See the funnel in your lead file"]
    assert at.error[0].value.startswith("All places are taken")


@thorough
def test_a_link_shows_what_it_says_and_a_bare_address_what_was_there_last(shelf) -> None:
    uploaded(rule="Went through every stage in order")
    [told] = works(shelf)
    assert told["said"]["work"]["views"]["funnel"] == {"rule": ["Went through every stage in order"]}
    bare = restarted()
    assert bare.pills(key="rule").value == "in-order"
    assert [tab.key for tab in bare.segmented_control if tab.key == "funnel_tab"]
    linked = restarted(started=["2025-01-20", "2025-03-15"])
    assert linked.pills(key="rule").value == "passed"
    assert titles(linked) == ["None of 3 leads won yet · entered Jan 2025 – Mar 2025"]
