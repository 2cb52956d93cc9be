"""The open leads one by one, to be followed up: those that are stuck, or all; the most unusual, the largest or the oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import OneOf, Question
from funnel.journeys import CORE_COLUMNS, Journeys, local_time
from funnel.measures.aging import aged
from funnel.measures.population.population import MICROSECONDS_A_DAY, meets
from funnel.measures.time_in_stage import Waits

if TYPE_CHECKING:
    import pandas as pd

OWN_COLUMNS = ("lead_id", "account_id", "amount", "currency", "stage", "entered_at", "days", "share")


class Part(StrEnum):
    """Which open leads: ALL, or those that have stayed longer than three quarters (LONG: nine tenths) of those that moved on."""

    STALLED = "stalled"
    LONG = "long"
    ALL = "all"


class Sort(StrEnum):
    """What comes first: the most unusual of its stage, the largest amount (of currencies one after the other), or the oldest."""

    UNUSUAL = "unusual"
    AMOUNT = "amount"
    DAYS = "days"


_BEYOND = {
    Part.STALLED: "aged.microseconds > aged.limit_time",
    Part.LONG: "aged.microseconds > aged.long_limit",
    Part.ALL: "TRUE",
}
_FIRST = {
    Sort.UNUSUAL: "share DESC NULLS LAST, days DESC NULLS LAST",
    Sort.AMOUNT: "currency NULLS LAST, amount DESC NULLS LAST, days DESC NULLS LAST",
    Sort.DAYS: "days DESC NULLS LAST",
}
_LENGTHS = """SELECT watched.position AS position, watched.microseconds AS microseconds, COUNT(*) AS stays
FROM watched
WHERE watched.moved_on AND watched.microseconds IS NOT NULL
GROUP BY watched.position, watched.microseconds"""
_RANKED = """SELECT lengths.position AS position, lengths.microseconds AS microseconds,
    SUM(lengths.stays) OVER (PARTITION BY lengths.position ORDER BY lengths.microseconds) AS up_to,
    SUM(lengths.stays) OVER (PARTITION BY lengths.position) AS stays,
    LEAD(lengths.microseconds) OVER (PARTITION BY lengths.position ORDER BY lengths.microseconds) AS longer
FROM lengths"""
_SHARE = """CASE
        WHEN chosen.microseconds IS NULL OR chosen.limit_time IS NULL THEN NULL
        WHEN ranked.position IS NULL THEN 0.0
        WHEN ranked.longer IS NULL THEN 1.0
        ELSE (ranked.up_to - 1 + (chosen.microseconds - ranked.microseconds) / (ranked.longer - ranked.microseconds)) / (ranked.stays - 1)
    END AS share"""


def follow_up(
    journeys: Journeys,
    question: Question,
    *,
    part: Part = Part.STALLED,
    sort: Sort = Sort.UNUSUAL,
    where: Sequence[OneOf] = (),
    offset: int = 0,
    limit: int | None = 50,
) -> pd.DataFrame:
    """The open leads of a part that meet all conditions, which say nothing of what is usual: that is of all leads of the question.

    Columns: lead_id, account_id, the file's columns, amount, currency, stage (its name), entered_at, days (since then; of a lead whose
    moment is unknown none) and share: the part, from 0 to 1, of the stays that moved on at the stage that were shorter, between two of
    them by the line from one to the other, as the percentiles of `aging` are read (more than 0.75 is stalled); none at a stage that too
    few have moved on from for one to be unusual. `limit` None gives all of them. `.attrs["total"]` holds how many there are. A column of
    the file that has one of these names is numbered.
    """
    waits = Waits(journeys, question)
    attributes = [name for name, _ in journeys.engine.columns("leads") if name not in CORE_COLUMNS]
    met = [meets(condition, f"leads.{identifier(condition.column)}") for condition in where]
    wanted = " AND ".join([_BEYOND[part], *(each.text for each in met)])
    chosen = Query(
        f"""SELECT aged.*
FROM aged
INNER JOIN leads ON leads.lead_id = aged.lead_id
WHERE {wanted}""",
        tuple(value for each in met for value in each.values),
    )
    entered_at, joined = local_time("chosen.lead_id", "chosen.entered_at", "entry", journeys.local_times)
    columns = [
        "chosen.lead_id AS lead_id",
        "leads.account_id AS account_id",
        *(f"leads.{identifier(name)} AS {identifier(_unlike(name))}" for name in attributes),
        "leads.amount AS amount",
        "leads.currency AS currency",
        "chosen.position AS stage",
        f"{entered_at} AS entered_at",
        f"chosen.microseconds / {MICROSECONDS_A_DAY} AS days",
        _SHARE,
    ]
    page = "" if limit is None else f"\nLIMIT {int(limit)} OFFSET {int(offset)}"
    last = f"""SELECT
    {", ".join(columns)}
FROM chosen
INNER JOIN leads ON leads.lead_id = chosen.lead_id{joined}
ASOF LEFT JOIN ranked ON ranked.position = chosen.position AND ranked.microseconds <= chosen.microseconds
ORDER BY {_FIRST[sort]}, chosen.lead_id{page}"""
    paragraphs = [*waits.watched(), *aged(journeys), Paragraph("chosen", chosen)]
    ranks = [Paragraph("lengths", Query(_LENGTHS)), Paragraph("ranked", Query(_RANKED))]
    frame = journeys.engine.frame(compose([*paragraphs, *ranks], Query(last)))
    frame["stage"] = frame["stage"].map(dict(enumerate(stage.name for stage in question.model.stages))).astype("str")
    count = Query("SELECT COUNT(*) AS leads\nFROM chosen")
    frame.attrs["total"] = journeys.engine.row(compose(paragraphs, count))[0]
    return frame


def _unlike(name: str) -> str:
    """The name of a column of the file, numbered where it is one of ours."""
    return f"{name} (2)" if name.casefold() in OWN_COLUMNS else name
