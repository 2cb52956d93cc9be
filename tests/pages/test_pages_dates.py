"""Menu, fields and slider of the dates, which say one range; the address that says it; links that name their file."""

from __future__ import annotations

from datetime import date

import pytest

from tests import uploads
from tests.pages.apps import ALL, MOVES, dated, opened, titles, uploaded
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
FIRST, LAST = date(2025, 1, 5), date(2025, 3, 15)
THREE = "None of 3 leads won yet · entered Jan 2025 – Mar 2025"
ONE_DAY = b"lead_id,stage,changed_at\nA,New,2025-03-15\nB,New,2025-03-15\nB,Closed won,2025-04-20\n"


def all_three(at) -> tuple[str, tuple[date, date]]:
    """What the menu says, and the range that fields and slider say alike."""
    assert not at.exception
    typed = dated(at.date_input, "from").value, dated(at.date_input, "to").value
    assert dated(at.slider, "started").value == typed
    return dated(at.selectbox, "range").value, typed


def as_heard(at):  # type: ignore[no-untyped-def]
    """What a browser knows that has heard no more than this: its next move reports all of these widgets as they stand now."""
    for widgets, names in (
        (at.selectbox, ("range", "fiscal")),
        (at.date_input, ("from", "to")),
        (at.slider, ("started",)),
    ):
        for name in names:
            widget = dated(widgets, name)
            widget.set_value(widget.value)
    return at._tree


def captions(at) -> list[str]:
    return [caption.value for caption in at.caption]


def words(at) -> dict[str, str]:
    """What the address says."""
    return {name: value if isinstance(value, str) else "&".join(value) for name, value in at.query_params.items()}


def test_the_menu_tells_the_days_of_each_range_that_has_any() -> None:
    at = uploaded()
    # The file ends on 15 March 2025, its first lead started on 5 January: no last year.
    assert dated(at.selectbox, "range").options == [
        "Last 30 days · 14 Feb – 15 Mar 2025",
        "Last 90 days · 5 Jan – 15 Mar 2025",
        "This month · 1 Mar – 15 Mar 2025",
        "Last month · 1 Feb – 28 Feb 2025",
        "This quarter · 5 Jan – 15 Mar 2025",
        "This year · 5 Jan – 15 Mar 2025",
        "Last 12 months · 5 Jan – 15 Mar 2025",
        "All time · 5 Jan – 15 Mar 2025",
    ]
    assert all_three(at) == ("all_time", (FIRST, LAST))
    assert words(at) == {}


def test_a_range_by_name_moves_fields_slider_and_address() -> None:
    at = uploaded()
    dated(at.selectbox, "range").set_value("last_month").run()
    assert all_three(at) == ("last_month", (date(2025, 2, 1), date(2025, 2, 28)))
    assert titles(at) == ["None of 1 lead won yet · entered Feb 2025"]
    assert words(at) == {"range": "last_month", "from": "2025-02-01", "to": "2025-02-28"}
    dated(at.selectbox, "range").set_value("all_time").run()
    assert titles(at) == [ALL]
    assert words(at) == {}


@thorough
def test_typed_days_and_the_slider_are_chosen_dates_until_they_are_all() -> None:
    at = uploaded()
    dated(at.date_input, "from").set_value(date(2025, 1, 20)).run()
    assert all_three(at) == ("chosen", (date(2025, 1, 20), LAST))
    assert titles(at) == [THREE]
    assert words(at) == {"from": "2025-01-20", "to": "2025-03-15"}
    dated(at.slider, "started").set_range(date(2025, 1, 20), date(2025, 2, 3)).run()
    assert all_three(at) == ("chosen", (date(2025, 1, 20), date(2025, 2, 3)))
    assert words(at) == {"from": "2025-01-20", "to": "2025-02-03"}
    dated(at.slider, "started").set_range(FIRST, LAST).run()
    assert all_three(at) == ("all_time", (FIRST, LAST))
    assert words(at) == {}


def test_a_day_outside_of_the_file_is_brought_inside_with_a_sentence() -> None:
    at = uploaded()
    dated(at.date_input, "to").set_value(date(2031, 12, 24)).run()
    assert all_three(at) == ("all_time", (FIRST, LAST))
    told = "Brought inside the file's dates, 5 Jan – 15 Mar 2025."
    assert told in captions(at)
    dated(at.date_input, "from").set_value(date(2025, 1, 20)).run()
    assert told not in captions(at)
    dated(at.date_input, "to").set_value(date(2025, 1, 10)).run()
    assert all_three(at) == ("chosen", (FIRST, date(2025, 1, 10)))
    assert [caption for caption in captions(at) if caption.startswith("The other date gave way")]


def test_a_move_before_the_browser_has_heard_of_the_last_one_is_not_set_back() -> None:
    at = uploaded()
    heard = as_heard(at)
    dated(at.slider, "started").set_range(FIRST, date(2025, 3, 14)).run()
    # What the browser sends next has the menu and the fields as they were before.
    at._tree = heard
    dated(at.slider, "started").set_range(FIRST, date(2025, 3, 13)).run()
    assert all_three(at) == ("chosen", (FIRST, date(2025, 3, 13)))
    heard = as_heard(at)
    dated(at.selectbox, "range").set_value("last_month").run()
    at._tree = heard
    dated(at.selectbox, "range").set_value("this_month").run()
    assert all_three(at) == ("this_month", (date(2025, 3, 1), LAST))
    # Another control than the dates' says no more about them.
    heard = as_heard(at)
    dated(at.date_input, "from").set_value(date(2025, 3, 2)).run()
    at._tree = heard
    dated(at.date_input, "from").set_value(date(2025, 3, 2))
    at.multiselect[0].set_value(at.multiselect[0].options[:1]).run()
    assert all_three(at) == ("chosen", (date(2025, 3, 2), LAST))


