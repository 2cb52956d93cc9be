"""The file's own labels as a model, in the order that the leads themselves took."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from itertools import pairwise

from funnel.engine import Engine
from funnel.journeys import Journeys
from funnel.journeys.entries import value_table
from funnel.measures.rates import wilson
from funnel.nouns import AS_RECORDED, IGNORED, LOST_CONCEPTS, InferredOrder, OrderPair, Stage, StageModel
from funnel.sql import Paragraph, Query, compose, create_table, identifier

COMPARED_LEADS = 200_000
MOST_STAGES = 60


def as_recorded(engine: Engine, concepts: Pairs[str, str], usual_order: Pairs[str, int], name: str) -> StageModel:
    """A model with one stage for each label of the file that is no exit and not ignored, in inferred order.

    Of two labels, the one that more leads entered first comes first (equal times say nothing); a label's place is the number
    of labels that it comes before, ties by the usual order of their concepts, then by typical position within a lead. Labels
    that no lead has both of are compared by the usual order, then by typical position. From 200,000 leads on, a sample by
    lead is compared, the same one each time. `concepts` names the labels with most leads first; a picture of more than 60
    stages says nothing, so the rest is left out (and coverage tells of it).
    """
    stages = [label for label, concept in concepts.items() if concept != IGNORED and concept not in LOST_CONCEPTS]
    labels = stages[:MOST_STAGES]
    precedes = _precedence(engine, set(labels))
    typical = _typical_positions(engine)

    def usual(label: str) -> tuple[float, float]:
        return usual_order.get(concepts[label], float("inf")), typical.get(label, float("inf"))

    def comes_before(left: str, right: str) -> bool:
        forward, backward = precedes.get((left, right), 0), precedes.get((right, left), 0)
        if forward != backward:
            return forward > backward
        (left_usual, left_typical), (right_usual, right_typical) = usual(left), usual(right)
        if left_usual != right_usual and float("inf") not in (left_usual, right_usual):
            return left_usual < right_usual
        return left_typical < right_typical

    wins = {label: sum(comes_before(label, other) for other in labels if other != label) for label in labels}
    ordered = sorted(labels, key=lambda label: (-wins[label], *usual(label), label))
    return labels_model(AS_RECORDED, name, [(label, (label,)) for label in ordered], concepts)


def inferred_order(journeys: Journeys, model: StageModel) -> InferredOrder:
    """How far the leads agree with the order of a model's stages: for each two stages that follow each other, the leads that
    entered the one first, the other first, or both at one moment.

    A stage is entered when the first of its labels is. Leads count that have dated entries at both stages; of more than
    200,000 leads, those of the sample that `as_recorded` compares. `sure` is over all pairs of stages, next to each other or
    not: the pairs of entries that run in this order, of those that run in either; both at one moment says nothing. A snapshot
    has few such leads or none, since it tells only where they stand.
    """
    staged = """SELECT first_entries.lead_id AS lead_id, placement.position AS position, MIN(first_entries.entered_at) AS entered_at
FROM first_entries
INNER JOIN placement ON placement.label = first_entries.label
GROUP BY first_entries.lead_id, placement.position"""
    last = """SELECT earlier.position AS earlier, later.position AS later,
    COUNT(*) FILTER (WHERE earlier.entered_at < later.entered_at) AS forward,
    COUNT(*) FILTER (WHERE earlier.entered_at > later.entered_at) AS backward,
    COUNT(*) FILTER (WHERE earlier.entered_at = later.entered_at) AS together
FROM staged AS earlier
INNER JOIN staged AS later ON later.lead_id = earlier.lead_id AND later.position > earlier.position
GROUP BY earlier.position, later.position
ORDER BY earlier.position, later.position"""
    paragraphs = [
        value_table("placement", ("label", "position"), list(model.placement(journeys.concepts).items())),
        Paragraph("first_entries", _first_entries(journeys.engine)),
        Paragraph("staged", Query(staged)),
    ]
    query = compose(paragraphs, Query(last))
    found = {(earlier, later): counts for earlier, later, *counts in journeys.engine.rows(query)}
    names = [stage.name for stage in model.stages]
    pairs = (
        OrderPair(earlier, later, *found.get((place, place + 1), (0, 0, 0)))
        for place, (earlier, later) in enumerate(pairwise(names))
    )
    forward, backward = (sum(counts[side] for counts in found.values()) for side in (0, 1))
    return InferredOrder(model, tuple(pairs), wilson(forward, forward + backward), query.readable())


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


_FIRST_ENTRIES = "first_entries"


def _first_entries(engine: Engine) -> Query:
    """lead_id, label, entered_at: the first entry of each lead at each label, of the sample of leads that is compared."""
    (leads,) = engine.row(Query("SELECT COUNT(*) AS leads FROM leads"))
    share = max(1, -(-leads // COMPARED_LEADS))
    return Query(
        f"""SELECT history.lead_id AS lead_id, history.label AS label,
    MIN(history.entered_at) AS entered_at
FROM history
WHERE history.entered_at IS NOT NULL AND HASH(history.lead_id) % {share} = 0
GROUP BY history.lead_id, history.label"""
    )


def _precedence(engine: Engine, labels: set[str]) -> dict[tuple[str, str], int]:
    """How many leads entered the first label of a pair before the second, for each pair that any lead has both of."""
    engine.run(create_table(_FIRST_ENTRIES, _first_entries(engine)))
    rows = engine.rows(
        Query(
            f"""SELECT earlier.label AS earlier, later.label AS later, COUNT(*) AS leads
FROM {identifier(_FIRST_ENTRIES)} AS earlier
INNER JOIN {identifier(_FIRST_ENTRIES)} AS later
    ON later.lead_id = earlier.lead_id AND later.entered_at > earlier.entered_at
GROUP BY earlier.label, later.label"""
        )
    )
    return {(earlier, later): count for earlier, later, count in rows if {earlier, later} <= labels}


def _typical_positions(engine: Engine) -> dict[str, float]:
    """The mean rank of each label among the labels of the leads that have it, from 0 (first)."""
    rows = engine.rows(
        Query(
            f"""WITH ranked AS (
    SELECT entries.label AS label, RANK() OVER (PARTITION BY entries.lead_id ORDER BY entries.entered_at) AS place
    FROM {identifier(_FIRST_ENTRIES)} AS entries
)
SELECT ranked.label AS label, AVG(ranked.place) - 1 AS place
FROM ranked
GROUP BY ranked.label"""
        )
    )
    return dict(rows)
