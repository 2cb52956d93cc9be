"""Two periods stage by stage as a picture: points, counts, what is too early, what is said of all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import plotly.graph_objects as go
import pytest

from funnel.charts import stage_changes
from funnel.core.types import Contrast, Question
from funnel.measures.stage_changes import StageChange, StageChanges
from funnel.measures.statistics.differences import contrast
from funnel.measures.statistics.rates import wilson
from tests.leads import model_of

LATER, EARLIER = (date(2025, 4, 1), date(2025, 6, 30)), (date(2025, 1, 1), date(2025, 3, 31))
HIGHER = StageChange(1, 30, contrast(wilson(300, 400), wilson(200, 400)), 0, None)
LOWER = StageChange(2, 60, contrast(wilson(60, 400), wilson(120, 400)), 10, date(2025, 8, 30))
UNCLEAR = StageChange(1, 30, contrast(wilson(200, 400), wilson(201, 400)), 0, None)
EARLY = StageChange(None, 180, Contrast(wilson(1, 30), wilson(40, 400)), 370, date(2025, 12, 28))
QUESTION = Question(model_of([{"New"}, {"Demo"}, {"Offer"}, {"Won"}]))
CHANGES = StageChanges(QUESTION, EARLIER, LATER, (HIGHER, LOWER, EARLY), (), "SELECT 1")


def _points(figure: go.Figure) -> list[tuple[str, list[float]]]:
    return [(trace.meta, list(trace.x)) for trace in figure.data if trace.meta in ("higher", "lower", "unclear", "few")]


def test_a_clear_difference_is_a_full_point_and_what_is_too_early_has_none() -> None:
    assert _points(stage_changes.draw(CHANGES)) == [("higher", [0.25]), ("lower", [pytest.approx(-0.15)])]
    assert _points(stage_changes.draw(replace(CHANGES, stages=(UNCLEAR,)))) == [("unclear", [pytest.approx(-0.0025)])]


def test_counts_of_both_periods_stand_beside_and_when_it_can_be_told() -> None:
    written = " ".join(str(text) for axis in stage_changes.draw(CHANGES).select_yaxes() for text in axis.ticktext or ())
    for text in ("75% · 300 of 400", "before 50%", "15% · 60 of 400", "too early until 28 Dec 2025", "within 60 days"):
        assert text in written


def test_it_says_which_stages_differ_and_which_are_too_early() -> None:
    names = [stage.name for stage in QUESTION.model.stages]
    assert stage_changes.describe(CHANGES) == (
        f"Significantly fewer leads than before reached {names[2]} (−15 points, within 60 days). "
        f"Significantly more leads than before reached {names[1]} (+25 points, within 30 days). "
        "Too early for the win: most leads are younger than 180 days; all are that old on 28 Dec 2025."
    )
    assert stage_changes.describe(replace(CHANGES, stages=(UNCLEAR,))) == "No stage differs significantly from before."
    assert stage_changes.describe(replace(CHANGES, stages=(EARLY,))).startswith("Too early for the win")
    untold = stage_changes.describe(replace(CHANGES, stages=(UNCLEAR,), untold=(2, None)))
    assert untold.endswith(f"The file does not tell when enough leads reached {names[2]} and the win.")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width_hint", [None, 340])
def test_every_figure_is_one_that_plotly_takes(dark: bool, width_hint: int | None) -> None:
    for stages in (CHANGES.stages, (EARLY,), ()):
        figure = stage_changes.draw(replace(CHANGES, stages=stages), dark=dark, width_hint=width_hint)
        go.Figure(figure.to_dict())
