"""How well a model tells the story of the leads: the lines of the scoreboard.

All models are looked at over the same leads: those that the *reference* (all labels that one of the models takes, each a stage)
counts under the question's dates and filters, with its starts, outcomes and ends.

- **signal**: leads still undecided on the landmark day and old enough to be judged; what the stage they stood at says about winning
  within the horizon, beside what their label says.
- **moves**: changes of stage of the leads' whole histories; see `funnel.journeys.walks`.
- **hidden**: leads every 30 days from their start until they are decided; what the label says of the next stage beyond the stage.
- **leaks**: lost leads by the stage they were lost from. **waits**: days open by stage, until the end or the observation.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from funnel.errors import QuestionError
from funnel.journeys import Journeys
from funnel.journeys.walks import LOST_STATE, WON_STATE
from funnel.measures import information
from funnel.measures.counted import MICROSECONDS_A_DAY, check, selected, table_of, within_dates
from funnel.measures.rates import wilson
from funnel.nouns import (
    Hidden,
    Landmark,
    Moves,
    Note,
    Question,
    Rise,
    Score,
    Signal,
    Spread,
    StageModel,
    StageRate,
    Unit,
)
from funnel.sql import Paragraph, Query, compose, days, identifier

FEWEST_WINS = 50
FEWEST_OF_EACH = 10
LANDMARKS = (Landmark(60, 180), Landmark(30, 90), Landmark(14, 60), Landmark(7, 30), Landmark(1, 7))
ENOUGH_OF_EACH = 20
NOT_YET = -1


def landmark(journeys: Journeys, reference: StageModel, observed_until: datetime | None) -> Landmark:
    """The day on which leads are judged: the latest of `LANDMARKS` on which 20 leads that were then won and 20 others were still
    undecided; over all leads of the file, so that it stays when dates and filters change. The first where there is none."""
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
    if question.observed_until is None:
        raise QuestionError("errors.no_observation")
    model = question.model
    asked = replace(question, model=reference, unit=Unit.LEAD, dated_by=None, window_days=None)
    chosen = [
        Paragraph("kept", selected(table_of(journeys, asked), asked.filters)),
        *within_dates(journeys, asked, "kept", "chosen"),
    ]
    walks = Paragraph(
        "walks", Query(f"SELECT walked.*\nFROM {identifier(journeys.walks(model, reference, day.age_days))} AS walked")
    )
    summed = compose([*chosen, walks], _sums(len(model.stages), question.observed_until))
    rows = journeys.engine.named(summed)
    leads, won = (sum(row[name] for row in rows) for name in ("leads", "won"))
    placed = sum(row["leads"] for row in rows if row["placed"])
    queries = [summed]
    found: dict[str, Any] = dict.fromkeys(("signal", "moves", "hidden", "leaks", "waits"))
    missing: dict[str, Note] = {}
    if journeys.start_from_created:
        missing = dict.fromkeys(found, Note("measures.score_snapshot"))
    else:
        found |= _walked(journeys, model, [row for row in rows if row["placed"]])
        labels = _Labels(journeys, question, reference, chosen)
        found["hidden"], query = labels.hidden(model)
        queries.append(query)
        if won < FEWEST_WINS:
            missing["signal"] = Note("measures.score_few_wins", {"won": won, "fewest": FEWEST_WINS})
        else:
            told, query = labels.signal(model, day, walks)
            queries.append(query)
            if isinstance(told, Note):
                missing["signal"] = told
            else:
                found["signal"] = told
        for name, note in _NOTHING.items():
            if found[name] is None and name not in missing:
                missing[name] = Note(note)
    return Score(
        question=question,
        leads=leads,
        coverage=wilson(placed, leads),
        missing=missing,
        sql=";\n\n".join(query.readable() for query in queries),
        **found,
    )


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


def _sums(stages: int, observed_until: datetime) -> Query:
    """A row for each outcome and last stage: leads, moves, and microseconds open by stage."""
    columns = [
        "walks.lead_id IS NOT NULL AS placed",
        "chosen.outcome AS outcome",
        "walks.last_stage AS last_stage",
        "COUNT(*) AS leads",
        "COUNT(*) FILTER (WHERE chosen.outcome = 'won') AS won",
        "COUNT(*) FILTER (WHERE chosen.outcome = 'won' AND walks.full_path) AS full_path",
        *(f"COALESCE(SUM(walks.{name}), 0) AS {name}" for name in ("forward", "backward", "skips")),
        "COALESCE(SUM(GREATEST(0, EPOCH_US(CAST(? AS TIMESTAMP)) - EPOCH_US(walks.open_since))), 0) AS open_us",
        *(f"COALESCE(SUM(walks.open_us_{place}), 0) AS open_us_{place}" for place in range(stages)),
    ]
    text = "SELECT\n    " + ",\n    ".join(columns)
    text += "\nFROM chosen\nLEFT JOIN walks ON walks.lead_id = chosen.lead_id\nGROUP BY 1, 2, 3"
    return Query(text, (observed_until,))


def _walked(journeys: Journeys, model: StageModel, rows: list[dict[str, Any]]) -> dict[str, Moves | Spread | None]:
    stages = len(model.stages)
    win = model.win_stage(journeys.concepts)
    forward, backward, skips, won, full = (
        int(sum(row[name] for row in rows)) for name in ("forward", "backward", "skips", "won", "full_path")
    )
    moves = None
    if forward + backward:
        moves = Moves(wilson(forward, forward + backward), wilson(skips, forward), wilson(full, won))
    lost, open_us = [0.0] * stages, [0.0] * stages
    for row in rows:
        place = row["last_stage"]
        for each in range(stages):
            open_us[each] += row[f"open_us_{each}"]
        if place < stages:
            open_us[place] += row["open_us"]
            lost[place] += row["leads"] if row["outcome"] == "lost" else 0
    before = stages if win is None else win
    waits = [microseconds / MICROSECONDS_A_DAY for microseconds in open_us]
    return {"moves": moves, "leaks": _spread(lost, before), "waits": _spread(waits, before)}


def _spread(amounts: list[float], before_win: int) -> Spread | None:
    """None where there is nothing to spread. Evenness is over the stages before the win, and later ones that have any."""
    total = sum(amounts)
    if total <= 0:
        return None
    top = max(range(len(amounts)), key=lambda place: amounts[place])
    possible = [amount for place, amount in enumerate(amounts) if place < before_win or amount > 0]
    return Spread(tuple(amounts), top, amounts[top] / total, information.evenness(possible))


class _Labels:
    """What the labels say, beside the stages: the landmark group and the 30-day panel of the reference."""

    def __init__(self, journeys: Journeys, question: Question, reference: StageModel, chosen: list[Paragraph]) -> None:
        self.journeys = journeys
        self.observed_until = question.observed_until
        self.reference = reference
        self.chosen = chosen

    def signal(self, model: StageModel, day: Landmark, walks: Paragraph) -> tuple[Signal | Note, Query]:
        """The signal, or a sentence that says why there is none: fewer than 10 leads of the landmark group were won, or were not;
        or all of them stood at one label."""
        group, won = _judged("chosen", day)
        labelled = self.journeys.walks(self.reference, self.reference, day.age_days)
        # Whole-number ids give folds that anybody can work out again; other ids are spread by their hash.
        fold = "COALESCE(ABS(TRY_CAST(judged.lead_id AS BIGINT)) % 5, HASH(judged.lead_id) % 5)"
        text = f"""SELECT {fold} AS fold, COALESCE(labels.stage_at, {NOT_YET}) AS label_at,
    COALESCE(walks.stage_at, {NOT_YET}) AS stage_at, COUNT(*) AS leads, SUM(judged.won) AS won
