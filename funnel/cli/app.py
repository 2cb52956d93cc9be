"""`funnel-lens`: the app, from wherever it is called."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from funnel.core import settings

ROOT = Path(__file__).resolve().parents[2]
USUAL_WORK = "~/.local/share/funnel-lens"
"""Where work keeps itself if nothing else is said, as with `make run`."""


def main() -> None:
    """This process becomes `streamlit run app.py` in the checkout, whose settings apply there; flags of the command are Streamlit's."""
    os.environ.setdefault(settings.WORK, USUAL_WORK)
    for variable in (settings.FOLDER, settings.WORK):
        # A folder is meant from where the command was called.
        named = settings.folder(variable)
        if named is not None:
            os.environ[variable] = str(named)
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", "app.py", *sys.argv[1:]])
