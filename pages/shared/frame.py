"""The frame around every chart: the picture, its sentence, its table, its CSV, and the query behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx

from funnel import charts, exports, wording
from pages.shared import tables

VIEWS = ("table", "sql")
PHONE_WIDTH = 360
PATIENCE_SECONDS = 0.5


def picture(
    figure: Any, *, key: str, description: str, file_name: str, on_click: Callable[[], None] | None = None
) -> Any:
    """The chart; with `on_click`, what was clicked on it. Its height is the figure's own, so nothing jumps."""
    with st.container(key=f"picture_{key}"):
        return st.plotly_chart(
            figure,
            theme=None,
            key=key,
            height=int(figure.layout.height),
            config={**charts.config(file_name), "displayModeBar": True},
            alt=description,
            on_select=on_click or "ignore",
            selection_mode="points",
        )


def width_hint() -> int | None:
    """About how many pixels a chart has on a phone, which says so with its name; None where nothing is known."""
    return PHONE_WIDTH if "Mobi" in st.context.headers.get("User-Agent", "") else None


def dark() -> bool:
    """Whether the page is shown in its dark theme, as charts need to know."""
    return st.context.theme.type == "dark"


@contextmanager
def waiting(told: str) -> Iterator[None]:
    """A line that says what is being done, if that takes over half a second; what the page shows stays meanwhile."""
    place = st.container(key="waiting")
    shown: list[Any] = []
    over = threading.Event()

    def tell() -> None:
        if not over.is_set():
            shown.append(place.empty())
            shown[0].caption(told)

    timer = threading.Timer(PATIENCE_SECONDS, tell)
    add_script_run_ctx(timer)
    timer.start()
    try:
        yield
    finally:
        over.set()
        timer.cancel()
        timer.join()
        for line in shown:
            line.empty()


def queries(named: Iterable[tuple[str, str]]) -> str:
    """Several queries as one text, each under the name of what it asks."""
    return "\n\n".join(f"-- {wording.plain(name)}\n{sql}" for name, sql in named)


def below(
    *,
    key: str,
    table: pd.DataFrame,
    sql: str,
    file_name: str,
    picture: bool = True,
    views: Sequence[str] = VIEWS,
) -> None:
    """The row under a chart: table, CSV and query. The PNG of a picture is the button at the chart's own corner.

    Where the table stands on the page already, `views` leaves it out; `picture` says that there is one, where there is
    room to.
    """
    with st.container(horizontal=True, vertical_alignment="center", key=f"below_{key}", gap="small"):
        view = st.pills(
            wording.say("pages.frame.more"),
            views,
            format_func=lambda name: wording.say(f"pages.frame.{name}"),
            key=f"view_{key}",
            label_visibility="collapsed",
            persist_state="session",
        )
        csv(wording.say("pages.frame.csv"), lambda: exports.csv(table), f"{file_name}.csv", key=f"csv_{key}")
        if picture:
            st.caption(wording.say("pages.frame.png"))
    if view == "table":
        tables.show(table, f"table_{key}")
    elif view == "sql":
        st.code(sql, language="sql", wrap_lines=True)


def csv(label: str, content: Callable[[], bytes], file_name: str, *, key: str) -> None:
    """A download of a table, made when it is asked for."""
    st.download_button(label, content, file_name, "text/csv", key=key, on_click="ignore", type="tertiary")
