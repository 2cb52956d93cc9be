"""A full disk while files are read, uploaded, kept or saved: a sentence says so, and nothing earlier is harmed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.thorough import thorough

ROOT = Path(__file__).resolve().parents[1]
MEGABYTES = 24
OWN_DISK = f'mount -t tmpfs -o size={MEGABYTES}m none "$1" && shift && exec "$@"'


def can_mount(folder: Path) -> bool:
    """Whether this system gives a process a disk of its own."""
    if shutil.which("unshare") is None:
        return False
    tried = ["unshare", "-rm", "sh", "-c", OWN_DISK, "sh", str(folder), "true"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


@thorough
def test_a_full_disk_is_told_and_harms_nothing(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if not can_mount(disk):
        pytest.skip("unshare and mount of a small disk are not possible on this system")
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    head = "Deal ID,Stage,Entered at,Text\n"
    small.write_text(head + "".join(f"d{lead},New,2025-01-02,x\n" for lead in range(100)), encoding="utf-8")
    long = "0123456789" * 30
    large.write_text(
        head + "".join(f"d{lead},New,2025-01-02,{long}{lead}\n" for lead in range(100_000)), encoding="utf-8"
    )
    settings = {
        **os.environ,
        "TMPDIR": str(disk),
        "FUNNEL_LENS_WORK": str(disk / "work"),
        "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
    }
    command = [sys.executable, str(ROOT / "tests" / "crowded.py"), str(small), str(large)]
    ran = subprocess.run(
        ["unshare", "-rm", "sh", "-c", OWN_DISK, "sh", str(disk), *command],
        env=settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout.splitlines()[-1])
    full = f"The disk of the machine that Funnel Lens runs on is full ({disk}). Nothing of what you had is lost."
    assert found.pop("reading").startswith(full)
    assert found.pop("reading over it").startswith(full)
    # Not a byte is left, not even for a database without a row.
    assert found.pop("free") == 0
    assert found.pop("opening").startswith(full)
    assert found.pop("reading with no byte left").startswith(full)
    assert found.pop("announcing").startswith("The server's disk")
    assert found.pop("asking").startswith(full)
    assert found.pop("saving").startswith(full)
    assert "is full" in found.pop("unkept")
    assert found.pop("uploading").startswith("The server's disk is full")
    assert found == {
        "left after reading": [],
        "leads after it": 100,
        "asking when there is room": 100,
        "earlier save": "first",
        "earlier keep": "first",
        "kept when there is room": None,
        "left": ["all.funnel"],
        "unfinished": [],
    }
