"""The scoreboard of models: held to plain Python, and its verdict."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from math import log
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel.core.types import Question, Unit
from funnel.measures import reference, score
from funnel.measures import scores as scores_module
from funnel.measures import signal as signal_module
from funnel.measures.scores import Score
from funnel.measures.signal import Landmark, Signal
from funnel.measures.statistics import information
from funnel.measures.statistics.rates import wilson
from funnel.measures.verdict import verdict
from funnel.words import wording
from tests.leads import engine_with, file_of, journeys_of, model_of
from tests.oracles import compared_oracle
from tests.oracles.oracle import Entered
from tests.strategies import CONCEPTS, DAY_ZERO, LABELS, models
from tests.thorough import examples

UNTIL = DAY_ZERO + timedelta(days=130)
days_apart = st.one_of(
    st.integers(0, 120).map(lambda day: DAY_ZERO + timedelta(days=day)),
    st.sampled_from([DAY_ZERO + timedelta(days=30 * n) for n in range(4)]),
)
histories = st.lists(
    st.lists(st.builds(Entered, st.sampled_from(LABELS), days_apart), min_size=1, max_size=8), min_size=1, max_size=10
)


@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(histories, models(), models(), st.sampled_from([None, 5]))
def test_the_scoreboard_equals_plain_python(monkeypatch, leads, stages, others, window_days):
    monkeypatch.setattr(scores_module, "FEWEST_WINS", 0)
    monkeypatch.setattr(signal_module, "FEWEST_OF_EACH", 0)
    taken = [label for group in [*stages, *others] for label in sorted(group)]
    labels = list(dict.fromkeys(taken))
    accounts = {f"lead {place}": {"account_id": f"A{place % 3}"} for place in range(len(leads))}
    engine = engine_with({f"lead {place}": entries for place, entries in enumerate(leads)}, accounts)
    try:
        journeys = journeys_of(engine, CONCEPTS, file=file_of(model_of([{label} for label in labels])))
        model = model_of(stages)
        base = reference(journeys, [Question(model), Question(model_of(others))])
        # Neither unit nor window have a say here.
        asked = Question(model, window_days=window_days, unit=Unit.ACCOUNT, observed_until=UNTIL)
        found = score(journeys, asked, base, Landmark(30, 60))
        told = compared_oracle.tell(leads, stages, labels, CONCEPTS, UNTIL, timedelta(days=30), timedelta(days=60))
    finally:
        engine.close()
    assert (found.leads, found.placed) == (told.leads, told.placed)
    assert (found.coverage.numerator, found.coverage.denominator) == (told.placed, len(leads))
    forward, backward = told.moves["forward"], told.moves["backward"]
    if forward + backward:
        assert (found.moves.forward.numerator, found.moves.forward.denominator) == (forward, forward + backward)
        assert (found.moves.skipping.numerator, found.moves.skipping.denominator) == (told.moves["skips"], forward)
        assert (found.moves.full_path.numerator, found.moves.full_path.denominator) == (told.full_path, told.won)
    else:
        assert found.moves is None
        assert found.missing["moves"].key == "measures.score_no_moves"
    open_days, lost = compared_oracle.open_and_lost(leads, stages, CONCEPTS, UNTIL)
    assert (found.leaks.by_stage if found.leaks else [0.0] * len(stages)) == pytest.approx(lost)
    assert (found.waits.by_stage if found.waits else [0.0] * len(stages)) == pytest.approx(open_days)
    place_of = {label: place for place, taken in enumerate(stages) for label in taken}
    pairs = Counter()
    for (before, after), n in told.pairs.items():
        pairs[before, after if after in ("won", "lost") else place_of.get(after)] += n
    if pairs:
        expected = information.hidden(pairs, place_of.get)
        assert (found.hidden.pairs, found.hidden.degrees) == (expected.pairs, expected.degrees)
        assert found.hidden.bits == pytest.approx(expected.bits, abs=1e-12)
    else:
        assert found.hidden is None
    by_stage: dict = {}
    for (_, stage, won), n in told.landmark.items():
        seen, wins = by_stage.get(stage, (0, 0))
        by_stage[stage] = seen + n, wins + n * won
    if found.signal is not None:
        assert {
            stage.position: (stage.won.denominator, stage.won.numerator) for stage in found.signal.stages
        } == by_stage
        assert found.signal.kept is None or found.signal.kept <= 1 + 1e-9
    else:
        assert len({label for label, _, _ in told.landmark}) < 2
        assert found.missing["signal"].key == "measures.score_one_label"


def test_information_of_small_tables():
    assert information.mutual_information({0: (10, 0), 1: (10, 10)}) == pytest.approx(1)
    assert information.mutual_information({0: (10, 5), 1: (10, 5)}) == pytest.approx(0)
    assert information.mutual_information({}) == 0
    assert information.right_order({0: (10, 0), 1: (10, 10)}) == 1
    assert information.right_order({0: (10, 10), 1: (10, 0)}) == 0
    assert information.right_order({0: (2, 1)}) == 0.5
    assert information.right_order({0: (2, 0)}) is None
    assert information.evenness([5, 5]) == pytest.approx(1)
    assert information.evenness([5, 0]) == 0
    assert information.evenness([5]) is None
    assert information.skill({"a": (5, 5), "b": (5, 4)}) is None
    # One stage alone says what the whole says; of two stages that know the outcome, each lead is forecast at (4 + 2·4/9)/6.
    assert information.skill({"a": (10, 5)}) == pytest.approx(0)
    knows = log((4 + 2 * 4 / 9) / 6)
    assert information.skill({"a": (5, 5), "b": (5, 0)}) == pytest.approx(1 - knows / log(4 / 9))


def test_the_names_of_leads_have_no_part_in_the_skill_of_a_model():
    random = Random(3)
    stages = ["New", "Qualified", "Demo"]
    histories = []
    for number in range(160):
        deepest = random.randrange(3)
        start = datetime(2024, 1, 1) + timedelta(days=number)
        entries = [
            Entered(label, start + timedelta(days=3 * place)) for place, label in enumerate(stages[: deepest + 1])
        ]
        end = "Won" if random.random() < 0.2 + 0.3 * deepest else "Lost"
        histories.append([*entries, Entered(end, start + timedelta(days=70 + random.randrange(60)))])
    concepts = {"New": "lead", "Qualified": "qualified", "Demo": "demo", "Won": "won", "Lost": "lost"}
    found = []
    for naming in (str, lambda number: f"x{number * 7919 % 1000:04}", lambda number: str(10**6 - number * 5)):
        order = [*range(len(histories))]
        random.shuffle(order)
        journeys = journeys_of(engine_with({naming(number): histories[number] for number in order}), concepts)
        model = model_of([{label} for label in stages])
        asked = Question(model, observed_until=datetime(2025, 6, 1))
        found.append(score(journeys, asked, model, Landmark(60, 180)).signal.skill)
        journeys.engine.close()
    assert found[0] > 0.02
    assert found[1:] == pytest.approx([found[0]] * 2, abs=1e-12)


def _scored(stages, skill, kept, placed=100):
    signal = Signal(Landmark(60, 180), 80, 40, kept, 1.0, kept, skill, 0.7, (), ())
    model = model_of([{f"{name}"} for name in range(stages)])
    rate = wilson(placed, 100)
    return Score(Question(replace(model, name=f"{stages} stages")), 100, placed, rate, signal, None, None, None, None)


@pytest.mark.parametrize(
    ("scores", "keys", "chosen", "other"),
    [
        # Nearly the best skill with fewer stages; the best is named beside it.
        ([(7, 0.20, 1.0), (4, 0.19, 0.9), (3, 0.10, 0.4)], ("chosen", "finer"), "4 stages", "7 stages"),
        ([(5, 0.20, 0.9), (3, 0.10, 0.4)], ("most", "coarser"), "5 stages", "3 stages"),
        ([(3, 0.20, 0.9), (7, 0.12, 0.8)], ("most", "worse"), "3 stages", "7 stages"),
        # One that places far fewer leads has no say, however well it tells of those.
        ([(2, 0.90, 1.0, 38), (4, 0.20, 0.9), (5, 0.15, 0.8)], ("most", "worse"), "4 stages", "5 stages"),
    ],
)
def test_the_verdict_weighs_what_is_told_against_the_stages_it_takes(scores, keys, chosen, other):
    first, second = verdict([_scored(*each) for each in scores])
    assert (first.key, second.key) == tuple(f"measures.verdict_{key}" for key in keys)
    assert (first.values["model"], second.values["other"]) == (chosen, other)
    assert all(wording.say(note.key, **note.values) for note in (first, second))


def test_no_verdict_where_nothing_tells_more_than_chance_or_one_model_stands_alone():
    assert [note.key for note in verdict([_scored(5, -0.02, 0.9), _scored(3, 0.0, 0.4)])] == [
        "measures.verdict_nothing"
    ]
    assert [note.key for note in verdict([_scored(5, 0.2, 0.9)])] == ["measures.verdict_alone"]
