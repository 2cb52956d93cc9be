"""Columns in every way of writing that the reader knows, value by value; and columns that only look like dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.core.engine import Engine
from funnel.mapping.cells.dates import read_dates
from funnel.mapping.profile import Column
from tests.columns import values, write
from tests.dated import MONTH, MONTHS, WRITINGS, Writing
from tests.thorough import examples, thorough

HEADER = "Date"
NO_DATES = ["-", "N/A", " ", "", None, "unknown"]
BROKEN = ["see note", "next year", "2024-13-45", "8 Foober 2024"]
FIRST, LAST = datetime(2001, 10, 2), datetime(2032, 12, 30)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


def column(texts: list[str | None], header: str = HEADER) -> Column:
    """The column as a profile has it."""
    distinct = sorted({text for text in texts if text is not None})
    return Column(header, sum(text is not None for text in texts), len(distinct), tuple(distinct), True)


@pytest.mark.parametrize("writing", WRITINGS, ids=lambda writing: writing.name)
def test_each_writing_has_a_name(engine: Engine, writing: Writing) -> None:
    texts: list[str | None] = [writing.text(datetime(2024, 5, 8, 9, 5, 7)), writing.text(datetime(2023, 1, 23, 21, 45))]
    found = read_dates(engine, write(engine, texts, HEADER), HEADER)
    assert found is not None
    assert values(engine, found.expression) == [
        writing.said(datetime(2024, 5, 8, 9, 5, 7)),
        writing.said(datetime(2023, 1, 23, 21, 45)),
    ]
    alike = found.format.replace("hh", "h").replace("DD", "D").replace("MM", "M").replace("Month", "Mon")
    assert alike.split(" | ")[0] == writing.title.replace("hh", "h").replace("DD", "D").replace("MM", "M").replace(
        "Month", "Mon"
    )
    assert found.month_only is (writing.unit == MONTH)


@thorough
@settings(max_examples=examples(200), deadline=None)
@given(
    writing=st.sampled_from(WRITINGS),
    drawn=st.lists(st.datetimes(FIRST, LAST), min_size=4, max_size=12),
    placeholders=st.lists(st.sampled_from(NO_DATES), max_size=6),
    broken=st.lists(st.sampled_from(BROKEN), max_size=2),
    data=st.data(),
)
def test_every_cell_comes_back(
    engine: Engine,
    writing: Writing,
    drawn: list[datetime],
    placeholders: list[str | None],
    broken: list[str],
    data: st.DataObject,
) -> None:
    # One day over twelve tells the order of day and month for all; it is an afternoon, as another is a morning.
    moments = [moment.replace(microsecond=0) for moment in drawn] + [datetime(2024, 2, 27, 15, 4)]
    if writing.name.startswith("serial"):
        broken = [text for text in broken if not text.isdigit()]
    cells: list[tuple[str | None, datetime | None]] = [(writing.text(at), writing.said(at)) for at in moments]
    cells += [(text, None) for text in (*placeholders, *broken)]
    cells = data.draw(st.permutations(cells))
    texts = [text for text, _ in cells]
    found = read_dates(engine, write(engine, texts, HEADER), HEADER)
    assert found is not None
    assert values(engine, found.expression) == [said for _, said in cells]
    assert [text for text, bad in zip(texts, values(engine, found.unreadable), strict=True) if bad] == [
        text for text in texts if text in BROKEN
    ]
    assert (found.parsed, found.unreadable_cells) == (len(moments), len(broken))
    assert column(texts).is_date


DIGITS = ("serial", "epoch", "compact")
# Day first, digits could be month first; digits alone are numbers beside each other; of few Polish names, some are Croatian.
CERTAIN = [
    writing
    for writing in WRITINGS
    if writing.title[:2] not in ("D/", "D.", "DD", "hh", "h:") and not writing.name.startswith((*DIGITS, "pl"))
]


@thorough
@settings(max_examples=examples(75), deadline=None)
@given(
    drawn=st.lists(st.tuples(st.sampled_from(CERTAIN), st.datetimes(FIRST, LAST)), min_size=1, max_size=15),
)
def test_writings_mixed_in_one_column(engine: Engine, drawn: list[tuple[Writing, datetime]]) -> None:
    texts: list[str | None] = [writing.text(at) for writing, at in drawn]
    found = read_dates(engine, write(engine, texts, HEADER), HEADER)
    assert found is not None
    assert values(engine, found.expression) == [writing.said(at) for writing, at in drawn]
    assert column(texts).is_date


def test_four_cells_in_ten_do_not_make_a_column_vanish(engine: Engine) -> None:
    german = [f"{day}. {MONTHS['de'][day % 12]} 2024" for day in range(1, 13)]
    texts: list[str | None] = [*german, *(f"2024-03-{day:02}" for day in range(10, 18))]
    found = read_dates(engine, write(engine, texts, HEADER), HEADER)
    assert found is not None
    assert (found.parsed, found.unreadable_cells, found.month_only) == (20, 0, False)
    assert column(texts).is_date
    third: list[str | None] = [*texts[:6], *(f"after call {n}" for n in range(14))]
    assert read_dates(engine, write(engine, third, HEADER), HEADER) is None
    assert (column(third).is_date, column(third).some_dates) == (False, True)
    assert column(third, "Note").some_dates is False


@settings(max_examples=examples(50), deadline=None)
@given(years=st.lists(st.integers(2001, 2030), min_size=1, max_size=10))
def test_thai_years_of_two_digits_are_buddhist_where_no_other_year_is_likely(engine: Engine, years: list[int]) -> None:
    texts: list[str | None] = [f"{n + 1} {MONTHS['th short'][n]} {(year + 543) % 100}" for n, year in enumerate(years)]
    found = read_dates(engine, write(engine, texts, HEADER), HEADER)
    assert found is not None
    assert [moment.year for moment in values(engine, found.expression)] == years
    assert found.format.endswith("(Buddhist)")


def test_thai_years_of_two_digits_that_contradict_each_other_are_not_read(engine: Engine) -> None:
    assert read_dates(engine, write(engine, ["8 ม.ค. 67", "8 ก.พ. 24"], HEADER), HEADER) is None
    found = read_dates(engine, write(engine, ["8 ม.ค. 22", "8 ก.พ. 24"], HEADER), HEADER)
    assert found is not None
    assert [moment.year for moment in values(engine, found.expression)] == [2022, 2024]
    mixed = read_dates(engine, write(engine, ["8 ม.ค. 67", "8 ก.พ. 24", "2024-01-05", "2024-01-06"], HEADER), HEADER)
    assert mixed is not None
    assert (mixed.parsed, mixed.unreadable_cells) == (2, 2)


def months_of(engine: Engine, texts: list[str | None]) -> list[int]:
    found = read_dates(engine, write(engine, texts, HEADER), HEADER)
    assert found is not None
    return [moment.month for moment in values(engine, found.expression)]


def test_a_name_of_two_months_is_read_in_the_language_of_its_column(engine: Engine) -> None:
    croatian = months_of(engine, ["8. listopada 2024.", "3. ožujka 2024.", "1. lipnja 2024."])
    polish = months_of(engine, ["8 listopada 2024", "3 marca 2024", "4 maja 2024"])
    assert (croatian, polish) == ([10, 3, 6], [11, 3, 5])
    # Alone, it is one as well as the other, and is not guessed.
    assert read_dates(engine, write(engine, ["8 listopada 2024"], HEADER), HEADER) is None


def test_capitals_and_missing_accents_do_not_matter(engine: Engine) -> None:
    texts: list[str | None] = [
        "1 FEVRIER 2024",
        "2 Décembre 2024",
        "3 aout 2024",
        "4 KASIM 2024",
        "5 Sept. 2024",
        "6 juill. 2024",
    ]
    found = read_dates(engine, write(engine, texts, HEADER), HEADER)
    assert found is not None
    assert [f"{moment:%d.%m.}" for moment in values(engine, found.expression)] == [
        "01.02.", "02.12.", "03.08.", "04.11.", "05.09.", "06.07.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "order", "taken_from"),
    [
        ("01/02/2024 10:20", "mdy", "separator"),
        ("01/02/2024 10:20 AM", "mdy", "separator"),
        ("Thu 01/02/2024 at 10:20 a.m.", "mdy", "separator"),
        ("01/02/2024 10:20 a. m.", "dmy", "language"),
        ("01/02/2024 à 10:20", "dmy", "language"),
        ("jeu. 01/02/2024", "dmy", "language"),
        ("01/02/2024 10:20 น.", "dmy", "language"),
        ("01/02/2567", "dmy", "language"),
        ("٠١/٠٢/٢٠٢٤", "dmy", "language"),
    ],
)
def test_where_day_and_month_are_open_the_language_is_asked_before_the_separator(
    engine: Engine, text: str, order: str, taken_from: str
) -> None:
    found = read_dates(engine, write(engine, [text], HEADER), HEADER)
    assert found is not None
    assert (found.order, found.decided_by, found.ambiguous) == (order, taken_from, True)
    month = 2 if order == "dmy" else 1
    assert [moment.month for moment in values(engine, found.expression)] == [month]


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("30. Dez. 2023", "DD. Mon YYYY"),
        ("30.Dez.2023", "DD.Mon.YYYY"),
        ("Dec '23", "Mon 'YY"),
        ("2023-12-30 10:20 Europe/Berlin", "YYYY-MM-DD hh:mm zone"),
        ("2023-12-30 10:20 (UTC)", "YYYY-MM-DD hh:mm zone"),
        ("Sat 30th of December, 2023 @ 10:20", "DDth Month, YYYY @ hh:mm"),
        ("２０２３年１２月３０日", "YYYY年MM月DD日"),
        ("\u200e30/\u200e12/\u200e2023", "DD/MM/YYYY"),
        ("30 december 2023 10.20 uur", "DD Month YYYY hh.mm uur"),
    ],
)
def test_how_rarer_writings_are_called(engine: Engine, text: str, format: str) -> None:
    found = read_dates(engine, write(engine, [text], HEADER), HEADER)
    assert found is not None
    assert found.format == format
    day = values(engine, found.expression)[0]
    assert (day.year, day.month, day.day) == (2023, 12, 1 if found.month_only else 30)


@pytest.mark.parametrize(
    ("texts", "hours"),
    [
        (["12:05 AM", "12:05 PM", "1:05 a.m.", "1:05 p. m."], [0, 12, 1, 13]),
        (["12:05 ÖÖ", "11:59 ÖS"], [0, 23]),
        (["上午12:05", "下午12:05"], [0, 12]),
    ],
)
def test_halves_of_the_day(engine: Engine, texts: list[str], hours: list[int]) -> None:
    dated: list[str | None] = [f"2024-01-{place + 13} {text}" for place, text in enumerate(texts)]
    found = read_dates(engine, write(engine, dated, HEADER), HEADER)
    assert found is not None
    assert [moment.hour for moment in values(engine, found.expression)] == hours


def test_thirteen_in_the_afternoon_is_unreadable(engine: Engine) -> None:
    found = read_dates(engine, write(engine, ["8 enero 2024 13:05 p. m.", "8 enero 2024 1:05 p. m."], HEADER), HEADER)
    assert found is not None
    assert values(engine, found.expression) == [None, datetime(2024, 1, 8, 13, 5)]


@pytest.mark.parametrize(
    ("header", "texts", "read"),
    [
        ("Created", ["45299.4306", "45304"], True),
        ("Close Date", ["45299,25", "45304,5", "-"], True),
        ("Datum", ["45299", "13.01.2024"], True),
        ("Amount", ["45299.43", "45304.5"], False),
        ("Order ID", ["45299", "45304"], False),
        ("Created by", ["45299", "45304"], False),
        ("ZIP", ["45299", "45304"], False),
        ("Value", ["45299", "45304"], False),
        ("Response time (ms)", ["45299", "45304"], False),
        ("Date", ["45299", "45304", "12"], False),
        ("Date", ["45299", "99999"], False),
    ],
)
def test_days_of_a_spreadsheet_only_where_the_header_and_all_cells_agree(
    engine: Engine, header: str, texts: list[str | None], read: bool
) -> None:
    found = read_dates(engine, write(engine, texts, header), header)
    assert (found is not None) is read
    if found is not None:
        # 45292 days after 1899-12-30 lies 2024-01-01.
        assert values(engine, found.expression)[0] == datetime(2024, 1, 1) + timedelta(
            days=float(texts[0].replace(",", ".")) - 45292
        )  # type: ignore[union-attr]
        assert column(texts, header).is_date


NONE = {
    "Deal ID": ["100234", "100235", "D-2024-01", "20240105", "1704067200"],
    "Order": ["ORD-2024-0001", "ORD-2024-0002"],
    "Contact": ["May", "March", "April Jones", "June", "August Winter", "Jan de Vries"],
    "Phone": ["+7 916 123 45 67", "(555) 123-4567", "020 7946 0958", "06 12 34 56 78", "5551234567", "12-34-56"],
    "Version": ["1.2.3", "10.1.12", "2.0.15", "1.12.2"],
    "Server": ["192.168.1.10", "10.0.0.1", "10.12.20.24"],
    "Amount": ["1.234,50", "$1,234.50", "12.2024", "45299", "20240105.50"],
    "ZIP": ["90210", "01310", "12345-6789", "00-950"],
    "Quarter": ["Q1 2024", "Q2 2024", "2024-01", "2024-02"],
    "Week": ["2024-W02", "2024-03", "2024-04"],
    "Stage": ["1. New", "2. Demo", "Stage 3", "3 - Proposal", "Step 4 of 10", "10 Mar"],
    "Note": ["May 5", "call on 8 January 2024", "2 of 10", "in March 2024 again", "Room 12/24 B"],
    "Campaign": ["Jan 2024", "Feb 2024", "March 2024"],
    "Time": ["10:20", "10:20:30", "9:05 PM"],
    "Score": ["1/2", "3/10", "24/7"],
    "Ratio": ["1:2:3", "16:9"],
}


@pytest.mark.parametrize("header", NONE)
def test_what_is_no_column_of_dates(header: str) -> None:
    assert not column(list(NONE[header]), header).is_date
    for text in NONE[header]:
        assert not column([text], header).is_date


@pytest.mark.parametrize("header", [header for header in NONE if header not in ("Campaign", "Amount")])
def test_what_is_no_column_of_dates_is_not_read_either(engine: Engine, header: str) -> None:
    assert read_dates(engine, write(engine, list(NONE[header]), header), header) is None
