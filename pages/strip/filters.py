"""Filters, in the strip and of groups made by hand: pick a column, then its values (searchable) or a range of its numbers. What is chosen
in the strip stands in it as chips, each of which takes itself off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from funnel import AsOf, Between, DataSet, OneOf
from funnel.columns import FEW
from funnel.core import insights
from funnel.core.types import Attribute
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.ui import texts
from pages.ui.ask import limits, values

CHOSEN = "filter"
PREFIX = "where_"
MOST_VALUES = 2_000
MOST_READY = 3
AS_OF = "attributes"


def show(workspace: Workspace, data_set: DataSet, of: str = "", label: str = "") -> tuple[OneOf | Between, ...]:
    """The conditions that leads must meet; none where nothing was chosen. `of` is whose they are: "" is everybody's, in the
    strip, where the likeliest columns stand ready; others have their own `label`."""
    attributes = _attributes(data_set)
    if not attributes:
        return ()
    ready = [] if of else _ready(data_set, attributes)
    conditions: list[OneOf | Between | None] = [
        _values(workspace, attributes[column], of, looked_at(data_set)) for column in ready
    ]
    columns = st.multiselect(
        label or wording.say("pages.sidebar.filters"),
        [column for column in attributes if column not in ready],
        format_func=insights.column_name,
        key=f"{of}{CHOSEN}",
        bind="query-params",
        persist_state="session",
        placeholder=wording.say("pages.sidebar.add_filter"),
        select_all=False,
    )
    for column in columns:
        narrow = _range if attributes[column].kind == "number" else _values
        conditions.append(narrow(workspace, attributes[column], of, looked_at(data_set)))
    return tuple(condition for condition in conditions if condition is not None)


def _attributes(data_set: DataSet) -> dict[str, Attribute]:
    """What leads can be narrowed by, by column."""
    house = _house(data_set)
    # A column of the file that is named like one of ours cannot be told from it in the box.
    taken = {insights.column_name(each.column).casefold() for each in house}
    own = [each for each in varied(data_set) if each.column.casefold() not in taken]
    hidden = unknown(data_set)
    return {each.column: each for each in (*house, *own) if each.column not in hidden}


def _ready(data_set: DataSet, attributes: Mapping[str, Attribute]) -> list[str]:
    """The columns that people ask for first: with few values, and the likeliest to tell something."""
    few = [column for column in data_set.columns.by_promise if column in attributes]
    return [each for each in few if attributes[each].kind == "text" and 2 <= attributes[each].values <= FEW][
        :MOST_READY
    ]


def menu(workspace: Workspace, data_set: DataSet) -> tuple[tuple[OneOf | Between, ...], AsOf]:
    """Everybody's conditions behind one button, and which values of a lead they look at."""
    with st.popover(wording.say("pages.strip.filters"), key="filters_menu"):
        attributes = as_of_box(data_set)
        return show(workspace, data_set), attributes


@dataclass(frozen=True)
class Chip:
    """What narrows the leads, said in a few words on a button that calls `off` with `of`."""

    key: str
    told: str
    off: Callable[..., None]
    of: tuple[object, ...]


def chips(conditions: tuple[OneOf | Between, ...], stages: Chip | None = None) -> None:
    """Each condition that holds, and the stages where not all are looked at, as a button that takes it off."""
    each = [Chip(f"chip_{one.column}", insights.condition_said(one), _take_off, (one.column,)) for one in conditions]
    if stages is not None:
        each.insert(0, stages)
    if not each:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="chips", gap="small"):
        for chip in each:
            st.button(
                f"{texts.inert(insights.short(chip.told))} ✕",
                key=chip.key,
                help=wording.say("pages.strip.take_off", condition=texts.inert(chip.told)),
                on_click=chip.off,
                args=chip.of,
            )


def put(data_set: DataSet, condition: OneOf | Between) -> None:
    """In a callback: only leads that meet it count, whatever was said of its column before. A column that nobody can be narrowed by
    changes nothing."""
    attributes, column = _attributes(data_set), condition.column
    if column not in attributes:
        return
    if attributes[column].kind == "number" and isinstance(condition, OneOf):
        # Numbers are chosen by their ends.
        numbers = [float(value) for value in condition.values if isinstance(value, (int, float))]
        if not numbers:
            return
        condition = Between(column, min(numbers), max(numbers))
    _take_off(column)
    if isinstance(condition, OneOf):
        texts_of = [None if value is None else str(value) for value in condition.values]
        st.session_state[f"{PREFIX}{column}"] = [_shown(value) for value in texts_of]
    else:
        st.session_state[f"{PREFIX}from_{column}"] = condition.low
        st.session_state[f"{PREFIX}to_{column}"] = condition.high
    if column not in _ready(data_set, attributes):
        st.session_state[CHOSEN] = [*st.session_state.get(CHOSEN, ()), column]


