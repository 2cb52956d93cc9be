"""An app of its own for a bench that drives a browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent


@contextmanager
def running(folder: Path | None = None) -> Iterator[tuple[str, int]]:
    """Its address and its process; `folder` is the server's folder whose files it may open."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.headless",
        "true",
        "--server.port",
        str(port),
    ]
    settings = dict(os.environ) if folder is None else {**os.environ, "FUNNEL_LENS_FOLDER": str(folder)}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, env=settings, stdout=quiet, stderr=quiet) as server:
        try:
            _wait(f"http://localhost:{port}/_stcore/health")
            yield f"http://localhost:{port}", server.pid
        finally:
            server.terminate()


def _wait(url: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("the app did not answer within a minute")
