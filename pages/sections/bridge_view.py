"""The pipeline between two days: its parts as a waterfall, each of which opens its leads."""

from __future__ import annotations

from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from funnel import DataSet, Question, Unit, report
from funnel.charts import bridge as picture
from funnel.core import exports
from funnel.core.errors import QuestionError
from funnel.measures.bridge import Bridge, Part, amount_field, bridge
from funnel.measures.bridge_dates import Days, choices
from funnel.measures.bridge_list import OWN_COLUMNS, bridge_leads
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.ui import day_box, frame, tables, texts
from pages.ui.ask import ask, listed
from pages.ui.draft import free
from pages.ui.section import section

KEY, OWN, LEADS = "bridge", "own", "leads"
PAGE_ROWS, ROWS_WIDTH = 50, 1080
PAGE = "bridge_page"


@st.fragment
def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """The answer, between which days, in leads or money, the waterfall, and the leads behind its parts."""
    head = st.container(key="bridge_head")
    try:
        with st.container(horizontal=True, vertical_alignment="bottom", key="bridge_choice", gap="medium"):
            since, to = _days(data_set, question)
            unit_place = st.container(width="content")
        with frame.waiting(KEY, wording.say("pages.bridge.measuring")):
            found = ask(workspace, bridge, question, since, to)
    except QuestionError as error:
        head.header(wording.say("pages.bridge.title_unknown"), anchor=False)
        st.info(texts.problem(error))
        return
    with head:
        st.header(texts.inert(wording.say(found.answer.key, **found.answer.values)), anchor=False, help=_help())
        st.caption(texts.inert(wording.say("pages.bridge.subtitle", since=found.since, to=found.to)))
    with unit_place:
        currency = _currency(found)
    points = section(
        KEY,
        found,
        partial(_draw, currency),
        partial(_describe, currency),
        table=_table(found),
        within=ROWS_WIDTH,
        on_click=_asked,
        heading=wording.say(found.answer.key, **found.answer.values),
        part=report.part(KEY, question, since=found.since, to=found.to, currency=currency),
    )
    for note in (*found.missing, *found.notes):
        st.caption(texts.inert(wording.say(note.key, **note.values)))
    _leads(workspace, found, _clicked(points, found))


def _help() -> str:
    return wording.say("pages.bridge.help")


def _days(data_set: DataSet, question: Question) -> tuple[date | None, date | None]:
    """The two days: a ready choice, or two that are typed; None where the file has none to choose of."""
    if question.observed_until is None or data_set.first_start is None:
        return None, None
    first, last = data_set.first_start.date(), question.observed_until.date()
    ready: dict[str, Days] = {
        str(between): days
        for between, days in choices(
            first, last, question.filters.start_from, question.filters.start_to, calendar=question.calendar
        ).items()
    }
    names = [*ready, OWN]
    chosen = st.selectbox(
        wording.say("pages.bridge.between"),
        names,
        format_func=lambda name: wording.say(f"pages.bridge.between_{name}"),
        key="bridge_between",
        bind="query-params",
        persist_state="session",
        width=240,
    )
    if chosen in ready:
        return ready[chosen]
    usual = next(iter(ready.values()))
    label = wording.say("pages.bridge.days")
    typed = day_box.two_days(label, usual, ready["all"][0], last, key="bridge_days", width=250)
    return typed if typed is not None and typed[0] < typed[1] else usual


def _currency(found: Bridge) -> str | None:
    """In which currency the pipeline is shown; None: in leads."""
    if not found.currencies:
        return None
    names = [LEADS, *found.currencies]
    chosen = st.segmented_control(
        wording.say("pages.bridge.shown_in"),
        names,
        default=LEADS,
        required=True,
        format_func=lambda name: (
            wording.say(f"pages.bridge.in_{found.question.unit}")
            if name == LEADS
            else wording.plain(name) or wording.say("pages.bridge.in_money")
        ),
        key="bridge_in",
        bind="query-params",
        persist_state="session",
    )
    return chosen if chosen in found.currencies else None


