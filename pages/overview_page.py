"""The Funnel page: of the leads that started in a range, how many got how far, and where the others are."""

from __future__ import annotations

import streamlit as st

from funnel import Question, QuestionError, Steps, charts
from funnel.core import exports
from funnel.core.types import FEWEST_FOR_A_RATE, FEWEST_TIMED, Kpis
from funnel.words import wording
from pages.sections import mapping_form, special
from pages.server.sessions import current
from pages.server.workspace import Workspace
from pages.sidebar import sidebar
from pages.ui import ask, chart_first, empty, frame, lead_list, split, tables, texts

HORIZONS = ("90", "180", "365")
OWN = "own"
LONGEST_HORIZON_DAYS = 3_650
CHART = "funnel_chart"
A_ROW = 3
SMALL_WIDTH = 280


def show(workspace: Workspace, question: Question) -> None:
    """Title, figures, chart, ledger, breakdown; where no lead is counted, why, and the way out."""
    steps = ask.steps(workspace, question)
    if not steps.leads:
        empty.show(workspace, question, steps)
        return
    st.title(_title(steps), anchor=False)
    st.caption(_subtitle(steps))
    if workspace.data_set is not None:
        mapping_form.ambiguities(workspace, workspace.data_set)
    figures = st.container(key="figures", gap="small")
    # What is asked for the figures takes as long as the chart: the chart goes to the browser first, and both change together.
    _funnel(workspace, steps)
    with figures:
        _figures(workspace, question)
    stuck = st.container(key="stuck")
    _ledger(steps)
    special.show(workspace, [question])
    _breakdown(workspace, question)
    # It looks at every visit, so all that comes from counts by day stands before it does.
    with stuck:
        _bottleneck(workspace, question)
    ask.ready_for_dates(workspace, question)


def _title(steps: Steps) -> str:
    counted = wording.say(f"pages.counted.{steps.question.unit}", n=steps.leads)
    key = "title_won" if steps.won else "title_open"
    if steps.first_start is None or steps.last_start is None:
        return wording.say(f"pages.funnel.{key}_undated", counted=counted, won=steps.won)
    first, last = wording.month(steps.first_start), wording.month(steps.last_start)
    span = first if first == last else wording.say("pages.funnel.span", first=first, last=last)
    return wording.say(f"pages.funnel.{key}", counted=counted, won=steps.won, span=span)


def _subtitle(steps: Steps) -> str:
    question = steps.question
    parts = [texts.inert(question.model.name), wording.say(f"pages.rule_line.{question.rule}")]
    if question.window_days is not None:
        parts.append(wording.say("pages.funnel.within", days=question.window_days))
    if steps.open:
        parts.append(wording.say("pages.funnel.on_their_way", open=steps.open))
    if steps.coverage is not None and steps.placed_leads < steps.all_leads:
        parts.append(wording.say("pages.funnel.coverage", coverage=steps.coverage))
    if steps.undated:
        parts.append(wording.say("pages.funnel.undated", undated=steps.undated))
    return " · ".join(parts)


@st.fragment
def _figures(workspace: Workspace, question: Question) -> None:
    """Four numbers, each with what it counts, and the day by which wins are counted."""
    place = st.container(key="figure_cards")
    with st.container(horizontal=True, vertical_alignment="center", key="horizon", gap="small"):
        st.caption(wording.say("pages.figures.by_day"), width="content")
        by_day = _by_day()
    try:
        kpis = ask.kpis(workspace, question, by_day)
    except QuestionError as error:
        place.info(texts.problem(error))
        return
    cards = _cards(kpis)
    with place:
        for column, (label, value, told, explained) in zip(st.columns(len(cards)), cards, strict=True):
            column.metric(
                label,
                value,
                told,
                delta_color="off",
                delta_arrow="off",
                border=True,
                help=explained,
                height="stretch",
            )


def _cards(kpis: Kpis) -> list[tuple[str, str, str, str]]:
    unit = kpis.question.unit
    rate = kpis.win_rate
    value = [wording.money(amount, currency) for currency, amount, _ in kpis.open_value]
    shown = wording.percent(rate.value) if rate.denominator >= 20 else f"{rate.numerator} / {rate.denominator}"
    told = (
        wording.say("pages.figures.old_enough", low=rate.low, high=rate.high, old=rate.denominator)
        if rate.denominator
        else wording.say("pages.figures.too_young")
    )
    few = "_few" if kpis.timed_wins < FEWEST_TIMED else ""
    return [
        (
            wording.say(f"pages.figures.started_{unit}"),
            wording.number(kpis.leads),
            _won_so_far(kpis),
            wording.say("pages.figures.started_help"),
        ),
        (
            wording.say("pages.figures.won_by", day=kpis.by_day),
            shown if rate.denominator else wording.ABSENT,
            told,
            wording.say("pages.figures.won_by_help", day=kpis.by_day),
        ),
        (
            wording.say("pages.figures.median"),
            wording.days(kpis.median_days_to_win),
            wording.say(f"pages.figures.timed{few}", timed=kpis.timed_wins, won=kpis.won)
            if kpis.won
            else wording.say("pages.figures.no_win"),
            wording.say("pages.figures.median_help"),
        ),
        (
            wording.say("pages.figures.open"),
            wording.number(kpis.open),
            texts.inert(wording.say("pages.figures.open_value", value=", ".join(value)))
            if value
            else wording.say("pages.figures.no_value"),
            wording.say("pages.figures.open_help"),
        ),
    ]


