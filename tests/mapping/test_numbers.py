"""Numbers and identifiers in columns of text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.core.engine import Engine
from funnel.mapping.cells import number_sql
from funnel.mapping.cells.numbers import NumberColumn, as_id, read_numbers
from funnel.mapping.data_file import data_file
from tests.columns import values, write
from tests.thorough import examples


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


def read(engine: Engine, texts: list[str | None]) -> NumberColumn:
    found = read_numbers(engine, write(engine, texts, "amount"), "amount")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("texts", "numbers", "format"),
    [
        (["1", "-2", "3.5"], [1.0, -2.0, 3.5], "1234.56"),
        (["$45,000", "$1,234.56", "$5"], [45000.0, 1234.56, 5.0], "$1,234.56"),
        (["1.234,56", "12", "1,5"], [1234.56, 12.0, 1.5], "1.234,56"),
        (["45k", "12k", "1.2M", "3 млн"], [45e3, 12e3, 1.2e6, 3e6], "1234.56k"),
        (["1 234,56 ₽", "1\u00a0000 ₽", "500 руб.", "1\u202f000,5 р."], [1234.56, 1000.0, 500.0, 1000.5], "1 234,56 ₽"),
        (["€1.000", "€2.500.000", "€500"], [1000.0, 2500000.0, 500.0], "€1.234"),
        (["(500)", "-5", "500-", "−7", "($1,500.25)"], [-500.0, -5.0, -500.0, -7.0, -1500.25], "$1,234.56"),
        (["12%", "3.5%"], [12.0, 3.5], "1234.56%"),
        (["1,23,456", "12,345.50"], [123456.0, 12345.5], "1,234.56"),
        (["1e5", "1.5e+06", "3"], [1e5, 1.5e6, 3.0], "1234.56"),
        (["1234", "۱۲۳۴", "۱٬۲۳۴٫۵"], [1234.0, 1234.0, 1234.5], "1,234.56"),
        (["CHF 1'234.50", "CHF 2’000.-"], [1234.5, 2000.0], "CHF 1'234.56"),
        (["R$ 1.234,56", "R$ 99,90"], [1234.56, 99.9], "R$1.234,56"),
        (["๑,๒๓๔.๕๐", "๙๙"], [1234.5, 99.0], "1,234.56"),
        (["١٬٢٣٤٫٥٠", "٧٫١٢٥"], [1234.5, 7.125], "1,234.56"),
        (["１，２３４．５", "￥7"], [1234.5, 7.0], "¥1,234.56"),
        (["₹ 1,00,000/-", "Rs. 12,34,567.50"], [100000.0, 1234567.5], "₹1,234.56"),
        (["1’234’567.50", "CHF 12"], [1234567.5, 12.0], "CHF 1’234.56"),
        (["1\u202f234\u202f567,5 €", "€\u00a012"], [1234567.5, 12.0], "1\u202f234,56 €"),
        (["$1,234.50 USD", "$7 USD"], [1234.5, 7.0], "USD 1,234.56"),
        (["\u200f1,234.50\u00a0ر.س.\u200f", "\u200f-7.25\u00a0ر.س.\u200f"], [1234.5, -7.25], "1,234.56 SAR"),
        (["10 000 դր.", "2 500 դրամ"], [10000.0, 2500.0], "1 234 ֏"),
        (["3万円", "1.5億円"], [30000.0, 150000000.0], "1234.56億 ¥"),
    ],
)
def test_each_way_of_writing(engine: Engine, texts: list[str | None], numbers: list[float], format: str) -> None:
    found = read(engine, texts)
    assert values(engine, found.expression) == numbers
    assert (found.filled, found.parsed, found.placeholders) == (len(texts), len(texts), 0)
    assert found.format == format


@pytest.mark.parametrize(
    ("texts", "numbers", "ambiguous"),
    [
        (["1,234", "5,678"], [1234.0, 5678.0], True),
        (["1.234", "5.678"], [1234.0, 5678.0], True),
        (["1,234", "5,67"], [1.234, 5.67], False),
        (["1.234", "0.125"], [1.234, 0.125], False),
        (["1.234", "5678"], [1.234, 5678.0], False),
        (["1.234", "1,234", "2.50"], [1.234, 1234.0, 2.5], False),
        (["۱٬۲۳۴", "۵٬۶۷۸"], [1234.0, 5678.0], False),
        (["۱۲٫۵۰۰", "۳٫۲۵۰"], [12.5, 3.25], False),
    ],
)
def test_the_decimal_mark_is_decided_by_the_whole_column(
    engine: Engine, texts: list[str | None], numbers: list[float], ambiguous: bool
) -> None:
    found = read(engine, texts)
    assert values(engine, found.expression) == numbers
    assert found.ambiguous is ambiguous


def test_a_cell_against_the_decimal_mark_is_unreadable_and_not_another_number(engine: Engine) -> None:
    found = read(engine, ["1.500,50", "2,5", "1.5", "10 apples", "-", " ", None])
    assert values(engine, found.expression) == [1500.5, 2.5, None, None, None, None, None]
    assert values(engine, found.unreadable) == [False, False, True, True, False, False, False]
    assert (found.filled, found.parsed, found.placeholders) == (5, 2, 1)


def test_the_currency_is_named_where_there_is_one(engine: Engine) -> None:
    assert read(engine, ["USD 500", "700 usd", "3"]).currency == "USD"
    assert read(engine, ["500 руб.", "3 ₽"]).currency == "₽"
    assert read(engine, ["500", "3"]).currency is None
    mixed = read(engine, ["USD 500", "EUR 700", "EUR 1", "3"])
    assert (mixed.currency, mixed.currencies) == (None, ("EUR", "USD"))
    assert values(engine, mixed.currency_expression) == ["USD", "EUR", "EUR", None]


def test_a_sign_and_a_code_together_name_one_currency(engine: Engine) -> None:
    found = read(engine, ["$5 USD", "$7 USD", "USD 1", "3"])
    assert found.currencies == ("USD",)
    assert values(engine, found.currency_expression) == ["USD", "USD", "USD", None]
    mixed = read(engine, ["$5 CAD", "$7"])
    assert values(engine, mixed.currency_expression)[1] == "$"


def test_blanks_that_do_not_break_stand_before_a_currency(engine: Engine) -> None:
    found = read(engine, ["1\u00a0234,50\u00a0€", "12,00\u202f€"])
    assert values(engine, found.currency_expression) == ["€", "€"]


def test_no_currency_is_thousands_of_another() -> None:
    data = data_file("currencies")
    spelt = {name.lower() for name in (*data["codes"], *data["signs"], *data["same"])}
    assert not [(scale, rest) for scale in number_sql.SCALES for rest in spelt if scale + rest in spelt]
    assert not spelt & set(number_sql.SCALES)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234.50", True),
        ("1.234,50", True),
        ("12,34,567", True),
        ("€\u00a05", True),
        ("45k", True),
        ("", False),
        ("€", False),
        ("1.2.3", False),
        ("192.168.1.10", False),
        ("+7 916 123 45 67", False),
        ("2024-01-05", False),
        ("3 apples", False),
        ("7" * 101, False),
    ],
)
def test_a_quick_look_at_one_number(text: str, number: bool) -> None:
    assert number_sql.is_number(text) is number


@pytest.mark.parametrize(
    "texts", [["apple", "3 apples"], ["2024-01-05"], ["+7 916 123 45 67"], ["12:30"], ["-", None], []]
)
def test_what_is_no_column_of_numbers(engine: Engine, texts: list[str | None]) -> None:
    assert read_numbers(engine, write(engine, texts, "amount"), "amount") is None


@settings(max_examples=examples(60), deadline=None)
@given(
    amounts=st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=20),
    marks=st.sampled_from([(",", "."), (".", ","), (" ", ","), ("\u202f", ","), ("'", "."), ("", ".")]),
    sign=st.sampled_from(["", "$", "€"]),
)
def test_rendered_amounts_come_back(engine: Engine, amounts: list[int], marks: tuple[str, str], sign: str) -> None:
    grouping, decimal = marks
    western = [f"{sign}{cents / 100:,.2f}" for cents in amounts]
    texts = [text.translate({ord(","): grouping, ord("."): decimal}) for text in western]
    found = read(engine, list(texts))
    assert values(engine, found.expression) == [cents / 100 for cents in amounts]


def test_identifiers_lose_a_fraction_of_zero_only_together(engine: Engine) -> None:
    table = write(engine, ["15.0", " 7.0 ", None, "-"], "id")
    assert values(engine, as_id(engine, table, "id")) == ["15", "7", None, None]
    table = write(engine, ["15.0", "7"], "id")
    assert values(engine, as_id(engine, table, "id")) == ["15.0", "7"]


def test_identifiers_of_nineteen_digits_stay_apart(engine: Engine) -> None:
    ids = ["1234567890123456789", "1234567890123456788", "0012"]
    assert values(engine, as_id(engine, write(engine, ids, "id"), "id")) == ids
    long = [f"{text}.0" for text in ids[:2]]
    assert values(engine, as_id(engine, write(engine, long, "id"), "id")) == ids[:2]
