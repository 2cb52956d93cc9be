"""What wins to come are worth, each currency by itself, and a target of them: against plain sums over drawn leads."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from scipy.stats import nbinom, poisson

from funnel.core.errors import QuestionError
from funnel.measures.forecast import forecast
from funnel.measures.forecast_words import goal_told, value_right_told
from funnel.words import wording
from tests.oracles.target_oracle import WON, end_of
from tests.planned import UNTIL, drawn, journeys_from, question

LEADS = drawn(400, 7)
CHANCE = random.Random(5)
AMOUNTS = [round(CHANCE.uniform(500, 9_500), 2) for _ in LEADS]


def opened(worth):
    return journeys_from(LEADS, worth=worth)


def test_one_amount_for_all_is_worth_as_many_as_are_won():
    journeys = opened([(100.0, "EUR")] * len(LEADS))
    result = forecast(journeys, question(), 4, target_value=5_000.0)
    for month in result.months:
        (value,) = month.values
        assert value.currency == "EUR"
        assert value.expected == pytest.approx(100 * month.expected)
        # Drawn alone, but of the same distribution as the counts.
        assert value.low80 / 100 == pytest.approx(month.range.low80, abs=1.5)
        assert value.high80 / 100 == pytest.approx(month.range.high80, abs=1.5)
    plain = forecast(journeys, question(), 4, target_wins=50).goal
    assert result.goal.expected == pytest.approx(100 * plain.expected)
    assert result.goal.reach == pytest.approx(plain.reach, abs=0.05)
    assert result.goal.coverage == pytest.approx(plain.coverage)
    assert result.goal.coverage_needed == pytest.approx(plain.coverage_needed)
    journeys.engine.close()


def test_open_leads_at_their_own_amount_those_to_come_at_that_of_late_wins():
    """Who is open is worth ten times as much as who was won; of the amounts of all but one open lead nothing is known."""
    worth = [(1_000.0 if end_of(lead)[0] == "open" else 100.0, "EUR") for lead in LEADS]
    journeys = opened(worth)
    for month in forecast(journeys, question(), 6).months:
        (value,) = month.values
        assert value.expected == pytest.approx(1_000 * month.from_open + 100 * month.from_new)
        assert value.low80 < value.expected < value.high80
    journeys.engine.close()
    blank = opened([(None, None) if end_of(lead)[0] == "open" else (100.0, "EUR") for lead in LEADS])
    for month in forecast(blank, question(), 2).months:
        assert month.values[0].expected == pytest.approx(100 * month.expected)
    blank.engine.close()


def test_currencies_are_never_mixed():
    journeys = opened([(amount, "EUR" if n % 3 else "USD") for n, amount in enumerate(AMOUNTS)])
    result = forecast(journeys, question(), 3)
    assert [value.currency for value in result.months[0].values] == ["EUR", "USD"]
    alone = opened([(amount if n % 3 else 0.0, "EUR") for n, amount in enumerate(AMOUNTS)])
    for month, other in zip(result.months, forecast(alone, question(), 3).months, strict=True):
        # Were dollars worth nothing, all would be worth what the euros are: their share of wins at their mean is that of all at theirs.
        assert month.values[0].expected == pytest.approx(other.values[0].expected, rel=1e-9)
    with pytest.raises(QuestionError, match=r"in several currencies.*EUR and USD"):
        forecast(journeys, question(), target_value=5e5)
    with pytest.raises(QuestionError, match=r"In this currency \(GBP\).*EUR and USD"):
        forecast(journeys, question(), target_value=5e5, currency="GBP")
    goal = forecast(journeys, question(), target_value=5e5, currency="USD").goal
    assert goal.currency == "USD"
    assert goal.open == pytest.approx(
        sum(amount for n, amount in enumerate(AMOUNTS) if not n % 3 and end_of(LEADS[n])[0] == "open")
    )
    for each in (journeys, alone):
        each.engine.close()


BARE = {n for n in range(len(LEADS)) if n % 11 == 3}
MIXED = [
    (None, None) if n in BARE else (amount, "USD" if n % 5 in (1, 3) else "EUR") for n, amount in enumerate(AMOUNTS)
]


def won_at(first, last, currency):
    """The amounts of wins of a currency between two days; what has none is of the commoner one."""
    won = [n for n, lead in enumerate(LEADS) if lead[-1][0] == WON and first <= lead[-1][1].date() <= last]
    return [MIXED[n][0] for n in won if (MIXED[n][1] or "EUR") == currency]


@pytest.mark.parametrize("until", [UNTIL, datetime(2026, 6, 11, 9, 30)], ids=["month over", "inside a month"])
def test_an_earlier_forecast_of_the_value_is_what_was_told_then(until):
    journeys = opened(MIXED)
    result = forecast(journeys.until(until), replace(question(), observed_until=until), 3)
    assert {(each.currency, each.ahead) for each in result.value_backtests} == {
        (currency, month.ahead) for currency in ("EUR", "USD") for month in result.months
    }
    for each in result.value_backtests[::4]:
        day = datetime.combine(each.as_of, time.max)
        then = forecast(journeys.until(day), replace(question(), observed_until=day), 3)
        (month,) = [month for month in then.months if month.ahead == each.ahead]
        (value,) = [value for value in month.values if value.currency == each.currency]
        assert each.month == month.first
        assert each.expected == pytest.approx(value.expected)
        year = [
            amount
            for amount in won_at(each.as_of - timedelta(days=364), each.as_of, each.currency)
            if amount is not None
        ]
        first = max(each.month, each.as_of + timedelta(days=1))
        came = won_at(first, (each.month + timedelta(days=31)).replace(day=1) - timedelta(days=1), each.currency)
        mean = sum(year) / len(year)
        assert each.was == pytest.approx(sum(mean if amount is None else amount for amount in came))
    journeys.engine.close()


def test_how_far_earlier_values_missed_is_told_with_the_first_and_the_last_month():
    journeys = opened([(amount, "EUR") for amount in AMOUNTS])
    result = forecast(journeys, question(), 2)
    first, last = value_right_told(result)
    for note, ahead in ((first, 1), (last, 2)):
        some = [each for each in result.value_backtests if each.ahead == ahead]
        was = sum(each.was for each in some)
        missed = sum(abs(each.expected - each.was) / each.was for each in some) / len(some)
        assert note.key == "measures.forecast_value_missed_month"
        assert (note.values["n"], note.values["forecasts"], note.values["currency"]) == (ahead, len(some), " (EUR)")
        assert note.values["error"] == pytest.approx(missed)
        assert note.values["ratio"] == pytest.approx(sum(each.expected for each in some) / was)
    assert wording.say(first.key, **first.values).startswith("Value (EUR), told 1 month ahead: ")
    assert [row["was"] for row in result.value_backtest_rows(1)] == [
        each.was for each in result.value_backtests if each.ahead == 1
    ]
    journeys.engine.close()
    none = journeys_from(LEADS)
    assert forecast(none, question(), 2).value_backtests == ()
    none.engine.close()


def test_what_has_too_few_amounts_has_no_value():
    gaps = opened([(None if n % 3 == 0 else amount, "EUR") for n, amount in enumerate(AMOUNTS)])
    rare = opened([(amount, "EUR" if n % 20 else "USD") for n, amount in enumerate(AMOUNTS)])
    cases = [(gaps, "have no amount, too many", []), (rare, "In USD ", ["EUR"])]
    for journeys, said, currencies in cases:
        result = forecast(journeys, question(), 1)
        (note,) = result.missing
        assert said in wording.say(note.key, **note.values)
        assert [value.currency for value in result.months[0].values] == currencies
        assert result.months[0].expected > 0
        journeys.engine.close()


def test_a_target_is_as_likely_as_the_wins_of_all_months_together_say():
    journeys = opened([(amount, "EUR") for amount in AMOUNTS])
    result = forecast(journeys, question(), 2, target_wins=25)
    goal = result.goal
    one, two = ([each for each in result.backtests if each.ahead == ahead] for ahead in (1, 2))
    by_day = {each.as_of: each for each in one}
    both = [(by_day[each.as_of].expected + each.expected, by_day[each.as_of].was + each.was) for each in two]
    phi = max(1.0, sum((was - mean) ** 2 / mean for mean, was in both) / len(both))
    mean = sum(month.expected for month in result.months)
    count = poisson(mean) if phi == 1 else nbinom(mean / (phi - 1), 1 / phi)
    assert goal.reach == pytest.approx(count.sf(24), rel=1e-6)
    assert (goal.since, goal.by, goal.so_far) == (date(2026, 7, 1), date(2026, 8, 31), 0)
    assert goal.coverage == pytest.approx(result.open_leads / 25)
    assert goal.coverage_needed == pytest.approx(result.open_leads / sum(month.from_open for month in result.months))
    told = [wording.say(note.key, **note.values) for note in goal_told(goal)]
    assert told[0].startswith("Of a target of 25 wins by 31 Aug 2026, 0 are won; ")
    assert told[1].startswith("Coverage: ")
    journeys.engine.close()


def test_a_target_that_is_reached_in_the_month_that_is_not_over():
    until = UNTIL.replace(day=21)
    journeys = opened([(amount, "EUR") for amount in AMOUNTS])
    asked = replace(question(), observed_until=until)
    won = [
        n
        for n, lead in enumerate(LEADS)
        if lead[-1][0] == WON and until.replace(day=1, hour=0, minute=0) <= lead[-1][1] <= until
    ]
    assert won
    goal = forecast(journeys.until(until), asked, 2, target_wins=len(won)).goal
    assert (goal.so_far, goal.coverage, goal.reach) == (len(won), None, 1)
    money = forecast(journeys.until(until), asked, 2, target_value=1.0).goal
    assert money.so_far == pytest.approx(sum(AMOUNTS[n] for n in won))
    for each in (goal, money):
        (note,) = goal_told(each)
        assert "is reached" in wording.say(note.key, **note.values)
    journeys.engine.close()
