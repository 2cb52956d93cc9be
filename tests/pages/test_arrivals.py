"""Files that come from the browser: whole and under a safe name, or not at all; never more than a piece of them in memory."""

from __future__ import annotations

import asyncio
import errno
import gc
import json
import os
import shutil
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette

from pages.server import folders, sessions, upload_folders, uploads, workspace
from pages.server.workspace import Workspace
from tests.uploads import arrived

COOKIE = "known-browser"
HOST = "leads.example:8501"
OURS = {
    "host": HOST,
    "origin": f"http://{HOST}",
    "sec-fetch-site": "same-origin",
    "x-funnel-lens": "1",
    "cookie": f"funnel_lens={COOKIE}",
}
CONTENT = b"lead_id,stage\nA-1,New\n"
CUT = "http.disconnect"


@pytest.fixture
def space(monkeypatch, tmp_path):
    """A workspace whose browser is known; what it brings lies in tmp_path."""
    monkeypatch.setattr(folders.tempfile, "tempdir", str(tmp_path))
    found = Workspace()
    monkeypatch.setattr(sessions, "_known", {COOKIE: sessions._Visitor(found)})
    return found


@pytest.fixture
def ticket(space):
    return space.ticket()


def on_disk(where) -> list[str]:
    """The names of all files below a folder but the one that says whose it is."""
    return sorted(path.name for path in where.rglob("*") if path.is_file() and path.name != folders.LOCK)


def ask(method: str, path: str, body: Iterable[bytes | str] = (), **other: str | None) -> tuple[int, dict[str, Any]]:
    """The status and the answer; a body ends where it says CUT, as when the connection breaks. A header of None is left out."""
    sent: list[dict[str, Any]] = []
    pieces = iter(body)
    named = {name.replace("_", "-"): value for name, value in other.items()}
    headers = [(name.encode(), value.encode()) for name, value in {**OURS, **named}.items() if value is not None]

    async def receive() -> dict[str, Any]:
        piece = next(pieces, None)
        if piece == CUT:
            return {"type": CUT}
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(Starlette(routes=uploads.ROUTES)(scope, receive, send))).result()
    told = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], json.loads(told) if told.startswith(b"{") else {}


def announce(ticket, name: str = "leads.csv", size: object = len(CONTENT), **other: str | None):
    return ask("POST", f"/arrivals/{ticket.key}", [json.dumps({"name": name, "size": size}).encode()], **other)


def put(ticket, number: int, *pieces: bytes | str, **other: str | None):
    return ask("PUT", f"/arrivals/{ticket.key}/{number}", pieces, **other)


def sent(ticket, name: str = "leads.csv", content: bytes = CONTENT) -> int:
    """The number of a file that was announced and came whole."""
    status, answer = announce(ticket, name, len(content))
    assert status == 200
    assert put(ticket, answer["number"], content) == (200, {})
    return answer["number"]


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


