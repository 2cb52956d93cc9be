"""The choice between a lead's values at its start and the latest, beside the filters, through pages/main.py."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.mapping.fines import EVERY, LEADS, SUMS, fine, fines, is_paid
from tests.pages.apps import turned, uploaded
from tests.pages.test_pages_pipeline import captions
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")


def opened_with(**query: str | list[str]) -> AppTest:
    return uploaded(fines().encode(), **query)


def leads_of(at: AppTest) -> str:
    return captions(at)[0].split(" · ")[0]


def box_of(at: AppTest, key: str):  # type: ignore[no-untyped-def]
    return next(each for each in at.multiselect if each.key == key)


@thorough
def test_a_filter_offers_the_values_at_the_start_until_the_latest_are_chosen() -> None:
    at = opened_with(filter="office")
    assert box_of(at, "where_office").options == ["North", "South"]
    # What only later lines say is not offered, and offered when the latest are looked at.
    assert not [each for each in at.multiselect if each.key == "where_channel"]
    assert "channel" not in box_of(at, "filter").options
    at.pills(key="attributes").set_value("latest").run()
    assert not at.exception
    # Of a column that people ask for first the values stand ready.
    assert box_of(at, "where_channel").options
    assert sorted(box_of(at, "where_office").options) == ["Cash desk", "North", "South"]
    box_of(at, "where_office").set_value(["Cash desk"]).run()
    assert not at.exception
    at.switch_page("segments_page.py").run()
    assert not at.exception
    assert leads_of(at) == f"{sum(map(is_paid, EVERY))} leads"


def test_a_column_that_began_alike_on_all_leads_tells_none_apart_until_the_latest_are_chosen() -> None:
    lines = ["Lead ID,Stage,Entered at,State,Region"]
    for lead in range(60):
        region = ("East", "West")[lead % 2]
        lines.append(f"L{lead},New,2024-01-{1 + lead % 28:02} 09:00,begun,{region}")
        if lead % 3:
            lines.append(f"L{lead},Proposal sent,2024-03-{1 + lead % 28:02} 09:00,grown,{region}")
    at = uploaded("\n".join(lines).encode(), page="segments")
    assert not at.exception
    assert at.selectbox(key="by_column").options == ["Region", "two groups made by hand"]
    at.pills(key="attributes").set_value("latest").run()
    assert not at.exception
    assert at.selectbox(key="by_column").options == ["Region", "State", "two groups made by hand"]


@thorough
def test_the_address_says_which_values_are_looked_at() -> None:
    for said, dear in (("start", sum(fine(number) == SUMS[2] for number in EVERY)), ("latest", None)):
        at = opened_with(filter="Amount", where_from_amount="31750", where_to_amount="31750", attributes=said)
        at.switch_page("segments_page.py").run()
        assert not at.exception
        if dear is not None:
            assert leads_of(at) == f"{dear} leads"
        else:
            assert leads_of(at) != f"{LEADS} leads"


def test_the_data_page_says_which_value_is_taken() -> None:
    at = opened_with()
    turned(at, "rows")
    told = " ".join(captions(at))
    assert "these columns changed on some leads: office and Amount" in told
    assert "in channel: what was there when leads entered is not known" in told
