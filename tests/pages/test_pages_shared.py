"""What stands behind the pages: private folders, workspaces, headers, colours."""

import asyncio
import os
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

import app
from funnel import charts
from pages.sections import upload
from pages.server import folders
from pages.ui import loading

ROOT = Path(__file__).resolve().parents[2]


def test_only_stale_folders_are_swept(tmp_path: Path) -> None:
    made = {name: tmp_path / f"{folders.disk.PREFIX}{name}" for name in ("dead", "alive", "database", "young", "old")}
    for folder in made.values():
        folder.mkdir()
    (tmp_path / "other").mkdir()
    (made["dead"] / folders.LOCK).touch()
    assert folders.hold(made["alive"])
    (made["database"] / "leads.duckdb").write_bytes(b"left behind")
    os.utime(made["old"], (0, 0))
    assert set(folders.sweep(tmp_path)) == {made["dead"], made["database"], made["old"]}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["funnel-lens-alive", "funnel-lens-young", "other"]
    # Whoever looks whether it is held does not end that.
    assert folders.sweep(tmp_path) == []


@pytest.mark.skipif(folders.fcntl is None, reason="this system has no file locks to ask")
def test_whose_a_folder_is_its_lock_says_and_no_number_of_a_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container every server is process 1, and two of them may have one disk."""
    maker = (
        "import tempfile, sys, time; tempfile.tempdir = sys.argv[1];"
        "from pages.server import folders; folders.os.getpid = lambda: 1;"
        "print(folders.make(), flush=True); time.sleep(60)"
    )
    monkeypatch.setattr(os, "getpid", lambda: 1)
    monkeypatch.setattr(folders.tempfile, "tempdir", str(tmp_path))
    own = folders.make()
    with subprocess.Popen(
        [sys.executable, "-c", maker, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        theirs = Path(other.stdout.readline().strip())
        (theirs / "leads.csv").write_text("theirs")
        assert theirs.parent == tmp_path
        # A server that starts beside another takes nothing of it, nor does one that ends.
        assert folders.sweep() == []
        folders.remove_own()
        assert list(tmp_path.iterdir()) == [theirs]
        # After a crash the next one, which may have the very same number, finds what was left.
        other.kill()
        other.wait()
        assert folders.sweep() == [theirs]
    assert not own.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_vanishes_or_may_not_be_looked_at_stops_no_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, odd = tmp_path / f"{folders.disk.PREFIX}old", tmp_path / f"{folders.disk.PREFIX}odd"
    for folder in (old, odd):
        folder.mkdir()
        os.utime(folder, (0, 0))
    real = folders._ours

    def ours(folder: Path) -> bool:
        if folder == odd:
            raise PermissionError
        return real(folder)

    monkeypatch.setattr(folders, "_ours", ours)
    assert folders.sweep(tmp_path) == [old]


@pytest.mark.skipif(folders.fcntl is None, reason="this system has no file locks to ask")
def test_a_database_in_use_is_not_swept(tmp_path: Path) -> None:
    folder = tmp_path / f"{folders.disk.PREFIX}used"
    folder.mkdir()
    database = folder / "leads.duckdb"
    database.write_bytes(b"")
    holder = (
        "import fcntl, sys; file = open(sys.argv[1], 'rb+'); fcntl.lockf(file, fcntl.LOCK_EX);"
        "print('held', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert folders.sweep(tmp_path) == []
        process.communicate("\n")
    assert folders.sweep(tmp_path) == [folder]


def test_the_theme_has_the_colours_of_the_charts() -> None:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
    for name, dark in (("light", False), ("dark", True)):
        look = charts.colours(dark)
        said = theme[name]
        assert said["backgroundColor"] == look.background
        assert said["secondaryBackgroundColor"] == look.surface
        assert said["textColor"] == look.text
        assert said["borderColor"] == look.border
        assert said["primaryColor"] == look.progress
        assert tuple(said["chartCategoricalColors"]) == look.series


def test_the_upload_limit_is_said_as_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNNEL_LENS_UPLOAD_GIGABYTES", "3")
    told = upload._box()
    assert told["most"] == 3_000_000_000
    assert told["texts"]["limit"] == "Up to 3 GB in all"
    assert "more than 3 GB" in told["texts"]["too_big"]


def test_the_samples_are_bundled() -> None:
    assert [path.is_file() for shape in loading.BUNDLED for path in loading.sample(shape).files.paths] == [True] * 6


def _answer(**headers: str) -> dict[str, str]:
    """The headers that a page gets through the shell."""
    inner = Starlette(routes=[Route("/", lambda _: PlainTextResponse("hello"))])
    sent: list[dict[str, object]] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "query_string": b"",
    }

    async def run() -> None:
        async def receive() -> dict[str, object]:
            return {"type": "http.request"}

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        await app.Shell(inner)(scope, receive, send)

    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(run())).result()
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_every_answer_carries_the_security_headers() -> None:
    found = _answer()
    assert {name: found[name] for name in app.HEADERS} == app.HEADERS
    policy = dict(part.split(" ", 1) for part in found["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert "unsafe" not in policy["script-src"]
    assert "http" not in found["content-security-policy"]
    assert "set-cookie" not in found
