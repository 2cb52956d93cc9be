"""The same leads through several models: the scoreboard against plain Python, and the comparison on leads worked out by hand."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from math import log
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel.core.types import Filters, Landmark, Question, Rule, Score, Signal, Unit
from funnel.measures import alignment, flows, landmark, leads_at, lined_up, reference, score, steps, verdict, wilson
from funnel.measures import scores as scores_module
from funnel.measures.statistics import information
from funnel.words import wording
from tests.leads import engine_with, journeys_of, model_of
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
    monkeypatch.setattr(scores_module, "FEWEST_OF_EACH", 0)
    taken = [label for group in [*stages, *others] for label in sorted(group)]
    labels = list(dict.fromkeys(taken))
    accounts = {f"lead {place}": {"account_id": f"A{place % 3}"} for place in range(len(leads))}
    engine = engine_with({f"lead {place}": entries for place, entries in enumerate(leads)}, accounts)
    try:
        journeys, model = journeys_of(engine, CONCEPTS), model_of(stages)
        base = reference(journeys, [model, model_of(others)], labels, "labels")
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


DAY = datetime(2025, 3, 1)


def _lead(*pairs):
    return [Entered(label, DAY + timedelta(days=day)) for day, label in pairs]


MEANT = {"New": "lead", "Qualified": "qualified", "Demo": "demo", "Offer": "proposal", "Won": "won", "Lost": "lost"}
LEADS = {
    "1": _lead((0, "New"), (5, "Qualified"), (9, "Demo"), (12, "Offer"), (20, "Won")),
    "2": _lead((1, "New"), (6, "Demo"), (8, "Lost")),
    "3": _lead((2, "Qualified"), (30, "Offer")),
    "4": _lead((10, "New")),
    "5": _lead((40, "New"), (41, "Qualified"), (42, "New")),
}
FINE = model_of([{"New"}, {"Qualified"}, {"Demo"}, {"Offer"}, {"Won"}])
COARSE = model_of([{"New", "Qualified"}, {"Demo", "Offer"}, {"Won"}])
LATE = model_of([{"Offer"}, {"Won"}])


@pytest.fixture(scope="module")
def journeys():
    engine = engine_with(LEADS)
    yield journeys_of(engine, MEANT)
    engine.close()


def _asked(journeys, *chosen, **keywords):
    base = reference(journeys, chosen, list(MEANT), "labels")
    return base, lined_up(
        journeys, [Question(model, observed_until=DAY + timedelta(days=60), **keywords) for model in chosen], base
    )


def test_models_are_compared_over_the_same_leads_whatever_labels_they_take(journeys):
    # Lead 3 reaches Offer on 31 March; it started, as the other models see it, on 3 March.
    march = Filters(start_from=date(2025, 3, 1), start_to=date(2025, 3, 15))
    base, questions = _asked(journeys, FINE, LATE, filters=march)
    assert [stage.labels for stage in base.stages] == [("New", "Qualified", "Demo", "Offer", "Won")]
    assert [stage.leads for stage in steps(journeys, questions[0]).stages] == [4, 3, 3, 2, 1]
    late = steps(journeys, questions[1])
    assert (late.leads, [stage.leads for stage in late.stages]) == (2, [2, 1])  # alone, LATE would count lead 1 only
    assert steps(journeys, Question(LATE, filters=march)).leads == 1


def test_flows_count_the_leads_at_each_label_and_name_its_stage_in_each_model(journeys):
    base, questions = _asked(journeys, FINE, LATE)
    found = flows(journeys, questions, FINE, base)
    assert found.leads == 5
    assert [(flow.label, flow.concept, flow.leads, flow.stages) for flow in found.labels] == [
        ("New", "lead", 4, (0, None)),
        ("Qualified", "qualified", 3, (1, None)),
        ("Demo", "demo", 2, (2, None)),
        ("Offer", "proposal", 2, (3, 0)),
        ("Won", "won", 1, (4, 1)),
    ]


def test_two_models_disagree_where_their_stretches_of_the_way_do_not_overlap(journeys):
    base, questions = _asked(journeys, FINE, COARSE, LATE)
    found = alignment(journeys, questions, base)
    fine_coarse, fine_late, coarse_late = found.pairs
    # FINE cuts the way in quarters, COARSE in halves: each quarter lies inside its half.
    assert fine_coarse.cells == (
        (0, 0, 1, False),
        (1, 0, 1, False),
        (2, 1, 1, False),
        (3, 1, 1, False),
        (4, 2, 1, False),
    )
    assert (fine_coarse.disagree, fine_coarse.both, fine_coarse.one_only) == (0, 5, 0)
    # LATE is one stretch, the whole way: nothing lies apart from it but the win.
    assert (fine_late.disagree, fine_late.both, fine_late.one_only) == (0, 2, 3)
    assert (found.leads, coarse_late.one_only) == (5, 3)
    early = model_of([{"New", "Offer"}, {"Qualified"}, {"Demo"}, {"Won"}])
    base, questions = _asked(journeys, FINE, early)
    (pair,) = alignment(journeys, questions, base).pairs
    # Lead 3 is at the last quarter for FINE (Offer), and at the middle third (Qualified) for the other model.
    assert [(a, b) for a, b, _, differs in pair.cells if differs] == [(3, 1)]


def test_leads_of_a_stage_say_where_other_models_put_them(journeys):
    _, (fine, coarse, late) = _asked(journeys, FINE, COARSE, LATE)
    frame = leads_at(journeys, fine, 2, beside=[coarse, late])
    assert frame.attrs["beside"] == ["by hand", "by hand (2)"]
    rows = {row["lead_id"]: (row["by hand"], row["by hand (2)"]) for row in frame.to_dict("records")}
    assert rows["1"] == ("Won", "Won")
    assert rows["2"][0] == "Demo"
    assert frame["by hand (2)"].isna().sum() == 1  # lead 2 was never at a stage of LATE
    assert frame.attrs["total"] == 3


def test_flows_and_overlaps_are_of_the_leads_that_any_of_the_models_places(journeys):
    # LATE and a model of Demo alone never see leads 4 and 5.
    base, questions = _asked(journeys, LATE, model_of([{"Demo"}, {"Won"}]))
    assert flows(journeys, questions, FINE, base).leads == alignment(journeys, questions, base).leads == 3
    found = score(journeys, questions[0], base, Landmark(7, 30))
    assert (found.leads, found.placed) == (3, 2)
    assert (found.coverage.numerator, found.coverage.denominator) == (2, 5)


def test_a_stage_that_no_label_fills_is_neither_skipped_nor_missed(journeys):
    empty = replace(FINE.stages[0], key="never", labels=("Never",))
    holed = replace(FINE, stages=(FINE.stages[0], empty, *FINE.stages[1:]))
    base, questions = _asked(journeys, FINE, holed)
    whole, with_hole = (score(journeys, question, base, Landmark(7, 30)) for question in questions)
    assert with_hole.moves == whole.moves
    assert with_hole.waits.by_stage == (whole.waits.by_stage[0], 0, *whole.waits.by_stage[1:])
    assert with_hole.waits.evenness == whole.waits.evenness
    places = [each.bottleneck.drop_off.position for each in (whole, with_hole)]
    assert places[1] == places[0] + 1


def test_nobody_knows_how_long_a_lead_stood_before_an_undated_entry():
    leads = {"1": [*_lead((0, "New"), (50, "Qualified")), Entered("Offer", None), *_lead((180, "Lost"))]}
    engine = engine_with(leads)
    try:
        undated = journeys_of(engine, MEANT)
        base, (question,) = _asked(undated, FINE)
        found = score(undated, replace(question, observed_until=DAY + timedelta(days=200)), base, Landmark(7, 30))
    finally:
        engine.close()
    # New on days 0 and 30; where it stood from day 60 on is not known.
    assert found.hidden.pairs == 1


def test_the_landmark_day_is_the_first_that_leaves_enough_of_both_kinds_undecided():
    leads = {}
    for n in range(25):
        leads[f"w{n}"] = _lead((0, "New"), (40, "Won"))
        leads[f"l{n}"] = _lead((0, "New"), (45, "Lost"))
    engine = engine_with(leads)
    try:
        one = journeys_of(engine, MEANT)
        base = reference(one, [FINE], list(MEANT), "labels")
        assert landmark(one, base, DAY + timedelta(days=300)) == Landmark(30, 90)
        assert landmark(one, base, DAY + timedelta(days=119)) == Landmark(14, 60)
        assert landmark(one, base, None) == Landmark(60, 180)
    finally:
        engine.close()


def test_few_wins_are_said_and_not_guessed_from(journeys):
    base, questions = _asked(journeys, FINE, COARSE)
    found = [score(journeys, question, base, Landmark(7, 30)) for question in questions]
    assert [each.signal for each in found] == [None, None]
    assert found[0].missing["signal"].key == "measures.score_few_wins"
    assert [note.key for note in verdict(found)] == ["measures.score_few_wins"]
    moves = found[0].moves
    # 1 goes forward four times, 2 once over a stage, 3 once over a stage, 5 forward and back.
    assert (moves.forward.numerator, moves.forward.denominator, moves.skipping.numerator) == (7, 8, 2)
    assert (moves.full_path.numerator, moves.full_path.denominator) == (1, 1)
    assert found[0].bottleneck.drop_off.position == 2
    # To the end or to 30 April: New 1, 2, 4, 5 and 5 again; Qualified 1, 3, 5; Demo 1, 2; Offer 1, 3.
    assert found[0].waits.by_stage == (5 + 5 + 50 + 1 + 18, 4 + 28 + 1, 3 + 2, 8 + 30, 0)


def test_rules_of_models_may_differ(journeys):
    base, _ = _asked(journeys, FINE)
    questions = [Question(FINE, Rule.IN_ORDER, observed_until=DAY), Question(FINE, observed_until=DAY)]
    (pair,) = alignment(journeys, questions, base).pairs
    # In order, lead 2 stays at New (it skipped Qualified), lead 3 never was at New.
    assert {(a, b): leads for a, b, leads, _ in pair.cells} == {
        (None, 3): 1,
        (0, 0): 1,
        (0, 2): 1,
        (1, 1): 1,
        (4, 4): 1,
    }


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


def test_json_says_why_a_number_is_missing(tmp_path, capsys):
    from funnel.cli.command import main

    path = tmp_path / "leads.csv"
    rows = [f"{lead},{e.label},{e.at.date()}" for lead, entries in LEADS.items() for e in entries]
    path.write_text("lead,stage,date\n" + "\n".join(rows))
    assert main(["compare", str(path), "--models", "standard,aida", "--from", "2025-03-01", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    first, second = answer["models"]
    assert (first["model"], second["model"], first["leads"], second["leads"]) == ("standard", "aida", 5, 5)
    assert first["signal_kept"] is None
    assert first["missing"]["signal_kept"].startswith("1 win among these leads")
    assert first["forward_share"] == pytest.approx(6 / 7)
    # One lost lead of five makes no stage stand out.
    assert first["top_leak"] == {"stage": None, "share": 1.0, "leads": 1, "stands_out": False}
    assert (first["top_wait"]["stage"], first["top_wait"]["stands_out"]) == (None, False)
    assert answer["disagreement"][0]["a"] == "standard"
    # An exit is no stage, and is told where the leads left.
    lost = {"label": "Lost", "concept": "lost", "leads": 1, "stages": {"standard": None, "aida": None}}
    assert answer["labels"][-1] == lost
    assert main(["compare", str(path), "--models", "standard,aida"]) == 0
    assert "standard and aida disagree on" in capsys.readouterr().out
    assert main(["compare", str(path), "--models", "standard,nonsense"]) == 2
    assert "There is no model “nonsense”" in capsys.readouterr().err


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
