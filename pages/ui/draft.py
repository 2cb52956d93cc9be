"""A stage model while a person shapes it: every change gives a new draft, and a draft may be wrong for a while."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from funnel import Stage, StageModel, Unit, catalogue
from funnel.core.types import IGNORED, LOST_CONCEPTS, Loop, Note, Version

LONGEST_KEY = 60


@dataclass(frozen=True)
class DraftStage:
    """A stage being shaped. `id` stays whatever becomes of its name and place; `key` is None once it was renamed."""

    id: str
    name: str = ""
    concepts: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    key: str | None = None
    entry: str = ""
    ask: str = ""
    requires: tuple[str, ...] = ()

    @property
    def stage(self) -> Stage:
        """As a stage of a model, of no key if it was renamed."""
        return Stage(
            key=self.key or "",
            name=self.name.strip(),
            concepts=self.concepts,
            labels=self.labels,
            entry=self.entry.strip(),
            ask=self.ask.strip(),
            requires=self.requires,
        )

    @property
    def takes_nothing(self) -> bool:
        """Neither a concept nor a label."""
        return not self.concepts and not self.labels


@dataclass(frozen=True)
class Draft:
    """Stages in order, and what the model says of itself. `loop` names stages by their ids; `began_as` is the model it
    was made from, None where it began empty. Of a model that changed on days `versions` are all of them, and the stages those of the one
    of the number `version`: that one is shaped, the others stay as they are.

    A concept, and a label, is in one stage at most: a stage that takes it takes it away from the other.
    """

    name: str
    stages: tuple[DraftStage, ...] = ()
    description: str = ""
    unit: Unit = Unit.LEAD
    reading: str = "forward"
    loop: Loop | None = None
    left_out: tuple[str, ...] = ()
    year: int | None = None
    source: str = ""
    began_as: StageModel | None = None
    versions: tuple[Version, ...] = ()
    version: int = 0

    @staticmethod
    def of(model: StageModel, name: str | None = None) -> Draft:
        """A model to be changed; under a new name it is a new model, which does not come from where the old one did.

        In a model of the file's own labels, concepts place nothing; they are left away here, where they would.
        """
        stages = _shaped(model.stages, model.kind)
        versions = tuple(
            replace(version, stages=tuple(each.stage for each in _shaped(version.stages, model.kind)))
            for version in model.versions
        )
        ids = {stage.key: stage.id for stage in stages if stage.key is not None}
        return Draft(
            name=model.name if name is None else name,
            stages=stages,
            description=model.description,
            unit=model.unit,
            reading=model.reading,
            loop=_renamed(model.loop, ids),
            left_out=model.left_out,
            year=model.year if name is None else None,
            source=model.source if name is None else "",
            began_as=model,
            versions=versions,
            version=model.version,
        )

    def of_version(self, number: int) -> Draft:
        """The draft of another version; what was done to this one stays in it. As it is where it has no such version, or is not whole."""
        if number == self.version or not 0 <= number < len(self.versions) or self.problems():
            return self
        # Which model it began as does not change with that.
        return replace(Draft.of(self.model().in_version(number)), began_as=self.began_as)

    def model(self, key: str = "draft") -> StageModel:
        """The draft as a model. A renamed or new stage gets a key made from its name."""
        keys: dict[str, str] = {}
        for stage in self.stages:
            wished = stage.key or slug(stage.name) or f"stage-{len(keys) + 1}"
            keys[stage.id] = free(wished, set(keys.values()), "-")
        stages = tuple(replace(stage.stage, key=keys[stage.id]) for stage in self.stages)
        versions = tuple(
            replace(version, stages=stages) if number == self.version else version
            for number, version in enumerate(self.versions)
        )
        each = (*stages, *(stage for version in versions for stage in version.stages))
        placed = {concept for stage in each for concept in stage.concepts}
        model = StageModel(
            key=key,
            name=self.name.strip(),
            stages=stages,
            description=self.description.strip(),
            unit=self.unit,
            reading=self.reading,
            loop=_renamed(self.loop, keys),
            left_out=tuple(concept for concept in self.left_out if concept not in placed),
            year=self.year,
            source=self.source,
            versions=versions,
        )
        return model.in_version(self.version)

    def add(self, name: str) -> Draft:
        """With one more stage at the end, which takes nothing yet."""
        number = max((int(stage.id) for stage in self.stages), default=-1) + 1
        return replace(self, stages=(*self.stages, DraftStage(str(number), name)))

    def rename(self, id: str, name: str) -> Draft:
        """With another name for a stage."""
        return self._with(id, lambda stage: replace(stage, name=name, key=stage.key if stage.name == name else None))

    def move(self, id: str, by: int) -> Draft:
        """With a stage earlier (by −1) or later (by 1); as it is where there is no such place."""
        here = self._index(id)
        if here is None or not 0 <= here + by < len(self.stages):
            return self
        there = here + by
        stages = list(self.stages)
        stages[here], stages[there] = stages[there], stages[here]
        return replace(self, stages=tuple(stages))

    def merge(self, id: str) -> Draft:
        """With a stage and the next as one, under the first one's name; as it is where there is no next. To enter it is to enter the first
        one; what was to be asked at either is asked there."""
        here = self._index(id)
        if here is None or here + 1 >= len(self.stages):
            return self
        first, second = self.stages[here : here + 2]
        both = replace(
            first,
            concepts=first.concepts + second.concepts,
            labels=first.labels + second.labels,
            ask=" ".join(filter(None, (first.ask.strip(), second.ask.strip()))),
        )
        rest = (*self.stages[:here], both, *self.stages[here + 2 :])
        ids = {stage.id: stage.id for stage in rest} | {second.id: first.id}
        return replace(self, stages=rest, loop=_renamed(self.loop, ids))

    def remove(self, id: str) -> Draft:
        """Without a stage; what it took is then placed nowhere."""
        rest = tuple(stage for stage in self.stages if stage.id != id)
        return replace(self, stages=rest, loop=_renamed(self.loop, {stage.id: stage.id for stage in rest}))

    def take_concepts(self, id: str, concepts: Sequence[str]) -> Draft:
        """With these concepts in a stage, and in no other."""
        others = tuple(
            replace(stage, concepts=tuple(each for each in stage.concepts if each not in concepts))
            for stage in self.stages
        )
        return replace(self, stages=others)._with(id, lambda stage: replace(stage, concepts=tuple(concepts)))

    def take_labels(self, id: str, labels: Sequence[str]) -> Draft:
        """With these labels of the file in a stage, and in no other."""
        others = tuple(
            replace(stage, labels=tuple(each for each in stage.labels if each not in labels)) for stage in self.stages
        )
        return replace(self, stages=others)._with(id, lambda stage: replace(stage, labels=tuple(labels)))

    def enter(self, id: str, sentence: str) -> Draft:
        """With another sentence that says what must be true to enter a stage; of a blank one, that of its concepts holds."""
        return self._with(id, lambda stage: replace(stage, entry=sentence))

    def ask(self, id: str, sentence: str) -> Draft:
        """With other questions to ask at a stage; of blank ones, those of its concepts hold."""
        return self._with(id, lambda stage: replace(stage, ask=sentence))

    def require(self, id: str, columns: Sequence[str]) -> Draft:
        """With these columns to be filled to enter a stage."""
        return self._with(id, lambda stage: replace(stage, requires=tuple(columns)))

    def problems(self) -> tuple[Note, ...]:
        """What keeps the draft from being a model, in the order of its stages; empty where nothing does."""
        if not self.stages:
            return (Note("pages.editor.problem.no_stage"),)
        notes = [] if self.name.strip() else [Note("pages.editor.problem.no_name")]
        first_number: dict[str, int] = {}
        for number, stage in enumerate(self.stages, 1):
            name = stage.name.strip()
            if not name:
                notes.append(Note("pages.editor.problem.unnamed", {"place": number}))
            elif name.casefold() in first_number:
                values = {"place": number, "other": first_number[name.casefold()], "stage": name}
                notes.append(Note("pages.editor.problem.same_name", values))
            first_number.setdefault(name.casefold(), number)
            if stage.takes_nothing:
                notes.append(Note("pages.editor.problem.takes_nothing", {"place": number, "stage": name}))
        return tuple(notes)

    def unplaced_concepts(self, concepts: Sequence[str]) -> tuple[str, ...]:
        """Those concepts that no stage takes, in their order."""
        placed = {concept for stage in self.stages for concept in stage.concepts}
        return tuple(concept for concept in concepts if concept not in placed)

    def unplaced_labels(self, concepts: Mapping[str, str]) -> tuple[str, ...]:
        """The labels of a file that no stage takes, by themselves or by their concept. `concepts`: label → concept.

        Exits and ignored labels are no stages, so they are not missed.
        """
        placed = self.model().placement(concepts)
        nowhere = (IGNORED, *LOST_CONCEPTS)
        return tuple(label for label, concept in concepts.items() if label not in placed and concept not in nowhere)

    def _index(self, id: str) -> int | None:
        """None where there is no such stage, or no more: another tab of the browser may have taken it away."""
        return next((index for index, stage in enumerate(self.stages) if stage.id == id), None)

    def _with(self, id: str, change: Callable[[DraftStage], DraftStage]) -> Draft:
        return replace(self, stages=tuple(change(stage) if stage.id == id else stage for stage in self.stages))


def _shaped(stages: Sequence[Stage], kind: str) -> tuple[DraftStage, ...]:
    return tuple(
        DraftStage(
            id=str(index),
            name=stage.name,
            concepts=() if kind == "labels" else stage.concepts,
            labels=stage.labels,
            key=stage.key,
            entry=stage.entry,
            ask=stage.ask,
            requires=stage.requires,
        )
        for index, stage in enumerate(stages)
    )


def slug(name: str) -> str:
    """A name as a key, also fit for a file: lower-case words joined by hyphens; empty where it has no letter or digit."""
    key = catalogue.normalised(name).replace(" ", "-")
    return key[:LONGEST_KEY].strip("-") if any(sign.isalnum() for sign in key) else ""


def free(wished: str, taken: set[str], joint: str = " ") -> str:
    """A text that is not taken: the one wished for, else with 2, 3, … behind it."""
    text, turn = wished, 1
    while text in taken:
        turn += 1
        text = f"{wished}{joint}{turn}"
    return text


def _renamed(loop: Loop | None, names: Mapping[str, str]) -> Loop | None:
    """A loop under other names for its stages; None where it has lost its stage, or all that it passes by."""
    if loop is None or loop.to not in names:
        return None
    to = names[loop.to]
    past = tuple(dict.fromkeys(names[key] for key in loop.past if key in names))
    past = tuple(name for name in past if name != to)
    return Loop(to, past) if past else None
