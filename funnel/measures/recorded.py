"""The file's own labels as a model, in the order that the file writes down, that its leads took, or that its words mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from funnel.core.engine import Engine
from funnel.core.rows import Row, Word
from funnel.core.sql import Paragraph, Query, compose
from funnel.core.types import AS_RECORDED, LabelFacts, OrderReason, Question, Rate, Stage, StageModel
from funnel.journeys import Journeys, Tables
from funnel.journeys.entries import value_table
from funnel.journeys.observed import WHOLE
from funnel.measures.groups import file_of
from funnel.measures.order_evidence import Evidence, arranged, first_seen
from funnel.measures.statistics.rates import wilson

COMPARED_LEADS = 50_000
MOST_STAGES = 60
GIVEN = "given"
"""The reason of an order that a person or the model says."""


@dataclass(frozen=True)
class OrderPair:
    """Two labels that follow each other in an order: leads that entered the earlier one first, the later one first, or both at
    one moment. `reason` is the strongest that puts them in this order; None where they stand otherwise, as a person or the
    model says."""

    earlier: str
    later: str
    forward: int
    backward: int
    together: int
    reason: OrderReason | None


@dataclass(frozen=True)
class InferredOrder:
    """How sure the inferred order of the labels is: `sure` is the share of leads' pairs of entries that run in this order."""

    question: Question
    pairs: tuple[OrderPair, ...]
    sure: Rate
    sql: str

    def rows(self) -> list[Row]:
        """A row for each two labels that follow each other: why in this order, and the leads that entered the earlier one first, the
        later one first, or both at one moment."""
        return [
            {
                "earlier": pair.earlier,
                "later": pair.later,
                "reason": Word(pair.reason or GIVEN, f"pages.reason.{pair.reason or GIVEN}"),
                "forward": pair.forward,
                "backward": pair.backward,
                "together": pair.together,
            }
            for pair in self.pairs
        ]


def as_recorded(engine: Engine, facts: LabelFacts, name: str, tables: Tables = WHOLE) -> StageModel:
    """A model with one stage for each label of the file that is no exit and not ignored, in the order that all evidence comes to.

    A win is last. Else, of two labels, what the file itself writes down decides (a mark in the labels, a table of stages), then
    which of them more leads entered first (equal times say nothing), the usual order of their concepts, and which the file has
    first. From 50,000 leads on, a sample by lead is compared, the same one each time. A picture of more than 60 stages says
    nothing, so the labels of fewer leads are left out (and coverage tells of it).
    """
    labels = facts.stages[:MOST_STAGES]
    evidence = Evidence(facts, _precedence(engine, set(labels), tables), first_seen(engine, facts, tables))
    return labels_model(AS_RECORDED, name, [(label, (label,)) for label in arranged(labels, evidence)], facts.concepts)


def inferred_order(journeys: Journeys, question: Question) -> InferredOrder:
    """Why the stages of the question's model stand in their order, and how far the leads agree: for each two that follow each other, the
    strongest reason for it, and the leads that entered the one first, the other first, or both at one moment.

    A stage is entered when the first of its labels is; its reason is that of the first label. Leads count that have dated entries
    at both stages; of more than 50,000 leads, those of the sample that `as_recorded` compares. `sure` is over all pairs of stages,
    next to each other or not: the pairs of entries that run in this order, of those that run in either; both at one moment says
    nothing. A snapshot has few such leads or none, since it tells only where they stand.
    """
    model, facts = question.model, file_of(journeys).label_facts()
    placement = model.placement(facts.concepts)
    query = _entered_first(journeys.engine, placement, journeys.tables)
    pair_counts = {(earlier, later): counts for earlier, later, *counts in journeys.engine.rows(query)}
    firsts: dict[int, str] = {}
    for label, position in placement.items():
        firsts.setdefault(position, label)
    moves = {
        (firsts[one], firsts[other]): count
        for (earlier, later), (forward, backward, _) in pair_counts.items()
        for one, other, count in ((earlier, later, forward), (later, earlier, backward))
    }
    evidence = Evidence(facts, moves, first_seen(journeys.engine, facts, journeys.tables))

    def reason(position: int) -> OrderReason | None:
        if position not in firsts or position + 1 not in firsts:
            return None
        decision = evidence.decision(firsts[position], firsts[position + 1])
        return decision.reason if decision.earlier == firsts[position] else None

    def pair(position: int, earlier: Stage, later: Stage) -> OrderPair:
        forward, backward, together = pair_counts.get((position, position + 1), (0, 0, 0))
        return OrderPair(earlier.name, later.name, forward, backward, together, reason(position))

    pairs = (pair(position, *stages) for position, stages in enumerate(pairwise(model.stages)))
    forward, backward = (sum(counts[side] for counts in pair_counts.values()) for side in (0, 1))
    return InferredOrder(question, tuple(pairs), wilson(forward, forward + backward), query.readable())


