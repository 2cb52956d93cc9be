"""Pipeline velocity: one row of figures for each currency, its parts, what it assumes, and Little's law beside it."""

from __future__ import annotations

import streamlit as st

from funnel.core.types import Pace, Velocity
from funnel.words import wording
from pages.sections import time_tables
from pages.ui import frame, texts

MOST_CURRENCIES = 3


@st.fragment
def show(found: Velocity) -> None:
    """The figures; then in words what they assume, and whether arrivals and waits agree with what is open."""
    st.subheader(wording.say("pages.times.velocity"), anchor=False, help=wording.say("pages.times.velocity_help"))
    if not found.decided:
        st.caption(wording.say("pages.times.nothing_decided", days=found.within_days))
    if found.missing:
        st.caption(texts.sentence(found.missing))
        return
    for number, pace in enumerate(found.paces[:MOST_CURRENCIES]):
        with st.container(key=f"velocity_cards_{number}"):
            cards = _cards(pace, found.within_days)
            for column, (label, value, told) in zip(st.columns(len(cards)), cards, strict=True):
                column.metric(
                    label, value, texts.inert(told), delta_color="off", delta_arrow="off", border=True, height="stretch"
                )
    if found.decided and all(pace.win_rate.numerator == pace.win_rate.denominator for pace in found.paces):
        st.caption(wording.say("pages.times.no_losses", days=found.within_days))
    st.caption(texts.inert(_assumption(found)))
    if len(found.paces) > MOST_CURRENCIES:
        st.caption(wording.say("pages.times.more_currencies", n=len(found.paces) - MOST_CURRENCIES))
    frame.below(key="velocity", table=time_tables.velocity(found), sql=found.sql, file_name="velocity", picture=False)


def _cards(pace: Pace, within_days: int) -> list[tuple[str, str, str]]:
    """Label, value and what it counts: the velocity, and the four parts that it is made of."""
    rate = pace.win_rate
    shown = f"{rate.numerator} / {rate.denominator}" if rate.few else wording.percent(rate.value)
    return [
        (
            wording.say("pages.times.card_month"),
            wording.money(pace.per_month, pace.currency),
            wording.say("pages.times.card_day", amount=wording.money(pace.per_day, pace.currency)),
        ),
        (wording.say("pages.times.card_open"), wording.number(pace.open), wording.say("pages.times.card_open_told")),
        (
            wording.say("pages.times.card_rate"),
            shown if rate.denominator else wording.ABSENT,
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


def _assumption(found: Velocity) -> str:
    said = [wording.say("pages.times.assumption", days=found.within_days, until=found.question.observed_until)]
    if found.question.filters.start_from or found.question.filters.start_to:
        said.append(wording.say("pages.times.velocity_dates"))
    elif found.expected_open is not None:
        said.append(
            wording.say(
                "pages.times.little",
                arrivals=found.arrivals_per_day,
                days=found.mean_days,
                expected=round(found.expected_open),
                open=found.open,
            )
        )
    return " ".join(said)
