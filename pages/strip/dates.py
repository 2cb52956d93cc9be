"""The dates: a menu of ranges by name, two fields to type in, a slider under its histogram. All three say the same days, and so does the
address.

What was chosen by name is kept by its name: of a file with newer days, last quarter is another quarter.

A widget that has to say something new because another was moved is a new widget, under a new key, with that as its beginning. Writing to
the old one would be undone: a browser that moves on before it hears of it reports, with its next move, what stood there before, and that
cannot be told from a choice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import streamlit as st

from funnel import DataSet
from funnel.words import numeric_days, wording
from pages.strip import ranges
from pages.ui import address_bar, chart_first, day_box, texts

MENU, SIDES, SLIDER, FISCAL = "range", ("from", "to"), "started", "fiscal"
WORDS = (MENU, *SIDES, FISCAL, SLIDER)
_CHOSEN, _SPAN, _OPTIONS, _NUMBERS, _SAID = "dates_chosen", "days", "dates_options", "dates_numbers", "dates_said"
BASIS, ENTERED, CLOSED = "basis", "entered", "closed"
_CHOSEN_BY_HAND = "chosen"
_KEYS = 8
"""So many keys of a widget are used in turn: Streamlit keeps something of each key there ever was."""
_YEARS_AROUND = 20
"""A day is typed so many years outside of the file, to be brought inside with a sentence; the calendar lists no more years."""


@dataclass(frozen=True)
class Dates:
    """The days of a file's starts, `every`, and what is chosen of them."""

    every: ranges.Range
    chosen: ranges.Chosen


def settled(data_set: DataSet) -> Dates | None:
    """What is chosen, once for this run; None where there is nothing to choose. Draw `menu` and `row` with it."""
    every = all_days(data_set)
    return None if every is None else Dates(every, _settled(data_set, every))


def menu(data_set: DataSet, dates: Dates) -> None:
    """The ranges by name."""
    _menu(data_set, dates.chosen)


def row(data_set: DataSet, dates: Dates) -> Any:
    """The first day, the slider under the place of its histogram, which comes back, and the last day; then what became of days that the
    file does not have."""
    every, chosen = dates.every, dates.chosen
    with st.container(horizontal=True, vertical_alignment="bottom", key="dates", gap="small"):
        _field(data_set, every, chosen, 0)
        with st.container(key="days_slider", gap="xxsmall"):
            histogram = st.container(key="histogram")
            slider = _key(SLIDER, chosen.days)
            st.container(key=SLIDER).slider(
                wording.say("pages.sidebar.started"),
                min_value=every[0],
                max_value=every[1],
                value=chosen.days,
                format="D MMM YYYY",
                key=slider,
                label_visibility="collapsed",
                on_change=_slid,
                args=(data_set, slider),
            )
        _field(data_set, every, chosen, 1)
    if chosen.told == "outside":
        st.caption(wording.say("pages.dates.outside", days=texts.span(*every)))
    elif chosen.told == "backwards":
        st.caption(wording.say("pages.dates.backwards"))
    elif chosen.told == "unreadable":
        st.caption(day_box.unreadable(*every))
    return histogram


def now(data_set: DataSet) -> ranges.Range | None:
    """The days that are chosen now, by what was moved last; None where there is nothing to choose."""
    every = all_days(data_set)
    return None if every is None else ranges.clipped(_chosen().days, *every) or every


def all_days(data_set: DataSet) -> ranges.Range | None:
    """The first and the last day of a start, or of a closing where that is looked at; None where there are not two."""
    if data_set.first_start is None or data_set.last_start is None:
        return None
    first, last = data_set.first_start.date(), data_set.last_start.date()
    if is_closed() and data_set.observed_until is not None:
        last = max(last, data_set.observed_until.date())
    return None if first == last else (first, last)


