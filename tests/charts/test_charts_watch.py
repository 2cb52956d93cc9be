"""A watched step as a picture: points of the followed and the young, the usual range, what rang, narrow and wide, and nobody to draw."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from funnel.charts import watch
from funnel.core.types import Calendar, Period
from funnel.core.types.watch import Direction, Episode, StepRule
from funnel.measures.watch_found import StepWatch
from funnel.measures.watch_judge import Cohort, Promise, looks
from funnel.measures.watch_steps import StepCohorts

FIRST = date(2025, 1, 6)
PROMISE = Promise(1, 52, 5)


def step(counts: list[int], young: int = 2, name: str = "New") -> StepWatch:
    """A step whose weeks have forty leads each, of whom so many went on."""
    cohorts = [Cohort(FIRST + timedelta(days=7 * week), 40, some) for week, some in enumerate(counts)]
    later = [Cohort(FIRST + timedelta(days=7 * (len(counts) + week)), 40, 3) for week in range(young)]
    of = StepCohorts(0, "new", name, "Demo", 14, 800, 0, Period.WEEK, Calendar.GREGORIAN, tuple(cohorts), tuple(later))
    past = looks(cohorts, PROMISE, Direction.DOWN, 52)
    return StepWatch(StepRule("new"), of, PROMISE, past[-1] if past else None, tuple(past), Episode(), "SELECT 1")


def traces(of: StepWatch, **how: object) -> dict[str, object]:
    return {trace.meta: trace for trace in watch.draw(of, **how).data}  # type: ignore[arg-type]


def test_each_cohort_is_a_point_where_its_share_is() -> None:
    drawn = traces(step([20, 22] * 15))
    assert list(drawn["watch_share"].y) == [20 / 40, 22 / 40] * 15  # type: ignore[attr-defined]
    assert list(drawn["watch_young"].x) == [30, 31]  # type: ignore[attr-defined]
    assert "watch_rang" not in drawn
    # A look needs twelve cohorts before it: the range begins at the thirteenth.
    assert min(drawn["band"].x) == 11.5  # type: ignore[attr-defined]


def test_a_look_that_rings_is_marked_and_said() -> None:
    found = step([*[20] * 30, 2], young=0)
    drawn = traces(found)
    assert list(drawn["watch_rang"].x) == [30]  # type: ignore[attr-defined]
    hover = drawn["watch_rang"].hovertext[0].replace("<br>", " ")  # type: ignore[attr-defined]
    window = found.past[-1].windows[0]
    assert hover == (
        f"week of 4 Aug 2025: 2 of 40 leads went on within 14 days; usual is {window.low} to {window.high}"
    )
    assert "New → Demo is below its usual range: 2 of 40 leads" in watch.describe(found)


@pytest.mark.parametrize("dark", [False, True])
def test_a_narrow_picture_draws_the_newest_and_says_how_many_are_left_out(dark: bool) -> None:
    figure = watch.draw(step([20] * 60), dark=dark, width_hint=340)
    drawn = {trace.meta: trace for trace in figure.data}
    assert len(drawn["watch_share"].x) + len(drawn["watch_young"].x) == 31
    assert "31 cohorts of earlier leads not drawn" in figure.layout.xaxis.title.text.replace("<br>", " ")


def test_without_followed_cohorts_it_says_so() -> None:
    empty = replace(step([20] * 3), of=replace(step([20] * 3).of, cohorts=()), past=(), look=None)
    assert "followed long enough" in watch.draw(empty).layout.annotations[0].text
    assert watch.describe(empty) == "No cohort of this step was followed long enough yet."


def test_names_of_a_file_are_shown_and_not_obeyed() -> None:
    figure = watch.draw(step([20] * 30, name="<b>x</b><a href='x'>y</a>"))
    assert "<a" not in figure.to_json()
