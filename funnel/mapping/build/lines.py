"""Where every line went: used, rejected, or ignored for a reason. The sums always add up."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from funnel.core.engine import Engine
from funnel.core.history import Form
from funnel.core.sql import Query, identifier
from funnel.core.types import FileCount, RawTable
from funnel.mapping.joins import FILE_STEP
from funnel.mapping.source_cells import SourceCells, file_name
from funnel.mapping.template import NULL, bound, fill, listed, raw_cell
from funnel.mapping.types import Source
from funnel.words import wording

TABLE = "line_faults"


class Fault(StrEnum):
    """Why a line is not used: some reject it, the others ignore it."""

    NO_LEAD = "no_lead_id"
    NO_LABEL = "no_label_text"
    NO_TIME = "no_time"
    BAD_TIME = "bad_time"
    TOTALS = "totals"
    HEADER = "header_again"
    PIPELINE = "other_pipeline"
    FIELD = "other_field"
    SAME = "same_label"
    AHEAD = "step_ahead"
    UNCHANGED = "unchanged"
    LEFT_OUT = "left_out"
    NO_KEY = "no_key"

    @property
    def rejects(self) -> bool:
        """Whether the line is kept among the rejects, to be mended; else it is only counted."""
        return self in (Fault.NO_LEAD, Fault.NO_LABEL, Fault.NO_TIME, Fault.BAD_TIME)

    @property
    def part(self) -> str | None:
        """The part whose cell is at fault."""
        return {Fault.NO_LEAD: "lead", Fault.NO_LABEL: "label", Fault.NO_TIME: "time", Fault.BAD_TIME: "time"}.get(self)


def reset_faults(engine: Engine) -> None:
    """Leaves the table `line_faults` (view, source_line, fault) empty; `rejects` is emptied of what an earlier mapping put there, the
    reader's own stay."""
    engine.run(Query(f"CREATE OR REPLACE TABLE {TABLE} (view VARCHAR, source_line BIGINT, fault VARCHAR)"))
    engine.run(Query("CREATE TABLE IF NOT EXISTS rejects_of_reading AS SELECT rejects.* FROM rejects"))
    engine.run(Query("DELETE FROM rejects"))
    engine.add("rejects", Query("SELECT kept.* FROM rejects_of_reading AS kept"))


def add_faults(cells: SourceCells, cases: Sequence[tuple[Query, Fault]], otherwise: Fault, among: str) -> None:
    """Adds the lines of a table of staged entries that are incomplete, each with the first case that it meets, else `otherwise`."""
    query = cells.fill(
        "SELECT {view_name} AS view, raw.source_line AS source_line, {fault} AS fault FROM {view} AS raw"
        " JOIN {among} AS kept ON kept.sequence = raw.source_line"
        " WHERE kept.lead_id IS NULL OR kept.label IS NULL OR kept.entered_at IS NULL",
        view_name=bound(cells.source.view),
        fault=fault_of(cases, otherwise),
        among=among,
    )
    cells.engine.add(TABLE, query)


def take_faults(cells: SourceCells, lines: str) -> None:
    """Takes the lines with a fault out of a working table of all lines: source_line, several_filled, and fault, which has yet to be
    told of words after the last line of data."""
    engine, table = cells.engine, identifier(lines)
    ends = cells.ends_of(table)
    if ends:
        query = cells.fill(
            "UPDATE {table} SET fault = {fault} WHERE source_line IN"
            " (SELECT raw.source_line AS source_line FROM {view} AS raw WHERE {stray})",
            table=table,
            fault=bound(Fault.TOTALS.value),
            stray=cells.stray(ends),
        )
        engine.run(query)
    faulty = f"SELECT ? AS view, lines.source_line AS source_line, lines.fault AS fault FROM {table} AS lines"
    engine.add(TABLE, Query(f"{faulty} WHERE lines.fault IS NOT NULL", (cells.source.view,)))
    engine.run(Query(f"DELETE FROM {table} WHERE fault IS NOT NULL"))


def without_fault(view: str) -> Query:
    """A condition that keeps the raw lines of a view without a fault."""
    faulty = f"SELECT faults.source_line FROM {TABLE} AS faults WHERE faults.view = ?"
    return Query(f"raw.source_line NOT IN ({faulty})", (view,))


