"""`journeys`: each lead seen through one model. The one statement of what a funnel is.

A lead has *entries*: it entered a label at a time. A model places labels at stages 0 … k; a label it does not place is not seen.

- **start**: the lead's first entry at any stage of the model. In a snapshot, which has no history, the day it was created; a
  lead of which a snapshot says only that it is lost has passed the first stage and no other.
- **passed** i: the lead entered stage i or any later stage; the time is the earliest of those entries. Moving back never un-reaches.
- **visited** i: the lead entered stage i; the time is its first entry there.
- **in order** i: the first entry at stage 0, then the earliest entry at stage i at or after the counted entry of stage i − 1.
  Entries with equal times are taken in model order. No stage may be skipped.
- **window**: a stage counts if it is reached at most that many days after the start (in order: after the counted entry at
  stage 0). With `Entry.ANY`, any entry at stage 0 may open the window: the one that leads deepest counts, the earliest of equals.
- **fate** at a stage where a lead counts, what came after its counted arrival: *advanced* to the next stage; *skipped ahead*
  past it; *lost*; *moved back* (open, and now recorded at an earlier stage); *still there*. In order, a lead that is
  recorded further on but not at the next stage in its turn skipped ahead. With a window, what came after it does not count.
- **outcome**: the file's own outcome column where it says one; else *won* = entered a label that means won and no exit after
  the last such entry; else *lost* = no entry at a stage of the model after its last exit; else *open*.

One table serves the three rules and every window; only `Entry.ANY` with a window needs a table of its own. The SQL keeps to
what DuckDB, Spark and ClickHouse share.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping as Pairs

from funnel.engine import Engine
from funnel.journeys.build import HOUSE_COLUMNS, journeys_query, work_tables
from funnel.journeys.fates import COLUMN_OF_RULE, FATES, fate
from funnel.journeys.outcomes import ends_query
from funnel.nouns import Entry, StageModel
from funnel.sql import Query, create_table, drop_table

__all__ = ["COLUMN_OF_RULE", "FATES", "HOUSE_COLUMNS", "Journeys", "fate"]

KEPT_TABLES = 24


class Journeys:
    """The journeys of one data set, a table for each way of looking that was asked for, built once and kept.

    `concepts` gives the concept of every label of the file. `start_from_created` is for snapshots.
    """

    def __init__(self, engine: Engine, concepts: Pairs[str, str], *, start_from_created: bool) -> None:
        self.engine = engine
        self.concepts = dict(concepts)
        self.start_from_created = start_from_created
        self._tables: OrderedDict[tuple[object, ...], str] = OrderedDict()
        self._built = 0
        self._lock = threading.RLock()
        (undated,) = engine.row(Query("SELECT COUNT(*) - COUNT(history.entered_at) AS entries FROM history"))
        self._undated = undated > 0
        engine.run(create_table("ends", ends_query(self.concepts, all_labels=start_from_created)))

    def table(self, model: StageModel, entry: Entry = Entry.FIRST, window_days: int | None = None) -> str:
        """The name of the journeys table for this model; it has a row for each lead that the model can place.

        Columns: lead_id, account_id, amount, currency, created_at, closed_at, the file's attributes, outcome, ended_at,
        started_at, last_stage, deepest (the furthest stage recorded), and for each stage i: seen_i (recorded there), the
        times first_i, passed_i and ordered_i (NULL where not reached or the moment is unknown), and the fates first_fate_i,
        passed_fate_i and ordered_fate_i.
        """
        places = model.placement(self.concepts)
        chained = window_days if entry is Entry.ANY else None
        key = (len(model.stages), tuple(sorted(places.items())), chained)
        with self._lock:
            if key in self._tables:
                self._tables.move_to_end(key)
                return self._tables[key]
            name = f"journeys_{self._built}"
            attributes = [column for column, _ in self.engine.columns("leads") if column not in HOUSE_COLUMNS]
            stages = len(model.stages)
            final = journeys_query(stages, attributes, start_from_created=self.start_from_created)
            steps = [*work_tables(places, stages, any_window_days=chained, undated=self._undated), (name, final)]
            for table, query in steps:
                self.engine.run(create_table(table, query))
            for table, _ in steps[:-1]:
                self.engine.run(drop_table(table))
            self._built += 1
            self._tables[key] = name
            if len(self._tables) > KEPT_TABLES:
                _, oldest = self._tables.popitem(last=False)
                self.engine.run(drop_table(oldest))
            return name
