"""Two windows of one browser at the same moment: what one changes while the other draws, keeps or saves is neither lost nor mixed."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from streamlit.testing.v1 import AppTest

from funnel import DataSet
from funnel.core.errors import Interrupted
from pages.sections import project_box, special
from pages.server import autosave, edit_conflicts, file_downloads, sessions
from pages.server.workspace import Files, LoadJob, Workspace
from tests.pages.apps import ALL, MAIN, MOVES, below, titles, uploaded
from tests.pages.test_pages_project import data_page, notes, restarted
from tests.thorough import thorough

pytestmark = thorough

FIVE = MOVES + b"E-5,New,2025-03-20,West,\n"
OF_FIVE = "1 of 5 leads won · entered Jan 2025 – Mar 2025"
SAVE = "funnel-lens.save"


@pytest.fixture
def five(tmp_path) -> Path:
    (tmp_path / "five.csv").write_bytes(FIVE)
    return tmp_path / "five.csv"


def beside(first: AppTest) -> AppTest:
    """Another window of the same browser."""
    second = AppTest.from_file(MAIN, default_timeout=60)
    second.session_state["workspace"] = first.session_state["workspace"]
    return second.run()


def once(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, does: Callable[[], object]) -> None:
    """The next time that the module's function is called, this is done before it."""
    function, done = getattr(module, name), iter([does])

    def called(*of: object, **named: object) -> object:
        next(done, lambda: None)()
        return function(*of, **named)

    monkeypatch.setattr(module, name, called)


def read(space: Workspace, file: Path) -> None:
    space.read(LoadJob(Files((file,))), lambda note, share: None)


def test_a_note_that_another_window_writes_while_this_one_draws_is_not_written_over(monkeypatch) -> None:
    first = data_page(uploaded())
    space = first.session_state["workspace"]

    def written_elsewhere() -> None:
        space.changes[edit_conflicts.NOTES] += 1
        space.notes = "of the second"

    # The box of the notes stands by then.
    once(monkeypatch, project_box, "_save", written_elsewhere)
    first.run()
    assert notes(first) == ""
    assert space.notes == "of the second"
    first.text_area(key="notes").set_value("of the first").run()
    assert space.notes == "of the second"
    assert "Another window has changed this work" in first.warning[0].value
    assert [code.value for code in first.code] == ["of the first"]
    first.text_area(key="notes").set_value("of both").run()
    assert space.notes == "of both"
    assert not first.warning


def test_of_two_windows_that_change_a_part_at_the_same_moment_one_does(monkeypatch) -> None:
    class Slow(Counter[str]):
        def __getitem__(self, part: str) -> int:
            with suppress(threading.BrokenBarrierError):
                both.wait(0.5)
            return super().__getitem__(part)

    space, mine, allowed = Workspace(), threading.local(), []
    both = threading.Barrier(2)
    space.changes = Slow({edit_conflicts.NOTES: 3})

    class States:
        session_state = property(lambda self: mine.state)

    monkeypatch.setattr(edit_conflicts, "st", States())

    def change() -> None:
        mine.state = {"seen_changes": {edit_conflicts.NOTES: 3}}
        allowed.append(edit_conflicts.may_change(space, edit_conflicts.NOTES))

    both_windows = [threading.Thread(target=change) for _ in range(2)]
    for window in both_windows:
        window.start()
    for window in both_windows:
        window.join()
    assert sorted(allowed) == [False, True]


def test_no_page_shows_some_of_one_file_and_some_of_another(monkeypatch, five) -> None:
    at = uploaded()
    space = at.session_state["workspace"]
    # By then the page has its title, and not yet what stands below.
    once(monkeypatch, special, "show", lambda: read(space, five))
    at.run()
    assert not at.exception
    assert titles(at) == [OF_FIVE]


def test_a_page_that_fails_since_another_window_opened_a_file_draws_that_one(monkeypatch, five) -> None:
    at = uploaded()
    space = at.session_state["workspace"]

    def fails() -> None:
        read(space, five)
        raise KeyError("a column that the new file has not")

    once(monkeypatch, special, "show", fails)
    at.run()
    assert not at.exception
    assert titles(at) == [OF_FIVE]


def test_clicks_of_another_window_break_no_page_that_asks_meanwhile(monkeypatch) -> None:
    """Each click stops what the data set is asked just then, whoever asks."""
    stops = iter(range(9))

    def stopped(self: DataSet, *of: object, **named: object) -> int:
        if next(stops, None) is not None:
            raise Interrupted("errors.interrupted")
        return 0

    at = uploaded()
    monkeypatch.setattr(DataSet, "reject_count", stopped)
    data_page(at)
    assert not at.exception
    assert at.text_area(key="notes").value == ""


