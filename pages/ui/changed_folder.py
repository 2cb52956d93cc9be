"""A built folder, or a file that is read in place, that was changed since it was opened: what is shown of it may be neither the one nor
the other, so it is let go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from funnel.core.errors import ReadingError
from pages.server.workspace import NO_FILES, Workspace
from pages.ui import texts


@contextmanager
def let_go(space: Workspace) -> Iterator[None]:
    """The drawing of a page; where its files are not what they were, the upload box comes back with the sentence on it."""
    try:
        yield
    except ReadingError as changed:
        # It is not closed: another page of this browser may be asking it.
        space.data_set, space.files, space.entry, space.kept = None, NO_FILES, None, None
        space.problem = texts.problem(changed)
        st.rerun()
