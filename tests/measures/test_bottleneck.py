"""The slowest stage and the largest drop-off: one answer, told only beyond chance, whatever the ids and the order of lines."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from funnel import charts
from funnel.core.types import Question, Rule, Unit
from funnel.measures import bottleneck, score, times
from funnel.measures.alignment import reference
from funnel.measures.signal import Landmark
from tests.leads import DAY, engine_with, file_of, journeys_of, lead_of, model_of
from tests.oracles import compared_oracle, times_oracle
from tests.strategies import CONCEPTS as NASTY
from tests.strategies import DAY_ZERO, histories, models
from tests.thorough import examples, thorough

UNTIL = DAY + timedelta(days=400)
CONCEPTS = {"New": "lead", "Demo": "demo", "Offer": "proposal", "Won": "won", "Lost": "lost"}
MODEL = model_of([{"New"}, {"Demo"}, {"Offer"}, {"Won"}])


def _told(leads, model=MODEL, until=UNTIL, concepts=CONCEPTS, **how):
    engine = engine_with(leads)
    try:
        return bottleneck(journeys_of(engine, concepts), Question(model, observed_until=until, **how))
    finally:
        engine.close()


def _world(seed, days, losses, leads=150):
    """Leads whose mean days at the three stages are these, and whose chance to be lost there are those; each stage takes as long as it does
    for the lead as a whole, so that who is slow is slow everywhere."""
    chance = Random(seed)
    found = {}
    for number in range(leads):
        at, entries, pace = 0.0, [], chance.expovariate(1)
        for label, mean, loss in zip(("New", "Demo", "Offer"), days, losses, strict=True):
            entries.append((at, label))
            at += mean * pace * chance.uniform(0.5, 1.5)
            if chance.random() < loss:
                entries.append((at, "Lost"))
                break
        else:
            entries.append((at, "Won"))
        found[f"lead {number}"] = lead_of(*entries)
    return found


def _bootstrap(amounts, place, other, draws=2_000):
    """The share of samples of as many leads, drawn with replacement, in which one stage has no more than another."""
    drawn = np.random.default_rng(5)
    apart = np.array([each[place] - each[other] for each in amounts])
    sums = np.array([apart[drawn.integers(0, len(apart), len(apart))].sum() for _ in range(draws)])
    return (sums <= 0).mean()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("days", [(20, 20, 20), (20, 40, 20), (20, 24, 20)])
def test_a_stage_stands_out_where_samples_of_leads_say_so(seed, days):
    leads = _world(seed, days, (0.1, 0.1, 0.1))
    found = _told(leads)
    stays = times_oracle.stays(list(leads.values()), [{"New"}, {"Demo"}, {"Offer"}, {"Won"}], CONCEPTS, UNTIL)
    amounts = np.zeros((len(leads), 3))
    for stay in stays:
        amounts[stay.lead, stay.position] += stay.span / timedelta(days=1)
    top = int(amounts.sum(axis=0).argmax())
    worst = max(_bootstrap(amounts, top, other) for other in range(3) if other != top)
    assert (found.slowest.position, found.slowest.amount) == (top, pytest.approx(amounts.sum(axis=0)[top]))
    # Half of 5 % lie beyond 1.96 on one side; near that the two may differ.
    if worst < 0.015 or worst > 0.04:
        assert found.slowest.stands_out == (worst < 0.025)


@thorough
def test_two_equal_stages_are_not_told_apart_and_a_slow_one_is():
    # Nobody is lost on the way, so that as many wait at each; or a fifth of all are lost at each.
    equal = [_told(_world(seed, (5, 20, 20), (0, 0, 0))).slowest for seed in range(20)]
    as_many = [_told(_world(seed, (5, 20, 20), (0, 0.2, 0.25))).drop_off for seed in range(20)]
    # Of 20 worlds without a difference, chance alone names a stage in about one.
    assert sum(each.stands_out for each in equal) <= 3
    assert sum(each.stands_out for each in as_many) <= 3
    slow = [_told(_world(seed, (5, 40, 20), (0.05, 0.05, 0.5))) for seed in range(5)]
    assert [(each.slowest.name, each.slowest.stands_out) for each in slow] == [("Demo", True)] * 5
    assert [(each.drop_off.name, each.drop_off.stands_out) for each in slow] == [("Offer", True)] * 5


def test_ids_and_the_order_of_lines_change_nothing():
    leads = _world(3, (20, 22, 20), (0.2, 0.1, 0.15))
    shuffled = [*leads.values()]
    Random(1).shuffle(shuffled)
    renamed = {f"{number * 919 % 1000:03} renamed": entries[::-1] for number, entries in enumerate(shuffled)}
    one, other = _told(leads), _told(renamed)
    assert (one.slowest, one.drop_off, one.days, one.lost) == (other.slowest, other.drop_off, other.days, other.lost)


def test_losses_of_few_leads_are_no_answer():
    # Nine of 40 lost at the demo and two at the offer: 7 apart, with a standard error of √(11 − 49 / 40) = 3.1.
    lost = {f"demo {number}": lead_of((0, "New"), (1, "Demo"), (9, "Lost")) for number in range(9)}
    lost |= {f"offer {number}": lead_of((0, "New"), (1, "Offer"), (9, "Lost")) for number in range(2)}
    won = {f"won {number}": lead_of((0, "New"), (1, "Demo"), (2, "Offer"), (9, "Won")) for number in range(29)}
    found = _told(lost | won).drop_off
    assert (found.name, found.amount, found.total, found.stands_out) == ("Demo", 9, 11, True)
    # Eight and three: 5 apart, √(11 − 25 / 40) = 3.2.
    lost["demo 8"] = lost["offer 0"]
    found = _told(lost | won).drop_off
    assert (found.name, found.amount, found.stands_out) == ("Demo", 8, False)
    # Of nineteen leads nothing stands out.
    found = _told({f"{number}": lead_of((0, "New"), (1, "Demo"), (90, "Lost")) for number in range(19)})
    assert (found.slowest.rivals, found.drop_off.rivals) == (1, 1)
    assert (found.slowest.stands_out, found.drop_off.stands_out) == (False, False)


def test_a_stage_that_nobody_left_is_no_bottleneck():
    leads = {f"{number}": lead_of((0, "New"), (5, "Demo"), (10, "Offer")) for number in range(40)}
    found = _told(leads)
    assert found.never_left == ("Offer",)
    # The others took five days of every lead, so that neither stands out.
    assert (found.slowest.name, found.slowest.stands_out) == ("New", False)
    assert (found.slowest.total, found.days[2]) == (400, 40 * 390)
    assert found.drop_off is None
    assert charts.stuck(found).endswith("No lead was lost. Not counted there: Offer, which nobody has left yet.")


def test_a_lead_lost_twice_is_lost_once_where_it_stood_last():
    leads = {
        "twice": lead_of((0, "New"), (3, "Lost"), (10, "Demo"), (13, "Lost")),
        "new": lead_of((0, "New"), (3, "Demo")),
    }
    found = _told(leads)
    assert (found.lost[:2], found.drop_off.name) == ((0, 1), "Demo")
    # From the third to the tenth day the lead lay lost: that is no open time.
    assert found.days[:2] == (6, 3 + 397)


def test_no_lead_and_no_time_have_no_bottleneck():
    found = _told({"later": lead_of((500, "New"))})
    assert (found.slowest, found.drop_off, found.sentences) == (None, None, ())


@thorough
@settings(max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, models())
def test_every_command_has_the_same_days_and_losses(leads, stages):
    """Open days by stage and leads lost by stage of `compare` are those of `times`, and both are plain Python's."""
    until = DAY_ZERO + timedelta(days=40)
    engine = engine_with({f"lead {place}": entries for place, entries in enumerate(leads)})
    try:
        model = model_of(stages)
        journeys = journeys_of(engine, NASTY, file=file_of(model))
        question = Question(model, observed_until=until)
        told = times(journeys, question)
        base = reference(journeys, [question])
        compared = score(journeys, question, base, Landmark(30, 60))
        for asked in (question, Question(model, Rule.IN_ORDER, window_days=3, unit=Unit.ACCOUNT, observed_until=until)):
            alone = bottleneck(journeys, asked)
            assert alone == told.bottleneck == compared.bottleneck
    finally:
        engine.close()
    open_days, lost = compared_oracle.open_and_lost(leads, stages, NASTY, until)
    assert list(told.bottleneck.days) == pytest.approx(open_days)
    assert list(told.bottleneck.lost) == lost
    assert sum(stage.all_days for stage in told.stages) == pytest.approx(sum(open_days))
    assert (compared.waits.by_stage if compared.waits else [0.0] * len(stages)) == pytest.approx(open_days)
    assert (compared.leaks.by_stage if compared.leaks else [0.0] * len(stages)) == pytest.approx(lost)
