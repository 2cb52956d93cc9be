"""The same leads through several models, compared on leads worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from funnel.core.types import Filters, Question, Rule
from funnel.measures import alignment, flows, leads_at, lined_up, reference, score, steps
from funnel.measures.signal import Landmark, landmark
from funnel.measures.verdict import verdict
from tests.leads import DAY, engine_with, file_of, journeys_of, lead_of, model_of
from tests.oracles.oracle import Entered
from tests.thorough import thorough

MEANT = {"New": "lead", "Qualified": "qualified", "Demo": "demo", "Offer": "proposal", "Won": "won", "Lost": "lost"}
LEADS = {
    "1": lead_of((0, "New"), (5, "Qualified"), (9, "Demo"), (12, "Offer"), (20, "Won")),
    "2": lead_of((1, "New"), (6, "Demo"), (8, "Lost")),
    "3": lead_of((2, "Qualified"), (30, "Offer")),
    "4": lead_of((10, "New")),
    "5": lead_of((40, "New"), (41, "Qualified"), (42, "New")),
}
FINE = model_of([{"New"}, {"Qualified"}, {"Demo"}, {"Offer"}, {"Won"}])
COARSE = model_of([{"New", "Qualified"}, {"Demo", "Offer"}, {"Won"}])
LATE = model_of([{"Offer"}, {"Won"}])


@pytest.fixture(scope="module")
def journeys():
    engine = engine_with(LEADS)
    yield journeys_of(engine, MEANT, file=file_of(FINE))
    engine.close()


def _asked(journeys, *chosen, **keywords):
    questions = [Question(model, observed_until=DAY + timedelta(days=60), **keywords) for model in chosen]
    return reference(journeys, questions), lined_up(journeys, questions)


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
    _, questions = _asked(journeys, FINE, LATE)
    found = flows(journeys, questions)
    assert found.leads == 5
    assert [(flow.label, flow.concept, flow.leads, flow.stages) for flow in found.labels] == [
        ("New", "lead", 4, (0, None)),
        ("Qualified", "qualified", 3, (1, None)),
        ("Demo", "demo", 2, (2, None)),
        ("Offer", "proposal", 2, (3, 0)),
        ("Won", "won", 1, (4, 1)),
        ("Lost", "lost", 1, (None, None)),
    ]


def test_two_models_disagree_where_their_stretches_of_the_way_do_not_overlap(journeys):
    _, questions = _asked(journeys, FINE, COARSE, LATE)
    found = alignment(journeys, questions)
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
    _, questions = _asked(journeys, FINE, early)
    (pair,) = alignment(journeys, questions).pairs
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
    assert flows(journeys, questions).leads == alignment(journeys, questions).leads == 3
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
    leads = {"1": [*lead_of((0, "New"), (50, "Qualified")), Entered("Offer", None), *lead_of((180, "Lost"))]}
    engine = engine_with(leads)
    try:
        undated = journeys_of(engine, MEANT, file=file_of(FINE))
        base, (question,) = _asked(undated, FINE)
        found = score(undated, replace(question, observed_until=DAY + timedelta(days=200)), base, Landmark(7, 30))
    finally:
        engine.close()
    # New on days 0 and 30; where it stood from day 60 on is not known.
    assert found.hidden.pairs == 1


def test_the_landmark_day_is_the_first_that_leaves_enough_of_both_kinds_undecided():
    leads = {}
    for n in range(25):
        leads[f"w{n}"] = lead_of((0, "New"), (40, "Won"))
        leads[f"l{n}"] = lead_of((0, "New"), (45, "Lost"))
    engine = engine_with(leads)
    try:
        one = journeys_of(engine, MEANT, file=file_of(FINE))
        base = reference(one, [Question(FINE)])
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
    questions = [Question(FINE, Rule.IN_ORDER, observed_until=DAY), Question(FINE, observed_until=DAY)]
    (pair,) = alignment(journeys, questions).pairs
    # In order, lead 2 stays at New (it skipped Qualified), lead 3 never was at New.
    assert {(a, b): leads for a, b, leads, _ in pair.cells} == {
        (None, 3): 1,
        (0, 0): 1,
        (0, 2): 1,
        (1, 1): 1,
        (4, 4): 1,
    }


@thorough
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
