"""A running app and a real Chromium. Where either is missing the tests are skipped, by name; with CI=true they fail."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
PATIENCE_MS = 90_000
HEIGHT = 900


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


class Visitors:
    """Opens a page as a new visitor, by default the Funnel page. What the browser asked of other hosts, and its errors, are kept."""

    def __init__(self, browser, address: str) -> None:  # type: ignore[no-untyped-def]
        self._browser, self.address = browser, address
        self._contexts: list = []  # type: ignore[type-arg]
        self._outside: list[str] = []
        self._errors: list[str] = []

    def __call__(self, path: str = "/funnel", *, width: int = 1280, **kind):  # type: ignore[no-untyped-def]
        context = self._browser.new_context(viewport={"width": width, "height": HEIGHT}, **kind)
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        page = context.new_page()
        address, errors = self.address, self._errors
        own = re.compile(rf"^(data:|blob:|{re.escape(address)}|ws://{re.escape(address.removeprefix('http://'))})")
        page.on("request", lambda request: None if own.match(request.url) else self._outside.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
        page.goto(address + path)
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def blameless(self) -> None:
        """Fail where the browser asked anything of another host, or met an error, since this was asked last."""
        outside, errors = self._outside.copy(), self._errors.copy()
        self._outside.clear()
        self._errors.clear()
        assert outside == []
        assert errors == []


@pytest.fixture
def visitor(browser, address) -> Iterator[Visitors]:  # type: ignore[no-untyped-def]
    """Opens a page as a new visitor, `visitor()` the Funnel page; what the browser asked of other hosts, and its errors, fail the test."""
    visitors = Visitors(browser, address)
    yield visitors
    visitors.close()
    visitors.blameless()


@pytest.fixture(scope="module")
def _windows(browser, address) -> Iterator[tuple[Visitors, dict[str, Any]]]:  # type: ignore[no-untyped-def]
    """Who comes, and by the sample that it has open the one window of each."""
    visitors = Visitors(browser, address)
    yield visitors, {}
    visitors.close()


@pytest.fixture
def again(_windows):  # type: ignore[no-untyped-def]
    """Opens an address of a sample in a window that has that sample open since another test of the file: each page is loaded anew, but
    the sample is read once for all that only look. What `visitor` fails for fails here too.

    The address has to say a view: it shows that view and nothing else, while a bare one goes on as the window was looked at before.
    """
    visitors, windows = _windows

    def come(path: str, *, width: int = 1280, color_scheme: str = "light", reduced_motion: str = "no-preference"):  # type: ignore[no-untyped-def]
        sample = path.partition("sample=")[2].partition("&")[0]
        if sample not in windows:
            windows[sample] = visitors(path, width=width, color_scheme=color_scheme, reduced_motion=reduced_motion)
            return windows[sample]
        page = windows[sample]
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme=color_scheme, reduced_motion=reduced_motion)
        page.goto(visitors.address + path)
        return page

    yield come
    visitors.blameless()
