"""What the app uses of Streamlit beyond its public interface: told in docs/operations.md, and there in the installed version."""

from __future__ import annotations

import ast
import importlib
import re
from functools import reduce
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.test_readme import ROOT, TEXTS

PUBLIC = {"streamlit", "streamlit.errors.StreamlitAPIException"}
TOLD = {
    f"streamlit.{name}": (re.findall(r"`([^`]+)`", files), why)
    for name, files, why in re.findall(
        r"^\| `([\w.]+)` \| (`pages/[^|]+) \| ([^|]+) \|$", TEXTS["docs/operations.md"], re.M
    )
}
SOURCES = [*sorted(ROOT.glob("pages/**/*.py")), ROOT / "app.py"]


def used(path: Path) -> set[str]:
    """The names of Streamlit that a file imports or reads off its runtime, but the public ones."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names if each.name.split(".")[0] == "streamlit"}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "streamlit":
            found |= {f"{node.module}.{each.name}" for each in node.names}
        elif isinstance(node, ast.Attribute) and re.match(r"st\.(runtime\.|_[a-z])", ast.unparse(node)):
            found.add(ast.unparse(node).replace("st.", "streamlit.", 1).partition("(")[0])
    return found - PUBLIC


def missing(name: str) -> str | None:
    """The part of a dotted name that is not there; None where all is."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            module = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        try:
            reduce(getattr, parts[end:], module)
        except AttributeError as gone:
            return str(gone)
        return None
    return f"no module {parts[0]}"


@pytest.mark.parametrize("name", TOLD)
def test_what_is_used_of_streamlit_is_there(name):
    files, why = TOLD[name]
    gone = missing(name)
    assert gone is None, (
        f"Streamlit {version('streamlit')} has no {name} ({gone}), which {', '.join(files)} need: {why}. "
        "See docs/operations.md, “When Streamlit is upgraded”."
    )


def test_a_name_that_is_gone_is_found(monkeypatch):
    name = "streamlit.web.server.starlette.starlette_websocket.is_host_allowed"
    monkeypatch.delattr(name)
    assert "is_host_allowed" in (missing(name) or "")
    assert missing("streamlit.no_such.module") is not None


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_other_name_is_used(path):
    told = {name for name, (files, _) in TOLD.items() if str(path.relative_to(ROOT)) in files}
    text = path.read_text(encoding="utf-8")
    assert used(path) <= told
    assert {name for name in told if not re.search(rf"\b{name.rpartition('.')[2]}\b", text)} == set()


def test_what_is_relied_on_beside_names_holds():
    """A sign-in's cookies begin with the name of the first; a page's order to load anew has a field for it."""
    # Imported here, so that what is gone is told above by its name.
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from streamlit.web.server.starlette import starlette_server_config

    from pages.server.auth import sign_in

    names = {name for name in dir(starlette_server_config) if name.endswith("COOKIE_NAME")}
    of_user = {getattr(starlette_server_config, name) for name in names if name.startswith(("USER", "TOKENS"))}
    assert len(of_user) == 2
    assert all(name.startswith(sign_in.COOKIE) for name in of_user)
    order = ForwardMsg()
    order.auth_redirect.url = ""
    assert order.WhichOneof("type") == "auth_redirect"
