"""Logs that list the steps of a lead, also those that are still to come: which of them were reached, a column of their state says."""

from __future__ import annotations

from funnel.mapping.profile import Column
from funnel.mapping.recognise.picks import Picks
from funnel.mapping.step_states import AHEAD, MET, MOST_STATES, in_state, state_of

WHOLE, SEVERAL = 0.98, 0.25
"""So many lines have a state, and so many of those ahead come last; so many of the leads with such lines have several of them: one alone
may be the step at which a lead stands."""


def step_state(picks: Picks, lead: Column, time: Column) -> Column | None:
    """The column that says of each line whether its step is still to come; None where no column does.

    All its words must be of states. Of most leads some lines are ahead and follow the others: else the column says how the deal stood, or
    stands.
    """
    moment = picks.moment(time)
    if moment is None:
        return None
    for column in picks.table.columns:
        few = column.complete and 2 <= len(column.values) <= MOST_STATES
        if column.name in picks.taken or not few or column.filled < WHOLE * picks.table.rows:
            continue
        states = {state_of(value) for value in column.values}
        if None in states or not {AHEAD, MET} <= states:
            continue
        last, several = picks.facts.still_to_come(lead, column, in_state(column.values, AHEAD), moment)
        if last >= WHOLE and several >= SEVERAL:
            return column
    return None
