"""The five figures of the Overview, each with what it counts, what it was in the period compared with, and its line over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from funnel import DataSet, Question, QuestionError, measures
from funnel.measures.closings import by_entry, closed_span
from funnel.measures.cohorts import Cohorts
from funnel.measures.kpis import Kpis
from funnel.measures.velocity import Velocity
from funnel.words import wording
from pages.sections import closings_view, cohort_choice, kpi_cards
from pages.server.workspace import Workspace
from pages.strip import comparison
from pages.ui import spark, texts
from pages.ui.ask import ask

BY_DAY = 180
FEWEST_POINTS = 3


@dataclass(frozen=True)
class Card:
    """One figure: its name, itself, what it counts, its help, and its line (fewer than FEWEST_POINTS: none)."""

    label: str
    value: str
    told: Sequence[str]
    explained: str
    line: Sequence[float] = ()


def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """Five cards in a row; where the file has no date up to which it observes, why there are none."""
    if closed_span(question) is not None:
        _closed(workspace, question)
        return
    try:
        kpis = ask(workspace, measures.kpis, question, BY_DAY)
        velocity = ask(workspace, measures.velocity, question)
        before = _before(workspace, question)
        cohorts = ask(workspace, measures.cohorts, question, cohort_choice.usual_period(data_set), (BY_DAY,))
    except QuestionError as error:
        st.info(texts.problem(error))
        return
    _drawn([*_cards(kpis, before, cohorts), _velocity(velocity)])


def _closed(workspace: Workspace, question: Question) -> None:
    """The same of leads by the day they closed; how fast deals come in is of all that is open."""
    try:
        told, were = closings_view.cards(workspace, question)
        velocity = ask(workspace, measures.velocity, by_entry(question))
    except QuestionError as error:
        st.info(texts.problem(error))
        return
    closed = [
        Card(label, figure, [counted, *_was(was)], explained)
        for (label, figure, counted, explained), was in zip(told, were, strict=True)
    ]
    _drawn([*closed, _velocity(velocity)])


def _drawn(cards: Sequence[Card]) -> None:
    for number, (column, card) in enumerate(zip(st.columns(len(cards)), cards, strict=True)):
        with column.container(border=True, height="stretch", key=f"card_{number}", gap="xxsmall"):
            st.metric(
                card.label,
                card.value,
                wording.dotted(card.told),
                delta_color="off",
                delta_arrow="off",
                help=card.explained,
            )
            if len(card.line) >= FEWEST_POINTS:
                st.html(spark.html(card.line))


def _before(workspace: Workspace, question: Question) -> Kpis | None:
    """The same figures of the period compared with; None where nothing is compared, or nobody came then."""
    span = comparison.period(question)
    if span is None:
        return None
    filters = replace(question.filters, start_from=span[0], start_to=span[1])
    before = ask(workspace, measures.kpis, replace(question, filters=filters), BY_DAY)
    return before if before.leads else None


def _cards(kpis: Kpis, before: Kpis | None, cohorts: Cohorts) -> list[Card]:
    """The four of every page, each with what it was, and the first two with their line."""
    leads, rates = cohorts.over_time(kpis.by_day)
    lines: tuple[Sequence[float], ...] = (leads, rates, (), ())
    earlier = [None] * 4 if before is None else [figure for _, figure, _, _ in kpi_cards.told(before)]
    return [
        Card(label, figure, [counted, *_was(was)], explained, line)
        for (label, figure, counted, explained), was, line in zip(kpi_cards.told(kpis), earlier, lines, strict=True)
    ]


def _velocity(velocity: Velocity) -> Card:
    """Of the currency with most open leads, which stands first."""
    label = wording.say("pages.times.card_month")
    explained = wording.say("pages.times.assumption", days=velocity.within_days, until=velocity.question.observed_until)
    if velocity.missing or not velocity.paces:
        missing = texts.sentence(velocity.missing) if velocity.missing else wording.say("pages.figures.no_value")
        return Card(label, wording.ABSENT, [missing], explained)
    pace = velocity.paces[0]
    told = wording.say(
        "pages.overview.velocity_text",
        won=pace.win_rate.numerator,
        decided=pace.win_rate.denominator,
        days=velocity.within_days,
    )
    return Card(label, wording.money(pace.per_month, pace.currency), [told], explained)


def _was(value: str | None) -> list[str]:
    return [wording.say("pages.overview.before", value=value)] if value else []
