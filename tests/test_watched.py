"""The watch over the network sees what it is there to see; without that, its silence in tests/browser would say nothing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests import watched

# An address of documentation, where nobody answers, and a name that nobody can have.
ELSEWHERE = "192.0.2.1"
CONNECT = f"s = socket.socket(); s.setblocking(False); s.connect_ex(('{ELSEWHERE}', 9))"
SEND = f"s = socket.socket(type=socket.SOCK_DGRAM); s.sendto(b'x', ('{ELSEWHERE}', 9))"
LOOK_UP = "socket.getaddrinfo('leads.invalid', 80)"
AT_HOME = "l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen(); socket.create_connection(l.getsockname())"
BY_NAME = "socket.getaddrinfo('localhost', 80)"


def seen(tmp_path, watch, program: str) -> watched.Watch:
    found = watch(tmp_path)
    if found is None:
        pytest.skip("strace is not on this machine, or may not trace")
    command = [
        *found.under,
        sys.executable,
        "-c",
        f"import socket, contextlib\nwith contextlib.suppress(OSError): {program}",
    ]
    subprocess.run(command, env={**os.environ, **found.environment}, check=True)
    return found


@pytest.mark.parametrize("watch", [watched.by_strace, watched.by_hook])
@pytest.mark.parametrize("program", [CONNECT, SEND])
def test_what_is_sent_to_another_machine_is_seen(tmp_path, watch, program):
    assert (ELSEWHERE, 9) in seen(tmp_path, watch, program).left_the_machine()


@pytest.mark.parametrize("watch", [watched.by_strace, watched.by_hook])
def test_a_look_up_of_a_name_is_seen(tmp_path, watch):
    assert seen(tmp_path, watch, LOOK_UP).left_the_machine()


@pytest.mark.parametrize("watch", [watched.by_strace, watched.by_hook])
@pytest.mark.parametrize("program", [AT_HOME, BY_NAME])
def test_what_stays_on_this_machine_is_told_apart(tmp_path, watch, program):
    found = seen(tmp_path, watch, program)
    assert found.left_the_machine() == []
    assert program == BY_NAME or found.asked()
