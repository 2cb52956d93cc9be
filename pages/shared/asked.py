"""Every question a page asks, answered once and kept.

The key of each answer is the workspace's token, the data set's revision and the question; the data set itself is never
hashed. A query that another run interrupted is asked again if its own run still lives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pandas as pd
import streamlit as st

from funnel import DataSet, Question, Rule, Steps
from funnel.errors import Interrupted
from funnel.nouns import Breakdown, Headline, Starts
from pages.shared.workspace import Workspace

Answer = TypeVar("Answer")
_ATTEMPTS = 5
_kept = st.cache_data(show_spinner=False, max_entries=400, ttl=3600)


def steps(workspace: Workspace, question: Question) -> Steps:
    """The funnel."""
    return _ask(lambda: _steps(*_key(workspace), question))


def headline(workspace: Workspace, question: Question, by_day: int) -> Headline:
    """The figures above the funnel."""
    return _ask(lambda: _headline(*_key(workspace), question, by_day))


def breakdown(workspace: Workspace, question: Question, column: str) -> Breakdown:
    """The funnel for each of the commonest values of a column."""
    return _ask(lambda: _breakdown(*_key(workspace), question, column))


def starts(workspace: Workspace, question: Question) -> Starts:
    """How many leads started when."""
    return _ask(lambda: _starts(*_key(workspace), question))


def rule_moves(workspace: Workspace, question: Question) -> dict[Rule, int]:
    """How many leads each other rule would count differently."""
    return _ask(lambda: _rule_moves(*_key(workspace), question))


def values(workspace: Workspace, column: str, limit: int) -> list[str | None]:
    """The commonest values of a column; None is empty."""
    return _ask(lambda: _values(*_key(workspace), column, limit))


def limits(workspace: Workspace, column: str) -> tuple[float, float] | None:
    """The smallest and the largest number of a column."""
    return _ask(lambda: _limits(*_key(workspace), column))


def leads_at(
    workspace: Workspace, question: Question, stage: int, part: str, offset: int = 0, limit: int | None = 50
) -> tuple[pd.DataFrame, int]:
    """A page of the leads behind a number, and how many there are in all."""
    return _ask(lambda: _leads_at(*_key(workspace), question, stage, part, offset, limit))


def _key(workspace: Workspace) -> tuple[DataSet, str, str]:
    data_set = workspace.data_set
    if data_set is None:
        raise LookupError("a page asked before there was a data set")
    return data_set, workspace.token, data_set.revision


def _ask(call: Callable[[], Answer]) -> Answer:
    for _ in range(_ATTEMPTS):
        try:
            return call()
        except Interrupted:
            # Ends this run where a newer one has taken its place; drawing nothing is otherwise harmless.
            st.empty()
    return call()


@_kept
def _steps(_data_set: DataSet, token: str, revision: str, question: Question) -> Steps:
    return _data_set.steps(question)


@_kept
def _headline(_data_set: DataSet, token: str, revision: str, question: Question, by_day: int) -> Headline:
    return _data_set.headline(question, by_day)


@_kept
def _breakdown(_data_set: DataSet, token: str, revision: str, question: Question, column: str) -> Breakdown:
    return _data_set.breakdown(question, column)


@_kept
def _starts(_data_set: DataSet, token: str, revision: str, question: Question) -> Starts:
    return _data_set.starts(question)


@_kept
def _rule_moves(_data_set: DataSet, token: str, revision: str, question: Question) -> dict[Rule, int]:
    return _data_set.rule_moves(question)


@_kept
def _values(_data_set: DataSet, token: str, revision: str, column: str, limit: int) -> list[str | None]:
    return [value for value, _ in _data_set.attribute_values(column, limit=limit)]


@_kept
def _limits(_data_set: DataSet, token: str, revision: str, column: str) -> tuple[float, float] | None:
    return _data_set.attribute_range(column)


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
) -> tuple[pd.DataFrame, int]:
    frame = _data_set.leads_at(question, stage, part, offset=offset, limit=limit)
    return frame, int(frame.attrs["total"])
