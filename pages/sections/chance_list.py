"""The open leads by their chance to win, as a list to work on: with why, and with how right such chances were on this file."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from funnel import OneOf, Question
from funnel.core import exports, rows
from funnel.core.types import Shape
from funnel.measures.lead_score import (
    DAY,
    LONGEST_DAY,
    LeadScore,
    Part,
    ScoredLead,
    lead_score,
    prepare_score,
    said,
    whole_percent,
)
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.ui import frame, owner_box, tables, texts
from pages.ui.ask import ask
from pages.ui.section import listing

PAGE_ROWS = 15
PAGE = "chance_page"
BY = ("time", "chance")
DAYS, OWN = (30, 90, 180), "own"
RARE = ("account", "chance", "difference", "usual_days", "amount", "currency", "why")
"""Fields that some files, or a score that is not shown, have nothing in."""


def is_chosen() -> bool:
    """Whether the list is to be by chance: learning that takes seconds, so that it begins when somebody asks for it."""
    chosen = st.segmented_control(
        wording.say("pages.chance.by"),
        BY,
        default=BY[0],
        required=True,
        format_func=lambda name: wording.say(f"pages.chance.by_{name}"),
        key="list_by",
        bind="query-params",
        persist_state="session",
        label_visibility="collapsed",
    )
    return chosen == "chance"


def show(workspace: Workspace, question: Question) -> None:
    """The list, or why there is none; what is asked of it first."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="chance_choice"):
        day, part = _day(), _part()
        where = owner_box.show(workspace, question, "chance_owner", _first_page)
    _learn(workspace, question, day)
    page = st.session_state.get(PAGE, 1)
    result = _asked(workspace, question, day, part, where, (page - 1) * PAGE_ROWS, PAGE_ROWS)
    if result.why_hidden is not None:
        st.info(texts.inert(said(result.why_hidden)))
        if part is not Part.ALL:
            result = _asked(workspace, question, day, Part.ALL, where, (page - 1) * PAGE_ROWS, PAGE_ROWS)
    told = f"told_{part}" if result.is_shown else "told_hidden" if _has_rates(result) else "told_unknown"
    st.caption(wording.say(f"pages.chance.{told}", leads=result.total))
    if result.leads:
        _list(workspace, question, result, part, where)
    if result.is_shown:
        _test(workspace, result)


def _asked(
    workspace: Workspace,
    question: Question,
    day: int,
    part: Part,
    where: tuple[OneOf, ...],
    offset: int,
    limit: int | None,
) -> LeadScore:
    return ask(workspace, lead_score, question, day, part=part, where=where, offset=offset, limit=limit)


def _learn(workspace: Workspace, question: Question, day: int) -> None:
    """Learns piece by piece, telling how far it is; another click ends it at the next piece, and what was learnt stays."""
    with frame.waiting("chance_panel", wording.say("pages.chance.learning_panel")):
        can_learn = ask(workspace, prepare_score, question, day)
    every = sorted({*DAYS, day})
    for number, each in enumerate(every if can_learn else (), 1):
        telling = wording.say("pages.chance.learning", day=each, number=number, all=len(every))
        with frame.waiting(f"chance_{each}", telling):
            ask(workspace, prepare_score, question, day, each)


def _day() -> int:
    chosen = st.pills(
        wording.say("pages.chance.day"),
        [*map(str, DAYS), OWN],
        default=str(DAY),
        required=True,
        format_func=lambda name: wording.say(
            "pages.chance.day_own" if name == OWN else "pages.chance.day_of", day=name if name == OWN else int(name)
        ),
        key="chance_day",
        bind="query-params",
        on_change=_first_page,
    )
    if chosen != OWN:
        return int(chosen or DAY)
    own = st.number_input(
        wording.say("pages.chance.day_number"),
        min_value=1,
        max_value=LONGEST_DAY,
        value=60,
        step=1,
        key="chance_days",
        bind="query-params",
        width=120,
    )
    return int(own)


def _part() -> Part:
    chosen = st.pills(
        wording.say("pages.chance.part"),
        [part.value for part in Part],
        default=Part.ALL.value,
        required=True,
        format_func=lambda name: wording.say(f"pages.chance.part_{name}"),
        key="chance_part",
        on_change=_first_page,
    )
    return Part(chosen or Part.ALL)


