"""How each page was last looked at: what its address says, kept with the work and said again in a new session.

What an address says is checked by the widgets, so a view that no longer fits the data falls back to the usual one, part by part.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.shared.workspace import Workspace

SAMPLE = "sample"
_BEGAN, _VISITED = "views_began", "views_visited"


def resume(space: Workspace, page: Any, pages: list[Any]) -> None:
    """Go on as the page was last looked at, where this session, or a work that it has opened, comes to it for the first time.

    A new session at the bare address goes to the page that was open last; an address that says something is obeyed.
    """
    said = {name for name in st.query_params if name != SAMPLE}
    began = st.session_state.get(_BEGAN)
    if began != space.opened:
        st.session_state[_BEGAN], st.session_state[_VISITED] = space.opened, set()
        if began is not None:
            # Another work was opened in this session: what its widgets stand at belongs to the one before.
            for name in said.union(*space.views.values()):
                st.session_state.pop(name, None)
            said = set()
    visited: set[str] = st.session_state[_VISITED]
    if began != space.opened:
        last = next((each for each in pages if each.url_path == space.page), page)
        if not said and last is not page and (began is not None or page.url_path == ""):
            visited.add(last.url_path)
            st.switch_page(last, query_params=_listed(space, last.url_path))
        elif said:
            visited.add(page.url_path)
    if page.url_path in visited:
        return
    visited.add(page.url_path)
    missing = {name: values for name, values in _listed(space, page.url_path).items() if name not in st.session_state}
    if missing.keys() - said:
        now = {name: st.query_params.get_all(name) for name in st.query_params}
        st.switch_page(page, query_params={**missing, **now})


def remember(space: Workspace, page: Any) -> None:
    """How the page is looked at now."""
    view = {name: tuple(st.query_params.get_all(name)) for name in st.query_params if name != SAMPLE}
    space.views[page.url_path] = view
    space.page = page.url_path


def _listed(space: Workspace, page: str) -> dict[str, list[str]]:
    return {name: list(values) for name, values in space.views.get(page, {}).items()}
