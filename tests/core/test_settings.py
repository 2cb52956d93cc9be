"""What whoever runs the program can set: what cannot be meant is passed over, and all of it is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from funnel.core import settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("said", "meant"),
    [("3", 3), ("0.5", 0.5), ("", 20), ("-1", 20), ("0", 20), ("nan", 20), ("inf", 20), ("much", 20), ("'; --", 20)],
)
def test_a_number_that_cannot_be_meant_counts_as_the_default(monkeypatch, said, meant):
    monkeypatch.setenv("FUNNEL_LENS_UPLOAD_GIGABYTES", said)
    assert settings.UPLOAD_GIGABYTES() == meant


@pytest.mark.parametrize("setting", settings.NUMBERS, ids=lambda setting: setting.name)
def test_each_default_can_be_meant_and_stands_where_nothing_is_set(monkeypatch, setting):
    monkeypatch.delenv(setting.variable, raising=False)
    assert setting() == setting.default
    assert setting.least <= setting.default <= setting.most


def test_every_setting_and_its_default_stand_in_the_papers():
    rows = re.findall(
        r"^\| `(FUNNEL_LENS_\w+)` \| ([^|]+) \|", (ROOT / "docs" / "operations.md").read_text(encoding="utf-8"), re.M
    )
    told = {name: default.strip() for name, default in rows}
    assert told == {
        **{setting.variable: f"{setting.default:g}" for setting in settings.NUMBERS},
        settings.BROWSER: "the first Chromium, Chrome or Edge that is found",
        settings.FOLDER: "none",
        settings.POST: "none",
        settings.SOURCES: "none",
        settings.WORK: "none; `make run`: `~/.local/share/funnel-lens`",
    }
