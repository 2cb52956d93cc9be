"""Each step's conversion over the date of start: a small picture for each step, one under the other, on the same scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import CAMERA, Drawn, Margins, note, sheet
from funnel.charts.canvas.scales import percent_ticks
from funnel.charts.canvas.shades import mix
from funnel.charts.canvas.text import safe_lines
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours, pale
from funnel.charts.cohort_words import (
    cohort_name,
    conversion_sentence,
    has_rate,
    is_finished,
    newest,
    rate_by,
    target_name,
)
from funnel.charts.sentences import wrapped
from funnel.charts.trends import (
    FINISHED,
    NARROWEST,
    SPACE,
    TEXT,
    TICK_ROOM,
    UNFINISHED,
    UNKNOWN,
    key,
    level,
    marker,
    quiet,
    right_room,
    shown_names,
)
from funnel.core.types import Conversion, StepTrend
from funnel.words import wording

USUAL_WIDTH = 760
RATES, APART, BARS, AFTER = 84, 10, 22, 28
TITLE = round(TEXT_SIZE * LINE) + 20
WIDEST_INTERVAL = 1.6
NAMES, OLDER, FOOT = -26, -46, 38

Row = tuple[date, tuple[Conversion, ...]]


def step_trend(trend: StepTrend, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """For each step a line of its rate over the date of start, with its interval, and under it bars of those who arrived.

    Unfinished cohorts are hollow points; the last finished rate of each step stands beside it. All rates are on one scale, the
    bars of each step on their own. Points carry [first day of the cohort, position of the step's first stage].
    """
    look = colours(dark)
    room = width_hint or USUAL_WIDTH
    right = right_room([start for start, _ in trend.cohorts], trend.period)
    pixels = room - TICK_ROOM - right
    drawn, older = newest(trend.cohorts, int(pixels / NARROWEST))
    steps = range(len(trend.question.model.stages) - 1)
    if not drawn or not steps:
        said = note(wording.say("charts.step_trend_none"), x=0.5, y=0.5, font=quiet(look))
        return sheet([], dark=dark, plot=120, x=(0, 1), y=(0, 1), notes=[said], revision="step_trend")
    top = _top(drawn, trend.day)
    panels = []
    begin = 0.0
    for step in steps:
        panel = _Panel(trend, drawn, step, begin, top, room, look)
        panels.append(panel)
        begin = panel.end
    height = begin - AFTER
    names = [cohort_name(start, trend.period) for start, _ in drawn]
    counts = max((count for panel in panels for count in panel.counts), key=len)
    # Where not every number fits, those stay whose cohort is named.
    fit = shown_names([counts] * len(drawn), pixels)
    written = fit if len(fit) == len(drawn) else shown_names(names, pixels)
    notes = [key(_kinds(drawn, trend.day), look, y=0, yshift=SPACE + 4)]
    notes += [each for panel in panels for each in panel.notes(written)]
    notes += [
        note(names[place], x=place, xref="x", y=height, yshift=NAMES, font={"size": TEXT, "color": look.text})
        for place in shown_names(names, pixels)
    ]
    if older:
        left_out = wording.say("charts.cohort_older", n=older)
        notes.append(note(left_out, x=0, xanchor="left", xshift=-TICK_ROOM, y=height, yshift=OLDER, font=quiet(look)))
    return sheet(
        [trace for panel in panels for trace in panel.traces()],
        dark=dark,
        plot=height,
        x=(-0.5, len(drawn) - 0.5),
        y=(height, 0),
        shapes=[shape for panel in panels for shape in panel.shapes()],
        notes=notes,
        margins=Margins(TICK_ROOM, right, CAMERA, FOOT + (20 if older else 0)),
        revision="step_trend",
        barmode="overlay",
    )


def _kind(conversion: Conversion, day: int) -> str:
    if not has_rate(conversion, day):
        return UNKNOWN
    return FINISHED if is_finished(conversion, day) else UNFINISHED


def _kinds(drawn: Sequence[Row], day: int) -> list[str]:
    return sorted({_kind(each, day) for _, row in drawn for each in row})


def _top(drawn: Sequence[Row], day: int) -> float:
    known = [each.on(day) for _, row in drawn for each in row if has_rate(each, day)]
    highest = max((each.rate or 0 for each in known), default=0.0)
    intervals = max((each.high or 0 for each in known), default=0.0)
    return max(0.01, min(1.0, intervals, WIDEST_INTERVAL * highest))


@dataclass(frozen=True)
class _Panel:
    """One step's picture, from `begin` pixels down; `top` is the rate at its upper edge."""

    trend: StepTrend
    drawn: Sequence[Row]
    step: int
    begin: float
    top: float
    room: float
    look: Colours

    @property
    def title(self) -> str:
        return wording.say("charts.step_from_to", **self._names())

    @property
    def title_lines(self) -> tuple[str, ...]:
        return safe_lines(self.title, TEXT_SIZE, (self.room - CAMERA) / 1.08, 3)

    @property
    def upper(self) -> float:
        return self.begin + TITLE + (len(self.title_lines) - 1) * TEXT_SIZE * LINE

    @property
    def base(self) -> float:
        """Where the bars stand."""
        return self.upper + RATES + APART + BARS

    @property
    def end(self) -> float:
        return self.base + AFTER

    def _names(self) -> dict[str, str]:
        question = self.trend.question
        return {
            "before": target_name(question, self.step),
            "after": target_name(question, self.step + 1),
        }

    def _y(self, rate: float | None) -> float:
        return self.upper + RATES * (1 - min(self.top, rate or 0) / self.top)

    def _each(self) -> list[tuple[int, date, Conversion]]:
        return [(place, start, row[self.step]) for place, (start, row) in enumerate(self.drawn)]

    def _told(self, start: date, conversion: Conversion) -> str:
        cohort = cohort_name(start, self.trend.period)
        values = {"cohort": cohort, "day": self.trend.day, **self._names()}
        of = wording.say("charts.step_trend_within", **values)
        said = conversion_sentence(self.trend.question, conversion, self.trend.day, of)
        return "<br>".join(wrapped(said))

    def traces(self) -> list[Drawn]:
        day = self.trend.day
        known = [(place, each) for place, _, each in self._each() if has_rate(each, day)]
        found = [*self._bands(known), self._line(known), self._bars()]
        for kind in (UNKNOWN, UNFINISHED, FINISHED):
            part = [one for one in self._each() if _kind(one[2], self.trend.day) == kind]
            if part:
                found.append(self._points(kind, part))
        return found

    def _bands(self, known: Sequence[tuple[int, Conversion]]) -> list[Drawn]:
        """The intervals, as one ribbon for each run of cohorts next to each other."""
        runs: list[list[tuple[int, Conversion]]] = []
        for place, each in known:
            if runs and runs[-1][-1][0] == place - 1:
                runs[-1].append((place, each))
            else:
                runs.append([(place, each)])
        bands = []
        for run in runs:
            upper = [self._y(each.on(self.trend.day).high) for _, each in run]
            lower = [self._y(each.on(self.trend.day).low) for _, each in run]
            places = [float(place) for place, _ in run]
            if len(run) == 1:
                # A ribbon of one cohort is a little wide, so that it is seen.
                places, upper, lower = [places[0] - 0.15, places[0] + 0.15], upper * 2, lower * 2
            bands.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "meta": "band",
                    "x": [*places, *reversed(places)],
                    "y": [*upper, *reversed(lower)],
                    "line": {"width": 0},
                    "fill": "toself",
                    "fillcolor": pale(self.look.progress, 0.14),
                    "hoverinfo": "skip",
                }
            )
        return bands

    def _line(self, known: Sequence[tuple[int, Conversion]]) -> Drawn:
        rates = {place: self._y(rate_by(each, self.trend.day)) for place, each in known}
        return {
            "type": "scatter",
            "mode": "lines",
            "meta": "line",
            "x": list(range(len(self.drawn))),
            "y": [rates.get(place) for place in range(len(self.drawn))],
            "line": {"color": mix(self.look.background, self.look.progress, 0.6), "width": 1.5},
            "hoverinfo": "skip",
        }

    def _points(self, kind: str, part: Sequence[tuple[int, date, Conversion]]) -> Drawn:
        small = {"size": 6} if len(self.drawn) > 20 and kind != UNKNOWN else {}
        return {
            "type": "scatter",
            "mode": "markers",
            "meta": kind,
            "x": [place for place, _, _ in part],
            "y": [self._y(rate_by(each, self.trend.day)) for _, _, each in part],
            "marker": {**marker(kind, self.look), **small},
            "customdata": [[start.isoformat(), self.step] for _, start, _ in part],
            "hovertext": [self._told(start, each) for _, start, each in part],
            "hovertemplate": "%{hovertext}<extra></extra>",
            "selected": {"marker": {"opacity": 1}},
            "unselected": {"marker": {"opacity": 1}},
        }

    def _bars(self) -> Drawn:
        most = max([1, *(each.leads for _, _, each in self._each())])
        heights = [BARS * each.leads / most for _, _, each in self._each()]
        return {
            "type": "bar",
            "meta": "counts",
            "x": list(range(len(heights))),
            "y": [-height for height in heights],
            "base": [self.base] * len(heights),
            "width": [0.62] * len(heights),
            "marker": {"color": self.look.other_bar, "line": {"width": 0}},
            "hovertext": [self._told(start, each) for _, start, each in self._each()],
            "hovertemplate": "%{hovertext}<extra></extra>",
            "customdata": [[start.isoformat(), self.step] for _, start, _ in self._each()],
            "selected": {"marker": {"opacity": 1}},
            "unselected": {"marker": {"opacity": 1}},
        }

    @property
    def counts(self) -> list[str]:
        return [wording.say("charts.count", n=each.leads) for _, _, each in self._each()]

    def notes(self, written: Sequence[int]) -> list[Drawn]:
        bold = "<br>".join(f"<b>{line}</b>" for line in self.title_lines)
        left: Drawn = {"x": 0, "xanchor": "left", "xshift": -TICK_ROOM, "align": "left", "yanchor": "top"}
        font = {"size": TEXT_SIZE, "color": self.look.text}
        full = {"hovertext": "<br>".join(wrapped([self.title]))}
        notes = [note(bold, y=self.begin, yshift=4, font=font, **left, **full)]
        for tick in (0.0, *self._ticks()[-1:]):
            said = wording.say("charts.share", rate=tick)
            beside = {"x": 0, "xanchor": "right", "xshift": -SPACE, "font": quiet(self.look)}
            notes.append(note(said, y=self._y(tick), **beside))
        finished = [(place, each) for place, _, each in self._each() if _kind(each, self.trend.day) == FINISHED]
        if finished:
            place, last = finished[-1]
            rate = rate_by(last, self.trend.day)
            said = wording.say("charts.share", rate=rate)
            strong = {"size": SMALL_SIZE, "color": self.look.text}
            notes.append(note(f"<b>{said}</b>", x=place, xref="x", y=self._y(rate), yshift=15, font=strong))
        small = {**quiet(self.look), "size": TEXT - 1}
        return notes + [
            note(self.counts[number], x=number, xref="x", y=self.base, yshift=-8, font=small) for number in written
        ]

    def _ticks(self) -> list[float]:
        return [tick for tick in percent_ticks(self.top, 3) if 0 < tick <= self.top]

    def shapes(self) -> list[Drawn]:
        return [level(self._y(tick), self.look) for tick in (0.0, *self._ticks())]
