"""How hypothesis chooses its examples, and what stands in for a browser where there is none."""

from __future__ import annotations

import os

import pytest
import streamlit as st
from hypothesis import settings

# In CI always the same ones, so that a red run is the change's own fault; elsewhere new ones each time, which find what nobody
# thought of.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI") == "true":
    settings.load_profile("ci")


@pytest.fixture(autouse=True)
def no_cookies(monkeypatch):
    """A page that runs without a browser has no cookies; the stand-ins of AppTest would make each run somebody else's."""
    monkeypatch.setattr(type(st.context), "cookies", {})
