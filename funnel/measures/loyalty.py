"""The loyalty loop: customers who buy again, how many of them straight away, and after how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from funnel.core.errors import QuestionError
from funnel.core.history import known_as
from funnel.core.rows import Row, days
from funnel.core.sql import Paragraph, Query, compose, identifier, marks
from funnel.core.types import IGNORED, Loop, Question, Rate, StageModel, Unit
from funnel.journeys import Journeys
from funnel.journeys.entries import label_table
from funnel.measures.population.population import MICROSECONDS_A_DAY, in_question, table_of
from funnel.measures.statistics.rates import wilson


@dataclass(frozen=True)
class Loyalty:
    """Customers who came back to buy. A customer is an account where the file has accounts, else a lead.

    `again` customers (of `customers`) bought a second time. Of their `repeats` (each purchase after a customer's first),
    `straight` came without considering or evaluating again; None where the file cannot tell. `median_days` lies between one
    purchase and the next (None: no repeat).
    """

    question: Question
    by_account: bool
    customers: int
    again: Rate
    repeats: int
    straight: Rate | None
    median_days: float | None
    sql: str

    def rows(self) -> list[Row]:
        """One row: customers, those that bought again, repeats, those of them that came straight, median days between."""
        return [
            {
                "customers": self.customers,
                "again": self.again.numerator,
                "repeats": self.repeats,
                "straight": self.straight.numerator if self.straight else None,
                "median_days": days(self.median_days),
            }
        ]


def loyalty(journeys: Journeys, question: Question) -> Loyalty:
    """Customers who bought, those who bought again, and what came between two purchases. Raises QuestionError where the model
    has no loop.

    - *customer*: an account; a lead without one is a customer by itself. The question's unit, rule and window say nothing here.
    - *purchase*: an entry of a lead at the stage the loop comes back to, unless the lead's entry before it is there too and
      means the same: won → paid, both a win, is one purchase; won → expansion is two; and so is won → lost → won, or won →
      any other label → won. Ignored labels are not looked at. What a customer buys at one moment is one purchase. A lead that was
      lost in the end bought nothing, as it was not won either.
    - *customers* counted are those with a purchase by a lead that the question counts. From their first such purchase on they
      are followed through all their leads, also those that started later or that a filter leaves out.
    - *repeats* are their purchases after that first one; *again* is the share of customers with any.
    - *straight*: a repeat for which nothing was considered or evaluated anew. No lead of the customer entered a stage that the
      loop goes past after the customer's purchase before it and up to it; and the lead that buys did not either since its own
      purchase before (ever, where it has none: a deal that was worked on beside the last one is no straight repeat).
    - *median days* lie between a repeat and the customer's purchase before it.

    Equal times stand in model order, labels that the model does not place last, unless the file numbers its entries. An undated
    entry makes a customer, but no repeat, since it may be of any time. A snapshot tells where a lead stands and not what it went
    through before: there, `straight` is None.
    """
    model = question.model
    if model.loop is None:
        raise QuestionError("errors.no_loop", model=model.name)
    to, past = _positions(model, model.loop)
    placement = model.placement(journeys.concepts)
    paragraphs = [
        *_returning(journeys, replace(question, unit=Unit.LEAD, window_days=None), to, placement),
        *purchases(journeys, placement, to, past),
        Paragraph("told", Query(_TOLD)),
        Paragraph("moments", Query(_MOMENTS)),
        Paragraph("repeats", Query(_REPEATS)),
    ]
    query = compose(paragraphs, Query(_TOTALS))
    (row,) = journeys.engine.named(query)
    median = row["median_between"]
    return Loyalty(
        question=question,
        by_account=row["by_account"],
        customers=row["customers"],
        again=wilson(row["again"], row["customers"]),
        repeats=row["repeats"],
        straight=None if journeys.start_from_created else wilson(row["straight"], row["repeats"]),
        median_days=None if median is None else float(median) / MICROSECONDS_A_DAY,
        sql=query.readable(),
    )


def _positions(model: StageModel, loop: Loop) -> tuple[int, tuple[int, ...]]:
    positions = {stage.key: position for position, stage in enumerate(model.stages)}
    return positions[loop.to], tuple(positions[key] for key in loop.past)


def _returning(journeys: Journeys, question: Question, to: int, placement: Mapping[str, int]) -> list[Paragraph]:
    """Paragraphs that end in `owners`: lead_id, lead and customer (numbers), is_counted and may_buy of every lead of the counted customers
    that may have bought again: those recorded at the stage at more than one moment."""
    # An account and a lead may bear the same id.
    customer = "CASE WHEN {0}.account_id IS NULL THEN 'lead ' || {0}.lead_id ELSE 'account ' || {0}.account_id END"
    buyers = f"""SELECT counted.lead_id AS lead_id, {customer.format("counted")} AS customer
FROM counted
WHERE counted.seen_{to} AND counted.outcome <> 'lost'"""
    form = journeys.tables.form
    leads_of = f"""SELECT journeys.{form.lead} AS {form.lead}, {customer.format("journeys")} AS customer,
    journeys.lead_id IN (SELECT buyers.lead_id FROM buyers) AS is_counted, journeys.outcome <> 'lost' AS may_buy
FROM {identifier(table_of(journeys, question))} AS journeys
WHERE {customer.format("journeys")} IN (SELECT buyers.customer FROM buyers)"""
    history = known_as(journeys.tables.form.history, "history")
    returners = f"""SELECT leads_of.customer AS customer, ROW_NUMBER() OVER () AS number
FROM {history}
INNER JOIN leads_of ON leads_of.{form.lead} = history.{form.lead}
INNER JOIN placement ON placement.{form.label} = history.{form.label}
WHERE placement.position = {to} AND leads_of.may_buy
GROUP BY leads_of.customer
HAVING MIN(history.entered_at) < MAX(history.entered_at)"""
    owners = f"""SELECT leads_of.{form.lead} AS {form.lead}, ROW_NUMBER() OVER () AS lead, returners.number AS customer,
    leads_of.is_counted AS is_counted, leads_of.may_buy AS may_buy
FROM leads_of
INNER JOIN returners ON returners.customer = leads_of.customer"""
    return [
        *in_question(journeys, question, (f"seen_{to}",)),
        Paragraph("buyers", Query(buyers)),
        Paragraph("leads_of", Query(leads_of)),
        *label_table("placement", "position", list(placement.items()), form),
        Paragraph("returners", Query(returners)),
        Paragraph("owners", Query(owners)),
    ]


def purchases(journeys: Journeys, placement: Mapping[str, int], to: int, past: tuple[int, ...] = ()) -> list[Paragraph]:
    """Paragraphs after `owners` that end in `followed`: for each dated entry of their leads at a label that means something, the customer
    and the lead (numbers), is_counted, entered_at, whether the lead bought then (`buys`), and considered_at, the same moment where it is
    one at a stage gone past. `owners` has the lead as the entries know it, and lead, customer, is_counted and may_buy; `placement`
    places the labels, `to` is where purchases are."""
    meanings: list[tuple[str, object]] = [
        (label, concept) for label, concept in journeys.concepts.items() if concept != IGNORED or label in placement
    ]
    tie = "entries.sequence, entries.position" if journeys.numbered else "entries.position NULLS LAST, entries.sequence"
    history = known_as(journeys.tables.form.history, "history")
    form = journeys.tables.form
    entries = f"""SELECT owners.customer AS customer, owners.lead AS lead, owners.is_counted AS is_counted, owners.may_buy AS may_buy,
    placement.position AS position, meanings.meaning AS meaning,
    history.entered_at AS entered_at, history.sequence AS sequence
FROM {history}
INNER JOIN owners ON owners.{form.lead} = history.{form.lead}
INNER JOIN meanings ON meanings.{form.label} = history.{form.label}
LEFT JOIN placement ON placement.{form.label} = history.{form.label}
WHERE history.entered_at IS NOT NULL"""
    considered = "CAST(NULL AS TIMESTAMP)"
    if past:
        considered = f"CASE WHEN entries.position IN ({marks(past)}) THEN entries.entered_at END"
    followed = f"""SELECT entries.customer AS customer, entries.lead AS lead, entries.is_counted AS is_counted,
    entries.entered_at AS entered_at,
    entries.may_buy AND entries.position = {to} AND NOT COALESCE(
        LAG(entries.position) OVER in_time = {to} AND LAG(entries.meaning) OVER in_time = entries.meaning, FALSE
    ) AS buys,
    {considered} AS considered_at
FROM entries
WINDOW in_time AS (PARTITION BY entries.lead ORDER BY entries.entered_at, {tie})"""
    return [
        *label_table("meanings", "meaning", meanings, form),
        Paragraph("entries", Query(entries)),
        Paragraph("followed", Query(followed, past)),
    ]


_TOLD = """SELECT followed.customer AS customer, followed.is_counted AS is_counted,
    followed.entered_at AS entered_at, followed.buys AS buys,
    MAX(followed.considered_at) OVER (PARTITION BY followed.customer ORDER BY followed.entered_at) AS considered_at,
    MAX(followed.considered_at) OVER own_time AS own_considered_at,
    MAX(CASE WHEN followed.buys THEN followed.entered_at END) OVER (
        own_time GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS own_bought_at
FROM followed
WHERE followed.buys OR followed.considered_at IS NOT NULL
WINDOW own_time AS (PARTITION BY followed.lead ORDER BY followed.entered_at)"""
"""For each lead and moment of a purchase or of an entry at a stage gone past, whether it bought then; and the latest such entries up to
then, of the lead and of its customer, and the lead's purchase before."""

_MOMENTS = """SELECT told.customer AS customer, told.entered_at AS entered_at,
    MAX(told.considered_at) AS considered_at,
    BOOL_OR(COALESCE(told.own_considered_at > told.own_bought_at, told.own_considered_at IS NOT NULL)) AS own_considered,
    BOOL_OR(told.is_counted) AS is_counted
FROM told
WHERE told.buys
GROUP BY told.customer, told.entered_at"""
"""A row for each purchase of each customer."""

_REPEATS = """SELECT moments.customer AS customer, moments.entered_at AS entered_at,
    moments.considered_at AS considered_at, moments.own_considered AS own_considered,
    LAG(moments.entered_at) OVER in_time AS bought_before_at,
    COUNT(*) FILTER (WHERE moments.is_counted) OVER (in_time ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS counted_before
FROM moments
WINDOW in_time AS (PARTITION BY moments.customer ORDER BY moments.entered_at)"""
"""The same with the purchase before; those with a counted purchase before them are repeats."""

_TOTALS = """SELECT
    (SELECT COUNT(leads.account_id) > 0 FROM leads) AS by_account,
    (SELECT COUNT(DISTINCT buyers.customer) FROM buyers) AS customers,
    COUNT(DISTINCT repeats.customer) AS again,
    COUNT(*) AS repeats,
    COUNT(*) FILTER (WHERE NOT repeats.own_considered
        AND NOT COALESCE(repeats.considered_at > repeats.bought_before_at, FALSE)) AS straight,
    MEDIAN(EPOCH_US(repeats.entered_at) - EPOCH_US(repeats.bought_before_at)) AS median_between
FROM repeats
WHERE repeats.counted_before > 0"""
