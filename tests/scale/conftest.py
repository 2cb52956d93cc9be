"""A log on disk, and what the app reads of it."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

import funnel
from tests.scale.logs import AS_OF, lines


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("source") / "log.parquet"
    pq.write_table(lines(400), path)
    return path


@pytest.fixture(scope="module")
def plain(source):
    with funnel.open(source, as_of=AS_OF) as data_set:
        yield data_set
