"""All tables of an upload → leads, history and touches, in one step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from funnel.core.engine import Engine
from funnel.core.errors import MappingError
from funnel.core.types import RawTable, Touches
from funnel.mapping.build.build import carry_out
from funnel.mapping.build.numbered import numbered
from funnel.mapping.headers import squashed
from funnel.mapping.recognise import recognise
from funnel.mapping.touches.build import build_touches, forget_touches
from funnel.mapping.touches.costs import costing
from funnel.mapping.touches.roles import divided
from funnel.mapping.types import ColumnMapping, Loaded, MappingOverrides


@dataclass(frozen=True)
class Together:
    """How the tables were understood and what became of them; `touches` is None where no table tells of any."""

    mapping: ColumnMapping
    loaded: Loaded
    numbered: bool
    touches: Touches | None


def map_together(engine: Engine, tables: Sequence[RawTable], overrides: MappingOverrides, as_of: datetime) -> Together:
    """`leads`, `history` and, of files of touches, `touches`, made anew, all or nothing; the errors are those of `recognise`, `carry_out`
    and `divided`."""
    with engine.transaction():
        costs = costing(engine, tables, overrides, as_of)
        priced = {file.raw.table for file in costs}
        rest = tuple(raw for raw in tables if raw.table not in priced)
        of_leads, touching = divided(engine, rest, overrides, as_of)
        if not touching and not overrides.touch_labels:
            # What channels cost is of no use without touches: then it is a list like any other.
            of_leads, costs = tuple(tables), ()
        try:
            mapped = recognise(engine, of_leads, as_of=as_of, overrides=overrides)
        except MappingError:
            if overrides.touches or not touching:
                raise
            # Without the files whose headers speak of touches there are no leads: then these are their history.
            of_leads, touching, costs = tuple(tables), (), ()
            mapped = recognise(engine, of_leads, as_of=as_of, overrides=overrides)
        loaded = carry_out(engine, of_leads, mapped, as_of=as_of)
        is_numbered = numbered(engine, mapped)
        forget_touches(engine)
        spoken = {squashed(text) for text in overrides.touch_labels}
        labels = [label.label for label in loaded.labels if squashed(label.label) in spoken]
        touches = None
        if touching or labels or costs:
            touches = build_touches(engine, touching, costs, labels, mapped, loaded.form, as_of)
    if touches is not None:
        counts = {raw.table: count for raw, count in zip(of_leads, loaded.files, strict=True)} | dict(touches.files)
        files = tuple(counts[raw.table] for raw in tables)
        loaded = replace(loaded, files=files, warnings=(*touches.notes, *loaded.warnings))
    return Together(mapped, loaded, is_numbered, touches)
