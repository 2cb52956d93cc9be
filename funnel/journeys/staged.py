"""What a gathered lead says of the stages of one model, and of its end, as SQL; the definitions stand in `funnel.journeys`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from funnel.core.sql import Paragraph, Query, greatest, identifier, least
from funnel.core.types import Ends
from funnel.journeys.first_last import LOST, STAGE, WON, meaning

NO_TIME = "CAST(NULL AS TIMESTAMP)"


def staged(
    gathered: str,
    stages: int,
    columns: Sequence[str],
    placement: Mapping[str, int],
    concepts: Mapping[str, str],
    numbers: Mapping[str, int],
    ends: Ends,
    *,
    undated: bool,
) -> list[Paragraph]:
    """Paragraphs that end in `staged`, for each lead the `columns` and `moments_of` the numbers, and of each
    stage i first_i and last_i, the times of the first and last entry there (NULL: none), seen_i, and (where `undated`) undated_i;
    latest_at, the greatest of last_i; and first_won_at, last_won_at, seen_won, last_lost_at, seen_lost, reopened_at and back_at, the
    times of the last entry that opens a lost lead again, and that takes a win back, seen_other: that a label was entered which is no
    exit, and undated_won, undated_lost, undated_reopening and undated_back: that such an entry has no time."""
    of_stage = [
        _numbers(numbers, (label for label, position in placement.items() if position == i)) for i in range(stages)
    ]
    of_end = {
        kind: _numbers(numbers, (label for label, concept in concepts.items() if meaning(concept) == kind))
        for kind in (WON, LOST, STAGE)
    }

    selected = [f"gathered.{identifier(column)} AS {identifier(column)}" for column in (*columns, *moments_of(numbers))]
    for position, own in enumerate(of_stage):
        selected += [
            f"{_time(least, 'earliest', own)} AS first_{position}",
            f"{_time(greatest, 'latest', own)} AS last_{position}",
            f"{_seen(own, undated)} AS seen_{position}",
        ]
        if undated:
            selected.append(f"{_any(_undated(number) for number in own)} AS undated_{position}")
    selected += [
        f"{_time(least, 'earliest', of_end[WON])} AS first_won_at",
        f"{_time(greatest, 'latest', of_end[WON])} AS last_won_at",
        f"{_seen(of_end[WON], undated)} AS seen_won",
        f"{_time(greatest, 'latest', of_end[LOST])} AS last_lost_at",
        f"{_seen(of_end[LOST], undated)} AS seen_lost",
        f"{_time(greatest, 'latest', _numbers(numbers, ends.reopening & numbers.keys()))} AS reopened_at",
        f"{_time(greatest, 'latest', _numbers(numbers, ends.before_win & numbers.keys()))} AS back_at",
        f"{_seen([*of_end[WON], *of_end[STAGE]], undated)} AS seen_other",
        *(
            f"{_any(_undated(number) for number in own if undated)} AS undated_{name}"
            for name, own in (
                ("won", of_end[WON]),
                ("lost", of_end[LOST]),
                ("reopening", _numbers(numbers, ends.reopening & numbers.keys())),
                ("back", _numbers(numbers, ends.before_win & numbers.keys())),
            )
        ),
    ]
    latest = greatest([f"at_stages.last_{position}" for position in range(stages)])
    return [
        Paragraph(
            "at_stages",
            Query("SELECT\n    " + ",\n    ".join(selected) + f"\nFROM {identifier(gathered)} AS gathered"),
        ),
        Paragraph("staged", Query(f"SELECT at_stages.*,\n    {latest} AS latest_at\nFROM at_stages")),
    ]


def moments_of(numbers: Mapping[str, int]) -> list[str]:
    """The columns of a gathered table that hold times."""
    return [f"{end}_{number}" for number in sorted(set(numbers.values())) for end in ("earliest", "latest")]


def _came_after(one: str, at: str, other: str, other_at: str) -> str:
    """Whether the last entry of one kind came after that of another, over `staged`. An undated entry is the last one."""
    return f"NOT staged.undated_{other} AND (staged.undated_{one} OR COALESCE(staged.{at} > staged.{other_at}, FALSE))"


OUTCOME = f"""CASE
        WHEN staged.outcome_said IS NOT NULL THEN staged.outcome_said
        WHEN staged.seen_won AND NOT ({_came_after("lost", "last_lost_at", "won", "last_won_at")})
            AND NOT ({_came_after("back", "back_at", "won", "last_won_at")} AND COALESCE(staged.back_at > staged.created_at, TRUE))
            THEN 'won'
        WHEN staged.seen_lost AND (NOT staged.seen_won OR {_came_after("lost", "last_lost_at", "won", "last_won_at")})
            AND NOT ({_came_after("reopening", "reopened_at", "lost", "last_lost_at")}) THEN 'lost'
        ELSE 'open'
    END"""
"""The outcome of a lead, over `staged`; an exit at the moment of a win is no answer to it. That a lead was created after its win is a
wrong date, no way back."""

ENDED_AT = f"""CASE {OUTCOME}
        WHEN 'won' THEN COALESCE(staged.first_won_at, staged.closed_at)
        WHEN 'lost' THEN COALESCE(CASE WHEN NOT staged.undated_lost THEN staged.last_lost_at END, staged.closed_at)
    END"""
"""When it ended: the first win, or the last exit; NULL while it is open, and where the last exit has no time."""


def last_stage(stages: int, *, undated: bool) -> str:
    """The stage of a lead's latest entry, the deepest of equals, over `staged`. An undated entry is where the file says that the lead
    stands now, so it is the last one."""
    dated = _deepest(stages, lambda position: f"staged.last_{position} = staged.latest_at")
    return f"COALESCE({_deepest(stages, lambda position: f'staged.undated_{position}')}, {dated})" if undated else dated


def deepest(stages: int) -> str:
    """The furthest stage where a lead is recorded; 0 where it is at none."""
    return f"COALESCE({_deepest(stages, lambda position: f'staged.seen_{position}')}, 0)"


def any_seen(stages: int) -> str:
    """Whether a lead is recorded at any stage."""
    return _any(f"staged.seen_{position}" for position in range(stages))


def _deepest(stages: int, condition: Callable[[int], str]) -> str:
    cases = " ".join(f"WHEN {condition(position)} THEN {position}" for position in reversed(range(stages)))
    return f"CASE {cases} END"


def _numbers(numbers: Mapping[str, int], labels: Iterable[str]) -> list[int]:
    return sorted({numbers[label] for label in labels})


def _time(choose: Callable[[Sequence[str]], str], name: str, numbers: Sequence[int]) -> str:
    return choose([f"gathered.{name}_{number}" for number in numbers]) if numbers else NO_TIME


def _seen(numbers: Sequence[int], undated: bool) -> str:
    dated = [f"gathered.earliest_{number} IS NOT NULL" for number in numbers]
    return _any([*dated, *(_undated(number) for number in numbers if undated)])


def _undated(number: int) -> str:
    return f"COALESCE(gathered.undated_{number} = 1, FALSE)"


def _any(conditions: Iterable[str]) -> str:
    return " OR ".join(conditions) or "FALSE"
