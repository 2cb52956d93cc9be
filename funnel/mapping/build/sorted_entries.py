"""The entries of a log as sorted whole numbers: written straight from its lines where each makes one, else of the history as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from funnel.core.engine import Engine
from funnel.core.history import CODES, MICROSECONDS, SECONDS, SORTED, TIMED, Form, known_as
from funnel.core.sql import Query, identifier
from funnel.core.types import RawTable
from funnel.mapping.build.entries import entry_cells
from funnel.mapping.build.labels import Labels, labels_in
from funnel.mapping.source_cells import SourceCells
from funnel.mapping.template import fill
from funnel.mapping.types import Source
from funnel.mapping.votes import Entries

UNSORTED = "unsorted_entries"
LABEL_TYPE = "label_text"
"""A type whose values are the labels of a log, in the order of their codes."""
LEAD_IDS = "lead_ids"
"""lead_id of each lead of a log, made before its `leads`."""
KEYED = "keyed_entries"
"""The sorted entries as `read_log` asks them: its lead_id is their key."""
KEYS = ("HASH({})", *(f"HASH({{}}, {salt})" for salt in range(1, 8)))
"""Whole numbers that stand for an id; the next where two ids have the same."""
_LARGEST = 2**32 - 1
"""The largest number of an unsigned column of 32 bits."""


def enter_sorted(tables: Sequence[RawTable], cells: SourceCells, labels: Labels) -> Form | None:
    """The form of the sorted entries of a log that alone stands in the raw `tables`, each of whose lines is an entry as it stands; None
    where a line makes none, so that the reason has to be told, where entries follow from others, or where two ids have one key.

    Leaves `sorted_entries`, `lead_ids`, and the views of `show`, and `keyed_entries`.
    """
    engine, source = cells.engine, cells.source
    if "target" in source.parts or source.series or cells.mapping.fields:
        return None
    label, moment, joined = entry_cells(cells, labels)
    codes = _codes(engine, labels.texts)
    if not codes:
        return None
    engine.run(Query(f"DROP TYPE IF EXISTS {LABEL_TYPE}"))
    in_order = f"SELECT {CODES}.label FROM {CODES} ORDER BY {CODES}.label_code"
    engine.run(Query(f"CREATE TYPE {LABEL_TYPE} AS ENUM ({in_order})"))
    # Where a file itself is the table, all threads read it without the lines' numbers, which its rows have in their order.
    line_of_place = tables[0].line_of_place if len(tables) == 1 else None
    texts = cells.lead.text + label.text + moment.text
    numbered = line_of_place is None or joined.text != "" or "raw.source_line" in texts
    entered = fill(
        "SELECT {id} AS lead_id, {label} AS label, CAST({moment} AS TIMESTAMP) AS entered_at{sequence} FROM {view} AS raw{joined}",
        id=cells.lead,
        label=label,
        moment=moment,
        sequence=", raw.source_line AS sequence" if numbered else "",
        view=identifier(source.view if numbered else tables[0].unnumbered),
        joined=joined,
    )
    # A label's number by a type of all labels, since a join may bring the rows into another order.
    unsorted = fill(
        "SELECT entered.lead_id AS lead_id, CASE WHEN entered.lead_id IS NOT NULL THEN {key} END AS lead_key,"
        " enum_code(TRY_CAST(entered.label AS {type})) AS label_code,"
        " EPOCH_US(entered.entered_at) AS moment{sequence} FROM ({entered}) AS entered",
        key=KEYS[0].format("entered.lead_id"),
        type=LABEL_TYPE,
        sequence=", entered.sequence AS sequence" if numbered else "",
        entered=entered,
    )
    engine.keep(UNSORTED, unsorted, passing=True)
    counts = "COUNT(*) AS a, COUNT(kept.lead_key) AS b, COUNT(kept.label_code) AS c, COUNT(kept.moment) AS d"
    whole, keys, labelled, dated = engine.row(Query(f"SELECT {counts} FROM {UNSORTED} AS kept"))
    first = first_row(engine, UNSORTED, whole)
    if whole == keys == labelled == dated and first is not None:
        engine.keep(LEAD_IDS, Query(f"SELECT DISTINCT kept.lead_id AS lead_id FROM {UNSORTED} AS kept"))
        if _apart(engine, LEAD_IDS, KEYS[0].format(f"{LEAD_IDS}.lead_id")):
            line = "kept.sequence" if numbered else f"{line_of_place}".format(place=f"(kept.rowid - {first})")
            form = _sort(engine, KEYS[0].format("leads.lead_id"), codes, line)
            keyed = "entries.lead_key AS lead_id, entries.entered_at AS entered_at, entries.sequence AS sequence"
            show(engine, form, LEAD_IDS)
            engine.view(KEYED, Query(f"SELECT {keyed} FROM {TIMED} AS entries"))
            return form
    engine.drop_table(UNSORTED)
    return None


def sort_entries(engine: Engine) -> Form:
    """Puts the entries of the table `history` into `sorted_entries`, in the order of leads and time, and gives the form they have now.

    Columns: lead_key (a hash of the id; that no two leads share one is proven), label_code (of `label_codes`), moment (whole seconds
    since 1970, or microseconds where that would lose anything; NULL: no time), sequence. `timed_entries` shows them with their times,
    and `history` becomes a view of them as text.
    """
    codes = _codes(engine, set(labels_in(engine, "history")))
    key = _key(engine)
    entries = f"""SELECT {key.format("history.lead_id")} AS lead_key, {CODES}.label_code AS label_code,
    EPOCH_US(history.entered_at) AS moment, history.sequence AS sequence
