"""What a data set reads in place stays as long as it does: uploads, what was unpacked, and what a project has of it."""

from __future__ import annotations

import gc
import gzip
import json
import tempfile
import zipfile
from pathlib import Path

import pytest

import funnel
from funnel import measures
from funnel.core.errors import ProjectError, ReadingError
from funnel.core.types import AS_RECORDED
from pages.server.upload_folders import Ticket
from pages.server.workspace import Files, LoadJob, Workspace
from tests.fuzzing_projects import sealed
from tests.readers import Reader
from tests.reading.test_reading_in_place import PLAIN, put_in_place
from tests.thorough import thorough
from tests.uploads import arrived


@pytest.fixture(autouse=True)
def in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of any size are read in place."""
    put_in_place(monkeypatch, True)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files lie."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def uploaded(space: Workspace) -> Path:
    """What has come of an upload, after it was read."""
    ticket = Ticket()
    (path,) = ticket.take([arrived(ticket, "deals.csv", PLAIN)])
    space.read(LoadJob(Files((path,), (ticket,))), lambda note, share: None)
    return path


@thorough
def test_an_upload_stays_as_long_as_its_data_set(temporary: Path) -> None:
    space = Workspace()
    first = uploaded(space)
    before = space.data_set
    second = uploaded(space)
    gc.collect()
    # Another window may still ask what was there before.
    assert before is not None
    assert len(before.preview("raw_0", 1000)) == 500
    assert first.exists()
    before.close()
    del before
    gc.collect()
    assert not first.exists()
    assert second.exists()
    space.close()
    gc.collect()
    assert list(temporary.iterdir()) == []


@pytest.mark.usefixtures("temporary")
def test_an_upload_that_is_gone_is_said() -> None:
    space = Workspace()
    uploaded(space).unlink()
    assert space.data_set is not None
    with pytest.raises(ReadingError, match=r"^deals\.csv was changed, replaced or removed"):
        space.data_set.ask(measures.steps, AS_RECORDED)
    space.close()


@pytest.mark.parametrize(
    ("name", "content"), [("deals.csv.gz", gzip.compress(PLAIN)), ("deals.csv", PLAIN.decode().encode("utf-16"))]
)
def test_what_was_unpacked_or_written_anew_stays_beside_the_database(
    tmp_path: Path, temporary: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    leads = funnel.open(path)
    assert leads.tables[0].line_of_place == "{place} + 2 + 0"
    assert {file.name for file in leads.engine.folder.iterdir()} >= {"raw_0.text"}
    assert not list(leads.engine.folder.glob("reading-*"))
    # What was given is not looked at any more.
    path.unlink()
    assert len(leads.preview("raw_0", 1000)) == 500
    leads.close()
    assert list(temporary.iterdir()) == []


def test_a_member_that_is_left_out_leaves_nothing(reader: Reader) -> None:
    with zipfile.ZipFile(reader.folder / "made.zip", "w") as archive:
        archive.writestr("empty.csv", "id,\n1,\n2,\n")
        archive.writestr("deals.csv", PLAIN)
    (table,) = reader.tables((reader.folder / "made.zip").read_bytes(), "all.zip")
    assert [file.name for file in reader.engine.folder.glob("*.text")] == [f"{table.table}.text"]


# A project has the cells


def test_a_project_has_the_cells_and_not_the_place_of_the_file(tmp_path: Path) -> None:
    path, saved = tmp_path / "deals.csv", tmp_path / "all.funnel"
    path.write_bytes(PLAIN + b"\nd1,a,b,c\nd2,New,2025-03-01\n")
    with funnel.open(path) as leads:
        lines, rejects, steps = (
            leads.preview("raw_0", 1000),
            leads.rejects(),
            leads.ask(measures.steps, AS_RECORDED).stages,
        )
        leads.save(saved)
    path.unlink()
    with funnel.open(saved) as again:
        assert again.preview("raw_0", 1000).equals(lines)
        assert again.rejects().equals(rejects)
        assert again.ask(measures.steps, AS_RECORDED).stages == steps
        assert again.tables[0].line_of_place is None
    with zipfile.ZipFile(saved) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    said = json.loads(members["project.json"])
    assert "line_of_place" not in said["tables"][0]
    said["tables"][0]["line_of_place"] = "(SELECT 1)"
    forged = tmp_path / "forged.funnel"
    forged.write_bytes(sealed({**members, "project.json": json.dumps(said).encode()}))
    with pytest.raises(ProjectError, match="damaged"):
        funnel.open(forged)
