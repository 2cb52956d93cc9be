"""Channels: the answer as a title, a mark a rule for each channel, and below one tab: the numbers, the stages, the lines left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from funnel import DataSet, Question, Unit, report
from funnel.charts import credit as picture
from funnel.charts import goes_before as before
from funnel.charts import stage_credit as heat
from funnel.core.errors import QuestionError
from funnel.measures.credit import HALF_LIFE, LOOKBACK, Credit, credit
from funnel.measures.credit_rules import OF_STAGES, USUAL, CreditRule
from funnel.measures.goes_before import WITHIN, goes_before
from funnel.measures.stage_credit import StageCredit, stage_credit
from funnel.words import wording
from pages.sections import channel_touches
from pages.server.workspace import Workspace
from pages.ui import frame, tables, tabs, texts
from pages.ui.ask import ask
from pages.ui.section import listing, section

TABS = ("credit", "stage_credit", "goes_before", "touches_apart")
KEY, HEAT, BEFORE = "credit", "stage_credit", "goes_before"
WITHINS = (7, 14, 30, 60)
ROWS_WIDTH = 1080
WON, EVENTS = "won", "events"
LOOKBACKS = ("30", "90", "180", "365", "all")
HALF_LIVES = ("7", "14", "30", "60", "90")
SHOWN = tuple(rule for rule in USUAL if rule is not CreditRule.SHAPLEY)
"""The rules that are shown at first: Shapley, which may give less than nothing, where it is asked for."""


@dataclass(frozen=True)
class Choice:
    """What is credited (a stage; None: wins), whose touches count, how far back, and how fast the weight of `decay` halves."""

    at: int | None
    unit: Unit
    lookback: int | None
    half_life: float


@st.fragment
def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """All of it. The title follows the choices."""
    head = st.container(key="channels_head")
    with st.container(horizontal=True, vertical_alignment="bottom", key="channels_choice", gap="medium"):
        choice = _choice(data_set, question)
        place = st.container(width="content")
    rules = _rules()
    options = (rules, choice.unit, choice.lookback, choice.half_life)
    try:
        with frame.waiting(KEY, wording.say("pages.channels.measuring")):
            found = ask(workspace, credit, question, choice.at, *options)
    except QuestionError as error:
        head.title(wording.say("pages.channels.none_title"), anchor=False)
        st.info(texts.problem(error))
        return
    answer = found.answer
    with head:
        st.title(texts.sentence(answer), anchor=False)
        st.caption(_subtitle(found))
    if found.touches.notes:
        st.warning("\n\n".join(texts.sentence(note) for note in found.touches.notes))
    with place:
        currency = _currency(found)
    tab = tabs.show("channels", TABS)
    if tab == "credit":
        section(
            KEY,
            found,
            partial(_draw, currency),
            partial(_describe, currency),
            within=ROWS_WIDTH,
            views=("sql",),
            heading=wording.say(answer.key, **answer.values),
            part=report.part(KEY, question, at=choice.at, rules=rules, currency=currency, **_counted(choice)),
        )
        for note in found.notes:
            if note not in found.touches.notes:
                st.caption(texts.sentence(note))
        _numbers(found, currency)
    elif tab == "stage_credit":
        _stages(workspace, question, choice)
    elif tab == "goes_before":
        _before(workspace, question, choice)
    else:
        channel_touches.apart(workspace, data_set, question)


def _draw(currency: str | None, found: Credit, *, dark: bool, width_hint: int | None) -> object:
    return picture.draw(found, currency, dark=dark, width_hint=width_hint)


def _describe(currency: str | None, found: Credit) -> str:
    return picture.describe(found, currency)


def _choice(data_set: DataSet, question: Question) -> Choice:
    stages = {stage.key: position for position, stage in enumerate(question.model.stages)}
    names = {WON: wording.say("pages.channels.wins"), **{stage.key: stage.name for stage in question.model.stages}}
    at = _box("at", [WON, *(key for key in stages if key != WON)], WON, lambda key: texts.inert(names[key]), 210)
    units = [Unit.ACCOUNT.value, Unit.LEAD.value] if "account" in data_set.loaded.columns else [Unit.LEAD.value]
    unit = _box("unit", units, units[0], lambda name: wording.say(f"pages.channels.unit_{name}"), 190)
    back = _box("lookback", list(LOOKBACKS), str(LOOKBACK), _days_said, 150)
    half = _box("half_life", list(HALF_LIVES), str(round(HALF_LIFE)), _days_said, 140)
    return Choice(stages.get(at) if at != WON else None, Unit(unit), None if back == "all" else int(back), float(half))


def _box(name: str, options: list[str], usual: str, said: Callable[[str], str], width: int) -> str:
    chosen = st.selectbox(
        wording.say(f"pages.channels.{name}"),
        options,
        index=options.index(usual),
        format_func=said,
        key=f"channels_{name}",
        bind="query-params",
        persist_state="session",
        width=width,
        help=wording.say(f"pages.channels.{name}_help"),
    )
    return chosen if chosen in options else usual


def _days_said(days: str) -> str:
    return (
        wording.say("pages.channels.all_days") if days == "all" else wording.say("pages.channels.days", days=int(days))
    )


def _rules() -> tuple[CreditRule, ...]:
    """The rules that are shown, in their own order; at least one."""
    chosen = st.pills(
        wording.say("pages.channels.rules"),
        [rule.value for rule in CreditRule],
        selection_mode="multi",
        default=[rule.value for rule in SHOWN],
        format_func=lambda name: picture.name_of(CreditRule(name)),
        key="channels_rules",
        bind="query-params",
        persist_state="session",
        help=wording.say("pages.channels.rules_help"),
    )
    return tuple(rule for rule in CreditRule if rule.value in (chosen or ())) or SHOWN


def _currency(found: Credit) -> str | None:
    """In which currency credit is shown; None: in events."""
    if not found.currencies:
        return None
    chosen = st.segmented_control(
        wording.say("pages.bridge.shown_in"),
        [EVENTS, *found.currencies],
        default=EVENTS,
        required=True,
        format_func=lambda name: (
            wording.say("pages.channels.in_events")
            if name == EVENTS
            else wording.plain(name) or wording.say("pages.bridge.in_money")
        ),
        key="channels_in",
        bind="query-params",
        persist_state="session",
    )
    return chosen if chosen in found.currencies else None


def _subtitle(found: Credit) -> str:
    touches = found.touches
    parts = [
        texts.inert(found.question.model.name),
        wording.say(f"pages.channels.touches_of_{found.unit}"),
        wording.say("pages.channels.without", without=found.without_touch),
        wording.say("pages.channels.used", used=touches.used, after=found.after),
        wording.say("pages.channels.left_out", left_out=touches.lines - touches.used),
    ]
    return wording.dotted(parts)


def _numbers(found: Credit, currency: str | None) -> None:
    """What every rule shown gives to every channel, in events or in money."""
    rare = [rule.value for rule in CreditRule if rule not in found.rules]
    rare += [] if found.touches.costs else ["cost"]
    rows = found.rows() if currency is None else found.money_rows(currency)
    table = tables.of(KEY, rows, rare=rare)
    listing("credit_numbers", rows, found.sql, table=table)
    st.caption(texts.inert(wording.say("pages.channels.first_channel", column=found.touches.column)))
    if found.touches.costs and currency is None:
        each = found.cost_rows()
        listing("credit_cost", each, found.sql, table=tables.of("credit_cost", each, rare=rare))


def _stages(workspace: Workspace, question: Question, choice: Choice) -> None:
    """The entries at each stage, by one rule."""
    result: StageCredit = ask(workspace, stage_credit, question, choice.unit, choice.lookback, choice.half_life)
    chosen = st.pills(
        wording.say("pages.channels.rule"),
        [rule.value for rule in OF_STAGES],
        default=OF_STAGES[0].value,
        required=True,
        format_func=lambda name: picture.name_of(CreditRule(name)),
        key="channels_stage_rule",
        bind="query-params",
        persist_state="session",
    )
    rule = CreditRule(chosen or OF_STAGES[0].value)
    part = report.part(HEAT, question, rule=rule, **_counted(choice))
    said = partial(heat.describe, rule=rule)
    section(HEAT, result, partial(_heat, rule), said, within=ROWS_WIDTH, wide=frame.WIDE, part=part)
    for note in result.notes:
        st.caption(texts.sentence(note))


def _before(workspace: Workspace, question: Question, choice: Choice) -> None:
    """Which touches go before a step, and what may not be made of it."""
    within = st.pills(
        wording.say("pages.channels.within"),
        [str(days) for days in WITHINS],
        default=str(WITHIN),
        required=True,
        format_func=_days_said,
        key="channels_within",
        bind="query-params",
        persist_state="session",
    )
    try:
        with frame.waiting(BEFORE, wording.say("pages.channels.measuring")):
            result = ask(workspace, goes_before, question, choice.unit, int(within or WITHIN))
    except QuestionError as error:
        st.info(texts.problem(error))
        return
    part = report.part(BEFORE, question, touches_of=choice.unit, within=int(within or WITHIN))
    section(BEFORE, result, before.draw, before.describe, within=ROWS_WIDTH, part=part)
    for note in result.notes:
        if note not in result.touches.notes:
            st.caption(texts.sentence(note))


def _heat(rule: CreditRule, result: StageCredit, *, dark: bool, width_hint: int | None) -> object:
    return heat.draw(result, rule, dark=dark, width_hint=width_hint)


def _counted(choice: Choice) -> dict[str, Any]:
    """How touches are counted, as options of a part of a report."""
    return {"touches_of": choice.unit, "lookback": choice.lookback, "half_life": choice.half_life}
