"""What a database held at a moment, as one private Parquet of texts: the first time whole, then what changed since.

Rows that were deleted are not seen by a cursor, so all is read again once a day, whenever there are fewer rows than before, and where
the rows known and those that came do not add up.
"""

from __future__ import annotations

import filecmp
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from funnel.core import disk, settings
from funnel.core.engine import Engine
from funnel.core.errors import SourceError
from funnel.core.sql import Query, identifier
from funnel.core.types import FileOnDisk
from funnel.live.postgres import LATE_SECONDS, Held, Session, session
from funnel.live.snapshot import USUAL_PLACE, Place, Progress, Snapshot, Wanted
from funnel.live.sources import Database

WHOLE_AGAIN = timedelta(days=1)
SHOWN = 3
"""So many of the keys that are not unique are named."""


@dataclass(frozen=True)
class _Known:
    """What was read last. `whole_at` is when all of it was read, `columns` are those of the query."""

    snapshot: Snapshot
    held: Held
    columns: tuple[str, ...]
    whole_at: datetime


class DatabaseFeed:
    """What a source that is a database holds, asked again and again."""

    def __init__(self, source: Database, place: Place = USUAL_PLACE) -> None:
        self._source, self._place = source, place
        self._known: _Known | None = None

    def look(self, now: datetime, progress: Progress | None = None, wanted: Wanted | None = None) -> Snapshot:
        """What it holds now: the same snapshot as before where nothing changed. SourceError in a sentence; what was known stays then."""
        known = self._known
        if known is not None and not known.snapshot.files[0].path.is_file():
            # Somebody swept it away.
            known = self._known = None
        with session(self._source, wanted) as asked:
            held = asked.held()
            if not held.rows:
                raise SourceError("live.no_rows", source=self._source.name)
            again = known is None or self._whole_again(known, asked, held, now)
            if known is not None and not again and held == known.held and asked.tells_apart:
                return known.snapshot
            folder = self._place.make()
            try:
                path = folder / self._source.name
                if again or known is None or not self._merged(known, asked, held, path, progress):
                    _write(self._source.name, asked.batches(), asked.columns, path, progress)
                    self._check_key(path)
                    whole_at = now
                else:
                    whole_at = known.whole_at
                if known is not None and filecmp.cmp(known.snapshot.files[0].path, path, shallow=False):
                    # Read again and found the same.
                    self._place.remove(folder)
                    self._known = _Known(known.snapshot, held, asked.columns, whole_at)
                    return known.snapshot
                file = FileOnDisk(path, self._source.name)
                snapshot = Snapshot(self._source.name, (file,), now, held.rows)
            except OSError as failed:
                self._place.remove(folder)
                raise disk.no_place(failed, folder.parent) from failed
            except BaseException:
                self._place.remove(folder)
                raise
            snapshot.vanishes_with(folder, self._place)
        self._known = _Known(snapshot, held, asked.columns, whole_at)
        return snapshot

    def _whole_again(self, known: _Known, asked: Session, held: Held, now: datetime) -> bool:
        """Whether what changed cannot be told from the cursor."""
        return (
            self._source.cursor is None
            or self._source.key is None
            or known.held.newest is None
            or asked.columns != known.columns
            or held.rows < known.held.rows
            or now - known.whole_at >= WHOLE_AGAIN
        )

    def _merged(self, known: _Known, asked: Session, held: Held, path: Path, progress: Progress | None) -> bool:
        """Whether the rows known and those that changed since, put together under the key, the newest of each, are as many as there are;
        rows keep their order, new ones come last."""
        assert known.held.newest is not None
        (before,), changed = known.snapshot.files, path.with_name("changed")
        _write(self._source.name, asked.batches(known.held.newest - LATE_SECONDS), asked.columns, changed, progress)
        key = identifier(self._source.key or "")
        place = _unlike(asked.columns)
        told = f"SELECT told.*, row_number() OVER () AS {place} FROM read_parquet(?, hive_partitioning = false) AS told"
        cells = ", ".join(f"merged.{identifier(column)}" for column in asked.columns)
        merged = Query(
            f"WITH known AS ({told}), newer AS ({told})\n"
            f"SELECT {cells} FROM (\n"
            f"SELECT known.*, 0 AS {place}_turn FROM known ANTI JOIN newer ON known.{key} = newer.{key}\n"
            f"UNION ALL BY NAME\n"
            f"SELECT newer.* REPLACE (coalesce(known.{place}, newer.{place}) AS {place}),"
            f" CASE WHEN known.{place} IS NULL THEN 1 ELSE 0 END AS {place}_turn\n"
            f"FROM newer LEFT JOIN known ON known.{key} = newer.{key}\n"
            f") AS merged ORDER BY merged.{place}_turn, merged.{place}",
            (str(before.path), str(changed)),
        )
        engine = Engine([before.path, changed], writable=[path.parent])
        try:
            engine.into_parquet(merged, path)
            (rows,) = engine.row(Query("SELECT count(*) AS n FROM read_parquet(?) AS merged", (str(path),)))
        finally:
            engine.close()
            changed.unlink()
        return int(rows) == held.rows

    def _check_key(self, path: Path) -> None:
        """SourceError where rows share the key, or have none, with the first of those."""
        if self._source.key is None:
            return
        key = f"told.{identifier(self._source.key)}"
        twice = Query(
            f"SELECT {key} AS key FROM read_parquet(?, hive_partitioning = false) AS told"
            f" GROUP BY {key} HAVING count(*) > 1 OR {key} IS NULL ORDER BY {key} NULLS FIRST LIMIT {SHOWN}",
            (str(path),),
        )
        engine = Engine([path])
        try:
            shared = engine.rows(twice)
        finally:
            engine.close()
        if shared:
            found = ["NULL" if value is None else str(value) for (value,) in shared]
            raise SourceError("live.key_twice", source=self._source.name, column=self._source.key, found=found)


def _unlike(columns: tuple[str, ...]) -> str:
    """A name for a place that no column has, alone or with what is put behind it."""
    name = "place"
    while any(column.lower().startswith(name) for column in columns):
        name += "_"
    return name


def _write(
    source: str, batches: Iterator[object], columns: tuple[str, ...], path: Path, progress: Progress | None
) -> None:
    """The batches as one Parquet, one at a time. SourceError where they are more than an upload may bring."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(column, pa.string()) for column in columns])
    most_rows, most_bytes = settings.ROWS_MILLIONS() * 1_000_000, settings.UPLOAD_GIGABYTES() * disk.GIGABYTE
    rows = size = 0
    # Packed lightly: what shrinks too well is taken for a bomb by whoever reads it.
    with pq.ParquetWriter(path, schema, compression="snappy", use_dictionary=False) as writer:
        for batch in batches:
            table = pa.Table.from_batches([batch]).cast(schema)
            rows, size = rows + table.num_rows, size + table.nbytes
            if rows > most_rows:
                raise SourceError(
                    "live.too_many_rows", source=source, variable_of_limit=settings.ROWS_MILLIONS.variable
                )
            if size > most_bytes:
                raise SourceError("live.too_large", source=source, variable_of_limit=settings.UPLOAD_GIGABYTES.variable)
            writer.write_table(table)
            if progress is not None:
                progress(rows)
