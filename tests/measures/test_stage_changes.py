"""Two periods stage by stage: by hand, and against plain Python over drawn histories."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel.core.errors import QuestionError
from funnel.core.types import Question, Verdict
from funnel.measures.stage_changes import stage_changes
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles.oracle import Entered
from tests.thorough import examples

MODEL = model_of([{"New"}, {"Demo"}, {"Offer"}, {"Won"}])
MEANT = {"New": "lead", "Demo": "demo", "Offer": "proposal", "Won": "won", "Lost": "lost"}
BEFORE, AFTER = (date(2025, 1, 1), date(2025, 1, 31)), (date(2025, 2, 1), date(2025, 2, 28))
UNTIL = datetime(2025, 4, 1)
AGES = (1, 3, 7, 14, 30, 60, 90, 180, 365)


def _asked(leads, until=UNTIL, before=BEFORE, after=AFTER):
    engine = engine_with(leads)
    try:
        return stage_changes(journeys_of(engine, MEANT), Question(MODEL, observed_until=until), before, after)
    finally:
        engine.close()


def _lead(start: datetime, *days: tuple[str, float]) -> list[Entered]:
    return [Entered("New", start), *(Entered(label, start + timedelta(days=after)) for label, after in days)]


def _months(january: int, february: int) -> dict[str, list[Entered]]:
    """Forty leads a month; so many of each come to a demo after two days and to an offer after twenty, none is won."""
    leads = {}
    for month, demos in ((1, january), (2, february)):
        for number in range(40):
            days = (("Demo", 2), ("Offer", 20)) if number < demos else ()
            leads[f"{month}-{number}"] = _lead(datetime(2025, month, 1 + number % 28, 9), *days)
    return leads


def test_each_stage_is_compared_by_its_own_days() -> None:
    changes = _asked(_months(10, 30))
    demo, offer, win = changes.stages
    assert (demo.position, demo.day, offer.position, offer.day, win.position) == (1, 3, 2, 30, None)
    assert (demo.contrast.rate.numerator, demo.contrast.rate.denominator) == (30, 40)
    assert (demo.contrast.others.numerator, demo.contrast.others.denominator) == (10, 40)
    assert demo.contrast.verdict is Verdict.HIGHER
    assert demo.contrast.difference == pytest.approx(0.5)
    # The last lead started on 28 February, 32 days before the file ends.
    assert (demo.young, demo.complete_on, offer.young, offer.complete_on) == (0, None, 0, None)
    # Nobody was won, so the win is looked at by the days of the stage before.
    assert (win.day, win.contrast.rate.numerator, win.contrast.others.numerator) == (30, 0, 0)
    assert changes.untold == ()


def test_what_most_leads_are_too_young_for_is_not_compared_and_says_from_when() -> None:
    changes = _asked(_months(10, 30), until=datetime(2025, 3, 3))
    demo, offer, win = changes.stages
    assert demo.contrast.verdict is Verdict.HIGHER
    # Of February only those of the 1st had thirty days by 3 March at midnight: those of 1 February 9:00 had 29 whole ones.
    assert (offer.young, offer.contrast.rate.denominator, offer.too_early) == (40, 0, True)
    assert offer.contrast.difference is None
    assert offer.complete_on == date(2025, 3, 31)
    assert changes.rows()[1]["verdict"] == "too early"
    assert [row["complete_on"] for row in changes.rows()] == [
        date(2025, 3, 4),
        date(2025, 3, 31),
        date(2025, 3, 31),
    ]
    assert win.too_early


def test_half_of_the_leads_are_enough() -> None:
    """With as many old as young leads it is compared, with one less it is not."""
    old = {f"old {number}": _lead(datetime(2025, 2, 1, 9), ("Demo", 2)) for number in range(20)}
    young = {f"young {number}": _lead(datetime(2025, 2, 10, 9)) for number in range(20)}
    january = {f"before {number}": _lead(datetime(2025, 1, 5), ("Demo", 2)) for number in range(30)}
    until = datetime(2025, 2, 12)
    assert not _asked({**january, **old, **young}, until).stages[0].too_early
    more = {**young, "one more": _lead(datetime(2025, 2, 10, 9))}
    assert _asked({**january, **old, **more}, until).stages[0].too_early


def test_a_stage_without_moments_is_told_apart() -> None:
    leads = _months(30, 30)
    leads |= {
        f"undated {number}": [Entered("New", datetime(2025, 1, 9)), Entered("Demo", None)] for number in range(30)
    }
    changes = _asked(leads)
    assert changes.untold == (1,)
    assert [each.position for each in changes.stages] == [2, None]


def test_periods_that_make_no_sense_are_refused() -> None:
    leads = _months(1, 1)
    with pytest.raises(QuestionError, match="share the days"):
        _asked(leads, before=(date(2025, 1, 1), date(2025, 2, 1)))
    with pytest.raises(QuestionError, match="after it ends"):
        _asked(leads, after=(date(2025, 2, 28), date(2025, 2, 1)))


DRAWN = st.lists(
    st.tuples(
        st.integers(0, 58),
        st.one_of(st.none(), st.integers(0, 50)),
        st.one_of(st.none(), st.integers(0, 50)),
        st.booleans(),
    ),
    max_size=60,
)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DRAWN, st.integers(40, 120))
def test_counts_equal_plain_python(drawn, days_seen) -> None:
    """Leads that start on a day, come to a demo after some days, or are lost then; everything later than the end is not there yet."""
    first, until = datetime(2025, 1, 1), datetime(2025, 1, 1) + timedelta(days=days_seen)
    leads, facts = {}, []
    for number, (started, demo, lost, comes_back) in enumerate(drawn):
        start = first + timedelta(days=started)
        if start > until:
            continue
        days = {"Demo": demo, "Lost": lost}
        entries = [
            (label, day) for label, day in days.items() if day is not None and start + timedelta(days=day) <= until
        ]
        entries = [
            each for each in entries if comes_back or lost is None or demo is None or demo < lost or each[0] == "Lost"
        ]
        leads[f"lead {number}"] = _lead(start, *entries)
        arrived = next((day for label, day in entries if label == "Demo"), None)
        facts.append((start.date(), (until - start).days, arrived))
    arrivals = sorted(arrived for *_, arrived in facts if arrived is not None)
    changes = _asked(leads, until)
    stage = changes.stages[0]
    # The smallest value that at least four fifths do not exceed.
    usual = arrivals[max(0, -(-8 * len(arrivals) // 10) - 1)] if arrivals else None
    day = AGES[0] if usual is None else next(age for age in AGES if age >= usual)
    assert stage.day == day
    for span, rate in ((BEFORE, stage.contrast.others), (AFTER, stage.contrast.rate)):
        old = [arrived for start, age, arrived in facts if span[0] <= start <= span[1] and age >= day]
        assert rate.denominator == len(old)
        assert rate.numerator == sum(arrived is not None and arrived <= day for arrived in old)
    assert stage.young == sum(AFTER[0] <= start <= AFTER[1] and age < day for start, age, _ in facts)
