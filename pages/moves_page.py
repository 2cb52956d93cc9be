"""The Moves page: how leads move between stages: forward, past stages, back, out and in again; and which paths they take."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from funnel import DataSet, Question, charts
from funnel.core.types import FEWEST_FOR_A_RATE, MovesFound, Rate, Shape, Unit
from funnel.words import wording
from pages.sections import move_tables, scoreboard_text
from pages.server.sessions import current
from pages.server.workspace import Workspace
from pages.sidebar import filters
from pages.ui import ask, empty, frame, texts

PICTURE_WIDTH = 1100
"""Pixels that the stream is drawn for at most: wider, names stand far from what they name."""


def show(workspace: Workspace, data_set: DataSet, asked_for: Question) -> None:
    """Title, figures, the stream, from where to where, paths and re-entries; of a file without moves, what it cannot tell."""
    if data_set.mapping.shape is Shape.SNAPSHOT:
        _snapshot()
        return
    # Moves are made by leads, also where accounts are counted.
    question = replace(asked_for, unit=Unit.LEAD, quorum=1)
    with frame.waiting(wording.say("pages.moves.following")):
        found = ask.moves(workspace, question)
    if not found.leads:
        empty.show(workspace, question, ask.steps(workspace, question))
        return
    st.title(_title(found), anchor=False)
    st.caption(_subtitle(data_set, asked_for))
    if data_set.mapping.shape is Shape.WIDE:
        st.info(wording.say("pages.moves.wide"))
    _figures(found)
    _stream(found)
    _matrix(found)
    if found.back.moved_back.numerator:
        _alike(found)
    left, right = st.columns([13, 7], gap="large")
    with left:
        _paths(found)
    with right:
        _again(found)


def _title(found: MovesFound) -> str:
    counted = wording.say("pages.counted.lead", n=found.leads)
    back = found.back.moved_back
    key = "title" if back.denominator >= FEWEST_FOR_A_RATE else "title_few"
    if not back.numerator:
        key = "title_none"
    return wording.say(f"pages.moves.{key}", counted=counted, part=back.numerator, rate=back.value)


def _subtitle(data_set: DataSet, question: Question) -> str:
    first = question.filters.start_from or data_set.first_start
    last = question.filters.start_to or data_set.last_start
    dated = first is not None and last is not None
    parts = [
        question.model.name,
        wording.say("pages.models.started", first=first, last=last) if dated else wording.say("pages.models.undated"),
        *filters.told(question),
        wording.say("pages.moves.every_move"),
        *([wording.say("pages.moves.by_lead")] if question.unit is Unit.ACCOUNT else []),
    ]
    return " · ".join(texts.inert(each) for each in parts)


def _snapshot() -> None:
    """Why there is nothing to show, and the ways on."""
    st.title(wording.say("pages.moves.snapshot_title"), anchor=False)
    st.info(wording.say("pages.moves.snapshot"))
    with st.container(horizontal=True, key="ways_on"):
        st.page_link("overview_page.py", label=wording.say("pages.moves.to_funnel"))
        st.page_link("files_page.py", label=wording.say("pages.moves.to_data"))


def _figures(found: MovesFound) -> None:
    """Four numbers, each with what it counts."""
    back = found.back
    cards = [
        ("moved_back", _shown(back.moved_back), _of(back.moved_back, "of_leads")),
        ("extra", _extra(found), _medians(found)),
        (
            "won",
            _shown(back.win_rate),
            _others(found),
        ),
        ("returned", _shown(found.returned), _of(found.returned, "of_lost")),
    ]
    with st.container(key="figure_cards"):
        for column, (key, value, told) in zip(st.columns(len(cards)), cards, strict=True):
            if key == "won" and back.win_rate.denominator:
                told = f"{_of(back.win_rate, 'of_back')}; {told}"
            column.metric(
                wording.say(f"pages.moves.{key}"),
                value,
                told,
                delta_color="off",
                delta_arrow="off",
                border=True,
                help=wording.say(f"pages.moves.{key}_help"),
                height="stretch",
            )


def _others(found: MovesFound) -> str:
    """The win rate of the others that came as far; where these are too few, of all others, and that they are no comparison."""
    alike = found.back.win_rate_alike
    if alike is not None:
        return wording.say("pages.moves.others_alike", alike=alike)
    return wording.say("pages.moves.others", others=scoreboard_text.rate_of(found.back.win_rate_others))


def _shown(rate: Rate) -> str:
    """The percentage; of too few the count; of none a dash."""
    if rate.value is None:
        return wording.ABSENT
    return wording.percent(rate.value) if rate.denominator >= FEWEST_FOR_A_RATE else wording.number(rate.numerator)


def _of(rate: Rate, key: str) -> str:
    return wording.say(f"pages.moves.{key}", part=rate.numerator, whole=rate.denominator)


def _extra(found: MovesFound) -> str:
    extra = found.back.extra_days
    # Of a few wins a median says nothing; the counts stand under it.
    if extra is None or min(found.back.timed, found.back.timed_others) < FEWEST_FOR_A_RATE:
        return wording.ABSENT
    return wording.say(f"pages.moves.{'longer' if extra >= 0 else 'shorter'}", days=abs(extra))


def _medians(found: MovesFound) -> str:
    back = found.back
    if back.median_days is None or back.median_days_others is None:
        return wording.say("pages.moves.no_wins", wins=back.timed, others=back.timed_others)
    return wording.say(
        "pages.moves.medians",
        days=back.median_days,
        wins=back.timed,
        others=back.median_days_others,
        other_wins=back.timed_others,
    )


@st.fragment
def _stream(found: MovesFound) -> None:
    """The picture, its sentence, its table."""
    figure = charts.moves(found, dark=frame.dark(), width_hint=frame.width_hint())
    description = charts.describe_moves(found)
    with st.container(width=PICTURE_WIDTH):
        frame.picture(figure, key="moves_stream", description=description, file_name="moves")
    with st.container(key="said"):
        st.markdown(texts.inert(description))
    frame.below(key="moves_stream", table=move_tables.moves(found), sql=found.sql, file_name="moves")


@st.fragment
def _matrix(found: MovesFound) -> None:
    """From where to where, as a table to read."""
    st.subheader(wording.say("pages.moves.matrix_title"), anchor=False, help=wording.say("pages.moves.matrix_help"))
    st.html(move_tables.matrix_html(found, dark=frame.dark()))
    frame.below(
        key="moves_matrix",
        table=move_tables.matrix(found),
        sql=found.sql,
        file_name="from-where-to-where",
        picture=False,
        views=("sql",),
    )


@st.fragment
def _alike(found: MovesFound) -> None:
    """Won after moving back and otherwise, among leads that came as far."""
    st.subheader(wording.say("pages.moves.alike_title"), anchor=False, help=wording.say("pages.moves.alike_help"))
    table = move_tables.alike(found)
    st.html(move_tables.html(table))
    frame.below(
        key="moves_alike",
        table=table,
        sql=found.sql,
        file_name="won-after-moving-back",
        picture=False,
        views=("sql",),
    )


@st.fragment
def _paths(found: MovesFound) -> None:
    """The commonest paths, and how many there are."""
    told: dict[str, Any] = {"shown": len(found.paths), "paths": found.distinct_paths, "leads": found.other_paths}
    title = "paths_title" if found.other_paths else "all_paths_title"
    st.subheader(wording.say(f"pages.moves.{title}", **told), anchor=False)
    st.caption(wording.say("pages.moves.paths_told" if found.other_paths else "pages.moves.paths_help", **told))
    table = move_tables.paths(found)
    st.html(move_tables.html(table))
    frame.below(key="moves_paths", table=table, sql=found.sql, file_name="paths", picture=False, views=("sql",))


@st.fragment
def _again(found: MovesFound) -> None:
    """Who came to a stage more than once."""
    st.subheader(wording.say("pages.moves.again_title"), anchor=False, help=wording.say("pages.moves.again_help"))
    table = move_tables.reentries(found)
    st.html(move_tables.html(table))
    frame.below(key="moves_again", table=table, sql=found.sql, file_name="re-entries", picture=False, views=("sql",))


space = current()
if space.data_set is not None and (question := st.session_state.get("question")):
    show(space, space.data_set, question)
