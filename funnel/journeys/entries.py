"""The entries of leads as the journeys walk them: how they are written down, and joined with a small table of what labels mean.

What a reading leaves are *sorted entries*: whole numbers for the lead, the label and the moment, in the order of the leads, so that a
walk touches little and each lead lies together. A built folder, whoever wrote it, holds the history as text. The paragraphs of this
room speak of both by the names that a `Form` gives.
"""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from dataclasses import dataclass, field

from funnel.engine import Engine
from funnel.sql import Paragraph, Query, identifier

SORTED = "sorted_entries"
TIMED = "timed_entries"
CODES = "label_codes"


@dataclass(frozen=True)
class Form:
    """How entries are written down: `lead` and `label` are the columns that lead and label are known by, `key` is what a row of `leads`
    is known by there, as SQL. `entries` is the table of the moments as they are stored, `moment` their column, and `time` the SQL that
    makes a time of one ("{}"). `codes` gives the number of each label where its column holds one.
    """

    lead: str = "lead_id"
    label: str = "label"
    key: str = "leads.lead_id"
    entries: str = "history"
    moment: str = "entered_at"
    time: str = "{}"
    codes: Pairs[str, int] = field(default_factory=dict, hash=False)


TEXT = Form()
"""The history as text."""

_SECONDS = "make_timestamp({} * 1000000::BIGINT)"
_MICROSECONDS = "make_timestamp({})"
_LATEST_SECOND = 2**32 - 1
_LARGEST_LINE = 2**32 - 1
_MOST_SALTS = 8


def sort_entries(engine: Engine) -> Form:
    """Puts the entries of the table `history` into `sorted_entries`, in the order of leads and time, and gives the form they have now.

    Columns: lead_key (a hash of the id: equal keys are equal leads, which is proven), label_code (of `label_codes`), moment (whole
    seconds since 1970, or microseconds where that would lose anything; NULL: no time), sequence. `timed_entries` shows them with
    their times, and `history` becomes a view of them as text.
    """
    names = engine.rows(Query("SELECT DISTINCT history.label AS label FROM history ORDER BY label"))
    codes = {label: code for code, (label,) in enumerate(names)}
    low, high, fine, line = engine.row(
        Query(
            "SELECT MIN(EPOCH_US(history.entered_at)) AS low, MAX(EPOCH_US(history.entered_at)) AS high,"
            " COALESCE(BOOL_OR(EPOCH_US(history.entered_at) % 1000000 <> 0), FALSE) AS fine,"
            " MAX(history.sequence) AS line FROM history"
        )
    )
    seconds = not fine and (low is None or (low >= 0 and high <= _LATEST_SECOND * 1_000_000))
    form = Form("lead_key", "label_code", _key(engine), SORTED, "moment", _SECONDS if seconds else _MICROSECONDS, codes)
    moment = "EPOCH_US(history.entered_at)"
    stored = f"CAST({moment} // 1000000 AS UINTEGER)" if seconds else moment
    code, sequence = (
        ("UTINYINT" if len(codes) < 256 else "UINTEGER"),
        ("UINTEGER" if (line or 0) <= _LARGEST_LINE else "BIGINT"),
    )
    engine.run(Query(f"CREATE OR REPLACE TABLE {CODES} (label VARCHAR, label_code {code})"))
    if codes:
        rows = ", ".join("(?, ?)" for _ in codes)
        values = tuple(value for pair in codes.items() for value in pair)
        engine.run(Query(f"INSERT INTO {CODES} VALUES {rows}", values))
    engine.keep(
        SORTED,
        Query(
            f"""SELECT {form.key.replace("leads.", "history.")} AS lead_key, {CODES}.label_code AS label_code, {stored} AS moment,
    CAST(history.sequence AS {sequence}) AS sequence
FROM history
INNER JOIN {CODES} ON {CODES}.label = history.label
ORDER BY lead_key, moment"""
        ),
    )
    engine.drop_table("history")
    show_entries(engine, form)
    return form


def show_entries(engine: Engine, form: Form) -> None:
    """Makes the views `timed_entries` and `history` of the sorted entries."""
    engine.view(TIMED, timed(form))
    engine.view(
        "history",
        Query(
            f"""SELECT leads.lead_id AS lead_id, {CODES}.label AS label, {TIMED}.entered_at AS entered_at, {TIMED}.sequence AS sequence
FROM {TIMED}
INNER JOIN leads ON {form.key} = {TIMED}.lead_key
INNER JOIN {CODES} ON {CODES}.label_code = {TIMED}.label_code"""
        ),
    )


def timed(form: Form) -> Query:
    """The entries with their times: the columns of the form, entered_at and sequence."""
    moment = form.time.format(f"entries.{form.moment}")
    return Query(
        f"""SELECT entries.{form.lead} AS {form.lead}, entries.{form.label} AS {form.label}, {moment} AS entered_at,
    entries.sequence AS sequence
FROM {identifier(form.entries)} AS entries"""
    )


def _key(engine: Engine) -> str:
    """SQL of a whole number that tells the leads of `leads` apart, each from every other."""
    for salt in range(_MOST_SALTS):
        key = "HASH(leads.lead_id)" if not salt else f"HASH(leads.lead_id, {salt})"
        (apart,) = engine.row(Query(f"SELECT COUNT(DISTINCT {key}) = COUNT(*) AS apart FROM leads"))
        if apart:
            return key
    raise AssertionError("no hash tells the leads apart")


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
    if not form.codes:
        return [value_table(name, (form.label, column), list(rows))]
    told = Query(
        f"""SELECT {CODES}.label_code AS label_code, {name}_labels.{column} AS {column}
FROM {name}_labels
INNER JOIN {CODES} ON {CODES}.label = {name}_labels.label"""
    )
    return [value_table(f"{name}_labels", ("label", column), list(rows)), Paragraph(name, told)]


def known_as(table: str, name: str) -> str:
    """A table under a name that the SQL speaks of."""
    return name if table == name else f"{identifier(table)} AS {name}"


def entries_of_labels(history: str, form: Form, alias: str) -> tuple[str, str]:
    """(label, from): the text of the label of each entry, and where entries with their times come from under the alias."""
    source = f"FROM {identifier(history)} AS {alias}"
    if not form.codes:
        return f"{alias}.{form.label}", source
    return f"{CODES}.label", f"{source}\nINNER JOIN {CODES} ON {CODES}.{form.label} = {alias}.{form.label}"


def entries_of(table: str, column: str, history: str, form: Form) -> Query:
    """The lead as the form knows it, the table's column, entered_at: a row for each entry of a history whose label stands in the table."""
    return Query(
        f"""SELECT history.{form.lead} AS {form.lead}, {table}.{column} AS {column}, history.entered_at AS entered_at
FROM {known_as(history, "history")}
INNER JOIN {table} ON {table}.{form.label} = history.{form.label}"""
    )
