"""Jalali days against month starts worked out by two other programs (`tests/vectors/jalali_months.csv`: persiantools 6.2 and jdatetime 6.1,
which agree), and how days are written and read."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.words import numeric_days, wording
from funnel.words.calendars import Calendar
from tests.months import MONTH_STARTS, jalali

DAYS = st.dates(MONTH_STARTS[0][2], MONTH_STARTS[-1][2] - timedelta(days=1))


def test_every_month_begins_where_others_have_it_and_is_as_long() -> None:
    for (year, month, first), (*_, after) in itertools.pairwise(MONTH_STARTS):
        number = 12 * year + month - 1
        assert Calendar.JALALI.parts(first) == (year, month, 1)
        assert Calendar.JALALI.first(number) == Calendar.JALALI.day(year, month, 1) == first
        assert Calendar.JALALI.last(number) == after - timedelta(days=1)
        assert Calendar.JALALI.number(first) == number
        with pytest.raises(ValueError, match="is no day"):
            Calendar.JALALI.day(year, month, (after - first).days + 1)


@given(DAYS)
def test_a_day_has_its_year_month_and_place(day: date) -> None:
    year, month, first = MONTH_STARTS[bisect_right([start for *_, start in MONTH_STARTS], day) - 1]
    parts = (year, month, (day - first).days + 1)
    assert Calendar.JALALI.parts(day) == parts == jalali(day)
    assert Calendar.JALALI.day(*parts) == day


@given(st.dates(), st.sampled_from(Calendar))
def test_every_day_there_is_lies_in_its_month(day: date, calendar: Calendar) -> None:
    number = calendar.number(day)
    assert calendar.first(number) <= day <= calendar.last(number)
    assert calendar.within(number, calendar.parts(day)[2]) == day or calendar.first(number) == date.min


@pytest.mark.parametrize("tag", wording.languages())
@pytest.mark.parametrize("calendar", Calendar)
@given(day=DAYS)
def test_a_day_is_read_as_it_is_shown(tag: str, calendar: Calendar, day: date) -> None:
    with wording.speaking(tag, calendar):
        shown = numeric_days.written(day)
        assert numeric_days.read(shown) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("۱۴۰۳/۱۲/۳۰", date(2025, 3, 20)),
        ("1404-01-01", date(2025, 3, 21)),
        ("١٤٠٤/١/١", date(2025, 3, 21)),
        ("2567-02-29", date(2024, 2, 29)),
        ("20240229", date(2024, 2, 29)),
        (" 2024.2.9 ", date(2024, 2, 9)),
    ],
)
def test_days_of_other_calendars_are_understood(text: str, day: date) -> None:
    assert numeric_days.read(text) == day


@pytest.mark.parametrize(
    "text", ["1404/12/30", "2566-02-29", "2024-13-01", "2024/01-01", "1403", "yesterday", "", "²⁰²⁴-01-01"]
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert numeric_days.read(text) is None


@pytest.mark.parametrize(
    ("tag", "day", "month", "numbers"),
    [
        ("en", "13 Mordad 1403", "Mordad 1403", "1403/05/13"),
        ("ru", "13 мордад 1403", "мордад 1403", "1403/05/13"),
        ("fa", "۱۳ مرداد ۱۴۰۳", "مرداد ۱۴۰۳", "۱۴۰۳/۰۵/۱۳"),
    ],
)
def test_a_jalali_day_is_written_in_the_language(tag: str, day: str, month: str, numbers: str) -> None:
    third = date(2024, 8, 3)
    with wording.speaking(tag, Calendar.JALALI):
        assert (wording.day(third), wording.month(third), numeric_days.written(third)) == (day, month, numbers)
        assert wording.say("charts.cohort_year", day=third) in (month.split()[-1],)


def test_the_calendar_is_that_of_the_language_unless_another_is_said() -> None:
    for tag in wording.languages():
        with wording.speaking(tag):
            assert wording.calendar() is (Calendar.JALALI if tag == "fa" else Calendar.GREGORIAN)
    with wording.speaking("fa", Calendar.GREGORIAN):
        assert wording.day(date(2025, 7, 1)) == "۱ ژوئیه ۲۰۲۵"
        # What is not translated is said in English, of the same days.
        with wording.speaking("en"):
            assert wording.calendar() is Calendar.GREGORIAN
    with wording.speaking("th"):
        assert (wording.year(date(2024, 1, 1)), numeric_days.written(date(2024, 1, 1))) == ("2567", "2567-01-01")
        assert not numeric_days.are_common()
