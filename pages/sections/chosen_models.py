"""Two to four models to compare, one box each in a row: the model, and its own rule and window where they should differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from funnel import AS_RECORDED, DataSet, Question, StageModel, Unit
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.strip import order, rule_boxes, versions
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
    questions: dict[str, Question] = {}
    twice = []
    with st.container(horizontal=True, key="compared"):
        for number in PLACES:
            with st.container(key=f"compared_{number}", gap="xsmall"):
                key = _model(number, models, usual)
                if key is None:
                    continue
                model = models[key]
                unit = base.unit if base.unit is Unit.ACCOUNT else data_set.unit_of(model)
                question = _counted(number, replace(base, model=versions.box(model, f"{number}_"), unit=unit))
                versions.tell(workspace, question)
                if key == AS_RECORDED and key not in questions:
                    question = replace(question, model=order.show(workspace, data_set))
            if key in questions:
                twice.append(models[key].name)
            else:
                questions[key] = question
    for name in twice:
        st.caption(wording.say("pages.models.twice", model=wording.escape_markdown(name)))
    return tuple(questions.values())


def _model(number: int, models: Mapping[str, StageModel], usual: list[str]) -> str | None:
    keys = list(models) if number <= LEAST else [NONE, *models]
    first = usual[number - 1] if number <= min(len(USUAL), len(usual)) else NONE
    chosen = st.selectbox(
        wording.say("pages.models.model", place=number),
        keys,
        index=keys.index(first),
        format_func=lambda key: wording.say("pages.models.no_model") if key == NONE else models[key].name,
        key=f"model_{number}",
        bind="query-params",
        label_visibility="collapsed",
    )
    return None if chosen == NONE else chosen


def _counted(number: int, base: Question) -> Question:
    """The question under a rule and a window of its own, if it was given them; they are said beside their box."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"counted_{number}", gap="small"):
        with st.popover(wording.say("pages.models.counted"), key=f"rules_{number}", type="tertiary"):
            if origin := texts.origin(base.model):
                st.caption(origin)
            own = st.toggle(
                wording.say("pages.models.own"),
                key=f"own_{number}",
                bind="query-params",
                help=wording.say("pages.models.own_help"),
            )
            if own:
                rule = rule_boxes.rule(f"rule_{number}", base.rule)
                base = replace(base, rule=rule, window_days=rule_boxes.window(f"window_{number}"))
        if own:
            st.caption(rule_boxes.in_words(base.rule, base.window_days))
    return base
