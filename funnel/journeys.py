"""`journeys`: each lead seen through one model. The one statement of what a funnel is.

A lead has *entries*: it entered a label at a time. A model places labels at stages 0 … k; a label it does not place is not seen.

- **start**: the lead's first entry at any stage of the model. In a snapshot, which has no history, the day it was created.
- **passed** i: the lead entered stage i or any later stage; the time is the earliest of those entries. Moving back never un-reaches.
- **visited** i: the lead entered stage i; the time is its first entry there.
- **in order** i: the first entry at stage 0, then the earliest entry at stage i at or after the counted entry of stage i − 1.
  Entries with equal times are taken in model order. No stage may be skipped.
- **window**: a stage counts if it is reached at most that many days after the start (in order: after the counted entry at
  stage 0). With `Entry.ANY`, any entry at stage 0 may open the window: the one that leads deepest counts, the earliest of equals.
- **fate** at a stage where a lead counts, what came after its counted arrival: *advanced* to the next stage; *skipped ahead*
  past it; *lost*; *moved back* (not lost, and now recorded at an earlier stage); *still there*. In order, a lead that is
  recorded further on but not at the next stage in its turn skipped ahead. With a window, what came after it does not count.
- **outcome**: the file's own outcome column where it says one; else *won* = entered a label that means won and no exit after
  the last such entry; else *lost* = no entry after its last exit; else *open*. Labels that are ignored count for nothing.

One table serves the three rules and every window; only `Entry.ANY` with a window needs a table of its own. The SQL keeps to
what DuckDB, Spark and ClickHouse share.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping as Pairs

from funnel.engine import Engine
from funnel.nouns import IGNORED, LOST_CONCEPTS, WON_CONCEPT, Entry, Rule, StageModel
from funnel.sql import Paragraph, Query, compose, create_table, days, identifier

KEPT_TABLES = 24
FATES = ("advanced", "skipped_ahead", "lost", "moved_back", "still_there")
"""The parts of a stage's ledger; in SQL a fate is its place in this tuple plus 1, and 0 where the lead does not count."""
COLUMN_OF_RULE = {Rule.PASSED: "passed", Rule.VISITED: "first", Rule.IN_ORDER: "ordered"}
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
        started_at, last_stage, and for each stage i: seen_i (recorded there), the times first_i, passed_i and ordered_i (NULL
        where not reached or the moment is unknown), and the fates first_fate_i, passed_fate_i and ordered_fate_i.
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
    earliest = _least([f"ordered.first_{place}" for place in positions])
    start = (
        f"COALESCE(leads.created_at, {earliest})" if start_from_created else f"COALESCE({earliest}, leads.created_at)"
    )
    latest = _greatest([f"ordered.last_{place}" for place in positions])
    # An undated entry is where the file says the lead stands now, so it is the last one.
    standing = " ".join(f"WHEN ordered.last_{place} = {latest} THEN {place}" for place in reversed(positions))
    columns = [
        *(f"leads.{column} AS {column}" for column in HOUSE_COLUMNS),
        *(f"leads.{identifier(column)} AS {identifier(column)}" for column in attributes),
        "outcomes.outcome AS outcome",
        "outcomes.ended_at AS ended_at",
        f"{start} AS started_at",
        f"COALESCE(ordered.undated_stage, CASE {standing} END) AS last_stage",
    ]
    for place in positions:
        later = [f"ordered.first_{other}" for other in range(place, stages)]
        columns += [
            f"ordered.seen_{place} = 1 AS seen_{place}",
            f"ordered.first_{place} AS first_{place}",
            f"{_least(later)} AS passed_{place}",
            f"ordered.ordered_{place} AS ordered_{place}",
        ]
    joined = """FROM leads
INNER JOIN ordered ON ordered.lead_id = leads.lead_id
INNER JOIN outcomes ON outcomes.lead_id = leads.lead_id"""
    paragraphs.append(Paragraph("timed", Query("SELECT\n    " + ",\n    ".join(columns) + "\n" + joined)))
    fates = [
        f"{fate('timed', rule, place, stages)} AS {column}_fate_{place}"
        for rule, column in COLUMN_OF_RULE.items()
        for place in positions
    ]
    return compose(paragraphs, Query("SELECT\n    timed.*,\n    " + ",\n    ".join(fates) + "\nFROM timed"))


