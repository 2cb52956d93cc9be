"""How well a model tells the story of the leads: the lines of the scoreboard.

All models are looked at over the same leads: those that the *reference* (all labels that one of the models takes, each a stage)
counts under the question's dates and filters. For signal and hidden stages, starts, outcomes and ends are the reference's; for
leaks and waits, outcomes and ends are the model's own, as in its funnel.

- **signal**: leads still undecided on the landmark day and old enough to be judged; what the stage they stood at says about winning
  within the horizon, beside what their label says. A label that the model does not take is passed over: the lead stands where it
  stood before. Such a model may remember what the last label does not tell; of that it keeps all, and no more.
- **moves**: changes of stage of the leads' whole histories; see `funnel.journeys.transitions`.
- **hidden**: leads every 30 days from their start until they are decided; what the label says of the next stage beyond the stage.
- **leaks**: lost leads by the stage where they stood last; who was lost as a customer was lost from none.
- **waits**: days open by stage, until the end or the observation. Both are those of `measures.bottleneck`, which names the stage too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any, TypeVar

from funnel.core.sql import Paragraph, Query, compose, days, identifier
from funnel.core.types import (
    Bottleneck,
    Hidden,
    Landmark,
    Moves,
    Note,
    Question,
    Rate,
    Rise,
    Score,
    Signal,
    Spread,
    StageModel,
    StageRate,
    Unit,
)
from funnel.journeys import LOST_STATE, WON_STATE, Journeys, labels_of
from funnel.measures.bottleneck import bottleneck
from funnel.measures.population.population import check, check_columns, selected, table_of, within_dates
from funnel.measures.statistics import information
from funnel.measures.statistics.differences import newcombe
from funnel.measures.statistics.rates import wilson
from funnel.measures.steps import coverage

FEWEST_WINS = 50
FEWEST_OF_EACH = 10
LANDMARKS = (Landmark(60, 180), Landmark(30, 90), Landmark(14, 60), Landmark(7, 30), Landmark(1, 7))
ENOUGH_OF_EACH = 20
NO_BITS = 1e-9

Group = TypeVar("Group", bound=Hashable)


def landmark(journeys: Journeys, reference: StageModel, observed_until: datetime | None) -> Landmark:
    """The day on which leads are judged: the first of `LANDMARKS` on which at least 20 leads were still undecided that were then
    won, and at least 20 that were not. Over all leads of the file, so that it stays when dates and filters change. The first of
    all where there is no such day."""
    if observed_until is None or journeys.start_from_created:
        return LANDMARKS[0]
    source = identifier(journeys.table(reference))
    columns = []
    for place, each in enumerate(LANDMARKS):
        judged, won = _judged("journeys", each)
        columns += [
            f"COUNT(*) FILTER (WHERE {judged} AND {won}) AS won_{place}",
            f"COUNT(*) FILTER (WHERE {judged} AND NOT {won}) AS other_{place}",
        ]
    text = f"SELECT {', '.join(columns)}\nFROM {source} AS journeys"
    row = journeys.engine.row(Query(text, (observed_until,) * len(columns)))
    for place, each in enumerate(LANDMARKS):
        if min(row[2 * place : 2 * place + 2]) >= ENOUGH_OF_EACH:
            return each
    return LANDMARKS[0]


def score(journeys: Journeys, question: Question, reference: StageModel, day: Landmark) -> Score:
    """The scoreboard's lines for one model, over the leads that the reference counts; the question's unit and rule do not matter."""
    check(question)
    model = question.model
    asked = replace(question, model=reference, unit=Unit.LEAD, dated_by=None, window_days=None)
    check_columns(journeys, table_of(journeys, asked), asked.filters)
    chosen = [
        Paragraph("kept", selected(table_of(journeys, asked), asked.filters)),
        *within_dates(journeys, asked, "kept", "chosen"),
    ]
    filled = journeys.filled(model)
    table = identifier(journeys.walks(model))
    walks = Paragraph("walks", Query(f"SELECT walked.*\nFROM {table} AS walked"))
    summed = compose([*chosen, walks], _SUMS)
    (row,) = journeys.engine.named(summed)
    won = row["won"]
    queries = [summed]
    found: dict[str, Any] = dict.fromkeys((*_LINES, "bottleneck"))
    missing: dict[str, Note] = {}
    if question.observed_until is None:
        missing = dict.fromkeys(_LINES, Note("errors.no_observation"))
    elif journeys.start_from_created:
        missing = dict.fromkeys(_LINES, Note("measures.score_snapshot"))
    else:
        stuck = bottleneck(journeys, question)
        queries.append(Query(stuck.sql))
        found |= {"bottleneck": stuck, **_walked(journeys, model, filled, row, stuck)}
        labels = _Labels(journeys, question, reference, chosen)
        found["hidden"], query = labels.hidden()
        queries.append(query)
        if won < FEWEST_WINS:
            missing["signal"] = Note("measures.score_few_wins", {"won": won, "fewest": FEWEST_WINS})
        else:
            told, query = labels.signal(model, day)
            queries.append(query)
            if isinstance(told, Note):
                missing["signal"] = told
            else:
                found["signal"] = told
        if found["moves"] is not None and found["moves"].full_path.value is None:
            missing["full_path"] = Note("measures.score_no_wins")
        for name, note in _NOTHING.items():
            if found[name] is None and name not in missing:
                missing[name] = Note(note)
    return Score(
        question=question,
        leads=row["leads"],
        placed=row["placed"],
        coverage=wilson(*coverage(journeys, question)[None][::-1]),
        missing=missing,
        sql=";\n\n".join(query.readable() for query in queries),
        **found,
    )


_LINES = ("signal", "moves", "hidden", "leaks", "waits")
_NOTHING = {
    "moves": "measures.score_no_moves",
    "hidden": "measures.score_no_panel",
    "leaks": "measures.score_no_losses",
    "waits": "measures.score_no_waits",
}


def _judged(row: str, day: Landmark) -> tuple[str, str]:
    """Conditions: the lead is in the landmark group (its `?` is the observation), and it was won within the horizon."""
    limit = day.age_days + day.horizon_days
    group = (
        f"{row}.started_at + {days(limit)} <= ? AND ({row}.outcome = 'open'"
        f" OR {row}.ended_at > {row}.started_at + {days(day.age_days)})"
    )
    return group, f"({row}.outcome = 'won' AND {row}.ended_at <= {row}.started_at + {days(limit)})"


_SUMS = Query("""SELECT COUNT(*) AS leads, COUNT(walks.lead_id) AS placed,
    COUNT(*) FILTER (WHERE chosen.outcome = 'won') AS won,
    COUNT(*) FILTER (WHERE chosen.outcome = 'won' AND walks.lead_id IS NOT NULL) AS placed_won,
    COUNT(*) FILTER (WHERE chosen.outcome = 'won' AND walks.full_path) AS full_path,
    COALESCE(SUM(walks.forward), 0) AS forward,
    COALESCE(SUM(walks.backward), 0) AS backward,
    COALESCE(SUM(walks.skips), 0) AS skips
