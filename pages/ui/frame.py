"""The frame around every chart: the picture, its sentence, its table, its CSV, and the query behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx

from funnel import charts
from funnel.core import exports
from funnel.words import wording
from pages.server import downloads
from pages.ui import components, tables

VIEWS = ("table", "sql")
PHONE_WIDTH = 360
PATIENCE_SECONDS = 0.5


def picture(
    figure: Any, *, key: str, description: str, file_name: str, on_click: Callable[[], None] | None = None
) -> list[Any]:
    """The chart; with `on_click`, what stands behind the points chosen on it (their `customdata`), else nothing.

    Its height is the figure's own, so nothing jumps. Other numbers are drawn into the same chart, and what was chosen of those
    before is forgotten.
    """
    config = {**charts.config(file_name), "displayModeBar": True}
    with st.container(key=f"picture_{key}"):
        drawing = draw(figure, key=key, description=description, config=config, on_click=on_click)
    state = chosen(key) if on_click else None
    return state["behind"] if state and state["drawing"] == drawing else []


def draw(
    figure: Any,
    *,
    key: str,
    description: str,
    config: dict[str, object],
    on_click: Callable[[], None] | None = None,
) -> int:
    """The chart by itself; the number of its drawing, which is another one as soon as the figure is."""
    spec = charts.spec(figure)
    digest = blake2b(spec.encode()).digest()
    last: tuple[bytes, int] = st.session_state.get(f"drawing_{key}", (b"", 0))
    drawing = last[1] + (digest != last[0])
    st.session_state[f"drawing_{key}"] = digest, drawing
    height = int(figure.layout.height)
    components.mount(
        "chart",
        key=key,
        height=height,
        # As a text inside: it is not walked through here, and compared at once in the browser.
        data={
            "figure": spec,
            "drawing": drawing,
            "height": height,
            "config": config,
            "alt": description,
            "chosen": on_click is not None,
            "program": charts.PROGRAM_ADDRESS,
        },
        **({"on_chosen_change": on_click} if on_click else {}),
    )
    return drawing


def chosen(key: str) -> Any:
    """What was clicked last on a chart: the number of its `drawing`, and what stands `behind` the points; None before that."""
    state = st.session_state.get(key)
    return state.get("chosen") if state else None


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
    st.download_button(
        label, downloads.given(content), file_name, "text/csv", key=key, on_click="ignore", type="tertiary"
    )
