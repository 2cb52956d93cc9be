"""Rates over the date of start, as Plotly draws them: points with error bars, and the line through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from funnel.charts.canvas.canvas import Drawn, scale
from funnel.charts.canvas.shades import mix
from funnel.charts.canvas.text import safe_lines, width
from funnel.charts.canvas.theme import SMALL_SIZE, Colours
from funnel.charts.cohort_words import cohort_name, has_rate, is_finished, rate_by
from funnel.core.types import Conversion, Period
from funnel.words import wording

NARROWEST = 4
"""Pixels across that a cohort takes at least; more than fit are not drawn, the oldest first."""
BESIDE = 100
"""About how many pixels the words beside the plot take."""
DENSE = 40
"""More points than this are smaller."""
FINISHED, UNFINISHED, UNKNOWN = "finished", "unfinished", "unknown"
KINDS = (UNKNOWN, UNFINISHED, FINISHED)
WIDEST_INTERVAL = 2.5
"""Intervals are drawn up to so many times the highest rate, so that one of few leads does not flatten all others."""


def kind(conversion: Conversion, day: int) -> str:
    """How a cohort is drawn."""
    if not has_rate(conversion, day):
        return UNKNOWN
    return FINISHED if is_finished(conversion, day) else UNFINISHED


def upper_end(conversions: Sequence[Conversion], day: int) -> float:
    """The rate at the upper edge of a plot of these, with a little air."""
    by_day = [each.on(day) for each in conversions if has_rate(each, day)]
    highest = max((each.rate or 0 for each in by_day), default=0.0)
    return max(min(max((each.high or 0 for each in by_day), default=0), WIDEST_INTERVAL * highest), 0.01) * 1.04


@dataclass(frozen=True)
class Rates:
    """The conversions of cohorts by a day, from the left; `told` is what each says on hover, `behind` what its point carries with the
    cohort's first day.

    Finished cohorts are full points, unfinished ones hollow and pale; those without a rate are a small mark on the base line.
    """

    starts: Sequence[date | None]
    conversions: Sequence[Conversion]
    told: Sequence[str]
    behind: int | None
    day: int
    theme: Colours
    yaxis: str = "y"

    def traces(self) -> list[Drawn]:
        """A faint line through the finished rates, which breaks where there is none, since what is unfinished is no trend; and the
        points of each kind."""
        rates = [rate_by(each, self.day) if kind(each, self.day) == FINISHED else None for each in self.conversions]
        line: Drawn = {
            "type": "scatter",
            "mode": "lines",
            "meta": "line",
            "x": list(range(len(rates))),
            "y": rates,
            "yaxis": self.yaxis,
            "line": {"color": mix(self.theme.background, self.theme.progress, 0.4), "width": 1},
            "hoverinfo": "skip",
            "showlegend": False,
        }
        return [line, *(self._points(each) for each in KINDS if each in self.kinds)]

    @property
    def kinds(self) -> set[str]:
        return {kind(each, self.day) for each in self.conversions}

    @property
    def has_any(self) -> bool:
        """Whether there is any rate to show."""
        return self.kinds > {UNKNOWN} or UNKNOWN not in self.kinds

    def _points(self, which: str) -> Drawn:
        indexes = [index for index, each in enumerate(self.conversions) if kind(each, self.day) == which]
        return {
            "type": "scatter",
            "mode": "markers",
            "meta": which,
            "name": wording.say(f"charts.point_{which}"),
            "legendrank": -KINDS.index(which),
            "x": indexes,
            "y": [0.0] * len(indexes),
            "yaxis": self.yaxis,
            "marker": _marker(which, self.theme, small=len(self.conversions) > DENSE),
            "cliponaxis": False,
            "customdata": [[_iso(self.starts[index]), self.behind] for index in indexes],
            "hovertext": [self.told[index] for index in indexes],
            **({} if which == UNKNOWN else self._intervals(which, indexes)),
        }

    def _intervals(self, which: str, indexes: Sequence[int]) -> Drawn:
        by_day = [self.conversions[index].on(self.day) for index in indexes]
        bars = {
            "type": "data",
            "symmetric": False,
            "array": [(each.high or 0) - (each.rate or 0) for each in by_day],
            "arrayminus": [(each.rate or 0) - (each.low or 0) for each in by_day],
            "color": mix(self.theme.background, self.theme.progress, 0.55 if which == FINISHED else 0.3),
            "thickness": 1.5,
            "width": 0,
        }
        return {"y": [each.rate for each in by_day], "error_y": bars}


def names_scale(
    starts: Sequence[date | None],
    period: Period,
    pixels: float,
    theme: Colours,
    counts: Sequence[str] = (),
    *,
    older: int,
) -> Drawn:
    """The scale of cohorts by their indexes: as many of their names as fit in so many pixels, under each its count, and under all of
    them how many older cohorts are not drawn."""
    names = [cohort_name(start, period) for start in starts]
    indexes = fitting_names(names, pixels)
    words = [names[index] for index in indexes]
    if counts:
        words = [f'{names[index]}<br><span style="color:{theme.muted}">{counts[index]}</span>' for index in indexes]
    left_out = safe_lines(wording.say("charts.cohort_older", n=older), SMALL_SIZE, pixels, 2) if older else ()
    ends = (-0.5, len(starts) - 0.5)
    title = {"text": "<br>".join(left_out)}
    return scale(ends, indexes, words, showline=True, tickfont={"color": theme.text}, title=title)


def fitting_names(names: Sequence[str], pixels: float) -> list[int]:
    """The indexes of the names that fit under their points without touching: every n-th, counted from the last."""
    taken = max((width(name, SMALL_SIZE) for name in names), default=0) + 12
    every = next((n for n in range(1, len(names)) if n * pixels / len(names) >= taken), max(1, len(names)))
    return [index for index in range(len(names)) if (len(names) - 1 - index) % every == 0]


def _marker(which: str, theme: Colours, *, small: bool) -> Drawn:
    size = 6 if small else 8
    if which == FINISHED:
        return {"size": size, "color": theme.progress, "line": {"color": theme.background, "width": 1}}
    if which == UNFINISHED:
        line = {"color": mix(theme.background, theme.progress, 0.6), "width": 1.5}
        return {"size": size, "color": theme.background, "line": line}
    return {"symbol": "line-ns", "size": 8, "color": theme.still, "line": {"color": theme.still, "width": 2}}


def _iso(start: date | None) -> str:
    return start.isoformat() if start else ""
