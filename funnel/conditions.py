"""What a person asks of a column → a condition in the column's own terms: numbers as numbers, dates as dates, a yes as the file says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from funnel.core.engine import Engine
from funnel.core.errors import QuestionError
from funnel.core.sql import Query, identifier
from funnel.core.types import Between, OneOf, Value
from funnel.mapping.build.accounts import spelling
from funnel.mapping.cells.dates import DateColumn, read_dates
from funnel.mapping.outcomes import says_no, says_yes
from funnel.measures.population.population import meets

NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")
MOMENTS = ("DATE", "TIMESTAMP")
ACCOUNT = "account_id"
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?", re.ASCII)
_BLANKS = re.compile(r"[\s'\u2019]")
_WITH_COMMAS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_WITH_DOTS = re.compile(r"[-+]?\d{1,3}(\.\d{3})+(,\d+)?", re.ASCII)
_DECIMAL = re.compile(r"[-+]?\d*[.,]\d+|[-+]?\d+([eE][-+]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Conditions:
    """Conditions on the columns of `leads`, whose types are `kinds`. `at_start` names the column that holds the values at the start
    of another; `date_order` is what was said by hand of dates that read two ways. `joined`: accounts of several spellings became one."""

    engine: Engine
    kinds: Mapping[str, str]
    at_start: Mapping[str, str]
    as_of: datetime
    date_order: str | None = None
    joined: bool = False

    def read(self, column: str, wanted: object) -> OneOf | Between:
        """A value, a list of values, or a (low, high) pair on a column of numbers or dates; QuestionError where a value is none that
        such a column can hold."""
        if isinstance(wanted, tuple) and self._is_range(column, wanted):
            low, high = (None if side is None else self._side(column, side) for side in wanted)
            return self._range(Between(column, low, high))
        many = list(wanted) if isinstance(wanted, list | tuple | set | frozenset) else [wanted]
        return OneOf(column, tuple(dict.fromkeys(each for value in many for each in self._values(column, value))))

    def settled(self, condition: OneOf | Between) -> OneOf | Between:
        """The same condition in the column's own terms; one that stands in them already comes out as it is."""
        if isinstance(condition, Between):
            return self._range(condition)
        return self.read(condition.column, list(condition.values))

    def _is_range(self, column: str, pair: tuple[object, ...]) -> bool:
        sides = [side for side in pair if side is not None]
        if len(pair) != 2 or not sides:
            return False
        if self._is_number(column) or self._is_moment(column):
            return True
        if all(isinstance(side, int | float | date) and not isinstance(side, bool) for side in sides):
            return True
        moments = [moment(side) for side in sides if isinstance(side, str)]
        return len(moments) == len(sides) and None not in moments and self._dates(column) is not None

    def _side(self, column: str, side: object) -> float | date:
        if self._is_number(column):
            return self._number(column, side)
        if isinstance(side, int | float) and not self._is_moment(column):
            return side
        return self._moment(column, side)

    def _range(self, condition: Between) -> OneOf | Between:
        """A range of dates on a column of text is a list of those of its texts that are read as dates of that range."""
        dated = any(isinstance(side, date) for side in (condition.low, condition.high))
        texts = self._dated(condition) if dated and not self._is_moment(condition.column) else ()
        return OneOf(condition.column, texts) if texts else condition

    def _values(self, column: str, value: object) -> Sequence[Value | None]:
        if value is None:
            return (None,)
        if self._is_number(column):
            return (self._number(column, value),)
        if self._is_moment(column):
            return (self._moment(column, value),)
        if isinstance(value, bool):
            met = (says_yes if value else says_no)(Query("cells.said"))
            return self._texts(column, _trimmed, met) or (str(value).lower(),)
        if isinstance(value, int | float):
            return self._texts(column, _cast, meets(OneOf(column, (value,)), "cells.said")) or (_plain(value),)
        day = value if isinstance(value, date) else moment(str(value))
        if day is None or (isinstance(value, str) and self._has(column, value)):
            return self._spelt(column, str(value))
        return self._dated(Between(column, day, day)) or (str(value),)

    def _spelt(self, column: str, text: str) -> Sequence[Value | None]:
        """A text as the leads have it: an account that the file spells so too stands there under another spelling."""
        if column != ACCOUNT or not self.joined or self._has(column, text):
            return (text,)
        same = f"{spelling('leads.account_id')} = {spelling('asked.said')}"
        query = (
            f"SELECT DISTINCT leads.account_id FROM leads, (SELECT CAST(? AS VARCHAR) AS said) AS asked WHERE {same}"
        )
        return tuple(account for (account,) in self.engine.rows(Query(query, (text,)))) or (text,)

    def _dated(self, condition: Between) -> tuple[str, ...]:
        """The texts of a column that are read as dates of a range."""
        return self._texts(condition.column, self._as_date, meets(condition, "cells.said"))

    def _as_date(self, column: str) -> Query:
        read = self._dates(column)
        if read is None:
            return Query("CAST(NULL AS TIMESTAMP)")
        if read.ambiguous:
            raise QuestionError("errors.two_dates", column=column, example=read.examples[0][0])
        return read.expression

    def _texts(self, column: str, reading: Callable[[str], Query], met: Query) -> tuple[str, ...]:
        """The texts of a column, now or at the start, of which something holds; `reading` is what the condition calls cells.said."""
        texts: set[str] = set()
        for name in self._columns(column):
            read = reading(name)
            text = f"""SELECT DISTINCT cells.cell AS cell
FROM (SELECT CAST(raw.{identifier(name)} AS VARCHAR) AS cell, {read.text} AS said FROM leads AS raw) AS cells
WHERE cells.cell IS NOT NULL AND {met.text}"""
            texts |= {cell for (cell,) in self.engine.rows(Query(text, (*read.values, *met.values)))}
        return tuple(sorted(texts))

    def _columns(self, column: str) -> list[str]:
        """The columns of `leads` that hold its values: the latest, and where they changed those at the start."""
        return [column, *([self.at_start[column]] if column in self.at_start else [])]

    def _dates(self, column: str) -> DateColumn | None:
        return read_dates(self.engine, "leads", column, order=self.date_order, as_of=self.as_of)

    def _number(self, column: str, value: object) -> float:
        if isinstance(value, int | float):
            return int(value) if isinstance(value, bool) else value
        readings = numbers(str(value))
        if len(readings) > 1:
            # "27,550": whichever of the two a lead has.
            readings = [each for each in readings if self._has(column, each)] or readings
        if len(readings) != 1:
            key = "errors.two_numbers" if readings else "errors.no_number"
            raise QuestionError(key, column=column, found=str(value))
        return readings[0]

    def _moment(self, column: str, value: object) -> date:
        day = value if isinstance(value, date) else moment(str(value))
        if day is None:
            raise QuestionError("errors.no_date", column=column, found=str(value))
        return day

    def _has(self, column: str, value: Value) -> bool:
        """Whether a lead has this value, now or at the start."""
        wanted = OneOf(column, (value,))
        met = [meets(wanted, f"leads.{identifier(name)}") for name in self._columns(column)]
        text = f"SELECT COUNT(*) AS leads FROM leads WHERE {' OR '.join(each.text for each in met)}"
        return bool(self.engine.row(Query(text, tuple(value for each in met for value in each.values)))[0])

    def _is_number(self, column: str) -> bool:
        return self.kinds.get(column, "").startswith(NUMBERS)

    def _is_moment(self, column: str) -> bool:
        return self.kinds.get(column, "").startswith(MOMENTS)


