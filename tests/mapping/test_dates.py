"""Dates in columns of text: each way of writing, and each trap."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from funnel.core.engine import Engine
from funnel.mapping.cells.date_sql import SENTINELS
from funnel.mapping.cells.dates import DateColumn, read_dates
from tests.cases import case
from tests.columns import values, write
from tests.thorough import examples


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


def read(engine: Engine, texts: list[str | None], column: str = "created", **options: object) -> DateColumn:
    found = read_dates(engine, write(engine, texts, column), column, **options)  # type: ignore[arg-type]
    assert found is not None
    return found


def moments(engine: Engine, found: DateColumn) -> list[str | None]:
    """The dates as text without a midnight, in the order of the file."""
    return [
        None if moment is None else moment.isoformat(" ").removesuffix(" 00:00:00")
        for moment in values(engine, found.expression)
    ]


@pytest.mark.parametrize(
    ("texts", "expected", "format"),
    [
        (["2024-01-05", "2024-02-29"], ["2024-01-05", "2024-02-29"], "YYYY-MM-DD"),
        (["2024/1/5", "2024/10/11"], ["2024-01-05", "2024-10-11"], "YYYY/M/D"),
        (["2024.01.05 10:11"], ["2024-01-05 10:11:00"], "YYYY.MM.DD hh:mm"),
        (["2024-01-05 9:05:07"], ["2024-01-05 09:05:07"], "YYYY-MM-DD h:mm:ss"),
        (["2024-01-05T10:11:12.345Z"], ["2024-01-05 10:11:12.345000"], "YYYY-MM-DDThh:mm:ss.fffZ"),
        (["2024-01-05 10:11:12 UTC"], ["2024-01-05 10:11:12"], "YYYY-MM-DD hh:mm:ss UTC"),
        (["2024-01-05 10:11:12,345"], ["2024-01-05 10:11:12.345000"], "YYYY-MM-DD hh:mm:ss,fff"),
        (["2024-01-05 10:11:12.123456789"], ["2024-01-05 10:11:12.123456"], "YYYY-MM-DD hh:mm:ss.fffffffff"),
        (["31.12.2023", "01.02.2024"], ["2023-12-31", "2024-02-01"], "DD.MM.YYYY"),
        (["31.12.23 9:05", "1.2.24 10:00"], ["2023-12-31 09:05:00", "2024-02-01 10:00:00"], "D.M.YY h:mm"),
        (["31-12-2023 10:11:12+03:00"], ["2023-12-31 10:11:12"], "DD-MM-YYYY hh:mm:ss±hh:mm"),
        (["1/31/2024 9:05 PM", "1/2/2024 12:05 AM"],
         ["2024-01-31 21:05:00", "2024-01-02 00:05:00"], "M/D/YYYY h:mm AM/PM"),
        (["1/31/2024, 9:05:06\u202fPM"], ["2024-01-31 21:05:06"], "M/D/YYYY, h:mm:ss AM/PM"),
        (["2024-01-31 9:05 PM", "2024-02-01 9:05 AM"],
         ["2024-01-31 21:05:00", "2024-02-01 09:05:00"], "YYYY-MM-DD h:mm AM/PM"),
        (["02-Jun-06", "11-NOV-99"], ["2006-06-02", "1999-11-11"], "DD-Mon-YY"),
        (["2 June 2006", "3 May 2006"], ["2006-06-02", "2006-05-03"], "D Month YYYY"),
        (["Jun 2, 2006", "Sep 30, 2006"], ["2006-06-02", "2006-09-30"], "Mon D, YYYY"),
        (["Fri, 2 Jun 2006"], ["2006-06-02"], "D Mon YYYY"),
        (["5 января 2024", "31 дек 2023"], ["2024-01-05", "2023-12-31"], "D Month YYYY"),
        (["2 de junio de 2006", "3 de maio de 2006"], ["2006-06-02", "2006-05-03"], "D Month YYYY"),
        (["1. März 2024", "30. Dez. 2023"], ["2024-03-01", "2023-12-30"], "D. Month YYYY"),
        (["20240105", "20231231"], ["2024-01-05", "2023-12-31"], "YYYYMMDD"),
        (["20240105101112"], ["2024-01-05 10:11:12"], "YYYYMMDDhhmmss"),
        (["1704067200", "1706745600"], ["2024-01-01", "2024-02-01"], "epoch s"),
        (["1704067200123"], ["2024-01-01 00:00:00.123000"], "epoch ms"),
        (["1403-01-01", "1402-12-29", "1399-12-30"], ["2024-03-20", "2024-03-19", "2021-03-20"], "YYYY-MM-DD (Jalali)"),
        (["۱۴۰۳/۰۲/۳۱ ۱۰:۱۱"], ["2024-05-20 10:11:00"], "YYYY/MM/DD hh:mm (Jalali)"),
        (["29/02/2567", "05/01/2567"], ["2024-02-29", "2024-01-05"], "DD/MM/YYYY (Buddhist)"),
        (["5 ม.ค. 2567"], ["2024-01-05"], "D Mon YYYY (Buddhist)"),
        (["٠٥/١٢/٢٠٢٣", "٣١/١٢/٢٠٢٣"], ["2023-12-05", "2023-12-31"], "DD/MM/YYYY"),
        ([" 2024-01-05\u00a0", "2024-01-06"], ["2024-01-05", "2024-01-06"], "YYYY-MM-DD"),
        (["24-01-31", "24-02-10", "23-12-05"], ["2024-01-31", "2024-02-10", "2023-12-05"], "YY-MM-DD"),
    ],
)  # fmt: skip
def test_each_way_of_writing(engine: Engine, texts: list[str | None], expected: list[str], format: str) -> None:
    found = read(engine, texts)
    assert moments(engine, found) == expected
    assert found.format == format
    assert (found.parsed, found.unreadable_cells, found.ambiguous) == (len(texts), 0, False)
    assert f"{found.first:%Y-%m-%d}" == min(expected)[:10]
    assert f"{found.last:%Y-%m-%d}" == max(expected)[:10]


def test_several_ways_of_writing_in_one_column(engine: Engine) -> None:
    found = read(engine, ["2024-01-05", "5.2.2024", "31.12.2023 10:00", "2024-01-07T10:11:12+01:00", "02-Jun-06"])
    assert moments(engine, found) == [
        "2024-01-05",
        "2024-02-05",
        "2023-12-31 10:00:00",
        "2024-01-07 10:11:12",
        "2006-06-02",
    ]
    assert found.order == "dmy"


def test_offsets_are_dropped_and_wall_time_kept(engine: Engine) -> None:
    found = read(engine, ["2011-12-31T23:30:00.546+01:00", "2012-01-01T00:30:00.000-0500", "2012-01-01 00:30:00+14"])
    assert moments(engine, found) == ["2011-12-31 23:30:00.546000", "2012-01-01 00:30:00", "2012-01-01 00:30:00"]


def test_one_cell_over_twelve_decides_for_all(engine: Engine) -> None:
    day_first = read(engine, ["01/02/2018", "03/04/2018", "20/10/2017"])
    assert (day_first.order, day_first.decided_by) == ("dmy", "cells")
    assert moments(engine, day_first) == ["2018-02-01", "2018-04-03", "2017-10-20"]
    month_first = read(engine, ["01-02-2018", "03-04-2018", "10-20-2017"])
    assert (month_first.order, month_first.decided_by) == ("mdy", "cells")
    assert moments(engine, month_first) == ["2018-01-02", "2018-03-04", "2017-10-20"]


def test_contradicting_cells_take_the_order_that_reads_more(engine: Engine) -> None:
    found = read(engine, ["31.12.2023", "12.31.2023", "01.02.2023", "13.01.2023"])
    assert (found.order, found.decided_by, found.ambiguous) == ("dmy", "contradiction", False)
    assert moments(engine, found) == ["2023-12-31", None, "2023-02-01", "2023-01-13"]
    assert values(engine, found.unreadable) == [False, True, False, False]


def test_where_every_cell_fits_both_orders_it_is_said_with_two_examples(engine: Engine) -> None:
    texts: list[str | None] = ["2/1/2018", "10/2/2017", "3/3/2018"]
    found = read(engine, texts)
    assert (found.ambiguous, found.order, found.decided_by) == (True, "mdy", "separator")
    assert found.examples == (
        ("10/2/2017", date(2017, 2, 10), date(2017, 10, 2)),
        ("2/1/2018", date(2018, 1, 2), date(2018, 2, 1)),
    )
    past = read(engine, texts, as_of=datetime(2018, 1, 31))
    assert (past.ambiguous, past.order, past.decided_by) == (True, "mdy", "separator")
    early = read(engine, ["2/1/2018", "10/2/2017"], as_of=datetime(2018, 1, 31))
    assert (early.ambiguous, early.order, early.decided_by) == (True, "dmy", "future")
    told = read(engine, texts, order="dmy")
    assert (told.ambiguous, told.order, told.decided_by, told.examples) == (False, "dmy", "caller", ())
    assert moments(engine, told) == ["2018-01-02", "2017-02-10", "2018-03-03"]
    assert read(engine, ["2.1.2018", "10.2.2017"]).order == "dmy"


def test_equal_day_and_month_are_no_question(engine: Engine) -> None:
    assert read(engine, ["01/01/2018", "02/02/2018"]).ambiguous is False


def test_the_caller_cannot_lead_with_a_year_that_stands_last(engine: Engine) -> None:
    assert read(engine, ["20/10/2017", "01/02/2018"], order="ymd").order == "dmy"
    with pytest.raises(ValueError, match="order is one of dmy, mdy, ymd, not 'us'"):
        read(engine, ["20/10/2017"], order="us")


def test_sums_of_a_column_add_up(engine: Engine) -> None:
    texts = ["2024-01-05", "2024-02-31", " 2024-3-1 ", "2024-05-05", "-", "не закрыта", "Date Not Captured",
             "9999-12-31", "0000-00-00", "2050-01-01 00:00:00", "foo", "13/2026", "0024-01-01", None, "  "]  # fmt: skip
    found = read(engine, texts)
    assert moments(engine, found) == ["2024-01-05", None, "2024-03-01", "2024-05-05", *[None] * 11]
    assert (found.filled, found.parsed, found.placeholders, found.sentinels, found.unreadable_cells) == (13, 3, 3, 3, 4)
    unreadable = [text for text, bad in zip(texts, values(engine, found.unreadable), strict=True) if bad]
    assert unreadable == ["2024-02-31", "foo", "13/2026", "0024-01-01"]
    assert (found.first, found.last) == (datetime(2024, 1, 5), datetime(2024, 5, 5))


def test_the_first_second_of_1970_is_a_sentinel_only_where_it_stands_alone(engine: Engine) -> None:
    alone = read(engine, ["1970-01-01 00:00:00", "1970-01-01T01:00:00", "2024-01-05 10:00:00"])
    assert (alone.sentinels, alone.parsed) == (2, 1)
    among = read(engine, ["1970-01-01", "1970-01-05", "1969-12-30"])
    assert (among.sentinels, among.parsed) == (0, 3)


def test_a_wrong_day_of_another_calendar_is_unreadable(engine: Engine) -> None:
    found = read(engine, ["1402/12/30", "1403/12/30", "1402/07/31", "1402/01/31"])
    assert moments(engine, found) == [None, "2025-03-20", None, "2023-04-20"]


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        ("name", ["apple", "pear", "2024-01-05"]),
        ("id", ["1704067200", "1706745600"]),
        ("dealId", ["20240105", "20240106"]),
        ("phone", ["1704067200123"]),
        ("score", ["1704067200", "9806745600"]),
        ("score", ["20240105", "20240231"]),
        ("score", ["1", "2", "45292"]),
        ("month", ["June", "2024-1st"]),
        ("quarter", ["2024-01", "2024-04"]),
        ("version", ["10.1.12.4", "2.3"]),
        ("created", ["-", "N/A", None, " "]),
        ("created", ["9999-12-31", "1900-01-01"]),
        ("created", []),
    ],
)
def test_what_is_no_column_of_dates(engine: Engine, column: str, texts: list[str | None]) -> None:
    assert read_dates(engine, write(engine, texts, column), column) is None


def test_serial_days_are_read_where_the_caller_says_so(engine: Engine) -> None:
    found = read(engine, ["45292", "45292.5", "-"], serial=True)
    assert moments(engine, found) == ["2024-01-01", "2024-01-01 12:00:00", None]
    assert found.format == "Excel serial"


def test_a_rare_way_of_writing_in_a_large_table_is_found(engine: Engine) -> None:
    texts: list[str | None] = ["2024-01-05"] * 90_000 + ["5.2.2024 10:00", "15.2.2024 10:00"] + ["не закрыта"] * 10_000
    found = read(engine, texts)
    assert (found.parsed, found.placeholders, found.unreadable_cells, found.order) == (90_002, 10_000, 0, "dmy")
    assert found.last == datetime(2024, 2, 15, 10)


def test_a_rare_afternoon_in_a_large_table_is_not_lost(engine: Engine) -> None:
    found = read(engine, [*["2024-01-05 09:11"] * 90_000, "2024-01-05 09:12 PM", "2024-01-05 09:10 AM"])
    assert (found.parsed, found.last, found.first) == (
        90_002,
        datetime(2024, 1, 5, 21, 12),
        datetime(2024, 1, 5, 9, 10),
    )


def test_a_header_is_only_ever_a_name(engine: Engine) -> None:
    column = 'created"; DROP TABLE raw_0; --'
    assert moments(engine, read(engine, ["2024-01-05"], column)) == ["2024-01-05"]


FORMATS = {
    "dmy": ["{d:02}.{m:02}.{y}", "{d}.{m}.{y}", "{d:02}-{m:02}-{y}", "{d:02}/{m:02}/{y}", "{d}/{m}/{y} {h}:{n:02}",
            "{d:02}.{m:02}.{s:02}"],
    "mdy": ["{m}/{d}/{y}", "{m:02}/{d:02}/{y}", "{m:02}-{d:02}-{y}", "{m}/{d}/{y} {h:02}:{n:02}:00", "{m}.{d}.{y}"],
    "ymd": ["{y}-{m:02}-{d:02}", "{y}/{m}/{d}", "{y}.{m:02}.{d:02}", "{y}-{m:02}-{d:02}T{h:02}:{n:02}:00+02:00",
            "{y}{m:02}{d:02}"],
}  # fmt: skip


@settings(max_examples=examples(120), deadline=None)
@given(
    data=st.data(),
    days=st.lists(st.datetimes(datetime(2001, 1, 1), datetime(2049, 12, 31)), min_size=1, max_size=12),
)
def test_rendered_dates_come_back_equal(engine: Engine, data: st.DataObject, days: list[datetime]) -> None:
    order = data.draw(st.sampled_from(sorted(FORMATS)))
    form = data.draw(st.sampled_from(FORMATS[order]))
    timed = "{h" in form
    moments = [
        day.replace(second=0, microsecond=0) if timed else datetime(day.year, day.month, day.day) for day in days
    ]
    # One cell with a day over twelve decides for all others; a year of two digits must not look like a day.
    moments.append(datetime(2049, 12, 31) - timedelta(days=data.draw(st.integers(0, 18))))
    assume(order == "ymd" or len({moment.year for moment in moments}) == 1 or "{s" not in form)
    texts: list[str | None] = [
        form.format(y=at.year, s=at.year % 100, m=at.month, d=at.day, h=at.hour, n=at.minute) for at in moments
    ]
    found = read(engine, texts)
    assert values(engine, found.expression) == moments
    assert found.order == order


@settings(max_examples=examples(100), deadline=None)
@given(days=st.lists(st.dates(date(1921, 3, 21), date(2120, 3, 19)), min_size=1, max_size=30))
def test_days_of_the_persian_calendar_come_back_equal(engine: Engine, days: list[date]) -> None:
    texts: list[str | None] = ["/".join(map(str, jalali(day))) for day in days]
    assume(not any(day.isoformat() in SENTINELS for day in days))
    found = read(engine, texts)
    assert [moment.date() for moment in values(engine, found.expression)] == days


def jalali(day: date) -> tuple[int, int, int]:
    """Year, month and day of the Persian calendar, counted day by day from 1 Farvardin 1300 = 21 March 1921."""
    left, year = (day - date(1921, 3, 21)).days, 1300
    while left >= (length := 366 if year % 33 in (1, 5, 9, 13, 17, 22, 26, 30) else 365):
        left, year = left - length, year + 1
    month = left // 31 if left < 186 else 6 + (left - 186) // 30
    return year, month + 1, 1 + left - (31 * month if month < 6 else 186 + 30 * (month - 6))


def test_the_same_leads_day_first_and_month_first(engine: Engine) -> None:
    def column(name: str) -> list[tuple[str, str | None]]:
        with case("olist", name).open(encoding="utf-8") as file:
            return sorted((row["mql_id"], row["first_contact_date"]) for row in csv.DictReader(file))

    day_first, month_first = column("mql_ddmmyyyy.csv"), column("mql_mdy.csv")
    assert [lead for lead, _ in day_first] == [lead for lead, _ in month_first]
    one = read(engine, [text for _, text in day_first])
    first = values(engine, one.expression)
    other = read(engine, [text for _, text in month_first])
    assert values(engine, other.expression) == first
    assert (one.format, one.order, other.format, other.order) == ("DD-MM-YYYY", "dmy", "M/D/YYYY", "mdy")
    assert (one.parsed, other.parsed, one.ambiguous, other.ambiguous) == (8000, 8000, False, False)


def test_local_times_across_a_change_of_the_clock(engine: Engine) -> None:
    with gzip.open(case("bpic2012", "bpic2012_events.csv.gz"), "rt", encoding="utf-8") as file:
        texts = [row["timestamp"] for row in csv.DictReader(file)][:50_000]
    found = read(engine, list(texts))
    assert values(engine, found.expression) == [datetime.fromisoformat(text).replace(tzinfo=None) for text in texts]
    assert found.format.startswith("YYYY-MM-DDThh:mm:ss.fff±hh:mm")
    assert {text[-6:] for text in texts} == {"+01:00", "+02:00"}


def test_billionths_of_seconds_are_read_under_a_header_of_times_only(engine: Engine) -> None:
    texts: list[str | None] = ["1704103200000000000", "1706781600123456789"]
    found = read(engine, texts, "closed_date")
    assert (found.first, found.last) == (datetime(2024, 1, 1, 10), datetime(2024, 2, 1, 10, 0, 0, 123456))
    assert read(engine, ["1704103200000000"], "created").first == datetime(2024, 1, 1, 10)
    for header in ("deal_id", "note"):
        assert read_dates(engine, write(engine, texts, header), header) is None
