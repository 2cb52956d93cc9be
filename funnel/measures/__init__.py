"""Journeys → results: each measure is one file, with the result that it answers and the rows that show it.

Each takes journeys and a question, or several, and is asked by `DataSet.ask`. Those named here are what pages and commands ask by name;
one whose file and picture are called like it needs no line here (`pages.ui.section.measured`, `python -m funnel ask`).
"""

from funnel.measures.account_sizes import account_sizes as account_sizes
from funnel.measures.ages import usual_day as usual_day
from funnel.measures.aging import aging as aging
from funnel.measures.alignment import alignment as alignment
from funnel.measures.alignment import flows as flows
from funnel.measures.alignment import lined_up as lined_up
from funnel.measures.alignment import reference as reference
from funnel.measures.backward import backward as backward
from funnel.measures.bottleneck import bottleneck as bottleneck
from funnel.measures.bridge import bridge as bridge
from funnel.measures.bridge_list import bridge_leads as bridge_leads
from funnel.measures.changed import change as change
from funnel.measures.closings import closings as closings
from funnel.measures.cohort_amounts import cohort_amounts as cohort_amounts
from funnel.measures.cohorts import cohorts as cohorts
from funnel.measures.comparison import comparison as comparison
from funnel.measures.curves import curves as curves
from funnel.measures.customer_deals import customer_deals as customer_deals
from funnel.measures.effect import effect as effect
from funnel.measures.entry_conditions import entry_conditions as entry_conditions
from funnel.measures.expansion import expansion as expansion
from funnel.measures.forecast import forecast as forecast
from funnel.measures.kpis import ends as ends
from funnel.measures.kpis import kpis as kpis
from funnel.measures.kpis import starts as starts
from funnel.measures.loyalty import loyalty as loyalty
from funnel.measures.moves import moves as moves
from funnel.measures.open_leads import follow_up as follow_up
from funnel.measures.periods import periods as periods
from funnel.measures.plans import plans as plans
from funnel.measures.population.listing import leads_at as leads_at
from funnel.measures.recorded import inferred_order as inferred_order
from funnel.measures.retention import retention as retention
from funnel.measures.scan import scan as scan
from funnel.measures.scores import score as score
from funnel.measures.segment_curves import segment_curves as segment_curves
from funnel.measures.segments import segments as segments
from funnel.measures.stage_changes import stage_changes as stage_changes
from funnel.measures.step_trend import step_trend as step_trend
from funnel.measures.steps import breakdown as breakdown
from funnel.measures.steps import ready_for_dates as ready_for_dates
from funnel.measures.steps import rule_sensitivity as rule_sensitivity
from funnel.measures.steps import segment_steps as segment_steps
from funnel.measures.steps import steps as steps
from funnel.measures.times import times as times
from funnel.measures.times import times_by as times_by
from funnel.measures.value_steps import value_steps as value_steps
from funnel.measures.velocity import velocity as velocity
from funnel.measures.versions import version_notes as version_notes
from funnel.measures.versions import versions as versions