def test_more_than_an_upload_may_bring_is_refused_before_it_comes(ticket, monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_UPLOAD_GIGABYTES", "0.00001")
    assert announce(ticket, size=10_001)[1]["key"] == "pages.upload.too_big"
    assert announce(ticket, size=-1)[0] == 413
    first = announce(ticket, size=6_000)[1]["number"]
    status, answer = announce(ticket, size=6_000)
    assert (status, answer["key"]) == (413, "pages.upload.too_big")
    # What is given up makes room again.
    ask("DELETE", f"/arrivals/{ticket.key}/{first}")
    assert announce(ticket, size=10_000)[0] == 200


def test_files_are_bounded_in_number(ticket):
    for _ in range(100):
        announce(ticket, size=0)
    assert announce(ticket, size=0)[1]["sentence"].startswith("An upload takes up to 100 files.")


def test_tickets_are_bounded_in_number(space, tmp_path):
    first = space.ticket()
    arrived(first, "leads.csv", CONTENT)
    others = [space.ticket() for _ in range(workspace.MOST_TICKETS)]
    assert list(space.tickets.values()) == others
    assert on_disk(tmp_path) == []
    assert announce(first)[0] == 403


def test_a_new_ticket_does_not_stop_what_is_coming_under_an_old_one(space):
    busy = space.ticket()
    part = busy.begin(busy.announce("leads.csv", len(CONTENT)))
    second = space.ticket()
    others = [space.ticket() for _ in range(workspace.MOST_TICKETS - 1)]
    assert list(space.tickets.values()) == [busy, *others]
    assert second.closed
    part.write(CONTENT)
    part.finish()
    assert len(busy.take([0])) == 1


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


def test_what_a_browser_brings_by_all_its_tickets_is_bounded(space, monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_DISK_GIGABYTES", "0.001")
    first, second = space.ticket(), space.ticket()
    assert announce(first, size=600_000)[0] == 200
    status, answer = announce(second, size=500_000)
    assert status == 507
    assert answer["sentence"].startswith("Your uploads together would take more than")
    assert "FUNNEL_LENS_DISK_GIGABYTES" in answer["sentence"]
    assert announce(second, size=300_000)[0] == 200
    # Another browser's are its own.
    assert announce(Workspace().ticket(), size=1_000)[0] == 403
    assert Workspace().ticket().announce("leads.csv", 900_000) == 0
    # What was opened still lies there; what was not is gone, and leaves room.
    number = second.announce("small.csv", 4)
    part = second.begin(number)
    part.write(b"a,b\n")
    part.finish()
    taken = second.take([number])
    assert first.announce("leads.csv", 399_000) == 1
    with pytest.raises(upload_folders.ArrivalError, match="Your uploads together"):
        first.announce("leads.csv", 999)
    first.close()
    assert space.ticket().announce("leads.csv", 999_996) == 0
    assert taken[0].read_bytes() == b"a,b\n"


def test_a_file_without_room_is_refused_before_it_comes(ticket, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_500_000_000))
    status, answer = announce(ticket, size=3_000_000_000)
    assert status == 507
    assert answer["sentence"] == "The server's disk has no room for it: it needs 3 GB, 1.5 GB are free."
    assert announce(ticket, size=1_000_000_000)[0] == 200


@pytest.mark.parametrize(
    ("number", "key", "status"),
    [(errno.ENOSPC, "pages.upload.disk_full", 507), (errno.EIO, "pages.upload.unwritable", 500)],
)
def test_of_a_file_that_cannot_be_written_nothing_is_left(ticket, tmp_path, monkeypatch, number, key, status):
    _, answer = announce(ticket)
    real = upload_folders.Part.__init__

    class Full:
        def __init__(self, file):
            self.file = file

        def write(self, piece):
            self.file.write(piece[:3])
            raise OSError(number, os.strerror(number))

        def close(self):
            self.file.close()

    def opened(part, *told):
        real(part, *told)
        part._file = Full(part._file)

    monkeypatch.setattr(upload_folders.Part, "__init__", opened)
    told = put(ticket, answer["number"], CONTENT)
    assert (told[0], told[1]["key"]) == (status, key)
    assert on_disk(tmp_path) == []


def test_no_more_than_a_piece_is_held_however_much_comes(ticket, monkeypatch):
    """A body of 4,000 chunks of 64 kB: what was received and not yet written never exceeds a piece and a chunk."""
    chunk, chunks = bytes(1 << 16), 4_000
    received, written, most = 0, 0, 0

    def write(part, piece):
        nonlocal written
        written += len(piece)
        part.left -= len(piece)

    def body():
        nonlocal received, most
        for _ in range(chunks):
            received += len(chunk)
            most = max(most, received - written)
            yield chunk

    monkeypatch.setattr(upload_folders.Part, "write", write)
    _, answer = announce(ticket, size=chunks * len(chunk))
    assert ask("PUT", f"/arrivals/{ticket.key}/{answer['number']}", body()) == (200, {})
    assert written == chunks * len(chunk)
    assert most <= uploads.PIECE_BYTES + len(chunk)


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
