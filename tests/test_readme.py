"""The examples of the README and of docs/, run as they stand."""

from __future__ import annotations

import doctest
import re
import shlex
from datetime import date
from pathlib import Path

import pytest

from funnel import catalogue
from funnel.cli.command import main

ROOT = Path(__file__).resolve().parents[1]
PAPERS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]
TEXTS = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in PAPERS}
# An example that stands in two papers is run once; its two outputs have to be one.
CONSOLE = sorted(
    {example for text in TEXTS.values() for example in re.findall(r"```console\n\$ (.+)\n((?:.*\n)*?)```", text)}
)
MOST_BYTES_OF_README = 10_000


@pytest.mark.parametrize(("command", "output"), CONSOLE, ids=[command for command, _ in CONSOLE])
def test_command(command, output, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    words = shlex.split(command)
    assert words[:3] == ["python", "-m", "funnel"]
    assert main(words[3:]) == 0
    told = capsys.readouterr().out
    if output:
        assert told == output


def test_examples_are_found():
    assert {command.split()[3] for command, _ in CONSOLE} >= {"steps", "compare", "cohorts", "segments", "change"}


@pytest.mark.parametrize("paper", [name for name, text in TEXTS.items() if ">>> " in text])
def test_python(paper, monkeypatch):
    monkeypatch.chdir(ROOT)
    told = doctest.testfile(str(ROOT / paper), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert told.attempted >= 6
    assert told.failed == 0


def test_the_model_files_read():
    text, changed = re.findall(r"```toml\n(.*?)```", TEXTS["docs/models.md"], flags=re.DOTALL)
    model = catalogue.read_model_text(text, "three.toml")
    assert [(stage.key, stage.labels) for stage in model.stages] == [
        ("talking", ()),
        ("offer", ("Verbal yes",)),
        ("won", ()),
    ]
    versions = catalogue.read_model_text(changed, "ours.toml").versions
    assert [(version.since, len(version.stages)) for version in versions] == [(None, 2), (date(2025, 4, 1), 3)]


def test_pictures_exist():
    pictures = [
        (ROOT / paper).parent / path
        for paper, text in TEXTS.items()
        for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)
    ]
    assert {path.name for path in pictures} == {path.name for path in ROOT.glob("docs/*.png")}
    assert [path for path in pictures if not path.is_file()] == []


def test_the_readme_is_short():
    assert len(TEXTS["README.md"].encode()) <= MOST_BYTES_OF_README
