"""Which version of a model that changed on days is looked at: a box, and the sentence that says which leads are not counted for it."""

from __future__ import annotations

import streamlit as st

from funnel import Question, StageModel, measures
from funnel.charts import versions as picture
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.ui import texts
from pages.ui.ask import ask

FIRST = "first"


def box(model: StageModel, key: str = "") -> StageModel:
    """The model in the version chosen, the latest unless another is; as it is where it has no versions. `key` tells this box from others
    of the same model."""
    if not model.versions:
        return model
    days = {version.since.isoformat() if version.since else FIRST: n for n, version in enumerate(model.versions)}
    names = {day: picture.named(model.in_version(number).seams[0]) for day, number in days.items()}
    latest = len(days) - 1
    chosen = st.selectbox(
        wording.say("pages.strip.version"),
        list(days),
        index=latest,
        format_func=lambda day: names.get(day, day),
        # Another model has other versions.
        key=f"version_{key}{model.key}",
        bind="query-params",
        persist_state="session",
        label_visibility="collapsed",
        width=200,
    )
    return model.in_version(days.get(chosen, latest))


def tell(workspace: Workspace, question: Question) -> None:
    """Which version it is, and how many leads are in others; nothing of a model that did not change."""
    if question.model.versions:
        notes = ask(workspace, measures.version_notes, question)
        st.caption(" ".join(texts.sentence(note) for note in notes))
