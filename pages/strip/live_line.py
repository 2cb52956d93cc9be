"""The line under the bar on a live source: as of when it is shown, and what came since. It looks by itself; numbers move only when
somebody says so, or has said that they may."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from funnel import FunnelError
from funnel.live.reader import Reader
from funnel.live.sources import Source
from funnel.words import wording
from pages.server import live_data
from pages.server.following import Following, Ready
from pages.server.workspace import Workspace
from pages.ui import texts

LEAST_SECONDS, MOST_SECONDS = 2, 30
"""How often the line looks: what all know is asked, not the source."""
MOST_NAMED = 8
_DRAWN, _AUTOMATIC = "live_drawn", "live_automatic"


def show(space: Workspace) -> None:
    """The line; nothing where what is open is no live source."""
    following = space.following
    if following is None:
        return
    # A fragment of an older run may still look while another window shows something newer.
    st.session_state[_DRAWN] = space.token
    seconds = LEAST_SECONDS
    try:
        seconds = _seconds(live_data.look(space, following).source)
    except FunnelError as error:
        st.caption(texts.problem(error))
        return
    st.fragment(_line, run_every=seconds)(space, following)


def choice(space: Workspace) -> None:
    """The switch in the menu of the file that lets numbers move by themselves."""
    following = space.following
    if following is None:
        return
    st.session_state[_AUTOMATIC] = following.automatic
    st.toggle(
        wording.say("pages.live.automatic"),
        key=_AUTOMATIC,
        help=wording.say("pages.live.automatic_help"),
        on_change=_switch,
        args=(following,),
    )


def _switch(following: Following) -> None:
    following.automatic = bool(st.session_state[_AUTOMATIC])


def _seconds(source: Source) -> int:
    return min(max(source.refresh, LEAST_SECONDS), MOST_SECONDS)


def _line(space: Workspace, following: Following) -> None:
    elsewhere = st.session_state.get(_DRAWN) != space.token or space.following is not following
    ready, said = following.ready, list[str]()
    if elsewhere:
        said.append(wording.say("pages.live.elsewhere"))
    else:
        try:
            known = live_data.look(space, following)
        except FunnelError as error:
            st.caption(texts.problem(error))
            return
        if following.automatic and ready is not None and live_data.show(space):
            st.rerun()
        said += _told(following, known, ready)
    with st.container(horizontal=True, vertical_alignment="center", key="live_line", gap="small"):
        st.caption(" ".join(said), width="content")
        if (ready is not None or elsewhere) and st.button(wording.say("pages.live.show"), key="show_newer"):
            live_data.show(space)
            st.rerun()


def _told(following: Following, known: Reader, ready: Ready | None) -> Iterator[str]:
    source = texts.inert(following.source)
    as_of = following.as_of
    if as_of is not None:
        key = "as_of" if _is_today(as_of) else "as_of_day"
        yield wording.say(f"pages.live.{key}", source=source, **_moment(as_of))
    if known.fault is not None:
        key = "fault" if _is_today(known.fault.at) else "fault_day"
        yield wording.say(f"pages.live.{key}", problem=texts.problem(known.fault.error), **_moment(known.fault.at))
    if following.problem is not None and following.tried is not None:
        yield wording.say("pages.live.unusable", problem=following.problem, **_moment(following.tried.taken_at))
    if ready is not None:
        yield from _news(ready)


def _news(ready: Ready) -> Iterator[str]:
    told = ready.news
    if told.leads is None or told.moves is None:
        yield wording.say("pages.live.newer")
    elif told.leads or told.moves:
        yield wording.say("pages.live.news", leads=told.leads, moves=told.moves)
    elif not told.gone:
        yield wording.say("pages.live.other")
    if told.gone:
        yield wording.say("pages.live.gone", leads=told.gone)
    if told.labels:
        yield wording.say("pages.live.labels", labels=_first(told.labels))
    if told.columns:
        yield wording.say("pages.live.columns", columns=_first(told.columns))
    if ready.otherwise:
        yield wording.say("pages.live.otherwise")


def _first(names: Sequence[str]) -> list[str]:
    """Names of a file, and that there are more where there are."""
    return [*(texts.inert(name) for name in names[:MOST_NAMED]), *(["…"] if len(names) > MOST_NAMED else [])]


def _is_today(moment: datetime) -> bool:
    return moment.date() == datetime.now().date()


def _moment(moment: datetime) -> dict[str, Any]:
    return {"day": moment, "time": f"{moment:%H:%M}"}
