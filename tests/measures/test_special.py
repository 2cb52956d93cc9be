"""Measures of one model each: backward, deciders, and a change on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel.core.errors import QuestionError
from funnel.core.types import Filters, OneOf, Question, Rule, Unit
from funnel.measures.account_sizes import account_sizes
from funnel.measures.backward import backward
from funnel.measures.changed import change
from funnel.measures.statistics.rates import wilson
from tests.leads import DAY, engine_with, file_of, journeys_of, lead_of, model_of
from tests.oracles import special_oracle
from tests.strategies import CONCEPTS as NASTY_CONCEPTS
from tests.strategies import histories, models
from tests.thorough import examples

CONCEPTS = {
    "New": "lead",
    "Demo": "demo",
    "Won": "won",
    "Paid": "won",
    "Lost": "lost",
    "Odd": "unplaced",
}
MODEL = model_of([{"New"}, {"Demo"}, {"Won"}])


def _asking(measure, leads, question, columns=None, **kwargs):
    engine = engine_with(leads, columns)
    try:
        return measure(journeys_of(engine, CONCEPTS, **kwargs), question)
    finally:
        engine.close()


# The funnel read from the win.

WAYS = {
    "a": lead_of((0, "New"), (10, "Demo"), (40, "Won")),
    "b": lead_of((0, "New"), (20, "Won"), (30, "Demo"), (35, "Won")),  # the demo came after the first win
    "c": lead_of((0, "Demo"), (7, "Won")),
    "d": lead_of((0, "New"), (5, "Demo")),
    "e": lead_of((0, "New"), (9, "Lost")),
}


def test_a_funnel_read_from_the_win():
    told = _asking(backward, WAYS, Question(MODEL))
    won, demo, new = told.stages
    assert (told.won, [stage.name for stage in told.stages]) == (3, ["Won", "Demo", "New"])
    assert (won.recorded.numerator, won.median_days_before_win, won.timed) == (3, 0.0, 3)
    # Recorded at the demo: a, b and c; b after its win, so 30 and 7 days are left.
    assert (demo.recorded.numerator, demo.recorded.denominator) == (3, 3)
    assert (demo.median_days_before_win, demo.timed) == (18.5, 2)
    assert (new.recorded.numerator, new.median_days_before_win, new.timed) == (2, 30.0, 2)
    # Counted under `passed`: all five passed the first stage, all but e the second.
    assert [(s.leads, s.won, s.open) for s in told.stages] == [(3, 3, 0), (4, 3, 1), (5, 3, 1)]
    assert (demo.needed, demo.at_best) == (4 / 3, 1.0)
    share = wilson(3, 4)
    assert (demo.low, demo.high) == (1 / share.high, 1 / share.low)
    assert (new.needed, new.at_best) == (5 / 3, 1.25)


def test_how_many_are_recorded_does_not_hang_on_the_rule_or_the_window():
    plain = _asking(backward, WAYS, Question(MODEL))
    for question in (Question(MODEL, Rule.VISITED), Question(MODEL, Rule.IN_ORDER, window_days=15)):
        told = _asking(backward, WAYS, question)
        assert [stage.recorded for stage in told.stages] == [stage.recorded for stage in plain.stages]
        assert [stage.timed for stage in told.stages] == [2 + (stage.key == "Won") for stage in told.stages]
    # Within 15 days and in order, a and d come to the demo, b is still new.
    assert [(s.leads, s.won, s.open) for s in told.stages] == [(0, 0, 0), (2, 1, 1), (4, 2, 1)]
    assert told.stages[0].needed is told.stages[0].low is told.stages[0].high is told.stages[0].at_best is None


def test_without_a_win_no_lead_is_enough():
    told = _asking(backward, {"d": WAYS["d"], "e": WAYS["e"]}, Question(MODEL))
    demo = told.stages[1]
    assert (told.won, demo.leads, demo.needed, demo.low, demo.high, demo.at_best) == (0, 1, None, None, None, 1.0)
    assert demo.recorded.value is None


def test_an_account_is_recorded_where_as_many_of_its_leads_are_as_the_quorum_asks_for():
    columns = {lead: {"account_id": account} for lead, account in zip("abcde", "XXYYZ", strict=True)}
    first = _asking(backward, WAYS, Question(MODEL, unit=Unit.ACCOUNT), columns)
    # X (won on day 20): demo on day 10, new on day 0. Y (won on day 7): demo on day 0, and new (d) on day 0. Z lost.
    assert [(s.recorded.numerator, s.recorded.denominator, s.median_days_before_win) for s in first.stages] == [
        (2, 2, 0.0),
        (2, 2, 8.5),
        (2, 2, 13.5),
    ]
    assert [(s.leads, s.won, s.needed) for s in first.stages] == [(2, 2, 1.0), (2, 2, 1.0), (3, 2, 1.5)]
    every = _asking(backward, WAYS, Question(MODEL, unit=Unit.ACCOUNT, quorum=None), columns)
    assert [s.recorded.numerator for s in every.stages] == [1, 2, 1]  # won: X; demo: X and Y; new: X


def test_a_snapshot_cannot_tell_which_way_a_won_lead_came():
    leads = {"a": lead_of((40, "Won")), "b": lead_of((5, "Demo"))}
    told = _asking(backward, leads, Question(MODEL), start_from_created=True)
    assert told.won == 1
    for stage in told.stages:
        assert (stage.recorded.denominator, stage.recorded.value, stage.timed) == (0, None, 0)
        assert stage.median_days_before_win is None
    assert [(stage.leads, stage.won) for stage in told.stages] == [(1, 1), (2, 1), (2, 1)]


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, models(), st.sampled_from([("passed", None), ("passed", 3), ("visited", 1), ("in-order", None)]))
def test_backward_equals_plain_python(leads, stages, way):
    rule, window = way
    engine = engine_with({f"lead {place}": entries for place, entries in enumerate(leads)})
    try:
        told = backward(journeys_of(engine, NASTY_CONCEPTS), Question(model_of(stages), Rule(rule), window))
    finally:
        engine.close()
    expected = special_oracle.backward(leads, stages, NASTY_CONCEPTS, rule, window)
    for stage, row in zip(told.stages, expected, strict=True):
        days = row.pop("median_days_before_win")
        assert {**{name: getattr(stage, name) for name in row}, "recorded": stage.recorded.numerator} == row
        assert stage.median_days_before_win == (days if days is None else pytest.approx(days, abs=1e-9))
        assert stage.recorded.denominator == told.won


# Deciders.


def test_how_many_leads_an_account_has():
    leads = {
        "a1": lead_of((0, "New"), (10, "Won")),
        "a2": lead_of((60, "New")),
        "a3": lead_of((70, "New")),
        "b1": lead_of((5, "New"), (6, "Lost")),
        "c1": lead_of((8, "New")),
        "c2": lead_of((9, "Odd")),  # the model does not place it
        "d1": lead_of((50, "New"), (51, "Lost")),
        "d2": lead_of((52, "New"), (55, "Lost")),
        "none": lead_of((1, "New")),
    }
    columns = {lead: {"account_id": lead[0].upper(), "Region": "East"} for lead in leads if lead != "none"}
    columns["a3"]["Region"] = "West"
    told = _asking(account_sizes, leads, Question(MODEL, unit=Unit.ACCOUNT), columns)
    assert (told.accounts, told.leads, told.counts) == (4, 7, ((1, 2), (2, 1), (3, 1)))
    assert (told.median, told.median_won, told.median_lost) == (1.5, 3.0, 1.5)
    # A is counted by its first lead; its second started after the range, and is one of its leads all the same.
    filters = Filters(start_to=date(2025, 3, 31), where=(OneOf("Region", ("East",)),))
    some = _asking(account_sizes, leads, Question(MODEL, unit=Unit.ACCOUNT, filters=filters), columns)
    assert (some.counts, some.median, some.median_won, some.median_lost) == (((1, 2), (2, 1)), 1.0, 2.0, 1.0)
    nobody = _asking(account_sizes, {"none": leads["none"]}, Question(MODEL))
    assert (nobody.accounts, nobody.leads, nobody.counts, nobody.median) == (0, 0, (), None)
    assert nobody.question.unit is Unit.ACCOUNT


# A change on a day.

CHANGED = {
    "one": lead_of((0, "New"), (5, "Demo"), (20, "Won")),
    "two": lead_of((10, "New"), (50, "Demo")),
    "three": lead_of((30, "New"), (39, "Demo")),
    "four": lead_of((50, "New"), (51, "Demo"), (55, "Won")),
    "five": lead_of((85, "New"), (86, "Demo"), (87, "Won")),
}
SHORT = model_of([{"New"}, {"Won"}])
UNTIL = DAY + timedelta(days=90)


def _change(day, within, before=None, after=None, until=UNTIL):
    def both(journeys, _):
        asked = [before or Question(MODEL), after or Question(SHORT)]
        questions = [replace(question, observed_until=until) for question in asked]
        return change(journeys, questions, (DAY + timedelta(days=day)).date(), within)

    return _asking(both, CHANGED, None, file=file_of(MODEL))


def _counts(told):
    return [[stage.leads for stage in side.stages] for side in (told.before, told.after)]


def test_before_and_after_a_day():
    told = _change(30, None)
    assert _counts(told) == [[2, 2, 1], [3, 2]]  # one and two; three, which started on the day, four and five
    assert (told.before.question.window_days, told.within_days) == (None, None)
    assert told.after.question.filters == Filters(start_from=date(2025, 3, 31))


def test_both_sides_have_the_same_days_to_get_on():
    told = _change(30, 30)
    assert _counts(told) == [[2, 1, 1], [2, 1]]  # two came to the demo after 40 days; five is 5 days old
    assert (told.before.question.window_days, told.after.question.window_days) == (30, 30)
    own = _change(30, 30, before=Question(MODEL, window_days=4))
    assert (_counts(own)[0], own.before.question.window_days) == ([2, 0, 0], 4)


def test_a_lead_is_old_enough_when_its_last_day_was_observed_to_its_end():
    assert _change(30, 40).after.leads == 2  # four started on day 50, and day 90 is a date without a time
    assert _change(30, 41).after.leads == 1
    assert _change(30, 40, until=UNTIL + timedelta(hours=15)).after.leads == 1
    assert _change(30, 40, until=UNTIL + timedelta(hours=24)).after.leads == 2


def test_the_questions_keep_their_own_dates():
    some = Question(MODEL, filters=Filters(start_from=date(2025, 3, 2), start_to=date(2025, 5, 1)))
    told = _change(30, None, before=some, after=replace(some, model=SHORT))
    assert (told.before.leads, told.after.leads) == (1, 2)
    assert told.before.question.filters == Filters(start_from=date(2025, 3, 2), start_to=date(2025, 3, 30))


@pytest.mark.parametrize(
    ("day", "within", "sentence"),
    [
        (0, None, "1 Mar 2025 does not part .* from 2 Mar 2025 to 25 May 2025"),
        (86, None, "26 May 2025 does not part .* from 2 Mar 2025 to 25 May 2025"),
        (60, 30, "Of the 30 days .* on 30 Apr 2025 or later have at most 5"),
        (1, 100, "Of the 100 days .* before 2 Mar 2025 have at most 90"),
        (30, -1, "not -1"),
    ],
)
def test_a_day_that_leaves_one_side_empty_is_refused_with_what_to_choose(day, within, sentence):
    with pytest.raises(QuestionError, match=sentence):
        _change(day, within)


def test_what_is_suggested_works():
    assert (_change(60, 5).after.leads, _change(1, 5).before.leads) == (1, 1)
    assert (_change(1, None).before.leads, _change(85, None).after.leads) == (1, 1)


def test_leads_that_started_on_one_day_have_no_before_and_after():
    one_day = Question(MODEL, filters=Filters(start_to=date(2025, 3, 1)))
    with pytest.raises(QuestionError, match="No day"):
        _change(30, None, before=one_day, after=one_day)
    nobody = Question(MODEL, filters=Filters(where=(OneOf("Region", ("Nowhere",)),)))
    with pytest.raises(QuestionError, match="No day"):
        _change(30, None, before=nobody)
    with pytest.raises(QuestionError, match="no date"):
        _change(30, 30, until=None)
