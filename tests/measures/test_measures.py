"""What the measures say of a few leads whose numbers are worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from funnel.core.errors import QuestionError
from funnel.core.types import Between, Filters, OneOf, Question, Rule, Unit
from funnel.measures import breakdown, kpis, leads_at, rule_sensitivity, starts, steps
from funnel.measures.statistics.rates import wilson
from tests.leads import DAY, engine_with, journeys_of, lead_of, model_of

CONCEPTS = {"New": "lead", "Demo": "demo", "Won": "won", "Lost": "lost"}
MODEL = model_of([{"New"}, {"Demo"}, {"Won"}])


LEADS = {
    "a1": lead_of((0, "New"), (10, "Demo"), (40, "Won")),
    "a2": lead_of((5, "New"), (6, "Lost")),
    "b1": lead_of((10, "New"), (30, "Demo")),
    "b2": lead_of((20, "New"), (50, "Won")),
    "c1": lead_of((90, "New")),
}
COLUMNS = {
    "a1": {"account_id": "A", "Region": "East", "amount": 100, "currency": "EUR"},
    "a2": {"account_id": "A", "Region": "West", "amount": 7, "currency": "EUR"},
    "b1": {"account_id": "B", "Region": "East", "amount": 50, "currency": "EUR"},
    "b2": {"account_id": "B", "Region": None, "amount": 1},
    "c1": {"Region": "East", "amount": 30, "currency": "USD"},
}
UNTIL = DAY + timedelta(days=100)


@pytest.fixture(scope="module")
def journeys():
    engine = engine_with(LEADS, COLUMNS)
    yield journeys_of(engine, CONCEPTS)
    engine.close()


def _counts(result):
    return [stage.leads for stage in result.stages]


def test_the_date_filter_is_on_the_start_with_both_days_included(journeys):
    within = Filters(start_from=date(2025, 3, 6), start_to=date(2025, 3, 21))
    result = steps(journeys, Question(MODEL, filters=within))
    assert (result.leads, _counts(result)) == (3, [3, 2, 1])  # a2, b1, b2; b2 was won on 20 April, after the range
    assert (result.all_leads, result.placed_leads) == (5, 5)


def test_filters_on_columns(journeys):
    east = Filters(where=(OneOf("Region", ("East",)),))
    assert _counts(steps(journeys, Question(MODEL, filters=east))) == [3, 2, 1]
    east_or_empty = Filters(where=(OneOf("Region", ("East", None)),))
    assert _counts(steps(journeys, Question(MODEL, filters=east_or_empty))) == [4, 3, 2]
    middling = Filters(where=(Between("amount", 7, 50),))
    assert _counts(steps(journeys, Question(MODEL, filters=middling))) == [3, 1, 0]
    with pytest.raises(QuestionError):
        steps(journeys, Question(MODEL, filters=Filters(where=(OneOf("No such", ("x",)),))))


def test_a_filter_value_is_only_a_value(journeys):
    hostile = Filters(where=(OneOf("Region", ("East' OR '1'='1", 'x" OR 1=1 --')),))
    assert steps(journeys, Question(MODEL, filters=hostile)).leads == 0


def test_accounts_reach_a_stage_by_their_first_second_or_every_lead(journeys):
    first = steps(journeys, Question(MODEL, unit=Unit.ACCOUNT))
    assert (first.leads, _counts(first), first.won, first.open) == (2, [2, 2, 2], 2, 0)
    second = steps(journeys, Question(MODEL, unit=Unit.ACCOUNT, quorum=2))
    assert _counts(second) == [2, 1, 0]  # A has one lead at the demo; both of B's passed it
    # Both of B's leads passed the demo, and only one was recorded there: there is no second record to time.
    assert (second.stages[1].timed_leads, second.stages[1].median_days_from_previous) == (0, None)
    every = steps(journeys, Question(MODEL, unit=Unit.ACCOUNT, quorum=None))
    assert _counts(every) == [2, 1, 0]


def test_the_ledger_of_the_stages(journeys):
    new, demo, won = steps(journeys, Question(MODEL)).stages
    assert (new.advanced, new.skipped_ahead, new.moved_back, new.lost, new.still_there) == (2, 1, 0, 1, 1)
    assert (demo.leads, demo.advanced, demo.still_there, demo.skipped_here) == (3, 2, 1, 1)
    # One of the two won skipped the demo, and has no time from there.
    assert (won.leads, won.still_there, won.timed_leads, won.median_days_from_previous) == (2, 2, 1, None)
    assert (demo.from_entry.value, demo.from_previous.denominator) == (0.6, 5)


def test_a_breakdown_has_every_group_and_counts_the_rest(journeys):
    whole = breakdown(journeys, Question(MODEL), "Region", limit=2)
    assert [(value, each.leads, _counts(each)) for value, each in whole.groups] == [
        ("East", 3, [3, 2, 1]),
        ("West", 1, [1, 0, 0]),
    ]
    assert whole.other == 1
    with_empty = breakdown(journeys, Question(MODEL), "Region")
    assert [(value, each.leads) for value, each in with_empty.groups] == [("East", 3), ("West", 1), (None, 1)]
    assert with_empty.groups[2][1].all_leads == 1


def test_the_headline_counts_only_leads_old_enough(journeys):
    figures = kpis(journeys, Question(MODEL, observed_until=UNTIL), by_day=30)
    assert (figures.leads, figures.won, figures.open) == (5, 2, 2)
    # c1 is 10 days old. Of the four others, b2 was won after 30 days and a1 after 40.
    assert (figures.win_rate.numerator, figures.win_rate.denominator) == (1, 4)
    assert (figures.median_days_to_win, figures.timed_wins) == (None, 2)
    assert figures.open_value == (("EUR", 50.0, 1), ("USD", 30.0, 1))


def test_starts_by_day_ignore_the_dates_chosen(journeys):
    chosen = Question(MODEL, filters=Filters(start_from=date(2025, 5, 1)))
    told = starts(journeys, chosen)
    assert (told.period, told.undated) == ("day", 0)
    assert dict(told.counts) == {(DAY + timedelta(days=d)).date(): 1 for d in (0, 5, 10, 20, 90)}


def test_rule_moves_counts_leads_counted_elsewhere(journeys):
    # Only b2 skipped a stage: visited leaves out its demo, in order leaves out its demo and its win.
    assert rule_sensitivity(journeys, Question(MODEL)) == {Rule.VISITED: 1, Rule.IN_ORDER: 1}
    assert rule_sensitivity(journeys, Question(MODEL, Rule.VISITED)) == {Rule.PASSED: 1, Rule.IN_ORDER: 1}


def test_the_leads_behind_a_bar(journeys):
    lost = leads_at(journeys, Question(MODEL), 0, "lost")
    assert (list(lost["lead_id"]), list(lost["Region"]), lost.attrs["total"]) == (["a2"], ["West"], 1)
    went_on = leads_at(journeys, Question(MODEL), 0, "went_on", limit=2)
    assert (list(went_on["lead_id"]), went_on.attrs["total"]) == (["b2", "b1"], 3)
    accounts = leads_at(journeys, Question(MODEL, unit=Unit.ACCOUNT), 2)
    assert sorted(accounts["account_id"]) == ["A", "B"]
    with pytest.raises(QuestionError, match="Accepted"):
        leads_at(journeys, Question(MODEL), 0, "vanished")


def test_undated_entries_count_until_dates_are_asked_for():
    engine = engine_with({"x": lead_of((None, "Demo")), "y": lead_of((3, "New"), (None, "Won"))})
    try:
        own = journeys_of(engine, CONCEPTS)
        result = steps(own, Question(MODEL))
        assert (result.leads, result.undated, _counts(result), result.won) == (2, 1, [2, 2, 1], 1)
        assert steps(own, Question(MODEL, filters=Filters(start_from=date(2020, 1, 1)))).leads == 1
        assert _counts(steps(own, Question(MODEL, Rule.IN_ORDER))) == [1, 0, 0]
        assert _counts(steps(own, Question(MODEL, window_days=10))) == [1, 0, 0]
    finally:
        engine.close()


def test_the_file_s_own_outcome_wins_over_the_history():
    said = {"p": {"outcome_said": "lost", "closed_at": DAY}, "q": {"outcome_said": "won"}}
    engine = engine_with({"p": lead_of((0, "New"), (9, "Won")), "q": lead_of((0, "New"), (9, "Lost"))}, said)
    try:
        result = steps(journeys_of(engine, CONCEPTS), Question(MODEL))
        assert (result.won, result.lost, result.stages[2].leads, result.stages[2].lost) == (1, 1, 1, 1)
    finally:
        engine.close()


def test_a_snapshot_starts_on_the_day_it_was_created():
    engine = engine_with(
        {f"s{number}": lead_of((50, "Won")) for number in range(20)},
        {f"s{number}": {"created_at": DAY + timedelta(days=2)} for number in range(20)},
    )
    try:
        question = Question(MODEL, observed_until=UNTIL)
        assert kpis(journeys_of(engine, CONCEPTS, start_from_created=True), question).median_days_to_win == 48.0
        assert kpis(journeys_of(engine, CONCEPTS), question).median_days_to_win == 0.0
    finally:
        engine.close()


def test_a_snapshot_counts_leads_that_are_only_known_to_be_lost():
    told = {"s": lead_of((50, "Demo")), "t": lead_of((9, "Lost")), "u": lead_of((None, "Lost"))}
    columns = {lead: {"created_at": DAY} for lead in told}
    engine = engine_with(told, columns)
    try:
        own = journeys_of(engine, CONCEPTS, start_from_created=True)
        result = steps(own, Question(MODEL))
        assert (result.leads, result.lost, _counts(result), result.stages[0].lost) == (3, 2, [3, 1, 0], 2)
        assert [stage.median_days_from_previous for stage in result.stages] == [None, None, None]
        assert _counts(steps(own, Question(MODEL, Rule.VISITED))) == [0, 1, 0]
        history = steps(journeys_of(engine, CONCEPTS), Question(MODEL))
        assert (history.leads, history.all_leads, history.lost) == (1, 3, 0)
    finally:
        engine.close()


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    [
        (81, 263, 0.255288519878274, 0.3662095769828),
        (15, 148, 0.0623863995307363, 0.160487241723308),
        (0, 20, 0.0, 0.161125158052819),
        (1, 29, 0.00611321429276266, 0.171755218793203),
        (29, 29, 0.883030201500259, 1.0),
        (10, 10, 0.722467200137111, 1.0),
        (3, 1000, 0.00102078388113862, 0.00878301405350317),
    ],
)
def test_wilson_equals_r(numerator, denominator, low, high):
    """R's prop.test without correction; the first four also stand in Newcombe 1998, Statistics in Medicine 17, table I."""
    rate = wilson(numerator, denominator)
    assert (rate.low, rate.high) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))


def test_a_rate_of_nothing_is_unknown():
    assert wilson(0, 0).value is None
