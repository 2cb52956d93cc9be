"""The order of the as-recorded model: the file's own labels, which a person may reorder or leave out."""

from __future__ import annotations

import streamlit as st

from funnel import AS_RECORDED, DataSet, StageModel
from funnel.words import wording
from pages.sections import special
from pages.server.workspace import Workspace

KEY = "stages"


def show(workspace: Workspace, data_set: DataSet) -> StageModel:
    """The file's labels as a model, in the order that was inferred or that the person gave."""
    inferred = data_set.as_recorded()
    usual = [label for stage in inferred.stages for label in stage.labels]
    all_labels = [label.label for label in data_set.labels]
    if not usual:
        return inferred
    with st.expander(wording.say("pages.order.open"), key="order", on_change="rerun") as box:
        st.caption(wording.say("pages.order.help"))
        chosen = st.multiselect(
            wording.say("pages.order.labels"),
            [*usual, *(label for label in all_labels if label not in usual)],
            default=usual,
            key=KEY,
            bind="query-params",
            persist_state="session",
            select_all=False,
            label_visibility="collapsed",
        )
        if box.open:
            _arrows(chosen)
            st.button(wording.say("pages.order.reset"), on_click=_take, args=(usual,), disabled=chosen == usual)
    changed = bool(chosen) and chosen != usual
    model = data_set.labels_model([[label] for label in chosen], key=AS_RECORDED) if changed else inferred
    if box.open:
        with box:
            special.show_order(workspace, model, "order_in_box")
    return model


def _arrows(chosen: list[str]) -> None:
    """A row for each label with buttons that move it, so that the order can be changed without dragging."""
    for index, label in enumerate(chosen):
        with st.container(horizontal=True, vertical_alignment="center", key=f"place_{index}", gap="small"):
            st.text(f"{index + 1}. {wording.plain(label)}", width="stretch")
            for sign, other, words in (("↑", index - 1, "earlier"), ("↓", index + 1, "later")):
                st.button(
                    sign,
                    key=f"{words}_{index}",
                    help=wording.say(f"pages.order.{words}"),
                    disabled=not 0 <= other < len(chosen),
                    on_click=_take,
                    args=(_swapped(chosen, index, other),),
                )


def _swapped(labels: list[str], one: int, other: int) -> list[str]:
    if not 0 <= other < len(labels):
        return labels
    swapped = list(labels)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    return swapped


def _take(labels: list[str]) -> None:
    st.session_state[KEY] = list(labels)
