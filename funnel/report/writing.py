"""A report as a file: as what, its ending says; whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from funnel.core.errors import QuestionError
from funnel.report import html, paper, slides
from funnel.report.contents import Report

PAGE, SLIDES, PAPER = ".html", ".pptx", ".pdf"
ENDINGS = (PAGE, SLIDES, PAPER)
UNFINISHED = ".unfinished"


def check(path: Path) -> None:
    """QuestionError where nothing could be written under this name, before anything is asked."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise QuestionError("report.ending", found=path.name, accepted=list(ENDINGS))
    if ending == PAPER and paper.browser() is None:
        raise QuestionError("report.no_browser")
    if ending == SLIDES and not slides.is_there():
        raise QuestionError("report.no_pptx", install=slides.INSTALL)
    if not path.parent.is_dir():
        raise QuestionError("report.unwritable", file=str(path))


def content(report: Report, ending: str, *, light: bool = False) -> bytes:
    """The report as the bytes of a file with this ending; `light`: the page without its charts."""
    if ending == SLIDES:
        return slides.presentation(report)
    page = html.page(report, light=light)
    return paper.printed(page) if ending == PAPER else page


def write(report: Report, path: Path, *, light: bool = False) -> None:
    """Writes the report; one that stood there stays until the new one is whole. QuestionError where it cannot be written."""
    made = content(report, path.suffix.lower(), light=light)
    unfinished = path.with_name(f"{path.name}{UNFINISHED}")
    try:
        try:
            # Nothing is written through a link that somebody put there.
            unfinished.unlink(missing_ok=True)
            with unfinished.open("xb") as file:
                file.write(made)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    except OSError as failed:
        raise QuestionError("report.unwritable", file=str(path)) from failed
