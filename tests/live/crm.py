"""The usual source of tests: the first lines of the sample as a table of PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

import funnel
from funnel.core.sql import Query
from funnel.live import sources
from funnel.live.snapshot import Snapshot

SAMPLE = Path(__file__).resolve().parents[2] / "data/samples/leads-history.csv.gz"
NOON = datetime(2026, 11, 30, 12)
USUAL = """name = "CRM"
kind = "postgres"
uri_env = "CRM_URI"
query = "SELECT * FROM entries ORDER BY id"
cursor = "changed_at"
key = "id"
"""
HEADERS = ("id", "Lead ID", "Account", "Stage", "Entered at", "Channel", "Amount", "Currency", "changed_at")
TYPES = ("bigint primary key", *("text",) * 3, "timestamp", "text", "numeric", "text", "timestamptz")


def inserted(rows: list[tuple[str, ...]]) -> list[str]:
    """The statement that adds these rows."""
    texts = ", ".join("(" + ", ".join(_literal(value) for value in row) + ")" for row in rows)
    return [f"INSERT INTO entries VALUES {texts}"]


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'" if value else "NULL"


def allow(monkeypatch: pytest.MonkeyPatch, folder: Path, *texts: str) -> None:
    """From now on these sources may be read, and no others."""
    path = folder / "sources.toml"
    path.write_text("\n".join(f"[[source]]\n{text}" for text in texts), encoding="utf-8")
    monkeypatch.setenv("FUNNEL_LENS_SOURCES", str(path))


def source(monkeypatch: pytest.MonkeyPatch, folder: Path, *changed: tuple[str, str]) -> sources.Source:
    """The usual source, with something of its text replaced."""
    text = USUAL
    for old, new in changed:
        assert old in text
        text = text.replace(old, new)
    allow(monkeypatch, folder, text)
    return sources.named("CRM")


def held(paths: list[Path]) -> list[tuple[object, ...]]:
    """Leads and entries as a data set has them, in order."""
    with funnel.open(*paths) as data_set:
        leads = data_set.engine.rows(Query("SELECT leads.* FROM leads ORDER BY ALL"))
        history = data_set.engine.rows(Query("SELECT history.* FROM history ORDER BY ALL"))
    return [*leads, *history]


def paths(found: Snapshot) -> list[Path]:
    """Where the files of a snapshot lie."""
    return [file.path for file in found.files]
