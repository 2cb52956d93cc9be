"""The file's own labels as a model, in the order that the file writes down, that its leads took, or that its words mean."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from itertools import pairwise

from funnel.core.engine import Engine
from funnel.core.sql import Paragraph, Query, compose
from funnel.core.types import AS_RECORDED, InferredOrder, OrderPair, OrderReason, Stage, StageModel
from funnel.journeys import Journeys, Tables
from funnel.journeys.entries import value_table
from funnel.journeys.observed import WHOLE
from funnel.measures.order_evidence import Evidence, LabelFacts, arranged, first_seen
from funnel.measures.statistics.rates import wilson

COMPARED_LEADS = 50_000
MOST_STAGES = 60


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


def inferred_order(journeys: Journeys, facts: LabelFacts, model: StageModel) -> InferredOrder:
    """Why the stages of a model stand in their order, and how far the leads agree: for each two that follow each other, the
    strongest reason for it, and the leads that entered the one first, the other first, or both at one moment.

    A stage is entered when the first of its labels is; its reason is that of the first label. Leads count that have dated entries
    at both stages; of more than 50,000 leads, those of the sample that `as_recorded` compares. `sure` is over all pairs of stages,
    next to each other or not: the pairs of entries that run in this order, of those that run in either; both at one moment says
    nothing. A snapshot has few such leads or none, since it tells only where they stand.
    """
    places = model.placement(facts.concepts)
    query = _entered_first(journeys.engine, places, journeys.tables)
    found = {(earlier, later): counts for earlier, later, *counts in journeys.engine.rows(query)}
    firsts: dict[int, str] = {}
    for label, place in places.items():
        firsts.setdefault(place, label)
    moves = {
        (firsts[one], firsts[other]): count
        for (earlier, later), (forward, backward, _) in found.items()
        for one, other, count in ((earlier, later, forward), (later, earlier, backward))
    }
    evidence = Evidence(facts, moves, first_seen(journeys.engine, facts, journeys.tables))

    def reason(place: int) -> OrderReason | None:
        if place not in firsts or place + 1 not in firsts:
            return None
        decision = evidence.decision(firsts[place], firsts[place + 1])
        return decision.reason if decision.earlier == firsts[place] else None

    def pair(place: int, earlier: Stage, later: Stage) -> OrderPair:
        forward, backward, together = found.get((place, place + 1), (0, 0, 0))
        return OrderPair(earlier.name, later.name, forward, backward, together, reason(place))

    pairs = (pair(place, *stages) for place, stages in enumerate(pairwise(model.stages)))
    forward, backward = (sum(counts[side] for counts in found.values()) for side in (0, 1))
    return InferredOrder(model, tuple(pairs), wilson(forward, forward + backward), query.readable())


def _entered_first(engine: Engine, places: Pairs[str, int], tables: Tables) -> Query:
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
        value_table("placement", ("label", "position"), list(places.items())),
        Paragraph("first_entries", _first_entries(engine, tables)),
        Paragraph("staged", Query(staged)),
    ]
    return compose(paragraphs, Query(last))


def labels_model(
    key: str, name: str, stages: Sequence[tuple[str, tuple[str, ...]]], concepts: Pairs[str, str] | None = None
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