FROM judged
LEFT JOIN {identifier(labelled)} AS labels ON labels.lead_id = judged.lead_id
LEFT JOIN walks ON walks.lead_id = judged.lead_id
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3"""
        each = f"SELECT chosen.lead_id AS lead_id, CASE WHEN {won} THEN 1 ELSE 0 END AS won\nFROM chosen\nWHERE {group}"
        query = compose([*self.chosen, walks, Paragraph("judged", Query(each, (self.observed_until,)))], Query(text))
        rows = [
            (int(fold), label, stage, leads, int(won))
            for fold, label, stage, leads, won in self.journeys.engine.rows(query)
        ]
        stages, labels = _table(rows, 2), _table(rows, 1)
        leads, wins = (sum(pair[place] for pair in stages.values()) for place in (0, 1))
        if min(wins, leads - wins) < FEWEST_OF_EACH:
            values = {"age": day.age_days, "horizon": day.horizon_days, "fewest": FEWEST_OF_EACH}
            return Note("measures.score_no_landmark", values), query
        if len(labels) < 2:
            return Note("measures.score_one_label", {"age": day.age_days, "leads": leads}), query
        bits, label_bits = information.mutual_information(stages), information.mutual_information(labels)
        names = {NOT_YET: None, **{place: stage.name for place, stage in enumerate(model.stages)}}
        told = [place for place in sorted(stages) if place != NOT_YET and place < len(model.stages)]
        return Signal(
            landmark=day,
            leads=leads,
            won=wins,
            bits=bits,
            label_bits=label_bits,
            kept=bits / label_bits if label_bits else None,
            skill=information.skill((fold, stage, leads, won) for fold, _, stage, leads, won in rows),
            order=information.right_order(stages),
            stages=tuple(
                StageRate(None if place == NOT_YET else place, names.get(place) or "", wilson(won, leads))
                for place, (leads, won) in sorted(stages.items())
            ),
            rises=tuple(
                Rise(
                    model.stages[one].name, model.stages[other].name, *information.newcombe(stages[one], stages[other])
                )
                for one, other in pairwise(told)
            ),
        ), query

    def hidden(self, model: StageModel) -> tuple[Hidden | None, Query]:
        """None where no lead was observed for 30 days before it ended."""
        assert self.observed_until is not None
        panel = self.journeys.panel(self.reference, self.observed_until)
        text = f"""SELECT panel.from_label AS from_label, panel.to_label AS to_label, SUM(panel.pairs) AS pairs
FROM chosen
INNER JOIN {identifier(panel)} AS panel ON panel.lead_id = chosen.lead_id
GROUP BY 1, 2
ORDER BY 1, 2"""
        query = compose(self.chosen, Query(text))
        placed = model.placement(self.journeys.concepts)
        block = {place: placed.get(stage.labels[0]) for place, stage in enumerate(self.reference.stages)}
        pairs: Counter[tuple[int, Hashable]] = Counter()
        for before, after, count in self.journeys.engine.rows(query):
            ended = {WON_STATE: "won", LOST_STATE: "lost"}.get(after)
            pairs[before, ended or block[after]] += int(count)
        return (information.hidden(pairs, block.__getitem__) if pairs else None), query


def _table(rows: list[tuple[int, int, int, int, int]], column: int) -> dict[int, tuple[int, int]]:
    """(leads, won) by the value of a column."""
    found: defaultdict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in rows:
        leads, won = found[row[column]]
        found[row[column]] = leads + row[3], won + row[4]
    return dict(found)
