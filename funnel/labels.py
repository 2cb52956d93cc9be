"""The labels of a data set: what each means, in which order they stand, and models made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from funnel import catalogue, mapping
from funnel.columns import listed
from funnel.core.engine import Engine
from funnel.core.errors import QuestionError
from funnel.core.types import AS_RECORDED, UNPLACED, LabelCount, LabelFacts, Shape, StageModel
from funnel.journeys import Tables
from funnel.measures.recorded import as_recorded, labels_model
from funnel.words import wording

SURE_NAME = 0.85
"""From this confidence on a text names the one label that means the same."""


class Labels:
    """The labels of one data set, each with its concept. `headers` are those of the file that a label stood in, `shape` what one of its
    lines is."""

    def __init__(self, counts: Iterable[LabelCount], headers: Mapping[str, str], shape: Shape) -> None:
        self.counts = tuple(counts)
        self.concepts = {label.label: label.concept for label in self.counts}
        self._headers = headers
        self._shape = shape

    def meaning(self, concepts: Mapping[str, str]) -> Labels:
        """The same labels, some of another concept; QuestionError of one that the file does not have."""
        for label in concepts:
            if label not in self.concepts:
                raise QuestionError("errors.unknown_label", label=label, accepted=listed(self.concepts))
        changed = (
            replace(label, concept=concepts[label.label], confidence=1.0) if label.label in concepts else label
            for label in self.counts
        )
        return Labels(changed, self._headers, self._shape)

    @property
    def facts(self) -> LabelFacts:
        """What orders the labels beside how leads moved."""
        positions = {label.label: label.position for label in self.counts if label.position is not None}
        written = mapping.written_orders(self.concepts, positions)
        by_time = self._shape in (Shape.HISTORY, Shape.CHANGES)
        return LabelFacts(self.concepts, catalogue.usual_order(), written, by_time)

    def model(self, stages: Sequence[Sequence[str]], key: str = "labels") -> StageModel:
        """A model of these labels in this order; labels that stand together are one stage, named by the first.

        A label is found by its spelling, else without regard to case, blanks and punctuation, else by the header it came
        from, else by its meaning when one label alone bears it. Raises QuestionError with the labels of the file.
        """
        return labels_model(
            key,
            wording.say("measures.labels_model"),
            [(group[0], tuple(self.named(text) for text in group)) for group in stages],
            self.concepts,
        )

    def named(self, text: str) -> str:
        """The label that a person means."""
        if text in self.concepts:
            return text
        wanted = catalogue.normalised(text)
        alike = [label for label in self.concepts if catalogue.normalised(label) == wanted]
        if not alike:
            alike = [label for label, header in self._headers.items() if catalogue.normalised(header) == wanted]
        if not alike:
            concept, confidence = mapping.guess(text)
            sure = confidence >= SURE_NAME
            alike = [label for label in self.concepts if sure and self.concepts[label] == concept != UNPLACED]
        if len(alike) == 1:
            return alike[0]
        raise QuestionError("errors.unknown_label", label=text, accepted=listed(self.concepts))


def recorded(engine: Engine, labels: Labels, tables: Tables, order: Sequence[str] | None) -> StageModel:
    """The file's own labels as a model, called by its key; in this order, where a folder that is asked as it was built tells it."""
    if order is not None:
        return labels_model(AS_RECORDED, AS_RECORDED, [(label, (label,)) for label in order], labels.concepts)
    return as_recorded(engine, labels.facts, AS_RECORDED, tables)


def named(in_file: Callable[[], StageModel], language: str) -> StageModel:
    """The file's own labels as a model, as it is called in a language."""
    with wording.speaking(language):
        called = catalogue.recorded()
    return replace(in_file(), name=called.name, description=called.description)