def clear() -> None:
    """A callback: every lead counts."""
    for key in [key for key in st.session_state if str(key).startswith(PREFIX)]:
        _empty(str(key))
    st.session_state[CHOSEN] = []


def _take_off(column: str) -> None:
    for key in (f"{PREFIX}{column}", f"{PREFIX}from_{column}", f"{PREFIX}to_{column}"):
        if key in st.session_state:
            _empty(key)
    st.session_state[CHOSEN] = [each for each in st.session_state.get(CHOSEN, ()) if each != column]


def _empty(key: str) -> None:
    st.session_state[key] = [] if isinstance(st.session_state[key], (list, tuple)) else None


def as_of_box(data_set: DataSet) -> AsOf:
    """Which values of a lead filters and groups look at, where they changed: a choice beside the filters, kept in the address."""
    if data_set.columns.changed:
        st.pills(
            wording.say("pages.filter.attributes"),
            [each.value for each in AsOf],
            default=AsOf.START.value,
            required=True,
            format_func=lambda name: wording.say(f"pages.filter.attributes_{name}"),
            key=AS_OF,
            bind="query-params",
            persist_state="session",
            help=wording.say("pages.filter.attributes_help"),
        )
    return looked_at(data_set)


def looked_at(data_set: DataSet) -> AsOf:
    """What was chosen in that box."""
    chosen = st.session_state.get(AS_OF) if data_set.columns.changed else None
    return AsOf.LATEST if chosen == AsOf.LATEST else AsOf.START


def unknown(data_set: DataSet) -> tuple[str, ...]:
    """The columns that nothing can be asked of, since their value at the start is looked at and not known."""
    return data_set.columns.unknown_at_start if looked_at(data_set) is AsOf.START else ()


def varied(data_set: DataSet) -> list[Attribute]:
    """The columns with more than one value, of those that are looked at: at the start all leads may have had the same."""
    start = looked_at(data_set) is AsOf.START
    return [each for each in data_set.columns.attributes if (each.values_at_start if start else each.values) > 1]


def _house(data_set: DataSet) -> tuple[Attribute, ...]:
    """Account and amount, where the file has them."""
    parts = {"account": Attribute("account_id", "text", 0, 0), "amount": Attribute("amount", "number", 0, 0)}
    return tuple(attribute for part, attribute in parts.items() if part in data_set.loaded.columns)


def _values(workspace: Workspace, attribute: Attribute, of: str, at: AsOf) -> OneOf | None:
    options: dict[str, str | None] = {
        _shown(value): value for value in values(workspace, attribute.column, MOST_VALUES, at)
    }
    chosen = st.multiselect(
        _label(attribute),
        list(options),
        key=f"{of}{PREFIX}{attribute.column}",
        bind="query-params",
        persist_state="session",
        placeholder=wording.say("pages.filter.any"),
        help=wording.say("pages.filter.most", values=MOST_VALUES) if attribute.values > MOST_VALUES else None,
    )
    return OneOf(attribute.column, tuple(options[name] for name in chosen)) if chosen else None


def _shown(value: str | None) -> str:
    return wording.say("pages.filter.empty") if value is None else value


def _range(workspace: Workspace, attribute: Attribute, of: str, at: AsOf) -> Between | None:
    ends = limits(workspace, attribute.column, at)
    if ends is None or ends[0] == ends[1]:
        return None
    low, high = ends
    with st.container(horizontal=True, key=f"{of}range_of_{attribute.column}"):
        least = _number(attribute, "from", low, of)
        most = _number(attribute, "to", high, of)
    if least is None and most is None:
        return None
    return Between(attribute.column, least, most)


def _number(attribute: Attribute, side: str, limit: float, of: str) -> float | None:
    value: Any = st.number_input(
        wording.say(f"pages.filter.{side}", column=_label(attribute)),
        value=None,
        placeholder=wording.number(limit),
        key=f"{of}{PREFIX}{side}_{attribute.column}",
        bind="query-params",
        persist_state="session",
        format="%g",
    )
    return None if value is None or value != value else float(value)


def _label(attribute: Attribute) -> str:
    # A header of the file in a label's place: Markdown is read there.
    return wording.escape_markdown(insights.column_name(attribute.column))
