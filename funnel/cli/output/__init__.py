"""Results as plain data for `--json`, and as text for people."""

from funnel.cli.output.bridge import bridge, bridge_part, bridge_part_text, bridge_text, leads, leads_text
from funnel.cli.output.cohorts import cohorts, cohorts_text
from funnel.cli.output.compared import comparison, comparison_text
from funnel.cli.output.contrasts import said
from funnel.cli.output.effect import effect, effect_text
from funnel.cli.output.entry_conditions import entry_conditions, entry_conditions_text
from funnel.cli.output.expansion import expansion, expansion_text
from funnel.cli.output.forecast import forecast, forecast_text
from funnel.cli.output.funnels import funnel, funnel_text, inspection, inspection_text, models, models_text
from funnel.cli.output.moves import moves, moves_text
from funnel.cli.output.periods import change, change_text, plan, plan_text
from funnel.cli.output.score import score, score_csv, score_text
from funnel.cli.output.segments import scan, scan_text, segments, segments_text
from funnel.cli.output.target import target, target_text
from funnel.cli.output.text import AsText, as_json, in_lines, rows_text
from funnel.cli.output.times import times, times_text
from funnel.cli.output.touches import goes_before, goes_before_text, touches, touches_text
from funnel.cli.output.watch import watch, watch_lines

__all__ = [
    "AsText",
    "as_json",
    "bridge",
    "bridge_part",
    "bridge_part_text",
    "bridge_text",
    "change",
    "change_text",
    "cohorts",
    "cohorts_text",
    "comparison",
    "comparison_text",
    "effect",
    "effect_text",
    "entry_conditions",
    "entry_conditions_text",
    "expansion",
    "expansion_text",
    "forecast",
    "forecast_text",
    "funnel",
    "funnel_text",
    "goes_before",
    "goes_before_text",
    "in_lines",
    "inspection",
    "inspection_text",
    "leads",
    "leads_text",
    "models",
    "models_text",
    "moves",
    "moves_text",
    "plan",
    "plan_text",
    "rows_text",
    "said",
    "scan",
    "scan_text",
    "score",
    "score_csv",
    "score_text",
    "segments",
    "segments_text",
    "target",
    "target_text",
    "times",
    "times_text",
    "touches",
    "touches_text",
    "watch",
    "watch_lines",
]
