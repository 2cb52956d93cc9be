"""Commands ask the same few files over and over."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="module")
def asked_of_one(opened_once: None) -> None:
    """Each file is opened once for all commands of one file of tests."""
