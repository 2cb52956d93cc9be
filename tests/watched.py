"""What a process and its children ask of the network, told apart from what they ask of this machine.

`strace` sees every call of the process, whatever made it, and needs no root. Where it is missing or may not trace, Python's own audit
hook takes its place: it sees what Python asks for, not what a library does below it.
"""

from __future__ import annotations

import ipaddress
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# A name service may answer on this very machine, and ask others in turn.
_DNS = 53
_CALL = re.compile(
    r'sa_family=AF_INET6?, sin6?_port=htons\((?P<port>\d+)\).*?inet_(?:addr|pton)\((?:AF_INET6, )?"(?P<address>[^"]+)"'
)
_HOOK = """
import sys
def named(host):
    return host not in (None, "", b"") and not set(str(host)) <= set("0123456789abcdef.:")
file = open({file!r}, "a", buffering=1)
print("localhost", 0, file=file)
def heard(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple):
            print(address[0], address[1], file=file)
    elif event in ("socket.getaddrinfo", "socket.gethostbyname") and named(arguments[0]):
        print(arguments[0], {dns}, file=file)
sys.addaudithook(heard)
"""


@dataclass(frozen=True)
class Watch:
    """Run a process with `under` before its command and with these variables; what it asks for then stands in `log`, to be `read`."""

    log: Path
    read: Callable[[str], list[tuple[str, int]]]
    under: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def sees(self) -> bool:
        """Whether it has seen the process at all."""
        return self.log.exists() and self.log.stat().st_size > 0

    def asked(self) -> list[tuple[str, int]]:
        """The addresses and ports that were asked for; a look-up stands as port 53."""
        return self.read(self.log.read_text(encoding="utf-8", errors="replace"))

    def left_the_machine(self) -> list[tuple[str, int]]:
        """Addresses and ports of other machines, and every look-up of a name but this machine's own."""
        return [(address, port) for address, port in self.asked() if not _own(address, port)]


def by_strace(folder: Path) -> Watch | None:
    """None where there is no strace, or it may not trace."""
    found = shutil.which("strace")
    if found is None or subprocess.run([found, "-o", "/dev/null", "true"], capture_output=True).returncode:
        return None
    log, calls = folder / "calls", "trace=connect,sendto,sendmsg,sendmmsg"

    def read(told: str) -> list[tuple[str, int]]:
        return [(call["address"], int(call["port"])) for call in _CALL.finditer(told)]

    # -D: the process itself is our child, so that ending it ends both.
    options = ("-D", "-f", "-qq", "-s", "0", "-e", calls, "-e", "signal=none")
    return Watch(log, read, (found, *options, "-o", str(log)))


def by_hook(folder: Path) -> Watch:
    """What Python itself asks for, told by a module that each Python process loads at its start."""
    log = folder / "asked"
    (folder / "sitecustomize.py").write_text(_HOOK.format(file=str(log), dns=_DNS), encoding="utf-8")

    def read(told: str) -> list[tuple[str, int]]:
        return [(address, int(port)) for address, _, port in (line.rpartition(" ") for line in told.splitlines())]

    return Watch(log, read, environment={"PYTHONPATH": str(folder)})


def _own(address: str, port: int) -> bool:
    """Whether this machine alone is asked; a look-up never is."""
    try:
        return ipaddress.ip_address(address).is_loopback and port != _DNS
    except ValueError:
        return address == "localhost"
