"""After the first win: how many accounts buy again and by when, and what they bring beside their first purchase.

What a win, a purchase and a landing are stands in `expansion_wins`. An account is followed from the day of its landing up to the last day
observed: a young one has had less time to buy again, and counts for as long as it was watched.

- **Second win by day**: Kaplan–Meier from the landing to the day of the next purchase. Who has not bought again waits.
- **Repeat purchases**, and **repeat value** in each currency: the mean cumulative function (`mean_cumulative`), per account that landed in
  that currency. What such accounts buy in another currency is counted apart, and is no part of it; so is an account that landed in several
  currencies, or without an amount. *Per 100 landed* are the repeats per 100 of what the accounts were landed with.
- The **plain** sum ÷ accounts stands beside: it takes who landed yesterday for one who does not come again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from funnel.core.contracts import ContractColumns
from funnel.core.errors import QuestionError
from funnel.core.period_sql import first_day
from funnel.core.rows import Row, Word, bound
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import ByDay, Calendar, Note, Period, Question, Rate, Unknown
from funnel.journeys import Journeys
from funnel.measures.cohorts import COHORT, DAYS, cohort_cell
from funnel.measures.curves import POINTS, Curve, curve
from funnel.measures.expansion_types import LaterWins, later_wins
from funnel.measures.expansion_value import LeftOut, Repeats, repeat_rows, repeats_of
from funnel.measures.expansion_wins import AccountWins, account_wins
from funnel.measures.statistics.incidence import by_day, from_outset, incidence
from funnel.measures.statistics.rates import wilson
from funnel.measures.targets import check_days


@dataclass(frozen=True)
class Landing:
    """The accounts that landed in one quarter: `start` is its first day (None: all of them); `again` of them have bought a second time so
    far; `by_day` says what share has by each day, were all followed that long."""

    start: date | None
    accounts: int
    again: Rate
    followed_days: int
    by_day: tuple[ByDay, ...]

    def on(self, day: int) -> ByDay | None:
        """What is known of a day; None where it was not asked for."""
        return next((each for each in self.by_day if each.day == day), None)


@dataclass(frozen=True)
class Expansion:
    """What became of accounts after their first win. `days` are those of each by_day; `landings` are by quarter, the oldest first, `whole`
    is all of them; `curves` are theirs in the same order, `curve` that of all. `types` are the later wins by type, where the file says."""

    question: Question
    as_of: date
    days: tuple[int, ...]
    landings: tuple[Landing, ...]
    whole: Landing
    curves: tuple[Curve, ...]
    curve: Curve
    repeats: int
    purchases: Repeats
    values: tuple[Repeats, ...]
    types: tuple[LaterWins, ...]
    left_out: LeftOut
    sql: str

    @property
    def notes(self) -> tuple[Note, ...]:
        """From when on a customer is known, what stands in no number, and why."""
        return (Note("measures.expansion_before"), *self.left_out.notes)

    @property
    def answer(self) -> Note:
        """How many of 100 customers buy again within a year, as a title; where that is not known, how many have so far."""
        year = self.whole.on(365)
        if not self.whole.accounts:
            return Note("measures.expansion_nobody")
        if year is None or year.rate is None or self.whole.again.few:
            counts = {"again": self.whole.again.numerator, "accounts": self.whole.accounts}
            return Note("measures.expansion_so_far", counts)
        return Note("measures.expansion_year", {"rate": year.rate})

    def rows(self) -> list[Row]:
        """A row for each quarter of landing, all together last, and day: how many accounts, and what share had bought again by then."""
        return [
            row for landing in (*self.landings, self.whole) for row in _landing_rows(landing, self.question.calendar)
        ]

    def value_rows(self) -> list[Row]:
        """A row for what is counted (purchases, then each currency) and day: what an account brings beside its landing by then."""
        return [row for each in (self.purchases, *self.values) for row in repeat_rows(each)]


def _landing_rows(landing: Landing, calendar: Calendar) -> list[Row]:
    start = cohort_cell(landing.start, Period.QUARTER, calendar)
    rows: list[Row] = []
    for each in landing.by_day:
        rate = Rate(each.converted, landing.accounts, each.rate, each.low, each.high)
        rows.append(
            {
                "start": start,
                "accounts": landing.accounts,
                "again": landing.again.numerator,
                "day": each.day,
                "converted": each.converted,
                "rate": rate,
                "low": bound(rate, each.low),
                "high": bound(rate, each.high),
                "old_enough": each.old_enough,
                "unknown": each.unknown and Word(each.unknown.value, "measures.expansion_not_yet"),
            }
        )
    return rows


def expansion(
    journeys: Journeys,
    question: Question,
    days: Sequence[int] = DAYS,
    columns: ContractColumns = ContractColumns(),  # noqa: B008 (frozen)
) -> Expansion:
    """What became of accounts after their first win; rule, window and unit of the question change nothing. `columns` may name the one that
    says the types of sales, which is found by its header else.

    QuestionError where the file has no accounts, or no date up to which it observes, and where a day is not from 0 to LONGEST_DAY.
    """
    asked_days = tuple(sorted(set(days)))
    until = check_days(question, asked_days)
    if not _has_accounts(journeys):
        raise QuestionError("errors.expansion_no_accounts")
    found = account_wins(journeys, question, until)
    landings, curves, sql = _second_wins(journeys, question.calendar, found, asked_days)
    purchases, values, left_out, value_sql = repeats_of(journeys, found, asked_days)
    types, types_sql = later_wins(journeys, found, columns)
    return Expansion(
        question=question,
        as_of=until.date(),
        days=asked_days,
        landings=landings[:-1],
        whole=landings[-1],
        curves=curves[:-1],
        curve=curves[-1],
        repeats=int(purchases.total),
        purchases=purchases,
        values=values,
        types=types,
        left_out=left_out,
        sql=";\n\n".join(filter(None, (found.sql, sql, value_sql, types_sql))),
    )


def _has_accounts(journeys: Journeys) -> bool:
    text = "SELECT COUNT(leads.account_id) > 0 AS some FROM leads"
    return journeys.once(("accounts",), lambda: bool(journeys.engine.row(Query(text))[0]))


def _second_wins(
    journeys: Journeys, calendar: Calendar, found: AccountWins, days: Sequence[int]
) -> tuple[tuple[Landing, ...], tuple[Curve, ...], str]:
    """The landings of each quarter and of all, and their curves."""
    quarter = first_day("accounts.landed_on", Period.QUARTER, calendar)
    quarters = f"""SELECT UNNEST([{quarter}, NULL]) AS cohort,
    accounts.follow_up AS follow_up, accounts.again_on IS NOT NULL AS again,
    COALESCE(DATE_DIFF('day', accounts.landed_on, accounts.again_on), accounts.follow_up) AS day"""
    watched = Paragraph("watched", Query(f"{quarters}\nFROM {identifier(found.accounts)} AS accounts"))
    spans = """SELECT watched.cohort AS cohort, watched.day AS day, COUNT(*) FILTER (WHERE watched.again) AS converted,
    COUNT(*) FILTER (WHERE NOT watched.again) AS waiting
