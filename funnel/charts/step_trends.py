"""Each step's conversion over the date of start: a small picture for each step, one under the other, on the same scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import MENU, Drawn, Margins, note, percentages, sheet
from funnel.charts.canvas.dated import days_of, periods
from funnel.charts.canvas.scales import percent_ticks
from funnel.charts.canvas.text import safe_lines
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours
from funnel.charts.cohort_words import cohort_name, conversion_sentence, newest, rate_by, target_name
from funnel.charts.forest_rows import nothing
from funnel.charts.rates_by_start import BESIDE, FINISHED, NARROWEST, Rates, fitting_names, names_scale, upper_end
from funnel.charts.sentences import wrapped
from funnel.core.types import Conversion
from funnel.measures.step_trend import StepTrend
from funnel.words import wording

USUAL_WIDTH = 760
PANEL, APART, NAMES = 96, 30, 26
BARS, UNDER = 0.15, 0.6
"""What of a panel its highest bar takes; and, of the highest rate, how much lies under the rates."""

Row = tuple[date, tuple[Conversion, ...]]


def step_trend(
    trend: StepTrend, *, dark: bool = False, width_hint: int | None = None, steps: range | None = None
) -> go.Figure:
    """For each step its rate over the date of start, with its interval, and under it bars of those who arrived.

    With `steps` only for those, by their positions, on the scale of all. The last finished rate of each step is written at its
    point. All rates are on one scale, the bars of each step on their own.
    Points carry [first day of the cohort, position of the step's first stage].
    """
    theme = colours(dark)
    pixels = (width_hint or USUAL_WIDTH) - BESIDE
    drawn, older = newest(trend.cohorts, int(pixels / NARROWEST))
    shown = range(len(trend.question.model.stages) - 1) if steps is None else steps
    if not drawn or not shown:
        return nothing(wording.say("charts.step_trend_none"), dark=dark, width_hint=width_hint, revision="step_trend")
    panels = [_Panel(trend, drawn, step, place, pixels, theme) for place, step in enumerate(shown)]
    top = 1.08 * upper_end([each for _, row in drawn for each in row], trend.day)
    ticks = [tick for tick in percent_ticks(top, 2) if tick <= top]
    rates = percentages((-UNDER * top, top), ticks)
    axes: Drawn = {}
    for panel in panels:
        axes["yaxis" + panel.rates_axis[1:]] = rates
        axes["yaxis" + panel.counts_axis[1:]] = {"overlaying": panel.rates_axis, "range": [0, panel.most / BARS]}
    apart = APART + (max(len(panel.title_lines) for panel in panels) - 1) * TEXT_SIZE * LINE
    height = len(shown) * (PANEL + apart)
    starts = [start for start, _ in drawn]
    traces = [trace for panel in panels for trace in panel.traces()]
    # In the legend, each kind of point stands once.
    first = {trace.get("name"): trace for trace in reversed(traces)}
    for trace in traces:
        trace["showlegend"] = "name" in trace and trace is first[trace["name"]]
    return sheet(
        traces,
        dark=dark,
        plot=height,
        x=names_scale(starts, trend.period, pixels, theme, older=older),
        y=rates,
        notes=[panel.title() for panel in panels],
        margins=Margins(top=MENU, bottom=NAMES + (20 if older else 0)),
        revision="step_trend",
        grid={
            "rows": len(shown),
            "columns": 1,
            "subplots": [["x" + panel.rates_axis] for panel in panels],
            "ygap": apart / (PANEL + apart),
            "domain": {"y": [0, 1 - apart / height]},
        },
        **axes,
        showlegend=True,
        meta=days_of(
            periods(starts, [trend.period.last_day(start, trend.question.calendar) for start in starts]),
            above=len(panels[0].title_lines) * TEXT_SIZE * LINE + 4,
        ),
    )


@dataclass(frozen=True)
class _Panel:
    """One step's picture, at its `place` from the top, in so many pixels across: an axis of rates, and on it the next one, of counts."""

    trend: StepTrend
    drawn: Sequence[Row]
    step: int
    place: int
    pixels: float
    theme: Colours

    @property
    def rates_axis(self) -> str:
        return f"y{2 * self.place + 1}" if self.place else "y"

    @property
    def counts_axis(self) -> str:
        return f"y{2 * self.place + 2}"

    @property
    def most(self) -> int:
        return max(1, *(row[self.step].leads for _, row in self.drawn))

    def _names(self) -> dict[str, str]:
        question = self.trend.question
        return {"before": target_name(question, self.step), "after": target_name(question, self.step + 1)}

    @property
    def _title(self) -> str:
        return wording.say("charts.step_from_to", **self._names())

    @property
    def title_lines(self) -> tuple[str, ...]:
        return safe_lines(self._title, TEXT_SIZE, self.pixels / 1.08, 3)

    def title(self) -> Drawn:
        bold = "<br>".join(f"<b>{line}</b>" for line in self.title_lines)
        anchor = {
            "x": 0,
            "xanchor": "left",
            "align": "left",
            "yref": f"{self.rates_axis} domain",
            "y": 1,
            "yanchor": "bottom",
        }
        return note(bold, **anchor, yshift=4, hovertext="<br>".join(wrapped([self._title])))

    def traces(self) -> list[Drawn]:
        starts, conversions = [start for start, _ in self.drawn], [row[self.step] for _, row in self.drawn]
        hovers = [self._hover(*each) for each in zip(starts, conversions, strict=True)]
        rates = Rates(starts, conversions, hovers, self.step, self.trend.day, self.theme, self.rates_axis).traces()
        for trace in rates:
            if trace["meta"] == FINISHED:
                last = rate_by(conversions[trace["x"][-1]], self.trend.day)
                label = f"<b>{wording.say('charts.share', rate=last)}</b>"
                trace |= {"mode": "markers+text", "text": [""] * (len(trace["x"]) - 1) + [label]}
                # Not over the words beside the plot.
                side = "right" if trace["x"][-1] < len(starts) / 2 else "left"
                trace |= {"textposition": f"top {side}", "textfont": {"size": SMALL_SIZE, "color": self.theme.text}}
        return [self._bars(starts, conversions, hovers), *rates]

    def _hover(self, start: date, conversion: Conversion) -> str:
        values = {"cohort": cohort_name(start, self.trend.period), "day": self.trend.day, **self._names()}
        of = wording.say("charts.step_trend_within", **values)
        return "<br>".join(wrapped(conversion_sentence(self.trend.question, conversion, self.trend.day, of)))

    def _bars(self, starts: Sequence[date], conversions: Sequence[Conversion], hovers: Sequence[str]) -> Drawn:
        counts = [wording.say("charts.count", n=each.leads) for each in conversions]
        fit = fitting_names(counts, self.pixels)
        if len(fit) < len(counts):
            # Where not every number fits, those stay whose cohort is named.
            fit = fitting_names([cohort_name(start, self.trend.period) for start in starts], self.pixels)
        return {
            "type": "bar",
            "meta": "counts",
            "x": list(range(len(counts))),
            "y": [each.leads for each in conversions],
            "yaxis": self.counts_axis,
            "width": 0.62,
            "marker": {"color": self.theme.other_bar, "line": {"width": 0}},
            "text": [count if index in fit else "" for index, count in enumerate(counts)],
            "textposition": "outside",
            "textangle": 0,
            "constraintext": "none",
            "textfont": {"size": SMALL_SIZE - 2, "color": self.theme.muted},
            "cliponaxis": False,
            "customdata": [[start.isoformat(), self.step] for start in starts],
            "hovertext": hovers,
        }
