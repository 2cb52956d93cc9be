"""The stages of a draft as cards: name, place, and what each takes. Every change goes to the draft of the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import streamlit as st

from funnel import DataSet, catalogue
from funnel.catalogue.model_files import MOST_REQUIRED, MOST_STAGES
from funnel.words import wording
from pages.ui import drafting, texts
from pages.ui.draft import Draft, DraftStage
from pages.ui.drafting import held

MANY, MANY_HEIGHT = 12, 900
"""More stages than this scroll in a box so many pixels high."""


def show(draft: Draft, data_set: DataSet) -> None:
    """A card for each stage, many in a box of their own that scrolls beside the preview, and the button that adds one."""
    names = catalogue.concept_names()
    concepts = {concept.key: names[concept.key] for concept in catalogue.concepts() if concept.kind == "stage"}
    file_labels = list(data_set.concepts)
    named = [label for stage in draft.stages for label in stage.labels if label not in data_set.concepts]
    placement = draft.model().placement(data_set.concepts)
    st.caption(wording.say("pages.editor.takes"), help=wording.say("pages.editor.takes_help"))
    height: Literal["content"] | int = MANY_HEIGHT if len(draft.stages) > MANY else "content"
    with st.container(key="editor_stages", height=height, border=False, gap="xsmall"):
        for index, stage in enumerate(draft.stages):
            here = [label for label, taken_at in placement.items() if taken_at == index]
            with st.container(border=True, key=f"stage_{stage.id}", gap="xxsmall"):
                with st.container(
                    horizontal=True, vertical_alignment="center", key=f"stage_row_{stage.id}", gap="xsmall"
                ):
                    _name(index, stage)
                    _takes(index, stage, concepts, [*file_labels, *named], set(file_labels))
                    _buttons(draft, index, stage)
                with st.container(
                    horizontal=True, vertical_alignment="top", key=f"stage_more_{stage.id}", gap="xsmall"
                ):
                    listed = texts.inert(wording.listed(here))
                    st.caption(
                        wording.say("pages.editor.here", labels=listed)
                        if here
                        else wording.say("pages.editor.nothing_here")
                    )
                    _enters(index, stage, data_set)
    st.button(
        wording.say("pages.editor.add"),
        key="add_stage",
        icon=":material/add:",
        disabled=len(draft.stages) >= MOST_STAGES,
        on_click=drafting.change,
        args=(lambda draft: draft.add(wording.say("pages.editor.new_stage")),),
    )


def _name(index: int, stage: DraftStage) -> None:
    """The place and the name of a stage."""
    name = f"stage_name_{stage.id}"
    st.markdown(f"**{wording.number(index + 1)}**", width="content")
    st.text_input(
        wording.say("pages.editor.stage_name", place=index + 1),
        key=held(name, stage.name),
        label_visibility="collapsed",
        on_change=lambda: drafting.change(lambda draft: draft.rename(stage.id, st.session_state[name])),
    )


def _buttons(draft: Draft, index: int, stage: DraftStage) -> None:
    """What moves, merges and removes a stage; editor.css leaves only their signs to see."""
    last = index == len(draft.stages) - 1
    buttons: list[tuple[str, str, bool, Callable[[Draft], Draft]]] = [
        ("up", "arrow_upward", index == 0, lambda draft: draft.move(stage.id, -1)),
        ("down", "arrow_downward", last, lambda draft: draft.move(stage.id, 1)),
        ("merge", "call_merge", last, lambda draft: draft.merge(stage.id)),
        ("remove", "close", False, lambda draft: draft.remove(stage.id)),
    ]
    with st.container(horizontal=True, vertical_alignment="center", key=f"stage_doings_{stage.id}", gap=None):
        for doing, sign, disabled, edit in buttons:
            label = wording.say(f"pages.editor.{doing}", place=index + 1)
            st.button(
                label,
                key=f"{doing}_stage_{stage.id}",
                help=label,
                type="tertiary",
                icon=f":material/{sign}:",
                disabled=disabled,
                on_click=drafting.change,
                args=(edit,),
            )


def _enters(index: int, stage: DraftStage, data_set: DataSet) -> None:
    """What must be true to enter a stage and what to ask there, in a closed box that says which columns must be filled."""
    silent = replace(stage.stage, entry="", ask="")
    entry, asked, filled = (f"stage_{part}_{stage.id}" for part in ("entry", "ask", "requires"))
    key = "entry_filled" if stage.requires else "entry"
    title = wording.say(f"pages.editor.{key}", columns=texts.inert(", ".join(stage.requires)))
    with st.expander(title, key=f"stage_enters_{stage.id}", on_change="rerun") as opened:
        if not opened.open:
            return
        st.text_input(
            wording.say("pages.editor.to_enter", place=index + 1),
            key=held(entry, stage.entry),
            placeholder=catalogue.entry_condition(silent, data_set.concepts),
            help=wording.say("pages.editor.entry_help"),
            on_change=lambda: drafting.change(lambda draft: draft.enter(stage.id, st.session_state[entry])),
        )
        st.text_area(
            wording.say("pages.editor.ask", place=index + 1),
            key=held(asked, stage.ask),
            placeholder=catalogue.worth_asking(silent, data_set.concepts),
            height=72,
            on_change=lambda: drafting.change(lambda draft: draft.ask(stage.id, st.session_state[asked])),
        )
        elsewhere = {column for column in stage.requires if data_set.columns.in_file(column) is None}
        st.multiselect(
            wording.say("pages.editor.requires", place=index + 1),
            list(dict.fromkeys([*data_set.columns.headers, *stage.requires])),
            format_func=lambda name: wording.say("pages.editor.elsewhere", label=name) if name in elsewhere else name,
            key=held(filled, list(stage.requires)),
            help=wording.say("pages.editor.requires_help"),
            placeholder=wording.say("pages.editor.no_requires"),
            max_selections=MOST_REQUIRED,
            select_all=False,
            on_change=lambda: drafting.change(lambda draft: draft.require(stage.id, st.session_state[filled])),
        )


def _takes(index: int, stage: DraftStage, concepts: dict[str, str], labels: list[str], in_file: set[str]) -> None:
    """The boxes that say what a stage takes: meanings, and labels by name."""
    by_meaning, by_name = f"stage_concepts_{stage.id}", f"stage_labels_{stage.id}"
    st.multiselect(
        wording.say("pages.editor.concepts", place=index + 1),
        list(concepts),
        format_func=lambda concept: concepts[concept],
        key=held(by_meaning, list(stage.concepts)),
        placeholder=wording.say("pages.editor.no_concepts"),
        label_visibility="collapsed",
        select_all=False,
        on_change=lambda: drafting.change(lambda draft: draft.take_concepts(stage.id, st.session_state[by_meaning])),
    )
    st.multiselect(
        wording.say("pages.editor.labels", place=index + 1),
        labels,
        format_func=lambda label: label if label in in_file else wording.say("pages.editor.elsewhere", label=label),
        key=held(by_name, list(stage.labels)),
        placeholder=wording.say("pages.editor.no_labels"),
        label_visibility="collapsed",
        select_all=False,
        on_change=lambda: drafting.change(lambda draft: draft.take_labels(stage.id, st.session_state[by_name])),
    )
