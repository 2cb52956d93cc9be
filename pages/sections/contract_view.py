"""Contracts of customers: what is kept of them over twelve months, renewals, and the way from month to month."""

from __future__ import annotations

from datetime import date
from functools import partial

import streamlit as st

from funnel import DataSet, Question, report
from funnel.charts import retention as picture
from funnel.core.contracts import ContractColumns
from funnel.core.errors import QuestionError
from funnel.core.rows import Row
from funnel.core.types import Calendar, ReportPart
from funnel.measures.retention import Contracted, retention
from funnel.measures.retention_months import end_of, month_ends
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.ui import frame, tables, texts
from pages.ui.ask import ask
from pages.ui.section import listing, section

ROWS_WIDTH = 1080
MONTHS = 24
PARTS = ("start", "end", "term", "recurring")


@st.fragment
def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """The answer, which twelve months, the waterfall, ratios, renewals and months; where the file tells no contracts, what it lacks, and
    boxes to say which columns do."""
    head = st.container(key="contracts_head")
    choices = st.container(horizontal=True, vertical_alignment="bottom", key="contracts_choice", gap="medium")
    body = st.container(key="contracts_body")
    columns = _columns(data_set)
    try:
        with body, frame.waiting("retention", wording.say("pages.customers.measuring")):
            found = ask(workspace, retention, question, _at(), columns)
    except QuestionError as error:
        head.header(wording.say("pages.customers.no_contracts"), anchor=False)
        with body:
            st.info(texts.problem(error))
        return
    with choices:
        _month(found)
        currency = _currency(found)
    answer = found.answer_in(currency)
    title = wording.say(answer.key, **answer.values)
    with head:
        st.header(texts.inert(title), anchor=False, help=wording.say("pages.customers.contracts_help"))
        st.caption(texts.inert(wording.say("pages.customers.contracts_of", since=found.since, to=found.to)))
    with body:
        part = report.part("retention", question, at=_at(), columns=columns, currency=currency)
        _told(found, currency, title, part)


def _told(found: Contracted, currency: str, title: str, part: ReportPart) -> None:
    section(
        "retention",
        found,
        partial(_draw, currency),
        partial(_describe, currency),
        table=tables.of("retention_months", found.month_rows()),
        within=ROWS_WIDTH,
        heading=title,
        part=part,
    )
    if found.retention:
        _listed("retention_shares", "retention", found.rows(), found.sql)
    if found.renewals:
        _listed("retention_renewals", "retention_renewals", found.renewal_rows(), found.sql)
    if found.life.rows():
        _listed("contract_life", "contract_life", found.life.rows(), found.sql)
    if found.worth:
        _listed("contract_worth", "contract_worth", [each.row() for each in found.worth], found.sql)
    for note in found.notes:
        st.caption(texts.sentence(note))


def _listed(key: str, table: str, lines: list[Row], sql: str) -> None:
    listing(key, lines, sql, html=tables.html(tables.written(table, lines)), table=tables.of(table, lines))


def _draw(currency: str, found: Contracted, *, dark: bool, width_hint: int | None) -> object:
    return picture.draw(found, currency, dark=dark, width_hint=width_hint)


def _describe(currency: str, found: Contracted) -> str:
    return picture.describe(found, currency)


def _at() -> str | None:
    """The month that was chosen; None: the usual one."""
    chosen = st.session_state.get("customers_at")
    return chosen if isinstance(chosen, str) else None


def _month(found: Contracted) -> None:
    calendar = found.question.calendar
    over = [day for day in month_ends(found.as_of, MONTHS, calendar) if day == end_of(day, calendar)]
    ends = {_written(day, calendar): day for day in (*reversed(over), found.to)}
    usual, names = _written(found.to, calendar), list(ends)
    st.selectbox(
        wording.say("pages.customers.at"),
        names,
        index=names.index(usual),
        format_func=lambda name: wording.month(ends[name]),
        key="customers_at",
        bind="query-params",
        persist_state="session",
        width=200,
        help=wording.say("pages.customers.at_help"),
    )


def _written(day: date, calendar: Calendar) -> str:
    year, month, _ = calendar.parts(day)
    return f"{year}-{month:02}"


def _currency(found: Contracted) -> str:
    names = list(picture.currencies(found))
    if len(names) < 2:
        return names[0]
    chosen = st.segmented_control(
        wording.say("pages.customers.shown_in"),
        names,
        default=names[0],
        required=True,
        format_func=lambda name: wording.plain(name) or wording.say("measures.expansion_no_currency"),
        key="contracts_in",
        bind="query-params",
        persist_state="session",
    )
    return chosen if chosen in names else names[0]


def _columns(data_set: DataSet) -> ContractColumns:
    """Which columns say what of contracts: those that were recognised, until others are chosen."""
    found = data_set.columns.contract_columns
    chosen: dict[str, str | None] = {}
    is_told = found.recurring is not None and bool(found.end or found.term or found.churn)
    with (
        st.expander(wording.say("pages.customers.columns"), expanded=not is_told, key="contract_columns"),
        st.container(horizontal=True, gap="medium"),
    ):
        for part in PARTS:
            headers = list(data_set.columns.headers)
            usual = getattr(found, part)
            chosen[part] = st.selectbox(
                wording.say(f"pages.customers.column_{part}"),
                headers,
                index=headers.index(usual) if usual in headers else None,
                placeholder=wording.say("pages.customers.column_none"),
                format_func=wording.plain,
                key=f"contract_{part}",
                bind="query-params",
                persist_state="session",
                width=220,
            )
    return ContractColumns(**{part: name for part, name in chosen.items() if name in data_set.columns.headers})
