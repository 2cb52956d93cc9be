"""Funnel Lens: the funnel of any lead file, right about time and open about what it does not know.

import funnel
data_set = funnel.open("leads.csv")
data_set.steps("standard", rule="passed").to_pandas()
"""

from funnel.core.errors import FunnelError, MappingError, QuestionError, ReadingError
from funnel.core.types import (
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
from funnel.dataset import DataSet
from funnel.mapping import Hints
from funnel.opening import open_files
from funnel.opening import open_paths as open

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
