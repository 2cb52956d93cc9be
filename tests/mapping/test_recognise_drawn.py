"""Random files whose truth is known: histories are read as histories by their lead, lists of opportunities as a line a lead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.core.types import Shape
from tests.mapped import Mapped, mapped, written
from tests.thorough import examples

FIRST = datetime(2024, 1, 8, 9)
STAGES = ("New", "Contacted", "Qualified", "Demo", "Proposal", "Negotiation", "Closed Won")
OWNERS = ("Ada", "Ben", "Cleo", "Dan")


@st.composite
def histories(draw: st.DrawFn) -> tuple[str, str, dict[str, list[str]]]:
    """(a CSV file, the header of its lead, lead → its labels in order): each lead goes on from the first stage, may jump over one,
    and may be lost; a fifth of the moves lead a stage back. Lines are shuffled."""
    seed = draw(st.integers(0, 2**32))
    chance = Random(seed)
    lead = draw(
        st.sampled_from(["deal_id", "Lead ID", "opportunity_number", "id_oportunidade", "ID сделки", "applicationId"])
    )
    leads = draw(st.integers(12, 40))
    back = draw(st.sampled_from([0.0, 0.1, 0.2]))
    with_events, with_customers = draw(st.booleans()), draw(st.booleans())
    truth: dict[str, list[str]] = {}
    lines = []
    for number in range(leads):
        name = f"L{number:04}"
        at = FIRST + timedelta(days=chance.randrange(60), minutes=number)
        place, path = 0, [STAGES[0]]
        # Two entries or more, so that ids come again.
        for step in range(chance.randrange(1, 7)):
            if step and chance.random() < 0.15:
                path.append("Closed Lost")
                break
            turn = -1 if place > 1 and chance.random() < back else 1 if chance.random() < 0.8 else 2
            place = min(place + turn, len(STAGES) - 1)
            path.append(STAGES[place])
            if place == len(STAGES) - 1:
                break
        truth[name] = path
        customer, owner = f"C{chance.randrange(leads // 3 + 1):03}", chance.choice(OWNERS)
        for label in path:
            lines.append([name, label, at.isoformat(sep=" "), customer, owner])
            at += timedelta(days=chance.randrange(1, 12), hours=chance.randrange(5))
    chance.shuffle(lines)
    header = [lead, "stage", "changed_at", *(["customer_id", "owner"] if with_customers else [])]
    rows = [line[: len(header)] for line in lines]
    if with_events:
        header = ["event_id", *header]
        rows = [[f"E{number:06}", *row] for number, row in enumerate(rows)]
    text = "\n".join(",".join(row) for row in [header, *rows]) + "\n"
    return text, lead, truth


@settings(max_examples=examples(12), deadline=None)
@given(histories())
def test_true_histories_are_read_as_such(made: tuple[str, str, dict[str, list[str]]]) -> None:
    text, lead, truth = made
    with TemporaryDirectory() as folder, mapped(*written(Path(folder), log=text)) as found:
        assert found.mapping.shape is Shape.HISTORY
        assert (found.loaded.columns["lead"], found.loaded.columns["label"]) == (lead, "stage")
        assert found.loaded.columns["time"] == "changed_at"
        read: dict[str, list[str]] = {}
        for name, label, _ in found.entries():
            read.setdefault(name, []).append(label)
        assert read == truth
        lines = sum(map(len, truth.values()))
        assert found.sums() == [(lines, lines, 0, 0)]


@st.composite
def opportunities(draw: st.DrawFn) -> tuple[str, str, int, int, int]:
    """(a CSV file, the header of its id, leads, won, lost): a line each, customers and owners come again, closings are planned."""
    chance = Random(draw(st.integers(0, 2**32)))
    lead = draw(st.sampled_from(["opportunity_id", "Deal ID", "id", "Record ID", "Vorgangsnummer", "id_negocio"]))
    customer = draw(st.sampled_from(["customer_id", "account_id", "Company", "client_code", "ContactId"]))
    planned = draw(st.sampled_from(["expected_close_date", "Planned close", "Target close date", "next_step_date"]))
    number = draw(st.integers(25, 120))
    customers = draw(st.integers(4, number // 2))
    # Whoever has come longest was decided: the customers' lines in order of time look most like a history then.
    by_age = draw(st.booleans())
    rows, won, lost = [], 0, 0
    for line in range(number):
        at = FIRST + timedelta(days=line)
        if by_age:
            stage = chance.choice(("Closed Won", "Closed Lost")) if line < 0.6 * number else chance.choice(STAGES[:5])
        else:
            stage = chance.choice((*STAGES, "Closed Lost"))
        won, lost = won + (stage == "Closed Won"), lost + (stage == "Closed Lost")
        end = at + timedelta(days=chance.randrange(20, 200))
        name = f"{1000 + line}"
        who = f"C{chance.randrange(customers):03}"
        rows.append(
            [name, who, chance.choice(OWNERS), stage, f"{at:%Y-%m-%d}", f"{end:%Y-%m-%d}", str(chance.randrange(9000))]
        )
    chance.shuffle(rows)
    header = [lead, customer, "owner", "stage", "created_at", planned, "amount"]
    return "\n".join(",".join(row) for row in [header, *rows]) + "\n", lead, number, won, lost


@settings(max_examples=examples(12), deadline=None)
@given(opportunities())
def test_lists_of_opportunities_are_a_line_a_lead(made: tuple[str, str, int, int, int]) -> None:
    text, lead, number, won, lost = made
    with TemporaryDirectory() as folder, mapped(*written(Path(folder), deals=text)) as found:
        assert found.mapping.shape is Shape.SNAPSHOT
        assert found.loaded.columns["lead"] == lead
        assert found.loaded.leads == number
        at = {each.concept: each.leads for each in found.loaded.labels if each.concept in ("won", "lost")}
        assert (at.get("won", 0), at.get("lost", 0)) == (won, lost)
        assert found.loaded.columns["created"] == "created_at"
        assert found.loaded.observed_until == FIRST.replace(hour=0) + timedelta(days=number - 1)


@contextmanager
def without_ids(made: tuple[str, str, int, int, int], by_name: bool) -> Iterator[Mapped]:
    """The list without its first column, opened; `by_name`: with names that come again."""
    text = made[0]
    lines = [line.split(",", 1)[1] for line in text.splitlines()]
    if by_name:
        lines = [
            lines[0] + ",deal name",
            *(f"{line},Project {len(line)}{place % 9}" for place, line in enumerate(lines[1:])),
        ]
    with TemporaryDirectory() as folder, mapped(*written(Path(folder), deals="\n".join(lines) + "\n")) as found:
        yield found


@settings(max_examples=examples(10), deadline=None, derandomize=True, database=None)
@given(opportunities(), st.booleans())
def test_lists_without_their_id_are_a_line_a_lead(made: tuple[str, str, int, int, int], by_name: bool) -> None:
    """Without the id nothing tells the deals apart: neither customers nor owners are leads."""
    with without_ids(made, by_name) as found:
        assert found.mapping.primary.lead_is_line
        assert (found.mapping.shape, found.loaded.leads) == (Shape.SNAPSHOT, made[2])


@settings(max_examples=examples(5), deadline=None)
@given(opportunities(), st.booleans())
def test_where_chance_orders_the_deals_of_a_customer_it_is_asked(
    made: tuple[str, str, int, int, int], by_name: bool
) -> None:
    with without_ids(made, by_name) as found:
        if not found.mapping.primary.lead_is_line:
            assert found.loaded.doubts
        read = [(found.mapping.shape, found.loaded.leads)]
        read += [(other.mapping.shape, other.leads) for other in found.mapping.alternatives]
        assert (Shape.SNAPSHOT, made[2]) in read
