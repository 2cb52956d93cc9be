"""Journeys → results: each measure is one short file."""

from funnel.measures.account_size import account_sizes
from funnel.measures.ages import MOST_FOR_GROUPS, usual_day
from funnel.measures.aging import aging, stalled
from funnel.measures.alignment import alignment, flows, lined_up, reference
from funnel.measures.backward import backward
from funnel.measures.bottleneck import bottleneck
from funnel.measures.cells import Column
from funnel.measures.changed import change
from funnel.measures.cohort_amounts import cohort_amounts
from funnel.measures.cohorts import DAYS, cohorts, trend
from funnel.measures.curves import curves
from funnel.measures.kpis import kpis, span, starts
from funnel.measures.loyalty import loyalty
from funnel.measures.moves import moves
from funnel.measures.order_evidence import LabelFacts
from funnel.measures.periods import periods
from funnel.measures.plans import plans
from funnel.measures.population.listing import leads_at
from funnel.measures.recorded import MOST_STAGES, as_recorded, inferred_order, labels_model
from funnel.measures.scan import scan
from funnel.measures.scores import landmark, score
from funnel.measures.segment_curves import segment_curves
from funnel.measures.segments import bands_as_segments, segments, values_as_segments
from funnel.measures.statistics.rates import wilson
from funnel.measures.steps import breakdown, ready_for_dates, rule_sensitivity, segment_steps, steps
from funnel.measures.times import times, times_by
from funnel.measures.unmet import unmet
from funnel.measures.velocity import velocity
from funnel.measures.verdict import verdict

__all__ = [
    "DAYS",
    "MOST_FOR_GROUPS",
    "MOST_STAGES",
    "Column",
    "LabelFacts",
    "account_sizes",
    "aging",
    "alignment",
    "as_recorded",
    "backward",
    "bands_as_segments",
    "bottleneck",
    "breakdown",
    "change",
    "cohort_amounts",
    "cohorts",
    "curves",
    "flows",
    "inferred_order",
    "kpis",
    "labels_model",
    "landmark",
    "leads_at",
    "lined_up",
    "loyalty",
    "moves",
    "periods",
    "plans",
    "ready_for_dates",
    "reference",
    "rule_sensitivity",
    "scan",
    "score",
    "segment_curves",
    "segment_steps",
    "segments",
    "span",
    "stalled",
    "starts",
    "steps",
    "times",
    "times_by",
    "trend",
    "unmet",
    "usual_day",
    "values_as_segments",
    "velocity",
    "verdict",
    "wilson",
]