def basis() -> None:
    """What the days look at: when leads entered the funnel, or when they closed."""
    st.selectbox(
        wording.say("pages.dates.basis"),
        [ENTERED, CLOSED],
        format_func=lambda name: wording.say(f"pages.dates.basis_{name}"),
        key=BASIS,
        bind="query-params",
        persist_state="session",
        label_visibility="collapsed",
    )


def is_closed() -> bool:
    """Whether the days are those on which leads closed."""
    return bool(st.session_state.get(BASIS) == CLOSED)


def take_all(data_set: DataSet) -> None:
    """Choose all days (a callback: it runs before the widgets are drawn)."""
    every = all_days(data_set)
    if every is not None:
        _choose(ranges.Chosen(every, ranges.ALL, _chosen().fiscal))


def say_in_address(data_set: DataSet) -> None:
    """Have the address say the days, once the page stands: a run that the next click replaces says nothing."""
    if all_days(data_set) is not None:
        address_bar.put(_words(_chosen()))


def carried() -> dict[str, str]:
    """What the address of another page has to say from its first moment on: the days are the same on all pages, and a step back leads to
    what was seen there."""
    before: ranges.Chosen | None = st.session_state.get(_CHOSEN)
    elsewhere = before is None or address_bar.travelled() or any(name in WORDS for name in address_bar.said())
    return {} if before is None or elsewhere else _words(before)


def _words(chosen: ranges.Chosen) -> dict[str, str]:
    return {**dict.fromkeys(WORDS, ""), **ranges.in_address(chosen)}


def _settled(data_set: DataSet, every: ranges.Range) -> ranges.Chosen:
    """What is chosen of these days, which the widgets are made to say."""
    before: ranges.Chosen | None = st.session_state.get(_CHOSEN)
    if before is None or address_bar.travelled():
        chosen = ranges.of_address(address_bar.said(), *every, _observed(data_set))
    elif before.name is not None:
        chosen = _by_name(data_set, every, before.name, before.fiscal, before.told)
    elif st.session_state.get(_SPAN) != every:
        # Other files, or another mapping: what was chosen of the days before would hide leads unasked.
        chosen = ranges.Chosen(every, ranges.ALL, before.fiscal)
    else:
        chosen = before
    st.session_state[_SPAN] = every
    _choose(chosen)
    return chosen


def _key(name: str, value: Any, anew: bool = False) -> str:
    """The key of the widget that says this: of the one that stands there, where it does; of a new one otherwise."""
    numbers: dict[str, int] = st.session_state.setdefault(_NUMBERS, {})
    key = f"{name}-{numbers.setdefault(name, 0)}"
    if anew or st.session_state.get(key, value) != value:
        numbers[name] = (numbers[name] + 1) % _KEYS
        key = f"{name}-{numbers[name]}"
    _said()[key] = value
    return key


def _is_choice(key: str) -> bool:
    """Whether the widget with this key says something else than it last did."""
    said, now = _said(), st.session_state[key]
    before, said[key] = said.get(key), now
    return bool(before != now)


def _said() -> dict[str, Any]:
    """Key → what its widget last said."""
    said: dict[str, Any] = st.session_state.setdefault(_SAID, {})
    return said


def _by_name(data_set: DataSet, every: ranges.Range, name: str, fiscal: int, told: str | None = None) -> ranges.Chosen:
    """What the name means in this file; all days where it means none of them."""
    offered = ranges.named(*every, _observed(data_set), fiscal)
    name = name if name in offered else ranges.ALL
    return ranges.Chosen(offered[name], name, fiscal, told)


def _menu(data_set: DataSet, chosen: ranges.Chosen) -> None:
    every = all_days(data_set)
    assert every is not None
    offered = ranges.named(*every, _observed(data_set), chosen.fiscal)

    def said(name: str) -> str:
        told = wording.say(f"pages.dates.{name}")
        return wording.say("pages.dates.option", name=told, days=texts.span(*offered.get(name, chosen.days)))

    value = chosen.name or _CHOSEN_BY_HAND
    options = {name: said(name) for name in (*offered, *([_CHOSEN_BY_HAND] if chosen.name is None else []))}
    before: dict[str, str] = st.session_state.get(_OPTIONS, options)
    st.session_state[_OPTIONS] = options
    # The browser knows what is chosen by its text alone.
    key = _key(MENU, value, anew=before.get(value, options[value]) != options[value])
    st.selectbox(
        wording.say("pages.dates.menu"),
        list(options),
        index=list(options).index(value),
        format_func=said,
        key=key,
        label_visibility="collapsed",
        on_change=_named,
        args=(data_set, key),
    )


