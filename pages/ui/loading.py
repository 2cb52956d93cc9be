"""Reading files while the user watches: what is being done, how far it is, and a way to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx

from funnel import FunnelError
from funnel.core.errors import Interrupted
from funnel.core.types import Note
from funnel.opening import Wanted
from funnel.words import wording
from pages.server import edit_conflicts, sessions
from pages.server.workspace import Files, LoadJob, Workspace
from pages.ui import texts

PATIENCE_SECONDS = 0.3
SHAPES, TOUCHES, CONTRACTS = ("history", "wide", "snapshot"), "touches", "contracts"
BUNDLED = (*SHAPES, TOUCHES, CONTRACTS)
"""The shapes of the sample that the greeting offers, and what an address may ask for too: its touches, and deals with contracts."""
_SAMPLE_FOLDER = Path(__file__).resolve().parents[2] / "data" / "samples"


def sample(shape: str) -> LoadJob:
    """The job that reads the bundled sample in one of its shapes, its history with touches beside it, or the deals with contracts."""
    names = (
        ("leads-history", "touches") if shape == TOUCHES else (shape,) if shape == CONTRACTS else (f"leads-{shape}",)
    )
    return LoadJob(Files(tuple(_SAMPLE_FOLDER / f"{name}.csv.gz" for name in names)), sample=shape)


def begin(workspace: Workspace, load_job: LoadJob) -> None:
    """Read these files on the next run, which shows nothing else meanwhile; unless another window has opened others meanwhile."""
    if not edit_conflicts.may_change(workspace, edit_conflicts.DATA):
        return
    workspace.load_job = load_job
    workspace.problem = None


def carry_out(workspace: Workspace, wanted: Wanted, done: Callable[[], None]) -> None:
    """Read what is to be read, if anything; what was there stays when that fails or is stopped. `done` is called when it was read.

    Stop, or any other click, starts a new run: this one is not `wanted` any more, and ends at its next word of progress, or within its
    query.
    """
    with workspace.lock:
        load_job, workspace.load_job = workspace.load_job, None
    if load_job is None:
        return
    with _drawn_late([path.name for path in load_job.files.paths]) as box:

        def progress(note: Note, share: float | None) -> None:
            box.tell(min(max(share or 0.0, 0.0), 1.0), texts.sentence(note))

        def waiting(before: int) -> None:
            box.tell(0.0, wording.say("pages.loading.waiting", before=before + 1))

        try:
            with sessions.take_place(workspace):
                workspace.read(load_job, progress, waiting, wanted)
            box.tell(1.0, wording.say("pages.loading.done"))
            done()
        except Interrupted:
            # Its user stopped it.
            return
        except FunnelError as error:
            workspace.problem = texts.problem(error)
    st.rerun()


class _Box:
    """What is being done, how far it is, and a way to stop; told from the start, drawn when `draw` is called."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._told = 0.0, wording.say("pages.loading.begin")
        self._bar: Any = None
        self._lock = threading.Lock()

    def tell(self, share: float, text: str) -> None:
        """How far it is, from 0 to 1, and what is being done. Ends the run where a newer one is to begin and the box is drawn."""
        with self._lock:
            self._told = share, text
            if self._bar is not None:
                self._bar.progress(share, text=text)

    def draw(self) -> None:
        with st.container(key="loading"):
            status = st.status(wording.say("pages.loading.title"), expanded=True)
        status.text(wording.listed(self._names))
        container = status.empty()
        status.button(wording.say("pages.loading.stop"), key="stop_loading")
        with self._lock:
            share, text = self._told
            self._bar = container.progress(share, text=text)


@contextmanager
def _drawn_late(names: list[str]) -> Iterator[_Box]:
    """A box that is drawn where the reading takes longer than PATIENCE_SECONDS. Until then the page stays as it is: a box that goes at
    once would only make the browser draw twice."""
    box = _Box(names)
    timer = threading.Timer(PATIENCE_SECONDS, box.draw)
    add_script_run_ctx(timer)
    timer.start()
    try:
        yield box
    finally:
        timer.cancel()
        timer.join()
