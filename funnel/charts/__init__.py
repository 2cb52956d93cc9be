"""Results → Plotly figures, pure: the same result gives the same figure, and no figure asks the engine for anything."""

from funnel.charts.accounts import deciders
from funnel.charts.compared import change, columns
from funnel.charts.flows import lineup, overlap
from funnel.charts.histogram import starts
from funnel.charts.lines import depth
from funnel.charts.look import Colours, colours, config, template
from funnel.charts.multiples import small_multiples
from funnel.charts.ring import loop
from funnel.charts.sentences import description
from funnel.charts.stages import funnel
from funnel.charts.summaries import (
    describe_backward,
    describe_deciders,
    describe_depth,
    describe_lineup,
    describe_loop,
    describe_overlap,
)
from funnel.charts.wins import backward

__all__ = [
    "Colours",
    "backward",
    "change",
    "colours",
    "columns",
    "config",
    "deciders",
    "depth",
    "describe_backward",
    "describe_deciders",
    "describe_depth",
    "describe_lineup",
    "describe_loop",
    "describe_overlap",
    "description",
    "funnel",
    "lineup",
    "loop",
    "overlap",
    "small_multiples",
    "starts",
    "template",
]
