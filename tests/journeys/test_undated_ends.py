"""An entry without a time is the last one of its lead, in every command."""

from __future__ import annotations

from datetime import timedelta

from funnel import measures
from funnel.core.types import Question
from funnel.measures.moves import LOST_END
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles.oracle import Entered
from tests.strategies import CONCEPTS, DAY_ZERO

UNTIL = DAY_ZERO + timedelta(days=30)
UNDATED = {
    "lost again": ("1 New, 5 Lost, 9 back\\, ? Lost", "lost"),
    "lost after the win": ("1 New, 5 <b>Won</b>, ? Lost", "lost"),
    "came back": ("1 New, 5 Lost, ? back\\", "open"),
    "moved back": ("1 New, 5 <b>Won</b>, ? back\\", "open"),
    "won in the end": ("1 New, 5 Lost, ? <b>Won</b>", "won"),
    "both at an unknown time": ("1 New, ? Lost, ? <b>Won</b>", "won"),
    "never ended": ("1 New, 5 back\\", "open"),
}


def test_an_entry_without_a_time_is_the_last_one_in_every_command():
    """It is where the file says that the lead stands. A lead whose last entry was such a loss was open, or won, by what its dated
    entries say, while its moves ended lost. A loss and a win that both have no time are a tie, which the win takes."""
    leads = {}
    for lead, (text, _) in UNDATED.items():
        pairs = [item.split(" ", 1) for item in text.split(", ")]
        leads[lead] = [
            Entered(label, None if day == "?" else DAY_ZERO + timedelta(days=int(day))) for day, label in pairs
        ]
    journeys = journeys_of(engine_with(leads), CONCEPTS)
    question = Question(model_of([{"New"}, {"back\\"}, {"<b>Won</b>"}]), observed_until=UNTIL)
    try:
        whole = measures.steps(journeys, question)
        assert (whole.leads, whole.won, whole.lost, whole.open) == (7, 2, 2, 3)
        listed = measures.leads_at(journeys, question, 0, limit=None).set_index("lead_id").outcome
        assert dict(listed) == {lead: outcome for lead, (_, outcome) in UNDATED.items()}
        moved = measures.moves(journeys, question)
        assert sum(path.leads for path in moved.paths if path.ends[-1] == LOST_END) == whole.lost
        assert sum(path.won for path in moved.paths) == whole.won
        # Nobody knows when the two were lost: the time at which one had been lost before does not stand for it.
        assert measures.cohorts(journeys, question).whole.win.untimed == 4
        assert measures.velocity(journeys, question, 400).decided == 0
    finally:
        journeys.engine.close()
