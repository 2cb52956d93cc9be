"""Pictures of models that are more than a funnel: a loop, a way back from the win, accounts of several leads."""

from __future__ import annotations

import re
from dataclasses import replace
from math import dist
from typing import Any

import pytest

from funnel import charts
from funnel.core.types import Loop, Unit
from funnel.measures.account_sizes import AccountSizes
from funnel.measures.backward import Backward, BackwardStage
from funnel.measures.loyalty import Loyalty
from funnel.measures.statistics.rates import wilson
from tests.drawn import a_funnel, hovers, modelled, texts, touching

LEDGERS = ((2100, 0, 0, 1800, 512), (1100, 0, 0, 700, 300), (930, 0, 0, 0, 170), (0, 0, 0, 0, 930))
JOURNEY = modelled(
    a_funnel(LEDGERS, ("Consider", "Evaluate", "Buy", "Enjoy")), "Decision journey", loop=Loop("2", ("0", "1"))
)
LOYALTY = Loyalty(JOURNEY.question, True, 1100, wilson(132, 1100), 140, wilson(98, 140), 124.8, "")
NOBODY = replace(LOYALTY, again=wilson(0, 1100), repeats=0, straight=wilson(0, 0), median_days=None)


def paths(figure: Any) -> list[Any]:
    """The lines between stages, without their tips."""
    return [shape for shape in figure.layout.shapes if shape.type == "path" and shape.line.width]


def ends(shape: Any) -> list[tuple[float, float]]:
    points = [point.split(",") for point in shape.path.removeprefix("M").split("L")]
    return [(float(x), float(y)) for x, y in (points[0], points[-1])]


def test_the_loop_leads_from_the_last_stage_back_to_the_purchase() -> None:
    figure = charts.loop(LOYALTY, JOURNEY, width_hint=460)
    places = list(zip(figure.data[0].x, figure.data[0].y, strict=True))
    assert list(figure.data[0].text) == ["4,412", "2,100", "1,100", "930"]
    forward, loop, around = paths(figure)[:3], paths(figure)[3], paths(figure)[4]
    for number, shape in enumerate([*forward, loop, around]):
        start, end = ends(shape)
        nearest = [min(range(4), key=lambda place: dist(places[place], point)) for point in (start, end)]
        assert nearest == [[0, 1], [1, 2], [2, 3], [3, 2], [3, 0]][number]
    assert "dash" not in {shape.line.dash for shape in paths(figure)}


def test_the_loop_is_as_thick_as_repeats_are_many() -> None:
    half = replace(LOYALTY, repeats=550, straight=wilson(550, 550))
    every = replace(LOYALTY, repeats=2200, straight=wilson(2200, 2200))
    thick = [paths(charts.loop(each, JOURNEY))[3].line.width for each in (NOBODY, LOYALTY, half, every)]
    assert thick == pytest.approx([3, 3 + 17 * 98 / 1100, 3 + 17 / 2, 20])


def test_the_loop_says_who_came_back_and_how() -> None:
    assert charts.describe_loop(LOYALTY) == (
        "132 customers bought again (12% of 1,100). 98 of 140 repeat purchases without Consider and Evaluate again."
        " Median 4.1 months from one purchase to the next."
    )
    said = texts(charts.loop(LOYALTY, JOURNEY, width_hint=900))
    assert "132 customers bought again (12% of 1,100).<br>98 of 140" in said[-1]
    assert "<b>42</b>" in said
    assert "98</span></b>" in said[-2]
    assert any(
        "1,100 of 4,412 leads that entered the funnel got this far: 25%" in one
        for one in hovers(charts.loop(LOYALTY, JOURNEY))
    )


def test_what_the_file_cannot_tell_is_said() -> None:
    unknown = replace(LOYALTY, straight=None)
    assert "The file cannot tell how many of them came without Consider and Evaluate again." in charts.describe_loop(
        unknown
    )
    figure = charts.loop(unknown, JOURNEY)
    assert "140</span></b>" in texts(figure)[-2]
    assert len(paths(figure)) == 4


def test_a_loop_that_nobody_took_is_dashed() -> None:
    figure = charts.loop(NOBODY, JOURNEY, width_hint=460)
    assert [shape.line.dash for shape in paths(figure)] == ["solid"] * 3 + ["dash"]
    assert "nobody bought" in texts(figure)[-2]
    assert charts.describe_loop(NOBODY) == "Nobody bought again yet, of 1,100 customers."
    assert charts.describe_loop(replace(NOBODY, customers=0)) == "Nobody bought yet."


def test_few_customers_have_no_percentage() -> None:
    few = replace(LOYALTY, customers=12, again=wilson(3, 12), repeats=4, straight=wilson(1, 4))
    assert charts.describe_loop(few).startswith("3 of 12 customers bought again. 1 of 4 repeat purchases without")


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_any_model_with_a_loop_is_drawn(count: int) -> None:
    names = ("<a href='x'>a</a>", "مرحلة", *(f"Stage {place}" for place in range(4)))[:count]
    steps = modelled(a_funnel(((5, 0, 0, 0, 5),) * count, names, won=0), "Own", loop=Loop(str(count - 1), ("0",)))
    loyalty = Loyalty(steps.question, False, 30, wilson(10, 30), 10, wilson(6, 10), 3.0, "")
    for width_hint in (220, 300, 900):
        figure = charts.loop(loyalty, steps, width_hint=width_hint)
        assert len(figure.data[0].x) == count
        assert "<a " not in figure.to_json()
        assert all(0 <= x <= width_hint for x in figure.data[0].x)


