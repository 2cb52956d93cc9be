"""Rows of a result under the names of its fields: `--json`, the terminal, a page's table and its CSV print the same ones.

What a field is to people stands in its value: a count is an int, a duration `Days`, a difference of shares `Points`, a share a `Share` or,
with its counts, a `Rate`; a name of ours a `Word`; None is what cannot be said. Which fields people are shown, in which order and under
which heads, the words say: `tables.<name>` of `data/words`. Text of a file is as the file has it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from funnel.core.insights import SMALL_POINTS
from funnel.core.types import Rate
from funnel.words import numeric_days, wording

Cell = str | int | float | date | Rate | list[dict[str, object]] | None
"""What is a list itself, amounts in several currencies, stands in a table as one text."""
Row = dict[str, Cell]


class Days(float):
    """A duration in days."""


class Points(float):
    """A difference of two shares, as a fraction; people read it in percentage points."""


class Share(float):
    """A share as a fraction, of enough to be told; one that may be of too few is a `Rate`."""


class Gain(float):
    """How many more of something, below 0 fewer; people read it with its sign."""


class Chance(float):
    """In which share of cases chance alone does as much; people read it in percent, small ones too."""


class Exact(float):
    """A quantity that is shown with all its digits."""


class Word(str):
    """A name that is not the file's: `--json` has the text, people read the sentence `key` of the words, filled with the `values`."""

    key: str
    values: Mapping[str, object]

    def __new__(cls, text: str, key: str, **values: object) -> Word:
        word = super().__new__(cls, text)
        word.key, word.values = key, values
        return word


def days(value: float | None) -> Days | None:
    """A duration that may not be known."""
    return None if value is None else Days(value)


def share(value: float | None) -> Share | None:
    """A share that may not be known."""
    return None if value is None else Share(value)


def points(value: float | None) -> Points | None:
    """A difference that may not be known."""
    return None if value is None else Points(value)


def chance(value: float | None) -> Chance | None:
    """A chance that may not be known."""
    return None if value is None else Chance(value)


def data(rows: Sequence[Row], without: Collection[str] = ()) -> list[dict[str, object]]:
    """The rows as plain values: a rate is its fraction, a moment text in ISO form. `without`: fields that only a table has."""
    return [{field: _plain(cell) for field, cell in row.items() if field not in without} for row in rows]


def heads(name: str, rows: Sequence[Row], rare: Collection[str] = (), **values: object) -> dict[str, str]:
    """The fields that people see of these rows, each with its head; of the `rare` ones those that some row has anything in."""
    all_heads = wording.heads(name, **values)
    return {field: head for field, head in all_heads.items() if field not in rare or any(row[field] for row in rows)}


def table(
    name: str,
    rows: Sequence[Row],
    rare: Collection[str] = (),
    names: Mapping[str, str] | None = None,
    **values: object,
) -> tuple[list[str], list[list[str]]]:
    """The heads of these rows as plain text, and each row's cells as people read them; `names`: the heads of more fields."""
    head_of = {**heads(name, rows, rare, **values), **(names or {})}
    return [wording.plain(head) for head in head_of.values()], [
        [written(row[field]) for field in head_of] for row in rows
    ]


def bound(rate: Rate, end: float | None) -> Rate:
    """An end of the interval of a share, told where the share itself is."""
    return replace(rate, value=end)


def signed(value: float) -> str:
    """A number with its sign: "+12", "−3.5", "0"."""
    return ("+" if value > 0 else "\u2212" if value < 0 else "") + wording.number(abs(value))


def _plain(cell: Cell) -> object:
    if isinstance(cell, Rate):
        return cell.value
    return cell.isoformat() if isinstance(cell, date) else cell


def written(cell: Cell) -> str:
    """A cell as text for people: a rate of too few as its two counts, amounts with their currencies, a dash of what cannot be said."""
    match cell:
        case None:
            return wording.ABSENT
        case Rate():
            if cell.few and cell.value is not None:
                return wording.say("telling.counts", part=cell.numerator, whole=cell.denominator)
            return wording.percent(cell.value)
        case Share() | Chance():
            return wording.percent(cell)
        case Days():
            return wording.days(cell)
        case Points():
            size = 100 * cell
            return signed(round(size, 1 if abs(size) >= SMALL_POINTS else 2))
        case Gain():
            return signed(round(cell, 1))
        case date():
            return wording.day(cell)
        case bool() | str():
            return text(cell)
        case list():
            sums = [wording.money(each["amount"], str(each["currency"] or "")) for each in cell]
            return wording.listed(sums) or wording.ABSENT
    return wording.number(cell)


def text(cell: bool | str) -> str:
    """What people read of a text, or of yes and no."""
    if isinstance(cell, bool):
        return wording.say("telling.yes" if cell else "telling.no")
    return wording.plain(wording.say(cell.key, **cell.values) if isinstance(cell, Word) else cell)


def beside(texts: Iterable[str]) -> str:
    """Several texts as one: a · b · c."""
    return wording.dotted(texts)


def number(cell: Cell) -> object:
    """A cell of a table that sorts and is exported: numbers as numbers, shares in percent, None of too few to be one; a day of another
    calendar than that of machines as its text."""
    match cell:
        case date():
            return cell if numeric_days.are_common() else numeric_days.written(cell)
        case Rate():
            return None if cell.few or cell.value is None else round(100 * cell.value, 1)
        case Share():
            return round(100 * cell, 1)
        case Points() | Chance():
            return round(100 * cell, 2)
        case Exact():
            return float(cell)
        case float():
            return round(float(cell), 1 if abs(cell) >= 1 else 3)
        case bool() | str():
            return text(cell)
    return cell
