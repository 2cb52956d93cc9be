"""Funnel Lens: the funnel of any lead file, right about time and open about what it does not know.

import funnel
data_set = funnel.open("leads.csv")
data_set.steps("standard", rule="passed").to_pandas()
"""

from funnel.dataset import DataSet, open_files
from funnel.dataset import open_paths as open
from funnel.errors import FunnelError, MappingError, QuestionError, ReadingError
from funnel.mapping import Hints
from funnel.nouns import (
    AS_RECORDED,
    AsOf,
    Between,
    Entry,
    Filters,
    OneOf,
    Question,
    Rule,
    Shape,
    Stage,
    StageModel,
    Steps,
    Unit,
)

__all__ = [
    "AS_RECORDED",
    "AsOf",
    "Between",
    "DataSet",
    "Entry",
    "Filters",
    "FunnelError",
    "Hints",
    "MappingError",
    "OneOf",
    "Question",
    "QuestionError",
    "ReadingError",
    "Rule",
    "Shape",
    "Stage",
    "StageModel",
    "Steps",
    "Unit",
    "open",
    "open_files",
]
