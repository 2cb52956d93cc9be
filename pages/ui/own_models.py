"""The models that can be looked through: the file's own labels, the catalogue's, and those made in this browser."""

from __future__ import annotations

from funnel import AS_RECORDED, DataSet, StageModel, catalogue
from pages.server import edit_conflicts
from pages.server.sessions import current
from pages.ui.naming import kept_with


def own() -> dict[str, StageModel]:
    """The browser's own models by key, in the order in which they were first kept."""
    return dict(current().own_models)


def choices(data_set: DataSet) -> dict[str, StageModel]:
    """All models by key: as recorded, the catalogue's, the browser's own. Keys and names are distinct."""
    catalogued = {model.key: model for model in catalogue.models()}
    return {AS_RECORDED: data_set.as_recorded(), **catalogued, **own()}


def save(model: StageModel) -> StageModel | None:
    """The model as it is kept: in place of an own one of the same name; a name or key of the catalogue's gets a number. None where
    another window has changed the models meanwhile: then it is not kept."""
    if not edit_conflicts.may_change(current(), edit_conflicts.MODELS):
        return None
    current().own_models, saved = kept_with(own(), model)
    return saved


def forget(key: str) -> None:
    """Keep an own model no longer; nothing happens where there is none of this key, or another window has changed the models."""
    if not edit_conflicts.may_change(current(), edit_conflicts.MODELS):
        return
    current().own_models = {other: model for other, model in own().items() if other != key}
