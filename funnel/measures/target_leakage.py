"""Columns that know the outcome: filled in only once it is there, like a reason of loss. They would lead every list of differences."""

from __future__ import annotations

from collections import Counter, defaultdict

from funnel.core.types import FEWEST_FOR_A_RATE, Outcome
from funnel.measures.cells import Cell, Single

TELLING = 0.1
BY_CHANCE = 1e-6
RARE = object()


def tells(single: Single) -> bool:
    """Whether a column knows an outcome: it is filled in only of leads of one outcome; or who guesses by its values, for one of won,
    lost and open, errs a tenth as often as who guesses without. Values that tell by themselves are not looked at again: without
    them, something to compare has to be left."""
    values = _by_value(single)
    every = sum(values.values(), Counter[str]())
    filled = sum((each for cell, each in values.items() if cell is not None), Counter[str]())
    if any(_only(filled, every, outcome) for outcome in Outcome):
        return True
    telling_cells = tells_by_itself(single)
    rest = {cell: each for cell, each in values.items() if cell not in telling_cells}
    if telling_cells and len(rest) < 2:
        return True
    # Rare values are looked at as one: each by itself would know the outcome of its few leads by chance.
    groups: defaultdict[object, Counter[str]] = defaultdict(Counter)
    for cell, each in rest.items():
        groups[cell if each.total() >= FEWEST_FOR_A_RATE else RARE].update(each)
    left = sum(groups.values(), Counter[str]())
    for outcome in Outcome:
        blind = min(left[outcome], left.total() - left[outcome])
        errors = sum(min(each[outcome], each.total() - each[outcome]) for each in groups.values())
        if blind and errors <= TELLING * blind:
            return True
    return False


def tells_by_itself(single: Single) -> list[Cell]:
    """The values (None: empty) of which all leads are won, or all are open, and that can be no chance: an account that is filled in
    only once a deal is worked on. All lost is no such sign: that a segment never wins is a difference."""
    values = _by_value(single)
    every = sum(values.values(), Counter[str]())
    return [
        cell for cell, each in values.items() if _only(each, every, Outcome.WON) or _only(each, every, Outcome.OPEN)
    ]


def _by_value(single: Single) -> dict[Cell, Counter[str]]:
    """How many leads of each value have which outcome."""
    values: defaultdict[Cell, Counter[str]] = defaultdict(Counter)
    for (cell, outcome), (leads, _) in single.items():
        values[cell][outcome] += leads
    return values


def _only(some: Counter[str], every: Counter[str], outcome: Outcome) -> bool:
    """Whether all of some leads have one outcome, which so many would not have by chance."""
    return some[outcome] == some.total() and no_chance(some.total(), every[outcome], every.total())


def no_chance(leads: int, those: int, every: int) -> bool:
    """Whether so many `leads`, all of one outcome that `those` of `every` have, are more than chance would bring together."""
    return FEWEST_FOR_A_RATE <= leads < every and (those / every) ** leads < BY_CHANCE
