"""A browser whose workspace is known, and the ticket under which its files come."""

from __future__ import annotations

import pytest

from pages.server import folders, sessions
from pages.server.workspace import Workspace
from tests.pages.sending import COOKIE


@pytest.fixture
def space(monkeypatch, tmp_path):
    """A workspace whose browser is known; what it brings lies in tmp_path."""
    monkeypatch.setattr(folders.tempfile, "tempdir", str(tmp_path))
    found = Workspace()
    monkeypatch.setattr(sessions, "_known", {COOKIE: sessions._Visitor(found)})
    return found


@pytest.fixture
def ticket(space):
    return space.ticket()
