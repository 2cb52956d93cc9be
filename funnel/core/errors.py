"""What went wrong with what a person gave us: what was found, where, and what is accepted."""

from typing import Any

from funnel.words import wording


class FunnelError(Exception):
    """One sentence for a person. `key` names the sentence in data/words, `values` fill it."""

    def __init__(self, key: str, /, **values: Any) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values

    def __str__(self) -> str:
        return wording.say(self.key, **self.values)


class ReadingError(FunnelError):
    """A file that cannot be read as a table."""


class SourceError(FunnelError):
    """A live source that is not known, or cannot be read just now."""


class MappingError(FunnelError):
    """A table in which leads, stages or dates cannot be found."""


class QuestionError(FunnelError):
    """A question that these leads cannot be asked: an unknown model, stage, column or date."""


class LackingError(QuestionError):
    """A question that no change of it would let these files answer: they do not hold what it takes, or too little of it."""


class ProjectError(FunnelError):
    """A project file that cannot be opened or saved; what was there before is as it was."""


class Interrupted(FunnelError):
    """A query that its user stopped."""


class Exhausted(FunnelError):
    """A query for which the disk, the memory or the time that it is allowed did not suffice; nothing of it is left."""
