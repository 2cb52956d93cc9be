"""The frame around every chart: the picture, its Export menu, its table, and the query behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx

from funnel import Question, charts
from funnel.charts.canvas import dated
from funnel.core.types import ReportPart
from funnel.words import wording
from pages.server import downloads
from pages.server.sessions import current
from pages.ui import components, exporting, tables

VIEWS = ("table", "sql")
A_ROW, SMALL_WIDTH = 3, 280
"""Small charts in a row, and the pixels that each is drawn for."""
NARROW = 560
"""A chart of fewer pixels is drawn for its own width, a wider one for any."""
WIDE = 1060
"""One that has as many columns as there is room for is drawn for its own width below this, and for this from there on."""
_NARROW_PAGE = "narrow_page"
PATIENCE_SECONDS = 0.5


def picture(
    figure: Any,
    *,
    key: str,
    description: str,
    on_click: Callable[[], None] | None = None,
    fits: bool = False,
    wide: int = NARROW,
) -> list[Any]:
    """The chart; with `on_click`, what stands behind the points chosen on it (their `customdata`), else nothing.

    Its height is the figure's own, so nothing jumps. Other numbers are drawn into the same chart, and what was chosen of those
    before is forgotten. One that `fits` is laid out for its place already, however narrow that is. Of fewer pixels than `wide` it is
    drawn for its own width.
    """
    with st.container(key=f"picture_{key}"):
        drawing = draw(
            figure, key=key, description=description, config=charts.config(), on_click=on_click, fits=fits, wide=wide
        )
        notes = st.session_state.get(f"notes_{key}")
        if notes:
            lines = "".join(f"<li>{tables.breakable(each)}</li>" for each in notes)
            st.html(f'<ul class="fl-notes">{lines}</ul>')
    state = chosen(key) if on_click else None
    return state["behind"] if state and state["drawing"] == drawing else []


def draw(
    figure: Any,
    *,
    key: str,
    description: str,
    config: dict[str, object],
    on_click: Callable[[], None] | None = None,
    fits: bool = False,
    wide: int = NARROW,
    turns: bool = True,
) -> int:
    """The chart by itself; the number of its drawing, which is another one as soon as the figure is. One that `turns` begins at the right
    where lines do."""
    notes = dated.listed(dated.mark(figure, current().dated_notes, dark=dark(), pixels=width_hint(key)))
    st.session_state[f"notes_{key}"] = notes
    spec = charts.spec(charts.mirrored(figure) if turns and wording.is_right_to_left() else figure)

    def heard() -> None:
        measured = st.session_state[key]["measured"]
        st.session_state[f"width_{key}"] = measured["room"]
        st.session_state[_NARROW_PAGE] = measured["room"] if measured["small"] else None

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
            "alt": " ".join([description, *notes]),
            "chosen": on_click is not None,
            "room": None if fits else width_hint(key),
            "narrow": 0 if fits else wide,
            "small": NARROW,
            "program": charts.PROGRAM_ADDRESS,
        },
        on_measured_change=heard,
        **({"on_chosen_change": on_click} if on_click else {}),
    )
    return drawing


def chosen(key: str) -> Any:
    """What was clicked last on a chart: the number of its `drawing`, and what stands `behind` the points; None before that."""
    state = st.session_state.get(key)
    return state.get("chosen") if state else None


def width_hint(key: str) -> int | None:
    """About how many pixels a chart has, as its element in the browser measured; None where it is not narrow. On a
    small screen one that was not drawn yet is taken to be as wide as the last that was."""
    width: int | None = st.session_state.get(f"width_{key}", st.session_state.get(_NARROW_PAGE))
    return width


def dark() -> bool:
    """Whether the page is shown in its dark theme, as charts need to know."""
    return st.context.theme.type == "dark"


def room(key: str) -> Any:
    """A container for what comes after what stands below it: it is there at once, as high as the styles say that it will be."""
    container = st.container(key=key, gap="small")
    with container:
        # Without anything in it the browser would not have it at all.
        st.html("<span></span>")
    return container


@contextmanager
def waiting(of: str, sentence: str) -> Iterator[None]:
    """A line that says what is being done, if that takes over half a second; what the page shows stays meanwhile. `of` tells it from
    other waits of the same page."""
    container = st.container(key=f"waiting_{of}")
    lines: list[Any] = []
    over = threading.Event()

    def tell() -> None:
        if not over.is_set():
            lines.append(container.empty())
            lines[0].caption(sentence)

    timer = threading.Timer(PATIENCE_SECONDS, tell)
    add_script_run_ctx(timer)
    timer.start()
    try:
        yield
    finally:
        over.set()
        timer.cancel()
        timer.join()
        for line in lines:
            line.empty()


def side_by_side(
    figures: Sequence[Any],
    descriptions: Iterable[str],
    *,
    key: str,
    on_click: Sequence[Callable[[], None]] | None = None,
) -> list[str]:
    """Small charts, three in a row; their keys. `on_click` holds what a click on each does."""
    described = list(descriptions)
    keys = [f"{key}_{position}" for position in range(len(figures))]
    for first in range(0, len(figures), A_ROW):
        for position, column in enumerate(st.columns(A_ROW), first):
            if position < len(figures):
                with column:
                    picture(
                        figures[position],
                        key=keys[position],
                        description=described[position],
                        on_click=on_click[position] if on_click else None,
                        fits=True,
                    )
    return keys


def queries(named: Iterable[tuple[str, str]]) -> str:
    """Several queries as one text, each under the name of what it asks."""
    return "\n\n".join(f"-- {wording.plain(name)}\n{sql}" for name, sql in named)


@st.fragment
def below(
    *,
    key: str,
    table: pd.DataFrame,
    sql: str,
    file_name: str,
    pictures: Sequence[str] = (),
    title: str = "",
    views: Sequence[str] = VIEWS,
    questions: Sequence[Question] = (),
    part: ReportPart | None = None,
) -> None:
    """What stands under a chart: the Export menu, and the table or query that was opened in it.

    `pictures` are the keys of the charts above, none where there is only a table; `title` is what stands over them where they are
    looked at alone, the page's own unless given. Where the table stands on the page already, `views` leaves it out. `questions` are
    what is answered, where that is not the page's question; `part` is what the menu puts into the report.
    """
    with st.container(key=f"below_{key}", gap="small"):
        view = exporting.menu(
            key=key,
            title=title,
            table=table,
            file_name=file_name,
            pictures=pictures,
            views=views,
            questions=questions,
            part=part,
        )
        if view == "table":
            tables.show(table, f"table_{key}")
        elif view == "sql":
            st.code(sql, language="sql", wrap_lines=True)


def list_foot(
    total: int, page_rows: int, content: Callable[[], bytes], file_name: str, *, page_key: str, key: str
) -> None:
    """Under a list of leads that is shown a page at a time: its pages, where there are several, and all of it as CSV."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if total > page_rows:
            st.pagination(-(-total // page_rows), key=page_key)
        csv(wording.say("pages.leads.csv", n=total), content, file_name, key=key)


def csv(label: str, content: Callable[[], bytes], file_name: str, *, key: str) -> None:
    """A download of a table, made when it is asked for."""
    st.download_button(
        label, downloads.given(content), file_name, "text/csv", key=key, on_click="ignore", type="tertiary"
    )
