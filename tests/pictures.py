"""The charts of a page that AppTest ran."""

from __future__ import annotations

import json
from typing import Any

import plotly.graph_objects as go

CHART = "funnel-lens.chart"


def pictures(block: Any) -> list[str]:
    """The figure of each chart as JSON text, in the order of the page; each was put through Plotly's own check."""
    told = [json.loads(each.proto.json) for each in block.get("bidi_component") if each.proto.component_name == CHART]
    for each in told:
        go.Figure(json.loads(each["figure"]))
    return [each["figure"] for each in told]
