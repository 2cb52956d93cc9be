"""Funnel Lens: the funnel of any lead file, right about time and open about what it does not know.

import funnel
from funnel import measures
data_set = funnel.open("leads.csv")
data_set.ask(measures.steps, data_set.question("standard", rule="passed")).to_pandas()
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
    Unit,
)
from funnel.dataset import DataSet
from funnel.mapping import MappingOverrides
from funnel.measures.steps import Steps
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
    "MappingError",
    "MappingOverrides",
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
