"""Wins of the months to come: the answer as a title, one chart, how right earlier forecasts were, and whether a target is covered."""

from __future__ import annotations

from functools import partial

import streamlit as st

from funnel import Question, measures, report
from funnel.charts import forecast as picture
from funnel.core.rows import Row
from funnel.measures.forecast import MONTHS, Forecast
from funnel.measures.forecast_words import answer, goal_told, of_open, right_told, value_right_told
from funnel.measures.target import MOST_WINS
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.ui import frame, tables, texts
from pages.ui.ask import ask
from pages.ui.section import listing, section, show_sentences, title

CHOICES = (3, 6, 12)
WIDTH = 1080
IN_WINS, IN_VALUE = "wins", "value "
MOST_VALUE = 1_000_000_000_000


@st.fragment
def show(workspace: Workspace, question: Question) -> None:
    """All of it; where the file cannot carry a forecast, what is missing."""
    head = st.container(key="forecast_head")
    months = _months()
    result = ask(workspace, measures.forecast, question, months)
    if not result.months:
        head.header(wording.say("pages.forecast.title_none"), anchor=False)
        for note in result.missing:
            st.info(texts.sentence(note))
        return
    with head:
        st.header(texts.sentence(answer(result)), anchor=False)
    table = tables.of("forecast", result.rows())
    said = [of_open(result), *result.notes, *result.missing]
    between = partial(show_sentences, "forecast", *(wording.say(note.key, **note.values) for note in said))
    part = report.part("forecast", question, months=months)
    section("forecast", result, picture.draw, picture.describe, table=table, between=between, within=WIDTH, part=part)
    _right(result)
    _goal(workspace, question, result, months)
    if result.value_rows():
        _value(result)
    with st.expander(wording.say("pages.forecast.how")):
        st.markdown(texts.inert(wording.say("pages.forecast.how_told")))


def _months() -> int:
    chosen = st.pills(
        wording.say("pages.forecast.months"),
        [str(each) for each in CHOICES],
        default=str(MONTHS),
        required=True,
        format_func=lambda option: wording.say("pages.forecast.months_of", n=int(option)),
        key="forecast_months",
        bind="query-params",
        persist_state="session",
        label_visibility="collapsed",
    )
    return int(chosen or MONTHS)


def _value(result: Forecast) -> None:
    """What the wins are worth, and how near earlier forecasts of that came."""
    rows = result.value_rows()
    listing("forecast_value", rows, result.sql, table=tables.of("forecast_value", rows))
    told = value_right_told(result)
    if told:
        show_sentences("forecast_value_right", *(wording.say(note.key, **note.values) for note in told))
        _checked("forecast_value_right", result.value_backtest_rows(), result.sql)


def _checked(key: str, rows: list[Row], sql: str) -> None:
    """Earlier forecasts in a table that opens."""
    frame.below(key=key, table=tables.of(key, rows), sql=sql, file_name=wording.say(f"sections.{key}.file"))


def _right(result: Forecast) -> None:
    """How near earlier forecasts came; each of them in a table that opens."""
    ahead = result.whole_ahead
    rows = result.backtest_rows(ahead)
    if rows:
        title("forecast_right")
    show_sentences("forecast_right", *(wording.say(note.key, **note.values) for note in right_told(result, ahead)))
    if rows:
        _checked("forecast_right", rows, result.sql)


def _goal(workspace: Workspace, question: Question, result: Forecast, months: int) -> None:
    """A target, if wanted, in wins or in a currency, and whether enough is open for it."""
    since, by = result.months[0].first, result.unit.last_day(result.months[-1].first, question.calendar)
    st.header(
        wording.say("pages.forecast.goal"),
        anchor=False,
        help=wording.say("pages.forecast.goal_help", since=since, by=by),
    )
    currencies = {f"{IN_VALUE}{value.currency}": value.currency for value in result.months[0].values}
    with st.container(horizontal=True, vertical_alignment="bottom", key="forecast_wishes", gap="medium"):
        kind = IN_WINS
        if currencies:
            kind = (
                st.pills(
                    wording.say("pages.forecast.goal_of"),
                    [IN_WINS, *currencies],
                    default=IN_WINS,
                    required=True,
                    format_func=_kind_said,
                    key="forecast_in",
                    bind="query-params",
                )
                or IN_WINS
            )
        wanted = st.number_input(
            wording.say("pages.forecast.goal_wanted"),
            min_value=1,
            max_value=MOST_WINS if kind == IN_WINS else MOST_VALUE,
            value=None,
            step=1,
            key=f"forecast_target_{'wins' if kind == IN_WINS else 'value'}",
            bind="query-params",
            placeholder=wording.say("pages.forecast.goal_none"),
            width=180,
        )
    if wanted is None:
        return
    if kind == IN_WINS:
        told = ask(workspace, measures.forecast, question, months, int(wanted)).goal
    else:
        told = ask(workspace, measures.forecast, question, months, None, float(wanted), currencies[kind]).goal
    if told is not None:
        show_sentences("forecast_goal", *(wording.say(note.key, **note.values) for note in goal_told(told)))


def _kind_said(kind: str) -> str:
    if kind == IN_WINS:
        return wording.say("pages.forecast.goal_in_wins")
    currency = kind.removeprefix(IN_VALUE)
    key = "goal_in_currency" if currency else "goal_in_value"
    return wording.say(f"pages.forecast.{key}", currency=texts.inert(currency))
