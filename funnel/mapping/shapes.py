"""What one row of a table is, and which column plays which part in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from funnel.engine import Engine
from funnel.errors import MappingError
from funnel.mapping.headers import dialect_of, is_last_touch, squashed, words
from funnel.mapping.nouns import PARTS, UNUSED, Hints, Source, StageDate
from funnel.mapping.outcomes import is_flag
from funnel.mapping.profile import Column, Table
from funnel.mapping.roles import Candidates
from funnel.mapping.stages import closes, meaning, means_label, named_stage, names_stage, noun, stage_dates
from funnel.mapping.template import fill
from funnel.nouns import Shape
from funnel.sql import identifier

ENTRIES_WORTH_MORE = {Shape.CHANGES: 50, Shape.HISTORY: 40, Shape.WIDE: 30, Shape.SNAPSHOT: 20}
LEADS_ONLY = 5
"""The worth of a table that has ids and nothing else that a funnel can use."""
CHECKED_LINES = 300_000
VARIES = 0.1
_NAME_WORDS = {"name", "title", "subject", "lead", "deal", "opportunity", "название", "nome", "nombre", "email"}
_MOVE_WORDS = {"stage", "status", "change", "changed", "entered", "moved", "transition", "transitioned"}
_PLAIN_IDS = {"id", "recordid", "rowid", "eventid", "activityid", "changeid", "historyid", "logid", "event"}


@dataclass(frozen=True)
class Understood:
    """A table as a source, with how much it is worth as the one that says what the leads are."""

    source: Source
    worth: float
    table: Table
    dialect: str | None


class _Picks:
    """The columns of one table given to parts, one part each; what a person said comes first."""

    def __init__(self, engine: Engine, table: Table, hints: Hints) -> None:
        self.engine = engine
        self.table = table
        self.found = Candidates(table, dialect_of(table))
        self.parts: dict[str, Column] = {}
        by_header = {squashed(column.name): column for column in reversed(table.columns)}
        self.said: dict[str, Column | None] = {}
        for part in PARTS:
            header = hints.part(part)
            if header == UNUSED:
                self.said[part] = None
            elif header is not None and (table.by_name.get(header) or squashed(header) in by_header):
                self.said[part] = table.by_name.get(header) or by_header[squashed(header)]

    @property
    def taken(self) -> set[str]:
        held = {column.name for column in self.parts.values()}
        return held | {column.name for column in self.said.values() if column is not None}

    def give(self, part: str, candidates: Sequence[Column]) -> Column | None:
        """The column of a part: as said, else the first candidate that plays no other part."""
        column = (
            self.said[part]
            if part in self.said
            else next((each for each in candidates if each.name not in self.taken), None)
        )
        if column is not None:
            self.parts[part] = column
        return column


def understand(engine: Engine, table: Table, hints: Hints) -> Understood | None:
    """The table as a source of leads, in the likeliest shape (or the one said); None where it has no column of ids."""
    picks = _Picks(engine, table, hints)
    lead = picks.give("lead", _leads(picks, hints))
    by_content = lead is None and "lead" not in picks.said
    if by_content:
        lead = picks.give("lead", picks.found.leads_by_content())
    if lead is None:
        return None
    shaped = _changes(picks, hints) or _history(picks, hints, lead)
    if shaped is None and by_content:
        # Values that come again are ids only where they tell one story each.
        return None
    shaped = shaped or _one_row_each(picks, hints, lead)
    source, bonus = shaped
    worth = ENTRIES_WORTH_MORE[source.shape] + bonus
    return Understood(source, worth, table, picks.found.dialect.name if picks.found.dialect else None)


def source_of(picks: _Picks, shape: Shape, **more: tuple[StageDate, ...] | tuple[str, ...]) -> Source:
    return Source(
        view=picks.table.view,
        names=tuple(raw.name for raw in picks.table.raws),
        columns=tuple(column.name for column in picks.table.columns),
        shape=shape,
        parts={part: column.name for part, column in picks.parts.items()},
        **more,  # type: ignore[arg-type]
    )


def _leads(picks: _Picks, hints: Hints) -> list[Column]:
    """Ids, likeliest first. In a log whose first id is that of its own lines, the id that repeats comes first."""
    # A column that says the same everywhere tells no lead from another.
    found = sorted(picks.found.leads(), key=lambda column: column.distinct < 2)
    if not found:
        named = [column for column in picks.table.columns if set(words(column.name)) & _NAME_WORDS]
        return [column for column in named if column.numbers < 0.5 and picks.table.unique(picks.engine, column)]
    if len(found) < 2 or squashed(found[0].name) not in _PLAIN_IDS or not picks.table.unique(picks.engine, found[0]):
        return found
    logged = picks.found.of("time") or picks.found.of("field")
    repeating = [column for column in found[1:] if column.distinct < 0.9 * column.filled]
    return [*repeating, *found] if logged and repeating else found


def _changes(picks: _Picks, hints: Hints) -> tuple[Source, float] | None:
    found = picks.found
    if hints.shape not in (None, Shape.CHANGES):
        return None
    if hints.shape is None and not (
        (picks.said.get("field") or found.of("field")) and (picks.said.get("label") or found.of("new_value"))
    ):
        return None
    field = picks.give("field", found.of("field"))
    value = picks.give("label", [*found.of("new_value"), *(found.labels() if hints.shape else [])])
    time = picks.give("time", [*found.of("time"), *found.of("created"), *found.dates()])
    if hints.shape is Shape.CHANGES:
        _required(picks, {"label": value, "time": time})
    if value is None or time is None or (field is None and hints.shape is None):
        for part in ("field", "label", "time"):
            picks.parts.pop(part, None)
        return None
    picks.give("old", found.of("old_value"))
    return source_of(picks, Shape.CHANGES), 0.0


def _history(picks: _Picks, hints: Hints, lead: Column) -> tuple[Source, float] | None:
    found, table, engine = picks.found, picks.table, picks.engine
    wanted = hints.shape is Shape.HISTORY
    if hints.shape not in (None, Shape.HISTORY):
        return None
    repeats = not table.unique(engine, lead)
    old = picks.said.get("old") or next(iter([*found.of("from_label"), *found.of("old_value")]), None)
    moves = found.of("new_value") if old is not None else []
    label = picks.said.get("label") or next(
        (each for each in [*moves, *found.labels()] if each not in (lead, old)), None
    )
    dates = [column for column in found.dates() if column.filled and column.name != lead.name]
    varying = _varying(engine, table, lead, dates) if repeats else {}
    if label is None and repeats and dates and len(table.raws) == 1 and "label" not in picks.said:
        label = _changing(engine, table, lead, found.labels_by_content())
    constant_label = label is None and len(table.raws) > 1 and len(dates) > 0 and "label" not in picks.said
    time = picks.said.get("time") or _time(picks, dates, varying)
    if wanted:
        _required(picks, {"label": label or (lead if constant_label else None), "time": time})
    if time is None or (label is None and not constant_label):
        return None
    strong = time in found.of("time") and time not in found.of("created") and time is not found.changed()
    if not wanted and not constant_label:
        moves_in_time = repeats and (varying.get(time.name, 0.0) >= VARIES or strong)
        alone = strong and not found.of("closed") and not found.of("created")
        if not (moves_in_time or (alone and label is not None)):
            return None
    if label is not None:
        picks.parts["label"] = label
    picks.parts["time"] = time
    if old is not None and old is not label:
        picks.parts["old"] = old
    others = [column for column in dates if column is not time and not is_last_touch(column.name)]
    twin = next((each for each in others if varying.get(each.name, 0.0) >= VARIES), None)
    start = found.start([time, *others]) if twin is not None and "time" not in picks.said else None
    if start is not None and twin is not None:
        later = time if start is not time else next((each for each in found.of("exited") if each is not time), twin)
        _two_times(picks, start, later)
    still = [column for column in found.of("created") if varying.get(column.name, 0.0) < VARIES]
    picks.give("created", still)
    picks.give("closed", found.of("closed"))
    _common(picks, [column for column in found.outcomes() if column is not label])
    names = tuple(raw.name for raw in table.raws) if constant_label else ()
    # A log of calls and meetings looks like a history too: a list of leads that says their stage in words tells more.
    guessed = label is not None and "label" not in picks.said and not found.is_label_by_header(label)
    return source_of(picks, Shape.HISTORY, constant=names), (0.0 if repeats else -12.0) - (20.0 if guessed else 0.0)


def _two_times(picks: _Picks, start: Column, later: Column) -> None:
    """A log with two times is about being entered at the first. With *from* and *to* it is a list of stays: from, from when,
    to, until when; then each line's entry is *from*, and where some lines have no *from*, *to* at the later time."""
    old = picks.parts.get("old")
    if old is None:
        picks.parts |= {"time": start, "end": later}
    elif min(old.filled, start.filled) >= 0.95 * picks.table.rows:
        target = picks.parts["label"]
        picks.parts |= {"label": old, "time": start, "target": target, "until": later}
        del picks.parts["old"]
    else:
        picks.parts["time"] = later


