"""One cohort in detail: what it is, what it can still become, and the leads in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import streamlit as st

from funnel import Question, charts, measures
from funnel.core.rows import written
from funnel.core.types import FEWEST_FOR_A_RATE, Conversion, Rate
from funnel.measures.cohorts import Cohort, Cohorts
from funnel.words import wording
from pages.sections.cohort_choice import Choice
from pages.server.workspace import Workspace
from pages.ui import lead_list
from pages.ui.ask import ask

CLICKED = "cohort_clicked"


def choose(start: str) -> None:
    """Look at the cohort that starts on a day, as ISO text (in a callback, before the box is drawn)."""
    st.session_state[CLICKED] = start


def looked_at(cohorts: Cohorts) -> Cohort | None:
    """The cohort that was chosen last; None where none was."""
    start = st.session_state.get(f"cohort_{cohorts.period}")
    return None if start is None else cohorts.find(date.fromisoformat(start))


def show(workspace: Workspace, cohorts: Cohorts, choice: Choice) -> None:
    """The cohort chosen in the box, or by a click; its figures and its leads."""
    starts = [cohort.start.isoformat() for cohort in reversed(cohorts.cohorts) if cohort.start]
    key = f"cohort_{cohorts.period}"
    clicked = st.session_state.pop(CLICKED, None)
    if clicked in starts:
        st.session_state[key] = clicked
    names = {start: charts.cohort_name(date.fromisoformat(start), cohorts.period) for start in starts}
    with st.container(border=True, key="cohort_detail"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{wording.say('pages.cohorts.detail')}**", width="content")
            chosen = st.selectbox(
                wording.say("pages.cohorts.cohort"),
                starts,
                index=_usual(cohorts, choice, starts),
                format_func=lambda start: names[start],
                key=key,
                label_visibility="collapsed",
                persist_state="session",
                width=220,
            )
            st.caption(wording.say("pages.cohorts.detail_hint"), width="content")
        cohort = cohorts.find(date.fromisoformat(chosen))
        if cohort is not None:
            _figures(workspace, cohorts, choice, cohort)
            _leads(workspace, cohorts, cohort)


def _usual(cohorts: Cohorts, choice: Choice, starts: list[str]) -> int:
    """The newest cohort that has a rate, which is the one people ask about; starts are newest first."""
    with_rate = {
        cohort.start.isoformat()
        for cohort in cohorts.cohorts
        if cohort.start and cohort.to(choice.target).on(choice.day).rate is not None
    }
    return next((position for position, start in enumerate(starts) if start in with_rate), 0)


def _figures(workspace: Workspace, cohorts: Cohorts, choice: Choice, cohort: Cohort) -> None:
    conversion = cohort.to(choice.target)
    curves = ask(workspace, measures.curves, cohorts.question, cohorts.period, choice.target)
    now = curves.pace.at(choice.day)
    say = wording.say
    by_day = conversion.on(choice.day)
    cards = [
        (
            say(f"pages.cohorts.card_started_{cohorts.question.unit}"),
            wording.number(cohort.leads),
            say("pages.cohorts.card_outcomes", won=cohort.won, lost=cohort.lost, open=cohort.open),
            say("pages.cohorts.card_started_help"),
        ),
        (
            say("pages.cohorts.card_by_day", day=choice.day),
            _rate(conversion, choice.day),
            say(
                "pages.cohorts.card_interval",
                low=by_day.low,
                high=by_day.high,
                old=by_day.old_enough,
                leads=cohort.leads,
            )
            if by_day.rate is not None
            else say("pages.cohorts.card_young", old=by_day.old_enough, leads=cohort.leads),
            say("pages.cohorts.card_by_day_help", day=choice.day),
        ),
        (
            say("pages.cohorts.card_mature", day=choice.day),
            _share(by_day.mature),
            say("pages.cohorts.card_mature_counts", part=by_day.mature.numerator, whole=by_day.mature.denominator),
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
            say("pages.cohorts.card_interval_pace", low=now.low, high=now.high, days=curves.pace_days)
            if now
            else say("pages.cohorts.card_no_pace", days=curves.pace_days),
            say("pages.cohorts.card_pace_help", days=curves.pace_days),
        ),
    ]
    with st.container(key="cohort_cards"):
        for column, (label, value, under, explained) in zip(st.columns(len(cards)), cards, strict=True):
            column.metric(label, value, under, delta_color="off", delta_arrow="off", help=explained, height="stretch")


def _rate(conversion: Conversion, day: int) -> str:
    by_day = conversion.on(day)
    if by_day.unknown is not None:
        return wording.say(f"pages.cohorts.unknown_{by_day.unknown}")
    if conversion.leads < FEWEST_FOR_A_RATE:
        return wording.say("pages.measure.few", part=conversion.converted, whole=conversion.leads)
    return wording.percent(by_day.rate)


def _share(rate: Rate) -> str:
    """A share of enough leads; of fewer, its two counts."""
    return written(rate) if rate.denominator else wording.say("pages.cohorts.unknown_age")


def _bounds(conversion: Conversion) -> str:
    if conversion.leads < FEWEST_FOR_A_RATE or conversion.bounds is None:
        most = conversion.leads - conversion.gone
        return wording.say("pages.cohorts.bounds_few", low=conversion.converted, high=most, leads=conversion.leads)
    low, high = conversion.bounds
    if low == high:
        return wording.percent(low)
    return wording.say("pages.cohorts.bounds", low=low, high=high)


def _leads(workspace: Workspace, cohorts: Cohorts, cohort: Cohort) -> None:
    if cohort.start is None:
        return
    narrowed = _within(cohorts.question, cohort.start, cohorts.period.last_day(cohort.start, cohorts.question.calendar))
    lead_list.show(workspace, (ask(workspace, measures.steps, narrowed),), None, "cohort_leads")


def _within(question: Question, first: date, last: date) -> Question:
    """The question over the days of the cohort that are its own too."""
    own = question.filters
    start = max(filter(None, (own.start_from, first)))
    end = min(filter(None, (own.start_to, last)))
    return replace(question, filters=replace(own, start_from=start, start_to=end))
