"""Files that come from the browser: whole and under a safe name, or not at all; and only from our own page."""

from __future__ import annotations

import asyncio
import gc
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.applications import Starlette

from pages.server import sessions, uploads, workspace
from pages.server.workspace import Workspace
from tests.pages.sending import CONTENT, COOKIE, CUT, OURS, announce, ask, on_disk, put, sent


def test_a_file_comes_in_pieces_and_is_whole_under_its_own_name(ticket, tmp_path):
    _, answer = announce(ticket, size=9)
    assert put(ticket, answer["number"], b"a,b\n", b"", b"1,", b"2\n", b"3") == (200, {})
    [path] = ticket.take([answer["number"]])
    assert path.name == "leads.csv"
    assert path.read_bytes() == b"a,b\n1,2\n3"
    assert path.stat().st_mode & 0o777 == 0o600
    [folder] = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700


def test_files_vanish_with_the_last_that_holds_their_ticket(space, tmp_path):
    ticket = space.ticket()
    held = workspace.Files(ticket.take([sent(ticket)]), (ticket,))
    more = held.with_more(workspace.NO_FILES)
    del space.tickets[ticket.key], held, ticket
    gc.collect()
    assert on_disk(tmp_path) == ["leads.csv"]
    del more
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_two_files_of_one_name_stay_apart(ticket):
    first, second = sent(ticket, content=b"a\n1\n"), sent(ticket, content=b"b\n2\n")
    paths = ticket.take([second, first])
    assert [path.name for path in paths] == ["leads.csv", "leads.csv"]
    assert [path.read_bytes() for path in paths] == [b"b\n2\n", b"a\n1\n"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../x.csv", "x.csv"),
        ("/etc/passwd.csv", "passwd.csv"),
        ("C:\\Windows\\x.csv", "x.csv"),
        ("con.csv", "_con.csv"),
        ("LPT1.csv.gz", "_LPT1.csv.gz"),
        ("x:stream.csv", "x_stream.csv"),
        ("a\x00b\x1f\u202e.csv", "ab.csv"),
        ("\ud800.csv", "csv"),
        (".csv", "csv"),
        ("x" * 300 + ".csv", "x" * 120 + ".csv"),
        ("..", "file"),
        ("", "file"),
        ("leads", "leads"),
        ("ล" * 300 + ".csv", "ล" * 40 + ".csv"),
        ("воронка.xlsx", "воронка.xlsx"),
    ],
)
def test_a_hostile_name_is_only_a_name(ticket, tmp_path, name, safe):
    assert workspace.safe_name(name) == safe
    status, answer = announce(ticket, name)
    if "." not in safe:
        assert (status, answer["key"]) == (400, "pages.upload.not_accepted")
        return
    put(ticket, answer["number"], CONTENT)
    [path] = ticket.take([answer["number"]])
    assert path.name == safe
    assert path.resolve().is_relative_to(tmp_path)
    assert on_disk(tmp_path) == [safe]


@pytest.mark.parametrize(
    "other",
    [
        {"cookie": None},
        {"cookie": "funnel_lens=somebody-else"},
        {"x_funnel_lens": None},
        {"origin": None},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "http://evil.example:8501"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"host": None, "origin": None},
    ],
)
def test_only_our_own_page_is_heard(ticket, tmp_path, other):
    number = sent(ticket)
    _, coming = announce(ticket)
    for status, answer in (
        announce(ticket, **other),
        put(ticket, coming["number"], CONTENT, **other),
        ask("DELETE", f"/arrivals/{ticket.key}/{number}", **other),
    ):
        assert (status, answer["key"]) == (403, "pages.upload.expired")
        assert answer["sentence"].startswith("This upload is no longer known here.")
    assert on_disk(tmp_path) == ["leads.csv"]


def test_a_page_without_fetch_metadata_is_heard(ticket):
    # A browser sends them to safe origins only; http:// over a network is none.
    assert announce(ticket, sec_fetch_site=None)[0] == 200


def test_a_ticket_is_good_in_its_own_workspace_only(ticket):
    other = Workspace().ticket()
    assert announce(other)[0] == 403
    assert ask("POST", "/arrivals/guessed", [b"{}"])[0] == 403
    assert announce(ticket)[0] == 200


def test_each_announced_file_comes_once(ticket):
    number = sent(ticket)
    assert put(ticket, number, b"again")[0] == 403
    assert put(ticket, 99, b"never announced")[0] == 403
    [path] = ticket.take([number])
    assert path.read_bytes() == CONTENT


