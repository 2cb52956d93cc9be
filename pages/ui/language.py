"""In which language the pages speak: as somebody chose, else as the browser asks, else English.

It stands in the address once it was chosen, so that a link shows what its sender saw. What an address says besides stands there in the
words of the page; those of another language are understood here.
"""

from __future__ import annotations

import re
from functools import lru_cache

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from funnel import catalogue
from funnel.words import directions, numeric_days, wording
from funnel.words.calendars import Calendar
from pages.server.workspace import Workspace
from pages.ui import address_bar, calendar_choice, components

WORD = "lang"
_SPOKEN, _SEEN, _CHOSEN = "language_spoken", "language_seen", "language_chosen"
_OF_THE_DATA = re.compile(
    r"by_column|split.*|time_by|filter.*|where_.*|[a-z]+_name|file|saved|contract_.*|started|order|lang|calendar"
)
"""Words of the address that say columns, values and names of the data: those are in no language of ours."""


def offered() -> tuple[str, ...]:
    """The languages that the pages can speak, English first."""
    return wording.languages()


def begin() -> None:
    """Settles in which language this session's pages speak from now on. The first thing of a run."""
    said = st.query_params.get(WORD)
    if said in offered() and said != st.session_state.get(_SEEN):
        st.session_state[_SPOKEN] = st.session_state[_CHOSEN] = said
    elif _SPOKEN not in st.session_state:
        st.session_state[_SPOKEN] = _of_browser()
    chosen = st.session_state.get(_CHOSEN, "")
    address_bar.put({WORD: chosen})
    st.session_state[_SEEN] = chosen


def tell() -> None:
    """Tells the browser, for its hyphens, its voice, its fonts and the direction of the page."""
    direction = "rtl" if wording.is_right_to_left() else "ltr"
    data: dict[str, object] = {"language": wording.language(), "direction": direction}
    if not numeric_days.are_common():
        # What Streamlit writes in the browser, under a slider, is written anew there as the page writes days.
        data["days"] = _days()
    components.mount("language", key="language_of_page", data=data)


def _days() -> dict[str, object]:
    """How the page writes a day: its calendar by the name that browsers know, its months in short, its digits."""
    calendar, year = wording.calendar(), 1400
    firsts = [calendar.day(year, month, 1) for month in range(1, 13)]
    return {
        "calendar": "persian" if calendar is Calendar.JALALI else "buddhist",
        "months": [re.sub(r"[\d\s]+", "", wording.day(first, year=False)) for first in firsts],
        "signs": {
            **{str(digit): wording.number(digit) for digit in range(10)},
            "%": directions.bare(wording.percent(0))[-1],
        },
    }


def show(space: Workspace) -> None:
    """The menu of languages, each by its own name, and of calendars."""
    if len(offered()) < 2:
        return
    with st.popover(wording.language().upper(), key="language_menu", type="tertiary", icon=":material/language:"):
        for tag in offered():
            st.button(
                wording.called(tag),
                key=f"speak_{tag}",
                type="tertiary",
                disabled=tag == wording.language(),
                on_click=_choose,
                args=(tag,),
            )
        calendar_choice.show(space)


def here(name: str, value: str) -> str:
    """What a word of the address says, as it is called in the language of the page; one that is no word of another language stays."""
    if _OF_THE_DATA.fullmatch(name):
        return value
    by_text = _meant(wording.language())
    tabs = by_text.get(("tabs", value)) if name.endswith("_tab") else None
    return tabs or by_text.get(("", value), value)


def _choose(tag: str) -> None:
    """A callback: the pages speak it."""
    st.session_state[_SPOKEN] = st.session_state[_CHOSEN] = tag


def _of_browser() -> str:
    asked = (st.context.locale or "").split("-")[0]
    return asked if asked in offered() else wording.SOURCE_LANGUAGE


@lru_cache
def _meant(tag: str) -> dict[tuple[str, str], str]:
    """What choices are called in other languages → what they are called in this one. Of those that are tabs, by "tabs" too: one word may
    name a tab and something else."""
    meant: dict[tuple[str, str], str] = {}
    own = wording.sentences(tag)
    for other in (each for each in offered() if each != tag):
        for key, text in wording.sentences(other).items():
            target = own.get(key)
            if key.startswith("pages.") and isinstance(text, str) and isinstance(target, str) and "{" not in text:
                if key.startswith("pages.tabs."):
                    meant.setdefault(("tabs", text), target)
                meant.setdefault(("", text), target)
        for theirs, ours in zip(_names(other), _names(tag), strict=True):
            meant.setdefault(("", theirs), ours)
    # What this language itself calls something is that.
    for text in (*(each for each in own.values() if isinstance(each, str)), *_names(tag)):
        meant.pop(("", text), None)
    return meant


def _names(tag: str) -> list[str]:
    """The names of the models of the catalogue and of their stages, always in the same order."""
    with wording.speaking(tag):
        models = [catalogue.recorded(), *catalogue.models()]
    return [name for model in models for name in (model.name, *(stage.name for stage in model.stages))]


def _here() -> str:
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return wording.SOURCE_LANGUAGE
    spoken: str = st.session_state.get(_SPOKEN, wording.SOURCE_LANGUAGE)
    return spoken


wording.spoken_by(_here, calendar_choice.here)
