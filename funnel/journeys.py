"""`journeys`: each lead seen through one model. The one statement of what a funnel is.

A lead has *entries*: it entered a label at a time. A model places labels at stages 0 … k; a label it does not place is not seen.

- **start**: the lead's first entry at any stage of the model. In a snapshot, which has no history, the day it was created.
- **passed** i: the lead entered stage i or any later stage; the time is the earliest of those entries. Moving back never un-reaches.
- **visited** i: the lead entered stage i; the time is its first entry there.
- **in order** i: the first entry at stage 0, then the earliest entry at stage i at or after the counted entry of stage i − 1.
  Entries with equal times are taken in model order. No stage may be skipped.
- **window**: a stage counts if it is reached at most that many days after the start (in order: after the counted entry at
  stage 0). With `Entry.ANY`, any entry at stage 0 may open the window: the one that leads deepest counts, the earliest of equals.
- **outcome**: the file's own outcome column where it says one; else *won* = entered a label that means won and no exit after
  the last such entry; else *lost* = no entry after its last exit; else *open*. Labels that are ignored count for nothing.

`passed` and `visited` follow from the first entry at each stage, so one table serves the three rules and every window; only
`Entry.ANY` with a window needs a table of its own. The SQL keeps to what DuckDB, Spark and ClickHouse share.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping as Pairs

from funnel.engine import Engine
from funnel.nouns import IGNORED, LOST_CONCEPTS, WON_CONCEPT, Entry, StageModel
from funnel.sql import Paragraph, Query, compose, create_table, days, identifier

KEPT_TABLES = 24
HOUSE_COLUMNS = ("lead_id", "account_id", "amount", "currency", "created_at", "closed_at", "outcome_said")


class Journeys:
    """The journeys of one data set, a table for each way of looking that was asked for, built once and kept.

    `concepts` gives the concept of every label of the file. `start_from_created` is for snapshots.
    """

    def __init__(self, engine: Engine, concepts: Pairs[str, str], *, start_from_created: bool) -> None:
        self.engine = engine
        self.concepts = dict(concepts)
        self._start_from_created = start_from_created
        self._tables: OrderedDict[tuple[object, ...], str] = OrderedDict()
        self._built = 0
        self._lock = threading.RLock()
        engine.run(create_table("outcomes", outcomes_query(self.concepts)))

    def table(self, model: StageModel, entry: Entry = Entry.FIRST, window_days: int | None = None) -> str:
        """The name of the journeys table for this model; it has a row for each lead that the model can place.

        Columns: lead_id, account_id, amount, currency, created_at, closed_at, the file's attributes, outcome, ended_at,
        started_at, last_stage, and for each stage i: seen_i (recorded there), first_i (first entry), ordered_i (in order).
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
            self.engine.run(
                create_table(
                    name,
                    journeys_query(
                        places,
                        len(model.stages),
                        attributes,
                        any_window_days=chained,
                        start_from_created=self._start_from_created,
                    ),
                )
            )
            self._built += 1
            self._tables[key] = name
            if len(self._tables) > KEPT_TABLES:
                _, oldest = self._tables.popitem(last=False)
                self.engine.run(Query(f"DROP TABLE IF EXISTS {identifier(oldest)}"))
            return name


def outcomes_query(concepts: Pairs[str, str]) -> Query:
    """Each lead with its outcome: lead_id, outcome, ended_at (won: first win; lost: last exit; open: NULL), recorded_outcome.

    `recorded_outcome` is what the history alone says; it differs from `outcome` where the file's outcome column disagrees.
    """
    meanings = {label: _meaning(concept) for label, concept in concepts.items() if concept != IGNORED}
    ends = """SELECT
    entries.lead_id AS lead_id,
    MAX(CASE WHEN entries.meaning = 'won' THEN 1 ELSE 0 END) AS seen_won,
    MIN(CASE WHEN entries.meaning = 'won' THEN entries.entered_at END) AS first_won_at,
    MAX(CASE WHEN entries.meaning = 'won' THEN entries.entered_at END) AS last_won_at,
    MAX(CASE WHEN entries.meaning = 'lost' THEN 1 ELSE 0 END) AS seen_lost,
    MAX(CASE WHEN entries.meaning = 'lost' THEN entries.entered_at END) AS last_lost_at,
    MAX(CASE WHEN entries.meaning <> 'lost' THEN entries.entered_at END) AS last_stage_at
FROM entries
GROUP BY entries.lead_id"""
    recorded = """SELECT
    ends.lead_id AS lead_id,
    CASE
        WHEN ends.seen_won = 1 AND NOT COALESCE(ends.last_lost_at > ends.last_won_at, FALSE) THEN 'won'
        WHEN ends.seen_lost = 1 AND COALESCE(ends.last_lost_at >= ends.last_stage_at, TRUE) THEN 'lost'
        ELSE 'open'
    END AS recorded_outcome,
    ends.first_won_at AS first_won_at,
    ends.last_lost_at AS last_lost_at
FROM ends"""
    said = """SELECT
    leads.lead_id AS lead_id,
    COALESCE(leads.outcome_said, recorded.recorded_outcome, 'open') AS outcome,
    recorded.recorded_outcome AS recorded_outcome,
    CASE COALESCE(leads.outcome_said, recorded.recorded_outcome, 'open')
        WHEN 'won' THEN COALESCE(recorded.first_won_at, leads.closed_at)
        WHEN 'lost' THEN COALESCE(recorded.last_lost_at, leads.closed_at)
    END AS ended_at
FROM leads
LEFT JOIN recorded ON recorded.lead_id = leads.lead_id"""
    return compose(
        [
            _value_table("meanings", ("label", "meaning"), list(meanings.items())),
            Paragraph("entries", _entries("meanings", "meaning")),
            Paragraph("ends", Query(ends)),
            Paragraph("recorded", Query(recorded)),
        ],
        Query(said),
    )


