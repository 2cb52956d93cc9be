"""Month by month: what came in, what was won and lost, and what is open then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from funnel.core.period_sql import first_day
from funnel.core.rows import Row
from funnel.core.sql import Paragraph, Query, compose
from funnel.core.types import Period, Question
from funnel.journeys import Journeys, local_time
from funnel.measures.population.population import in_question


@dataclass(frozen=True)
class Month:
    """A month, by its first day: leads that started in it, those that were won and lost in it, and those `open` at its end."""

    first: date
    came: int
    won: int
    lost: int
    open: int


@dataclass(frozen=True)
class Pipeline:
    """The months in which anything happened, oldest first. `open` of the last one is that of the moment up to which the file observes,
    and where that lies inside of it the month is `unfinished`.

    Of the leads counted, `undated` have no start and `untimed` ended at a moment that the file does not tell: no month has them.
    """

    question: Question
    months: tuple[Month, ...]
    unfinished: date | None
    undated: int
    untimed: int
    sql: str

    def rows(self) -> list[Row]:
        """A row a month."""
        return [
            {"month": each.first, "came": each.came, "won": each.won, "lost": each.lost, "open": each.open}
            for each in self.months
        ]


def pipeline(journeys: Journeys, question: Question) -> Pipeline:
    """The leads (or accounts) that the question counts, by the months in which they started, and in which they ended as they stand in
    the end: a lead that was lost and came back is open, or ends where it ended last. Months are those of the lead's own clock."""
    ended, joined = local_time("counted.lead_id", "counted.ended_at", "ending", journeys.local_times)
    dated = f"""SELECT counted.outcome AS outcome, counted.started_local AS started, {ended} AS ended,
    counted.started_local IS NULL AS is_undated, counted.outcome <> 'open' AND counted.ended_at IS NULL AS is_untimed
FROM counted{joined}"""
    # What cannot be told to a month stands in a row without one.
    starts, ends = (
        first_day(f"CAST(dated.{moment} AS DATE)", Period.MONTH, question.calendar) for moment in ("started", "ended")
    )
    steps = f"""SELECT CASE WHEN NOT dated.is_undated AND NOT dated.is_untimed THEN {starts} END AS month,
    1 AS came, 0 AS won, 0 AS lost, CASE WHEN dated.is_undated THEN 1 ELSE 0 END AS undated
FROM dated
UNION ALL
SELECT {ends} AS month, 0 AS came,
    CASE WHEN dated.outcome = 'won' THEN 1 ELSE 0 END AS won, CASE WHEN dated.outcome = 'lost' THEN 1 ELSE 0 END AS lost, 0 AS undated
FROM dated
WHERE dated.outcome <> 'open' AND NOT dated.is_undated AND NOT dated.is_untimed"""
    summed = """SELECT CAST(steps.month AS DATE) AS month, SUM(steps.came) AS came, SUM(steps.won) AS won, SUM(steps.lost) AS lost,
    SUM(steps.undated) AS undated
FROM steps
GROUP BY steps.month
ORDER BY steps.month"""
    paragraphs = [*in_question(journeys, question), Paragraph("dated", Query(dated)), Paragraph("steps", Query(steps))]
    query = compose(paragraphs, Query(summed))
    months: list[Month] = []
    open_now = undated = untimed = 0
    for first, *counts in journeys.engine.rows(query):
        came, won, lost, without_start = map(int, counts)
        if first is None:
            undated, untimed = without_start, came - without_start
        else:
            open_now += came - won - lost
            months.append(Month(first, came, won, lost, open_now))
    last, until = months[-1].first if months else None, question.observed_until
    is_over = last is None or until is None or until.date() >= Period.MONTH.last_day(last, question.calendar)
    return Pipeline(
        question=question,
        months=tuple(months),
        unfinished=None if is_over else last,
        undated=undated,
        untimed=untimed,
        sql=query.readable(),
    )
