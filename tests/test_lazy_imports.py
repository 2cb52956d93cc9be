"""What takes longest to load is loaded when it is first used: looked at in a Python of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {"numpy", "openpyxl", "pandas", "plotly", "pyarrow", "scipy", "streamlit", "xlrd"}
LOADED = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"


def loaded(code: str, *arguments: str) -> set[str]:
    """Those of the heavy libraries that a Python has loaded once it ran this."""
    command = [sys.executable, "-W", "error", "-c", f"{code}\n{LOADED}", *arguments]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return HEAVY & set(json.loads(told.splitlines()[-1]))


def test_the_package_loads_none() -> None:
    assert loaded("import funnel") == set()


@pytest.mark.parametrize("command", ["inspect", "steps", "compare", "cohorts", "moves"])
def test_the_usual_commands_load_none(tmp_path: Path, command: str) -> None:
    leads = tmp_path / "leads.csv"
    lines = [f"{lead},{stage},2024-0{month}-11" for lead in range(50) for month, stage in enumerate(("New", "Won"), 1)]
    leads.write_text("\n".join(["Lead ID,Stage,Entered at", *lines]), encoding="utf-8")
    options = ["--models", "standard,aida"] if command == "compare" else []
    run = "import sys; from funnel.cli.command import main; assert main(sys.argv[1:]) == 0"
    assert loaded(run, command, str(leads), *options) == set()


def test_a_library_that_is_asked_for_is_seen() -> None:
    assert "pandas" in loaded("import funnel, pandas")
