"""Paths: how leads move between stages: forward, past stages, back, out and in again; and which ways they take."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from funnel import DataSet, Question, charts, measures, report
from funnel.core.rows import text
from funnel.core.types import FEWEST_FOR_A_RATE, Rate, Shape, Unit
from funnel.measures.moves import MovesFound
from funnel.report import said
from funnel.words import wording
from pages.sections import move_matrix, scoreboard_text
from pages.server.workspace import Workspace
from pages.ui import empty, frame, tables, texts
from pages.ui.ask import ask
from pages.ui.section import listing, section, show_sentences

PARTS = ("flow", "stages", "ways", "again")
PICTURE_WIDTH = 1100
"""Pixels that the stream takes at most: wider, names stand far from what they name."""


def show(workspace: Workspace, data_set: DataSet, chosen_question: Question) -> None:
    """Title, figures, the stream, from where to where, paths and re-entries; of a file without moves, what it cannot tell."""
    if data_set.mapping.shape is Shape.SNAPSHOT:
        _snapshot()
        return
    # Moves are made by leads, also where accounts are counted.
    question = replace(chosen_question, unit=Unit.LEAD, quorum=1)
    with frame.waiting("paths", wording.say("pages.moves.following")):
        moves = ask(workspace, measures.moves, question)
    if not moves.leads:
        empty.show(workspace, question, ask(workspace, measures.steps, question))
        return
    st.header(_title(moves), anchor=False)
    st.caption(_subtitle(data_set, chosen_question))
    if data_set.mapping.shape is Shape.WIDE:
        st.info(wording.say("pages.moves.wide"))
    _figures(moves)
    _part(moves)


@st.fragment
def _part(moves: MovesFound) -> None:
    """One of the ways to look at them."""
    part = st.pills(
        wording.say("pages.moves.part"),
        PARTS,
        default=PARTS[0],
        required=True,
        format_func=lambda name: wording.say(f"pages.moves.part_{name}"),
        key="paths",
        bind="query-params",
        label_visibility="collapsed",
    )
    if part == "stages":
        _matrix(moves)
        if moves.back.moved_back.numerator:
            _alike(moves)
    elif part == "ways":
        _paths(moves)
    elif part == "again":
        _again(moves)
    else:
        _stream(moves)


def _title(moves: MovesFound) -> str:
    counted = wording.say("pages.counted.lead", n=moves.leads)
    back = moves.back.moved_back
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
        *said.conditions(question),
        wording.say("pages.moves.every_move"),
        *([wording.say("pages.moves.by_lead")] if question.unit is Unit.ACCOUNT else []),
    ]
    return wording.dotted(texts.inert(each) for each in parts)


def _snapshot() -> None:
    """Why there is nothing to show, and the way on."""
    st.header(wording.say("pages.moves.snapshot_title"), anchor=False)
    st.info(wording.say("pages.moves.snapshot"))
    st.page_link("files_page.py", label=wording.say("pages.moves.to_data"))


def _figures(moves: MovesFound) -> None:
    """Four numbers, each with what it counts."""
    back = moves.back
    cards = [
        ("moved_back", _rate_text(back.moved_back), _of(back.moved_back, "of_leads")),
        ("extra", _extra(moves), _medians(moves)),
        (
            "won",
            _rate_text(back.win_rate),
            _others(moves),
        ),
        ("returned", _rate_text(moves.returned), _of(moves.returned, "of_lost")),
    ]
    with st.container(key="figure_cards_paths"):
        for column, (key, value, caption) in zip(st.columns(len(cards)), cards, strict=True):
            if key == "won" and back.win_rate.denominator:
                caption = f"{_of(back.win_rate, 'of_back')}; {caption}"
            column.metric(
                wording.say(f"pages.moves.{key}"),
                value,
                caption,
                delta_color="off",
                delta_arrow="off",
                border=True,
                help=wording.say(f"pages.moves.{key}_help"),
                height="stretch",
            )


def _others(moves: MovesFound) -> str:
    """The win rate of the others that came as far; where these are too few, of all others, and that they are no comparison."""
    alike = moves.back.win_rate_alike
    if alike is not None:
        return wording.say("pages.moves.others_alike", alike=alike)
    return wording.say("pages.moves.others", others=scoreboard_text.rate_of(moves.back.win_rate_others))


def _rate_text(rate: Rate) -> str:
    """The percentage; of too few the count; of none a dash."""
    if rate.value is None:
        return wording.ABSENT
    return wording.percent(rate.value) if rate.denominator >= FEWEST_FOR_A_RATE else wording.number(rate.numerator)


def _of(rate: Rate, key: str) -> str:
    return wording.say(f"pages.moves.{key}", part=rate.numerator, whole=rate.denominator)


def _extra(moves: MovesFound) -> str:
    extra = moves.back.extra_days
    # Of a few wins a median says nothing; the counts stand under it.
    if extra is None or min(moves.back.timed, moves.back.timed_others) < FEWEST_FOR_A_RATE:
        return wording.ABSENT
    return wording.say(f"pages.moves.{'longer' if extra >= 0 else 'shorter'}", days=abs(extra))


def _medians(moves: MovesFound) -> str:
    back = moves.back
    if back.median_days is None or back.median_days_others is None:
        return wording.say("pages.moves.no_wins", wins=back.timed, others=back.timed_others)
    return wording.say(
        "pages.moves.medians",
        days=back.median_days,
        wins=back.timed,
        others=back.median_days_others,
        other_wins=back.timed_others,
    )


def _stream(moves: MovesFound) -> None:
    """The picture, its sentence, its table."""
    describe = charts.describe_moves
    table = tables.of("moves", moves.rows())
    between = partial(show_sentences, "paths", describe(moves))
    part = report.part("moves", moves.question)
    section(
        "moves_stream", moves, charts.moves, describe, table=table, between=between, within=PICTURE_WIDTH, part=part
    )


def _matrix(moves: MovesFound) -> None:
    """From where to where, as a table to read."""
    rows = moves.matrix_rows()
    table = tables.of("moves_matrix", rows, names={str(end): text(moves.end(end)) for end in moves.targets})
    html = move_matrix.html(moves, dark=frame.dark())
    listing("moves_matrix", rows, moves.sql, table=table.convert_dtypes(), html=html)


def _alike(moves: MovesFound) -> None:
    """Won after moving back and otherwise, among leads that came as far."""
    listing("moves_alike", moves.alike_rows(), moves.sql)


def _paths(moves: MovesFound) -> None:
    """The commonest paths, and how many there are."""
    counts: dict[str, Any] = {"shown": len(moves.paths), "paths": moves.distinct_paths, "leads": moves.other_paths}
    title = "paths_title" if moves.other_paths else "all_paths_title"
    st.header(wording.say(f"pages.moves.{title}", **counts), anchor=False)
    st.caption(wording.say("pages.moves.paths_told" if moves.other_paths else "pages.moves.paths_help", **counts))
    listing("moves_paths", moves.path_rows(), moves.sql)


def _again(moves: MovesFound) -> None:
    """Who came to a stage more than once."""
    listing("moves_again", moves.reentry_rows(), moves.sql)
