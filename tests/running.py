"""An app of its own, in a process of its own, on a free port of this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def running(**told: Any) -> Iterator[str]:
    """The address of an app; `told` is what `serving` takes."""
    with serving(**told) as (address, _):
        yield address


@contextmanager
def serving(
    *,
    environment: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
    under: Sequence[str] = (),
    port: int | None = None,
) -> Iterator[tuple[str, int]]:
    """The address and the process of an app with these variables and options; `under` is the command that runs it, such as a
    tracer, `port` its own (default: a free one)."""
    port = port or free_port()
    command = [
        *(*under, sys.executable, "-m", "streamlit", "run", "app.py"),
        *("--server.port", str(port), "--server.headless", "true", *options),
    ]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=quiet, stderr=quiet
    ) as server:
        try:
            _wait(f"http://localhost:{port}/_stcore/health", server)
            yield f"http://localhost:{port}", server.pid
        finally:
            server.terminate()


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError("the app ended before it answered")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("the app did not answer within three minutes")