@thorough
def test_a_fiscal_year_moves_what_was_chosen_by_name() -> None:
    at = uploaded(range="this_year")
    assert all_three(at) == ("this_year", (FIRST, LAST))
    dated(at.selectbox, "fiscal").set_value(2).run()
    assert all_three(at) == ("this_year", (date(2025, 2, 1), LAST))
    assert words(at) == {"range": "this_year", "from": "2025-02-01", "to": "2025-03-15", "fiscal": "2"}
    # January is in the year before now, which begins in February 2024.
    dated(at.selectbox, "range").set_value("last_year").run()
    assert all_three(at)[1] == (FIRST, date(2025, 1, 31))
    at.switch_page("models_page.py").run()
    assert all_three(at) == ("last_year", (FIRST, date(2025, 1, 31)))
    assert words(at)["fiscal"] == "2"


def test_an_address_of_old_still_works_and_is_said_anew() -> None:
    # Microseconds of 20 January and 15 March 2025.
    at = uploaded(started=["1737331200000000", "1741996800000000"])
    assert titles(at) == [THREE]
    assert words(at) == {"from": "2025-01-20", "to": "2025-03-15"}


@thorough
def test_what_is_chosen_by_name_is_so_again_in_a_file_with_newer_days() -> None:
    at = uploaded(range="last_month")
    assert all_three(at)[1] == (date(2025, 2, 1), date(2025, 2, 28))
    at.switch_page("files_page.py").run()
    uploads.upload(at, ("moves.csv", MOVES + b"E-5,New,2025-04-02,West,\n"))
    at.switch_page("funnel_page.py").run()
    assert all_three(at) == ("last_month", (date(2025, 3, 1), date(2025, 3, 31)))
    assert titles(at) == ["None of 1 lead won yet · entered Mar 2025"]
    # Days that were chosen by hand would hide leads of the other file unasked.
    dated(at.date_input, "to").set_value(date(2025, 3, 20)).run()
    at.switch_page("files_page.py").run()
    uploads.upload(at, ("moves.csv", MOVES))
    at.switch_page("funnel_page.py").run()
    assert all_three(at) == ("all_time", (FIRST, LAST))


def test_a_file_of_one_day_has_nothing_to_choose() -> None:
    at = uploaded(ONE_DAY, range="last_month", **{"from": "2020-01-01"})
    assert titles(at) == ["1 of 2 leads won · entered Mar 2025"]
    assert not [box.key for box in at.selectbox if box.key and box.key.startswith("range")]
    # The one that is left is of a note to a day.
    assert [each.key for each in at.date_input] == ["dated_note_day"]


def test_what_converts_is_called_goal_now_and_an_old_address_still_says_it() -> None:
    at = uploaded(page="trends", to="Qualified")
    assert at.selectbox(key="goal").value == "Qualified"
    assert words(at)["goal"] == "Qualified"
    assert all_three(at)[0] == "all_time"
    both = uploaded(page="trends", to="2025-02-03", goal="Qualified")
    assert both.selectbox(key="goal").value == "Qualified"
    assert all_three(both) == ("chosen", (FIRST, date(2025, 2, 3)))


def test_a_link_without_its_file_says_which_to_open_and_then_shows_its_view() -> None:
    query = {"file": "moves.csv", "from": "2025-01-20", "to": "2025-03-15"}
    at = opened(**query)
    assert [info.value.replace("\\", "") for info in at.info] == [
        "This link shows “moves.csv”. Open that file to see it."
    ]
    uploads.upload(at, ("moves.csv", MOVES))
    assert titles(at) == [THREE]
    assert not at.info
    assert words(at) == {"from": "2025-01-20", "to": "2025-03-15"}


def test_a_link_over_another_file_says_so() -> None:
    at = uploaded(name="other.csv", file=["moves.csv", "more.csv"], rule="came in order")
    (info,) = at.info
    assert info.value.replace("\\", "") == (
        "This link shows “moves.csv” and “more.csv”. Open these files to see it. What you see now is “other.csv”."
    )
    assert at.session_state["workspace"].views["funnel"] == {"rule": ("Went through every stage in order",)}


@pytest.mark.parametrize(
    "name",
    [
        "![x](http://evil.example/a.png)",
        "<b>a</b>",
        "[click](http://evil.example)",
        "..\\..\\a.csv",
        "x" * 100_000,
        "\u202egnp.exe",
    ],
)
def test_a_hostile_name_in_a_link_is_shown_as_text(name: str) -> None:
    at = opened(file=name)
    (info,) = at.info
    assert not at.exception
    assert "![" not in info.value
    assert "<b>" not in info.value
    assert "](" not in info.value
    assert "http://" not in info.value
    assert ".." not in info.value.replace("\\", "")
    assert "\u202e" not in info.value
    assert len(info.value) < 500


def test_names_without_a_sign_and_many_names_are_cut() -> None:
    assert not opened(file=["", "  ", "/"]).info
    (info,) = opened(file=[f"{number}.csv" for number in range(1_000)][:900]).info
    assert info.value.count("csv") == 5
