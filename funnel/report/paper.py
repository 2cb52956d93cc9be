"""A report as PDF, printed by a browser that is there: the page as it is, without a window and without the net."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from funnel.core import settings
from funnel.core.errors import QuestionError

NAMES = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
QUIET = (
    *("--headless=new", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-extensions"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer", "--window-size=720,1000"),
)
"""It asks nobody for anything, and prints nothing but the page."""
PATIENCE_SECONDS = 120


def browser() -> str | None:
    """The browser that prints: the one that the setting names, else the first that is there; None where there is none."""
    named = settings.program(settings.BROWSER)
    return next(filter(None, map(shutil.which, [named] if named else NAMES)), None)


def printed(page: bytes) -> bytes:
    """The page as PDF. QuestionError where no browser is there, or it does not print."""
    program = browser()
    if program is None:
        raise QuestionError("report.no_browser")
    with tempfile.TemporaryDirectory(prefix="funnel-report-", ignore_cleanup_errors=True) as folder:
        source, made = Path(folder) / "report.html", Path(folder) / "report.pdf"
        source.write_bytes(page)
        # Who is root has no sandbox that the browser would take.
        alone = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        command = [program, *QUIET, *alone, f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}"]
        try:
            subprocess.run(
                [*command, source.as_uri()], check=True, timeout=PATIENCE_SECONDS, capture_output=True, cwd=folder
            )
            content = made.read_bytes()
        except (OSError, subprocess.SubprocessError) as failed:
            raise QuestionError("report.not_printed", browser=program) from failed
    if not content.startswith(b"%PDF"):
        raise QuestionError("report.not_printed", browser=program)
    return content
