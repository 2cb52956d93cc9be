"""The sidebar, one for all pages: the data set, the dates, the model, how leads are counted, the filters → a question.

All of it stands in the address, so that a link opens the same view, and is kept in the session, since the address of the next
page does not have it. What an address says is checked again here: values that do not exist are dropped by the widgets, dates
and numbers are brought inside their limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import streamlit as st

from funnel import AS_RECORDED, DataSet, Filters, Question, Rule, StageModel, Unit, charts
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.sidebar import filters, order, quorums, ranges, rule_boxes
from pages.ui import ask, chart_first, frame, own_models, texts

HISTOGRAM_KEY = "starts"


@dataclass(frozen=True)
class Later:
    """What is worth no wait, and is drawn when the page stands: the line on rules, and the histogram over the dates `days` (None
    where the file has no dates to slide)."""

    moves: Any
    histogram: Any
    days: tuple[date, date] | None


def show(workspace: Workspace, data_set: DataSet, data_page: Any, *, one_model: bool = True) -> tuple[Question, Later]:
    """The question that the sidebar asks, and what to draw later.

    Without `one_model` the page itself says which models; the question then holds the file's own labels.
    """
    with st.sidebar:
        _card(workspace, data_set, data_page)
        shown, histogram = _dates(data_set)
        model = _model(workspace, data_set) if one_model else _several(data_set)
        rule = rule_boxes.rule("rule")
        place = st.container(key="moves")
        window_days = rule_boxes.window("window")
        unit, quorum = _unit(data_set, model)
        attributes = filters.as_of_box(data_set)
        where = filters.show(workspace, data_set)
    question = Question(
        model=model,
        rule=rule,
        window_days=window_days,
        unit=unit,
        quorum=quorum,
        filters=Filters(where=where),
        observed_until=data_set.observed_until,
        attributes=attributes,
    )
    return _started_in(question, data_set, shown), Later(place, histogram, shown)


def redated(question: Question, data_set: DataSet) -> Question:
    """The same question of the leads that started in the days that the slider stands at now."""
    every = _all_days(data_set)
    return (
        question
        if every is None
        else _started_in(question, data_set, ranges.clipped(st.session_state["started"], *every))
    )


def draw_starts(workspace: Workspace, data_set: DataSet, later: Later) -> None:
    """Draw how many leads started when."""
    if later.days is None:
        return
    starts = ask.starts(workspace, Question(data_set.as_recorded(), observed_until=data_set.observed_until))
    with later.histogram:
        frame.draw(
            charts.starts(starts, *later.days, dark=frame.dark()),
            key=HISTOGRAM_KEY,
            description=wording.say("pages.sidebar.histogram", first=later.days[0], last=later.days[1]),
            config={"displayModeBar": False},
        )


def tell_moves(workspace: Workspace, question: Question, place: Any) -> None:
    """Say how many leads each other rule would count differently."""
    moves = ask.rule_sensitivity(workspace, question)
    most_first = sorted(moves.items(), key=lambda move: -move[1])
    others = [(wording.say(f"pages.rule.{rule}"), leads) for rule, leads in most_first if leads]
    if not others:
        said = wording.say(
            "pages.sidebar.no_moves" if question.rule is Rule.STRICT else "pages.sidebar.no_moves_but_strict"
        )
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


def _all_days(data_set: DataSet) -> tuple[date, date] | None:
    """The first and the last day of a start; None where there are not two."""
    if data_set.first_start is None or data_set.last_start is None:
        return None
    first, last = data_set.first_start.date(), data_set.last_start.date()
    return None if first == last else (first, last)


def _dates(data_set: DataSet) -> tuple[tuple[date, date] | None, Any]:
    """The days chosen, and the place of the histogram over them; None where there is nothing to choose."""
    every = _all_days(data_set)
    if every is None or data_set.last_start is None:
        return None, None
    first, last = every
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
            persist_state="session",
            label_visibility="collapsed",
            on_change=chart_first.moved,
            args=(data_set.interrupt,),
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
        histogram.markdown(
            f"**{wording.say('pages.sidebar.started')}**", help=wording.say("pages.sidebar.started_help")
        )
    return days, histogram


def _started_in(question: Question, data_set: DataSet, days: tuple[date, date] | None) -> Question:
    # Where all days are chosen, undated leads count too.
    start, end = (None, None) if days is None or days == _all_days(data_set) else days
    return replace(question, filters=replace(question.filters, start_from=start, start_to=end))


def _take_quick(quick: dict[str, ranges.Range]) -> None:
    name = st.session_state.get("quick")
    if name in quick:
        st.session_state["started"] = quick[name]


def _model(workspace: Workspace, data_set: DataSet) -> StageModel:
    models = own_models.choices(data_set)
    key = st.selectbox(
        wording.say("pages.sidebar.model"),
        list(models),
        format_func=lambda key: models[key].name,
        key="model",
        bind="query-params",
        persist_state="session",
        help=wording.say("pages.sidebar.model_help"),
        on_change=_take_unit,
        args=(models,),
    )
    if told := texts.origin(models[key]):
        st.caption(told)
    return order.show(workspace, data_set) if key == AS_RECORDED else models[key]


def _take_unit(models: Mapping[str, StageModel]) -> None:
    """Another model counts what it is made to count, until the person says otherwise."""
    model = models.get(st.session_state["model"])
    if model is not None:
        st.session_state["unit"] = model.unit.value


def _several(data_set: DataSet) -> StageModel:
    st.markdown(f"**{wording.say('pages.sidebar.model')}**")
    st.caption(wording.say("pages.sidebar.several_models"))
    return data_set.as_recorded()


def _unit(data_set: DataSet, model: StageModel) -> tuple[Unit, int | None]:
    if "account" not in data_set.loaded.columns:
        if model.unit is Unit.ACCOUNT:
            st.caption(wording.say("pages.sidebar.no_accounts", model=texts.inert(model.name)))
        return Unit.LEAD, 1
    unit = st.pills(
        wording.say("pages.sidebar.unit"),
        [unit.value for unit in Unit],
        default=model.unit.value,
        required=True,
        format_func=lambda unit: wording.say(f"pages.unit.{unit}"),
        key="unit",
        bind="query-params",
        persist_state="session",
    )
    if unit != Unit.ACCOUNT:
        return Unit.LEAD, 1
    return Unit.ACCOUNT, quorums.box()


def without_filters(question: Question) -> Question:
    """The same question of all leads."""
    return replace(question, filters=Filters())


def clear(data_set: DataSet) -> None:
    """Show all dates and take every filter off (a callback: it runs before the widgets are drawn)."""
    if data_set.first_start and data_set.last_start:
        st.session_state["started"] = (data_set.first_start.date(), data_set.last_start.date())
    st.session_state["filter"] = []
