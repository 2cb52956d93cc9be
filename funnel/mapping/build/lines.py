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
from funnel.mapping.template import NULL, fill, listed
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


class Faults:
    """The table `line_faults`: view, source_line, fault."""

    def reset(self, engine: Engine) -> None:
        """An empty table; `rejects` is emptied of what an earlier mapping put there, the reader's own stay."""
        engine.run(Query(f"CREATE OR REPLACE TABLE {TABLE} (view VARCHAR, source_line BIGINT, fault VARCHAR)"))
        engine.run(Query("CREATE TABLE IF NOT EXISTS rejects_of_reading AS SELECT rejects.* FROM rejects"))
        engine.run(Query("DELETE FROM rejects"))
        engine.run(Query("INSERT INTO rejects SELECT kept.* FROM rejects_of_reading AS kept"))

    def add(
        self,
        engine: Engine,
        source: Source,
        cells: SourceCells,
        cases: Sequence[tuple[Query, Fault]],
        *,
        otherwise: Fault | None = None,
        among: str | None = None,
    ) -> None:
        """Adds the lines that meet a case, the first that fits; `among` is a table of staged entries, of which only the
        incomplete are looked at. `otherwise` is the fault of lines that meet none (None: they are used)."""
        only = Query("")
        if among is not None:
            only = Query(
                f" JOIN {among} AS kept ON kept.sequence = raw.source_line"
                " WHERE kept.lead_id IS NULL OR kept.label IS NULL OR kept.entered_at IS NULL"
            )
        query = fill(
            "INSERT INTO {table} SELECT {view_name}, judged.source_line, judged.fault FROM ("
            "SELECT raw.source_line AS source_line, {fault} AS fault FROM {view} AS raw{only}"
            ") AS judged WHERE judged.fault IS NOT NULL",
            table=TABLE,
            view_name=Query("?", (source.view,)),
            fault=fault_of(cases, otherwise),
            view=identifier(source.view),
            only=only,
        )
        engine.run(query)

    def take(self, engine: Engine, source: Source, cells: SourceCells, lines: str) -> None:
        """Takes the lines with a fault out of a working table of all lines: source_line, several_filled, and fault, which has yet to be
        told of words after the last line of data."""
        table = identifier(lines)
        ends = cells.ends_of(table)
        if ends:
            stray = fill(
                "SELECT raw.source_line AS source_line FROM {view} AS raw WHERE {stray}",
                view=identifier(source.view),
                stray=cells.stray(ends),
            )
            engine.run(
                fill(
                    "UPDATE {table} SET fault = {fault} WHERE source_line IN ({stray})",
                    table=table,
                    fault=Query("?", (Fault.TOTALS.value,)),
                    stray=stray,
                )
            )
        faulty = Query(
            f"SELECT ? AS view, lines.source_line AS source_line, lines.fault AS fault FROM {table} AS lines"
            " WHERE lines.fault IS NOT NULL",
            (source.view,),
        )
        engine.run(fill("INSERT INTO {faults} {faulty}", faults=TABLE, faulty=faulty))
        engine.run(Query(f"DELETE FROM {table} WHERE fault IS NOT NULL"))

    def reject(self, engine: Engine, source: Source, formats: dict[str, str]) -> None:
        """Puts the rejected lines of a source among the rejects, with the cell at fault and why."""
        met = {fault for faults in self.per_file(engine, source.view).values() for fault in faults}
        for fault in (fault for fault in Fault if fault.rejects and fault in met):
            part = fault.part or ""
            column = source.parts.get(part)
            if column is None:
                continue
            reason = wording.say(f"mapping.reject_{fault.value}", form=formats.get(column, ""))
            self._reject(engine, source, column, reason, fault)

    def _reject(self, engine: Engine, source: Source, column: str, reason: str, fault: Fault) -> None:
        faulty = fill(
            " JOIN {table} AS faults ON faults.source_line = raw.source_line AND faults.view = {view_name}"
            " AND faults.fault = {fault}",
            table=TABLE,
            view_name=Query("?", (source.view,)),
            fault=Query("?", (fault.value,)),
        )
        self._keep(engine, source, column, reason, faulty, whole_line=True)

    def _keep(
        self, engine: Engine, source: Source, column: str, reason: str, which: Query, *, whole_line: bool
    ) -> None:
        """Puts cells of a column among the rejects: those of the raw lines that `which` (a join or a condition) keeps."""
        query = fill(
            "INSERT INTO rejects SELECT {file}, raw.source_line % {step}, {column}, {cell}, {reason}, {whole}"
            " FROM {view} AS raw{which}",
            file=file_name(source.names),
            step=str(FILE_STEP),
            column=Query("?", (column,)),
            cell=f"raw.{identifier(column)}",
            reason=Query("?", (reason,)),
            whole=str(whole_line).upper(),
            view=identifier(source.asked),
            which=which,
        )
        engine.run(query)

    def reject_cells(self, engine: Engine, source: Source, column: str, unreadable: Query, reason: str) -> int:
        """Puts the cells of used lines that could not be read among the rejects; how many."""
        where = fill(
            "{unreadable} AND raw.source_line NOT IN (SELECT faults.source_line FROM {table} AS faults WHERE faults.view = {view_name})",
            unreadable=unreadable,
            table=TABLE,
            view_name=Query("?", (source.view,)),
        )
        count = int(
            engine.row(
                fill(
                    "SELECT COUNT(*) AS cells FROM {view} AS raw WHERE {where}",
                    view=identifier(source.asked),
                    where=where,
                )
            )[0]
        )
        if count:
            unread = fill(" WHERE {where}", where=where)
            self._keep(engine, source, column, reason, unread, whole_line=False)
        return count

    def per_file(self, engine: Engine, view: str) -> dict[int, dict[Fault, int]]:
        """File's place → fault → lines."""
        query = Query(
            f"SELECT faults.source_line // {FILE_STEP} AS place, faults.fault AS fault, COUNT(*) AS lines"
            f" FROM {TABLE} AS faults WHERE faults.view = ? GROUP BY place, fault",
            (view,),
        )
        found: dict[int, dict[Fault, int]] = {}
        for place, fault, lines in engine.rows(query):
            found.setdefault(int(place), {})[Fault(fault)] = int(lines)
        return found


