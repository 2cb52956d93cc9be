"""The box in which a person chooses the column to tell leads apart by."""

from __future__ import annotations

import streamlit as st

from funnel import DataSet
from funnel.words import wording
from pages.sidebar import filters


def columns(data_set: DataSet) -> list[str]:
    """The columns worth telling apart by: with more than one value, and fewer than there are leads."""
    hidden = filters.unknown(data_set)
    return [
        each.column for each in filters.varied(data_set) if each.values < data_set.leads and each.column not in hidden
    ]


def box(label: str, among: list[str], key: str) -> str | None:
    """The column chosen, which stands in the address; None until one is."""
    return st.selectbox(
        label,
        among,
        index=None,
        placeholder=wording.say("pages.breakdown.choose"),
        key=key,
        bind="query-params",
        width=320,
    )
