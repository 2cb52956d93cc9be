"""Which column of dates plays which part: when a lead was made, when it came to its label, when a table was exported."""

from __future__ import annotations

import re
from collections.abc import Sequence

from funnel.mapping import dated_headers, grammar
from funnel.mapping.headers import is_last_touch
from funnel.mapping.labels import label_concepts
from funnel.mapping.profile import Column
from funnel.mapping.recognise.candidates import Candidates
from funnel.mapping.recognise.picks import Picks
from funnel.mapping.source_cells import is_clock
from funnel.mapping.stages import means_label, named_stage, names_stage, says_of_something_else, stage_dates

VARIES = 0.1
"""From this share of leads on, dates that differ among the lines of a lead say when each line happened."""
WHOLE, MOSTLY = 0.98, 0.9
_TIME_OF_DAY = re.compile(r"[ T](?!0?0:00(?::00(?:[.,]0+)?)?(?!\d))\d{1,2}:\d\d")


def happened(column: Column) -> bool:
    """Whether a date's header does not call it a plan."""
    return not dated_headers.is_planned(column.name)


def clock_of(picks: Picks, time: Column) -> Column | None:
    """The column that holds the time of day of a log whose dates have none: "Date" beside "Time", both of the same lines."""
    if not time.values or any(":" in value for value in time.values):
        return None
    return next(
        (
            each
            for each in picks.table.columns
            if each is not time
            and each.name not in picks.taken
            and grammar.says(each.name, "clocks")
            and each.filled >= MOSTLY * time.filled
            and all(is_clock(value) for value in each.values)
        ),
        None,
    )


def is_log_by_header(candidates: Candidates) -> bool:
    """Whether a header says of a time that leads moved then (`changed_at`, `event_time`), and none that they were made or closed."""
    moved = [
        each
        for each in candidates.of("time")
        if grammar.spells(each.name, "moving") and each is not candidates.changed()
    ]
    return (
        any(each not in candidates.of("created") for each in moved)
        and not candidates.of("created")
        and not candidates.of("closed")
    )


def is_series(picks: Picks, lead: Column, time: Column) -> bool:
    """Whether the lines are states written down again and again: one of each lead at each of a few times, or with an until."""
    if grammar.says(time.name, "valid_from", "valid_to"):
        return True
    if not dated_headers.is_snapshot(time.name) and time.distinct > max(2, 0.2 * picks.table.rows):
        return False
    return picks.facts.once_each(lead, time)


def creations(picks: Picks, label: Column | None, closed: Sequence[Column]) -> list[Column]:
    """Columns that say when a lead was made; one named after a stage, among dates of other stages, is of that stage.

    Where no header says it, the only date of a line that is neither a plan nor an end, and hardly ever lies after the end, is it.
    """
    headed = [each for each in picks.candidates.of("created") if happened(each)]
    columns = [each for each in headed if not means_label(each.name, label)]
    listed = picks.candidates.listed("created")
    bare = [
        each for each in columns if each not in listed and not grammar.heads("date") & set(grammar.tokens(each.name))
    ]
    if bare and label is None and len(stage_dates(picks.candidates.happened(), None, picks.taken)) > len(bare):
        # Among dates of stages "Applied" is one of them.
        columns = [each for each in columns if each not in bare]
    named = [column for column in columns if names_stage(column.name)]
    if named:
        others = stage_dates(picks.candidates.happened(), label, picks.taken | {column.name for column in columns})
        columns = [column for column in columns if column not in named] if len(others) >= 2 else columns
    if columns or label is None:
        # When the lines were loaded, "created at" may say too.
        return sorted(columns, key=_loaded)
    rows = picks.table.rows
    whole = [each for each in headed if each.filled >= WHOLE * rows]
    left = [
        each
        for each in picks.candidates.happened()
        if each not in closed
        and each.name not in picks.taken
        and each.filled >= MOSTLY * rows
        and not dated_headers.is_touch(each.name)
        and not dated_headers.is_stage_change(each.name)
        and not grammar.says(each.name, "periods")
        and not is_last_touch(each.name)
        and not means_label(each.name, label)
        and not names_stage(each.name)
        and not says_of_something_else(each.name)
        and label_concepts.end(named_stage(each.name)[0]) is None
    ]
    plain = [each for each in left if dated_headers.is_bare_date(each.name)]
    timed = [each for each in picks.candidates.of("time") if each in left and not grammar.spells(each.name, "moves")]
    return whole or plain or timed or (left if len(left) == 1 else [])


def _loaded(column: Column) -> bool:
    """Whether a time is rather that of loads of many lines at once: a time of day, not midnight, that half of the lines share."""
    return column.distinct <= column.filled / 2 and all(_TIME_OF_DAY.search(value) for value in column.values)


def since(candidates: Candidates, created: Column | None) -> Column | None:
    """Since when a lead of a snapshot bears its label: the time of a log's line, where no other date could be meant."""
    times = [
        each for each in candidates.of("time") if each not in candidates.of("created") and not is_last_touch(each.name)
    ]
    times = [each for each in times if happened(each) and not dated_headers.is_snapshot(each.name)]
    moved = [each for each in times if grammar.spells(each.name, "moves")]
    return next(iter(moved if created is not None else [*moved, *times]), None)


def time_of(picks: Picks, dates: Sequence[Column], varying: dict[str, float]) -> Column | None:
    """When the lead entered the label: a known header whose dates differ within leads, then any such dates, then a known header.

    A date of the last change of anything comes only where nothing else differs: it says when the line was written.
    """
    headed = [column for column in picks.candidates.of("time") if column in dates]
    created = [column for column in picks.candidates.of("created") if column in dates]
    moving = [column for column in [*headed, *created] if varying.get(column.name, 0.0) >= VARIES]
    rest = sorted(
        (column for column in dates if varying.get(column.name, 0.0) >= VARIES and not is_last_touch(column.name)),
        key=lambda column: -varying[column.name],
    )
    touched = [column for column in dates if varying.get(column.name, 0.0) >= VARIES]
    # The day of an export, or since when a line holds, comes before whatever else the line says of time.
    stated = [each for each in touched if dated_headers.is_snapshot(each.name) or grammar.says(each.name, "valid_from")]
    ordered = [*moving, *rest, *headed]
    return next(iter([*stated, *(each for each in ordered if not is_last_touch(each.name)), *ordered, *touched]), None)
