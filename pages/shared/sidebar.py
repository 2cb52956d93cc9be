"""The sidebar, one for all pages: the data set, the dates, the model, how leads are counted, the filters → a question.

All of it stands in the address, so that a link opens the same view. What an address says is checked again here: values
that do not exist are dropped by the widgets, dates and numbers are brought inside their limits.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from funnel import AS_RECORDED, DataSet, Filters, Question, Rule, StageModel, Unit, catalogue, charts, wording
from pages.shared import asked, filters, order, ranges, texts
from pages.shared.workspace import Workspace

EVERY = "every"
QUORUMS = ("1", "2", "3", "5", EVERY)
LONGEST_WINDOW_DAYS = 36_500
HISTOGRAM_KEY = "starts"


def show(workspace: Workspace, data_set: DataSet, data_page: Any) -> tuple[Question, Any]:
    """The question that the sidebar asks, and the place for the line on rules, which is worth no wait."""
    with st.sidebar:
        _card(workspace, data_set, data_page)
        days = _dates(workspace, data_set)
        model = _model(data_set)
        rule, place = _rule()
        window_days = _window()
        unit, quorum = _unit(data_set)
        where = filters.show(workspace, data_set)
    question = Question(
        model=model,
        rule=rule,
        window_days=window_days,
        unit=unit,
        quorum=quorum,
        filters=Filters(*days, where),
        observed_until=data_set.observed_until,
    )
    return question, place


def tell_moves(workspace: Workspace, question: Question, place: Any) -> None:
    """Say how many leads each other rule would count differently."""
    moves = asked.rule_moves(workspace, question)
    others = [
        (wording.say(f"pages.rule.{rule}"), leads) for rule, leads in moves.items() if rule != question.rule and leads
    ]
    if not others:
        said = wording.say("pages.sidebar.no_moves")
    elif len(others) == 1:
        said = wording.say("pages.sidebar.moves", rule=others[0][0], leads=others[0][1])
    else:
        (first, first_leads), (second, second_leads) = others[:2]
        said = wording.say(
            "pages.sidebar.moves_both", first=first, first_leads=first_leads, second=second, second_leads=second_leads
        )
    place.caption(said)


def _card(workspace: Workspace, data_set: DataSet, data_page: Any) -> None:
    read = sum(file.rows_read for file in data_set.files)
    used = sum(file.rows_used for file in data_set.files)
    names = [wording.plain(file.name) for file in data_set.files]
    with st.container(border=True, key="data_card", gap="xxsmall"):
        title = wording.say("pages.sidebar.sample") if workspace.sample else wording.listed(names)
        st.markdown(f"**{texts.inert(title)}**")
        st.caption(wording.say("pages.sidebar.size", leads=data_set.leads, entries=data_set.entries))
        if data_set.first_start and data_set.last_start:
            st.caption(wording.say("pages.sidebar.span", first=data_set.first_start, last=data_set.last_start))
        share = used / read if read else None
        st.page_link(data_page, label=wording.say("pages.sidebar.used", share=share), width="stretch")


def _dates(workspace: Workspace, data_set: DataSet) -> tuple[date | None, date | None]:
    """The first and last day of a start; both None where all days are chosen: undated leads count too."""
    if data_set.first_start is None or data_set.last_start is None:
        return None, None
    first, last = data_set.first_start.date(), data_set.last_start.date()
    if first == last:
        return None, None
    observed = (data_set.observed_until or data_set.last_start).date()
    quick = ranges.quick_ranges(first, last, observed)
    if st.session_state.setdefault("days", (first, last)) != (first, last):
        # Other files, or another mapping: what was chosen of the days before would hide leads unasked.
        st.session_state["days"] = st.session_state["started"] = (first, last)
    with st.container(key="dates", gap="xxsmall"):
        histogram = st.container(key="histogram")
        chosen = st.slider(
            wording.say("pages.sidebar.started"),
            min_value=first,
            max_value=last,
            value=(first, last),
            format="D MMM YYYY",
            key="started",
            bind="query-params",
            label_visibility="collapsed",
        )
        days = ranges.clipped(chosen, first, last)
        st.session_state["quick"] = ranges.named(days, quick)
        st.pills(
            wording.say("pages.sidebar.quick"),
            list(quick),
            format_func=lambda name: wording.say(f"pages.quick.{name}"),
            key="quick",
            label_visibility="collapsed",
            on_change=_take_quick,
            args=(quick,),
        )
        with histogram:
            st.markdown(f"**{wording.say('pages.sidebar.started')}**", help=wording.say("pages.sidebar.started_help"))
            starts = asked.starts(workspace, Question(data_set.as_recorded(), observed_until=data_set.observed_until))
            st.plotly_chart(
                charts.starts(starts, *days, dark=st.context.theme.type == "dark"),
                theme=None,
                config={"displayModeBar": False, "staticPlot": False},
                key=HISTOGRAM_KEY,
                alt=wording.say("pages.sidebar.histogram", first=days[0], last=days[1]),
            )
    return (None, None) if days == (first, last) else days


def _take_quick(quick: dict[str, ranges.Range]) -> None:
    name = st.session_state.get("quick")
    if name in quick:
        st.session_state["started"] = quick[name]


def _model(data_set: DataSet) -> StageModel:
    models = {AS_RECORDED: data_set.as_recorded(), **{model.key: model for model in catalogue.models()}}
    key = st.selectbox(
        wording.say("pages.sidebar.model"),
        list(models),
        format_func=lambda key: models[key].name,
        key="model",
        bind="query-params",
        help=wording.say("pages.sidebar.model_help"),
    )
    return order.show(data_set) if key == AS_RECORDED else models[key]


def _rule() -> tuple[Rule, Any]:
    chosen = st.pills(
        wording.say("pages.sidebar.rule"),
        [rule.value for rule in Rule],
        default=Rule.PASSED.value,
        required=True,
        format_func=lambda rule: wording.say(f"pages.rule.{rule}"),
        key="rule",
        bind="query-params",
        help=wording.say("pages.sidebar.rule_help"),
    )
    return Rule(chosen or Rule.PASSED), st.container(key="moves")


def _window() -> int | None:
    days = st.number_input(
        wording.say("pages.sidebar.window"),
        min_value=0,
        max_value=LONGEST_WINDOW_DAYS,
        value=None,
        step=30,
        placeholder=wording.say("pages.sidebar.no_window"),
        key="window",
        bind="query-params",
        help=wording.say("pages.sidebar.window_help"),
    )
    return None if days is None else min(max(int(days), 0), LONGEST_WINDOW_DAYS)


def _unit(data_set: DataSet) -> tuple[Unit, int | None]:
    if "account" not in data_set.loaded.columns:
        return Unit.LEAD, 1
    unit = st.pills(
        wording.say("pages.sidebar.unit"),
        [unit.value for unit in Unit],
        default=Unit.LEAD.value,
        required=True,
        format_func=lambda unit: wording.say(f"pages.unit.{unit}"),
        key="unit",
        bind="query-params",
    )
    if unit != Unit.ACCOUNT:
        return Unit.LEAD, 1
    quorum = st.selectbox(
        wording.say("pages.sidebar.quorum"),
        QUORUMS,
        format_func=_quorum_words,
        key="quorum",
        bind="query-params",
        help=wording.say("pages.sidebar.quorum_help"),
    )
    return Unit.ACCOUNT, None if quorum == EVERY else int(quorum)


def _quorum_words(quorum: str) -> str:
    if quorum == EVERY:
        return wording.say("pages.quorum.every")
    return wording.say("pages.quorum.first" if quorum == "1" else "pages.quorum.some", leads=int(quorum))


def without_filters(question: Question) -> Question:
    """The same question of all leads."""
    return replace(question, filters=Filters())


def clear(data_set: DataSet) -> None:
    """Show all dates and take every filter off (a callback: it runs before the widgets are drawn)."""
    if data_set.first_start and data_set.last_start:
        st.session_state["started"] = (data_set.first_start.date(), data_set.last_start.date())
    st.session_state["filter"] = []
