"""The drop-off table of cohorts: how many of each came how far by the same day, and where each loses most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import MENU, Drawn, Margins, note, scale, sheet
from funnel.charts.canvas.scales import thinned
from funnel.charts.canvas.shades import bars
from funnel.charts.canvas.text import safe_lines
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours
from funnel.charts.cohort_words import newest, target_name
from funnel.charts.forest_rows import nothing
from funnel.charts.heat_cells import Cell, Drop, Money, Rates
from funnel.charts.heat_places import ROOMY, SPACE, Grid, Heads
from funnel.measures.cohort_amounts import CohortAmounts
from funnel.measures.cohorts import Cohort, Cohorts
from funnel.words import wording

MOST_ROWS = 60
USUAL_WIDTH = 860
NARROWEST = 44
"""Of narrower cells, not all columns are drawn."""
BREAK = 0.2
"""Between the cohorts and all of them, in rows."""
LEGEND_LINE, CORNER = 19, 66
SHARE_ACROSS, SHARE_DOWN = 0.97, 0.94
"""How much of its place a cell fills."""


def dropoff(
    cohorts: Cohorts,
    day: int,
    *,
    plain: bool = False,
    amounts: CohortAmounts | None = None,
    currency: str = "",
    win: bool = True,
    dark: bool = False,
    width_hint: int | None = None,
) -> go.Figure:
    """A row of cells for each cohort, the newest on top, and one for all; a column for each stage, and (`win`) for the win.

    A cell has the rate by `day` and the count so far; `plain` adds the plain ratio of counts. With `amounts` it has the money in
    one currency that reached the stage so far. Unfinished cells are paler and striped. Points carry [first day of the cohort or
    "", position of the stage or None for the win], so that a click finds its cohort. At most MOST_ROWS cohorts are drawn, the newest.
    """
    theme = colours(dark)
    drawn, older = newest(cohorts.cohorts, MOST_ROWS)
    if not drawn:
        return nothing(wording.say("charts.nothing"), dark=dark, width_hint=width_hint, revision="dropoff")
    drawn = drawn[::-1]
    rows = [*drawn, cohorts.whole]
    room = width_hint or USUAL_WIDTH
    targets = _targets(cohorts, win and amounts is None, money=amounts is not None)
    beside = Grid.beside(room)
    columns = _fitting(targets, room - beside)
    stages = tuple(target for target in columns if target is not None)
    table = (
        Rates(cohorts, day, columns, dark, plain)
        if amounts is None
        else Money(cohorts, amounts, currency, day, stages, dark)
    )
    cells = table.rows(rows)
    grid = Grid(
        cohorts, day, room, (room - beside) / len(columns), len(drawn), plain and amounts is None, amounts is not None
    )
    drops = {
        index: drop
        for index, (cohort, row) in enumerate(zip(rows, cells, strict=True))
        if (drop := table.drop(cohort, row))
    }
    heads = Heads(tuple(_head(cohorts, target) for target in columns), grid.cell, 1.0 if width_hint else 0.7)
    traces = [
        *_bars(rows, cells, drops, columns, grid, theme),
        *_seams(drops, rows, grid, theme),
    ]
    explained = sum(trace["showlegend"] for trace in traces)
    under = _under(older, len(targets) - len(columns), room, plain=plain and amounts is None)
    quiet = {"size": SMALL_SIZE, "color": theme.muted}
    middles = [_middle(index, rows) for index in range(len(rows))]
    # What is written on a drop before the first column stands half beside it.
    chips = _chips(drops, rows, grid, theme)
    standoff = 24 if any(chip["x"] == 0 for chip in chips) else 5
    head = MENU + max(heads.height, 2 * SMALL_SIZE * LINE) + SPACE
    head += LEGEND_LINE * (explained - 1) if grid.narrow else 0
    start = {
        "x": 0,
        "xanchor": "right",
        "xshift": -standoff,
        "align": "right",
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
    }
    ink_of_names = {"tickfont": {"color": theme.text}}
    return sheet(
        traces,
        dark=dark,
        plot=grid.row * (middles[-1] + 1),
        x=scale(
            (0, len(columns)),
            [column + 0.5 for column in range(len(columns))],
            heads.words,
            side="top",
            tickangle=heads.angle,
            **ink_of_names,
        ),
        y=scale(
            (middles[-1] + 0.5, -0.5),
            middles,
            [grid.name(cohort, theme) for cohort in rows],
            ticklabelstandoff=standoff,
            **ink_of_names,
        ),
        notes=[note(grid.corner, **start, yshift=3, font=quiet), *chips],
        title={"text": "<br>".join(under)},
        margins=Margins(
            CORNER, top=round(head), bottom=round(len(under) * SMALL_SIZE * LINE) + 2 * SPACE if under else 0
        ),
        revision="dropoff",
        barmode="overlay",
        showlegend=explained > 0,
    )


def _middle(index: int, rows: Sequence[Cohort]) -> float:
    """Where a row stands; all of them stand a little apart."""
    return index + BREAK if index >= len(rows) - 1 else index


def _head(cohorts: Cohorts, target: int | None) -> str:
    if target is None:
        return wording.say("charts.cohort_won")
    return target_name(cohorts.question, target)


def _targets(cohorts: Cohorts, win: bool, *, money: bool) -> tuple[int | None, ...]:
    """The stages, without the first where all are at it from the outset; and the win."""
    stages: list[int | None] = list(range(len(cohorts.question.model.stages)))
    if not money and all(each.stages[0].converted == each.leads for each in cohorts.cohorts if each.stages):
        stages = stages[1:]
    return (*stages, None) if win or not stages else tuple(stages)


def _fitting(targets: tuple[int | None, ...], room: float) -> tuple[int | None, ...]:
    """As many columns as fit, evenly chosen, the first and the last among them."""
    return tuple(targets[index] for index in thinned(len(targets), max(2, int(room / NARROWEST))))


def _bars(
    rows: Sequence[Cohort],
    cells: Sequence[Sequence[Cell]],
    drops: Mapping[int, Drop],
    targets: Sequence[int | None],
    grid: Grid,
    theme: Colours,
) -> list[Drawn]:
    """The cells as bars, which can be striped and clicked: the finished, the unfinished, and those without a rate."""
    every = [(index, column, cell) for index, row in enumerate(cells) for column, cell in enumerate(row)]
    kinds = {
        "finished": [each for each in every if not each[2].shade.stripes and not each[2].muted],
        "unfinished": [each for each in every if each[2].shade.stripes],
        "blank": [each for each in every if not each[2].shade.stripes and each[2].muted],
    }
    return [_trace(kind, rows, part, drops, targets, grid, theme) for kind, part in kinds.items() if part]


def _trace(
    kind: str,
    rows: Sequence[Cohort],
    each: Sequence[tuple[int, int, Cell]],
    drops: Mapping[int, Drop],
    targets: Sequence[int | None],
    grid: Grid,
    theme: Colours,
) -> Drawn:
    hovers = []
    for index, column, cell in each:
        drop = drops.get(index)
        hovers.append("<br>".join([cell.hover, *([drop.hover] if drop and drop.column == column else [])]))
    starts = ["" if cohort.start is None else cohort.start.isoformat() for cohort in rows]
    explained = kind == "unfinished" or (kind == "blank" and not grid.money)
    return {
        "type": "bar",
        "meta": kind,
        "name": wording.say(f"charts.cohort_{kind}") if explained else "",
        "showlegend": explained,
        "orientation": "h",
        "base": [column + (1 - SHARE_ACROSS) / 2 for _, column, _ in each],
        "x": [SHARE_ACROSS] * len(each),
        "y": [_middle(index, rows) for index, _, _ in each],
        "width": SHARE_DOWN,
        "marker": bars([cell.shade for _, _, cell in each], striped=kind == "unfinished"),
        "text": [grid.text(cell) for _, _, cell in each],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"size": TEXT_SIZE, "color": [theme.muted if cell.muted else theme.text for _, _, cell in each]},
        "customdata": [[starts[index], targets[column]] for index, column, _ in each],
        "hovertext": hovers,
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
    }


def _seams(drops: Mapping[int, Drop], rows: Sequence[Cohort], grid: Grid, theme: Colours) -> list[Drawn]:
    """A warm line at the edge where a cohort loses most."""
    if not drops:
        return []
    key = "cohort_largest_drop_money" if grid.money else "cohort_largest_drop"
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "meta": "drops",
            "name": wording.say(f"charts.{key}"),
            "showlegend": True,
            "x": [drop.column for drop in drops.values()],
            "y": [_middle(index, rows) for index in drops],
            "marker": {
                "symbol": "line-ns",
                "size": grid.row * SHARE_DOWN / 2,
                "line": {"width": 4, "color": theme.lost},
            },
            "cliponaxis": False,
            # The mouse is on the cell behind it, which tells of the drop too.
            "hoverinfo": "skip",
            "unselected": {"marker": {"opacity": 1}},
        }
    ]


def _chips(drops: Mapping[int, Drop], rows: Sequence[Cohort], grid: Grid, theme: Colours) -> list[Drawn]:
    """On that line, how much is lost, where there is room for it."""
    if grid.cell < ROOMY:
        return []
    font = {"size": SMALL_SIZE - 2, "color": theme.lost_text}
    return [
        note(wording.say("charts.cohort_drop", rate=drop.lost), x=drop.column, xref="x",
             y=_middle(index, rows), font=font, bgcolor=theme.lost, borderpad=2, hovertext=drop.hover)
        for index, drop in drops.items()
    ]  # fmt: skip


def _under(older: int, columns: int, room: float, *, plain: bool) -> list[str]:
    """What is said under the table: what the numbers in brackets are, and what is not drawn."""
    sentences = [wording.say("charts.cohort_ratio_told")] if plain else []
    sentences += [wording.say("charts.cohort_older", n=older)] if older else []
    sentences += [wording.say("charts.cohort_columns", n=columns)] if columns else []
    return [line for each in sentences for line in safe_lines(each, SMALL_SIZE, room, 3)]
