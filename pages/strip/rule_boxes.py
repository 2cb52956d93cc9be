"""When a lead counts at a stage: the boxes for the rule and the window, in the strip and for one model alone."""

from __future__ import annotations

import streamlit as st

from funnel import Rule
from funnel.words import wording

LONGEST_WINDOW_DAYS = 36_500


def rule(key: str, usual: Rule = Rule.PASSED) -> Rule:
    """The rule chosen."""
    chosen = st.pills(
        wording.say("pages.sidebar.rule"),
        [each.value for each in Rule],
        default=usual.value,
        required=True,
        format_func=lambda name: wording.say(f"pages.rule.{name}"),
        key=key,
        bind="query-params",
        persist_state="session",
        help=wording.say("pages.sidebar.rule_help"),
    )
    return Rule(chosen or usual)


def window(key: str) -> int | None:
    """The days from the start within which a stage counts, inside their limits; None: no limit."""
    days = st.number_input(
        wording.say("pages.sidebar.window"),
        min_value=0,
        max_value=LONGEST_WINDOW_DAYS,
        value=None,
        step=30,
        placeholder=wording.say("pages.sidebar.no_window"),
        key=key,
        bind="query-params",
        persist_state="session",
        help=wording.say("pages.sidebar.window_help"),
    )
    return None if days is None else min(max(int(days), 0), LONGEST_WINDOW_DAYS)


def in_words(chosen: Rule, window_days: int | None) -> str:
    """The two in a few words: "came in order, within 90 days"."""
    name = wording.say(f"pages.rule.{chosen}")
    if window_days is None:
        return name
    return wording.say("pages.models.within", rule=name, days=window_days)
