"""Every question a page asks, answered once and kept.

The key of each answer is the workspace's token, the data set's revision, what is asked and of which question; the data
set itself is never hashed. A query that another run interrupted is asked again if its own run still lives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar, overload

import pandas as pd
import streamlit as st

from funnel import AsOf, DataSet, Question
from funnel.core.errors import Exhausted, Interrupted
from pages.server import query_queue
from pages.server.workspace import Workspace
from pages.ui import texts

Answer = TypeVar("Answer")
Options = ParamSpec("Options")
Work = Callable[[DataSet], Any]


@overload
def ask(
    workspace: Workspace,
    measure: Callable[Concatenate[Any, Question, Options], Answer],
    question: Question,
    *options: Options.args,
    **named: Options.kwargs,
) -> Answer: ...


@overload
def ask(
    workspace: Workspace,
    measure: Callable[Concatenate[Any, Sequence[Question], Options], Answer],
    question: Sequence[Question],
    *options: Options.args,
    **named: Options.kwargs,
) -> Answer: ...


def ask(
    workspace: Workspace,
    measure: Callable[..., Answer],
    question: Question | Sequence[Question],
    *options: object,
    **named: object,
) -> Answer:
    """What a measure of `funnel.measures` answers to a question, or to several, with its options, as `DataSet.ask` does."""
    of = question if isinstance(question, Question) else tuple(question)
    answer: Answer = _again(
        workspace,
        _cached,
        (measure.__module__, measure.__qualname__, of, options, named),
        lambda data_set: data_set.ask(measure, of, *options, **named),
    )
    return answer


def listed(
    workspace: Workspace,
    measure: Callable[Concatenate[Any, Question, Options], pd.DataFrame],
    question: Question,
    *options: Options.args,
    **named: Options.kwargs,
) -> tuple[pd.DataFrame, int]:
    """A page of leads, and how many there are in all; of such pages only a few are kept."""
    rows: pd.DataFrame = _again(
        workspace,
        _cached_pages,
        (measure.__module__, measure.__qualname__, question, options, named),
        lambda data_set: data_set.ask(measure, question, *options, **named),
    )
    return rows, int(rows.attrs["total"])


def values(workspace: Workspace, column: str, limit: int, attributes: AsOf) -> list[str | None]:
    """The commonest values of a column; None is empty."""
    counted: list[tuple[str | None, int]] = _again(
        workspace,
        _cached,
        ("values", column, limit, attributes),
        lambda data_set: data_set.columns.values(column, limit=limit, attributes=attributes),
    )
    return [value for value, _ in counted]


def limits(workspace: Workspace, column: str, attributes: AsOf) -> tuple[float, float] | None:
    """The smallest and the largest number of a column; None where it holds none."""
    ends: tuple[float, float] | None = _again(
        workspace, _cached, ("limits", column, attributes), lambda data_set: data_set.columns.range(column, attributes)
    )
    return ends


def _again(workspace: Workspace, cached: Callable[..., Any], key: tuple[object, ...], work: Work) -> Any:
    data_set = workspace.data_set
    if data_set is None:
        raise LookupError("a page asked before there was a data set")
    while True:
        try:
            return cached(data_set, workspace.token, data_set.revision, key, work)
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
def _cached(_data_set: DataSet, token: str, revision: str, key: tuple[object, ...], _work: Work) -> Any:
    with query_queue.questions.turn(token, _data_set.interrupt):
        return _work(_data_set)


@st.cache_data(show_spinner=False, max_entries=40, ttl=600)
def _cached_pages(_data_set: DataSet, token: str, revision: str, key: tuple[object, ...], _work: Work) -> Any:
    with query_queue.questions.turn(token, _data_set.interrupt):
        return _work(_data_set)
