"""Wins by the target day as a picture: lines, bands and the target, what is said, narrow and wide, and without a range."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import plotly.graph_objects as go
import pytest

from funnel.charts import target
from funnel.core.types import Question
from funnel.measures.target import WinTarget
from funnel.measures.target_plan import WhatIf, WinsBy
from tests.leads import model_of

TODAY, BY = date(2026, 3, 31), date(2026, 6, 30)
ENDS = (date(2026, 4, 30), date(2026, 5, 31), BY)
PATH = (WinsBy(TODAY, 9.0, 9, 9), *map(WinsBy, ENDS, (15.2, 21.4, 28.4), (11, 15, 20), (19, 28, 38)))
BETTER = (PATH[0], *map(WinsBy, ENDS, (15.9, 23.6, 33.3), (12, 17, 24), (20, 30, 43)))
FOUND = WinTarget(
    question=Question(model_of([{"New"}, {"Won"}])),
    as_of=TODAY, since=date(2026, 1, 1), by=BY, wins=40, won=9, open_leads=120, open=14.2, open_low=9, open_high=20,
    to_find=16.8, to_come=5.2, reach=0.06, reach_needed=0.5, sure=0.8, scatter=1.4, backtests=12, stages=(), levers=(),
    improvements=(), path=PATH, what_if=None, notes=(), worth=None, sql="SELECT 1",
)  # fmt: skip
WHAT_IF = WhatIf((), 1.5, 0, 1.0, 4.9, ((date(2026, 4, 1), 0.7),), 33.3, 0.2, 9.0, BETTER)


def traces(result: WinTarget, meta: str) -> list[go.Scatter]:
    return [trace for trace in target.draw(result).data if trace.meta == meta]


def test_the_line_begins_at_what_is_won_and_the_band_goes_around_it() -> None:
    (now,), (band,), (level,) = (traces(FOUND, meta) for meta in ("now", "band", "target"))
    assert (list(now.x), list(now.y)) == ([0, 30, 61, 91], [9, 15.2, 21.4, 28.4])
    assert list(band.y) == [9, 19, 28, 38, 20, 15, 11, 9]
    assert set(level.y) == {40}
    assert traces(FOUND, "what_if") == []
    hover = now.hovertext[-1].replace("<br>", " ")
    assert hover == "By 30 Jun 2026, at the present pace, 28 wins of 40 are expected, in 80% of cases 20 to 38."


def test_what_if_is_another_line_and_all_ends_are_named() -> None:
    result = replace(FOUND, what_if=WHAT_IF)
    (better,) = traces(result, "what_if")
    assert (list(better.y)[-1], better.line.dash) == (33.3, "dash")
    assert len(traces(result, "band")) == 2
    names = " ".join(target.draw(result).layout.yaxis2.ticktext)
    for name in ("present pace 28", "what if 33", "target 40"):
        assert name in names
    assert target.describe(result).endswith(
        "By 30 Jun 2026, what if, 33 wins of 40 are expected, in 80% of cases 24 to 43."
    )


def test_without_a_range_there_is_no_band_and_none_is_said() -> None:
    bare = replace(FOUND, path=tuple(replace(each, low=None, high=None) for each in PATH))
    assert traces(bare, "band") == []
    assert target.describe(bare) == "By 30 Jun 2026, at the present pace, 28 wins of 40 are expected."


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width_hint", [None, 340, 700])
def test_every_figure_is_one_that_plotly_takes(dark: bool, width_hint: int | None) -> None:
    huge = replace(FOUND, wins=1_000_000)
    one_day = replace(FOUND, by=date(2026, 4, 1), path=(PATH[0], WinsBy(date(2026, 4, 1), 9.1, 9, 10)))
    for result in (FOUND, replace(FOUND, what_if=WHAT_IF), huge, one_day):
        figure = target.draw(result, dark=dark, width_hint=width_hint)
        go.Figure(figure.to_dict())
        assert max(figure.layout.yaxis.range) > result.wins


@pytest.mark.parametrize(("width_hint", "told"), [(None, 4), (300, 2)])
def test_days_are_named_where_there_is_room(width_hint: int | None, told: int) -> None:
    named = target.draw(FOUND, width_hint=width_hint).layout.xaxis
    assert len(named.tickvals) == told
    assert (named.ticktext[0], named.ticktext[-1]) == ("31 Mar", "30 Jun")
