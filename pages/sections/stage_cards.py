"""The stages of a draft as cards: name, place, and what each takes. Every change goes to the draft of the session."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from funnel import DataSet, catalogue
from funnel.catalogue.model_files import MOST_STAGES
from funnel.words import wording
from pages.ui import drafting, texts
from pages.ui.draft import Draft, DraftStage
from pages.ui.drafting import held


def show(draft: Draft, data_set: DataSet) -> None:
    """A card for each stage, and the button that adds one."""
    names = catalogue.concept_names()
    concepts = {concept.key: names[concept.key] for concept in catalogue.concepts() if concept.kind == "stage"}
    file_labels = list(data_set.concepts)
    named = [label for stage in draft.stages for label in stage.labels if label not in data_set.concepts]
    placement = draft.model().placement(data_set.concepts)
    for place, stage in enumerate(draft.stages):
        here = [label for label, taken_at in placement.items() if taken_at == place]
        with st.container(border=True, key=f"stage_{stage.id}", gap="xsmall"):
            _head(draft, place, stage)
            _takes(place, stage, concepts, [*file_labels, *named], set(file_labels))
            listed = texts.inert(wording.listed(here))
            st.caption(
                wording.say("pages.editor.here", labels=listed) if here else wording.say("pages.editor.nothing_here")
            )
    st.button(
        wording.say("pages.editor.add"),
        key="add_stage",
        icon=":material/add:",
        disabled=len(draft.stages) >= MOST_STAGES,
        on_click=drafting.change,
        args=(lambda draft: draft.add(wording.say("pages.editor.new_stage")),),
    )


def _head(draft: Draft, place: int, stage: DraftStage) -> None:
    """Place and name of a stage, and the buttons that move, merge and remove it; editor.css leaves only their signs to see."""
    name = f"stage_name_{stage.id}"
    last = place == len(draft.stages) - 1
    buttons: list[tuple[str, str, bool, Callable[[Draft], Draft]]] = [
        ("up", "arrow_upward", place == 0, lambda draft: draft.move(stage.id, -1)),
        ("down", "arrow_downward", last, lambda draft: draft.move(stage.id, 1)),
        ("merge", "call_merge", last, lambda draft: draft.merge(stage.id)),
        ("remove", "close", False, lambda draft: draft.remove(stage.id)),
    ]
    with st.container(horizontal=True, vertical_alignment="center", key=f"stage_head_{stage.id}", gap="xsmall"):
        st.markdown(f"**{wording.number(place + 1)}**", width="content")
        st.text_input(
            wording.say("pages.editor.stage_name", place=place + 1),
            key=held(name, stage.name),
            label_visibility="collapsed",
            on_change=lambda: drafting.change(lambda draft: draft.rename(stage.id, st.session_state[name])),
        )
        for doing, sign, disabled, made in buttons:
            said = wording.say(f"pages.editor.{doing}", place=place + 1)
            st.button(
                said,
                key=f"{doing}_stage_{stage.id}",
                help=said,
                type="tertiary",
                icon=f":material/{sign}:",
                disabled=disabled,
                on_click=drafting.change,
                args=(made,),
            )


def _takes(place: int, stage: DraftStage, concepts: dict[str, str], labels: list[str], in_file: set[str]) -> None:
    """The boxes that say what a stage takes: meanings, and labels by name."""
    by_meaning, by_name = f"stage_concepts_{stage.id}", f"stage_labels_{stage.id}"
    st.multiselect(
        wording.say("pages.editor.concepts", place=place + 1),
        list(concepts),
        format_func=lambda concept: concepts[concept],
        key=held(by_meaning, list(stage.concepts)),
        help=wording.say("pages.editor.concepts_help"),
        placeholder=wording.say("pages.editor.no_concepts"),
        select_all=False,
        on_change=lambda: drafting.change(lambda draft: draft.take_concepts(stage.id, st.session_state[by_meaning])),
    )
    st.multiselect(
        wording.say("pages.editor.labels", place=place + 1),
        labels,
        format_func=lambda label: label if label in in_file else wording.say("pages.editor.elsewhere", label=label),
        key=held(by_name, list(stage.labels)),
        help=wording.say("pages.editor.labels_help"),
        placeholder=wording.say("pages.editor.no_labels"),
        # Few models need labels by name: where there are none, the empty box says so itself.
        label_visibility="visible" if stage.labels else "collapsed",
        select_all=False,
        on_change=lambda: drafting.change(lambda draft: draft.take_labels(stage.id, st.session_state[by_name])),
    )
