"""How each page was last looked at: what its address says, kept with the work and said again in a new session.

What an address says is checked by the widgets, so a view that no longer fits the data falls back to the usual one, part by part.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.server.workspace import Workspace
from pages.ui import components

SAMPLE = "sample"
_BEGAN, _VISITED = "views_began", "views_visited"


def resume(space: Workspace, page: Any, pages: list[Any]) -> None:
    """Go on as the page was last looked at, where this session comes to it for the first time. Call it before any widget.

    A new session at the bare address goes to the page that was open last; what an address says is obeyed. When this session has opened
    another work, the browser begins a new one at that work's page, since the widgets of this one stand as the work before needed them.
    """
    said = {name: st.query_params.get_all(name) for name in st.query_params}
    last = next((each for each in pages if each.url_path == space.page), page)
    began = st.session_state.get(_BEGAN)
    st.session_state[_BEGAN] = space.opened
    visited: set[str] = st.session_state.setdefault(_VISITED, set())
    if began is None:
        if said.keys() - {SAMPLE}:
            # A link shows what it says and nothing else.
            visited.add(page.url_path)
        elif page.url_path == "" and last is not page:
            st.switch_page(last, query_params=said)
    elif began != space.opened:
        address = f"/{last.url_path}?{urlencode(space.views.get(last.url_path, {}), doseq=True)}"
        components.mount("go", key=f"go_{space.opened}", data={"address": address})
        st.stop()
    if page.url_path not in visited:
        visited.add(page.url_path)
        view = {name: list(values) for name, values in space.views.get(page.url_path, {}).items()}
        kept = {name: values for name, values in view.items() if name not in st.session_state and name not in said}
        for name, values in kept.items():
            st.query_params[name] = values
        _seed({**kept, **said})


def _seed(view: dict[str, list[str]]) -> None:
    """The widgets of this page that come to life now take their values from here, as if the address had said them; each checks its own."""
    context = get_script_run_ctx()
    if context is not None and view:
        with context.session_state.query_params() as params:
            params.set_initial_query_params(urlencode(view, doseq=True))


def remember(space: Workspace, page: Any) -> None:
    """How the page is looked at now."""
    view = {name: tuple(st.query_params.get_all(name)) for name in st.query_params if name != SAMPLE}
    space.views[page.url_path] = view
    space.page = page.url_path