def journeys_query(
    places: Pairs[str, int],
    stages: int,
    attributes: list[str],
    *,
    any_window_days: int | None,
    start_from_created: bool,
) -> Query:
    """The select behind a journeys table; its columns are those of `Journeys.table`."""
    positions = range(stages)
    paragraphs = [
        _value_table("placement", ("label", "position"), list(places.items())),
        Paragraph("placed", _entries("placement", "position")),
        Paragraph("firsts", _firsts(stages)),
    ]
    if any_window_days is None:
        paragraphs += _ordered_from_first(stages)
    else:
        paragraphs += _ordered_from_any(stages, any_window_days)
    earliest = _least([f"firsts.first_{place}" for place in positions])
    start = (
        f"COALESCE(leads.created_at, {earliest})" if start_from_created else f"COALESCE({earliest}, leads.created_at)"
    )
    latest = _greatest([f"firsts.last_{place}" for place in positions])
    # An undated entry is where the file says the lead stands now, so it is the last one.
    standing = " ".join(f"WHEN firsts.last_{place} = {latest} THEN {place}" for place in reversed(positions))
    columns = [
        *(f"leads.{column} AS {column}" for column in HOUSE_COLUMNS),
        *(f"leads.{identifier(column)} AS {identifier(column)}" for column in attributes),
        "outcomes.outcome AS outcome",
        "outcomes.ended_at AS ended_at",
        f"{start} AS started_at",
        f"COALESCE(firsts.undated_stage, CASE {standing} END) AS last_stage",
        *(f"firsts.seen_{place} = 1 AS seen_{place}" for place in positions),
        *(f"firsts.first_{place} AS first_{place}" for place in positions),
        *(f"ordered.ordered_{place} AS ordered_{place}" for place in positions),
    ]
    joined = """FROM leads
INNER JOIN firsts ON firsts.lead_id = leads.lead_id
INNER JOIN outcomes ON outcomes.lead_id = leads.lead_id
LEFT JOIN ordered ON ordered.lead_id = leads.lead_id"""
    return compose(paragraphs, Query("SELECT\n    " + ",\n    ".join(columns) + "\n" + joined))


def _meaning(concept: str) -> str:
    if concept == WON_CONCEPT:
        return "won"
    return "lost" if concept in LOST_CONCEPTS else "stage"


def _value_table(name: str, columns: tuple[str, str], rows: list[tuple[str, object]]) -> Paragraph:
    """A two-column table of bound values; it has no rows where there are none."""
    left, right = columns
    if not rows:
        kind = "INTEGER" if right == "position" else "VARCHAR"
        return Paragraph(name, Query(f"SELECT CAST(NULL AS VARCHAR) AS {left}, CAST(NULL AS {kind}) AS {right} WHERE FALSE"))
    lines = "\nUNION ALL ".join([f"SELECT ? AS {left}, ? AS {right}"] * len(rows))
    return Paragraph(name, Query(lines, tuple(value for row in rows for value in row)))


def _entries(table: str, column: str) -> Query:
    return Query(
        f"""SELECT history.lead_id AS lead_id, {table}.{column} AS {column}, history.entered_at AS entered_at
FROM history
INNER JOIN {table} ON {table}.label = history.label"""
    )


def _firsts(stages: int) -> Query:
    """For each lead: seen_i (0 or 1), first_i and last_i of each stage, undated_stage (the deepest entry without a time)."""
    columns = ["placed.lead_id AS lead_id"]
    for place in range(stages):
        here = f"CASE WHEN placed.position = {place} THEN"
        columns += [
            f"MAX({here} 1 ELSE 0 END) AS seen_{place}",
            f"MIN({here} placed.entered_at END) AS first_{place}",
            f"MAX({here} placed.entered_at END) AS last_{place}",
        ]
    columns.append("MAX(CASE WHEN placed.entered_at IS NULL THEN placed.position END) AS undated_stage")
    return Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM placed\nGROUP BY placed.lead_id")


