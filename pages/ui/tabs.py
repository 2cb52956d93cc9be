"""The tabs of a page: what it tells beside its first picture, one at a time, so that no more is asked than is seen."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from funnel.words import wording


def show(page: str, names: Sequence[str]) -> str:
    """The tab chosen, by its name in the words of `pages.tabs`; its place in the address is `<page>_tab`."""
    chosen: str | None = st.segmented_control(
        wording.say("pages.tabs.label"),
        names,
        default=names[0],
        required=True,
        format_func=lambda name: wording.say(f"pages.tabs.{name}"),
        key=f"{page}_tab",
        bind="query-params",
        persist_state="session",
        label_visibility="collapsed",
    )
    return chosen if chosen is not None and chosen in names else names[0]
