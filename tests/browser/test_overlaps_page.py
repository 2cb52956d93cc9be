"""No two texts of a chart overlap and none leaves its chart, at any width, with long names, many stages, and other scripts."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import pytest

from funnel.words import wording
from tests.browser.places import with_sample
from tests.browser.test_funnel_page import STILL, upload
from tests.thorough import every

pytestmark = pytest.mark.browser
OVERLAPS = Path(__file__).with_name("overlaps.js").read_text(encoding="utf-8")
WIDTHS = (1920, 1440, 1024, 700, 400, 320)
REDRAWN = 900
VIEWS = (
    "",
    "funnel?heads=Money",
    "funnel?split=Region",
    "funnel?funnel_tab=Paths",
    "segments?segments_tab=Curves",
    "trends",
    "trends?trends_tab=Heat+map",
    "trends?trends_tab=Each+step",
    "pipeline?pipeline_tab=By+month",
    "pipeline?pipeline_tab=Time+in+stage",
    "pipeline?pipeline_tab=Forecast",
    "models",
)
OF_LANGUAGES = ("", "funnel", "segments", "trends", "pipeline", "models")
OF_FILES = ("funnel?funnel_tab=Paths", "segments", "models")
LONG = (
    "Enterprise qualification conversation A",
    "Technical discovery workshop with buyer",
    "Commercial negotiation and legal review",
)
FILES = {
    "24 stages with names of 40 signs": [f"{place:02} {LONG[place % 3]}"[:40] for place in range(22)],
    "Thai": ["ลูกค้าใหม่", "ติดต่อแล้วและรอการตอบกลับ", "นำเสนอและสาธิตผลิตภัณฑ์", "เจรจาต่อรองราคาและเงื่อนไข"],
    "Persian": ["سرنخ جدید", "تماس گرفته شد و منتظر پاسخ", "ارائه و نمایش محصول به مشتری", "مذاکره نهایی درباره قیمت"],
    "Armenian": [
        "Նոր հաճախորդ",
        "Կապ է հաստատվել և սպասում է",
        "Ներկայացում և ցուցադրություն",
        "Բանակցություններ գնի շուրջ",
    ],
}


def content(stages: list[str]) -> bytes:
    """Leads that come to one stage after another, some of them lost on the way."""
    chance = random.Random(7)
    lines = ["lead_id,stage,changed_at,region"]
    for lead in range(300):
        day = date(2024, 1, 1) + timedelta(days=chance.randrange(420))
        for stage in [*stages, "Closed won"]:
            lost = stage is not stages[0] and chance.random() < 1.5 / len(stages) / 2
            lines.append(f"L{lead},{'Closed lost' if lost else stage},{day},{stages[lead % 3]}")
            if lost or chance.random() < 0.05:
                break
            day += timedelta(days=chance.randrange(1, 9))
    return "\n".join(lines).encode()


def crowded(page, widths) -> list[str]:  # type: ignore[no-untyped-def]
    """What is crowded on the page at each width, with the width before it."""
    found = []
    page.locator("[class*=st-key-picture_] .main-svg").first.wait_for()
    for width in widths:
        page.set_viewport_size({"width": width, "height": 1000})
        # Charts measure their place, and are drawn anew for it.
        page.wait_for_timeout(REDRAWN)
        page.locator(STILL).wait_for()
        page.wait_for_timeout(REDRAWN)
        found += [f"{width}: {each}" for each in page.evaluate(OVERLAPS)]
    return found


@pytest.mark.parametrize("view", every(4, VIEWS))
def test_no_chart_of_the_sample_is_crowded(visitor, view) -> None:  # type: ignore[no-untyped-def]
    page = visitor(with_sample(view))
    assert crowded(page, WIDTHS) == []


@pytest.mark.parametrize("name", every(2, list(FILES)))
def test_no_chart_of_long_or_other_names_is_crowded(visitor, name) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel")
    upload(page, "leads.csv", content(FILES[name]))
    page.locator("[class*=st-key-picture_] .main-svg").first.wait_for()
    for view in OF_FILES:
        page.set_viewport_size({"width": WIDTHS[1], "height": 1000})
        page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + f"/{view}")
        assert crowded(page, WIDTHS[1::2]) == [], view


@pytest.mark.parametrize("tag", every(5, [tag for tag in wording.languages() if tag != wording.SOURCE_LANGUAGE]))
def test_no_language_is_crowded(visitor, tag) -> None:  # type: ignore[no-untyped-def]
    page = visitor(with_sample(f"?lang={tag}"), width=1440)
    for view in OF_LANGUAGES:
        page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + with_sample(f"{view}?lang={tag}"))
        assert crowded(page, (1440, 1110, 400)) == [], view
        assert page.evaluate("document.documentElement.scrollWidth") <= 400, view
