"""Pages by the Jalali calendar, and by the years of Thailand: what is shown, typed, said in the address, kept and exported."""

from __future__ import annotations

import re

import pytest

from funnel.core import exports
from funnel.words import wording
from funnel.words.calendars import Calendar
from pages.strip import comparison, ranges
from tests.months import first_of, jalali
from tests.pages.apps import dated, metrics, titles, uploaded

pytestmark = pytest.mark.usefixtures("opened_once")
LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٬٫", "0123456789,.")


def fields(at) -> list[str]:  # type: ignore[no-untyped-def]
    return [dated(at.text_input, side).value for side in ("from", "to")]


def test_a_persian_page_counts_by_jalali_days_unless_another_calendar_is_chosen() -> None:
    at = uploaded(lang="fa")
    assert "دی ۱۴۰۳" in titles(at)[0]
    assert fields(at) == ["۱۴۰۳/۱۰/۱۶", "۱۴۰۳/۱۲/۲۵"]
    # What a box of the page says is looked up outside of the page here.
    with wording.speaking("fa"):
        at.button(key="count_by_gregorian").click().run()
    assert not at.exception
    assert at.query_params["calendar"] == "gregorian"
    assert "ژانویه ۲۰۲۵" in titles(at)[0]
    with wording.speaking("fa", Calendar.GREGORIAN):
        at.button(key="speak_en").click().run()
    at.button(key="count_by_jalali").click().run()
    assert titles(at) == ["1 of 4 leads won · entered Dey 1403 – Esfand 1403"]
    assert not at.exception


def test_what_is_typed_is_understood_as_it_is_shown() -> None:
    at = uploaded(lang="fa")
    before = metrics(at)
    with wording.speaking("fa"):
        dated(at.text_input, "from").set_value("۱۴۰۳/۱۱/۰۱").run()
        assert not at.exception
        assert fields(at)[0] == "۱۴۰۳/۱۱/۰۱"
        assert at.query_params["from"] == "2025-01-20"
        dated(at.text_input, "from").set_value("2025-01-20").run()
        assert fields(at)[0] == "۱۴۰۳/۱۱/۰۱"
        dated(at.text_input, "from").set_value("۱۴۰۳/۱۲/۳۱").run()
        assert fields(at)[0] == "۱۴۰۳/۱۱/۰۱"
    assert any("۱۴۰۳/۱۲/۲۵" in caption.value for caption in at.caption)
    assert metrics(at) != before


def test_a_thai_page_has_its_own_years_in_its_fields_too() -> None:
    at = uploaded(lang="th")
    assert fields(at) == ["2568-01-05", "2568-03-15"]
    with wording.speaking("th"):
        dated(at.text_input, "to").set_value("2568-02-03").run()
    assert not at.exception
    assert at.query_params["to"] == "2025-02-03"


def test_the_address_says_the_calendar() -> None:
    at = uploaded(calendar="jalali")
    assert titles(at) == ["1 of 4 leads won · entered Dey 1403 – Esfand 1403"]
    assert titles(uploaded(calendar="lunar")) == ["1 of 4 leads won · entered Jan 2025 – Mar 2025"]


@pytest.mark.parametrize(
    "page", ["overview", "segments", "trends", "pipeline", "models", "files", "process", "changes"]
)
def test_every_page_can_be_shown_by_the_jalali_calendar(page: str) -> None:
    at = uploaded(page=page, lang="fa")
    assert not at.exception
    shown = " ".join(each.value for kind in (at.markdown, at.caption, at.title, at.header) for each in kind)
    assert not re.search(r"20(24|25)|ژانویه|فوریه", shown.translate(LATIN)), page


@pytest.mark.parametrize("tag", ["fa", "th"])
def test_tables_and_their_files_have_days_as_the_page_does(tag: str) -> None:
    from datetime import date

    from pages.ui import tables

    rows = [{"month": date(2025, 3, 21), "came": 1, "won": 0, "lost": 0, "open": 1}]
    with wording.speaking(tag):
        table = tables.of("pipeline", rows)
        shown = "۱۴۰۴/۰۱/۰۱" if tag == "fa" else "2568-03-21"
        assert table.iloc[0, 0] == shown
        assert shown in exports.csv(table).decode("utf-8-sig")
    assert tables.of("pipeline", rows).iloc[0, 0] == date(2025, 3, 21)


def test_ranges_by_name_are_those_of_the_calendar() -> None:
    from datetime import date

    first, last, observed = date(2022, 1, 1), date(2025, 5, 10), date(2025, 5, 10)  # 20 Ordibehesht 1404
    with wording.speaking("en", Calendar.JALALI):
        found = ranges.named(first, last, observed)
        assert found["this_month"] == (first_of(observed, "month"), observed)
        assert found["this_year"] == (first_of(observed, "year"), observed) == (date(2025, 3, 21), observed)
        assert found["last_month"] == (date(2025, 3, 21), date(2025, 4, 20))
        assert found["last_quarter"] == (date(2024, 12, 21), date(2025, 3, 20))
        assert found["last_year"] == (date(2024, 3, 20), date(2025, 3, 20))
        assert jalali(found["last_12_months"][0]) == (1403, 2, 21)
        # A year that begins in Mehr.
        assert ranges.named(first, last, observed, 7)["this_year"] == (date(2024, 9, 22), observed)
        assert comparison.earlier(found["last_month"]) == (date(2025, 2, 19), date(2025, 3, 20))
        assert comparison.earlier((date(2025, 4, 1), date(2025, 4, 30))) == (date(2025, 3, 2), date(2025, 3, 31))
        # 30 Esfand 1403 has no day like it a year before.
        leap = date(2025, 3, 20)
        assert jalali(comparison.a_year_before((leap, leap))[0]) == (1402, 12, 29)
