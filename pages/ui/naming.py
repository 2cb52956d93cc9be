"""Models of one's own side by side: each has a name and a key that no other has, nor any of the catalogue's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from funnel import AS_RECORDED, StageModel, catalogue
from pages.ui.draft import free, slug


def kept_with(own: Mapping[str, StageModel], model: StageModel) -> tuple[dict[str, StageModel], StageModel]:
    """The models with one more, and that one as it is kept: in place of an own one of the same name; a name or key of the catalogue's
    gets a number."""
    catalogued = catalogue.models()
    name = free(model.name, {each.name for each in catalogued} | {catalogue.recorded().name})
    same = next((key for key, each in own.items() if each.name == name), None)
    taken = {each.key for each in catalogued} | {AS_RECORDED} | own.keys()
    saved = replace(model, name=name, key=same or free(slug(name) or "own", taken, "-"))
    return {**own, saved.key: saved}, saved


def adopted(own: Mapping[str, StageModel], models: Iterable[StageModel]) -> dict[str, StageModel]:
    """Those models under their own keys, unless the catalogue has them, and behind them what was kept before; of these, what has the key
    or the name of one of them gets another."""
    models_by_key: dict[str, StageModel] = {}
    catalogued = {each.key for each in catalogue.models()} | {AS_RECORDED}
    for model in models:
        key = free(model.key, catalogued | models_by_key.keys(), "-")
        models_by_key[key] = replace(model, key=key)
    for model in own.values():
        if model not in models_by_key.values():
            key = free(model.key, catalogued | models_by_key.keys(), "-")
            name = free(model.name, {each.name for each in models_by_key.values()})
            models_by_key[key] = replace(model, key=key, name=name)
    return models_by_key
