"""A running app and a real Chromium. Where either is missing the tests are skipped, by name; with CI=true they fail."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import running

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 30_000


def missing(what: str) -> None:
    """Skip, or fail where the browser tests must run."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is not on this machine")


@pytest.fixture(scope="session")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the app of `address` keeps what is uploaded, and nobody else anything."""
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="session")
def address(uploads: Path) -> Iterator[str]:
    """The address of an app of its own."""
    with running(environment={"TMPDIR": str(uploads)}) as found:
        yield found


@pytest.fixture(scope="session")
def browser():  # type: ignore[no-untyped-def]
    """Chromium, driven."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright")
    if not Path(CHROMIUM).exists():
        missing(CHROMIUM)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def visitor(browser, address):  # type: ignore[no-untyped-def]
    """Opens a page as a new visitor, `visitor()` the Funnel page; what the browser asked of other hosts, and its errors, fail the test."""
    contexts, outside, errors = [], [], []

    def visit(path: str = "/funnel", *, width: int = 1280, **kind):  # type: ignore[no-untyped-def]
        context = browser.new_context(viewport={"width": width, "height": 900}, **kind)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        own = re.compile(rf"^(data:|blob:|{re.escape(address)}|ws://{re.escape(address.removeprefix('http://'))})")
        page.on("request", lambda request: None if own.match(request.url) else outside.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
        page.goto(address + path)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert outside == []
    assert errors == []
