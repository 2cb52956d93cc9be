"""Concepts, the stages of models, and how CRMs word their exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from funnel.core.types.kinds import OrderReason, Unit

LOST_CONCEPTS = ("lost", "disqualified", "unresponsive")
AS_RECORDED = "as-recorded"
"""The key of the model of a file's own labels."""
WON_CONCEPT = "won"
AFTER_WIN = ("onboarding", "retention", "expansion", "advocacy")
IGNORED = "ignored"
UNPLACED = "unplaced"
"""The concepts of a label that says nothing of stages, and of one that means none of ours: that stays a stage of the file, but no model
of concepts places it."""


@dataclass(frozen=True)
class Concept:
    """A place in the usual order of a sale that labels of any file can mean. `kind` is "stage" or "exit"."""

    key: str
    position: int
    kind: str
    names: Mapping[str, str]
    synonyms: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """One step of a model. It takes the labels it names, and the labels that mean one of its concepts.

    `entry` (what must be true to enter it) and `ask` (what to ask there) are sentences for people; empty, those of its concepts hold,
    which the catalogue knows. `requires` are columns of a file that must be filled to enter it, as people call them.
    """

    key: str
    name: str
    concepts: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    entry: str = ""
    ask: str = ""
    requires: tuple[str, ...] = ()


@dataclass(frozen=True)
class Loop:
    """A loyalty loop: customers who come back to the stage `to` without those of `past` stages again; keys of stages."""

    to: str
    past: tuple[str, ...]


@dataclass(frozen=True)
class Version:
    """The stages of a model for leads that start on a day from `since` on, until the next version; None: from the beginning."""

    since: date | None
    stages: tuple[Stage, ...]


@dataclass(frozen=True)
class Seam:
    """Keeps leads whose first entry at any stage of any version of a model was from the day `since` on, and before `until` (None:
    open): those that belong to one version of it. `taken` are the stages of all versions."""

    kind: str
    taken: tuple[Stage, ...]
    since: date | None
    until: date | None

    def labels(self, concepts: Mapping[str, str]) -> frozenset[str]:
        """The labels of a file that any version takes. `concepts` gives the concept of each label of the file."""
        named = {label for stage in self.taken for label in stage.labels}
        meant = {concept for stage in self.taken for concept in stage.concepts} if self.kind == "concepts" else set()
        return frozenset(label for label, concept in concepts.items() if label in named or concept in meant)


