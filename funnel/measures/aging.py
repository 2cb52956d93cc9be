"""Open leads against the history of the stage where they stand: how long they have been there, and which are stuck."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import FEWEST_STAYS, Aging, Question, StageAges
from funnel.journeys import HOUSE_COLUMNS, Journeys, local_time
from funnel.measures.population.population import MICROSECONDS_A_DAY
from funnel.measures.time_in_stage import Waits

if TYPE_CHECKING:
    import pandas as pd

OWN_COLUMNS = ("lead_id", "account_id", "amount", "currency", "stage", "entered_at", "days", "share")


def aging(journeys: Journeys, question: Question) -> Aging:
    """The open leads at each stage where leads wait, and how many of them are older there than those that moved on were.

    A lead is open while it is neither won nor lost by `observed_until`; its age is the time since it last entered the stage. The limits
    are plain percentiles of the stays that moved on: that ended in a later stage or a win, neither in an earlier stage nor in a loss.
    A snapshot knows none of these.
    QuestionError where the file has no date up to which it observes.
    """
    waits = Waits(journeys, question)
    query = compose([*waits.watched(), *_aged(journeys)], Query(_BY_STAGE))
    found = {row["position"]: row for row in journeys.engine.named(query)}
    amounts = compose([*waits.watched(), *_aged(journeys)], Query(_AMOUNTS))
    return Aging(
        question=question,
        stages=tuple(_stage(question, place, found.get(place, {})) for place in waits.places),
        amounts=tuple(journeys.engine.rows(amounts)),
        sql=query.readable(),
    )


def stalled(
    journeys: Journeys, question: Question, *, long: bool = False, offset: int = 0, limit: int | None = 50
) -> pd.DataFrame:
    """The open leads that have stayed longer than three quarters (`long`: nine tenths) of those that moved on, most unusual first.

    Columns: lead_id, account_id, the file's columns, amount, currency, stage (its name), entered_at, days (since then) and share:
    1 − S(age−), the share of all stays at the stage that had ended before that age (Kaplan–Meier). `limit` None gives all of
    them. `.attrs["total"]` holds how many there are. A column of the file that has one of these names is numbered.
    """
    waits = Waits(journeys, question)
    attributes = [name for name, _ in journeys.engine.columns("leads") if name not in HOUSE_COLUMNS]
    aged = [*waits.watched(), *_aged(journeys)]
    beyond = "aged.long_limit" if long else "aged.limit_time"
    stuck = Query(f"SELECT aged.*, aged.ticks AS age_ticks\nFROM aged\nWHERE aged.microseconds > {beyond}")
    shown, joined = local_time("stuck.lead_id", "stuck.entered_at", "entry", journeys.local_times)
    columns = [
        "stuck.lead_id AS lead_id",
        "leads.account_id AS account_id",
        *(f"leads.{identifier(name)} AS {identifier(_unlike(name))}" for name in attributes),
        "leads.amount AS amount",
        "leads.currency AS currency",
        "stuck.position AS stage",
        f"{shown} AS entered_at",
        f"stuck.microseconds / {MICROSECONDS_A_DAY} AS days",
        "1 - COALESCE(shares.share, 1) AS share",
    ]
    page = "" if limit is None else f"\nLIMIT {int(limit)} OFFSET {int(offset)}"
    # The last share before the age: what ends on that very day has not ended before it.
    last = f"""SELECT
    {", ".join(columns)}
FROM stuck
INNER JOIN leads ON leads.lead_id = stuck.lead_id{joined}
ASOF LEFT JOIN shares ON shares.position = stuck.position AND shares.ticks < stuck.age_ticks
ORDER BY share DESC, days DESC, stuck.lead_id{page}"""
    frame = journeys.engine.frame(compose([*aged, Paragraph("stuck", stuck), *waits.shares()], Query(last)))
    frame["stage"] = frame["stage"].map(dict(enumerate(stage.name for stage in question.model.stages))).astype("str")
    count = Query(f"SELECT COUNT(*) AS leads\nFROM aged\nWHERE aged.microseconds > {beyond}")
    frame.attrs["total"] = journeys.engine.row(compose(aged, count))[0]
    return frame


def _aged(journeys: Journeys) -> list[Paragraph]:
    """Paragraphs after `watched` that end in `aged`: the stay where each open lead stands, with the limits of its stage."""
    known = "FALSE" if journeys.start_from_created else f"moved.stays >= {FEWEST_STAYS}"
    moved = """SELECT watched.position AS position, COUNT(*) AS stays,
    QUANTILE_CONT(watched.microseconds, 0.75) AS limit_time, QUANTILE_CONT(watched.microseconds, 0.9) AS long_limit
FROM watched
WHERE watched.moved_on AND watched.microseconds IS NOT NULL
GROUP BY watched.position"""
    aged = f"""SELECT watched.lead_id AS lead_id, watched.position AS position, watched.entered_at AS entered_at,
    watched.microseconds AS microseconds, watched.ticks AS ticks, moved.stays AS moved_on,
    CASE WHEN {known} THEN moved.limit_time END AS limit_time,
    CASE WHEN {known} THEN moved.long_limit END AS long_limit
FROM watched
LEFT JOIN moved ON moved.position = watched.position
WHERE watched.is_open AND NOT watched.has_left"""
    return [Paragraph("moved", Query(moved)), Paragraph("aged", Query(aged))]


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


def _stage(question: Question, place: int, row: dict[str, object]) -> StageAges:
    def days(name: str) -> float | None:
        value = row.get(name)
        return None if value is None else float(value) / MICROSECONDS_A_DAY  # type: ignore[arg-type]

    known = row.get("limit_time") is not None
    stage = question.model.stages[place]
    return StageAges(
        position=place,
        key=stage.key,
        name=stage.name,
        open=int(row.get("open") or 0),  # type: ignore[call-overload]
        untimed=int(row.get("untimed") or 0),  # type: ignore[call-overload]
        median_days=days("median_time"),
        moved_on=int(row.get("moved_on") or 0),  # type: ignore[call-overload]
        limit=days("limit_time"),
        long_limit=days("long_limit"),
        stalled=int(row["stalled"]) if known else None,  # type: ignore[call-overload]
        long_stalled=int(row["long_stalled"]) if known else None,  # type: ignore[call-overload]
    )


def _unlike(name: str) -> str:
    """The name of a column of the file, numbered where it is one of ours."""
    return f"{name} (2)" if name.casefold() in OWN_COLUMNS else name
