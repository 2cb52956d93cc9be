"""Views with a name: what the page shows now is kept under one, with the project, and each is a link back to what it showed."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import streamlit as st

from funnel.core.types import SavedView
from funnel.storage.project import LONGEST_LABEL, MOST_SAVED_VIEWS
from funnel.words import wording
from pages.server import edit_conflicts
from pages.server.workspace import Workspace
from pages.ui import views

NAME = "saved_view_name"
LONGEST_NAME = 60


def show(workspace: Workspace, page: Any, pages: Mapping[str, Any]) -> None:
    """The menu: each view as a link, with a button that forgets it, and a field that keeps this one. `pages` are those there are, by
    their places in the address."""
    with st.popover(
        wording.say("pages.saved_views.open"), key="saved_views", type="tertiary", icon=":material/bookmark:"
    ):
        if not workspace.saved_views:
            st.caption(wording.say("pages.saved_views.none"))
        for number, each in enumerate(workspace.saved_views):
            if each.page in pages:
                _line(workspace, number, each, pages[each.page].title)
        with st.form("save_view", border=False, clear_on_submit=True):
            st.text_input(
                wording.say("pages.saved_views.name"), key=NAME, max_chars=LONGEST_NAME, placeholder=_suggested(page)
            )
            st.form_submit_button(
                wording.say("pages.saved_views.save"),
                on_click=_save,
                args=(workspace, page.url_path, _suggested(page)),
                disabled=len(workspace.saved_views) >= MOST_SAVED_VIEWS,
            )


def _line(workspace: Workspace, number: int, saved: SavedView, title: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"saved_view_{number}", gap="small"):
        address = f"./{quote(saved.page)}?{urlencode({**saved.view, views.SAVED: saved.name}, doseq=True)}"
        name = html.escape(wording.plain(saved.name))
        st.html(
            f'<a class="fl-saved-view" href="{html.escape(address)}" target="_self">{name}<span> · {html.escape(title)}</span></a>'
        )
        st.button(
            "✕",
            key=f"forget_view_{number}",
            type="tertiary",
            help=wording.say("pages.saved_views.forget", name=wording.escape_markdown(saved.name)),
            on_click=_forget,
            args=(workspace, saved),
        )


def _suggested(page: Any) -> str:
    return wording.say("pages.saved_views.suggested", page=page.title)


def _save(workspace: Workspace, path: str, suggested: str) -> None:
    """A callback: what the address says now, under the name that was typed; one of that name is told anew."""
    name = (st.session_state[NAME] or "").strip()[:LONGEST_LABEL] or suggested
    if edit_conflicts.may_change(workspace, edit_conflicts.SAVED):
        others = tuple(each for each in workspace.saved_views if each.name != name)
        workspace.saved_views = (*others, SavedView(name, path, views.now()))


def _forget(workspace: Workspace, saved: SavedView) -> None:
    if edit_conflicts.may_change(workspace, edit_conflicts.SAVED):
        workspace.saved_views = tuple(each for each in workspace.saved_views if each != saved)
