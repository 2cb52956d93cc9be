"""The colours of pages and charts against what they stand on, by the formula of WCAG 2.2, from the values of the theme and the styles."""

from __future__ import annotations

import re
import tomllib

import pytest

from funnel import charts
from tests.drawn import contrast
from tests.test_readme import ROOT

THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
STYLE = (ROOT / "pages" / "style.css").read_text(encoding="utf-8")
PILL_TINT = 0.1
"""Streamlit fills a chosen pill with so much of the primary colour."""
TEXT, SHAPE = 4.5, 3.0


def over(ink: str, paper: str, share: float) -> str:
    """The colour seen where so much of the ink lies on the paper."""
    pairs = [(int(ink[start : start + 2], 16), int(paper[start : start + 2], 16)) for start in (1, 3, 5)]
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def said(pattern: str) -> tuple[str, ...]:
    """What the one place of the styles says that has this pattern."""
    (found,) = re.findall(pattern, STYLE)
    return found if isinstance(found, tuple) else (found,)


def in_theme(pattern: str, dark: bool) -> str:
    """Of two colours that the styles name, that of the theme."""
    return said(rf"{pattern} light-dark\((#\w+), (#\w+)\)")[dark]


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def papers(theme: str) -> list[str]:
    """What text of a page stands on: the page, its surfaces, the sidebar and the boxes in it."""
    kinds = (THEME[theme], THEME[theme]["sidebar"])
    return [kind[f"{name}ackgroundColor"] for kind in kinds for name in ("b", "secondaryB")]


def test_the_formula_is_that_of_the_guideline() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert over("#000000", "#ffffff", 0.6) == "#666666"


def test_text_captions_and_links_can_be_read(theme: str, papers: list[str]) -> None:
    ink = THEME[theme]["textColor"]
    (opacity,) = said(r'\[data-testid="stCaptionContainer"\] \{ opacity: ([\d.]+); \}')
    # The styles give no link a colour of its own.
    link = THEME[theme]["linkColor"]
    assert not re.search(r"(NavLink|\ba)\b[^{}]*\{[^{}]*[^-]color:", STYLE)
    for paper in papers:
        assert contrast(ink, paper) >= TEXT
        assert contrast(over(ink, paper, float(opacity)), paper) >= TEXT
        assert contrast(link, paper) >= TEXT


def test_chosen_pills_and_loud_buttons_can_be_read(theme: str, papers: list[str]) -> None:
    primary = THEME[theme]["primaryColor"]
    pill = in_theme(r'\[data-variant\]\[data-selected="true"\] \{ color:', theme == "dark")
    edge = in_theme(r'\[data-selected="true"\] \{ color: light-dark\(#\w+, #\w+\); border-color:', theme == "dark")
    for paper in papers:
        tint = over(primary, paper, PILL_TINT)
        assert contrast(pill, tint) >= TEXT
        assert contrast(edge, paper) >= SHAPE
    button = in_theme(r'button\[kind\^="primary"\]:hover \{ color:', theme == "dark")
    assert contrast(button, primary) >= TEXT


def test_boxes_to_type_in_and_the_ring_of_the_keyboard_can_be_seen(theme: str, papers: list[str]) -> None:
    ink = THEME[theme]["textColor"]
    (edge,) = said(r"border-color: color-mix\(in srgb, currentColor (\d+)%, transparent\);")
    (ring,) = said(r"--fl-ring: (#\w+);")
    for paper in papers:
        assert contrast(over(ink, paper, int(edge) / 100), paper) >= SHAPE
        assert contrast(ring, paper) >= SHAPE


def test_every_part_of_a_bar_can_be_seen_and_its_number_read(theme: str) -> None:
    look = charts.colours(theme == "dark")
    for part in (look.progress, look.still, look.lost, *look.series):
        assert contrast(part, look.background) >= SHAPE
    # The histogram stands in the strip, on the page.
    assert contrast(look.chosen_bar, THEME[theme]["backgroundColor"]) >= SHAPE
    assert contrast(look.chosen_bar, look.other_bar) >= 1.5
    for ink, part in (
        (look.progress_text, look.progress),
        (look.still_text, look.still),
        (look.lost_text, look.lost),
        *((ink, paper) for ink in (look.text, look.muted) for paper in (look.background, look.surface, look.track)),
    ):
        assert contrast(ink, part) >= TEXT
