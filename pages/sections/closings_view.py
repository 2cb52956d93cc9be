"""Leads by the day they closed: their cards, and the period of the strip against an earlier one."""

from __future__ import annotations

import streamlit as st

from funnel import Question, QuestionError, measures
from funnel.charts import stage_changes as picture
from funnel.core import insights
from funnel.core.types import FEWEST_FOR_A_RATE, FEWEST_TIMED
from funnel.measures.closings import ClosedIn, Closings, by_entry, closed_span
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.strip import comparison
from pages.ui import texts
from pages.ui.ask import ask
from pages.ui.section import listing

Card = tuple[str, str, str, str]


def cards(workspace: Workspace, question: Question) -> tuple[list[Card], list[str | None]]:
    """The four figures of the leads that closed in the days of the question (name, figure, what it counts, help), and what each was in the
    period that the strip compares with (None: nothing is compared). QuestionError where the two overlap."""
    found = ask(workspace, measures.closings, question, comparison.period(question))
    told = _cards(found.question, found.now)
    if found.before is None or not found.before.closed:
        return told, [None] * len(told)
    return told, [figure for _, figure, _, _ in _cards(found.question, found.before)]


def show(workspace: Workspace, question: Question) -> None:
    """What changed between two periods of closing: the win rates and how sure that is, and both periods in a table."""
    try:
        found = compared(workspace, question)
    except QuestionError as error:
        st.header(wording.say("pages.periods.title"), anchor=False)
        st.info(texts.problem(error))
        return
    st.header(wording.say("pages.closings.title"), anchor=False)
    st.caption(texts.inert(wording.say("pages.closings.basis")))
    for sentence in sentences(found):
        st.markdown(texts.inert(sentence))
    listing("closings", found.rows(), found.sql)


def compared(workspace: Workspace, question: Question) -> Closings:
    """The leads that closed in the days of the question against those of the period that the strip says, else of the one right before.
    QuestionError where the two overlap, or the question says no days."""
    span = closed_span(question)
    if span is None:
        raise QuestionError("errors.closings_no_days")
    return ask(workspace, measures.closings, question, comparison.period(question) or comparison.earlier(span))


def sentences(found: Closings) -> list[str]:
    """The two win rates and how sure their difference is, and what was won in money in both periods."""
    if found.before is None or found.contrast is None or found.now.span is None or found.before.span is None:
        return []
    names = (
        picture.period(found.now.span),
        wording.say("pages.closings.before", before=picture.period(found.before.span)),
    )
    told = [insights.verdict_said(found.contrast, *names)]
    earlier = {currency: (amount, leads) for currency, amount, leads in found.before.value}
    for currency, amount, leads in found.now.value:
        was, wins = earlier.get(currency, (0, 0))
        told.append(
            wording.say(
                "pages.closings.value",
                value=wording.money(amount, currency),
                wins=leads,
                was=wording.money(was, currency),
                were=wins,
            )
        )
    return told


def entered(question: Question) -> Question:
    """The question of a page that counts from the day of entry: without days of closing, which is said where there were any."""
    plain = by_entry(question)
    if plain != question:
        st.caption(wording.say("pages.closings.by_entry"))
    return plain


def _cards(question: Question, side: ClosedIn) -> list[Card]:
    unit = question.unit
    few = side.closed < FEWEST_FOR_A_RATE
    value = [wording.money(amount, currency) for currency, amount, _ in side.value]
    return [
        (
            wording.say(f"pages.closings.closed_{unit}"),
            wording.number(side.closed),
            wording.say("pages.closings.of_closed", won=side.won, lost=side.closed - side.won),
            wording.say("pages.closings.closed_help"),
        ),
        (
            wording.say("pages.times.card_rate"),
            texts.rate(side.rate),
            wording.say("pages.closings.few")
            if few
            else wording.say(
                "pages.closings.interval", won=side.won, closed=side.closed, low=side.rate.low, high=side.rate.high
            ),
            wording.say("pages.closings.rate_help"),
        ),
        (
            wording.say("pages.figures.median"),
            wording.days(side.median_days_to_win),
            wording.say(
                f"pages.figures.timed{'_few' if side.timed_wins < FEWEST_TIMED else ''}",
                timed=side.timed_wins,
                won=side.won,
            )
            if side.won
            else wording.say("pages.figures.no_win"),
            wording.say("pages.figures.median_help"),
        ),
        (
            wording.say("pages.closings.won_value"),
            texts.inert(", ".join(value)) if value else wording.ABSENT,
            wording.say("pages.closings.valued", valued=sum(n for *_, n in side.value), won=side.won)
            if value
            else wording.say("pages.figures.no_value"),
            wording.say("pages.closings.value_help"),
        ),
    ]
