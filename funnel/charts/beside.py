"""What stands above bars and between them: the name at the left, its numbers at the right, a line on the way down."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from funnel.charts import sentences
from funnel.charts.bars import SPACE, Rows
from funnel.charts.canvas.canvas import Drawn, note
from funnel.charts.canvas.text import ELLIPSIS, pieces, plain, safe_lines, width
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours
from funnel.measures.steps import StageCount, Steps
from funnel.words import wording

NAME_ROOM, LEAST_NAME_ROOM, MOST_NAME_ROOM = 140, 96, 240
NAME_SHARE = 0.22
MOST_WORD_ROOM = 172


@dataclass(frozen=True)
class Row:
    """One bar's words: its stage's name as the file has it, its count, and a share (or "")."""

    position: int
    name: str
    count: str
    share: str = ""

    def lines(self, room: int, most: int) -> tuple[str, ...]:
        """The name in the room that its numbers leave."""
        return safe_lines(plain(self.name), SMALL_SIZE, room - width(self._numbers, SMALL_SIZE) - SPACE, most)

    @property
    def _numbers(self) -> str:
        return f"{self.count} {self.share}"


def rows_of(steps: Steps) -> list[Row]:
    """The stages' names with their counts and their shares of the first stage; no share of too few leads."""
    return [Row(stage.position, stage.name, *numbers(stage)) for stage in steps.stages]


def numbers(stage: StageCount) -> tuple[str, str]:
    """The count, and the share of the first stage; "" of too few leads."""
    count = wording.say("charts.count", n=stage.leads)
    return count, sentences.share(stage.from_entry) or ""


def lines_above(rows: Iterable[Row], room: int, most: int = 2) -> int:
    """How many lines the longest name takes where names stand above their bars."""
    return max([1, *(len(row.lines(room, most)) for row in rows)])


def head(lines: int) -> int:
    """Pixels above a bar for so many lines."""
    return round(lines * SMALL_SIZE * LINE) + 6


def above(words: Sequence[Row], theme: Colours, rows: Rows, room: int) -> list[Drawn]:
    """Above each bar: its stage's name at the left, its numbers at the right."""
    notes = []
    most = max(1, int(rows.head / SMALL_SIZE / LINE))
    for row in words:
        y = rows.middle(row.position) - rows.bar / 2 - 3
        anchor: Drawn = {"y": y, "yanchor": "bottom", "font": {"size": SMALL_SIZE}}
        notes.append(name_note(row.name, row.lines(room, most), x=0, xanchor="left", align="left", **anchor))
        muted = f' <span style="color:{theme.muted}">{row.share}</span>' if row.share else ""
        notes.append(note(f"<b>{row.count}</b>{muted}", x=1, xanchor="right", align="right", **anchor))
    return notes


def name_room(names: Sequence[str], width_hint: int | None) -> int:
    """Pixels for the names of stages at the left; a little more rather than a word broken before its last letters."""
    if width_hint is not None:
        return min(MOST_NAME_ROOM, max(LEAST_NAME_ROOM, int(width_hint * NAME_SHARE)))
    words = [word.strip() for name in names for word in pieces(plain(name))]
    widest_word = math.ceil(max((width(word, TEXT_SIZE) for word in words), default=0))
    return max(NAME_ROOM, min(MOST_WORD_ROOM, widest_word))


def widest(names: Sequence[Sequence[str]]) -> int:
    """The pixels of the widest line of these names, already broken into lines."""
    return round(max([0.0, *(width(html.unescape(line), TEXT_SIZE) for name in names for line in name)]))


def name_note(name: str, lines: Sequence[str], hover: str = "", **attributes: Any) -> Drawn:
    """A name of the file, already broken into lines. On hover: `hover`, or the whole of a name that had to be cut."""
    if not hover and any(ELLIPSIS in line for line in lines):
        hover = "<br>".join(safe_lines(plain(name), SMALL_SIZE, sentences.HOVER_ROOM, sentences.HOVER_LINES))
    return note("<br>".join(lines), **attributes, **({"hovertext": hover} if hover else {}))


def between(
    steps: Steps, theme: Colours, rows: Rows, drop_off: int | None = None, room: float = math.inf
) -> list[Drawn]:
    """Between two bars: how many went on, and how long it took them; after the stage at `drop_off` that most were lost there, without
    the days where there is no room for all."""
    rise = 4 if rows.head else 0
    notes = []
    for stage in steps.stages:
        if text := sentences.step(steps, stage):
            if drop_off is not None and stage.position == drop_off + 1:
                lost = wording.say("charts.largest_drop_off")
                if width(f"{text}  {lost}", SMALL_SIZE) > room:
                    text = sentences.step(steps, stage, median=False) or ""
                text = f'{text}  <b><span style="color:{theme.text}">{lost}</span></b>'
            notes.append(on_the_way(text, rows.below(stage.position - 1) - rise / 2, theme))
    return notes


def medians_between(steps: Steps, theme: Colours, rows: Rows) -> list[Drawn]:
    """Between two bars: the median days from the earlier stage to the later one; the arrow points to the later one."""
    arrow = "↑" if rows.upward else "↓"
    notes = []
    for stage in steps.stages:
        days = stage.median_days_from_previous
        if stage.position and days is not None:
            text = wording.say("charts.median", arrow=arrow, days=days)
            y = min(rows.below(stage.position - 1), rows.below(stage.position))
            notes.append(on_the_way(text, y - 2, theme))
    return notes


def on_the_way(text: str, y: float, theme: Colours) -> Drawn:
    """A muted line between bars."""
    return note(text, x=0, y=y, xanchor="left", xshift=1, font={"size": SMALL_SIZE, "color": theme.muted})
