"""The score of all open leads for one number of days: what it may look at, whether its test lets it be shown, what it says today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from funnel.core.sql import Query, identifier
from funnel.core.types import WON_CONCEPT, AsOf, Note, StageModel
from funnel.core.types.models import IGNORED, LOST_CONCEPTS
from funnel.journeys import Journeys
from funnel.measures.cells import Single
from funnel.measures.lead_score_backtest import FEWEST_WINNERS, ScoreTest, known, leaking, predicted, tested, won_within
from funnel.measures.lead_score_model import Learnt, learn, stage_rates
from funnel.measures.lead_score_panel import NOW, Panel, panel
from funnel.measures.target_leakage import tells

Numbers = NDArray[np.float64]

HORIZONS = (30, 90, 180)
MOST_COLUMNS, MOST_VALUES = 30, 1000
AMOUNT_COLUMN = "amount"


@dataclass(frozen=True)
class DroppedColumn:
    """A column that the score does not look at, and why."""

    column: str
    why: Note


@dataclass(frozen=True)
class Known:
    """What any number of days is learnt from: the panel, the columns looked at, and those that are not."""

    panel: Panel
    columns: tuple[str, ...]
    dropped: tuple[DroppedColumn, ...]
    until: datetime


@dataclass(frozen=True)
class Horizon:
    """The score for one number of days. `why_hidden` None: it may be shown. `rates` are those of the labels alone, `past` the rows that
    it was learnt from; both None where no landmark lies so far back. `won`: who of the past rows won in time."""

    day: int
    why_hidden: Note | None
    test: ScoreTest | None = None
    rates: Numbers | None = None
    learnt: Learnt | None = None
    past: Panel | None = None
    won: Numbers | None = None
    dropped: tuple[DroppedColumn, ...] = ()


def reference(journeys: Journeys, model: StageModel) -> StageModel:
    """The model whose labels a panel is made of: the file's own."""
    return journeys.file.recorded() if journeys.file is not None else model


def why_unlearnable(journeys: Journeys, model: StageModel, until: datetime | None) -> Note | None:
    """Why nothing can be learnt of these files at all; None where it can."""
    if journeys.start_from_created:
        return Note("measures.chance_snapshot")
    if until is None:
        return Note("measures.chance_undated")
    counted = Query(
        f"SELECT COUNT(*) FILTER (WHERE journeys.outcome = 'won') AS won FROM {identifier(journeys.own(model))} AS journeys"
    )
    (won,) = journeys.engine.row(counted)
    if not won and WON_CONCEPT not in journeys.concepts.values():
        return Note("measures.chance_no_win")
    ends = {WON_CONCEPT, IGNORED, *LOST_CONCEPTS}
    if sum(concept not in ends for concept in journeys.concepts.values()) < 2:
        return Note("measures.chance_one_stage")
    if won < FEWEST_WINNERS:
        return Note("measures.chance_few_ever", {"wins": won, "least": FEWEST_WINNERS})
    return None


def known_by(journeys: Journeys, model: StageModel, until: datetime, days: Sequence[int]) -> Known:
    """The panel for these numbers of days, kept."""

    def work() -> Known:
        columns, dropped = _columns(journeys, model)
        read = panel(journeys, model, until, days, columns)
        if AMOUNT_COLUMN in {each.column for each in dropped}:
            read = replace(read, amount=np.full(len(read), np.nan))
        return Known(read, tuple(columns), tuple(dropped), until)

    return journeys.once(("lead_score_panel", model, journeys.ends(model), until, tuple(days)), work)


def horizon(journeys: Journeys, model: StageModel, of: Known, day: int) -> Horizon:
    """The score for so many days, kept."""
    key = ("lead_score", model, journeys.ends(model), of.until, day, len(of.panel))
    return journeys.once(key, lambda: learnt_from(of, day))


