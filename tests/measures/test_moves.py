"""Moves between stages, worked by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from funnel.core.errors import QuestionError
from funnel.core.types import Entry, Filters, Loop, OneOf, Question, Rule, Stage, StageModel, Unit
from funnel.measures.moves import moves
from funnel.measures.moves_back import SameStage
from funnel.measures.statistics.rates import wilson
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles.oracle import Entered
from tests.thorough import thorough

DAY = datetime(2025, 3, 1)
CONCEPTS = {
    "New": "lead",
    "Qualified": "qualified",
    "Demo": "demo",
    "Won": "won",
    "Grown": "expansion",
    "Lost": "lost",
    "Call log": "ignored",
}
MODEL = model_of([{"New"}, {"Qualified"}, {"Demo"}, {"Won"}])


def _lead(text: str) -> list[Entered]:
    """ "0 New, 4 Demo": day and label; "? Demo" has no date."""
    pairs = [item.strip().split(" ", 1) for item in text.split(",")]
    return [Entered(label, None if day == "?" else DAY + timedelta(days=float(day))) for day, label in pairs]


def _moves(leads: dict[str, str], question: Question | None = None, columns=None, most_paths: int = 20, **kwargs):
    engine = engine_with({lead: _lead(text) for lead, text in leads.items()}, columns)
    try:
        return moves(journeys_of(engine, CONCEPTS, **kwargs), question or Question(MODEL), most_paths)
    finally:
        engine.close()


def _told(found) -> list[tuple]:
    return [(move.origin, move.target, move.kind, move.count, move.leads, move.median_days) for move in found.moves]


def _paths(found) -> dict[tuple, int]:
    return {path.ends: path.leads for path in found.paths}


def test_a_loss_at_the_moment_of_the_win_is_no_move() -> None:
    found = _moves({"A": "0 New, 31 Won, 31 Lost", "B": "0 New, 31 Lost, 31 Won", "C": "0 New, 31 Won, 32 Lost"})
    assert [told[:4] for told in _told(found)] == [
        ("start", 0, "start", 3),
        (0, 3, "skip", 3),
        (3, "lost", "lost", 1),
        (3, "still there", "still", 2),
    ]


WALKS = {
    "straight through": "0 New, 4 Qualified, 10 Demo, 30 Won",
    "skips a stage": "0 New, 8 Demo, 20 Won",
    "one step back": "0 New, 6 Qualified, 10 Demo, 15 Qualified, 25 Demo, 60 Won",
    "lost": "0 New, 2 Lost",
    "lost, and back again": "0 New, 4 Lost, 30 Qualified",
    "still new": "3 New",
    "starts in the middle": "5 Demo, 9 New",
}


def test_each_move_by_its_kind():
    found = _moves(WALKS)
    assert (found.leads, found.win) == (7, 3)
    assert _told(found) == [
        ("start", 0, "start", 6, 6, None),
        ("start", 2, "start", 1, 1, None),
        (0, 1, "forward", 2, 2, 5.0),
        (0, 2, "skip", 1, 1, 8.0),
        (0, "lost", "lost", 2, 2, 3.0),
        (0, "still there", "still", 2, 2, None),
        (1, 2, "forward", 3, 2, 6.0),  # after 6, 4 and 10 days
        (1, "still there", "still", 1, 1, None),
        (2, 0, "back", 1, 1, 4.0),
        (2, 1, "back", 1, 1, 5.0),
        (2, 3, "forward", 3, 3, 20.0),  # after 20, 12 and 35 days
        (3, "still there", "still", 3, 3, None),
        ("lost", 1, "return", 1, 1, 26.0),
    ]


def test_what_moving_back_went_together_with():
    found = _moves(WALKS)
    back = found.back
    assert (back.moved_back, back.win_rate, back.win_rate_others) == (wilson(2, 7), wilson(1, 2), wilson(2, 5))
    # Won after 60 days with a step back; after 30 and 20 without.
    assert (back.median_days, back.median_days_others, back.extra_days) == (60.0, 25.0, 35.0)
    assert (back.timed, back.timed_others) == (1, 2)
    # By the deepest stage before the win: both that moved back had come to the demo, as had two of the five others.
    assert back.same_stage == (
        SameStage(0, wilson(0, 0), wilson(0, 2)),
        SameStage(1, wilson(0, 0), wilson(0, 1)),
        SameStage(2, wilson(1, 2), wilson(2, 2)),
    )
    assert back.win_rate_alike is None
    assert found.returned == wilson(1, 2)
    assert found.reentries == (wilson(0, 7), wilson(1, 3), wilson(1, 4), wilson(0, 3))


def test_paths_tell_how_they_ended():
    found = _moves(WALKS)
    assert _paths(found) == {
        (0, 1, 2, 3): 1,
        (0, 2, 3): 1,
        (0, 1, 2, 1, 2, 3): 1,
        (0, "lost"): 1,
        (0, "lost", 1, "still there"): 1,
        (0, "still there"): 1,
        (2, 0, "still there"): 1,
    }
    assert (found.distinct_paths, found.other_paths) == (7, 0)
    days = {path.ends: (path.won, path.median_days) for path in found.paths}
    assert (days[0, 1, 2, 3], days[0, "lost"], days[0, "still there"]) == ((1, 30.0), (0, 2.0), (0, None))


def test_the_commonest_paths_come_first_and_the_others_are_counted():
    leads = {**{f"n{n}": "0 New, 1 Lost" for n in range(3)}, "m1": "0 New, 3 Lost", "d": "0 New", "q": "0 New, 1 Demo"}
    found = _moves(leads, most_paths=1)
    assert [(path.ends, path.leads, path.median_days) for path in found.paths] == [((0, "lost"), 4, 1.0)]
    assert (found.distinct_paths, found.other_paths) == (3, 2)
    with pytest.raises(QuestionError, match="not 0"):
        _moves(leads, most_paths=0)


def test_who_comes_to_the_same_stage_again_without_leaving_makes_no_move():
    found = _moves({"a": "0 New, 3 New, 5 Call log, 8 New, 9 Demo"})
    assert _paths(found) == {(0, 2, "still there"): 1}
    assert found.reentries[0] == wilson(0, 1)


def test_ties_are_taken_in_the_order_of_the_model_unless_the_file_numbers_them():
    leads = {"a": "0 Demo, 0 New, 0 Qualified"}
    assert _paths(_moves(leads)) == {(0, 1, 2, "still there"): 1}
    assert _paths(_moves(leads, numbered=True)) == {(2, 0, 1, "still there"): 1}


def test_a_stage_that_no_label_can_fill_is_not_skipped():
    model = model_of([{"New"}, {"Never seen"}, {"Demo"}, {"Won"}])
    found = _moves({"a": "0 New, 1 Demo"}, Question(model))
    assert [move.kind for move in found.moves] == ["start", "forward", "still"]
    assert found.reentries[1] == wilson(0, 0)


SHORT = model_of([{"New"}, {"Demo"}])


def test_a_win_that_no_stage_takes_is_an_end():
    leads = {
        "a": "0 New, 5 Demo, 9 Won",
        "b": "0 New, 2 Won, 4 Demo",
        "c": "0 New, 3 Lost, 8 Won",
        "d": "0 New, 1 Won, 2 Lost",
    }
    found = _moves(leads, Question(SHORT))
    assert found.win is None
    assert _told(found)[1:] == [
        (0, 1, "forward", 1, 1, 5.0),
        (0, "won", "won", 2, 2, 1.5),
        (0, "lost", "lost", 1, 1, 3.0),
        (1, "won", "won", 1, 1, 4.0),
        (1, "still there", "still", 1, 1, None),
        ("won", 1, "back", 1, 1, 2.0),
        ("won", "lost", "lost", 1, 1, 1.0),
        ("lost", "won", "return", 1, 1, 5.0),
    ]
    assert _paths(found) == {
        (0, 1, "won"): 1,
        (0, "won", 1, "still there"): 1,
        (0, "lost", "won"): 1,
        (0, "won", "lost"): 1,
    }
    # b was won and moved back to the demo; c was won after it was lost; d was lost after it was won.
    assert (found.back.win_rate, found.back.win_rate_others) == (wilson(0, 1), wilson(2, 3))


def test_a_win_at_a_stage_that_takes_more_than_the_win_is_an_end_too():
    bottom = model_of([{"New"}, {"Demo", "Won"}])
    found = _moves({"a": "0 New, 5 Demo, 9 Won", "b": "0 New, 5 Demo", "c": "0 New, 7 Won"}, Question(bottom))
    assert found.win is None
    assert [told for told in _told(found) if told[0] == 1] == [
        (1, "won", "won", 2, 2, 2.0),  # after 4 days, and at once
        (1, "still there", "still", 1, 1, None),
    ]
    assert _paths(found) == {(0, 1, "won"): 2, (0, 1, "still there"): 1}


def test_coming_back_to_buy_is_a_loop_and_no_step_back():
    stages = tuple(Stage(label, label, labels=(label,)) for label in ("New", "Demo", "Won", "Grown"))
    model = StageModel("m", "M", stages, kind="labels", loop=Loop("Won", ("Demo",)))
    leads = {"a": "0 New, 5 Won, 9 Grown, 30 Won", "b": "0 New, 5 Won, 9 Grown, 30 Demo"}
    found = _moves(leads, Question(model))
    assert [(move.origin, move.target) for move in found.moves if move.kind == "loop"] == [(3, 2)]
    assert [(move.origin, move.target) for move in found.moves if move.kind == "back"] == [(3, 1)]
    assert found.back.moved_back == wilson(1, 2)


def test_the_outcome_column_ends_the_last_stay():
    leads = {"won": "0 New, 5 Demo", "lost": "0 New, 5 Demo", "late": "0 New, 20 Demo"}
    columns = {
        lead: {"outcome_said": said, "closed_at": (DAY + timedelta(days=12)).isoformat()}
        for lead, said in (("won", "won"), ("lost", "lost"), ("late", "lost"))
    }
    found = _moves(leads, columns=columns)
    # The late one was recorded after the file says it was closed: it still stands there.
    assert _told(found)[2:] == [
        (2, 3, "forward", 1, 1, 7.0),
        (2, "lost", "lost", 1, 1, 7.0),
        (2, "still there", "still", 1, 1, None),
        (3, "still there", "still", 1, 1, None),
    ]
    assert _paths(found) == {(0, 2, 3): 1, (0, 2, "lost"): 1, (0, 2, "still there"): 1}


def test_what_lies_after_the_last_observed_moment_has_not_happened():
    leads = {
        "a": "0 New, 4 Demo, 20 Won",
        "b": "0 New, 12 Lost",
        "c": "15 New, 16 Demo",
        "d": "0 New, 4 Demo, 12 New, ? Won",
    }
    until = DAY + timedelta(days=10)
    found = _moves(leads, Question(MODEL, observed_until=until))
    assert found.leads == 3
    assert _paths(found) == {(0, 2, "still there"): 2, (0, "still there"): 1}
    assert (found.back.moved_back, found.back.win_rate_others) == (wilson(0, 3), wilson(1, 3))
    columns = {"a": {"outcome_said": "lost", "closed_at": (DAY + timedelta(days=11)).isoformat()}}
    said = _moves({"a": "0 New"}, Question(MODEL, observed_until=until), columns)
    assert _paths(said) == {(0, "still there"): 1}


def test_an_undated_move_counts_and_has_no_days():
    found = _moves({"a": "0 New, ? Demo", "b": "0 New, 4 Demo", "c": "? New"})
    assert _told(found)[1] == (0, 2, "skip", 2, 2, 4.0)
    assert _paths(found) == {(0, 2, "still there"): 2, (0, "still there"): 1}
    assert _told(_moves({"a": "0 New, ? Demo"}))[1] == (0, 2, "skip", 1, 1, None)


@thorough
def test_rule_window_and_unit_change_no_move():
    plain = _moves(WALKS)
    columns = {lead: {"account_id": "Acme"} for lead in WALKS}
    for asked in (
        Question(MODEL, Rule.IN_ORDER, window_days=3, entry=Entry.ANY),
        Question(MODEL, Rule.VISITED),
        Question(MODEL, unit=Unit.ACCOUNT, quorum=2),
    ):
        found = _moves(WALKS, asked, columns)
        assert found.question == asked
        assert (found.moves, found.back, found.paths, found.reentries) == (
            plain.moves,
            plain.back,
            plain.paths,
            plain.reentries,
        )


@thorough
def test_dates_and_filters_say_whose_moves():
    columns = {lead: {"Region": "East" if lead in ("lost", "still new") else "West"} for lead in WALKS}
    east = Question(MODEL, filters=Filters(where=(OneOf("Region", ("East",)),)))
    assert _paths(_moves(WALKS, east, columns)) == {(0, "lost"): 1, (0, "still there"): 1}
    late = Question(MODEL, filters=Filters(start_from=date(2025, 3, 3)))
    assert _paths(_moves(WALKS, late)) == {(0, "still there"): 1, (2, 0, "still there"): 1}
    # Dated by a model that does not see a lead's first label.
    by_demo = Question(MODEL, filters=Filters(start_from=date(2025, 3, 9)), dated_by=model_of([{"Demo"}, {"Won"}]))
    assert _moves(WALKS, by_demo).leads == 3  # demos on days 10, 8 and 10; the one on day 5 is too early
    nobody = _moves(WALKS, Question(MODEL, filters=Filters(start_from=date(2026, 1, 1))))
    assert (nobody.leads, nobody.moves, nobody.paths, nobody.distinct_paths) == (0, (), (), 0)
    assert nobody.back.moved_back.value is nobody.back.extra_days is nobody.returned.value is None


def test_a_snapshot_has_no_moves():
    found = _moves({"a": "5 Demo", "b": "6 Lost"}, start_from_created=True)
    assert (found.leads, found.moves, found.paths) == (2, (), ())
    for rate in (found.back.moved_back, found.returned, *found.reentries):
        assert (rate.denominator, rate.value) == (0, None)
