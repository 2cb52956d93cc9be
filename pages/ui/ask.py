"""Every question a page asks, answered once and kept.

The key of each answer is the workspace's token, the data set's revision, what is asked and of which question; the data
set itself is never hashed. A query that another run interrupted is asked again if its own run still lives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from funnel import AsOf, DataSet, Question, Rule, StageModel, Steps
from funnel.core.errors import Exhausted, Interrupted
from funnel.core.types import (
    AccountSizes,
    Aging,
    Alignment,
    Backward,
    Bottleneck,
    Breakdown,
    Change,
    CohortAmounts,
    Cohorts,
    Curves,
    Flows,
    InferredOrder,
    Kpis,
    Loyalty,
    MovesFound,
    Note,
    Period,
    Periods,
    Plan,
    Scan,
    Score,
    Segment,
    SegmentCurves,
    Segments,
    Starts,
    StepTrend,
    Times,
    TimesBy,
    Velocity,
)
from pages.server import query_queue
from pages.server.workspace import Workspace
from pages.ui import texts

Answer = TypeVar("Answer")
By = str | tuple[Segment, ...]
Range = tuple[date, date]


def steps(workspace: Workspace, question: Question) -> Steps:
    """The funnel."""
    return _ask(workspace, DataSet.steps, question)


def ready_for_dates(workspace: Workspace, question: Question) -> None:
    """Nothing to show: a date that is moved is answered at once afterwards."""
    _ask(workspace, DataSet.ready_for_dates, question)


def kpis(workspace: Workspace, question: Question, by_day: int) -> Kpis:
    """The figures above the funnel."""
    return _ask(workspace, DataSet.kpis, question, by_day)


def breakdown(workspace: Workspace, question: Question, column: str) -> Breakdown:
    """The funnel for each of the commonest values of a column."""
    return _ask(workspace, DataSet.breakdown, question, column)


def starts(workspace: Workspace, question: Question) -> Starts:
    """How many leads started when."""
    return _ask(workspace, DataSet.starts, question)


def rule_sensitivity(workspace: Workspace, question: Question) -> dict[Rule, int]:
    """How many leads each other rule would count differently."""
    return _ask(workspace, DataSet.rule_sensitivity, question)


def values(workspace: Workspace, column: str, limit: int, attributes: AsOf) -> list[str | None]:
    """The commonest values of a column; None is empty."""
    found = _ask(workspace, DataSet.attribute_values, column, limit=limit, attributes=attributes)
    return [value for value, _ in found]


def limits(workspace: Workspace, column: str, attributes: AsOf) -> tuple[float, float] | None:
    """The smallest and the largest number of a column."""
    return _ask(workspace, DataSet.attribute_range, column, attributes=attributes)


def lined_up(workspace: Workspace, questions: Sequence[Question]) -> tuple[Question, ...]:
    """The questions so that all look at the same leads."""
    return _ask(workspace, DataSet.lined_up, tuple(questions))


def flows(workspace: Workspace, questions: tuple[Question, ...]) -> Flows:
    """How the labels of the file flow into the stages of each model."""
    return _ask(workspace, DataSet.flows, questions)


def alignment(workspace: Workspace, questions: tuple[Question, ...]) -> Alignment:
    """Where each two models put the same leads."""
    return _ask(workspace, DataSet.alignment, questions)


def score(workspace: Workspace, question: Question, questions: tuple[Question, ...]) -> Score:
    """How well one of the models compared tells the story.

    It depends on the other models only by the labels that any of them takes, so swapping one asks only for the new one.
    """
    data_set, token, revision = _key(workspace)
    labels = sorted({label for each in questions for label in each.model.placement(data_set.concepts)})
    return _again(lambda: _score(data_set, token, revision, question, tuple(labels), questions))


def verdict(workspace: Workspace, scores: Sequence[Score]) -> tuple[Note, ...]:
    """Which model tells most with fewest stages, in sentences; a matter of the scores alone, so it is not kept."""
    data_set, _, _ = _key(workspace)
    return data_set.verdict(scores)


def backward(workspace: Workspace, question: Question) -> Backward:
    """The funnel read from the win."""
    return _ask(workspace, DataSet.backward, question)


def loyalty(workspace: Workspace, question: Question) -> Loyalty:
    """Customers who came back."""
    return _ask(workspace, DataSet.loyalty, question)


def moves(workspace: Workspace, question: Question) -> MovesFound:
    """How leads moved between stages."""
    return _ask(workspace, DataSet.moves, question)


def account_sizes(workspace: Workspace, question: Question) -> AccountSizes:
    """How many leads an account has."""
    return _ask(workspace, DataSet.account_sizes, question)


def inferred_order(workspace: Workspace, model: StageModel) -> InferredOrder:
    """How sure the order of the file's labels is."""
    return _ask(workspace, DataSet.inferred_order, model)


def change(workspace: Workspace, before: Question, after: Question, day: date, within_days: int | None) -> Change:
    """The funnel of leads that started before a day, and of those that started on it or later."""
    return _ask(workspace, DataSet.change, before, after, day, within_days)


def cohorts(workspace: Workspace, question: Question, period: Period, day: int) -> Cohorts:
    """Leads by the period in which they started, and what they came to by a day."""
    return _ask(workspace, DataSet.cohorts, question, period, (day,))


def curves(workspace: Workspace, question: Question, period: Period, target: int | None) -> Curves:
    """Conversion by age to a stage, or to the win."""
    return _ask(workspace, DataSet.curves, question, period, target)


def step_trend(workspace: Workspace, question: Question, period: Period, day: int) -> StepTrend:
    """Each step's conversion over the date of start."""
    return _ask(workspace, DataSet.step_trend, question, period, day)


