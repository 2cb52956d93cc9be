"""Reading files while the user watches: what is being done, how far it is, and a way to stop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from funnel import FunnelError, wording
from funnel.dataset import Wanted
from funnel.errors import Interrupted
from funnel.nouns import Note
from pages.shared import texts, visitors, windows
from pages.shared.workspace import Errand, Files, Workspace

SAMPLES = ("history", "wide", "snapshot")
_SAMPLE_FOLDER = Path(__file__).resolve().parents[2] / "data" / "samples"


def sample(shape: str) -> Errand:
    """The errand that reads the bundled sample in one of its shapes."""
    return Errand(Files((_SAMPLE_FOLDER / f"leads-{shape}.csv.gz",)), sample=shape)


def begin(workspace: Workspace, errand: Errand) -> None:
    """Read these files on the next run, which shows nothing else meanwhile; unless another window has opened others meanwhile."""
    if not windows.may_change(workspace, windows.DATA):
        return
    workspace.errand = errand
    workspace.problem = None


def carry_out(workspace: Workspace, wanted: Wanted, done: Callable[[], None]) -> None:
    """Read what is to be read, if anything; what was there stays when that fails or is stopped. `done` is called when it was read.

    Stop, or any other click, starts a new run: this one is not `wanted` any more, and ends at its next word of progress, or within its
    query.
    """
    with workspace.lock:
        errand, workspace.errand = workspace.errand, None
    if errand is None:
        return
    with st.container(key="loading"), st.status(wording.say("pages.loading.title"), expanded=True) as status:
        st.text(wording.listed([path.name for path in errand.files.paths]))
        bar = st.progress(0.0, text=wording.say("pages.loading.begin"))
        st.button(wording.say("pages.loading.stop"), key="stop_loading")

        def progress(note: Note, share: float | None) -> None:
            bar.progress(min(max(share or 0.0, 0.0), 1.0), text=texts.sentence(note))

        def waiting(before: int) -> None:
            bar.progress(0.0, text=wording.say("pages.loading.waiting", before=before + 1))

        try:
            with visitors.take_place(workspace):
                workspace.read(errand, progress, waiting, wanted)
            bar.progress(1.0, text=wording.say("pages.loading.done"))
            done()
        except Interrupted:
            # Its user stopped it.
            return
        except FunnelError as error:
            workspace.problem = texts.problem(error)
            status.update(label=wording.say("pages.loading.failed"), state="error")
    st.rerun()
