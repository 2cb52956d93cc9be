"""What a model's stage says, on a landmark day after the start, about being won later; beside what the file's labels say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from funnel.core.sql import Paragraph, Query, compose, days, identifier
from funnel.core.types import Note, Question, Rate, StageModel
from funnel.journeys import LOST_STATE, WON_STATE, Journeys, labels_of
from funnel.measures.statistics import information
from funnel.measures.statistics.differences import newcombe
from funnel.measures.statistics.information import Hidden
from funnel.measures.statistics.rates import wilson

FEWEST_OF_EACH = 10

ENOUGH_OF_EACH = 20

NO_BITS = 1e-9

Group = TypeVar("Group", bound=Hashable)


@dataclass(frozen=True)
class Landmark:
    """Leads still undecided `age_days` after their start are looked at, and what became of them `horizon_days` later."""

    age_days: int
    horizon_days: int


@dataclass(frozen=True)
class StageRate:
    """Of the leads that stood at a stage on the landmark day: the share won within the horizon. `position` is None for leads
    that had been at no stage of the model by then."""

    position: int | None
    name: str
    won: Rate


@dataclass(frozen=True)
class Rise:
    """From one stage to the next that leads stood at: how much likelier the win is, with Newcombe's 95 % interval."""

    lower: str
    upper: str
    difference: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """ "rise" where the interval lies above zero, "fall" where below, else "tie"."""
        return "rise" if self.low > 0 else "fall" if self.high < 0 else "tie"


@dataclass(frozen=True)
class Signal:
    """What a model's stage says on the landmark day about winning, beside what the labels themselves say.

    Information is in bits. `kept` is bits / label_bits, at most 1; None where the labels say nothing. `skill` is the share of the log loss
    that knowing the stage saves, each lead forecast by all others; it is below 0 where the stage misleads. `order` is how often, of a
    lead that was won and one that was not, the won one stood at the later stage (ties count half); leads at no stage of the
    model have no part in it.
    """

    landmark: Landmark
    leads: int
    won: int
    bits: float
    label_bits: float
    kept: float | None
    skill: float | None
    order: float | None
    stages: tuple[StageRate, ...]
    rises: tuple[Rise, ...]

    @property
    def clear_rises(self) -> int:
        """How many stages have clearly more wins than the one before."""
        return sum(rise.verdict == "rise" for rise in self.rises)


LANDMARKS = (Landmark(60, 180), Landmark(30, 90), Landmark(14, 60), Landmark(7, 30), Landmark(1, 7))


def landmark(journeys: Journeys, reference: StageModel, observed_until: datetime | None) -> Landmark:
    """The day on which leads are judged: the first of `LANDMARKS` on which at least 20 leads were still undecided that were then
    won, and at least 20 that were not. Over all leads of the file, so that it stays when dates and filters change. The first of
    all where there is no such day."""
    if observed_until is None or journeys.start_from_created:
        return LANDMARKS[0]
    source = identifier(journeys.table(reference))
    columns = []
    for index, each in enumerate(LANDMARKS):
        judged, won = _judged("journeys", each)
        columns += [
            f"COUNT(*) FILTER (WHERE {judged} AND {won}) AS won_{index}",
            f"COUNT(*) FILTER (WHERE {judged} AND NOT {won}) AS other_{index}",
        ]
    text = f"SELECT {', '.join(columns)}\nFROM {source} AS journeys"
    row = journeys.engine.row(Query(text, (observed_until,) * len(columns)))
    for index, each in enumerate(LANDMARKS):
        if min(row[2 * index : 2 * index + 2]) >= ENOUGH_OF_EACH:
            return each
    return LANDMARKS[0]


