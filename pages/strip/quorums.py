"""How many of its leads must reach a stage for an account to count there."""

from __future__ import annotations

import streamlit as st

from funnel.words import wording

EVERY = "every"
QUORUMS = ("1", "2", "3", "5", EVERY)


def box() -> int | None:
    """The number chosen; None is every one."""
    chosen = st.selectbox(
        wording.say("pages.sidebar.quorum"),
        QUORUMS,
        format_func=lambda quorum: in_words(None if quorum == EVERY else int(quorum)),
        key="quorum",
        bind="query-params",
        persist_state="session",
        help=wording.say("pages.sidebar.quorum_help"),
    )
    return None if chosen == EVERY else int(chosen)


def in_words(quorum: int | None) -> str:
    """The number in words that follow "an account reaches a stage when"."""
    if quorum is None:
        return wording.say("pages.quorum.every")
    return wording.say("pages.quorum.first" if quorum == 1 else "pages.quorum.some", leads=quorum)
