"""How much disk is taken: a session's data no more than is allowed, and where there is none at all, or no place, a sentence says so."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import duckdb
import pytest

import funnel
from funnel.core import disk
from funnel.core.disk import DiskRoom
from funnel.core.engine import Engine
from funnel.core.errors import Exhausted
from funnel.core.sql import Query
from tests.thorough import thorough

MANY = "SELECT repeat(CAST(hash(range) AS VARCHAR), 20) AS words FROM range(3000000)"
"""Rows that take about a gigabyte."""


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """Where temporary files lie."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_query_that_fills_more_than_is_allowed_is_stopped_and_the_others_go_on(temporary, monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_DISK_GIGABYTES", "0.02")
    engine = Engine(bounded_disk=True)
    engine.keep("few", Query("SELECT 1 AS one"))
    with pytest.raises(Exhausted, match=r"more than the 0\.02 GB of disk.*FUNNEL_LENS_DISK_GIGABYTES"):
        engine.keep("many", Query(MANY))
    assert disk.size_of(engine.folder) < 800_000_000
    assert engine.rows(Query("SELECT few.one FROM few")) == [(1,)]
    engine.close()
    assert list(temporary.iterdir()) == []


@thorough
def test_what_a_session_reads_is_bounded_also_before_it_is_a_table(temporary, tmp_path, monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_DISK_GIGABYTES", "0.002")
    path = tmp_path / "leads.csv"
    # In two ways of ending lines, so that the rows are gathered beside the database first.
    path.write_bytes(
        b"Deal ID,Stage,Entered at\r\n" + b"".join(b"d%d,New,2025-01-02\n" % row for row in range(200_000))
    )
    with pytest.raises(Exhausted, match=r"more than the .* GB of disk allowed"):
        funnel.open(path)
    assert list(temporary.iterdir()) == []
    monkeypatch.setenv("FUNNEL_LENS_DISK_GIGABYTES", "1")
    with funnel.open(path) as leads:
        assert leads.leads == 200_000


def test_only_what_grows_is_overfilled(tmp_path):
    room = DiskRoom(tmp_path, 1e-6)
    (tmp_path / "inner").mkdir()
    found = []
    for size in (900, 1_100, 1_100, 1_050, 1_200):
        (tmp_path / "inner" / "a").write_bytes(b"x" * size)
        found.append((room.is_overfilled(), room.full))
    assert found == [(False, False), (True, True), (False, True), (False, True), (True, True)]


def test_no_place_for_temporary_files_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(
        Exhausted, match=r"no place for temporary files: .*nowhere is full or cannot be written to.*TMPDIR"
    ):
        Engine()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_no_room_for_a_folder_is_said_as_a_full_disk(temporary, monkeypatch, number):
    def full(**_: object) -> str:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    with pytest.raises(Exhausted, match=r"is full \(.*temporary\)"):
        Engine()


def test_no_room_for_a_database_is_said_and_its_folder_goes(temporary, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise duckdb.IOException('Could not write file "leads.duckdb": No space left on device')

    monkeypatch.setattr(duckdb, "connect", full)
    with pytest.raises(Exhausted, match=r"is full \(.*temporary\)"):
        Engine()
    assert list(temporary.iterdir()) == []
