"""What the address says beside the widgets that write there themselves: several words at once are one step of the browser's history."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx


def said() -> dict[str, list[str]]:
    """All words of the address, each with what it says."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def put(words: Mapping[str, str]) -> None:
    """Have the address say these words; one that is empty goes."""
    there = said()
    context = get_script_run_ctx()
    if context is None or all(there.get(name, [""]) == [word] for name, word in words.items()):
        return
    with context.session_state.query_params() as params:
        for name in words:
            params.discard_param_no_forward_msg(name)
    st.query_params.update({name: word for name, word in words.items() if word})


def let_go() -> None:
    """No widget holds a word of the address any more, so that all of them can be said to another page."""
    context = get_script_run_ctx()
    if context is None:
        return
    with context.session_state.query_params() as params:
        for name in said():
            binding = params.get_binding_for_param(name)
            if binding is not None:
                params.unbind_widget(binding.widget_id)


def travelled() -> bool:
    """Whether this run answers the browser's Back or Forward: what the address says then is what is wanted."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation
