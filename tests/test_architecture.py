"""Who may import whom: the arrows of the house, read from the source itself."""

from __future__ import annotations

import ast
import graphlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {"data", "funnel", "tests", "bench", "pages", "docs"}
SOURCES = [*sorted(ROOT.glob("funnel/**/*.py")), *sorted(ROOT.glob("pages/**/*.py")), ROOT / "app.py"]
TESTS = sorted(ROOT.glob("tests/**/*.py"))

# A room of funnel → the rooms it may import. What is not listed here does not exist.
ALLOWED = {
    "words": set(),
    "core": {"words"},
    "catalogue": {"core", "words"},
    "reading": {"core", "words"},
    "live": {"core"},
    "mapping": {"catalogue", "core", "words"},
    "journeys": {"core"},
    "measures": {"core", "journeys"},
    "charts": {"core", "measures", "words"},
    "storage": {"catalogue", "core", "journeys", "mapping", "reading", "words"},
    "conditions": {"core", "mapping", "measures"},
    "columns": {"catalogue", "conditions", "core", "journeys", "mapping"},
    "labels": {"catalogue", "columns", "core", "journeys", "mapping", "measures", "words"},
    "dataset": {"catalogue", "columns", "core", "journeys", "labels", "mapping", "measures", "storage", "words"},
    "opening": {"core", "dataset", "live", "mapping", "reading", "storage"},
    "report": {"charts", "core", "dataset", "measures", "words"},
    "scale": {"catalogue", "core", "journeys", "mapping", "measures", "opening", "storage", "words"},
    "cli": {"catalogue", "core", "dataset", "live", "mapping", "measures", "report", "scale", "storage", "words", ""},
    "__main__": {"cli"},
    "": {"core", "dataset", "mapping", "measures", "opening"},
}
# A package → the only place of funnel that may import it: a room, or one file of it.
ONLY_IN = {
    "duckdb": "core/engine.py",
    "plotly": "charts",
    "babel": "words",
    "openpyxl": "reading",
    "scipy": "measures",
    "adbc_driver_postgresql": "live/postgres.py",
    "mcp": "cli/serve_mcp.py",
    "anyio": "cli/serve_mcp.py",
    "sqlglot": "scale/dialects.py",
    "pyspark": "scale/spark.py",
    "clickhouse_connect": "scale/clickhouse.py",
    "pptx": "report/slides.py",
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
                assert path.is_relative_to(ROOT / "funnel" / ONLY_IN[top]), f"only {ONLY_IN[top]} may import {top}"
            if top == "funnel":
                room, target = _room(path), _room_of_import(name)
                assert target == room or target in ALLOWED[room], f"{room or 'funnel'} must not import {target}"
        else:
            assert top not in {"duckdb", "plotly"}, f"a page must not import {top}"
            assert not name.startswith(("funnel.core.sql", "funnel.core.engine", "funnel.journeys")), (
                f"a page must not import {name}"
            )


def test_every_room_is_listed():
    rooms = {
        path.stem for path in (ROOT / "funnel").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert rooms - {"__init__"} | {""} == set(ALLOWED)


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_no_room_and_no_module_stands_in_a_circle():
    graphlib.TopologicalSorter(ALLOWED).prepare()
    modules = {_module(path): path for path in SOURCES}
    arrows = {}
    for module, path in modules.items():
        # `from room import module` names the module; `from module import name` what is in it.
        imported = {name if name in modules else name.rpartition(".")[0] for name in _imports(path)}
        arrows[module] = {name for name in imported if name in modules and not module.startswith(f"{name}.")}
    graphlib.TopologicalSorter(arrows).prepare()


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


def test_a_file_is_one_thing():
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in [*SOURCES, *TESTS]
    }
    assert {path: count for path, count in lines.items() if count > 350} == {}