def _draw(currency: str | None, found: Bridge, *, dark: bool, width_hint: int | None) -> object:
    return picture.draw(found, currency, dark=dark, width_hint=width_hint)


def _describe(currency: str | None, found: Bridge) -> str:
    return picture.describe(found, currency)


def _table(found: Bridge) -> pd.DataFrame:
    names = {
        amount_field(currency): wording.say("pages.bridge.amount_in", currency=currency)
        for currency in found.currencies
    }
    rows = [{**row, "value": None} for row in found.rows()]
    return tables.of(KEY, rows, rare=("value", "without_amount"), names=names)


def _asked() -> None:
    """A callback of a click on the picture: the leads of the part are listed, from their first page on."""
    st.session_state[PAGE] = 1
    st.session_state["bridge_asked"] = True


def _clicked(points: list[object], found: Bridge) -> Part | None:
    """The part that was clicked; None where none was, or the file does not tell it."""
    told = {each.part.value for each in found.parts}
    for behind in points:
        if isinstance(behind, (list, tuple)) and behind and behind[0] in told:
            return Part(str(behind[0]))
    return None


def _leads(workspace: Workspace, found: Bridge, click: Part | None) -> None:
    """A button, and after it or a click on the picture a drawer with the leads of a part; Escape closes it."""
    by_hand = st.button(wording.say("pages.leads.title"), key="bridge_open", icon=":material/list:")
    by_click = st.session_state.pop("bridge_asked", False) and click is not None
    if by_click or by_hand:
        drawer = st.dialog(wording.say("pages.leads.title"), width="large", position="right")
        drawer(_list)(workspace, found, click if by_click else None)


def _list(workspace: Workspace, found: Bridge, click: Part | None) -> None:
    parts = [each.part.value for each in found.parts]
    chosen = st.selectbox(
        wording.say("pages.leads.part"),
        parts,
        index=parts.index(click or Part.NEW),
        format_func=lambda name: wording.say(f"measures.bridge_part_{name}"),
        key=f"bridge_part_{click}",
        on_change=lambda: st.session_state.update({PAGE: 1}),
        width=300,
    )
    page = st.session_state.get(PAGE, 1)

    def asked(offset: int, limit: int | None) -> tuple[pd.DataFrame, int]:
        days = (found.since, found.to)
        return listed(workspace, bridge_leads, found.question, Part(chosen), *days, offset=offset, limit=limit)

    rows, total = asked((page - 1) * PAGE_ROWS, PAGE_ROWS)
    counted = wording.say(f"pages.counted.{found.question.unit}", n=total)
    part = wording.say(f"measures.bridge_part_{chosen}")
    st.markdown(texts.inert(wording.say("pages.bridge.listed", counted=counted, part=part)))
    st.caption(texts.inert(wording.say(f"charts.bridge_means_{chosen}")))
    if not total:
        return
    tables.show(_named(rows, found), f"bridge_table_{chosen}")
    frame.list_foot(
        total,
        PAGE_ROWS,
        lambda: exports.csv(_named(asked(0, None)[0], found)),
        f"pipeline-{chosen.replace('_', '-')}.csv",
        page_key=PAGE,
        key=f"bridge_csv_{chosen}",
    )


def _named(rows: pd.DataFrame, found: Bridge) -> pd.DataFrame:
    """A page of leads under headers in words; columns without any value are left out."""
    heads = wording.heads("bridge_leads", since=found.since, to=found.to)
    empty = [name for name in OWN_COLUMNS if name in rows.columns and rows[name].isna().all()]
    filled = rows.drop(columns=[name for name in empty if name != "lead_id"])
    if found.question.unit is Unit.ACCOUNT:
        filled = filled[["account_id", *(name for name in filled.columns if name != "account_id")]]
    headers: list[str] = []
    for name in filled.columns:
        headers.append(free(wording.plain(heads.get(name, name)), set(headers)))
    return filled.set_axis(headers, axis="columns")