def fate(row: str, rule: Rule, place: int, stages: int, window_days: int | None = None, ready: bool = False) -> str:
    """The SQL expression of a journey's fate at one stage under a rule and a window.

    `row` has the columns of a journeys table, or (`ready`) reached_i and time_i in their place, as `measures.counted` makes them.
    """
    column = COLUMN_OF_RULE[rule]
    limit = None
    if window_days is not None:
        opened = f"{row}.started_at"
        if rule is Rule.IN_ORDER:
            opened = f"{row}.time_0" if ready else f"{row}.ordered_0"
        limit = f"{opened} + {days(window_days)}"

    def time(other: int) -> str:
        return f"{row}.time_{other}" if ready else f"{row}.{column}_{other}"

    def reached(other: int) -> str:
        if ready:
            return f"{row}.reached_{other}"
        if limit is not None:
            return f"COALESCE({time(other)} <= {limit}, FALSE)"
        if rule is Rule.IN_ORDER:
            return f"{time(other)} IS NOT NULL"
        if rule is Rule.VISITED:
            return f"{row}.seen_{other}"
        return "(" + " OR ".join(f"{row}.seen_{further}" for further in range(other, stages)) + ")"

    later = range(place + 1, stages)
    if not later:
        advanced = beyond = "FALSE"
    elif rule is Rule.PASSED:
        beyond = reached(place + 1)
        first = f"{row}.first_{place + 1}"
        advanced = f"{beyond} AND {row}.seen_{place + 1} AND COALESCE({first} = {time(place + 1)}, TRUE)"
    elif rule is Rule.VISITED:
        advanced = reached(place + 1)
        beyond = " OR ".join(reached(other) for other in later)
    else:
        advanced = reached(place + 1)
        within = "" if limit is None else " AND {first} <= " + limit
        signs = [
            f"COALESCE({row}.first_{other} >= {time(place)}{within.format(first=f'{row}.first_{other}')}, FALSE)"
            for other in later
        ]
        if limit is None:
            signs.append(f"{row}.last_stage > {place}")
        beyond = " OR ".join(signs)
    lost = f"{row}.outcome = 'lost'" + ("" if limit is None else f" AND {row}.ended_at <= {limit}")
    return (
        f"CASE WHEN NOT ({reached(place)}) THEN 0 WHEN {advanced} THEN 1 WHEN {beyond} THEN 2"
        f" WHEN {lost} THEN 3 WHEN {row}.last_stage < {place} THEN 4 ELSE 5 END"
    )


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
    """`ordered`: the columns of `firsts`, and ordered_i.

    Most leads run forward, so their first entries are already in order; only the leads that came back to a stage after they
    had been further (`tangled`) need their entries looked at again.
    """
    source, kept = "firsts", "firsts.*, firsts.first_0 AS ordered_0"
    paragraphs = []
    # Each stage needs the one before it by name, so each paragraph adds one stage.
    for place in range(1, stages):
        step = f"chained_{place - 1}"
        paragraphs.append(Paragraph(step, Query(f"SELECT {kept}\nFROM {source}")))
        before, first, last = f"{step}.ordered_{place - 1}", f"{step}.first_{place}", f"{step}.last_{place}"
        kept = (
            f"{step}.*,\n    CASE WHEN {first} >= {before} THEN {first} END AS ordered_{place},"
            f"\n    COALESCE({first} < {before} AND {last} >= {before}, FALSE) AS came_back_{place}"
        )
        source = step
    came_back = " OR ".join(f"chained.came_back_{place}" for place in range(1, stages)) or "FALSE"
    paragraphs += [
        Paragraph("chained", Query(f"SELECT {kept}\nFROM {source}")),
        Paragraph("tangled", Query(f"SELECT chained.*\nFROM chained\nWHERE {came_back}")),
        Paragraph(
            "tangled_entries",
            Query(
                """SELECT placed.lead_id AS lead_id, placed.position AS position, placed.entered_at AS entered_at
FROM placed
INNER JOIN tangled ON tangled.lead_id = placed.lead_id"""
            ),
        ),
        Paragraph("untangled_0", Query("SELECT tangled.lead_id AS lead_id, tangled.ordered_0 AS reached\nFROM tangled")),
    ]
    for place in range(1, stages):
        before = f"untangled_{place - 1}"
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
    columns = _first_columns(stages)
    straight = [f"chained.{column} AS {column}" for column in [*columns, *_numbered("ordered", stages)]]
    resolved = [f"tangled.{column} AS {column}" for column in columns]
    resolved += [f"untangled_{place}.reached AS ordered_{place}" for place in range(stages)]
    joins = [
        f"LEFT JOIN untangled_{place} ON untangled_{place}.lead_id = tangled.lead_id" for place in range(stages)
    ]
    both = (
        f"SELECT {', '.join(straight)}\nFROM chained\nWHERE NOT ({came_back})\nUNION ALL\n"
        f"SELECT {', '.join(resolved)}\nFROM tangled\n" + "\n".join(joins)
    )
    return [*paragraphs, Paragraph("ordered", Query(both))]


def _ordered_from_any(stages: int, window_days: int) -> list[Paragraph]:
    """`ordered`: the columns of `firsts`, and ordered_i of the chain that goes deepest within the window of its own entry at
    stage 0."""
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
    depth = " + ".join(f"CASE WHEN chain_{place}.reached IS NULL THEN 0 ELSE 1 END" for place in later) or "0"
    columns = [
        "chain_0.lead_id AS lead_id",
        "chain_0.opened_at AS ordered_0",
        *(f"chain_{place}.reached AS ordered_{place}" for place in later),
        f"ROW_NUMBER() OVER (PARTITION BY chain_0.lead_id ORDER BY {depth} DESC, chain_0.opened_at ASC) AS choice",
    ]
    joins = [
        f"LEFT JOIN chain_{place} ON chain_{place}.lead_id = chain_0.lead_id AND chain_{place}.opened_at = chain_0.opened_at"
        for place in later
    ]
    kept = [f"firsts.{column} AS {column}" for column in _first_columns(stages)]
    kept += [f"chains.{column} AS {column}" for column in _numbered("ordered", stages)]
    best = "LEFT JOIN chains ON chains.lead_id = firsts.lead_id AND chains.choice = 1"
    return [
        *paragraphs,
        Paragraph("chains", Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM chain_0\n" + "\n".join(joins))),
        Paragraph("ordered", Query(f"SELECT {', '.join(kept)}\nFROM firsts\n{best}")),
    ]


def _first_columns(stages: int) -> list[str]:
    return ["lead_id", "undated_stage", *(c for name in ("seen", "first", "last") for c in _numbered(name, stages))]


def _numbered(name: str, stages: int) -> list[str]:
    return [f"{name}_{place}" for place in range(stages)]


def _least(expressions: list[str]) -> str:
    return expressions[0] if len(expressions) == 1 else f"LEAST({', '.join(expressions)})"


def _greatest(expressions: list[str]) -> str:
    return expressions[0] if len(expressions) == 1 else f"GREATEST({', '.join(expressions)})"
