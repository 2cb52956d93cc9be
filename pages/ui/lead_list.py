"""The leads behind a part of a bar, listed by a click on a chart or by the boxes, which do the same by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from funnel import OneOf, Steps, Unit, measures
from funnel.core import exports
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.ui import frame, owner_box, tables, texts
from pages.ui.ask import listed

PAGE_ROWS = 50
PARTS = ("all", "went_on", "still_there", "lost", "moved_back")


@dataclass(frozen=True)
class Clicked:
    """A part of a stage's bar; `funnel` is the index of its funnel among those shown."""

    stage: int
    part: str
    funnel: int = 0


def clicked(points: Sequence[Any], steps: Steps, funnel: int = 0) -> Clicked | None:
    """What was clicked on a funnel's chart; None where nothing was, or not a part of a stage that it still has."""
    for behind in points:
        if isinstance(behind, (list, tuple)) and len(behind) >= 2 and behind[1] in PARTS:
            stage = int(behind[0])
            return Clicked(stage, str(behind[1]), funnel) if stage < len(steps.stages) else None
    return None


def asked(key: str = "leads") -> None:
    """A callback of a click on a chart: its leads are listed, from their first page on."""
    _first_page(key)
    st.session_state[f"{key}_asked"] = True


def _first_page(key: str) -> None:
    st.session_state[f"{key}_page"] = 1


def show(workspace: Workspace, funnels: Sequence[Steps], click: Clicked | None, key: str = "leads") -> None:
    """A button, and after it or a click on a chart a drawer with the leads behind a part; Escape closes it."""
    by_hand = st.button(wording.say("pages.leads.title"), key=f"{key}_open", icon=":material/list:")
    by_click = st.session_state.pop(f"{key}_asked", False) and click is not None
    if by_click or by_hand:
        drawer = st.dialog(wording.say("pages.leads.title"), width="large", position="right")
        drawer(_list)(workspace, funnels, click if by_click else None, key)


def _list(workspace: Workspace, funnels: Sequence[Steps], click: Clicked | None, key: str) -> None:
    """The leads, a page at a time, as CSV in whole. Of several funnels, a column says where each other one puts them."""
    chosen = _boxes(funnels, click, key)
    of = funnels[chosen.funnel].question
    where = owner_box.show(workspace, of, f"{key}_owner", partial(_first_page, key)) if of.unit is Unit.LEAD else ()
    page = st.session_state.get(f"{key}_page", 1)
    rows, total = _rows(workspace, funnels, chosen, where, (page - 1) * PAGE_ROWS, PAGE_ROWS)
    st.markdown(_counted(funnels, chosen, total))
    if not total:
        return
    named = f"{chosen.funnel}_{chosen.stage}_{chosen.part}"
    tables.show(tables.leads(rows), f"{key}_table_{named}")
    frame.list_foot(
        total,
        PAGE_ROWS,
        lambda: exports.csv(tables.leads(_rows(workspace, funnels, chosen, where, 0, None)[0])),
        "leads.csv",
        page_key=f"{key}_page",
        key=f"{key}_csv_{named}",
    )


def _boxes(funnels: Sequence[Steps], click: Clicked | None, key: str) -> Clicked:
    """Model (where there are several), stage and part. A new click takes the place of what was chosen by hand."""
    at = click or Clicked(0, PARTS[0])
    with st.container(horizontal=True, key=f"{key}_choice"):
        funnel, names = 0, [wording.plain(steps.question.model.name) for steps in funnels]
        if len(funnels) > 1:
            funnel = st.selectbox(
                wording.say("pages.leads.model"),
                range(len(funnels)),
                index=at.funnel,
                format_func=lambda index: names[index],
                key=f"{key}_funnel_{click}_{names}",
            )
        stages = funnels[funnel].stages
        stage = st.selectbox(
            wording.say("pages.leads.stage"),
            range(len(stages)),
            index=at.stage if funnel == at.funnel else 0,
            format_func=lambda index: wording.plain(stages[index].name),
            key=f"{key}_stage_{names[funnel]}_{click}",
        )
        part = st.selectbox(
            wording.say("pages.leads.part"),
            PARTS,
            index=PARTS.index(at.part),
            format_func=lambda name: wording.say(f"pages.part.{name}"),
            key=f"{key}_part_{click}",
        )
    return Clicked(stage, part, funnel)


def _rows(
    workspace: Workspace,
    funnels: Sequence[Steps],
    of: Clicked,
    where: tuple[OneOf, ...],
    offset: int,
    limit: int | None,
) -> Any:
    beside = tuple(steps.question for index, steps in enumerate(funnels) if index != of.funnel)
    question = funnels[of.funnel].question
    filters = replace(question.filters, where=(*question.filters.where, *where))
    return listed(
        workspace,
        measures.leads_at,
        replace(question, filters=filters),
        of.stage,
        of.part,
        offset=offset,
        limit=limit,
        beside=beside,
    )


def _counted(funnels: Sequence[Steps], of: Clicked, total: int) -> str:
    steps = funnels[of.funnel]
    unit = wording.say(f"pages.counted.{steps.question.unit}", n=total)
    sentence = wording.say(f"pages.leads.{of.part}", counted=unit, stage=texts.inert(steps.stages[of.stage].name))
    if len(funnels) == 1:
        return sentence
    return wording.say("pages.leads.of_model", told=sentence, model=texts.inert(steps.question.model.name))
