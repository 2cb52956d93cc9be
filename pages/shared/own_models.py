"""The models that can be looked through: the file's own labels, the catalogue's, and those made in this browser."""

from __future__ import annotations

from dataclasses import replace

from funnel import AS_RECORDED, DataSet, StageModel, catalogue
from pages.shared.draft import free, slug
from pages.shared.workspace import current


def own() -> dict[str, StageModel]:
    """The browser's own models by key, in the order in which they were first kept."""
    return dict(current().own_models)


def choices(data_set: DataSet) -> dict[str, StageModel]:
    """All models by key: as recorded, the catalogue's, the browser's own. Keys and names are distinct."""
    known = {model.key: model for model in catalogue.models()}
    return {AS_RECORDED: data_set.as_recorded(), **known, **own()}


def save(model: StageModel) -> StageModel:
    """The model as it is kept: in place of an own one of the same name; a name or key of the catalogue's gets a number."""
    kept = own()
    catalogued = catalogue.models()
    name = free(model.name, {each.name for each in catalogued} | {catalogue.recorded().name})
    same = next((key for key, each in kept.items() if each.name == name), None)
    taken = {each.key for each in catalogued} | {AS_RECORDED} | kept.keys()
    saved = replace(model, name=name, key=same or free(slug(name) or "own", taken, "-"))
    current().own_models = {**kept, saved.key: saved}
    return saved


def forget(key: str) -> None:
    """Keep an own model no longer; nothing happens where there is none of this key."""
    current().own_models = {known: model for known, model in own().items() if known != key}
