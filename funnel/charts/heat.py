"""The drop-off table of cohorts: how many of each came how far by the same day, and where each loses most."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import CAMERA, Drawn, Margins, note, sheet
from funnel.charts.canvas.legend import Entry, legend
from funnel.charts.canvas.shades import bars, blank, heat
from funnel.charts.canvas.text import safe_lines
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, Colours, colours
from funnel.charts.cohort_words import newest, target_name
from funnel.charts.heat_cells import Cell, Drop, Money, Rates, ink
from funnel.charts.heat_places import GAP, ROOMY, SPACE, Grid, Heads, Names
from funnel.core.types import Cohort, CohortAmounts, Cohorts
from funnel.words import wording

MOST_ROWS = 60
USUAL_WIDTH = 860
NARROWEST = 44
"""Of narrower cells, not all columns are drawn."""


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
    """A row of cells for each cohort, the oldest on top, and one for all; a column for each stage, and (`win`) for the win.

    A cell has the rate by `day` and the count so far; `plain` adds the plain ratio of counts. With `amounts` it has the money in
    one currency that reached the stage so far. Unfinished cells are paler and striped. Points carry [first day of the cohort or
    "", position of the stage or None for the win], so that a click finds its cohort. At most MOST_ROWS cohorts are drawn, the newest.
    """
    look = colours(dark)
    drawn, older = newest(cohorts.cohorts, MOST_ROWS)
    rows = [*drawn, cohorts.whole]
    room = width_hint or USUAL_WIDTH
    names = Names(cohorts, rows, day, room)
    targets = _targets(cohorts, win and amounts is None, money=amounts is not None)
    shown = _fitting(targets, room - names.left - names.right)
    stages = tuple(target for target in shown if target is not None)
    table = (
        Rates(cohorts, day, shown, dark, plain)
        if amounts is None
        else Money(cohorts, amounts, currency, day, stages, dark)
    )
    cells = table.rows(rows) if drawn else []
    grid = Grid(names, (room - names.left - names.right) / max(1, len(shown)), len(drawn), plain, bool(amounts))
    drops = [table.drop(cohort, row) for cohort, row in zip(rows, cells, strict=False)]
    heads = Heads(tuple(_head(cohorts, target) for target in shown), grid.cell, 1.0 if width_hint else 0.7)
    rise = max(heads.height, names.head) + 2 * SPACE
    told = _legend(cells, drops, look, dark, money=amounts is not None)
    words = legend(told, look, left=-names.left, room=room - CAMERA, rise=rise)
    under = _under(older, len(targets) - len(shown), room, plain=plain and amounts is None)
    foot = round(len(under) * SMALL_SIZE * LINE) + (SPACE if under else 0)
    notes = [*heads.notes(), *words.notes]
    if drawn:
        notes += [*names.notes(grid, look), *_chips(drops, grid, look)]
        place = {"x": 0, "xanchor": "left", "xshift": -names.left, "align": "left", "yanchor": "top"}
        font = {"size": SMALL_SIZE, "color": look.muted}
        notes += [note("<br>".join(under), y=grid.height, yshift=-SPACE, font=font, **place)] if under else []
    else:
        notes = [note(wording.say("charts.nothing"), x=0.5, y=grid.height / 2)]
    return sheet(
        _bars(rows, cells, drops, shown, grid, dark) if drawn else [],
        dark=dark,
        plot=grid.height,
        x=(0, max(1, len(shown))),
        y=(grid.height, 0),
        shapes=[*(words.shapes if drawn else ()), *_seams(drops, max(1, len(shown)), grid, look)],
        notes=notes,
        margins=Margins(names.left, names.right, rise + (len(told) > 0) * (words.height - SPACE), foot + GAP),
        revision="dropoff",
        barmode="overlay",
    )


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
    most = max(2, int(room / NARROWEST))
    if len(targets) <= most:
        return targets
    return tuple(targets[round(place * (len(targets) - 1) / (most - 1))] for place in range(most))


def _bars(
    rows: Sequence[Cohort],
    cells: Sequence[Sequence[Cell]],
    drops: Sequence[Drop | None],
    targets: Sequence[int | None],
    grid: Grid,
    dark: bool,
) -> list[Drawn]:
    every = [(place, column, cell) for place, row in enumerate(cells) for column, cell in enumerate(row)]
    both = (
        (False, [each for each in every if not each[2].shade.stripes]),
        (True, [each for each in every if each[2].shade.stripes]),
    )
    return [_trace(rows, part, drops, targets, grid, dark, striped=striped) for striped, part in both if part]


def _trace(
    rows: Sequence[Cohort],
    each: Sequence[tuple[int, int, Cell]],
    drops: Sequence[Drop | None],
    targets: Sequence[int | None],
    grid: Grid,
    dark: bool,
    *,
    striped: bool,
) -> Drawn:
    aside = GAP / 2 / grid.cell
    hovers = []
    for place, column, cell in each:
        drop = drops[place]
        hovers.append("<br>".join([cell.hover, *([drop.hover] if drop and drop.column == column else [])]))
    starts = ["" if cohort.start is None else cohort.start.isoformat() for cohort in rows]
    return {
        "type": "bar",
        "meta": "unfinished" if striped else "finished",
        "orientation": "h",
        "base": [column + aside for _, column, _ in each],
        "x": [1 - 2 * aside] * len(each),
        "y": [grid.middle(place) for place, _, _ in each],
        "width": [grid.row - GAP] * len(each),
        "marker": bars([cell.shade for _, _, cell in each], striped=striped),
        "text": [grid.text(cell) for _, _, cell in each],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "constraintext": "none",
        "textfont": {
            "color": [ink(dark, cell) for _, _, cell in each],
            "size": [grid.size(cell) for _, _, cell in each],
        },
        "customdata": [[starts[place], targets[column]] for place, column, _ in each],
        "hovertext": hovers,
        "hovertemplate": "%{hovertext}<extra></extra>",
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
    }


def _seams(drops: Sequence[Drop | None], columns: int, grid: Grid, look: Colours) -> list[Drawn]:
    """A warm line at the edge where a cohort loses most; over the plot, whose edge would cut it in two."""
    place = {
        "type": "rect",
        "xref": "paper",
        "xsizemode": "pixel",
        "x0": -2,
        "x1": 2,
        "yref": "y",
        "line": {"width": 0},
    }
    half = (grid.row - GAP) / 2
    return [
        {**place, "xanchor": drop.column / columns, "y0": grid.middle(row) - half, "y1": grid.middle(row) + half,
         "fillcolor": look.lost}
        for row, drop in enumerate(drops) if drop
    ]  # fmt: skip


def _chips(drops: Sequence[Drop | None], grid: Grid, look: Colours) -> list[Drawn]:
    """On that line, how much is lost, where there is room for it."""
    if grid.cell < ROOMY:
        return []
    font = {"size": SMALL_SIZE - 2, "color": look.lost_text}
    return [
        note(wording.say("charts.cohort_drop", rate=drop.lost), x=drop.column, xref="x",
             y=grid.middle(row), font=font, bgcolor=look.lost, borderpad=2, hovertext=drop.hover)
        for row, drop in enumerate(drops) if drop
    ]  # fmt: skip


def _legend(
    cells: Sequence[Sequence[Cell]],
    drops: Sequence[Drop | None],
    look: Colours,
    dark: bool,
    *,
    money: bool,
) -> list[Entry]:
    every = [cell for row in cells for cell in row]
    shade = heat(0.4, dark=dark, unfinished=True)
    found = []
    if any(cell.shade.stripes for cell in every):
        found.append(Entry(wording.say("charts.cohort_unfinished"), shade.fill, shade.stripes))
    if any(cell.muted for cell in every) and not money:
        found.append(Entry(wording.say("charts.cohort_blank"), blank(dark=dark).fill))
    if any(drops):
        key = "cohort_largest_drop_money" if money else "cohort_largest_drop"
        found.append(Entry(wording.say(f"charts.{key}"), look.lost))
    return found


def _under(older: int, columns: int, room: float, *, plain: bool) -> list[str]:
    """What is said under the table: what the numbers in brackets are, and what is not drawn."""
    said = [wording.say("charts.cohort_ratio_told")] if plain else []
    said += [wording.say("charts.cohort_older", n=older)] if older else []
    said += [wording.say("charts.cohort_columns", n=columns)] if columns else []
    return [line for each in said for line in safe_lines(each, SMALL_SIZE, room, 3)]
