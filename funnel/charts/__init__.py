"""Results → Plotly figures, pure: the same result gives the same figure, and no figure asks the engine for anything."""

from funnel.charts.histogram import starts
from funnel.charts.look import Colours, colours, config, template
from funnel.charts.multiples import small_multiples
from funnel.charts.sentences import description
from funnel.charts.stages import funnel

__all__ = ["Colours", "colours", "config", "description", "funnel", "small_multiples", "starts", "template"]
