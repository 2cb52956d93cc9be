"""The first time that a data set is shown: what cannot be drawn even then is let go, so that it keeps nobody from the pages."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from funnel.core.errors import Exhausted, Interrupted
from funnel.opening import Wanted
from funnel.words import wording
from pages.server import autosave
from pages.server.workspace import Workspace
from pages.ui import texts


@contextmanager
def watched(space: Workspace, wanted: Wanted) -> Iterator[None]:
    """The drawing of a page. Where the first of a data set fails, the data set is let go and the upload box comes back with a sentence;
    a later one fails alone, and other pages go on. A run that is not `wanted` any more proves nothing; one that another window
    interrupted, or gave other data, draws anew, since it would show some of the one and some of the other."""
    drawn = space.state
    try:
        yield
    except Exhausted:
        # It is not the fault of what is drawn.
        raise
    except Exception as failed:
        if not wanted():
            raise
        if space.state != drawn or isinstance(failed, Interrupted):
            st.rerun()
        if space.data_set is None or space.drawn == space.token:
            raise
        logging.getLogger(__name__).exception("a data set could not be drawn")
        autosave.put_aside(space)
        problem = wording.say("project.undrawable", title=autosave.title(space))
        space.let_go()
        space.problem = texts.inert(problem)
        st.rerun()
    if space.state != drawn:
        st.rerun()
    if space.drawn != space.token:
        autosave.take_up(space)
    space.drawn = space.token
