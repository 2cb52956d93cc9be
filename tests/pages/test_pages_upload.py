"""What the pages make of what arrived: only this page's own whole files, whatever the browser says."""

from __future__ import annotations

import pytest

from pages.sections import upload
from tests import uploads
from tests.pages.apps import ALL, MOVES, opened, titles
from tests.thorough import every, thorough

GREETING = "See the funnel in your lead file"


def test_each_page_has_a_ticket_of_its_own_and_a_new_one_after_each_upload() -> None:
    one, other = opened(), opened()
    first = one.session_state[upload.TICKET]
    assert first != other.session_state[upload.TICKET]
    assert titles(one.run()) == [GREETING]
    assert one.session_state[upload.TICKET] == first
    uploads.upload(one, ("moves.csv", MOVES))
    assert titles(one) == [ALL]
    one.switch_page("files_page.py").run()
    assert one.session_state[upload.TICKET] != first


@thorough
@pytest.mark.parametrize("numbers", every(3, [[], [0], [7, -1], ["../../etc/passwd"], [None, {"path": "/etc/passwd"}]]))
def test_what_never_arrived_is_said_to_be_gone(numbers: list[object]) -> None:
    at = uploads.told(opened(), numbers)
    assert not at.exception
    assert [error.value for error in at.error] == ["The files that arrived are no longer there. Upload them again."]
    assert titles(uploads.upload(at, ("moves.csv", MOVES))) == [ALL]


@pytest.mark.parametrize("numbers", [None, "0", 0, {"0": 0}])
def test_what_is_no_list_of_numbers_is_not_heard(numbers: object) -> None:
    at = uploads.told(opened(), numbers)
    assert not at.exception
    assert not at.error
    assert titles(at) == [GREETING]


def test_a_file_that_came_under_another_ticket_is_not_ours() -> None:
    mine, yours = opened(), opened()
    ticket = yours.session_state["workspace"].tickets[yours.session_state[upload.TICKET]]
    uploads.told(mine, [uploads.arrived(ticket, "moves.csv", MOVES)])
    assert titles(mine) == [GREETING]
    assert len(mine.error) == 1


def test_a_ticket_that_was_closed_is_replaced() -> None:
    at = opened()
    at.session_state["workspace"].tickets.clear()
    at.run()
    assert titles(uploads.upload(at, ("moves.csv", MOVES))) == [ALL]


def test_a_mapping_that_cannot_be_read_says_so() -> None:
    at = uploads.upload(opened(), ("moves.csv", MOVES), ("mapping.toml", b"x" * 3_000_000))
    assert not at.exception
    assert len(at.error) == 1
    assert "mapping" in at.error[0].value
    assert titles(at) == [GREETING]


def test_two_files_are_read_together() -> None:
    header = MOVES.splitlines(keepends=True)[0]
    more = header + b"E-5,New,2025-04-02,East,\n"
    at = uploads.upload(opened(), ("moves.csv", MOVES), ("moves.csv", more))
    assert titles(at) == ["1 of 5 leads won · entered Jan 2025 – Apr 2025"]
