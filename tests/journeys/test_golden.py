"""The journeys of golden.toml, through the SQL and through the plain-Python rules."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from funnel.core.types import Question, Rule
from funnel.measures import leads_at, steps
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles import oracle

CASES = tomllib.loads((Path(__file__).parents[1] / "golden.toml").read_text(encoding="utf-8"))["case"]
CONCEPTS = {
    "New": "lead",
    "Qualified": "qualified",
    "Demo": "demo",
    "Proposal": "proposal",
    "Waiting": "unplaced",
    "Won": "won",
    "Lost": "lost",
    "Call log": "ignored",
}
STAGES = [{"New"}, {"Qualified"}, {"Demo"}, {"Proposal", "Waiting"}, {"Won"}]
DAY_ZERO = datetime(2025, 1, 1)
PLACES = {label: place for place, labels in enumerate(STAGES) for label in labels}
PARTS = ("advanced", "skipped_ahead", "moved_back", "lost", "still_there")


def _entries(text):
    pairs = [item.strip().split(" ", 1) for item in text.split(",")]
    return [oracle.Entered(label, DAY_ZERO + timedelta(days=int(day))) for day, label in pairs]


def _days(moments):
    return " ".join("-" if moment is None else str((moment - DAY_ZERO).days) for moment in moments)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_golden_journey(case):
    entries = _entries(case["lead"])
    engine = engine_with({"one": entries})
    try:
        journeys, model = journeys_of(engine, CONCEPTS), model_of(STAGES)
        for rule in Rule:
            question = Question(model, rule)
            frames = [leads_at(journeys, question, place) for place in range(len(STAGES))]
            assert _days(None if frame.empty else frame["reached_at"][0] for frame in frames) == case[rule]
            assert _days(oracle.journey(entries, STAGES, CONCEPTS, rule).times) == case[rule]
        result = steps(journeys, Question(model))
        parts = [[part for part in PARTS if getattr(stage, part)] for stage in result.stages]
        assert " ".join(part[0] if part else "-" for part in parts) == case["went"]
        outcome, _, day = case["outcome"].partition(" on ")
        assert (result.won, result.lost, result.open) == tuple(int(outcome == each) for each in ("won", "lost", "open"))
        ended = leads_at(journeys, Question(model), 0)["outcome"][0]
        assert ended == outcome
        assert oracle.outcome_of(entries, CONCEPTS) == (
            outcome,
            DAY_ZERO + timedelta(days=int(day)) if day else None,
        )
    finally:
        engine.close()
