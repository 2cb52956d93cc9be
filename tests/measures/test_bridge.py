"""The pipeline between two days: by hand, and against plain Python over nasty histories."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import funnel
from funnel.core.errors import QuestionError
from funnel.core.history import ValueHistory
from funnel.core.sql import Query
from funnel.core.types import Filters, OneOf, Question, Unit, closed_within
from funnel.measures.bridge import ADDED, TAKEN, Part, bridge
from funnel.measures.bridge_list import bridge_leads
from funnel.measures.pipeline import pipeline
from tests.leads import engine_with, file_of, journeys_of, model_of
from tests.oracles import bridge_oracle
from tests.oracles.bridge_oracle import Lead
from tests.oracles.oracle import Entered
from tests.strategies import CONCEPTS, DAY_ZERO, entries, models
from tests.thorough import examples, thorough

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "samples" / "leads-history.csv.gz"
JANUARY, FEBRUARY, MARCH, APRIL, MAY = (datetime(2025, month, 10) for month in range(1, 6))
SINCE, TO = date(2025, 2, 28), date(2025, 4, 30)
MODEL = model_of([{"New"}, {"Demo"}, {"Offer"}, {"Won"}])
MEANT = {"New": "lead", "Demo": "demo", "Offer": "proposal", "Won": "won", "Lost": "lost"}


def at(*pairs: tuple[datetime, str]) -> list[Entered]:
    return [Entered(label, moment) for moment, label in pairs]


LEADS = {
    "stays": Lead(at((JANUARY, "New")), Decimal("100.10"), "EUR"),
    "forward": Lead(at((JANUARY, "New"), (MARCH, "Offer")), Decimal("200.20"), "EUR"),
    "back": Lead(at((JANUARY, "Offer"), (MARCH, "Demo")), Decimal("0.30"), "EUR"),
    "won": Lead(at((JANUARY, "New"), (MARCH, "Won")), Decimal("1000"), "EUR"),
    "lost": Lead(at((JANUARY, "New"), (APRIL, "Lost")), Decimal("50"), "USD"),
    "new": Lead(at((MARCH, "New")), Decimal("7.77"), "USD"),
    "new and lost": Lead(at((MARCH, "New"), (APRIL, "Lost")), None, ""),
    "new and won": Lead(at((MARCH, "New"), (APRIL, "Won")), Decimal("5"), "EUR"),
    "reopened": Lead(at((JANUARY, "New"), (FEBRUARY, "Lost"), (MARCH, "Demo")), Decimal("3"), "EUR"),
    "reopened and won": Lead(at((JANUARY, "New"), (FEBRUARY, "Lost"), (MARCH, "Won")), Decimal("4"), "EUR"),
    "lost and back between": Lead(at((JANUARY, "New"), (MARCH, "Lost"), (APRIL, "New")), None, ""),
    "lost for good": Lead(at((JANUARY, "New"), (FEBRUARY, "Lost")), Decimal("999"), "EUR"),
    "later": Lead(at((MAY, "New")), Decimal("999"), "EUR"),
    "won later": Lead(at((JANUARY, "Demo"), (MAY, "Won")), Decimal("0.40"), "EUR"),
    "in no stage": Lead(at((JANUARY, "Lost"))),
}
HEADS = {
    "open_start": 7,
    "new": 3,
    "reopened": 2,
    "won": 3,
    "lost": 2,
    "open_end": 7,
    "forward": 1,
    "back": 1,
    "unchanged": 3,
}


def histories_of(leads: dict[str, Lead]) -> dict[str, list[Entered]]:
    return {name: lead.entries for name, lead in leads.items()}


def columns_of(leads: dict[str, Lead]) -> dict[str, dict[str, object]]:
    return {
        name: {
            "amount": None if lead.amount is None else float(lead.amount),
            "currency": lead.currency or None,
            "account_id": lead.account,
        }
        for name, lead in leads.items()
    }


def said(values: list[tuple[str, datetime, object]], kind: str) -> Query | None:
    """What lines of a history say, as a query."""
    if not values:
        return None
    rows = " UNION ALL ".join(
        f"SELECT ? AS lead_id, CAST(? AS TIMESTAMP) AS moment, {place} AS sequence, CAST(? AS {kind}) AS value"
        for place, _ in enumerate(values)
    )
    bound = tuple(value for lead, moment, told in values for value in (lead, moment, told))
    return Query(rows, bound)


class Asked:
    """Leads in an engine, to be asked."""

    def __init__(self, leads, concepts=MEANT, model=MODEL):
        self.engine = engine_with(histories_of(leads), columns_of(leads))
        amounts = [(name, at, float(told)) for name, lead in leads.items() for at, told in lead.amounts]
        planned = [(name, at, told) for name, lead in leads.items() for at, told in lead.planned]
        values = ValueHistory(said(amounts, "DOUBLE"), said(planned, "DATE"))
        file = replace(file_of(model), values=lambda: values)
        self.journeys = journeys_of(self.engine, concepts, file=file)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.engine.close()


def heads(found) -> dict[str, int]:
    return {each.part.value: each.leads for each in found.parts}


def check_sums(found) -> None:
    """Both sums, to the cent, and the partition of those who stay."""
    plus, minus = (sum(found.leads(part) for part in parts[:2]) for parts in (ADDED, TAKEN))
    assert found.leads(Part.OPEN_START) + plus - minus == found.leads(Part.OPEN_END)
    for currency in found.currencies:

        def cents(part, currency=currency) -> int:
            return 0 if found.part(part) is None else round(found.part(part).worth(currency) * 100)

        plus, minus = (sum(cents(part) for part in parts) for parts in (ADDED, TAKEN))
        assert cents(Part.OPEN_START) + plus - minus == cents(Part.OPEN_END)


def test_each_part_by_hand() -> None:
    with Asked(LEADS) as asked:
        found = bridge(asked.journeys, Question(MODEL, observed_until=MAY), SINCE, TO)
        assert heads(found) == HEADS
        check_sums(found)
        money = {
            part: {each.currency: each.amount for each in found.part(Part(part)).value}
            for part in ("open_start", "new", "reopened", "won", "lost", "open_end")
        }
        assert money == {
            "open_start": {"EUR": 1301.0, "USD": 50.0},
            "new": {"EUR": 5.0, "USD": 7.77},
            "reopened": {"EUR": 7.0, "USD": 0.0},
            "won": {"EUR": 1009.0, "USD": 0.0},
            "lost": {"EUR": 0.0, "USD": 50.0},
            "open_end": {"EUR": 304.0, "USD": 7.77},
        }
        assert found.currencies == ("EUR", "USD")
        without = {each.part.value: each.without_amount for each in found.parts if each.without_amount}
        assert without == {"open_start": 1, "new": 1, "lost": 1, "open_end": 1, "unchanged": 1}
        listed = bridge_leads(asked.journeys, found.question, "reopened", SINCE, TO)
        assert (sorted(listed["lead_id"]), listed.attrs["total"]) == (["reopened", "reopened and won"], 2)
        assert [note.key for note in found.missing] == [
            "measures.bridge_amounts_as_exported",
            "measures.bridge_no_slipped_lead",
        ]
        assert found.answer.key == "measures.bridge_stayed_back_lead"


def test_amounts_and_planned_dates_of_the_history() -> None:
    early, late = date(2025, 3, 31), date(2025, 9, 30)
    leads = {
        "grows": Lead(
            at((JANUARY, "New")), Decimal(1), "EUR", None, [(JANUARY, Decimal("10.01")), (MARCH, Decimal("30"))]
        ),
        "shrinks and is won": Lead(
            at((JANUARY, "New"), (APRIL, "Won")),
            Decimal(1),
            "EUR",
            None,
            [(JANUARY, Decimal(50)), (MARCH, Decimal(20))],
        ),
        "gets one": Lead(at((JANUARY, "New")), Decimal(5), "EUR", None, [(MARCH, Decimal(5))]),
        "changes later": Lead(
            at((JANUARY, "New")), Decimal(9), "EUR", None, [(JANUARY, Decimal(8)), (MAY, Decimal(9))]
        ),
        "slips": Lead(at((JANUARY, "New")), planned=[(JANUARY, early), (MARCH, late)]),
        "is pulled in": Lead(at((JANUARY, "New")), planned=[(JANUARY, late), (MARCH, early)]),
        "slips before": Lead(at((JANUARY, "New")), planned=[(JANUARY, early), (FEBRUARY, late)]),
        "slips and is lost": Lead(at((JANUARY, "New"), (APRIL, "Lost")), planned=[(JANUARY, early), (MARCH, late)]),
    }
    with Asked(leads) as asked:
        found = bridge(asked.journeys, Question(MODEL, observed_until=MAY), SINCE, TO)
        check_sums(found)
        sums = {each.part.value: each.worth("EUR") for each in found.parts}
        assert sums["open_start"] == 68.01
        assert (sums["increased"], sums["decreased"], sums["won"], sums["open_end"]) == (24.99, 30.0, 20.0, 43.0)
        assert (found.leads(Part.INCREASED), found.leads(Part.DECREASED)) == (2, 1)
        assert (found.leads(Part.SLIPPED), found.slipped_of) == (1, 3)
        assert found.missing == ()
        slipped = bridge_leads(asked.journeys, found.question, Part.SLIPPED, SINCE, TO)
        assert list(slipped["lead_id"]) == ["slips"]
        assert [slipped["planned_was"][0], slipped["planned_now"][0]] == [early, late]


def test_who_is_asked_about_is_told_by_filters_and_not_by_the_dates_of_starts() -> None:
    with Asked(LEADS) as asked:
        only = OneOf("currency", ("USD",))
        closed = closed_within(date(2025, 3, 1), date(2025, 3, 31))
        dated = Filters(date(2025, 3, 1), date(2025, 3, 31), (only, closed))
        found = bridge(asked.journeys, Question(MODEL, filters=dated, observed_until=MAY), SINCE, TO)
        assert found.question.filters == Filters(where=(only,))
        assert (found.leads(Part.OPEN_START), found.leads(Part.NEW), found.leads(Part.LOST)) == (1, 1, 1)


@pytest.mark.parametrize(
    ("since", "to", "key"),
    [
        (TO, SINCE, "errors.bridge_order"),
        (TO, TO, "errors.bridge_order"),
        (date(2024, 12, 31), TO, "errors.bridge_outside"),
        (SINCE, date(2025, 5, 11), "errors.bridge_outside"),
    ],
)
def test_days_that_are_no_choice(since, to, key) -> None:
    with Asked(LEADS) as asked, pytest.raises(QuestionError) as error:
        bridge(asked.journeys, Question(MODEL, observed_until=MAY), since, to)
    assert error.value.key == key


def test_the_days_before_all_and_to_the_last_one_are_a_choice() -> None:
    with Asked(LEADS) as asked:
        found = bridge(asked.journeys, Question(MODEL, observed_until=MAY), date(2025, 1, 9), date(2025, 5, 10))
        assert found.leads(Part.OPEN_START) == 0
        months = pipeline(asked.journeys, Question(MODEL, observed_until=MAY)).months
        assert (found.leads(Part.NEW), found.leads(Part.OPEN_END)) == (
            sum(each.came for each in months),
            months[-1].open,
        )


def test_a_snapshot_tells_nothing_of_another_day() -> None:
    with Asked(LEADS) as asked, pytest.raises(QuestionError) as error:
        bridge(journeys_of(asked.engine, MEANT, start_from_created=True), Question(MODEL, observed_until=MAY))
    assert error.value.key == "errors.bridge_snapshot"


cents = st.integers(0, 1_000_000).map(lambda amount: Decimal(amount) / 100)
amounts_then = st.lists(st.tuples(st.integers(0, 20), cents), max_size=3).map(
    lambda pairs: [
        (DAY_ZERO + timedelta(hours=12 * half), amount) for half, amount in sorted(pairs, key=lambda pair: pair[0])
    ]
)
plans_then = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), max_size=3).map(
    lambda pairs: [
        (DAY_ZERO + timedelta(hours=12 * half), date(2024, 5, 1) + timedelta(days=day))
        for half, day in sorted(pairs, key=lambda pair: pair[0])
    ]
)
drawn_leads = st.lists(
    st.builds(
        Lead,
        st.lists(entries, min_size=1, max_size=9),
        st.none() | cents,
        st.sampled_from(["", "EUR", "USD"]),
        st.sampled_from([None, "Acme", "Bell", "Coda"]),
        amounts_then,
        plans_then,
    ),
    min_size=1,
    max_size=10,
)
# From the day before the first start on.
days = st.tuples(st.integers(-1, 6), st.integers(1, 8))
UNTIL = datetime(2024, 3, 15, 12)


@thorough
@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn_leads, models(), days, st.sampled_from(Unit), st.sets(st.sampled_from(Part), max_size=2))
def test_parts_equal_plain_python(drawn, stages, between, unit, looked_at) -> None:
    leads = {f"lead {place}": lead for place, lead in enumerate(drawn)}
    placed = {label for stage in stages for label in stage}
    # Of accounts, those leads begin nothing that have none.
    counted = [lead for lead in drawn if unit is Unit.LEAD or lead.account is not None]
    began = min((each.at for lead in counted for each in lead.entries if each.label in placed), default=None)
    assume(began is not None)
    days_before, days_long = between
    since = began.date() + timedelta(days=days_before)
    to = since + timedelta(days=days_long)
    assume(to <= UNTIL.date())
    # Entries after the end of the observation are not seen.
    seen = {
        name: replace(lead, entries=[each for each in lead.entries if each.at <= UNTIL]) for name, lead in leads.items()
    }
    members, money = bridge_oracle.bridge(seen, stages, CONCEPTS, since, to, by_account=unit is Unit.ACCOUNT)
    question = Question(model_of(stages), unit=unit, observed_until=UNTIL)
    with Asked(leads, CONCEPTS, question.model) as asked:
        journeys = asked.journeys.until(UNTIL)
        found = bridge(journeys, question, since, to)
        check_sums(found)
        for each in found.parts:
            assert each.leads == len(members[each.part.value]), each.part
            for currency in found.currencies:
                assert round(Decimal(each.worth(currency)), 2) == money[each.part.value, currency], each.part
            if each.part in looked_at:
                listed = bridge_leads(journeys, question, each.part, since, to, limit=None)
                name = "account_id" if unit is Unit.ACCOUNT else "lead_id"
                assert set(listed[name]) == members[each.part.value]
        told = {part.value for part in Part if found.part(part) is not None}
        assert not any(units for part, units in members.items() if part not in told)
        for day, part in ((since, Part.OPEN_START), (to, Part.OPEN_END)):
            end = min(datetime.combine(day, time.max), UNTIL)
            months = pipeline(journeys.until(end), replace(question, observed_until=end)).months
            assert found.leads(part) == (months[-1].open if months else 0)


@thorough
def test_open_numbers_of_the_sample_are_those_of_the_pipeline() -> None:
    with funnel.open(SAMPLE) as data_set:
        found = data_set.ask(bridge, "as-recorded")
        assert (found.since, found.to) == (date(2025, 3, 31), date(2025, 6, 30))
        check_sums(found)
        for day, part in ((found.since, Part.OPEN_START), (found.to, Part.OPEN_END)):
            question = data_set.question(observed_until=min(datetime.combine(day, time.max), data_set.observed_until))
            assert found.leads(part) == data_set.ask(pipeline, question).months[-1].open
