"""How hypothesis chooses its examples, and what stands in for a browser where there is none."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
import streamlit as st
from hypothesis import settings
from streamlit.components.v2 import manifest_scanner

from tests import opened
from tests.readers import Reader

# In CI always the same ones, so that a red run is the change's own fault; elsewhere new ones each time, which find what nobody
# thought of. No example has a time to keep: machines are busy.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is made while tests are collected stays to the end: to look through it for garbage meanwhile is in vain."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def no_cookies():
    """A page that runs without a browser has no cookies; the stand-ins of AppTest would make each run somebody else's."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(st.context), "cookies", {})
        yield


@pytest.fixture(scope="session", autouse=True)
def components() -> Iterator[None]:
    """Which components are installed is looked up once, not anew for each app that AppTest makes."""
    found = manifest_scanner.scan_component_manifests()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(manifest_scanner, "scan_component_manifests", lambda: found)
        yield


@pytest.fixture(autouse=True)
def nobody_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looked at pages in one test has no place among those of another."""
    # Not loaded here, so that where Streamlit has no longer what the app needs, tests/test_streamlit.py can say so.
    if "pages.server.sessions" in sys.modules:
        monkeypatch.setattr("pages.server.sessions._known", {})


@pytest.fixture(scope="module")
def opened_once() -> Iterator[None]:
    """Files that many commands ask are opened once for all of them."""
    with opened.once():
        yield


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    made = Reader(tmp_path)
    yield made
    made.engine.close()


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the work of one browser keeps itself."""
    monkeypatch.setenv("FUNNEL_LENS_WORK", str(tmp_path / "work"))
    monkeypatch.setattr("pages.server.sessions.browser_secret", lambda: "the secret of this browser")
    monkeypatch.setattr("pages.server.sessions._known", {})
    return tmp_path / "work"
