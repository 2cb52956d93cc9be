"""Results → Plotly figures, pure: the same result gives the same figure, and no figure asks the engine for anything."""

from funnel.charts.accounts import account_sizes
from funnel.charts.ages import ages
from funnel.charts.aging import aging, describe_aging
from funnel.charts.browser import PROGRAM, PROGRAM_ADDRESS, spec
from funnel.charts.canvas.mirror import mirrored
from funnel.charts.canvas.theme import Colours, colours, config, template
from funnel.charts.cohort_summaries import describe_ages, describe_by_start, describe_dropoff, describe_step_trend
from funnel.charts.cohort_words import cohort_name
from funnel.charts.compared import change, columns
from funnel.charts.flows import lineup, overlap
from funnel.charts.forest import scan, segments_forest
from funnel.charts.headline import headline
from funnel.charts.heat import dropoff
from funnel.charts.histogram import starts
from funnel.charts.move_words import describe_moves, move_sentence
from funnel.charts.moves import moves
from funnel.charts.multiples import group_funnels, small_multiples
from funnel.charts.period_summaries import describe_chain, describe_periods, describe_plan
from funnel.charts.plan import plan_curve
from funnel.charts.ring import loop
from funnel.charts.segment_curves import segment_curves
from funnel.charts.segment_summaries import (
    describe_scan,
    describe_segment_curves,
    describe_segment_steps,
    describe_segments,
)
from funnel.charts.sentences import description, stuck
from funnel.charts.stage_visits import describe_stay_curves, describe_stay_histogram, stay_curves, stay_histogram
from funnel.charts.stages import funnel
from funnel.charts.step_grid import segments_steps
from funnel.charts.step_trends import step_trend
from funnel.charts.summaries import (
    describe_account_sizes,
    describe_backward,
    describe_lineup,
    describe_loop,
    describe_overlap,
)
from funnel.charts.times import (
    describe_group_times,
    describe_stage_times,
    describe_step_times,
    group_times,
    stage_times,
    step_times,
)
from funnel.charts.trends import by_start
from funnel.charts.waterfall import chain_waterfall, periods_waterfall
from funnel.charts.wins import backward

__all__ = [
    "PROGRAM",
    "PROGRAM_ADDRESS",
    "Colours",
    "account_sizes",
    "ages",
    "aging",
    "backward",
    "by_start",
    "chain_waterfall",
    "change",
    "cohort_name",
    "colours",
    "columns",
    "config",
    "describe_account_sizes",
    "describe_ages",
    "describe_aging",
    "describe_backward",
    "describe_by_start",
    "describe_chain",
    "describe_dropoff",
    "describe_group_times",
    "describe_lineup",
    "describe_loop",
    "describe_moves",
    "describe_overlap",
    "describe_periods",
    "describe_plan",
    "describe_scan",
    "describe_segment_curves",
    "describe_segment_steps",
    "describe_segments",
    "describe_stage_times",
    "describe_stay_curves",
    "describe_stay_histogram",
    "describe_step_times",
    "describe_step_trend",
    "description",
    "dropoff",
    "funnel",
    "group_funnels",
    "group_times",
    "headline",
    "lineup",
    "loop",
    "mirrored",
    "move_sentence",
    "moves",
    "overlap",
    "periods_waterfall",
    "plan_curve",
    "scan",
    "segment_curves",
    "segments_forest",
    "segments_steps",
    "small_multiples",
    "spec",
    "stage_times",
    "starts",
    "stay_curves",
    "stay_histogram",
    "step_times",
    "step_trend",
    "stuck",
    "template",
]
