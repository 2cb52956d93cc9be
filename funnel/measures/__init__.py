"""Journeys → results: each measure is one short file."""

from funnel.measures.aging import aging, stalled
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
from funnel.measures.moves import moves
from funnel.measures.rates import wilson
from funnel.measures.recorded import MOST_STAGES, as_recorded, inferred_order, labels_model
from funnel.measures.scores import landmark, score
from funnel.measures.steps import breakdown, rule_moves, steps
from funnel.measures.times import times, times_by
from funnel.measures.velocity import velocity
from funnel.measures.verdict import verdict

__all__ = [
    "DAYS",
    "MOST_STAGES",
    "aging",
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
    "moves",
    "reference",
    "rule_moves",
    "score",
    "stalled",
    "starts",
    "steps",
    "times",
    "times_by",
    "trend",
    "velocity",
    "verdict",
    "wilson",
]
