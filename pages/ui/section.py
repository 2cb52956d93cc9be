"""A section of a page: its title, a picture of a result, the picture in a sentence, the result's rows as a table and CSV, and its query.

What people read of it stands in the words of `sections.<key>`: `title` and `help` (each may be missing) and `file`, what a download is
called; the heads of its table in `tables.<key>`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Protocol, TypeVar

import pandas as pd
import streamlit as st

from funnel import Question, report
from funnel.core.rows import Row
from funnel.core.types import ReportPart
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.ui import frame, tables, texts
from pages.ui.ask import ask


class Answer(Protocol):
    """A result as a section shows it."""

    @property
    def sql(self) -> str:
        """The query that ran."""
        ...

    def rows(self) -> list[Row]:
        """The result as rows."""
        ...


Result = TypeVar("Result", bound=Answer)


def section(
    key: str,
    result: Result,
    draw: Callable[..., Any],
    describe: Callable[[Result], str],
    *,
    table: pd.DataFrame | None = None,
    caption: str | None = None,
    between: Callable[[], None] | None = None,
    width: int | None = None,
    within: int | None = None,
    wide: int | None = None,
    views: Sequence[str] = frame.VIEWS,
    on_click: Callable[[], None] | None = None,
    heading: str = "",
    part: ReportPart | None = None,
    **values: object,
) -> list[Any]:
    """The section; what stands behind the points chosen on its picture, see `frame.picture`.

    `draw(result, dark=…, width_hint=…)` is its figure, `describe(result)` what it says. The `table` is that of the result's own rows
    unless another is given, the `caption` the description, "" none; `between` draws what else stands between the picture and its table,
    in the place of the caption. `width`: pixels that the picture is drawn for, `within`: that it takes, at most; of fewer than `wide`
    it is drawn for its own. `views` leaves out what stands on the page already. `heading`: the title, where the page has written it
    itself. `part`: what its menu puts into the report. `values` fill the words.
    """
    told = title(key, **values) or heading
    described = describe(result)
    file_name = wording.say(f"sections.{key}.file")
    with st.container(width=width or within or "stretch"):
        figure = draw(result, dark=frame.dark(), width_hint=frame.width_hint(key) or width or wide)
        chosen = frame.picture(figure, key=key, description=described, on_click=on_click, wide=wide or frame.NARROW)
    if between is not None:
        between()
    elif text := described if caption is None else caption:
        st.caption(texts.inert(text))
    rows_table = tables.of(key, result.rows()) if table is None else table
    frame.below(
        key=key,
        table=rows_table,
        sql=result.sql,
        file_name=file_name,
        pictures=(key,),
        title=told,
        views=views,
        part=part,
    )
    return chosen


def listing(
    key: str,
    rows: Sequence[Row],
    sql: str,
    *,
    html: str | None = None,
    table: pd.DataFrame | None = None,
    width: int | None = None,
    heading: bool = True,
    **values: object,
) -> None:
    """A section whose table stands on the page itself: the title, the table, below it CSV and query.

    The `table` is that of the rows under the heads of `tables.<key>` unless another is given; `html` is its HTML, that of
    `tables.html` unless given. Without `heading` its title stands elsewhere.
    """
    if heading:
        title(key, **values)
    table = tables.of(key, rows) if table is None else table
    with st.container(width=width or "stretch"):
        st.html(tables.html(table) if html is None else html)
    file_name = wording.say(f"sections.{key}.file")
    frame.below(key=key, table=table, sql=sql, file_name=file_name, views=("sql",))


def measured(workspace: Workspace, name: str, question: Question) -> None:
    """The section of a measure that stands in `funnel.measures.<name>`, as the function of that name, and its picture in
    `funnel.charts.<name>`, as `draw` and `describe`."""
    measure = getattr(import_module(f"funnel.measures.{name}"), name)
    picture = import_module(f"funnel.charts.{name}")
    part = report.part(name, question) if name in report.KINDS else None
    section(
        name, ask(workspace, measure, question), picture.draw, picture.describe, part=part, model=question.model.name
    )


def title(key: str, **values: object) -> str:
    """The section's title with its help, where the words have one, else "": what it says, as plain text."""
    if wording.known(f"sections.{key}.title"):
        safe = {name: texts.inert(value) if isinstance(value, str) else value for name, value in values.items()}
        explained = wording.say(f"sections.{key}.help", **safe) if wording.known(f"sections.{key}.help") else None
        st.header(wording.say(f"sections.{key}.title", **safe), anchor=False, help=explained)
        return wording.say(f"sections.{key}.title", **values)
    return ""


def show_sentences(of: str, *sentences: str) -> None:
    """Sentences that say a picture, as large as text is; `of` tells them from those of other pictures on the page."""
    with st.container(key=f"said_{of}"):
        for sentence in sentences:
            st.markdown(texts.inert(sentence))
