"""How each page was last looked at: what its address says, kept with the work and said again in a new session.

What an address says is checked by the widgets, so a view that no longer fits the data falls back to the usual one, part by part.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from funnel.core.types import View
from pages.server.workspace import Workspace
from pages.ui import address_bar, calendar_choice, components, former_pages, language

SAMPLE, FILE, SAVED = "sample", "file", "saved"
OF_THE_DATA = {SAMPLE, FILE}
"""What an address says of the data, not of how they are looked at."""
NOT_OF_A_VIEW = {*OF_THE_DATA, SAVED, language.WORD, calendar_choice.WORD}
"""The same, the language, the calendar, and the name of a saved view, of which nothing is left when something else is chosen."""
GOAL, GOAL_OF_OLD = "goal", "to"
FORMER_WORDS = Path(__file__).resolve().parents[2] / "data" / "former_words.toml"
_BEGAN, _VISITED = "views_began", "views_visited"


def resume(space: Workspace, page: Any, pages: list[Any]) -> None:
    """Go on as the page was last looked at, where this session comes to it for the first time. Call it before any widget.

    A new session at the bare address goes to the page that was open last; what an address says is obeyed. When this session has opened
    another work, the browser begins a new one at that work's page, since the widgets of this one stand as the work before needed them.
    """
    said = address_bar.said()
    params = _renewed(said)
    if params != said:
        # An address of old says the same in today's words from now on.
        address_bar.put(dict.fromkeys(said.keys() - params.keys(), ""))
        for name, values in params.items():
            st.query_params[name] = values
        _seed(params)
    began = st.session_state.get(_BEGAN)
    st.session_state[_BEGAN] = space.opened
    if began != space.opened:
        space.views, space.page = former_pages.views_now(space.views, space.page)
    last = next((each for each in pages if each.url_path == space.page), page)
    visited: set[str] = st.session_state.setdefault(_VISITED, set())
    if began is None:
        if params.keys() - OF_THE_DATA - {language.WORD, calendar_choice.WORD}:
            # A link shows what it says and nothing else.
            visited.add(page.url_path)
        elif page.url_path == "" and last is not page:
            st.switch_page(last, query_params=params)
    elif began != space.opened:
        address = f"/{last.url_path}?{urlencode(space.views.get(last.url_path, {}), doseq=True)}"
        components.mount("go", key=f"go_{space.opened}", data={"address": address})
        st.stop()
    if page.url_path not in visited:
        visited.add(page.url_path)
        kept = space.views.get(page.url_path, {})
        view = _renewed({name: list(values) for name, values in kept.items()})
        added = {name: values for name, values in view.items() if name not in st.session_state and name not in params}
        for name, values in added.items():
            st.query_params[name] = values
        _seed({**added, **params})


def _renewed(said: dict[str, list[str]]) -> dict[str, list[str]]:
    """An address or a view of old, or of another language, in the words of here and today: choices were called otherwise, and `to`, which
    is a day now, said what counts as converted."""
    day = re.compile(r"\d{4}-\d{2}-\d{2}")
    renewed = {}
    for name, values in said.items():
        goal = name == GOAL_OF_OLD and values and not any(map(day.fullmatch, values))
        former = _former_words().get(re.sub(r"_\d+$", "", name), {})
        renewed[GOAL if goal else name] = [language.here(name, former.get(value, value)) for value in values]
    return renewed


@lru_cache
def _former_words() -> dict[str, dict[str, str]]:
    return tomllib.loads(FORMER_WORDS.read_text(encoding="utf-8"))


def _seed(view: dict[str, list[str]]) -> None:
    """The widgets of this page that come to life now take their values from here, as if the address had said them; each checks its own."""
    context = get_script_run_ctx()
    if context is not None and view:
        with context.session_state.query_params() as params:
            params.set_initial_query_params(urlencode(view, doseq=True))


def remember(space: Workspace, page: Any) -> None:
    """How the page is looked at now."""
    space.views[page.url_path] = now()
    space.page = page.url_path


def now() -> View:
    """What the address says of how the page is looked at."""
    return {name: tuple(st.query_params.get_all(name)) for name in st.query_params if name not in NOT_OF_A_VIEW}
