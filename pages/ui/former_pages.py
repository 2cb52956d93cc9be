"""Addresses of pages that are part of another page now, and of views that are a tab of one: they lead on there, with all that they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from funnel.core.types import View
from funnel.words import wording
from pages.ui import address_bar

Said = dict[str, list[str]]

OVERVIEW, FUNNEL, SEGMENTS, TRENDS, PIPELINE, MODELS = "", "funnel", "segments", "trends", "pipeline", "models"
FORMER: Mapping[str, tuple[str, str]] = {
    "overview": (OVERVIEW, ""),
    "cohorts": (TRENDS, "heat"),
    "time": (PIPELINE, ""),
    "moves": (FUNNEL, "paths"),
    "editor": (MODELS, "edit"),
}
"""Former address → the page that has its content now, and the tab there ("": the first)."""
OF_THE_FUNNEL = {"by", "day", "split"}
"""What an address of the first page says only where that was the Funnel page."""
OF_TABS: Mapping[str, Mapping[str, str]] = {
    "time": {"time_by": "stages"},
    MODELS: {"changed_on": "process"},
}
"""An address, and a word of it → the tab that has what the word chooses now."""
VIEW = "view"
VIEWS: Mapping[str, tuple[str, str]] = {
    "Groups of leads": (SEGMENTS, ""),
    "Where does it differ most?": (SEGMENTS, "scan"),
    "What drives conversion": (SEGMENTS, "scan"),
    "Periods": (FUNNEL, "changes"),
    "Plan a test": (PIPELINE, "planner"),
}
"""What the Segments page showed → the page and the tab that show it now."""
RENAMED = {"against": "compare", "other_period": "compare_days"}
THIS, SIDES = "this", ("from", "to")


def pages() -> list[Any]:
    """The former addresses, for the navigation to know; none of them is seen in it."""
    return [st.Page(_nothing, title=path, url_path=path, visibility="hidden") for path in FORMER]


def lead_on(page: Any, by_path: Mapping[str, Any]) -> None:
    """Go on to the page that has what this address asks for, where that is another one, or is said otherwise now."""
    said = address_bar.said()
    path, words = now(page.url_path, said)
    if (path, words) != (page.url_path, said):
        address_bar.let_go()
        st.switch_page(by_path[path], query_params=words)


def now(path: str, said: Mapping[str, Sequence[str]]) -> tuple[str, Said]:
    """The page that has the content of this address now, and what its address says; an address of today stays as it is."""
    words = {name: list(values) for name, values in said.items()}
    tab = next((tab for word, tab in OF_TABS.get(path, {}).items() if word in words), "")
    if path in FORMER:
        path, tab = FORMER[path][0], FORMER[path][1] or tab
    elif path == OVERVIEW and OF_THE_FUNNEL & words.keys():
        path = FUNNEL
    elif path == SEGMENTS and VIEW in words:
        path, tab = VIEWS.get(next(iter(words.pop(VIEW)), ""), (SEGMENTS, ""))
        this = words.pop(THIS, [])
        if path == FUNNEL:
            words = {RENAMED.get(name, name): values for name, values in words.items()}
            words |= {side: [day] for side, day in zip(SIDES, this, strict=False)}
    chosen = f"{path}_tab"
    if tab and chosen not in words:
        words[chosen] = [wording.say(f"pages.tabs.{tab}")]
    return path, words


def views_now(views: Mapping[str, View], last: str) -> tuple[dict[str, View], str]:
    """How each page was last looked at, and which was open last, by the addresses of today; of two views that one page has now, its own
    counts, but before all that which was open last."""
    found: dict[str, View] = {}
    last_now = FORMER[last][0] if last in FORMER else last
    for path in sorted(views, key=lambda path: (path != last, path in FORMER, path != OVERVIEW)):
        page, words = now(path, views[path])
        if path == last:
            last_now = page
        found.setdefault(page, {name: tuple(values) for name, values in words.items()})
    return found, last_now


def _nothing() -> None:
    """Such a page has nothing of its own."""
