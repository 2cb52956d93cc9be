"""The upload box, the sample, and the sentence on privacy: what greets whoever has no data yet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from funnel import FunnelError, mapping
from funnel.core import settings, toml_text
from funnel.words import wording
from pages.sections import first_look, live_sources, project_box
from pages.server import served_files, upload_folders, uploads
from pages.server.workspace import NO_FILES, Files, LoadJob, Workspace
from pages.ui import components, language, links, loading, texts

TICKET = "upload_ticket"
CRMS = ("hubspot", "salesforce", "pipedrive", "zoho", "bitrix24", "kommo", "odoo", "other")
_MAPPING = ".toml"
_BARE = ("drop", "browse", "kinds", "cancel", "cancel_all", "remove", "retry", "go_on", "cut_short")


def greeting(workspace: Workspace) -> None:
    """What every page shows while there is no data: what comes of a file, where to put it, the sample, and how to get one."""
    with st.container(key="greeting", width=1180):
        with st.container(horizontal=True, horizontal_alignment="right", key="greeting_language"):
            language.show(workspace)
        left, right = st.columns([11, 9], gap="large")
        with left:
            st.title(wording.say("pages.upload.title"), anchor=False)
            links.tell()
            st.markdown(wording.say("pages.upload.intro"))
            box(workspace, wording.say("pages.upload.label"))
            project_box.earlier(workspace)
        with right:
            st.html(first_look.html())
            with st.container(border=True, key="try_sample"):
                _sample(workspace)
        _exports()


def _sample(workspace: Workspace) -> None:
    st.markdown(wording.say("pages.upload.sample"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shape = st.segmented_control(
            wording.say("pages.upload.shape"),
            loading.SHAPES,
            default="history",
            required=True,
            format_func=lambda name: wording.say(f"pages.sample_shape.{name}"),
            key="sample_shape",
            width="stretch",
        )
        st.button(
            wording.say("pages.upload.try_sample"),
            type="primary",
            key="try_the_sample",
            on_click=_begin_sample,
            args=(workspace, shape or "history"),
        )


def _exports() -> None:
    """How to get a file out of a CRM."""
    st.header(wording.say("pages.greeting.export"), anchor=False)
    crm = st.pills(
        wording.say("pages.greeting.crm"),
        CRMS,
        default=CRMS[0],
        required=True,
        format_func=lambda name: wording.say(f"pages.greeting.name_{name}"),
        key="crm",
        label_visibility="collapsed",
    )
    st.markdown(wording.say(f"pages.greeting.from_{crm or CRMS[0]}"))
    st.caption(wording.say("pages.greeting.history"))


def box(workspace: Workspace, label: str, *, add_to: Files = NO_FILES) -> None:
    """An upload box. What comes through it lies on disk when this run hears of it, and is read on the next, together with `add_to`."""
    turn = st.session_state.setdefault("upload_turn", 0)
    ticket = _ticket(workspace)
    answer = components.mount(
        "upload",
        key=f"upload_{'more' if add_to.paths else 'new'}_{turn}",
        data={"label": label, "ticket": ticket.key, "address": uploads.ADDRESS, "header": uploads.HEADER, **_box()},
        on_arrived_change=components.heard,
        # The run that this asks for brings a ticket that the server knows.
        on_expired_change=components.heard,
    )
    st.caption(wording.say("pages.upload.together"))
    _served(workspace, add_to, turn)
    if not add_to.paths:
        live_sources.box(workspace, turn)
    if workspace.problem:
        st.error(workspace.problem)
    if not isinstance(answer.arrived, list):
        return
    # Each ticket and each box is good for one upload.
    st.session_state["upload_turn"] = turn + 1
    workspace.tickets.pop(ticket.key, None)
    _begin(workspace, add_to, ticket, answer.arrived)
    st.rerun()


def _begin(workspace: Workspace, add_to: Files, ticket: upload_folders.Ticket, numbers: Sequence[object]) -> None:
    """Read what has arrived under these numbers, with the mapping that came along."""
    paths = ticket.take(numbers)
    tables = tuple(path for path in paths if path.suffix.lower() != _MAPPING)
    try:
        overrides = _overrides(workspace, add_to, [path for path in paths if path.suffix.lower() == _MAPPING])
    except FunnelError as error:
        workspace.problem = texts.problem(error)
        return
    if tables:
        loading.begin(workspace, LoadJob(add_to.with_more(Files(tables, (ticket,))), overrides))
    elif not paths:
        workspace.problem = wording.say("pages.upload.lost")
    elif workspace.data_set is not None:
        followed = workspace.following
        source, as_of = (None, None) if followed is None else (followed.source, followed.as_of)
        loading.begin(workspace, LoadJob(workspace.files, overrides, workspace.sample, source=source, as_of=as_of))
    else:
        workspace.problem = wording.say("pages.upload.only_mapping")


def _ticket(workspace: Workspace) -> upload_folders.Ticket:
    """The ticket of this page; a new one where its old one was used or closed."""
    ticket = workspace.tickets.get(st.session_state.get(TICKET, ""))
    if ticket is None:
        ticket = workspace.ticket()
        st.session_state[TICKET] = ticket.key
    return ticket


def _box() -> dict[str, Any]:
    """What the box says and accepts; what only the browser knows stands in it as a name in braces."""
    most, setting = settings.UPLOAD_GIGABYTES(), settings.UPLOAD_GIGABYTES.variable
    return {
        "language": wording.SOURCE_LANGUAGE,
        "endings": [f".{ending}" for ending in upload_folders.ENDINGS],
        "most": most * upload_folders.GIGABYTE,
        "texts": {
            **{name: wording.say(f"pages.upload.{name}") for name in _BARE},
            "limit": wording.say("pages.upload.limit", most=most),
            "waiting": wording.say("pages.upload.waiting", size="{size}"),
            "progress": wording.say(
                "pages.upload.progress", done="{done}", size="{size}", share="{share}", rate="{rate}"
            ),
            "finishing": wording.say("pages.upload.finishing", size="{size}"),
            "arrived": wording.say("pages.upload.arrived", size="{size}"),
            "not_accepted": wording.say("pages.upload.not_accepted", file="{file}"),
            "a_folder": wording.say("pages.upload.a_folder", file="{file}"),
            "too_big": wording.say("pages.upload.too_big", most=most, setting=setting),
        },
    }


def _served(workspace: Workspace, add_to: Files, turn: int) -> None:
    """A box of the files in the server's folder, where one is allowed."""
    offered = served_files.files(tuple(f".{ending}" for ending in upload_folders.ENDINGS if f".{ending}" != _MAPPING))
    if not offered:
        return
    kind = "more" if add_to.paths else "new"
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"served_{kind}"):
        chosen = st.multiselect(
            wording.say("pages.upload.served"),
            list(offered),
            placeholder=wording.say("pages.upload.choose_served"),
            help=wording.say("pages.upload.served_help"),
            key=f"served_{kind}_{turn}",
            select_all=False,
        )
        st.button(
            wording.say("pages.upload.open_served"),
            key=f"open_served_{kind}",
            disabled=not chosen,
            on_click=_open_served,
            args=(workspace, add_to, tuple(chosen)),
        )


