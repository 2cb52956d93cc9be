"""The file's own labels as a model: their order, why it is so, and how far the leads agree."""

from __future__ import annotations

import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel.core.types import LabelFacts, OrderReason, Question
from funnel.measures import inferred_order
from funnel.measures.recorded import InferredOrder, as_recorded, labels_model
from funnel.measures.statistics.rates import wilson
from tests.leads import engine_with, facts_of, file_of, journeys_of, lead_of
from tests.oracles.oracle import Entered
from tests.thorough import examples

USUAL = ("lead", "demo", "proposal", "won", "onboarding", "expansion", "lost")
Leads = dict[str, list[Entered]]


def snapshot(*labels: str) -> Leads:
    """A lead for each label, in the order of the lines, of which nothing is known but where it stands."""
    return {f"lead {place}": lead_of((None, label)) for place, label in enumerate(labels)}


def order_of(leads: Leads, facts: LabelFacts) -> list[str]:
    engine = engine_with(leads)
    try:
        return [stage.name for stage in as_recorded(engine, facts, "As recorded").stages]
    finally:
        engine.close()


def told(leads: Leads, facts: LabelFacts, stages: list[tuple[str, tuple[str, ...]]] | None = None) -> InferredOrder:
    """How sure the order is; without stages, that of the as-recorded model."""
    engine = engine_with(leads)
    try:
        model = labels_model("labels", "", stages) if stages is not None else as_recorded(engine, facts, "")
        return inferred_order(journeys_of(engine, dict(facts.concepts), file=file_of(model, facts)), Question(model))
    finally:
        engine.close()


def test_labels_stand_as_most_leads_entered_them_and_exits_are_no_stages() -> None:
    leads = {
        "1": lead_of((0, "beta"), (1, "alpha"), (2, "gamma")),
        "2": lead_of((0, "beta"), (5, "alpha")),
        "3": lead_of((0, "alpha"), (5, "beta")),
        "4": lead_of((0, "gamma"), (0, "alpha")),  # one moment says nothing
        "5": lead_of((0, "gone"), (3, "beta"), (4, "task")),
    }
    concepts = {"alpha": "unplaced", "beta": "unplaced", "gamma": "unplaced", "gone": "lost", "task": "ignored"}
    assert order_of(leads, facts_of(concepts)) == ["beta", "alpha", "gamma"]


def test_where_moves_go_round_the_fewest_give_way() -> None:
    around = [("alpha", "beta", 9), ("beta", "gamma", 4), ("gamma", "alpha", 2)]
    leads = {f"{one} {n}": lead_of((0, one), (1, other)) for one, other, count in around for n in range(count)}
    concepts = dict.fromkeys(("gamma", "beta", "alpha"), "unplaced")
    assert order_of(leads, facts_of(concepts)) == ["alpha", "beta", "gamma"]


def test_what_is_written_counts_more_than_moves_and_they_more_than_meanings() -> None:
    concepts = {"2 Offer": "proposal", "1 Visit": "lead", "Parked": "demo"}
    leads = {"a": lead_of((0, "2 Offer"), (1, "1 Visit")), "b": lead_of((0, "2 Offer"), (1, "Parked"))}
    # The number puts Visit first, the moves Parked after Offer, and not its meaning before it.
    assert order_of(leads, facts_of(concepts, USUAL)) == ["1 Visit", "2 Offer", "Parked"]
    named = {"Offer": "proposal", "Visit": "lead", "Parked": "demo"}
    moved = {"a": lead_of((0, "Offer"), (1, "Visit")), "b": lead_of((0, "Offer"), (1, "Parked"))}
    assert order_of(moved, facts_of(named, USUAL)) == ["Offer", "Visit", "Parked"]
    assert order_of(snapshot(*named), facts_of(named, USUAL, by_time=False)) == ["Visit", "Parked", "Offer"]


def test_a_table_of_stages_counts_more_than_moves_and_less_than_marks() -> None:
    concepts = dict.fromkeys(("Offer", "Visit", "Parked"), "unplaced")
    leads = {"a": lead_of((0, "Offer"), (1, "Visit"), (2, "Parked"))}
    assert order_of(leads, facts_of(concepts, (), {"Offer": 7.5, "Visit": 3})) == ["Visit", "Offer", "Parked"]
    marked = dict.fromkeys(("2 Visit", "1 Offer"), "unplaced")
    assert order_of(snapshot(*marked), facts_of(marked, (), {"1 Offer": 7.5, "2 Visit": 3})) == ["1 Offer", "2 Visit"]