def test_nothing_comes_under_a_used_ticket(ticket, tmp_path):
    number, other = sent(ticket), sent(ticket, "other.csv")
    _, late = announce(ticket)
    ticket.take([number])
    assert on_disk(tmp_path) == ["leads.csv"]
    assert put(ticket, late["number"], CONTENT)[0] == 403
    assert announce(ticket)[0] == 403
    assert other not in ticket.take([other])


@pytest.mark.parametrize("pieces", [(CONTENT[:5], CUT), (CONTENT[:5],), (CUT,), (), (CONTENT, b"more")])
def test_of_a_file_that_is_cut_short_or_too_long_nothing_is_left(ticket, tmp_path, pieces):
    _, answer = announce(ticket)
    status, told = put(ticket, answer["number"], *pieces)
    assert (status, told["key"]) == (400, "pages.upload.cut_short")
    assert on_disk(tmp_path) == []
    assert ticket.take([answer["number"]]) == ()


def test_a_sender_that_falls_silent_is_given_up(ticket, tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "PATIENCE_SECONDS", 0.01)
    _, answer = announce(ticket)

    async def silent() -> dict[str, Any]:
        await asyncio.sleep(3600)
        return {"type": CUT}

    async def heard() -> int:
        statuses = []

        async def send(message: dict[str, Any]) -> None:
            statuses.append(message.get("status"))

        headers = [(name.encode(), value.encode()) for name, value in OURS.items()]
        path = f"/arrivals/{ticket.key}/{answer['number']}"
        scope = {"type": "http", "method": "PUT", "path": path, "query_string": b"", "headers": headers}
        await Starlette(routes=uploads.ROUTES)(scope, silent, send)
        return statuses[0]

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: asyncio.run(heard())).result() == 400
    assert on_disk(tmp_path) == []


def test_a_ticket_that_is_closed_meanwhile_stops_what_is_coming(ticket, tmp_path):
    _, answer = announce(ticket, size=100 * uploads.PIECE_BYTES)
    asked = []

    def body():
        for place in range(100):
            asked.append(place)
            if place == 1:
                ticket.close()
            yield bytes(uploads.PIECE_BYTES)

    assert ask("PUT", f"/arrivals/{ticket.key}/{answer['number']}", body())[0] == 403
    assert asked == [0, 1]
    assert on_disk(tmp_path) == []


@pytest.mark.parametrize("ending", ["csv", "XLS", "xlsb", "ods", "html", "htm", "xml", "json", "xls.gz"])
def test_what_can_be_read_is_taken(ticket, ending):
    status, _ = announce(ticket, f"leads.{ending}")
    assert status == 200


@pytest.mark.parametrize("name", ["picture.png", "leads", "leads.csv.exe", "leads.docx"])
def test_other_kinds_of_files_are_refused(ticket, name):
    status, answer = announce(ticket, name)
    assert (status, answer["key"]) == (400, "pages.upload.not_accepted")
    assert name in answer["sentence"]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"7", b"\xff", b'{"name": 1, "size": 1}', b'{"name": "a.csv"}', b"[" * 9_999, b" " * 10_001],
)
def test_an_announcement_that_makes_no_sense_is_refused(ticket, body):
    assert ask("POST", f"/arrivals/{ticket.key}", [body])[0] == 403


def test_a_file_that_was_given_up_is_removed_at_once(ticket, tmp_path):
    number = sent(ticket)
    assert ask("DELETE", f"/arrivals/{ticket.key}/{number}") == (200, {})
    assert on_disk(tmp_path) == []
    assert ask("DELETE", f"/arrivals/{ticket.key}/{number}") == (200, {})
    assert ticket.take([number]) == ()


def test_what_the_page_names_is_looked_up_never_believed(ticket):
    number = sent(ticket)
    asked = ["../../etc/passwd", None, -1, 7, [number], {"a": 1}, 1.5, number, number]
    assert [path.name for path in ticket.take(asked)] == ["leads.csv"]


def test_an_upload_keeps_its_workspace_from_being_forgotten(space, ticket, monkeypatch):
    hour = 3_600
    sessions._known[COOKIE].seen = time.monotonic() - hour
    announce(ticket)
    assert sessions.forget_away() == 0
    assert sessions.forget_away(now=time.monotonic() + hour) == 1