def _time(picks: _Picks, dates: Sequence[Column], varying: dict[str, float]) -> Column | None:
    """When the lead entered the label: a known header whose dates differ within leads, then any such dates, then a known header."""
    known = [column for column in picks.found.of("time") if column.filled]
    created = [column for column in picks.found.of("created") if column.filled]
    moving = [column for column in [*known, *created] if varying.get(column.name, 0.0) >= VARIES]
    rest = sorted(
        (column for column in dates if varying.get(column.name, 0.0) >= VARIES and not is_last_touch(column.name)),
        key=lambda column: -varying[column.name],
    )
    # What each line of a log says it was updated at is when the line was written.
    touched = [column for column in dates if varying.get(column.name, 0.0) >= VARIES]
    return next(iter([*moving, *rest, *known, *touched]), None)


def _changing(engine: Engine, table: Table, lead: Column, candidates: Sequence[Column]) -> Column | None:
    """The column that differs within most leads, if it does within half of those with several lines."""
    varying = _varying(engine, table, lead, candidates)
    best = max(candidates, key=lambda column: varying[column.name], default=None)
    return best if best is not None and varying[best.name] >= 0.5 else None


def _one_row_each(picks: _Picks, hints: Hints, lead: Column) -> tuple[Source, float]:
    found = picks.found
    outcomes = found.outcomes()
    wide_wanted = hints.shape is Shape.WIDE
    plain = [column for column in found.labels() if column not in outcomes]
    # A column of yes and no says how leads ended; as a label it would only read "1" and "0".
    label = picks.give("label", [*plain, *(column for column in outcomes if not is_flag(column))])
    outcome = picks.give("outcome", [column for column in outcomes if column is not label])
    created = picks.give("created", _creations(picks, label))
    # Where a line is a lead, the time that a person names is since when it bears its label; without a label, one more date.
    since = picks.said.pop("time", None) if label is not None else None
    picks.said.pop("time", None)
    changed = since or found.changed() or _since(found, created)
    if changed is not None and changed.name not in picks.taken:
        picks.parts["changed"] = changed
    picks.give("closed", [column for column in found.of("closed") if closes(column.name)])
    said = {squashed(header): text for header, text in hints.stage_dates}
    if said:
        dated = tuple(
            StageDate(column.name, said[squashed(column.name)], meaning(said[squashed(column.name)]) or "")
            for column in picks.table.columns
            if squashed(column.name) in said
        )
    else:
        dated = () if hints.shape is Shape.SNAPSHOT and label is None else stage_dates(found, label, picks.taken)
    _common(picks, [])
    stages = len({each.label for each in dated if meaning(each.label) != "lost"})
    # A snapshot may date one of its labels; several dated stages make a file wide.
    wide = wide_wanted or (stages >= 1 and label is None) or stages >= 2
    if wide_wanted and not dated:
        raise _missing(picks, "stage_dates")
    if hints.shape is Shape.SNAPSHOT and label is None and outcome is None:
        raise _missing(picks, "label")
    shape = Shape.WIDE if wide and hints.shape is not Shape.SNAPSHOT else Shape.SNAPSHOT
    if label is None and created is not None and (outcome is not None or dated or shape is Shape.SNAPSHOT):
        dated = (_made(picks, created, lead), *dated) if _lacks_entry(picks, dated) else dated
    elif shape is Shape.WIDE and created is not None and _lacks_entry(picks, dated):
        dated = (_made(picks, created, lead), *dated)
    source = source_of(picks, shape, stage_dates=dated)
    told = [each for each in dated if not each.made]
    if not told and label is None and outcome is None:
        return source, LEADS_ONLY - ENTRIES_WORTH_MORE[shape]
    return source, (3.0 if dated or created else 0.0) - (6.0 if label is None and len(told) < 2 else 0.0)


