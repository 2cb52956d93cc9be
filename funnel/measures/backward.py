"""A funnel read from the win backwards: which way the won leads came, and how many leads a stage needs for one win."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from funnel.core.sql import Query, compose
from funnel.core.types import Backward, BackwardStage, Question, Rule
from funnel.journeys import Journeys
from funnel.measures.population.population import MICROSECONDS_A_DAY, in_question
from funnel.measures.statistics.rates import wilson


def backward(journeys: Journeys, question: Question) -> Backward:
    """Each stage, from the last to the first, for the leads (or accounts) that the question counts.

    - *recorded*: of the won leads, those that entered the stage itself, at whatever time and under whatever rule (under
      `passed`, each of them has passed it). An account is recorded where as many of its leads as the quorum asks for are.
    - *days before the win*: from the first entry at the stage to the win, over the leads whose first entry is not after it.
    - *needed*: leads counted at the stage under the question's rule and window, for each of them that was won; its interval
      is the turned-over Wilson interval of won / leads. *At best*: for each that was won or is still open.

    A snapshot tells where a lead stands and not which way it came: there, `recorded` is of 0 leads, and no median is told.
    """
    stages = len(question.model.stages)
    counted = compose(in_question(journeys, question), _counts(stages))
    (counts,) = journeys.engine.named(counted)
    # What `recorded` asks is what the rule `visited` counts without a window.
    plain = replace(question, rule=Rule.VISITED, window_days=None)
    walked = compose(in_question(journeys, plain), _way(stages))
    (way,) = journeys.engine.named(walked)
    known = 0 if journeys.start_from_created else way["won"]
    return Backward(
        question=question,
        won=way["won"],
        stages=tuple(_read(question, place, counts, way, known) for place in reversed(range(stages))),
        sql=f"{counted.readable()};\n\n{walked.readable()}",
    )


def _counts(stages: int) -> Query:
    columns = []
    for place in range(stages):
        here = f"counted.reached_{place}"
        columns += [
            f"COUNT(*) FILTER (WHERE {here}) AS leads_{place}",
            f"COUNT(*) FILTER (WHERE {here} AND counted.outcome = 'won') AS won_{place}",
            f"COUNT(*) FILTER (WHERE {here} AND counted.outcome = 'open') AS open_{place}",
        ]
    return Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM counted")


def _way(stages: int) -> Query:
    columns = ["COUNT(*) AS won"]
    for place in range(stages):
        before = f"EPOCH_US(counted.ended_at) - EPOCH_US(counted.time_{place})"
        timely = f"counted.time_{place} <= counted.ended_at"
        columns += [
            f"COUNT(*) FILTER (WHERE counted.reached_{place}) AS recorded_{place}",
            f"COUNT(*) FILTER (WHERE {timely}) AS timed_{place}",
            f"MEDIAN({before}) FILTER (WHERE {timely}) AS median_{place}",
        ]
    return Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM counted\nWHERE counted.outcome = 'won'")


def _read(question: Question, place: int, counts: dict[str, Any], way: dict[str, Any], known: int) -> BackwardStage:
    stage = question.model.stages[place]
    leads, won, still_open = (counts[f"{part}_{place}"] for part in ("leads", "won", "open"))
    share = wilson(won, leads)
    median = way[f"median_{place}"] if known else None
    return BackwardStage(
        position=place,
        key=stage.key,
        name=stage.name,
        recorded=wilson(way[f"recorded_{place}"] if known else 0, known),
        median_days_before_win=None if median is None else float(median) / MICROSECONDS_A_DAY,
        timed=way[f"timed_{place}"] if known else 0,
        leads=leads,
        won=won,
        open=still_open,
        needed=leads / won if won else None,
        low=1 / share.high if won and share.high else None,
        high=1 / share.low if won and share.low else None,
        at_best=leads / (won + still_open) if won + still_open else None,
    )
