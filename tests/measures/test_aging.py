"""How long open leads have waited, and which are stalled: held to plain Python, and to cases that can be counted by hand."""

from __future__ import annotations

import sys
from datetime import timedelta
from functools import partial
from statistics import median

import numpy as np
import pytest
from hypothesis import given

from funnel.core.types import OneOf, Question
from funnel.measures import aging, follow_up
from funnel.measures.open_leads import Part, Sort
from tests.leads import lead_of, model_of
from tests.measures.timed_leads import MODEL, UNTIL, asking, named, thorough, untils
from tests.oracles import times_oracle
from tests.oracles.oracle import Entered
from tests.strategies import CONCEPTS as NASTY
from tests.strategies import histories, models


@thorough
@given(histories, models(), untils)
def test_aging_and_the_list_equal_plain_python(leads, stages, until):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys.modules["funnel.measures.aging"], "FEWEST_STAYS", 1)
        question = Question(model_of(stages), observed_until=until)
        found = asking(aging, named(leads), question, concepts=NASTY)
        lists = {
            long: asking(follow_up, named(leads), question, concepts=NASTY, part=Part.LONG if long else Part.STALLED)
            for long in (False, True)
        }
    every = times_oracle.stays(leads, stages, NASTY, until)
    stuck = {False: {}, True: {}}
    for stage in found.stages:
        here = [stay for stay in every if stay.position == stage.position]
        ages = {f"lead {stay.lead}": stay for stay in here if stay.is_open and not stay.to}
        moved = [stay.span / timedelta(microseconds=1) for stay in here if stay.moved_on]
        assert stage.open == len(ages)
        if not ages:
            continue
        spans = [stay.span / timedelta(days=1) for stay in ages.values()]
        assert stage.median_days == pytest.approx(median(spans), abs=1e-9)
        assert stage.moved_on == len(moved)
        if not moved:
            assert stage.limit is stage.long_limit is stage.stalled is stage.long_stalled is None
            continue
        limits = [float(np.percentile(moved, part)) for part in (75, 90)]
        assert (stage.limit, stage.long_limit) == tuple(
            pytest.approx(limit / 86_400_000_000, abs=1e-9) for limit in limits
        )
        for long, limit in zip((False, True), limits, strict=True):
            # In microseconds: two times that are one apart are told apart, two that rounding alone parts are not.
            beyond = {lead: stay for lead, stay in ages.items() if stay.span / timedelta(microseconds=1) > limit + 1e-3}
            assert (stage.long_stalled if long else stage.stalled) == len(beyond)
            for lead, stay in beyond.items():
                stuck[long][lead] = shorter(moved, stay.span / timedelta(microseconds=1))
    for long, rows in lists.items():
        shares = dict(zip(rows["lead_id"], rows["share"], strict=True))
        assert shares == {lead: pytest.approx(share, abs=1e-9) for lead, share in stuck[long].items()}
        assert list(rows["share"]) == sorted(rows["share"], reverse=True)
        assert rows.attrs["total"] == len(rows)


def shorter(lengths, age):
    """Where an age stands among lengths: 0 at the shortest, 1 at the longest and beyond, between two by the line from one to the other."""
    ordered = sorted(lengths)
    below = [length for length in ordered if length <= age]
    if not below or len(below) == len(ordered):
        return float(bool(below))
    last, following = below[-1], ordered[len(below)]
    return (len(below) - 1 + (age - last) / (following - last)) / (len(ordered) - 1)


def _waiting(days):
    return lead_of((100 - days, "New"))


HISTORY = {f"moved {number}": lead_of((0, "New"), (number, "Demo")) for number in range(1, 21)}


def test_open_leads_are_stalled_past_three_quarters_of_those_that_moved_on():
    leads = {
        **HISTORY,
        "usual": _waiting(15),
        "late": _waiting(16),
        "very late": _waiting(19),
        "lost": lead_of((0, "New"), (90, "Lost")),
    }
    columns = {
        "late": {"amount": 500, "currency": "EUR"},
        "very late": {"amount": 70, "currency": "USD", "Region": "=1+1"},
    }
    question = Question(MODEL, observed_until=UNTIL)
    new, demo = asking(aging, leads, question, columns).stages
    # Of 1 to 20 days, three quarters are 15.25 days, nine tenths 18.1.
    assert (new.open, new.moved_on, new.limit, new.long_limit) == (3, 20, 15.25, pytest.approx(18.1))
    assert (new.stalled, new.long_stalled, new.median_days) == (2, 1, 16)
    assert (demo.open, demo.moved_on, demo.limit, demo.stalled) == (20, 0, None, None)
    found = asking(aging, leads, question, columns)
    assert (found.open, found.stalled, found.long_stalled) == (23, 2, 1)
    assert found.amounts == (("EUR", 500.0, 1), ("USD", 70.0, 1))
    rows = asking(follow_up, leads, question, columns)
    assert list(rows["lead_id"]) == ["very late", "late"]
    assert list(rows["days"]) == [19, 16]
    assert list(rows["stage"]) == ["New", "New"]
    assert (rows["Region"][0], rows.attrs["total"]) == ("=1+1", 2)
    # Of 1 to 20 days, nineteen is the nineteenth and sixteen the sixteenth, from the first, 0, to the last, 1.
    assert list(rows["share"]) == pytest.approx([18 / 19, 15 / 19])
    page = asking(follow_up, leads, question, columns, offset=1, limit=1)
    assert (list(page["lead_id"]), page.attrs["total"]) == (["late"], 2)
    assert list(asking(follow_up, leads, question, columns, part=Part.LONG)["lead_id"]) == ["very late"]


