"""The README's examples, run as they stand."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from funnel import catalogue
from funnel.cli.command import main

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"```console\n\$ (.+)\n((?:.*\n)*?)```", TEXT)


@pytest.mark.parametrize(("command", "output"), CONSOLE, ids=[command for command, _ in CONSOLE])
def test_command(command, output, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    words = shlex.split(command)
    assert words[:3] == ["python", "-m", "funnel"]
    assert main(words[3:]) == 0
    told = capsys.readouterr().out
    if output:
        assert told == output


def test_python(monkeypatch):
    monkeypatch.chdir(ROOT)
    told = doctest.testfile(str(ROOT / "README.md"), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert told.attempted >= 6
    assert told.failed == 0


def test_the_model_file_reads():
    (text,) = re.findall(r"```toml\n(.*?)```", TEXT, flags=re.DOTALL)
    model = catalogue.read_model_text(text, "three.toml")
    assert [(stage.key, stage.labels) for stage in model.stages] == [
        ("talking", ()),
        ("offer", ("Verbal yes",)),
        ("won", ()),
    ]


def test_pictures_exist():
    for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", TEXT):
        assert (ROOT / path).is_file(), path
