"""Notes with a kind, a stage and leads, their CSV files, and the effect of one, through the pages."""

from __future__ import annotations

from datetime import date

import pytest

from funnel.core.types import DatedNote, NoteKind
from tests.pages.apps import below, menu, turned, uploaded
from tests.pages.test_pages_saved import HOSTILE, pressed

LINES = ["lead_id,stage,changed_at,region"]
for _month in range(1, 13):
    for _number in range(30):
        _day = f"2024-{_month:02d}-{1 + _number % 28:02d}"
        LINES.append(f"{_month}-{_number},New,{_day},{'EMEA' if _number % 2 else 'APAC'}")
        if _number < (20 if _month > 7 and _number % 2 else 8):
            LINES.append(f"{_month}-{_number},Qualified,{_day}T12:00:00,{'EMEA' if _number % 2 else 'APAC'}")
            LINES.append(f"{_month}-{_number},Closed won,{_day}T23:00:00,{'EMEA' if _number % 2 else 'APAC'}")
LINES.append("last,New,2025-06-01,EMEA")
YEAR = "\n".join(LINES).encode()


def noted(at, day: date, text: str, kind: NoteKind | str = "", stage: str = "", condition: str = ""):  # type: ignore[no-untyped-def]
    at.date_input(key="dated_note_day").set_value(day)
    at.text_input(key="dated_note_text").set_value(text)
    at.selectbox(key="dated_note_kind").set_value(kind)
    at.selectbox(key="dated_note_stage").set_value(stage)
    at.text_input(key="dated_note_condition").set_value(condition)
    return pressed(at, "Add note")


def test_a_note_says_its_kind_stage_and_leads_and_leads_to_its_effect() -> None:
    at = uploaded(YEAR, "year.csv")
    noted(at, date(2024, 8, 1), "New pricing", NoteKind.PRICING, "", "region=EMEA")
    space = at.session_state["workspace"]
    assert space.dated_notes == (DatedNote(date(2024, 8, 1), "New pricing", NoteKind.PRICING, "", "region=EMEA"),)
    at.button(key="effect_of_note_0").click().run()
    assert not at.exception
    assert at.session_state["effect_note"] == "2024-08-01 New pricing"
    told = " ".join(each.value for each in at.subheader)
    assert at.selectbox(key="effect_step").value == ""
    assert "More convert since 1 Aug 2024 where the change applied" in told
    captions = " ".join(each.value for each in at.caption)
    assert "EMEA\\. The others are set beside them" in captions
    assert menu(at, "effect")["file"] == "effect"
    said = " ".join(each.value for each in below(at).markdown)
    assert "with the others" in said
    assert "Against the trend before" in said


def test_a_condition_that_cannot_be_asked_is_said_and_not_kept() -> None:
    at = uploaded(YEAR, "year.csv")
    noted(at, date(2024, 8, 1), "New pricing", condition="Mars")
    assert at.session_state["workspace"].dated_notes == ()
    assert "is no condition" in " ".join(each.value for each in at.info)
    noted(at, date(2024, 8, 1), "New pricing", condition="Planet=Mars")
    assert at.session_state["workspace"].dated_notes == ()


def test_a_day_of_ones_own_and_what_cannot_be_told() -> None:
    at = uploaded(YEAR, "year.csv")
    at = turned(at, "process")
    assert "There is no note yet" in " ".join(each.value for each in at.info)
    at.date_input(key="effect_on").set_value(date(2024, 8, 1)).run()
    assert not at.exception
    assert "2024" in " ".join(each.value for each in at.subheader)
    at.date_input(key="effect_on").set_value(date(2024, 1, 15)).run()
    assert "there must be 2 months or more" in " ".join(each.value for each in at.info)


def test_a_note_about_a_stage_that_the_model_lacks_says_so() -> None:
    at = uploaded(YEAR, "year.csv")
    space = at.session_state["workspace"]
    space.dated_notes = (DatedNote(date(2024, 8, 1), HOSTILE, stage="Moon <b>"),)
    at.session_state["effect_note"] = f"2024-08-01 {HOSTILE}"
    at = turned(at, "process")
    assert "which is no stage of" in " ".join(each.value for each in at.caption)
    assert at.subheader


def test_a_step_of_a_note_is_asked_about() -> None:
    at = uploaded(YEAR, "year.csv")
    space = at.session_state["workspace"]
    model = at.session_state["question"].model
    space.dated_notes = (
        DatedNote(date(2024, 8, 1), "Calls", NoteKind.PROCESS, model.stages[0].name),
        DatedNote(date(2024, 9, 1), "Fair"),
    )
    at.session_state["effect_note"] = "2024-08-01 Calls"
    at = turned(at, "process")
    [title] = [each.value for each in at.header if "within 90 days" in each.value]
    assert model.stages[0].name in title
    assert at.selectbox(key="effect_step").options[0].startswith("As the note says: ")
    # Another note has nothing to say of a step.
    at.selectbox(key="effect_note").set_value("2024-09-01 Fair").run()
    assert not at.exception
    assert at.selectbox(key="effect_step").options[0] == "From the start to the win"
    assert [each.value for each in at.header if "From the start to the win within 90 days" in each.value]


@pytest.mark.parametrize("page", ["trend", "trends", "pipeline", "forecast"])
def test_a_note_is_numbered_and_listed_under_charts_over_time(page: str) -> None:
    at = uploaded(YEAR, "year.csv")
    at.session_state["workspace"].dated_notes = (DatedNote(date(2024, 5, 1), HOSTILE),)
    if page == "pipeline":
        at.session_state["pipeline_tab"] = "months"
    at = turned(at, page)
    lists = [each.proto.body for each in at.main.get("html") if "fl-notes" in each.proto.body]
    assert any("1. 1 May 2024: " in body for body in lists) == (page != "forecast")
    assert not any("<script>" in body for body in lists)


def test_notes_come_from_a_file_and_go_into_one() -> None:
    at = uploaded(YEAR, "year.csv")
    content = b"Day;What happened;Kind;Condition\n2024-03-01;Fair;marketing;\n2024-13-01;No day;;\n2024-04-01;Prices;pricing;Region=EMEA\n"
    at.main.file_uploader[0].upload("notes.csv", content).run()
    assert not at.exception
    assert at.session_state["workspace"].dated_notes == (
        DatedNote(date(2024, 3, 1), "Fair", NoteKind.MARKETING),
        DatedNote(date(2024, 4, 1), "Prices", NoteKind.PRICING, "", "Region=EMEA"),
    )
    told = " ".join(each.value for each in at.info)
    assert "2 notes added" in told
    assert "1 of 3 lines could not be read" in told
    assert "Line 3" in told
    assert "2024-13-01" in told.replace("\\", "")