def test_a_model_without_a_loop_is_refused() -> None:
    with pytest.raises(ValueError, match="has no loop"):
        charts.loop(LOYALTY, a_funnel())


def said(figure: Any) -> list[str]:
    return [re.sub("<[^>]+>", "", text.replace("<br>", " / ")) for text in texts(figure)]


def from_win(
    recorded: int, days: float | None, leads: int, won: int, still: int, name: str = "Proposal"
) -> BackwardStage:
    needed = (leads / won, 5.5, 6.8, leads / (won + still)) if won else (None,) * 4
    return BackwardStage(0, name, name, wilson(recorded, won), days, recorded, leads, won, still, *needed)


CLOSING = replace(from_win(311, 0.0, 311, 311, 0, "Closing"), low=1.0, high=1.0)
BACK = Backward(JOURNEY.question, 311, (CLOSING, from_win(280, 38.0, 1895, 311, 600)), "")


def test_a_funnel_read_from_the_win() -> None:
    figure = charts.backward(BACK, width_hint=760)
    assert {"Closing", "Proposal"} < set(texts(figure))
    assert "280 of 311 · 90% / median 38 days before the win / 6.1 leads for one win (5.5–6.8)" in said(figure)
    assert "311 of 311 · 100% / 1 lead for one win" in said(figure)
    assert list(figure.data[0].x) == [311, 280]
    assert figure.data[0].y[0] < figure.data[0].y[1]
    assert figure.layout.xaxis.range == (0, 311)
    assert hovers(figure)[1] == (
        "<b>Proposal</b> Recorded here: 280 of 311 won: 90% (95% interval 86% to 93%)."
        " Median 38 days before the win, over 280 of them."
        " Of 1,895 counted here, 311 were won and 600 are open: 6.1 leads for one win (5.5–6.8)."
        " If every open one were won: 2.1 for one win."
    )


def test_in_a_narrow_place_the_sayings_stand_under_the_bar() -> None:
    figure = charts.backward(BACK, width_hint=300)
    under = "median 38 days before the win / 6.1 leads for one win (5.5–6.8)"
    assert {"280 of 311 · 90%", under} < set(said(figure))
    assert touching(figure) == []


def test_few_wins_and_none_have_no_percentage() -> None:
    few = replace(BACK, won=9, stages=(from_win(8, 3.0, 60, 9, 4),))
    assert not any("%" in one for one in [*texts(charts.backward(few)), *hovers(charts.backward(few))])
    assert charts.describe_backward(few).startswith("Of 9 won, fewest were recorded at Proposal: 8. From Proposal")
    none = replace(BACK, won=0, stages=(from_win(0, None, 60, 0, 4),))
    assert "0 of 0 / no win yet" in said(charts.backward(none))
    assert charts.describe_backward(none) == "Nobody was won yet."


def test_accounts_are_needed_where_accounts_are_counted() -> None:
    accounts = replace(BACK, question=replace(BACK.question, unit=Unit.ACCOUNT))
    assert any("6.1 accounts for one win" in one for one in texts(charts.backward(accounts)))


def test_the_way_back_in_words() -> None:
    assert charts.describe_backward(BACK) == (
        "Of 311 won, fewest were recorded at Proposal: 280 (90%)."
        " From Proposal, it takes 6.1 leads for one win (5.5–6.8). Should all 600 still open be won, 2.1."
    )


DECIDERS = AccountSizes(
    JOURNEY.question, 40, 108, ((1, 16), (2, 8), (5, 6), (6, 3), (9, 3), (10, 2), (31, 2)), 2, 3, 1, ""
)


def test_accounts_stand_by_how_many_leads_they_have() -> None:
    figure = charts.account_sizes(DECIDERS)
    assert list(figure.data[0].y) == [16, 8, 0, 0, 6, 6, 4]
    assert texts(figure)[:7] == ["1", "2", "3", "4", "5", "6–9", "10+"]
    assert list(figure.data[0].text) == ["16", "8", "0", "0", "6", "6", "4"]
    assert hovers(figure)[5] == "Leads in the account: 6–9. That is 6 of 40 accounts: 15%."


def test_wide_places_keep_slim_bars() -> None:
    assert charts.account_sizes(DECIDERS, width_hint=300).data[0].width == 0.72
    assert charts.account_sizes(DECIDERS, width_hint=896).data[0].width == 0.5


def test_deciders_in_words() -> None:
    assert charts.describe_account_sizes(DECIDERS) == "Median 2 leads in an account; 3 in those won, 1 in those lost."
    assert charts.describe_account_sizes(replace(DECIDERS, median_lost=None)) == "Median 2 leads in an account."
    nobody = replace(DECIDERS, accounts=0, counts=(), median=None)
    assert charts.describe_account_sizes(nobody) == "No accounts to draw."
    assert list(charts.account_sizes(nobody).data[0].y) == [0] * 7
    few = replace(DECIDERS, accounts=10, counts=((1, 10),))
    assert not any("%" in one for one in hovers(charts.account_sizes(few)))
