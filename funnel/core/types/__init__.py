"""The types that every room shares: frozen values, standard library only. Positions count from 0; durations say their unit."""

from funnel.core.types.cohorts import FEWEST_AT_RISK, ByDay, Conversion, Period, Unknown
from funnel.core.types.endings import EndRule, Ends
from funnel.core.types.files import Attribute, FileCount, FileOnDisk, LabelCount, RawTable
from funnel.core.types.kinds import AsOf, Entry, Note, OrderReason, Outcome, Reopening, Rule, Shape, Unit
from funnel.core.types.models import (
    AFTER_WIN,
    AS_RECORDED,
    IGNORED,
    LOST_CONCEPTS,
    UNPLACED,
    WON_CONCEPT,
    Concept,
    Dialect,
    LabelFacts,
    Loop,
    Stage,
    StageModel,
    WrittenOrder,
)
from funnel.core.types.projects import DatedNote, SavedView, SavedWork, View
from funnel.core.types.questions import Between, Closed, Filters, OneOf, Question, Value, closed_within
from funnel.core.types.results import FEWEST_FOR_A_RATE, FEWEST_STAYS, FEWEST_TIMED, Rate
from funnel.core.types.segments import CLEAR, Contrast, Segment, Verdict
from funnel.core.types.spans import Bin, BinUnit, Histogram, Spans
from funnel.core.types.touches import Apart, Touches

__all__ = [
    "AFTER_WIN",
    "AS_RECORDED",
    "CLEAR",
    "FEWEST_AT_RISK",
    "FEWEST_FOR_A_RATE",
    "FEWEST_STAYS",
    "FEWEST_TIMED",
    "IGNORED",
    "LOST_CONCEPTS",
    "UNPLACED",
    "WON_CONCEPT",
    "Apart",
    "AsOf",
    "Attribute",
    "Between",
    "Bin",
    "BinUnit",
    "ByDay",
    "Closed",
    "Concept",
    "Contrast",
    "Conversion",
    "DatedNote",
    "Dialect",
    "EndRule",
    "Ends",
    "Entry",
    "FileCount",
    "FileOnDisk",
    "Filters",
    "Histogram",
    "LabelCount",
    "LabelFacts",
    "Loop",
    "Note",
    "OneOf",
    "OrderReason",
    "Outcome",
    "Period",
    "Question",
    "Rate",
    "RawTable",
    "Reopening",
    "Rule",
    "SavedView",
    "SavedWork",
    "Segment",
    "Shape",
    "Spans",
    "Stage",
    "StageModel",
    "Touches",
    "Unit",
    "Unknown",
    "Value",
    "Verdict",
    "View",
    "WrittenOrder",
    "closed_within",
]
