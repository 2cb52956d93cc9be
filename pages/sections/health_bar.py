"""How well a file was read, in three parts, each with the way to what needs a person: labels, columns, lines."""

from __future__ import annotations

from typing import Any

import streamlit as st

from funnel import DataSet
from funnel.words import wording
from pages.sections.label_table import needs_you

PAGE = "files"


def show(data_set: DataSet) -> None:
    """Three cards in a row."""
    with st.container(key="health"):
        for column, (name, needed, values) in zip(st.columns(3), _cards(data_set), strict=True):
            with column, st.container(border=True, height="stretch", key=f"health_{name}", gap="xsmall"):
                key = f"{name}_needed" if needed else f"{name}_well"
                icon = ":material/error:" if needed else ":material/check_circle:"
                st.markdown(f"{icon} **{wording.say(f'pages.health.{name}')}**")
                st.markdown(wording.say(f"pages.health.{key}", **values))
                st.button(
                    wording.say(f"pages.health.open_{name}"),
                    key=f"open_{name}",
                    type="tertiary",
                    on_click=_open,
                    args=(name,),
                )


def needs_somebody(data_set: DataSet) -> bool:
    """Whether any of the three needs a person."""
    return any(needed for _, needed, _ in _cards(data_set))


def _cards(data_set: DataSet) -> list[tuple[str, bool, dict[str, Any]]]:
    """Name, whether it needs a person, and what it says."""
    labels, dates = [label for label in data_set.labels if needs_you(label)], data_set.mapping.ambiguities
    read, used = (sum(getattr(file, name) for file in data_set.files) for name in ("rows_read", "rows_used"))
    rejected = data_set.reject_count()
    doubts = len(data_set.loaded.doubts) + len(dates)
    return [
        ("labels", bool(labels), {"n": len(labels), "all": len(data_set.labels)}),
        ("columns", bool(doubts), {"n": doubts}),
        ("rows", used < read or bool(rejected), {"share": used / read if read else None, "cells": rejected}),
    ]


def _open(name: str) -> None:
    """A callback: the tab with it is shown."""
    st.session_state[f"{PAGE}_tab"] = name
