"""How much may come from the browser: files, tickets, disk and memory are bounded, and what is given up makes room."""

from __future__ import annotations

import errno
import os
import shutil
from types import SimpleNamespace

import pytest

from pages.server import upload_folders, uploads, workspace
from pages.server.workspace import Workspace
from tests.pages.sending import CONTENT, announce, ask, on_disk, put
from tests.uploads import arrived


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
