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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Note, Question, Rate, StageModel, Unit
from funnel.journeys import Journeys
from funnel.measures.bottleneck import Bottleneck, bottlenecks
from funnel.measures.population.population import check, check_columns, selected, table_of, within_dates
from funnel.measures.signal import LabelSignal, Landmark, Signal, landmark
from funnel.measures.statistics import information
from funnel.measures.statistics.information import Hidden
from funnel.measures.statistics.rates import wilson
from funnel.measures.steps import coverage
from funnel.measures.time_in_stage import Waits

FEWEST_WINS = 50


@dataclass(frozen=True)
class Moves:
    """Changes of stage. `forward` are of all moves; `skipping` are those forward moves that jump over a stage; `full_path` are
    the won leads that were recorded at every stage before the win."""

    forward: Rate
    skipping: Rate
    full_path: Rate


@dataclass(frozen=True)
class Spread:
    """A total by stage: losses, or days open. `evenness` is Pielou's, from 0 (all at one stage) to 1; None for fewer than two stages.
    Which stage has most, `Bottleneck` says."""

    by_stage: tuple[float, ...]
    evenness: float | None

    @property
    def total(self) -> float:
        """The sum over all stages."""
        return sum(self.by_stage)


@dataclass(frozen=True)
class Score:
    """How well one model tells the story of these leads: `leads` are compared, `placed` of them the model places.

    `coverage` is of all leads that meet the filters on columns, dates not looked at, as in the funnel. A line that cannot be
    computed is None, and `missing` says why, by its name: signal, moves, hidden, leaks, waits. `bottleneck` names the stages of the
    last two, where any stands out; None where leaks and waits are.
    """

    question: Question
    leads: int
    placed: int
    coverage: Rate
    signal: Signal | None
    moves: Moves | None
    hidden: Hidden | None
    leaks: Spread | None
    waits: Spread | None
    bottleneck: Bottleneck | None = None
    missing: Mapping[str, Note] = field(default_factory=dict)
    sql: str = ""


def score(journeys: Journeys, question: Question, reference: StageModel, day: Landmark | None = None) -> Score:
    """The scoreboard's lines for one model, over the leads that the reference (`alignment.reference`) counts; the question's unit and
    rule do not matter. `day` None: `signal.landmark`."""
    check(question)
    day = day or journeys.once(
        ("landmark", reference, question.observed_until),
        lambda: landmark(journeys, reference, question.observed_until),
    )
    model = question.model
    of_reference = replace(question, model=reference, unit=Unit.LEAD, dated_by=None, window_days=None)
    check_columns(journeys, table_of(journeys, of_reference), of_reference.filters)
    chosen = [
        Paragraph("kept", selected(table_of(journeys, of_reference), of_reference.filters)),
        *within_dates(journeys, of_reference, "kept", "chosen"),
    ]
    filled = journeys.filled(model)
    table = identifier(journeys.transitions(model))
    transitions = Paragraph("transitions", Query(f"SELECT transitions.*\nFROM {table} AS transitions"))
    summed = compose([*chosen, transitions], _SUMS)
    (row,) = journeys.engine.named(summed)
    won = row["won"]
    queries = [summed]
    lines: dict[str, Any] = dict.fromkeys((*_LINES, "bottleneck"))
    missing: dict[str, Note] = {}
    if question.observed_until is None:
        missing = dict.fromkeys(_LINES, Note("errors.no_observation"))
    elif journeys.start_from_created:
        missing = dict.fromkeys(_LINES, Note("measures.score_snapshot"))
    else:
        (stuck,) = bottlenecks(Waits(journeys, question)).values()
        queries.append(Query(stuck.sql))
        lines |= {"bottleneck": stuck, **_walked(journeys, model, filled, row, stuck)}
        labels = LabelSignal(journeys, question, reference, chosen)
        lines["hidden"], query = labels.hidden()
        queries.append(query)
        if won < FEWEST_WINS:
            missing["signal"] = Note("measures.score_few_wins", {"won": won, "fewest": FEWEST_WINS})
        else:
            signal, query = labels.signal(model, day)
            queries.append(query)
            if isinstance(signal, Note):
                missing["signal"] = signal
            else:
                lines["signal"] = signal
        if lines["moves"] is not None and lines["moves"].full_path.value is None:
            missing["full_path"] = Note("measures.score_no_wins")
        for name, note in _NOTHING.items():
            if lines[name] is None and name not in missing:
                missing[name] = Note(note)
    return Score(
        question=question,
        leads=row["leads"],
        placed=row["placed"],
        coverage=wilson(*coverage(journeys, question)[None][::-1]),
        missing=missing,
        sql=";\n\n".join(query.readable() for query in queries),
        **lines,
    )


_LINES = ("signal", "moves", "hidden", "leaks", "waits")
_NOTHING = {
    "moves": "measures.score_no_moves",
    "hidden": "measures.score_no_panel",
    "leaks": "measures.score_no_losses",
    "waits": "measures.score_no_waits",
}


_SUMS = Query("""SELECT COUNT(*) AS leads, COUNT(transitions.lead_id) AS placed,
    COUNT(*) FILTER (WHERE chosen.outcome = 'won') AS won,
    COUNT(*) FILTER (WHERE chosen.outcome = 'won' AND transitions.lead_id IS NOT NULL) AS placed_won,
    COUNT(*) FILTER (WHERE chosen.outcome = 'won' AND transitions.full_path) AS full_path,
    COALESCE(SUM(transitions.forward), 0) AS forward,
    COALESCE(SUM(transitions.backward), 0) AS backward,
    COALESCE(SUM(transitions.skips), 0) AS skips
FROM chosen
LEFT JOIN transitions ON transitions.lead_id = chosen.lead_id""")


def _walked(
    journeys: Journeys, model: StageModel, filled: list[int], row: dict[str, Any], stuck: Bottleneck
) -> dict[str, Moves | Spread | None]:
    win = model.win_stage(journeys.concepts)
    forward, backward, skips = (int(row[name]) for name in ("forward", "backward", "skips"))
    moves = None
    if forward + backward:
        full = wilson(row["full_path"], row["placed_won"])
        moves = Moves(wilson(forward, forward + backward), wilson(skips, forward), full)
    before = [position for position in filled if win is None or position < win]
    return {"moves": moves, "leaks": _spread(stuck.lost, before), "waits": _spread(stuck.days, before)}


def _spread(amounts: Sequence[float], before_win: list[int]) -> Spread | None:
    """None where there is nothing to spread. Evenness is over the filled stages before the win, and later ones that have any."""
    total = sum(amounts)
    if total <= 0:
        return None
    possible = [amount for position, amount in enumerate(amounts) if position in before_win or amount > 0]
    return Spread(tuple(float(amount) for amount in amounts), information.evenness(possible))
