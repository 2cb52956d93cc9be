"""Customers after their first win: by quarter of it, what they bring, and their later deals beside first ones."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from funnel import Question, report
from funnel.charts import expansion_value as value_picture
from funnel.core import rows
from funnel.core.errors import QuestionError
from funnel.measures.customer_deals import CUSTOMER_AT_START, customer_deals
from funnel.measures.expansion import Expansion, Landing
from funnel.measures.expansion_value import PURCHASES
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.ui import frame, tables, texts
from pages.ui.ask import ask
from pages.ui.section import listing, section


def landings(found: Expansion) -> None:
    """A line for each quarter of first wins, all together last: what share had bought again by each day, and which is not known yet."""
    lines = [_line(found, landing) for landing in (*found.landings, found.whole)]
    shown = tables.html(pd.DataFrame(lines))
    listing("expansion_landings", found.rows(), found.sql, html=shown, table=tables.of("expansion", found.rows()))
    if found.types:
        st.caption(wording.say("command.expand_types"))
        st.html(tables.html(tables.written("expansion_types", [_worth(each.row()) for each in found.types])))


def _line(found: Expansion, landing: Landing) -> dict[str, str]:
    row = next(row for row in found.rows() if row["start"] == (landing.start.isoformat() if landing.start else "all"))
    names = wording.heads("expansion")
    cells = {name: rows.written(row[name]) for name in ("start", "accounts", "again")}
    line = {names[name]: cell for name, cell in cells.items()}
    for each in landing.by_day:
        known = wording.say("measures.expansion_not_yet")
        if each.rate is not None:
            counts = {"converted": each.converted, "accounts": landing.accounts, "old": each.old_enough}
            kind = "all" if each.old_enough >= landing.accounts else "some"
            few = "_few" if landing.again.few else ""
            known = wording.say(f"pages.customers.cell_{kind}{few}", rate=each.rate, **counts)
        line[wording.say("pages.customers.by_day", day=each.day)] = known
    return line


def _worth(row: rows.Row) -> rows.Row:
    """A row whose value is one text, an amount in each currency."""
    value = row["value"]
    assert isinstance(value, list)
    return {**row, "value": " + ".join(wording.money(each["amount"], str(each["currency"] or "")) for each in value)}


@st.fragment
def value(found: Expansion) -> None:
    """What a customer brings beside the first purchase, in purchases or in one currency, and the table of all."""
    names = [each.currency for each in (found.purchases, *found.values)]
    usual = names[1] if len(names) > 1 else PURCHASES
    chosen = st.segmented_control(
        wording.say("pages.customers.shown_in"),
        names,
        default=usual,
        required=True,
        format_func=_named,
        key="customers_in",
        bind="query-params",
        persist_state="session",
    )
    currency = chosen if chosen in names else usual
    section(
        "expansion_value",
        found,
        partial(_draw_value, currency),
        partial(_describe_value, currency),
        table=tables.of("expansion_value", found.value_rows()),
        part=report.part("expansion_value", found.question, currency=currency),
    )


def _named(currency: str) -> str:
    if currency == PURCHASES:
        return wording.say("measures.expansion_purchases")
    return wording.plain(currency) or wording.say("measures.expansion_no_currency")


def _draw_value(currency: str, found: Expansion, *, dark: bool, width_hint: int | None) -> object:
    return value_picture.draw(found, currency, dark=dark, width_hint=width_hint)


def _describe_value(currency: str, found: Expansion) -> str:
    return value_picture.describe(found, currency)


@st.fragment
def deals(workspace: Workspace, question: Question) -> None:
    """Deals of accounts that were customers when they started beside first deals, and the way to all about it."""
    try:
        with frame.waiting("customer_deals", wording.say("pages.customers.measuring")):
            found = ask(workspace, customer_deals, question)
    except QuestionError as error:
        st.info(texts.problem(error))
        return
    table = tables.of("customer_deals", found.rows())
    shown = tables.written("customer_deals", found.rows())
    listing("customer_deals", found.rows(), found.sql, html=tables.html(shown), table=table)
    st.caption(texts.inert(wording.say("pages.customers.deals_told", column=CUSTOMER_AT_START)))
    st.page_link(
        "segments_page.py",
        label=wording.say("pages.customers.to_segments"),
        icon=":material/arrow_forward:",
        query_params={"by_column": CUSTOMER_AT_START},
    )
