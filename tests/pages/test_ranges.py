"""Ranges of dates by name, typed days and days of an address, worked out by hand on the calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.strip import ranges
from pages.strip.ranges import Chosen

LONG = date(2020, 1, 1)
END = date(2025, 6, 30)
days = st.dates(date(2000, 1, 1), date(2040, 12, 31))


def d(text: str) -> date:
    return date.fromisoformat(text)


def said(observed: str, fiscal: int = 1) -> dict[str, str]:
    """The ranges of a long file that ends on this day, as "first..last"; without that of all."""
    found = ranges.named(LONG, d(observed), d(observed), fiscal)
    return {name: f"{first}..{last}" for name, (first, last) in found.items() if name != ranges.ALL}


def test_the_ranges_of_a_calendar_year() -> None:
    assert said("2025-06-30") == {
        "last_30_days": "2025-06-01..2025-06-30",
        "last_90_days": "2025-04-02..2025-06-30",
        "this_month": "2025-06-01..2025-06-30",
        "last_month": "2025-05-01..2025-05-31",
        "this_quarter": "2025-04-01..2025-06-30",
        "last_quarter": "2025-01-01..2025-03-31",
        "this_year": "2025-01-01..2025-06-30",
        "last_year": "2024-01-01..2024-12-31",
        "last_12_months": "2024-07-01..2025-06-30",
    }


def test_february_and_the_turn_of_a_year() -> None:
    leap = said("2024-02-29")
    assert leap["last_12_months"] == "2023-03-01..2024-02-29"
    assert leap["last_30_days"] == "2024-01-31..2024-02-29"
    assert said("2025-02-28")["last_12_months"] == "2024-02-29..2025-02-28"
    assert said("2024-03-15")["last_month"] == "2024-02-01..2024-02-29"
    assert said("2023-03-15")["last_month"] == "2023-02-01..2023-02-28"
    january = said("2025-01-01")
    assert january["this_month"] == january["this_quarter"] == january["this_year"] == "2025-01-01..2025-01-01"
    assert january["last_month"] == "2024-12-01..2024-12-31"
    assert january["last_quarter"] == "2024-10-01..2024-12-31"


@pytest.mark.parametrize(
    ("fiscal", "observed", "quarter", "quarter_before", "year", "year_before"),
    [
        (4, "2025-06-30", "2025-04-01", "2025-01-01..2025-03-31", "2025-04-01", "2024-04-01..2025-03-31"),
        (4, "2025-03-31", "2025-01-01", "2024-10-01..2024-12-31", "2024-04-01", "2023-04-01..2024-03-31"),
        (2, "2025-01-31", "2024-11-01", "2024-08-01..2024-10-31", "2024-02-01", "2023-02-01..2024-01-31"),
        (2, "2024-04-30", "2024-02-01", "2023-11-01..2024-01-31", "2024-02-01", "2023-02-01..2024-01-31"),
        (12, "2024-02-29", "2023-12-01", "2023-09-01..2023-11-30", "2023-12-01", "2022-12-01..2023-11-30"),
        (7, "2025-06-30", "2025-04-01", "2025-01-01..2025-03-31", "2024-07-01", "2023-07-01..2024-06-30"),
        (3, "2024-05-01", "2024-03-01", "2023-12-01..2024-02-29", "2024-03-01", "2023-03-01..2024-02-29"),
    ],
)
def test_a_fiscal_year(fiscal, observed, quarter, quarter_before, year, year_before) -> None:
    found = said(observed, fiscal)
    assert found["this_quarter"] == f"{quarter}..{observed}"
    assert found["last_quarter"] == quarter_before
    assert found["this_year"] == f"{year}..{observed}"
    assert found["last_year"] == year_before


@given(days, st.integers(1, 12))
def test_periods_follow_each_other_and_begin_where_they_should(observed: date, fiscal: int) -> None:
    found = ranges.named(date(1990, 1, 1), observed, observed, fiscal)
    for span, months in (("month", 1), ("quarter", 3), ("year", 12)):
        this, last = found[f"this_{span}"], found[f"last_{span}"]
        assert last[1] + timedelta(days=1) == this[0]
        assert this[0].day == last[0].day == 1
        assert this[0] <= observed == this[1]
        assert (this[0].year - last[0].year) * 12 + this[0].month - last[0].month == months
    assert found["this_year"][0].month == fiscal
    assert (found["this_quarter"][0].month - fiscal) % 3 == 0
    assert found["this_quarter"][0] >= found["this_year"][0]
    assert 365 <= (observed - found["last_12_months"][0]).days + 1 <= 366


def test_a_short_file_offers_what_has_a_day_and_clips_it() -> None:
    found = ranges.named(d("2025-06-10"), d("2025-06-20"), END)
    assert found == {
        "last_30_days": (d("2025-06-10"), d("2025-06-20")),
        "last_90_days": (d("2025-06-10"), d("2025-06-20")),
        "this_month": (d("2025-06-10"), d("2025-06-20")),
        "this_quarter": (d("2025-06-10"), d("2025-06-20")),
        "this_year": (d("2025-06-10"), d("2025-06-20")),
        "last_12_months": (d("2025-06-10"), d("2025-06-20")),
        "all_time": (d("2025-06-10"), d("2025-06-20")),
    }
    # Long after the last start, nothing is recent.
    assert list(ranges.named(d("2023-01-01"), d("2023-02-01"), END)) == ["all_time"]
    one = d("2025-06-30")
    assert "last_month" not in ranges.named(one, one, one)
    assert set(ranges.named(one, one, one).values()) == {(one, one)}


def test_a_calendar_that_does_not_go_back_so_far_is_no_error() -> None:
    first = d("0001-01-01")
    assert ranges.named(first, d("0001-01-05"), d("0001-01-05"), 12)["this_year"] == (first, d("0001-01-05"))
    assert ranges.named(d("9999-12-01"), date.max, date.max)["this_month"] == (d("9999-12-01"), date.max)


@pytest.mark.parametrize(
    ("side", "day", "expected", "told"),
    [
        ("from", "2025-03-01", "2025-03-01..2025-04-30", None),
        ("to", "2025-05-15", "2025-02-01..2025-05-15", None),
        ("from", "2024-12-31", "2025-01-05..2025-04-30", "outside"),
        ("to", "2031-01-01", "2025-02-01..2025-06-20", "outside"),
        ("from", "2025-05-01", "2025-05-01..2025-06-20", "backwards"),
        ("to", "2025-01-20", "2025-01-05..2025-01-20", "backwards"),
        ("from", "2025-04-30", "2025-04-30..2025-04-30", None),
        ("from", None, "2025-01-05..2025-04-30", None),
        ("to", None, "2025-02-01..2025-06-20", None),
    ],
)
def test_a_typed_day(side, day, expected, told) -> None:
    before = (d("2025-02-01"), d("2025-04-30"))
    found, why = ranges.typed(before, side, day and d(day), d("2025-01-05"), d("2025-06-20"))
    assert f"{found[0]}..{found[1]}" == expected
    assert why == told


ALL_DAYS = Chosen((d("2023-01-02"), d("2025-06-20")))


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ALL_DAYS),
        ({"from": ["2025-04-01"], "to": ["2025-06-10"]}, Chosen((d("2025-04-01"), d("2025-06-10")), None)),
        ({"from": ["2025-04-01"]}, Chosen((d("2025-04-01"), d("2025-06-20")), None)),
        ({"to": ["2024-02-29"]}, Chosen((d("2023-01-02"), d("2024-02-29")), None)),
        # 1743465600 seconds are 1 April 2025, 1749513600 are 10 June.
        ({"started": ["1743465600000000", "1749513600000000"]}, Chosen((d("2025-04-01"), d("2025-06-10")), None)),
        ({"started": ["2025-04-01", "2025-06-10"]}, Chosen((d("2025-04-01"), d("2025-06-10")), None)),
        ({"range": ["last_quarter"]}, Chosen((d("2025-01-01"), d("2025-03-31")), "last_quarter")),
        # A file with newer days than the link's: the name means what it means there.
        (
            {"range": ["last_quarter"], "from": ["2024-10-01"], "to": ["2024-12-31"]},
            Chosen((d("2025-01-01"), d("2025-03-31")), "last_quarter"),
        ),
        ({"range": ["last_year"], "fiscal": ["7"]}, Chosen((d("2023-07-01"), d("2024-06-30")), "last_year", 7)),
        ({"fiscal": ["13"]}, ALL_DAYS),
        ({"fiscal": ["٤"]}, ALL_DAYS),
        ({"range": ["next_year"]}, ALL_DAYS),
        ({"from": ["x"], "to": ["2025-13-01"]}, ALL_DAYS),
        ({"from": ["2025-06-10"], "to": ["2025-04-01"]}, ALL_DAYS),
        ({"from": ["2030-01-01"], "to": ["2031-01-01"]}, ALL_DAYS),
        (
            {"from": ["1900-01-01"], "to": ["2023-01-31"]},
            Chosen((d("2023-01-02"), d("2023-01-31")), None, 1, "outside"),
        ),
        ({"from": ["1900-01-01"], "to": ["2999-12-31"]}, Chosen(ALL_DAYS.days, told="outside")),
        ({"from": ["2025-W14-2"], "to": ["20250401"]}, ALL_DAYS),
        ({"started": ["9" * 400, "1"]}, ALL_DAYS),
        ({"started": ["9" * 19, "-" + "9" * 18]}, ALL_DAYS),
        ({"started": ["1743465600000000"]}, ALL_DAYS),
        ({"from": []}, ALL_DAYS),
    ],
)
def test_what_an_address_says(params, expected) -> None:
    assert ranges.of_address(params, *ALL_DAYS.days, END) == expected


@given(st.lists(days, min_size=2, max_size=2, unique=True), st.integers(1, 12), st.sampled_from([None, *ranges.NAMES]))
def test_what_is_written_into_an_address_is_read_from_it_again(ends: list[date], fiscal: int, name: str | None) -> None:
    first, last = sorted(ends)
    offered = ranges.named(first, last, last, fiscal)
    if name is None:
        chosen = Chosen((first, first), None, fiscal)
    elif name in offered:
        chosen = Chosen(offered[name], name, fiscal)
    else:
        return
    words = ranges.in_address(chosen)
    assert ranges.of_address({key: [word] for key, word in words.items()}, first, last, last) == chosen
    assert set(words) <= {"from", "to", "range", "fiscal"}


def test_all_days_need_no_word() -> None:
    assert ranges.in_address(ALL_DAYS) == {}
    assert ranges.in_address(Chosen((d("2025-04-01"), d("2025-06-10")), None)) == {
        "from": "2025-04-01",
        "to": "2025-06-10",
    }
