"""Figures for readers whose lines begin at the right: what stands at the left stands at the right, and what grows to the right grows to
the left. Numbers and what a click finds stay as they are; texts too, but that each line with a letter of theirs is read from the right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from funnel.charts.canvas.text import lines_from_the_right

_POINT = re.compile(r"(-?[\d.]+)([ ,]+)(-?[\d.]+)")
"""A point of a path: its x, what stands between, its y."""
_SIDES = {"left": "right", "right": "left"}
_TEXTS = ("text", "hovertext", "ticktext", "name", "hovertemplate")
"""What of a trace, a note or an axis people read."""


def mirrored(figure: go.Figure) -> go.Figure:
    """The figure as it is seen in a mirror."""
    drawn = figure.to_plotly_json()
    layout = dict(drawn["layout"])
    for name, value in layout.items():
        if name.startswith("xaxis"):
            layout[name] = _across(value)
        elif name.startswith("yaxis"):
            layout[name] = {**_read(value), "side": _SIDES[value.get("side") or "left"]}
    margin = layout.get("margin", {})
    layout["margin"] = {**margin, "l": margin.get("r"), "r": margin.get("l")}
    layout["annotations"] = [_note(each) for each in layout.get("annotations") or ()]
    layout["shapes"] = [_shape(each) for each in layout.get("shapes") or ()]
    # The template's legend begins at the left.
    legend = {"x": 0, "xanchor": "left", **(layout.get("legend") or {})}
    layout["legend"] = _note(legend, share=True)
    return go.Figure({"data": [_trace(each) for each in drawn["data"]], "layout": layout}, _validate=False)


def _read(part: Mapping[str, Any]) -> dict[str, Any]:
    """A trace, a note or an axis with its texts read from the right; the title of an axis has one too."""
    changed = {**part, **{key: _texts(part[key]) for key in _TEXTS if part.get(key) is not None}}
    if isinstance(part.get("title"), Mapping):
        changed["title"] = _read(part["title"])
    return changed


def _texts(said: Any) -> Any:
    if isinstance(said, str):
        return lines_from_the_right(said)
    return [_texts(each) for each in said] if isinstance(said, list | tuple) else said


def _across(axis: Mapping[str, Any]) -> dict[str, Any]:
    changed = _read(axis)
    if axis.get("range") is not None:
        changed["range"] = [*reversed(axis["range"])]
    else:
        changed["autorange"] = "reversed"
    if axis.get("domain") is not None:
        start, end = axis["domain"]
        changed["domain"] = [1 - end, 1 - start]
    return changed


def _is_share(xref: object) -> bool:
    """Whether an x counts from 0 to 1 over the plot, not on a scale, which it does where nothing is said."""
    return str(xref or "x").endswith(("paper", "domain"))


def _note(note: Mapping[str, Any], *, share: bool = False) -> dict[str, Any]:
    changed = _read(note)
    for side in ("xanchor", "align"):
        if note.get(side) in _SIDES:
            changed[side] = _SIDES[note[side]]
    if note.get("x") is not None and (share or _is_share(note.get("xref"))):
        changed["x"] = 1 - note["x"]
    for shift in ("xshift", "ax"):
        if isinstance(note.get(shift), int | float):
            changed[shift] = -note[shift]
    return changed


def _shape(shape: Mapping[str, Any]) -> dict[str, Any]:
    changed = dict(shape)
    in_pixels = shape.get("xsizemode") == "pixel"
    if in_pixels and shape.get("xanchor") is not None and _is_share(shape.get("xref")):
        changed["xanchor"] = 1 - shape["xanchor"]
    for end in ("x0", "x1"):
        if shape.get(end) is None:
            continue
        if in_pixels:
            changed[end] = -shape[end]
        elif _is_share(shape.get("xref")):
            changed[end] = 1 - shape[end]
    if in_pixels and "path" in shape:
        changed["path"] = _POINT.sub(lambda point: f"{-float(point[1]):g}{point[2]}{point[3]}", shape["path"])
    return changed


def _trace(trace: Mapping[str, Any]) -> dict[str, Any]:
    changed = _read(trace)
    marker = trace.get("marker")
    if isinstance(marker, Mapping) and marker.get("symbol") is not None:
        # An arrow's head points where its line goes on.
        changed["marker"] = {**marker, "symbol": _each(marker["symbol"], "-")}
    placed = trace.get("textposition")
    if placed is None:
        return changed
    return {**changed, "textposition": _each(placed, " ")}


def _each(said: Any, between: str) -> Any:
    """One or several places or signs of words, turned: "middle left" → "middle right", "triangle-left" → "triangle-right"."""
    if isinstance(said, str):
        return between.join(_SIDES.get(word, word) for word in said.split(between))
    return [_each(each, between) for each in said] if isinstance(said, list | tuple) else said