def test_who_went_back_or_was_lost_is_no_example_of_moving_on():
    ahead = {f"ahead {number}": lead_of((0, "New"), (1, "Demo"), (1 + number, "Won")) for number in range(1, 21)}
    back = {f"back {number}": lead_of((0, "New"), (1, "Demo"), (91, "New")) for number in range(40)}
    lost = {f"lost {number}": lead_of((0, "New"), (1, "Demo"), (91, "Lost")) for number in range(40)}
    waits = {"waits": lead_of((0, "New"), (60, "Demo"))}
    _, demo = asking(aging, ahead | back | lost | waits, Question(MODEL, observed_until=UNTIL)).stages
    # Of 1 to 20 days, three quarters are 15.25.
    assert (demo.moved_on, demo.limit, demo.open, demo.stalled) == (20, 15.25, 1, 1)


def test_too_few_that_moved_on_make_nobody_stalled():
    few = {lead: ways for lead, ways in HISTORY.items() if lead != "moved 20"}
    found = asking(aging, {**few, "late": _waiting(90)}, Question(MODEL, observed_until=UNTIL))
    assert (found.stages[0].open, found.stages[0].moved_on, found.stages[0].limit, found.stages[0].stalled) == (
        1,
        19,
        None,
        None,
    )


def test_a_decided_lead_is_not_open_and_one_decided_later_is():
    leads = {
        **HISTORY,
        "won": [*_waiting(50), Entered("Won", UNTIL)],
        "later": [*_waiting(50), Entered("Won", UNTIL + timedelta(days=1))],
    }
    rows = asking(follow_up, leads, Question(MODEL, observed_until=UNTIL))
    assert list(rows["lead_id"]) == ["later"]


def test_all_open_leads_can_be_listed_and_sorted_by_their_value_or_days() -> None:
    leads = {
        **HISTORY,
        "usual": _waiting(15),
        "late": _waiting(16),
        "very late": _waiting(19),
        "no moment": [Entered("New", None)],
    }
    columns = {
        "late": {"amount": 500, "currency": "EUR", "Region": "East"},
        "usual": {"amount": 900, "currency": "EUR", "Region": "West"},
        "very late": {"amount": 7_000, "currency": "USD", "Region": "East"},
    }
    question = Question(MODEL, observed_until=UNTIL)
    ask = partial(asking, follow_up, leads, question, columns, part=Part.ALL)
    # Twenty wait at Demo, too, where nobody has moved on: none of them is unusual.
    every = ask(limit=None)
    assert every.attrs["total"] == len(every) == 24
    assert list(every["lead_id"][:3]) == ["very late", "late", "usual"]
    assert every.set_index("lead_id")["share"].isna().sum() == 21
    assert list(ask(sort=Sort.AMOUNT)["lead_id"][:3]) == ["usual", "late", "very late"]
    by_days = ask(sort=Sort.DAYS, limit=None)
    assert list(by_days["days"].dropna()) == sorted(by_days["days"].dropna(), reverse=True)
    assert by_days["lead_id"].iloc[-1] == "no moment"
    east = (OneOf("Region", ("East",)),)
    found = asking(follow_up, leads, question, columns, where=east)
    # What is usual is that of all leads, not of those in the East.
    assert (list(found["lead_id"]), found.attrs["total"]) == (["very late", "late"], 2)
    assert list(ask(where=east, sort=Sort.AMOUNT, limit=1, offset=1)["lead_id"]) == ["very late"]


def test_a_snapshot_lists_its_open_leads_too() -> None:
    leads = {"old": _waiting(60), "young": _waiting(2)}
    rows = asking(follow_up, leads, Question(MODEL, observed_until=UNTIL), snapshot=True, part=Part.ALL, sort=Sort.DAYS)
    assert list(rows["lead_id"]) == ["old", "young"]
    assert rows["share"].isna().all()
