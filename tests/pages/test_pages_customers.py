"""The Customers page and its tabs, through pages/main.py, without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.cli.test_command_expand import DEALS
from tests.pages.apps import MOVES, below, opened, titles, turned, uploaded
from tests.pictures import pictures

pytestmark = pytest.mark.usefixtures("opened_once")


def shown(tab: str = "", content: str = DEALS, **query: str | list[str]) -> AppTest:
    """The page after an upload, on one of its tabs."""
    said = {"customers_tab": tab} if tab else {}
    at = uploaded(content.encode(), page="customers", **said, **query)
    assert not at.exception
    return at


def plain(text: str) -> str:
    """The text without what keeps Markdown from reading it."""
    return text.replace("\\", "").replace("\u2060", "")


def captions(at: AppTest) -> list[str]:
    return [plain(each.value) for each in below(at).caption]


def infos(at: AppTest) -> str:
    return " ".join(plain(each.value) for each in below(at).info)


def headers(at: AppTest) -> list[str]:
    return [plain(each.value) for each in below(at).header]


def title(at: AppTest) -> str:
    (found,) = titles(at)
    return plain(found)


def html_of(at: AppTest) -> str:
    return " ".join(each.proto.body for each in below(at).get("html"))


def test_the_answer_is_the_title_and_the_picture_is_the_second_win_by_day() -> None:
    at = shown()
    assert title(at) == "1 of 3 customers have bought again so far"
    assert len(title(at).split()) <= 12
    assert "1 of 3 customers bought again so far" in captions(at)[0]
    assert any("Of 3 customers, 1 bought again so far" in text for text in captions(at))
    # By the quarter of the first win; of so few, counts alone.
    table = html_of(at)
    assert "Q1 2023" in table
    assert "1 of 2" in table
    assert "not yet" in table
    # One column says it all of later wins by their type.
    assert "Q1 2024" in table


def test_repeat_value_by_currency() -> None:
    at = opened("customers", sample="contracts", customers_tab="Repeat value")
    assert not at.exception
    assert title(at) == "39% of customers buy again within a year"
    assert any(
        "beside the first purchase: 27.57 more per 100 of it; the plain sum says 21.34" in text for text in captions(at)
    )
    box = next(each for each in at.segmented_control if each.label == "Shown in")
    assert box.options == ["Purchases", "EUR", "USD"]
    box.set_value("purchases").run()
    assert any("100 customers buy 44.81 more times" in text for text in captions(at))
    assert '"meta":"plain"' in pictures(at)[-1]


def test_deals_of_customers_beside_first_deals() -> None:
    at = opened("customers", sample="contracts", customers_tab="Customers' deals")
    assert not at.exception
    table = html_of(at)
    for cell in ("Already a customer", "First deal", "70%", "65%", "37 days"):
        assert cell in table, cell


def test_the_made_column_breaks_down_on_the_segments_page() -> None:
    at = opened("segments", sample="contracts", by_column="Account already a customer at the start")
    assert not at.exception
    box = next(each for each in at.selectbox if each.key == "by_column")
    assert box.value == "Account already a customer at the start"
    assert "Account already a customer at the start" in " ".join(str(option) for option in box.options)


def test_contracts_that_are_told_by_their_headers() -> None:
    at = opened("customers", sample="contracts", customers_tab="Contracts")
    assert not at.exception
    assert "Net revenue retention 99%, gross 93% over 12 months in EUR" in headers(at)
    assert '"customdata":[["start"],["new"],["expansion"],["contraction"],["churn"],["end"]]' in pictures(at)[-1]
    table = html_of(at)
    for cell in ("Not yet decided", "87%", "93%"):
        assert cell in table, cell
    next(each for each in at.segmented_control if each.label == "Shown in").set_value("USD").run()
    assert "Net revenue retention 90%, gross 86% over 12 months in USD" in headers(at)
    at.selectbox(key="customers_at").set_value("2024-06").run()
    assert not at.exception
    assert any("From the end of 30 Jun 2023 to the end of 30 Jun 2024" in text for text in captions(at))


def test_one_off_amounts_are_refused_until_columns_are_named() -> None:
    at = shown("Contracts")
    assert "does not say when contracts end" in infos(at)
    at.selectbox(key="contract_end").set_value("to").run()
    assert "one-off amounts" in infos(at)
    at.selectbox(key="contract_start").set_value("from")
    at.selectbox(key="contract_recurring").set_value("fee").run()
    assert not at.exception
    assert any(text.startswith("Net revenue retention") for text in headers(at))
    assert any("the months of each contract" in text for text in captions(at))


def test_where_nobody_bought_again_the_page_says_what_would_tell_it() -> None:
    at = uploaded(MOVES, page="customers")
    assert not at.exception
    assert title(at) == "No customer has bought a second time"
    assert "names no accounts" in infos(at)
    once = shown(content="\n".join(line for line in DEALS.splitlines() if not line.startswith("2,")))
    assert title(once) == "No customer has bought a second time"
    assert "A file with all deals of an account" in infos(once)
    # Where the lines of a file are told, too.
    rows = turned(once, "rows")
    assert any("so there is no page on customers" in text for text in captions(rows))
    assert not any("so there is no page on customers" in text for text in captions(turned(shown(), "rows")))