def _creations(picks: _Picks, label: Column | None) -> list[Column]:
    """Columns that say when a lead was made; one named after a stage, among dates of other stages, is of that stage."""
    found = [column for column in picks.found.of("created") if not means_label(column.name, label)]
    named = [column for column in found if names_stage(column.name)]
    if not named:
        return found
    others = stage_dates(picks.found, label, picks.taken | {column.name for column in found})
    return [column for column in found if column not in named] if len(others) >= 2 else found


def _since(found: Candidates, created: Column | None) -> Column | None:
    """Since when a lead of a snapshot bears its label: the time of a log's line, where no other date could be meant."""
    times = [each for each in found.of("time") if each not in found.of("created") and not is_last_touch(each.name)]
    moved = [each for each in times if _MOVE_WORDS & set(words(each.name))]
    return next(iter(moved if created is not None else [*moved, *times]), None)


def _made(picks: _Picks, created: Column, lead: Column) -> StageDate:
    label, concept = named_stage(created.name) if names_stage(created.name) else noun(lead.name)
    return StageDate(created.name, label, concept, made=True)


def _lacks_entry(picks: _Picks, dated: Sequence[StageDate]) -> bool:
    """Whether some leads would be nowhere in the file's own stages although it says when they came."""
    rows = max(picks.table.rows, 1)
    return not any(picks.table.by_name[each.column].filled >= 0.95 * rows for each in dated)


