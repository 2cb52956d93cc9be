"""The choice between heads and money, and of the currency, on pages that can show both."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from funnel import DataSet
from funnel.words import wording

LEADS, MONEY = "leads", "money"


def currency(data_set: DataSet | None, known: Callable[[], Sequence[str]]) -> str | None:
    """The currency whose amounts are shown; None: heads are. `known` are the currencies there are amounts in, most leads first ("": an
    amount without one), asked only where money is chosen; where there are none, that is said."""
    if data_set is None or "amount" not in data_set.loaded.columns:
        return None
    unit = st.segmented_control(
        wording.say("pages.money.unit"),
        [LEADS, MONEY],
        default=LEADS,
        required=True,
        format_func=lambda name: wording.say(f"pages.money.{name}"),
        key="heads",
        bind="query-params",
        label_visibility="collapsed",
        width="content",
    )
    if unit != MONEY:
        return None
    currencies = known()
    if not currencies:
        st.caption(wording.say("charts.value_nothing"))
        return None
    if len(currencies) == 1:
        return currencies[0]
    return str(
        st.selectbox(
            wording.say("pages.money.currency"),
            currencies,
            format_func=lambda name: wording.plain(name) or wording.say("pages.money.no_currency"),
            key="currency",
            label_visibility="collapsed",
            persist_state="session",
            width=140,
        )
    )