class LabelSignal:
    """What the labels say, beside the stages: the landmark group and the 30-day panel of the reference."""

    def __init__(self, journeys: Journeys, question: Question, reference: StageModel, chosen: list[Paragraph]) -> None:
        self.journeys = journeys
        self.observed_until = question.observed_until
        self.reference = reference
        self.chosen = chosen
        placement = question.model.placement(journeys.concepts)
        self.stage_of = [placement.get(label) for label in labels_of(reference)]

    def signal(self, model: StageModel, day: Landmark) -> tuple[Signal | Note, Query]:
        """The signal, or a sentence that says why there is none: fewer than 10 leads of the landmark group were won, or were not;
        or all of them stood at one label."""
        group, won = _judged("chosen", day)
        labelled = identifier(self.journeys.landmarks(self.reference, day.age_days))
        stage, join = "NULL", ""
        # Where every label has a stage, and none stands before an earlier one, the label says the stage.
        by_label = None not in self.stage_of and self.stage_of == sorted(self.stage_of, key=_position)
        if not by_label:
            table = identifier(self.journeys.landmarks(self.reference, day.age_days, model))
            stage, join = "stages.position", f"\nLEFT JOIN {table} AS stages ON stages.lead_id = judged.lead_id"
        text = f"""SELECT labels.position AS label, {stage} AS stage, COUNT(*) AS leads, SUM(judged.won) AS won
FROM judged
INNER JOIN {labelled} AS labels ON labels.lead_id = judged.lead_id{join}
GROUP BY 1, 2
ORDER BY 1, 2"""
        each = f"SELECT chosen.lead_id AS lead_id, CASE WHEN {won} THEN 1 ELSE 0 END AS won\nFROM chosen\nWHERE {group}"
        query = compose([*self.chosen, Paragraph("judged", Query(each, (self.observed_until,)))], Query(text))
        rows = [
            (label, self.stage_of[label] if by_label else position, leads, int(won))
            for label, position, leads, won in self.journeys.engine.rows(query)
        ]
        labels, stages = _table((row[0], *row[2:]) for row in rows), _table(row[1:] for row in rows)
        leads, wins = (sum(pair[side] for pair in labels.values()) for side in (0, 1))
        if min(wins, leads - wins) < FEWEST_OF_EACH:
            values = {"age": day.age_days, "horizon": day.horizon_days, "fewest": FEWEST_OF_EACH}
            return Note("measures.score_no_landmark", values), query
        if len(labels) < 2:
            return Note("measures.score_one_label", {"age": day.age_days, "leads": leads}), query
        bits, label_bits = information.mutual_information(stages), information.mutual_information(labels)
        placed = {stage: pair for stage, pair in sorted(stages.items(), key=_in_order) if stage is not None}
        return Signal(
            landmark=day,
            leads=leads,
            won=wins,
            bits=bits,
            label_bits=label_bits,
            kept=min(1.0, bits / label_bits) if label_bits > NO_BITS else None,
            skill=information.skill(stages),
            order=information.right_order(placed),
            stages=tuple(
                StageRate(stage, "" if stage is None else model.stages[stage].name, _won(pair))
                for stage, pair in sorted(stages.items(), key=_in_order)
            ),
            rises=tuple(
                Rise(
                    model.stages[lower].name,
                    model.stages[upper].name,
                    *newcombe(_won(placed[upper]), _won(placed[lower])),
                )
                for lower, upper in pairwise(placed)
            ),
        ), query

    def hidden(self) -> tuple[Hidden | None, Query]:
        """None where no lead was observed for 30 days before it ended."""
        assert self.observed_until is not None
        panel = self.journeys.panel(self.reference, self.observed_until)
        text = f"""SELECT panel.from_label AS from_label, panel.to_label AS to_label, SUM(panel.pairs) AS pairs
FROM chosen
INNER JOIN {identifier(panel)} AS panel ON panel.lead_id = chosen.lead_id
GROUP BY 1, 2
ORDER BY 1, 2"""
        query = compose(self.chosen, Query(text))
        pairs: Counter[tuple[int, Hashable]] = Counter()
        for before, after, count in self.journeys.engine.rows(query):
            ended = {WON_STATE: "won", LOST_STATE: "lost"}.get(after)
            pairs[before, ended or self.stage_of[after]] += int(count)
        return (information.hidden(pairs, self.stage_of.__getitem__) if pairs else None), query


def _judged(row: str, day: Landmark) -> tuple[str, str]:
    """Conditions: the lead is in the landmark group (its `?` is the observation), and it was won within the horizon."""
    limit = day.age_days + day.horizon_days
    group = (
        f"{row}.started_at + {days(limit)} <= ? AND ({row}.outcome = 'open'"
        f" OR {row}.ended_at > {row}.started_at + {days(day.age_days)})"
    )
    return group, f"({row}.outcome = 'won' AND {row}.ended_at <= {row}.started_at + {days(limit)})"


def _in_order(entry: tuple[int | None, object]) -> int:
    """Stages by position, leads at no stage first."""
    return _position(entry[0])


def _won(counts: tuple[int, int]) -> Rate:
    """The share that was won, of (leads, won)."""
    leads, won = counts
    return wilson(won, leads)


def _position(stage: int | None) -> int:
    return -1 if stage is None else stage


def _table(rows: Iterable[tuple[Group, int, int]]) -> dict[Group, tuple[int, int]]:
    """(leads, won) of each group, from rows (group, leads, won)."""
    counts: dict[Group, tuple[int, int]] = {}
    for group, leads, won in rows:
        leads_before, won_before = counts.get(group, (0, 0))
        counts[group] = leads_before + leads, won_before + won
    return counts
