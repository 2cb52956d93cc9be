"""Leads by the month in which they started, or came to a stage, before and after a day: how many converted within so many days.

A month that the day splits is two: what came before it, and what came from it on. Where a change concerned some of the leads alone, those
*inside* are told from all others by its conditions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from funnel.core.errors import QuestionError
from funnel.core.period_sql import first_day
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Between, Contrast, OneOf, Period, Question, Rate
from funnel.journeys import Journeys, local_time
from funnel.measures.population.population import in_question, meets
from funnel.measures.population.states import CONVERTED, day_of, fate_of
from funnel.measures.statistics import account_sums, clustered
from funnel.measures.statistics.account_sums import NOBODY, AccountSums
from funnel.measures.statistics.differences import contrast
from funnel.measures.statistics.rates import wilson
from funnel.measures.targets import MOST_UNTIMED, Target, followed, started_within, to_next, to_win, whatever_dates

Where = tuple[OneOf | Between, ...]
BEFORE, AFTER = False, True
_FLAGS = ("among", "reached", "young", "untimed", "left_out", "converted")


class Cell(NamedTuple):
    """Leads of one cohort on one side of the day, inside or outside: those old enough (`among`), those of them that converted in time
    (`reached`); those not old enough, of an unknown moment, and left out by the gap are in neither."""

    among: int = 0
    reached: int = 0
    young: int = 0
    untimed: int = 0
    left_out: int = 0
    converted: int = 0

    def plus(self, other: Cell) -> Cell:
        """Both together."""
        return Cell(*(one + more for one, more in zip(self, other, strict=True)))


@dataclass(frozen=True)
class Counts:
    """The cohorts by (first day of the month, whether after), `inside` and `outside`; the sums by account of a side by (inside, after),
    None where no account holds several leads. `first` and `last` are the days between which leads came; `undated` came on no day known."""

    inside: dict[tuple[date, bool], Cell]
    outside: dict[tuple[date, bool], Cell]
    sums: dict[tuple[bool, bool], AccountSums] | None
    first: date | None
    last: date | None
    undated: int
    sql: str

    def contrast(self, *, inside: bool) -> Contrast:
        """Those that came after the day against those before, as two periods are."""
        if self.sums is not None:
            after, before = (self.sums.get((inside, side), NOBODY) for side in (AFTER, BEFORE))
            return clustered.contrast_apart(after, before)
        cells = self.inside if inside else self.outside
        return contrast(self._rate(cells, AFTER), self._rate(cells, BEFORE))

    def _rate(self, cells: dict[tuple[date, bool], Cell], after: bool) -> Rate:
        side = [cell for (_, later), cell in cells.items() if later is after]
        return wilson(sum(cell.reached for cell in side), sum(cell.among for cell in side))


def counted(
    journeys: Journeys, question: Question, position: int | None, day: date, within_days: int, gap: bool, only: Where
) -> Counts:
    """The counts of the step from a stage to the next, by the day of coming there, or (`position` None) of the win, by the day of the
    start; the question's own dates are those days. With a `gap`, those that came in the `within_days` before the day are left out.

    QuestionError where too many converted at a moment that the file does not tell.
    """
    several = account_sums.several(journeys, question)
    columns = tuple(dict.fromkeys(condition.column for condition in only))
    target = to_win(question) if position is None else to_next(journeys, question, position)
    table = _entered(journeys, question, target, position, columns, several=several)
    grouped = _grouped(question, table, day, within_days, gap, only, columns, several=several)
    flags = ",\n    ".join(f"COUNT(*) FILTER (WHERE grouped.{flag}) AS {flag}" for flag in _FLAGS)
    last = f"""SELECT grouped.month AS month, grouped.after AS after, grouped.inside AS inside,
    MIN(grouped.entered_on) AS first_day, MAX(grouped.entered_on) AS last_day,
    {flags}
