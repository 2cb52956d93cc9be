"""Moves between stages, held to plain Python, and to 600 leads whose stays were worked out elsewhere."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import funnel
from funnel import measures
from funnel.core.types import Question
from funnel.measures.moves import moves
from funnel.measures.statistics.rates import wilson
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles import moves_oracle
from tests.strategies import CONCEPTS, DAY_ZERO, entries, models
from tests.thorough import examples

VECTORS = Path(__file__).parents[1] / "vectors"


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.lists(entries, min_size=1, max_size=9), min_size=1, max_size=10),
    models(),
    st.one_of(st.none(), st.integers(0, 14).map(lambda day: DAY_ZERO + timedelta(days=day))),
)
def test_moves_equal_plain_python(leads, stages, until):
    engine = engine_with({f"lead {place}": lead for place, lead in enumerate(leads)})
    try:
        question = Question(model_of(stages), observed_until=until)
        found = moves(journeys_of(engine, CONCEPTS), question, 1000)
    finally:
        engine.close()
    expected = moves_oracle.moves(leads, stages, CONCEPTS, until)
    assert found.leads == expected["leads"]
    assert {(move.origin, move.target): move.count for move in found.moves} == expected["counts"]
    assert {(move.origin, move.target): move.leads for move in found.moves} == expected["by_lead"]
    days = {(move.origin, move.target): move.median_days for move in found.moves if move.median_days is not None}
    assert days == pytest.approx(expected["days"], abs=1e-9)
    back = found.back
    assert back.moved_back == wilson(*expected["back"])
    assert (back.win_rate, back.win_rate_others) == (wilson(*expected["won_back"]), wilson(*expected["won_others"]))
    for told, name in ((back.median_days, "median_back"), (back.median_days_others, "median_others")):
        assert told == (None if expected[name] is None else pytest.approx(expected[name], abs=1e-9))
    assert found.reentries == tuple(wilson(*again) for again in expected["again"])
    assert found.returned == wilson(*expected["returned"])
    assert {path.ends: path.leads for path in found.paths} == expected["paths"]
    for place in range(len(stages)):
        assert found.came(place) == sum(move.count for move in found.moves if move.origin == place)


@pytest.fixture(scope="module")
def worked() -> list[dict[str, str]]:
    path = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "in" / "spells_raw.csv"
    if not path.exists():
        pytest.skip("spells_raw.csv is not on this machine")
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_600_leads_move_as_their_stays_say(worked):
    stages = ["New", "Contacted", "Nurture", "Qualified", "Demo", "Proposal", "Negotiation", "Verbal", "Won"]
    with funnel.open(VECTORS / "events.csv", as_of=datetime(2026, 7, 1)) as data_set:
        found = data_set.ask(measures.moves, data_set.labels_model([[stage] for stage in stages]))
    name = dict(enumerate(stages)) | {"lost": "Lost", "still there": "OPEN"}
    counts = Counter((row["stage"], row["exit_to"]) for row in worked)
    told = {
        (name[move.origin], name[move.target]): (move.count, move.median_days)
        for move in found.moves
        if move.origin not in ("start", 8)
    }
    assert {key: count for key, (count, _) in told.items()} == counts
    for (origin, target), (_, days) in told.items():
        dwelt = [int(row["dwell_days"]) for row in worked if (row["stage"], row["exit_to"]) == (origin, target)]
        assert days == (None if target == "OPEN" else median(dwelt))
    leads_of = {(row["lead_id"], row["stage"], row["exit_to"]) for row in worked}
    distinct = Counter((origin, target) for _, origin, target in leads_of)
    assert {(name[m.origin], name[m.target]): m.leads for m in found.moves if m.origin not in ("start", 8)} == distinct
    assert sum(path.leads for path in found.paths) + found.other_paths == found.leads == 600
