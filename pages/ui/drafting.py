"""The draft of the session: where it begins, what was changed, and the way back. Callbacks, run before the page is drawn.

Until something is changed the draft is a copy of the strip's model, so it follows that and the file.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from funnel import AS_RECORDED, DataSet, FunnelError, StageModel, catalogue
from funnel.words import directions, wording
from pages.server import edit_conflicts
from pages.server.sessions import current
from pages.strip import strip
from pages.ui import own_models, texts
from pages.ui.draft import Draft

PROBLEM = "model_problem"
MOST_UNDONE = 100


def drafts() -> tuple[Draft, ...]:
    """The drafts of this session, the one being edited last; at least one."""
    return current().drafts or (copy_of(_chosen()),)


def _chosen() -> StageModel:
    """The model of the strip, as it was chosen on another page."""
    asked: StageModel = st.session_state["question"].model
    data_set = current().data_set
    models = own_models.choices(data_set) if data_set is not None else {}
    return models.get(st.session_state.get(strip.MODEL, ""), asked)


def copy_of(model: StageModel) -> Draft:
    """A draft of a model, under a name of its own; an own model is edited under its name."""
    own = model.key in own_models.own()
    return (
        Draft.of(model)
        if own
        else Draft.of(model, directions.bare(wording.say("pages.editor.copy_of", name=model.name)))
    )


def base(draft: Draft, data_set: DataSet) -> StageModel | None:
    """The model that the draft began as; the labels as recorded are those of the file that is open now."""
    if draft.began_as is not None and draft.began_as.key == AS_RECORDED:
        return data_set.as_recorded()
    return draft.began_as


def begin(draft: Draft) -> None:
    """Edit this draft; the one before is a step back."""
    if edit_conflicts.may_change(current(), edit_conflicts.DRAFT):
        current().drafts = (*drafts(), draft)[-MOST_UNDONE:]


def change(edit: Callable[[Draft], Draft]) -> None:
    """Edit the draft that comes of the present one."""
    before = drafts()[-1]
    after = edit(before)
    if after != before:
        begin(after)


def undo() -> None:
    """Take the last change back."""
    versions = drafts()
    if len(versions) > 1 and edit_conflicts.may_change(current(), edit_conflicts.DRAFT):
        current().drafts = versions[:-1]


def load(key: str) -> None:
    """Begin with the model file in the upload box of this key, or say what is wrong with it."""
    upload = st.session_state.get(key)
    if upload is None:
        return
    # A new key is a new, empty box: the next file is taken even if it is the same one.
    st.session_state["model_file_turn"] = st.session_state.get("model_file_turn", 0) + 1
    try:
        model = catalogue.read_model_text(upload.getvalue(), upload.name)
    except FunnelError as error:
        st.session_state[PROBLEM] = texts.problem(error)
    else:
        begin(Draft.of(model))


def box_key() -> str:
    """The key of the upload box, which changes with each file."""
    return f"model_file_{st.session_state.get('model_file_turn', 0)}"


def held(key: str, value: object) -> str:
    """The key of a widget that shows this value of the draft, whatever it showed before."""
    if st.session_state.get(key) != value:
        st.session_state[key] = value
    return key