def _field(data_set: DataSet, every: ranges.Range, chosen: ranges.Chosen, end: int) -> None:
    (first, last), side, day = every, SIDES[end], chosen.days[end]
    label, place = wording.say(f"pages.dates.{side}"), st.container(key=side, width="content")
    if not numeric_days.are_common():
        text = numeric_days.written(day)
        key = _key(side, text)
        place.text_input(
            label,
            value=text,
            key=key,
            label_visibility="collapsed",
            on_change=_typed,
            args=(data_set, side, key),
        )
        return
    key = _key(side, day)
    place.date_input(
        label,
        value=day,
        min_value=date(max(first.year - _YEARS_AROUND, date.min.year), 1, 1),
        max_value=date(min(last.year + _YEARS_AROUND, date.max.year), 12, 31),
        format="YYYY-MM-DD",
        key=key,
        label_visibility="collapsed",
        on_change=_typed,
        args=(data_set, side, key),
    )


def fiscal_year(data_set: DataSet, dates: Dates) -> None:
    """The month in which a year begins."""
    key = _key(FISCAL, dates.chosen.fiscal)
    st.selectbox(
        wording.say("pages.dates.first_month"),
        range(ranges.JANUARY, ranges.DECEMBER + 1),
        index=dates.chosen.fiscal - ranges.JANUARY,
        format_func=wording.month_name,
        key=key,
        help=wording.say("pages.dates.first_month_help"),
        on_change=_began,
        args=(data_set, key),
    )


def _slid(data_set: DataSet, key: str) -> None:
    if _is_choice(key):
        _take(data_set, st.session_state[key])


def _typed(data_set: DataSet, side: str, key: str) -> None:
    every, before, said = all_days(data_set), _chosen(), st.session_state[key]
    if every is None or not _is_choice(key):
        return
    day = said
    if isinstance(said, str):
        day = numeric_days.read(said)
        if day is None and said.strip():
            _moved(data_set, replace(before, told="unreadable"))
            return
    _take(data_set, *ranges.typed(before.days, side, day, *every))


def _take(data_set: DataSet, days: ranges.Range, told: str | None = None) -> None:
    name = ranges.ALL if days == all_days(data_set) else None
    _moved(data_set, ranges.Chosen(days, name, _chosen().fiscal, told))


def _named(data_set: DataSet, key: str) -> None:
    every, name = all_days(data_set), st.session_state[key]
    if every is not None and _is_choice(key) and name in ranges.NAMES:
        _moved(data_set, _by_name(data_set, every, name, _chosen().fiscal))


def _began(data_set: DataSet, key: str) -> None:
    every, before, fiscal = all_days(data_set), _chosen(), st.session_state[key]
    if every is None or not _is_choice(key):
        return
    chosen = (
        ranges.Chosen(before.days, None, fiscal)
        if before.name is None
        else _by_name(data_set, every, before.name, fiscal)
    )
    _moved(data_set, chosen)


def _moved(data_set: DataSet, chosen: ranges.Chosen) -> None:
    _choose(chosen)
    chart_first.moved(data_set.interrupt)


def _choose(chosen: ranges.Chosen) -> None:
    st.session_state[_CHOSEN] = chosen


def _chosen() -> ranges.Chosen:
    chosen: ranges.Chosen = st.session_state[_CHOSEN]
    return chosen


def _observed(data_set: DataSet) -> date:
    moment = data_set.observed_until or data_set.last_start
    assert moment is not None
    return moment.date()
