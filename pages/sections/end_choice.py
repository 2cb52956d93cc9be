"""What opens a lead again that was lost or won: two choices under Data check, each with what it comes to."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from funnel import DataSet
from funnel.core.types import EndRule, Outcome, Reopening, Shape
from funnel.words import wording
from pages.sections import mapping_form
from pages.server.workspace import Workspace


def show(workspace: Workspace, data_set: DataSet) -> None:
    """The choices; nothing where each lead has one line, since nothing follows an end there, or where no choice changes a number."""
    if data_set.mapping.shape is Shape.SNAPSHOT and not data_set.mapping.primary.series:
        return
    now = data_set.overrides.end_rule
    rules = {by: EndRule(by, now.keeps_win) for by in Reopening}
    wins = {keeps: EndRule(now.reopened_by, keeps) for keeps in (False, True)}
    counts = {rule: data_set.outcomes_under(rule) for rule in {*rules.values(), *wins.values()}}
    if len({tuple(each.values()) for each in counts.values()}) == 1:
        return
    st.header(wording.say("pages.ends.title"), anchor=False)
    st.caption(wording.say("pages.ends.help"))
    left, right = st.columns(2)
    by = left.radio(
        wording.say("pages.ends.reopened_by"),
        list(Reopening),
        index=list(Reopening).index(now.reopened_by),
        format_func=lambda by: wording.say(f"pages.ends.by_{by}", lost=counts[rules[by]][Outcome.LOST]),
        key=f"reopened_by_{data_set.revision}",
    )
    keeps = right.radio(
        wording.say("pages.ends.keeps_win"),
        [False, True],
        index=int(now.keeps_win),
        format_func=lambda keeps: wording.say(
            "pages.ends.stays" if keeps else "pages.ends.opens", won=counts[wins[keeps]][Outcome.WON]
        ),
        key=f"keeps_win_{data_set.revision}",
    )
    chosen = EndRule(by or now.reopened_by, bool(keeps))
    if chosen != now:
        overrides = replace(data_set.overrides, reopened_by=chosen.reopened_by, keeps_win=chosen.keeps_win)
        mapping_form.apply(workspace, data_set, overrides)
