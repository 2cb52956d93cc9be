"""No figure carries more points than a screen has pixels for, however long the file: twelve years, a lead or more on every day."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import plotly.graph_objects as go
import pytest

import funnel
from funnel import DataSet, charts, measures
from funnel.core.types import Period
from tests.thorough import thorough

PIXELS = 1_600
"""Across the widest chart of the page."""
DAYS = 12 * 365
LABELS = ("New", "Qualified", "Demo", "Proposal", "Closed won")


@pytest.fixture(scope="module")
def leads(tmp_path_factory: pytest.TempPathFactory):
    path: Path = tmp_path_factory.mktemp("long") / "years.csv"
    first = datetime(2012, 1, 1, 9)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["Lead ID", "Stage", "Entered at", "Region"])
        for lead in range(DAYS):
            moment = first + timedelta(days=lead)
            for place in range(1 + lead % len(LABELS)):
                out.writerow([f"L{lead}", LABELS[place], moment.isoformat(sep=" "), "East" if lead % 3 else "West"])
                # Every wait is another number of days, so that every day of age has a point of its own.
                moment += timedelta(days=1 + (lead * 7919) % 900)
    with funnel.open(path) as found:
        yield found


def by_day(data: DataSet) -> funnel.Question:
    return data.question("as-recorded")


FIGURES: dict[str, Callable[[DataSet], list[go.Figure]]] = {
    "funnel": lambda data: [charts.funnel(data.ask(measures.steps, by_day(data)))],
    "starts": lambda data: [
        charts.starts(data.ask(measures.starts, by_day(data)), data.first_start.date(), data.last_start.date())
    ],
    "cohorts": lambda data: [
        figure
        for found in [data.ask(measures.cohorts, by_day(data), Period.DAY, (90,))]
        for figure in (charts.dropoff(found, 90), charts.by_start(found, None, 90))
    ],
    "ages": lambda data: [
        charts.ages(data.ask(measures.curves, by_day(data), period)) for period in (Period.DAY, Period.YEAR)
    ],
    "step trend": lambda data: [charts.step_trend(data.ask(measures.step_trend, by_day(data), Period.DAY))],
    "times": lambda data: [
        figure
        for found in [data.ask(measures.times, by_day(data))]
        for figure in (charts.stage_times(found), charts.step_times(found), charts.stay_curves(found, 0))
    ],
    "aging": lambda data: [charts.aging(data.ask(measures.aging, by_day(data)))],
    "moves": lambda data: [charts.moves(data.ask(measures.moves, by_day(data)))],
    "segments": lambda data: [charts.segment_curves(data.ask(measures.segment_curves, by_day(data), "Region"), 90)],
}


@thorough
@pytest.mark.parametrize("name", FIGURES)
def test_no_trace_has_more_points_than_pixels(leads, name):
    for figure in FIGURES[name](leads):
        for trace in figure.data:
            told = [values for values in (trace["x"], trace["y"]) if values is not None]
            assert max(map(len, told), default=0) <= PIXELS, (name, trace.type, trace.name)
