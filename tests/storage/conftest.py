"""A project that was saved, and the leads that it was made of."""

from __future__ import annotations

from pathlib import Path

import pytest

import funnel
from funnel import MappingOverrides
from tests.storage.projects import AS_OF, LINES, WORK


@pytest.fixture
def leads(tmp_path):
    (tmp_path / "deals.csv").write_text(LINES, encoding="utf-8")
    with funnel.open(
        tmp_path / "deals.csv", overrides=MappingOverrides(concepts=(("Demo \\ 'done'", "demo"),)), as_of=AS_OF
    ) as leads:
        yield leads


@pytest.fixture
def saved(leads, tmp_path) -> Path:
    leads.save(tmp_path / "all.funnel", WORK)
    return tmp_path / "all.funnel"
