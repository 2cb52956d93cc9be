"""A PostgreSQL for the tests of a file, with the usual table in it anew for each."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.live.crm import HEADERS, SAMPLE, TYPES, USUAL, allow, inserted
from tests.postgres import Cluster


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with postgres.cluster() as running:
        yield running


@pytest.fixture
def entries(server: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, ...]]:
    """The first 4,000 lines of the sample as a table, and as the rows of a file."""
    with gzip.open(SAMPLE, "rt", encoding="utf-8", newline="") as file:
        lines = [line for _, line in zip(range(4000), csv.DictReader(file), strict=False)]
    rows = [
        (str(place), *(line[header] for header in HEADERS[1:-1]), line["Entered at"] + "+00")
        for place, line in enumerate(lines, 1)
    ]
    columns = ", ".join(f'"{header}" {kind}' for header, kind in zip(HEADERS, TYPES, strict=True))
    server.run("DROP TABLE IF EXISTS entries", f"CREATE TABLE entries ({columns})", *inserted(rows))
    monkeypatch.setenv("CRM_URI", server.uri)
    allow(monkeypatch, tmp_path, USUAL)
    return rows
