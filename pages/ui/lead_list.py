"""The leads behind a part of a bar, listed by a click on a chart or by the boxes, which do the same by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from funnel import Steps
from funnel.core import exports
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.ui import ask, frame, tables, texts

PAGE_ROWS = 50
PARTS = ("all", "went_on", "still_there", "lost", "moved_back")


@dataclass(frozen=True)
class Clicked:
    """A part of a stage's bar; `funnel` is the place of its funnel among those shown."""

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


def answer(workspace: Workspace, funnels: Sequence[Steps], found: Clicked | None, place: Any) -> None:
    """The line above a chart that answers a click, since the list under a high chart may be out of sight."""
    if found is None:
        place.caption(wording.say("pages.leads.hint"))
        return
    rows = _rows(workspace, funnels, found, 0, PAGE_ROWS)
    told = _counted(funnels, found, rows[1])
    place.markdown(wording.say("pages.leads.listed", told=told))


def first_page(key: str = "leads") -> None:
    """A callback: a new list starts at its first page."""
    st.session_state[f"{key}_page"] = 1


def show(workspace: Workspace, funnels: Sequence[Steps], found: Clicked | None, key: str = "leads") -> None:
    """The leads, a page at a time, as CSV in whole. Of several funnels, a column says where each other one puts them."""
    with st.expander(
        wording.say("pages.leads.title"), expanded=found is not None, key=key, on_change="rerun"
    ) as opened:
        if not (opened.open or found):
            return
        chosen = _boxes(funnels, found, key)
        page = st.session_state.get(f"{key}_page", 1)
        rows, total = _rows(workspace, funnels, chosen, (page - 1) * PAGE_ROWS, PAGE_ROWS)
        st.caption(_counted(funnels, chosen, total))
        if not total:
            return
        named = f"{chosen.funnel}_{chosen.stage}_{chosen.part}"
        tables.show(tables.leads(rows), f"{key}_table_{named}")
        with st.container(horizontal=True, vertical_alignment="center"):
            if total > PAGE_ROWS:
                st.pagination(-(-total // PAGE_ROWS), key=f"{key}_page")
            frame.csv(
                wording.say("pages.leads.csv", n=total),
                lambda: exports.csv(tables.leads(_rows(workspace, funnels, chosen, 0, None)[0])),
                "leads.csv",
                key=f"{key}_csv_{named}",
            )


def _boxes(funnels: Sequence[Steps], found: Clicked | None, key: str) -> Clicked:
    """Model (where there are several), stage and part. A new click takes the place of what was chosen by hand."""
    at = found or Clicked(0, PARTS[0])
    with st.container(horizontal=True, key=f"{key}_choice"):
        funnel, names = 0, [wording.plain(steps.question.model.name) for steps in funnels]
        if len(funnels) > 1:
            funnel = st.selectbox(
                wording.say("pages.leads.model"),
                range(len(funnels)),
                index=at.funnel,
                format_func=lambda place: names[place],
                key=f"{key}_funnel_{found}_{names}",
            )
        stages = funnels[funnel].stages
        stage = st.selectbox(
            wording.say("pages.leads.stage"),
            range(len(stages)),
            index=at.stage if funnel == at.funnel else 0,
            format_func=lambda place: wording.plain(stages[place].name),
            key=f"{key}_stage_{names[funnel]}_{found}",
        )
        part = st.selectbox(
            wording.say("pages.leads.part"),
            PARTS,
            index=PARTS.index(at.part),
            format_func=lambda name: wording.say(f"pages.part.{name}"),
            key=f"{key}_part_{found}",
        )
    return Clicked(stage, part, funnel)


def _rows(workspace: Workspace, funnels: Sequence[Steps], of: Clicked, offset: int, limit: int | None) -> Any:
    beside = tuple(steps.question for place, steps in enumerate(funnels) if place != of.funnel)
    return ask.leads_at(workspace, funnels[of.funnel].question, of.stage, of.part, offset, limit, beside)


def _counted(funnels: Sequence[Steps], of: Clicked, total: int) -> str:
    steps = funnels[of.funnel]
    unit = wording.say(f"pages.counted.{steps.question.unit}", n=total)
    told = wording.say(f"pages.leads.{of.part}", counted=unit, stage=texts.inert(steps.stages[of.stage].name))
    if len(funnels) == 1:
        return told
    return wording.say("pages.leads.of_model", told=told, model=texts.inert(steps.question.model.name))