FAULTS = Faults()


def fault_of(cases: Sequence[tuple[Query, Fault]], otherwise: Fault | None = None) -> Query:
    """An expression: the fault of a raw line, the first whose case it meets; `otherwise` where it meets none (None: NULL)."""
    whens = listed(
        [
            fill("WHEN {condition} THEN {fault}", condition=condition, fault=Query("?", (fault.value,)))
            for condition, fault in cases
        ],
        " ",
    )
    rest = NULL if otherwise is None else Query("?", (otherwise.value,))
    return fill("CAST(CASE {whens} ELSE {rest} END AS VARCHAR)", whens=whens, rest=rest)


def used_per_file(engine: Engine, source: Source, straight: Form | None = None) -> dict[int, int]:
    """File's place → lines without a fault, counted among the lines themselves; where each line is an entry, among the entries."""
    if straight is not None:
        lines = (
            f"entries.sequence // {FILE_STEP} AS place, COUNT(*) AS lines FROM {straight.entries} AS entries GROUP BY 1"
        )
        return {int(place): int(count) for place, count in engine.rows(Query(f"SELECT {lines}"))}
    query = Query(
        f"SELECT raw.source_line // {FILE_STEP} AS place, COUNT(*) AS lines FROM {identifier(source.asked)} AS raw"
        f" WHERE raw.source_line NOT IN (SELECT faults.source_line FROM {TABLE} AS faults WHERE faults.view = ?) GROUP BY 1",
        (source.view,),
    )
    return {int(place): int(lines) for place, lines in engine.rows(query)}


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
