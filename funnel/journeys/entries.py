"""The entries of leads joined with a small table of what their labels mean."""

from __future__ import annotations

from collections.abc import Sequence

from funnel.core.history import CODES, Form, known_as
from funnel.core.sql import Paragraph, Query


def value_table(name: str, columns: tuple[str, str], rows: list[tuple[str, object]]) -> Paragraph:
    """A two-column table of bound values; it has no rows where there are none."""
    left, right = columns
    if not rows:
        kind = "INTEGER" if right == "position" else "VARCHAR"
        return Paragraph(
            name, Query(f"SELECT CAST(NULL AS VARCHAR) AS {left}, CAST(NULL AS {kind}) AS {right} WHERE FALSE")
        )
    lines = "\nUNION ALL ".join([f"SELECT ? AS {left}, ? AS {right}"] * len(rows))
    return Paragraph(name, Query(lines, tuple(value for row in rows for value in row)))


def label_table(name: str, column: str, rows: Sequence[tuple[str, object]], form: Form) -> list[Paragraph]:
    """Paragraphs that end in `name`: the column that labels are known by, and what `column` says of each of these labels."""
    if not form.is_sorted:
        return [value_table(name, (form.label, column), list(rows))]
    by_code = Query(
        f"""SELECT {CODES}.label_code AS label_code, {name}_labels.{column} AS {column}
FROM {name}_labels
INNER JOIN {CODES} ON {CODES}.label = {name}_labels.label"""
    )
    return [value_table(f"{name}_labels", ("label", column), list(rows)), Paragraph(name, by_code)]


def entries_of(table: str, column: str, form: Form) -> Query:
    """The lead as the form knows it, the table's column, entered_at: a row for each entry of a history whose label stands in the table."""
    return Query(
        f"""SELECT history.{form.lead} AS {form.lead}, {table}.{column} AS {column}, history.entered_at AS entered_at
FROM {known_as(form.history, "history")}
INNER JOIN {table} ON {table}.{form.label} = history.{form.label}"""
    )
