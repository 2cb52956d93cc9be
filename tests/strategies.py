"""Nasty histories for hypothesis: ties, gaps, re-entries, and labels that are quotes, backslashes, SQL or right-to-left text."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import strategies as st

from tests.oracles.oracle import Entered

LABELS = (
    "New",
    'it\'s "so"',
    "back\\",
    "'; DROP TABLE leads; --",
    "مرحلة\u200cدوم",
    "<b>Won</b>",
    "W_?",
    "Lost",
    "Call \\' log",
)
CONCEPTS = {
    "New": "lead",
    'it\'s "so"': "qualified",
    "back\\": "demo",
    "'; DROP TABLE leads; --": "proposal",
    "مرحلة\u200cدوم": "negotiation",
    "<b>Won</b>": "won",
    "W_?": "unplaced",
    "Lost": "lost",
    "Call \\' log": "ignored",
}
STAGE_LABELS = LABELS[:7]
DAY_ZERO = datetime(2024, 2, 26, 9, 30)

# Few distinct moments make ties common; half days and microseconds make boundaries sharp.
moments = st.one_of(
    st.integers(0, 12).map(lambda day: DAY_ZERO + timedelta(days=day)),
    st.integers(0, 40).map(lambda half: DAY_ZERO + timedelta(hours=12 * half)),
    st.integers(0, 10).map(lambda day: DAY_ZERO + timedelta(days=day, microseconds=1)),
)
entries = st.builds(Entered, st.sampled_from(LABELS), moments)
histories = st.lists(st.lists(entries, min_size=1, max_size=9), min_size=1, max_size=12)


@st.composite
def models(draw: st.DrawFn) -> list[set[str]]:
    """Two to seven stages, each of one or more labels; some labels stay outside the model."""
    order = draw(st.permutations(STAGE_LABELS))
    kept = draw(st.integers(2, len(order)))
    stages: list[set[str]] = []
    for label in order[:kept]:
        if stages and draw(st.booleans()) and draw(st.booleans()):
            stages[-1].add(label)
        else:
            stages.append({label})
    return stages
