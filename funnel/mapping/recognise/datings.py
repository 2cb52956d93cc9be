"""Which column of dates plays which part: when a lead was made, when it came to its label, when a table was exported."""

from __future__ import annotations

from collections.abc import Sequence

from funnel.mapping import grammar
from funnel.mapping.headers import is_last_touch, words
from funnel.mapping.profile import Column
from funnel.mapping.recognise.candidates import Candidates
from funnel.mapping.recognise.picks import Picks
from funnel.mapping.source_cells import is_clock
from funnel.mapping.stages import meaning, means_label, named_stage, names_stage, says_of_something_else, stage_dates

VARIES = 0.1
"""From this share of leads on, dates that differ among the lines of a lead say when each line happened."""
WHOLE, MOSTLY = 0.98, 0.9


def happened(column: Column) -> bool:
    """Whether a date's header does not call it a plan."""
    return not grammar.is_planned(column.name)


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
            and grammar.words_of("clocks") & set(grammar.tokens(each.name))
            and each.filled >= MOSTLY * time.filled
            and all(is_clock(value) for value in each.values)
        ),
        None,
    )


def is_log_by_header(found: Candidates) -> bool:
    """Whether a header says of a time that leads moved then (`changed_at`, `event_time`), and none that they were made or closed."""
    moved = [
        each
        for each in found.of("time")
        if grammar.words_of("moving") & set(words(each.name)) and each is not found.changed()
    ]
    return any(each not in found.of("created") for each in moved) and not found.of("created") and not found.of("closed")


def is_series(picks: Picks, lead: Column, time: Column) -> bool:
    """Whether the lines are states written down again and again: one of each lead at each of a few times, or with an until."""
    if grammar.is_validity(time.name):
        return True
    if not grammar.is_snapshot(time.name) and time.distinct > max(2, 0.2 * picks.table.rows):
        return False
    return picks.facts.once_each(lead, time)


def creations(picks: Picks, label: Column | None, closed: Sequence[Column]) -> list[Column]:
    """Columns that say when a lead was made; one named after a stage, among dates of other stages, is of that stage.

    Where no header says it, the only date of a line that is neither a plan nor an end, and hardly ever lies after the end, is it.
    """
    said = [each for each in picks.found.of("created") if happened(each)]
    found = [each for each in said if not means_label(each.name, label)]
    listed = picks.found.listed("created")
    bare = [each for each in found if each not in listed and not grammar.says_date(each.name)]
    if bare and label is None and len(stage_dates(picks.found.happened(), None, picks.taken)) > len(bare):
        # Among dates of stages "Applied" is one of them.
        found = [each for each in found if each not in bare]
    named = [column for column in found if names_stage(column.name)]
    if named:
        others = stage_dates(picks.found.happened(), label, picks.taken | {column.name for column in found})
        found = [column for column in found if column not in named] if len(others) >= 2 else found
    if found or label is None:
        return found
    rows = picks.table.rows
    whole = [each for each in said if each.filled >= WHOLE * rows]
    left = [
        each
        for each in picks.found.happened()
        if each not in closed
        and each.name not in picks.taken
        and each.filled >= MOSTLY * rows
        and not grammar.is_touch(each.name)
        and not grammar.is_period(each.name)
        and not is_last_touch(each.name)
        and not means_label(each.name, label)
        and not names_stage(each.name)
        and not says_of_something_else(each.name)
        and meaning(named_stage(each.name)[0]) is None
    ]
    plain = [each for each in left if grammar.is_bare_date(each.name)]
    timed = [
        each
        for each in picks.found.of("time")
        if each in left and not grammar.words_of("moves") & set(words(each.name))
    ]
    return whole or plain or timed or (left if len(left) == 1 else [])


def since(found: Candidates, created: Column | None) -> Column | None:
    """Since when a lead of a snapshot bears its label: the time of a log's line, where no other date could be meant."""
    times = [each for each in found.of("time") if each not in found.of("created") and not is_last_touch(each.name)]
    times = [each for each in times if happened(each) and not grammar.is_snapshot(each.name)]
    moved = [each for each in times if grammar.words_of("moves") & set(words(each.name))]
    return next(iter(moved if created is not None else [*moved, *times]), None)


def time_of(picks: Picks, dates: Sequence[Column], varying: dict[str, float]) -> Column | None:
    """When the lead entered the label: a known header whose dates differ within leads, then any such dates, then a known header.

    A date of the last change of anything comes only where nothing else differs: it says when the line was written.
    """
    known = [column for column in picks.found.of("time") if column in dates]
    created = [column for column in picks.found.of("created") if column in dates]
    moving = [column for column in [*known, *created] if varying.get(column.name, 0.0) >= VARIES]
    rest = sorted(
        (column for column in dates if varying.get(column.name, 0.0) >= VARIES and not is_last_touch(column.name)),
        key=lambda column: -varying[column.name],
    )
    touched = [column for column in dates if varying.get(column.name, 0.0) >= VARIES]
    # The day of an export, or since when a line holds, comes before whatever else the line says of time.
    stated = [each for each in touched if grammar.is_snapshot(each.name) or grammar.is_valid_from(each.name)]
    ordered = [*moving, *rest, *known]
    return next(iter([*stated, *(each for each in ordered if not is_last_touch(each.name)), *ordered, *touched]), None)