def test_a_work_is_not_taken_for_whole_while_its_data_are_still_being_kept(shelf, monkeypatch) -> None:
    """Another window draws meanwhile, and then the server is killed: the work before comes back, and no half of one."""
    saved, found = DataSet.save, []

    def saving(self: DataSet, path: Path, *of: object) -> None:
        space = sessions.current()
        autosave.keep_work(space)
        found.extend(shelf.glob(f"*/{space.token}/work.json"))
        saved(self, path, *of)

    monkeypatch.setattr(DataSet, "save", saving)
    uploaded()
    assert found == []
    assert restarted().session_state["workspace"].data_set.leads == 4


def test_data_of_one_file_are_never_kept_as_those_of_another(shelf, monkeypatch, five) -> None:
    """Another window opens a file while the one before is still being kept."""
    saved, others = DataSet.save, iter([five])

    def saving(self: DataSet, path: Path, *of: object) -> None:
        saved(self, path, *of)
        if (other := next(others, None)) is not None:
            read(sessions.current(), other)

    monkeypatch.setattr(DataSet, "save", saving)
    at = uploaded()
    at.run()
    for work in shelf.glob("*/*/work.json"):
        told = json.loads(work.read_text(encoding="utf-8"))
        with_data = work.with_name("leads.funnel")
        assert (told["title"], told["leads"], with_data.exists()) == ("five.csv", 5, True)
    assert titles(at) == [OF_FIVE]


def test_of_works_that_two_windows_keep_at_the_same_moment_the_newer_stays(shelf, monkeypatch) -> None:
    """The older is on its way to the disk when the newer is made."""
    at = data_page(uploaded())
    space, newer = at.session_state["workspace"], []
    write = autosave.manifest.write_json

    def writing(path: Path, told: object) -> None:
        if not newer:
            space.notes = "newer"
            newer.append(threading.Thread(target=autosave.keep_work, args=(space,)))
            newer[0].start()
            newer[0].join(0.5)
        write(path, told)

    monkeypatch.setattr(autosave.manifest, "write_json", writing)
    space.notes = "older"
    autosave.keep_work(space)
    newer[0].join()
    [work] = shelf.glob("*/*/work.json")
    assert json.loads(work.read_text(encoding="utf-8"))["said"]["work"]["notes"] == "newer"
    assert list(shelf.glob("*/*/*.part")) == []


def saved_projects(*pages: AppTest) -> Iterator[dict[str, str]]:
    """What the button of each window is told once it has been clicked."""
    for at in pages:
        [button] = [found.proto for found in below(at).get("bidi_component") if found.proto.component_name == SAVE]
        states = at._tree.get_widget_states()
        trigger = states.widgets.add()
        trigger.id = f"$$STREAMLIT_INTERNAL_KEY_{button.id}__events"
        trigger.json_trigger_value = json.dumps([{"event": "asked", "value": True}])
        at._run(states)
    for at in pages:
        [button] = [found.proto for found in below(at).get("bidi_component") if found.proto.component_name == SAVE]
        yield json.loads(button.json)


def test_projects_that_two_windows_save_are_both_given() -> None:
    first = data_page(uploaded())
    second = data_page(beside(first))
    space = first.session_state["workspace"]
    given: Any = file_downloads.route(lambda cookies: space)

    def answer(key: str) -> int:
        scope = {"type": "http", "method": "GET", "headers": [], "path_params": {"key": key}}
        status: int = given.endpoint(Request(scope)).status_code
        return status

    addresses = [told["address"] for told in saved_projects(first, second)]
    assert len(set(addresses)) == 2
    keys = [address.rpartition("/")[2] for address in addresses]
    assert [answer(key) for key in keys] == [200, 200]
    assert answer("guessed") == 404
    # The next one that a window makes takes the place of the one before.
    [again] = [told["address"] for told in saved_projects(first)]
    assert [answer(key) for key in (keys[0], again.rpartition("/")[2])] == [404, 200]
    # Nothing of it stays when the browser is let go, though its windows still hold it.
    folders = [download.path.parent for download in space.file_downloads.values()]
    space.close()
    assert not any(folder.exists() for folder in folders)


def test_notes_of_one_window_are_seen_by_the_next_that_draws() -> None:
    first = data_page(uploaded())
    first.text_area(key="notes").set_value("for all").run()
    second = data_page(beside(first))
    assert notes(second) == "for all"
    second.text_area(key="notes").set_value("by the second").run()
    assert first.session_state["workspace"].notes == "by the second"
    assert not second.warning
    assert titles(second.switch_page("funnel_page.py").run()) == [ALL]
