"""The pieces of a page that Streamlit has no widget for: each is one file of JavaScript in `browser/`, served by the app itself.

A file that the app serves needs no leave of the page's rules for scripts; a text sent along would.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

OWNER = "funnel-lens"
_FOLDER = "browser"


def mount(name: str, **arguments: Any) -> Any:
    """The piece `browser/<name>.js` at this place of the page, and what it answers; `arguments` are what `st.components.v2` takes
    (key, data, on_…_change, height)."""
    serve(name)
    return _mounts[name](**arguments)


def serve(name: str) -> None:
    """Have the app serve the piece, whether a page shows it yet or not."""
    manager = get_bidi_component_manager()
    # Sessions come at the same time: one finds the piece either unknown or ready.
    with _lock:
        if manager.get_component_asset_root(f"{OWNER}.{name}") is None:
            pieces = ComponentManifest(OWNER, "1", [ComponentConfig(name, _FOLDER)])
            manager.register_from_manifest(pieces, Path(__file__).resolve().parent)
            _mounts[name] = st.components.v2.component(f"{OWNER}.{name}", js=f"{name}.js", isolate_styles=False)


def heard() -> None:
    """For an answer that is looked at where its piece stands, not before the run."""


_lock = threading.Lock()
_mounts: dict[str, Callable[..., Any]] = {}
