"""The planner's target in the app: its answer, two inputs, what each stage needs, what if, and what a file cannot tell."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from funnel.words import wording
from tests.pages.apps import opened, uploaded
from tests.planned import LABELS, UNTIL, drawn
from tests.thorough import thorough

LEADS = drawn(400, 7)
LINES = [
    f"L-{number},{LABELS[at]},{moment:%Y-%m-%d %H:%M:%S}" for number, lead in enumerate(LEADS) for at, moment in lead
]
LOG = ("lead_id,stage,changed_at\n" + "\n".join(LINES) + f"\nlast,New,{UNTIL:%Y-%m-%d %H:%M:%S}\n").encode()


SECTIONS = ("Wins by the target day", "What the rest needs, stage by stage")


def planned(content: bytes = LOG, **query: str) -> AppTest:
    at = uploaded(content, page="planner", **query)
    assert not at.exception
    return at


def title(at: AppTest) -> str:
    (only,) = [each for each in at.header if each.value not in ("Deals to follow up", *SECTIONS)]
    return only.value.replace("\\", "").replace(wording.WORD_JOINER, "")


def page_text(at: AppTest) -> str:
    places = (*at.main.markdown, *at.main.caption, *at.main.info)
    return "\n".join(each.value for each in places).replace("\\", "").replace(wording.WORD_JOINER, "")


def wins_between(first: str, last: str) -> int:
    return sum(lead[-1][0] == "won" and first <= f"{lead[-1][1]:%Y-%m-%d}" <= last for lead in LEADS)


def test_a_target_begins_with_the_wins_of_the_year_before() -> None:
    at = planned()
    (wins,) = [box for box in at.main.number_input if box.key == "target_wins"]
    (by,) = [box for box in at.main.date_input if box.key == "target_by"]
    assert (f"{by.value}", wins.value) == ("2026-09-30", wins_between("2025-07-01", "2025-09-30"))
    assert title(at).startswith(f"{wins.value} more wins are needed; ")
    assert "1 Jul 2026 to 30 Sep 2026: 0 wins of" in page_text(at)


def test_more_wins_need_more_leads_and_another_day_another_target() -> None:
    at = planned()
    (wins,) = [box for box in at.main.number_input if box.key == "target_wins"]
    wins.set_value(90).run()
    assert not at.exception
    assert title(at).startswith("90 more wins are needed; ")
    assert " a week for the rest (now " in title(at)
    assert "To be 80% sure: " in page_text(at)
    (by,) = [box for box in at.main.date_input if box.key == "target_by"]
    by.set_value("2026-12-31").run()
    assert not at.exception
    (wins,) = [box for box in at.main.number_input if box.key == "target_wins"]
    assert wins.value == wins_between("2025-07-01", "2025-12-31")
    assert "1 Jul 2026 to 31 Dec 2026" in page_text(at)


def test_what_if_a_step_is_better_and_more_leads_come() -> None:
    at = planned()
    now = title(at)
    (step,) = [slider for slider in at.main.slider if slider.key.startswith("target_points_1")]
    assert step.label.replace("\\", "").replace(wording.WORD_JOINER, "") == "Demo: points more go on"
    step.set_value(10).run()
    assert not at.exception
    assert title(at) == now
    assert " wins: " in page_text(at)
    assert "instead of" in page_text(at)
    (arrivals,) = [slider for slider in at.main.slider if slider.key == "target_arrivals"]
    arrivals.set_value(0).run()
    assert not at.exception


def test_what_if_leads_move_faster() -> None:
    at = planned()
    (faster,) = [slider for slider in at.main.slider if slider.key == "target_faster"]
    faster.set_value(50).run()
    assert not at.exception
    assert "instead of" in page_text(at)
    # Without amounts there is neither money to plan nor larger deals.
    assert not [each for each in at.main.slider if each.key == "target_amount"]
    assert not [each for each in at.main.segmented_control if each.key == "target_unit"]


def test_a_target_in_money_begins_with_what_its_usual_wins_are_worth() -> None:
    lines = [f"{line},1000,EUR" for line in LOG.decode().splitlines()[1:]]
    at = planned("\n".join(["lead_id,stage,changed_at,amount,currency", *lines]).encode())
    (wins,) = [box for box in at.main.number_input if box.key == "target_wins"]
    (unit,) = [each for each in at.main.segmented_control if each.key == "target_unit"]
    assert unit.options == ["Wins", "EUR"]
    unit.set_value("EUR").run()
    assert not at.exception
    (value,) = [box for box in at.main.number_input if box.key == "target_value_EUR"]
    usual = wins.value * 1000
    # To two figures.
    assert abs(value.value - usual) <= usual * 0.05
    assert "the rest at €1K a win" in page_text(at)
    (amount,) = [each for each in at.main.slider if each.key == "target_amount"]
    amount.set_value(200).run()
    assert not at.exception
    assert "That is €" in page_text(at)


def test_the_stages_stand_in_a_table() -> None:
    at = planned()
    tables = "".join(element.proto.body for element in at.main.get("html"))
    for head in ("Entries to stage", "Needed a week", "Now a week", "Last useful day", "Wins added by 5 points more"):
        assert head in tables
    assert ">New</th>" in tables
    assert ">Demo</th>" in tables


def test_what_cannot_be_told_is_said_in_a_sentence() -> None:
    news = [f"L-{n},New,2025-01-{n % 28 + 1:02d}" for n in range(30)]
    one_stage = planned("\n".join(["lead_id,stage,changed_at", *news]).encode())
    assert "Choose a model with two stages or more" in page_text(one_stage)
    few = planned("\n".join(["lead_id,stage,changed_at", *news, *(f"L-{n},Won,2025-03-01" for n in range(9))]).encode())
    assert "9 wins in the last two years: of fewer than 20 nothing is told" in page_text(few)
    assert title(one_stage) == title(few) == wording.say("pages.target.title_unknown")
    rows = "".join(f"L-{n},{'Closed won' if n % 3 == 0 else 'Qualified'}\n" for n in range(80))
    # Without any date no tab of the page has anything to tell, and the page says so.
    at = planned(f"lead_id,stage\n{rows}".encode())
    assert [each.value for each in at.title] == [wording.say("pages.times.none_title")]
    assert len(at.main.info) == 1


@thorough
def test_the_sample_has_an_answer() -> None:
    at = opened("planner", sample="history", model="Standard B2B")
    assert not at.exception
    assert "more wins are needed" in title(at)
