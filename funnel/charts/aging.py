"""Open leads against the history of their stage: usual, stalled, long stalled. The darker, the older."""

from __future__ import annotations

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import Drawn, Margins, note, sheet
from funnel.charts.canvas.legend import Entry, legend
from funnel.charts.canvas.shades import mix
from funnel.charts.canvas.text import plain, safe_lines
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours
from funnel.charts.sentences import HOVER_ROOM, of_all
from funnel.charts.time_in_stage import NARROW
from funnel.core.types import FEWEST_FOR_A_RATE, Aging, StageAges
from funnel.words import wording

BAR, ROW, NARROW_ROW, HEAD = 26, 54, 82, 40
NAME_ROOM, NUMBER_ROOM, SPACE = 168, 190, 14
PARTS = ("usual", "stalled", "long", "unknown")


def aging(found: Aging, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """A bar for each stage where leads wait: its open leads, split by how long they have stayed for that stage.

    Where too few have moved on to compare with, the bar is hatched and whole. `customdata` is [position, part].
    """
    look = colours(dark)
    narrow = width_hint is not None and width_hint < NARROW
    height, head = (NARROW_ROW, HEAD) if narrow else (ROW, 0)
    middles = [place * height + head + (height - head) / 2 for place in range(len(found.stages))]
    plot = max(1, len(found.stages)) * height
    split = [parts(stage) for stage in found.stages]
    drawn = [part for part in PARTS if part != "unknown" or any(each["unknown"] for each in split)]
    notes: list[Drawn] = []
    for stage, y in zip(found.stages, middles, strict=True):
        notes += _beside(stage, y, look, width_hint if narrow else None)
    fills = _fills(look)
    words = legend(
        [Entry(wording.say(f"charts.aging_{part}"), look.track if part == "unknown" else fills[part],
               look.still if part == "unknown" else None) for part in drawn],
        look, left=0 if narrow else -NAME_ROOM, rise=14, room=width_hint or 640,
    )  # fmt: skip
    return sheet(
        [
            {
                "type": "bar",
                "orientation": "h",
                "meta": part,
                "x": [each[part] for each in split],
                "y": middles,
                "width": [BAR] * len(middles),
                "marker": _marker(part, fills, look),
                "text": [wording.say("charts.count", n=each[part]) if each[part] else "" for each in split],
                "textposition": "inside",
                "insidetextanchor": "middle",
                "textangle": 0,
                "textfont": {
                    "size": SMALL_SIZE - 1,
                    "color": look.background if part in ("stalled", "long") else look.still_text,
                },
                "customdata": [[stage.position, part] for stage in found.stages],
                "hovertext": [_hover(stage) for stage in found.stages],
                "hovertemplate": "%{hovertext}<extra></extra>",
            }
            for part in drawn
        ],
        dark=dark,
        plot=plot,
        x=(0, max([1, *(stage.open for stage in found.stages)])),
        y=(plot, 0),
        shapes=words.shapes,
        notes=[*notes, *words.notes],
        margins=Margins(0 if narrow else NAME_ROOM, 4 if narrow else NUMBER_ROOM, words.height, 6),
        revision="aging",
        barmode="stack",
        uniformtext={"minsize": SMALL_SIZE - 1, "mode": "hide"},
    )


def describe_aging(found: Aging) -> str:
    """How many open leads are stalled, and where most of them are. Plain text."""
    known = [stage for stage in found.stages if stage.limit is not None]
    if not found.open:
        return wording.say("charts.aging_nobody")
    if not known:
        return wording.say("charts.aging_no_history", open=found.open)
    whole = sum(stage.open for stage in known)
    rate = of_all(found.stalled, whole)
    said = wording.say("charts.aging_told", stalled=found.stalled, open=whole, long=found.long_stalled, rate=rate)
    most = max(known, key=lambda stage: stage.stalled or 0)
    if not most.stalled:
        return said
    values = {"stage": plain(most.name), "stalled": most.stalled, "open": most.open, "days": most.limit}
    return f"{said} {wording.say('charts.aging_most', **values)}"


def parts(stage: StageAges) -> dict[str, int]:
    """The open leads at a stage by the names in PARTS; they sum to all of them."""
    if stage.stalled is None or stage.long_stalled is None:
        return {"usual": 0, "stalled": 0, "long": 0, "unknown": stage.open}
    return {
        "usual": stage.open - stage.untimed - stage.stalled,
        "stalled": stage.stalled - stage.long_stalled,
        "long": stage.long_stalled,
        "unknown": stage.untimed,
    }


def _fills(look: Colours) -> dict[str, str]:
    return {
        "usual": look.still,
        "stalled": mix(look.background, look.text, 0.68),
        "long": look.text,
        "unknown": look.track,
    }


def _marker(part: str, fills: dict[str, str], look: Colours) -> Drawn:
    line = {"color": look.background, "width": 1}
    if part != "unknown":
        return {"color": fills[part], "line": line}
    hatch = {
        "shape": "/",
        "size": 6,
        "solidity": 0.3,
        "fillmode": "replace",
        "fgcolor": look.still,
        "bgcolor": look.track,
    }
    return {"color": look.still, "line": line, "pattern": hatch}


def _numbers(stage: StageAges) -> tuple[str, str]:
    """The stalled of the open, with their share; and the limit that they are past."""
    if stage.stalled is None or stage.limit is None:
        count = wording.say("charts.aging_open", n=stage.open)
        return count, wording.say("charts.aging_no_limit") if stage.open else ""
    rate = f" ({wording.percent(stage.stalled / stage.open)})" if stage.open >= FEWEST_FOR_A_RATE else ""
    count = wording.say("charts.aging_stalled_of", part=stage.stalled, whole=stage.open, rate=rate)
    return count, wording.say("charts.aging_limit", days=stage.limit)


def _beside(stage: StageAges, y: float, look: Colours, room: int | None) -> list[Drawn]:
    """The name at the left and the numbers at the right; in a narrow picture, of so many pixels, above the bar."""
    count, limit = _numbers(stage)
    muted = f'<span style="font-size:{SMALL_SIZE}px;color:{look.muted}">{limit}</span>'
    if room is None:
        lines = safe_lines(plain(stage.name), TEXT_SIZE, NAME_ROOM - SPACE, 2)
        name: Drawn = {"x": 0, "xanchor": "right", "xshift": -SPACE, "align": "right"}
        place: Drawn = {"x": 1, "xanchor": "left", "xshift": SPACE, "align": "left"}
        return [
            note("<br>".join(lines), y=y, **name),
            note(f"<b>{count}</b><br>{muted}" if limit else f"<b>{count}</b>", y=y, **place),
        ]
    top: Drawn = {"y": y - BAR / 2 - 4, "yanchor": "bottom"}
    (line,) = safe_lines(plain(stage.name), TEXT_SIZE, room, 1)
    told = f'<b><span style="font-size:{SMALL_SIZE}px">{count}</span></b> {muted}'
    return [
        note(line, x=0, xanchor="left", align="left", yshift=SMALL_SIZE * LINE + 2, **top),
        note(told, x=0, xanchor="left", align="left", **top),
    ]


def _hover(stage: StageAges) -> str:
    title = [f"<b>{line}</b>" for line in safe_lines(plain(stage.name), SMALL_SIZE * 1.1, HOVER_ROOM, 4)]
    said = [wording.say("charts.aging_hover_open", open=stage.open, days=stage.median_days)]
    if stage.limit is None or stage.stalled is None:
        said.append(wording.say("charts.aging_hover_few", moved=stage.moved_on))
    else:
        values = {"limit": stage.limit, "long_limit": stage.long_limit, "moved": stage.moved_on}
        said.append(wording.say("charts.aging_hover_limits", **values))
        values = {"stalled": stage.stalled, "long": stage.long_stalled}
        said.append(wording.say("charts.aging_hover_stalled", **values))
    return "<br>".join([*title, *(line for each in said for line in safe_lines(each, SMALL_SIZE, HOVER_ROOM, 4))])