FROM grouped
GROUP BY grouped.month, grouped.after, grouped.inside"""
    query = compose([Paragraph("grouped", grouped)], Query(last))
    rows = journeys.engine.named(query)
    cells: dict[bool, dict[tuple[date, bool], Cell]] = {True: {}, False: {}}
    for row in rows:
        cells[row["inside"]][row["month"], row["after"]] = Cell(*(row[flag] for flag in _FLAGS))
    _check_timed(cells)
    sql = f"{journeys.statement(table)};\n\n{query.readable()}"
    sums = None
    if several:
        by_account = _by_account(grouped)
        sums = {
            (bool(row["kind"]), row["cell"]): account_sums.sums_of(row) for row in journeys.engine.named(by_account)
        }
        sql = f"{sql};\n\n{by_account.readable()}"
    return Counts(
        inside=cells[True],
        outside=cells[False],
        sums=sums,
        first=min((row["first_day"] for row in rows), default=None),
        last=max((row["last_day"] for row in rows), default=None),
        undated=_undated(journeys, question, position),
        sql=sql,
    )


def _entered(
    journeys: Journeys,
    question: Question,
    target: Target,
    position: int | None,
    columns: tuple[str, ...],
    *,
    several: bool,
) -> str:
    """A kept table of the leads on the way to the target, whatever the question's dates: entered_on (by the lead's own clock), state (see
    `Target.state`), follow_up, value_0 …, account."""
    undated = whatever_dates(question)
    moment, joined = "followed.started_local", ""
    if position is not None:
        moment, joined = local_time("followed.lead_id", f"followed.time_{position}", "arriving", journeys.local_times)
    selected = [
        f"CAST({moment} AS DATE) AS entered_on",
        f"CAST({target.state} AS INTEGER) AS state",
        f"CAST({target.follow_up} AS INTEGER) AS follow_up",
        *(f"followed.{identifier(column)} AS value_{index}" for index, column in enumerate(columns)),
        *[f"{account_sums.account_of('followed')} AS account"] * several,
    ]
    select = Query("SELECT " + ",\n    ".join(selected) + f"\nFROM followed{joined}\nWHERE {target.among}")
    return journeys.keep(
        "entered",
        (undated, target, columns, several),
        lambda: compose(followed(journeys, undated, columns), select),
    )


def _grouped(
    question: Question,
    table: str,
    day: date,
    within_days: int,
    gap: bool,
    only: Where,
    columns: Sequence[str],
    *,
    several: bool,
) -> Query:
    """A row a lead: its month, its side, and what of it counts."""
    fate, reached_on = fate_of("entered.state"), day_of("entered.state")
    converted = f"{fate} = {CONVERTED}"
    untimed = f"{converted} AND {reached_on} IS NULL"
    old = f"entered.follow_up >= {int(within_days)}"
    gap_from = day - timedelta(days=within_days) if gap else day
    straddles = "entered.entered_on >= ? AND entered.entered_on < ?"
    met = [meets(condition, f"entered.value_{columns.index(condition.column)}") for condition in only]
    inside = " AND ".join(each.text for each in met) or "TRUE"
    where = started_within(question)
    text = f"""SELECT {first_day("marked.entered_on", Period.MONTH, question.calendar)} AS month, marked.entered_on AS entered_on,
    marked.after AS after, marked.inside AS inside, {"marked.account AS account, " * several}
    NOT marked.straddles AND NOT marked.untimed AND marked.old AS among,
    NOT marked.straddles AND NOT marked.untimed AND marked.old AND marked.in_time AS reached,
    NOT marked.straddles AND NOT marked.untimed AND NOT marked.old AS young,
    NOT marked.straddles AND marked.untimed AS untimed,
    marked.straddles AS left_out,
    NOT marked.straddles AND marked.converted AS converted
FROM (
    SELECT entered.*, entered.entered_on >= ? AS after, {straddles} AS straddles, COALESCE({inside}, FALSE) AS inside,
        {converted} AS converted, {untimed} AS untimed, {old} AS old,
        COALESCE({converted} AND {reached_on} <= {int(within_days)}, FALSE) AS in_time
    FROM {identifier(table)} AS entered
    WHERE {where.text.replace("followed.started_on", "entered.entered_on")}
) AS marked"""
    return Query(text, (day, gap_from, day, *(value for each in met for value in each.values), *where.values))


def _by_account(grouped: Query) -> Query:
    held = """SELECT CAST(grouped.inside AS INTEGER) AS kind, grouped.after AS cell, grouped.account AS account, COUNT(*) AS leads,
    COUNT(*) FILTER (WHERE grouped.reached) AS converted
FROM grouped
WHERE grouped.among
GROUP BY grouped.inside, grouped.after, grouped.account"""
    more, last = account_sums.summed("held")
    return compose([Paragraph("grouped", grouped), Paragraph("held", Query(held)), *more], last)


def _check_timed(cells: dict[bool, dict[tuple[date, bool], Cell]]) -> None:
    """QuestionError where more than MOST_UNTIMED of a side's conversions have no moment, as for two periods."""
    for side in (BEFORE, AFTER):
        total = Cell()
        for kind in cells.values():
            for (_, later), cell in kind.items():
                total = total.plus(cell) if later is side else total
        if total.untimed > MOST_UNTIMED * total.converted:
            raise QuestionError("errors.untimed", untimed=total.untimed, converted=total.converted)


def _undated(journeys: Journeys, question: Question, position: int | None) -> int:
    """How many were there on no day that is known."""
    unknown = "counted.started_at IS NULL"
    if position is not None:
        unknown = f"counted.reached_{position} AND counted.time_{position} IS NULL"
    query = Query(f"SELECT COUNT(*) AS leads FROM counted WHERE {unknown}")
    return int(journeys.engine.row(compose(in_question(journeys, question), query))[0])
