"""Which leads belong to one version of a model that changed on days, as SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from funnel.core.sql import Query, identifier, least
from funnel.core.types import Ends, Seam, StageModel
from funnel.journeys.build import local_time
from funnel.journeys.first_last import STAGE, label_numbers, meaning


class Dated(Protocol):
    """What is known of how a file dates its leads, as `Journeys` know it."""

    concepts: dict[str, str]
    start_from_created: bool
    dated_labels: frozenset[str]
    local_times: bool

    def ends(self, model: StageModel) -> Ends:
        """The labels that open a lead again in this model."""
        ...


def numbers_of(model: StageModel, known: Dated) -> dict[str, int]:
    """The numbers of the labels in `gathered` that the journeys of a model need, those that only another version takes among them."""
    begin = {label for seam in model.seams for label in seam.labels(known.concepts)}
    return label_numbers(model.placement(known.concepts), known.concepts, known.ends(model), begin)


def joined(seams: Sequence[Seam], numbers: Mapping[str, int], known: Dated) -> tuple[list[str], str]:
    """(conditions, joins) over `staged`: what must hold of a lead that belongs to each of these versions, and what brings its clocks there.
    `numbers` are those of the labels in `gathered`."""
    conditions, joins = [], []
    for number, seam in enumerate(seams):
        local, join = _local(seam, number, "staged", numbers, known)
        conditions.append(_belongs(seam, local))
        joins.append(join)
    return conditions, "".join(joins)


def others_query(gathered: str, seams: Sequence[Seam], numbers: Mapping[str, int], known: Dated) -> Query:
    """The select behind a table of the leads that belong to none of these versions, or not to all: lead_id, and is_dated: whether the file
    tells when each came."""
    clocks, joins = [], []
    for number, seam in enumerate(seams):
        local, join = _local(seam, number, "every_lead", numbers, known)
        clocks.append((seam, local))
        joins.append(join)
    within = " AND ".join(f"COALESCE({_belongs(seam, local)}, FALSE)" for seam, local in clocks) or "TRUE"
    dated = " AND ".join(f"{local} IS NOT NULL" for _, local in clocks) or "TRUE"
    text = f"""SELECT every_lead.lead_id AS lead_id, {dated} AS is_dated
FROM {identifier(gathered)} AS every_lead{"".join(joins)}
WHERE NOT ({within})"""
    return Query(text)


def _local(seam: Seam, number: int, row: str, numbers: Mapping[str, int], known: Dated) -> tuple[str, str]:
    """(expression, join): when a lead first came to any stage of any version, by its own clock; NULL where the file does not tell. It is
    what the start is in a model of the stages of all versions together."""
    labels: Collection[str] = seam.labels(known.concepts) & numbers.keys()
    if known.start_from_created:
        labels = [each for each in labels if each in known.dated_labels and meaning(known.concepts[each]) == STAGE]
    moments = [f"{row}.earliest_{place}" for place in sorted({numbers[label] for label in labels})]
    first, created = [least(moments)] if moments else [], [f"{row}.created_at"]
    told = [*created, *first] if known.start_from_created else [*first, *created]
    moment = f"COALESCE({', '.join(told)})" if first else created[0]
    return local_time(f"{row}.lead_id", moment, f"clock_of_version_{number}", known.local_times)


def _belongs(seam: Seam, local: str) -> str:
    sides = [f"{local} {sign} {_day(day)}" for sign, day in ((">=", seam.since), ("<", seam.until)) if day is not None]
    return " AND ".join(sides or [f"{local} IS NOT NULL"])


def _day(day: date) -> str:
    """A day as SQL; only whole numbers are ever written into the text."""
    return f"MAKE_DATE({day.year:d}, {day.month:d}, {day.day:d})"
