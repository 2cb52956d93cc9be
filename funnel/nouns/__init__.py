"""The nouns that every room shares: frozen values, standard library only. Positions count from 0; durations say their unit."""

from funnel.nouns.files import Attribute, FileCount, FileOnDisk, LabelCount, RawTable
from funnel.nouns.kinds import Entry, Note, Outcome, Rule, Shape, Unit
from funnel.nouns.models import IGNORED, LOST_CONCEPTS, WON_CONCEPT, Concept, Dialect, Stage, StageModel
from funnel.nouns.questions import Between, Filters, OneOf, Question
from funnel.nouns.results import Breakdown, Headline, Rate, StageCount, Starts, Steps

__all__ = [
    "IGNORED",
    "LOST_CONCEPTS",
    "WON_CONCEPT",
    "Attribute",
    "Between",
    "Breakdown",
    "Concept",
    "Dialect",
    "Entry",
    "FileCount",
    "FileOnDisk",
    "Filters",
    "Headline",
    "LabelCount",
    "Note",
    "OneOf",
    "Outcome",
    "Question",
    "Rate",
    "RawTable",
    "Rule",
    "Shape",
    "Stage",
    "StageCount",
    "StageModel",
    "Starts",
    "Steps",
    "Unit",
]
