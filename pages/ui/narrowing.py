"""A click on a group of leads in a chart narrows the page to it: its conditions become filters, which stand in the strip as chips."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from funnel import Between, DataSet, OneOf
from pages.strip import filters
from pages.ui import frame

_ASKED = "narrowed"


def settle() -> None:
    """Call it first in a fragment whose charts narrow: the strip stands outside of it, so the whole page runs after a click."""
    if st.session_state.pop(_ASKED, False):
        st.rerun()


def to_all(data_set: DataSet, conditions: Sequence[OneOf | Between]) -> Callable[[], None]:
    """A callback of a click anywhere on a chart of one group: its conditions hold from now on."""

    def take() -> None:
        for condition in conditions:
            filters.put(data_set, condition)
        st.session_state[_ASKED] = True

    return take


def to_one(data_set: DataSet, key: str, groups: Sequence[Sequence[OneOf | Between]]) -> Callable[[], None]:
    """A callback of a click on the chart `key`, whose points carry [index of the group, …]: the conditions of that group hold."""

    def take() -> None:
        state = frame.chosen(key)
        for behind in state["behind"] if state else []:
            index = behind[0] if isinstance(behind, (list, tuple)) and behind else None
            if isinstance(index, int) and 0 <= index < len(groups):
                to_all(data_set, groups[index])()
                return

    return take
