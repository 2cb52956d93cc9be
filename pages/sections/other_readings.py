"""Other ways to read the files: what each would come to, and the click that takes it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from funnel import DataSet, MappingOverrides, mapping
from funnel.core import insights
from funnel.words import wording
from pages.sections import mapping_form
from pages.server.workspace import Workspace
from pages.ui import texts

CHOICES = ("shape", "lead", "label", "time")
"""What chooses a reading; all else that was said by hand is kept."""


def button(workspace: Workspace, data_set: DataSet, other: mapping.Alternative, key: str) -> None:
    """A button that says what the other reading comes to, and takes it."""
    if st.button(texts.inert(offer(other)), key=key, wrap=True):
        mapping_form.apply(workspace, data_set, laid_over(data_set.overrides, other.overrides))


def offer(other: mapping.Alternative) -> str:
    """The other reading as an offer, with its leads and wins."""
    lines = "_lines" if other.mapping.primary.lead_is_line else ""
    return wording.say(
        f"pages.other_reading.{other.shape}{lines}",
        leads=other.leads,
        won=other.won,
        column=insights.short(wording.plain(other.columns.get("lead", ""))),
    )


def laid_over(overrides: MappingOverrides, chosen: MappingOverrides) -> MappingOverrides:
    """The overrides in force, with those that choose a reading laid over them."""
    return replace(overrides, **{name: getattr(chosen, name) for name in CHOICES})


def show(workspace: Workspace, data_set: DataSet) -> None:
    """Each other way to read the files, with the columns that it is made of; nothing where there is none."""
    others = data_set.mapping.alternatives
    if not others:
        return
    st.header(wording.say("pages.other_reading.title"), anchor=False)
    st.caption(wording.say("pages.other_reading.help"))
    with st.container(key="other_readings"):
        for index, other in enumerate(others):
            with st.container(key=f"other_reading_{index}", gap="xxsmall"):
                button(workspace, data_set, other, f"take_reading_{index}_{data_set.revision}")
                st.caption(texts.inert(_columns(other)))


def _columns(other: mapping.Alternative) -> str:
    return wording.dotted(
        wording.say(
            "pages.other_reading.part",
            part=wording.say(f"pages.part_of_file.{part}"),
            column=insights.short(wording.plain(other.columns[part])),
        )
        for part in ("lead", "label", "time", "created", "outcome")
        if part in other.columns
    )
