"""A funnel read from the win backwards: which way the won leads came, and how many leads a stage needs for one win."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from funnel.core.rows import Row, days
from funnel.core.sql import Query, compose
from funnel.core.types import Question, Rate, Rule
from funnel.journeys import Journeys
from funnel.measures.population.population import MICROSECONDS_A_DAY, in_question
from funnel.measures.statistics.rates import wilson


@dataclass(frozen=True)
class BackwardStage:
    """One stage, read from the win.

    `recorded` is of the won leads: those that were recorded at the stage. `median_days_before_win` is over the `timed` of them.
    `needed` is how many leads counted here it took for one win, `low` and `high` its 95 % interval (from Wilson's); all None
    without a win. `at_best` is `needed` if every lead still open were won.
    """

    position: int
    key: str
    name: str
    recorded: Rate
    median_days_before_win: float | None
    timed: int
    leads: int
    won: int
    open: int
    needed: float | None
    low: float | None
    high: float | None
    at_best: float | None

    def row(self) -> Row:
        """The stage as a row: wins `recorded` there of `wins`, the days before the win, leads needed for one and their interval."""
        return {
            "name": self.name,
            "recorded": self.recorded.numerator,
            "wins": self.recorded.denominator,
            "share": self.recorded,
            "median_days_before_win": days(self.median_days_before_win),
            "timed": self.timed,
            "leads": self.leads,
            "won": self.won,
            "open": self.open,
            "needed": self.needed,
            "low": self.low,
            "high": self.high,
            "at_best": self.at_best,
        }


@dataclass(frozen=True)
class Backward:
    """A funnel read from the win backwards: `stages` start at the last one."""

    question: Question
    won: int
    stages: tuple[BackwardStage, ...]
    sql: str

    def rows(self) -> list[Row]:
        """A row a stage, from the win down."""
        return [stage.row() for stage in self.stages]


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
    known_wins = 0 if journeys.start_from_created else way["won"]
    return Backward(
        question=question,
        won=way["won"],
        stages=tuple(_read(question, position, counts, way, known_wins) for position in reversed(range(stages))),
        sql=f"{counted.readable()};\n\n{walked.readable()}",
    )


def _counts(stages: int) -> Query:
    columns = []
    for position in range(stages):
        here = f"counted.reached_{position}"
        columns += [
            f"COUNT(*) FILTER (WHERE {here}) AS leads_{position}",
            f"COUNT(*) FILTER (WHERE {here} AND counted.outcome = 'won') AS won_{position}",
            f"COUNT(*) FILTER (WHERE {here} AND counted.outcome = 'open') AS open_{position}",
        ]
    return Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM counted")


def _way(stages: int) -> Query:
    columns = ["COUNT(*) AS won"]
    for position in range(stages):
        before = f"EPOCH_US(counted.ended_at) - EPOCH_US(counted.time_{position})"
        timely = f"counted.time_{position} <= counted.ended_at"
        columns += [
            f"COUNT(*) FILTER (WHERE counted.reached_{position}) AS recorded_{position}",
            f"COUNT(*) FILTER (WHERE {timely}) AS timed_{position}",
            f"MEDIAN({before}) FILTER (WHERE {timely}) AS median_{position}",
        ]
    return Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM counted\nWHERE counted.outcome = 'won'")


def _read(
    question: Question, position: int, counts: dict[str, Any], way: dict[str, Any], known_wins: int
) -> BackwardStage:
    stage = question.model.stages[position]
    leads, won, still_open = (counts[f"{part}_{position}"] for part in ("leads", "won", "open"))
    share = wilson(won, leads)
    median = way[f"median_{position}"] if known_wins else None
    return BackwardStage(
        position=position,
        key=stage.key,
        name=stage.name,
        recorded=wilson(way[f"recorded_{position}"] if known_wins else 0, known_wins),
        median_days_before_win=None if median is None else float(median) / MICROSECONDS_A_DAY,
        timed=way[f"timed_{position}"] if known_wins else 0,
        leads=leads,
        won=won,
        open=still_open,
        needed=leads / won if won else None,
        low=1 / share.high if won and share.high else None,
        high=1 / share.low if won and share.low else None,
        at_best=leads / (won + still_open) if won + still_open else None,
    )
