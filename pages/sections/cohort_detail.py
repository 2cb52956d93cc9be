"""One cohort in detail: what it is, what it can still become, and the leads in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import streamlit as st

from funnel import Question, charts
from funnel.core.types import FEWEST_FOR_A_RATE, Cohort, Cohorts, Conversion, Rate
from funnel.words import wording
from pages.sections.cohort_choice import Choice
from pages.server.workspace import Workspace
from pages.ui import ask, lead_list

CLICKED = "cohort_clicked"


def choose(start: str) -> None:
    """Look at the cohort that starts on a day, as ISO text (in a callback, before the box is drawn)."""
    st.session_state[CLICKED] = start


def show(workspace: Workspace, found: Cohorts, choice: Choice) -> Cohort | None:
    """The cohort chosen in the box, or by a click; its figures and its leads."""
    starts = [cohort.start.isoformat() for cohort in reversed(found.cohorts) if cohort.start]
    key = f"cohort_{found.period}"
    clicked = st.session_state.pop(CLICKED, None)
    if clicked in starts:
        st.session_state[key] = clicked
    names = {start: charts.cohort_name(date.fromisoformat(start), found.period) for start in starts}
    with st.container(border=True, key="cohort_detail"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{wording.say('pages.cohorts.detail')}**", width="content")
            chosen = st.selectbox(
                wording.say("pages.cohorts.cohort"),
                starts,
                index=_usual(found, choice, starts),
                format_func=lambda start: names[start],
                key=key,
                label_visibility="collapsed",
                persist_state="session",
                width=220,
            )
            st.caption(wording.say("pages.cohorts.detail_hint"), width="content")
        cohort = found.find(date.fromisoformat(chosen))
        if cohort is not None:
            _figures(workspace, found, choice, cohort)
            _leads(workspace, found, cohort)
    return cohort


def _usual(found: Cohorts, choice: Choice, starts: list[str]) -> int:
    """The newest cohort that has a rate, which is the one people ask about; starts are newest first."""
    told = {
        cohort.start.isoformat()
        for cohort in found.cohorts
        if cohort.start and cohort.to(choice.target).on(choice.day).rate is not None
    }
    return next((place for place, start in enumerate(starts) if start in told), 0)


def _figures(workspace: Workspace, found: Cohorts, choice: Choice, cohort: Cohort) -> None:
    conversion = cohort.to(choice.target)
    pace = ask.curves(workspace, found.question, found.period, choice.target)
    now = pace.pace.at(choice.day)
    say = wording.say
    told = conversion.on(choice.day)
    cards = [
        (
            say(f"pages.cohorts.card_started_{found.question.unit}"),
            wording.number(cohort.leads),
            say("pages.cohorts.card_outcomes", won=cohort.won, lost=cohort.lost, open=cohort.open),
            say("pages.cohorts.card_started_help"),
        ),
        (
            say("pages.cohorts.card_by_day", day=choice.day),
            _rate(conversion, choice.day),
            say("pages.cohorts.card_interval", low=told.low, high=told.high, old=told.old_enough, leads=cohort.leads)
            if told.rate is not None
            else say("pages.cohorts.card_young", old=told.old_enough, leads=cohort.leads),
            say("pages.cohorts.card_by_day_help", day=choice.day),
        ),
        (
            say("pages.cohorts.card_mature", day=choice.day),
            _share(told.mature),
            say("pages.cohorts.card_mature_counts", part=told.mature.numerator, whole=told.mature.denominator),
            say("pages.cohorts.card_mature_help", day=choice.day),
        ),
        (
            say("pages.cohorts.card_bounds"),
            _bounds(conversion),
            say(
                "pages.cohorts.card_bounds_counts",
                converted=conversion.converted,
                waiting=conversion.waiting,
                gone=conversion.gone,
            ),
            say("pages.cohorts.card_bounds_help"),
        ),
        (
            say("pages.cohorts.card_pace", day=choice.day),
            wording.percent(now.rate) if now else wording.ABSENT,
            say("pages.cohorts.card_interval_pace", low=now.low, high=now.high, days=pace.pace_days)
            if now
            else say("pages.cohorts.card_no_pace", days=pace.pace_days),
            say("pages.cohorts.card_pace_help", days=pace.pace_days),
        ),
    ]
    with st.container(key="cohort_cards"):
        for column, (label, value, under, explained) in zip(st.columns(len(cards)), cards, strict=True):
            column.metric(label, value, under, delta_color="off", delta_arrow="off", help=explained, height="stretch")


def _rate(conversion: Conversion, day: int) -> str:
    told = conversion.on(day)
    if told.unknown is not None:
        return wording.say(f"pages.cohorts.unknown_{told.unknown}")
    if conversion.leads < FEWEST_FOR_A_RATE:
        return wording.say("pages.measure.few", part=conversion.converted, whole=conversion.leads)
    return wording.percent(told.rate)


def _share(rate: Rate) -> str:
    """A share of enough leads; of fewer, its two counts."""
    if not rate.denominator:
        return wording.say("pages.cohorts.unknown_age")
    if rate.denominator < FEWEST_FOR_A_RATE:
        return wording.say("pages.measure.few", part=rate.numerator, whole=rate.denominator)
    return wording.percent(rate.value)


def _bounds(conversion: Conversion) -> str:
    if conversion.leads < FEWEST_FOR_A_RATE or conversion.bounds is None:
        most = conversion.leads - conversion.gone
        return wording.say("pages.cohorts.bounds_few", low=conversion.converted, high=most, leads=conversion.leads)
    low, high = conversion.bounds
    if low == high:
        return wording.percent(low)
    return wording.say("pages.cohorts.bounds", low=low, high=high)


def _leads(workspace: Workspace, found: Cohorts, cohort: Cohort) -> None:
    if cohort.start is None:
        return
    narrowed = _within(found.question, cohort.start, found.period.last_day(cohort.start))
    lead_list.show(workspace, (ask.steps(workspace, narrowed),), None, "cohort_leads")


def _within(question: Question, first: date, last: date) -> Question:
    """The question over the days of the cohort that are its own too."""
    own = question.filters
    start = max(filter(None, (own.start_from, first)))
    end = min(filter(None, (own.start_to, last)))
    return replace(question, filters=replace(own, start_from=start, start_to=end))