def cohort_amounts(workspace: Workspace, question: Question, period: Period) -> CohortAmounts:
    """What the leads of each cohort are worth."""
    return _ask(workspace, DataSet.cohort_amounts, question, period)


def bottleneck(workspace: Workspace, question: Question) -> Bottleneck | None:
    """Where leads wait most and where most are lost; None where the file cannot tell."""
    return _ask(workspace, DataSet.bottleneck, question)


def times(workspace: Workspace, question: Question) -> Times:
    """Time in stage and time to convert."""
    return _ask(workspace, DataSet.times, question)


def times_by(workspace: Workspace, question: Question, column: str) -> TimesBy:
    """The same for each of the commonest values of a column."""
    return _ask(workspace, DataSet.times_by, question, column)


def aging(workspace: Workspace, question: Question) -> Aging:
    """The open leads against the history of their stage."""
    return _ask(workspace, DataSet.aging, question)


def segments(workspace: Workspace, question: Question, by: By, target: int | None, day: int | None) -> Segments:
    """Segments against each other by a day of age; None: so far."""
    return _ask(workspace, DataSet.segments, question, by, target, day, so_far=day is None)


def usual_day(workspace: Workspace, question: Question) -> int:
    """The day of age by which leads are compared where none is chosen."""
    return _ask(workspace, DataSet.usual_day, question)


def segment_curves(workspace: Workspace, question: Question, by: By, target: int | None) -> SegmentCurves:
    """Conversion by age of each segment."""
    return _ask(workspace, DataSet.segment_curves, question, by, target)


def segment_steps(workspace: Workspace, question: Question, by: By) -> tuple[tuple[Segment, Steps], ...]:
    """The funnel of each segment."""
    return _ask(workspace, DataSet.segment_steps, question, by)


def scan(workspace: Workspace, question: Question, target: int | None, day: int | None) -> Scan:
    """Where conversion differs most by a day of age; None: so far."""
    return _ask(workspace, DataSet.scan, question, target, day, so_far=day is None)


def periods(
    workspace: Workspace,
    question: Question,
    before: Range,
    after: Range,
    by: str | None,
    target: int | None,
    day: int | None,
) -> Periods:
    """Two ranges of start compared at equal age."""
    return _ask(workspace, DataSet.periods, question, before, after, by, target, day)


def plans(
    workspace: Workspace,
    question: Question,
    hoped: tuple[float, ...],
    target: int | None,
    day: int,
    power: float,
    share: float,
) -> tuple[Plan, ...]:
    """What a test needs, for each hoped-for rate."""
    return _ask(workspace, DataSet.plans, question, hoped, target, day, power, share)


def stalled(
    workspace: Workspace, question: Question, long: bool, offset: int = 0, limit: int | None = 50
) -> tuple[pd.DataFrame, int]:
    """A page of the stalled leads, and how many there are in all."""
    rows = _ask(workspace, DataSet.stalled, question, long=long, offset=offset, limit=limit)
    return rows, int(rows.attrs["total"])


def velocity(workspace: Workspace, question: Question) -> Velocity:
    """Pipeline velocity with its parts."""
    return _ask(workspace, DataSet.velocity, question)


def leads_at(
    workspace: Workspace,
    question: Question,
    stage: int,
    part: str,
    offset: int = 0,
    limit: int | None = 50,
    beside: tuple[Question, ...] = (),
) -> tuple[pd.DataFrame, int]:
    """A page of the leads behind a number, and how many there are in all; a column for each question `beside`."""
    key = _key(workspace)
    return _again(lambda: _leads_at(*key, question, stage, part, offset, limit, beside))


def _key(workspace: Workspace) -> tuple[DataSet, str, str]:
    data_set = workspace.data_set
    if data_set is None:
        raise LookupError("a page asked before there was a data set")
    return data_set, workspace.token, data_set.revision


def _ask(workspace: Workspace, measure: Callable[..., Answer], *of: object, **named: object) -> Answer:
    key = _key(workspace)
    answer: Answer = _again(lambda: _measured(*key, measure.__name__, of, tuple(named.items())))
    return answer


def _again(call: Callable[[], Answer]) -> Answer:
    while True:
        try:
            return call()
        except query_queue.TakenBack:
            # Somebody else waited; now it is their turn, then this one's again.
            st.empty()
        except Interrupted:
            # Ends this run where a newer one has taken its place. Else another window did it, as often as somebody clicks there.
            st.empty()
        except Exhausted as error:
            st.error(texts.problem(error))
            st.stop()


@st.cache_data(show_spinner=False, max_entries=400, ttl=3600)
def _measured(
    _data_set: DataSet,
    token: str,
    revision: str,
    measure: str,
    of: tuple[object, ...],
    named: tuple[tuple[str, object], ...],
) -> Any:
    with query_queue.questions.turn(token, _data_set.interrupt):
        return getattr(_data_set, measure)(*of, **dict(named))


@st.cache_data(show_spinner=False, max_entries=100, ttl=3600)
def _score(
    _data_set: DataSet,
    token: str,
    revision: str,
    question: Question,
    labels: tuple[str, ...],
    _questions: tuple[Question, ...],
) -> Score:
    with query_queue.questions.turn(token, _data_set.interrupt):
        return _data_set.score(question, _questions)


@st.cache_data(show_spinner=False, max_entries=40, ttl=600)
def _leads_at(
    _data_set: DataSet,
    token: str,
    revision: str,
    question: Question,
    stage: int,
    part: str,
    offset: int,
    limit: int | None,
    beside: tuple[Question, ...],
) -> tuple[pd.DataFrame, int]:
    with query_queue.questions.turn(token, _data_set.interrupt):
        frame = _data_set.leads_at(question, stage, part, offset=offset, limit=limit, beside=beside)
    return frame, int(frame.attrs["total"])