def test_last_of_all_counts_which_the_file_has_first() -> None:
    concepts = dict.fromkeys(("many", "beta", "alpha"), "unplaced")
    undated = snapshot("beta", "many", "alpha", "many")
    assert order_of(undated, facts_of(concepts, by_time=False)) == ["beta", "many", "alpha"]
    dated = {
        "1": lead_of((4, "beta")),
        "2": lead_of((3, "many")),
        "3": lead_of((2, "alpha")),
        "4": lead_of((5, "many")),
    }
    assert order_of(dated, facts_of(concepts)) == ["alpha", "many", "beta"]
    # All at one moment: by the line.
    at_once = {name: lead_of((1, label)) for name, label in (("1", "beta"), ("2", "alpha"), ("3", "many"))}
    assert order_of(at_once, facts_of(concepts)) == ["beta", "alpha", "many"]


def test_a_win_is_last_whatever_the_rest_means_and_however_many_were_won() -> None:
    concepts = {"Signed": "won", "Odd": "unplaced", "Offer": "proposal", "Paid": "won", "Lost": "lost"}
    labels = ["Signed", "Paid", "Signed", "Signed", "Odd", "Lost", "Offer", "Signed"]
    facts = facts_of(concepts, USUAL, by_time=False)
    assert order_of(snapshot(*labels), facts) == ["Odd", "Offer", "Signed", "Paid"]
    moved = {"a": lead_of((0, "Paid"), (1, "Odd"), (2, "Signed")), "b": lead_of((0, "Paid"), (3, "Offer"))}
    # Among themselves, wins stand as leads entered them.
    assert order_of(moved, facts_of(concepts, USUAL)) == ["Odd", "Offer", "Paid", "Signed"]


def test_what_follows_a_win_by_its_meaning_stands_behind_it_only_where_leads_went_there() -> None:
    concepts = {"Won": "won", "Set up": "onboarding", "Renewal": "expansion", "New": "lead", "Odd": "unplaced"}
    facts = facts_of(concepts, USUAL)
    loop = {
        "a": lead_of((0, "New"), (1, "Won"), (2, "Set up"), (9, "Renewal"), (10, "Won")),
        "b": lead_of((0, "New"), (1, "Won"), (5, "Renewal"), (6, "Won")),
        "c": lead_of((0, "Won"), (1, "Odd")),  # its meaning is none that follows a win
    }
    assert order_of(loop, facts) == ["New", "Odd", "Won", "Set up", "Renewal"]
    back = {**loop, "d": lead_of((0, "Renewal"), (1, "Won")), "e": lead_of((0, "Renewal"), (1, "Won"))}
    assert order_of(back, facts)[-2:] == ["Won", "Set up"]
    standing = snapshot("Won", "Set up", "Renewal", "New", "Odd")
    assert order_of(standing, facts_of(concepts, USUAL, by_time=False)) == ["New", "Set up", "Renewal", "Odd", "Won"]


def test_how_sure_the_order_of_the_stages_is() -> None:
    concepts = {"New": "lead", "Demo": "demo", "Won": "won", "Paid": "won"}
    leads = {
        "a": lead_of((0, "New"), (1, "Demo"), (2, "Won")),
        "b": lead_of((0, "Demo"), (1, "New"), (2, "Paid"), (3, "Won")),
        "c": lead_of((0, "New"), (0, "Demo")),
        "d": lead_of((5, "Won"), (6, "New"), (7, "Won")),
        "e": lead_of((0, "New"), (None, "Won")),
    }
    stages = [("New", ("New",)), ("Demo", ("Demo",)), ("Win", ("Won", "Paid"))]
    found = told(leads, facts_of(concepts, USUAL), stages)
    assert [(p.earlier, p.later, p.forward, p.backward, p.together, p.reason) for p in found.pairs] == [
        ("New", "Demo", 1, 1, 1, OrderReason.MEANING),  # as many one way as the other
        ("Demo", "Win", 2, 0, 0, OrderReason.WIN_LAST),
    ]
    # New before Win: a and b; d was won first. All pairs: forward 1 + 2 + 2, backward 1 + 0 + 1.
    assert found.sure == wilson(5, 7)
    assert told({"a": leads["a"]}, facts_of(concepts, USUAL), stages[:1]).pairs == ()