def _won_so_far(kpis: Kpis) -> str:
    """How many are won, and the lead-to-win rate of enough leads."""
    if kpis.leads < FEWEST_FOR_A_RATE:
        return wording.say("pages.figures.won_so_far_few", won=kpis.won)
    return wording.say("pages.figures.won_so_far", won=kpis.won, rate=kpis.won / kpis.leads)


def _by_day() -> int:
    chosen = st.pills(
        wording.say("pages.figures.by_day"),
        [*HORIZONS, OWN],
        default="180",
        required=True,
        format_func=lambda name: wording.say("pages.figures.own") if name == OWN else wording.number(int(name)),
        key="by",
        bind="query-params",
    )
    if chosen != OWN:
        return int(chosen or 180)
    days = st.number_input(
        wording.say("pages.figures.own_day"),
        min_value=1,
        max_value=LONGEST_HORIZON_DAYS,
        value=270,
        step=30,
        key="day",
        bind="query-params",
        width=160,
    )
    return min(max(int(days or 270), 1), LONGEST_HORIZON_DAYS)


@st.fragment(key=chart_first.KEY)
def _funnel(workspace: Workspace, steps: Steps) -> None:
    """The chart, its sentence, and the leads behind the part that was clicked. When a date is moved the chart comes by itself first."""
    alone = chart_first.alone()
    if alone and workspace.data_set is not None:
        steps = ask.steps(workspace, sidebar.redated(steps.question, workspace.data_set))
        if not steps.leads:
            chart_first.then_all()
    chart_first.here()
    hint = st.container(key="hint").empty()
    figure = charts.funnel(steps, dark=frame.dark(), width_hint=frame.width_hint())
    description = charts.description(steps)
    points = frame.picture(
        figure, key=CHART, description=description, file_name="funnel", on_click=lead_list.first_page
    )
    if alone:
        chart_first.then_all()
    with st.container(key="said"):
        st.markdown(texts.inert(description))
    clicked = lead_list.clicked(points, steps)
    lead_list.answer(workspace, (steps,), clicked, hint)
    lead_list.show(workspace, (steps,), clicked)
    frame.below(key="funnel", table=tables.funnel(steps), sql=steps.sql, file_name="funnel")


def _bottleneck(workspace: Workspace, question: Question) -> None:
    """The slowest stage and the largest drop-off, as on the Time page; nothing where the file cannot tell."""
    found = ask.bottleneck(workspace, question)
    if found and found.sentences:
        with st.container(key="said_stuck"):
            st.markdown(f"**{wording.say('pages.times.bottleneck')}** {texts.inert(charts.stuck(found))}")


def _ledger(steps: Steps) -> None:
    st.subheader(wording.say("pages.ledger.title"), anchor=False, help=wording.say("pages.ledger.help"))
    table = tables.ledger(steps)
    tables.show(table, "ledger")
    frame.csv(wording.say("pages.frame.csv"), lambda: exports.csv(table), "ledger.csv", key="csv_ledger")


@st.fragment
def _breakdown(workspace: Workspace, question: Question) -> None:
    """The same funnel for each value of one column, on one scale."""
    data_set = workspace.data_set
    if data_set is None:
        return
    columns = split.columns(data_set)
    if not columns:
        return
    st.subheader(wording.say("pages.breakdown.title"), anchor=False)
    column = split.box(wording.say("pages.breakdown.column"), columns, "split")
    if column is None:
        return
    found = ask.breakdown(workspace, question, column)
    st.caption(texts.inert(wording.say("pages.breakdown.told", column=column, values=len(found.groups))))
    figures = charts.small_multiples(found, dark=frame.dark(), width_hint=SMALL_WIDTH)
    for first in range(0, len(figures), A_ROW):
        for place, column_of_page in enumerate(st.columns(A_ROW), first):
            if place < len(figures):
                with column_of_page:
                    description = charts.description(found.groups[place][1])
                    frame.picture(
                        figures[place], key=f"breakdown_{place}", description=description, file_name="funnel-by-value"
                    )
    if found.other:
        st.caption(wording.say("pages.breakdown.other", leads=found.other))
    if found.groups:
        frame.below(
            key="breakdown", table=tables.groups(found), sql=found.groups[0][1].sql, file_name="funnel-by-value"
        )


if question := st.session_state.get("question"):
    show(current(), question)
