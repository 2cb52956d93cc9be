"""Journeys → results: each measure is one short file."""

from funnel.measures.figures import headline, starts
from funnel.measures.listing import leads_at
from funnel.measures.rates import wilson
from funnel.measures.recorded import MOST_STAGES, as_recorded, labels_model
from funnel.measures.steps import breakdown, rule_moves, steps

__all__ = [
    "MOST_STAGES",
    "as_recorded",
    "breakdown",
    "headline",
    "labels_model",
    "leads_at",
    "rule_moves",
    "starts",
    "steps",
    "wilson",
]