def _open_served(workspace: Workspace, add_to: Files, chosen: tuple[str, ...]) -> None:
    """A callback: read what was chosen, unless it has gone since."""
    paths = [served_files.opened(name) for name in chosen]
    gone = [name for name, path in zip(chosen, paths, strict=True) if path is None]
    if gone:
        workspace.problem = texts.inert(wording.say("pages.upload.gone", files=gone))
        return
    more = Files(tuple(path for path in paths if path is not None))
    loading.begin(workspace, LoadJob(add_to.with_more(more), _overrides(workspace, add_to, ())))


def _overrides(workspace: Workspace, add_to: Files, paths: Sequence[Path]) -> mapping.MappingOverrides:
    """What a mapping says that came along; and, where files are added to those that are open, what was said of these by hand."""
    overrides = (
        workspace.data_set.overrides if add_to.paths and workspace.data_set is not None else mapping.MappingOverrides()
    )
    return _hints(paths).over(overrides)


def _hints(paths: Sequence[Path]) -> mapping.MappingOverrides:
    """What a saved mapping says; nothing where none came along. MappingError when it cannot be read."""
    if not paths:
        return mapping.MappingOverrides()
    with paths[-1].open("rb") as file:
        return mapping.from_toml(file.read(toml_text.MOST_BYTES + 1), paths[-1].name)


def _begin_sample(workspace: Workspace, shape: str) -> None:
    loading.begin(workspace, loading.sample(shape))
