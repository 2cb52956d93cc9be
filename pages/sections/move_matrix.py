"""Moves as a table for the eye: from where to where, the deeper in hue the larger. Every text of a file is escaped."""

from __future__ import annotations

from html import escape

from funnel import charts
from funnel.core.rows import text
from funnel.core.types import FEWEST_FOR_A_RATE
from funnel.measures.moves import Move, MovesFound
from funnel.words import wording
from pages.ui.tables import breakable

HUES = {"back": "back", "return": "back", "lost": "lost", "still": "still", "start": "still"}


def html(moves: MovesFound, *, dark: bool) -> str:
    """A row an origin, a column a target: in each cell the moves and their share of all stays at the origin."""
    theme = charts.colours(dark)
    hues = f"--page:{theme.background};--on:{theme.progress};--back:{theme.series[1]};--lost:{theme.lost};--still:{theme.still}"
    move_of = {(move.origin, move.target): move for move in moves.moves}
    corner = f'<th scope="col">{escape(wording.say("pages.moves.from_to"))}</th>'
    heads = "".join(f'<th scope="col">{_name(moves, target)}</th>' for target in moves.targets)
    rows = ""
    for origin in moves.origins:
        came = wording.say("pages.moves.came", times=moves.came(origin))
        head = f'<th scope="row">{_name(moves, origin)}<small>{escape(came)}</small></th>'
        cells = "".join(_cell(moves, move_of.get((origin, target)), origin == target) for target in moves.targets)
        rows += f"<tr>{head}{cells}</tr>"
    table = f"<table><thead><tr>{corner}{heads}</tr></thead><tbody>{rows}</tbody></table>"
    # It may be wider than a phone: then it can be moved by touch and by keyboard.
    label = escape(wording.say("sections.moves_matrix.title"), quote=True)
    return f'<div class="fl-moves" role="region" tabindex="0" aria-label="{label}" style="{hues}">{table}</div>'


def _cell(moves: MovesFound, move: Move | None, same: bool) -> str:
    if move is None:
        return '<td class="fl-same"></td>' if same else "<td></td>"
    enough = moves.came(move.origin) >= FEWEST_FOR_A_RATE
    share = f"<small>{escape(wording.percent(moves.share(move)))}</small>" if enough else ""
    hue = HUES.get(move.kind, "on")
    title = escape(charts.move_sentence(moves, move), quote=True)
    depth = f"--hue:var(--{hue});--share:{moves.share(move) or 0:.4f}"
    return f'<td class="fl-{move.kind}" title="{title}" style="{depth}"><b>{wording.number(move.count)}</b>{share}</td>'


def _name(moves: MovesFound, end: int | str) -> str:
    return breakable(text(moves.end(end)))