FROM watched
GROUP BY watched.cohort, watched.day"""
    points = compose(
        [
            watched,
            Paragraph("spans", Query(spans)),
            from_outset("spans", (COHORT,), gone=None),
            *incidence("tallies", (COHORT,)),
        ],
        Query(POINTS.format(group="incidences.cohort")),
    )
    columns = [
        "COUNT(*) AS accounts",
        "COUNT(*) FILTER (WHERE watched.again) AS again",
        "MAX(watched.follow_up) AS followed",
    ]
    for index, day in enumerate(days):
        by_then = f"watched.again AND watched.day <= {int(day)}"
        columns += [
            f"COUNT(*) FILTER (WHERE {by_then}) AS by_{index}",
            f"COUNT(*) FILTER (WHERE watched.follow_up >= {int(day)}) AS old_{index}",
            f"COUNT(*) FILTER (WHERE watched.follow_up >= {int(day)} AND {by_then}) AS mature_{index}",
        ]
    listed = ",\n    ".join(columns)
    text = f"SELECT watched.cohort AS cohort,\n    {listed}\nFROM watched\nGROUP BY watched.cohort"
    counts = compose([watched], Query(text))
    rows_of: dict[date | None, list[dict[str, Any]]] = {}
    for row in journeys.engine.named(points):
        rows_of.setdefault(row["cohort"], []).append(row)
    counted = {row["cohort"]: row for row in journeys.engine.named(counts)}
    starts: list[date | None] = [*sorted(start for start in counted if start is not None), None]
    landings = tuple(_landing(start, counted.get(start), rows_of.get(start, []), days) for start in starts)
    curves = tuple(curve(start, rows_of.get(start, [])) for start in starts)
    return landings, curves, f"{points.readable()};\n\n{counts.readable()}"


def _landing(
    start: date | None, row: dict[str, Any] | None, points: Sequence[dict[str, Any]], days: Sequence[int]
) -> Landing:
    if row is None:
        none = (
            by_day(day, None, None, converted=0, old_enough=0, old_converted=0, unknown=Unknown.AGE) for day in days
        )
        return Landing(start, 0, wilson(0, 0), 0, tuple(none))
    each_day = []
    for index, day in enumerate(days):
        last = max((point for point in points if point["day"] <= day), key=lambda point: point["day"], default=None)
        each_day.append(
            by_day(
                day,
                last["rate"] if last else None,
                last["variance"] if last else None,
                converted=row[f"by_{index}"],
                old_enough=row[f"old_{index}"],
                old_converted=row[f"mature_{index}"],
                unknown=None if row[f"old_{index}"] else Unknown.AGE,
            )
        )
    return Landing(start, row["accounts"], wilson(row["again"], row["accounts"]), row["followed"], tuple(each_day))
