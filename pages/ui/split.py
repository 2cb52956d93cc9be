"""The box in which a person chooses the column to tell leads apart by."""

from __future__ import annotations

import streamlit as st

from funnel import DataSet
from funnel.words import wording
from pages.strip import filters


def columns(data_set: DataSet) -> list[str]:
    """The columns worth telling apart by: with more than one value, and fewer than there are leads; the most telling first."""
    hidden = filters.unknown(data_set)
    telling = {
        each.column for each in filters.varied(data_set) if each.values < data_set.leads and each.column not in hidden
    }
    return [column for column in data_set.columns.by_promise if column in telling]


def most_telling(data_set: DataSet) -> str | None:
    """The first of them; None where there is none."""
    return next(iter(columns(data_set)), None)


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
