"""Journeys → results: each measure is one short file."""

from funnel.measures.alignment import alignment, flows, lined_up, reference
from funnel.measures.backward import backward
from funnel.measures.changed import change
from funnel.measures.cohort_amounts import cohort_amounts
from funnel.measures.cohorts import DAYS, cohorts, trend
from funnel.measures.curves import curves
from funnel.measures.deciders import deciders
from funnel.measures.figures import headline, starts
from funnel.measures.listing import leads_at
from funnel.measures.loyalty import loyalty
from funnel.measures.rates import wilson
from funnel.measures.recorded import MOST_STAGES, as_recorded, inferred_order, labels_model
from funnel.measures.scores import landmark, score
from funnel.measures.steps import breakdown, rule_moves, steps
from funnel.measures.verdict import verdict

__all__ = [
    "DAYS",
    "MOST_STAGES",
    "alignment",
    "as_recorded",
    "backward",
    "breakdown",
    "change",
    "cohort_amounts",
    "cohorts",
    "curves",
    "deciders",
    "flows",
    "headline",
    "inferred_order",
    "labels_model",
    "landmark",
    "leads_at",
    "lined_up",
    "loyalty",
    "reference",
    "rule_moves",
    "score",
    "starts",
    "steps",
    "trend",
    "verdict",
    "wilson",
]