FROM history
INNER JOIN {CODES} ON {CODES}.label = history.label"""
    engine.keep(UNSORTED, Query(entries), passing=True)
    engine.drop_table("history")
    form = _sort(engine, key.format("leads.lead_id"), codes, "kept.sequence")
    show(engine, form)
    return form


def entered(form: Form, labels: Labels, source: Source) -> Entries:
    """The sorted entries of a log that was entered straight, as they vote for what its labels mean."""
    rows = f"""SELECT entries.{form.lead} AS lead, entries.{form.label} AS label, entries.entered_at AS moment
FROM {known_as(form.history, "entries")}"""
    texts = {text for each in labels.mapping.signs for text in each.texts}
    spelt = {text: labels.spelled.get((source.view, text), text) for text in texts}
    return Entries(Query(rows), {text: form.codes[label] for text, label in spelt.items() if label in form.codes})


def show(engine: Engine, form: Form, leads: str = "leads") -> None:
    """Makes the views `timed_entries` and `history` of the sorted entries; `leads` is the table that has the ids."""
    engine.view(TIMED, form.timed())
    history = f"""SELECT leads.lead_id AS lead_id, {CODES}.label AS label, {TIMED}.entered_at AS entered_at, {TIMED}.sequence AS sequence
FROM {TIMED}
INNER JOIN {identifier(leads)} AS leads ON {form.key} = {TIMED}.lead_key
INNER JOIN {CODES} ON {CODES}.label_code = {TIMED}.label_code"""
    engine.view("history", Query(history))


def _codes(engine: Engine, labels: set[str]) -> dict[str, int]:
    """A number for each label, in the order of their text; leaves `label_codes`."""
    codes = {label: code for code, label in enumerate(sorted(labels))}
    kind = "UTINYINT" if len(codes) <= 256 else "UINTEGER"
    pairs = f"SELECT unnest(?::VARCHAR[]) AS label, unnest(?::{kind}[]) AS label_code"
    engine.keep(CODES, Query(pairs, (list(codes), list(codes.values()))))
    return codes


def _sort(engine: Engine, key: str, codes: Mapping[str, int], order_sql: str) -> Form:
    """Makes `sorted_entries` of the unsorted ones, as narrow as nothing is lost by; `order_sql` is SQL of an entry's order in the file."""
    fine = "COALESCE(BOOL_OR(kept.moment % 1000000 <> 0), FALSE)"
    bounds = f"MIN(kept.moment) AS low, MAX(kept.moment) AS high, {fine} AS fine, COALESCE(MAX({order_sql}), 0) AS line"
    low, high, is_fine, line = engine.row(Query(f"SELECT {bounds} FROM {UNSORTED} AS kept"))
    seconds = not is_fine and (low is None or (low >= 0 and high <= _LARGEST * 1_000_000))
    moment = "CAST(kept.moment // 1000000 AS UINTEGER)" if seconds else "kept.moment"
    sequence = f"CAST({order_sql} AS UINTEGER)" if line <= _LARGEST else order_sql
    entries = f"""SELECT kept.lead_key AS lead_key, kept.label_code AS label_code, {moment} AS moment, {sequence} AS sequence
FROM {UNSORTED} AS kept
ORDER BY lead_key, moment"""
    engine.keep(SORTED, Query(entries))
    engine.drop_table(UNSORTED)
    return Form("lead_key", "label_code", key, SORTED, TIMED, "moment", SECONDS if seconds else MICROSECONDS, codes)


def first_row(engine: Engine, table: str, rows: int) -> int | None:
    """The number of the first of so many rows of a table, which bear all numbers from there in the order in which they were written; None
    where they do not. What a transaction has not kept yet has no rows numbered from 0, though from some number on."""
    numbers = "COUNT(*) AS a, COALESCE(MIN(kept.rowid), 0) AS b, COALESCE(MAX(kept.rowid), -1) AS c"
    counted, first, last = engine.row(Query(f"SELECT {numbers} FROM {identifier(table)} AS kept"))
    return int(first) if rows == counted == last - first + 1 else None


def _key(engine: Engine) -> str:
    """SQL of a whole number for an id ("{}"), which tells the leads of `leads` apart, each from every other."""
    for key in KEYS:
        if _apart(engine, "leads", key.format("leads.lead_id")):
            return key
    raise AssertionError("no hash tells the leads apart")


def _apart(engine: Engine, table: str, key: str) -> bool:
    """Whether no two rows of a table have one key."""
    return bool(engine.row(Query(f"SELECT COUNT(DISTINCT {key}) = COUNT(*) AS apart FROM {table}"))[0])
