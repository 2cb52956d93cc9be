"""The command `watch` as tests call it: files of leads that are calm or fall, and rules for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from funnel.cli.command import main
from tests import watch_leads

LABELS = ["--labels", "New,Demo done,Closed won"]
RULES = '[[rule]]\nkind = "step"\nstep = "New"\nday = 7\n'
CALM, UNSENT, NEW, KNOWN = 0, 1, 3, 4


@pytest.fixture
def calm(tmp_path):
    return written(tmp_path / "calm.csv", watch_leads.csv(watch_leads.weeks(42)))


@pytest.fixture
def fallen(tmp_path):
    return written(tmp_path / "fallen.csv", watch_leads.csv(watch_leads.weeks(44, fallen=4, to=4)))


@pytest.fixture
def rules(tmp_path):
    return written(tmp_path / "watch.toml", RULES)


def written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def watched(capsys, *words: str) -> tuple[int, str]:
    """The exit code, and what was printed."""
    code = main(["watch", *words, *LABELS])
    told = capsys.readouterr()
    assert told.err == ""
    return code, told.out