def _list(workspace: Workspace, question: Question, result: LeadScore, part: Part, where: tuple[OneOf, ...]) -> None:
    st.html(_html(result))
    frame.list_foot(
        result.total,
        PAGE_ROWS,
        lambda: exports.csv(_table(_asked(workspace, question, result.day, part, where, 0, None))),
        f"{wording.say('pages.chance.csv_file')}.csv",
        page_key=PAGE,
        key=f"chance_csv_{result.day}_{part}",
    )


def _test(workspace: Workspace, result: LeadScore) -> None:
    """How much more the score holds than the stage alone, what it does not say, and, on request, its whole test."""
    test = result.test
    if test is None:
        return
    st.markdown(wording.say("pages.chance.pair", day=result.day, best=test.best, stage=test.best_stage))
    st.caption(wording.say("measures.chance_caution"))
    with st.expander(wording.say("pages.chance.test")):
        values = {"leads": test.leads, "cases": test.rows, "wins": test.wins, "skill": test.skill.value}
        values |= {"low": test.skill.low, "high": test.skill.high, "time": test.time_skill}
        values |= {"expected": round(test.expected), "observed": test.observed}
        st.markdown(wording.say("pages.chance.tested", **values))
        for sentence in _notes(workspace, result):
            st.caption(texts.inert(sentence))
        st.caption(wording.say("pages.chance.deciles"))
        with st.container(key="chance_test"):
            listing("score_deciles", result.decile_rows(), result.sql)


def _notes(workspace: Workspace, result: LeadScore) -> list[str]:
    dropped = [
        wording.say("measures.chance_dropped", column=each.column, why=said(each.why)) for each in result.dropped
    ]
    is_wide = workspace.data_set is not None and workspace.data_set.mapping.shape is Shape.WIDE
    wide = [wording.say("measures.chance_wide")] if is_wide else []
    return [wording.say("pages.chance.all_leads"), *dropped, *wide, *(said(note) for note in result.notes)]


def _table(result: LeadScore) -> pd.DataFrame:
    return tables.of("lead_score", result.rows(), rare=RARE)


def _html(result: LeadScore) -> str:
    """Two lines a lead: its numbers, and why."""
    has_amounts = any(lead.amount is not None for lead in result.leads)
    heads = ["lead", "stage", *(["chance"] if result.is_shown else []), *(["rate"] if _has_rates(result) else [])]
    heads += [*(["difference"] if result.is_shown else []), *(["amount"] if has_amounts else [])]
    head = "".join(
        f'<th scope="col" class="fl-{name}">{escape(wording.say(f"pages.chance.{name}"))}</th>' for name in heads
    )
    body = "".join(_two_lines(result, lead, heads) for lead in result.leads)
    return f'<table class="fl-paths fl-chances"><thead><tr>{head}</tr></thead>{body}</table>'


def _two_lines(result: LeadScore, lead: ScoredLead, heads: list[str]) -> str:
    chance, rate = lead.chance.get(result.day), lead.stage_rate.get(result.day)
    more = None if chance is None or rate is None else rows.signed(round(100 * (chance - rate)))
    days = wording.say(f"pages.chance.days{'_stalled' if lead.is_stalled else ''}", days=lead.days)
    account = "" if lead.account is None else f"<small>{tables.breakable(wording.plain(lead.account))}</small>"
    cells = {
        "stage": f"{tables.breakable(wording.plain(lead.stage))}<small>{escape(days)}</small>",
        "chance": f"<b>{escape(whole_percent(chance))}</b>",
        "rate": escape(whole_percent(rate)),
        "difference": escape(more or wording.ABSENT),
        "amount": escape(wording.money(lead.amount, lead.currency or "")),
    }
    numbers = "".join(f'<td class="fl-{name}">{cells[name]}</td>' for name in heads[1:])
    name = f'<th scope="row">{tables.breakable(wording.plain(lead.lead))}{account}</th>'
    why = result.why(lead)
    reasons = "" if why is None else f'<tr class="fl-reasons"><td colspan="{len(heads)}">{escape(why)}</td></tr>'
    return f"<tbody><tr>{name}{numbers}</tr>{reasons}</tbody>"


def _has_rates(result: LeadScore) -> bool:
    """Whether the file tells of any lead how often such ones won from its stage."""
    return any(lead.stage_rate.get(result.day) is not None for lead in result.leads)


def _first_page() -> None:
    """A callback: another list starts at its first page."""
    st.session_state[PAGE] = 1
