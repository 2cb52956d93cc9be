"""From which stage of the model to which leads are looked at: two boxes."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from funnel import StageModel
from funnel.words import wording
from pages.ui import texts

FIRST, LAST = "first", "last"


def show(model: StageModel) -> StageModel:
    """The model between the stages chosen, whose name says so; of all its stages, where none are, or the last comes before the first."""
    stages = model.stages
    if len(stages) < 2:
        return model
    with st.container(horizontal=True, key="stage_span", gap="small"):
        first, last = _stage(model, FIRST, 0), _stage(model, LAST, len(stages) - 1)
    if last < first:
        st.caption(wording.say("pages.strip.span_backwards", first=texts.inert(stages[first].name)))
        last = len(stages) - 1
    between = model.between(first, last)
    told = in_words(model, between)
    if told is None:
        return model
    return replace(between, name=wording.say("pages.strip.span_of", model=model.name, span=told))


def in_words(whole: StageModel, model: StageModel) -> str | None:
    """Which stages are looked at; None where all are."""
    if model.stages == whole.stages:
        return None
    return wording.say("pages.strip.span", first=model.stages[0].name, last=model.stages[-1].name)


def clear(model: StageModel) -> None:
    """A callback: all stages are looked at."""
    for side, stage in ((FIRST, model.stages[0]), (LAST, model.stages[-1])):
        st.session_state[f"{side}_{model.key}"] = stage.key


def _stage(model: StageModel, side: str, usual: int) -> int:
    names = {stage.key: wording.plain(stage.name) for stage in model.stages}
    key, end = f"{side}_{model.key}", model.stages[usual].key
    before = st.session_state.get(f"{key}_usual", end)
    if before != end and st.session_state.get(key) == before:
        # Stages were put in another order: all of them are looked at still.
        st.session_state[key] = end
    st.session_state[f"{key}_usual"] = end
    chosen = st.selectbox(
        wording.say(f"pages.strip.{side}_stage"),
        list(names),
        index=usual,
        format_func=lambda key: names.get(key, key),
        # Another model has other stages.
        key=key,
        bind="query-params",
        persist_state="session",
        width=200,
    )
    return list(names).index(chosen) if chosen in names else usual