FROM chosen
LEFT JOIN walks ON walks.lead_id = chosen.lead_id""")


def _walked(
    journeys: Journeys, model: StageModel, filled: list[int], row: dict[str, Any], stuck: Bottleneck
) -> dict[str, Moves | Spread | None]:
    win = model.win_stage(journeys.concepts)
    forward, backward, skips = (int(row[name]) for name in ("forward", "backward", "skips"))
    moves = None
    if forward + backward:
        full = wilson(row["full_path"], row["placed_won"])
        moves = Moves(wilson(forward, forward + backward), wilson(skips, forward), full)
    before = [place for place in filled if win is None or place < win]
    return {"moves": moves, "leaks": _spread(stuck.lost, before), "waits": _spread(stuck.days, before)}


def _spread(amounts: Sequence[float], before_win: list[int]) -> Spread | None:
    """None where there is nothing to spread. Evenness is over the filled stages before the win, and later ones that have any."""
    total = sum(amounts)
    if total <= 0:
        return None
    possible = [amount for place, amount in enumerate(amounts) if place in before_win or amount > 0]
    return Spread(tuple(float(amount) for amount in amounts), information.evenness(possible))


class _Labels:
    """What the labels say, beside the stages: the landmark group and the 30-day panel of the reference."""

    def __init__(self, journeys: Journeys, question: Question, reference: StageModel, chosen: list[Paragraph]) -> None:
        self.journeys = journeys
        self.observed_until = question.observed_until
        self.reference = reference
        self.chosen = chosen
        places = question.model.placement(journeys.concepts)
        self.stage_of = [places.get(label) for label in labels_of(reference)]

    def signal(self, model: StageModel, day: Landmark) -> tuple[Signal | Note, Query]:
        """The signal, or a sentence that says why there is none: fewer than 10 leads of the landmark group were won, or were not;
        or all of them stood at one label."""
        group, won = _judged("chosen", day)
        labelled = identifier(self.journeys.landmarks(self.reference, day.age_days))
        stage, join = "NULL", ""
        # Where every label has a stage, and none stands before an earlier one, the label says the stage.
        told = None not in self.stage_of and self.stage_of == sorted(self.stage_of, key=_position)
        if not told:
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
            (label, self.stage_of[label] if told else place, leads, int(won))
            for label, place, leads, won in self.journeys.engine.rows(query)
        ]
        labels, stages = _table((row[0], *row[2:]) for row in rows), _table(row[1:] for row in rows)
        leads, wins = (sum(pair[place] for pair in labels.values()) for place in (0, 1))
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
    found: dict[Group, tuple[int, int]] = {}
    for group, leads, won in rows:
        leads_before, won_before = found.get(group, (0, 0))
        found[group] = leads_before + leads, won_before + won
    return found
