"""Views with a name and notes to days, through the pages: kept, shown, taken off, saved with the project."""

from __future__ import annotations

from datetime import date

import pytest

import funnel
from funnel.core.types import DatedNote, SavedView
from tests.pages.apps import turned, uploaded

HOSTILE = '"><script>x</script> & <b>'


def pressed(at, label: str):  # type: ignore[no-untyped-def]
    [button] = [each for each in at.button if each.label == label]
    button.click().run()
    assert not at.exception
    return at


def noted(at, day: date, text: str):  # type: ignore[no-untyped-def]
    at.date_input(key="dated_note_day").set_value(day)
    at.text_input(key="dated_note_text").set_value(text)
    return pressed(at, "Add note")


def test_a_note_is_kept_in_the_order_of_days_once_and_taken_off() -> None:
    at = uploaded()
    space = at.session_state["workspace"]
    for day, text in ((date(2025, 3, 1), "Fair"), (date(2025, 1, 9), "New prices"), (date(2025, 3, 1), " Fair ")):
        noted(at, day, text)
    assert space.dated_notes == (DatedNote(date(2025, 1, 9), "New prices"), DatedNote(date(2025, 3, 1), "Fair"))
    noted(at, date(2025, 3, 2), "   ")
    assert len(space.dated_notes) == 2
    at.button(key="forget_note_0").click().run()
    assert space.dated_notes == (DatedNote(date(2025, 3, 1), "Fair"),)


def test_a_view_is_kept_under_its_name_with_what_the_address_says() -> None:
    at = uploaded(rule="Went through every stage in order")
    space = at.session_state["workspace"]
    at.text_input(key="saved_view_name").set_value(HOSTILE)
    pressed(at, "Save this view")
    [saved] = space.saved_views
    assert (saved.name, saved.page) == (HOSTILE, "funnel")
    assert saved.view["rule"] == ("Went through every stage in order",)
    [link] = [each.proto.body for each in at.main.get("html") if "fl-saved-view" in each.proto.body]
    assert "<script>" not in link
    assert 'href="./funnel?rule=Went+through+every+stage+in+order' in link
    # Without a name the view is called after its page; the same name again is the same view, told anew.
    for _ in range(2):
        pressed(at, "Save this view")
    assert [each.name for each in space.saved_views] == [HOSTILE, "Funnel, as now"]
    at.button(key="forget_view_0").click().run()
    assert [each.name for each in space.saved_views] == ["Funnel, as now"]


def test_a_saved_view_of_no_page_is_no_link() -> None:
    at = uploaded()
    at.session_state["workspace"].saved_views = (SavedView("x", "//elsewhere.example", {}),)
    at.run()
    assert not at.exception
    assert not [each for each in at.main.get("html") if "fl-saved-view" in each.proto.body]


@pytest.mark.parametrize("page", ["trend", "trends", "pipeline"])
def test_pages_with_charts_over_time_are_drawn_with_notes(page: str) -> None:
    at = turned(noted(uploaded(), date(2025, 2, 1), HOSTILE), page)
    assert at.title


def test_both_are_saved_with_the_project(tmp_path) -> None:
    at = noted(uploaded(), date(2025, 2, 1), "New prices")
    pressed(at, "Save this view")
    space = at.session_state["workspace"]
    space.data_set.save(tmp_path / "all.funnel", space.work())
    with funnel.open(tmp_path / "all.funnel") as again:
        assert again.work.dated_notes == space.dated_notes
        assert again.work.saved_views == space.saved_views