def _entered_first(engine: Engine, placement: Mapping[str, int], tables: Tables) -> Query:
    """earlier, later, forward, backward, together: for each two positions of labels, the leads that entered the first of them first,
    the second first, or both at one moment."""
    lead = tables.form.lead
    staged = f"""SELECT first_entries.{lead} AS {lead}, placement.position AS position, MIN(first_entries.entered_at) AS entered_at
FROM first_entries
INNER JOIN placement ON placement.label = first_entries.label
GROUP BY first_entries.{lead}, placement.position"""
    last = f"""SELECT earlier.position AS earlier, later.position AS later,
    COUNT(*) FILTER (WHERE earlier.entered_at < later.entered_at) AS forward,
    COUNT(*) FILTER (WHERE earlier.entered_at > later.entered_at) AS backward,
    COUNT(*) FILTER (WHERE earlier.entered_at = later.entered_at) AS together
FROM staged AS earlier
INNER JOIN staged AS later ON later.{lead} = earlier.{lead} AND later.position > earlier.position
GROUP BY earlier.position, later.position
ORDER BY earlier.position, later.position"""
    paragraphs = [
        value_table("placement", ("label", "position"), list(placement.items())),
        Paragraph("first_entries", _first_entries(engine, tables)),
        Paragraph("staged", Query(staged)),
    ]
    return compose(paragraphs, Query(last))


def labels_model(
    key: str, name: str, stages: Sequence[tuple[str, tuple[str, ...]]], concepts: Mapping[str, str] | None = None
) -> StageModel:
    """A model of the file's own labels: (stage name, the labels it takes) in order; `concepts` tells what labels mean."""
    meant = concepts or {}
    each = (
        Stage(stage, stage, tuple(dict.fromkeys(meant[label] for label in labels if label in meant)), labels)
        for stage, labels in stages
    )
    return StageModel(key, name, tuple(each), kind="labels")


def _first_entries(engine: Engine, tables: Tables) -> Query:
    """The lead, label, entered_at: the first entry of each lead at each label, of the sample of leads that is compared."""
    (leads,) = engine.row(Query("SELECT COUNT(*) AS leads FROM leads"))
    share = max(1, -(-leads // COMPARED_LEADS))
    lead = tables.form.lead
    key = f"labelled.{lead}" if tables.form.is_sorted else f"HASH(labelled.{lead})"
    label, labelled = tables.form.labelled("labelled")
    return Query(
        f"""SELECT labelled.{lead} AS {lead}, {label} AS label,
    MIN(labelled.entered_at) AS entered_at
{labelled}
WHERE labelled.entered_at IS NOT NULL AND {key} % {share} = 0
GROUP BY labelled.{lead}, {label}"""
    )


def _precedence(engine: Engine, labels: set[str], tables: Tables) -> dict[tuple[str, str], int]:
    """How many leads entered the first label of a pair before the second, for each pair that any lead has both of."""
    lead = tables.form.lead
    last = f"""SELECT earlier.label AS earlier, later.label AS later, COUNT(*) AS leads
FROM first_entries AS earlier
INNER JOIN first_entries AS later ON later.{lead} = earlier.{lead} AND later.entered_at > earlier.entered_at
GROUP BY earlier.label, later.label"""
    rows = engine.rows(compose([Paragraph("first_entries", _first_entries(engine, tables))], Query(last)))
    return {(earlier, later): count for earlier, later, count in rows if {earlier, later} <= labels}
