"""Leads whose days at their stages are known, and how a measure is asked of leads by hand."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.leads import DAY, engine_with, journeys_of, model_of
from tests.strategies import DAY_ZERO
from tests.thorough import examples

UNTIL = DAY + timedelta(days=100)
CONCEPTS = {"New": "lead", "Demo": "demo", "Proposal": "proposal", "Won": "won", "Live": "onboarding", "Lost": "lost"}
MODEL = model_of([{"New"}, {"Demo"}, {"Won"}])
untils = st.one_of(
    st.integers(0, 30).map(lambda day: DAY_ZERO + timedelta(days=day)),
    st.integers(0, 50).map(lambda half: DAY_ZERO + timedelta(hours=7 + 12 * half)),
)
thorough = settings(max_examples=examples(7), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def asking(measure, leads, question, columns=None, *, concepts=CONCEPTS, snapshot=False, end_rule=None, **how):
    engine = engine_with(leads, columns)
    try:
        return measure(journeys_of(engine, concepts, start_from_created=snapshot, end_rule=end_rule), question, **how)
    finally:
        engine.close()


def named(histories):
    return {f"lead {place}": entries for place, entries in enumerate(histories)}