def numbers(text: str) -> list[float]:
    """The numbers that a text can mean, however its thousands and its decimals are marked: "27 550", "27,550.00", "27.550,00"; two of
    "27,550", and none of what is no number."""
    bare = _BLANKS.sub("", text)
    readings = []
    if _DECIMAL.fullmatch(bare):
        readings.append(float(bare.replace(",", ".")))
    if _WITH_COMMAS.fullmatch(bare):
        readings.append(float(bare.replace(",", "")))
    elif _WITH_DOTS.fullmatch(bare) and not _DECIMAL.fullmatch(bare):
        readings.append(float(bare.replace(".", "").replace(",", ".")))
    return list(dict.fromkeys(readings))


def moment(text: str) -> date | None:
    """The day, or the moment, that a text in ISO form names; None of any other text."""
    bare = text.strip()
    if not _ISO.fullmatch(bare):
        return None
    try:
        return date.fromisoformat(bare) if len(bare) == len("2024-05-06") else datetime.fromisoformat(bare)
    except ValueError:
        return None


def _plain(value: float) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _trimmed(column: str) -> Query:
    return Query(f"TRIM(raw.{identifier(column)})")


def _cast(column: str) -> Query:
    return Query(f"TRY_CAST(raw.{identifier(column)} AS DOUBLE)")
