"""The slowest stage and the largest drop-off: worked out here, and nowhere else.

- **days**: what all stays at a stage took by `observed_until`, ended or not (see `measures.time_in_stage`), of all leads together.
- **lost**: leads lost for good, each at the stage where it stood last.

A stage is named only where it leads every other one by more than chance. Leads, not stays, are what chance draws: were as many of
them drawn again, each with all that it did (a bootstrap over leads), the lead d of one stage over another, a sum over leads, would
vary with Var = Σ dᵢ² − (Σ dᵢ)² / n. That is told from sums, so nothing has to be drawn: it knows no seed, no ids and no order of lines,
and takes one pass. A lead beyond 1.96 standard errors stands out; of fewer than FEWEST_FOR_A_RATE leads none does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from funnel.core.sql import Paragraph, Query, compose
from funnel.core.types import FEWEST_FOR_A_RATE, Note, Question
from funnel.journeys import Journeys
from funnel.measures.population.population import MICROSECONDS_A_DAY
from funnel.measures.statistics.rates import Z_95
from funnel.measures.time_in_stage import Waits


@dataclass(frozen=True)
class TopStage:
    """The stage with most of a total: `amount` of it. It `stands_out` where it leads each of its `rivals`, the other stages that leads
    have left, by more than chance; without any it does not."""

    position: int
    name: str
    amount: float
    total: float
    rivals: int
    stands_out: bool

    @property
    def share(self) -> float:
        """Of the total."""
        return self.amount / self.total


@dataclass(frozen=True)
class Bottleneck:
    """The *slowest* stage, where all leads together waited most days, and that of the *largest drop-off*, where most stood last
    before they were lost.

    Of the stages where leads wait; one that nobody has left is no bottleneck, and not in the totals (`never_left`). `days` and `lost`
    are by position in the model, 0 where leads do not wait. A lead that was lost counts once, at the stage where it stood last.
    `slowest` is None where no time has passed, `drop_off` where nobody was lost.
    """

    leads: int
    days: tuple[float, ...]
    lost: tuple[int, ...]
    slowest: TopStage | None
    drop_off: TopStage | None
    never_left: tuple[str, ...]
    sql: str = field(compare=False)

    @property
    def sentences(self) -> tuple[Note, ...]:
        """What it comes to: of days, then of leads, then what is left out; none where no time has passed."""
        if self.slowest is None:
            return ()
        if not self.slowest.rivals:
            return (Note("measures.only_stage", {"stage": self.slowest.name}),)
        left_out = (Note("measures.never_left", {"stages": self.never_left}),) if self.never_left else ()
        return _note("slowest", self.slowest), _note("drop_off", self.drop_off), *left_out


def _note(kind: str, top: TopStage | None) -> Note:
    if top is None:
        return Note(f"measures.{kind}_nothing")
    values = {"stage": top.name, "amount": round(top.amount), "total": round(top.total)}
    return Note(f"measures.{kind}" if top.stands_out else f"measures.{kind}_unclear", values)


def bottleneck(journeys: Journeys, question: Question) -> Bottleneck | None:
    """The slowest stage and the largest drop-off of the leads that the question counts; rule, window and unit change neither.

    None of a snapshot, which tells of no stay but the last one of each lead, and where the file has no date up to which it observes.
    """
    if journeys.start_from_created or question.observed_until is None:
        return None
    (whole,) = bottlenecks(Waits(journeys, question)).values()
    return whole


def bottlenecks(waits: Waits) -> dict[int, Bottleneck]:
    """The same for each group, by its number."""
    counted = Query("SELECT grouped.group_number, COUNT(*) AS leads\nFROM grouped\nGROUP BY grouped.group_number")
    leads = dict(waits.journeys.engine.rows(compose(waits.counted(), counted)))
    query = compose([*waits.watched(), *_summed()], Query(_SUMS))
    rows: dict[int, dict[int, dict[str, Any]]] = {number: {} for number in range(len(waits.groups.values))}
    for row in waits.journeys.engine.named(query):
        rows[row["group_number"]][row["position"]] = row
    return {number: _read(waits, leads.get(number, 0), by_stage, query.readable()) for number, by_stage in rows.items()}


def _read(waits: Waits, leads: int, rows: dict[int, dict[str, Any]], sql: str) -> Bottleneck:
    stages = waits.question.model.stages
    leavable = [position for position, row in sorted(rows.items()) if row["left_here"]]
    days = [rows[position]["time"] / MICROSECONDS_A_DAY if position in rows else 0.0 for position in range(len(stages))]
    lost = [int(rows[position]["lost"]) if position in rows else 0 for position in range(len(stages))]
    slowest = max(leavable, key=days.__getitem__, default=None)
    leak = max(leavable, key=lost.__getitem__, default=None)

    def top(position: int | None, amounts: Sequence[float], squares: Mapping[int, float]) -> TopStage | None:
        """`squares` is Σ dᵢ² of its lead over each other stage."""
        if position is None or not amounts[position]:
            return None
        rivals = [other for other in squares if other != position]
        clear = all(_is_clear(amounts[position] - amounts[other], squares[other], leads) for other in rivals)
        total = sum(amounts[other] for other in leavable)
        stands_out = clear and bool(rivals) and leads >= FEWEST_FOR_A_RATE
        return TopStage(position, stages[position].name, amounts[position], total, len(rivals), stands_out)

    # A lead is lost at one stage, so that of losses each lead adds 1 for the one stage or the other.
    of_lost = {other: lost[leak] + lost[other] for other in leavable} if leak is not None else {}
    of_days = {other: rows[other]["square"] for other in leavable}
    return Bottleneck(
        leads=leads,
        days=tuple(days),
        lost=tuple(lost),
        slowest=top(slowest, days, of_days),
        drop_off=top(leak, lost, of_lost),
        never_left=tuple(stages[position].name for position in sorted(rows) if position not in leavable),
        sql=sql,
    )


def _is_clear(lead: float, square: float, leads: int) -> bool:
    return lead > Z_95 * sqrt(max(0.0, square - lead * lead / leads))


def _summed() -> list[Paragraph]:
    """Paragraphs after `watched` that end in `sums`, a row for each group and stage: time and left_here (stays that ended), lost,
    and square (Σ over leads of the square of days at the slowest stage less days here)."""
    by_lead = """SELECT watched.group_number AS group_number, watched.lead_id AS lead_id, watched.position AS position,
    CAST(COALESCE(SUM(watched.microseconds), 0) AS BIGINT) AS time,
    COUNT(*) FILTER (WHERE watched.has_left) AS left_here
