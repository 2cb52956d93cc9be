"""A target in money: the wins that it takes, how much more it scatters, currencies apart, and what cannot be told."""

from __future__ import annotations

import random
from datetime import date, timedelta
from math import ceil
from statistics import mean, variance

import pytest

from funnel.core.errors import QuestionError
from funnel.measures.target import target
from funnel.measures.target_worth import mean_wins, value_target
from tests.oracles.target_oracle import DAY, WON
from tests.planned import UNTIL, drawn, journeys_from, question

LEADS = drawn(400, 7)
BY, SINCE = date(2026, 8, 29), date(2026, 5, 1)
CHANCE = random.Random(3)
AMOUNTS = [round(CHANCE.uniform(500, 9_500), 2) for _ in LEADS]


def late(amounts):
    """The amounts of the wins of the last year, and the sum of those since the first day of the target."""
    won = [(lead[-1][1], amount) for lead, amount in zip(LEADS, amounts, strict=True) if lead[-1][0] == WON]
    last_year = [amount for moment, amount in won if moment > UNTIL - 365 * DAY]
    return last_year, sum(amount for moment, amount in won if moment.date() >= SINCE)


def test_the_wins_that_money_takes_and_how_it_scatters():
    journeys = journeys_from(LEADS, worth=[(amount, "EUR") for amount in AMOUNTS])
    result = value_target(journeys, question(), BY, 400_000, since=SINCE)
    amounts, so_far = late(AMOUNTS)
    worth = result.worth
    assert (worth.value, worth.currency, worth.priced) == (400_000, "EUR", len(amounts))
    assert (worth.mean, worth.so_far) == (pytest.approx(mean(amounts)), pytest.approx(so_far))
    assert result.wins == result.won + ceil((400_000 - so_far) / mean(amounts))
    plainly = target(journeys, question(), BY, result.wins, SINCE)
    assert result.scatter == pytest.approx(plainly.scatter + variance(amounts) / mean(amounts) ** 2)
    assert (result.open, result.open_low, result.first.per_week) == (
        plainly.open,
        plainly.open_low,
        plainly.first.per_week,
    )
    # What is less sure asks for more to be as sure.
    assert result.first.sure > plainly.first.sure
    assert value_target(journeys, question(), BY, so_far / 2, "EUR", SINCE).answer.key == "measures.target_reached"
    journeys.engine.close()


def test_larger_deals_need_fewer_of_them():
    journeys = journeys_from(LEADS, worth=[(amount, "EUR") for amount in AMOUNTS])
    now = value_target(journeys, question(), BY, 400_000, since=SINCE)
    twice = value_target(journeys, question(), BY, 400_000, since=SINCE, amount=2.0).what_if
    # As many wins come, of which half as many are wanted.
    assert (twice.extra, twice.amount) == (0, 2.0)
    half = target(journeys, question(), BY, now.won + ceil((now.wins - now.won) / 2), SINCE, worth=now.worth)
    assert twice.reach == pytest.approx(half.reach)
    one = now.first.per_week / now.to_find
    assert twice.per_week == pytest.approx(one * max(0.0, (now.wins - now.won) / 2 - now.open))
    assert mean_wins(journeys, question(), SINCE) == {"EUR": pytest.approx(now.worth.mean)}
    journeys.engine.close()


def test_each_currency_is_a_target_of_its_own_leads():
    worth = [(amount, "EUR" if n % 3 else "USD") for n, amount in enumerate(AMOUNTS)]
    journeys = journeys_from(LEADS, worth=worth)
    with pytest.raises(QuestionError, match=r"in several currencies.*EUR and USD"):
        value_target(journeys, question(), BY, 400_000, since=SINCE)
    result = value_target(journeys, question(), BY, 400_000, "EUR", SINCE)
    of_euros = journeys_from([lead for n, lead in enumerate(LEADS) if n % 3])
    apart = target(of_euros, question(), BY, result.wins, SINCE)
    assert (result.open_leads, result.won, result.open) == (apart.open_leads, apart.won, pytest.approx(apart.open))
    with pytest.raises(QuestionError, match="0 wins of the last year have an amount in this currency"):
        value_target(journeys, question(), BY, 400_000, "GBP", SINCE)
    for each in (journeys, of_euros):
        each.engine.close()


def test_what_cannot_be_told_in_money_is_said():
    journeys = journeys_from(LEADS)
    with pytest.raises(QuestionError, match="of fewer than 20 nothing is told of a target in money"):
        value_target(journeys, question(), BY, 400_000)
    for value in (0.0, -5.0, float("nan")):
        with pytest.raises(QuestionError, match="more than 0"):
            value_target(journeys, question(), BY, value)
    journeys.engine.close()
    gaps = journeys_from(LEADS, worth=[(None if n % 3 == 0 else amount, "EUR") for n, amount in enumerate(AMOUNTS)])
    with pytest.raises(QuestionError, match="too many to tell of a target in money"):
        value_target(gaps, question(), BY, 400_000, since=SINCE)
    gaps.engine.close()
    assert BY - UNTIL.date() == timedelta(days=60)
