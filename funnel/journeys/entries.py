"""The history joined with a small table that says what its labels mean."""

from __future__ import annotations

from funnel.sql import Paragraph, Query, identifier


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


def known_as(table: str, name: str) -> str:
    """A table under a name that the SQL speaks of."""
    return name if table == name else f"{identifier(table)} AS {name}"


def entries_of(table: str, column: str, history: str) -> Query:
    """lead_id, the table's column, entered_at: a row for each entry of a history whose label stands in the table."""
    return Query(
        f"""SELECT history.lead_id AS lead_id, {table}.{column} AS {column}, history.entered_at AS entered_at
FROM {known_as(history, "history")}
INNER JOIN {table} ON {table}.label = history.label"""
    )
