"""The server made ready for the first file: it reads and draws a few lines that nobody sees, before anybody comes."""

from __future__ import annotations

import logging

import funnel
from funnel import FunnelError, charts, measures
from pages.server import folders

_LINES = "Lead ID,Stage,Entered at,Amount\nL-1,New,2024-01-08,100\nL-1,Won,2024-02-05,100\nL-2,New,2024-01-15,200\n"


def run() -> None:
    """Everything that is loaded or built only for the first file is there afterwards. Nothing is left of the lines."""
    try:
        folder = folders.make()
    except FunnelError:
        # Whoever brings a file hears of the disk.
        return
    try:
        path = folder / "leads.csv"
        path.write_text(_LINES, encoding="utf-8")
        with funnel.open(path) as leads:
            question = leads.question()
            leads.ask(measures.kpis, question)
            charts.spec(charts.funnel(leads.ask(measures.steps, question)))
    except (FunnelError, OSError):
        logging.getLogger(__name__).info("the rehearsal failed", exc_info=True)
    finally:
        folders.remove(folder)