def _common(picks: _Picks, outcomes: Sequence[Column]) -> None:
    found = picks.found
    if "outcome" not in picks.parts:
        picks.give("outcome", outcomes)
    for part in ("amount", "currency", "account", "owner", "pipeline"):
        picks.give(part, found.of(part))


def _varying(engine: Engine, table: Table, lead: Column, dates: Sequence[Column]) -> dict[str, float]:
    """For each column, the share of leads with several lines in which it differs; long tables are looked at in part."""
    if not dates:
        return {}
    part = max(1, table.rows // CHECKED_LINES)
    cells = [f"raw.{identifier(column.name)}" for column in dates]
    measured = ", ".join(
        f"AVG(CAST(MIN({cell}) <> MAX({cell}) AS INTEGER)) OVER () AS v{i}" for i, cell in enumerate(cells)
    )
    query = fill(
        "SELECT {measured} FROM {view} AS raw WHERE {id} IS NOT NULL AND hash({id}) % {part} = 0"
        " GROUP BY {id} HAVING COUNT(*) > 1 LIMIT 1",
        measured=measured,
        view=identifier(table.view),
        id=f"raw.{identifier(lead.name)}",
        part=str(part),
    )
    shares = engine.rows(query) or [(0.0,) * len(dates)]
    return {column.name: float(share or 0.0) for column, share in zip(dates, shares[0], strict=True)}


def _required(picks: _Picks, parts: dict[str, Column | None]) -> None:
    for part, column in parts.items():
        if column is None:
            raise _missing(picks, part)


def _missing(picks: _Picks, part: str) -> MappingError:
    headers = ", ".join(column.name for column in picks.table.columns[:30])
    return MappingError(f"mapping.no_{part}", file=picks.table.name, headers=headers)
