"""What came in, what was decided and what is open, month by month: by hand, and against plain Python over nasty histories."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from hypothesis import HealthCheck, given, settings

from funnel.core.types import Filters, Question, Unit
from funnel.measures.pipeline import Month, pipeline
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles import oracle
from tests.oracles.oracle import Entered
from tests.strategies import CONCEPTS, histories, models
from tests.thorough import examples

JANUARY = datetime(2025, 1, 31, 23, 0)
FEBRUARY, MARCH, MAY = (datetime(2025, month, 10) for month in (2, 3, 5))
MODEL = model_of([{"New"}, {"Demo"}, {"Won"}])
MEANT = {"New": "lead", "Demo": "demo", "Won": "won", "Lost": "lost"}
LEADS = {
    "won in March": [Entered("New", JANUARY), Entered("Won", MARCH)],
    "lost in March": [Entered("New", JANUARY), Entered("Lost", MARCH)],
    "open": [Entered("New", FEBRUARY)],
    "lost, then back": [Entered("New", JANUARY), Entered("Lost", FEBRUARY), Entered("Demo", MARCH)],
    "won at no known moment": [Entered("New", FEBRUARY), Entered("Won", None)],
    "not in the model": [Entered("Lost", FEBRUARY)],
}


def _asked(leads, question, concepts=MEANT, columns=None):
    engine = engine_with(leads, columns)
    try:
        return pipeline(journeys_of(engine, concepts), question)
    finally:
        engine.close()


def test_each_month_by_hand() -> None:
    found = _asked(LEADS, Question(MODEL, observed_until=MAY))
    assert found.months == (
        Month(date(2025, 1, 1), 3, 0, 0, 3),
        Month(date(2025, 2, 1), 1, 0, 0, 4),
        Month(date(2025, 3, 1), 0, 1, 1, 2),
    )
    assert (found.undated, found.untimed) == (0, 1)
    assert found.rows()[-1] == {"month": date(2025, 3, 1), "came": 0, "won": 1, "lost": 1, "open": 2}
    # Nothing happened in May: the last month is long over.
    assert found.unfinished is None
    assert _asked(LEADS, Question(MODEL, observed_until=MARCH)).unfinished == date(2025, 3, 1)
    assert _asked(LEADS, Question(MODEL, observed_until=datetime(2025, 3, 31, 9))).unfinished is None


def test_dates_are_those_of_the_start() -> None:
    late = Filters(start_from=date(2025, 2, 1))
    found = _asked(LEADS, Question(MODEL, filters=late, observed_until=MAY))
    assert found.months == (Month(date(2025, 2, 1), 1, 0, 0, 1),)


def test_accounts_come_and_end_as_accounts_do() -> None:
    columns = {lead: {"account_id": "Acme"} for lead in ("won in March", "lost in March", "open")}
    found = _asked(LEADS, Question(MODEL, unit=Unit.ACCOUNT, observed_until=MAY), columns=columns)
    assert [(each.came, each.won, each.lost) for each in found.months] == [(1, 0, 0), (0, 1, 0)]


def test_of_nobody_there_is_no_month() -> None:
    nobody = _asked(LEADS, Question(MODEL, filters=Filters(start_from=date(2030, 1, 1)), observed_until=MAY))
    assert (nobody.months, nobody.unfinished, nobody.rows()) == ((), None, [])


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, models())
def test_months_equal_plain_python(leads, stages) -> None:
    named = {f"lead {place}": entries for place, entries in enumerate(leads)}
    found = _asked(named, Question(model_of(stages), observed_until=datetime(2030, 1, 1)), CONCEPTS)
    expected: dict[date, Counter[str]] = {}
    for entries in leads:
        way = oracle.journey(entries, stages, CONCEPTS, "passed")
        if way is None:
            continue
        expected.setdefault(way.started_at.date().replace(day=1), Counter())["came"] += 1
        if way.outcome != "open":
            expected.setdefault(way.ended_at.date().replace(day=1), Counter())[way.outcome] += 1
    told = {each.first: Counter(came=each.came, won=each.won, lost=each.lost) for each in found.months}
    assert told == expected
    assert [each.first for each in found.months] == sorted(expected)
    came, ended = (sum(row[name] for row in expected.values()) for name in ("came", "won"))
    lost = sum(row["lost"] for row in expected.values())
    assert not found.months or found.months[-1].open == came - ended - lost
