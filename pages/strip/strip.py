"""The strip under the bar, one for all pages: the dates, what they are compared with, the model, how leads are counted, the filters → a
question.

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

from funnel import AS_RECORDED, DataSet, Filters, Question, Rule, StageModel, Unit, charts, measures
from funnel.core.types import closed_within
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.strip import (
    comparison,
    dated_notes,
    dates,
    filters,
    order,
    quorums,
    rule_boxes,
    saved_views,
    stage_span,
    versions,
)
from pages.ui import frame, own_models, texts
from pages.ui.ask import ask

HISTOGRAM_KEY = "starts"
MODEL, OPEN = "model", "strip_open"


@dataclass(frozen=True)
class Later:
    """What is worth no wait, and is drawn when the page stands: the line on rules, and the histogram over the dates `days` (None
    where the file has no dates to slide)."""

    moves: Any
    histogram: Any
    days: tuple[date, date] | None


def show(
    workspace: Workspace, data_set: DataSet, page: Any, pages: Mapping[str, Any], *, one_model: bool = True
) -> tuple[Question, Later]:
    """The question that the strip asks on this page, of those there are by their places in the address; and what to draw later.

    Without `one_model` the page itself says which models; the question then holds the file's own labels.
    """
    histogram = None
    with st.container(key="strip", gap="xsmall"):
        # On a small screen the strip is closed until it is wanted: only there this is seen.
        st.toggle(wording.say("pages.strip.open"), key=OPEN, persist_state="session")
        with st.container(horizontal=True, vertical_alignment="center", key="strip_choices", gap="small"):
            days = _dates(data_set)
            model = whole = versions.box(_model_box(data_set)) if one_model else data_set.as_recorded()
            where, attributes = filters.menu(workspace, data_set)
            with st.popover(wording.say("pages.strip.counting"), key="counting"):
                if one_model:
                    whole = _model_details(workspace, data_set, model)
                    # A built folder has each model as it was built.
                    model = whole if data_set.built is not None else stage_span.show(whole)
                rule = rule_boxes.rule("rule")
                moves = st.container(key="moves")
                window_days = rule_boxes.window("window")
                unit, quorum = _unit(data_set, model)
                if days is not None:
                    dates.fiscal_year(data_set, days)
            st.caption(_counting_in_words(rule, window_days, unit), width="content")
            saved_views.show(workspace, page, pages)
            dated_notes.show(workspace, data_set)
        if days is not None:
            histogram = dates.row(data_set, days)
        filters.chips(where, stages=_span_chip(whole, model) if one_model else None)
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
    chosen = None if days is None else days.chosen.days
    versions.tell(workspace, question)
    return _started_in(question, data_set, chosen), Later(moves, histogram, chosen)


def _dates(data_set: DataSet) -> dates.Dates | None:
    """The days by name, what they look at, and what they are compared with; None where there is nothing to choose."""
    menu = st.container(key=dates.MENU)
    if dates.all_days(data_set) is None:
        return None
    # What the days look at decides which days there are.
    dates.basis()
    days = dates.settled(data_set)
    if days is not None:
        with menu:
            dates.menu(data_set, days)
        comparison.show(data_set)
    return days


def redated(question: Question, data_set: DataSet) -> Question:
    """The same question of the leads that started in the days that are chosen now."""
    return _started_in(question, data_set, dates.now(data_set))


def draw_starts(workspace: Workspace, data_set: DataSet, later: Later) -> None:
    """Draw how many leads started when, or closed when, where the days are of that."""
    if later.days is None:
        return
    counted, said = (measures.ends, "histogram_closed") if dates.is_closed() else (measures.starts, "histogram")
    starts = ask(workspace, counted, Question(data_set.as_recorded(), observed_until=data_set.observed_until))
    with later.histogram:
        frame.draw(
            charts.starts(starts, *later.days, dark=frame.dark()),
            key=HISTOGRAM_KEY,
            description=wording.say(f"pages.sidebar.{said}", first=later.days[0], last=later.days[1]),
            config={"displayModeBar": False},
            fits=True,
            turns=False,
        )


def tell_moves(workspace: Workspace, question: Question, container: Any) -> None:
    """Say how many leads each other rule would count differently."""
    moves = ask(workspace, measures.rule_sensitivity, question)
    most_first = sorted(moves.items(), key=lambda move: -move[1])
    others = [(wording.say(f"pages.rule.{rule}"), leads) for rule, leads in most_first if leads]
    if not others:
        sentence = wording.say(
            "pages.sidebar.no_moves" if question.rule is Rule.STRICT else "pages.sidebar.no_moves_but_strict"
        )
    elif len(others) == 1:
        sentence = wording.say("pages.sidebar.moves", rule=others[0][0], leads=others[0][1])
    else:
        (first, first_leads), (second, second_leads) = others[:2]
        sentence = wording.say(
            "pages.sidebar.moves_both", first=first, first_leads=first_leads, second=second, second_leads=second_leads
        )
    container.caption(sentence)


def without_filters(question: Question) -> Question:
    """The same question of all leads."""
    return replace(question, filters=Filters())


def clear(data_set: DataSet) -> None:
    """Show all dates and take every filter off (a callback: it runs before the widgets are drawn)."""
    dates.take_all(data_set)
    filters.clear()


def _started_in(question: Question, data_set: DataSet, days: tuple[date, date] | None) -> Question:
    # Where all days are chosen, undated leads count too.
    start, end = (None, None) if days is None or days == dates.all_days(data_set) else days
    if not dates.is_closed():
        return replace(question, filters=replace(question.filters, start_from=start, start_to=end))
    closed = () if start is None and end is None else (closed_within(start, end),)
    return replace(question, filters=Filters(where=(*question.filters.not_closed, *closed)))


def _model_box(data_set: DataSet) -> StageModel:
    models = own_models.choices(data_set)
    key = st.selectbox(
        wording.say("pages.sidebar.model"),
        list(models),
        format_func=lambda key: models[key].name,
        key=MODEL,
        bind="query-params",
        persist_state="session",
        label_visibility="collapsed",
        on_change=_take_unit,
        args=(models,),
    )
    return models[key]


def _model_details(workspace: Workspace, data_set: DataSet, model: StageModel) -> StageModel:
    """Where the model comes from; of the file's own labels, their order, which may be changed here."""
    if origin := texts.origin(model):
        st.caption(origin)
    return order.show(workspace, data_set) if model.key == AS_RECORDED else model


def _span_chip(whole: StageModel, model: StageModel) -> filters.Chip | None:
    told = stage_span.in_words(whole, model)
    return None if told is None else filters.Chip("chip_stages", told, stage_span.clear, (whole,))


def _take_unit(models: Mapping[str, StageModel]) -> None:
    """Another model counts what it is made to count, until the person says otherwise."""
    model = models.get(st.session_state[MODEL])
    if model is not None:
        st.session_state["unit"] = model.unit.value


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


def _counting_in_words(rule: Rule, window_days: int | None, unit: Unit) -> str:
    """One line: when a lead counts at a stage, and what is counted."""
    return f"{rule_boxes.in_words(rule, window_days)} · {wording.say(f'pages.unit.{unit}')}"