def reject_lines(engine: Engine, source: Source, formats: dict[str, str]) -> None:
    """Puts the rejected lines of a source among the rejects, with the cell at fault and why."""
    met = {fault for faults in faults_per_file(engine, source.view).values() for fault in faults}
    for fault in (fault for fault in Fault if fault.rejects and fault in met):
        column = source.parts.get(fault.part or "")
        if column is None:
            continue
        reason = wording.say(f"mapping.reject_{fault.value}", form=formats.get(column, ""))
        faulty = Query(
            f" JOIN {TABLE} AS faults ON faults.source_line = raw.source_line AND faults.view = ? AND faults.fault = ?",
            (source.view, fault.value),
        )
        _reject(engine, source, column, reason, faulty, whole_line=True)


def reject_cells(engine: Engine, source: Source, column: str, unreadable: Query, reason: str) -> int:
    """Puts the cells of used lines that could not be read among the rejects; how many."""
    where = fill(" WHERE {unreadable} AND {used}", unreadable=unreadable, used=without_fault(source.view))
    query = fill("SELECT COUNT(*) AS cells FROM {view} AS raw{where}", view=identifier(source.asked), where=where)
    count = int(engine.row(query)[0])
    if count:
        _reject(engine, source, column, reason, where, whole_line=False)
    return count


def _reject(engine: Engine, source: Source, column: str, reason: str, which: Query, *, whole_line: bool) -> None:
    """Puts cells of a column among the rejects: those of the raw lines that `which` (a join or a condition) keeps."""
    query = fill(
        "SELECT {file}, raw.source_line % {step}, {column}, {cell}, {reason}, {whole} FROM {view} AS raw{which}",
        file=file_name(source.names),
        step=str(FILE_STEP),
        column=bound(column),
        cell=raw_cell(column),
        reason=bound(reason),
        whole=str(whole_line).upper(),
        view=identifier(source.asked),
        which=which,
    )
    engine.add("rejects", query)


def faults_per_file(engine: Engine, view: str) -> dict[int, dict[Fault, int]]:
    """File's index → fault → lines."""
    query = Query(
        f"SELECT faults.source_line // {FILE_STEP} AS place, faults.fault AS fault, COUNT(*) AS lines"
        f" FROM {TABLE} AS faults WHERE faults.view = ? GROUP BY place, fault",
        (view,),
    )
    counts: dict[int, dict[Fault, int]] = {}
    for index, fault, lines in engine.rows(query):
        counts.setdefault(int(index), {})[Fault(fault)] = int(lines)
    return counts


def fault_of(cases: Sequence[tuple[Query, Fault]], otherwise: Fault | None = None) -> Query:
    """An expression: the fault of a raw line, the first whose case it meets; `otherwise` where it meets none (None: NULL)."""
    whens = [fill("WHEN {met} THEN {fault}", met=condition, fault=bound(fault.value)) for condition, fault in cases]
    rest = NULL if otherwise is None else bound(otherwise.value)
    return fill("CAST(CASE {whens} ELSE {rest} END AS VARCHAR)", whens=listed(whens, " "), rest=rest)


def used_per_file(engine: Engine, source: Source, straight: Form | None = None) -> dict[int, int]:
    """File's index → lines without a fault, counted among the lines themselves; where each line is an entry, among the entries."""
    used = without_fault(source.view)
    line, lines = "raw.source_line", fill("{view} AS raw WHERE {used}", view=identifier(source.asked), used=used)
    if straight is not None:
        line, lines = "entries.sequence", Query(f"{straight.entries} AS entries")
    query = fill(f"SELECT {line} // {FILE_STEP} AS place, COUNT(*) AS lines FROM {{lines}} GROUP BY 1", lines=lines)
    return {int(index): int(lines) for index, lines in engine.rows(query)}


def file_count(raw: RawTable, used: int, faults: dict[Fault, int]) -> FileCount:
    """Where the lines of one file went. AssertionError where they do not add up to the lines read."""
    rejected = raw.rows_rejected + sum(count for fault, count in faults.items() if fault.rejects)
    ignored = {fault: count for fault, count in faults.items() if not fault.rejects}
    total = used + rejected + sum(ignored.values())
    if total != raw.rows_read:
        raise AssertionError(f"{raw.name}: {raw.rows_read} lines were read, but {total} are accounted for")
    return FileCount(
        name=raw.name,
        encoding=raw.encoding,
        delimiter=raw.delimiter,
        rows_read=raw.rows_read,
        rows_used=used,
        rows_rejected=rejected,
        rows_ignored=sum(ignored.values()),
        ignored_because={wording.say(f"mapping.ignored_{fault.value}"): count for fault, count in ignored.items()},
    )