def learnt_from(of: Known, day: int) -> Horizon:
    """The score for so many days, tested."""
    after = np.asarray([(of.until - moment).total_seconds() / 86_400 for moment in of.panel.moments])
    past = of.panel.among(known(of.panel, day, after) if len(after) else np.zeros(len(of.panel), dtype=bool))
    if not len(past):
        return Horizon(day, Note("measures.chance_short", {"day": day}))
    won = won_within(past, day)
    rates = stage_rates(past.label, won, len(past.labels))
    leaks = leaking(past, day, of.columns)
    columns = tuple(name for name in of.columns if name not in leaks)
    if None in leaks:
        past = replace(past, amount=np.full(len(past), np.nan))
    dropped = tuple(DroppedColumn(name or AMOUNT_COLUMN, Note("measures.chance_dropped_tells")) for name in leaks)
    said = predicted(past, day, columns)
    if said is None:
        return Horizon(day, Note("measures.chance_short", {"day": day}), None, rates, dropped=dropped)
    test = tested(said)
    if test.why_hidden is not None:
        return Horizon(day, test.why_hidden, test, rates, dropped=dropped)
    return Horizon(day, None, test, rates, learn(past, won, columns), past, won, dropped)


def present(of: Known, day: Horizon) -> Panel:
    """The rows of now, as a score for so many days looks at them."""
    now = of.panel.among(of.panel.landmark == NOW)
    if AMOUNT_COLUMN in {each.column for each in day.dropped}:
        return replace(now, amount=np.full(len(now), np.nan))
    return now


def _columns(journeys: Journeys, model: StageModel) -> tuple[list[str], list[DroppedColumn]]:
    """The columns of the file that a score may look at, and those that it may not: what is filled in as a deal ends, by its header or
    by what stands in it, and what is not known from the start."""
    file = journeys.file
    if file is None or file.columns is None:
        return [], []
    leads = journeys.starts.seen(journeys.table(model), AsOf.START)
    late = file.columns.known_late
    dropped = [
        DroppedColumn(name, Note("measures.chance_dropped_unknown")) for name in sorted(file.columns.unknown_at_start)
    ]
    wanted: list[str] = []
    for each in file.columns.of_file:
        if each.column in file.columns.unknown_at_start:
            continue
        if each.column in late:
            dropped.append(DroppedColumn(each.column, Note("measures.chance_dropped_late")))
        elif 2 <= each.values_at_start <= MOST_VALUES:
            wanted.append(each.column)
    counts = _by_outcome(journeys, leads, wanted)
    for name in (*wanted, AMOUNT_COLUMN):
        if tells(counts[name]):
            dropped.append(DroppedColumn(name, Note("measures.chance_dropped_tells")))
    gone = {each.column for each in dropped}
    kept = [name for name in wanted if name not in gone]
    dropped += [DroppedColumn(name, Note("measures.chance_dropped_many")) for name in kept[MOST_COLUMNS:]]
    return kept[:MOST_COLUMNS], dropped


def _by_outcome(journeys: Journeys, leads: str, columns: Sequence[str]) -> dict[str, Single]:
    """How many leads of each value of each column have which outcome; of the amount, whether there is one."""
    has_amount = "amount" in {name for name, _ in journeys.engine.columns(leads)}
    values = [*(f"CAST(journeys.{identifier(name)} AS VARCHAR)" for name in columns)]
    values.append("CASE WHEN journeys.amount IS NOT NULL THEN '1' END" if has_amount else "CAST(NULL AS VARCHAR)")
    counted = [
        f"""SELECT {number} AS number, {value} AS value, journeys.outcome AS outcome, COUNT(*) AS leads
FROM {identifier(leads)} AS journeys
GROUP BY {value}, journeys.outcome"""
        for number, value in enumerate(values)
    ]
    names = (*columns, AMOUNT_COLUMN)
    counts: dict[str, Single] = {name: {} for name in names}
    for number, value, outcome, found in journeys.engine.rows(Query("\nUNION ALL\n".join(counted))):
        counts[names[number]][value, outcome] = found, 0
    return counts
