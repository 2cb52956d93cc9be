"""Steps of segments as a grid: what a cell says, that it can be read, and which steps are drawn where not all have room."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from funnel import charts
from funnel.charts import colours
from funnel.charts.step_grid import LEAST_CELL, LEAST_NAME
from funnel.core.types import Question, Stage, StageModel
from tests.charts.drawn_segments import FOUND, HIGH, LOW, against, found
from tests.drawn import contrast, traces


def grid(figure: Any) -> dict[tuple[int, int], tuple[str, str]]:
    """The text and the fill of each cell, by its segment and its step, row by row from the top."""
    cells = traces(figure)["cells"]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    fills = dict(zip((cells.zmin, 0, cells.zmax), (fill for _, fill in cells.colorscale), strict=True))
    return {
        tuple(behind): (text, fills[z])
        for row in zip(cells.customdata, cells.text, cells.z, strict=True)
        for behind, text, z in zip(*row, strict=True)
        if behind
    }


def test_cells_say_the_sign_the_points_and_the_counts() -> None:
    by_cell = grid(charts.segments_steps(FOUND))
    quiet = f'<span style="color:{colours().muted}">{{}}</span>'
    assert by_cell[2, 0][0] == "<b>▲ +10</b><br>60 of 100"
    assert by_cell[2, 1][0] == quiet.format("−6.7<br>20 of 60")
    assert by_cell[0, 0][0] == "<b>▼ −25</b><br>100 of 400"
    assert by_cell[0, 1][0] == quiet.format("0<br>20 of 100")
    assert by_cell[3, 0][0] == quiet.format("10 of 12")
    background = colours().background
    assert {place: fill == background for place, (_, fill) in by_cell.items()} == {
        (2, 0): False, (2, 1): True, (1, 0): False, (1, 1): True, (0, 0): False, (0, 1): True, (3, 0): True, (3, 1): True
    }  # fmt: skip
    assert by_cell[2, 0][1] != by_cell[0, 0][1]
    # The order of the forest: Referral, Web, Cold call, empty.
    assert [index for index, _ in by_cell] == [2, 2, 1, 1, 0, 0, 3, 3]


def test_a_small_difference_that_is_clear_is_not_written_as_nothing() -> None:
    tiny = replace(HIGH, steps=(against(1002, 10_000, (10_006, 100_000), (0.0001, 0.0001)),))
    assert grid(charts.segments_steps(found(tiny)))[0, 0][0].startswith("<b>▲ +0.01</b>")


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_on_the_cells(dark: bool) -> None:
    look = colours(dark)
    fills = {fill for _, fill in grid(charts.segments_steps(FOUND, dark=dark)).values()}
    assert len(fills) == 3
    assert all(contrast(fill, look.text) >= 4.5 for fill in fills)
    assert contrast(look.background, look.muted) >= 4.5


def of_nine_steps(segments: int) -> Any:
    """So many segments of nine steps, of which the fifth and the eighth differ clearly."""
    names = tuple(f"Stage {n}" for n in range(10))
    question = Question(StageModel("m", "M", tuple(Stage(str(n), name) for n, name in enumerate(names))))
    dull, clear = against(60, 100, (590, 1000), p=0.9), against(60, 100, (400, 1000))
    steps = tuple(clear if place in (4, 7) else dull for place in range(9))
    return found(*(replace((HIGH, LOW)[each % 2], steps=steps) for each in range(segments)), question=question)


def test_steps_that_have_no_room_beside_the_others_go_on_under_them() -> None:
    figure = charts.segments_steps(of_nine_steps(2), width_hint=360)
    cells = traces(figure)["cells"]
    steps = [[behind[1] if behind else None for behind in row] for row in cells.customdata]
    assert steps == [[0, 1, 2]] * 2 + [[None] * 3] + [[3, 4, 5]] * 2 + [[None] * 3] + [[6, 7, 8]] * 2
    assert all(z is None for row in (2, 5) for z in cells.z[row])
    # The heads of each band stand over it: on the axis, then in the rows between.
    assert [text.replace("<br>", " ") for text in figure.layout.xaxis.ticktext] == [
        "→ Stage 1",
        "→ Stage 2",
        "→ Stage 3",
    ]
    under = {note.text.replace("<br>", " "): (note.x, note.y) for note in figure.layout.annotations}
    assert under["→ Stage 4"] == (0, 2.5)
    assert under["→ Stage 9"] == (2, 5.5)
    assert list(figure.layout.yaxis.tickvals) == [0, 1, 3, 4, 6, 7]
    assert "not drawn" not in figure.layout.title.text
    assert "not drawn" not in charts.segments_steps(FOUND, width_hint=860).layout.title.text


def test_where_not_all_steps_have_room_the_clear_ones_are_drawn() -> None:
    figure = charts.segments_steps(of_nine_steps(12), width_hint=360)
    shown = sorted({step for _, step in grid(figure)})
    assert {4, 7} < set(shown)
    assert len(shown) == 3
    assert (360 - LEAST_NAME) / len(shown) >= LEAST_CELL
    assert "6 columns not drawn for want of room; the table has all." in figure.layout.title.text.replace("<br>", " ")
