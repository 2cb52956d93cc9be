"""Two to four models to compare, one box each in a row: the model, and its own rule and window where they should differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from funnel import AS_RECORDED, DataSet, Question, StageModel, Unit
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.sidebar import order, rule_boxes
from pages.ui import own_models, texts

PLACES = (1, 2, 3, 4)
LEAST = 2
NONE = ""
USUAL = ("standard", "aida", "tofu-mofu-bofu")


def show(workspace: Workspace, data_set: DataSet, base: Question) -> tuple[Question, ...]:
    """A question for each model chosen, else like `base`, in the order of the boxes; a model counts once. One that is made to
    count accounts does so where the file has them.

    The first two boxes always hold a model, the others may be empty.
    """
    models = own_models.choices(data_set)
    usual = [key for key in (*USUAL, *models) if key in models]
    asked: dict[str, Question] = {}
    twice = []
    with st.container(horizontal=True, key="compared"):
        for place in PLACES:
            with st.container(key=f"compared_{place}", gap="xsmall"):
                key = _model(place, models, usual)
                if key is None:
                    continue
                model = models[key]
                unit = base.unit if base.unit is Unit.ACCOUNT else data_set.unit_of(model)
                question = _counted(place, replace(base, model=model, unit=unit))
                if key == AS_RECORDED and key not in asked:
                    question = replace(question, model=order.show(workspace, data_set))
            if key in asked:
                twice.append(models[key].name)
            else:
                asked[key] = question
    for name in twice:
        st.caption(wording.say("pages.models.twice", model=wording.escape_markdown(name)))
    return tuple(asked.values())


def _model(place: int, models: Mapping[str, StageModel], usual: list[str]) -> str | None:
    keys = list(models) if place <= LEAST else [NONE, *models]
    first = usual[place - 1] if place <= min(len(USUAL), len(usual)) else NONE
    chosen = st.selectbox(
        wording.say("pages.models.model", place=place),
        keys,
        index=keys.index(first),
        format_func=lambda key: wording.say("pages.models.no_model") if key == NONE else models[key].name,
        key=f"model_{place}",
        bind="query-params",
        label_visibility="collapsed",
    )
    return None if chosen == NONE else chosen


def _counted(place: int, base: Question) -> Question:
    """The question under a rule and a window of its own, if it was given them; they are said beside their box."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"counted_{place}", gap="small"):
        with st.popover(wording.say("pages.models.counted"), key=f"rules_{place}", type="tertiary"):
            if told := texts.origin(base.model):
                st.caption(told)
            own = st.toggle(
                wording.say("pages.models.own"),
                key=f"own_{place}",
                bind="query-params",
                help=wording.say("pages.models.own_help"),
            )
            if own:
                rule = rule_boxes.rule(f"rule_{place}", base.rule)
                base = replace(base, rule=rule, window_days=rule_boxes.window(f"window_{place}"))
        if own:
            st.caption(rule_boxes.told(base.rule, base.window_days))
    return base
