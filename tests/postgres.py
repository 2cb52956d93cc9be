"""A PostgreSQL of the tests' own: a cluster in a temporary folder, on this machine's loopback alone, started and stopped by the test.

Where PostgreSQL or its driver is missing the test is skipped by name, or (ENGINES=needed) fails.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

OWNER, PASSWORD, DATABASE = "quiet_owner", "s3cret-0f-the-house", "postgres"
"""What no log, page, project or error may ever show; the password needs no escape in an address."""
_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)


def need() -> Path:
    """Where PostgreSQL's programs are. Skips the test where they, or the driver, are missing."""
    missing = [] if find_spec("adbc_driver_postgresql") else ["adbc-driver-postgresql (requirements-live.txt)"]
    found = next((folder for folder in _FOLDERS if (folder / "initdb").exists()), None)
    found = found or next((Path(path).parent for path in [shutil.which("initdb")] if path), None)
    if found is None:
        missing.append("postgresql (Debian's package)")
    if missing and os.environ.get("ENGINES") == "needed":
        pytest.fail(f"live sources need {', '.join(missing)}")
    if missing or found is None:
        pytest.skip(f"live sources need {', '.join(missing)}")
    return found


class Cluster:
    """A running server. `uri` is how its owner, who may do anything, reaches it."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder = programs, folder
        self.port = _free_port()
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        """With the password in it."""
        return f"postgresql://{OWNER}:{PASSWORD}@127.0.0.1:{self.port}/{DATABASE}"

    def start(self) -> None:
        """It answers afterwards."""
        settings = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "", "fsync": "off"}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data"), *flags]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(command, stdout=log, stderr=log, **_as_nobody())
        ready = [str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-t", "1"]
        for _ in range(200):
            if subprocess.run(ready, check=False).returncode == 0:
                return
            assert self._server.poll() is None, (self._folder / "log").read_text()
        raise AssertionError("PostgreSQL did not start")

    def stop(self) -> None:
        """At once, whatever it is doing."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(20)
            self._server = None

    def run(self, *statements: str) -> None:
        """Statements, kept together, as the owner."""
        import adbc_driver_postgresql.dbapi as postgres

        with postgres.connect(self.uri) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    def run_alone(self, statement: str) -> None:
        """A statement that stands in no transaction, as the owner."""
        import adbc_driver_postgresql.dbapi as postgres

        with postgres.connect(self.uri, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        """What a query answers to the owner."""
        import adbc_driver_postgresql.dbapi as postgres

        with postgres.connect(self.uri) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
            return rows


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A server with an empty database, gone at the end."""
    programs = need()
    folder = Path(tempfile.mkdtemp(prefix="postgres-of-tests-"))
    try:
        password = folder / "password"
        password.write_text(PASSWORD)
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            for path in (folder, password):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        made = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", OWNER, "--pwfile", str(password)]
        how = ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run([*made, *how], check=True, capture_output=True, **_as_nobody())
        running = Cluster(programs, folder)
        try:
            running.start()
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_nobody() -> dict[str, Any]:
    """PostgreSQL does not run as root, as tests in a container do."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": [], "cwd": "/"} if os.getuid() == 0 else {"cwd": "/"}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
