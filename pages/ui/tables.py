"""Results as tables for people: headers in words, numbers as numbers, so that they sort and export."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from html import escape
from typing import Any, Literal

import pandas as pd
import streamlit as st

from funnel.core import rows as cells_of
from funnel.core.rows import Row, heads, number
from funnel.core.types import FileCount, LabelCount
from funnel.words import directions, numeric_days, wording
from pages.ui.draft import free

CORE_COLUMNS = ("lead_id", "account_id", "outcome", "started_at", "reached_at", "amount", "currency")
OUR_MOMENTS = ("started_at", "reached_at")
"""What of a lead is written as the page writes days; columns of the file stand as the file has them."""
MOST_ROWS_IN_VIEW = 25
LONGEST_WORD = 14
_LONG_WORD = re.compile(rf"([^\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{{{LONGEST_WORD}}})(?=\S)")
"""Signs of a word, but for scripts without spaces, of which the browser knows the words."""


def of(
    name: str,
    rows: Sequence[Row],
    *,
    rare: Collection[str] = (),
    names: Mapping[str, str] | None = None,
    **values: object,
) -> pd.DataFrame:
    """Rows of a result under the heads of `tables.<name>`, filled with the `values`; of the `rare` columns those that some row has
    anything in; `names`: the heads of more fields, which are called as the file or a model calls them. No head stands twice."""
    head_of = {**heads(name, rows, rare, **values), **(names or {})}
    columns: list[str] = []
    for head in head_of.values():
        # A head is read by programs too, in the file that is made of the table.
        columns.append(free(directions.bare(wording.plain(head)), set(columns)))
    cells = [[number(row[field]) for field in head_of] for row in rows]
    return pd.DataFrame(cells, columns=pd.Index(columns, dtype=str))


def written(name: str, rows: Sequence[Row], **values: Any) -> pd.DataFrame:
    """The same as people read it: every cell a text, a share of too few as its counts."""
    head_names, cells = cells_of.table(name, rows, **values)
    return pd.DataFrame(cells, columns=pd.Index(head_names, dtype=str))


def html(table: pd.DataFrame) -> str:
    """A table whose first column names the rows, for the eye: text that is long runs over several lines. Every text in it is escaped."""
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in table.columns)
    rows = ""
    for name, *numbers in table.itertuples(index=False):
        cells = "".join(f"<td>{_told(number)}</td>" for number in numbers)
        rows += f'<tr><th scope="row">{breakable(wording.ABSENT if pd.isna(name) else name)}</th>{cells}</tr>'
    return f'<table class="fl-paths"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _told(cell: object) -> str:
    """A number, a day, or a text, as HTML."""
    if isinstance(cell, str):
        return breakable(cell)
    return wording.day(cell) if isinstance(cell, date) else wording.number(cell)


def breakable(name: str) -> str:
    """A name as HTML that may break inside a word only where that is very long."""
    return escape(_LONG_WORD.sub("\\1\u200b", name), quote=True)


def leads(frame: pd.DataFrame) -> pd.DataFrame:
    """A page of leads under headers in words, what they lack and where other models put them first; columns of the file keep theirs.

    A header that is there already is numbered.
    """
    names = {name: wording.say(f"pages.column.{name.removesuffix('_id')}") for name in CORE_COLUMNS}
    filled = frame.drop(columns=[name for name in ("amount", "currency", "account_id") if _is_empty(frame, name)])
    ids = [name for name in ("lead_id", "account_id") if name in filled.columns]
    beside = list(frame.attrs.get("beside", ()))
    if lacking := frame.attrs.get("lacking"):
        names[lacking] = wording.say("pages.column.lacking")
        beside.insert(0, lacking)
    filled = filled[[*ids, *beside, *(name for name in filled.columns if name not in (*ids, *beside))]]
    headers: list[str] = []
    for name in filled.columns:
        headers.append(free(names.get(name, name), set(headers)))
    told = filled.assign(**{name: days_written(filled[name]) for name in OUR_MOMENTS if name in filled.columns})
    return told.set_axis(headers, axis="columns")


def files(counts: tuple[FileCount, ...]) -> pd.DataFrame:
    """A row a file that sums: lines read = used + rejected + ignored; then why lines were ignored."""
    rows: list[Row] = [
        {
            "file": file.name,
            "read": file.rows_read,
            "used": file.rows_used,
            "rejected": file.rows_rejected,
            "ignored": file.rows_ignored,
            "because": "; ".join(
                f"{reason}: {wording.number(lines)}" for reason, lines in file.ignored_because.items()
            ),
            "encoding": file.encoding or wording.ABSENT,
            "delimiter": _delimiter(file.delimiter),
        }
        for file in counts
    ]
    return of("files", rows)


def rejects(frame: pd.DataFrame) -> pd.DataFrame:
    """Lines and cells that could not be read, under headers in words."""
    names = ("source_file", "source_line", "column_name", "value", "reason", "whole_line")
    return frame.rename(columns={name: wording.say(f"pages.column.{name}") for name in names})


def preview(frame: pd.DataFrame) -> pd.DataFrame:
    """The first lines of a file, their place in it first, under a header that none of the file's columns has."""
    line_head = wording.say("pages.column.source_line")
    while line_head in frame.columns:
        line_head += " "
    lines = frame.rename(columns={"source_line": line_head})
    return lines[[line_head, *(name for name in lines.columns if name != line_head)]]


def labels(counts: tuple[LabelCount, ...]) -> pd.DataFrame:
    """A row a label; `concept` is its name in words, to be chosen from `concept_names`."""
    return pd.DataFrame(
        {
            "label": [label.label for label in counts],
            "leads": [label.leads for label in counts],
            "first_seen": days_written(pd.Series([label.first_seen for label in counts])),
            "last_seen": days_written(pd.Series([label.last_seen for label in counts])),
            "concept": [label.concept for label in counts],
            "confidence": [label.confidence for label in counts],
        }
    )


def height(frame: pd.DataFrame) -> Literal["content", "auto"]:
    """All rows of a table that about fits a screen; of a longer one ten, the others by scrolling inside it."""
    return "content" if len(frame) <= MOST_ROWS_IN_VIEW else "auto"


def show(frame: pd.DataFrame, key: str) -> None:
    """The table on the page, as high as its rows up to a screen."""
    st.dataframe(
        frame,
        hide_index=True,
        key=key,
        height=height(frame),
        placeholder=wording.ABSENT,
        column_config={
            str(name): st.column_config.NumberColumn(format="localized")
            for name, kind in frame.dtypes.items()
            if pd.api.types.is_numeric_dtype(kind)
        },
    )


def days_written(days: Any) -> Any:
    """Days as text of the calendar, where that is not the one of machines."""
    if numeric_days.are_common():
        return days
    return days.map(lambda day: None if pd.isna(day) else numeric_days.written(day))


def _is_empty(frame: pd.DataFrame, name: str) -> bool:
    return name in frame.columns and bool(frame[name].isna().all())


def _delimiter(sign: str | None) -> str:
    names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
    if sign is None:
        return wording.ABSENT
    return wording.say(f"pages.delimiter.{names[sign]}") if sign in names else sign
