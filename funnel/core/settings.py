"""What whoever runs the program allows: every limit that can be set, in one place.

Each is an environment variable named FUNNEL_LENS_…; one that is not set, or says what cannot be meant, counts as its default.
A limit that is met is told in a sentence that names its variable. How much of one file is taken in, whoever reads it, stands in
`funnel.reading.limits`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PREFIX = "FUNNEL_LENS_"
INFINITE = float("inf")


@dataclass(frozen=True)
class Setting:
    """A number that can be set: its variable without the prefix, the default, the least and the most that can be meant."""

    name: str
    default: float
    least: float
    most: float = INFINITE

    @property
    def variable(self) -> str:
        """The environment variable."""
        return PREFIX + self.name

    def __call__(self) -> float:
        """What it is now."""
        try:
            value = float(os.environ.get(self.variable, ""))
        except ValueError:
            return self.default
        return value if self.least <= value <= self.most and value < INFINITE else self.default


UPLOAD_GIGABYTES = Setting("UPLOAD_GIGABYTES", 20, 1e-6)
"""What one upload may bring, all its files together."""
ROWS_MILLIONS = Setting("ROWS_MILLIONS", 500, 1e-6)
"""Rows of all files that are read together."""
MEMORY_MB = Setting("MEMORY_MB", 500, 200)
"""What the engine of one session holds in memory; what needs more goes to disk and is not slower at ten million entries."""
DISK_GIGABYTES = Setting("DISK_GIGABYTES", 100, 1e-6)
"""Disk that the data of one session takes, once read, and the same again for its uploads; a CSV of 20 GB takes up to that."""
THREADS = Setting("THREADS", 2, 1, 256)
"""Threads of one session's engine."""
QUERY_SECONDS = Setting("QUERY_SECONDS", 300, 0.01)
"""How long one query may run, once the files are read."""
SOURCE_SECONDS = Setting("SOURCE_SECONDS", 600, 1, 86_400)
"""How long a live source may take to answer, all of it together."""
QUERIES = Setting("QUERIES", 8, 1, 1000)
"""Sessions whose questions are worked on at once; the others wait their turn."""
READINGS = Setting("READINGS", 2, 1, 100)
"""Sessions whose files are read at once; the others wait their turn."""
SESSIONS = Setting("SESSIONS", 100, 1)
"""Sessions that hold data at once."""
AWAY_MINUTES = Setting("AWAY_MINUTES", 30, 0.001)
"""How long a session's data is kept after its last page was closed."""
WORK_DAYS = Setting("WORK_DAYS", 400, 0.001, 400)
"""How long work that keeps itself is kept after its last change; by then its browser's cookie has ended."""
SIGN_IN_HOURS = Setting("SIGN_IN_HOURS", 12, 0.001, 720)
"""How long a sign-in lasts, where people sign in (docs/sign-in.md)."""
NUMBERS = (
    UPLOAD_GIGABYTES,
    ROWS_MILLIONS,
    MEMORY_MB,
    DISK_GIGABYTES,
    THREADS,
    QUERY_SECONDS,
    SOURCE_SECONDS,
    QUERIES,
    READINGS,
    SESSIONS,
    AWAY_MINUTES,
    WORK_DAYS,
    SIGN_IN_HOURS,
)

FOLDER = PREFIX + "FOLDER"
"""A folder of the server whose files everybody who reaches the app may open; without it, none."""
SOURCES = PREFIX + "SOURCES"
"""A file that names the live sources which everybody who reaches the app may open; without it, none."""
WORK = PREFIX + "WORK"
"""A folder in which each browser's work is kept by itself; without it, nothing outlives the server."""
BROWSER = PREFIX + "BROWSER"
"""The browser that prints reports as PDF, by its path or name; without it, the first Chromium, Chrome or Edge that is found."""

POST = PREFIX + "POST"
"""The address that `python -m funnel watch --post` posts to where the command names none: it is a secret, and stands in no file of ours."""


def folder(variable: str) -> Path | None:
    """The folder, or the file, that a variable names; None where it names none."""
    named = os.environ.get(variable)
    # What leads round in a circle, or to a home that nobody has, is no error here: whoever opens it finds nothing there.
    return Path(os.path.realpath(os.path.expanduser(named))) if named else None


def program(variable: str) -> str | None:
    """The program that a variable names; None where it names none."""
    return os.environ.get(variable) or None
