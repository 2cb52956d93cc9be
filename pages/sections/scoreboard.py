"""The scoreboard as HTML: a row a measure, a column a model, small bars in the models' hues. Every text in it is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd

from funnel import charts
from funnel.core.rows import Row
from funnel.words import wording
from pages.sections.scoreboard_text import Cell, Figure, Line
from pages.ui import tables


def html(lines: Sequence[Line], models: Sequence[str], *, dark: bool) -> str:
    """The whole board. In a narrow place the name of a measure stands above its figures."""
    hues = charts.colours(dark).series
    heads = "".join(_head(name, hue) for name, hue in zip(models, hues, strict=False))
    before = [None, *lines]
    rows = "".join(_row(line, hues, above) for line, above in zip(lines, before, strict=False))
    corner = f'<th scope="col" class="fl-corner"><span>{_safe(wording.say("pages.models.measure"))}</span></th>'
    table = f'<table class="fl-board"><thead><tr>{corner}{heads}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<div class="fl-room" style="--models:{len(models)}">{table}</div>'


def table(lines: Sequence[Line], models: Sequence[str]) -> pd.DataFrame:
    """A row a measure: its name, what its number means, and the number for each model, or why there is none."""
    rows: list[Row] = [
        {
            "measure": line.name,
            "meaning": line.meaning,
            **{str(position): cell.text for position, cell in enumerate(line.cells)},
        }
        for line in lines
    ]
    return tables.of("scoreboard", rows, names={str(position): name for position, name in enumerate(models)})


def _head(name: str, hue: str) -> str:
    return f'<th scope="col"><span class="fl-hue" style="background:{hue}"></span>{_safe(name)}</th>'


def _row(line: Line, hues: Sequence[str], above: Line | None) -> str:
    head = f'<th scope="row"><strong>{_safe(line.name)}</strong><span>{_safe(line.meaning)}</span></th>'
    reason = _reason(line)
    if reason:
        text = wording.say("pages.models.as_above") if above and _reason(above) == reason else reason
        cells = f'<td class="fl-absent" colspan="{len(line.cells)}">{_safe(text)}</td>'
    else:
        cells = "".join(_cell(cell, hues, index) for index, cell in enumerate(line.cells))
    return f"<tr>{head}{cells}</tr>{_how(line)}"


def _reason(line: Line) -> str:
    """Why none of the models has a number here; empty where one has."""
    reasons = {cell.absent for cell in line.cells}
    return reasons.pop() if len(reasons) == 1 else ""


def _cell(cell: Cell, hues: Sequence[str], index: int) -> str:
    if cell.absent:
        return f'<td class="fl-absent">{_safe(cell.absent)}</td>'
    figures = "".join(_figure(each, hues[index if each.series is None else each.series]) for each in cell.figures)
    marks = "".join(
        f'<abbr title="{_safe(meaning)}" aria-label="{_safe(meaning)}">{_safe(sign)}</abbr>'
        for sign, meaning in cell.marks
    )
    beside = f"<small>{_safe(cell.beside)}</small>" if cell.beside else ""
    return f"<td>{figures}{f'<small>{marks}</small>' if marks else ''}{beside}</td>"


def _figure(figure: Figure, hue: str) -> str:
    text = f"<b>{_safe(figure.said)}</b> {_safe(figure.of)}"
    if not figure.whole:
        return f'<span class="fl-figure">{text}</span>'
    # The browser divides: a bar is as long as its part of the whole.
    width = f"clamp(0%, calc(100% * {figure.part:.6f} / {figure.whole:.6f}), 100%)"
    least = "2px" if figure.part else "0"
    bar = f'<span class="fl-track"><span style="background:{hue};min-width:{least};width:{width}"></span></span>'
    return f'<span class="fl-figure">{bar}{text}</span>'


def _how(line: Line) -> str:
    """A row of its own: how it is computed and of what, behind words that open by click and by keyboard."""
    summary = f"<summary>{_safe(wording.say('pages.models.how'))}</summary>"
    looked_at = f"<p>{_safe(line.looked_at)}</p>" if line.looked_at else ""
    cells = "".join(_sentences(cell) for cell in line.cells if cell.sentences)
    inside = f'<details>{summary}<p>{_safe(line.formula)}</p>{looked_at}<div class="fl-told">{cells}</div></details>'
    return f'<tr class="fl-how"><td colspan="{len(line.cells) + 1}">{inside}</td></tr>'


def _sentences(cell: Cell) -> str:
    reading, *others = cell.sentences
    items = "".join(f"<li>{_safe(sentence)}</li>" for sentence in others)
    return f"<div><p>{_safe(reading)}</p>{f'<ul>{items}</ul>' if items else ''}</div>"


def _safe(text: str) -> str:
    return escape(wording.plain(text), quote=True)
