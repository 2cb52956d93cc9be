"""Links that name the files they show. Whoever opens one without them reads which to open, and sees the link's view when they are open.

What a link says is anybody's text: it is shown, never obeyed.
"""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from funnel import DataSet
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.ui import address_bar, components, texts, views

MOST_NAMES, LONGEST_NAME = 5, 120
_ASKED = "link_asked"


def names(data_set: DataSet) -> list[str]:
    """The names of the files that are open, without any folder."""
    return [_bare(file.name) for file in data_set.files]


def tell() -> None:
    """Say which files the link shows; nothing where it names none."""
    if wanted := _wanted():
        st.info(_sentence(wanted))


def settle(space: Workspace, data_set: DataSet, page_path: str) -> None:
    """A link that names files, where some are open: of those that it names its view is shown, of others it is said that they are others.

    When the right ones are opened afterwards, the browser begins anew at the link, since the widgets stand as the others needed them.
    """
    wanted, there = _wanted(), names(data_set)
    # Several at once may have been put together in another order.
    if wanted and set(wanted) <= set(there):
        address_bar.put({views.FILE: ""})
        wanted = []
    elif wanted:
        st.session_state[_ASKED] = wanted, page_path, address_bar.said(), space.token
    asked = st.session_state.get(_ASKED)
    if asked is not None and space.token != asked[3] and set(asked[0]) <= set(there):
        del st.session_state[_ASKED]
        words = {name: values for name, values in asked[2].items() if name not in views.NOT_OF_A_VIEW}
        address = f"/{asked[1]}?{urlencode(words, doseq=True)}"
        components.mount("go", key=f"go_link_{space.token}", data={"address": address})
        st.stop()
    if wanted:
        shown = wording.say("pages.sidebar.sample") if space.sample else _listed(there[:MOST_NAMES])
        open_now = texts.inert(wording.say("pages.share.shows_other", open=shown))
        st.info(f"{_sentence(wanted)} {open_now}")


def _wanted() -> list[str]:
    """The names that the address asks for, none of them longer than a name of a file is."""
    asked = [_bare(name)[:LONGEST_NAME] for name in st.query_params.get_all(views.FILE)]
    return [name for name in asked if name.strip()][:MOST_NAMES]


def _bare(name: str) -> str:
    return wording.plain(name.replace("\\", "/").rsplit("/", 1)[-1])


def _sentence(wanted: list[str]) -> str:
    key = "pages.share.shows" if len(wanted) == 1 else "pages.share.shows_several"
    return texts.inert(wording.say(key, names=_listed(wanted)))


def _listed(found: list[str]) -> str:
    return wording.listed([f"“{name}”" for name in found])
