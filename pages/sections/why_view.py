"""Why each column plays its part, as a small table. Every text of a file in it is escaped."""

from __future__ import annotations

from html import escape

import streamlit as st

from funnel import DataSet, mapping
from funnel.core import insights
from funnel.words import wording

HEADS = ("part", "column", "because")


def show(data_set: DataSet) -> None:
    """Part, column, and what speaks for it; what one line of the file is comes first."""
    st.header(wording.say("pages.why.title"), anchor=False)
    st.html(html(rows(data_set)))


def rows(data_set: DataSet) -> list[tuple[str, str, str]]:
    """(part, column, sentence) of each part that the file's own table gives, as plain text."""
    because = {part: wording.say(note.key, **note.values) for part, note in data_set.mapping.why}
    columns = {**data_set.loaded.columns, "shape": wording.say(f"pages.shape.{data_set.mapping.shape}")}
    columns.setdefault("lead", wording.say("pages.mapping.each_line"))
    order = ["shape", *mapping.PARTS, *(part for part in columns if part not in mapping.PARTS and part != "shape")]
    return [
        (_name(part), insights.short(wording.plain(columns[part])), wording.plain(because[part]))
        for part in order
        if part in columns and part in because
    ]


def html(rows: list[tuple[str, str, str]]) -> str:
    """The rows as an HTML table; on a narrow page each row is a block."""
    heads = "".join(f'<th scope="col">{escape(wording.say(f"pages.why.{head}"))}</th>' for head in HEADS)
    body = "".join(
        f'<tr><th scope="row">{escape(part)}</th><td><bdi>{escape(column)}</bdi></td><td>{escape(because)}</td></tr>'
        for part, column, because in rows
    )
    table = f'<table class="fl-why"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="fl-room">{table}</div>'


def _name(part: str) -> str:
    return wording.say("pages.mapping.shape" if part == "shape" else f"pages.part_of_file.{part}")
