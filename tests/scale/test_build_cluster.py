"""A build goes on when an executor of Spark dies in its midst, and what comes out is what DuckDB builds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq

import funnel
from funnel.scale import batch_build
from tests.engines import need
from tests.scale.logs import AS_OF, like, lines

ROOT = Path(__file__).resolve().parents[2]


def executors(driver: int) -> list[int]:
    """The processes that are executors of this driver, also through the workers between them."""
    parents, commands = {}, {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            stat = (path / "stat").read_text(encoding="utf-8")
            commands[int(path.name)] = (path / "cmdline").read_bytes()
        except OSError:
            continue
        parents[int(path.name)] = int(stat.rsplit(")", 1)[1].split()[1])

    def below(process: int) -> bool:
        while process in parents and process != driver:
            process = parents[process]
        return process == driver

    return [pid for pid, command in commands.items() if b"CoarseGrainedExecutorBackend" in command and below(pid)]


def test_a_killed_executor_changes_nothing(tmp_path):
    need("spark")
    source, to = tmp_path / "log.parquet", tmp_path / "to"
    pq.write_table(lines(400), source, row_group_size=200)
    errors = tmp_path / "errors.txt"
    with (
        errors.open("w", encoding="utf-8") as written,
        subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "spark_cluster_build.py"), str(source), str(to)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
        ) as process,
    ):
        killed: list[int] = []
        assert process.stdout is not None
        for said in process.stdout:
            if said.strip() == "building.progress_journeys" and not killed:
                # In the midst of a job that writes: what the executor wrote of it, and kept for others, is lost.
                while process.poll() is None and not list(to.glob(".building-*/**/_temporary")):
                    time.sleep(0.01)
                for executor in executors(process.pid)[:1]:
                    os.kill(executor, signal.SIGKILL)
                    killed.append(executor)
    assert process.returncode == 0, errors.read_text(encoding="utf-8")[-2000:]
    assert killed
    batch_build.build(str(source), tmp_path / "plain", models=["as-recorded", "standard"], as_of=AS_OF)
    with funnel.open(to) as built, funnel.open(tmp_path / "plain") as plain:
        like(built, plain)
