"""Open leads against the history of the stage where they stand: how long they have been there, and which are stuck."""

from __future__ import annotations

from dataclasses import dataclass

from funnel.core.rows import Row, days
from funnel.core.sql import Paragraph, Query, compose
from funnel.core.types import FEWEST_STAYS, Question
from funnel.journeys import Journeys
from funnel.measures.population.population import MICROSECONDS_A_DAY
from funnel.measures.time_in_stage import Waits


@dataclass(frozen=True)
class StageAges:
    """The open leads at one stage against that stage's own history.

    `limit` and `long_limit` are the 75th and 90th percentile of the `moved_on` stays there that went on to a later stage, or were
    won (who went back or was lost is no example); `stalled` and `long_stalled` open leads are older than that (the latter are
    among the former). All four are None where fewer than FEWEST_STAYS moved on. `median_days` is that of the open leads so far; of
    `untimed` ones the file does not tell since when they are there.
    """

    position: int
    key: str
    name: str
    open: int
    untimed: int
    median_days: float | None
    moved_on: int
    limit: float | None
    long_limit: float | None
    stalled: int | None
    long_stalled: int | None


@dataclass(frozen=True)
class Aging:
    """The open leads by stage, each stage where leads wait. `amounts` sums those of stalled leads: (currency, sum, leads)."""

    question: Question
    stages: tuple[StageAges, ...]
    amounts: tuple[tuple[str, float, int], ...]
    sql: str

    @property
    def open(self) -> int:
        """Open leads at any of the stages."""
        return sum(stage.open for stage in self.stages)

    @property
    def stalled(self) -> int:
        """Open leads that are older than three quarters of those that moved on."""
        return sum(stage.stalled or 0 for stage in self.stages)

    @property
    def long_stalled(self) -> int:
        """Open leads that are older than nine tenths of those that moved on."""
        return sum(stage.long_stalled or 0 for stage in self.stages)

    @property
    def judged(self) -> int:
        """Open leads at stages whose history says what is usual; of the others none can be called stalled."""
        return sum(stage.open for stage in self.stages if stage.limit is not None)

    def rows(self) -> list[Row]:
        """A row a stage: its open leads, their median days so far, and those past the limits of the stage."""
        return [
            {
                "stage": stage.name,
                "open": stage.open,
                "untimed": stage.untimed,
                "median_days": days(stage.median_days),
                "stalled": stage.stalled,
                "long_stalled": stage.long_stalled,
                "limit_days": days(stage.limit),
                "long_limit_days": days(stage.long_limit),
                "moved_on": stage.moved_on,
            }
            for stage in self.stages
        ]


def aging(journeys: Journeys, question: Question) -> Aging:
    """The open leads at each stage where leads wait, and how many of them are older there than those that moved on were.

    A lead is open while it is neither won nor lost by `observed_until`; its age is the time since it last entered the stage. The limits
    are plain percentiles of the stays that moved on: that ended in a later stage or a win, neither in an earlier stage nor in a loss.
    A snapshot knows none of these.
    QuestionError where the file has no date up to which it observes.
    """
    waits = Waits(journeys, question)
    query = compose([*waits.watched(), *aged(journeys)], Query(_BY_STAGE))
    rows = {row["position"]: row for row in journeys.engine.named(query)}
    amounts = compose([*waits.watched(), *aged(journeys)], Query(_AMOUNTS))
    return Aging(
        question=question,
        stages=tuple(_stage(question, position, rows.get(position, {})) for position in waits.positions),
        amounts=tuple(journeys.engine.rows(amounts)),
        sql=query.readable(),
    )


def aged(journeys: Journeys) -> list[Paragraph]:
    """Paragraphs after `watched` that end in `aged`: the stay where each open lead stands, with the limits of its stage."""
    has_limits = "FALSE" if journeys.start_from_created else f"moved.stays >= {FEWEST_STAYS}"
    moved = """SELECT watched.position AS position, COUNT(*) AS stays,
    QUANTILE_CONT(watched.microseconds, 0.75) AS limit_time, QUANTILE_CONT(watched.microseconds, 0.9) AS long_limit
FROM watched
WHERE watched.moved_on AND watched.microseconds IS NOT NULL
GROUP BY watched.position"""
    open_now = f"""SELECT watched.lead_id AS lead_id, watched.position AS position, watched.entered_at AS entered_at,
    watched.microseconds AS microseconds, moved.stays AS moved_on,
    CASE WHEN {has_limits} THEN moved.limit_time END AS limit_time,
    CASE WHEN {has_limits} THEN moved.long_limit END AS long_limit
FROM watched
LEFT JOIN moved ON moved.position = watched.position
WHERE watched.is_open AND NOT watched.has_left"""
    return [Paragraph("moved", Query(moved)), Paragraph("aged", Query(open_now))]


_BY_STAGE = """SELECT aged.position AS position, COUNT(*) AS open, COUNT(*) - COUNT(aged.microseconds) AS untimed,
    MEDIAN(aged.microseconds) AS median_time,
    COUNT(*) FILTER (WHERE aged.microseconds > aged.limit_time) AS stalled,
    COUNT(*) FILTER (WHERE aged.microseconds > aged.long_limit) AS long_stalled,
    MAX(aged.moved_on) AS moved_on, MAX(aged.limit_time) AS limit_time, MAX(aged.long_limit) AS long_limit
FROM aged
GROUP BY aged.position"""
_AMOUNTS = """SELECT COALESCE(leads.currency, '') AS currency, SUM(leads.amount) AS amount, COUNT(leads.amount) AS leads
FROM aged
INNER JOIN leads ON leads.lead_id = aged.lead_id
WHERE aged.microseconds > aged.limit_time AND leads.amount IS NOT NULL
GROUP BY COALESCE(leads.currency, '')
ORDER BY leads DESC, currency"""


def _stage(question: Question, position: int, row: dict[str, object]) -> StageAges:
    def in_days(name: str) -> float | None:
        value = row.get(name)
        return None if value is None else float(value) / MICROSECONDS_A_DAY  # type: ignore[arg-type]

    has_limits = row.get("limit_time") is not None
    stage = question.model.stages[position]
    return StageAges(
        position=position,
        key=stage.key,
        name=stage.name,
        open=int(row.get("open") or 0),  # type: ignore[call-overload]
        untimed=int(row.get("untimed") or 0),  # type: ignore[call-overload]
        median_days=in_days("median_time"),
        moved_on=int(row.get("moved_on") or 0),  # type: ignore[call-overload]
        limit=in_days("limit_time"),
        long_limit=in_days("long_limit"),
        stalled=int(row["stalled"]) if has_limits else None,  # type: ignore[call-overload]
        long_stalled=int(row["long_stalled"]) if has_limits else None,  # type: ignore[call-overload]
    )
