"""The order that labels bear in themselves: which marks are read, and when they order nothing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.core.types import OrderReason
from funnel.mapping import written_orders

OPEN = "unplaced"


def first_order(*labels: str, **concepts: str) -> list[str]:
    """The labels of the order that decides, as it has them; nothing where none is written down."""
    known = {label: concepts.get(label, OPEN) for label in labels}
    orders = written_orders(known, {})
    return sorted(orders[0].positions, key=orders[0].positions.__getitem__) if orders else []


@pytest.mark.parametrize(
    "ordered",
    [
        ["A. Enquiry", "B. Measured", "C. Drawn", "D. Ordered"],
        ["A. Anfrage", "B. Besuch", "C. Claim"],  # the first letters of words, but counted with
        ["a) Enquiry", "b) Measured", "c) Drawn"],
        ["(A) Enquiry", "[B] Measured", "C: Drawn"],
        ["A - Enquiry", "B – Measured", "C | Drawn"],
        ["Phase A: Enquiry", "Phase B: Measured", "Phase C"],
        ["1. Enquiry", "2. Measured", "10. Drawn"],
        ["1 Enquiry", "2 Measured", "3 Drawn"],
        ["01_enquiry", "02_measured", "03_drawn"],
        ["#1 Enquiry", "№2 Measured", "(3) Drawn"],
        ["1.1 Enquiry", "1.2 Measured", "1.10 Drawn", "2.1 Ordered"],
        ["1a Enquiry", "1b Measured", "2 Drawn"],
        ["① Enquiry", "② Measured", "③ Drawn"],
        ["1️⃣ Enquiry", "2️⃣ Measured", "3️⃣ Drawn"],
        ["🔥 1 - Enquiry", "❄ 2 - Measured", "✅ 3 - Drawn"],
        ["١. جديد", "٢. تواصل", "٣. عرض"],
        ["1st: enquiry", "2nd: measured", "3rd: drawn"],
        ["S1 - Enquiry", "S2 - Measured", "S3 - Drawn"],
        ["Stage 1: Enquiry", "Stage 2: Measured", "Stage 12: Drawn"],
        ["Этап 1. Заявка", "Этап 2. Замер", "Этап 3. Смета"],
        ["ขั้นตอนที่ 1: ใหม่", "ขั้นตอนที่ 2: ติดต่อ", "ขั้นตอนที่ 3: เสนอ"],
        ["Step one", "Step two: visit", "Step three"],
        ["Schritt eins", "Schritt zwei", "Schritt drei"],
        ["Первый визит", "Второй визит", "Третий визит"],
        ["الخطوة الأولى", "الخطوة الثانية", "الخطوة الثالثة"],
        ["I. Enquiry", "II. Measured", "III. Drawn", "IV. Ordered", "V. Paid", "IX. Built", "X. Done"],
        ["Stage I - Enquiry", "Stage II - Measured", "Stage V - Drawn"],
        ["Enquiry (5%)", "Measured 25 %", "50% - Drawn", "Ordered %75"],
        ["5%", "12.5%", "50%", "75%"],
        ["А. Заявка", "Б. Замер", "В. Смета"],
        ["Д. Заявка", "Е. Замер", "Ё. Смета", "Ж. Договор"],
        ["أ. جديد", "ب. تواصل", "ج. عرض", "د. تفاوض"],
        ["ا. جدید", "ب. تماس", "پ. جلسه", "ت. پیشنهاد"],
        ["الف) جدید", "ب) تماس", "ج) جلسه", "د) پیشنهاد"],
        ["Ա. Նոր", "Բ. Կապ", "Գ. Առաջարկ"],
        ["0", "1", "2", "10"],
    ],
)
def test_what_is_written_in_nearly_all_labels_orders_them(ordered: list[str]) -> None:
    shuffled = random.Random(7).sample(ordered, len(ordered))
    assert first_order(*shuffled) == ordered
    assert first_order(*reversed(ordered)) == ordered


@pytest.mark.parametrize(
    "labels",
    [
        ["1. Enquiry", "1. Measured", "2. Drawn"],  # two with one mark
        ["A. Enquiry", "B. Measured", "B. Drawn", "C. Ordered"],
        ["Enquiry (10%)", "Measured (10%)", "Drawn (50%)"],
        ["1. Enquiry", "2. Measured", "Drawn", "Ordered"],  # half of them without
        ["A. Enquiry", "B. Measured", "Drawn", "Ordered", "Paid"],
        ["A. Enquiry", "2. Measured", "III. Drawn"],  # no two of one kind
        ["A. Enquiry", "Б. Замер", "Γ. Σχέδιο"],
        ["C2:NEW", "C2:PREPARATION", "C4:EXECUTING", "DT31_7:CLIENT"],  # codes of pipelines
        ["C2:1", "C2:2", "C2:3"],
        ["2023 leads", "2024 leads", "2022 old leads"],  # years, and ids
        ["984312", "984313", "984400"],
        ["N", "C", "Q"],  # codes, not counts
        ["N - New", "C - Contacted", "Q - Qualified", "P - Proposal"],
        ["A/B test", "E-mail sent", "X-ray", "T-shirt"],
        ["Enquiry", "Measured", "Drawn"],
        ["", "?", "1"],
        ["1. Enquiry"],
        [],
    ],
)
def test_what_orders_nothing(labels: list[str]) -> None:
    assert first_order(*labels) == []


def test_one_of_a_few_labels_or_a_quarter_of_many_may_bear_no_mark() -> None:
    marked = [f"{letter}. {word}" for letter, word in zip("ABCDEF", ("x", "y", "z", "u", "v", "w"), strict=True)]
    assert first_order(*marked[:2], "Parked") == marked[:2]
    assert first_order(*marked[:5], "Parked") == marked[:5]
    assert first_order(*marked, "Parked", "On hold") == marked
    assert first_order(*marked[:5], "Parked", "On hold") == []


def test_exits_are_no_stages_and_a_win_needs_no_mark() -> None:
    ends = {"Order signed": "won", "Gone": "lost", "Z. Not ours": "disqualified", "Task": "ignored"}
    assert first_order("2. Measured", "1. Enquiry", *ends, **ends) == ["1. Enquiry", "2. Measured"]
    # An exit of the same mark does not blur it, nor does a win.
    assert first_order("2 Measured", "1 Enquiry", "1 Gone", **{"1 Gone": "lost"}) == ["1 Enquiry", "2 Measured"]
    assert first_order("2 Measured", "1 Enquiry", "2 Paid", **{"2 Paid": "won"})[0] == "1 Enquiry"


@pytest.mark.parametrize(
    "series",
    [
        ["Interview 1", "Interview 2", "Interview 3"],
        ["1st call", "2nd call"],
        ["First touch", "Second touch", "Third touch"],
        ["Follow-up", "Follow-up 2", "3rd follow-up"],
        ["Round 1 of 3", "Round 2 of 3"],
        ["Visit 2: the roof", "Visit 4: the heating"],
        ["Stage I", "Stage II", "Stage III"],
        ["Plan A", "Plan B"],
    ],
)
def test_labels_that_are_numbered_alike_are_ordered_among_themselves(series: list[str]) -> None:
    others = ["Applied", "Reference check", "Offer letter", "Contract", "Papers"]
    shuffled = random.Random(3).sample([*series, *others], len(series) + len(others))
    assert first_order(*shuffled) == series


def test_two_of_one_number_among_those_numbered_alike_order_nothing() -> None:
    assert first_order("Visit 1: roof", "Visit 1: cellar", "Visit 2: roof", "Papers", "Offer", "Pause", "Plan") == [
        "Visit 1: roof",
        "Visit 2: roof",  # alike but for the number
    ]


def test_a_table_of_stages_comes_after_the_labels_own_marks() -> None:
    concepts = dict.fromkeys(("2. Drawn", "1. Enquiry", "3. Ordered"), OPEN)
    by_mark, by_table = written_orders(concepts, {"2. Drawn": 5.0, "1. Enquiry": 9.0, "Gone": 1.0})
    assert (by_mark.reason, by_mark.positions) == (
        OrderReason.WRITTEN,
        {"1. Enquiry": 0, "2. Drawn": 1, "3. Ordered": 2},
    )
    assert (by_table.reason, by_table.positions) == (OrderReason.TABLE, {"2. Drawn": 0, "1. Enquiry": 1})
    assert written_orders(dict.fromkeys(("Drawn", "Enquiry"), OPEN), {"Drawn": 4.0, "Enquiry": 4.0}) == ()


@given(st.lists(st.text(max_size=12), unique=True, max_size=12))
def test_any_labels_can_be_looked_at(labels: list[str]) -> None:
    for order in written_orders(dict.fromkeys(labels, OPEN), {}):
        assert set(order.positions) <= set(labels)
        assert len(set(order.positions.values())) == len(order.positions) > 1


@given(st.permutations("ABCDEFGH"), st.lists(st.sampled_from("xyzж"), min_size=8, max_size=8))
def test_letters_in_any_order_of_the_file(letters: list[str], words: list[str]) -> None:
    labels = [f"{letter}. {word}{letter}" for letter, word in zip(letters, words, strict=True)]
    assert first_order(*labels) == sorted(labels)
