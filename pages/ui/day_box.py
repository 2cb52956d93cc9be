"""A box in which a day, or two, is typed as days are shown: by a calendar to click on where they are counted as in most places, else as
text by the calendar of who reads. The address has days as all machines write them, whichever it is."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import streamlit as st

from funnel.words import numeric_days, wording
from pages.ui import address_bar, texts

Range = tuple[date, date]
_BETWEEN = re.compile(r"\s*[–—]\s*|\s+-\s+")


def day(
    label: str,
    value: date | None,
    first: date,
    last: date,
    *,
    key: str,
    bind: bool = False,
    **look: Any,
) -> date | None:
    """The day that is chosen, from `first` to `last`, at first `value`; `bind`: the address says it under the key. What is typed and is
    none of these days is said, and changes nothing."""
    if numeric_days.are_common():
        more: dict[str, Any] = {**look, **({"bind": "query-params"} if bind else {})}
        chosen = st.date_input(label, value, first, last, format="YYYY-MM-DD", key=key, **more)
        return chosen if isinstance(chosen, date) else None
    before = (_days(st.query_params.get_all(key)) or (value,))[0] if bind else value
    before = before if before is not None and first <= before <= last else value
    typed = _typed(label, "" if before is None else numeric_days.written(before), key, **look)
    found = numeric_days.read(typed)
    if found is None or not first <= found <= last:
        found = before
        if typed.strip():
            st.caption(unreadable(first, last))
    if bind:
        address_bar.put({key: "" if found is None or found == value else found.isoformat()})
    return found


def two_days(label: str, value: Range, first: date, last: date, *, key: str, **look: Any) -> Range | None:
    """The first and the last of the days that are chosen, kept for the session and in the address under the key; None while a person has
    said but one of them."""
    if numeric_days.are_common():
        chosen = st.date_input(
            label, value=value, min_value=first, max_value=last, format="YYYY-MM-DD", key=key,
            bind="query-params", persist_state="session", **look,
        )  # fmt: skip
        return (chosen[0], chosen[1]) if isinstance(chosen, tuple) and len(chosen) == 2 else None
    kept = f"{key}_kept"
    days = _days(st.query_params.get_all(key)) or st.session_state.get(kept, value)
    before = (days[0], days[1]) if len(days) == 2 and first <= days[0] <= days[1] <= last else value
    typed = _typed(label, " – ".join(map(numeric_days.written, before)), key, **look)
    found = [day for day in map(numeric_days.read, _BETWEEN.split(typed)) if day is not None]
    inside = len(found) == 2 and first <= found[0] <= found[1] <= last
    if not inside:
        st.caption(unreadable(first, last))
    chosen_days = (found[0], found[1]) if inside else before
    st.session_state[kept] = chosen_days
    if [day.isoformat() for day in chosen_days] != st.query_params.get_all(key):
        st.query_params[key] = [day.isoformat() for day in chosen_days]
    return chosen_days


def said(key: str) -> date | None:
    """What the box with this key says in a callback."""
    if numeric_days.are_common():
        chosen = st.session_state.get(key)
        return chosen if isinstance(chosen, date) else None
    return numeric_days.read(str(st.session_state.get(_key(key), "")))


def unreadable(first: date, last: date) -> str:
    """That no day from `first` to `last` was typed."""
    return wording.say("pages.dates.unreadable", days=texts.span(first, last), example=numeric_days.written(last))


def _typed(label: str, value: str, key: str, **look: Any) -> str:
    typed: str = st.text_input(label, value=value, key=_key(key), **look)
    return typed


def _key(key: str) -> str:
    return f"{key}_typed_{wording.language()}_{wording.calendar()}"


def _days(said: list[str]) -> tuple[date, ...]:
    found = [_iso(text) for each in said for text in each.split(",")]
    return tuple(day for day in found if day is not None)


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