FROM watched
GROUP BY watched.group_number, watched.lead_id, watched.position"""
    # A lead that was lost, came back and was lost again is lost once, from where it was last.
    last_losses = """SELECT watched.group_number AS group_number, watched.lead_id AS lead_id,
    ARG_MAX(watched.position, watched.visit) AS position
FROM watched
WHERE watched.is_lost AND watched.outcome = 'lost'
GROUP BY watched.group_number, watched.lead_id"""
    losses = """SELECT last_losses.group_number AS group_number, last_losses.position AS position, COUNT(*) AS lost
FROM last_losses
GROUP BY last_losses.group_number, last_losses.position"""
    totals = f"""SELECT by_lead.group_number AS group_number, by_lead.position AS position,
    SUM(by_lead.time) AS time, SUM(by_lead.left_here) AS left_here, SUM({_squared("by_lead.time")}) AS square
FROM by_lead
GROUP BY by_lead.group_number, by_lead.position"""
    slowest = """SELECT totals.group_number AS group_number, ARG_MAX(totals.position, ROW(totals.time, -totals.position)) AS position
FROM totals
WHERE totals.left_here > 0
GROUP BY totals.group_number"""
    at_slowest = """SELECT by_lead.group_number AS group_number, by_lead.lead_id AS lead_id, by_lead.time AS time
FROM by_lead
INNER JOIN slowest ON slowest.group_number = by_lead.group_number AND slowest.position = by_lead.position"""
    products = f"""SELECT by_lead.group_number AS group_number, by_lead.position AS position,
    SUM({_in_days("by_lead.time")} * {_in_days("at_slowest.time")}) AS product
FROM by_lead
INNER JOIN at_slowest ON at_slowest.group_number = by_lead.group_number AND at_slowest.lead_id = by_lead.lead_id
GROUP BY by_lead.group_number, by_lead.position"""
    tables = {
        "by_lead": by_lead,
        "last_losses": last_losses,
        "losses": losses,
        "totals": totals,
        "slowest": slowest,
        "at_slowest": at_slowest,
        "products": products,
    }
    return [Paragraph(name, Query(text)) for name, text in tables.items()]


def _in_days(time: str) -> str:
    return f"({time} / {MICROSECONDS_A_DAY})"


def _squared(time: str) -> str:
    return f"{_in_days(time)} * {_in_days(time)}"


_SUMS = """SELECT totals.group_number AS group_number, totals.position AS position, totals.time AS time,
    totals.left_here AS left_here, COALESCE(losses.lost, 0) AS lost,
    top.square - 2 * COALESCE(products.product, 0) + totals.square AS square
FROM totals
LEFT JOIN losses ON losses.group_number = totals.group_number AND losses.position = totals.position
LEFT JOIN products ON products.group_number = totals.group_number AND products.position = totals.position
LEFT JOIN slowest ON slowest.group_number = totals.group_number
LEFT JOIN totals AS top ON top.group_number = slowest.group_number AND top.position = slowest.position"""
