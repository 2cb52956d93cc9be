"""Results as plain data for `--json`, and as text for people."""

from funnel.output.compared import comparison, comparison_text
from funnel.output.funnels import funnel, funnel_text, inspection, inspection_text, models, models_text
from funnel.output.text import AsText

__all__ = [
    "AsText",
    "comparison",
    "comparison_text",
    "funnel",
    "funnel_text",
    "inspection",
    "inspection_text",
    "models",
    "models_text",
]
