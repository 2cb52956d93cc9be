"""The stream of moves: as wide as moves are many, loops where they go back, words that are harmless and claim no cause."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from funnel import charts
from funnel.measures.moves import Move, MovesFound
from funnel.measures.moves_back import MovesBack, SameStage
from funnel.measures.statistics.rates import wilson
from tests.drawn import a_funnel, hovers, modelled, texts

QUESTION = modelled(a_funnel(names=("New", "Qualified", "Demo", "Won")), "M").question
MOVES = (
    Move("start", 0, "start", 1000, 1000, None),
    Move(0, 1, "forward", 640, 600, 6.0),
    Move(0, 2, "skip", 60, 60, 9.0),
    Move(0, "lost", "lost", 240, 240, 3.0),
    Move(0, "still there", "still", 100, 100, None),
    Move(1, 0, "back", 40, 30, 12.0),
    Move(1, 2, "forward", 400, 380, 20.0),
    Move(1, "lost", "lost", 210, 210, 31.0),
    Move(2, 3, "forward", 300, 300, 40.0),
    Move(2, "still there", "still", 160, 160, None),
    Move(3, "still there", "still", 300, 300, None),
    Move("lost", 1, "return", 10, 10, 70.0),
)
BACK = MovesBack(wilson(30, 1000), wilson(12, 30), wilson(288, 970), 90.0, 60.0, 12, 288)
FOUND = MovesFound(
    question=QUESTION,
    leads=1000,
    win=3,
    moves=MOVES,
    back=BACK,
    reentries=(wilson(30, 1000), wilson(40, 610), wilson(0, 450), wilson(0, 300)),
    returned=wilson(10, 450),
    paths=(),
    other_paths=0,
    distinct_paths=0,
    sql="",
)


def streams(figure: Any) -> dict[tuple[str, int], Any]:
    """The ribbons by kind and by how many moves they say they are."""
    return {(trace.name, _count(trace.text)): trace for trace in figure.data if trace.mode == "lines"}


def loops(figure: Any) -> list[Any]:
    return [trace for trace in figure.data if trace.mode == "lines+markers"]


def _count(said: str) -> int:
    after = said.split(": ")[1] if "→" in said else said
    return int(after.split(" ")[0].replace(",", ""))


def thickness(trace: Any) -> list[float]:
    half = len(trace.x) // 2
    return [trace.x[-1] - trace.x[0], trace.x[half] - trace.x[half - 1]]


def test_streams_are_as_wide_as_moves_are_many() -> None:
    found = streams(charts.moves(FOUND))
    unit = thickness(found["forward", 640])[0] / 640
    for (_, count), trace in found.items():
        assert thickness(trace) == pytest.approx([count * unit] * 2)
    assert sorted(found) == [
        ("forward", 300),
        ("forward", 400),
        ("forward", 640),
        ("lost", 210),
        ("lost", 240),
        ("skip", 60),
        ("still", 100),
        ("still", 160),
    ]


def test_each_row_is_as_wide_as_what_comes_and_streams_leave_it_side_by_side() -> None:
    figure = charts.moves(FOUND)
    blocks = [shape for shape in figure.layout.shapes if shape.xref == "x"]
    found = streams(figure)
    unit = thickness(found["forward", 640])[0] / 640
    assert [block.x1 - block.x0 for block in blocks] == pytest.approx([n * unit for n in (1040, 650, 460, 300)])
    # From the left: what goes back, what stays, the next stage, the one after, what is lost.
    edges = [found[key].x[0] for key in (("still", 100), ("forward", 640), ("skip", 60), ("lost", 240))]
    assert edges == pytest.approx([0, 100 * unit, 740 * unit, 800 * unit])
    into_demo = found["forward", 400], found["skip", 60]
    half = len(into_demo[0].x) // 2
    assert into_demo[0].x[half] == pytest.approx(400 * unit)
    assert into_demo[1].x[len(into_demo[1].x) // 2 - 1] == pytest.approx(400 * unit)


def test_streams_that_pass_a_row_keep_clear_of_it_and_of_each_other() -> None:
    further = Move(0, 3, "skip", 90, 90, 9.0)
    figure = charts.moves(replace(FOUND, moves=(*MOVES, further)))
    qualified = [shape for shape in figure.layout.shapes if shape.xref == "x"][1]
    found = streams(figure)
    spans = []
    for key in (("skip", 60), ("skip", 90)):
        trace = found[key]
        beside = [x for x, y in zip(trace.x, trace.y, strict=True) if y in (qualified.y0, qualified.y1)]
        spans.append((min(beside), max(beside)))
    assert qualified.x1 < spans[0][0] < spans[0][1] <= spans[1][0] < spans[1][1] <= 1


def test_the_lost_leave_where_they_were_and_no_row_collects_them() -> None:
    figure = charts.moves(FOUND, width_hint=1200)
    new, qualified, *_ = [shape for shape in figure.layout.shapes if shape.xref == "x"]
    for count, row, following in ((240, new, qualified.y0), (210, qualified, None)):
        trace = streams(figure)["lost", count]
        assert max(trace.x) == pytest.approx(row.x1 if row is new else trace.x[-1])
        assert min(trace.y) == row.y1
        assert following is None or max(trace.y) < (row.y1 + following) / 2
        (number,) = [note for note in figure.layout.annotations if note.text == str(count)]
        assert min(trace.x) < number.x < max(trace.x)
        assert min(trace.y) < number.y < max(trace.y)


@pytest.mark.parametrize("width_hint", [None, 360, 1200])
def test_nothing_runs_out_of_the_plot(width_hint: int | None) -> None:
    figure = charts.moves(FOUND, width_hint=width_hint)
    (left, right), (low, _) = figure.layout.xaxis.range, figure.layout.yaxis.range
    for trace in figure.data:
        assert left <= min(trace.x)
        assert max(trace.x) <= right
        assert min(trace.y) >= 0
        assert max(trace.y) <= low
    assert figure.layout.margin.l < 0.36 * (width_hint or 700)


def test_moves_back_loop_at_the_left_and_returns_come_from_the_right() -> None:
    back, returned = loops(charts.moves(FOUND))
    assert (back.name, returned.name) == ("back", "return")
    assert max(back.x) <= 0
    assert back.y[0] > back.y[-1]  # upward: the first row stands at the top
    assert returned.x[0] == 1 > returned.x[-1]
    assert returned.y[0] == returned.y[-1]
    assert (back.line.dash, returned.line.dash) == ("solid", "dot")
    look = charts.colours()
    assert back.marker.color == look.series[1]
    assert back.marker.color not in (look.progress, look.lost, look.still)
    # An arrow stands at the end alone.
    assert [size > 0 for size in back.marker.size] == [False] * (len(back.x) - 1) + [True]


def test_many_moves_back_do_not_burst_the_loops() -> None:
    many = replace(FOUND, moves=tuple(replace(move, count=620) if move.kind == "back" else move for move in MOVES))
    thick = [loop.line.width for loop in loops(charts.moves(many))]
    assert thick[0] == pytest.approx(12)
    assert thick[1] == 1.5


def test_a_skip_is_striped_and_colours_never_stand_alone() -> None:
    figure = charts.moves(FOUND)
    assert [key[0] for key, trace in streams(figure).items() if trace.fillpattern.shape] == ["skip"]
    said = texts(figure)
    for entry in (
        "to the next stage: 1,340",
        "skipped stages: 60",
        "moved back: 40",
        "reopened: 10",
        "loss events: 450",
    ):
        assert entry in said
    # Who stands where the win is the last word is not waiting.
    assert "in stage now: 260" in said


def test_every_row_is_named_with_its_leads() -> None:
    look = charts.colours()
    named = [one for one in texts(charts.moves(FOUND)) if look.muted in one]
    assert [one.split("<br>")[0] for one in named] == ["New", "Qualified", "Demo", "Won"]
    assert [one.split(">")[-2].removesuffix("</span") for one in named] == ["1,000", "610", "450", "300"]
    begun = replace(FOUND, moves=(replace(MOVES[0], count=900), replace(MOVES[0], target=2, count=100), *MOVES[1:]))
    assert next(one.split("<br>")[0] for one in texts(charts.moves(begun)) if look.muted in one) == "start"


def test_a_win_that_no_stage_is_has_a_row_of_its_own() -> None:
    moves = (*MOVES[:-2], Move(2, "won", "won", 50, 50, 9.0), Move("won", 1, "back", 5, 5, 2.0))
    figure = charts.moves(replace(FOUND, win=None, moves=moves))
    look = charts.colours()
    assert "won" in [one.split("<br>")[0] for one in texts(figure) if look.muted in one]
    assert ("won", 50) in streams(figure)
    assert [loop.name for loop in loops(figure)] == ["back", "back"]


def test_a_move_says_its_sentence() -> None:
    said = hovers(charts.moves(FOUND))
    assert (
        "Qualified → New: 40 moves back, by 30 leads, median 12 days after they had come."
        " Of 650 visits to Qualified, 40 ended so: 6.2%."
    ) in said
    assert "100 leads at New now. Of 1,040 visits to New, 100 ended so: 9.6%." in said
    assert any("lost → Qualified: 10 moves of leads that were lost and reopened, by 10 leads" in one for one in said)


@pytest.mark.parametrize("width_hint", [None, 360])
def test_names_of_files_are_harmless_and_keep_their_direction(width_hint: int | None) -> None:
    names = (
        "<a href='x'>a</a>",
        "مرحلة دوم",
        "waiting for the documents that the bank asked for twice already",
        "<b>W</b>",
    )
    found = replace(FOUND, question=modelled(a_funnel(names=names), "M").question)
    figure = charts.moves(found, width_hint=width_hint)
    written = figure.to_json()
    assert "<a " not in written
    assert "<b>W" not in written
    assert "\u2067مرحلة" in "".join(texts(figure))
    cut = next(note for note in figure.layout.annotations if note.text.startswith("waiting"))
    if "…" in cut.text:
        assert "twice already" in cut.hovertext.replace("<br>", " ")


def test_dark_is_the_same_picture_in_other_colours() -> None:
    light, dark = charts.moves(FOUND), charts.moves(FOUND, dark=True)
    assert [trace.x for trace in light.data] == [trace.x for trace in dark.data]
    assert {trace.fillcolor for trace in light.data}.isdisjoint({trace.fillcolor for trace in dark.data} - {None})


NOBODY = MovesFound(
    QUESTION,
    0,
    3,
    (),
    MovesBack(*[wilson(0, 0)] * 3, None, None, 0, 0),
    (wilson(0, 0),) * 4,
    wilson(0, 0),
    (),
    0,
    0,
    "",
)


def test_no_leads_say_so() -> None:
    assert "No leads to draw." in texts(charts.moves(NOBODY))
    assert charts.describe_moves(NOBODY) == "No leads to draw."


def test_the_moves_in_words_claim_no_cause() -> None:
    assert charts.describe_moves(FOUND) == (
        "Moved back at least once: 3% (30 of 1,000), most often Qualified → New (40 times)."
        " Won so far: 40% (12 of 30) of those that moved back, 30% (288 of 970) of the others;"
        " which is no proof that moving back helps or harms, since the others mostly never came as far."
    )
    # At New 12 of 120 others were won, at Qualified 85 of 100: of 30 leads spread as 10 and 20 that is 18, 60 %.
    stages = (SameStage(0, wilson(2, 10), wilson(12, 120)), SameStage(1, wilson(10, 20), wilson(85, 100)))
    alike = replace(FOUND, back=replace(BACK, same_stage=stages))
    assert alike.back.win_rate_alike == pytest.approx((10 * 0.1 + 20 * 0.85) / 30)
    assert charts.describe_moves(alike).endswith(
        " Won so far: 40% (12 of 30) of those that moved back; of the others that came as far, 60%; of all others,"
        " most of which never came as far, 30% (288 of 970). That is no proof that moving back helps or harms."
    )
    # With 25 of the 30 at a stage that none of the others ended at, the 5 left say nothing of all 30.
    apart = (SameStage(0, wilson(0, 5), wilson(12, 120)), SameStage(1, wilson(12, 25), wilson(0, 0)))
    assert replace(BACK, same_stage=apart).win_rate_alike is None
    most = (SameStage(0, wilson(2, 24), wilson(12, 120)), SameStage(1, wilson(6, 6), wilson(0, 0)))
    assert replace(BACK, same_stage=most).win_rate_alike == pytest.approx(0.1)
    few = replace(
        FOUND, back=replace(BACK, moved_back=wilson(3, 12), win_rate=wilson(1, 3), win_rate_others=wilson(4, 9))
    )
    assert "Moved back at least once: 3 of 12, most" in charts.describe_moves(few)
    assert "Won so far: 1 of 3 of those that moved back, 4 of 9 of the others;" in charts.describe_moves(few)
    every = replace(FOUND, back=replace(BACK, win_rate_others=wilson(0, 0)))
    assert charts.describe_moves(every).endswith("Won so far: 40% (12 of 30); young leads are incomplete.")
    forward = replace(FOUND, moves=tuple(move for move in MOVES if move.kind != "back"))
    assert charts.describe_moves(forward) == "None of 1,000 leads moved back to an earlier stage."
