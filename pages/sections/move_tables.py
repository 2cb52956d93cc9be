"""Moves as tables: each move, from where to where, the commonest paths, who came again. Every text of a file in HTML is escaped."""

from __future__ import annotations

import re
from html import escape

import pandas as pd

from funnel import charts
from funnel.core.types import FEWEST_FOR_A_RATE, Move, MovesFound, Path
from funnel.core.types.moves import LOST_END, START, STILL, WON_END
from funnel.words import wording
from pages.ui import tables
from pages.ui.draft import free

ARROW = " → "
LONGEST_WORD = 14
HUES = {"back": "back", "return": "back", "lost": "lost", "still": "still", "start": "still"}


def moves(found: MovesFound) -> pd.DataFrame:
    """A row a move: from, to, its kind, how often, leads, percent of the stays there, median days they had been there."""
    rows = [
        {
            "from": _name(found, move.origin),
            "to": _name(found, move.target),
            "kind": wording.say(f"pages.move_kind.{move.kind}"),
            "moves": move.count,
            "leads": move.leads,
            "of_stays": tables.percent(_share(found, move)),
            "days_there": None if move.median_days is None else round(move.median_days, 1),
        }
        for move in found.moves
    ]
    return tables.headed(pd.DataFrame(rows))


def paths(found: MovesFound) -> pd.DataFrame:
    """A row a path, the commonest first: path, leads, percent of all leads, won, median days from start to end."""
    enough = found.leads >= FEWEST_FOR_A_RATE
    rows = [
        {
            "path": path_text(found, path),
            "leads": path.leads,
            "of_leads": tables.percent(found.path_share(path)) if enough else None,
            "won": path.won,
            "days_to_end": None if path.median_days is None else round(path.median_days, 1),
        }
        for path in found.paths
    ]
    return tables.headed(pd.DataFrame(rows))


def reentries(found: MovesFound) -> pd.DataFrame:
    """A row a stage: stage, leads that came to it, those that came more than once, and their percentage."""
    rows = [
        {
            "stage": wording.plain(stage.name),
            "came": again.denominator,
            "came_again": again.numerator,
            "share_again": tables.percent(again.value) if again.denominator >= FEWEST_FOR_A_RATE else None,
        }
        for stage, again in zip(found.question.model.stages, found.reentries, strict=True)
    ]
    return tables.headed(pd.DataFrame(rows))


def alike(found: MovesFound) -> pd.DataFrame:
    """A row a deepest stage before the win: the leads that moved back, those won, the percentage; and the same of the others."""
    rows = []
    for each in found.back.same_stage:
        name = wording.ABSENT if each.position is None else _name(found, each.position)
        row: dict[str, object] = {"deepest": name}
        for side, rate in (("back", each.back), ("others", each.others)):
            row |= {
                f"{side}_leads": rate.denominator,
                f"{side}_won": rate.numerator,
                f"{side}_rate": None if rate.few else tables.percent(rate.value),
            }
        rows.append(row)
    return tables.headed(pd.DataFrame(rows))


def matrix(found: MovesFound) -> pd.DataFrame:
    """A row for each origin, a column for each target: how many moves; empty where none."""
    names = {end: _name(found, end) for end in (*_origins(found), *_targets(found))}
    counts = {(move.origin, move.target): move.count for move in found.moves}
    heads = [wording.say("pages.column.from"), *(names[target] for target in _targets(found))]
    rows = [
        [names[origin], *(counts.get((origin, target)) for target in _targets(found))] for origin in _origins(found)
    ]
    return pd.DataFrame(rows).set_axis(_apart(heads), axis="columns").convert_dtypes()


def matrix_html(found: MovesFound, *, dark: bool) -> str:
    """The same for the eye: in each cell the moves and their share of all stays at the origin, the deeper in hue the larger."""
    look = charts.colours(dark)
    hues = (
        f"--page:{look.background};--on:{look.progress};--back:{look.series[1]};--lost:{look.lost};--still:{look.still}"
    )
    made = {(move.origin, move.target): move for move in found.moves}
    targets = _targets(found)
    corner = f'<th scope="col">{escape(wording.say("pages.moves.from_to"))}</th>'
    heads = "".join(f'<th scope="col">{_head(_name(found, target))}</th>' for target in targets)
    rows = ""
    for origin in _origins(found):
        came = wording.say("pages.moves.came", times=found.came(origin))
        head = f'<th scope="row">{_head(_name(found, origin))}<small>{escape(came)}</small></th>'
        cells = "".join(_cell(found, made.get((origin, target)), origin == target) for target in targets)
        rows += f"<tr>{head}{cells}</tr>"
    table = f"<table><thead><tr>{corner}{heads}</tr></thead><tbody>{rows}</tbody></table>"
    # It may be wider than a phone: then it can be moved by touch and by keyboard.
    label = escape(wording.say("pages.moves.matrix_title"), quote=True)
    return f'<div class="fl-moves" role="region" tabindex="0" aria-label="{label}" style="{hues}">{table}</div>'


def html(table: pd.DataFrame) -> str:
    """A table whose first column is text, for the eye: what is long there runs over several lines."""
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in table.columns)
    rows = ""
    for name, *numbers in table.itertuples(index=False):
        cells = "".join(f"<td>{wording.number(number)}</td>" for number in numbers)
        rows += f'<tr><th scope="row">{_head(name)}</th>{cells}</tr>'
    return f'<table class="fl-paths"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def path_text(found: MovesFound, path: Path) -> str:
    """ "New → Demo → lost", as plain text."""
    return ARROW.join(_name(found, end) for end in path.ends)


def _cell(found: MovesFound, move: Move | None, same: bool) -> str:
    if move is None:
        return '<td class="fl-same"></td>' if same else "<td></td>"
    share = _share(found, move)
    told = f"<small>{escape(wording.percent(share))}</small>" if share is not None else ""
    hue = HUES.get(move.kind, "on")
    title = escape(charts.move_sentence(found, move), quote=True)
    depth = f"--hue:var(--{hue});--share:{found.share(move) or 0:.4f}"
    return f'<td class="fl-{move.kind}" title="{title}" style="{depth}"><b>{wording.number(move.count)}</b>{told}</td>'


def _share(found: MovesFound, move: Move) -> float | None:
    """The share of all stays at a move's origin; None of too few."""
    return found.share(move) if found.came(move.origin) >= FEWEST_FOR_A_RATE else None


def _origins(found: MovesFound) -> list[int | str]:
    ends = {move.origin for move in found.moves}
    return [end for end in (START, *_stages(found), WON_END, LOST_END) if end in ends or isinstance(end, int)]


def _targets(found: MovesFound) -> list[int | str]:
    ends = {move.target for move in found.moves}
    return [end for end in (*_stages(found), WON_END, LOST_END, STILL) if end in ends or isinstance(end, int)]


def _stages(found: MovesFound) -> range:
    return range(len(found.question.model.stages))


def _name(found: MovesFound, end: int | str) -> str:
    return wording.plain(charts.end_name(found, end))


def _apart(heads: list[str]) -> list[str]:
    """Headers that are all different: a stage may be called like an end."""
    found: list[str] = []
    for head in heads:
        found.append(free(head, set(found)))
    return found


def _head(name: str) -> str:
    """A name as HTML that may break inside a word only where that is very long."""
    return escape(re.sub(rf"(\S{{{LONGEST_WORD}}})(?=\S)", "\\1\u200b", name), quote=True)