def test_each_pair_says_what_its_order_was_taken_from() -> None:
    labels = ("Call 1", "Call 2", "Alpha", "Beta", "Offer", "Gamma", "Delta", "Won", "Lost")
    concepts = dict.fromkeys(labels, "unplaced") | {"Offer": "proposal", "Alpha": "lead", "Won": "won", "Lost": "lost"}
    positions = {"Gamma": 1.0, "Delta": 2.0}
    leads = {
        "a": lead_of((0, "Call 1"), (0, "Call 2"), (1, "Alpha"), (2, "Beta")),
        "b": lead_of((3, "Offer"), (4, "Gamma"), (4, "Delta")),
        "c": lead_of((2, "Beta"), (3, "Offer")),
    }
    found = told(leads, facts_of(concepts, USUAL, positions))
    reasons = {(pair.earlier, pair.later): pair.reason for pair in found.pairs}
    assert reasons == {
        ("Call 1", "Call 2"): OrderReason.WRITTEN,
        ("Call 2", "Alpha"): OrderReason.MOVES,
        ("Alpha", "Beta"): OrderReason.MOVES,
        ("Beta", "Offer"): OrderReason.MOVES,
        ("Offer", "Gamma"): OrderReason.MOVES,
        ("Gamma", "Delta"): OrderReason.TABLE,
        ("Delta", "Won"): OrderReason.WIN_LAST,
    }
    by_hand = [(label, (label,)) for label in ("Won", "Call 2", "Call 1", "Offer", "Lost", "Delta")]
    assert [pair.reason for pair in told(leads, facts_of(concepts, USUAL, positions), by_hand).pairs] == [
        None,  # a win is no first stage
        None,  # the numbers say otherwise
        OrderReason.FIRST_SEEN,
        OrderReason.MEANING,
        None,  # the file has Delta first, as it has no lost lead
    ]


@st.composite
def lettered(draw: st.DrawFn) -> tuple[Leads, dict[str, str]]:
    """Leads that move at random between labels with letters, some of which mean a win, an exit or what follows a win."""
    letters = draw(st.permutations(string.ascii_uppercase[:7]))
    meant = ("unplaced", "unplaced", "lead", "proposal", "won", "lost", "onboarding")
    concepts = {f"{letter}. x{letter}": draw(st.sampled_from(meant)) for letter in letters}
    moves = st.tuples(st.one_of(st.none(), st.integers(0, 3)), st.sampled_from(sorted(concepts)))
    histories = draw(st.lists(st.lists(moves, max_size=4), max_size=6))
    everywhere = [[(None, label)] for label in concepts]
    return {f"lead {n}": lead_of(*pairs) for n, pairs in enumerate([*histories, *everywhere])}, concepts


@given(lettered(), st.booleans())
@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_letters_order_all_but_the_win_and_what_follows_it(found: tuple[Leads, dict[str, str]], by_time: bool) -> None:
    leads, concepts = found
    order = told(leads, facts_of(concepts, USUAL, by_time=by_time))
    labels = [stage.name for stage in order.question.model.stages]
    assert sorted(labels) == sorted(label for label, concept in concepts.items() if concept != "lost")
    first = {
        (name, entry.label): min(each.at for each in entries if each.at and each.label == entry.label)
        for name, entries in leads.items()
        for entry in entries
        if entry.at
    }

    def side(label: str) -> int:
        if concepts[label] == "won":
            return 1
        ways = [
            (first[name, win] < first[name, label]) - (first[name, win] > first[name, label])
            for name in leads
            for win, concept in concepts.items()
            if concept == "won" and (name, win) in first and (name, label) in first
        ]
        return 2 if concepts[label] == "onboarding" and sum(ways) > 0 else 0

    assert labels == sorted(labels, key=lambda label: (side(label), label)) or len(labels) < 2
    assert {pair.reason for pair in order.pairs} <= {OrderReason.WRITTEN, OrderReason.WIN_LAST}


@given(lettered(), st.randoms(use_true_random=False))
@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_order_is_always_found_and_each_pair_has_its_reason(found: tuple[Leads, dict[str, str]], chance) -> None:
    leads, concepts = found
    plain = {label: label[-1] * 3 for label in concepts}
    leads = {name: [Entered(plain[each.label], each.at) for each in entries] for name, entries in leads.items()}
    concepts = {plain[label]: concept for label, concept in concepts.items()}
    positions = {label: float(chance.randrange(3)) for label in concepts if chance.random() < 0.5}
    order = told(leads, facts_of(concepts, USUAL, positions))
    assert len(order.pairs) == max(0, len(order.question.model.stages) - 1)
    assert None not in [pair.reason for pair in order.pairs]
    assert all(pair.forward >= pair.backward for pair in order.pairs if pair.reason is OrderReason.MOVES)


@pytest.mark.parametrize("count", [0, 1, 61])
def test_any_number_of_labels(count: int) -> None:
    labels = [
        f"Label {string.ascii_lowercase[place // 26]}{string.ascii_lowercase[place % 26]}" for place in range(count)
    ]
    concepts = dict.fromkeys(labels, "unplaced")
    assert order_of(snapshot(*labels), facts_of(concepts, by_time=False)) == labels[:60]
