"""The scoreboard as HTML: a row a measure, a column a model, small bars in the models' hues. Every text in it is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from funnel import charts, wording
from pages.shared.readings import Cell, Figure, Line


def html(lines: Sequence[Line], models: Sequence[str], *, dark: bool) -> str:
    """The whole board. Under 460 px of room, the name of a measure stands above its figures."""
    hues = charts.colours(dark).series
    heads = "".join(_head(name, hue) for name, hue in zip(models, hues, strict=False))
    rows = "".join(_row(line, hues) for line in lines)
    corner = f'<th scope="col" class="fl-corner">{_safe(wording.say("pages.models.measure"))}</th>'
    return f'<div class="fl-room"><table class="fl-board"><thead><tr>{corner}{heads}</tr></thead><tbody>{rows}</tbody></table></div>'


def _head(name: str, hue: str) -> str:
    return f'<th scope="col"><span class="fl-hue" style="background:{hue}"></span>{_safe(name)}</th>'


def _row(line: Line, hues: Sequence[str]) -> str:
    told = f"<strong>{_safe(line.name)}</strong><span>{_safe(line.meaning)}</span>{_how(line)}"
    head = f'<th scope="row">{told}</th>'
    reasons = {cell.absent for cell in line.cells}
    if len(reasons) == 1 and reasons != {""}:
        return f'<tr>{head}<td class="fl-absent" colspan="{len(line.cells)}">{_safe(reasons.pop())}</td></tr>'
    return f"<tr>{head}{''.join(_cell(cell, hues, place) for place, cell in enumerate(line.cells))}</tr>"


def _cell(cell: Cell, hues: Sequence[str], place: int) -> str:
    if cell.absent:
        return f'<td class="fl-absent">{_safe(cell.absent)}</td>'
    figures = "".join(_figure(each, hues[place if each.series is None else each.series]) for each in cell.figures)
    marks = "".join(
        f'<abbr title="{_safe(meaning)}" aria-label="{_safe(meaning)}">{_safe(sign)}</abbr>'
        for sign, meaning in cell.marks
    )
    beside = f"<small>{_safe(cell.beside)}</small>" if cell.beside else ""
    return f"<td>{figures}{f'<small>{marks}</small>' if marks else ''}{beside}</td>"


def _figure(figure: Figure, hue: str) -> str:
    said = f"<b>{_safe(figure.said)}</b>"
    if not figure.whole:
        return said
    # The browser divides: a bar is as long as its part of the whole.
    width = f"clamp(0%, calc(100% * {figure.part:.6f} / {figure.whole:.6f}), 100%)"
    return f'<span class="fl-track"><span style="background:{hue};width:{width}"></span></span>{said}'


def _how(line: Line) -> str:
    """How it is computed and of what, behind a word that opens by click and by keyboard."""
    told = [sentence for cell in line.cells for sentence in cell.sentences]
    items = "".join(f"<li>{_safe(sentence)}</li>" for sentence in dict.fromkeys(told))
    listed = f"<ul>{items}</ul>" if items else ""
    word = _safe(wording.say("pages.models.how"))
    return f"<details><summary>{word}</summary><p>{_safe(line.formula)}</p>{listed}</details>"


def _safe(text: str) -> str:
    return escape(wording.plain(text), quote=True)
