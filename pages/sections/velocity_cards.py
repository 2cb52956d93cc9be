"""Pipeline velocity: one row of figures for each currency, its parts, what it assumes, and Little's law beside it."""

from __future__ import annotations

import streamlit as st

from funnel import report
from funnel.measures.velocity import Pace, Velocity
from funnel.words import wording
from pages.ui import frame, tables, texts
from pages.ui.section import title

MOST_CURRENCIES = 3


@st.fragment
def show(velocity: Velocity) -> None:
    """The figures; then in words what they assume, and whether arrivals and waits agree with what is open."""
    title("velocity")
    if not velocity.decided:
        st.caption(wording.say("pages.times.nothing_decided", days=velocity.within_days))
    if velocity.missing:
        st.caption(texts.sentence(velocity.missing))
        return
    for number, pace in enumerate(velocity.paces[:MOST_CURRENCIES]):
        with st.container(key=f"velocity_cards_{number}"):
            cards = _cards(pace, velocity.within_days)
            for column, (label, value, counted) in zip(st.columns(len(cards)), cards, strict=True):
                column.metric(
                    label,
                    value,
                    texts.inert(counted),
                    delta_color="off",
                    delta_arrow="off",
                    border=True,
                    height="stretch",
                )
    if velocity.decided and all(pace.win_rate.numerator == pace.win_rate.denominator for pace in velocity.paces):
        st.caption(wording.say("pages.times.no_losses", days=velocity.within_days))
    st.caption(texts.inert(_assumption(velocity)))
    if len(velocity.paces) > MOST_CURRENCIES:
        st.caption(wording.say("pages.times.more_currencies", n=len(velocity.paces) - MOST_CURRENCIES))
    table = tables.of("velocity", velocity.rows())
    part = report.part("velocity", velocity.question)
    frame.below(key="velocity", table=table, sql=velocity.sql, file_name="velocity", part=part)


def _cards(pace: Pace, within_days: int) -> list[tuple[str, str, str]]:
    """Label, value and what it counts: the velocity, and the four parts that it is made of."""
    rate = pace.win_rate
    return [
        (
            wording.say("pages.times.card_month"),
            wording.money(pace.per_month, pace.currency),
            wording.say("pages.times.card_day", amount=wording.money(pace.per_day, pace.currency)),
        ),
        (wording.say("pages.times.card_open"), wording.number(pace.open), wording.say("pages.times.card_open_told")),
        (
            wording.say("pages.times.card_rate"),
            texts.rate(rate),
            wording.say("pages.times.card_rate_told", won=rate.numerator, decided=rate.denominator, days=within_days),
        ),
        (
            wording.say("pages.times.card_value"),
            wording.money(pace.value, pace.currency),
            wording.say("pages.times.card_value_told", wins=pace.valued),
        ),
        (
            wording.say("pages.times.card_cycle"),
            wording.days(pace.cycle_days),
            wording.say("pages.times.card_cycle_told", wins=rate.numerator, days=within_days),
        ),
    ]


def _assumption(velocity: Velocity) -> str:
    sentences = [
        wording.say("pages.times.assumption", days=velocity.within_days, until=velocity.question.observed_until)
    ]
    if velocity.question.filters.start_from or velocity.question.filters.start_to:
        sentences.append(wording.say("pages.times.velocity_dates"))
    elif velocity.expected_open is not None:
        sentences.append(
            wording.say(
                "pages.times.little",
                arrivals=velocity.arrivals_per_day,
                days=velocity.mean_days,
                expected=round(velocity.expected_open),
                open=velocity.open,
            )
        )
    return " ".join(sentences)
