"""Who may import whom: the arrows of the house, read from the source itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {"data", "funnel", "tests", "bench", "pages", "docs"}
SOURCES = [*sorted(ROOT.glob("funnel/**/*.py")), *sorted(ROOT.glob("pages/**/*.py")), ROOT / "app.py"]

# A room of funnel → the rooms it may import. What is not listed here does not exist.
ALLOWED = {
    "nouns": set(),
    "word_files": set(),
    "wording": {"word_files"},
    "sql": set(),
    "history": {"sql"},
    "errors": {"wording"},
    "settings": set(),
    "disk": {"errors", "settings"},
    "engine": {"disk", "errors", "settings", "sql"},
    "checked": {"errors", "toml_text"},
    "toml_text": set(),
    "spelling": set(),
    "model_files": {"checked", "nouns", "spelling", "toml_text", "wording"},
    "catalogue": {"checked", "errors", "model_files", "nouns", "spelling", "wording"},
    "exports": {"nouns", "wording"},
    "reading": {"disk", "engine", "errors", "nouns", "settings", "sql", "wording"},
    "mapping": {
        "catalogue",
        "engine",
        "errors",
        "history",
        "nouns",
        "reading",
        "spelling",
        "sql",
        "toml_text",
        "wording",
    },
    "journeys": {"engine", "history", "nouns", "sql"},
    "measures": {"engine", "errors", "history", "journeys", "nouns", "sql"},
    "telling": {"nouns", "wording"},
    "charts": {"nouns", "telling", "wording"},
    "decoding": {"nouns", "wording"},
    "manifest": {"catalogue", "decoding", "errors", "model_files", "nouns"},
    "project": {
        "built",
        "catalogue",
        "decoding",
        "engine",
        "errors",
        "manifest",
        "mapping",
        "model_files",
        "nouns",
        "reading",
        "settings",
        "sql",
    },
    "built_columns": set(),
    "built": {"built_columns", "engine", "errors", "journeys", "manifest", "mapping", "nouns", "reading", "sql"},
    "dialects": {"sql"},
    "spark": {"dialects", "engine", "errors", "sql"},
    "clickhouse": {"dialects", "engine", "errors", "sql"},
    "conditions": {"engine", "errors", "mapping", "measures", "nouns", "sql"},
    "source": {
        "built",
        "catalogue",
        "conditions",
        "engine",
        "errors",
        "journeys",
        "mapping",
        "measures",
        "nouns",
        "sql",
        "wording",
    },
    "asking": {"catalogue", "errors", "measures", "nouns", "source"},
    "segmenting": {"asking", "errors", "measures", "nouns"},
    "dataset": {
        "asking",
        "built",
        "engine",
        "errors",
        "mapping",
        "measures",
        "nouns",
        "project",
        "reading",
        "segmenting",
        "settings",
        "wording",
    },
    "building": {
        *(
            "catalogue",
            "clickhouse",
            "dataset",
            "engine",
            "errors",
            "journeys",
            "manifest",
            "mapping",
            "measures",
            "nouns",
        ),
        *("spark", "sql", "wording"),
    },
    "output": {"dataset", "nouns", "telling", "wording"},
    "command_options": {"errors", "mapping", "nouns", "output", "toml_text", "wording", ""},
    "command_segments": {"command_options", "errors", "nouns", "output", "wording", ""},
    "command_project": {"catalogue", "command_options", "errors", "project", "wording", ""},
    "command_build": {"building", "command_options", "manifest", "nouns", "wording"},
    "command": {
        *(
            "catalogue",
            "command_build",
            "command_options",
            "command_project",
            "command_segments",
            "errors",
            "nouns",
            "output",
            "wording",
        ),
        "",
    },
    "__main__": {"command"},
    "": {"asking", "dataset", "errors", "mapping", "nouns", "charts"},
}
ONLY_IN = {
    "duckdb": {"engine"},
    "plotly": {"charts"},
    "babel": {"wording"},
    "openpyxl": {"reading"},
    "scipy": {"measures"},
    "sqlglot": {"dialects"},
    "pyspark": {"spark"},
    "clickhouse_connect": {"clickhouse"},
}


def _imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found += [f"{node.module}.{name.name}" for name in node.names]
    return found


def _room(path: Path) -> str:
    parts = path.relative_to(ROOT / "funnel").with_suffix("").parts
    return "" if parts == ("__init__",) else parts[0]


def _room_of_import(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ALLOWED else ""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows(path):
    names = _imports(path)
    inside = path.is_relative_to(ROOT / "funnel")
    for name in names:
        top = name.split(".")[0]
        if inside:
            assert top not in {"streamlit", "starlette", "pages", "app"}, f"{name} does not belong in funnel"
            if top in ONLY_IN:
                assert _room(path) in ONLY_IN[top], f"only {ONLY_IN[top]} may import {top}"
            if top == "funnel":
                room, target = _room(path), _room_of_import(name)
                assert target == room or target in ALLOWED[room], f"{room or 'funnel'} must not import {target}"
        else:
            assert top not in {"duckdb", "plotly"}, f"a page must not import {top}"
            assert not name.startswith(("funnel.sql", "funnel.engine", "funnel.journeys")), (
                f"a page must not import {name}"
            )


@pytest.mark.parametrize("path", sorted(ROOT.glob("pages/*.py")), ids=lambda path: path.name)
def test_a_page_is_never_named_like_a_package(path):
    assert path.stem not in PACKAGES


@pytest.mark.parametrize("path", sorted(ROOT.glob("pages/**/*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_hold_no_sql(path):
    texts = [
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert not [text for text in texts if "SELECT " in text or " FROM " in text]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_one_thing(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 350
