"""A target planned backwards: what so many wins by a day need, stage by stage, and what a better step would change."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import streamlit as st

from funnel import DataSet, Question
from funnel.charts import target as picture
from funnel.core import rows
from funnel.core.errors import QuestionError
from funnel.measures.target import WinTarget, first_day, next_quarter_end, paced, target, usual_wins
from funnel.measures.target_plan import Lever
from funnel.words import wording
from pages.sections import period_view
from pages.server.workspace import Workspace
from pages.ui import tables, texts
from pages.ui.ask import ask
from pages.ui.section import listing, section, show_sentences

ROWS_WIDTH = 1080
MOST_WINS = 1_000_000
MOST_STEPS = 5
MOST_POINTS = 25
SURE = (0.5, 0.8, 0.9)
USUALLY_SURE = 0.8


@st.fragment
def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """The answer as a title, two inputs, the wins to come, what each stage needs, and what if."""
    if question.observed_until is None or data_set.first_start is None:
        st.header(wording.say("pages.target.title_unknown"), anchor=False)
        st.info(period_view.undated(data_set))
        return
    head = st.container(key="target_head")
    as_of = question.observed_until.date()
    try:
        with st.container(horizontal=True, vertical_alignment="top", key="target_wishes", gap="medium"):
            by, wins, sure = _wishes(workspace, question, as_of)
        now = ask(workspace, target, question, by, wins, None, sure)
        pictured = st.container(key="target_pictured")
        steps, arrivals = _what_if(now)
        result = (
            now
            if not steps and arrivals == 1
            else ask(workspace, target, question, by, wins, None, sure, steps, arrivals)
        )
    except QuestionError as error:
        head.header(wording.say("pages.target.title_unknown"), anchor=False)
        st.info(texts.problem(error))
        return
    with head:
        st.header(texts.inert(wording.say(result.answer.key, **result.answer.values)), anchor=False)
        st.caption(_subtitle(result))
    with pictured:
        _path(result)
    listing("target_stages", result.rows(), result.sql, table=tables.of("target", result.rows()))
    for note in result.notes:
        st.caption(texts.inert(wording.say(note.key, **note.values)))
    with st.expander(wording.say("pages.target.levers")):
        st.html(tables.html(tables.of("target_levers", result.lever_rows())))
    with st.expander(wording.say("pages.target.how")):
        st.markdown(texts.inert(wording.say("pages.target.how_told", backtests=result.backtests)))


def _wishes(workspace: Workspace, question: Question, as_of: date) -> tuple[date, int, float]:
    """The target day, the wins wanted, and how sure to be."""
    wins_place = st.container(width=180)
    by = st.date_input(
        wording.say("pages.target.by"),
        value=next_quarter_end(as_of),
        min_value=as_of + timedelta(days=1),
        max_value=as_of.replace(year=as_of.year + 50, day=min(as_of.day, 28)),
        format="DD/MM/YYYY",
        key="target_by",
        bind="query-params",
        help=wording.say("pages.target.by_help"),
        width=180,
    )
    by = by if isinstance(by, date) else next_quarter_end(as_of)
    usual = ask(workspace, usual_wins, question, first_day(by, as_of), by)
    of = (by, usual)
    if st.session_state.setdefault("target_of", of) != of:
        # Another period begins with its own usual wins.
        st.session_state["target_of"], st.session_state["target_wins"] = of, usual
    wins = wins_place.number_input(
        wording.say("pages.target.wins"),
        min_value=1,
        max_value=MOST_WINS,
        value=usual,
        step=1,
        key="target_wins",
        bind="query-params",
        help=wording.say("pages.target.wins_help"),
        width=180,
    )
    chosen = st.pills(
        wording.say("pages.target.sure"),
        [str(each) for each in SURE],
        default=str(USUALLY_SURE),
        required=True,
        format_func=lambda option: wording.say("pages.target.sure_of", sure=float(option)),
        key="target_sure",
        bind="query-params",
        help=wording.say("pages.target.sure_help"),
    )
    return by, int(wins), float(chosen or USUALLY_SURE)


def _what_if(now: WinTarget) -> tuple[tuple[tuple[int, float], ...], float]:
    """By how much steps are better, those that are worth most; and how many times the new leads."""
    st.subheader(wording.say("pages.target.what_if"), anchor=False, help=wording.say("pages.target.what_if_help"))
    worth = sorted(now.levers, key=lambda lever: -(lever.by_points or 0.0))[:MOST_STEPS]
    with st.container(horizontal=True, vertical_alignment="bottom", key="target_what_if", gap="medium"):
        points = {lever.position: _points(lever) for lever in sorted(worth, key=lambda lever: lever.position)}
        arrivals = st.slider(
            wording.say("pages.target.arrivals"), 0, 300, 100, 10, format="%d%%", key="target_arrivals", width=210
        )
    return tuple((position, more / 100) for position, more in points.items() if more), arrivals / 100


def _points(lever: Lever) -> int:
    most = min(MOST_POINTS, int(100 * (1 - lever.rate)))
    if most < 1:
        return 0
    chosen = st.slider(
        wording.say("pages.target.points", stage=texts.inert(lever.name)),
        0,
        most,
        0,
        1,
        format="+%d",
        key=f"target_points_{lever.position}_{most}",
        help=wording.say(
            "pages.target.points_help",
            rate=lever.rate,
            part=lever.advanced,
            whole=lever.entered,
            stage=texts.inert(lever.name),
        ),
        width=210,
    )
    return int(chosen)


def _subtitle(result: WinTarget) -> str:
    key = "subtitle" if result.open_low is None else "subtitle_range"
    return wording.say(
        f"pages.target.{key}",
        since=result.since,
        by=result.by,
        won=result.won,
        wins=result.wins,
        leads=result.open_leads,
        open=round(result.open),
        low=result.open_low,
        high=result.open_high,
    )


def _path(result: WinTarget) -> None:
    table = tables.of("target_path", result.path_rows(), rare=("what_if",))
    between = partial(_sentences, result)
    section("target_path", result, picture.draw, picture.describe, table=table, between=between, within=ROWS_WIDTH)


def _sentences(result: WinTarget) -> None:
    sentences = [_gain(result)] if result.what_if else []
    if result.reach is not None:
        key, needed = ("chance_sure" if result.first.sure else "chance"), paced(result.first.sure or 0.0)
        sentences.append(wording.say(f"pages.target.{key}", reach=result.reach, sure=result.sure, needed=needed))
    if result.to_find and result.first.last_useful_day is not None:
        key = "last_day" if result.first.last_useful_day > result.as_of else "last_day_past"
        day, half = result.first.last_useful_day, result.first.half_days
        sentences.append(wording.say(f"pages.target.{key}", day=day, half=half))
    show_sentences("target", *sentences)


def _gain(result: WinTarget) -> str:
    what_if = result.what_if
    if what_if is None:
        return ""
    values = {"extra": rows.signed(round(what_if.extra, 1)), "expected": round(what_if.expected), "by": result.by}
    values |= {"now": round(result.expected), "reach": what_if.reach, "was": result.reach}
    return wording.say("pages.target.gain" if what_if.reach is None else "pages.target.gain_chance", **values)