@dataclass(frozen=True)
class StageModel:
    """A way of looking at leads: stages in the order in which a lead walks them.

    `kind` is "concepts" (from the catalogue) or "labels" (the file's own). `unit` is what the model counts where the file
    allows it. `reading` is "forward", or "backward" for a model that is read from the win. `left_out` are the concepts that
    it deliberately does not place. `year` and `source` say where it comes from.

    A model may have changed on days: then `versions` are its stages since each, the first since ever, and this is the one of the number
    `version`: `stages` are its stages, or some of them, and only leads that belong to it are looked at. `seams`: of all leads only those
    that meet each of these.
    """

    key: str
    name: str
    stages: tuple[Stage, ...]
    kind: str = "concepts"
    description: str = ""
    unit: Unit = Unit.LEAD
    reading: str = "forward"
    loop: Loop | None = None
    left_out: tuple[str, ...] = ()
    year: int | None = None
    source: str = ""
    versions: tuple[Version, ...] = ()
    version: int = 0
    seams: tuple[Seam, ...] = ()

    def in_version(self, number: int) -> StageModel:
        """The model as it is for leads of the version of this number; itself where it has none."""
        if not self.versions:
            return self
        taken = tuple(dict.fromkeys(stage for version in self.versions for stage in version.stages))
        until = self.versions[number + 1].since if number + 1 < len(self.versions) else None
        chosen = self.versions[number]
        seam = Seam(self.kind, taken, chosen.since, until)
        return replace(self, stages=chosen.stages, version=number, seams=(seam,))

    def on(self, day: date) -> StageModel:
        """The model in the version that is in force on a day; itself where it has none."""
        number = sum(version.since is not None and version.since <= day for version in self.versions)
        return self.in_version(number)

    def between(self, first: int, last: int) -> StageModel:
        """The model of its stages from one position to another, both included: leads enter it where they first come to one of these. A loop
        stays where all its stages do."""
        stages = self.stages[first : last + 1]
        keys = {stage.key for stage in stages}
        loop = self.loop if self.loop is not None and {self.loop.to, *self.loop.past} <= keys else None
        return self if stages == self.stages else replace(self, stages=stages, loop=loop)

    @property
    def reading_order(self) -> tuple[Stage, ...]:
        """The stages as the model is read: from the win back where it is read backward."""
        return self.stages[::-1] if self.reading == "backward" else self.stages

    def win_stage(self, concepts: Mapping[str, str]) -> int | None:
        """The position of the stage that takes the win; None where no stage does. `concepts` as in `placement`."""
        placement = self.placement(concepts)
        taken = [
            placement[label] for label, concept in concepts.items() if concept == WON_CONCEPT and label in placement
        ]
        if self.kind == "concepts":
            taken += [position for position, stage in enumerate(self.stages) if WON_CONCEPT in stage.concepts]
        return min(taken, default=None)

    def way(self, concepts: Mapping[str, str]) -> int:
        """Into how many equal stretches the stages cut the way to the win: as many as a lead can stand at before it has won.

        The stage that takes the win is one of them when it takes also what comes before (a "bottom of the funnel").
        """
        win = self.win_stage(concepts)
        if win is None:
            return len(self.stages)
        past = (WON_CONCEPT, *AFTER_WIN)
        taken = [concepts[label] for label, position in self.placement(concepts).items() if position == win]
        if self.kind == "concepts":
            taken += self.stages[win].concepts
        return win + any(concept not in past for concept in taken)

    def pure_win_stage(self, concepts: Mapping[str, str]) -> int | None:
        """The position of the stage that takes the win, and nothing that comes before it; None where there is none such."""
        win = self.win_stage(concepts)
        return win if win == self.way(concepts) else None

    def placement(self, concepts: Mapping[str, str]) -> dict[str, int]:
        """The stage position of each label of a file that the model can place.

        `concepts` gives the concept of each label of the file. A stage that names the label itself wins over one that
        takes its concept; an exit or an ignored label is placed only by its name. A model of kind "labels" takes the labels
        that it names and no others: there, a stage's concepts only tell what its labels mean.
        """
        by_label = {label: position for position, stage in enumerate(self.stages) for label in stage.labels}
        stages = self.stages if self.kind == "concepts" else ()
        by_concept = {concept: position for position, stage in enumerate(stages) for concept in stage.concepts}
        positions = {label: by_label.get(label, by_concept.get(concept)) for label, concept in concepts.items()}
        return {label: position for label, position in positions.items() if position is not None}


@dataclass(frozen=True)
class WrittenOrder:
    """Some labels of a file in an order that the file itself writes down: the smaller the position, the earlier."""

    reason: OrderReason
    positions: Mapping[str, int]


@dataclass(frozen=True)
class Dialect:
    """How one kind of CRM export words its headers and values. All texts are as `catalogue.normalised` makes them.

    `parts` gives the headers of each part, the likeliest first. `stage_dates` and `stage_exits` are regular expressions with
    a group `label`, for headers (as written, trimmed) of dates on which a lead entered or left a label. Of a log of changes:
    `stage_fields`, `lost_fields`, `created_fields` are the names of fields whose changes mean a stage, a loss, a new lead.
    `won_values`, `lost_values`, `open_values` are what an outcome column holds. `labels` gives the concept of a label.
    """

    key: str
    name: str
    parts: Mapping[str, tuple[str, ...]]
    stage_dates: tuple[str, ...] = ()
    stage_exits: tuple[str, ...] = ()
    stage_fields: tuple[str, ...] = ()
    lost_fields: tuple[str, ...] = ()
    created_fields: tuple[str, ...] = ()
    won_values: tuple[str, ...] = ()
    lost_values: tuple[str, ...] = ()
    open_values: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LabelFacts:
    """What is known of the labels of a file beside how leads moved.

    `concepts` names the labels with most leads first; `usual_order` is the position of each concept in a sale; `written` are the
    orders that the file writes down, of which the first decides. `by_time`: a line of the file is an entry with its time, so
    that it has first what was entered first; else what stands in an earlier line.
    """

    concepts: Mapping[str, str]
    usual_order: Mapping[str, int]
    written: tuple[WrittenOrder, ...]
    by_time: bool

    @property
    def stages(self) -> list[str]:
        """The labels that are no exit and not ignored, those of most leads first."""
        return [label for label, concept in self.concepts.items() if concept not in (IGNORED, *LOST_CONCEPTS)]