def _ordered_from_first(stages: int) -> list[Paragraph]:
    """`ordered`: lead_id, ordered_i. Most leads run forward, so their first entries are already in order (`quick`); only the
    leads that came back to a stage after they had been further (`tangled`) need their entries looked at again."""
    paragraphs = []
    source, kept = "firsts", ["firsts.*", "firsts.first_0 AS quick_0"]
    # Each step needs the one before it by name, so a paragraph adds one column.
    for place in range(1, stages):
        paragraphs.append(Paragraph(f"quick_{place - 1}_known", Query(f"SELECT {', '.join(kept)}\nFROM {source}")))
        source = f"quick_{place - 1}_known"
        kept = [
            f"{source}.*",
            f"CASE WHEN {source}.first_{place} >= {source}.quick_{place - 1} THEN {source}.first_{place} END"
            f" AS quick_{place}",
        ]
    paragraphs.append(Paragraph("quick", Query(f"SELECT {', '.join(kept)}\nFROM {source}")))
    came_back = [
        f"(quick.first_{place} < quick.quick_{place - 1} AND quick.last_{place} >= quick.quick_{place - 1})"
        for place in range(1, stages)
    ]
    tangle = "\n    OR ".join(came_back) or "FALSE"
    paragraphs += [
        Paragraph("tangled", Query(f"SELECT quick.lead_id AS lead_id, quick.first_0 AS reached\nFROM quick\nWHERE {tangle}")),
        Paragraph(
            "tangled_entries",
            Query(
                """SELECT placed.lead_id AS lead_id, placed.position AS position, placed.entered_at AS entered_at
FROM placed
INNER JOIN tangled ON tangled.lead_id = placed.lead_id"""
            ),
        ),
    ]
    before = "tangled"
    for place in range(1, stages):
        paragraphs.append(
            Paragraph(
                f"untangled_{place}",
                Query(
                    f"""SELECT {before}.lead_id AS lead_id, MIN(tangled_entries.entered_at) AS reached
FROM {before}
INNER JOIN tangled_entries ON tangled_entries.lead_id = {before}.lead_id
WHERE tangled_entries.position = {place} AND tangled_entries.entered_at >= {before}.reached
GROUP BY {before}.lead_id"""
                ),
            )
        )
        before = f"untangled_{place}"
    columns = ["quick.lead_id AS lead_id", "quick.first_0 AS ordered_0"]
    joins = ["LEFT JOIN tangled ON tangled.lead_id = quick.lead_id"]
    for place in range(1, stages):
        columns.append(
            f"CASE WHEN tangled.lead_id IS NULL THEN quick.quick_{place} ELSE untangled_{place}.reached END"
            f" AS ordered_{place}"
        )
        joins.append(f"LEFT JOIN untangled_{place} ON untangled_{place}.lead_id = quick.lead_id")
    paragraphs.append(
        Paragraph("ordered", Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM quick\n" + "\n".join(joins)))
    )
    return paragraphs


def _ordered_from_any(stages: int, window_days: int) -> list[Paragraph]:
    """`ordered`: lead_id, ordered_i of the chain that goes deepest within the window of its own entry at stage 0."""
    paragraphs = [
        Paragraph(
            "chain_0",
            Query(
                """SELECT placed.lead_id AS lead_id, placed.entered_at AS opened_at, placed.entered_at AS reached
FROM placed
WHERE placed.position = 0 AND placed.entered_at IS NOT NULL
GROUP BY placed.lead_id, placed.entered_at"""
            ),
        )
    ]
    for place in range(1, stages):
        before = f"chain_{place - 1}"
        paragraphs.append(
            Paragraph(
                f"chain_{place}",
                Query(
                    f"""SELECT {before}.lead_id AS lead_id, {before}.opened_at AS opened_at, MIN(placed.entered_at) AS reached
FROM {before}
INNER JOIN placed ON placed.lead_id = {before}.lead_id
WHERE placed.position = {place}
    AND placed.entered_at >= {before}.reached
    AND placed.entered_at <= {before}.opened_at + {days(window_days)}
GROUP BY {before}.lead_id, {before}.opened_at"""
                ),
            )
        )
    later = range(1, stages)
    columns = ["chain_0.lead_id AS lead_id", "chain_0.opened_at AS ordered_0"]
    columns += [f"chain_{place}.reached AS ordered_{place}" for place in later]
    depth = " + ".join(f"CASE WHEN chain_{place}.reached IS NULL THEN 0 ELSE 1 END" for place in later) or "0"
    columns.append(
        f"ROW_NUMBER() OVER (PARTITION BY chain_0.lead_id ORDER BY {depth} DESC, chain_0.opened_at ASC) AS choice"
    )
    joins = [
        f"LEFT JOIN chain_{place} ON chain_{place}.lead_id = chain_0.lead_id AND chain_{place}.opened_at = chain_0.opened_at"
        for place in later
    ]
    paragraphs += [
        Paragraph("chains", Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM chain_0\n" + "\n".join(joins))),
        Paragraph("ordered", Query("SELECT chains.* FROM chains WHERE chains.choice = 1")),
    ]
    return paragraphs


def _least(expressions: list[str]) -> str:
    return expressions[0] if len(expressions) == 1 else f"LEAST({', '.join(expressions)})"


def _greatest(expressions: list[str]) -> str:
    return expressions[0] if len(expressions) == 1 else f"GREATEST({', '.join(expressions)})"
