"""The upload box, the sample, and the sentence on privacy: what greets whoever has no data yet."""

from __future__ import annotations

import streamlit as st

from funnel import FunnelError, mapping, wording
from pages.shared import loading, served, texts
from pages.shared.workspace import NO_FILES, Errand, Files, Workspace, spool

TYPES = ("csv", "tsv", "txt", "gz", "zip", "xlsx", "parquet", "jsonl", "ndjson", "json", "toml")
_MAPPING = ".toml"


def greeting(workspace: Workspace) -> None:
    """What every page shows while there is no data."""
    with st.container(key="greeting", width=720):
        st.title(wording.say("pages.upload.title"), anchor=False)
        st.markdown(wording.say("pages.upload.intro"))
        box(workspace, wording.say("pages.upload.label"))
        with st.container(border=True, key="try_sample"):
            st.markdown(wording.say("pages.upload.sample"))
            with st.container(horizontal=True, vertical_alignment="bottom"):
                shape = st.segmented_control(
                    wording.say("pages.upload.shape"),
                    loading.SAMPLES,
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


def box(workspace: Workspace, label: str, *, add_to: Files = NO_FILES) -> None:
    """An upload box. What it takes is written to disk at once and read on the next run, together with `add_to`."""
    turn = st.session_state.setdefault("upload_turn", 0)
    uploads = st.file_uploader(
        label,
        type=list(TYPES),
        accept_multiple_files=True,
        key=f"upload_{'more' if add_to.paths else 'new'}_{turn}",
        help=wording.say("pages.upload.formats"),
    )
    st.caption(wording.say("pages.upload.limit"))
    _served(workspace, add_to, turn)
    if workspace.problem:
        st.error(workspace.problem)
    if not uploads:
        return
    # The box holds each upload in memory and copies it on every run, so it is emptied: a new key is a new box.
    st.session_state["upload_turn"] = turn + 1
    try:
        hints = _hints([upload for upload in uploads if upload.name.lower().endswith(_MAPPING)])
    except FunnelError as error:
        workspace.problem = texts.problem(error)
        st.rerun()
    tables = [(upload.name, upload) for upload in uploads if not upload.name.lower().endswith(_MAPPING)]
    if tables:
        loading.begin(workspace, Errand(add_to.with_more(spool(tables)), hints))
    elif workspace.data_set is not None:
        loading.begin(workspace, Errand(workspace.files, hints, workspace.sample))
    else:
        workspace.problem = wording.say("pages.upload.only_mapping")
    st.rerun()


def _served(workspace: Workspace, add_to: Files, turn: int) -> None:
    """A box of the files in the server's folder, where one is allowed."""
    offered = served.files(tuple(f".{ending}" for ending in TYPES if f".{ending}" != _MAPPING))
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
    paths = [served.opened(name) for name in chosen]
    gone = [name for name, path in zip(chosen, paths, strict=True) if path is None]
    if gone:
        workspace.problem = texts.inert(wording.say("pages.upload.gone", files=gone))
        return
    loading.begin(workspace, Errand(add_to.with_more(Files(tuple(path for path in paths if path is not None)))))


def _hints(uploads: list[st.runtime.uploaded_file_manager.UploadedFile]) -> mapping.Hints:
    """What a saved mapping says; nothing where none came along. MappingError when it cannot be read."""
    if not uploads:
        return mapping.Hints()
    last = uploads[-1]
    return mapping.from_toml(last.getvalue().decode("utf-8", errors="replace"), last.name)


def _begin_sample(workspace: Workspace, shape: str) -> None:
    loading.begin(workspace, loading.sample(shape))
