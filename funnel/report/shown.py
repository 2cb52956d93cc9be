"""What a section of a report shows, whatever it is written as: its title, sentences, rows and query, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from funnel.core.rows import Row
from funnel.core.types import Question
from funnel.dataset import DataSet

Draw = Callable[..., Any]
"""`draw(dark=…, width_hint=…)` gives a Plotly figure."""


class Shape(StrEnum):
    """How a native chart of a presentation is drawn: bars from above each other, or lines over columns."""

    STACKED = "stacked"
    COLUMNS = "columns"
    LINES = "lines"


class Hue(StrEnum):
    """What a series stands for, which says its colour; those of a `band` are the edges of a range, the lower one first."""

    PROGRESS = "progress"
    STILL = "still"
    LOST = "lost"
    BAND = "band"


@dataclass(frozen=True)
class Series:
    """Numbers of one name, one for each category; None where there is none."""

    name: str
    values: tuple[float | None, ...]
    hue: Hue = Hue.PROGRESS


@dataclass(frozen=True)
class Native:
    """The picture as numbers, for programs that draw by themselves."""

    shape: Shape
    categories: tuple[str, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True)
class Heat:
    """The picture as a table whose cells are coloured by their shares: a row a name; None where there is none, then its text alone."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, float | None], ...]], ...]


@dataclass(frozen=True)
class Shown:
    """A section, answered. `table` names the heads of its rows, which `values` fill; of the `rare` columns those stand that some row has
    anything in. Without `draw` there is no picture beside the table; `native` is that of a presentation, where one of its own has it."""

    title: str
    sentences: tuple[str, ...]
    table: str
    rows: Sequence[Row]
    sql: str
    question: Question
    draw: Draw | None = None
    native: Native | Heat | None = None
    rare: Collection[str] = ()
    values: Mapping[str, object] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


class Asks:
    """Asks a data set, as `DataSet.ask` does, or by way of an `ask` that does it in turn; what a section needs to know of the data beside
    it, it takes of `data_set`."""

    def __init__(self, data_set: DataSet, ask: Callable[..., Any] | None = None) -> None:
        self.data_set = data_set
        self._ask = ask or data_set.ask

    def __call__(self, measure: Callable[..., Any], question: Any, *options: object, **named: object) -> Any:
        """The answer of a measure."""
        return self._ask(measure, question, *options, **named)
