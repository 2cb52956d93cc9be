"""Open leads against the history of their stage, and one by one as a list to follow up, a page at a time."""

from __future__ import annotations

from math import floor

import pandas as pd
import streamlit as st

from funnel import Question, charts, measures, report
from funnel.core import exports
from funnel.core.types import Shape
from funnel.measures.aging import Aging
from funnel.measures.open_leads import Part, Sort
from funnel.words import wording
from pages.sections import chance_list
from pages.server.workspace import Workspace
from pages.ui import frame, owner_box, tables
from pages.ui.ask import listed
from pages.ui.section import section, title

PAGE_ROWS = 50
ROWS_WIDTH = 1080
PAGE = "stalled_page"


@st.fragment
def show(workspace: Workspace, question: Question, aging: Aging) -> None:
    """The open leads one by one: those that are stalled, the largest first; or, where it is asked for, by their chance to win."""
    if not aging.open:
        return
    title("follow_up")
    if chance_list.is_chosen():
        chance_list.show(workspace, question)
    else:
        _list(workspace, question, aging)


@st.fragment
def ages(workspace: Workspace, aging: Aging) -> None:
    """How many open leads are stalled at each stage."""
    snapshot = workspace.data_set is not None and workspace.data_set.mapping.shape is Shape.SNAPSHOT
    if snapshot or not aging.open:
        title("aging")
        if aging.open:
            _snapshot(aging)
        else:
            st.caption(charts.describe_aging(aging))
        return
    caption = charts.describe_aging(aging)
    amounts = [wording.money(amount, currency) for currency, amount, _ in aging.amounts]
    if amounts and aging.stalled:
        leads = sum(n for *_, n in aging.amounts)
        caption += " " + wording.say("pages.times.stalled_amount", amounts=amounts, leads=leads)
    part = report.part("aging", aging.question)
    section("aging", aging, charts.aging, charts.describe_aging, caption=caption, within=ROWS_WIDTH, part=part)


def _snapshot(aging: Aging) -> None:
    """Where each lead stands, and since when if the file says it; there is no history to set that against."""
    if all(stage.median_days is None for stage in aging.stages):
        st.caption(wording.say("pages.times.snapshot_no_moment", open=aging.open))
        return
    st.caption(wording.say("pages.times.snapshot_ages", open=aging.open))
    tables.show(tables.of("ages", aging.rows()), "ages")


def _list(workspace: Workspace, question: Question, aging: Aging) -> None:
    """The open leads to follow up: which of them, whose, and what comes first; a page of them, and all as CSV."""
    if workspace.data_set is None:
        return
    columns = workspace.data_set.loaded.columns
    owner = columns.get("owner")
    with st.container(horizontal=True, vertical_alignment="bottom", key="stalled_choice"):
        part, sort = _part(aging), _sort(aging, amounts="amount" in columns)
        where = owner_box.show(workspace, question, "stalled_owner", _first_page)
    page = st.session_state.get(PAGE, 1)

    def asked(offset: int, limit: int | None) -> tuple[pd.DataFrame, int]:
        return listed(
            workspace, measures.follow_up, question, part=part, sort=sort, where=where, offset=offset, limit=limit
        )

    rows, total = asked((page - 1) * PAGE_ROWS, PAGE_ROWS)
    st.caption(wording.say(f"pages.times.list_told_{part}", leads=total))
    if not total:
        return
    tables.show(_table(rows, owner), f"stalled_table_{part}_{sort}")
    frame.list_foot(
        total,
        PAGE_ROWS,
        lambda: exports.csv(_table(asked(0, None)[0], owner)),
        f"{wording.say(f'pages.times.list_file_{part}')}.csv",
        page_key=PAGE,
        key=f"stalled_csv_{part}_{sort}",
    )


def _part(aging: Aging) -> Part:
    """Which open leads; where none can be called stalled, all of them."""
    if not aging.stalled:
        return Part.ALL
    counts = {Part.STALLED: aging.stalled, Part.LONG: aging.long_stalled, Part.ALL: aging.open}
    chosen = st.pills(
        wording.say("pages.times.list"),
        [part.value for part in Part],
        default=Part.STALLED.value,
        required=True,
        format_func=lambda name: wording.say(f"pages.times.list_{name}", n=counts[Part(name)]),
        key="stalled_part",
        label_visibility="collapsed",
        on_change=_first_page,
    )
    return Part(chosen or Part.STALLED)


def _sort(aging: Aging, *, amounts: bool) -> Sort:
    """What comes first, of what the file can tell."""
    among = [*[Sort.AMOUNT] * amounts, *[Sort.UNUSUAL] * bool(aging.stalled), Sort.DAYS]
    if len(among) == 1:
        return Sort.DAYS
    chosen = st.selectbox(
        wording.say("pages.times.list_sort"),
        [sort.value for sort in among],
        format_func=lambda name: wording.say(f"pages.times.list_sort_{name}"),
        key="stalled_sort",
        width=220,
        on_change=_first_page,
    )
    return Sort(chosen)


def _table(leads: pd.DataFrame, owner: str | None) -> pd.DataFrame:
    """A page of open leads: lead, account, owner, amount, stage, days, how unusual; then the file's other columns.

    `owner` is the column of the file that holds it. Columns without any value are left out.
    """
    heads = wording.heads("stalled")
    ids, rest = list(heads)[:2], list(heads)[2:]
    filled = leads.dropna(axis="columns", how="all")
    first = [name for name in (*ids, owner, *rest) if name in filled.columns]
    table = filled[[*first, *(name for name in filled.columns if name not in first)]].copy()
    if "days" in table:
        table["days"] = table["days"].round(1)
    if "entered_at" in table:
        table["entered_at"] = tables.days_written(table["entered_at"])
    if "share" in table:
        # Only longer than all is 100.
        table["share"] = table["share"].map(lambda share: floor(1000 * share) / 10, na_action="ignore")
    return table.rename(columns={name: head for name, head in heads.items() if name != owner})


def _first_page() -> None:
    """A callback: another list starts at its first page."""
    st.session_state[PAGE] = 1
