"""A build that was cut short is never taken for whole, and goes on where it stopped."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time

import pyarrow.parquet as pq
import pytest

import funnel
from funnel.core.errors import FunnelError
from funnel.scale import batch_build
from funnel.scale.batch_build.one_machine import OneMachine
from funnel.storage import manifest
from tests.scale.logs import AS_OF, ROOT, like, lines
from tests.thorough import thorough


class Stopped(Exception):
    """The power fails."""


@thorough
def test_a_build_that_stops_anywhere_is_picked_up(source, plain, tmp_path, monkeypatch):
    """It stops before, or in the middle of, each write in turn; what was finished is not made again."""
    to, written, real = tmp_path / "to", [], OneMachine.write
    stop_at = 0

    def write(self, query, path, *, by=None):
        nonlocal stop_at
        if len(written) == stop_at:
            stop_at += 1
            path.mkdir(parents=True, exist_ok=True)
            (path / "half.parquet").write_bytes(b"PAR1")
            raise Stopped
        written.append(str(path))
        real(self, query, path, by=by)

    monkeypatch.setattr(OneMachine, "write", write)
    stops = 0
    while True:
        try:
            batch_build.build(str(source), to, models=["standard"], as_of=AS_OF)
            break
        except Stopped:
            stops += 1
            with pytest.raises(FunnelError, match="no finished build"):
                funnel.open(to)
    assert stops == len(written) == len(set(written)) == 7
    with funnel.open(to) as built:
        like(built, plain)
    assert not list(to.glob(".building-*"))


@thorough
def test_another_source_or_other_options_are_built_anew(source, tmp_path):
    to, copy = tmp_path / "to", tmp_path / "log.parquet"
    shutil.copy(source, copy)
    first = batch_build.build(str(copy), to, models=["as-recorded"], as_of=AS_OF)
    pq.write_table(lines(50, seed=6), copy)
    second = batch_build.build(str(copy), to, models=["standard"], as_of=AS_OF)
    assert first.leads > second.leads
    assert first.fingerprint != second.fingerprint
    assert sorted(path.name for path in (to / "journeys").iterdir()) == ["standard"]
    with funnel.open(to) as built:
        assert built.leads == second.leads


@thorough
def test_a_build_killed_again_and_again_ends_like_an_undisturbed_one(tmp_path):
    source = tmp_path / "log.parquet"
    pq.write_table(lines(1500), source)
    words = ["build", str(source), "--models", "as-recorded,standard", "--engine", "duckdb", "--to"]
    command = [sys.executable, "-m", "funnel", *words, str(tmp_path / "killed")]
    parts, kills = -2, 0
    while True:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        parts += 4
        # Killed as soon as four more parts are finished than before, wherever it then is.
        while process.poll() is None and len(list(tmp_path.glob("killed/.building-*/marks/*.json"))) < parts:
            time.sleep(0.01)
        if process.poll() is not None:
            assert process.returncode == 0
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
        if (tmp_path / "killed" / manifest.NAME).exists():
            break
    assert kills >= 3
    batch_build.build(str(source), tmp_path / "whole", models=["as-recorded", "standard"])
    with funnel.open(tmp_path / "killed") as killed, funnel.open(tmp_path / "whole") as whole:
        like(killed, whole)
